import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { callbacks, io, loadLayersModel, readSafetensors, type Tensor } from '../../src/index.js';
import { compiledModel, elements, expectNoLeak, quadrants } from '../models/models.js';

type Options = Partial<Parameters<typeof callbacks.modelCheckpoint>[0]>;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoint-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Trains for some epochs with a checkpoint; returns the weights in the end, and the names of what was saved. */
async function trained(options: Options, fit: object = {}): Promise<{ weights: number[][]; names: string[] }> {
  const model = compiledModel();
  const { x, y } = quadrants(40);
  try {
    const checkpoint = callbacks.modelCheckpoint({ filepath: `file://${folder}/model`, ...options });
    await model.fit(x, y, { epochs: 3, batchSize: 20, verbose: 0, ...fit, callbacks: checkpoint });
    return { weights: elements(model), names: (await readdir(folder)).sort() };
  } finally {
    for (const t of [x, y, model]) t.dispose();
  }
}

/** The weights of a model that was saved. */
async function loaded(name: string): Promise<number[][]> {
  const model = await loadLayersModel(`file://${folder}/${name}`);
  const weights = elements(model);
  model.dispose();
  return weights;
}

/** Checkpoints of figures by hand: which of them were saved. */
async function savedOf(values: readonly number[], options: Options = {}, again = Infinity): Promise<number[]> {
  const saved: number[] = [];
  let epoch = 0;
  const filepath = io.withSaveHandler(async (artifacts) => {
    saved.push(epoch);
    return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
  });
  const model = compiledModel();
  const checkpoint = callbacks.modelCheckpoint({ filepath, saveBestOnly: true, ...options });
  checkpoint.setParams({ epochs: 9, steps: 1, batchSize: 1, samples: 1, verbose: 0 });
  checkpoint.setModel(model);
  checkpoint.onTrainBegin();
  for (; epoch < values.length; epoch++) {
    if (epoch === again) checkpoint.onTrainBegin();
    checkpoint.onEpochBegin(epoch);
    await checkpoint.onEpochEnd(epoch, { loss: 1, val_loss: values[epoch], val_accuracy: values[epoch] });
  }
  model.dispose();
  return saved;
}

describe('modelCheckpoint', () => {
  test('saves the model at every epoch’s end, and leaks nothing', () =>
    expectNoLeak(async () => {
      const { weights, names } = await trained({});
      expect(names).toEqual(['model']);
      expect(await loaded('model')).toEqual(weights);
    }));

  test('names files by the epoch and by figures', async () => {
    const { weights, names } = await trained({ filepath: `file://${folder}/{epoch:03d}-{epoch}-{accuracy:.2f}` });
    expect(names.map((name) => name.replace(/\d\.\d\d$/, 'x'))).toEqual(['001-1-x', '002-2-x', '003-3-x']);
    expect(await loaded(names[2])).toEqual(weights);
    expect(await loaded(names[1])).not.toEqual(weights);
  });

  test('saves where the figure is better, by its name or by mode', async () => {
    expect(await savedOf([3, 4, 2, 2, 1])).toEqual([0, 2, 4]);
    expect(await savedOf([3, 4, 2, 5], { monitor: 'val_accuracy' })).toEqual([0, 1, 3]);
    expect(await savedOf([3, 4, 2, 5], { mode: 'max' })).toEqual([0, 1, 3]);
    expect(await savedOf([3, 1, 0.5], { initialValueThreshold: 1 })).toEqual([2]);
    expect(await savedOf([3, 4], { saveBestOnly: false })).toEqual([0, 1]);
    // What an earlier training saved is not replaced by a worse model.
    expect(await savedOf([3, 2, 5, 1], {}, 2)).toEqual([0, 1, 3]);
  });

  test('saves after so many batches', async () => {
    const { names } = await trained({ filepath: `file://${folder}/{epoch}-{batch}`, saveFreq: 3 }, { batchSize: 10 });
    // Four batches in an epoch, of which every third is saved.
    expect(names).toEqual(['1-3', '2-2', '3-1', '3-4']);
  });

  test('saves weights only, by their names', async () => {
    const { weights, names } = await trained({ filepath: `${folder}/{epoch}.safetensors`, saveWeightsOnly: true });
    expect(names).toEqual(['1.safetensors', '2.safetensors', '3.safetensors']);
    const { tensors } = readSafetensors(await readFile(join(folder, '3.safetensors')));
    const values = Object.values(tensors) as Tensor[];
    expect(new Set(values.map((x) => [...x.dataSync()].join()))).toEqual(new Set(weights.map((w) => w.join())));
    for (const x of values) x.dispose();
  });

  test('goes on from a checkpoint with the bits of a training that did not stop', async () => {
    const { x, y } = quadrants(40);
    const whole = await trained({}, { epochs: 4 });
    await trained({ filepath: `file://${folder}/half` }, { epochs: 2 });
    const model = await loadLayersModel(`file://${folder}/half`);
    await model.fit(x, y, { initialEpoch: 2, epochs: 4, batchSize: 20, verbose: 0 });
    expect(elements(model)).toEqual(whole.weights);
    for (const t of [x, y, model]) t.dispose();
  });

  test('says so if it is to', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    await trained({ verbose: 1 }, { epochs: 1 });
    expect(log.mock.calls).toEqual([[`Epoch 1: saved file://${folder}/model`]]);
  });

  test('leaves a whole model, whenever the program is killed', async () => {
    const program = `
      import { callbacks, layers, ones, sequential } from '${new URL('../../dist/index.js', import.meta.url)}';
      const model = sequential({ layers: [layers.dense({ units: 1000, inputShape: [1000] }), layers.dense({ units: 1 })] });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const checkpoint = callbacks.modelCheckpoint({ filepath: 'file://${folder}/model', saveFreq: 1, verbose: 1 });
      await model.fit(ones([1000, 1000]), ones([1000, 1]), { batchSize: 1, verbose: 0, callbacks: checkpoint });
    `;
    for (const wait of [0, 3, 11, 30]) {
      const args = 'Deno' in globalThis ? ['eval', program] : ['--input-type=module', '-e', program];
      const child = spawn(process.execPath, args, {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill('SIGKILL');
      await ended;
      const model = await loadLayersModel(`file://${folder}/model`);
      expect(model.countParams()).toBe(1001 * 1000 + 1001);
      model.dispose();
    }
  });

  test('refuses options that are none, and names that are no figures', async () => {
    const make = callbacks.modelCheckpoint;
    expect(() => make(undefined as never)).toThrow(
      new TypeError('modelCheckpoint: filepath must be text or an IOHandler, got undefined'),
    );
    expect(() => make({ filepath: 'x', saveFreq: 0 })).toThrow(
      new RangeError('modelCheckpoint: saveFreq must be a whole number from 1 up, got 0'),
    );
    expect(() => make({ filepath: io.withSaveHandler(async () => ({}) as never), saveWeightsOnly: true })).toThrow(
      new TypeError('modelCheckpoint: needs a path to save weights only, got an IOHandler'),
    );
    await expect(trained({ filepath: `file://${folder}/{val_loss}` })).rejects.toThrow(
      new RangeError("modelCheckpoint: filepath must name one of epoch, loss, accuracy, got '{val_loss}'"),
    );
    await expect(trained({ saveBestOnly: true })).rejects.toThrow(
      new RangeError("modelCheckpoint: monitor must be one of loss, accuracy, got 'val_loss'"),
    );
  });
});
