/**
 * Kinds of heartbeats: a convolution over time reads electrocardiograms of 100 samples. They are drawn by the example, as
 * sums of waves: P before the beat, Q, R and S in it, T behind it.
 *
 *     node examples/heartbeats.js
 */

import { concat, dispose, layers, linspace, random, sequential, setSeed, tensor1d, tidy, zeros } from 'wasmgrad';
import { isProgram } from './run.js';

/** @import { Scalar, Tensor } from 'wasmgrad' */

const LENGTH = 100;

/**
 * Each kind's waves: their place in the beat, their width, and their height.
 *
 * @type {Record<string, [place: number, width: number, height: number][]>}
 */
const KINDS = {
  normal: [
    [0.25, 0.03, 0.15],
    [0.46, 0.012, -0.12],
    [0.5, 0.014, 1],
    [0.54, 0.012, -0.2],
    [0.75, 0.05, 0.3],
  ],
  'without P wave': [
    [0.46, 0.012, -0.12],
    [0.5, 0.014, 1],
    [0.54, 0.012, -0.2],
    [0.75, 0.05, 0.3],
  ],
  'ventricular, too wide': [
    [0.48, 0.045, 1.1],
    [0.6, 0.04, -0.4],
    [0.8, 0.06, -0.3],
  ],
  'bundle branch block': [
    [0.25, 0.03, 0.15],
    [0.47, 0.014, 0.6],
    [0.52, 0.014, -0.4],
    [0.57, 0.02, 0.8],
    [0.8, 0.05, 0.2],
  ],
  'ischemic, T upside down': [
    [0.25, 0.03, 0.15],
    [0.46, 0.012, -0.2],
    [0.5, 0.014, 0.9],
    [0.54, 0.012, -0.2],
    [0.75, 0.05, -0.25],
  ],
};

/**
 * Beats of one kind: they come early or late, waves differ from beat to beat, the line drifts, and there is noise.
 *
 * @param {[place: number, width: number, height: number][]} waves
 * @param {number} n
 * @param {random.RandomState} state
 * @returns {Tensor} [n, 100, 1]
 */
function beats(waves, n, state) {
  return tidy(() => {
    const time = linspace(0, 1, LENGTH).reshape([1, LENGTH]);
    const around = (/** @type {number} */ value, /** @type {number} */ share) =>
      state.normal(value, Math.abs(value) * share, [n, 1]).cast('float32');
    const shift = state.normal(0, 0.04, [n, 1]).cast('float32');
    /** @type {Tensor} */
    let line = zeros([n, LENGTH]);
    for (const [place, width, height] of waves) {
      const away = time.sub(shift.add(around(place, 0.02))).div(around(width, 0.1));
      line = line.add(around(height, 0.15).mul(away.square().mul(-0.5).exp()));
    }
    const drift = state.normal(0, 0.1, [n, 1]).cast('float32').mul(time.sub(0.5));
    const noise = state.normal(0, 0.05, [n, LENGTH]).cast('float32');
    return line.add(drift).add(noise).reshape([n, LENGTH, 1]);
  });
}

/**
 * @param {number} each how many beats of each kind
 * @param {random.RandomState} state
 */
function electrocardiograms(each, state) {
  return tidy(() => {
    const kinds = Object.values(KINDS);
    return {
      x: concat(kinds.map((waves) => beats(waves, each, state))),
      y: tensor1d(
        kinds.flatMap((_, kind) => new Array(each).fill(kind)),
        'int32',
      ),
    };
  });
}

/** @returns {Promise<number>} the accuracy on beats that were not trained on */
export async function run() {
  setSeed(1);
  const state = new random.RandomState(1);
  const [train, test] = [electrocardiograms(400, state), electrocardiograms(200, state)];
  const model = sequential({
    layers: [
      layers.conv1d({ filters: 16, kernelSize: 7, activation: 'relu', inputShape: [LENGTH, 1] }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.conv1d({ filters: 32, kernelSize: 7, activation: 'relu' }),
      layers.maxPooling1d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: Object.keys(KINDS).length }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
    metrics: ['accuracy'],
  });
  await model.fit(train.x, train.y, { epochs: 10, verbose: 2 });
  const figures = /** @type {Scalar[]} */ (model.evaluate(test.x, test.y));
  const accuracy = figures[1].dataSync()[0];
  console.log(`Of ${test.y.size} other beats it tells the kind of ${(100 * accuracy).toFixed(1)} %.`);
  model.dispose();
  dispose([figures, train, test]);
  return accuracy;
}

if (isProgram(import.meta)) await run();
