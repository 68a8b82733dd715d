// Cross entropies: how surprised predicted probabilities are by the truth. Each takes probabilities, which are held
// 10⁻⁷ away from 0 and 1 before their logarithm, so that loss and gradient stay finite, or logits.

import { checkBetween, checkFinite, checkPositive } from '../check.js';
import { convert } from '../convert.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { classIndices } from '../ops/indices.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { axisLast, classes, EPSILON, held, pair, probabilities, type Values } from './arguments.js';

/** What {@link categoricalCrossentropy} and {@link binaryCrossentropy} take. */
export interface CrossentropyOptions {
  /** Whether predictions are logits, not probabilities; false if absent. */
  fromLogits?: boolean;
  /** Draws labels from 0 and 1 towards equal shares, by this factor in [0, 1); 0 if absent. */
  labelSmoothing?: number;
  /** Which axis the classes lie along; the last if absent. */
  axis?: number;
}

/** Labels drawn towards `middle`. */
function smooth(t: Tensor, labelSmoothing: number, middle: number, op: string): Tensor {
  checkBetween(labelSmoothing, 0, 1, 'labelSmoothing', op);
  return labelSmoothing === 0 ? t : ops.add(ops.mul(t, 1 - labelSmoothing), labelSmoothing * middle);
}

/** Labels and predictions with classes along the last axis, the labels smoothed. */
function categories(yTrue: Values, yPred: Values, axis: number, labelSmoothing: number, op: string): [Tensor, Tensor] {
  const [t, p] = pair(yTrue, yPred, op).map((x) => axisLast(x, axis, op)) as [Tensor, Tensor];
  return [smooth(t, labelSmoothing, 1 / p.shape.at(-1)!, op), p];
}

/** −t · log(p) − (1 − t) · log(1 − p), for each element. */
const binary = (t: Tensor, p: Tensor): Tensor =>
  ops.neg(ops.add(ops.mul(t, ops.log(p)), ops.mul(ops.sub(1, t), ops.log(ops.sub(1, p)))));

/**
 * mean(−yTrue · log(yPred) − (1 − yTrue) · log(1 − yPred)) along an axis.
 *
 * @param yTrue - from 0 to 1, of the shape of yPred
 * @param yPred - probabilities, or logits
 * @param options - fromLogits: false; labelSmoothing: 0, towards 1/2; axis: −1
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError if shapes differ, for labelSmoothing outside [0, 1) and for an axis there is not
 * @example
 * metrics.binaryCrossentropy([[1, 0]], [[0.5, 0.5]]).print();  // [0.6931472]
 */
export function binaryCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false, labelSmoothing = 0, axis = -1 }: CrossentropyOptions = {},
): Tensor {
  const op = 'binaryCrossentropy';
  return tidy(() => {
    const [t0, p] = pair(yTrue, yPred, op);
    const t = smooth(t0, labelSmoothing, 0.5, op);
    return ops.mean(fromLogits ? ops.sigmoidCrossEntropyWithLogits(t, p) : binary(t, held(p)), axis);
  });
}

/**
 * −Σ yTrue · log(yPred) along an axis, with predictions scaled to sum to 1.
 *
 * @param yTrue - a distribution per sample, of the shape of yPred
 * @param yPred - probabilities, or logits
 * @param options - fromLogits: false; labelSmoothing: 0, towards 1 / the number of classes; axis: −1
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError if shapes differ, for labelSmoothing outside [0, 1) and for an axis there is not
 * @example
 * metrics.categoricalCrossentropy([1, 0], [0.6, 0.4]).print();  // 0.5108256
 */
export function categoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false, labelSmoothing = 0, axis = -1 }: CrossentropyOptions = {},
): Tensor {
  return tidy(() => {
    const [t, p] = categories(yTrue, yPred, axis, labelSmoothing, 'categoricalCrossentropy');
    if (fromLogits) return ops.softmaxCrossEntropyWithLogits(t, p);
    return ops.neg(ops.sum(ops.mul(t, ops.log(probabilities(p))), -1));
  });
}

/** What {@link sparseCategoricalCrossentropy} takes. */
export interface SparseCategoricalCrossentropyOptions extends Omit<CrossentropyOptions, 'labelSmoothing'> {
  /** A class number, also one that is out of range, whose samples have a loss of 0; none if absent. */
  ignoreClass?: number | null;
}

/**
 * −log(yPred[class]), with predictions scaled to sum to 1.
 *
 * @param yTrue - class numbers: the predictions' shape without the classes' axis, or with 1 as its last size
 * @param yPred - probabilities, or logits
 * @param options - fromLogits: false; ignoreClass: none; axis: −1
 * @returns one number per class number, 0 for ignored ones; a model's loss, as Keras's, is the mean over the others
 * @throws RangeError for a class that is out of range and not ignored, if the shapes do not fit and for an axis there is not
 * @example
 * metrics.sparseCategoricalCrossentropy([0, -1], [[0.6, 0.4], [0.3, 0.7]], { ignoreClass: -1 }).print();  // [0.5108256, 0]
 */
export function sparseCategoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false, ignoreClass = null, axis = -1 }: SparseCategoricalCrossentropyOptions = {},
): Tensor {
  const op = 'sparseCategoricalCrossentropy';
  return tidy(() => {
    const p = axisLast(asFloat(convert(yPred, 'yPred', op)), axis, op);
    const t = classes(yTrue, p, op);
    // The logarithm of clipped probabilities is a logit whose softmax is the probability again.
    const logits = (x: Tensor) => (fromLogits ? x : ops.log(probabilities(x)));
    if (ignoreClass === null) return ops.sparseSoftmaxCrossEntropyWithLogits(t, logits(p));
    checkFinite(ignoreClass, 'ignoreClass', op);
    const counts = ops.notEqual(t, ignoreClass);
    // What is predicted of an ignored sample reaches neither loss nor gradient, even if it is no number.
    const kept = ops.where(ops.expandDims(counts, -1), p, ops.zerosLike(p));
    const losses = ops.sparseSoftmaxCrossEntropyWithLogits(ops.mul(t, ops.cast(counts, t.dtype)), logits(kept));
    return ops.where(counts, losses, ops.zerosLike(losses));
  });
}

/** What {@link binaryFocalCrossentropy} takes. */
export interface BinaryFocalOptions extends CrossentropyOptions {
  /** The power of 1 − the probability of the truth: how much less what is nearly known counts; 2 if absent. */
  gamma?: number;
  /** The weight of class 1, with 1 − alpha for class 0; 0.25 if absent. */
  alpha?: number;
  /** Whether alpha is applied; false if absent. */
  applyClassBalancing?: boolean;
}

/**
 * mean((1 − pₜ)^gamma · binary cross entropy) along an axis, where pₜ is the probability of the truth (Lin et al. 2017).
 *
 * @param options - gamma: 2; alpha: 0.25; applyClassBalancing: false; the rest as for {@link binaryCrossentropy}
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError as binaryCrossentropy, and for a negative gamma
 * @example
 * metrics.binaryFocalCrossentropy([[1, 0]], [[0.9, 0.8]]).print();  // [0.515547]
 */
export function binaryFocalCrossentropy(
  yTrue: Values,
  yPred: Values,
  {
    gamma = 2,
    alpha = 0.25,
    applyClassBalancing = false,
    fromLogits = false,
    labelSmoothing = 0,
    axis = -1,
  }: BinaryFocalOptions = {},
): Tensor {
  const op = 'binaryFocalCrossentropy';
  checkFocus(gamma, alpha, op);
  return tidy(() => {
    const [t0, p0] = pair(yTrue, yPred, op);
    const t = smooth(t0, labelSmoothing, 0.5, op);
    const p = held(fromLogits ? ops.sigmoid(p0) : p0);
    const other = ops.sub(1, t);
    const missed = ops.add(ops.mul(t, ops.sub(1, p)), ops.mul(other, p));
    const losses = ops.mul(ops.pow(missed, gamma), binary(t, p));
    if (!applyClassBalancing) return ops.mean(losses, axis);
    return ops.mean(ops.mul(ops.add(ops.mul(t, alpha), ops.mul(other, 1 - alpha)), losses), axis);
  });
}

function checkFocus(gamma: number, alpha: number, op: string): void {
  checkBetween(gamma, 0, Infinity, 'gamma', op);
  checkFinite(alpha, 'alpha', op);
}

/** What {@link categoricalFocalCrossentropy} takes. */
export interface CategoricalFocalOptions extends CrossentropyOptions {
  /** The power of 1 − the probability of a class; 2 if absent. */
  gamma?: number;
  /** A weight for all classes; 0.25 if absent. */
  alpha?: number;
}

/**
 * −alpha · Σ (1 − yPred)^gamma · yTrue · log(yPred) along an axis, with predictions scaled to sum to 1 (Lin et al. 2017).
 *
 * @param options - gamma: 2; alpha: 0.25; the rest as for {@link categoricalCrossentropy}
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError as categoricalCrossentropy, and for a negative gamma
 * @example
 * metrics.categoricalFocalCrossentropy([1, 0], [0.6, 0.4]).print();  // 0.020433
 */
export function categoricalFocalCrossentropy(
  yTrue: Values,
  yPred: Values,
  { gamma = 2, alpha = 0.25, fromLogits = false, labelSmoothing = 0, axis = -1 }: CategoricalFocalOptions = {},
): Tensor {
  const op = 'categoricalFocalCrossentropy';
  checkFocus(gamma, alpha, op);
  return tidy(() => {
    const [t, p] = categories(yTrue, yPred, axis, labelSmoothing, op);
    const held = probabilities(fromLogits ? ops.softmax(p) : p);
    const focus = ops.mul(ops.pow(ops.sub(1, held), gamma), alpha);
    return ops.neg(ops.sum(ops.mul(focus, ops.mul(t, ops.log(held))), -1));
  });
}

/** What {@link categoricalGeneralizedCrossEntropy} takes. */
export interface GeneralizedCrossentropyOptions {
  /** From near 0, the cross entropy, to 1, the mean absolute error; 0.5 if absent. */
  q?: number;
}

/**
 * (1 − yPred[class]^q) / q: less moved by wrong labels than a cross entropy (Zhang & Sabuncu 2018).
 *
 * @param yTrue - class numbers: the predictions' shape without its last axis, or with 1 in its place
 * @param yPred - probabilities; those below 10⁻⁷ count as that
 * @returns one number per class number
 * @throws RangeError for a class that is out of range, if the shapes do not fit and unless q is in (0, 1)
 * @example
 * metrics.categoricalGeneralizedCrossEntropy([0], [[0.25, 0.75]]).print();  // [1]
 */
export function categoricalGeneralizedCrossEntropy(
  yTrue: Values,
  yPred: Values,
  { q = 0.5 }: GeneralizedCrossentropyOptions = {},
): Tensor {
  const op = 'categoricalGeneralizedCrossEntropy';
  checkPositive(q, 'q', op);
  checkBetween(q, 0, 1, 'q', op);
  return tidy(() => {
    const p = asFloat(convert(yPred, 'yPred', op));
    const t = classes(yTrue, p, op);
    const n = p.shape.at(-1)!;
    const chosen = ops.sum(ops.mul(p, ops.oneHot(classIndices(t, n, op), n, 1, 0, p.dtype)), -1);
    return ops.div(ops.sub(1, ops.pow(ops.maximum(chosen, EPSILON), q)), q);
  });
}

/**
 * Σ yTrue · log(yTrue / yPred), both held from 10⁻⁷ to 1 (Kullback & Leibler 1951).
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.klDivergence([[1, 0]], [[0.5, 0.5]]).print();  // [0.6931456]
 */
export const klDivergence = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'klDivergence').map((x) => ops.clipByValue(x, EPSILON, 1)) as [Tensor, Tensor];
    return ops.sum(ops.mul(t, ops.log(ops.div(t, p))), -1);
  });
