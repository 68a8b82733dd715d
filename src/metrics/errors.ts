// How far predicted numbers are from true ones.

import { checkPositive } from '../check.js';
import * as ops from '../ops/index.js';
import { unitVectors } from '../ops/normalization.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { EPSILON, pair, type Values } from './arguments.js';

/** The mean over the last axis of what `f` finds for every true and predicted value. */
function meanOf(op: string, yTrue: Values, yPred: Values, f: (t: Tensor, p: Tensor) => Tensor): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, op);
    return ops.mean(f(t, p), -1);
  });
}

/**
 * mean((yTrue − yPred)²)
 *
 * @param yTrue - of the shape of yPred, as for every loss here that does not say otherwise
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.meanSquaredError([[0, 1], [2, 3]], [[1, 1], [0, 0]]).print();  // [0.5, 6.5]
 */
export const meanSquaredError = (yTrue: Values, yPred: Values): Tensor =>
  meanOf('meanSquaredError', yTrue, yPred, (t, p) => ops.squaredDifference(p, t));

/**
 * mean(|yTrue − yPred|)
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.meanAbsoluteError([[0, 1], [2, 3]], [[1, 1], [0, 0]]).print();  // [0.5, 2.5]
 */
export const meanAbsoluteError = (yTrue: Values, yPred: Values): Tensor =>
  meanOf('meanAbsoluteError', yTrue, yPred, (t, p) => ops.abs(ops.sub(p, t)));

/**
 * 100 · mean(|yTrue − yPred| / max(|yTrue|, 10⁻⁷)), as in Keras.
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.meanAbsolutePercentageError([1, 2], [1.5, 2]).print();  // 25
 */
export const meanAbsolutePercentageError = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() =>
    ops.mul(
      100,
      meanOf('meanAbsolutePercentageError', yTrue, yPred, (t, p) =>
        ops.abs(ops.div(ops.sub(t, p), ops.maximum(ops.abs(t), EPSILON))),
      ),
    ),
  );

/**
 * mean((log(1 + yTrue) − log(1 + yPred))²), values below 10⁻⁷ taken as that, as in Keras.
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.meanSquaredLogarithmicError([1], [3]).print();  // 0.480453
 */
export const meanSquaredLogarithmicError = (yTrue: Values, yPred: Values): Tensor =>
  meanOf('meanSquaredLogarithmicError', yTrue, yPred, (t, p) => {
    const log = (x: Tensor) => ops.log(ops.add(ops.maximum(x, EPSILON), 1));
    return ops.squaredDifference(log(p), log(t));
  });

/** e² / 2 up to an error e of delta, delta · (e − delta / 2) beyond; a cut that is differentiable on both sides. */
function bent(error: Tensor, delta: number): Tensor {
  const small = ops.minimum(error, delta);
  return ops.add(ops.mul(ops.square(small), 0.5), ops.mul(ops.sub(error, small), delta));
}

/** What {@link huber} takes. */
export interface HuberOptions {
  /** The error from which on the loss grows linearly; 1 if absent. */
  delta?: number;
}

/**
 * mean(e² / 2 for an error e = |yTrue − yPred| up to delta, delta · (e − delta / 2) beyond) (Huber 1964).
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError unless delta is positive
 * @example
 * metrics.huber([[0, 0]], [[3, 0.5]]).print();  // [1.3125]
 */
export function huber(yTrue: Values, yPred: Values, { delta = 1 }: HuberOptions = {}): Tensor {
  checkPositive(delta, 'delta', 'huber');
  return meanOf('huber', yTrue, yPred, (t, p) => bent(ops.abs(ops.sub(p, t)), delta));
}

/** What {@link smoothL1} takes. */
export interface SmoothL1Options {
  /** The error from which on the loss grows with slope 1; 1 if absent. */
  beta?: number;
}

/**
 * {@link huber} divided by its delta, called beta here: its slope is 1 beyond (Girshick 2015; PyTorch's SmoothL1Loss).
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError unless beta is positive
 * @example
 * metrics.smoothL1([[0, 0]], [[3, 0.25]], { beta: 0.5 }).print();  // [1.40625]
 */
export function smoothL1(yTrue: Values, yPred: Values, { beta = 1 }: SmoothL1Options = {}): Tensor {
  checkPositive(beta, 'beta', 'smoothL1');
  return meanOf('smoothL1', yTrue, yPred, (t, p) => ops.div(bent(ops.abs(ops.sub(p, t)), beta), beta));
}

/**
 * mean(log cosh(yPred − yTrue)), without overflow.
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.logCosh([[0, 0]], [[0, 100]]).print();  // [49.6534271]
 */
export const logCosh = (yTrue: Values, yPred: Values): Tensor =>
  meanOf('logCosh', yTrue, yPred, (t, p) => {
    const x = ops.sub(p, t);
    return ops.sub(ops.add(x, ops.softplus(ops.mul(x, -2))), Math.LN2);
  });

/**
 * mean(yPred − yTrue · log(yPred + 10⁻⁷)): the negative log likelihood of a Poisson distribution but for what does not
 * depend on yPred, as in Keras.
 *
 * @param yPred - not negative
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.poisson([2], [1]).print();  // 0.9999998
 */
export const poisson = (yTrue: Values, yPred: Values): Tensor =>
  meanOf('poisson', yTrue, yPred, (t, p) => ops.sub(p, ops.mul(t, ops.log(ops.add(p, EPSILON)))));

/** Where vectors lie. */
export interface AxisOptions {
  /** Which axis the vectors lie along; the last if absent. */
  axis?: number;
}

/** The cosine of the angle between vectors; 0 where one of them is 0. */
function cosine(yTrue: Values, yPred: Values, axis: number, op: string): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, op);
    return ops.sum(ops.mul(unitVectors(t, axis), unitVectors(p, axis)), axis);
  });
}

/**
 * −cos of the angle between yTrue and yPred: a loss, −1 at best; 0 where either is 0. As a metric, the name
 * 'cosineSimilarity' is the cosine itself.
 *
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError if shapes differ, and for an axis there is not
 * @example
 * metrics.cosineSimilarity([[3, 4]], [[4, 3]]).print();  // [-0.96]
 */
export const cosineSimilarity = (yTrue: Values, yPred: Values, { axis = -1 }: AxisOptions = {}): Tensor =>
  tidy(() => ops.neg(cosine(yTrue, yPred, axis, 'cosineSimilarity')));

/**
 * {@link cosineSimilarity} by TensorFlow.js's name.
 *
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.cosineProximity([[3, 4]], [[4, 3]]).print();  // [-0.96]
 */
export const cosineProximity = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => ops.neg(cosine(yTrue, yPred, -1, 'cosineProximity')));

/** What a metric named 'cosineSimilarity' averages. */
export const cosineOf = (yTrue: Values, yPred: Values, { axis = -1 }: AxisOptions = {}): Tensor =>
  cosine(yTrue, yPred, axis, 'cosineSimilarity');

/** The root, 1 at 0 with a slope of 0 there. */
function rootOrOne(x: Tensor): Tensor {
  return ops.sqrt(ops.where(ops.greater(x, 0), x, ops.onesLike(x)));
}

/** Σ of products of the deviations from the mean along an axis, divided by `by` of both mean squares. */
function correlation(
  op: string,
  yTrue: Values,
  yPred: Values,
  axis: number,
  by: (varT: Tensor, varP: Tensor, distance: Tensor) => Tensor,
): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, op);
    const [meanT, meanP] = [ops.mean(t, axis, true), ops.mean(p, axis, true)];
    const [dt, dp] = [ops.sub(t, meanT), ops.sub(p, meanP)];
    const mean = (x: Tensor) => ops.mean(x, axis);
    const distance = ops.squaredDifference(ops.mean(t, axis), ops.mean(p, axis));
    const scale = by(mean(ops.square(dt)), mean(ops.square(dp)), distance);
    return ops.divNoNan(mean(ops.mul(dt, dp)), scale);
  });
}

/**
 * Pearson's correlation of yTrue and yPred along an axis; 0 where either is constant.
 *
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError if shapes differ, and for an axis there is not
 * @differs from Keras, which gives NaN where either is constant
 * @example
 * metrics.pearsonCorrelation([[1, 2, 3]], [[2, 4, 6]]).print();  // [1]
 */
export const pearsonCorrelation = (yTrue: Values, yPred: Values, { axis = -1 }: AxisOptions = {}): Tensor =>
  correlation('pearsonCorrelation', yTrue, yPred, axis, (a, b) => ops.mul(rootOrOne(a), rootOrOne(b)));

/**
 * 2 · covariance / (variance of yTrue + variance of yPred + squared difference of means) along an axis (Lin 1989).
 *
 * @returns one number per sample: yPred's shape without that axis
 * @throws RangeError if shapes differ, and for an axis there is not
 * @example
 * metrics.concordanceCorrelation([[1, 2, 3]], [[2, 3, 4]]).print();  // [0.5714285]
 */
export const concordanceCorrelation = (yTrue: Values, yPred: Values, { axis = -1 }: AxisOptions = {}): Tensor =>
  correlation('concordanceCorrelation', yTrue, yPred, axis, (a, b, distance) =>
    ops.mul(0.5, ops.add(ops.add(ops.add(a, b), distance), EPSILON)),
  );

/**
 * 1 − Σ(yTrue − yPred)² / Σ(yTrue − mean(yTrue))², over all elements, as in TensorFlow.js. Over batches:
 * {@link R2Score}.
 *
 * @returns a scalar
 * @throws RangeError if shapes differ
 * @example
 * metrics.r2Score([1, 2, 3], [1, 2, 4]).print();  // 0.5
 */
export const r2Score = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'r2Score');
    return ops.sub(1, ops.div(ops.sum(ops.squaredDifference(t, p)), ops.sum(ops.squaredDifference(t, ops.mean(t)))));
  });
