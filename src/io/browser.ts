// Handlers of browsers: files that a user chose, and downloads.

import { getModelArtifactsInfoForJSON, type IOHandler, modelJSONOf, readModel } from './artifacts.js';
import { parseJSON, telling } from './json.js';
import { fromSafetensors, isSafetensors, toSafetensors } from './singleFile.js';
import { concatenateArrayBuffers } from './weights.js';

/**
 * A handler that loads a model from files that a user chose: model.json, and the weight files that it names; or a model's
 * one .safetensors file.
 *
 * @throws TypeError without files
 * @example
 * const artifacts = { modelTopology: { class_name: 'Sequential', config: { name: 'empty', layers: [] } } };
 * const file = new File([JSON.stringify(artifacts)], 'model.json');
 * (await io.browserFiles([file]).load()).weightData === undefined;  // true
 */
export function browserFiles(files: readonly File[]): Required<Pick<IOHandler, 'load'>> {
  if (!files || files.length < 1) {
    throw new TypeError(`browserFiles: When calling browserFiles, at least 1 file is required, but received ${files}`);
  }
  const [first, ...rest] = Array.from(files);
  return {
    async load() {
      const what = `browserFiles: ${first!.name}`;
      if (isSafetensors(first!.name)) return telling(what, fromSafetensors(await first!.arrayBuffer()).load);
      const json = parseJSON(await first!.text(), what);
      return readModel(
        json,
        (path) => {
          // Users choose files, not folders.
          const name = path.slice(path.lastIndexOf('/') + 1);
          const file = rest.find((file) => file.name === name);
          if (!file) throw new Error(`browserFiles: Weight file with basename '${name}' is not provided.`);
          return file.arrayBuffer();
        },
        what,
      );
    },
  };
}

/** A handler that has the browser download NAME.json and NAME.weights.bin, or NAME where it ends in .safetensors. */
export function browserDownloads(name: string): IOHandler {
  return {
    async save(artifacts) {
      if (typeof document === 'undefined') {
        throw new TypeError(`downloads://${name}: this runtime is no page, and cannot download`);
      }
      const files: [string, BlobPart][] = [];
      if (isSafetensors(name)) await toSafetensors((bytes) => void files.push([name, bytes])).save(artifacts);
      else {
        const weights = `${name || 'model'}.weights.bin`;
        const json = JSON.stringify(modelJSONOf(artifacts, `./${weights}`));
        files.push([`${name || 'model'}.json`, json], [weights, concatenateArrayBuffers(artifacts.weightData ?? [])]);
      }
      for (const [download, content] of files) {
        const href = URL.createObjectURL(new Blob([content], { type: 'application/octet-stream' }));
        Object.assign(document.createElement('a'), { href, download }).click();
        // Of several downloads at once Firefox takes the last.
        await new Promise((resolve) => setTimeout(resolve));
        setTimeout(() => URL.revokeObjectURL(href), 60_000);
      }
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
  };
}
