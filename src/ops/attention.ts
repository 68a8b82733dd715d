// Attention (Vaswani et al. 2017): means of values, weighted by how well their keys go with a query.

import { checkFinite } from '../check.js';
import { convert, convertBool, convertPair, type TensorLike } from '../convert.js';
import { upcastType } from '../dtype.js';
import { broadcastShapes, sameShape, showShape } from '../shape.js';
import type { Tensor, Tensor4D } from '../tensor.js';
import { add, mul } from './arithmetic.js';
import { range } from './creation.js';
import { asFloat, castTo, scoped } from './dispatch.js';
import { greaterEqual, logicalAnd, where } from './logical.js';
import { matMul } from './matmul.js';
import { softmax } from './softmax.js';
import { expandDims, reshape, transpose } from './transform.js';

/** Keras's score of what must not be attended to. Where a query may attend to nothing, all have it and count the same. */
const MASKED = -1e9;

/** @internal Which of `keys` steps each of `queries` steps may attend to when none may see what comes after it. */
export const causalMask = (queries: number, keys: number): Tensor =>
  scoped(() => greaterEqual(expandDims(range(0, queries), 1), range(0, keys)));

/** @internal Both masks, or the one that there is. */
export const bothMasks = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined =>
  a && b ? logicalAnd(a, b) : (a ?? b);

/**
 * @internal softmax of scores over their last axis, but for those that a mask leaves out.
 * @throws RangeError if the mask does not broadcast to the scores
 */
export function attentionWeights(scores: Tensor, mask: Tensor | undefined, op: string): Tensor {
  if (!mask) return softmax(scores);
  if (!sameShape(broadcastShapes(mask.shape, scores.shape, op), scores.shape)) {
    throw new RangeError(
      `${op}: a mask must broadcast to the scores' shape ${showShape(scores.shape)}, got ${showShape(mask.shape)}`,
    );
  }
  return scoped(() => softmax(where(mask, scores, MASKED)));
}

/** What {@link dotProductAttention} takes. */
export interface DotProductAttentionOptions {
  /** Is added to the scores: what broadcasts to [batch, heads, queries, keys]. */
  bias?: Tensor | TensorLike;
  /** Which keys each query may attend to: booleans that broadcast to [batch, heads, queries, keys]. */
  mask?: Tensor | TensorLike;
  /** Times this are the scores; 1 / √size if absent. */
  scale?: number;
  /** Whether no query may attend to keys after it; false if absent. */
  isCausal?: boolean;
}

/**
 * softmax(query · keyᵀ · scale + bias) · value, in each head by itself (Vaswani et al. 2017). A query that may attend to no
 * key gets the mean of all values, as in Keras.
 *
 * @param query - [batch, queries, heads, size]
 * @param key - [batch, keys, heads, size]; with fewer heads that divide those of the query each serves as many in a row
 * @param value - [batch, keys, heads, valueSize], with the key's heads
 * @returns floats of shape [batch, queries, heads, valueSize]
 * @throws RangeError for shapes that do not fit
 * @example
 * const [key, value] = [tensor4d([1, 0, 0, 1], [1, 2, 1, 2]), tensor4d([1, 3], [1, 2, 1, 1])];
 * dotProductAttention(tensor4d([0, 0], [1, 1, 1, 2]), key, value).flatten().print();  // [2]
 * dotProductAttention(key, key, value, { isCausal: true, scale: 0 }).flatten().print();  // [1, 2]
 * @see Keras, keras.ops.dot_product_attention
 */
export function dotProductAttention(
  query: Tensor | TensorLike,
  key: Tensor | TensorLike,
  value: Tensor | TensorLike,
  { bias, mask, scale, isCausal = false }: DotProductAttentionOptions = {},
): Tensor4D {
  const op = 'dotProductAttention';
  return scoped(() => {
    const $query = asFloat(convert(query, 'query', op));
    const rest = [
      convertPair($query, key, op, ['query', 'key'])[1],
      convertPair($query, value, op, ['query', 'value'])[1],
    ];
    const dtype = rest.reduce((widest, x) => upcastType(widest, x.dtype), $query.dtype);
    const [q, k, v] = [$query, ...rest].map((x) => castTo(x, dtype)) as [Tensor, Tensor, Tensor];
    const [batch, , heads, size] = q.shape;
    const [, keys, few] = k.shape as [number, number, number];
    const fits =
      [q, k, v].every((x) => x.rank === 4 && x.shape[0] === batch) &&
      sameShape(v.shape.slice(1, 3), [keys, few]) &&
      heads! % few === 0 &&
      k.shape[3] === size;
    if (!fits) {
      const shapes = [q, k, v].map(({ shape }) => showShape(shape)).join(', ');
      throw new RangeError(
        `${op}: needs [batch, queries, heads, size], [batch, keys, heads, size] and [batch, keys, heads, valueSize], got ${shapes}`,
      );
    }
    if (scale !== undefined) checkFinite(scale, 'scale', op);
    const byHead = (x: Tensor): Tensor => transpose(x, [0, 2, 1, 3]);
    const factor = scale ?? 1 / Math.sqrt(size!);
    /** [batch, heads, ...] as [batch, heads of keys, heads of queries that share one, ...]. */
    const shared = (x: Tensor): Tensor => reshape(x, [batch!, few, -1, ...x.shape.slice(2)]);
    const all = (x: Tensor): Tensor => reshape(x, [batch!, heads!, ...x.shape.slice(3)]);
    const products = all(matMul(shared(byHead(mul(q, factor))), shared(byHead(k)), false, true));
    const scores: Tensor = bias === undefined ? products : add(products, castTo(convert(bias, 'bias', op), dtype));
    const given = mask === undefined ? undefined : convertBool(mask, 'mask', op);
    const allowed = bothMasks(given, isCausal ? causalMask(q.shape[1]!, k.shape[1]!) : undefined);
    return byHead(all(matMul(shared(attentionWeights(scores, allowed, op)), shared(byHead(v)))));
  }) as Tensor4D;
}
