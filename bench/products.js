/** Matrix products: squares, layers of networks, and their gradients (TN: aᵀ · b, NT: a · bᵀ). */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

const SQUARES = [64, 128, 256, 512, 1024].map((n) => [n, n, n]);
const LAYERS = [
  [32, 25, 400],
  [32, 128, 784],
  [128, 512, 784],
  [1024, 512, 512],
];

/** The products that the small network's step is made of, and those of a vector. */
const SMALL = [
  [400, 25, 32, 'TN'],
  [32, 15, 25, 'NN'],
  [25, 15, 32, 'TN'],
  [32, 25, 15, 'NT'],
  [32, 10, 15, 'NN'],
  [15, 10, 32, 'TN'],
  [32, 15, 10, 'NT'],
  [1, 25, 400, 'NN'],
  [1, 512, 784, 'NN'],
  [1, 512, 784, 'NT'],
  [512, 1, 784, 'NN'],
  [784, 512, 1, 'TN'],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* products(quick) {
  const sizes = quick ? [SQUARES[0], SQUARES[2], SQUARES[3], LAYERS[0]] : [...SQUARES, ...LAYERS];
  for (const [m, n, k] of sizes)
    for (const kind of quick ? ['NN', 'TN'] : ['NN', 'TN', 'NT']) yield product(m, n, k, kind);
  if (quick) return;
  for (const [m, n, k, kind] of SMALL) yield product(Number(m), Number(n), Number(k), String(kind));
  for (const [m, n, k] of [SQUARES[0], SQUARES[2], SQUARES[3], ...LAYERS.slice(0, 3)])
    yield product(m, n, k, 'NN', Float64Array);
}

/**
 * @param {number} m
 * @param {number} n
 * @param {number} k
 * @param {string} kind
 * @param {typeof Float32Array | typeof Float64Array} type
 * @returns {Row}
 */
function product(m, n, k, kind, type = Float32Array) {
  const transposeA = kind[0] === 'T';
  const transposeB = kind[1] === 'T';
  return {
    name: `${m} × ${n} × ${k} ${kind}${type === Float64Array ? ' float64' : ''}`,
    op: 'matMul',
    inputs: [random(transposeA ? [k, m] : [m, k], -1, 1, type), random(transposeB ? [n, k] : [k, n], -1, 1, type)],
    args: [transposeA, transposeB],
    flop: 2 * m * n * k,
    tolerance: 1e-5 * Math.sqrt(k),
  };
}
