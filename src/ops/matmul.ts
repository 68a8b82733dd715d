// Products of matrices and vectors. Each element of a product is one sum in order of k, multiply then add,
// in the operands' own precision: bit for bit what the naive loop gives, whatever the blocking.

import { convertPair, type TensorLike } from '../convert.js';
import { type NumericType, upcastType } from '../dtype.js';
import { allocate, release } from '../memory.js';
import { broadcastShapes, sameShape, showShape, sizeOf } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { parts } from '../wasm/crew.js';
import { kernels } from '../wasm/kernels.js';
import { castTo, scoped, sumTo } from './dispatch.js';
import { broadcastTo, reshape } from './transform.js';

/** The product of two tensors' last two axes; leading axes broadcast. Same dtype, at least rank 2. */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  const [m, k] = transposeA ? [a.shape.at(-1)!, a.shape.at(-2)!] : [a.shape.at(-2)!, a.shape.at(-1)!];
  const [kb, n] = transposeB ? [b.shape.at(-1)!, b.shape.at(-2)!] : [b.shape.at(-2)!, b.shape.at(-1)!];
  if (k !== kb) {
    throw new RangeError(
      `Error in matMul: inner shapes (${k}) and (${kb}) of Tensors with shapes ${showShape(a.shape)} and ${showShape(b.shape)} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
    );
  }
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = broadcastShapes(batchA, batchB, 'matMul');
  // The kernel steps through an operand's batches in order or not at all; other patterns are spelled out.
  const whole = (x: Tensor, own: number[]) =>
    sizeOf(own) === 1 || sameShape(own, batch) ? x : broadcastTo(x, [...batch, ...x.shape.slice(-2)]);
  const [x, y] = [whole(a, batchA), whole(b, batchB)];
  const z = empty([...batch, m, n], a.dtype);
  if (z.size === 0) return z;
  // Batches of rows against one matrix are one tall product, for which it is packed once.
  const batches = sizeOf(batch);
  const tall = !transposeA && y.size === k * n && x.size === batches * m * k;
  const [rows, count] = tall ? [m * batches, 1] : [m, batches];
  const { matMul, matMulScratch } = kernels[a.dtype as NumericType];
  // Each thread packs what it needs.
  const bytes = parts() * matMulScratch(rows, n, k, +transposeA, +transposeB);
  const scratch = bytes > 0 ? allocate(bytes, 'the packed operands of a matrix product') : 0;
  matMul(
    x.storage.address,
    y.storage.address,
    z.storage.address,
    scratch,
    rows,
    n,
    k,
    +transposeA,
    +transposeB,
    count,
    x.size > m * k ? m * k : 0,
    y.size > k * n ? k * n : 0,
  );
  if (bytes > 0) release(scratch, bytes);
  return z;
}

/**
 * The matrix product over the last two axes; leading axes are batches and broadcast.
 *
 * @param a - [..., m, k], or [..., k, m] if transposeA
 * @param b - [..., k, n], or [..., n, k] if transposeB
 * @returns [..., m, n]
 * @throws RangeError if the inner sizes differ or the batches do not broadcast
 * @example
 * matMul(tensor2d([[1, 2]]), tensor2d([[3], [4]])).print();  // [[11]]
 */
export function matMul<T extends Tensor>(
  a: Tensor | TensorLike,
  b: Tensor | TensorLike,
  transposeA = false,
  transposeB = false,
): T {
  return scoped(() => {
    const [a0, b0] = convertPair(a, b, 'matMul');
    const dtype = upcastType(upcastType(a0.dtype, b0.dtype), 'int32');
    const [$a, $b] = [castTo(a0, dtype), castTo(b0, dtype)];
    if ($a.rank < 2 || $b.rank < 2) {
      throw new RangeError(`Error in matMul: inputs must have at least rank 2, got ranks ${$a.rank} and ${$b.rank}.`);
    }
    return record(
      product($a, $b, transposeA, transposeB),
      [$a, $b],
      [
        (dy) => sumTo(transposeA ? matMul($b, dy, transposeB, true) : matMul(dy, $b, false, !transposeB), $a.shape),
        (dy) => sumTo(transposeB ? matMul(dy, $a, true, transposeA) : matMul($a, dy, !transposeA, false), $b.shape),
      ],
      [$a, $b],
    );
  }) as T;
}

/**
 * The dot product of vectors, or the matrix product of what a vector and a matrix, or two matrices, are.
 *
 * @throws RangeError for other ranks, or if inner sizes differ
 * @example
 * dot(tensor1d([1, 2]), tensor1d([3, 4])).print();  // 11
 * dot(tensor2d([[1, 2], [3, 4]]), tensor1d([1, 1])).print();  // [3, 7]
 */
export function dot(t1: Tensor | TensorLike, t2: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const [a, b] = convertPair(t1, t2, 'dot');
    if (![1, 2].includes(a.rank) || ![1, 2].includes(b.rank)) {
      throw new RangeError(`Error in dot: inputs must all be rank 1 or 2, but got ranks ${a.rank} and ${b.rank}.`);
    }
    const [inner, outer] = [a.shape.at(-1)!, b.shape[0]!];
    if (inner !== outer) {
      throw new RangeError(`Error in dot: inner dimensions of inputs must match, but got ${inner} and ${outer}.`);
    }
    const y: Tensor = matMul(a.rank === 1 ? reshape(a, [1, -1]) : a, b.rank === 1 ? reshape(b, [-1, 1]) : b);
    return reshape(y, [...a.shape.slice(0, -1), ...b.shape.slice(1)]);
  });
}

/**
 * The matrix of all products of an element of v1 and one of v2: [v1.size, v2.size].
 *
 * @throws RangeError unless both are vectors
 * @example
 * outerProduct(tensor1d([1, 2]), tensor1d([3, 4])).print();  // [[3, 4], [6, 8]]
 */
export function outerProduct(v1: Tensor | TensorLike, v2: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const [a, b] = convertPair(v1, v2, 'outerProduct');
    if (a.rank !== 1 || b.rank !== 1) {
      throw new RangeError(`Error in outerProduct: inputs must be rank 1, but got ranks ${a.rank} and ${b.rank}.`);
    }
    return matMul(reshape(a, [-1, 1]), reshape(b, [1, -1]));
  });
}
