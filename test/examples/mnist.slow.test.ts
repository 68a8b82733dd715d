// The digits example on MNIST itself. Its files are not part of the repository: without them the test is skipped.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import * as convolutional from '../../examples/digits/convolutional.js';
import { mnist, run } from '../../examples/digits/main.js';
import { readMnistFiles } from '../../examples/digits/mnist.js';
import { layers, schedules, sequential, setSeed, type Tensor, train } from '../../src/index.js';

const FOLDER = fileURLToPath(new URL('../../../shared/data/mnist', import.meta.url));

test.skipIf(!existsSync(FOLDER))(`784-128-10 passes 97.5 % on MNIST in 5 epochs (files in ${FOLDER})`, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    expect(await run(await mnist(await readMnistFiles(FOLDER)))).toBeGreaterThan(0.975);
  } finally {
    log.mockRestore();
  }
});

test.skipIf(!existsSync(FOLDER))(
  `784-512-512-10 with dropout passes 98 % in 6 epochs, while its learning rate falls (files in ${FOLDER})`,
  async () => {
    setSeed(1);
    const { train: training, test } = await mnist(await readMnistFiles(FOLDER));
    const model = sequential({
      layers: [
        layers.dense({ units: 512, activation: 'relu', inputShape: [784] }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 512, activation: 'relu' }),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 10 }),
      ],
    });
    const [epochs, batchSize] = [6, 128];
    const decaySteps = epochs * Math.ceil(training.y.size / batchSize);
    model.compile({
      optimizer: train.adam(schedules.cosineDecay({ initialLearningRate: 0.001, decaySteps })),
      loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
      metrics: ['accuracy'],
    });
    await model.fit(training.x, training.y, { epochs, batchSize, verbose: 2 });
    const [, accuracy] = model.evaluate(test.x, test.y, { batchSize }) as Tensor[];
    expect(accuracy.dataSync()[0]).toBeGreaterThan(0.983);
  },
);

test.skipIf(!existsSync(FOLDER))(`a convolutional network passes 99 % in 5 epochs (files in ${FOLDER})`, async () => {
  const { accuracy } = await convolutional.run(await readMnistFiles(FOLDER), 5);
  expect(accuracy).toBeGreaterThan(0.99);
});
