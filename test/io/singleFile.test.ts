// A whole model in one file of safetensors.

import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import {
  disposeVariables,
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  optimizers,
  readSafetensors,
  sequential,
  setSeed,
  tensor2d,
  writeSafetensors,
} from '../../src/index.js';
import { dispose } from '../../src/scope.js';
import { expectNoLeak } from '../models/models.js';
import { leavesNothing } from '../support/heap.js';
import { damaged, plain } from './files.js';
import { saved } from './saved.js';

afterEach(() => disposeVariables());

const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

/** A model that has trained a little, with random streams, and an optimizer whose name is that of a layer, too. */
async function trained(dtype: 'float32' | 'float64' = 'float32'): Promise<LayersModel> {
  setSeed(4);
  const model = sequential({
    name: 'whole',
    layers: [
      layers.dense({ units: 3, activation: 'relu', inputShape: [2], name: 'optimizer', dtype }),
      layers.dropout({ rate: 0.5, seed: 3, name: 'noise' }),
      layers.batchNormalization({ name: 'norm', dtype }),
      layers.dense({ units: 1, name: '1', dtype }),
    ],
  });
  const optimizer = optimizers.adamW({ learningRate: 0.01, weightDecay: 0.1, useEma: true });
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['mae'] });
  await model.trainOnBatch(tensor2d([[1, 2]], undefined, dtype as never), tensor2d([[1]], undefined, dtype as never));
  model.setUserDefinedMetadata({ classes: ['cat', 'Hund — ü'] });
  return model;
}

async function fileOf(model: LayersModel, includeOptimizer = true): Promise<Uint8Array<ArrayBuffer>> {
  let file = new Uint8Array();
  const handler = io.toSafetensors((bytes) => {
    file = bytes;
  });
  await model.save(handler, { includeOptimizer });
  return file;
}

/** The file with other texts, where `change` says so. */
function changed(file: Uint8Array, change: (metadata: Record<string, string>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(file);
  change(metadata);
  const out = writeSafetensors(tensors, metadata);
  dispose(tensors);
  return out;
}

const read = (file: Uint8Array) => loadLayersModel(io.fromSafetensors(file));

describe('a model in one file', () => {
  test.each(['float32', 'float64'] as const)('is loaded whole: %s', async (dtype) => {
    const model = await trained(dtype);
    const file = await fileOf(model);
    const { weightSpecs, weightData, convertedBy, ...artifacts } = await saved(model, { includeOptimizer: true });
    const { weightSpecs: specs, weightData: data, ...others } = await io.fromSafetensors(file).load();
    expect(others).toEqual(artifacts);
    const byName = (a: io.WeightsManifestEntry, b: io.WeightsManifestEntry) => (a.name < b.name ? -1 : 1);
    expect([...specs!].sort(byName)).toEqual([...weightSpecs!].sort(byName));
    expect(plain(io.decodeWeights(data!, specs!))).toEqual(plain(io.decodeWeights(weightData!, weightSpecs!)));
    const again = await read(file);
    expect(elements(again)).toEqual(elements(model));
    expect(again.getUserDefinedMetadata()).toEqual({ classes: ['cat', 'Hund — ü'] });
    const second = await fileOf(again);
    expect(await fileOf(await read(second))).toEqual(second);
  });

  it('has the weights by their names, for every reader, and texts about them', async () => {
    const { tensors, metadata } = readSafetensors(await fileOf(await trained(), false));
    expect(Object.keys(tensors).sort()).toEqual([
      ...['1/bias', '1/kernel', 'norm/beta', 'norm/gamma', 'norm/moving_mean', 'norm/moving_variance'],
      ...['optimizer/bias', 'optimizer/kernel'],
    ]);
    expect(Object.keys(metadata)).toEqual(['modelTopology', 'format', 'generatedBy', 'userDefinedMetadata']);
    expect(metadata.format).toBe('layers-model');
    dispose(tensors);
  });

  it('leaves nothing behind, loaded or not', async () => {
    const file = await fileOf(await trained());
    const [model, other] = [await trained(), await trained()];
    const weightless = changed(file, (texts) => delete texts.modelTopology);
    await expectNoLeak(async () => {
      (await read(await fileOf(model))).dispose();
      await expect(read(weightless)).rejects.toThrow(RangeError);
    });
    expect(elements(other)).toEqual(elements(model));
  });

  it('may have narrow weights', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [1], name: 'd', useBias: false })] });
    const modelTopology = JSON.stringify(model.toJSON(null, false));
    const entry = { dtype: 'F16', shape: [1, 2], data_offsets: [0, 4] };
    const header = new TextEncoder().encode(JSON.stringify({ __metadata__: { modelTopology }, 'd/kernel': entry }));
    const file = new Uint8Array(8 + header.length + 4);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(header, 8);
    file.set([0, 0x3c, 0, 0xc0], 8 + header.length); // 1 and −2
    expect(elements(await read(file))).toEqual([[1, -2]]);
  });

  it('may be made of quantized weights', async () => {
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [1], name: 'd', useBias: false })] });
    let file = new Uint8Array();
    await io
      .toSafetensors((bytes) => {
        file = bytes;
      })
      .save({
        modelTopology: model.toJSON(null, false),
        weightSpecs: [
          { name: 'd/kernel', shape: [1, 2], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } },
        ],
        weightData: Uint8Array.of(3, 0).buffer,
      });
    expect(elements(await read(file))).toEqual([[0.5, -1]]);
  });

  it('comes from a server and from a user, too', async () => {
    const model = await trained();
    const file = await fileOf(model);
    const fractions: number[] = [];
    const urls: string[] = [];
    const again = await loadLayersModel('https://example.com/a.safetensors?v=1', {
      onProgress: (fraction) => fractions.push(fraction),
      fetchFunc: async (url) => {
        urls.push(String(url));
        return new Response(file);
      },
    });
    expect(elements(again)).toEqual(elements(model));
    expect(urls).toEqual(['https://example.com/a.safetensors?v=1']);
    expect(fractions).toEqual([0, 1]);
    const fetchFunc = async () => new Response('short');
    await expect(loadLayersModel('https://example.com/a.safetensors', { fetchFunc })).rejects.toThrow(
      'http: https://example.com/a.safetensors: readSafetensors: truncated header: needed 8 bytes, got 5',
    );
    const chosen = [{ name: 'a.safetensors', arrayBuffer: async () => file.buffer }] as unknown as File[];
    expect(elements(await loadLayersModel(io.browserFiles(chosen)))).toEqual(elements(model));
  });
});

describe('a file of a model is refused, in a sentence,', () => {
  it.each<[string, (texts: Record<string, string>) => void, string]>([
    ['without a model', (t) => delete t.modelTopology, 'fromSafetensors: the file has no model, only weights'],
    ['with a topology that is no JSON', (t) => (t.modelTopology = '{'), 'fromSafetensors: modelTopology: needed JSON'],
    ['with a number as topology', (t) => (t.modelTopology = '7'), "loadLayersModel: needed a model's topology, got 7"],
    ['with null as topology', (t) => (t.modelTopology = 'null'), 'fromSafetensors: the file has no model'],
    ['with a key twice', (t) => (t.trainingConfig = '{"a":1,"a":2}'), 'trainingConfig: the key "a" is there twice'],
    ['with metadata of text', (t) => (t.userDefinedMetadata = '"x"'), 'needed an object of metadata, got "x"'],
    [
      'with no list of the state',
      (t) => (t.optimizerState = '{}'),
      'optimizerState needs names of tensors in the file',
    ],
    ['with a state elsewhere', (t) => (t.optimizerState = '["none"]'), 'in the file, got ["none"]'],
    ['with a state twice', (t) => (t.optimizerState = '["iter","iter"]'), 'optimizerState needs names'],
    ['with weights as state', (t) => (t.optimizerState = '["1/kernel"]'), 'no target variable'],
    ['with the state as weights', (t) => delete t.optimizerState, 'Provided weight data has no target variable: '],
  ])('%s', async (_, change, message) => {
    const file = changed(await fileOf(await trained()), change);
    await leavesNothing(async () => {
      await expect(read(file)).rejects.toThrow(message);
      await expect(read(file)).rejects.toBeInstanceOf(RangeError);
    });
  });

  it('that is none', () => {
    expect(() => io.fromSafetensors('x' as never)).toThrow(
      new TypeError('fromSafetensors: needed an ArrayBuffer or a Uint8Array, got string'),
    );
    expect(() => io.toSafetensors('x' as never)).toThrow(new TypeError('toSafetensors: needs a function, got string'));
  });

  it('that has a byte wrong anywhere', async () => {
    const file = await fileOf(await trained());
    const refused = async (bytes: Uint8Array) => {
      try {
        (await read(bytes)).dispose();
      } catch (error) {
        expect(error instanceof RangeError || error instanceof TypeError, String(error)).toBe(true);
        expect((error as Error).message).toMatch(/^(loadLayersModel|fromSafetensors|readSafetensors): ./);
      }
    };
    await fc.assert(
      fc.asyncProperty(damaged(file), (bytes) => leavesNothing(() => refused(bytes))),
      { numRuns: 200 },
    );
  });
});

it('an error of the function that takes the bytes is that of saving', async () => {
  const model = await trained();
  const full = io.toSafetensors(async () => {
    throw new Error('the disk is full');
  });
  await expect(model.save(full)).rejects.toThrow('the disk is full');
});
