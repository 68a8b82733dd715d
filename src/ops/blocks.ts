// Between space, depth and batch: blocks of neighbouring elements become examples or channels, and back.
// Each is a reshape, a transpose and a reshape.

import { convert, type TensorLike } from '../convert.js';
import type { Tensor, Tensor4D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { pad } from './padding.js';
import { slice } from './slicing.js';
import { reshape, transpose } from './transform.js';

const product = (numbers: readonly number[]): number => numbers.reduce((a, b) => a * b, 1);

/**
 * Interleaves examples into space: the batch of b · Πs becomes a batch of b with axis i grown sᵢ times, then cropped.
 *
 * @param x - [batch, …space, …rest]
 * @param blockShape - s, for as many axes after the batch
 * @param crops - for each of those, how many elements to drop [before, after]
 * @throws RangeError if the batch is not divisible by Πs or there is not one pair of crops for each
 * @example
 * batchToSpaceND(tensor4d([1, 2, 3, 4], [4, 1, 1, 1]), [2, 2], [[0, 0], [0, 0]]);  // [[[[1], [2]], [[3], [4]]]]
 */
export function batchToSpaceND<T extends Tensor>(
  x: T | TensorLike,
  blockShape: readonly number[],
  crops: readonly (readonly number[])[],
): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'batchToSpaceND');
    const m = blockShape.length;
    const volume = product(blockShape);
    const [batch] = $x.shape as number[];
    if ($x.rank < 1 + m) {
      throw new RangeError(`input rank is ${$x.rank} but should be > than blockShape.length ${m}`);
    }
    if (crops.length !== m) {
      throw new RangeError(`crops.length is ${crops.length} but should be equal to blockShape.length  ${m}`);
    }
    if (batch! % volume !== 0) {
      throw new RangeError(
        `input tensor batch is ${batch} but is not divisible by the product of the elements of blockShape ${blockShape.join(' * ')} === ${volume}`,
      );
    }
    // [s…, b, space…, rest…] → [b, space₀, s₀, space₁, s₁, …, rest…]
    const [space, rest] = [$x.shape.slice(1, m + 1), $x.shape.slice(m + 1)];
    const apart = reshape($x, [...blockShape, batch! / volume, ...space, ...rest]);
    const order = [m, ...space.flatMap((_, i) => [m + 1 + i, i]), ...rest.map((_, i) => 2 * m + 1 + i)];
    const grown = space.map((n, i) => n * blockShape[i]!);
    const y = reshape(transpose(apart, order), [batch! / volume, ...grown, ...rest]);
    const sizes = grown.map((n, i) => n - crops[i]![0]! - crops[i]![1]!);
    return slice(y, [0, ...crops.map(([before]) => before!)], [batch! / volume, ...sizes]);
  }) as T;
}

/**
 * The inverse of {@link batchToSpaceND}: pads, then moves the elements of each block to examples of their own.
 *
 * @param paddings - for each axis of blockShape, how many zeros come [before, after]
 * @throws RangeError if a padded axis is not divisible by its block or there is not one pair of paddings for each
 * @example
 * spaceToBatchND(tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), [2, 2], [[0, 0], [0, 0]]).shape;  // [4, 1, 1, 1]
 */
export function spaceToBatchND<T extends Tensor>(
  x: T | TensorLike,
  blockShape: readonly number[],
  paddings: readonly (readonly number[])[],
): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'spaceToBatchND');
    const m = blockShape.length;
    if ($x.rank < 1 + m) throw new RangeError(`input rank ${$x.rank} should be > than [blockShape] ${m}`);
    if (paddings.length !== m) {
      throw new RangeError(`paddings.shape[0] ${paddings.length} must be equal to [blockShape] ${m}`);
    }
    const padded = blockShape.map((_, i) => $x.shape[i + 1]! + paddings[i]![0]! + paddings[i]![1]!);
    if (padded.some((n, i) => n % blockShape[i]! !== 0)) {
      throw new RangeError(
        `input spatial dimensions ${$x.shape.slice(1)} with paddings ${paddings} must be divisible by blockShapes ${blockShape}`,
      );
    }
    const rest = $x.shape.slice(m + 1) as number[];
    const y = pad($x as Tensor, [[0, 0], ...paddings, ...rest.map(() => [0, 0])]);
    // [b, space₀, s₀, space₁, s₁, …, rest…] → [s…, b, space…, rest…]
    const space = padded.map((n, i) => n / blockShape[i]!);
    const apart = reshape(y, [y.shape[0]!, ...space.flatMap((n, i) => [n, blockShape[i]!]), ...rest]);
    const order = [
      ...space.map((_, i) => 2 * i + 2),
      0,
      ...space.map((_, i) => 2 * i + 1),
      ...rest.map((_, i) => 2 * m + 1 + i),
    ];
    return reshape(transpose(apart, order), [y.shape[0]! * product(blockShape), ...space, ...rest]);
  }) as T;
}

/**
 * Spreads groups of s² channels over blocks of s × s pixels: [b, h, w, c] becomes [b, h · s, w · s, c / s²].
 *
 * @param blockSize - s, at least 2
 * @param dataFormat - where the channels stand: 'NHWC' last, 'NCHW' after the batch
 * @throws RangeError for a smaller block, or if the channels are not divisible by s²
 * @example
 * depthToSpace(tensor4d([1, 2, 3, 4], [1, 1, 1, 4]), 2).reshape([2, 2]).print();  // [[1, 2], [3, 4]]
 */
export function depthToSpace(
  x: Tensor4D | TensorLike,
  blockSize: number,
  dataFormat: 'NHWC' | 'NCHW' = 'NHWC',
): Tensor4D {
  return scoped(() => {
    const $x = convert(x, 'x', 'depthToSpace', 'float32');
    if ($x.rank !== 4) throw new RangeError(`depthToSpace: needs a tensor of rank 4, got shape [${$x.shape}]`);
    const s = blockSize;
    const last = dataFormat === 'NHWC';
    const [b, h, w, c] = (last ? [0, 1, 2, 3] : [0, 2, 3, 1]).map((axis) => $x.shape[axis]!) as [
      number,
      number,
      number,
      number,
    ];
    if (!(s > 1)) throw new RangeError(`blockSize should be > 1 for depthToSpace, but was: ${s}`);
    if (c % (s * s) !== 0) {
      throw new RangeError(
        `Dimension size must be evenly divisible by ${s * s} but is ${c} for depthToSpace with input shape ${$x.shape}`,
      );
    }
    const depth = c / (s * s);
    return last
      ? reshape(transpose(reshape($x, [b, h, w, s, s, depth]), [0, 1, 3, 2, 4, 5]), [b, h * s, w * s, depth])
      : reshape(transpose(reshape($x, [b, s, s, depth, h, w]), [0, 3, 4, 1, 5, 2]), [b, depth, h * s, w * s]);
  }) as Tensor4D;
}
