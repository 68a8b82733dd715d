// Models as artifacts: what they are made of, their weights by name, and, if the optimizer is to go along, all that training
// needs to go on with the same bits.

import type { IOHandler, ModelArtifacts, SaveResult } from '../io/artifacts.js';
import { handlerOf } from '../io/handlers.js';
import { isObject } from '../io/json.js';
import { concatenateArrayBuffers, encodeWeights } from '../io/weights.js';
import type { Layer } from '../layers/layer.js';
import { dispose } from '../scope.js';
import type { LayersModel } from './functional.js';
import { checkBuilt, namedWeights } from './namedWeights.js';
import { topologyOf } from './topology.js';
import { renamed, trainingConfigOf, trainingState } from './trainingState.js';

/** What is saved of a model. */
export interface SaveConfig {
  /** Whether the optimizer's state goes along, and the state of all random numbers; false if absent. */
  includeOptimizer?: boolean;
  /** Whether weights that are not trained stay behind; false if absent. */
  trainableOnly?: boolean;
}

/**
 * In a file each model has layers of its own: one that several share would be several when it is loaded.
 * @throws TypeError for one that has weights
 */
function checkShared(model: LayersModel): void {
  const owners = new Map<Layer, Layer>();
  const walk = (owner: Layer): void => {
    for (const layer of owner.layers) {
      const other = owners.get(layer);
      if (other && layer.weights.length > 0) {
        throw new TypeError(`save: ${layer.name} is shared by ${other.name} and ${owner.name}, which no file can hold`);
      }
      owners.set(layer, owner);
      walk(layer);
    }
  };
  walk(model);
}

/** The artifacts of a model, whose weights must be made. */
async function artifactsOf(model: LayersModel, config: SaveConfig): Promise<ModelArtifacts> {
  const { includeOptimizer = false, trainableOnly = false } = config;
  checkBuilt(model, 'save');
  checkShared(model);
  const weights = [...namedWeights(model)];
  const trained = new Set(trainableOnly ? model.trainableWeights : []);
  const saved = weights.filter(([, weight]) => !trainableOnly || trained.has(weight));
  // All is read before anything is waited for: training may go on meanwhile.
  const reading = encodeWeights(saved.map(([name, tensor]) => ({ name, tensor })));
  const compiled = includeOptimizer ? model.training : undefined;
  const state = compiled && trainingState(compiled, model, weights);
  const own = compiled?.optimizer.getWeights();
  const parts = [await reading];
  if (own) {
    const tensors = renamed(await own, weights);
    parts.push(await encodeWeights(tensors, 'optimizer'));
    dispose(tensors.map(({ tensor }) => tensor));
  }
  const metadata = { ...model.getUserDefinedMetadata(), ...(state && { wasmgrad: state }) };
  const trainingConfig = state && trainingConfigOf(state);
  return {
    modelTopology: topologyOf(model),
    format: 'layers-model',
    generatedBy: 'wasmgrad',
    convertedBy: null,
    ...(trainingConfig && { trainingConfig }),
    ...(Object.keys(metadata).length > 0 && { userDefinedMetadata: metadata }),
    weightSpecs: parts.flatMap(({ specs }) => specs),
    weightData: concatenateArrayBuffers(parts.map(({ data }) => data)),
  };
}

/** Saves a model by a handler or under a URL. */
export async function saveModel(
  model: LayersModel,
  place: string | IOHandler,
  config: SaveConfig = {},
): Promise<SaveResult> {
  const handler = handlerOf(place, 'save');
  if (typeof handler.save !== 'function') throw new TypeError('save: the handler cannot save: it has no save function');
  return handler.save(await artifactsOf(model, config));
}

/** @throws TypeError unless it is an object of JSON, RangeError for the key that is taken */
export function checkedMetadata(metadata: unknown): Record<string, unknown> {
  let copy: unknown;
  try {
    copy = JSON.parse(JSON.stringify(metadata));
  } catch {
    copy = undefined;
  }
  if (!isObject(copy)) {
    throw new TypeError(`setUserDefinedMetadata: needs an object that JSON can hold, got ${typeof metadata}`);
  }
  if (Object.hasOwn(copy, 'wasmgrad')) {
    throw new RangeError("setUserDefinedMetadata: the key 'wasmgrad' is that of the training's state");
  }
  return copy;
}
