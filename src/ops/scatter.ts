// Slices picked and written by index tuples: each row of `indices` is [i₀, …, iₖ₋₁] and names the slice
// x[i₀, …, iₖ₋₁, :, …].

import { convert, type TensorLike } from '../convert.js';
import { checkShape, type Shape, sameShape, showShape, sizeOf, stridesOf } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { add, mul } from './arithmetic.js';
import { fill, range, scalar } from './creation.js';
import { castTo, type KernelName, kernel, scoped } from './dispatch.js';
import { gather, unsortedSegmentSum } from './gather.js';
import { checkIndices } from './indices.js';
import { zerosLike } from './like.js';
import { equal } from './logical.js';
import { unstack } from './slicing.js';
import { reshape } from './transform.js';

/** An argument that must be int32 index tuples. */
function convertTuples(indices: Tensor | TensorLike, op: string): Tensor {
  const $indices = convert(indices, 'indices', op, 'int32');
  if ($indices.rank < 1) {
    throw new RangeError(`tf.${op}() expects the indices to be rank 1 or higher, but the rank was ${$indices.rank}.`);
  }
  if ($indices.dtype !== 'int32') {
    throw new TypeError(`tf.${op}() expects the indices to be int32 type, but the dtype was ${$indices.dtype}.`);
  }
  return $indices;
}

/** Index tuples as places among the slices of `shape`, in row-major order: a vector. */
function flatIndices(indices: Tensor, shape: Shape, op: string): Tensor {
  const k = indices.shape.at(-1)!;
  const strides = stridesOf(shape.slice(0, k));
  let places: Tensor | undefined;
  unstack(reshape(indices, [-1, k]), 1).forEach((column, axis) => {
    const part: Tensor = mul(checkIndices(column, shape[axis]!, op), scalar(strides[axis]!, 'int32'));
    places = places ? add(places, part) : part;
  });
  return places!;
}

/**
 * The slices of x that index tuples name.
 *
 * @param indices - int32 of shape [..., k]: each row of k numbers indexes x's first k axes
 * @returns the shape [..., x's axes after the k-th]
 * @throws TypeError for indices that are not int32, RangeError for too long tuples or an index outside x
 * @example
 * gatherND(tensor2d([[1, 2], [3, 4]]), tensor2d([[0, 1]], [1, 2], 'int32')).print();  // [2]
 */
export function gatherND(x: Tensor | TensorLike, indices: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', 'gatherND');
    const $indices = convertTuples(indices, 'gatherND');
    if ($x.rank < 1) {
      throw new RangeError(`tf.gatherND() expects the input to be rank 1 or higher, but the rank was ${$x.rank}.`);
    }
    const k = $indices.shape.at(-1)!;
    if (k < 1 || k > $x.rank) {
      throw new RangeError(
        `gatherND: index innermost dimension length must be <= tensor rank; saw: ${k} vs. ${$x.rank}`,
      );
    }
    if ($x.size === 0) {
      throw new RangeError(`gatherND: Requested more than 0 entries, but input is empty. Input shape: ${$x.shape}.`);
    }
    const slices = reshape($x, [sizeOf($x.shape.slice(0, k)), ...$x.shape.slice(k)]);
    const picked = gather(slices, flatIndices($indices, $x.shape, 'gatherND'));
    return reshape(picked, [...$indices.shape.slice(0, -1), ...$x.shape.slice(k)]);
  });
}

/** Checks updates against the slices of `shape` that the tuples name; returns tuples that are a matrix. */
function checkUpdates(updates: Tensor, indices: Tensor, shape: Shape, op: string): Tensor {
  if (updates.rank < 1) {
    throw new RangeError(`tf.${op}() expects the updates to be rank 1 or higher, but the rank was ${updates.rank}.`);
  }
  if (shape.length < 1) {
    throw new RangeError(`${op}: Output rank must be greater or equal to 1, but got shape: ${shape}`);
  }
  // A vector of indices is a column of tuples of one.
  const tuples = indices.rank > 1 ? indices : reshape(indices, [-1, 1]);
  const k = tuples.shape.at(-1)!;
  const expected = [...tuples.shape.slice(0, -1), ...shape.slice(k)];
  if (k < 1 || k > shape.length || !sameShape(updates.shape, expected)) {
    throw new RangeError(
      `${op}: Must have updates.shape = indices.shape[:-1] + shape[${k}:], got updates.shape: ${showShape(updates.shape)}, indices.shape: ${showShape(indices.shape)}, shape: ${showShape(shape)}`,
    );
  }
  return tuples;
}

/**
 * Zeros of a shape to which slices are added at index tuples; those with the same tuple add up.
 *
 * @param indices - int32 of shape [..., k], or a vector of indices for k = 1
 * @param updates - a slice for each tuple: [..., shape's axes after the k-th]
 * @throws TypeError for indices that are not int32, RangeError if shapes do not fit or an index is outside
 * @example
 * scatterND(tensor2d([[1], [1]], [2, 1], 'int32'), tensor1d([5, 6]), [3]).print();  // [0, 11, 0]
 */
export function scatterND(indices: Tensor | TensorLike, updates: Tensor | TensorLike, shape: Shape): Tensor {
  return scoped(() => {
    checkShape(shape, 'scatterND');
    const $updates = convert(updates, 'updates', 'scatterND');
    const tuples = checkUpdates($updates, convertTuples(indices, 'scatterND'), shape, 'scatterND');
    const k = tuples.shape.at(-1)!;
    const places = flatIndices(tuples, shape, 'scatterND');
    const slices = reshape($updates, [places.size, ...shape.slice(k)]);
    const sums = unsortedSegmentSum(slices, places, sizeOf(shape.slice(0, k)));
    return castTo(reshape(sums, shape), $updates.dtype);
  });
}

/** x of [n, inner] with some rows replaced: y[places[j]] = rows[j]; of equal places the last stays. */
function replaceRows(x: Tensor, places: Tensor, rows: Tensor): Tensor {
  const [n, inner] = x.shape as [number, number];
  const y = empty(x.shape, x.dtype);
  kernel('scatter' as KernelName, x.dtype)(
    x.storage.address,
    places.storage.address,
    rows.storage.address,
    y.storage.address,
    n,
    inner,
    places.size,
  );
  const dRows = (dy: Tensor) => {
    // A row that a later one has overwritten does not find its own number where it was written.
    const order = reshape(range(0, places.size, 1, 'int32'), [-1, 1]);
    const stays = equal(gather(replaceRows(fill([n, 1], 0, 'int32'), places, order), places), order);
    return mul(gather(dy, places), castTo(stays, dy.dtype));
  };
  return record(y, [x, rows, places], [(dy) => replaceRows(dy, places, zerosLike(rows)), dRows, null]);
}

/**
 * x with the slices that index tuples name replaced; of equal tuples the last stays.
 *
 * @param indices - int32 of shape [..., k], or a vector of indices for k = 1
 * @param updates - a slice for each tuple, of x's dtype: [..., x's axes after the k-th]
 * @throws TypeError for another dtype, RangeError if shapes do not fit or an index is outside x
 * @example
 * tensorScatterUpdate(tensor1d([1, 2, 3]), tensor2d([[1]], [1, 1], 'int32'), tensor1d([9])).print();  // [1, 9, 3]
 */
export function tensorScatterUpdate<T extends Tensor>(
  tensor: T | TensorLike,
  indices: Tensor | TensorLike,
  updates: Tensor | TensorLike,
): T {
  return scoped(() => {
    const $x = convert(tensor, 'tensor', 'tensorScatterUpdate');
    const $updates = convert(updates, 'updates', 'tensorScatterUpdate');
    const tuples = checkUpdates(
      $updates,
      convertTuples(indices, 'tensorScatterUpdate'),
      $x.shape,
      'tensorScatterUpdate',
    );
    if ($x.dtype !== $updates.dtype) {
      throw new TypeError(
        `tensorScatterUpdate: tensor and updates must have the same dtype, instead they are ${$x.dtype} and ${$updates.dtype}.`,
      );
    }
    const k = tuples.shape.at(-1)!;
    const [n, inner] = [sizeOf($x.shape.slice(0, k)), sizeOf($x.shape.slice(k))];
    const places = flatIndices(tuples, $x.shape, 'tensorScatterUpdate');
    const y = replaceRows(reshape($x, [n, inner]), places, reshape($updates, [places.size, inner]));
    return reshape(y, $x.shape);
  }) as T;
}
