/**
 * How far cars of 1970 to 1982 go on a gallon (the Auto MPG data): a regression on standardized features, as in
 * TensorFlow's tutorial.
 *
 *     node examples/auto-mpg.js --data DIR    where sns-mpg.csv is
 */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { callbacks, data, dispose, layers, mean, moments, sequential, setSeed, tidy, train } from 'wasmgrad';
import { isProgram } from './run.js';

/** @import { Scalar, Tensor } from 'wasmgrad' */

const NUMBERS = ['cylinders', 'displacement', 'horsepower', 'weight', 'acceleration', 'model_year'];
const ORIGINS = ['usa', 'europe', 'japan'];

/**
 * Rows as features and miles per gallon, in an order of its own; cars whose horsepower is not known are left out.
 *
 * @param {string} file
 */
const cars = (file) =>
  data
    .csv(pathToFileURL(file), { columnConfigs: { mpg: { isLabel: true } } })
    .filter(({ xs }) => xs.horsepower !== undefined)
    .map(({ xs, ys }) => ({
      xs: [...NUMBERS.map((name) => Number(xs[name])), ...ORIGINS.map((name) => Number(xs.origin === name))],
      ys: [Number(ys.mpg)],
    }))
    .shuffle(400, 1, false);

/** @param {data.Dataset<{ xs: number[], ys: number[] }>} rows */
async function tensors(rows) {
  const [all] = await rows.batch(400).toArray();
  return all;
}

/**
 * @param {string} folder
 * @returns {Promise<{ mae: number, rmse: number, baseline: number }>} errors in miles per gallon on cars that were not
 *   trained on, and the mean absolute error of always telling the mean
 */
export async function run(folder) {
  setSeed(1);
  const rows = cars(join(folder, 'sns-mpg.csv'));
  const [training, test] = [await tensors(rows.skip(78)), await tensors(rows.take(78))];

  // What is known of the features is known from the training set alone.
  const { mean: center, variance } = moments(training.xs, 0);
  const standardize = (/** @type {Tensor} */ x) => tidy(() => x.sub(center).div(variance.sqrt()));
  const [x, testX] = [standardize(training.xs), standardize(test.xs)];

  const model = sequential({
    layers: [
      layers.dense({ units: 64, activation: 'relu', inputShape: [NUMBERS.length + ORIGINS.length] }),
      layers.dense({ units: 64, activation: 'relu' }),
      layers.dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: train.adam(0.003), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
  const stop = callbacks.earlyStopping({ patience: 20, restoreBestWeights: true });
  const { epoch } = await model.fit(x, training.ys, {
    epochs: 200,
    validationSplit: 0.2,
    callbacks: stop,
    verbose: 0,
  });
  console.log(`It stopped after ${epoch.length} epochs; the best one was ${Number(stop.bestEpoch) + 1}.`);

  const [mse, mae] = /** @type {Scalar[]} */ (model.evaluate(testX, test.ys)).map((figure) => {
    const [value] = figure.dataSync();
    figure.dispose();
    return value;
  });
  const baseline = tidy(() => mean(test.ys.sub(mean(training.ys)).abs()).dataSync()[0]);
  const rmse = Math.sqrt(mse);
  console.log(`Error on ${test.ys.size} other cars: ${mae.toFixed(2)} miles per gallon (RMSE ${rmse.toFixed(2)});`);
  console.log(`always telling the mean: ${baseline.toFixed(2)}.`);
  model.optimizer.dispose();
  model.dispose();
  dispose([training, test, center, variance, x, testX]);
  return { mae, rmse, baseline };
}

if (isProgram(import.meta)) {
  const { values } = parseArgs({ options: { data: { type: 'string', default: '.' } } });
  await run(values.data);
}
