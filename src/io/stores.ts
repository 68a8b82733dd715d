// The stores that browsers keep for a page's origin, laid out as by TensorFlow.js, which finds here what it saved there.

import { getModelArtifactsInfoForJSON, type IOHandler, type ModelArtifactsInfo } from './artifacts.js';
import { fromBase64, toBase64 } from './base64.js';
import { parseJSON } from './json.js';
import { concatenateArrayBuffers } from './weights.js';

interface Store {
  handler(path: string): Required<IOHandler>;
  list(): Promise<Record<string, ModelArtifactsInfo>>;
  /** Removes a model; undefined if there is none. */
  remove(path: string): Promise<ModelArtifactsInfo | undefined>;
}

const missing = (url: string) => new Error(`loadLayersModel: there is no model ${url}`);

const DATABASE = 'tensorflowjs';
const MODELS = 'models_store';
const INFOS = 'model_info_store';

const outcome = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Runs requests on both stores, all of them or none. */
async function inDatabase<T>(
  mode: IDBTransactionMode,
  run: (models: IDBObjectStore, infos: IDBObjectStore) => Promise<T>,
): Promise<T> {
  if (typeof indexedDB === 'undefined') throw new TypeError('indexeddb://: this runtime has no IndexedDB');
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => {
    for (const name of [MODELS, INFOS]) opening.result.createObjectStore(name, { keyPath: 'modelPath' });
  };
  const database = await outcome(opening);
  try {
    const transaction = database.transaction([MODELS, INFOS], mode);
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    ended.catch(() => {}); // A request that failed is what run throws.
    const result = await run(transaction.objectStore(MODELS), transaction.objectStore(INFOS)).catch((error) => {
      transaction.abort();
      throw error;
    });
    await ended;
    return result;
  } finally {
    database.close();
  }
}

const indexedDBStore: Store = {
  handler: (modelPath) => ({
    async save(artifacts) {
      const modelArtifacts = { ...artifacts, weightData: concatenateArrayBuffers(artifacts.weightData ?? []) };
      const modelArtifactsInfo = getModelArtifactsInfoForJSON(artifacts);
      await inDatabase('readwrite', async (models, infos) => {
        infos.put({ modelPath, modelArtifactsInfo });
        await outcome(models.put({ modelPath, modelArtifacts, modelArtifactsInfo }));
      });
      return { modelArtifactsInfo };
    },
    async load() {
      const found = await inDatabase('readonly', (models) => outcome(models.get(modelPath)));
      if (!found) throw missing(`indexeddb://${modelPath}`);
      return found.modelArtifacts;
    },
  }),
  async list() {
    const all = await inDatabase('readonly', (_, infos) => outcome(infos.getAll()));
    return Object.fromEntries(all.map(({ modelPath, modelArtifactsInfo }) => [modelPath, modelArtifactsInfo]));
  },
  remove: (modelPath) =>
    inDatabase('readwrite', async (models, infos) => {
      const found = await outcome(infos.get(modelPath));
      models.delete(modelPath);
      await outcome(infos.delete(modelPath));
      return found?.modelArtifactsInfo;
    }),
};

const PREFIX = 'tensorflowjs_models/';
const INFO = '/info';
const KEYS = ['info', 'model_topology', 'weight_specs', 'weight_data', 'model_metadata'] as const;

function storage(): Storage {
  if (typeof localStorage === 'undefined') throw new TypeError('localstorage://: this runtime has no localStorage');
  return localStorage;
}

const localStorageStore: Store = {
  handler: (path) => ({
    async save(artifacts) {
      const { modelTopology, weightSpecs, weightData, ...metadata } = artifacts;
      const modelArtifactsInfo = getModelArtifactsInfoForJSON(artifacts);
      const data = toBase64(new Uint8Array(concatenateArrayBuffers(weightData ?? [])));
      const values = [modelArtifactsInfo, modelTopology, weightSpecs].map((value) => JSON.stringify(value));
      const store = storage();
      const keys = KEYS.map((key) => `${PREFIX}${path}/${key}`);
      const before = keys.map((key) => store.getItem(key));
      const put = (texts: readonly (string | null | undefined)[]) => {
        for (const key of keys) store.removeItem(key);
        keys.forEach((key, i) => {
          if (typeof texts[i] === 'string') store.setItem(key, texts[i]);
        });
      };
      try {
        put([...values, data, JSON.stringify(metadata)]);
      } catch (cause) {
        put(before);
        throw new Error(`save: localstorage://${path} has no room for a model of ${data.length} characters`, { cause });
      }
      return { modelArtifactsInfo };
    },
    async load() {
      const url = `localstorage://${path}`;
      const [info, ...texts] = KEYS.map((key) => storage().getItem(`${PREFIX}${path}/${key}`));
      if (info === null || info === undefined) throw missing(url);
      const [topology, specs, data, metadata] = texts;
      if (typeof topology !== 'string' || typeof specs !== 'string' || typeof data !== 'string') {
        throw new RangeError(`loadLayersModel: ${url} lacks a part`);
      }
      const parse = (text: string) => parseJSON(text, `loadLayersModel: ${url}`) as object;
      return {
        ...parse(metadata ?? '{}'),
        modelTopology: parse(topology),
        weightSpecs: parse(specs) as never,
        weightData: fromBase64(data, `loadLayersModel: ${url}`).buffer,
      };
    },
  }),
  async list() {
    const store = storage();
    const keys = Array.from({ length: store.length }, (_, i) => store.key(i)!);
    return Object.fromEntries(
      keys
        .filter((key) => key.startsWith(PREFIX) && key.endsWith(INFO))
        .map((key) => [key.slice(PREFIX.length, -INFO.length), JSON.parse(store.getItem(key)!)]),
    );
  },
  async remove(path) {
    const info = storage().getItem(`${PREFIX}${path}${INFO}`);
    for (const key of KEYS) storage().removeItem(`${PREFIX}${path}/${key}`);
    return info === null ? undefined : JSON.parse(info);
  },
};

const STORES = { indexeddb: indexedDBStore, localstorage: localStorageStore };

const SCHEME = /^(indexeddb|localstorage):\/\/(.+)$/;

/** The store that a URL names, and the path in it; undefined for other URLs. */
export function storeOf(url: string): { store: Store; path: string } | undefined {
  const [, scheme, path] = SCHEME.exec(url) ?? [];
  return scheme ? { store: STORES[scheme as keyof typeof STORES], path: path! } : undefined;
}

/**
 * The models in the stores that this runtime has, by their URLs, with their sizes and when they were saved.
 *
 * @example
 * 'indexeddb://digits' in (await io.listModels());  // false, before it is saved there
 */
export async function listModels(): Promise<Record<string, ModelArtifactsInfo>> {
  const exists = { indexeddb: typeof indexedDB, localstorage: typeof localStorage };
  const found: [string, ModelArtifactsInfo][] = [];
  for (const [scheme, store] of Object.entries(STORES)) {
    if (exists[scheme as keyof typeof STORES] === 'undefined') continue;
    for (const [path, info] of Object.entries(await store.list())) found.push([`${scheme}://${path}`, info]);
  }
  return Object.fromEntries(found);
}

/**
 * Removes a model from a store.
 *
 * @param url - as {@link listModels} gives it
 * @returns what the store knew about it
 * @throws Error if it is not there, RangeError for a URL of no store
 * @example
 * const removed = await io.removeModel('indexeddb://digits').catch(() => null);
 * removed === null;  // true, where there is none
 */
export async function removeModel(url: string): Promise<ModelArtifactsInfo> {
  const found = storeOf(url);
  if (!found) throw new RangeError(`removeModel: needs indexeddb:// or localstorage://, got '${url}'`);
  const info = await found.store.remove(found.path);
  if (!info) throw new Error(`removeModel: there is no model ${url}`);
  return info;
}
