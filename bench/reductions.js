/** Sums, maxima and their positions: over all elements, of rows, of columns. */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

/** @type {[label: string, op: string, axis: number | undefined][]} */
const KINDS = [
  ['sum of all', 'sum', undefined],
  ['sums of rows', 'sum', 1],
  ['sums of columns', 'sum', 0],
  ['max of all', 'max', undefined],
  ['max of rows', 'max', 1],
  ['argMax of rows', 'argMax', 1],
  ['argMax of columns', 'argMax', 0],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* reductions(quick) {
  const shapes = [
    [128, 512],
    [32, 10],
    [8192, 512],
  ];
  for (const shape of quick ? shapes.slice(0, 1) : shapes) {
    const inputs = [random(shape)];
    for (const [label, op, axis] of KINDS) {
      const args = axis === undefined ? [] : [axis];
      yield { name: `${label}, ${shape.join(' × ')}`, op, inputs, args, tolerance: 1e-3 };
    }
  }
}
