/**
 * A learning rate that falls: gradient descent on (w + 1)² from w = 5. The least loss is at w = −1.
 *
 *     node examples/decay.js
 */

import { scalar, schedules, tidy, train, variable } from 'wasmgrad';
import { isProgram } from './run.js';

const EPOCHS = 40;

/** @returns {{ w: number, loss: number, learningRate: number }[]} an entry per epoch: w after its step, the loss before it */
export function descend() {
  const w = tidy(() => variable(scalar(5)));
  const rate = schedules.exponentialDecay({ initialLearningRate: 0.2, decaySteps: 1, decayRate: 0.99 });
  const optimizer = train.sgd(rate);
  const table = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const loss = optimizer.minimize(() => w.add(1).square(), true);
    table.push({ w: w.dataSync()[0], loss: loss.dataSync()[0], learningRate: rate.at(epoch) });
    loss.dispose();
  }
  optimizer.dispose();
  w.dispose();
  return table;
}

if (isProgram(import.meta)) {
  for (const [epoch, { w, loss, learningRate }] of descend().entries()) {
    const [a, b, c] = [w, loss, learningRate].map((x) => x.toFixed(6));
    console.log(`After ${epoch} epoch, w is ${a}, loss is ${b} lr is ${c}`);
  }
}
