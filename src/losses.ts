// Losses by TensorFlow.js's names: labels first, each with weights and a reduction. Made of ops.

import { convert, type TensorLike } from './convert.js';
import { relu } from './ops/activation.js';
import { add, div, minimum, mul, squaredDifference, sub } from './ops/arithmetic.js';
import { asFloat, castTo, scoped } from './ops/dispatch.js';
import { onesLike } from './ops/like.js';
import { notEqual } from './ops/logical.js';
import { abs, log, neg, square } from './ops/math.js';
import { mean, sum } from './ops/reduction.js';
import { sigmoidCrossEntropyWithLogits, softmaxCrossEntropyWithLogits } from './ops/softmax.js';
import { identity } from './ops/transform.js';
import { sameShape } from './shape.js';
import type { Tensor } from './tensor.js';

/**
 * What becomes of the losses of the elements.
 *
 * @example
 * losses.absoluteDifference(tensor1d([1, 2]), tensor1d([3, 2]), null, Reduction.NONE).print();  // [2, 0]
 * losses.absoluteDifference(tensor1d([1, 2]), tensor1d([3, 2]), null, Reduction.SUM).print();  // 2
 */
export enum Reduction {
  /** They stay. */
  NONE,
  /** Their weighted mean. */
  MEAN,
  /** Their sum. */
  SUM,
  /** Their sum divided by the number of weights that are not 0. */
  SUM_BY_NONZERO_WEIGHTS,
}

type Values = Tensor | TensorLike;
/** Weights that broadcast with the losses; absent: 1. */
type Weights = Values | null | undefined;

const { SUM_BY_NONZERO_WEIGHTS } = Reduction;

/**
 * Losses times weights, reduced.
 *
 * @param losses - of any shape
 * @param weights - of a shape that broadcasts with the losses'
 * @param reduction - SUM_BY_NONZERO_WEIGHTS if absent
 * @returns a scalar; with Reduction.NONE the losses' shape
 * @throws RangeError if it does not, or for an unknown reduction
 * @example
 * losses.computeWeightedLoss(tensor1d([1, 2, 3]), tensor1d([0, 1, 1])).print();  // 2.5
 */
export function computeWeightedLoss<O extends Tensor>(
  losses: Values,
  weights?: Weights,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return scoped(() => {
    const each = asFloat(convert(losses, 'losses', 'computeWeightedLoss'));
    const given = weights == null ? undefined : castTo(convert(weights, 'weights', 'computeWeightedLoss'), each.dtype);
    const spread = given && mul(given, onesLike(each));
    const weighted = given ? mul(each, given) : identity(each);
    switch (reduction) {
      case Reduction.NONE:
        return weighted;
      case Reduction.SUM:
        return sum(weighted);
      case Reduction.MEAN:
        return spread ? div(sum(weighted), sum(spread)) : mean(weighted);
      case Reduction.SUM_BY_NONZERO_WEIGHTS:
        return spread ? div(sum(weighted), sum(castTo(notEqual(spread, 0), each.dtype))) : mean(weighted);
      default:
        throw new RangeError(`computeWeightedLoss: Unknown reduction: ${reduction}`);
    }
  }) as O;
}

/** Reduces the losses that `f` finds for labels and predictions of the same shape. */
function loss<O extends Tensor>(
  op: string,
  [labels, predictions]: [Values, Values],
  weights: Weights,
  reduction: Reduction,
  f: (labels: Tensor, predictions: Tensor) => Tensor,
  [first, second] = ['labels', 'predictions'],
): O {
  return scoped(() => {
    const y = asFloat(convert(labels, first!, op));
    const p = asFloat(convert(predictions, second!, op));
    if (!sameShape(y.shape, p.shape)) {
      throw new RangeError(`Error in ${op}:  Shapes ${y.shape} and ${p.shape} must match`);
    }
    const w = weights == null ? weights : convert(weights, 'weights', op);
    return computeWeightedLoss<O>(f(y, p), w, reduction);
  });
}

/**
 * |label − prediction|.
 *
 * @param labels - of the shape of predictions, as for every loss here
 * @param weights - broadcast with the losses; 1 if absent
 * @param reduction - SUM_BY_NONZERO_WEIGHTS if absent
 * @returns a scalar; with Reduction.NONE the predictions' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.absoluteDifference([0, 1], [0.5, 3]).print();  // 1.25
 */
export function absoluteDifference<O extends Tensor>(
  labels: Values,
  predictions: Values,
  weights?: Weights,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('absoluteDifference', [labels, predictions], weights, reduction, (y, p) => abs(sub(y, p)));
}

/**
 * 1 − Σ label · prediction along an axis, for vectors of length 1.
 *
 * @param axis - kept, at size 1
 * @returns a scalar; with Reduction.NONE the predictions' shape, the axis at size 1
 * @throws RangeError if shapes differ, for an axis there is not or an unknown reduction
 * @example
 * losses.cosineDistance([[1, 0]], [[0.6, 0.8]], 1).print();  // 0.4
 */
export function cosineDistance<O extends Tensor>(
  labels: Values,
  predictions: Values,
  axis: number,
  weights?: Weights,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('cosineDistance', [labels, predictions], weights, reduction, (y, p) =>
    sub(1, sum(mul(y, p), axis, true)),
  );
}

/**
 * max(0, 1 − (2 · label − 1) · prediction).
 *
 * @param labels - 0 or 1
 * @returns a scalar; with Reduction.NONE the predictions' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.hingeLoss([0, 1], [0.5, 2]).print();  // 0.75
 */
export function hingeLoss<O extends Tensor>(
  labels: Values,
  predictions: Values,
  weights?: Weights,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('hingeLoss', [labels, predictions], weights, reduction, (y, p) =>
    relu(sub(1, mul(sub(mul(y, 2), 1), p))),
  );
}

/**
 * e² / 2 for an error e = |label − prediction| up to delta, delta · (e − delta / 2) beyond (Huber 1964).
 *
 * @param delta - 1 if absent
 * @returns a scalar; with Reduction.NONE the predictions' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.huberLoss([0, 0], [3, 0.5]).print();  // 1.3125
 */
export function huberLoss<O extends Tensor>(
  labels: Values,
  predictions: Values,
  weights?: Weights,
  delta = 1,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('huberLoss', [labels, predictions], weights, reduction, (y, p) => {
    const error = abs(sub(p, y));
    const small = minimum(error, delta);
    return add(mul(square(small), 0.5), mul(sub(error, small), delta));
  });
}

/**
 * −label · log(prediction) − (1 − label) · log(1 − prediction).
 *
 * @param epsilon - added inside the logarithms
 * @returns a scalar; with Reduction.NONE the predictions' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.logLoss([0, 1], [0.5, 0.5]).print();  // 0.6931469
 */
export function logLoss<O extends Tensor>(
  labels: Values,
  predictions: Values,
  weights?: Weights,
  epsilon = 1e-7,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('logLoss', [labels, predictions], weights, reduction, (y, p) =>
    neg(add(mul(y, log(add(p, epsilon))), mul(sub(1, y), log(add(sub(1, p), epsilon))))),
  );
}

/**
 * (label − prediction)².
 *
 * @returns a scalar; with Reduction.NONE the predictions' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.meanSquaredError([0, 1], [0.5, 3], [2, 1]).print();  // 2.25
 */
export function meanSquaredError<O extends Tensor>(
  labels: Values,
  predictions: Values,
  weights?: Weights,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss('meanSquaredError', [labels, predictions], weights, reduction, squaredDifference);
}

/** Labels drawn towards `middle` by a factor. */
const smooth = (labels: Tensor, smoothing: number, middle: number): Tensor =>
  smoothing > 0 ? add(mul(labels, 1 - smoothing), smoothing * middle) : labels;

/**
 * {@link sigmoidCrossEntropyWithLogits} of classes that do not exclude each other.
 *
 * @param labelSmoothing - draws labels towards 1/2
 * @returns a scalar; with Reduction.NONE the logits' shape
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.sigmoidCrossEntropy([1, 0], [0, 0]).print();  // 0.6931472
 */
export function sigmoidCrossEntropy<O extends Tensor>(
  multiClassLabels: Values,
  logits: Values,
  weights?: Weights,
  labelSmoothing = 0,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss(
    'sigmoidCrossEntropy',
    [multiClassLabels, logits],
    weights,
    reduction,
    (z, x) => sigmoidCrossEntropyWithLogits(smooth(z, labelSmoothing, 0.5), x),
    ['multiClassLabels', 'logits'],
  );
}

/**
 * {@link softmaxCrossEntropyWithLogits} of each row.
 *
 * @param onehotLabels - a distribution per row
 * @param labelSmoothing - draws labels towards 1 / the number of classes
 * @returns a scalar; with Reduction.NONE the logits' shape without its last axis
 * @throws RangeError if shapes differ or for an unknown reduction
 * @example
 * losses.softmaxCrossEntropy([[0, 1]], [[0, 0]]).print();  // 0.6931472
 */
export function softmaxCrossEntropy<O extends Tensor>(
  onehotLabels: Values,
  logits: Values,
  weights?: Weights,
  labelSmoothing = 0,
  reduction: Reduction = SUM_BY_NONZERO_WEIGHTS,
): O {
  return loss(
    'softmaxCrossEntropy',
    [onehotLabels, logits],
    weights,
    reduction,
    (z, x) => softmaxCrossEntropyWithLogits(smooth(z, labelSmoothing, 1 / z.shape.at(-1)!), x),
    ['onehotLabels', 'logits'],
  );
}
