// How little predicted and true regions share: for segmentation, where most of an image is background.

import { checkBetween } from '../check.js';
import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { EPSILON, pair, type Values } from './arguments.js';

/** What {@link dice} takes. */
export interface DiceOptions {
  /** Which axes a region lies along; absent or null: all, which gives one number for a batch. */
  axis?: number | number[] | null;
}

/**
 * 1 − 2 · Σ yTrue · yPred / (Σ yTrue + Σ yPred + 10⁻⁷), as in Keras; 1 where both are empty.
 *
 * @returns the shape without those axes
 * @throws RangeError if shapes differ and for an axis there is not
 * @example
 * metrics.dice([[1, 0], [1, 1]], [[1, 1], [0, 0]], { axis: 1 }).print();  // [0.3333333, 1]
 */
export const dice = (yTrue: Values, yPred: Values, { axis = null }: DiceOptions = {}): Tensor =>
  tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'dice');
    const shared = ops.sum(ops.mul(t, p), axis);
    const all = ops.add(ops.sum(t, axis), ops.sum(p, axis));
    return ops.sub(1, ops.div(ops.mul(shared, 2), ops.add(all, EPSILON)));
  });

/** What {@link tversky} takes. */
export interface TverskyOptions extends DiceOptions {
  /** The weight of what is predicted and not true; 0.5 if absent. */
  alpha?: number;
  /** The weight of what is true and not predicted; 0.5 if absent. */
  beta?: number;
}

/**
 * 1 − S / (S + alpha · Σ (1 − yTrue) · yPred + beta · Σ yTrue · (1 − yPred) + 10⁻⁷) with S = Σ yTrue · yPred
 * (Salehi et al. 2017): {@link dice} where alpha and beta are 0.5; 1 where both regions are empty.
 *
 * @returns the shape without those axes
 * @throws RangeError if shapes differ, for an axis there is not and for a negative weight
 * @example
 * metrics.tversky([[1, 0]], [[0.5, 0.5]], { alpha: 0.2, beta: 0.8, axis: 1 }).print();  // [0.5000001]
 */
export function tversky(
  yTrue: Values,
  yPred: Values,
  { alpha = 0.5, beta = 0.5, axis = null }: TverskyOptions = {},
): Tensor {
  checkBetween(alpha, 0, Infinity, 'alpha', 'tversky');
  checkBetween(beta, 0, Infinity, 'beta', 'tversky');
  return tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'tversky');
    const shared = ops.sum(ops.mul(t, p), axis);
    const more = ops.mul(ops.sum(ops.mul(ops.sub(1, t), p), axis), alpha);
    const less = ops.mul(ops.sum(ops.mul(t, ops.sub(1, p)), axis), beta);
    return ops.sub(1, ops.div(shared, ops.add(ops.add(shared, ops.add(more, less)), EPSILON)));
  });
}
