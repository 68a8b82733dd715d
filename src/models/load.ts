// Models from artifacts. Files may be damaged or hostile: an error leaves nothing behind.

import type { ArrayData } from '../data/binary.js';
import type { IOHandler, ModelArtifacts } from '../io/artifacts.js';
import { handlerOf } from '../io/handlers.js';
import type { LoadOptions } from '../io/http.js';
import { isObject, parseJSON, show, telling } from '../io/json.js';
import { decodeArrays } from '../io/weights.js';
import { withoutInitializers } from '../layers/weight.js';
import { tidy } from '../scope.js';
import type { SerializableClass } from '../serialization.js';
import { fromData } from '../tensor.js';
import { type CustomObjects, modelOf } from './fromTopology.js';
import type { LayersModel } from './functional.js';
import { matchWeights } from './namedWeights.js';
import { resume } from './trainingState.js';

/** How a model is loaded. */
export interface LoadLayersModelOptions extends LoadOptions {
  /** Whether each weight of the model must be in the file, and each weight of the file in the model; true if absent. */
  strict?: boolean;
  /** Classes of layers of one's own, by the names that the file has for them. */
  customObjects?: Readonly<Record<string, SerializableClass>>;
  /** Whether the optimizer and the state of all random numbers are restored, if they were saved; true if absent. */
  includeOptimizer?: boolean;
}

const OP = 'loadLayersModel';

/**
 * The model that `toJSON` described, with new weights.
 *
 * @param json - a text, or what it says
 * @param customObjects - classes of layers of one's own, by the names that the text has for them
 * @throws RangeError for what describes no model, or a layer that is not known
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 3, activation: 'relu', inputShape: [2] })] });
 * const again = await modelFromJSON(model.toJSON());
 * again.predict(zeros([1, 2])).print();  // [[0, 0, 0]]
 */
export async function modelFromJSON(
  json: string | object,
  customObjects: Readonly<Record<string, SerializableClass>> = {},
): Promise<LayersModel> {
  const topology = typeof json === 'string' ? parseJSON(json, 'modelFromJSON') : json;
  const own = isObject(topology) && 'modelTopology' in topology ? topology.modelTopology : topology;
  return telling('modelFromJSON', () => modelOf(own, customObjects));
}

function checkArtifacts(artifacts: unknown): asserts artifacts is ModelArtifacts {
  const { modelTopology, weightSpecs, weightData, userDefinedMetadata } = isObject(artifacts) ? artifacts : {};
  if (!isObject(modelTopology)) throw new RangeError(`needed a model's topology, got ${show(modelTopology)}`);
  if (weightData !== undefined && weightSpecs === undefined) {
    throw new RangeError(`the model has weight data, but no weight specs`);
  }
  if (userDefinedMetadata !== undefined && !isObject(userDefinedMetadata)) {
    throw new RangeError(`needed an object of metadata, got ${show(userDefinedMetadata)}`);
  }
}

/**
 * Loads a model that was saved by `model.save`, by TensorFlow.js, or by tensorflowjs_converter of a Keras model.
 *
 * If the optimizer was saved, too, the model is compiled, and the state of all random numbers is what it was, so that
 * training goes on with the same bits as if it had never stopped. An error leaves nothing behind.
 *
 * @param pathOrHandler - a URL: `file://models/first` (a folder in Node, Deno and Bun, the model.json in it, or a model's
 *   one .safetensors file), http(s), `indexeddb://`, `localstorage://`, `opfs://`; one without a scheme is the page's own
 *   server's; or a handler
 * @throws Error if there is no model, RangeError for one that is damaged or does not fit, TypeError for what is neither URL
 *   nor handler
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
 * let saved;
 * const keep = io.withSaveHandler(async (artifacts) => {
 *   saved = artifacts;
 *   return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
 * });
 * await model.save(keep, { includeOptimizer: true });
 * const again = await loadLayersModel(io.fromMemory(saved));
 * const x = ones([1, 2]);
 * again.predict(x).equal(model.predict(x)).print();  // [[true]]
 */
export async function loadLayersModel(
  pathOrHandler: string | IOHandler,
  options: LoadLayersModelOptions = {},
): Promise<LayersModel> {
  const { strict = true, customObjects = {}, includeOptimizer = true } = options;
  const handler = handlerOf(pathOrHandler, OP, options);
  if (typeof handler.load !== 'function')
    throw new TypeError(`${OP}: the handler cannot load: it has no load function`);
  const artifacts: unknown = await handler.load();
  return telling(OP, () => modelWith(artifacts, strict, customObjects, includeOptimizer));
}

async function modelWith(
  artifacts: unknown,
  strict: boolean,
  customObjects: CustomObjects,
  includeOptimizer: boolean,
): Promise<LayersModel> {
  checkArtifacts(artifacts);
  const { weightSpecs, weightData, modelTopology, userDefinedMetadata } = artifacts;
  const decoded = weightData === undefined ? undefined : decodeArrays(weightData, weightSpecs!);
  const arrays = (isOptimizers: boolean) =>
    (decoded ?? [])
      .filter(({ spec }) => (spec.group === 'optimizer') === isOptimizers)
      .map(({ spec, array }): [string, ArrayData] => [spec.name, array]);

  const make = () => modelOf(modelTopology, customObjects);
  const elements = arrays(false).reduce((sum, [, { data }]) => sum + data.length, 0);
  const model = decoded && strict ? withoutInitializers(elements, make) : make();
  try {
    if (decoded) {
      const pairs = matchWeights(model, arrays(false), strict);
      tidy(() => {
        for (const [weight, { data, shape, dtype }] of pairs) weight.assign(fromData(data, shape, dtype));
      });
    }
    const { wasmgrad: _, ...metadata } = userDefinedMetadata ?? {};
    if (Object.keys(metadata).length > 0) model.setUserDefinedMetadata(metadata);
    const names = arrays(false).map(([name]) => name);
    if (includeOptimizer) await resume(model, artifacts, arrays(true), names);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
