// Models as files: on the disk (file://), or in the browser's own file system (opfs://). In a folder model.json names the
// file of the weights, which is called after its contents: a model that is saved again is whole at every moment, the old
// one until the new model.json is there.

import { getModelArtifactsInfoForJSON, type IOHandler, modelJSONOf, readModel } from './artifacts.js';
import { isObject, parseJSON, telling } from './json.js';
import { fromSafetensors, isSafetensors, toSafetensors } from './singleFile.js';
import { concatenateArrayBuffers } from './weights.js';
import { crc32 } from './zip.js';

/** A folder of files. */
export interface Folder {
  /** A file's bytes; undefined if there is none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces a file, or makes it: the whole of it, or nothing. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

const MODEL = 'model.json';
const OWN_WEIGHTS = /^weights-[0-9a-f]{8}\.bin$/;

/** The weight files of the model that lies in the folder, as far as they were named here. */
async function ownWeights(folder: Folder): Promise<string[]> {
  try {
    const json = parseJSON((await folder.read(MODEL)) ?? '{}', MODEL);
    const manifest = isObject(json) && Array.isArray(json.weightsManifest) ? json.weightsManifest : [];
    return manifest.flatMap(({ paths }) => paths).filter((path) => OWN_WEIGHTS.test(path));
  } catch {
    return []; // It is no model, and will be overwritten.
  }
}

/**
 * A handler for a folder, or for one file of safetensors.
 *
 * @param folderOf - opens a folder by its path
 * @param path - of the folder, of the model.json in it, or of the file
 * @param url - as errors name it
 */
export function folderHandler(
  folderOf: (path: string, create: boolean) => Promise<Folder>,
  path: string,
  url: string,
): Required<IOHandler> {
  const slash = path.lastIndexOf('/');
  const parent = path.slice(0, Math.max(0, slash)) || (slash === 0 ? '/' : '.');
  const file = path.slice(slash + 1);
  const readFrom = async (folder: Folder, name: string) => {
    const bytes = await folder.read(name);
    if (!bytes) throw new Error(`loadLayersModel: there is no ${name} in ${url}`);
    return bytes;
  };
  const what = `loadLayersModel: ${url}`;
  const isFile = file.endsWith('.json');
  if (isSafetensors(file)) {
    return {
      ...toSafetensors(async (bytes) => (await folderOf(parent, true)).write(file, bytes)),
      async load() {
        const bytes = await readFrom(await folderOf(parent, false), file);
        return telling(what, fromSafetensors(bytes).load);
      },
    };
  }
  return {
    async save(artifacts) {
      if (isFile && file !== MODEL) {
        throw new RangeError(`save: needs a folder, the ${MODEL} in it or a .safetensors file, got ${url}`);
      }
      const weights = new Uint8Array(concatenateArrayBuffers(artifacts.weightData ?? []));
      const name = `weights-${crc32(weights).toString(16).padStart(8, '0')}.bin`;
      const json = new TextEncoder().encode(JSON.stringify(modelJSONOf(artifacts, name)));
      const folder = await folderOf(isFile ? parent : path, true);
      const before = await ownWeights(folder);
      await folder.write(name, weights);
      await folder.write(MODEL, json);
      await Promise.all(before.map((old) => (old === name ? undefined : folder.remove(old))));
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
    async load() {
      const folder = await folderOf(isFile ? parent : path, false);
      const json = parseJSON(await readFrom(folder, isFile ? file : MODEL), what);
      return readModel(json, async (name) => (await readFrom(folder, name)).buffer, what);
    },
  };
}
