// Images in other sizes.

import { checkCount } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import { sizeOf, withSize } from '../shape.js';
import { alias } from '../tape.js';
import { fromData, type Tensor } from '../tensor.js';
import { add, mul, sub } from './arithmetic.js';
import { asFloat, castTo, scoped } from './dispatch.js';
import { gather } from './gather.js';
import { broadcastTo, reshape } from './transform.js';

/** The slices of x along an axis, of which those before and behind the axis are its first and last. */
function pick(x: Tensor, axis: number, places: readonly number[]): Tensor {
  const last = x.shape[axis]! - 1;
  const indices = places.map((p) => Math.max(0, Math.min(last, p)));
  return gather(x, fromData(indices, [indices.length], 'int32'), axis);
}

/** Each slice of x along an axis so many times: 0.4 to 0.7 of the time that picking them takes. */
function repeat(x: Tensor, axis: number, times: number): Tensor {
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis + 1)), sizeOf(x.shape.slice(axis + 1))];
  const repeated = broadcastTo(reshape(x, [outer, 1, inner]), [outer, times, inner]);
  return reshape(repeated, withSize(x.shape, axis, times * x.shape[axis]!));
}

/** Resizes the width, then the height; `along` resizes one axis. */
function resize(
  op: string,
  images: Tensor | TensorLike,
  size: readonly number[],
  alignCorners: boolean,
  halfPixelCenters: boolean,
  along: (x: Tensor, axis: number, places: number[]) => Tensor,
): Tensor {
  return scoped(() => {
    const x = convert(images, 'images', op);
    if (x.rank !== 3 && x.rank !== 4) {
      throw new RangeError(`Error in ${op}: x must be rank 3 or 4, but got rank ${x.rank}.`);
    }
    if (!Array.isArray(size) || size.length !== 2) {
      throw new RangeError(`Error in ${op}: new shape must 2D, but got shape ${size}.`);
    }
    for (const n of size) checkCount(n, 1, 'size', op);
    if (alignCorners && halfPixelCenters) {
      throw new RangeError(`Error in ${op}: If halfPixelCenters is true, alignCorners must be false.`);
    }
    return [x.rank - 2, x.rank - 3].reduce((y, axis) => {
      const [n, count] = [y.shape[axis]!, size[axis - x.rank + 3]!];
      if (n === 0) throw new RangeError(`Error in ${op}: needs images of some height and width, got [${x.shape}].`);
      if (n === count) return y;
      // The quotient last: where n divides count, the places of n's elements are whole.
      const [from, to] = alignCorners && count > 1 ? [n - 1, count - 1] : [n, count];
      const half = halfPixelCenters ? 0.5 : 0;
      return along(
        y,
        axis,
        Array.from({ length: count }, (_, i) => ((i + half) * from) / to),
      );
    }, alias(x));
  });
}

/**
 * Images in another size, each element the nearest one of the old. The dtype stays.
 *
 * @param images - [batch, height, width, channels], or without the batch
 * @param size - the new [height, width]
 * @param alignCorners - whether the corners' elements lie on each other; else the images' edges do
 * @param halfPixelCenters - whether an element lies at its middle; else at its upper left corner
 * @throws RangeError for another rank, for a size that is not two whole numbers from 1 up, or if both flags are set
 * @example
 * image.resizeNearestNeighbor(tensor3d([1, 2], [1, 2, 1]), [2, 4]).reshape([2, 4]).print();
 * // [[1, 1, 2, 2], [1, 1, 2, 2]]
 */
export function resizeNearestNeighbor<T extends Tensor>(
  images: T | TensorLike,
  size: readonly number[],
  alignCorners = false,
  halfPixelCenters = false,
): T {
  const nearest = alignCorners ? Math.round : Math.floor;
  return resize('resizeNearestNeighbor', images, size, alignCorners, halfPixelCenters, (x, axis, places) => {
    const times = places.length / x.shape[axis]!;
    if (Number.isInteger(times) && !alignCorners) return repeat(x, axis, times);
    return pick(x, axis, places.map(nearest));
  }) as T;
}

/**
 * Images in another size, each element a mean of the four around it, weighed by their distances.
 *
 * @param images - [batch, height, width, channels], or without the batch; int32 and bool are cast to float32
 * @param size - the new [height, width]
 * @param alignCorners - whether the corners' elements lie on each other; else the images' edges do
 * @param halfPixelCenters - whether an element lies at its middle; else at its upper left corner
 * @throws RangeError for another rank, for a size that is not two whole numbers from 1 up, or if both flags are set
 * @example
 * image.resizeBilinear(tensor3d([1, 3], [1, 2, 1]), [1, 4]).flatten().print();  // [1, 2, 3, 3]
 */
export function resizeBilinear<T extends Tensor>(
  images: T | TensorLike,
  size: readonly number[],
  alignCorners = false,
  halfPixelCenters = false,
): T {
  const along = (x: Tensor, axis: number, middles: number[]) => {
    const from = asFloat(x);
    const places = middles.map((p) => (halfPixelCenters ? p - 0.5 : p));
    const [before, after] = [places.map(Math.floor), places.map(Math.ceil)];
    const shape = from.shape.map((_, i) => (i === axis ? places.length : 1)).slice(axis);
    const shares = castTo(
      fromData(
        places.map((p, i) => p - before[i]!),
        shape,
        'float64',
      ),
      from.dtype,
    );
    const [y, z] = [pick(from, axis, before), pick(from, axis, after)];
    return add(y, mul(sub(z, y), shares));
  };
  return scoped(() => asFloat(resize('resizeBilinear', images, size, alignCorners, halfPixelCenters, along))) as T;
}
