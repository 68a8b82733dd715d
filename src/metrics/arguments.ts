// What losses and metrics do with their arguments before their formulas begin.

import { convert, type TensorLike } from '../convert.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { normalizeAxis, sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** True or predicted values: a tensor or what becomes one. */
export type Values = Tensor | TensorLike;

/** Held this far from 0: probabilities and their distance from 1 before a logarithm, and denominators. As in Keras. */
export const EPSILON = 1e-7;

/**
 * Both values as tensors of one shape, the true ones in the dtype of the predictions. A last axis of size 1 that only
 * one of them has is no difference: it is given to the other one.
 */
export function pair(yTrue: Values, yPred: Values, op: string): [Tensor, Tensor] {
  let p = asFloat(convert(yPred, 'yPred', op));
  let t = convert(yTrue, 'yTrue', op, p.dtype);
  if (sameShape([...t.shape, 1], p.shape)) t = ops.reshape(t, p.shape);
  else if (sameShape(t.shape, [...p.shape, 1])) p = ops.reshape(p, t.shape);
  if (!sameShape(t.shape, p.shape)) {
    throw new RangeError(
      `${op}: yTrue and yPred need the same shape, got ${showShape(t.shape)} and ${showShape(p.shape)}`,
    );
  }
  return [ops.cast(t, p.dtype), p];
}

/** x with one axis moved to the end. */
export function axisLast(x: Tensor, axis: number, op: string): Tensor {
  const at = normalizeAxis(axis, x.rank, op);
  if (at === x.rank - 1) return x;
  const axes = x.shape.map((_, i) => i);
  axes.splice(at, 1);
  return ops.transpose(x, [...axes, at]);
}

/** Class numbers with the shape of the predictions but for their last axis; a last axis of size 1 is dropped. */
export function classes(yTrue: Values, p: Tensor, op: string): Tensor {
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

/** Predictions scaled to sum to 1 along the last axis, and held away from 0 and 1. */
export const probabilities = (p: Tensor): Tensor => held(ops.div(p, ops.maximum(ops.sum(p, -1, true), EPSILON)));

/** x from EPSILON to 1 − EPSILON. */
export const held = (x: Tensor): Tensor => ops.clipByValue(x, EPSILON, 1 - EPSILON);

/**
 * Weights spread over values: one number, or axes that are laid on the values' from the first axis on, so that one
 * weight per sample weighs all that belongs to the sample.
 */
export function spread(weights: Values, values: Tensor, op: string): Tensor {
  const w = ops.cast(convert(weights, 'sampleWeight', op), values.dtype);
  const { shape } = values;
  // [n, 1] for values of [n] says the same as [n].
  const sizes = w.rank === shape.length + 1 && w.shape.at(-1) === 1 ? w.shape.slice(0, -1) : [...w.shape];
  const fits = sizes.length <= shape.length && sizes.every((n, i) => n === 1 || n === shape[i]);
  if (!fits) {
    throw new RangeError(
      `${op}: sampleWeight needs a shape that fits ${showShape(shape)} from its first axis on, got ${showShape(w.shape)}`,
    );
  }
  const ones = new Array(sizes.length === 0 ? 0 : shape.length - sizes.length).fill(1);
  return ops.broadcastTo(ops.reshape(w, [...sizes, ...ones]), shape);
}
