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
  const weights = sizes.slice(1).flatMap((units, i) => [...weightsOf([sizes[i], units], sizes[i], units)]);
  return { sizes, x: floats([batch, sizes[0]], 0, 1), labels: labelsOf(batch, sizes), weights };
}

/**
 * The same behind a recurrent layer.
 *
 * @param {import('./peers.js').Recurrent} recurrent
 * @param {number} features of a step
 * @param {number} classes
 * @param {number} batch
 * @returns {import('./peers.js').Network}
 */
export function recurrentNetwork(recurrent, features, classes, batch) {
  const { gates, units, steps } = recurrent;
  const dense = network([units, classes], batch);
  const [kernel, bias] = weightsOf([features, gates * units], features, gates * units);
  const [recurrentKernel] = weightsOf([units, gates * units], units, gates * units);
  const x = floats([batch, steps, features], -1, 1);
  return {
    ...dense,
    recurrent: { ...recurrent, features },
    x,
    weights: [kernel, recurrentKernel, bias, ...dense.weights],
  };
}

/** @param {number[]} shape @param {number} low @param {number} high */
const floats = (shape, low, high) => /** @type {Float32Array} */ (random(shape, low, high).data);

/** A kernel by Glorot's rule, and a bias. @param {number[]} shape @param {number} fanIn @param {number} fanOut */
function weightsOf(shape, fanIn, fanOut) {
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return [floats(shape, -limit, limit), new Float32Array(shape[shape.length - 1])];
}

/** @param {number} batch @param {number[]} sizes */
const labelsOf = (batch, sizes) =>
  Int32Array.from({ length: batch }, () => Math.floor(next() * sizes[sizes.length - 1]));

/**
 * The same behind convolutions and a pool of images.
 *
 * @param {import('./peers.js').Images} images
 * @param {number[]} units
 * @param {number} batch
 * @returns {import('./peers.js').Network}
 */
export function convolutionalNetwork(images, units, batch) {
  const { shape, filters } = images;
  const channels = [shape[2], ...filters];
  const side = (/** @type {number} */ n) => Math.floor((n - 2 * filters.length) / 2);
  const sizes = [side(shape[0]) * side(shape[1]) * channels[filters.length], ...units];
  const dense = network(sizes, batch);
  const convolutions = filters.flatMap((n, i) => weightsOf([3, 3, channels[i], n], 9 * channels[i], 9 * n));
  return { ...dense, images, x: floats([batch, ...shape], 0, 1), weights: [...convolutions, ...dense.weights] };
}
