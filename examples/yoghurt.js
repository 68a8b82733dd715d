/**
 * Yoghurt sales with the mean square as loss: the weights come close to the (1, 1) that made the sales.
 *
 *     node examples/yoghurt.js
 */

import { dispose, matMul, train } from 'wasmgrad';
import { isProgram } from './run.js';
import { firstWeights, printTable, samples, trainFor } from './sales.js';

/** 15,000 steps of gradient descent on all 32 samples. */
export function meanSquare() {
  const { x, y_ } = samples(23455, 32);
  const w = firstWeights(1);
  const optimizer = train.sgd(0.002);
  const loss = () => y_.sub(matMul(x, w)).square().mean();
  const table = trainFor(w, 15000, () => optimizer.minimize(loss));
  optimizer.dispose();
  dispose([x, y_, w]);
  return table;
}

if (isProgram(import.meta)) printTable('Mean square', meanSquare());
