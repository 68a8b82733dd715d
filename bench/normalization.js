/**
 * Batch and layer normalization in training: a step of both directions, by the kernels and by the ops that they stand for.
 * TensorFlow.js has only the latter.
 */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

/** @type {[label: string, op: string][]} */
const KINDS = [
  ['batch normalization', 'batchNormStep'],
  ['batch normalization, op by op', 'batchNormOpsStep'],
  ['layer normalization', 'layerNormStep'],
  ['layer normalization, op by op', 'layerNormOpsStep'],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* normalization(quick) {
  const shapes = [
    [128, 512],
    [4096, 64],
    [64 * 28 * 28, 32],
  ];
  for (const [rows, n] of quick ? shapes.slice(0, 1) : shapes) {
    const inputs = [random([rows, n]), random([n]), random([n]), random([rows, n])];
    for (const [label, op] of KINDS) {
      yield { name: `${label}, ${rows} × ${n}, step`, op, inputs, bytes: 4 * rows * n, tolerance: 1e-3 };
    }
  }
}
