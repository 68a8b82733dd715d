/**
 * Reads handwritten digits: trains a small network, shows what it gets wrong, and times it against plain JavaScript.
 *
 *     npm start                  5,000 images of 20 × 20 pixels that the example draws itself
 *     npm start -- --data DIR    MNIST, from its four IDX files in DIR
 */

import { parseArgs } from 'node:util';
import { argMax, dispose, layers, readIdx, sequential, setSeed, softmax, tensor1d, tensor2d, tidy } from 'wasmgrad';
import { plainMlp } from '../../bench/plain.js';
import { isProgram } from '../run.js';
import { drawDigits, SIZE } from './draw.js';
import { readMnistFiles } from './mnist.js';
import { mulberry32 } from './random.js';
import { imageToText, lineChart, sideBySide } from './terminal.js';

/** @import { Scalar, Tensor } from 'wasmgrad' */
/** @import { MnistFiles } from './mnist.js' */
/** @typedef {{ x: Tensor, y: Tensor }} Examples images, one to a row with values in [0, 1], and int32 labels */
/**
 * @typedef {object} Task
 * @property {Examples} train
 * @property {Examples} test
 * @property {number} size width and height of an image
 * @property {number[]} sizes of the network's layers, inputs first
 * @property {number} epochs
 * @property {number} plainEpochs how many epochs the plain network runs to be timed
 */

const BATCH_SIZE = 32;
const MOST_SHOWN = 12; // misclassified images

/**
 * Trains on a task and prints how it went.
 *
 * @param {Task} task
 * @returns {Promise<number>} the test accuracy
 */
export async function run(task) {
  setSeed(1);
  const { train, test, size, sizes, epochs } = task;

  const model = network(sizes);
  model.summary();
  console.log(`\nTraining on ${count(train.x.shape[0])} images of ${size} × ${size} pixels.`);
  const time = stopwatch();
  const { history } = await model.fit(train.x, train.y, {
    epochs,
    batchSize: BATCH_SIZE,
    verbose: 1,
    callbacks: { onEpochBegin: time.start, onEpochEnd: time.stop },
  });
  console.log(`\n${lineChart(/** @type {number[]} */ (history.loss), { label: 'Loss by epoch' })}`);

  const figures = /** @type {Scalar[]} */ (model.evaluate(test.x, test.y));
  const accuracy = figures[1].dataSync()[0];
  console.log(`\nTest accuracy: ${percent(accuracy)} of ${count(test.x.shape[0])} images it has not seen.`);

  showPredictions(
    tidy(() => softmax(model.predict(test.x))),
    task,
  );

  const plain = plainEpochTime(task);
  console.log('\nTime per epoch:');
  console.log(`  wasmgrad          ${milliseconds(time.median())}`);
  console.log(`  plain JavaScript  ${milliseconds(plain)}, ${(plain / time.median()).toFixed(1)} times as long`);
  model.dispose();
  dispose([figures, train, test]);
  return accuracy;
}

/**
 * Images that the example draws.
 *
 * @param {{ train?: number, test?: number, epochs?: number, plainEpochs?: number }} [options] how many of each
 * @returns {Task}
 */
export function drawnDigits({ train = 5000, test = 1000, epochs = 40, plainEpochs = 10 } = {}) {
  const draw = (/** @type {number} */ n, /** @type {number} */ seed) => {
    const { images, labels } = drawDigits(n, seed);
    return { x: tensor2d(images, [n, SIZE * SIZE]), y: tensor1d(labels, 'int32') };
  };
  const sizes = [SIZE * SIZE, 25, 15, 10];
  return { train: draw(train, 1), test: draw(test, 2), size: SIZE, sizes, epochs, plainEpochs };
}

/**
 * Images of MNIST: 60,000 to train on and 10,000 to test with.
 *
 * @param {MnistFiles} files
 * @returns {Promise<Task>}
 */
export async function mnist(files) {
  const read = async (/** @type {Uint8Array} */ images, /** @type {Uint8Array} */ labels) => {
    const bytes = await readIdx(images);
    const x = tidy(() =>
      bytes
        .reshape([-1, 28 * 28])
        .toFloat()
        .div(255),
    );
    bytes.dispose();
    return { x, y: await readIdx(labels) };
  };
  const train = await read(files.trainImages, files.trainLabels);
  const test = await read(files.testImages, files.testLabels);
  return { train, test, size: 28, sizes: [28 * 28, 128, 10], epochs: 5, plainEpochs: 1 };
}

/**
 * Dense layers with relu, the last one linear: its outputs are logits, which the loss turns into probabilities.
 *
 * @param {number[]} sizes
 */
function network([inputs, ...units]) {
  const model = sequential();
  for (const [i, width] of units.entries()) {
    model.add(
      layers.dense({
        units: width,
        activation: i + 1 < units.length ? 'relu' : 'linear',
        ...(i === 0 && { inputShape: [inputs] }),
      }),
    );
  }
  model.compile({
    optimizer: 'adam', // its default learning rate is 0.001
    loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
    metrics: ['accuracy'],
  });
  return model;
}

/**
 * Shows the first test image with what the network says of it, then images it gets wrong.
 *
 * @param {Tensor} probabilities [images, 10]
 * @param {Task} task
 */
function showPredictions(probabilities, { test, size }) {
  const images = test.x.dataSync();
  const labels = test.y.dataSync();
  const chances = probabilities.dataSync();
  const digits = argMax(probabilities, -1);
  const predicted = digits.dataSync();
  digits.dispose();
  probabilities.dispose();
  const picture = (/** @type {number} */ i) =>
    imageToText(images.subarray(i * size * size, (i + 1) * size * size), size, size);

  const chance = percent(chances[predicted[0]]);
  console.log(`\n${picture(0)}\nThis is a ${predicted[0]} with probability ${chance} (its label is ${labels[0]}).`);

  const wrong = Array.from(labels.keys()).filter((i) => predicted[i] !== labels[i]);
  if (wrong.length === 0) return;
  const shown = wrong.slice(0, MOST_SHOWN);
  const captions = shown.map((i) => `${labels[i]}, read as ${predicted[i]}`);
  const perRow = Math.max(1, Math.floor(((process.stdout.columns ?? 100) + 2) / (size + 2)));
  console.log(
    `\n${count(wrong.length)} misclassified${wrong.length > shown.length ? `, of which ${shown.length}` : ''}:\n`,
  );
  console.log(sideBySide(shown.map(picture), captions, perRow));
}

/**
 * The median time of an epoch of the same network in plain JavaScript, with shuffled batches as in `fit`.
 *
 * @param {Task} task
 */
function plainEpochTime({ train, sizes, plainEpochs }) {
  const images = /** @type {Float32Array} */ (train.x.dataSync());
  const labels = /** @type {Int32Array} */ (train.y.dataSync());
  const plain = plainMlp(sizes);
  const [n, inputs] = [labels.length, sizes[0]];
  const [x, y] = [new Float32Array(BATCH_SIZE * inputs), new Int32Array(BATCH_SIZE)];
  const order = Uint32Array.from(labels.keys());
  const random = mulberry32(1);
  const time = stopwatch();
  for (let epoch = 0; epoch < plainEpochs; epoch++) {
    time.start();
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor((i + 1) * random());
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (let from = 0; from < n; from += BATCH_SIZE) {
      const batch = Math.min(BATCH_SIZE, n - from);
      for (let i = 0; i < batch; i++) {
        const k = order[from + i];
        x.set(images.subarray(k * inputs, (k + 1) * inputs), i * inputs);
        y[i] = labels[k];
      }
      plain.trainOnBatch(x.subarray(0, batch * inputs), y.subarray(0, batch));
    }
    time.stop();
  }
  return time.median();
}

/** Times of laps in milliseconds; the median leaves out the first laps, in which the engine still compiles. */
function stopwatch() {
  /** @type {number[]} */
  const laps = [];
  let started = 0;
  return {
    start: () => {
      started = performance.now();
    },
    stop: () => {
      laps.push(performance.now() - started);
    },
    median: () => laps.sort((a, b) => a - b)[laps.length >> 1],
  };
}

const count = (/** @type {number} */ n) => n.toLocaleString('en');
const percent = (/** @type {number} */ fraction) => `${(100 * fraction).toFixed(1)} %`;
const milliseconds = (/** @type {number} */ ms) => `${ms < 100 ? ms.toFixed(1) : count(Math.round(ms))} ms`;

/** The MNIST files of `--data`, if it is given. What can be wrong with the command line is said in one sentence. */
async function readArguments() {
  try {
    const { values } = parseArgs({ options: { data: { type: 'string' } } });
    return values.data === undefined ? undefined : await readMnistFiles(values.data);
  } catch (error) {
    console.error(/** @type {Error} */ (error).message);
    process.exit(1);
  }
}

if (isProgram(import.meta)) {
  const files = await readArguments();
  await run(files ? await mnist(files) : drawnDigits());
}
