// Resized images, element by element.

import { describe, expect, test } from 'vitest';
import { resizeBilinear, resizeNearestNeighbor } from '../../src/ops/image.js';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { leavesNothing } from '../support/heap.js';

const { ones, tensor1d, range, reshape } = ops;

/** A row of elements as an image of that width, resized to another. */
const row = (f: typeof resizeBilinear, values: number[], width: number, ...flags: boolean[]) =>
  tidy(() => Array.from(f(reshape(tensor1d(values), [1, -1, 1]), [1, width], ...flags).dataSync()));

describe('resizeNearestNeighbor', () => {
  test('takes the element at the corner, at the aligned corner, or at the middle', () => {
    const x = [10, 20, 30];
    expect(row(resizeNearestNeighbor, x, 5)).toEqual([10, 10, 20, 20, 30]);
    expect(row(resizeNearestNeighbor, x, 5, true)).toEqual([10, 20, 20, 30, 30]);
    expect(row(resizeNearestNeighbor, x, 5, false, true)).toEqual([10, 10, 20, 30, 30]);
    expect(row(resizeNearestNeighbor, x, 2)).toEqual([10, 20]);
    expect(row(resizeNearestNeighbor, x, 2, true)).toEqual([10, 30]);
    expect(row(resizeNearestNeighbor, x, 2, false, true)).toEqual([10, 30]);
    expect(row(resizeNearestNeighbor, x, 1, true)).toEqual([10]);
  });

  test('repeats elements by whole factors, whatever the rounding of their quotient', () => {
    for (const times of [2, 3, 49, 98]) {
      expect(row(resizeNearestNeighbor, [1, 2], 2 * times)).toEqual(
        Array.from({ length: 2 * times }, (_, i) => (i < times ? 1 : 2)),
      );
      expect(row(resizeNearestNeighbor, [...Array(2 * times).keys()], 2)).toEqual([0, times]);
    }
  });

  test('resizes height and width of each image and channel', () => {
    tidy(() => {
      const x = reshape(range(0, 24), [2, 2, 3, 2]);
      const y = resizeNearestNeighbor(x, [4, 2]);
      expect(y.shape).toEqual([2, 4, 2, 2]);
      const image = (from: number) => [0, 0, 6, 6].flatMap((r) => [0, 2].map((c) => [from + r + c, from + r + c + 1]));
      expect(Array.from(y.dataSync())).toEqual([image(0), image(12)].flat(2));
    });
  });

  test('keeps the dtype', () => {
    tidy(() => {
      for (const dtype of ['int32', 'float64', 'bool'] as const) {
        expect(resizeNearestNeighbor(ones([2, 2, 1], dtype), [4, 3]).dtype).toBe(dtype);
      }
    });
  });
});

describe('resizeBilinear', () => {
  test('mixes neighbours by where the corners, the aligned corners or the middles lie', () => {
    const x = [10, 20, 40];
    expect(row(resizeBilinear, x, 6)).toEqual([10, 15, 20, 30, 40, 40]);
    expect(row(resizeBilinear, x, 5, true)).toEqual([10, 15, 20, 30, 40]);
    expect(row(resizeBilinear, x, 6, false, true)).toEqual([10, 12.5, 17.5, 25, 35, 40]);
    expect(row(resizeBilinear, x, 1, true)).toEqual([10]);
    expect(row(resizeBilinear, x, 1, false, true)).toEqual([20]);
  });

  test('gives floats of any dtype', () => {
    tidy(() => {
      for (const size of [
        [2, 2],
        [3, 3],
      ]) {
        expect(resizeBilinear(ones([2, 2, 1], 'int32'), size).dtype).toBe('float32');
        expect(resizeBilinear(ones([2, 2, 1], 'float64'), size).dtype).toBe('float64');
      }
    });
  });

  test('does not let an infinity into places that it does not lie beside', () => {
    expect(row(resizeBilinear, [1, 2, Infinity], 6).slice(0, 3)).toEqual([1, 1.5, 2]);
  });
});

test('an image of its own size is a tensor of its own', () => {
  leavesNothing(() => {
    const x = ones([2, 3, 1]);
    for (const f of [resizeBilinear, resizeNearestNeighbor]) {
      const y = f(x, [2, 3]);
      expect(y).not.toBe(x);
      y.dispose();
      expect(x.isDisposed).toBe(false);
    }
    x.dispose();
  });
});

test.each([
  ['another rank', [2, 2], [1, 1], false, false, 'Error in resizeBilinear: x must be rank 3 or 4, but got rank 2.'],
  ['one size', [2, 2, 1], [1], false, false, 'Error in resizeBilinear: new shape must 2D, but got shape 1.'],
  [
    'a broken size',
    [2, 2, 1],
    [1, 1.5],
    false,
    false,
    'resizeBilinear: size must be a whole number from 1 up, got 1.5',
  ],
  ['both flags', [2, 2, 1], [1, 1], true, true, 'Error in resizeBilinear: If halfPixelCenters is true, alignCorners'],
  ['no element', [0, 2, 1], [1, 1], false, false, 'needs images of some height and width, got [0,2,1].'],
])('refuses %s', (_, shape, size, alignCorners, halfPixelCenters, message) => {
  leavesNothing(() =>
    tidy(() => {
      const call = () => resizeBilinear(ones(shape), size, alignCorners, halfPixelCenters);
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    }),
  );
});
