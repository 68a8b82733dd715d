// Elementwise mathematics. Floats keep their dtype; int32 and bool become float32 unless an op says otherwise.
// Every function is the package's own polynomial, so its bits are the same in every engine; the bounds on its
// error stand beside the kernels in assembly/.

import { convert, type TensorLike } from '../convert.js';
import { isFloat } from '../dtype.js';
import { record } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { special } from '../wasm/kernels.js';
import { add, div, mul, sub } from './arithmetic.js';
import { asFloat, asNumeric, castTo, type KernelName, map, scoped, unary, unaryNumeric } from './dispatch.js';
import { zerosLike } from './like.js';
import { greaterEqual, lessEqual, logicalAnd } from './logical.js';

/**
 * |x|. The gradient at 0 is 0.
 *
 * @param x - of any shape; float or int32, which stay as they are; bool is cast to int32
 * @example
 * abs(tensor1d([-1.5, 2])).print();  // [1.5, 2]
 */
export function abs<T extends Tensor>(x: T | TensorLike): T {
  return unaryNumeric('abs', x, (dy, x) => mul(dy, sign(x)));
}

/**
 * −x.
 *
 * @param x - of any shape; float or int32, which stay as they are; bool is cast to int32
 * @example
 * neg(tensor1d([1, -2])).print();  // [-1, 2]
 */
export function neg<T extends Tensor>(x: T | TensorLike): T {
  return unaryNumeric('neg', x, (dy) => neg(dy));
}

/**
 * −1, 0 or 1; NaN stays NaN.
 *
 * @param x - of any shape; float or int32, which stay as they are; bool is cast to int32
 * @example
 * sign(tensor1d([-3, 0, 2])).print();  // [-1, 0, 1]
 */
export function sign<T extends Tensor>(x: T | TensorLike): T {
  return unaryNumeric('sign', x, (dy) => zerosLike(dy));
}

/**
 * x².
 *
 * @param x - of any shape; float or int32, which stay as they are; bool is cast to int32
 * @example
 * square(tensor1d([-3, 2])).print();  // [9, 4]
 */
export function square<T extends Tensor>(x: T | TensorLike): T {
  return unaryNumeric('square', x, (dy, x) => mul(dy, mul(x, 2)));
}

/**
 * √x; NaN below 0.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * sqrt(tensor1d([4, 9])).print();  // [2, 3]
 */
export function sqrt<T extends Tensor>(x: T | TensorLike): T {
  return unary('sqrt', x, (dy, _x, y) => div(dy, mul(y, 2)));
}

/**
 * 1 / √x.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * rsqrt(tensor1d([4, 0.25])).print();  // [0.5, 2]
 */
export function rsqrt<T extends Tensor>(x: T | TensorLike): T {
  return unary('rsqrt', x, (dy, x, y) => neg(div(mul(dy, y), mul(x, 2))));
}

/**
 * 1 / x.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * reciprocal(tensor1d([2, -4])).print();  // [0.5, -0.25]
 */
export function reciprocal<T extends Tensor>(x: T | TensorLike): T {
  return unary('reciprocal', x, (dy, _x, y) => neg(mul(dy, square(y))));
}

/**
 * eˣ.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * exp(tensor1d([0, 1])).print();  // [1, 2.7182817]
 */
export function exp<T extends Tensor>(x: T | TensorLike): T {
  return unary('exp', x, (dy, _x, y) => mul(dy, y));
}

/**
 * eˣ − 1, exact for small x too.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * expm1(tensor1d([1e-5, 1])).print();  // [0.00001, 1.7182819]
 */
export function expm1<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('expm1'), x, (dy, x) => mul(dy, exp(x)));
}

/**
 * The natural logarithm; −Infinity at 0, NaN below.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * log(tensor1d([1, 10])).print();  // [0, 2.3025851]
 */
export function log<T extends Tensor>(x: T | TensorLike): T {
  return unary('log', x, (dy, x) => div(dy, x));
}

/**
 * log(1 + x), exact for small x too.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * log1p(tensor1d([1e-5, 1])).print();  // [0.00001, 0.6931472]
 */
export function log1p<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('log1p'), x, (dy, x) => div(dy, add(x, 1)));
}

/**
 * The sine of x in radians.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * sin(tensor1d([0, Math.PI / 2])).print();  // [0, 1]
 */
export function sin<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('sin'), x, (dy, x) => mul(dy, cos(x)));
}

/**
 * The cosine of x in radians.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * cos(tensor1d([0, Math.PI])).print();  // [1, -1]
 */
export function cos<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('cos'), x, (dy, x) => neg(mul(dy, sin(x))));
}

/**
 * The tangent of x in radians.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * tan(tensor1d([0, Math.PI / 4])).print();  // [0, 1]
 */
export function tan<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('tan'), x, (dy, _x, y) => mul(dy, add(square(y), 1)));
}

/**
 * The angle in radians whose sine is x, from −π/2 to π/2.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * asin(tensor1d([0, 1])).print();  // [0, 1.5707964]
 */
export function asin<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('asin'), x, (dy, x) => div(dy, sqrt(sub(1, square(x)))));
}

/**
 * The angle in radians whose cosine is x, from 0 to π.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * acos(tensor1d([1, -1])).print();  // [0, 3.1415927]
 */
export function acos<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('acos'), x, (dy, x) => neg(div(dy, sqrt(sub(1, square(x))))));
}

/**
 * The angle in radians whose tangent is x, from −π/2 to π/2.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * atan(tensor1d([0, 1])).print();  // [0, 0.7853982]
 */
export function atan<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('atan'), x, (dy, x) => div(dy, add(square(x), 1)));
}

/**
 * (eˣ − e⁻ˣ) / 2.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * sinh(tensor1d([0, 1])).print();  // [0, 1.1752012]
 */
export function sinh<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('sinh'), x, (dy, x) => mul(dy, cosh(x)));
}

/**
 * (eˣ + e⁻ˣ) / 2.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * cosh(tensor1d([0, 1])).print();  // [1, 1.5430807]
 */
export function cosh<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('cosh'), x, (dy, x) => mul(dy, sinh(x)));
}

/**
 * The inverse of sinh.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * asinh(tensor1d([0, 1])).print();  // [0, 0.8813736]
 */
export function asinh<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('asinh'), x, (dy, x) => div(dy, sqrt(add(square(x), 1))));
}

/**
 * The inverse of cosh, for x ≥ 1.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * acosh(tensor1d([1, 2])).print();  // [0, 1.316958]
 */
export function acosh<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('acosh'), x, (dy, x) => div(dy, sqrt(sub(square(x), 1))));
}

/**
 * The inverse of tanh, for |x| ≤ 1.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * atanh(tensor1d([0, 0.5])).print();  // [0, 0.5493062]
 */
export function atanh<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('atanh'), x, (dy, x) => div(dy, sub(1, square(x))));
}

const TWO_OVER_SQRT_PI = 1.1283791670955126;

/**
 * The error function, 2/√π ∫₀ˣ exp(−t²) dt.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * erf(tensor1d([0, 1])).print();  // [0, 0.8427008]
 */
export function erf<T extends Tensor>(x: T | TensorLike): T {
  return unary(special.op('erf'), x, (dy, x) => mul(dy, mul(exp(neg(square(x))), TWO_OVER_SQRT_PI)));
}

/** A rounding: int32 stays as it is; the gradient is 0. */
function rounding<T extends Tensor>(name: KernelName, x: T | TensorLike): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', name));
    const y = isFloat($x.dtype) ? map(name, $x) : add($x, zerosLike($x));
    return record(y, [$x], [(dy) => zerosLike(dy)]);
  }) as T;
}

/**
 * The greatest whole number not above x. int32 stays int32; the gradient is 0.
 *
 * @param x - of any shape; bool is cast to int32
 * @example
 * floor(tensor1d([1.7, -1.2])).print();  // [1, -2]
 */
export function floor<T extends Tensor>(x: T | TensorLike): T {
  return rounding('floor', x);
}

/**
 * The least whole number not below x. int32 stays int32; the gradient is 0.
 *
 * @param x - of any shape; bool is cast to int32
 * @example
 * ceil(tensor1d([1.2, -1.7])).print();  // [2, -1]
 */
export function ceil<T extends Tensor>(x: T | TensorLike): T {
  return rounding('ceil', x);
}

/**
 * The nearest whole number, halves to the even one. int32 stays int32; the gradient is 0.
 *
 * @param x - of any shape; bool is cast to int32
 * @example
 * round(tensor1d([0.5, 1.5, 2.5])).print();  // [0, 2, 2]
 */
export function round<T extends Tensor>(x: T | TensorLike): T {
  return rounding('round', x);
}

/**
 * x held between two bounds. The gradient is that of x between them and 0 outside.
 *
 * @param x - of any shape; float or int32, which stay as they are; bool is cast to int32
 * @throws RangeError if clipValueMin is above clipValueMax
 * @example
 * clipByValue(tensor1d([-1, 0.5, 2]), 0, 1).print();  // [0, 0.5, 1]
 */
export function clipByValue<T extends Tensor>(x: T | TensorLike, clipValueMin: number, clipValueMax: number): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'clipByValue'));
    if (!(clipValueMin <= clipValueMax)) {
      throw new RangeError(`clipByValue: min (${clipValueMin}) must be less than or equal to max (${clipValueMax}).`);
    }
    const y = map('clipByValue', $x, $x.dtype, clipValueMin, clipValueMax);
    const inside = () => logicalAnd(greaterEqual($x, clipValueMin), lessEqual($x, clipValueMax));
    return record(y, [$x], [(dy) => mul(dy, castTo(inside(), dy.dtype))]);
  }) as T;
}

/**
 * 1 where x > 0, alpha elsewhere; NaN stays NaN. The gradient is 0.
 *
 * @param x - of any shape; bool is cast to float32
 * @example
 * step(tensor1d([-1, 0, 2]), 0.5).print();  // [0.5, 0.5, 1]
 */
export function step<T extends Tensor>(x: T | TensorLike, alpha = 0): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'step');
    const y = map('step', asFloat($x), asFloat($x).dtype, alpha);
    return record($x.dtype === 'int32' ? castTo(y, 'int32') : y, [$x], [(dy) => zerosLike(dy)]);
  }) as T;
}
