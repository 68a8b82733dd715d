// Images resized, moved and recolored, element by element.

import { describe, expect, test } from 'vitest';
import * as image from '../../src/ops/image.js';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import type { Tensor, Tensor4D } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const { ones, tensor1d, tensor4d, range, reshape } = ops;
const { resizeBilinear, resizeNearestNeighbor } = image;

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

/** Images numbered through. */
const numbered = (...shape: number[]) =>
  reshape(
    range(
      0,
      shape.reduce((a, b) => a * b),
    ),
    shape,
  ) as Tensor4D;
const list = (x: Tensor): number[] => Array.from(x.dataSync());
const never = (x: unknown) => x as never;

describe('transform', () => {
  test('by the identity is the image, in every mode', () => {
    tidy(() => {
      const x = numbered(2, 3, 4, 3);
      for (const interpolation of ['nearest', 'bilinear'] as const) {
        for (const mode of ['constant', 'reflect', 'wrap', 'nearest'] as const) {
          const y = image.transform(x, [[1, 0, 0, 0, 1, 0, 0, 0]], interpolation, mode);
          expect(y.shape).toEqual(x.shape);
          expect(list(y)).toEqual(list(x));
        }
      }
    });
  });

  test('goes on beyond the image as the mode says', () => {
    tidy(() => {
      const shift = (by: number, mode: image.FillMode, interpolation?: image.Interpolation) => {
        const x = tensor4d([1, 2, 3, 4], [1, 1, 4, 1]);
        return list(image.transform(x, [[1, 0, by, 0, 1, 0, 0, 0]], interpolation, mode, 9));
      };
      expect(shift(-3, 'constant')).toEqual([9, 9, 9, 1]);
      expect(shift(-3, 'reflect')).toEqual([3, 2, 1, 1]);
      expect(shift(2, 'reflect')).toEqual([3, 4, 4, 3]);
      expect(shift(-2, 'wrap')).toEqual([3, 4, 1, 2]);
      expect(shift(2, 'wrap')).toEqual([3, 4, 1, 2]);
      expect(shift(3, 'nearest')).toEqual([4, 4, 4, 4]);
      expect(shift(-0.5, 'constant', 'bilinear')).toEqual([5, 1.5, 2.5, 3.5]);
      expect(shift(0.25, 'constant', 'bilinear')).toEqual([1.25, 2.25, 3.25, 5.25]);
      expect(shift(1.5, 'nearest', 'bilinear')).toEqual([2.5, 3.5, 4, 4]);
      // Halves go up.
      expect(shift(0.5, 'nearest')).toEqual([2, 3, 4, 4]);
    });
  });

  test('takes one transform for each image or one for all, and makes images of any size', () => {
    tidy(() => {
      const x = numbered(2, 2, 2, 1);
      const still = [1, 0, 0, 0, 1, 0, 0, 0];
      const mirror = [-1, 0, 1, 0, 1, 0, 0, 0];
      expect(list(image.transform(x, [still, mirror]))).toEqual([0, 1, 2, 3, 5, 4, 7, 6]);
      expect(list(image.transform(x, [mirror]))).toEqual([1, 0, 3, 2, 5, 4, 7, 6]);
      const y = image.transform(x, [mirror], 'nearest', 'nearest', 0, [1, 3]);
      expect([y.shape, list(y)]).toEqual([
        [2, 1, 3, 1],
        [1, 0, 0, 5, 4, 4],
      ]);
      expect(image.transform(x, [mirror], 'nearest', 'constant', 0, [0, 3]).shape).toEqual([2, 0, 3, 1]);
    });
  });

  test('reads places at infinity, and beside NaN, as beyond the image', () => {
    tidy(() => {
      const x = ones([1, 1, 3, 1]) as Tensor4D;
      // k = 1 − column: 0 at the second column.
      const tilted = [[1, 0, 0, 0, 1, 0, -1, 0]];
      expect(list(image.transform(x, tilted, 'nearest', 'nearest', 7))).toEqual([1, 7, 1]);
      expect(list(image.transform(x, [[Number.NaN, 0, 0, 0, 1, 0, 0, 0]], 'bilinear', 'reflect', 7))).toEqual([
        7, 7, 7,
      ]);
    });
  });

  test('refuses what it cannot use', () => {
    leavesNothing(() =>
      tidy(() => {
        const x = numbered(2, 2, 2, 1);
        const still = [[1, 0, 0, 0, 1, 0, 0, 0]];
        const call =
          (...args: unknown[]) =>
          () =>
            image.transform(...(args as Parameters<typeof image.transform>));
        expect(call(ones([2, 2, 1]), still)).toThrow(
          new RangeError('Error in transform: image must be rank 4, but got rank 3.'),
        );
        expect(call(ones([1, 2, 2, 1], 'int32'), still)).toThrow(
          new TypeError(
            "Argument 'image' passed to 'transform' must be float32 or float64 tensor, but got int32 tensor",
          ),
        );
        expect(call(x, [...still, ...still, ...still])).toThrow(
          new RangeError('Error in transform: Input transform should be batch x 8 or 1 x 8, but got [3, 8].'),
        );
        expect(call(x, still, 'cubic')).toThrow(
          new RangeError("Error in transform: interpolation must be one of 'nearest', 'bilinear', but got 'cubic'."),
        );
        expect(call(x, still, 'nearest', 'mirror')).toThrow(
          new RangeError(
            "Error in transform: fillMode must be one of 'constant', 'reflect', 'wrap', 'nearest', but got 'mirror'.",
          ),
        );
        expect(call(x, still, 'nearest', 'crop')).toThrow(RangeError);
        expect(call(x, still, 'nearest', 'constant', '0')).toThrow(
          new TypeError('transform: fillValue must be a number, got 0'),
        );
        expect(call(x, still, 'nearest', 'constant', 0, [2])).toThrow(
          new RangeError('Error in transform: outputShape must be [height, width] or null, but got [2].'),
        );
        expect(call(x, still, 'nearest', 'constant', 0, [2, 1.5])).toThrow(RangeError);
      }),
    );
  });
});

describe('rotateWithOffset', () => {
  test('turns counter-clockwise about a point, and back', () => {
    tidy(() => {
      const x = numbered(1, 3, 3, 1);
      // The middle of element (1, 1) is at a third of the width.
      const quarter = image.rotateWithOffset(x, Math.PI / 2, 0, 1 / 3);
      expect(list(quarter)).toEqual([2, 5, 8, 1, 4, 7, 0, 3, 6]);
      expect(list(image.rotateWithOffset(quarter, -Math.PI / 2, 0, [1 / 3, 1 / 3]))).toEqual(list(x));
    });
  });

  test('fills with a number, or with a color on a ground that is opaque', () => {
    tidy(() => {
      const x = numbered(1, 1, 1, 4);
      expect(list(image.rotateWithOffset(x, 0, 8, [5, 5]))).toEqual([0, 1, 2, 3]);
      expect(list(image.rotateWithOffset(x, Math.PI / 2, 8, [5, 0]))).toEqual([8, 8, 8, 8]);
      expect(list(image.rotateWithOffset(x, Math.PI / 2, [1, 2, 3], [5, 0]))).toEqual([1, 2, 3, 255]);
    });
  });

  test('refuses what it cannot use', () => {
    leavesNothing(() =>
      tidy(() => {
        const x = numbered(1, 2, 2, 5);
        expect(() => image.rotateWithOffset(never(ones([2, 2, 1])), 1)).toThrow(
          new RangeError('Error in rotateWithOffset: image must be rank 4, but got rank 3.'),
        );
        expect(() => image.rotateWithOffset(x, Number.NaN)).toThrow(
          new RangeError('rotateWithOffset: radians must be finite, got NaN'),
        );
        expect(() => image.rotateWithOffset(x, 1, 0, never([1]))).toThrow(
          new TypeError('rotateWithOffset: center must be a number, got undefined'),
        );
        expect(() => image.rotateWithOffset(x, 1, [1, 2, 3])).toThrow(
          new TypeError('rotateWithOffset: fillValue must be a number, got undefined'),
        );
      }),
    );
  });
});

test('flipLeftRight mirrors each row of pixels', () => {
  tidy(() => {
    expect(list(image.flipLeftRight(numbered(1, 2, 2, 2)))).toEqual([2, 3, 0, 1, 6, 7, 4, 5]);
    expect(() => image.flipLeftRight(never(ones([2, 2])))).toThrow(
      new RangeError('Error in flipLeftRight: image must be rank 4, but got rank 2.'),
    );
  });
});

describe('cropAndResize', () => {
  test('cuts boxes out of images, mirrored ones too, and keeps their corners', () => {
    tidy(() => {
      const x = numbered(2, 3, 3, 1);
      const crop = (box: number[], at: number, size: [number, number], ...rest: unknown[]) =>
        list(image.cropAndResize(x, [box], [at], size, ...(rest as [])));
      expect(crop([0, 0, 1, 1], 1, [3, 3])).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17]);
      expect(crop([0.5, 0.5, 1, 1], 0, [2, 2])).toEqual([4, 5, 7, 8]);
      expect(crop([1, 1, 0, 0], 0, [2, 2])).toEqual([8, 6, 2, 0]);
      expect(crop([0, 0, 1, 1], 0, [1, 1])).toEqual([4]);
      expect(crop([0, 0, 0, 1], 0, [1, 5])).toEqual([0, 0.5, 1, 1.5, 2]);
      expect(crop([0, 0, 0, 1], 0, [1, 5], 'nearest')).toEqual([0, 1, 1, 2, 2]);
      // What is not quite inside is not mixed with what is beyond.
      expect(crop([0, 0, 0, 1.5], 0, [1, 3], 'bilinear', -1)).toEqual([0, 1.5, -1]);
      expect(image.cropAndResize(x, never(ops.zeros([0, 4])), [], [2, 2]).shape).toEqual([0, 2, 2, 1]);
    });
  });

  test('refuses what it cannot use', () => {
    leavesNothing(() =>
      tidy(() => {
        const call =
          (...args: unknown[]) =>
          () =>
            image.cropAndResize(...(args as [never, never, never, never]));
        const x = numbered(1, 2, 2, 1);
        const box = [[0, 0, 1, 1]];
        expect(call(ones([2, 2]), box, [0], [1, 1])).toThrow(
          new RangeError('Error in cropAndResize: image must be rank 4, but got rank 2.'),
        );
        expect(call(x, [[1, 2, 3]], [0], [1, 1])).toThrow(
          new RangeError('Error in cropAndResize: boxes must have size [n, 4], but got [1, 3].'),
        );
        expect(call(x, box, [0, 0], [1, 1])).toThrow(
          new RangeError('Error in cropAndResize: boxInd must have size [1], but got [2].'),
        );
        expect(call(x, box, [1], [1, 1])).toThrow(
          new RangeError('cropAndResize: indices must be in [0, 1), got 1 at position 0'),
        );
        expect(call(x, box, [0], [1])).toThrow(
          new RangeError('Error in cropAndResize: cropSize must be [height, width], but got 1.'),
        );
        expect(call(x, box, [0], [1, 0])).toThrow(
          new RangeError('cropAndResize: cropSize must be a whole number from 1 up, got 0'),
        );
        expect(call(x, box, [0], [1, 1], 'cubic')).toThrow(
          new RangeError("Error in cropAndResize: method must be one of 'nearest', 'bilinear', but got 'cubic'."),
        );
      }),
    );
  });
});

describe('colors', () => {
  test('gray is the luma of red, green and blue; whole numbers are cut off', () => {
    tidy(() => {
      expect(image.rgbToGrayscale([[100, 0, 0]]).arraySync()).toEqual([[Math.fround(Math.fround(0.2989) * 100)]]);
      const whole = image.rgbToGrayscale(ops.tensor2d([16, 24, 56, 1, 2, 9], [2, 3], 'int32'));
      expect([whole.dtype, list(whole)]).toEqual(['int32', [25, 2]]);
      expect(image.grayscaleToRGB(ops.tensor2d([1, 0], [2, 1], 'bool')).dtype).toBe('bool');
    });
  });

  test('refuse images of other channels', () => {
    expect(() => image.grayscaleToRGB([[1, 2]])).toThrow(
      new RangeError('Error in grayscaleToRGB: last dimension of a grayscale image should be size 1, but got size 2.'),
    );
    expect(() => image.grayscaleToRGB([1])).toThrow(
      new RangeError('Error in grayscaleToRGB: images must be at least rank 2, but got rank 1.'),
    );
    expect(() => image.rgbToGrayscale([[1, 2]])).toThrow(
      new RangeError('Error in rgbToGrayscale: last dimension of an RGB image should be size 3, but got size 2.'),
    );
    expect(() => image.rgbToGrayscale([1, 2, 3])).toThrow(
      new RangeError('Error in rgbToGrayscale: images must be at least rank 2, but got rank 1.'),
    );
  });
});

describe('threshold', () => {
  const gray = (...values: number[]) => ops.tensor3d(values, [1, values.length, 1]);

  test('is 255 above a share of 255', () => {
    tidy(() => {
      const sharp = image.threshold(gray(127, 127.5, 128));
      expect([sharp.dtype, list(sharp)]).toEqual(['int32', [0, 0, 255]]);
      expect(list(image.threshold(gray(127, 127.5, 128), 'binary', true))).toEqual([255, 255, 0]);
      expect(list(image.threshold(gray(50, 52), 'binary', false, 0.2))).toEqual([0, 255]);
      expect(list(image.threshold(ops.tensor3d([255, 0, 0, 0, 255, 0], [1, 2, 3])))).toEqual([0, 255]);
    });
  });

  test('is found by Otsu where dark and bright are best apart, and below all where nothing is', () => {
    tidy(() => {
      expect(list(image.threshold(gray(10, 12, 11, 100, 105, 104), 'otsu'))).toEqual([0, 0, 0, 255, 255, 255]);
      expect(list(image.threshold(gray(0, 0, 0), 'otsu'))).toEqual([255, 255, 255]);
      expect(list(image.threshold(gray(0, 255), 'otsu'))).toEqual([0, 255]);
    });
  });

  test('of Otsu is the best of all thresholds', () => {
    tidy(() => {
      const values = Array.from({ length: 60 }, (_, i) => (i * i * 37) % 256);
      const variance = (t: number) => {
        const [low, high] = [values.filter((v) => v <= t), values.filter((v) => v > t)];
        const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
        return low.length && high.length ? low.length * high.length * (mean(low) - mean(high)) ** 2 : 0;
      };
      const all = Array.from({ length: 256 }, (_, t) => variance(t));
      const best = all.indexOf(Math.max(...all));
      expect(list(image.threshold(gray(...values), 'otsu'))).toEqual(values.map((v) => (v > best ? 255 : 0)));
    });
  });

  test('refuses what it cannot use', () => {
    const call =
      (...args: unknown[]) =>
      () =>
        image.threshold(...(args as [never, never]));
    expect(call([[1]])).toThrow(new RangeError('Error in threshold: image must be rank 3, but got rank 2.'));
    expect(call([[[1, 2]]])).toThrow(
      new RangeError('Error in threshold: image color channel must be equal to 3 or 1, but got 2.'),
    );
    expect(call([[[true]]])).toThrow(new TypeError('Error in threshold: image dtype must be numeric, but got bool.'));
    expect(call([[[1]]], 'mean')).toThrow(
      new RangeError("Error in threshold: method must be 'binary' or 'otsu', but was 'mean'."),
    );
    expect(call([[[1]]], 'binary', false, 1.5)).toThrow(
      new RangeError('Error in threshold: threshValue must be in [0, 1], but got 1.5.'),
    );
  });
});
