// What the rows of pools leave open: other dtypes, shapes, ties, NaN, volumes, and what is refused.

import { describe, expect, test } from 'vitest';
import '../../src/ops/methods.js';
import { grad } from '../../src/autodiff.js';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const { avgPool, avgPool3d, maxPool, maxPool3d, maxPoolWithArgmax, pool, tensor, tensor4d } = ops;

const values = (x: Tensor) => Array.from(x.dataSync());
const inTidy = (f: () => void) => () => leavesNothing(() => tidy(f));

/** 0, 1, 2 ... */
const count = (...shape: number[]) => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: n }, (_, i) => i),
    shape,
  );
};

test(
  'int32 and bool are pooled as they are',
  inTidy(() => {
    const x = tensor([2 ** 30 + 1, 3, -5, 2 ** 30], [2, 2, 1], 'int32');
    const y = maxPool(x, 2, 1, 'valid');
    expect(y.dtype).toBe('int32');
    expect(values(y)).toEqual([2 ** 30 + 1]);
    const b = maxPool(tensor([true, false, false, false], [2, 2, 1], 'bool'), 1, 1, 'valid');
    expect(b.dtype).toBe('bool');
    expect(values(b)).toEqual([1, 0, 0, 0]);
    expect(() => avgPool(x, 2, 1, 'valid')).toThrow(
      new TypeError("Argument 'x' passed to 'avgPool' must be float32 or float64 tensor, but got int32 tensor"),
    );
  }),
);

test(
  'an image without a batch stays one, nested arrays become float32, Float64Array stays wide',
  inTidy(() => {
    expect(maxPool(count(4, 4, 2), 2, 2, 'valid').shape).toEqual([2, 2, 2]);
    expect(avgPool([[[1], [2]]], [1, 2], 1, 'valid').dtype).toBe('float32');
    expect(avgPool(tensor(new Float64Array(4), [2, 2, 1]), 2, 1, 'valid').dtype).toBe('float64');
  }),
);

test(
  'padding counts for nothing: the mean of ones is one, the maximum of negatives negative',
  inTidy(() => {
    for (const pad of ['same', 1] as const) {
      expect(new Set(values(avgPool(ops.ones([5, 5, 3]), 3, 2, pad)))).toEqual(new Set([1]));
      expect(new Set(values(maxPool(ops.fill([5, 5, 3], -1), 3, 2, pad)))).toEqual(new Set([-1]));
    }
    expect(new Set(values(pool(ops.ones([5, 5, 3]), 2, 'avg', 'same', 3)))).toEqual(new Set([1]));
    expect(new Set(values(pool(ops.fill([5, 5, 3], -1), 2, 'max', 1, 2)))).toEqual(new Set([-1]));
  }),
);

test(
  'of equals the first takes the gradient, and NaN none',
  inTidy(() => {
    const dx = (x: number[]) => values(grad((t) => maxPool(t, 2, 2, 'valid'))(tensor(x, [2, 2, 1])));
    expect(dx([1, 1, 1, 1])).toEqual([1, 0, 0, 0]);
    expect(dx([-0, 0, -1, 0])).toEqual([1, 0, 0, 0]);
    expect(dx([Number.NaN, 2, 3, Number.NaN])).toEqual([0, 0, 1, 0]);
    expect(values(maxPool(tensor([Number.NaN, 2, 3, Number.NaN], [2, 2, 1]), 2, 2, 'valid'))).toEqual([3]);
  }),
);

test(
  'places of maxima count through their image, or through the batch',
  inTidy(() => {
    const x = tensor4d([5, 1, 2, 3, 1, 2, 9, 4], [2, 2, 2, 1]);
    const own = maxPoolWithArgmax(x, 2, 2, 'valid');
    expect(values(own.result)).toEqual([5, 9]);
    expect(values(own.indexes)).toEqual([0, 2]);
    expect(own.indexes.dtype).toBe('int32');
    expect(values(maxPoolWithArgmax(x, 2, 2, 'valid', true).indexes)).toEqual([0, 6]);
    const dx = grad((t) => maxPoolWithArgmax(t as typeof x, 2, 2, 'valid').result)(x);
    expect(values(dx)).toEqual([1, 0, 0, 0, 0, 0, 1, 0]);
  }),
);

test(
  'volumes are pooled along three axes',
  inTidy(() => {
    const x = count(2, 4, 4, 6, 1);
    expect(values(maxPool3d(x, [2, 2, 3], [2, 2, 3], 'valid')).slice(0, 4)).toEqual([32, 35, 44, 47]);
    expect(values(avgPool3d(x, 2, 2, 'valid'))[0]).toBe((0 + 1 + 6 + 7 + 24 + 25 + 30 + 31) / 8);
    expect(new Set(values(avgPool3d(ops.ones([3, 3, 3, 2]), 2, 2, 'same')))).toEqual(new Set([1]));
    expect(maxPool3d(count(3, 3, 3, 2), 2, 1, 'valid').shape).toEqual([2, 2, 2, 2]);
    const ties = grad((t) => maxPool3d(t, 2, 1, 'valid'))(ops.ones([2, 2, 2, 1]));
    expect(values(ties)).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
  }),
);

test(
  'each is a method too',
  inTidy(() => {
    const x = count(4, 4, 1);
    expect(values(x.maxPool(2, 2, 'valid'))).toEqual(values(maxPool(x, 2, 2, 'valid')));
    expect(values(x.avgPool(2, 2, 'valid'))).toEqual(values(avgPool(x, 2, 2, 'valid')));
    expect(values(x.pool(2, 'avg', 'valid', 2))).toEqual(values(pool(x, 2, 'avg', 'valid', 2)));
  }),
);

describe('what cannot be pooled is refused in one sentence, and nothing is left:', () => {
  const x = ops.ones([1, 4, 4, 2]);
  const cases: [string, () => unknown, Error][] = [
    [
      'rank',
      () => maxPool([1, 2], 2, 1, 'valid'),
      new RangeError('Error in maxPool: input must be rank 4, but got rank 1.'),
    ],
    [
      'window',
      () => avgPool(x, 5, 1, 'valid'),
      new RangeError('Error in avgPool: the window must fit the padded input, but 5 does not into 4.'),
    ],
    [
      'both strides and dilations',
      () => pool(x, 2, 'max', 'valid', 2, 2),
      new RangeError("Error in pool: Either strides or dilations must be 1. Got strides 2 and dilations '2'"),
    ],
    [
      'type',
      () => pool(x, 2, 'min' as never, 'valid'),
      new RangeError("Error in pool: poolingType must be 'avg' or 'max', got 'min'."),
    ],
    [
      'rank of a volume',
      () => maxPool3d([[1]], 1, 1, 'valid'),
      new RangeError('Error in maxPool3d: x must be rank 5, but got rank 2.'),
    ],
    [
      'rounding',
      () => maxPool(x, 2, 1, 'same', 'ceil'),
      new RangeError('Error in maxPool: pad must be an integer when using dimRoundingMode ceil but got pad same.'),
    ],
  ];
  test.each(cases)('%s', (_, f, error) => {
    leavesNothing(() => expect(f).toThrow(error));
  });
  test('sizes', () => {
    leavesNothing(() => {
      expect(() => maxPool(x, 0, 1, 'valid')).toThrow(/^Error in maxPool: filterSize /);
      expect(() => avgPool(x, 2, [1, 2, 3], 'valid')).toThrow(/^Error in avgPool: strides /);
      expect(() => pool(x, 2, 'avg', 'valid', -1)).toThrow(/^Error in pool: dilations /);
    });
  });
});
