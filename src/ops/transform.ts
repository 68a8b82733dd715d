// Another dtype, another shape, another order: ops that change no element's value.

import { convert, type TensorLike } from '../convert.js';
import { type DataType, isDataType } from '../dtype.js';
import {
  checkShape,
  inferSize,
  normalizeAxes,
  type Rank,
  type Shape,
  type ShapeMap,
  sameShape,
  showShape,
  stridesOf,
} from '../shape.js';
import { alias, record } from '../tape.js';
import { share, type Tensor } from '../tensor.js';
import { castTo, scoped, sumTo } from './dispatch.js';
import { move } from './move.js';
import { place } from './window.js';

/**
 * The elements in another dtype. Floats become int32 by truncation, NaN becomes 0; anything but 0 becomes true.
 *
 * @param x - a tensor of any shape and dtype
 * @throws TypeError for an unknown dtype
 * @example
 * cast(tensor1d([1.7, -1.7]), 'int32').print();  // [1, -1]
 */
export function cast<T extends Tensor>(x: T | TensorLike, dtype: DataType): T {
  return scoped(() => {
    if (!isDataType(dtype)) throw new TypeError(`cast: Failed to cast to unknown dtype ${dtype}`);
    const $x = convert(x, 'x', 'cast');
    return ($x.dtype === dtype ? alias($x) : castTo($x, dtype)) as T;
  });
}

/**
 * The same elements as a tensor of its own, without copying them.
 *
 * @param x - of any shape and dtype
 * @example
 * const x = tensor1d([1, 2]);
 * const y = clone(x);
 * x.dispose();
 * y.print();  // [1, 2]
 */
export function clone<T extends Tensor>(x: T | TensorLike): T {
  return scoped(() => alias(convert(x, 'x', 'clone'))) as T;
}

/**
 * The same elements, as they are, through which gradients flow.
 *
 * @param x - of any shape and dtype
 * @example
 * identity(tensor1d([1, 2])).print();  // [1, 2]
 */
export const identity = clone;

/**
 * The same elements in another shape, without copying them.
 *
 * @param shape - sizes that multiply to x.size; one may be −1 and is inferred
 * @throws RangeError if they do not
 * @example
 * reshape(tensor1d([1, 2, 3, 4]), [2, -1]).print();  // [[1, 2], [3, 4]]
 */
export function reshape<R extends Rank>(x: Tensor | TensorLike, shape: ShapeMap[R] | Shape): Tensor<R> {
  return scoped(() => {
    const $x = convert(x, 'x', 'reshape');
    const to = inferSize(shape, $x.size, 'reshape');
    return record(share($x, to), [$x], [(dy) => reshape(dy, $x.shape)], []) as unknown as Tensor<R>;
  });
}

/**
 * The elements in the shape of another tensor.
 *
 * @throws RangeError unless y has as many elements
 * @example
 * reshapeAs(tensor1d([1, 2, 3, 4]), zeros([2, 2])).print();  // [[1, 2], [3, 4]]
 */
export function reshapeAs<T extends Tensor>(x: Tensor | TensorLike, y: T | TensorLike): T {
  return scoped(() => reshape(x, convert(y, 'y', 'reshapeAs').shape)) as unknown as T;
}

/**
 * All elements in one axis.
 *
 * @param x - of any shape and dtype
 * @example
 * flatten(tensor2d([[1, 2], [3, 4]])).print();  // [1, 2, 3, 4]
 */
export function flatten(x: Tensor | TensorLike): Tensor<Rank.R1> {
  return scoped(() => {
    const $x = convert(x, 'x', 'flatten');
    return reshape($x, [$x.size]);
  });
}

/**
 * A tensor with one element as a scalar.
 *
 * @throws RangeError for another number of elements
 * @example
 * asScalar(tensor2d([[5]])).print();  // 5
 */
export function asScalar(x: Tensor): Tensor<Rank.R0> {
  return scoped(() => {
    const $x = convert(x, 'x', 'asScalar');
    if ($x.size !== 1) throw new RangeError(`asScalar: The array must have only 1 element, got ${$x.size}`);
    return reshape($x, []);
  });
}

/**
 * All elements in one axis: {@link flatten} under its other name in TensorFlow.js.
 *
 * @param x - of any shape and dtype
 * @example
 * as1D(tensor2d([[1, 2], [3, 4]])).print();  // [1, 2, 3, 4]
 */
export const as1D = flatten;
/**
 * The elements as a matrix: {@link reshape} to two axes.
 *
 * @throws RangeError unless the sizes multiply to x.size
 * @example
 * as2D(tensor1d([1, 2, 3, 4]), 2, 2).print();  // [[1, 2], [3, 4]]
 */
export const as2D = (x: Tensor, rows: number, columns: number): Tensor<Rank.R2> => reshape(x, [rows, columns]);
/**
 * The elements in three axes: {@link reshape}.
 *
 * @throws RangeError unless the sizes multiply to x.size
 * @example
 * as3D(tensor1d([1, 2, 3, 4]), 2, 2, 1).print();  // [[[1], [2]], [[3], [4]]]
 */
export const as3D = (x: Tensor, ...shape: [number, number, number]): Tensor<Rank.R3> => reshape(x, shape);
/**
 * The elements in four axes: {@link reshape}.
 *
 * @throws RangeError unless the sizes multiply to x.size
 * @example
 * as4D(tensor1d([1, 2, 3, 4]), 1, 2, 2, 1).shape;  // [1, 2, 2, 1]
 */
export const as4D = (x: Tensor, ...shape: [number, number, number, number]): Tensor<Rank.R4> => reshape(x, shape);
/**
 * The elements in five axes: {@link reshape}.
 *
 * @throws RangeError unless the sizes multiply to x.size
 * @example
 * as5D(tensor1d([1, 2, 3, 4]), 1, 1, 2, 2, 1).shape;  // [1, 1, 2, 2, 1]
 */
export const as5D = (x: Tensor, ...shape: [number, number, number, number, number]): Tensor<Rank.R5> =>
  reshape(x, shape);

/**
 * The elements in another dtype: {@link cast} under its older name.
 *
 * @throws TypeError for an unknown dtype
 * @example
 * asType(tensor1d([1.5, -1.5]), 'int32').print();  // [1, -1]
 */
export const asType = cast;
/**
 * The elements as float32: {@link cast}.
 *
 * @param x - of any shape and dtype
 * @example
 * toFloat(tensor1d([true, false])).print();  // [1, 0]
 */
export const toFloat = <T extends Tensor>(x: T): T => cast(x, 'float32');
/**
 * The elements as int32, cut off after the point: {@link cast}.
 *
 * @param x - of any shape and dtype
 * @example
 * toInt(tensor1d([1.7, -1.7])).print();  // [1, -1]
 */
export const toInt = <T extends Tensor>(x: T): T => cast(x, 'int32');
/**
 * Whether the elements are other than 0: {@link cast}.
 *
 * @param x - of any shape and dtype
 * @example
 * toBool(tensor1d([0, 0.5, 2])).print();  // [false, true, true]
 */
export const toBool = <T extends Tensor>(x: T): T => cast(x, 'bool');

/**
 * A new axis of size 1.
 *
 * @param axis - where it stands in the result, from −(rank + 1) to rank
 * @throws RangeError for an axis out of range
 * @example
 * expandDims(tensor1d([1, 2]), 1).print();  // [[1], [2]]
 */
export function expandDims<T extends Tensor>(x: Tensor | TensorLike, axis = 0): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'expandDims', 'float32');
    if (!Number.isInteger(axis)) throw new TypeError(`expandDims: axis must be a whole number, got ${axis}`);
    if (axis < -($x.rank + 1) || axis > $x.rank) {
      throw new RangeError(`expandDims: Axis must be <= rank of the tensor, got axis ${axis} for rank ${$x.rank}`);
    }
    const shape = [...$x.shape];
    shape.splice(axis < 0 ? $x.rank + axis + 1 : axis, 0, 1);
    return reshape($x, shape) as unknown as T;
  });
}

/**
 * Drops axes of size 1.
 *
 * @param axis - which; absent or empty: all of them
 * @throws RangeError if a named axis has another size
 * @example
 * squeeze(tensor2d([[1], [2]])).print();  // [1, 2]
 * squeeze(zeros([1, 3, 1]), [0]).shape;  // [3, 1]
 */
export function squeeze<T extends Tensor>(x: Tensor | TensorLike, axis?: readonly number[]): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'squeeze');
    const axes = axis?.length ? normalizeAxes(axis, $x.rank, 'squeeze') : undefined;
    for (const a of axes ?? []) {
      if ($x.shape[a] !== 1)
        throw new RangeError(`squeeze: Can't squeeze axis ${a} since its dim '${$x.shape[a]}' is not 1`);
    }
    const shape = $x.shape.filter((n, i) => (axes ? !axes.includes(i) : n !== 1));
    return reshape($x, shape) as unknown as T;
  });
}

/**
 * The axes in another order: y has shape [x.shape[p] for p in perm].
 *
 * @param perm - absent: reversed
 * @throws RangeError if perm is not an order of x's axes
 * @example
 * transpose(tensor2d([[1, 2], [3, 4]])).print();  // [[1, 3], [2, 4]]
 */
export function transpose<T extends Tensor>(x: T | TensorLike, perm?: readonly number[]): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'transpose');
    const order = perm ?? $x.shape.map((_, i) => $x.rank - 1 - i);
    if (order.length !== $x.rank) {
      throw new RangeError(`Error in transpose: rank of input ${$x.rank} must match length of perm ${perm}.`);
    }
    for (const axis of order) {
      if (!(Number.isInteger(axis) && axis >= 0 && axis < $x.rank)) {
        throw new RangeError(`transpose: All entries in 'perm' must be between 0 and ${$x.rank - 1} but got ${perm}`);
      }
    }
    if (new Set(order).size !== order.length) throw new RangeError(`transpose: axes in perm must differ, got ${perm}`);
    const inverse = order.map((_, i) => order.indexOf(i));
    const gradient = (dy: Tensor) => transpose(dy, inverse);
    const shape = order.map((axis) => $x.shape[axis]!);
    if (movesNothing(order, $x.shape)) return record(share($x, shape), [$x], [gradient], []) as unknown as T;
    const strides = stridesOf($x.shape);
    const y = move($x, shape, { offset: 0, strides: order.map((axis) => strides[axis]!) });
    return record(y, [$x], [gradient], []) as unknown as T;
  });
}

/** Whether an order leaves all axes but those of size 1 where they were. */
function movesNothing(order: readonly number[], shape: Shape): boolean {
  const moving = order.filter((axis) => shape[axis] !== 1);
  return moving.every((axis, i) => i === 0 || moving[i - 1]! < axis);
}

/**
 * Repeats x along axes of size 1, and along new ones in front, until it has `shape`.
 *
 * @throws RangeError if x does not broadcast to it
 * @example
 * broadcastTo(tensor1d([1, 2]), [2, 2]).print();  // [[1, 2], [1, 2]]
 */
export function broadcastTo<R extends Rank>(x: Tensor | TensorLike, shape: ShapeMap[R] | Shape): Tensor<R> {
  return scoped(() => {
    const $x = convert(x, 'x', 'broadcastTo');
    checkShape(shape, 'broadcastTo');
    const extra = shape.length - $x.rank;
    if (extra < 0) {
      throw new RangeError(
        `broadcastTo(): shape ${showShape(shape)} must have at least the rank ${$x.rank} of the input`,
      );
    }
    const strides = stridesOf($x.shape);
    const from = shape.map((n, i) => {
      const m = $x.shape[i - extra] ?? 1;
      if (m !== n && m !== 1) throw new RangeError(`broadcastTo(): [${$x.shape}] cannot be broadcast to [${shape}].`);
      return m === 1 ? 0 : strides[i - extra]!;
    });
    if (sameShape($x.shape, shape)) return alias($x) as Tensor<R>;
    const y = move($x, [...shape], { offset: 0, strides: from });
    return record(y, [$x], [(dy) => sumTo(dy, $x.shape)]) as unknown as Tensor<R>;
  });
}

/**
 * The elements in reverse order along some axes.
 *
 * @param axis - which; absent: all
 * @throws RangeError for an axis out of range
 * @example
 * reverse(tensor1d([1, 2, 3])).print();  // [3, 2, 1]
 */
export function reverse<T extends Tensor>(x: T | TensorLike, axis?: number | readonly number[]): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'reverse');
    const axes = normalizeAxes(axis, $x.rank, 'reverse');
    if ($x.rank === 0) return alias($x) as T;
    const strides = stridesOf($x.shape);
    let offset = 0;
    for (const a of axes) {
      offset += strides[a]! * ($x.shape[a]! - 1);
      strides[a] = -strides[a]!;
    }
    return record(move($x, $x.shape, { offset, strides }), [$x], [(dy) => reverse(dy, axes)]) as T;
  });
}

/**
 * x itself, once its shape is found to be as expected.
 *
 * @param shape - a null fits any size
 * @throws RangeError if it is not
 * @example
 * ensureShape(zeros([8, 3]), [null, 3]).shape;  // [8, 3]
 */
export function ensureShape<T extends Tensor>(x: T | TensorLike, shape: readonly (number | null)[]): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'ensureShape');
    if ($x.rank !== shape.length || shape.some((n, i) => n !== null && n !== $x.shape[i])) {
      throw new RangeError(`EnsureShape: Shape of tensor ${$x.shape} is not compatible with expected shape ${shape}`);
    }
    return $x;
  }) as T;
}

/**
 * A tensor of zeros with x on its diagonal: of x's shape twice over.
 *
 * @param x - of any shape and dtype
 * @example
 * diag(tensor1d([1, 2])).print();  // [[1, 0], [0, 2]]
 */
export function diag(x: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', 'diag');
    const n = $x.size;
    const y = place(reshape($x, [n]), [n, n], { offset: 0, strides: [n + 1] });
    return reshape(y, [...$x.shape, ...$x.shape]);
  });
}
