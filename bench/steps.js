/** Training steps with Adam through `trainOnBatch`, replayed and eager. */

import { convolutionalNetwork, network } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

export const NETWORKS = [
  { sizes: [400, 25, 15, 10], batch: 32 },
  { sizes: [784, 512, 512, 10], batch: 128 },
];

/** MNIST's convolutional network. A small batch is for TensorFlow.js cpu, which takes a second for each image. */
export const IMAGES = { shape: /** @type {[number, number, number]} */ ([28, 28, 1]), filters: [32, 64] };
export const UNITS = [128, 10];

/** Floating-point operations in the products of a step. @param {number[]} sizes @param {number} batch */
function flopOf(sizes, batch) {
  const layers = sizes.slice(1).map((units, i) => 2 * batch * units * sizes[i]);
  return 3 * layers.reduce((sum, flop) => sum + flop) - layers[0]; // the images need no gradient
}

/** @param {number} batch */
export const nameOfImages = (batch) => `CNN 28×28, 3×3×32, 3×3×64, pool, ${UNITS.join('-')}, batch ${batch}`;

/**
 * The same for a network of images, of which every product meets the image.
 *
 * @param {import("./peers.js").Images} images
 * @param {number} batch
 */
function flopOfImages({ shape: [height, width, channels], filters }, batch) {
  const layers = filters.map((n, i) => {
    const places = (height - 2 * i - 2) * (width - 2 * i - 2);
    return 2 * batch * places * 9 * (filters[i - 1] ?? channels) * n;
  });
  const last = filters.length;
  const inputs = Math.floor((height - 2 * last) / 2) * Math.floor((width - 2 * last) / 2) * filters[last - 1];
  const dense = [inputs, ...UNITS].slice(1).map((units, i) => 2 * batch * units * [inputs, ...UNITS][i]);
  return 3 * [...layers, ...dense].reduce((sum, flop) => sum + flop) - layers[0];
}

/** @param {boolean} quick @returns {Generator<Row>} */
export function* steps(quick) {
  for (const { sizes, batch } of NETWORKS) {
    yield {
      name: `MLP ${sizes.join('-')}, batch ${batch}`,
      network: network(sizes, batch),
      flop: flopOf(sizes, batch),
      tolerance: 1e-3,
    };
  }
  for (const batch of quick ? [64] : [64, 2]) {
    yield {
      name: nameOfImages(batch),
      network: convolutionalNetwork(IMAGES, UNITS, batch),
      flop: flopOfImages(IMAGES, batch),
      tolerance: 1e-3,
    };
  }
}
