// Parts of a tensor: slices, strided slices, equal or unequal pieces, and single rows.

import { convert, type TensorLike } from '../convert.js';
import { normalizeAxis, stridesOf, withSize } from '../shape.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { reverse } from './transform.js';
import { blockAt, window } from './window.js';

type Vector = number | readonly number[];

/** One number for each axis, the missing ones filled in. */
function perAxis(given: Vector | undefined, missing: number, rank: number, name: string): number[] {
  const numbers = given === undefined || given === null ? [] : typeof given === 'number' ? [given] : [...given];
  if (numbers.length > rank) {
    throw new RangeError(
      `Error in slice${rank}D: Length of ${name} ${given} must match the rank of the array (${rank}).`,
    );
  }
  for (const n of numbers) {
    if (!Number.isInteger(n)) throw new TypeError(`slice: ${name} must be whole numbers, got [${numbers}]`);
  }
  return [...numbers, ...new Array<number>(rank - numbers.length).fill(missing)];
}

/**
 * The block of x that begins at an index and has a size.
 *
 * @param begin - where, for each axis; missing numbers are 0
 * @param size - how many, for each axis; missing numbers are −1, which means all that follow
 * @throws RangeError for a scalar, or if the block reaches outside x
 * @example
 * slice(tensor2d([[1, 2], [3, 4]]), [1, 0], [1, 2]).print();  // [[3, 4]]
 */
export function slice<T extends Tensor>(x: T | TensorLike, begin: Vector, size?: Vector): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'slice');
    const { rank } = $x;
    if (rank === 0) throw new RangeError('slice: Slicing scalar is not possible');
    const from = perAxis(begin, 0, rank, 'begin');
    const shape = perAxis(size, -1, rank, 'size').map((n, i) => {
      if (n < -1) {
        throw new RangeError(
          `Negative size values should be exactly -1 but got ${n} for the slice() size at index ${i}.`,
        );
      }
      return n === -1 ? $x.shape[i]! - from[i]! : n;
    });
    from.forEach((b, i) => {
      if (b < 0) throw new RangeError('slice() does not support negative begin indexing.');
      if (b + shape[i]! > $x.shape[i]! || shape[i]! < 0) {
        throw new RangeError(
          `Error in slice${rank}D: begin[${i}] + size[${i}] (${b + shape[i]!}) would overflow input.shape[${i}] (${$x.shape[i]})`,
        );
      }
    });
    return window($x, shape, blockAt(from, $x.shape));
  }) as T;
}

/** An op that takes tensors of one rank only. */
function checkRank(x: Tensor | TensorLike, rank: number, op: string): Tensor {
  const $x = convert(x, 'x', op);
  if ($x.rank !== rank) throw new RangeError(`${op} expects a rank-${rank} tensor, but got a rank-${$x.rank} tensor`);
  return $x;
}

/**
 * {@link slice} of a vector.
 *
 * @throws RangeError for a tensor of another rank, or if the block reaches outside x
 * @example
 * slice1d(tensor1d([1, 2, 3, 4]), 1, 2).print();  // [2, 3]
 */
export function slice1d(x: Tensor1D | TensorLike, begin: number, size?: number): Tensor1D {
  return scoped(() => slice(checkRank(x, 1, 'slice1d'), begin, size)) as Tensor1D;
}

/**
 * {@link slice} of a matrix.
 *
 * @throws RangeError for a tensor of another rank, or if the block reaches outside x
 * @example
 * slice2d(tensor2d([[1, 2], [3, 4]]), [0, 1], [2, 1]).print();  // [[2], [4]]
 */
export function slice2d(x: Tensor2D | TensorLike, begin: readonly number[], size?: readonly number[]): Tensor2D {
  return scoped(() => slice(checkRank(x, 2, 'slice2d'), begin, size)) as Tensor2D;
}

/**
 * {@link slice} of a tensor of three axes.
 *
 * @throws RangeError for a tensor of another rank, or if the block reaches outside x
 * @example
 * slice3d(tensor3d([1, 2, 3, 4], [2, 2, 1]), [1, 0, 0], [1, 2, 1]).print();  // [[[3], [4]]]
 */
export function slice3d(x: Tensor3D | TensorLike, begin: readonly number[], size?: readonly number[]): Tensor3D {
  return scoped(() => slice(checkRank(x, 3, 'slice3d'), begin, size)) as Tensor3D;
}

/**
 * {@link slice} of a tensor of four axes.
 *
 * @throws RangeError for a tensor of another rank, or if the block reaches outside x
 * @example
 * slice4d(ones([8, 5, 5, 3]), [2, 0, 0, 0], [4, 5, 5, 1]).shape;  // [4, 5, 5, 1]
 */
export function slice4d(x: Tensor4D | TensorLike, begin: readonly number[], size?: readonly number[]): Tensor4D {
  return scoped(() => slice(checkRank(x, 4, 'slice4d'), begin, size)) as Tensor4D;
}

/**
 * The elements of a vector in reverse order.
 *
 * @throws RangeError for a tensor of another rank
 * @example
 * reverse1d(tensor1d([1, 2, 3])).print();  // [3, 2, 1]
 */
export function reverse1d(x: Tensor1D | TensorLike): Tensor1D {
  return scoped(() => reverse(checkRank(x, 1, 'reverse1d'), 0)) as Tensor1D;
}

/**
 * {@link reverse} of a matrix.
 *
 * @throws RangeError for a tensor of another rank
 * @example
 * reverse2d(tensor2d([[1, 2], [3, 4]]), 1).print();  // [[2, 1], [4, 3]]
 */
export function reverse2d(x: Tensor2D | TensorLike, axis?: Vector): Tensor2D {
  return scoped(() => reverse(checkRank(x, 2, 'reverse2d'), axis)) as Tensor2D;
}

/**
 * {@link reverse} of a tensor of three axes.
 *
 * @throws RangeError for a tensor of another rank
 * @example
 * reverse3d(tensor3d([1, 2, 3, 4], [2, 2, 1]), 0).print();  // [[[3], [4]], [[1], [2]]]
 */
export function reverse3d(x: Tensor3D | TensorLike, axis?: Vector): Tensor3D {
  return scoped(() => reverse(checkRank(x, 3, 'reverse3d'), axis)) as Tensor3D;
}

/**
 * {@link reverse} of a tensor of four axes.
 *
 * @throws RangeError for a tensor of another rank
 * @example
 * reverse4d(tensor4d([1, 2, 3, 4], [2, 2, 1, 1]), [0, 1]).flatten().print();  // [4, 3, 2, 1]
 */
export function reverse4d(x: Tensor4D | TensorLike, axis?: Vector): Tensor4D {
  return scoped(() => reverse(checkRank(x, 4, 'reverse4d'), axis)) as Tensor4D;
}

/**
 * x[begin:end:strides], as Python writes it. A mask is a whole number whose bit i speaks of entry i.
 *
 * @param begin - where each axis begins; negative counts from the end
 * @param end - before where it ends
 * @param strides - steps, which may be negative; absent: 1
 * @param beginMask - entries whose begin is ignored: from the first
 * @param endMask - entries whose end is ignored: to the last
 * @param ellipsisMask - the one entry that stands for all axes not named
 * @param newAxisMask - entries that are a new axis of size 1
 * @param shrinkAxisMask - entries that pick one index and drop the axis
 * @throws RangeError for a stride of 0, a second ellipsis, too many entries, or an index outside x
 * @example
 * stridedSlice(tensor1d([1, 2, 3, 4]), [3], [0], [-2]).print();  // [4, 2]
 */
export function stridedSlice(
  x: Tensor | TensorLike,
  begin: readonly number[],
  end: readonly number[],
  strides?: readonly number[],
  beginMask = 0,
  endMask = 0,
  ellipsisMask = 0,
  newAxisMask = 0,
  shrinkAxisMask = 0,
): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', 'stridedSlice');
    if (ellipsisMask & (ellipsisMask - 1))
      throw new RangeError('stridedSlice: Multiple ellipses in slice is not allowed.');
    for (const [name, numbers] of Object.entries({ begin, end, strides })) {
      if (numbers?.every((n) => Number.isInteger(n)) === false)
        throw new TypeError(`stridedSlice: ${name} must be whole numbers, got [${numbers}]`);
    }
    if (end.length !== begin.length) {
      throw new RangeError(`stridedSlice: end must be as long as begin, got ${end.length} and ${begin.length} numbers`);
    }
    const steps = stridesOf($x.shape);
    const shape: number[] = [];
    const along: number[] = [];
    let offset = 0;
    let axis = 0;

    const named = begin.filter((_, i) => !(((ellipsisMask | newAxisMask) >> i) & 1)).length;
    if (named > $x.rank) {
      throw new RangeError(
        `stridedSlice: Index out of range using input dim ${$x.rank}; input has only ${$x.rank} dims`,
      );
    }
    const takeWhole = (count: number) => {
      for (; count > 0; count--, axis++) {
        shape.push($x.shape[axis]!);
        along.push(steps[axis]!);
      }
    };
    for (const [i, b] of begin.entries()) {
      const is = (mask: number) => ((mask >> i) & 1) === 1;
      if (is(ellipsisMask)) {
        takeWhole($x.rank - named);
        continue;
      }
      if (is(newAxisMask)) {
        shape.push(1);
        along.push(0);
        continue;
      }
      const [n, step] = [$x.shape[axis]!, strides?.[i] ?? 1];
      if (step === 0) throw new RangeError(`stridedSlice: strides[${i}] must be non-zero`);
      const fromStart = (k: number) => (k < 0 ? k + n : k);
      if (is(shrinkAxisMask)) {
        if (step < 0) throw new RangeError('stridedSlice: only stride 1 allowed on non-range indexing.');
        const at = fromStart(b);
        if (at < 0 || at >= n)
          throw new RangeError(`stridedSlice: slice index ${b} of dimension ${axis} out of bounds.`);
        offset += at * steps[axis]!;
      } else {
        const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
        const within = (k: number) => Math.min(Math.max(fromStart(k), low), high);
        const first = is(beginMask) ? (step > 0 ? low : high) : within(b);
        const stop = is(endMask) ? (step > 0 ? high : low) : within(end[i]!);
        shape.push(Math.max(0, Math.ceil((stop - first) / step)));
        along.push(step * steps[axis]!);
        offset += first * steps[axis]!;
      }
      axis++;
    }
    takeWhole($x.rank - axis);
    return window($x, shape, { offset, strides: along });
  });
}

/** The sizes of the pieces of an axis of n. */
function pieces(numOrSizeSplits: number | readonly number[], n: number): number[] {
  if (typeof numOrSizeSplits === 'number') {
    if (!(Number.isInteger(numOrSizeSplits) && numOrSizeSplits >= 1) || n % numOrSizeSplits !== 0) {
      throw new RangeError(
        `split: Number of splits must evenly divide the axis, got ${numOrSizeSplits} for a size of ${n}.`,
      );
    }
    return new Array<number>(numOrSizeSplits).fill(n / numOrSizeSplits);
  }
  if (numOrSizeSplits.filter((size) => size === -1).length > 1) {
    throw new RangeError('split: There should be only one negative value in split array.');
  }
  const known = numOrSizeSplits.reduce((sum, size) => (size === -1 ? sum : sum + size), 0);
  const sizes = numOrSizeSplits.map((size) => (size === -1 ? n - known : size));
  if (sizes.some((size) => !(Number.isInteger(size) && size >= 0)) || sizes.reduce((a, b) => a + b, 0) !== n) {
    throw new RangeError(
      `split: The sum of sizes must match the size of the axis dimension, got [${numOrSizeSplits}] for ${n}.`,
    );
  }
  return sizes;
}

/**
 * The pieces of x along an axis.
 *
 * @param numOrSizeSplits - a number of equal pieces, or the size of each, one of which may be −1: the rest
 * @throws RangeError if the pieces do not make up the axis
 * @example
 * split(tensor1d([1, 2, 3, 4]), 2);  // [1, 2] and [3, 4]
 */
export function split<T extends Tensor>(
  x: Tensor | TensorLike,
  numOrSizeSplits: number | readonly number[],
  axis = 0,
): T[] {
  return scoped(() => {
    const $x = convert(x, 'x', 'split');
    const along = normalizeAxis(axis, $x.rank, 'split');
    const strides = stridesOf($x.shape);
    let offset = 0;
    return pieces(numOrSizeSplits, $x.shape[along]!).map((size) => {
      const piece = window($x, withSize($x.shape, along, size), { offset, strides });
      offset += size * strides[along]!;
      return piece;
    });
  }) as T[];
}

/**
 * The slices of x at each index of an axis, without the axis.
 *
 * @throws RangeError for an axis out of range
 * @example
 * unstack(tensor2d([[1, 2], [3, 4]]));  // [1, 2] and [3, 4]
 */
export function unstack(x: Tensor | TensorLike, axis = 0): Tensor[] {
  return scoped(() => {
    const $x = convert(x, 'x', 'unstack');
    if (!Number.isInteger(axis) || axis < -$x.rank || axis >= $x.rank) {
      throw new RangeError(`Axis = ${axis} is not in [-${$x.rank}, ${$x.rank})`);
    }
    const along = axis < 0 ? axis + $x.rank : axis;
    const strides = stridesOf($x.shape);
    const others = strides.filter((_, i) => i !== along);
    const shape = $x.shape.filter((_: number, i: number) => i !== along);
    return Array.from({ length: $x.shape[along]! }, (_, i) =>
      window($x, shape, { offset: i * strides[along]!, strides: others }),
    );
  });
}
