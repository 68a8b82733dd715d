// Models on a server: model.json by one request, weight files by one each; or one file of safetensors. Saving posts
// model.json and the weights as a form.

import { getModelArtifactsInfoForJSON, type IOHandler, modelJSONOf, readModel } from './artifacts.js';
import { isObject, parseJSON, telling } from './json.js';
import { fromSafetensors, isSafetensors } from './singleFile.js';
import { concatenateArrayBuffers } from './weights.js';

/** How a model is loaded. */
export interface LoadOptions {
  /** What goes with every request: headers, credentials and so on. */
  requestInit?: RequestInit;
  /** Is told which share is loaded, from 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** What fetches; the runtime's own fetch if absent. */
  fetchFunc?: typeof fetch;
  /** Where weight files lie; beside model.json if absent. */
  weightPathPrefix?: string;
  /** Makes the URL of a weight file of its name. */
  weightUrlConverter?: (weightFileName: string) => Promise<string>;
}

/**
 * Whether a URL begins with http:// or https://.
 *
 * @example
 * io.isHTTPScheme('https://example.com/model.json');  // true
 */
export const isHTTPScheme = (url: string): boolean => /^https?:\/\//.test(url);

/**
 * What `read` takes from the answer to a request.
 *
 * @throws Error for a request that fails, has another status, or whose answer breaks off
 */
export async function request<T>(
  op: string,
  url: string,
  read: (response: Response) => Promise<T>,
  fetchFunc: typeof fetch = fetch,
  init: RequestInit = {},
): Promise<T> {
  const failed = (cause: unknown): never => {
    throw new Error(`${op}: Request to ${url} failed: ${(cause as Error).message}`, { cause });
  };
  // What is not the runtime's own may throw, or answer, before it promises anything.
  const response = await (async () => fetchFunc(url, init))().catch(failed);
  if (!response.ok) throw new Error(`${op}: Request to ${url} failed with status code ${response.status}.`);
  return (async () => read(response))().catch(failed);
}

const bytesOf = (response: Response): Promise<ArrayBuffer> => response.arrayBuffer();

/**
 * A handler that loads a model from a server, and saves by posting model.json and model.weights.bin as a form.
 *
 * @param path - the URL of model.json, or of a model's one .safetensors file; the page's own may be left out of it
 * @throws TypeError for no URL, for what is no function as fetchFunc, and for a requestInit with a body
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * const json = JSON.stringify({ modelTopology: model.toJSON(null, false) });
 * const fetchFunc = async (url) => new Response(json); // the runtime's own if absent
 * const again = await loadLayersModel(io.http('https://example.com/model.json', { fetchFunc }));
 * again.countParams();  // 3
 */
export function http(path: string, options: LoadOptions = {}): Required<IOHandler> {
  const { requestInit = {}, onProgress, fetchFunc = globalThis.fetch, weightPathPrefix, weightUrlConverter } = options;
  if (typeof path !== 'string' || path === '') {
    throw new TypeError('http: URL path for http must not be null, undefined or empty.');
  }
  if (typeof fetchFunc !== 'function') {
    throw new TypeError(`http: fetchFunc must be a function that does what fetch does, got ${typeof fetchFunc}`);
  }
  if (requestInit.body) throw new TypeError('http: requestInit is expected to have no pre-existing body, but has one.');
  const ask = <T>(url: string, read: (response: Response) => Promise<T>, init = requestInit): Promise<T> =>
    request('http', url, read, fetchFunc, init);
  return {
    async save(artifacts) {
      const body = new FormData();
      const json = JSON.stringify(modelJSONOf(artifacts, './model.weights.bin'));
      body.append('model.json', new Blob([json], { type: 'application/json' }), 'model.json');
      if (artifacts.weightData) {
        const weights = new Blob([concatenateArrayBuffers(artifacts.weightData)], { type: 'application/octet-stream' });
        body.append('model.weights.bin', weights, 'model.weights.bin');
      }
      const response = await ask(path, async (response) => response, { method: 'POST', ...requestInit, body });
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts), responses: [response] };
    },
    async load() {
      if (isSafetensors(path.replace(/[?#].*/, ''))) {
        onProgress?.(0);
        const bytes = await ask(path, bytesOf);
        onProgress?.(1);
        return telling(`http: ${path}`, fromSafetensors(bytes).load);
      }
      const json = parseJSON(await ask(path, (response) => response.text()), `http: ${path}`);
      // What follows a question mark goes with weight files too.
      const [, folder, query = ''] = /^([^?#]*\/)?[^?#/]*(\?[^#]*)?/.exec(path)!;
      const urlOf =
        weightUrlConverter ?? (async (name: string) => `${weightPathPrefix ?? folder ?? ''}${name}${query}`);
      const manifest = isObject(json) && Array.isArray(json.weightsManifest) ? json.weightsManifest : [];
      const files = manifest.flatMap((group) => (isObject(group) ? group.paths : [])).length;
      let loaded = 0;
      onProgress?.(0);
      return readModel(
        json,
        async (name) => {
          const bytes = await ask(await urlOf(name), bytesOf);
          onProgress?.(++loaded / files);
          return bytes;
        },
        `http: ${path}`,
      );
    },
  };
}

/**
 * TensorFlow.js's former name of {@link http}.
 *
 * @example
 * io.browserHTTPRequest === io.http;  // true
 */
export const browserHTTPRequest = http;
