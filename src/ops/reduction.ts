// Sums, extremes and the like over any axes. A kernel reduces the middle axis of [outer, n, inner];
// axes that are not neighbours are first brought together by a transpose.

import { convert, type TensorLike } from '../convert.js';
import { type DataType, isFloat, sumType } from '../dtype.js';
import { normalizeAxes, normalizeAxis, reducedShape, sizeOf, stridesOf } from '../shape.js';
import { record } from '../tape.js';
import { empty, share, type Tensor } from '../tensor.js';
import { compare } from '../wasm/kernels.js';
import { add, div, mul, pow, sub } from './arithmetic.js';
import { type AnyKernel, asFloat, asNumeric, castTo, kernel, scoped } from './dispatch.js';
import { equal } from './logical.js';
import { abs, exp, log, sqrt, square } from './math.js';
import { move } from './move.js';
import { broadcastTo, reshape, transpose } from './transform.js';

type Axis = number | readonly number[] | null;

/** y = kernel over `axes` of x, without a gradient; y has the kept axes only. */
function reduce(name: AnyKernel, x: Tensor, axes: readonly number[], dtype: DataType, ...scalars: number[]): Tensor {
  const y = empty(reducedShape(x.shape, axes, false), dtype);
  let source = x;
  let [outer, n, inner] = [1, 1, 1];
  // The reduced axes are neighbours, but for axes of size 1, if none comes after a kept one that comes after them.
  let together = true;
  let last = -1;
  let behind = false;
  for (let i = 0; i < x.rank; i++) {
    const size = x.shape[i]!;
    if (size === 1) continue;
    if (axes.includes(i)) {
      if (behind) together = false;
      n *= size;
      last = i;
    } else if (last < 0) {
      outer *= size;
    } else {
      inner *= size;
      behind = true;
    }
  }
  if (!together) {
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const order = [...kept, ...axes];
    const strides = stridesOf(x.shape);
    source = move(
      x,
      order.map((a) => x.shape[a]!),
      { offset: 0, strides: order.map((a) => strides[a]!) },
    );
    outer = y.size;
    n = sizeOf(axes.map((a) => x.shape[a]!));
    inner = 1;
  }
  // Axes are kept behind the reduced ones: such sums go in order, as in a bias gradient, even where there is one column.
  const inOrder = name === 'sum' && inner === 1 && together && last < x.rank - 1 && isFloat(x.dtype);
  if (y.size > 0) {
    kernel(inOrder ? 'sumColumns' : name, x.dtype)(
      source.storage.address,
      y.storage.address,
      outer,
      n,
      inner,
      ...scalars,
    );
  }
  return y;
}

/** y with the reduced axes at size 1, so that it broadcasts against x. */
const keepAxes = (y: Tensor, x: Tensor, axes: readonly number[]): Tensor =>
  reshape(y, reducedShape(x.shape, axes, true));

const finish = (y: Tensor, x: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  keepDims ? (share(y, reducedShape(x.shape, axes, true)) as Tensor) : y;

/** Refuses to reduce nothing where that has no meaning. */
function needElements(x: Tensor, axes: readonly number[], op: string): void {
  if (axes.some((a) => x.shape[a] === 0)) {
    throw new RangeError(`${op}: needs at least one element along each reduced axis, got shape [${x.shape}]`);
  }
}

/**
 * The sum of the elements over some axes; booleans are counted.
 *
 * @param x - numbers of any shape
 * @param axis - which axes; absent: all
 * @param keepDims - keep them at size 1
 * @throws RangeError for an axis out of range
 * @example
 * sum(tensor2d([[1, 2], [3, 4]]), 0).print();  // [4, 6]
 */
export function sum<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'sum'));
    const axes = normalizeAxes(axis, $x.rank, 'sum');
    const y = finish(reduce('sum', $x, axes, sumType($x.dtype)), $x, axes, keepDims);
    return record(y, [$x], [(dy) => broadcastTo(keepAxes(dy, $x, axes), $x.shape)], []);
  }) as T;
}

/**
 * The mean of the elements over some axes, as a float.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError for an axis out of range
 * @example
 * mean(tensor2d([[1, 2], [3, 4]])).print();  // 2.5
 */
export function mean<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'mean'));
    const axes = normalizeAxes(axis, $x.rank, 'mean');
    return div(sum($x, axes, keepDims), sizeOf(axes.map((a) => $x.shape[a]!)));
  }) as T;
}

/**
 * The product of the elements over some axes. The gradient is right where elements are 0, the second derivative NaN.
 *
 * @param x - numbers of any shape
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError for an axis out of range
 * @example
 * prod(tensor1d([2, 3, 4])).print();  // 24
 */
export function prod<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'prod'));
    const axes = normalizeAxes(axis, $x.rank, 'prod');
    const y = finish(reduce('prod', $x, axes, $x.dtype), $x, axes, keepDims);
    return record(y, [$x], [(dy) => mul(keepAxes(dy, $x, axes), productOfOthers($x, axes))]);
  }) as T;
}

/** For each element, the product of all others that are reduced with it; right where some are zero, too. */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const moved = transpose(x, order);
  const rows = reshape(
    moved,
    [kept, axes].map((some) => sizeOf(some.map((a) => x.shape[a]!))),
  );
  const others = mul(cumprod(rows, 1, true), cumprod(rows, 1, true, true));
  return transpose(
    reshape(others, moved.shape),
    order.map((_, i) => order.indexOf(i)),
  );
}

/** An extreme over some axes: its gradient goes to every element that equals it. */
function extreme(name: 'max' | 'min', x: Tensor | TensorLike, axis: Axis, keepDims: boolean): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', name);
    const axes = normalizeAxes(axis, $x.rank, name);
    needElements($x, axes, name);
    const numeric = asNumeric($x);
    const y = finish(castTo(reduce(compare.op(name), numeric, axes, numeric.dtype), $x.dtype), $x, axes, keepDims);
    return record(y, [$x], [(dy) => mul(keepAxes(dy, $x, axes), castTo(equal($x, keepAxes(y, $x, axes)), dy.dtype))]);
  });
}

/**
 * The greatest element over some axes; NaN where there is one.
 *
 * @param x - of any shape and dtype, which stays
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError where there is no element to choose from
 * @example
 * max(tensor2d([[1, 4], [3, 2]]), 1).print();  // [4, 3]
 */
export function max<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return extreme('max', x, axis, keepDims) as T;
}

/**
 * The least element over some axes; NaN where there is one.
 *
 * @param x - of any shape and dtype, which stays
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError where there is no element to choose from
 * @example
 * min(tensor2d([[1, 4], [3, 2]]), 1).print();  // [1, 2]
 */
export function min<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return extreme('min', x, axis, keepDims) as T;
}

function search(name: 'any' | 'all', x: Tensor | TensorLike, axis: Axis, keepDims: boolean): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', name, 'bool');
    if ($x.dtype !== 'bool') {
      throw new TypeError(`Argument 'x' passed to '${name}' must be bool tensor, but got ${$x.dtype} tensor`);
    }
    const axes = normalizeAxes(axis, $x.rank, name);
    return finish(reduce(compare.op(name), $x, axes, 'bool'), $x, axes, keepDims);
  });
}

/**
 * Whether any element over some axes is true.
 *
 * @param x - booleans of any shape
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws TypeError for another dtype, RangeError for an axis out of range
 * @example
 * any(tensor1d([false, true])).print();  // true
 */
export function any<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return search('any', x, axis, keepDims) as T;
}

/**
 * Whether all elements over some axes are true.
 *
 * @param x - booleans of any shape
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws TypeError for another dtype, RangeError for an axis out of range
 * @example
 * all(tensor1d([false, true])).print();  // false
 */
export function all<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return search('all', x, axis, keepDims) as T;
}

function position(name: 'argMax' | 'argMin', x: Tensor | TensorLike, axis: number): Tensor {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', name));
    const axes = $x.rank === 0 ? [] : [normalizeAxis(axis ?? 0, $x.rank, name)];
    needElements($x, axes, name);
    return reduce(compare.op(name), $x, axes, 'int32');
  });
}

/**
 * The position of the greatest element along an axis, the first of equals, as int32.
 *
 * @param x - of any shape and dtype
 * @param axis - absent: the first
 * @returns int32 of the shape without the axis
 * @throws RangeError for an axis out of range or without elements
 * @example
 * argMax(tensor2d([[1, 4], [3, 2]]), 1).print();  // [1, 0]
 */
export function argMax<T extends Tensor>(x: Tensor | TensorLike, axis = 0): T {
  return position('argMax', x, axis) as T;
}

/**
 * The position of the least element along an axis, the first of equals, as int32.
 *
 * @param x - of any shape and dtype
 * @param axis - absent: the first
 * @returns int32 of the shape without the axis
 * @throws RangeError for an axis out of range or without elements
 * @example
 * argMin(tensor2d([[1, 4], [3, 2]]), 1).print();  // [0, 1]
 */
export function argMin<T extends Tensor>(x: Tensor | TensorLike, axis = 0): T {
  return position('argMin', x, axis) as T;
}

function scan(name: 'cumsum' | 'cumprod', x: Tensor, axis: number, exclusive: boolean, reverse: boolean): Tensor {
  const y = empty(x.shape, x.dtype);
  const [outer, n, inner] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis] ?? 1, sizeOf(x.shape.slice(axis + 1))];
  if (y.size > 0) {
    kernel(name, x.dtype)(x.storage.address, y.storage.address, outer, n, inner, +exclusive, +reverse);
  }
  return y;
}

/**
 * Running sums along an axis.
 *
 * @param x - numbers of any shape; bool is cast to int32
 * @param axis - absent: the first
 * @param exclusive - each without its own element, so that the first is 0
 * @param reverse - from the far end
 * @throws RangeError for an axis out of range
 * @example
 * cumsum(tensor1d([1, 2, 3])).print();  // [1, 3, 6]
 */
export function cumsum<T extends Tensor>(x: Tensor | TensorLike, axis = 0, exclusive = false, reverse = false): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'cumsum'));
    const along = $x.rank === 0 ? 0 : normalizeAxis(axis, $x.rank, 'cumsum');
    const y = scan('cumsum', $x, along, exclusive, reverse);
    return record(y, [$x], [(dy) => cumsum(dy, along, exclusive, !reverse)]);
  }) as T;
}

/**
 * Running products along an axis. The gradient divides by x, so it is NaN where x is 0.
 *
 * @param x - numbers of any shape; bool is cast to int32
 * @param axis - absent: the first
 * @param exclusive - each without its own element, so that the first is 1
 * @param reverse - from the far end
 * @throws RangeError for an axis out of range
 * @example
 * cumprod(tensor1d([2, 3, 4])).print();  // [2, 6, 24]
 */
export function cumprod<T extends Tensor>(x: Tensor | TensorLike, axis = 0, exclusive = false, reverse = false): T {
  return scoped(() => {
    const $x = asNumeric(convert(x, 'x', 'cumprod'));
    const along = $x.rank === 0 ? 0 : normalizeAxis(axis, $x.rank, 'cumprod');
    const y = scan('cumprod', $x, along, exclusive, reverse);
    return record(y, [$x], [(dy) => div(cumsum(mul(dy, y), along, exclusive, !reverse), $x)]);
  }) as T;
}

/**
 * log(Σ eˣ) over some axes, without overflow.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError for an axis out of range or without elements
 * @example
 * logSumExp(tensor1d([0, 0])).print();  // 0.6931472
 */
export function logSumExp<T extends Tensor>(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'logSumExp'));
    const axes = normalizeAxes(axis, $x.rank, 'logSumExp');
    needElements($x, axes, 'logSumExp');
    const top = max($x, axes, true);
    const y = add(log(sum(exp(sub($x, top)), axes, true)), top);
    return reshape(y, reducedShape($x.shape, axes, keepDims));
  }) as T;
}

/**
 * Mean and variance (of the whole, divided by n) over some axes.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError for an axis out of range
 * @example
 * const { mean, variance } = moments(tensor1d([1, 2, 3, 4]));
 * mean.print();  // 2.5
 * variance.print();  // 1.25
 */
export function moments(
  x: Tensor | TensorLike,
  axis: Axis = null,
  keepDims = false,
): { mean: Tensor; variance: Tensor } {
  const [m, variance] = scoped(() => {
    const $x = asFloat(convert(x, 'x', 'moments'));
    const axes = normalizeAxes(axis, $x.rank, 'moments');
    const kept = mean($x, axes, true);
    return [
      reshape(kept, reducedShape($x.shape, axes, keepDims)),
      mean(square(sub($x, kept)), axes, keepDims) as Tensor,
    ];
  });
  return { mean: m!, variance: variance! };
}

/**
 * A vector or matrix norm over some axes: 'euclidean' (the default, also 'fro'), a number p for (Σ|x|ᵖ)^(1/p),
 * Infinity and -Infinity for the greatest and least |x|; over two axes 1 and Infinity are the greatest column and row sum.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param ord - the kind of norm
 * @param axis - one axis for vectors, two for matrices; absent: all elements as one vector
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws RangeError for another kind, or one that there is not over so many axes
 * @example
 * norm(tensor1d([3, 4])).print();  // 5
 */
export function norm(
  x: Tensor | TensorLike,
  ord: number | 'euclidean' | 'fro' = 'euclidean',
  axis: Axis = null,
  keepDims = false,
): Tensor {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'norm'));
    const y = normOver($x, ord, axis);
    const axes = normalizeAxes(axis, $x.rank, 'norm');
    return keepDims ? reshape(y, reducedShape($x.shape, axes, true)) : y;
  });
}

function normOver(x: Tensor, p: number | string, axis: Axis): Tensor {
  if (x.rank === 0) return abs(x);
  // All axes at once are one vector.
  if (x.rank !== 1 && axis === null) return normOver(reshape(x, [-1]), p, 0);
  if (x.rank === 1 || typeof axis === 'number' || axis?.length === 1) {
    if (p === 1) return sum(abs(x), axis);
    if (p === Infinity) return max(abs(x), axis);
    if (p === -Infinity) return min(abs(x), axis);
    if (p === 'euclidean' || p === 'fro' || p === 2) return sqrt(sum(square(x), axis));
    if (typeof p === 'number') return pow(sum(pow(abs(x), p), axis), 1 / p);
  } else if (axis?.length === 2) {
    // The first axis counts rows, the second columns, whichever comes first in the shape.
    const [rows, columns] = axis.map((a) => normalizeAxis(a, x.rank, 'norm')) as [number, number];
    if (p === 1) return max(sum(abs(x), rows, true), axis);
    if (p === Infinity) return max(sum(abs(x), columns, true), axis);
    if (p === -Infinity) return min(sum(abs(x), columns, true), axis);
    if (p === 'euclidean' || p === 'fro') return sqrt(sum(square(x), axis));
  }
  throw new RangeError(`Error in norm: invalid ord value: ${p}`);
}

/**
 * The square root of the sum of squares over some axes.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @param axis - which axes, negative ones from the end; absent: all
 * @param keepDims - whether they stay, at size 1; false if absent
 * @throws as norm does
 * @example
 * euclideanNorm(tensor2d([[3, 4], [6, 8]]), 1).print();  // [5, 10]
 */
export function euclideanNorm(x: Tensor | TensorLike, axis: Axis = null, keepDims = false): Tensor {
  return norm(x, 'euclidean', axis, keepDims);
}

/**
 * Half the sum of squares, Σ x² / 2: a penalty on large weights.
 *
 * @param x - of any shape; int32 and bool are cast to float32
 * @example
 * l2Loss(tensor1d([1, 2, 3])).print();  // 7
 * @see TensorFlow, tf.nn.l2_loss
 */
export function l2Loss<T extends Tensor>(x: Tensor | TensorLike): T {
  return scoped(() => mul(sum(square(asFloat(convert(x, 'x', 'l2Loss')))), 0.5)) as T;
}
