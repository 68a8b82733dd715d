// Slices picked by index, and added back by index.

import { convert, type TensorLike } from '../convert.js';
import { BYTES, type DataType, elementOf } from '../dtype.js';
import { normalizeAxis, type Shape, sizeOf } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { asNumeric, type KernelName, kernel, scoped } from './dispatch.js';
import { checkIndices, convertIndices } from './indices.js';

/**
 * A row per index: onValue at the index, offValue elsewhere.
 *
 * @param indices - int32 of any shape; one outside [0, depth) gives a row of offValue
 * @param depth - the length of a row, at least 1
 * @returns the shape of indices with depth as a last axis
 * @throws TypeError for indices that are not int32, RangeError for a depth below 1
 * @example
 * oneHot(tensor1d([0, 2], 'int32'), 3).print();  // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(
  indices: Tensor | TensorLike,
  depth: number,
  onValue = 1,
  offValue = 0,
  dtype: DataType = 'int32',
): Tensor {
  if (!(Number.isInteger(depth) && depth >= 1))
    throw new RangeError(`Error in oneHot: depth must be >=1, but it is ${depth}`);
  return scoped(() => {
    const $indices = convertIndices(indices, 'indices', 'oneHot');
    const y = empty([...$indices.shape, depth], dtype);
    const call = kernel('oneHot' as KernelName, dtype);
    const [on, off] = [elementOf(onValue, dtype), elementOf(offValue, dtype)];
    call($indices.storage.address, y.storage.address, $indices.size, depth, on, off);
    return y;
  });
}

/** How a gather walks: `batches` of [outer, n, inner], each with `count` indices of its own. */
interface Walk {
  batches: number;
  outer: number;
  n: number;
  inner: number;
  count: number;
}

/** Calls a kernel on each batch's part of the source, the indices and the result. */
function eachBatch(name: 'gather' | 'scatterAdd', from: Tensor, indices: Tensor, to: Tensor, walk: Walk): void {
  const { batches, outer, n, inner, count } = walk;
  const [fromBytes, toBytes] = [(BYTES[from.dtype] * from.size) / batches, (BYTES[to.dtype] * to.size) / batches];
  for (let b = 0; b < batches; b++) {
    kernel(name as KernelName, from.dtype)(
      from.storage.address + b * fromBytes,
      indices.storage.address + b * count * BYTES.int32,
      to.storage.address + b * toBytes,
      outer,
      n,
      inner,
      count,
    );
  }
}

function pick(x: Tensor, indices: Tensor, shape: Shape, walk: Walk): Tensor {
  const y = empty(shape, x.dtype);
  if (y.size > 0) eachBatch('gather', x, indices, y, walk);
  return record(y, [x, indices], [(dy) => addBack(dy, indices, x.shape, walk), null]);
}

function addBack(dy: Tensor, indices: Tensor, shape: Shape, walk: Walk): Tensor {
  const dx = empty(shape, dy.dtype);
  if (dx.size > 0) eachBatch('scatterAdd', dy, indices, dx, walk);
  return record(dx, [dy, indices], [(ddx) => pick(ddx, indices, dy.shape, walk), null]);
}

/**
 * The slices of x at `indices` along an axis.
 *
 * @param indices - int32 of any shape
 * @param batchDims - how many leading axes x and indices share: each batch picks from its own
 * @returns x's shape with the axis replaced by the shape of indices
 * @throws TypeError unless indices are int32, RangeError if one is outside the axis
 * @example
 * gather(tensor1d([10, 20, 30]), tensor1d([2, 0], 'int32')).print();  // [30, 10]
 */
export function gather<T extends Tensor>(x: T | TensorLike, indices: Tensor | TensorLike, axis = 0, batchDims = 0): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'gather');
    const given = convertIndices(indices, 'indices', 'gather');
    const along = normalizeAxis(axis, $x.rank, 'gather');
    const batch = batchDims < 0 ? batchDims + given.rank : batchDims;
    if (!(batch >= 0 && batch <= given.rank)) {
      throw new RangeError(
        `gather: Expect batchDims in the range of [-${given.rank}, ${given.rank}], but got ${batchDims}`,
      );
    }
    if (batch > along) {
      throw new RangeError(`gather: batchDims (${batchDims}) must be less than or equal to axis (${axis})`);
    }
    for (let i = 0; i < batch; i++) {
      if ($x.shape[i] !== given.shape[i]) {
        throw new RangeError(
          `gather: x.shape[${i}]: ${$x.shape[i]} should be equal to indices.shape[${i}]: ${given.shape[i]}.`,
        );
      }
    }
    const n = $x.shape[along]!;
    const after = $x.shape.slice(along + 1);
    const walk: Walk = {
      batches: sizeOf($x.shape.slice(0, batch)),
      outer: sizeOf($x.shape.slice(batch, along)),
      n,
      inner: sizeOf(after),
      count: sizeOf(given.shape.slice(batch)),
    };
    const shape = [...$x.shape.slice(0, along), ...given.shape.slice(batch), ...after];
    return pick($x, checkIndices(given, n, 'gather'), shape, walk);
  }) as T;
}

/**
 * Sums the slices of x that have the same segment number: y[s] = Σ x[i] where segmentIds[i] = s, in order of i.
 *
 * @param segmentIds - int32, one per slice along x's first axis, each below numSegments; slices with a negative one
 *   are left out
 * @throws TypeError for ids that are not int32, RangeError for another count of ids than slices or an id of numSegments
 *   or more
 * @example
 * unsortedSegmentSum(tensor1d([1, 2, 3]), tensor1d([0, 1, 0], 'int32'), 2).print();  // [4, 2]
 */
export function unsortedSegmentSum<T extends Tensor>(
  x: T | TensorLike,
  segmentIds: Tensor | TensorLike,
  numSegments: number,
): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'unsortedSegmentSum'));
    const given = convertIndices(segmentIds, 'segmentIds', 'unsortedSegmentSum');
    if (!Number.isInteger(numSegments)) throw new TypeError('unsortedSegmentSum: numSegments must be of dtype int');
    if (numSegments < 0)
      throw new RangeError(`unsortedSegmentSum: numSegments must not be negative, got ${numSegments}`);
    if (given.size !== $x.shape[0] || given.rank !== 1) {
      throw new RangeError(
        `unsortedSegmentSum: needs one segment number per slice, got [${given.shape}] for x [${$x.shape}]`,
      );
    }
    const rest = $x.shape.slice(1);
    const ids = checkIndices(given, numSegments, 'unsortedSegmentSum', -(2 ** 31));
    const walk: Walk = { batches: 1, outer: 1, n: numSegments, inner: sizeOf(rest), count: given.size };
    return addBack($x, ids, [numSegments, ...rest], walk);
  }) as T;
}
