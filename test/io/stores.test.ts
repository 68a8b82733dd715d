// The stores of browsers: IndexedDB, localStorage and the origin's file system. Node has none of them.

import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  disposeVariables,
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  sequential,
  setSeed,
} from '../../src/index.js';

const isBrowser = typeof indexedDB !== 'undefined' && typeof document !== 'undefined';

const small = (seed = 1): LayersModel => {
  setSeed(seed);
  return sequential({ name: 'small', layers: [layers.dense({ units: 2, inputShape: [3], name: 'only' })] });
};
const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

afterEach(() => disposeVariables());

describe.skipIf(!isBrowser)('a browser', () => {
  it.each(['indexeddb://a/b', 'localstorage://a/b', 'opfs://a/b'])('keeps models: %s', async (url) => {
    await expect(loadLayersModel(`${url}/none`)).rejects.toThrow(/there is no|could not be found/);
    for (const seed of [1, 2]) {
      const model = small(seed);
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      await model.save(url, { includeOptimizer: true });
      const again = await loadLayersModel(url);
      expect(elements(again)).toEqual(elements(model));
      expect(again.optimizer.getClassName()).toBe('Adam');
    }
    if (url.startsWith('opfs')) return;
    expect(Object.keys(await io.listModels())).toContain(url);
    expect((await io.removeModel(url)).weightDataBytes).toBeGreaterThan(0);
    await expect(io.removeModel(url)).rejects.toThrow(`removeModel: there is no model ${url}`);
    expect(Object.keys(await io.listModels())).not.toContain(url);
  });

  it('downloads two files, which it can read when they are chosen', async () => {
    const links: HTMLAnchorElement[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      links.push(this);
    });
    const model = small();
    await model.save('downloads://mine');
    click.mockRestore();
    expect(links.map(({ download }) => download)).toEqual(['mine.json', 'mine.weights.bin']);
    const files = links.map(async ({ href, download }) => new File([await (await fetch(href)).blob()], download));
    const again = await loadLayersModel(io.browserFiles(await Promise.all(files)));
    expect(elements(again)).toEqual(elements(model));
  });

  it.each(['opfs://a/c.safetensors', 'opfs://c.safetensors'])('keeps a model in one file: %s', async (url) => {
    for (const seed of [1, 2]) {
      const model = small(seed);
      await model.save(url);
      expect(elements(await loadLayersModel(url))).toEqual(elements(model));
    }
  });

  it('downloads one file, where it is named so', async () => {
    const links: HTMLAnchorElement[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      links.push(this);
    });
    const model = small();
    await model.save('downloads://mine.safetensors');
    click.mockRestore();
    expect(links.map(({ download }) => download)).toEqual(['mine.safetensors']);
    const file = new File([await (await fetch(links[0]!.href)).blob()], links[0]!.download);
    expect(elements(await loadLayersModel(io.browserFiles([file])))).toEqual(elements(model));
  });

  it('has the old model where a new one has no room', async () => {
    const model = small();
    await model.save('localstorage://full');
    const large = sequential({ layers: [layers.dense({ units: 2000, inputShape: [2000] })] });
    await expect(large.save('localstorage://full')).rejects.toThrow('localstorage://full has no room');
    expect(elements(await loadLayersModel('localstorage://full'))).toEqual(elements(model));
    await io.removeModel('localstorage://full');
  });
});

it('only what is in a store can be removed from it', async () => {
  await expect(io.removeModel('file://x')).rejects.toThrow("needs indexeddb:// or localstorage://, got 'file://x'");
});
