/**
 * Training steps of two networks through `trainOnBatch`, beside the same networks in plain JavaScript:
 *
 *     npm run bench
 */

import { layers, randomUniform, sequential, setSeed } from 'wasmgrad';
import { plainMlp } from './plain.js';
import { median, race, ratio } from './race.js';

/** @type {{ sizes: number[], batch: number, turn: number }[]} */
const NETWORKS = [
  { sizes: [400, 25, 15, 10], batch: 32, turn: 30 },
  { sizes: [784, 512, 512, 10], batch: 128, turn: 300 },
];

/** Dense layers with relu, a linear output, sparse cross entropy from logits, Adam; one random batch.
 *
 * @param {number[]} sizes
 * @param {number} batch
 */
function contestants(sizes, batch) {
  setSeed(1);
  const model = sequential();
  sizes.slice(1).forEach((units, i) => {
    const activation = i + 2 < sizes.length ? 'relu' : 'linear';
    model.add(layers.dense({ units, activation, ...(i === 0 && { inputShape: [sizes[0]] }) }));
  });
  model.compile({ optimizer: 'adam', loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } });
  const x = randomUniform([batch, sizes[0]]);
  const y = randomUniform([batch], 0, 10, 'int32');

  const weights = model.getWeights().map((w) => /** @type {Float32Array} */ (w.dataSync()));
  const plain = plainMlp(sizes, weights);
  const [images, labels] = [/** @type {Float32Array} */ (x.dataSync()), /** @type {Int32Array} */ (y.dataSync())];
  return {
    wasmgrad: () => model.trainOnBatch(x, y),
    'plain JavaScript': () => plain.trainOnBatch(images, labels),
  };
}

console.log('Training step, Adam                  wasmgrad   plain JavaScript');
for (const { sizes, batch, turn } of NETWORKS) {
  const times = await race(contestants(sizes, batch), { turn });
  const [ours, plain] = [times.wasmgrad, times['plain JavaScript']];
  const ms = (/** @type {number[]} */ t) => `${median(t).toFixed(median(t) < 1 ? 3 : 1)} ms`.padStart(11);
  console.log(
    `${`MLP ${sizes.join('-')}, batch ${batch}`.padEnd(34)}${ms(ours)}${ms(plain)}   ${ratio(plain, ours).toFixed(1)} × our time`,
  );
}
