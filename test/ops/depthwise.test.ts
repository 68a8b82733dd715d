// What the rows of depthwise convolutions leave open: multipliers, data formats, dtypes, and what is refused.

import { expect, test } from 'vitest';
import '../../src/ops/methods.js';
import { depthwiseConv2d, ones, slice, tensor, tensor4d, transpose } from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';
import { seeded } from '../support/sample.js';

const values = (x: Tensor) => Array.from(x.dataSync());
const inTidy = (f: () => void) => () => leavesNothing(() => tidy(f));

function noise(...shape: number[]): Tensor {
  const random = seeded(`${shape}`);
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: n }, () => random() * 2 - 1),
    shape,
  );
}

test(
  'output c · multiplier + q is channel c by its filter q',
  inTidy(() => {
    const [x, w] = [noise(2, 5, 6, 3), noise(2, 3, 3, 4)];
    const y = depthwiseConv2d(x, w, 1, 'valid');
    expect(y.shape).toEqual([2, 4, 4, 12]);
    expect(values(x.depthwiseConv2d(w, 1, 'valid'))).toEqual(values(y));
    for (const c of [0, 1, 2]) {
      for (const q of [0, 3]) {
        const one = depthwiseConv2d(
          slice(x, [0, 0, 0, c], [2, 5, 6, 1]),
          slice(w, [0, 0, c, q], [2, 3, 1, 1]),
          1,
          'valid',
        );
        expect(values(slice(y, [0, 0, 0, 4 * c + q], [2, 4, 4, 1]))).toEqual(values(one));
      }
    }
  }),
);

test(
  'channels may come first, with their own explicit padding',
  inTidy(() => {
    const [x, w] = [noise(1, 5, 6, 3), noise(3, 2, 3, 2)];
    const pad = [
      [0, 0],
      [1, 0],
      [2, 1],
      [0, 0],
    ];
    const first = depthwiseConv2d(transpose(x, [0, 3, 1, 2]), w, 2, [pad[0], pad[3], pad[1], pad[2]], 'NCHW');
    const last = depthwiseConv2d(x, w, 2, pad);
    expect(last.shape).toEqual([1, 2, 4, 6]);
    expect(first.shape).toEqual([1, 6, 2, 4]);
    expect(values(transpose(first, [0, 2, 3, 1]))).toEqual(values(last));
  }),
);

test(
  'float64 stays wide, an image without a batch stays one, and null dilations are none',
  inTidy(() => {
    const x = tensor(Float64Array.of(0.1, 0.2), [1, 2, 1]);
    const y = depthwiseConv2d(x, [[[[1]], [[1]]]], 1, 'valid', 'NHWC', null);
    expect(y.shape).toEqual([1, 1, 1]);
    expect(values(y)).toEqual([0.1 + 0.2]);
  }),
);

test('what does not fit is refused in one sentence, and nothing is left', () => {
  const [x, w] = [ones([1, 4, 4, 2]), ones([2, 2, 2, 1])];
  const whole = tensor4d([1, 2], [1, 1, 1, 2], 'int32');
  const refuse = (f: () => unknown, error: Error) => leavesNothing(() => expect(f).toThrow(error));
  refuse(
    () => depthwiseConv2d(x, [[[[1]]]], 1, 'valid'),
    new RangeError(
      'Error in depthwiseConv2d: number of input channels (2) must match the inChannels dimension in filter 1.',
    ),
  );
  refuse(
    () => depthwiseConv2d(x, [1], 1, 'valid'),
    new RangeError('Error in depthwiseConv2d: filter must be rank 4, but got rank 1.'),
  );
  refuse(
    () => depthwiseConv2d([[1]], w, 1, 'valid'),
    new RangeError('Error in depthwiseConv2d: input must be rank 4, but got rank 2.'),
  );
  refuse(
    () => depthwiseConv2d(whole, w, 1, 'valid'),
    new TypeError("Argument 'x' passed to 'depthwiseConv2d' must be float32 or float64 tensor, but got int32 tensor"),
  );
  refuse(
    () => depthwiseConv2d(x, w, 2, 'valid', 'NHWC', 2),
    new RangeError("Error in depthwiseConv2d: Either strides or dilations must be 1. Got strides 2 and dilations '2'"),
  );
  refuse(
    () => depthwiseConv2d(x, w, 1, 'valid', 'CHWN' as never),
    new TypeError("Error in depthwiseConv2d: dataFormat must be 'NHWC' or 'NCHW', got CHWN."),
  );
  for (const t of [x, w, whole]) t.dispose();
});
