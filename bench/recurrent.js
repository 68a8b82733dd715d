/** Training steps of recurrent layers with Adam through `trainOnBatch`: a layer over sequences, then classes of its last output. */

import { recurrentNetwork } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

const CLASSES = 10;

/** What TensorFlow.js's layers do, too; its GRU is another one. @type {[layer: 'lstm' | 'simpleRNN', gates: number][]} */
const LAYERS = [
  ['lstm', 4],
  ['simpleRNN', 1],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* recurrentSteps(quick) {
  for (const [layer, gates] of LAYERS) {
    for (const [units, batch, steps, features] of quick
      ? [[32, 8, 10, 16]]
      : [
          [128, 32, 100, 64],
          [32, 16, 30, 8],
        ]) {
      // Forward and for the kernels' gradients, each input and each h of each step by each gate; back only h.
      const perInput = 2 * batch * steps * gates * units;
      yield {
        name: `${layer} of ${units}, batch ${batch} × ${steps} steps × ${features}`,
        network: recurrentNetwork({ layer, gates, units, steps }, features, CLASSES, batch),
        flop: perInput * (2 * features + 3 * units) + 6 * batch * units * CLASSES,
        tolerance: 1e-3,
      };
    }
  }
}
