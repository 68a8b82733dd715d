// A training that stops after any epoch, and goes on in another process from what was saved in files, has the bits of one
// that did not stop.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  disposeVariables,
  model as graph,
  input,
  type LayersModel,
  layers,
  optimizers,
  schedules,
  sequential,
  setSeed,
} from '../../src/index.js';
import { expectNoLeak, quadrants, SPARSE } from '../models/models.js';
import { load, saved } from './saved.js';

const EPOCHS = 4;

/** A model that draws random numbers in every way that there is, and an optimizer with state of every kind. */
function chain(): LayersModel {
  const model = sequential({
    layers: [
      layers.dense({
        units: 8,
        activation: 'relu',
        inputShape: [2],
        kernelRegularizer: 'l2',
        kernelConstraint: 'maxNorm',
      }),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 8, activation: 'tanh' }),
      layers.dropout({ rate: 0.25, seed: 9 }),
      layers.gaussianNoise({ stddev: 0.1, seed: 4 }),
      layers.batchNormalization(),
      layers.dense({ units: 4 }),
    ],
  });
  const learningRate = schedules.cosineDecay({ initialLearningRate: 0.05, decaySteps: 30 });
  const optimizer = optimizers.adamW({
    ...{ learningRate, weightDecay: 0.1, globalClipNorm: 1, useEma: true, emaOverwriteFrequency: 3 },
    gradientAccumulationSteps: 2,
  });
  optimizer.excludeFromWeightDecay({ varNames: ['bias'] });
  model.compile({ optimizer, loss: SPARSE, metrics: ['accuracy'] });
  return model;
}

function branches(): LayersModel {
  const x = input({ shape: [2] });
  const shared = layers.dense({ units: 2, activation: 'tanh' });
  const y = layers.dropout({ rate: 0.5, seed: 1 }).apply(shared.apply(shared.apply(x)));
  const model = graph({ inputs: x, outputs: layers.dense({ units: 4, activation: 'softmax' }).apply(y) });
  model.compile({ optimizer: 'rmsprop', loss: 'sparseCategoricalCrossentropy', weightedMetrics: ['accuracy'] });
  return model;
}

const MODELS = { chain, branches };

const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

// The built package, as another process has it.
const CHILD = `
  import * as w from '${new URL('../../dist/index.js', import.meta.url)}';
  let text = '';
  for await (const part of process.stdin) text += part;
  const { x, y, folders, epochs } = JSON.parse(text);
  const [xs, ys] = [w.tensor2d(x), w.tensor1d(y, 'int32')];
  const results = [];
  for (const [folder, initialEpoch] of folders) {
    w.randomNormal([3]).dispose();  // Whatever this process drew before is forgotten.
    const model = await w.loadLayersModel('file://' + folder);
    const { history } = await model.fit(xs, ys, { initialEpoch, epochs, batchSize: 8, verbose: 0 });
    results.push({ weights: model.getWeights().map((v) => [...v.dataSync()]), history });
    model.dispose();
  }
  console.log(JSON.stringify(results));
`;

afterEach(() => disposeVariables());

describe('a training that stops', () => {
  it.each(Object.keys(MODELS) as (keyof typeof MODELS)[])(
    'goes on in another process: %s',
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-'));
      setSeed(3);
      const { x, y } = quadrants(37);
      const model = MODELS[name]();
      const folders: [string, number][] = [];
      const callbacks = {
        async onEpochEnd(epoch: number) {
          const path = join(folder, epoch % 2 === 0 ? `${epoch + 1}` : `${epoch + 1}.safetensors`);
          await model.save(`file://${path}`, { includeOptimizer: true });
          folders.push([path, epoch + 1]);
        },
      };
      const { history } = await model.fit(x, y, { epochs: EPOCHS, batchSize: 8, verbose: 0, callbacks });
      const expected = elements(model);

      const given = { x: x.arraySync(), y: y.arraySync(), folders: folders.slice(0, -1), epochs: EPOCHS };
      const args = 'Deno' in globalThis ? ['eval', CHILD] : ['--input-type=module', '-e', CHILD];
      const output = execFileSync(process.execPath, args, { input: JSON.stringify(given), encoding: 'utf8' });
      const results = JSON.parse(output) as { weights: number[][]; history: Record<string, number[]> }[];
      // JSON has no −0.
      const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
      expect(results).toHaveLength(EPOCHS - 1);
      results.forEach((result, i) => {
        expect(result.weights, `after epoch ${i + 1}`).toEqual(plain(expected));
        expect(result.history.loss).toEqual(plain(history.loss!.slice(i + 1)));
      });
      rmSync(folder, { recursive: true });
    },
    30_000,
  );

  it('goes on as it would also when the program has drawn other numbers, and leaves nothing behind', async () => {
    const { x, y } = quadrants(20);
    await expectNoLeak(async () => {
      setSeed(1);
      const model = chain();
      const options = { batchSize: 8, verbose: 0 } as const;
      await model.fit(x, y, { ...options, epochs: 1 });
      const artifacts = await saved(model, { includeOptimizer: true });
      await model.fit(x, y, { ...options, epochs: 2 });
      const again = await load(artifacts);
      expect(again.optimizer.iterations).toBe(1);
      await again.fit(x, y, { ...options, epochs: 2 });
      expect(elements(again)).toEqual(elements(model));
      again.dispose();
      model.optimizer.dispose();
      model.dispose();
    });
    x.dispose();
    y.dispose();
  });
});
