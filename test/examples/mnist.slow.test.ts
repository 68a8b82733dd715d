// The digits example on MNIST itself. Its files are not part of the repository: without them the test is skipped.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import * as convolutional from '../../examples/digits/convolutional.js';
import { mnist, run } from '../../examples/digits/main.js';
import { readMnistFiles } from '../../examples/digits/mnist.js';

const FOLDER = fileURLToPath(new URL('../../../shared/data/mnist', import.meta.url));

test.skipIf(!existsSync(FOLDER))(`784-128-10 passes 97.5 % on MNIST in 5 epochs (files in ${FOLDER})`, async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    expect(await run(await mnist(await readMnistFiles(FOLDER)))).toBeGreaterThan(0.975);
  } finally {
    log.mockRestore();
  }
});

test.skipIf(!existsSync(FOLDER))(`a convolutional network passes 99 % in 5 epochs (files in ${FOLDER})`, async () => {
  const { accuracy } = await convolutional.run(await readMnistFiles(FOLDER), 5);
  expect(accuracy).toBeGreaterThan(0.99);
});
