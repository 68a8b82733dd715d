// The hinge family: losses that are 0 beyond a margin.

import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { pair, type Values } from './arguments.js';

/** max(0, 1 − yTrue · yPred), with labels of −1 and 1; where all labels are 0 or 1, 0 stands for −1. */
function margins(yTrue: Values, yPred: Values, op: string): Tensor {
  const [t, p] = pair(yTrue, yPred, op);
  const isBinary = ops.all(ops.logicalOr(ops.equal(t, 0), ops.equal(t, 1)));
  const signs = ops.where(isBinary, ops.sub(ops.mul(t, 2), 1), t);
  return ops.relu(ops.sub(1, ops.mul(signs, p)));
}

/**
 * mean(max(0, 1 − yTrue · yPred)).
 *
 * @param yTrue - −1 or 1, or 0 or 1 throughout
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.hinge([[0, 1]], [[0.6, 0.4]]).print();  // [1.1]
 */
export const hinge = (yTrue: Values, yPred: Values): Tensor => tidy(() => ops.mean(margins(yTrue, yPred, 'hinge'), -1));

/**
 * mean(max(0, 1 − yTrue · yPred)²).
 *
 * @param yTrue - −1 or 1, or 0 or 1 throughout
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.squaredHinge([[0, 1]], [[0.6, 0.4]]).print();  // [1.46]
 */
export const squaredHinge = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => ops.mean(ops.square(margins(yTrue, yPred, 'squaredHinge')), -1));

/**
 * max(0, 1 + max((1 − yTrue) · yPred) − Σ yTrue · yPred).
 *
 * @param yTrue - one-hot classes
 * @returns one number per sample: yPred's shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * metrics.categoricalHinge([[0, 1]], [[0.6, 0.4]]).print();  // [1.2]
 */
export const categoricalHinge = (yTrue: Values, yPred: Values): Tensor =>
  tidy(() => {
    const [t, p] = pair(yTrue, yPred, 'categoricalHinge');
    const right = ops.sum(ops.mul(t, p), -1);
    const wrong = ops.max(ops.mul(ops.sub(1, t), p), -1);
    return ops.relu(ops.add(ops.sub(wrong, right), 1));
  });
