/** Training steps with Adam through `trainOnBatch`, replayed and eager. */

import { network } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

export const NETWORKS = [
  { sizes: [400, 25, 15, 10], batch: 32 },
  { sizes: [784, 512, 512, 10], batch: 128 },
];

/** Floating-point operations in the products of a step. @param {number[]} sizes @param {number} batch */
function flopOf(sizes, batch) {
  const layers = sizes.slice(1).map((units, i) => 2 * batch * units * sizes[i]);
  return 3 * layers.reduce((sum, flop) => sum + flop) - layers[0]; // the images need no gradient
}

/** @returns {Generator<Row>} */
export function* steps() {
  for (const { sizes, batch } of NETWORKS) {
    yield {
      name: `MLP ${sizes.join('-')}, batch ${batch}`,
      network: network(sizes, batch),
      flop: flopOf(sizes, batch),
      tolerance: 1e-3,
    };
  }
}
