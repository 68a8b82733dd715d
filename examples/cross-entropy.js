/**
 * Cross entropy: how far predicted probabilities are from the truth; and that softmax and cross entropy in two steps
 * and in one give the same.
 *
 *     node examples/cross-entropy.js
 */

import { metrics, oneHot, softmax, softmaxCrossEntropyWithLogits, tensor2d, tidy } from 'wasmgrad';
import { isProgram } from './run.js';

/** A truth of (1, 0) against two predictions, in float32. */
export const closer = () =>
  tidy(() => {
    const loss = (/** @type {number[]} */ y) => metrics.categoricalCrossentropy([1, 0], y).dataSync()[0];
    return [loss([0.6, 0.4]), loss([0.8, 0.2])];
  });

const LOGITS = [
  [12, 3, 2],
  [3, 10, 1],
  [1, 2, 5],
  [4, 6.5, 1.2],
  [3, 6, 1],
];

/** Five rows of logits against their classes, in float64. */
export const softmaxThenLoss = () =>
  tidy(() => {
    const y_ = oneHot([0, 1, 2, 0, 1], 3, 1, 0, 'float64');
    const y = tensor2d(LOGITS, [5, 3], 'float64');
    return {
      twoSteps: [...metrics.categoricalCrossentropy(y_, softmax(y)).dataSync()],
      oneStep: [...softmaxCrossEntropyWithLogits(y_, y).dataSync()],
    };
  });

if (isProgram(import.meta)) {
  const [far, near] = closer().map((x) => x.toFixed(8));
  console.log(`Cross entropy of (1, 0) and (0.6, 0.4): ${far}`);
  console.log(`Cross entropy of (1, 0) and (0.8, 0.2): ${near}`);
  for (const [name, losses] of Object.entries(softmaxThenLoss())) {
    console.log(`${name}: ${losses.map((x) => x.toExponential(8)).join(', ')}`);
  }
}
