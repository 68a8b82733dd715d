/** What an update costs per parameter: every optimizer's beside Adam's, in turns, as recorded steps run it. */

import { jit, keep, optimizers, tensor2d, tidy, variable } from 'wasmgrad';
import { random } from './inputs.js';
import { median, race, ratio } from './race.js';

/** @type {Record<string, () => import('wasmgrad').Optimizer>} */
const OPTIMIZERS = {
  adam: () => optimizers.adam(),
  sgd: () => optimizers.sgd(),
  'sgd, momentum': () => optimizers.sgd({ momentum: 0.9 }),
  'sgd, Nesterov': () => optimizers.sgd({ momentum: 0.9, nesterov: true }),
  adagrad: () => optimizers.adagrad(),
  adadelta: () => optimizers.adadelta(),
  rmsprop: () => optimizers.rmsprop(),
  'rmsprop, momentum': () => optimizers.rmsprop({ momentum: 0.9 }),
  'rmsprop, centered, momentum': () => optimizers.rmsprop({ momentum: 0.9, centered: true }),
  amsgrad: () => optimizers.adam({ amsgrad: true }),
  adamW: () => optimizers.adamW(),
  adamax: () => optimizers.adamax(),
  nadam: () => optimizers.nadam(),
  ftrl: () => optimizers.ftrl(),
  'ftrl, another power': () => optimizers.ftrl({ learningRatePower: -0.4 }),
  lion: () => optimizers.lion(),
  lamb: () => optimizers.lamb(),
  adafactor: () => optimizers.adafactor(),
  muon: () => optimizers.muon(),
  'adam, clipNorm': () => optimizers.adam({ clipNorm: 1 }),
  'adam, average': () => optimizers.adam({ useEma: true }),
  'adam, gathered gradients': () => optimizers.adam({ gradientAccumulationSteps: 4 }),
};

/** An update of a matrix along a gradient that stays the same. @param {() => import('wasmgrad').Optimizer} make @param {[number, number]} shape */
function enter(make, shape) {
  const optimizer = make();
  const weights = tidy(() => variable(tensor2d(random(shape).data, shape)));
  const gradient = tidy(() => keep(tensor2d(random(shape).data, shape)));
  const step = jit(() => optimizer.applyGradients([{ name: weights.name, tensor: gradient }]));
  return {
    run: step,
    close() {
      step.dispose();
      for (const owner of [optimizer, weights, gradient]) owner.dispose();
    },
  };
}

/** Nanoseconds per parameter, and how often Adam's time. @param {boolean} quick */
export async function optimizerSteps(quick) {
  const results = [];
  /** @type {[number, number][]} */
  const shapes = [
    [128, 256],
    [1024, 1024],
  ];
  for (const shape of quick ? shapes.slice(0, 1) : shapes) {
    const contestants = Object.fromEntries(
      Object.entries(OPTIMIZERS).map(([name, make]) => [name, enter(make, shape)]),
    );
    const times = await race(contestants, quick ? { rounds: 5, turn: 4 } : { rounds: 9, turn: 12 });
    for (const { close } of Object.values(contestants)) close();
    const size = shape[0] * shape[1];
    const rows = Object.entries(times).map(([name, own]) => ({
      name,
      nanoseconds: (median(own) * 1e6) / size,
      ofAdam: ratio(own, times.adam),
    }));
    console.log(`\noptimizers, ${shape.join(' × ')}${' '.repeat(15)}ns per parameter   ÷ adam`);
    for (const { name, nanoseconds, ofAdam } of rows) {
      console.log(`${name.padEnd(30)} ${nanoseconds.toFixed(3).padStart(16)} ${ofAdam.toFixed(2).padStart(12)}`);
    }
    results.push({ shape, rows });
  }
  return results;
}
