/** The numbers that contestants work on. */

import { mulberry32 } from '../examples/digits/random.js';

const next = mulberry32(1);

/**
 * Uniform in [low, high).
 *
 * @param {number[]} shape
 * @param {number} low
 * @param {number} high
 * @param {typeof Float32Array | typeof Float64Array} type
 * @returns {import('./peers.js').Input}
 */
export function random(shape, low = -1, high = 1, type = Float32Array) {
  const data = new type(shape.reduce((size, n) => size * n, 1));
  for (let i = 0; i < data.length; i++) data[i] = low + (high - low) * next();
  return { data, shape };
}

/**
 * A network with Glorot's weights, and a batch to train it on.
 *
 * @param {number[]} sizes
 * @param {number} batch
 * @returns {import('./peers.js').Network}
 */
export function network(sizes, batch) {
  const weights = sizes.slice(1).flatMap((units, i) => {
    const limit = Math.sqrt(6 / (sizes[i] + units));
    const kernel = /** @type {Float32Array} */ (random([sizes[i], units], -limit, limit).data);
    return [kernel, new Float32Array(units)];
  });
  const x = /** @type {Float32Array} */ (random([batch, sizes[0]], 0, 1).data);
  const labels = Int32Array.from({ length: batch }, () => Math.floor(next() * sizes[sizes.length - 1]));
  return { sizes, x, labels, weights };
}
