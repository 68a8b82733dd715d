// Gradients where differences cannot check them: at kinks, at ties, at zeros, at the ends of the numbers.

import { describe, expect, test } from 'vitest';
import { grad, grads } from '../src/autodiff.js';
import * as ops from '../src/ops/index.js';
import { tidy } from '../src/scope.js';
import type { Tensor } from '../src/tensor.js';

type Corner = [op: string, f: (x: Tensor) => Tensor, x: number[], derivative: number[]];

const corners: Corner[] = [
  // At a kink the gradient is that of the side that TensorFlow takes.
  ['abs', ops.abs, [0], [0]],
  ['sign', ops.sign, [0], [0]],
  ['relu', ops.relu, [-0, 0, Infinity, -Infinity], [0, 0, 1, 0]],
  ['relu6', ops.relu6, [0, 6, 7], [0, 1, 0]],
  ['clipByValue', (x) => ops.clipByValue(x, -1, 1), [-1, 1, 2], [1, 1, 0]],
  ['step', ops.step, [0], [0]],
  ['floor', ops.floor, [1], [0]],
  ['maximum', (x) => ops.maximum(x, 1), [1], [1]],
  ['minimum', (x) => ops.minimum(x, 1), [1], [1]],

  // Ties: every element that is an extreme gets the whole cotangent, as in TensorFlow.js.
  ['max', (x) => ops.max(x), [1, 3, 3], [0, 1, 1]],
  ['min', (x) => ops.min(x), [1, 1, 3], [1, 1, 0]],

  // Zeros.
  ['prod with one zero', (x) => ops.prod(x), [2, 0, 3], [0, 6, 0]],
  ['prod with two zeros', (x) => ops.prod(x), [0, 0, 3], [0, 0, 0]],
  ['pow to 2', (x) => ops.pow(x, 2), [0, -3], [0, -6]],
  ['pow to 1', (x) => ops.pow(x, 1), [0], [1]],
  ['pow to 0', (x) => ops.pow(x, 0), [2, -2], [0, 0]],
  ['divNoNan', (x) => ops.divNoNan(1, x), [0, 2], [0, -0.25]],
  ['sqrt', ops.sqrt, [0, 4], [Infinity, 0.25]],
  ['log1p', ops.log1p, [0], [1]],
  ['square', ops.square, [0], [0]],

  // Far out nothing overflows.
  ['sigmoid', ops.sigmoid, [-1000, 1000], [0, 0]],
  ['tanh', ops.tanh, [-1000, 1000], [0, 0]],
  ['softplus', ops.softplus, [-1000, 0, 1000], [0, 0.5, 1]],
  ['logSigmoid', ops.logSigmoid, [-1000, 0, 1000], [1, 0.5, 0]],
  ['elu', (x) => ops.elu(x), [-1000, 1000], [0, 1]],
  ['silu', ops.silu, [-1000, 0, 1000], [0, 0.5, 1]],
  ['gelu', (x) => ops.gelu(x), [-1000, 0, 1000], [0, 0.5, 1]],
  ['gelu, approximate', (x) => ops.gelu(x, true), [-1000, 0, 1000], [0, 0.5, 1]],
  ['mish', ops.mish, [-1000, 1000], [0, 1]],
  ['softsign', ops.softsign, [0], [1]],
  ['hardSigmoid', ops.hardSigmoid, [-4, -3, 3, 4], [0, 0, 0, 0]],
  ['hardSwish', ops.hardSwish, [-1000, -3, 3, 1000], [0, 0, 1, 1]],
  ['hardTanh', (x) => ops.hardTanh(x), [-2, -1, 1, 2], [0, 1, 1, 0]],
  ['threshold', (x) => ops.threshold(x), [1, 1.5], [0, 1]],
  ['celu', (x) => ops.celu(x, 2), [-1000, 0, 1000], [0, 1, 1]],
  ['logSumExp', (x) => ops.logSumExp(x), [1000, -1000], [1, 0]],
  ['logSoftmax', (x) => ops.slice(ops.logSoftmax(x), 0, 1), [1000, -1000], [0, 0]],
  ['cross entropy', (x) => ops.softmaxCrossEntropyWithLogits([0, 1], x), [1000, -1000], [1, -1]],
  ['sigmoid cross entropy', (x) => ops.sigmoidCrossEntropyWithLogits([1, 1], x), [-1000, 1000], [-1, 0]],
];

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  test.each(corners)('%s has the gradient one expects', (_, f, x, derivative) => {
    tidy(() => {
      const dx = grad(f)(ops.tensor1d(x, dtype));
      expect(Array.from(dx.dataSync(), (v) => v + 0)).toEqual(derivative);
    });
  });
});

test('the derivative of pow by its exponent is 0 where the base is not positive', () => {
  tidy(() => {
    const [, db] = grads(ops.pow)([
      [0, -2, 1],
      [2, 2, 5],
    ]);
    expect(Array.from(db.dataSync(), (v) => v + 0)).toEqual([0, 0, 0]);
  });
});

test('where keeps a NaN of the branch that was not taken out of the gradient', () => {
  tidy(() => {
    const dx = grad((x) => ops.where(ops.greater(x, 0), ops.maximum(x, 0), ops.zerosLike(x)))([-1, 2]);
    expect(Array.from(dx.dataSync())).toEqual([0, 1]);
  });
});

describe('dtypes', () => {
  test('mixed operands get gradients of their own dtypes', () => {
    tidy(() => {
      const [a, b] = [ops.scalar(2, 'float32'), ops.scalar(0.1, 'float64')];
      const [da, db] = grads(ops.mul)([a, b]);
      expect([da.dtype, db.dtype, ...db.dataSync()]).toEqual(['float32', 'float64', 2]);
      const [dm, dn] = grads((x, y) => ops.matMul(ops.reshape(x, [1, 1]), ops.reshape(y, [1, 1])))([a, b]);
      expect([dm.dtype, dn.dtype]).toEqual(['float32', 'float64']);
      const [dp, dq] = grads((x, y) => ops.concat([ops.reshape(x, [1]), ops.reshape(y, [1])]))([a, b]);
      expect([dp.dtype, dq.dtype]).toEqual(['float32', 'float64']);
      const [dv, dw] = grads((x, y) => ops.where(true, x, y))([a, b]);
      expect([dv.dtype, dw.dtype, ...dw.dataSync()]).toEqual(['float32', 'float64', 0]);
    });
  });

  test('a whole number leads to a float gradient', () => {
    tidy(() => {
      const dx = grad((x) => ops.square(ops.cast(x, 'float32')))(ops.scalar(3, 'int32'));
      expect([dx.dtype, ...dx.dataSync()]).toEqual(['float32', 6]);
    });
  });
});
