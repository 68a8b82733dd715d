// How often each class occurs.

import { convert, type TensorLike } from '../convert.js';
import { checkShape } from '../shape.js';
import type { Tensor, Tensor1D, Tensor2D } from '../tensor.js';
import { add, minimum, mul } from './arithmetic.js';
import { ones, range, scalar } from './creation.js';
import { castTo, scoped } from './dispatch.js';
import { unsortedSegmentSum } from './gather.js';
import { checkIndices } from './indices.js';
import { notEqual } from './logical.js';
import { slice } from './slicing.js';
import { reshape } from './transform.js';

/** The weight in each bin for each row of x. Numbers from `size` on are not counted. */
function countRows(x: Tensor, weights: Tensor, size: number, op: string): Tensor {
  if (x.dtype !== 'int32') throw new TypeError(`Error in ${op}: input dtype must be int32, but got ${x.dtype}`);
  if (!(size >= 0)) throw new RangeError(`${op}: size must be non-negative, but got ${size}.`);
  checkShape([size], op);
  if (weights.size !== x.size && weights.size !== 0) {
    throw new RangeError(
      `Error in ${op}: weights must have the same size as input or 0-length, but got input shape: ${x.shape}, weights shape: ${weights.shape}.`,
    );
  }
  checkIndices(x, 2 ** 31 - 1, op);
  const rows = x.rank === 2 ? x.shape[0]! : 1;
  // One bin more takes what is not counted; a row's bins follow those of the row before.
  const bins = minimum(reshape(x, [rows, -1]), scalar(size, 'int32'));
  const begin = mul(reshape(range(0, rows, 1, 'int32'), [-1, 1]), scalar(size + 1, 'int32'));
  const places = reshape(add(bins, begin), [-1]);
  const amounts = weights.size > 0 ? reshape(weights, [-1]) : ones([x.size], weights.dtype);
  const totals = reshape(unsortedSegmentSum(amounts, places, rows * (size + 1)), [rows, size + 1]);
  return slice(totals, [0, 0], [rows, size]);
}

/**
 * The number, or the weight, of the elements that equal 0, 1, … size − 1.
 *
 * @param x - int32 from 0 up; numbers from `size` on are not counted
 * @param weights - of x's size, or empty: each counts 1
 * @returns a vector of `size` numbers of the weights' dtype
 * @throws TypeError unless x is int32, RangeError for a negative number
 * @example
 * bincount(tensor1d([1, 1, 3], 'int32'), [], 4).print();  // [0, 2, 0, 1]
 */
export function bincount(x: Tensor | TensorLike, weights: Tensor | TensorLike, size: number): Tensor1D {
  return scoped(() => {
    const $x = convert(x, 'x', 'bincount', 'int32');
    return reshape(countRows(reshape($x, [-1]), convert(weights, 'weights', 'bincount'), size, 'bincount'), [size]);
  }) as Tensor1D;
}

/**
 * {@link bincount} of a vector or of each row of a matrix.
 *
 * @param binaryOutput - 1 for what occurs, instead of how often
 * @throws RangeError for a rank above 2
 * @example
 * denseBincount(tensor2d([[1, 1], [0, 2]], [2, 2], 'int32'), [], 3).print();  // [[0, 2, 0], [1, 0, 1]]
 */
export function denseBincount<T extends Tensor1D | Tensor2D>(
  x: T | TensorLike,
  weights: T | TensorLike,
  size: number,
  binaryOutput = false,
): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'denseBincount', 'int32');
    if ($x.rank > 2) {
      throw new RangeError(`Error in denseBincount: input must be at most rank 2, but got rank ${$x.rank}.`);
    }
    const $weights = convert(weights, 'weights', 'denseBincount');
    const none = binaryOutput ? ones([0], $weights.dtype) : $weights;
    const counts = countRows($x, none, size, 'denseBincount');
    const y = binaryOutput ? castTo(notEqual(counts, 0), $weights.dtype) : counts;
    return $x.rank === 2 ? y : reshape(y, [size]);
  }) as unknown as T;
}
