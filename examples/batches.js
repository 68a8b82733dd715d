/**
 * 128 samples in batches of 8, Adam, and three losses: too much is dear, the square, too little is dear.
 *
 *     node examples/batches.js
 */

import { dispose, greater, matMul, sum, train, where } from 'wasmgrad';
import { isProgram } from './run.js';
import { firstWeights, printTable, samples, trainFor } from './sales.js';

/** @import { Tensor } from 'wasmgrad' */

const BATCH = 8;

/** A unit too much costs `more`, one too little `less`. */
const sided =
  (/** @type {number} */ more, /** @type {number} */ less) => (/** @type {Tensor} */ y_, /** @type {Tensor} */ y) =>
    sum(where(greater(y, y_), y.sub(y_).mul(more), y_.sub(y).mul(less)));

/** @type {Record<string, (y_: Tensor, y: Tensor) => Tensor>} */
const LOSSES = {
  'more 10, less 1': sided(10, 1),
  'mean square': (y_, y) => y.sub(y_).square().mean(),
  'more 1, less 10': sided(1, 10),
};

/**
 * 5,000 steps of Adam, each on the next batch in turn.
 *
 * @param {keyof typeof LOSSES} name
 */
export function batches(name) {
  const { x, y_ } = samples(1, 128);
  const w = firstWeights(1);
  const optimizer = train.adam(0.001, 0.9, 0.999, 1e-8);
  const table = trainFor(w, 5000, (i) => {
    const begin = (i * BATCH) % 128;
    optimizer.minimize(() => LOSSES[name](y_.slice([begin], [BATCH]), matMul(x.slice([begin], [BATCH]), w)));
  });
  optimizer.dispose();
  dispose([x, y_, w]);
  return table;
}

if (isProgram(import.meta)) for (const name of Object.keys(LOSSES)) printTable(name, batches(name));
