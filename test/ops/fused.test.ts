// The namespace `fused`: what it composes, and where channels stand.

import { expect, test } from 'vitest';
import * as fused from '../../src/ops/fused.js';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { sizeOf } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const numbers = (...shape: number[]) => ops.reshape(ops.sin(ops.range(0, sizeOf(shape))), shape);
const values = (x: Tensor) => Array.from(x.dataSync());

test.each([
  ['linear', (x: Tensor) => x],
  ['relu', ops.relu],
  ['relu6', ops.relu6],
  ['elu', (x: Tensor) => ops.elu(x)],
  ['sigmoid', ops.sigmoid],
  ['leakyrelu', (x: Tensor) => ops.leakyRelu(x, 0.3)],
  ['prelu', (x: Tensor) => ops.prelu(x, [0.1, 0.2, 0.3, 0.4])],
] as const)('matMul adds a bias and applies %s', (activation, f) => {
  leavesNothing(() =>
    tidy(() => {
      const [a, b, bias] = [numbers(3, 2), numbers(4, 3), numbers(4)];
      const more = { preluActivationWeights: [0.1, 0.2, 0.3, 0.4], leakyreluAlpha: 0.3 };
      const y = fused.matMul({ a, b, bias, transposeA: true, transposeB: true, activation, ...more });
      expect(values(y)).toEqual(values(f(ops.add(ops.matMul(a, b, true, true), bias))));
    }),
  );
});

test('a bias and slopes of one axis are along the channels, wherever those stand', () => {
  tidy(() => {
    const [x, filter, bias, slopes] = [numbers(2, 4, 4, 3), numbers(2, 2, 3, 4), numbers(4), numbers(4)];
    const options = { filter, bias, strides: 1, pad: 1, activation: 'prelu', preluActivationWeights: slopes } as const;
    const last = fused.conv2d({ ...options, x });
    expect(values(last)).toEqual(values(ops.prelu(ops.add(ops.conv2d(x, filter, 1, 1), bias), slopes)));
    const first = fused.conv2d({ ...options, x: ops.transpose(x, [0, 3, 1, 2]), dataFormat: 'NCHW' });
    expect(values(ops.transpose(first, [0, 2, 3, 1]))).toEqual(values(last));
  });
});

test('depthwiseConv2d adds a bias and applies an activation', () => {
  tidy(() => {
    const [x, filter, bias] = [numbers(2, 4, 4, 3), numbers(2, 2, 3, 1), numbers(3)];
    const y = fused.depthwiseConv2d({ x, filter, bias, strides: 1, pad: 'same', activation: 'relu' });
    expect(values(y)).toEqual(values(ops.relu(ops.add(ops.depthwiseConv2d(x, filter, 1, 'same'), bias))));
  });
});

test('refuses an unknown activation, and prelu without slopes', () => {
  leavesNothing(() => {
    const options = { a: [[1]], b: [[1]] };
    expect(() => fused.matMul({ ...options, activation: 'tanh' as never })).toThrow(
      new RangeError('fused matMul: Unknown fused activation tanh.'),
    );
    expect(() => fused.matMul({ ...options, activation: 'prelu' })).toThrow(
      new TypeError(
        "Argument 'prelu weights' passed to 'fused matMul' must be a Tensor or TensorLike, but got 'undefined'",
      ),
    );
  });
});
