// How often predictions are right.

import { checkCount, checkFinite } from '../check.js';
import { convert } from '../convert.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { classes, pair, type Values } from './arguments.js';

const asFloat32 = (x: Tensor): Tensor => ops.cast(x, 'float32');
const asInt = (x: Tensor): Tensor => ops.cast(x, 'int32');

/** What {@link binaryAccuracy} takes. */
export interface BinaryAccuracyOptions {
  /** Predictions above it are 1; 0.5 if absent. */
  threshold?: number;
}

/** 1 where yTrue and yPred are equal, element by element. */
export const equalElements = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => asFloat32(ops.equal(...pair(yTrue, yPred, 'accuracy'))));

/** 1 where the prediction is above the threshold exactly where yTrue is 1, element by element. */
export function binaryMatches(yTrue: Values, yPred: Values, { threshold = 0.5 }: BinaryAccuracyOptions = {}): Tensor {
  checkFinite(threshold, 'threshold', 'binaryAccuracy');
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'binaryAccuracy');
    return asFloat32(ops.equal(t, ops.cast(ops.greater(p, threshold), p.dtype)));
  });
}

/**
 * 1 where the prediction is above a threshold exactly where yTrue is 1, averaged over the last axis.
 *
 * @param options - threshold: 0.5
 * @returns one number per sample
 * @throws RangeError if shapes differ
 * @example
 * metrics.binaryAccuracy([[1, 0]], [[0.6, 0.7]]).print();  // [0.5]
 */
export const binaryAccuracy = (yTrue: Values, yPred: Values, options?: BinaryAccuracyOptions): Tensor =>
  tidy(() => ops.mean(binaryMatches(yTrue, yPred, options), -1));

/**
 * 1 where the greatest prediction is at the place of the greatest yTrue.
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.categoricalAccuracy([[0, 1]], [[0.2, 0.8]]).print();  // [1]
 */
export const categoricalAccuracy = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'categoricalAccuracy');
    return asFloat32(ops.equal(ops.argMax(t, -1), ops.argMax(p, -1)));
  });

/**
 * 1 where the greatest prediction is that of the class.
 *
 * @param yTrue - class numbers: the predictions' shape without its last axis, or with 1 in its place
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if the shapes do not fit
 * @differs from Keras, which takes class numbers of shape [2, 1] for predictions of shape [1, 2, 3], whose rows are in
 *   another order
 * @example
 * metrics.sparseCategoricalAccuracy([1], [[0.2, 0.8]]).print();  // [1]
 */
export const sparseCategoricalAccuracy = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => {
    const p = convert(yPred, 'yPred', 'sparseCategoricalAccuracy');
    const t = asInt(classes(yTrue, p, 'sparseCategoricalAccuracy'));
    return asFloat32(ops.equal(t, ops.argMax(p, -1)));
  });

/** What {@link topKCategoricalAccuracy} takes. */
export interface TopKOptions {
  /** Among how many of the greatest predictions; 5 if absent. */
  k?: number;
}

/** 1 where fewer than k predictions are greater than that of the class. */
function among(k: number, t: Tensor, p: Tensor): Tensor {
  const hit = ops.oneHot(asInt(t), p.shape.at(-1)!, 1, 0, p.dtype);
  const greater = ops.greater(p, ops.sum(ops.mul(p, hit), -1, true));
  const isClass = ops.any(ops.cast(hit, 'bool'), -1);
  return asFloat32(ops.logicalAnd(isClass, ops.less(ops.sum(asInt(greater), -1), k)));
}

/**
 * 1 where the place of the greatest yTrue is among those of the k greatest predictions; equal predictions count as less.
 *
 * @param options - k: 5
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError unless k is a whole number from 1 up
 * @example
 * metrics.topKCategoricalAccuracy([[0, 1, 0]], [[0.5, 0.3, 0.2]], { k: 2 }).print();  // [1]
 */
export function topKCategoricalAccuracy(yTrue: Values, yPred: Values, { k = 5 }: TopKOptions = {}): Tensor {
  checkCount(k, 1, 'k', 'topKCategoricalAccuracy');
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'topKCategoricalAccuracy');
    return among(k, ops.argMax(t, -1), p);
  });
}

/** What {@link sparseTopKCategoricalAccuracy} takes. */
export interface SparseTopKOptions extends TopKOptions {
  /** Whether predictions are class numbers, the likeliest first, not probabilities; false if absent. */
  fromSortedIds?: boolean;
}

/**
 * 1 where the class is among those of the k greatest predictions; equal predictions count as less.
 *
 * @param yTrue - class numbers: the predictions' shape without its last axis, or with 1 in its place
 * @param options - k: 5; fromSortedIds: false
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError unless k is a whole number from 1 up
 * @example
 * metrics.sparseTopKCategoricalAccuracy([1], [[0.5, 0.3, 0.2]], { k: 2 }).print();  // [1]
 */
export function sparseTopKCategoricalAccuracy(
  yTrue: Values,
  yPred: Values,
  { k = 5, fromSortedIds = false }: SparseTopKOptions = {},
): Tensor {
  checkCount(k, 1, 'k', 'sparseTopKCategoricalAccuracy');
  return tidy(() => {
    const p = asFloat(convert(yPred, 'yPred', 'sparseTopKCategoricalAccuracy'));
    const t = classes(yTrue, p, 'sparseTopKCategoricalAccuracy');
    if (!fromSortedIds) return among(k, t, p);
    const isEarly = ops.less(ops.range(0, p.shape.at(-1)!, 1, 'int32'), k);
    const isSame = ops.equal(ops.cast(ops.expandDims(t, -1), p.dtype), p);
    return asFloat32(ops.any(ops.logicalAnd(isSame, isEarly), -1));
  });
}

/** How many elements are 1 in yPred and `truth` in yTrue. */
const hits = (t: Tensor, p: Tensor, truth: number): Tensor =>
  ops.sum(asFloat32(ops.logicalAnd(ops.equal(t, truth), ops.equal(p, 1))));

/** Hits among all that is 1 in one of the two, 0 where nothing is. */
function share(op: string, yTrue: Values, yPred: Values, f: (t: Tensor, p: Tensor) => Tensor): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, op);
    if (t.rank === 0) throw new RangeError(`${op}: needs at least one axis, got ${showShape(t.shape)}`);
    const right = hits(t, p, 1);
    return ops.divNoNan(right, ops.add(right, f(t, p)));
  });
}

/**
 * True positives / (true positives + false positives) of predictions that are 0 or 1, as in TensorFlow.js; 0 where
 * nothing is predicted. Over batches, with thresholds: {@link Precision}.
 *
 * @returns a scalar
 * @throws RangeError if shapes differ, and for scalars
 * @example
 * metrics.precision([[0, 1], [1, 1]], [[1, 1], [0, 1]]).print();  // 0.6666667
 */
export const precision = (yTrue: Values, yPred: Values): Tensor =>
  share('precision', yTrue, yPred, (t, p) => hits(t, p, 0));

/**
 * True positives / (true positives + false negatives) of predictions that are 0 or 1, as in TensorFlow.js; 0 where
 * nothing is true. Over batches, with thresholds: {@link Recall}.
 *
 * @returns a scalar
 * @throws RangeError if shapes differ, and for scalars
 * @example
 * metrics.recall([[0, 1], [1, 1]], [[1, 1], [0, 1]]).print();  // 0.6666667
 */
export const recall = (yTrue: Values, yPred: Values): Tensor => share('recall', yTrue, yPred, (t, p) => hits(p, t, 0));
