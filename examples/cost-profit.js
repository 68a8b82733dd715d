/**
 * Yoghurt sales with a loss in money: what is made too much costs, what is made too little is profit lost. The
 * dearer mistake bends the weights its way.
 *
 *     node examples/cost-profit.js
 */

import { dispose, greater, matMul, sum, train, where } from 'wasmgrad';
import { isProgram } from './run.js';
import { firstWeights, printTable, samples, trainFor } from './sales.js';

/**
 * 10,000 steps of gradient descent on all 32 samples.
 *
 * @param {{ cost: number, profit: number, draw: 1 | 2 }} options of a unit; and which draw the weights begin with
 */
export function money({ cost, profit, draw }) {
  const { x, y_ } = samples(23455, 32);
  const w = firstWeights(draw);
  const optimizer = train.sgd(0.002);
  const loss = () => {
    const y = matMul(x, w);
    return sum(where(greater(y, y_), y.sub(y_).mul(cost), y_.sub(y).mul(profit)));
  };
  const table = trainFor(w, 10000, () => optimizer.minimize(loss));
  optimizer.dispose();
  dispose([x, y_, w]);
  return table;
}

if (isProgram(import.meta)) {
  printTable('Cost 1, profit 99', money({ cost: 1, profit: 99, draw: 2 }));
  printTable('Cost 99, profit 1', money({ cost: 99, profit: 1, draw: 1 }));
}
