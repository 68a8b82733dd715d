// The colors of images: from gray to red, green and blue, and back; or to black and white.

import { checkFinite } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import type { Tensor, Tensor3D } from '../tensor.js';
import { div, mul, sub } from './arithmetic.js';
import { bincount } from './counting.js';
import { range, scalar, tensor1d } from './creation.js';
import { asFloat, castTo, scoped } from './dispatch.js';
import { greater, lessEqual, where } from './logical.js';
import { round, square } from './math.js';
import { tile } from './padding.js';
import { argMax, cumsum, max, sum } from './reduction.js';

/** Luma of the three colors (ITU-R BT.601, as TensorFlow rounds it). */
const LUMA = [0.2989, 0.587, 0.114];

/** Red, green and blue along the last axis mixed into one, as floats. */
const luma = (x: Tensor): Tensor => {
  const floats = asFloat(x);
  return sum(mul(floats, tensor1d(LUMA, floats.dtype)), -1, true);
};

/**
 * Gray images as red, green and blue: the one channel three times.
 *
 * @param image - [..., 1], of two axes at least
 * @returns [..., 3], of the same dtype
 * @throws RangeError for another shape
 * @example
 * image.grayscaleToRGB([[1], [2]]).print();  // [[1, 1, 1], [2, 2, 2]]
 */
export function grayscaleToRGB<T extends Tensor>(image: T | TensorLike): T {
  return scoped(() => {
    const x = convert(image, 'image', 'grayscaleToRGB');
    if (x.rank < 2) {
      throw new RangeError(`Error in grayscaleToRGB: images must be at least rank 2, but got rank ${x.rank}.`);
    }
    if (x.shape.at(-1) !== 1) {
      throw new RangeError(
        `Error in grayscaleToRGB: last dimension of a grayscale image should be size 1, but got size ${x.shape.at(-1)}.`,
      );
    }
    return tile(x, [...new Array<number>(x.rank - 1).fill(1), 3]);
  }) as T;
}

/**
 * Images of red, green and blue as gray ones: 0.2989·r + 0.587·g + 0.114·b.
 *
 * @param image - [..., 3], of two axes at least
 * @returns [..., 1], of the same dtype; whole numbers are cut off
 * @throws RangeError for another shape
 * @example
 * image.rgbToGrayscale(tensor2d([[16, 24, 56]], [1, 3], 'int32')).print();  // [[25]]
 */
export function rgbToGrayscale<T extends Tensor>(image: T | TensorLike): T {
  return scoped(() => {
    const x = convert(image, 'image', 'rgbToGrayscale');
    if (x.rank < 2) {
      throw new RangeError(`Error in rgbToGrayscale: images must be at least rank 2, but got rank ${x.rank}.`);
    }
    if (x.shape.at(-1) !== 3) {
      throw new RangeError(
        `Error in rgbToGrayscale: last dimension of an RGB image should be size 3, but got size ${x.shape.at(-1)}.`,
      );
    }
    return castTo(luma(x), x.dtype);
  }) as T;
}

/**
 * The threshold that parts a histogram of 256 values in two classes with the greatest variance between them
 * (Otsu 1979); the first of equal ones, and −1 where there is but one class.
 */
function otsu(histogram: Tensor): Tensor {
  const counts = castTo(histogram, 'float64');
  const values = castTo(range(0, 256), 'float64');
  // Up to each value, and above it.
  const [below, sumBelow] = [cumsum(counts), cumsum(mul(counts, values))];
  const [above, sumAbove] = [sub(sum(counts), below), sub(sum(mul(counts, values)), sumBelow)];
  const distance = sub(div(sumBelow, below), div(sumAbove, above));
  const parted = greater(mul(below, above), 0);
  const variance = where(parted, mul(mul(below, above), square(distance)), 0);
  return where(greater(max(variance), 0), castTo(argMax(variance), 'float64'), -1);
}

/**
 * An image in black and white: 255 where it is brighter than a threshold, 0 elsewhere.
 *
 * @param image - numbers from 0 to 255, [height, width, 1], or 3 channels, which become {@link rgbToGrayscale}'s gray
 * @param method - 'binary' takes threshValue, 'otsu' what parts dark from bright best (Otsu 1979)
 * @param inverted - whether black and white change places
 * @param threshValue - a share of 255
 * @returns int32, [height, width, 1]
 * @throws TypeError for booleans, RangeError for another shape, another method, or a share outside [0, 1]
 * @example
 * image.threshold(tensor3d([10, 200], [1, 2, 1])).flatten().print();  // [0, 255]
 */
export function threshold(
  image: Tensor3D | TensorLike,
  method: 'binary' | 'otsu' = 'binary',
  inverted = false,
  threshValue = 0.5,
): Tensor3D {
  return scoped(() => {
    const x = convert(image, 'image', 'threshold');
    if (x.rank !== 3) throw new RangeError(`Error in threshold: image must be rank 3, but got rank ${x.rank}.`);
    if (x.shape[2] !== 1 && x.shape[2] !== 3) {
      throw new RangeError(`Error in threshold: image color channel must be equal to 3 or 1, but got ${x.shape[2]}.`);
    }
    if (x.dtype === 'bool') throw new TypeError('Error in threshold: image dtype must be numeric, but got bool.');
    if (method !== 'binary' && method !== 'otsu') {
      throw new RangeError(`Error in threshold: method must be 'binary' or 'otsu', but was '${method}'.`);
    }
    checkFinite(threshValue, 'threshValue', 'threshold');
    if (threshValue < 0 || threshValue > 1) {
      throw new RangeError(`Error in threshold: threshValue must be in [0, 1], but got ${threshValue}.`);
    }
    const gray = x.shape[2] === 3 ? luma(x) : asFloat(x);
    const edge = method === 'binary' ? threshValue * 255 : otsu(bincount(castTo(round(gray), 'int32'), [], 256));
    const white = inverted ? lessEqual(gray, edge) : greater(gray, edge);
    return mul(castTo(white, 'int32'), scalar(255, 'int32'));
  }) as Tensor3D;
}
