/**
 * Which notes sound in a chord: several labels for one example. Spectra have a band per semitone; a note has overtones,
 * some of which lie where other notes do.
 *
 *     node examples/chords.js
 */

import { dispose, layers, random, sequential, setSeed, tensor2d, tidy } from 'wasmgrad';
import { isProgram } from './run.js';

/** @import { Scalar } from 'wasmgrad' */

const NOTES = 24;
const BANDS = 48;

/** The overtones of a note: so many semitones above it, so loud beside it. */
const OVERTONES = [
  [0, 1],
  [12, 0.6],
  [19, 0.4],
  [24, 0.3],
];

/**
 * Chords of about four notes, some louder than others, in noise.
 *
 * @param {number} n
 * @param {random.RandomState} state
 * @returns {{ x: import('wasmgrad').Tensor, y: import('wasmgrad').Tensor }} spectra [n, 48], and 1 for each note that
 *   sounds [n, 24]
 */
function chords(n, state) {
  return tidy(() => {
    const y = state.rand(n, NOTES).less(1 / 6);
    const loudness = state.uniform(0.4, 1.2, [n, NOTES]).mul(y);
    const spectrumOf = tensor2d(
      Array.from({ length: NOTES }, (_, note) => {
        const bands = new Array(BANDS).fill(0);
        for (const [above, loud] of OVERTONES) bands[note + above] = loud;
        return bands;
      }),
    );
    const spectra = loudness.matMul(spectrumOf.cast('float64')).add(state.normal(0, 0.1, [n, BANDS]));
    return { x: spectra.cast('float32'), y: y.cast('float32') };
  });
}

/** @returns {Promise<{ f1: number, accuracy: number }>} of the notes in chords that were not trained on */
export async function run() {
  setSeed(1);
  const state = new random.RandomState(1);
  const [train, test] = [chords(4000, state), chords(1000, state)];
  const model = sequential({
    layers: [
      layers.dense({ units: 64, activation: 'relu', inputShape: [BANDS] }),
      // Notes do not exclude one another: each has a probability of its own.
      layers.dense({ units: NOTES, activation: 'sigmoid' }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: 'binaryCrossentropy',
    metrics: ['binaryAccuracy', { name: 'f1Score', average: 'micro', threshold: 0.5 }],
  });
  await model.fit(train.x, train.y, { epochs: 15, verbose: 2 });
  const figures = /** @type {Scalar[]} */ (model.evaluate(test.x, test.y));
  const [, accuracy, f1] = figures.map((figure) => figure.dataSync()[0]);
  console.log(
    `Of all notes in ${test.x.shape[0]} other chords ${(100 * accuracy).toFixed(1)} % are told right, F1 ${f1.toFixed(3)}.`,
  );
  model.dispose();
  dispose([figures, train, test]);
  return { f1, accuracy };
}

if (isProgram(import.meta)) await run();
