// Losses and metrics as Keras knows them: functions of the true and the predicted values that give one number
// per sample, over the last axis. Models take them by name and average over a batch.

import { convert, type TensorLike } from './convert.js';
import * as ops from './ops/index.js';
import { tidy } from './scope.js';
import { sameShape, showShape } from './shape.js';
import type { Tensor } from './tensor.js';

type Values = Tensor | TensorLike;

// Probabilities are held this far from 0 and 1 before a logarithm, as in Keras.
const EPSILON = 1e-7;

export interface CrossentropyOptions {
  /** Whether predictions are logits, not probabilities. */
  fromLogits?: boolean;
}

/** Both values as tensors of one shape, the true ones in the dtype of the predictions. */
function pair(yTrue: Values, yPred: Values, op: string): [Tensor, Tensor] {
  const p = convert(yPred, 'yPred', op);
  const t = convert(yTrue, 'yTrue', op, p.dtype);
  if (!sameShape(t.shape, p.shape)) {
    throw new RangeError(
      `${op}: yTrue and yPred need the same shape, got ${showShape(t.shape)} and ${showShape(p.shape)}`,
    );
  }
  return [ops.cast(t, p.dtype), p];
}

/** mean((yTrue − yPred)²) */
export function meanSquaredError(yTrue: Values, yPred: Values): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'meanSquaredError');
    return ops.mean(ops.squaredDifference(p, t), -1);
  });
}

/** mean(|yTrue − yPred|) */
export function meanAbsoluteError(yTrue: Values, yPred: Values): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'meanAbsoluteError');
    return ops.mean(ops.abs(ops.sub(p, t)), -1);
  });
}

/**
 * −Σ yTrue · log(yPred), with predictions scaled to sum to 1.
 *
 * @example
 * metrics.categoricalCrossentropy([1, 0], [0.6, 0.4]).print();  // 0.5108256
 */
export function categoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false }: CrossentropyOptions = {},
): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'categoricalCrossentropy');
    if (fromLogits) return ops.softmaxCrossEntropyWithLogits(t, p);
    const scaled = ops.div(p, ops.sum(p, -1, true));
    return ops.neg(ops.sum(ops.mul(t, ops.log(ops.clipByValue(scaled, EPSILON, 1 - EPSILON))), -1));
  });
}

/** Class numbers with the predictions' shape but for its last axis; a last axis of size 1 is dropped. */
function classes(yTrue: Values, p: Tensor, op: string): Tensor {
  const t = convert(yTrue, 'yTrue', op);
  const shape = p.shape.slice(0, -1);
  if (t.rank === p.rank && t.shape.at(-1) === 1 && sameShape(t.shape.slice(0, -1), shape)) return ops.reshape(t, shape);
  if (!sameShape(t.shape, shape)) {
    throw new RangeError(
      `${op}: yTrue needs the shape ${showShape(shape)} of class numbers for yPred ${showShape(p.shape)}, got ${showShape(t.shape)}`,
    );
  }
  return t;
}

/**
 * −log(yPred[class]), with predictions scaled to sum to 1.
 *
 * @param yTrue - class numbers: the predictions' shape without its last axis, or with 1 in its place
 * @throws RangeError for a class that is out of range
 */
export function sparseCategoricalCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false }: CrossentropyOptions = {},
): Tensor {
  return tidy(() => {
    const p = convert(yPred, 'yPred', 'sparseCategoricalCrossentropy');
    const t = classes(yTrue, p, 'sparseCategoricalCrossentropy');
    if (fromLogits) return ops.sparseSoftmaxCrossEntropyWithLogits(t, p);
    // The logarithm of clipped probabilities is a logit whose softmax is the probability again.
    const scaled = ops.div(p, ops.sum(p, -1, true));
    return ops.sparseSoftmaxCrossEntropyWithLogits(t, ops.log(ops.clipByValue(scaled, EPSILON, 1 - EPSILON)));
  });
}

/** mean(−yTrue · log(yPred) − (1 − yTrue) · log(1 − yPred)) */
export function binaryCrossentropy(
  yTrue: Values,
  yPred: Values,
  { fromLogits = false }: CrossentropyOptions = {},
): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'binaryCrossentropy');
    if (fromLogits) return ops.mean(ops.sigmoidCrossEntropyWithLogits(t, p), -1);
    const held = ops.clipByValue(p, EPSILON, 1 - EPSILON);
    const one = ops.mul(t, ops.log(held));
    const zero = ops.mul(ops.sub(1, t), ops.log(ops.sub(1, held)));
    return ops.neg(ops.mean(ops.add(one, zero), -1));
  });
}

/** 1 where the prediction is above 0.5 exactly where yTrue is 1, averaged over the last axis. */
export function binaryAccuracy(yTrue: Values, yPred: Values): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'binaryAccuracy');
    return ops.mean(ops.cast(ops.equal(t, ops.cast(ops.greater(p, 0.5), p.dtype)), 'float32'), -1);
  });
}

/** 1 where the greatest prediction is at the place of the greatest yTrue. */
export function categoricalAccuracy(yTrue: Values, yPred: Values): Tensor {
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'categoricalAccuracy');
    return ops.cast(ops.equal(ops.argMax(t, -1), ops.argMax(p, -1)), 'float32');
  });
}

/** 1 where the greatest prediction is that of the class. */
export function sparseCategoricalAccuracy(yTrue: Values, yPred: Values): Tensor {
  return tidy(() => {
    const p = convert(yPred, 'yPred', 'sparseCategoricalAccuracy');
    const t = ops.cast(classes(yTrue, p, 'sparseCategoricalAccuracy'), 'int32');
    return ops.cast(ops.equal(t, ops.argMax(p, -1)), 'float32');
  });
}
