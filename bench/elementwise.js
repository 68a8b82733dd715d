/** Elementwise ops and softmax, beside memcpy. */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

/** @type {Record<string, [low: number, high: number]>} */
const RANGES = {
  exp: [-5, 5],
  log: [0.001, 100],
  tanh: [-4, 4],
  sigmoid: [-6, 6],
  gelu: [-4, 4],
  relu: [-1, 1],
  add: [-1, 1],
};

/** @param {boolean} quick @returns {Generator<Row>} */
export function* elementwise(quick) {
  for (const size of quick ? [2 ** 16] : [2 ** 12, 2 ** 16, 2 ** 22]) {
    const label = size < 2 ** 20 ? `${size / 2 ** 10} Ki` : `${size / 2 ** 20} Mi`;
    for (const [op, [low, high]] of Object.entries(RANGES)) {
      const inputs = Array.from({ length: op === 'add' ? 2 : 1 }, () => random([size], low, high));
      yield { name: `${op}, ${label}`, op, inputs, args: [], bytes: 4 * size, tolerance: 1e-5 };
    }
    for (const columns of [512, 10]) {
      const shape = [Math.floor(size / columns), columns];
      yield {
        name: `softmax, ${shape.join(' × ')}`,
        op: 'softmax',
        inputs: [random(shape, -4, 4)],
        args: [],
        bytes: 4 * shape[0] * columns,
        tolerance: 1e-5,
      };
    }
  }
}
