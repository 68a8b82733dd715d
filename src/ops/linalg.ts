// Matrices by their structure: bands and orthogonal bases. Made of ops, so gradients follow.

import { convert, convertArray, type TensorLike } from '../convert.js';
import { showShape } from '../shape.js';
import { Tensor, type Tensor1D, type Tensor2D } from '../tensor.js';
import { div, minimum, mul, sub } from './arithmetic.js';
import { eye, range, scalar } from './creation.js';
import { asFloat, scoped } from './dispatch.js';
import { concat, stack } from './joining.js';
import { zerosLike } from './like.js';
import { greater, greaterEqual, less, lessEqual, logicalAnd, where } from './logical.js';
import { neg } from './math.js';
import { matMul } from './matmul.js';
import { norm, sum } from './reduction.js';
import { slice, unstack } from './slicing.js';
import { reshape } from './transform.js';

/** The width of a band: a whole number up to n; below 0 means all. */
function bandWidth(given: number | Tensor, n: number, name: string, lines: string): Tensor {
  if (typeof given === 'number') {
    if (!Number.isInteger(given)) throw new RangeError(`bandPart(): ${name} must be an integer, got ${given}.`);
    if (given > n) {
      throw new RangeError(`bandPart(): ${name} (${given}) must not be greater than the number of ${lines} (${n}).`);
    }
    return scalar(given < 0 ? n : given, 'int32');
  }
  if (!(given instanceof Tensor) || given.dtype !== 'int32') {
    throw new TypeError(`bandPart(): ${name}'s dtype must be an int32.`);
  }
  const all = scalar(n, 'int32');
  return where(less(given, 0), all, minimum(given, all));
}

/**
 * The innermost matrices with zeros outside a band around the diagonal.
 *
 * @param a - [..., m, n]
 * @param numLower - how many diagonals stay below the main one; negative: all
 * @param numUpper - how many stay above; negative: all
 * @throws RangeError for a rank below 2 or a wider band than the matrix
 * @example
 * linalg.bandPart(tensor2d([[1, 2], [3, 4]]), 0, -1).print();  // [[1, 2], [0, 4]]
 */
export function bandPart<T extends Tensor>(a: T | TensorLike, numLower: number | Tensor, numUpper: number | Tensor): T {
  return scoped(() => {
    const $a = convert(a, 'a', 'bandPart');
    if ($a.rank < 2) throw new RangeError(`bandPart(): Rank must be at least 2, got ${$a.rank}.`);
    const [m, n] = $a.shape.slice(-2) as [number, number];
    const lower = bandWidth(numLower, m, 'numLower', 'rows');
    const upper = bandWidth(numUpper, n, 'numUpper', 'columns');
    const below = sub(reshape(range(0, m, 1, 'int32'), [-1, 1]), range(0, n, 1, 'int32'));
    return where(logicalAnd(lessEqual(below, lower), greaterEqual(below, neg(upper))), $a, zerosLike($a));
  }) as T;
}

/**
 * Orthonormal vectors that span the same spaces as the first one, two, … of the given ones, by the Gram-Schmidt process.
 *
 * @param xs - vectors, or the rows of a matrix; no more than they have elements
 * @returns an array of vectors or a matrix, as given
 * @throws RangeError for none, different lengths, or too many
 * @example
 * linalg.gramSchmidt(tensor2d([[3, 0], [1, 1]])).print();  // [[1, 0], [0, 1]]
 */
export function gramSchmidt<T extends Tensor1D[] | Tensor2D>(xs: T): T {
  return scoped((): Tensor | Tensor[] => {
    const rows = Array.isArray(xs) ? convertArray(xs, 'xs', 'gramSchmidt') : unstack(convert(xs, 'xs', 'gramSchmidt'));
    if (rows.length === 0) {
      throw new RangeError('Gram-Schmidt process: input must not be null, undefined, or empty');
    }
    const n = rows[0]!.size;
    for (const row of rows) {
      if (row.rank !== 1 || row.size !== n) {
        throw new RangeError(`Gram-Schmidt: Non-unique lengths found in the input vectors: (${row.shape} vs. ${n})`);
      }
    }
    if (rows.length > n) {
      throw new RangeError(`Gram-Schmidt: Number of vectors (${rows.length}) exceeds number of dimensions (${n}).`);
    }
    const basis: Tensor[] = [];
    for (const row of rows) {
      let y = row;
      for (const e of basis) y = sub(y, mul(sum(mul(e, y)), e));
      basis.push(div(y, norm(y)));
    }
    return Array.isArray(xs) ? basis : stack(basis);
  }) as T;
}

/** One matrix x = q · r, by Householder reflections. */
function qr2d(x: Tensor, fullMatrices: boolean): [Tensor, Tensor] {
  const [m, n] = x.shape as [number, number];
  let q: Tensor = eye(m, m, null, x.dtype);
  let r = x;
  for (let j = 0; j < Math.min(m, n); j++) {
    // H = I − τ · w · wᵀ makes zeros of what stands below r[j, j].
    const column = slice(r, [j, j], [m - j, 1]);
    const length = norm(column);
    const top = slice(r, [j, j], [1, 1]);
    const sign = where(greater(top, 0), scalar(-1, x.dtype), scalar(1, x.dtype));
    const u = sub(top, mul(sign, length));
    const w = concat([scalarMatrix(x), div(slice(column, [1, 0]), u)], 0);
    const tau = neg(div(mul(sign, u), length));
    const scaled = mul(tau, w);
    const lower = slice(r, [j, 0]);
    r = concat([slice(r, [0, 0], [j, n]), sub(lower, matMul(scaled, matMul(w, lower, true)))], 0);
    const right = slice(q, [0, j]);
    q = concat([slice(q, [0, 0], [m, j]), sub(right, matMul(matMul(right, w), scaled, false, true))], 1);
  }
  return !fullMatrices && m > n ? [slice(q, [0, 0], [m, n]), slice(r, [0, 0], [n, n])] : [q, r];
}

const scalarMatrix = (x: Tensor): Tensor => eye(1, 1, null, x.dtype);

/**
 * The QR decomposition x = q · r of the innermost matrices: q's columns are orthonormal, r is upper triangular.
 *
 * @param x - [..., m, n]
 * @param fullMatrices - whether q is [..., m, m] and r [..., m, n]; else, for m above n, [..., m, n] and [..., n, n]
 * @throws RangeError for a rank below 2
 * @example
 * const [q, r] = linalg.qr(tensor2d([[3, 0], [4, 5]]));
 * r.print();  // [[-5, -4], [0, -3]]
 * matMul(q, r).print();  // [[3, 0], [4, 5]]
 */
export function qr(x: Tensor | TensorLike, fullMatrices = false): [Tensor, Tensor] {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'qr'));
    if ($x.rank < 2) {
      throw new RangeError(
        `qr() requires input tensor to have a rank >= 2, but got rank ${$x.rank}, ${showShape($x.shape)}`,
      );
    }
    const batch = $x.shape.slice(0, -2);
    const parts = unstack(reshape($x, [-1, ...$x.shape.slice(-2)])).map((matrix) => qr2d(matrix, fullMatrices));
    return [0, 1].map((i) => {
      const all = stack(parts.map((part) => part[i]!));
      return reshape(all, [...batch, ...all.shape.slice(1)]);
    });
  }) as [Tensor, Tensor];
}
