// A whole model in one file of safetensors. The weights and the optimizer's state are its tensors, which every reader of
// the format finds by their names; all else is in the texts of its metadata, under the names that artifacts give it.

import type { NamedTensorMap } from '../autodiff.js';
import { type ArrayData, bytesOf } from '../data/binary.js';
import { COMMON, common, getModelArtifactsInfoForJSON, type IOHandler, type ModelArtifacts } from './artifacts.js';
import { toTensors } from './elements.js';
import { parseJSON, show } from './json.js';
import { encodeSafetensors, parseSafetensors } from './safetensors.js';
import { decodeArrays, type WeightsManifestEntry } from './weights.js';

/** What a text is already; all else is JSON. */
const TEXTS: readonly string[] = ['format', 'generatedBy', 'convertedBy'];

/** Under which the names of the tensors stand that are the optimizer's. */
const STATE = 'optimizerState';

export const isSafetensors = (path: string): boolean => path.endsWith('.safetensors');

const isOptimizers = ({ group }: WeightsManifestEntry): boolean => group === 'optimizer';

/**
 * A handler that saves a model as one file of safetensors, whose bytes it hands to a function: for places that `model.save`
 * does not know.
 *
 * The file's tensors are the weights, by their names in the model, and with `includeOptimizer` the optimizer's state. Its
 * metadata has texts: `modelTopology`, the layers as `toJSON` gives them, and, where there are any, `trainingConfig`,
 * `userDefinedMetadata` and so on, as JSON. `optimizerState` lists the names of the tensors that are no weights.
 *
 * @throws TypeError for what is no function
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], name: 'line' })] });
 * let file;
 * await model.save(io.toSafetensors((bytes) => {
 *   file = bytes;
 * }));
 * const { tensors, metadata } = readSafetensors(file);
 * tensors['line/kernel'].shape;  // [2, 1]
 * JSON.parse(metadata.modelTopology).config.layers.length;  // 1
 */
export function toSafetensors(
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void,
): Required<Pick<IOHandler, 'save'>> {
  if (typeof write !== 'function') throw new TypeError(`toSafetensors: needs a function, got ${typeof write}`);
  return {
    async save(artifacts) {
      const { weightData = [], weightSpecs = [] } = artifacts;
      const arrays = decodeArrays(weightData, weightSpecs).map(({ spec: { name }, array }) => {
        return { name, ...array, bytes: array.data.byteLength, read: () => array.data };
      });
      const state = weightSpecs.filter(isOptimizers).map(({ name }) => name);
      const texts = Object.entries({ ...common(artifacts), ...(state.length > 0 && { [STATE]: state }) })
        .filter(([, value]) => value !== null)
        .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
      await write(encodeSafetensors(arrays, Object.fromEntries(texts)));
      return { modelArtifactsInfo: getModelArtifactsInfoForJSON(artifacts) };
    },
  };
}

/** The arrays of a file, and those among them that are an optimizer's, in their order. */
function parsed(bytes: ArrayBuffer | Uint8Array) {
  const { arrays, metadata } = parseSafetensors(bytes);
  const textOf = (key: string) => (Object.hasOwn(metadata, key) ? metadata[key] : undefined);
  const byName = new Map(arrays);
  const names: unknown = parseJSON(textOf(STATE) ?? '[]', `readSafetensors: ${STATE}`);
  if (!Array.isArray(names) || !names.every((name) => byName.has(name)) || new Set(names).size < names.length) {
    throw new RangeError(`readSafetensors: ${STATE} needs names of tensors in the file, got ${show(names)}`);
  }
  const state = names.map((name: string): [string, ArrayData] => [name, byName.get(name)!]);
  for (const [name] of state) byName.delete(name);
  return { weights: [...byName], state, textOf };
}

/** The weights of a model in a file that may have an optimizer's state, too. */
export const weightsIn = (bytes: ArrayBuffer | Uint8Array): NamedTensorMap => toTensors(parsed(bytes).weights);

/**
 * A handler that loads a model from a file of safetensors, which {@link toSafetensors} or a model's `save` wrote. The
 * weights may have been changed by other programs: F16 and BF16 are widened as by {@link readSafetensors}.
 *
 * @param bytes - the whole file
 * @throws TypeError for what is no bytes; when it loads, RangeError for a file that is damaged or has weights only
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * let file;
 * await model.save(io.toSafetensors((bytes) => {
 *   file = bytes;
 * }));
 * const again = await loadLayersModel(io.fromSafetensors(file));
 * const x = ones([1, 2]);
 * again.predict(x).equal(model.predict(x)).print();  // [[true]]
 */
export function fromSafetensors(bytes: ArrayBuffer | Uint8Array): Required<Pick<IOHandler, 'load'>> {
  bytesOf(bytes, 'fromSafetensors');
  return {
    async load() {
      const { weights, state, textOf } = parsed(bytes);
      const fields = COMMON.flatMap((key): [string, unknown][] => {
        const text = textOf(key);
        if (text === undefined) return [];
        return [[key, TEXTS.includes(key) ? text : parseJSON(text, `fromSafetensors: ${key}`)]];
      });
      const artifacts: ModelArtifacts = Object.fromEntries(fields);
      if (!artifacts.modelTopology) {
        throw new RangeError('fromSafetensors: the file has no model, only weights, which model.loadWeights reads');
      }
      const specs = (arrays: readonly [string, ArrayData][], group?: 'optimizer') =>
        arrays.map(([name, { shape, dtype }]) => ({ name, shape, dtype, ...(group && { group }) }));
      return {
        ...artifacts,
        weightSpecs: [...specs(weights), ...specs(state, 'optimizer')],
        weightData: [...weights, ...state].map(([, { data }]) => data.buffer as ArrayBuffer),
      };
    },
  };
}
