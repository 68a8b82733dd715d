/**
 * Learning by heart, and three ways not to: a network that is far too large for 200 noisy examples, alone, with weights
 * kept small (L2), with dropout, and stopped early.
 *
 *     node examples/overfitting.js
 */

import { callbacks, dispose, layers, random, regularizers, sequential, setSeed, tidy } from 'wasmgrad';
import { historyText } from 'wasmgrad/plot';
import { isProgram } from './run.js';

/** @import { EarlyStopping, Scalar, Tensor } from 'wasmgrad' */

const INPUTS = 20;
const EPOCHS = 100;

/**
 * Points of which two of 20 coordinates say the class, and one class in ten is wrong.
 *
 * @param {number} n
 * @param {random.RandomState} state
 */
function examples(n, state) {
  return tidy(() => {
    const x = state.normal(0, 1, [n, INPUTS]);
    const sum = x.slice([0, 0], [n, 2]).sum(1, true);
    const flipped = state.rand(n, 1).less(0.1);
    return { x: x.cast('float32'), y: sum.greater(0).logicalXor(flipped).cast('float32') };
  });
}

/**
 * @typedef {object} Cure
 * @property {number} [l2] how strongly weights are kept small
 * @property {number} [rate] the share of units that dropout leaves out
 * @property {EarlyStopping} [stop]
 */

/** @param {Cure} cure */
function network({ l2 = 0, rate = 0 }) {
  const regularized = { activation: 'relu', kernelRegularizer: regularizers.l2({ l2 }) };
  const model = sequential({
    layers: [
      layers.dense({ units: 128, ...regularized, inputShape: [INPUTS] }),
      layers.dropout({ rate }),
      layers.dense({ units: 128, ...regularized }),
      layers.dropout({ rate }),
      layers.dense({ units: 1, activation: 'sigmoid' }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: 'binaryCrossentropy',
    // The loss has what the regularizer adds; this is comparable.
    metrics: ['binaryCrossentropy', 'accuracy'],
  });
  return model;
}

/**
 * @typedef {object} Outcome
 * @property {number[]} validation the validation loss of every epoch
 * @property {number} loss that of the weights in the end
 * @property {number} trained the accuracy on the training set, in the last epoch
 * @property {number} accuracy that on the validation set, of the weights in the end
 */

/** @returns {Promise<Record<string, Outcome>>} how each way went */
export async function run() {
  const state = new random.RandomState(1);
  const [train, validation] = [examples(200, state), examples(1000, state)];
  const stop = callbacks.earlyStopping({ monitor: 'val_binaryCrossentropy', patience: 10, restoreBestWeights: true });
  /** @type {Record<string, Cure>} */
  const ways = { alone: {}, 'L2 of 0.08': { l2: 0.08 }, 'dropout of 0.7': { rate: 0.7 }, 'stopped early': { stop } };
  /** @type {Record<string, Outcome>} */
  const outcomes = {};
  for (const [way, cure] of Object.entries(ways)) {
    setSeed(1);
    const model = network(cure);
    const { history } = await model.fit(train.x, train.y, {
      epochs: EPOCHS,
      validationData: [validation.x, validation.y],
      callbacks: cure.stop ?? [],
      verbose: 0,
    });
    const figures = /** @type {Scalar[]} */ (model.evaluate(validation.x, validation.y));
    const [, loss, accuracy] = figures.map((figure) => figure.dataSync()[0]);
    const { binaryCrossentropy, val_binaryCrossentropy } = history;
    outcomes[way] = { validation: val_binaryCrossentropy, loss, accuracy, trained: Number(history.accuracy.at(-1)) };
    const curves = historyText({ binaryCrossentropy, val_binaryCrossentropy });
    console.log(`\n${way}\n${curves}`);
    model.dispose();
    dispose(figures);
  }
  console.log('\n                 training  validation  loss');
  for (const [way, { trained, accuracy, loss }] of Object.entries(outcomes)) {
    const percent = (/** @type {number} */ share) => `${(100 * share).toFixed(1)} %`;
    console.log(
      `${way.padEnd(16)} ${percent(trained).padStart(8)} ${percent(accuracy).padStart(11)} ${loss.toFixed(3).padStart(6)}`,
    );
  }
  dispose([train, validation]);
  return outcomes;
}

if (isProgram(import.meta)) await run();
