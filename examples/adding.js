/**
 * The adding problem (Hochreiter and Schmidhuber, 1997): of the numbers in a sequence two are marked, and an LSTM is to
 * tell their sum when the sequence has ended.
 *
 *     node examples/adding.js
 */

import { dispose, layers, random, sequential, setSeed, stack, tensor2d, tidy, train } from 'wasmgrad';
import { isProgram } from './run.js';

/** @import { Scalar } from 'wasmgrad' */

const STEPS = 20;

/**
 * Sequences of a number in [0, 1) and a mark, one mark in each half.
 *
 * @param {number} n
 * @param {random.RandomState} state
 */
function sequences(n, state) {
  return tidy(() => {
    const numbers = state.rand(n, STEPS);
    const marks = tensor2d(
      Array.from({ length: n }, () => {
        const row = new Array(STEPS).fill(0);
        row[state.randint(STEPS / 2)] = 1;
        row[state.randint(STEPS / 2, STEPS)] = 1;
        return row;
      }),
    );
    return {
      x: stack([numbers.cast('float32'), marks], 2),
      y: numbers.mul(marks).sum(1, true).cast('float32'),
    };
  });
}

/** @returns {Promise<{ error: number, baseline: number }>} mean squared errors on other sequences, and of always telling 1 */
export async function run() {
  setSeed(1);
  const state = new random.RandomState(1);
  const [training, test] = [sequences(4000, state), sequences(1000, state)];
  const model = sequential({
    layers: [layers.lstm({ units: 32, inputShape: [STEPS, 2] }), layers.dense({ units: 1 })],
  });
  model.compile({ optimizer: train.adam(0.01), loss: 'meanSquaredError' });
  await model.fit(training.x, training.y, { epochs: 12, batchSize: 64, verbose: 2 });
  const figure = /** @type {Scalar} */ (model.evaluate(test.x, test.y));
  const error = figure.dataSync()[0];
  const baseline = tidy(() => test.y.sub(1).square().mean().dataSync()[0]);
  console.log(`Mean squared error ${error.toFixed(4)}; always telling 1 has ${baseline.toFixed(4)}.`);
  model.optimizer.dispose();
  model.dispose();
  dispose([figure, training, test]);
  return { error, baseline };
}

if (isProgram(import.meta)) await run();
