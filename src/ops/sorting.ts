// What stands out among the elements: the greatest, the different ones. Order is found in JavaScript, by
// comparisons alone; the values are then gathered, so that gradients flow to them.

import { convert, type TensorLike } from '../convert.js';
import { normalizeAxis, sameShape, sizeOf } from '../shape.js';
import { fromData, type Tensor, type Tensor1D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { gather } from './gather.js';
import { reshape, transpose } from './transform.js';

/** The positions of the k greatest of n values from `offset` on, greatest first, the first of equals first; NaN as −Infinity. */
function greatest(values: ArrayLike<number>, offset: number, n: number, k: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  const key = (i: number) => (Number.isNaN(values[offset + i]!) ? -Infinity : values[offset + i]!);
  return order.sort((i, j) => (key(i) < key(j) ? 1 : key(i) > key(j) ? -1 : i - j)).slice(0, k);
}

/**
 * The k greatest elements of each row and their positions in it, the first of equals first; NaN counts as −Infinity.
 *
 * @param x - of rank 1 or more; a row is a line of the last axis
 * @param sorted - they always are, the greatest first
 * @returns values and int32 indices, of x's shape with k as the last size
 * @throws RangeError for a scalar, or for k below 0 or above the last size
 * @example
 * topk(tensor1d([1, 3, 2]), 2);  // values [3, 2], indices [1, 2]
 */
export function topk<T extends Tensor>(
  x: T | TensorLike,
  k = 1,
  // biome-ignore lint/correctness/noUnusedFunctionParameters: TensorFlow.js's third argument
  sorted = true,
): { values: T; indices: T } {
  const [values, indices] = scoped(() => {
    const $x = convert(x, 'x', 'topk');
    if ($x.rank === 0) throw new RangeError('topk() expects the input to be of rank 1 or higher');
    const n = $x.shape.at(-1)!;
    if (!(k >= 0)) throw new RangeError(`'k' passed to topk() must be >= 0 but got ${k}`);
    if (k > n) throw new RangeError(`'k' passed to topk() must be <= the last dimension (${n}) but got ${k}`);
    const data = $x.dataSync();
    const shape = [...$x.shape.slice(0, -1), k];
    const rows = sizeOf($x.shape.slice(0, -1));
    const inRow: number[] = [];
    const inAll: number[] = [];
    for (let row = 0; row < rows; row++) {
      for (const i of greatest(data, row * n, n, k)) {
        inRow.push(i);
        inAll.push(row * n + i);
      }
    }
    const picked = gather(reshape($x, [-1]), fromData(inAll, [inAll.length], 'int32'));
    return [reshape(picked, shape), fromData(inRow, shape, 'int32')];
  });
  return { values, indices } as { values: T; indices: T };
}

/**
 * The different slices along an axis, in order of their first appearance.
 *
 * @returns values, and for each slice of x the int32 index of its equal in values
 * @throws RangeError for a scalar or an axis out of range
 * @example
 * unique(tensor1d([1, 1, 2, 4, 4]));  // values [1, 2, 4], indices [0, 0, 1, 2, 2]
 */
export function unique<T extends Tensor>(x: T | TensorLike, axis = 0): { values: T; indices: Tensor1D } {
  const [values, indices] = scoped(() => {
    const $x = convert(x, 'x', 'unique');
    if ($x.rank === 0) throw new RangeError('unique: The input tensor must be at least 1D');
    const along = normalizeAxis(axis, $x.rank, 'unique');
    const n = $x.shape[along]!;
    const order = $x.shape.map((_: number, i: number) => (i === 0 ? along : i <= along ? i - 1 : i));
    const slices = transpose($x, order).dataSync();
    const step = slices.length / Math.max(1, n);
    const numbers = new Map<string, number>();
    const first: number[] = [];
    const index = Array.from({ length: n }, (_, i) => {
      const key = slices.slice(i * step, (i + 1) * step).join();
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, first.length);
      return first.push(i) - 1;
    });
    return [gather($x, fromData(first, [first.length], 'int32'), along), fromData(index, [n], 'int32')];
  });
  return { values, indices } as { values: T; indices: Tensor1D };
}

/**
 * The elements of x that are not in y, in order, and their positions in x.
 *
 * @param x - a vector
 * @param y - a vector of the same dtype
 * @throws TypeError if dtypes differ, RangeError unless both are vectors
 * @example
 * await setdiff1dAsync([1, 2, 3, 4], [2, 4]);  // [1, 3] and [0, 2]
 */
export async function setdiff1dAsync(x: Tensor | TensorLike, y: Tensor | TensorLike): Promise<[Tensor, Tensor]> {
  return scoped(() => {
    const [$x, $y] = [convert(x, 'x', 'setdiff1d'), convert(y, 'y', 'setdiff1d')];
    if ($x.dtype !== $y.dtype) {
      throw new TypeError(`x and y should have the same dtype, but got x (${$x.dtype}) and y (${$y.dtype}).`);
    }
    if ($x.rank !== 1) throw new RangeError(`x should be 1D tensor, but got x (${$x.shape}).`);
    if ($y.rank !== 1) throw new RangeError(`y should be 1D tensor, but got y (${$y.shape}).`);
    const without = new Set<number>($y.dataSync());
    const left: number[] = [];
    $x.dataSync().forEach((v: number, i: number) => {
      if (!without.has(v)) left.push(i);
    });
    const indices = fromData(left, [left.length], 'int32');
    return [gather($x, indices), indices] as Tensor[];
  }) as [Tensor, Tensor];
}

/**
 * Whether each target is among its row's k greatest predictions.
 *
 * @param predictions - scores of rank 2 or more
 * @param targets - class numbers: the predictions' shape without its last axis
 * @returns booleans of the targets' shape
 * @throws RangeError if shapes do not fit or k is not from 1 to the last size
 * @example
 * await inTopKAsync([[0.1, 0.9], [0.8, 0.2]], [1, 1]);  // [true, false]
 */
export async function inTopKAsync<U extends Tensor>(
  predictions: Tensor | TensorLike,
  targets: U | TensorLike,
  k = 1,
): Promise<U> {
  return scoped(() => {
    const $predictions = convert(predictions, 'predictions', 'inTopK');
    const $targets = convert(targets, 'targets', 'inTopK');
    if ($predictions.rank < 2) {
      throw new RangeError(`inTopK() expects the predictions to be of rank 2 or higher, but got ${$predictions.rank}`);
    }
    if ($predictions.rank - 1 !== $targets.rank) {
      throw new RangeError(
        `predictions rank should be 1 larger than targets rank, but got predictions rank ${$predictions.rank} and targets rank ${$targets.rank}`,
      );
    }
    if (!sameShape($predictions.shape.slice(0, -1), $targets.shape)) {
      throw new RangeError(
        `predictions's shape should be align with the targets' shape, except the last dimension, got [${$predictions.shape}] and [${$targets.shape}]`,
      );
    }
    const n = $predictions.shape.at(-1)!;
    if (!(k > 0 && k <= n)) {
      throw new RangeError(
        `'k' passed to inTopK() must be > 0 && <= the predictions last dimension (${n}), but got ${k}`,
      );
    }
    const scores = $predictions.dataSync();
    const hits = Array.from($targets.dataSync(), (target: number, row: number) =>
      Number(greatest(scores, row * n, n, k).includes(target)),
    );
    return fromData(hits, $targets.shape, 'bool');
  }) as unknown as U;
}
