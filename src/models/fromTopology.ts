// Models of their topology. It may be damaged or hostile: what it says is checked before it is believed, and what was made
// until an error is let go.

import * as constraints from '../constraints.js';
import * as initializers from '../initializers.js';
import { isObject, type JSONObject, show } from '../io/json.js';
import * as layers from '../layers/index.js';
import { Layer } from '../layers/layer.js';
import type { SymbolicTensor } from '../layers/symbolic.js';
import * as regularizers from '../regularizers.js';
import { type SerializableClass, SerializationMap } from '../serialization.js';
import { LayersModel } from './functional.js';
import { Sequential } from './sequential.js';
import { type Config, fromPython, withoutNull } from './topology.js';

type Factory = (config: Config) => unknown;
/** Classes of layers of one's own, by the names that a topology has for them. */
export type CustomObjects = Readonly<Record<string, SerializableClass>>;

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
    const [name, node, output] = (Array.isArray(place) ? place : []) as [string, number, number];
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
    if (!Array.isArray(node) || node.length === 0 || !node.every(Array.isArray)) {
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
export function modelOf(topology: unknown, customObjects: CustomObjects): LayersModel {
  const whole = isObject(topology) && isObject(topology.model_config) ? topology.model_config : topology;
  if (!isObject(whole)) throw new RangeError(`needed a model's topology, got ${show(topology)}`);
  const version = [(topology as JSONObject).keras_version, whole.keras_version].find((v) => typeof v === 'string');
  const isKeras3 = String(version).startsWith('3');
  const model = new Reader(customObjects).layer(fromPython(whole, '', isKeras3));
  if (model instanceof LayersModel) return model;
  model.dispose();
  throw new RangeError(`needed a model, got the layer ${show(whole.class_name)}`);
}
