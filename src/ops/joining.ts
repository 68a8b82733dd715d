// Several tensors made one.

import { convert, convertArray, type TensorLike } from '../convert.js';
import { upcastType } from '../dtype.js';
import { broadcastShapes, sameShape, stridesOf, withSize } from '../shape.js';
import { alias, record } from '../tape.js';
import { empty, fromData, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D } from '../tensor.js';
import { castTo, scoped } from './dispatch.js';
import { moveInto } from './move.js';
import { broadcastTo, expandDims, reshape } from './transform.js';
import { window } from './window.js';

/**
 * Tensors one after the other along an axis. Mixed dtypes widen.
 *
 * @param tensors - at least one; all of the same shape but for the axis
 * @throws TypeError if they are not an array, RangeError if there is none or shapes do not fit
 * @example
 * concat([tensor1d([1, 2]), tensor1d([3])]).print();  // [1, 2, 3]
 */
export function concat<T extends Tensor>(tensors: readonly (T | TensorLike)[], axis = 0): T {
  return scoped(() => {
    const given = convertArray(tensors, 'tensors', 'concat');
    if (given.length === 0) throw new RangeError('Pass at least one tensor to concat');
    const dtype = given.map((x) => x.dtype).reduce(upcastType);
    const xs = given.map((x) => castTo(x, dtype));
    const { rank, shape: first } = xs[0]!;
    const along = axis < 0 ? axis + rank : axis;
    xs.forEach((x, i) => {
      if (x.rank !== rank) {
        throw new RangeError(
          `Error in concat${rank}D: rank of tensors[${i}] must be the same as the rank of the rest (${rank})`,
        );
      }
      if (!sameShape(withSize(x.shape, along, 0), withSize(first, along, 0))) {
        throw new RangeError(
          `Error in concat${rank}D: Shape of tensors[${i}] (${x.shape}) does not match the shape of the rest (${first}) along the non-concatenated axis.`,
        );
      }
    });
    if (!(along >= 0 && along < rank)) {
      throw new RangeError(`Error in concat${rank}D: axis must be between 0 and ${rank - 1}.`);
    }
    if (xs.length === 1) return alias(xs[0]!);

    const sizes = xs.map((x) => x.shape[along]!);
    const total = sizes.reduce((a, b) => a + b);
    const y = empty(withSize(first, along, total), dtype);
    const strides = stridesOf(y.shape);
    let begin = 0;
    const places = sizes.map((size) => {
      const place = { offset: begin * strides[along]!, strides };
      begin += size;
      return place;
    });
    xs.forEach((x, i) => {
      moveInto(x, { offset: 0, strides: stridesOf(x.shape) }, y, places[i]!, x.shape);
    });
    return record(
      y,
      xs,
      xs.map((x, i) => (dy: Tensor) => window(dy, x.shape, places[i]!)),
    );
  }) as T;
}

/**
 * Vectors one after the other.
 *
 * @throws as concat does
 * @example
 * concat1d([tensor1d([1, 2]), tensor1d([3])]).print();  // [1, 2, 3]
 */
export const concat1d: (tensors: readonly (Tensor1D | TensorLike)[]) => Tensor1D = (tensors) => concat(tensors, 0);
/**
 * {@link concat} of matrices.
 *
 * @throws as concat does
 * @example
 * concat2d([tensor2d([[1], [2]]), tensor2d([[3], [4]])], 1).print();  // [[1, 3], [2, 4]]
 */
export const concat2d: (tensors: readonly (Tensor2D | TensorLike)[], axis: number) => Tensor2D = concat;
/**
 * {@link concat} of tensors of three axes.
 *
 * @throws as concat does
 * @example
 * concat3d([zeros([1, 2, 3]), zeros([1, 2, 4])], 2).shape;  // [1, 2, 7]
 */
export const concat3d: (tensors: readonly (Tensor3D | TensorLike)[], axis: number) => Tensor3D = concat;
/**
 * {@link concat} of tensors of four axes.
 *
 * @throws as concat does
 * @example
 * concat4d([zeros([8, 5, 5, 3]), zeros([2, 5, 5, 3])], 0).shape;  // [10, 5, 5, 3]
 */
export const concat4d: (tensors: readonly (Tensor4D | TensorLike)[], axis: number) => Tensor4D = concat;

/**
 * Tensors of one shape side by side along a new axis.
 *
 * @param axis - where the new axis stands in the result
 * @throws TypeError if they are not an array or dtypes differ, RangeError if there is none or shapes differ
 * @example
 * stack([tensor1d([1, 2]), tensor1d([3, 4])]).print();  // [[1, 2], [3, 4]]
 */
export function stack<T extends Tensor>(tensors: readonly (T | TensorLike)[], axis = 0): Tensor {
  return scoped(() => {
    const xs = convertArray(tensors, 'tensors', 'stack');
    if (xs.length === 0) throw new RangeError('Pass at least one tensor to tf.stack');
    const { rank, shape, dtype } = xs[0]!;
    if (axis > rank || axis < -rank - 1) {
      throw new RangeError(`stack: Axis must be <= rank of the tensor, got ${axis} for rank ${rank}`);
    }
    for (const x of xs) {
      if (!sameShape(x.shape, shape)) {
        throw new RangeError(`All tensors passed to stack must have matching shapes, got [${shape}] and [${x.shape}]`);
      }
      if (x.dtype !== dtype) {
        throw new TypeError(`All tensors passed to stack must have matching dtypes, got ${dtype} and ${x.dtype}`);
      }
    }
    return concat(
      xs.map((x) => expandDims(x, axis)),
      axis < 0 ? axis + rank + 1 : axis,
    );
  });
}

/**
 * The coordinates of a grid: two matrices, of the x and of the y of each point.
 *
 * @param options.indexing - 'xy': x runs along columns, the result is [y.size, x.size]; 'ij': along rows, [x.size, y.size]
 * @throws TypeError for another indexing
 * @example
 * meshgrid([1, 2], [3, 4]);  // [[1, 2], [1, 2]] and [[3, 3], [4, 4]]
 */
export function meshgrid(
  x?: Tensor | TensorLike,
  y?: Tensor | TensorLike,
  { indexing = 'xy' }: { indexing?: 'xy' | 'ij' } = {},
): Tensor[] {
  if (indexing !== 'xy' && indexing !== 'ij') {
    throw new TypeError(`meshgrid: ${indexing} is not a valid third argument, which is 'xy' or 'ij'`);
  }
  if (x === undefined) return [];
  return scoped(() => {
    const $x = convert(x, 'x', 'meshgrid', 'float32');
    if (y === undefined) return [alias($x)];
    const $y = convert(y, 'y', 'meshgrid', 'float32');
    const [columns, rows] = indexing === 'xy' ? [$x, $y] : [$y, $x];
    const shape = [rows.size, columns.size];
    const [across, down] = [broadcastTo(reshape(columns, [1, -1]), shape), broadcastTo(reshape(rows, [-1, 1]), shape)];
    return indexing === 'xy' ? [across, down] : [down, across];
  });
}

/**
 * The shape that two shapes broadcast to, all three as int32 vectors.
 *
 * @throws RangeError if they are no vectors or do not broadcast
 * @example
 * broadcastArgs([4, 1], [3]).print();  // [4, 3]
 */
export function broadcastArgs(s0: Tensor | TensorLike, s1: Tensor | TensorLike): Tensor1D {
  return scoped(() => {
    const [a, b] = [convert(s0, 's0', 'broadcastArgs', 'int32'), convert(s1, 's1', 'broadcastArgs', 'int32')];
    if (a.rank !== 1)
      throw new RangeError(`broadcastArgs(): first input must be a vector (rank=1). Has rank ${a.rank}`);
    if (b.rank !== 1) {
      throw new RangeError(`broadcastArgs(): second input must be a vector (rank=1). Has rank ${b.rank}`);
    }
    const shape = broadcastShapes([...a.dataSync()], [...b.dataSync()], 'broadcastArgs');
    return fromData(shape, [shape.length], 'int32');
  }) as Tensor1D;
}
