/**
 * Trains a convolutional network on MNIST and says how long an epoch takes.
 *
 *     node examples/digits/convolutional.js --data DIR [--epochs 5] [--threads 2]
 */

import { parseArgs } from 'node:util';
import { dispose, layers, sequential, setSeed } from 'wasmgrad';
import { setThreads } from 'wasmgrad/threads';
import { isProgram } from '../run.js';
import { mnist } from './main.js';
import { readMnistFiles } from './mnist.js';

/** @import { Scalar, Tensor } from 'wasmgrad' */

/** Two convolutions, a pool, and two dense layers with dropout before each. */
export function network() {
  const model = sequential({
    layers: [
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 1] }),
      layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.dropout({ rate: 0.25 }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10 }),
    ],
  });
  model.compile({
    optimizer: 'adam',
    loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
    metrics: ['accuracy'],
  });
  return model;
}

/**
 * Trains on MNIST.
 *
 * @param {import('./mnist.js').MnistFiles} files
 * @param {number} epochs
 * @returns {Promise<{ accuracy: number, seconds: number[] }>} the test accuracy, and each epoch's time
 */
export async function run(files, epochs) {
  setSeed(1);
  const { train, test } = await mnist(files);
  const images = (/** @type {Tensor} */ x) => x.reshape([-1, 28, 28, 1]);
  const [trainImages, testImages] = [images(train.x), images(test.x)];
  const model = network();
  model.summary();

  /** @type {number[]} */
  const seconds = [];
  let began = 0;
  await model.fit(trainImages, train.y, {
    epochs,
    batchSize: 64,
    callbacks: {
      onEpochBegin: () => {
        began = performance.now();
      },
      onEpochEnd: () => {
        seconds.push((performance.now() - began) / 1000);
      },
    },
  });
  const figures = /** @type {Scalar[]} */ (model.evaluate(testImages, test.y, { batchSize: 64 }));
  const accuracy = figures[1].dataSync()[0];
  console.log(`Test accuracy: ${(100 * accuracy).toFixed(2)} %`);
  console.log(`Seconds per epoch: ${seconds.map((s) => s.toFixed(0)).join(', ')}`);
  model.dispose();
  dispose([figures, train, test, trainImages, testImages]);
  return { accuracy, seconds };
}

if (isProgram(import.meta)) {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      epochs: { type: 'string', default: '5' },
      threads: { type: 'string', default: '1' },
    },
  });
  try {
    const files = await readMnistFiles(values.data ?? '');
    await setThreads(Number(values.threads));
    await run(files, Number(values.epochs));
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
