// What a model is made of, as Keras and TensorFlow.js write it: classes with their options, in snake_case, and which
// layer's output goes into which. What has one name here and means another thing there is told apart here.

import { constraintOf } from '../constraint-names.js';
import { initializerOf } from '../initializer-names.js';
import { configOf } from '../layers/config.js';
import { InputLayer } from '../layers/input.js';
import type { Layer } from '../layers/layer.js';
import { snakeCase } from '../layers/names.js';
import type { Application, SymbolicTensor } from '../layers/symbolic.js';
import { regularizerOf } from '../regularizer-names.js';
import type { LayersModel } from './functional.js';
import { Model } from './model.js';

/** Options by their names. */
export type Config = Record<string, unknown>;

/** A class and the options that an object of it is made with. */
export interface Described {
  className: string;
  config: Record<string, unknown>;
}

/** Options that mean something where they are null: how to merge, and along which axes to normalize. */
const NULLS = ['mergeMode', 'axis'];

/** What is null is as good as absent, but for these: TensorFlow.js and Keras write all options. */
export const withoutNull = (config: Config): Config =>
  Object.fromEntries(Object.entries(config).filter(([key, value]) => value !== null || NULLS.includes(key)));

/** `kernel_initializer` as `kernelInitializer`. */
const camelCase = (name: string): string => name.replace(/_+(\w|$)/g, (_, c: string) => c.toUpperCase());

const WORD = /^[a-z][A-Za-z0-9_]*$/;

/**
 * What activations are called in files, where that is another name. TensorFlow.js and Keras 2 mean clip(0.2 x + 0.5) by
 * hard_sigmoid, Keras 3 means relu6(x + 3) / 6: under the name that they do not know they refuse it.
 */
const WRITTEN: Readonly<Record<string, string>> = {
  hardSigmoid: 'hard_sigmoid_keras_3',
  legacyHardSigmoid: 'hard_sigmoid',
  silu: 'swish',
};

const READ: Readonly<Record<string, string>> = {
  hard_sigmoid_keras_3: 'hardSigmoid',
  hard_sigmoid: 'legacyHardSigmoid',
  hardSigmoid: 'legacyHardSigmoid',
  gelu_new: 'gelu_new',
};

const isActivation = (key: string): boolean => /activation$/i.test(key);

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** What an option names, described: names are ours, and not all of them are TensorFlow.js's. */
const NAMED: readonly [RegExp, (name: string) => unknown][] = [
  [/Initializer$/, (name) => initializerOf(name, 'save')],
  [/Regularizer$/, (name) => regularizerOf(name, 'save')],
  [/Constraint$/, (name) => constraintOf(name, 'save')],
];

/** Options that others take for something else where they are not told. */
const TOLD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  LSTM: { recurrentActivation: 'sigmoid' },
  LSTMCell: { recurrentActivation: 'sigmoid' },
  GRU: { recurrentActivation: 'sigmoid', resetAfter: true },
  GRUCell: { recurrentActivation: 'sigmoid', resetAfter: true },
};

/** Options as Keras writes them. Words in lists, a vocabulary's or names of layers, stay as they are. */
function toPython(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    const named = NAMED.find(([ending]) => ending.test(key))?.[1];
    if (named) return toPython(configOf(named(value), key), key);
    if (key === 'name' || key === 'className' || !WORD.test(value)) return value;
    return isActivation(key) && Object.hasOwn(WRITTEN, value) ? WRITTEN[value] : snakeCase(value);
  }
  if (Array.isArray(value)) {
    return value.map((v) => (typeof v === 'string' ? v : toPython(v, key)));
  }
  if (!isObject(value)) return value ?? null;
  const { className, config } = value;
  const told = typeof className === 'string' && Object.hasOwn(TOLD, className) ? TOLD[className] : undefined;
  const whole = told && isObject(config) ? { ...value, config: { ...told, ...config } } : value;
  return Object.fromEntries(Object.entries(whole).map(([k, v]) => [snakeCase(k), toPython(v, k)]));
}

/** The same the other way round. `isKeras3` says which hard_sigmoid is meant. */
export function fromPython(value: unknown, key: string, isKeras3: boolean): unknown {
  if (typeof value === 'string') {
    if (key === 'name' || key === 'className' || !WORD.test(value)) return value;
    if (isActivation(key) && Object.hasOwn(READ, value) && !(isKeras3 && value === 'hard_sigmoid')) return READ[value];
    return camelCase(value);
  }
  if (Array.isArray(value)) {
    return value.map((v) => (typeof v === 'string' ? v : fromPython(v, key, isKeras3)));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => {
      const name = camelCase(k);
      return [name, fromPython(v, name, isKeras3)];
    }),
  );
}

/** A layer's class and options. An input's dtype is that of what comes in. */
function described(layer: Layer): Described {
  const { inputType, ...config } = layer.getConfig();
  if (!(layer instanceof InputLayer)) return { className: layer.getClassName(), config };
  return { className: 'InputLayer', config: { ...config, dtype: inputType ?? 'float32', sparse: false } };
}

/** Layers one after the other. */
export function chainConfig(model: LayersModel): Record<string, unknown> {
  const layers = model.layers.map(described);
  const [first] = layers;
  const shape = model.inputs[0]?.shape;
  // A model knows its shape itself.
  if (first && shape && !(model.layers[0] instanceof Model)) {
    first.config = { ...first.config, batchInputShape: [...shape] };
  }
  return { name: model.name, ...(model.trainable ? {} : { trainable: false }), layers };
}

/**
 * A graph of layers: each with the applications of it, and these with the outputs that go into them, by layer, number of
 * the application and number of the output.
 *
 * @throws TypeError for a graph that begins in the middle of another, and for options of a call that no file can hold
 */
export function graphConfig(model: LayersModel): Record<string, unknown> {
  const numbers = new Map<Application, number>();
  for (const layer of model.layers) {
    const own = model.steps.filter((step) => step.layer === layer);
    // A model's own input and output count as its first application, as in Keras.
    own.forEach((step, i) => {
      numbers.set(step, layer instanceof Model ? i + 1 : i);
    });
  }
  for (const { origin, name } of model.inputs) {
    if (!(origin.layer instanceof InputLayer)) {
      throw new TypeError(
        `save: ${model.name} begins in the middle of another model, at '${name}'; begin it with input()`,
      );
    }
    numbers.set(origin, 0);
  }
  const place = (x: SymbolicTensor) => [x.origin.layer.name, numbers.get(x.origin)!, x.origin.outputs.indexOf(x)];
  const node = ({ layer, inputs, options: { training: _, initialState, ...options } }: Application) => {
    const kwargs = JSON.parse(
      JSON.stringify(options, (key, value) => {
        if (typeof value === 'function' || (typeof value === 'object' && value?.dtype)) {
          throw new TypeError(`save: ${layer.name} is called with '${key}', which no file can hold`);
        }
        return value;
      }),
    );
    // The states that a recurrent layer begins with are further inputs.
    const all = [inputs, initialState ?? []].flat() as SymbolicTensor[];
    return all.map((x) => [...place(x), kwargs]);
  };
  return {
    name: model.name,
    ...(model.trainable ? {} : { trainable: false }),
    layers: model.layers.map((layer) => ({
      name: layer.name,
      ...described(layer),
      inboundNodes: model.steps.filter((step) => step.layer === layer).map(node),
    })),
    inputLayers: model.inputs.map(place),
    outputLayers: model.outputs.map(place),
  };
}

/** What a model is made of, as a file holds it. */
export const topologyOf = (model: LayersModel): object => ({
  ...(toPython({ className: model.getClassName(), config: model.getConfig() }, '') as object),
  keras_version: 'tfjs-layers 4.22.0',
  backend: 'tensor_flow.js',
});
