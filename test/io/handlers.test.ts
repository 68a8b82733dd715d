// Where models are kept: in memory, in folders, on servers, in the files that a user chose.

import { afterEach, describe, expect, it } from 'vitest';
import {
  disposeVariables,
  io,
  type LayersModel,
  layers,
  loadLayersModel,
  sequential,
  setSeed,
} from '../../src/index.js';
import { type Folder, folderHandler } from '../../src/io/folder.js';
import { saved } from './saved.js';

const small = (seed = 1): LayersModel => {
  setSeed(seed);
  return sequential({ name: 'small', layers: [layers.dense({ units: 2, inputShape: [3], name: 'only' })] });
};

const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);

afterEach(() => disposeVariables());

/** A folder in memory, which fails at a step of a save. */
class Shelf implements Folder {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Steps until it fails. */
  left = Number.POSITIVE_INFINITY;

  private step(): void {
    if (this.left-- <= 0) throw new Error('the power is gone');
  }
  async read(name: string) {
    return this.files.get(name);
  }
  async write(name: string, bytes: Uint8Array<ArrayBuffer>) {
    this.step();
    this.files.set(name, bytes);
  }
  async remove(name: string) {
    this.step();
    this.files.delete(name);
  }
  get handler() {
    return folderHandler(async () => this, 'models/small', 'shelf://small');
  }
}

describe('a folder', () => {
  it('has the old model or the new one, whole, wherever a save is cut off', async () => {
    for (let left = 0; left < 4; left++) {
      const shelf = new Shelf();
      const [before, after] = [small(1), small(2)];
      await before.save(shelf.handler);
      shelf.left = left;
      const outcome = await after.save(shelf.handler).then(
        () => 'saved',
        (error: Error) => error.message,
      );
      expect(outcome).toBe(left < 3 ? 'the power is gone' : 'saved');
      const again = await loadLayersModel(shelf.handler);
      expect(elements(again)).toEqual(elements(left < 2 ? before : after));
      // Once saved, there is nothing else.
      shelf.left = Number.POSITIVE_INFINITY;
      await after.save(shelf.handler);
      expect([...shelf.files.keys()].filter((name) => name.endsWith('.bin')).length).toBeLessThanOrEqual(2);
      disposeVariables();
    }
  });

  it('may be saved to by several at a time', async () => {
    const shelf = new Shelf();
    const models = [small(1), small(2), small(3)];
    await Promise.all(models.map((model) => model.save(shelf.handler)));
    const again = await loadLayersModel(shelf.handler);
    expect(models.map(elements)).toContainEqual(elements(again));
  });

  it('says what is missing or damaged, and leaves alone what it did not write', async () => {
    const shelf = new Shelf();
    await expect(loadLayersModel(shelf.handler)).rejects.toThrow('there is no model.json in shelf://small');
    shelf.files.set('model.json', new TextEncoder().encode('{'));
    await expect(loadLayersModel(shelf.handler)).rejects.toThrow('loadLayersModel: shelf://small: needed JSON');
    shelf.files.set('group1-shard1of1.bin', new Uint8Array(3));
    await small().save(shelf.handler);
    const weights = [...shelf.files.keys()].find((name) => name.startsWith('weights-'))!;
    const bytes = shelf.files.get(weights)!;
    shelf.files.set(weights, bytes.slice(0, -1));
    await expect(loadLayersModel(shelf.handler)).rejects.toThrow('needed 32 bytes for 2 weights, got 31');
    shelf.files.delete(weights);
    await expect(loadLayersModel(shelf.handler)).rejects.toThrow(`there is no ${weights} in shelf://small`);
    expect(shelf.files.has('group1-shard1of1.bin')).toBe(true);
  });
});

describe('a server', () => {
  /** Keeps what is posted, and answers with it. */
  function server() {
    const files = new Map<string, Blob>();
    const requests: string[] = [];
    const fetchFunc = async (url: string | URL | Request, init: RequestInit = {}) => {
      requests.push(String(url));
      if (init.body instanceof FormData) {
        for (const [name, file] of init.body) files.set(name, file as Blob);
        return new Response('kept');
      }
      const file = files.get(String(url).replace(/\?.*/, '').split('/').pop()!);
      return file ? new Response(file) : new Response('', { status: 404 });
    };
    return { files, requests, fetchFunc: fetchFunc as typeof fetch };
  }

  it('is posted the model, and gives it back', async () => {
    const { fetchFunc, requests, files } = server();
    const model = small();
    const { responses, modelArtifactsInfo } = await model.save(io.http('https://x.test/upload', { fetchFunc }));
    expect(await responses![0]!.text()).toBe('kept');
    expect(modelArtifactsInfo.weightDataBytes).toBe(32);
    const shares: number[] = [];
    const options = { fetchFunc, onProgress: (share: number) => shares.push(share) };
    const again = await loadLayersModel('https://x.test/models/model.json?v=2', options);
    expect(elements(again)).toEqual(elements(model));
    expect(requests.slice(1)).toEqual([
      'https://x.test/models/model.json?v=2',
      'https://x.test/models/model.weights.bin?v=2',
    ]);
    expect(shares).toEqual([0, 1]);
    await loadLayersModel(io.http('model.json', { fetchFunc, weightPathPrefix: 'https://y.test/' }));
    await loadLayersModel('model.json', { fetchFunc, weightUrlConverter: async (name) => `https://z.test/${name}` });
    expect(requests.slice(-3)).toEqual([
      'https://y.test/model.weights.bin',
      'model.json',
      'https://z.test/model.weights.bin',
    ]);

    files.set(
      'model.json',
      new Blob(['{"modelTopology":{},"weightsManifest":[{"paths":["../secret"],"weights":[]}]}']),
    );
    await expect(loadLayersModel('model.json', { fetchFunc })).rejects.toThrow(
      'needed a weight file beside model.json',
    );
    files.clear();
    await expect(loadLayersModel('model.json', { fetchFunc })).rejects.toThrow('failed with status code 404.');
    await expect(
      model.save(io.http('x', { fetchFunc: async () => new Response('', { status: 500 }) })),
    ).rejects.toThrow('500');
  });

  it('whose answer breaks off is told about in a sentence', async () => {
    const { fetchFunc, files } = server();
    await small().save(io.http('https://x.test/upload', { fetchFunc }));
    const broken = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new Uint8Array(3)),
          pull: () => Promise.reject(new TypeError('terminated')),
        }),
      );
    files.set('one.safetensors', new Blob());
    for (const name of ['model.json', 'model.weights.bin', 'one.safetensors']) {
      const breaking = (async (url: string) => (url.endsWith(name) ? broken() : fetchFunc(url))) as typeof fetch;
      const loading = loadLayersModel(
        io.http(`https://x.test/${name.replace('.weights.bin', '.json')}`, { fetchFunc: breaking }),
      );
      await expect(loading).rejects.toThrow(`http: Request to https://x.test/${name} failed: `);
    }
    await expect(small().loadWeights('http://localhost:1/a.npz')).rejects.toThrow(
      'loadWeights: Request to http://localhost:1/a.npz failed: ',
    );
  });

  it('needs a URL and a function that fetches', () => {
    const http = io.http as (...args: unknown[]) => unknown;
    expect(() => http('')).toThrow('http: URL path for http must not be null, undefined or empty.');
    expect(() => http('x', { fetchFunc: 1 })).toThrow('http: fetchFunc must be a function');
    expect(() => http('x', { requestInit: { body: 'x' } })).toThrow(
      'requestInit is expected to have no pre-existing body',
    );
  });
});

describe('files that a user chose', () => {
  it('are model.json and the weight files that it names, in any order', async () => {
    const model = small();
    const { weightData, weightSpecs, ...rest } = await saved(model);
    const halves = [(weightData as ArrayBuffer).slice(0, 12), (weightData as ArrayBuffer).slice(12)];
    const weightsManifest = [{ paths: ['./a.bin', 'shards/b.bin'], weights: weightSpecs }];
    const json = new File([JSON.stringify({ ...rest, weightsManifest })], 'model.json');
    const [a, b] = [new File([halves[0]!], 'a.bin'), new File([halves[1]!], 'b.bin')];
    const again = await loadLayersModel(io.browserFiles([json, b, a]));
    expect(elements(again)).toEqual(elements(model));
    await expect(loadLayersModel(io.browserFiles([json, b]))).rejects.toThrow("basename 'a.bin' is not provided");
    await expect(loadLayersModel(io.browserFiles([a]))).rejects.toThrow('browserFiles: a.bin: needed JSON');
    expect(() => io.browserFiles([])).toThrow('at least 1 file is required');
  });
});

describe('a handler', () => {
  it('must be able to do what is asked of it', async () => {
    const model = small();
    await expect(model.save(io.fromMemory({ modelTopology: {} }) as io.IOHandler)).rejects.toThrow('cannot save');
    await expect(loadLayersModel({} as io.IOHandler)).rejects.toThrow('the handler cannot load');
    await expect(loadLayersModel(7 as never)).rejects.toThrow('loadLayersModel: needs a URL or a handler, got number');
    await expect(model.save('gopher://x')).rejects.toThrow('save: needs a URL of file://, http(s)://');
    await expect(model.saveWeights('x.txt')).rejects.toThrow('saveWeights: needs a file named *.safetensors or *.npz');
  });

  it('of memory takes artifacts, or what they consist of', async () => {
    const model = small();
    const artifacts = await saved(model);
    const { modelTopology, weightSpecs, weightData } = artifacts;
    const parts = await loadLayersModel(io.fromMemory(modelTopology!, weightSpecs, weightData));
    expect(elements(parts)).toEqual(elements(model));
    expect(io.fromMemorySync(artifacts).load()).toBe(artifacts);
    expect(() => io.fromMemory('x' as never)).toThrow("fromMemory: needs a model's artifacts, got string");
  });
});
