/**
 * Trains on more than memory holds: batches that a dataset makes one after the other, and what is resident meanwhile.
 *
 *     node bench/stream.js [--gigabytes 2]
 */

import { parseArgs } from 'node:util';
import { data, layers, memory, sequential, setSeed } from 'wasmgrad';

const FEATURES = 1024;
const ROWS = 256; // in a batch: 1 MiB
const MB = 1e6;

const { values } = parseArgs({ options: { gigabytes: { type: 'string', default: '2' } } });
const batches = Math.round((Number(values.gigabytes) * 1e9) / (4 * FEATURES * ROWS));

/** Rows as they might come from a file or a network, each an array of its own. */
async function* rows() {
  let word = 1;
  for (let i = 0; i < batches * ROWS; i++) {
    const xs = new Float32Array(FEATURES);
    for (let j = 0; j < FEATURES; j++) {
      word = (Math.imul(word, 1664525) + 1013904223) | 0;
      xs[j] = word * 2 ** -31;
    }
    yield { xs, ys: [xs[0] > 0 ? 1 : 0] };
  }
}

setSeed(1);
const model = sequential({
  layers: [
    layers.dense({ units: 16, activation: 'relu', inputShape: [FEATURES] }),
    layers.dense({ units: 1, activation: 'sigmoid' }),
  ],
});
model.compile({ optimizer: 'adam', loss: 'binaryCrossentropy', metrics: ['accuracy'] });

const atFirst = process.memoryUsage().rss;
let most = 0;
const began = performance.now();
const { history } = await model.fitDataset(data.generator(rows).shuffle(1000, 1).batch(ROWS).prefetch(2), {
  verbose: 0,
  callbacks: {
    onBatchEnd: () => {
      most = Math.max(most, process.memoryUsage.rss());
    },
  },
});
const seconds = (performance.now() - began) / 1000;
const gigabytes = (batches * ROWS * FEATURES * 4) / 1e9;
console.log(
  `${gigabytes.toFixed(2)} GB in ${batches} batches, ${seconds.toFixed(0)} s, accuracy ${Number(history.accuracy[0]).toFixed(3)}`,
);
console.log(`resident: ${(atFirst / MB).toFixed(0)} MB at first, ${(most / MB).toFixed(0)} MB at most;`);
console.log(
  `WebAssembly memory ${(memory().heapBytes / MB).toFixed(0)} MB, of which tensors ${(memory().numBytes / MB).toFixed(1)} MB`,
);
