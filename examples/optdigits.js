/**
 * Handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak, 1998): trains on those of 30 people, and reads those of 13
 * others.
 *
 *     node examples/optdigits.js --data DIR    where optdigits.tra and optdigits.tes are
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { data, dispose, layers, sequential, setSeed } from 'wasmgrad';
import { isProgram } from './run.js';

/** @import { Scalar } from 'wasmgrad' */

/**
 * The images, with values from 0 to 1, and their digits.
 *
 * @param {string} file
 */
async function read(file) {
  const rows = data.csv(pathToFileURL(file), { columnConfigs: { Class: { isLabel: true } } });
  const examples = rows.map(({ xs, ys }) => ({
    xs: Object.values(xs).map((value) => Number(value) / 16),
    ys: Number(ys.Class),
  }));
  const [all] = await examples.batch(4000).toArray();
  const { xs, ys } = all;
  const images = xs.reshape([-1, 8, 8, 1]);
  xs.dispose();
  return { x: images, y: ys };
}

/**
 * @param {string} folder
 * @returns {Promise<number>} the accuracy on the digits of people that the network has seen nothing of
 */
export async function run(folder) {
  setSeed(1);
  const [train, test] = [await read(join(folder, 'optdigits.tra')), await read(join(folder, 'optdigits.tes'))];
  const model = sequential({
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 1] }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 10 }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
    metrics: ['accuracy'],
  });
  await model.fit(train.x, train.y, { epochs: 12, verbose: 2 });
  const figures = /** @type {Scalar[]} */ (model.evaluate(test.x, test.y));
  const accuracy = figures[1].dataSync()[0];
  console.log(`Of ${test.y.size} digits by other hands it reads ${(100 * accuracy).toFixed(1)} %.`);
  model.dispose();
  dispose([figures, train, test]);
  return accuracy;
}

if (isProgram(import.meta)) {
  const { values } = parseArgs({ options: { data: { type: 'string', default: '.' } } });
  await run(values.data);
}
