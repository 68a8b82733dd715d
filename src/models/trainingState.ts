// What training needs beside the weights to go on with the same bits: how the model was compiled, the optimizer's state,
// all streams of random numbers. What is written and what is read of it stand here together.

import type { ArrayData } from '../data/binary.js';
import type { ModelArtifacts, TrainingConfig } from '../io/artifacts.js';
import { fromBase64, toBase64 } from '../io/base64.js';
import { isObject, show } from '../io/json.js';
import { configOf } from '../layers/config.js';
import type { Layer } from '../layers/layer.js';
import { Metric } from '../metrics/metric.js';
import * as classes from '../optimizers/index.js';
import { Optimizer } from '../optimizers/optimizer.js';
import type { NamedTensor } from '../optimizers/state.js';
import * as train from '../optimizers/train.js';
import { PhiloxRandom } from '../random/philox.js';
import { setStreamState, streamState } from '../random/seeds.js';
import { fromConfig as scheduleFromConfig } from '../schedules/from-config.js';
import { dispose, tidy } from '../scope.js';
import { fromData } from '../tensor.js';
import type { Variable } from '../variable.js';
import type { LayersModel } from './functional.js';
import type { Model } from './model.js';
import { finderOf, namedWeights } from './namedWeights.js';
import type { ObjectiveOptions } from './objectives.js';
import { type Config, fromPython, withoutNull } from './topology.js';
import type { Training } from './training.js';

/** What training needs beside the weights. Where TensorFlow.js has words for it, `trainingConfig` has it too. */
export interface TrainingState {
  optimizer: { className: string; config: Record<string, unknown>; undecayed: string[] };
  objectives: ObjectiveOptions;
  /** The program's stream, and those of layers, by the layers' names. */
  random: { globalSeed: number | null; stream: string; layers: Record<string, number[][]> };
}

/** Streams of random numbers that layers have for themselves, by the names of the layers. */
function streamsOf(model: Layer): Map<string, PhiloxRandom[]> {
  const found = new Map<string, PhiloxRandom[]>();
  const add = (layer: Layer, prefix: string) => {
    const name = `${prefix}${layer.name}`;
    if (layer.draws?.stream) found.set(name, [layer.draws.stream]);
    for (const inner of layer.layers) add(inner, `${name}/`);
  };
  for (const layer of model.layers) add(layer, '');
  return found;
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
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  SGD: ['learningRate'],
  Momentum: ['learningRate', 'momentum', 'useNesterov'],
  Adam: ['learningRate', 'beta1', 'beta2', 'epsilon'],
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** How the model was compiled, in TensorFlow.js's words, which are fewer; undefined where they do not suffice. */
export function trainingConfigOf({ optimizer, objectives }: TrainingState): TrainingConfig | undefined {
  const { loss, metrics = [], ...more } = objectives;
  const options = Object.hasOwn(OPTIONS, optimizer.className) ? OPTIONS[optimizer.className]! : undefined;
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

/** What training needs beside the weights and the optimizer's state. */
export function trainingState(
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

/** An optimizer's state under the names that files give the weights. */
export function renamed(state: readonly NamedTensor[], names: readonly (readonly [string, Variable])[]): NamedTensor[] {
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

/** Optimizers as TensorFlow.js and Keras describe them, by class. */
const FACTORIES: Readonly<Record<string, (config: never) => Optimizer>> = {
  SGD: ({
    learningRate,
    momentum = 0,
    nesterov = false,
  }: Record<'learningRate' | 'momentum', number> & { nesterov?: boolean }) =>
    momentum === 0 ? train.sgd(learningRate) : new classes.SGDOptimizer({ learningRate, momentum, nesterov }),
  Momentum: (c: { learningRate: number; momentum: number; useNesterov?: boolean }) =>
    train.momentum(c.learningRate, c.momentum, c.useNesterov),
  Adam: (c: Record<'learningRate' | 'beta1' | 'beta2' | 'epsilon', number>) =>
    train.adam(c.learningRate, c.beta1, c.beta2, c.epsilon),
  Adamax: (c: Record<'learningRate' | 'beta1' | 'beta2' | 'epsilon' | 'decay', number>) =>
    train.adamax(c.learningRate, c.beta1, c.beta2, c.epsilon, c.decay),
  Adagrad: (c: Record<'learningRate' | 'initialAccumulatorValue', number>) =>
    train.adagrad(c.learningRate, c.initialAccumulatorValue),
  Adadelta: (c: Record<'learningRate' | 'rho' | 'epsilon', number>) => train.adadelta(c.learningRate, c.rho, c.epsilon),
  RMSProp: (c: Record<'learningRate' | 'decay' | 'momentum' | 'epsilon', number> & { centered?: boolean }) =>
    train.rmsprop(c.learningRate, c.decay, c.momentum, c.epsilon, c.centered),
};

/** How TensorFlow.js or Keras say that a model was compiled. */
function compiledBy(config: TrainingConfig): { optimizer: Optimizer; objectives: ObjectiveOptions } {
  const { optimizerConfig, loss, metrics } = fromPython(config, '', false) as Config;
  const { className, config: options } = (isObject(optimizerConfig) ? optimizerConfig : {}) as Config;
  if (typeof className !== 'string' || !Object.hasOwn(FACTORIES, className) || !isObject(options)) {
    throw new RangeError(`unknown optimizer ${show(config.optimizer_config)}; load with includeOptimizer: false`);
  }
  // Lists keep their words as they are.
  const words = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((v) => (typeof v === 'string' ? fromPython(v, '', false) : words(v))) : value;
  return {
    optimizer: FACTORIES[className]!(withoutNull(options) as never),
    objectives: { loss: words(loss), metrics: words(metrics ?? []) } as ObjectiveOptions,
  };
}

/** The optimizer and the objectives of a training that was saved here. */
function compiledAs({ optimizer, objectives }: TrainingState): { optimizer: Optimizer; objectives: ObjectiveOptions } {
  const { className, config } = isObject(optimizer) ? optimizer : ({} as TrainingState['optimizer']);
  const cls = Object.values(classes).find(
    (each) => each !== Optimizer && each.prototype instanceof Optimizer && each.prototype.getClassName() === className,
  );
  if (!cls || !isObject(config) || !isObject(objectives)) {
    throw new RangeError(`needed an optimizer and what it is to make small, got ${show(optimizer)}`);
  }
  return {
    optimizer: Optimizer.fromConfig(cls as unknown as new () => Optimizer, config, scheduleFromConfig),
    objectives,
  };
}

/** The state of a stream of Philox numbers: six words. */
const isWords = (x: unknown): x is number[] =>
  Array.isArray(x) && x.length === 6 && x.every((word) => Number.isInteger(word) && word >= 0 && word < 2 ** 32);

/** What puts all streams where they were; checked, but not done yet. */
function streamsBy(model: Model, random: TrainingState['random']): () => void {
  const { globalSeed, stream, layers: own } = isObject(random) ? random : ({} as TrainingState['random']);
  const bytes = fromBase64(stream, 'the state of random numbers');
  if (!isObject(own)) throw new RangeError(`needed the state of layers' random numbers, got ${show(own)}`);
  // A stream is found as a weight of the layer is.
  const weightLike = (name: string) => `${name}/stream`;
  const streams = new Map([...streamsOf(model)].map(([name, own]) => [weightLike(name), own]));
  const find = finderOf(streams, Object.keys(own).map(weightLike));
  for (const [name, states] of Object.entries(own)) {
    if (!Array.isArray(states) || states.length !== find(weightLike(name))?.length || !states.every(isWords)) {
      throw new RangeError(`the state of the random numbers of '${name}' does not fit`);
    }
  }
  const words = new Uint32Array(bytes.length % 4 === 0 ? bytes.buffer : new ArrayBuffer(0));
  return () => {
    setStreamState({ globalSeed, words });
    for (const [name, states] of Object.entries(own)) {
      states.forEach((words, i) => {
        PhiloxRandom.setWords(find(weightLike(name))![i]!, words);
      });
    }
  };
}

/**
 * Goes on where a training stopped: optimizer, objectives, random numbers.
 *
 * @param state - the optimizer's, by the names in the file
 * @param names - the names of the weights in the file
 */
export async function resume(
  model: LayersModel,
  artifacts: ModelArtifacts,
  state: [string, ArrayData][],
  names: readonly string[],
): Promise<void> {
  const { trainingConfig, userDefinedMetadata } = artifacts;
  const saved = userDefinedMetadata?.wasmgrad as TrainingState | undefined;
  if (!saved && !trainingConfig) return;
  const find = finderOf(namedWeights(model), names);
  const { optimizer, objectives } = saved ? compiledAs(saved) : compiledBy(trainingConfig!);
  const restore = saved && streamsBy(model, saved.random);
  const tensors = tidy(() => namedState(model, find, optimizer, state, !saved));
  try {
    model.compile({ optimizer, ...objectives });
    model.training!.ownsOptimizer = true;
    if (saved?.optimizer.undecayed) {
      const { undecayed } = saved.optimizer;
      if (!Array.isArray(undecayed) || !undecayed.every((name) => typeof name === 'string')) {
        throw new RangeError(`needed the names of weights that do not decay, got ${show(undecayed)}`);
      }
      const varList = undecayed.map(find).filter((weight) => weight !== undefined);
      optimizer.excludeFromWeightDecay({ varList });
    }
    if (tensors.length > 0) await optimizer.setWeights(tensors);
  } finally {
    dispose(tensors.map(({ tensor }) => tensor));
  }
  restore?.();
}

/** An optimizer's state under the names of the variables that it stands beside. */
function namedState(
  model: LayersModel,
  find: (name: string) => Variable | undefined,
  optimizer: Optimizer,
  state: [string, ArrayData][],
  isForeign: boolean,
): NamedTensor[] {
  const slots = optimizer.allSlots;
  const named = state.filter(([name]) => name !== 'iter');
  const isKnown = named.every(([name]) => find(name.slice(0, name.lastIndexOf('/'))));
  const trained = model.trainableWeights;
  // TensorFlow.js goes by the order, and may have other names.
  if (!isKnown && !(isForeign && named.length === slots.length * trained.length)) {
    throw new RangeError(`the optimizer's state is not that of the model's ${trained.length} weights`);
  }
  return state.map(([name, { data, shape, dtype }]) => {
    const tensor = fromData(data, shape, dtype);
    if (name === 'iter') return { name, tensor };
    const slash = name.lastIndexOf('/');
    const at = named.findIndex(([other]) => other === name);
    return isKnown
      ? { name: `${find(name.slice(0, slash))!.name}${name.slice(slash)}`, tensor }
      : { name: `${trained[at % trained.length]!.name}/${slots[Math.floor(at / trained.length)]}`, tensor };
  });
}
