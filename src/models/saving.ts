// Models as artifacts: what they are made of, their weights by name, and, if the optimizer is to go along, all that training
// needs to go on with the same bits.

import type { NamedTensorMap } from '../autodiff.js';
import type { IOHandler, ModelArtifacts, SaveResult, TrainingConfig } from '../io/artifacts.js';
import { toBase64 } from '../io/base64.js';
import { readFile, writeFile } from '../io/files.js';
import { handlerOf } from '../io/handlers.js';
import { isObject, show, telling } from '../io/json.js';
import { readNpz, writeNpz } from '../io/npz.js';
import { writeSafetensors } from '../io/safetensors.js';
import { weightsIn } from '../io/singleFile.js';
import { concatenateArrayBuffers, encodeWeights } from '../io/weights.js';
import { configOf } from '../layers/config.js';
import type { Layer } from '../layers/layer.js';
import { Metric } from '../metrics/metric.js';
import type { NamedTensor } from '../optimizers/state.js';
import { PhiloxRandom } from '../random/philox.js';
import { streamState } from '../random/seeds.js';
import { dispose } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import type { LayersModel } from './functional.js';
import { Model } from './model.js';
import type { ObjectiveOptions } from './objectives.js';
import { topologyOf } from './topology.js';
import type { Training } from './training.js';

/** What is saved of a model. */
export interface SaveConfig {
  /** Whether the optimizer's state goes along, and the state of all random numbers; false if absent. */
  includeOptimizer?: boolean;
  /** Whether weights that are not trained stay behind; false if absent. */
  trainableOnly?: boolean;
}

/** What training needs beside the weights. Where TensorFlow.js has words for it, `trainingConfig` has it too. */
export interface TrainingState {
  optimizer: { className: string; config: Record<string, unknown>; undecayed: string[] };
  objectives: ObjectiveOptions;
  /** The program's stream, and those of layers, by the layers' names. */
  random: { globalSeed: number | null; stream: string; layers: Record<string, number[][]> };
}

/**
 * Weights by the names that files give them: the layer's name, those of the layers in it, and the weight's own. They do
 * not depend on what else the program has made, as variables' names do.
 */
export function namedWeights(model: Model): Map<string, Variable> {
  const found = new Map<string, Variable>();
  const known = new Set<Variable>();
  const add = (layer: Layer, prefix: string) => {
    layer.ownWeights.forEach((weight, i) => {
      if (known.has(weight)) return;
      known.add(weight);
      let name = `${prefix}${layer.name}/${layer.weightNames[i]}`;
      while (found.has(name)) name = `${model.name}/${name}`;
      found.set(name, weight);
    });
    // Layers of a model in a model are named as if they were the outer model's own, as in TensorFlow.js.
    const inside = layer instanceof Model ? prefix : `${prefix}${layer.name}/`;
    for (const inner of layer.layers) add(inner, inside);
  };
  for (const layer of model.layers) add(layer, '');
  return found;
}

/** Streams of random numbers that layers have for themselves, by the names of the layers. */
export function streamsOf(model: Layer): Map<string, PhiloxRandom[]> {
  const found = new Map<string, PhiloxRandom[]>();
  const add = (layer: Layer, prefix: string) => {
    const name = `${prefix}${layer.name}`;
    if (layer.draws?.stream) found.set(name, [layer.draws.stream]);
    for (const inner of layer.layers) add(inner, `${name}/`);
  };
  for (const layer of model.layers) add(layer, '');
  return found;
}

/** An optimizer's state under the names that files give the weights. */
function renamed(state: readonly NamedTensor[], names: readonly (readonly [string, Variable])[]): NamedTensor[] {
  const byVariable = new Map(names.map(([name, v]) => [v.name, name]));
  const renamed: NamedTensor[] = [];
  for (const { name, tensor } of state) {
    const slash = name.lastIndexOf('/');
    const weight = byVariable.get(name.slice(0, slash));
    if (slash < 0) renamed.push({ name, tensor });
    else if (weight !== undefined) renamed.push({ name: `${weight}${name.slice(slash)}`, tensor });
    else tensor.dispose(); // It is another model's.
  }
  return renamed;
}

/** Losses and metrics as plain values. */
function plainObjectives(objectives: ObjectiveOptions): ObjectiveOptions {
  const check = (value: unknown): void => {
    if (value instanceof Metric) {
      throw new TypeError(`save: the metric '${value.name}' was made by hand, which no file can hold; give it by name`);
    }
    if (typeof value === 'function') {
      throw new TypeError(
        `save: a loss or metric is a function ${value.name || 'without a name'} of your own, which no file can hold; give it by name, or leave out the optimizer`,
      );
    }
    if (typeof value === 'object' && value !== null) Object.values(value).forEach(check);
  };
  check(objectives);
  return JSON.parse(JSON.stringify(objectives));
}

const LOSSES = new Set([
  ...['meanSquaredError', 'meanAbsoluteError', 'meanAbsolutePercentageError', 'meanSquaredLogarithmicError', 'hinge'],
  ...['squaredHinge', 'categoricalHinge', 'logcosh', 'categoricalCrossentropy', 'sparseCategoricalCrossentropy'],
  ...['binaryCrossentropy', 'kullbackLeiblerDivergence', 'poisson', 'cosineProximity'],
]);
const METRICS = new Set([
  ...['accuracy', 'acc', 'binaryAccuracy', 'categoricalAccuracy', 'precision', 'categoricalCrossentropy'],
  ...['sparseCategoricalCrossentropy', 'mse', 'mae', 'mape', 'cosine'],
]);
/** The optimizers whose options and state are TensorFlow.js's, and these options. */
const OPTIMIZERS: Readonly<Record<string, readonly string[]>> = {
  SGD: ['learningRate'],
  Momentum: ['learningRate', 'momentum', 'useNesterov'],
  Adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** How the model was compiled, in TensorFlow.js's words, which are fewer; undefined where they do not suffice. */
function trainingConfigOf({ optimizer, objectives }: TrainingState): TrainingConfig | undefined {
  const { loss, metrics = [], ...more } = objectives;
  const options = Object.hasOwn(OPTIMIZERS, optimizer.className) ? OPTIMIZERS[optimizer.className]! : undefined;
  // What is off is as good as not there.
  const told = Object.entries(optimizer.config).filter(([, value]) => value !== false && value !== null && value !== 0);
  const list = [metrics].flat();
  const isKnown =
    typeof loss === 'string' &&
    LOSSES.has(loss) &&
    list.every((metric) => typeof metric === 'string' && METRICS.has(metric)) &&
    Object.values(more).every((value) => value === undefined) &&
    typeof optimizer.config.learningRate === 'number' &&
    optimizer.undecayed.length === 0 &&
    told.every(([key]) => options?.includes(key));
  if (!isKnown) return undefined;
  const config = Object.fromEntries(options!.map((key) => [key, optimizer.config[key]]));
  return {
    loss: snake(loss),
    metrics: (list as string[]).map(snake),
    optimizer_config: { class_name: optimizer.className, config },
  };
}

function checkBuilt({ built, name }: Model, op: string): void {
  if (built) return;
  throw new Error(`${op}: ${name} is not built; give the first layer an inputShape, or call build or fit first`);
}

/** What training needs beside the weights and the optimizer's state. */
function trainingState(
  { optimizer, given }: Training,
  model: Model,
  weights: readonly (readonly [string, Variable])[],
): TrainingState {
  const { globalSeed, words } = streamState();
  const className = optimizer.getClassName();
  return {
    optimizer: {
      className,
      config: configOf(optimizer.getConfig(), className) as Record<string, unknown>,
      undecayed: weights.filter(([, weight]) => !optimizer.decays(weight)).map(([name]) => name),
    },
    objectives: plainObjectives(given),
    random: {
      globalSeed,
      stream: toBase64(new Uint8Array(words.buffer)),
      layers: Object.fromEntries([...streamsOf(model)].map(([name, own]) => [name, own.map(PhiloxRandom.wordsOf)])),
    },
  };
}

/** The artifacts of a model, whose weights must be made. */
export async function artifactsOf(model: LayersModel, config: SaveConfig): Promise<ModelArtifacts> {
  const { includeOptimizer = false, trainableOnly = false } = config;
  checkBuilt(model, 'save');
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

/** A name without the part before the last: Keras names an LSTM's weights lstm/lstm_cell/kernel, TensorFlow.js lstm/kernel. */
const shorter = (name: string): string => name.replace(/[^/]+\/([^/]+)$/, '$1');

/** What finds the weight that a name in a file means. */
export function finderOf<T>(named: ReadonlyMap<string, T>): (name: string) => T | undefined {
  const byShort = new Map<string, T | undefined>();
  for (const [name, weight] of named) {
    const short = shorter(name);
    byShort.set(short, byShort.has(short) ? undefined : weight);
  }
  return (name) => named.get(name) ?? byShort.get(name) ?? named.get(shorter(name)) ?? byShort.get(shorter(name));
}

/**
 * The weights that tensors are for.
 *
 * @param strict - whether each weight needs a tensor, and each tensor a weight
 * @throws RangeError if one lacks, or has another shape or dtype
 */
export function matchWeights<T extends { shape: readonly number[]; dtype: string }>(
  model: Model,
  tensors: readonly (readonly [string, T])[],
  strict: boolean,
): [Variable, T][] {
  const named = namedWeights(model);
  const find = finderOf(named);
  const pairs = new Map<Variable, T>();
  for (const [name, value] of tensors) {
    const weight = find(name);
    if (!weight) {
      if (strict) throw new RangeError(`Provided weight data has no target variable: ${name}`);
      continue;
    }
    if (pairs.has(weight)) throw new RangeError(`two tensors are for the weight '${name}'`);
    if (!sameShape(value.shape, weight.shape) || value.dtype !== weight.dtype) {
      throw new RangeError(
        `'${name}' needs ${showShape(weight.shape)} ${weight.dtype}, got ${showShape(value.shape)} ${value.dtype}`,
      );
    }
    pairs.set(weight, value);
  }
  const missing = [...named].filter(([, weight]) => !pairs.has(weight)).map(([name]) => name);
  if (strict && missing.length > 0) {
    throw new RangeError(`${missing.length} of ${named.size} weights are not set: ${missing.slice(0, 10)}`);
  }
  return [...pairs];
}

/** Replaces weights by tensors of their names. All are checked before the first is changed. */
export function assignByName(model: Model, tensors: NamedTensorMap, strict: boolean): void {
  const pairs: [Variable, Tensor][] = telling('loadWeights', () =>
    matchWeights(model, Object.entries(tensors), strict),
  );
  for (const [, value] of pairs) value.throwIfDisposed();
  for (const [weight, value] of pairs) weight.assign(value);
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

type Format = 'safetensors' | 'npz';

function formatOf(path: string, op: string): Format {
  const format = typeof path === 'string' ? /\.(safetensors|npz)$/.exec(path)?.[1] : undefined;
  if (format) return format as Format;
  throw new RangeError(`${op}: needs a file named *.safetensors or *.npz, got ${show(path)}`);
}

/** Writes the weights of a model to a file. */
export async function saveWeights(model: LayersModel, path: string): Promise<void> {
  const format = formatOf(path, 'saveWeights');
  checkBuilt(model, 'saveWeights');
  const tensors = Object.fromEntries(namedWeights(model));
  const bytes = format === 'npz' ? writeNpz(tensors) : writeSafetensors(tensors, { format: 'wasmgrad' });
  await writeFile(path, bytes);
}

/** Replaces the weights of a model by those of a file. */
export async function loadWeights(model: LayersModel, path: string, strict: boolean): Promise<void> {
  const format = formatOf(path, 'loadWeights');
  const bytes = await readFile(path);
  const tensors = format === 'npz' ? await readNpz(bytes) : weightsIn(bytes);
  try {
    assignByName(model, tensors, strict);
  } finally {
    dispose(tensors);
  }
}
