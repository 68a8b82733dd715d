/**
 * Draws what training is made of and what it did: an activation, schedules, a computation graph, learning curves and a
 * confusion matrix, as SVG files. Needs d3-scale, d3-shape and @dagrejs/dagre beside wasmgrad.
 *
 *     node examples/plots.js [FOLDER]
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dispose,
  graph,
  layers,
  losses,
  math,
  random,
  schedules,
  sequential,
  setSeed,
  tensor1d,
  tensor2d,
  tidy,
  train,
} from 'wasmgrad';
import * as plot from 'wasmgrad/plot';
import { isProgram } from './run.js';

const CLASSES = ['left moon', 'right moon', 'centre'];

/**
 * Points of two half-moons and of a cloud between them, with noise: three classes that overlap.
 *
 * @param {number} n
 * @param {number} seed
 */
function moons(n, seed) {
  const draws = new random.RandomState(seed);
  const points = [];
  const labels = [];
  for (let i = 0; i < n; i++) {
    const kind = i % 3;
    const angle = Math.PI * draws.rand();
    const [dx, dy] = [0.18 * draws.randn(), 0.18 * draws.randn()];
    if (kind === 0) points.push([Math.cos(angle) + dx, Math.sin(angle) + dy]);
    else if (kind === 1) points.push([1 - Math.cos(angle) + dx, 0.5 - Math.sin(angle) + dy]);
    else points.push([0.5 + 1.3 * dx, 0.25 + 1.3 * dy]);
    labels.push(kind);
  }
  return { points, labels };
}

/** Trains a small classifier; returns its history and the confusion matrix of other points. */
async function trained() {
  setSeed(1);
  const [seen, unseen] = [moons(300, 1), moons(600, 2)];
  const model = sequential({
    layers: [
      layers.dense({ units: 24, activation: 'tanh', inputShape: [2] }),
      layers.dense({ units: 24, activation: 'tanh' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  const decay = schedules.cosineDecay({
    initialLearningRate: 0.001,
    decaySteps: 500,
    warmupTarget: 0.02,
    warmupSteps: 50,
  });
  const optimizer = train.adam(decay);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const [x, y] = [tensor2d(seen.points), tensor1d(seen.labels)];
  const [otherX, otherY] = [tensor2d(unseen.points), tensor1d(unseen.labels)];
  const { history } = await model.fit(x, y, { epochs: 60, validationData: [otherX, otherY], verbose: 0 });
  const matrix = tidy(() => {
    const predicted = /** @type {import('wasmgrad').Tensor} */ (model.predict(otherX)).argMax(1);
    return /** @type {number[][]} */ (
      math.confusionMatrix(tensor1d(unseen.labels, 'int32'), /** @type {any} */ (predicted), 3).arraySync()
    );
  });
  dispose([x, y, otherX, otherY]);
  for (const owner of [model, optimizer]) owner.dispose();
  return { history, matrix };
}

/** Every picture by its file's name. @returns {Promise<Record<string, string>>} */
export async function pictures() {
  const { history, matrix } = await trained();
  const neuron = graph(({ w, x, b }) => w.mul(x).add(b).tanh(), { w: -3, x: 2, b: 6.5 });
  const network = tidy(() => {
    setSeed(1);
    const model = sequential({
      layers: [
        layers.dense({ units: 3, activation: 'relu', inputShape: [2], name: 'hidden' }),
        layers.dense({ units: 2, name: 'output' }),
      ],
    });
    const [x, y] = [tensor2d([[1, -2]]), tensor2d([[0, 1]])];
    const drawn = graph(() => losses.softmaxCrossEntropy(y, /** @type {any} */ (model.apply(x))));
    model.dispose();
    return drawn;
  });
  const rate = { maxLearningRate: 0.1, totalSteps: 1000 };
  return {
    relu: await plot.activation('relu'),
    gelu: await plot.activation('gelu'),
    'one-cycle': await plot.schedule(schedules.oneCycle(rate), 1000),
    'cosine-restarts': await plot.schedule(
      schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 100, mMul: 0.8 }),
      700,
    ),
    neuron: await plot.graph(neuron, { title: 'tanh(w · x + b)' }),
    network: await plot.graph(network, { direction: 'down', title: 'the loss of a network of two layers' }),
    history: await plot.history(history),
    confusion: await plot.confusionMatrix(matrix, CLASSES, { title: 'points that the network has not seen' }),
  };
}

if (isProgram(import.meta)) {
  const folder = process.argv[2] ?? 'plots';
  await mkdir(folder, { recursive: true });
  for (const [name, svg] of Object.entries(await pictures())) {
    const file = join(folder, `${name}.svg`);
    await writeFile(file, svg);
    console.log(file);
  }
}
