// Losses of a batch of embeddings, by which of them belong to one class.

import { checkFinite, checkPositive } from '../check.js';
import { convert } from '../convert.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Values } from './arguments.js';

/** A class per embedding, as a vector, and the embeddings, one per row. */
function embedded(yTrue: Values, yPred: Values, op: string): [Tensor, Tensor] {
  const p = asFloat(convert(yPred, 'yPred', op));
  const t = convert(yTrue, 'yTrue', op);
  const isColumn = t.rank === 2 && t.shape[1] === 1;
  if (p.rank !== 2 || !(t.rank === 1 || isColumn) || t.shape[0] !== p.shape[0]) {
    throw new RangeError(
      `${op}: needs a class per row of embeddings, got yTrue ${showShape(t.shape)} and yPred ${showShape(p.shape)}`,
    );
  }
  return [isColumn ? ops.reshape(t, [-1]) : t, p];
}

/** Whether row i and column j are of one class. */
const sameClass = (rows: Tensor, columns: Tensor): Tensor =>
  ops.equal(ops.expandDims(rows, 1), ops.expandDims(columns, 0));

// Lies below any exponent that counts; unlike −Infinity it leaves gradients that are numbers.
const NEVER = -1e30;

/** What {@link circle} takes. */
export interface CircleOptions {
  /** How sharply the hardest pairs stand out; 80 if absent. */
  gamma?: number;
  /** How far similarities may stay from 0 and 1; 0.4 if absent. */
  margin?: number;
  /** Classes of the embeddings to compare with; those of the batch if absent. */
  refLabels?: Values | null;
  /** Embeddings to compare with; those of the batch if absent. */
  refEmbeddings?: Values | null;
  /** Whether an embedding is not compared with the reference of its own number; true if absent. */
  removeDiagonal?: boolean;
}

/**
 * softplus(log Σ exp(gamma · aₙ · (sₙ − margin)) + log Σ exp(−gamma · aₚ · (sₚ − 1 + margin))) over the similarities s of an
 * embedding to those of other classes (n) and of its own (p), with a = max(0, s + margin) and max(0, 1 + margin − s)
 * (Sun et al. 2020); 0 where there are none of one kind.
 *
 * @param yTrue - a class per embedding
 * @param yPred - embeddings of length 1, one per row: their products are similarities
 * @returns one number per embedding; a model's loss, as Keras's, is the mean over those that are not 0
 * @throws RangeError unless there is one class per row
 * @differs from Keras where weights are averaged too: those of embeddings without a loss are among them
 * @example
 * metrics.circle([1, 1, 2], [[1, 0], [1, 0], [0, 1]], { gamma: 1 }).print();  // [0.545893, 0.545893, 0]
 */
export function circle(
  yTrue: Values,
  yPred: Values,
  { gamma = 80, margin = 0.4, refLabels = null, refEmbeddings = null, removeDiagonal = true }: CircleOptions = {},
): Tensor {
  checkPositive(gamma, 'gamma', 'circle');
  checkFinite(margin, 'margin', 'circle');
  return tidy(() => {
    const [t, p] = embedded(yTrue, yPred, 'circle');
    const [refT, refP] = embedded(refLabels ?? t, refEmbeddings ?? p, 'circle');
    const distance = ops.relu(ops.sub(1, ops.matMul(p, refP, false, true)));
    const same = sameClass(t, refT);
    const own = ops.cast(ops.eye(t.size, refT.size), 'bool');
    const positive = removeDiagonal ? ops.logicalAnd(same, ops.logicalNot(own)) : same;
    const over = (mask: Tensor, exponent: Tensor) => ops.logSumExp(ops.where(mask, exponent, NEVER), 1);
    const pull = ops.mul(ops.mul(ops.relu(ops.add(distance, margin)), ops.sub(distance, margin)), gamma);
    const push = ops.mul(ops.mul(ops.relu(ops.sub(1 + margin, distance)), ops.sub(1 - margin, distance)), gamma);
    return ops.softplus(ops.add(over(positive, pull), over(ops.logicalNot(same), push)));
  });
}

/** What {@link triplet} and {@link tripletMargin} take. */
export interface TripletOptions {
  /** How much farther than the farthest of its class the nearest of another must be; 1 if absent. */
  margin?: number;
}

/** The root, 0 at 0 with a slope of 0 there. */
function rootOrZero(x: Tensor): Tensor {
  const isPositive = ops.greater(x, 0);
  return ops.where(isPositive, ops.sqrt(ops.where(isPositive, x, ops.onesLike(x))), ops.zerosLike(x));
}

/**
 * max(0, margin + d(farthest embedding of its class) − d(nearest embedding of another)) for each embedding, with Euclidean
 * distances d (Schroff et al. 2015; the hardest of a batch: Hermans et al. 2017); 0 where there are none of one kind.
 *
 * @param yTrue - a class per embedding
 * @param yPred - embeddings, one per row
 * @returns one number per embedding
 * @throws RangeError unless there is one class per row
 * @example
 * metrics.triplet([1, 1, 2], [[0], [1], [3]]).print();  // [0, 0, 0]
 * metrics.triplet([1, 1, 2], [[0], [2], [3]]).print();  // [0, 2, 0]
 */
export function triplet(yTrue: Values, yPred: Values, { margin = 1 }: TripletOptions = {}): Tensor {
  checkFinite(margin, 'margin', 'triplet');
  return tidy(() => {
    const [t, p] = embedded(yTrue, yPred, 'triplet');
    const distance = rootOrZero(ops.sum(ops.squaredDifference(ops.expandDims(p, 1), ops.expandDims(p, 0)), -1));
    const same = sameClass(t, t);
    const positive = ops.logicalAnd(same, ops.logicalNot(ops.cast(ops.eye(t.size), 'bool')));
    const negative = ops.logicalNot(same);
    const farthest = ops.max(ops.where(positive, distance, ops.zerosLike(distance)), 1);
    const nearest = ops.min(ops.where(negative, distance, ops.add(ops.zerosLike(distance), -NEVER)), 1);
    const losses = ops.relu(ops.add(ops.sub(farthest, nearest), margin));
    const isTriplet = ops.logicalAnd(ops.any(positive, 1), ops.any(negative, 1));
    return ops.where(isTriplet, losses, ops.zerosLike(losses));
  });
}

/**
 * max(0, margin + |anchor − positive| − |anchor − negative|) for each row of three matrices (PyTorch's
 * TripletMarginLoss).
 *
 * @param anchor - embeddings, one per row, as positive, of the same class, and negative, of another
 * @returns one number per row
 * @throws RangeError if shapes differ
 * @example
 * metrics.tripletMargin([[0]], [[2]], [[2.5]]).print();  // [0.5]
 */
export function tripletMargin(
  anchor: Values,
  positive: Values,
  negative: Values,
  { margin = 1 }: TripletOptions = {},
): Tensor {
  checkFinite(margin, 'margin', 'tripletMargin');
  return tidy(() => {
    const a = asFloat(convert(anchor, 'anchor', 'tripletMargin'));
    const distance = (x: Values, name: string) => {
      const other = asFloat(convert(x, name, 'tripletMargin'));
      if (!sameShape(other.shape, a.shape)) {
        throw new RangeError(
          `tripletMargin: anchor and ${name} need the same shape, got ${showShape(a.shape)} and ${showShape(other.shape)}`,
        );
      }
      return rootOrZero(ops.sum(ops.squaredDifference(a, other), -1));
    };
    return ops.relu(ops.add(ops.sub(distance(positive, 'positive'), distance(negative, 'negative')), margin));
  });
}
