// Activation functions. Each has a kernel of its own for itself and, where it pays, for its gradient; those that are
// ops in other clothes have none.

import { checkPositive } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import { isRecording, record } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { special } from '../wasm/kernels.js';
import { add, mul, sub } from './arithmetic.js';
import { type AnyKernel, asFloat, castTo, map, mapPair, scoped, unary, unaryNumeric } from './dispatch.js';
import { zerosLike } from './like.js';
import { greater, less, where } from './logical.js';
import { abs, clipByValue, erf, exp, neg, square } from './math.js';

/**
 * An op that is the gradient of another: dx = kernel(dy, v), linear in dy.
 * @param derivative - dx/dv · (the cotangent of dx), for the second derivative
 */
function gradOp(
  name: AnyKernel,
  dy: Tensor,
  v: Tensor,
  derivative: (ddx: Tensor, dy: Tensor, v: Tensor) => Tensor,
  ...scalars: number[]
): Tensor {
  return record(
    mapPair(name, dy, v, ...scalars),
    [dy, v],
    [(ddx) => gradOp(name, ddx, v, derivative, ...scalars), (ddx) => derivative(ddx, dy, v)],
  );
}

const flat = (_ddx: Tensor, _dy: Tensor, v: Tensor): Tensor => zerosLike(v);

/**
 * max(x, 0); the gradient at 0 is 0.
 *
 * @param x - of any shape; bool is cast to int32
 * @example
 * relu(tensor1d([-1, 2])).print();  // [0, 2]
 */
export function relu<T extends Tensor>(x: T | TensorLike): T {
  // y is positive where x is: x need not be kept.
  return unaryNumeric(
    'relu',
    x,
    (dy, _x, y) => gradOp('reluGrad', dy, castTo(y, dy.dtype), flat),
    (_x, y) => [y],
  );
}

/**
 * min(max(x, 0), 6); the gradient is 0 at 0 and 1 at 6, as in TensorFlow.js.
 *
 * @param x - of any shape; bool is cast to int32
 * @example
 * relu6(tensor1d([-1, 3, 8])).print();  // [0, 3, 6]
 */
export function relu6<T extends Tensor>(x: T | TensorLike): T {
  return unaryNumeric('relu6', x, (dy, x) => gradOp('relu6Grad', dy, castTo(x, dy.dtype), flat));
}

/**
 * x where x > 0, alpha · x elsewhere (Maas et al. 2013).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param alpha - the slope below 0; 0.2 if absent
 * @example
 * leakyRelu(tensor1d([-1, 2])).print();  // [-0.2, 2]
 */
export function leakyRelu<T extends Tensor>(x: T | TensorLike, alpha = 0.2): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'leakyRelu'));
    const y = map('leakyRelu', $x, $x.dtype, alpha);
    return record(y, [$x], [(dy) => gradOp('leakyReluGrad', dy, $x, flat, alpha)]);
  }) as T;
}

/**
 * x where x > 0, alpha · x elsewhere, with a tensor alpha that broadcasts and learns (He et al. 2015).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param alpha - the slopes below 0, of a shape that broadcasts with x
 * @example
 * prelu(tensor1d([-1, 2]), tensor1d([0.5, 0.1])).print();  // [-0.5, 2]
 */
export function prelu<T extends Tensor>(x: T | TensorLike, alpha: T | TensorLike): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'prelu'));
    const $alpha = castTo(convert(alpha, 'alpha', 'prelu'), $x.dtype);
    return where(greater($x, 0), $x, mul($alpha, $x));
  }) as T;
}

/** x where x ≥ 0, alpha · (e^(rate · x) − 1) elsewhere. */
function exponentialBelow(x: Tensor | TensorLike, op: string, alpha: number, rate: number): Tensor {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', op));
    const y = map(special.op('elu'), $x, $x.dtype, alpha, rate);
    // dx = dy · (y + alpha) · rate below zero, so d(dx)/dy = dy · rate there.
    const bend = (ddx: Tensor, dy: Tensor, v: Tensor) => where(less(v, 0), mul(mul(ddx, dy), rate), zerosLike(dy));
    return record(y, [$x], [(dy) => gradOp(special.op('eluGrad'), dy, y, bend, alpha, rate)]);
  });
}

/**
 * x where x ≥ 0, alpha · (eˣ − 1) elsewhere (Clevert et al. 2016).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param alpha - minus the limit at −∞; 1 if absent
 * @example
 * elu(tensor1d([-1, 2])).print();  // [-0.6321205, 2]
 */
export function elu<T extends Tensor>(x: T | TensorLike, alpha = 1): T {
  return exponentialBelow(x, 'elu', alpha, 1) as T;
}

/**
 * x where x ≥ 0, alpha · (e^(x / alpha) − 1) elsewhere: {@link elu} with a derivative that has no jump (Barron 2017).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param alpha - above 0
 * @throws TypeError if alpha is no number, RangeError unless it is positive
 * @example
 * celu(tensor1d([-2, 2]), 2).print();  // [-1.2642411, 2]
 */
export function celu<T extends Tensor>(x: T | TensorLike, alpha = 1): T {
  checkPositive(alpha, 'alpha', 'celu');
  return exponentialBelow(x, 'celu', alpha, 1 / alpha) as T;
}

/**
 * 1.0507 · x where x > 0, 1.7581 · (eˣ − 1) elsewhere (Klambauer et al. 2017).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * selu(tensor1d([-1, 2])).print();  // [-1.1113307, 2.101402]
 */
export function selu<T extends Tensor>(x: T | TensorLike): T {
  const bend = (ddx: Tensor, dy: Tensor, v: Tensor) => where(less(v, 0), mul(ddx, dy), zerosLike(dy));
  return unary(special.op('selu'), x, (dy, _x, y) => gradOp(special.op('seluGrad'), dy, y, bend));
}

/**
 * 1 / (1 + e⁻ˣ).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * sigmoid(tensor1d([0, 2])).print();  // [0.5, 0.880797]
 */
export function sigmoid<T extends Tensor>(x: T | TensorLike): T {
  return unary('sigmoid', x, (dy, _x, y) =>
    gradOp('sigmoidGrad', dy, y, (ddx, dy, y) => mul(mul(ddx, dy), sub(1, mul(y, 2)))),
  );
}

/**
 * log(sigmoid(x)), without overflow.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * logSigmoid(tensor1d([0, -200])).print();  // [-0.6931472, -200]
 */
export function logSigmoid<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('logSigmoid'), x, (dy, x) => mul(dy, sigmoid(neg(x))));
}

/**
 * (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * tanh(tensor1d([0, 1])).print();  // [0, 0.7615942]
 */
export function tanh<T extends Tensor>(x: T | TensorLike): T {
  return unary('tanh', x, (dy, _x, y) => gradOp('tanhGrad', dy, y, (ddx, dy, y) => mul(mul(ddx, dy), mul(y, -2))));
}

/**
 * log(1 + eˣ), without overflow.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * softplus(tensor1d([0, 200])).print();  // [0.6931472, 200]
 */
export function softplus<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('softplus'), x, (dy, x) =>
    gradOp(special.op('softplusGrad'), dy, x, (ddx, dy, x) => {
      const s = sigmoid(x);
      return mul(mul(ddx, dy), mul(s, sub(1, s)));
    }),
  );
}

/**
 * x / (1 + |x|).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * softsign(tensor1d([-1, 3])).print();  // [-0.5, 0.75]
 */
export function softsign<T extends Tensor>(x: T | TensorLike): T {
  // y' = (1 − |y|)²
  return unary(special.op('softsign'), x, (dy, _x, y) => mul(dy, square(sub(1, abs(y)))));
}

/**
 * The gradient of an op by its kernel; where another tape watches, spelled out in ops that it can differentiate again.
 */
const fused = (name: AnyKernel, derivative: (x: Tensor) => Tensor) => (dy: Tensor, x: Tensor) =>
  isRecording() ? mul(dy, derivative(x)) : mapPair(name, dy, x);

/**
 * x · sigmoid(x), also called swish (Ramachandran et al. 2017).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * silu(tensor1d([-1, 1])).print();  // [-0.2689414, 0.7310586]
 */
export function silu<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('silu'), x, fused(special.op('siluGrad'), siluDerivative));
}

/** σ(x) · (1 + x · (1 − σ(x))) */
function siluDerivative(x: Tensor): Tensor {
  const s = sigmoid(x);
  return mul(s, add(1, mul(x, sub(1, s))));
}

/**
 * x · sigmoid(x): {@link silu} under its first name.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * swish(tensor1d([-1, 1])).print();  // [-0.2689414, 0.7310586]
 */
export const swish = silu;

/**
 * x · tanh(softplus(x)) (Misra 2019).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * mish(tensor1d([-1, 1])).print();  // [-0.3034015, 0.8650984]
 */
export function mish<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('mish'), x, fused(special.op('mishGrad'), mishDerivative));
}

function mishDerivative(x: Tensor): Tensor {
  const t = tanh(softplus(x));
  return add(t, mul(mul(x, sub(1, square(t))), sigmoid(x)));
}

const SQRT_2_OVER_PI = 0.7978845608028654;

/**
 * x · Φ(x), with Φ the normal distribution (Hendrycks & Gimpel 2016).
 *
 * @param approximate - by x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), as Keras does by request
 * @example
 * gelu(tensor1d([-1, 1])).print();  // [-0.1586553, 0.8413447]
 * gelu(tensor1d([-1, 1]), true).print();  // [-0.158808, 0.841192]
 */
export function gelu<T extends Tensor>(x: T | TensorLike, approximate = false): T {
  return approximate
    ? unary(special.op('gelu'), x, fused(special.op('geluGrad'), geluDerivative))
    : unary(special.op('geluExact'), x, fused(special.op('geluExactGrad'), geluExactDerivative));
}

/** With u = √(2/π) (x + 0.044715 x³) and s = sigmoid(2u): s + x · s · (1 − s) · 2u′. */
function geluDerivative(x: Tensor): Tensor {
  const squared = square(x);
  const s = sigmoid(mul(mul(x, add(mul(squared, 0.044715), 1)), 2 * SQRT_2_OVER_PI));
  const slope = mul(add(mul(squared, 3 * 0.044715), 1), 2 * SQRT_2_OVER_PI);
  return add(s, mul(mul(x, mul(s, sub(1, s))), slope));
}

/** Φ(x) + x · φ(x). */
function geluExactDerivative(x: Tensor): Tensor {
  const distribution = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const density = mul(exp(mul(square(x), -0.5)), SQRT_2_OVER_PI / 2);
  return add(distribution, mul(x, density));
}

/** Whether −3 < x < 3, as numbers. */
const between = (x: Tensor): Tensor => castTo(less(abs(x), 3), x.dtype);

/**
 * relu6(x + 3) / 6, a sigmoid of straight lines, as Keras defines it.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * hardSigmoid(tensor1d([-4, 0, 1.5])).print();  // [0, 0.5, 0.75]
 */
export function hardSigmoid<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('hardSigmoid'), x, (dy, x) => gradOp(special.op('hardSigmoidGrad'), dy, x, flat));
}

/**
 * x · relu6(x + 3) / 6, a swish of straight lines (Howard et al. 2019); the gradient is 0 at −3 and 1 at 3.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * hardSwish(tensor1d([-4, 1.5, 4])).print();  // [0, 1.125, 4]
 */
export function hardSwish<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('hardSwish'), x, (dy, x) =>
    gradOp(special.op('hardSwishGrad'), dy, x, (ddx, dy, x) => mul(mul(ddx, dy), mul(between(x), 1 / 3))),
  );
}

/**
 * x · relu6(x + 3) / 6: {@link hardSwish} under its other name.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * hardSilu(tensor1d([-4, 1.5, 4])).print();  // [0, 1.125, 4]
 */
export const hardSilu = hardSwish;

/**
 * min(max(x, minValue), maxValue), a tanh of straight lines; the gradient is that of {@link clipByValue}.
 *
 * @param x - of any shape; bool is cast to int32
 * @throws RangeError if minValue is above maxValue
 * @example
 * hardTanh(tensor1d([-4, 0.5, 4])).print();  // [-1, 0.5, 1]
 */
export function hardTanh<T extends Tensor>(x: T | TensorLike, minValue = -1, maxValue = 1): T {
  if (!(minValue <= maxValue)) {
    throw new RangeError(`hardTanh: minValue must not be above maxValue, got ${minValue} and ${maxValue}`);
  }
  return clipByValue(x, minValue, maxValue);
}

/**
 * x where x > theta, `value` elsewhere, where the gradient is 0 (Konda et al. 2015).
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * threshold(tensor1d([0.5, 1, 3])).print();  // [0, 0, 3]
 */
export function threshold<T extends Tensor>(x: T | TensorLike, theta = 1, value = 0): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'threshold'));
    return where(greater($x, theta), $x, value);
  }) as T;
}
