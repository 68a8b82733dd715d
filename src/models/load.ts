// Models from artifacts. Files may be damaged or hostile: what they say is checked before it is believed, and what was made
// until an error is let go.

import * as constraints from '../constraints.js';
import type { ArrayData } from '../data/binary.js';
import * as initializers from '../initializers.js';
import type { IOHandler, ModelArtifacts, TrainingConfig } from '../io/artifacts.js';
import { fromBase64 } from '../io/base64.js';
import { handlerOf } from '../io/handlers.js';
import type { LoadOptions } from '../io/http.js';
import { isObject, type JSONObject, parseJSON, show, telling } from '../io/json.js';
import { decodeArrays } from '../io/weights.js';
import * as layers from '../layers/index.js';
import { Layer, withoutInitializers } from '../layers/layer.js';
import type { SymbolicTensor } from '../layers/symbolic.js';
import * as classes from '../optimizers/index.js';
import { Optimizer } from '../optimizers/optimizer.js';
import type { NamedTensor } from '../optimizers/state.js';
import * as train from '../optimizers/train.js';
import { PhiloxRandom } from '../random/philox.js';
import { setStreamState } from '../random/seeds.js';
import * as regularizers from '../regularizers.js';
import { fromConfig as scheduleFromConfig } from '../schedules/from-config.js';
import { dispose, tidy } from '../scope.js';
import { type SerializableClass, SerializationMap } from '../serialization.js';
import { fromData } from '../tensor.js';
import { LayersModel } from './functional.js';
import type { Model } from './model.js';
import type { ObjectiveOptions } from './objectives.js';
import { finderOf, matchWeights, namedWeights, streamsOf, type TrainingState } from './saving.js';
import { Sequential } from './sequential.js';
import { fromPython } from './topology.js';

/** How a model is loaded. */
export interface LoadLayersModelOptions extends LoadOptions {
  /** Whether each weight of the model must be in the file, and each weight of the file in the model; true if absent. */
  strict?: boolean;
  /** Classes of layers of one's own, by the names that the file has for them. */
  customObjects?: Readonly<Record<string, SerializableClass>>;
  /** Whether the optimizer and the state of all random numbers are restored, if they were saved; true if absent. */
  includeOptimizer?: boolean;
}

type Config = Record<string, unknown>;
type Factory = (config: Config) => unknown;
type CustomObjects = Readonly<Record<string, SerializableClass>>;

const OP = 'loadLayersModel';

/** Factories by lower-cased names: the class Conv2DTranspose is made by conv2dTranspose. */
const byClass = (factories: object): Map<string, Factory> =>
  new Map(Object.entries(factories).map(([name, factory]) => [name.toLowerCase(), factory as Factory]));

let tables: Record<'layer' | 'initializer' | 'regularizer' | 'constraint', Map<string, Factory>> | undefined;

function factoriesOf(kind: keyof NonNullable<typeof tables>): Map<string, Factory> {
  tables ??= {
    layer: byClass(layers),
    initializer: byClass(initializers),
    regularizer: byClass(regularizers),
    constraint: byClass(constraints),
  };
  return tables[kind];
}

const KINDS = ['Initializer', 'Regularizer', 'Constraint'] as const;

/** A function of a description, or its name as layers take it. */
function revivedFunction(value: unknown, kind: (typeof KINDS)[number]): unknown {
  const isNamed = typeof value === 'string';
  const { className, config } = (isNamed ? { className: value, config: {} } : value) as Config;
  const key = String(className)
    .replace(/Regularizer$/, '')
    .toLowerCase();
  const factory = factoriesOf(kind.toLowerCase() as 'initializer').get(key);
  if (!factory || (!isNamed && !isObject(config))) {
    throw new RangeError(`unknown ${kind.toLowerCase()} ${show(className)}`);
  }
  return factory(withoutNull(config as Config));
}

/** What is null is as good as absent: TensorFlow.js and Keras write all options. Only of merging it means something. */
const withoutNull = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).filter(([key, value]) => value !== null || key === 'mergeMode'));

/** A policy of dtypes, as Keras 3 writes it, or the name of one. Weights are float64 or float32. */
function dtypeOf(dtype: unknown): 'float64' | undefined {
  const { config } = (isObject(dtype) ? dtype : {}) as { config?: { name?: string } };
  return dtype === 'float64' || config?.name === 'float64' ? 'float64' : undefined;
}

class Reader {
  private readonly customObjects: CustomObjects;

  constructor(customObjects: CustomObjects) {
    this.customObjects = customObjects;
  }

  /** Options as layers take them: functions, and layers in layers, made of their descriptions. */
  private options(config: Config): Config {
    return Object.fromEntries(
      Object.entries(withoutNull(config)).flatMap(([key, value]): [string, unknown][] => {
        if (key === 'dtype') {
          const dtype = dtypeOf(value);
          return dtype ? [[key, dtype]] : [];
        }
        const kind = KINDS.find((kind) => key.endsWith(kind));
        if (kind && (typeof value === 'string' || isObject(value))) return [[key, revivedFunction(value, kind)]];
        return [[key, this.option(value)]];
      }),
    );
  }

  private option(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((v) => this.option(v));
    return isObject(value) && 'className' in value && 'config' in value ? this.layer(value) : value;
  }

  /** The layer of a description, a model's among them. */
  layer(description: unknown): Layer {
    const { className, config } = isObject(description) ? description : {};
    if (typeof className !== 'string' || !(isObject(config) || Array.isArray(config))) {
      throw new RangeError(`needed a layer's class_name and config, got ${show(description)}`);
    }
    const { classNameMap } = SerializationMap.getMap();
    const custom = Object.hasOwn(this.customObjects, className)
      ? this.customObjects[className]
      : classNameMap[className]?.[0];
    if (custom) return this.custom(custom, className, config as Config);
    if (className === 'Sequential') return this.sequential(config);
    if (className === 'Model' || className === 'Functional') return this.graph(config as Config);
    const factory = factoriesOf('layer').get(className.toLowerCase());
    if (!factory || className === 'Layer') {
      throw new RangeError(
        `unknown layer ${show(className)}; register its class by serialization.registerClass, or give it as one of customObjects`,
      );
    }
    const options = this.options(config as Config);
    if (className === 'InputLayer') {
      const { batchShape, ...rest } = options;
      const { dtype } = config as Config;
      return factory({
        ...rest,
        ...(batchShape !== undefined && { batchInputShape: batchShape }),
        ...(typeof dtype === 'string' && { inputType: dtype }),
      }) as Layer;
    }
    return made(options, () => factory(options)) as Layer;
  }

  private custom(cls: SerializableClass, className: string, config: Config): Layer {
    const options = this.options(config);
    const layer = made(options, () =>
      cls.fromConfig ? cls.fromConfig(cls as never, options as never) : new cls(options as never),
    );
    if (!(layer instanceof Layer)) throw new TypeError(`the class '${className}' gives no layer`);
    return layer;
  }

  private sequential(config: unknown): Sequential {
    const { name, layers: list, trainable } = (Array.isArray(config) ? { layers: config } : config) as Config;
    if (!Array.isArray(list) || (name !== undefined && typeof name !== 'string')) {
      throw new RangeError(`needed the name and the layers of a sequential model, got ${show(config)}`);
    }
    const model = new Sequential(name === undefined ? {} : { name });
    if (trainable === false) model.trainable = false;
    return letGo(model, () => {
      for (const description of list) {
        const layer = this.layer(description);
        letGo(layer, () => model.add(layer));
      }
      return model;
    });
  }

  /** A graph: each layer is applied as soon as what goes into it is there. */
  private graph({ name, layers: list, inputLayers, outputLayers, trainable }: Config): LayersModel {
    if (!Array.isArray(list) || !Array.isArray(inputLayers) || !Array.isArray(outputLayers)) {
      throw new RangeError(`needed layers, input_layers and output_layers of the model ${show(name)}`);
    }
    const made = new Map<string, Layer>();
    try {
      let waiting = list.flatMap((description: unknown) => {
        const layer = this.layer(description);
        const { name: key = layer.name, inboundNodes } = description as Config;
        if (typeof key !== 'string' || made.has(key)) {
          layer.dispose();
          throw new RangeError(`needed layers of different names, got ${show(key)}`);
        }
        made.set(key, layer);
        return nodesOf(inboundNodes).map((node) => ({ layer, node }));
      });
      while (waiting.length > 0) {
        // A layer's applications count: none may come before an earlier one.
        const blocked = new Set<Layer>();
        const left = waiting.filter(({ layer, node }) => {
          const inputs = blocked.has(layer) ? undefined : this.inputsOf(node, made);
          if (!inputs) blocked.add(layer);
          else this.apply(layer, node, inputs);
          return !inputs;
        });
        if (left.length === waiting.length) {
          throw new RangeError(`the layer '${left[0]!.layer.name}' needs what no layer gives`);
        }
        waiting = left;
      }
      const ends = (places: unknown[]) =>
        // Of one input or output Keras 3 writes the place itself.
        (typeof places[0] === 'string' ? [places] : places).map((place) => {
          const x = this.find(place, made);
          if (!x) throw new RangeError(`there is no input or output ${show(place)}`);
          return x;
        });
      const model = new LayersModel({
        inputs: ends(inputLayers),
        outputs: ends(outputLayers),
        ...(typeof name === 'string' && { name }),
      });
      if (trainable === false) model.trainable = false;
      return model;
    } catch (error) {
      for (const layer of made.values()) layer.dispose();
      throw error;
    }
  }

  /** What a place names: layer, number of the application, number of the output; undefined if it is not there yet. */
  private find(place: unknown, made: ReadonlyMap<string, Layer>): SymbolicTensor | undefined {
    const [name, node, output] = place as [string, number, number];
    if (!Number.isSafeInteger(node) || !Number.isSafeInteger(output)) return undefined;
    const layer = made.get(name);
    const isModel = layer instanceof LayersModel;
    return layer?.applications[isModel ? node - 1 : node]?.outputs[output];
  }

  private inputsOf(node: readonly unknown[], made: ReadonlyMap<string, Layer>): SymbolicTensor[] | undefined {
    const inputs = node.map((place) => this.find(place, made));
    return inputs.every((x) => x !== undefined) ? inputs : undefined;
  }

  private apply(layer: Layer, node: readonly unknown[], inputs: readonly SymbolicTensor[]): void {
    const kwargs = (node as unknown[][])[0]?.[3];
    const options = isObject(kwargs) ? withoutNull(kwargs) : {};
    const [first, ...states] = inputs;
    // Further inputs of a recurrent layer are the states that it begins with.
    if (states.length > 0 && RECURRENT.test(layer.getClassName())) {
      layer.apply(first!, { ...options, initialState: states });
    } else layer.apply(states.length > 0 ? inputs : first!, options);
  }
}

/** Where Keras 3 writes that a tensor comes from. */
const historyOf = (x: unknown): unknown =>
  isObject(x) && isObject(x.config) ? (x.config as JSONObject).kerasHistory : undefined;

/** Applications of a layer, each a list of places with what the layer is told besides. */
function nodesOf(nodes: unknown): unknown[][] {
  if (!Array.isArray(nodes)) throw new RangeError(`needed a layer's inbound_nodes, got ${show(nodes)}`);
  return nodes.map((given) => {
    const { args, kwargs } = isObject(given) ? given : {};
    const node = Array.isArray(args) ? args.flat().map((x) => [historyOf(x), kwargs].flat()) : given;
    if (!Array.isArray(node) || !node.every(Array.isArray)) {
      throw new RangeError(`needed an inbound node, got ${show(given)}`);
    }
    return node;
  });
}

const RECURRENT = /RNN|LSTM|GRU|Bidirectional/;

/** What `make` gives; if it throws, the model's weights are let go. */
function letGo<T>(model: Layer, make: () => T): T {
  try {
    return make();
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** What `make` gives; if it throws, the weights of layers among the options are let go. */
function made<T>(options: Config, make: () => T): T {
  try {
    return make();
  } catch (error) {
    for (const value of Object.values(options).flat()) if (value instanceof Layer) value.dispose();
    throw error;
  }
}

/** The model of a topology, as Keras, TensorFlow.js and `toJSON` write it. */
function modelOf(topology: unknown, customObjects: CustomObjects): LayersModel {
  const whole = isObject(topology) && isObject(topology.model_config) ? topology.model_config : topology;
  if (!isObject(whole)) throw new RangeError(`needed a model's topology, got ${show(topology)}`);
  const version = [(topology as JSONObject).keras_version, whole.keras_version].find((v) => typeof v === 'string');
  const isKeras3 = String(version).startsWith('3');
  const model = new Reader(customObjects).layer(fromPython(whole, '', isKeras3));
  if (model instanceof LayersModel) return model;
  model.dispose();
  throw new RangeError(`needed a model, got the layer ${show(whole.class_name)}`);
}

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

/** Optimizers as TensorFlow.js and Keras describe them, by class. */
const OPTIMIZERS: Readonly<Record<string, (config: never) => Optimizer>> = {
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
  if (typeof className !== 'string' || !Object.hasOwn(OPTIMIZERS, className) || !isObject(options)) {
    throw new RangeError(`unknown optimizer ${show(config.optimizer_config)}; load with includeOptimizer: false`);
  }
  // Lists keep their words as they are.
  const words = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((v) => (typeof v === 'string' ? fromPython(v, '', false) : words(v))) : value;
  return {
    optimizer: OPTIMIZERS[className]!(withoutNull(options) as never),
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
  const streams = streamsOf(model);
  const { globalSeed, stream, layers: own } = isObject(random) ? random : ({} as TrainingState['random']);
  const bytes = fromBase64(stream, 'the state of random numbers');
  if (!isObject(own)) throw new RangeError(`needed the state of layers' random numbers, got ${show(own)}`);
  for (const [name, states] of Object.entries(own)) {
    if (!Array.isArray(states) || states.length !== streams.get(name)?.length || !states.every(isWords)) {
      throw new RangeError(`the state of the random numbers of '${name}' does not fit`);
    }
  }
  const words = new Uint32Array(bytes.length % 4 === 0 ? bytes.buffer : new ArrayBuffer(0));
  return () => {
    setStreamState({ globalSeed, words });
    for (const [name, states] of Object.entries(own)) {
      states.forEach((words, i) => {
        PhiloxRandom.setWords(streams.get(name)![i]!, words);
      });
    }
  };
}

/** Goes on where a training stopped: optimizer, objectives, random numbers. */
async function resume(model: LayersModel, artifacts: ModelArtifacts, state: [string, ArrayData][]): Promise<void> {
  const { trainingConfig, userDefinedMetadata } = artifacts;
  const saved = userDefinedMetadata?.wasmgrad as TrainingState | undefined;
  if (!saved && !trainingConfig) return;
  const { optimizer, objectives } = saved ? compiledAs(saved) : compiledBy(trainingConfig!);
  const restore = saved && streamsBy(model, saved.random);
  const tensors = tidy(() => namedState(model, optimizer, state, !saved));
  try {
    model.compile({ optimizer, ...objectives });
    model.training!.ownsOptimizer = true;
    if (saved?.optimizer.undecayed?.length) {
      const undecayed = new Set(saved.optimizer.undecayed);
      const varList = [...namedWeights(model)].filter(([name]) => undecayed.has(name)).map(([, weight]) => weight);
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
  optimizer: Optimizer,
  state: [string, ArrayData][],
  isForeign: boolean,
): NamedTensor[] {
  const find = finderOf(namedWeights(model));
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
    if (includeOptimizer) await resume(model, artifacts, arrays(true));
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}
