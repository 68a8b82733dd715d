// Models and weights in files of Node.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { disposeVariables, type LayersModel, layers, loadLayersModel, sequential, setSeed } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-'));
const at = (name: string) => join(folder, name);

const small = (seed = 1): LayersModel => {
  setSeed(seed);
  return sequential({ name: 'small', layers: [layers.dense({ units: 2, inputShape: [3], name: 'only' })] });
};
const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

afterEach(() => disposeVariables());
afterAll(() => rmSync(folder, { recursive: true }));

it('a folder has model.json and a file of weights, and nothing else after further saves', async () => {
  const model = small();
  const url = `file://${at('deep/model')}`;
  for (let i = 0; i < 3; i++) {
    setSeed(i);
    model.setWeights(small(i).getWeights());
    await model.save(url);
    expect(readdirSync(at('deep/model')).sort()).toEqual([
      'model.json',
      expect.stringMatching(/^weights-[0-9a-f]{8}\.bin$/),
    ]);
  }
  for (const place of [url, `${url}/model.json`]) {
    expect(elements(await loadLayersModel(place))).toEqual(elements(model));
  }
  await expect(loadLayersModel(`file://${at('nowhere')}`)).rejects.toThrow(
    `there is no model.json in file://${at('nowhere')}`,
  );
});

it('a model.json is a place to save to as well as to load from, other JSON is not', async () => {
  const model = small();
  const url = `file://${at('named/model.json')}`;
  for (let i = 0; i < 2; i++) await model.save(url);
  expect(readdirSync(at('named')).sort()).toEqual(['model.json', expect.stringMatching(/^weights-[0-9a-f]{8}\.bin$/)]);
  expect(elements(await loadLayersModel(url))).toEqual(elements(model));
  const other = `file://${at('other.json')}`;
  await expect(model.save(other)).rejects.toThrow(
    `save: needs a folder, the model.json in it or a .safetensors file, got`,
  );
  expect(readdirSync(folder)).not.toContain('other.json');
});

it('a file of weights is safetensors or npz, as it is named', async () => {
  const model = small();
  for (const name of ['weights.safetensors', 'weights.npz']) {
    await model.saveWeights(at(name));
    const other = small(9);
    await other.loadWeights(`file://${at(name)}`);
    expect(elements(other)).toEqual(elements(model));
  }
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  await expect(model.loadWeights(at('none.npz'))).rejects.toThrow('loadWeights: there is no file');
  const before = elements(model);
  writeFileSync(at('bad.safetensors'), 'x');
  await expect(model.loadWeights(at('bad.safetensors'))).rejects.toThrow('readSafetensors: truncated header');
  const wide = sequential({ layers: [layers.dense({ units: 3, inputShape: [3], name: 'only' })] });
  await wide.saveWeights(at('wide.npz'));
  await expect(model.loadWeights(at('wide.npz'))).rejects.toThrow("loadWeights: 'only/kernel' needs [3, 2] float32");
  expect(elements(model)).toEqual(before);
});

it('weights of layers of one name, in several models in a model, are found in a model that is made again', async () => {
  const part = (name: string) =>
    sequential({ name, layers: [layers.dense({ units: 2, inputShape: [2], name: 'only' })] });
  const whole = () => sequential({ layers: [part('a'), part('b'), layers.dense({ units: 2, name: 'only' })] });
  const [model, again] = [whole(), whole()];
  await model.saveWeights(at('parts.npz'));
  await again.loadWeights(at('parts.npz'));
  expect(elements(again)).toEqual(elements(model));
});

it('a file of safetensors is a whole model, of which the weights can be read alone', async () => {
  const model = small();
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const url = `file://${at('whole/model.safetensors')}`;
  for (let i = 0; i < 2; i++) {
    model.setWeights(small(i).getWeights());
    await model.save(url, { includeOptimizer: true });
    expect(readdirSync(at('whole'))).toEqual(['model.safetensors']);
  }
  const again = await loadLayersModel(url);
  expect(elements(again)).toEqual(elements(model));
  expect(again.optimizer.getClassName()).toBe('Adam');
  const other = small(9);
  await other.loadWeights(url);
  expect(elements(other)).toEqual(elements(model));
  await expect(loadLayersModel(`file://${at('whole/none.safetensors')}`)).rejects.toThrow(
    /^loadLayersModel: there is no none.safetensors in file:/,
  );
  await model.saveWeights(at('weights.safetensors'));
  await expect(loadLayersModel(`file://${at('weights.safetensors')}`)).rejects.toThrow(
    /^loadLayersModel: file:.*: fromSafetensors: the file has no model, only weights, which model.loadWeights reads$/,
  );
});

it.skipIf('indexedDB' in globalThis || 'Deno' in globalThis)(
  'what only browsers have is refused in a sentence',
  async () => {
    const model = small();
    await expect(model.save('indexeddb://x')).rejects.toThrow('indexeddb://: this runtime has no IndexedDB');
    await expect(model.save('downloads://x')).rejects.toThrow(
      'downloads://x: this runtime is no page, and cannot download',
    );
    await expect(model.save('opfs://x')).rejects.toThrow(
      "opfs://x: this runtime has no file system of the page's origin",
    );
  },
);
