// Activation functions by the names that layers take.

import {
  add,
  celu,
  clipByValue,
  elu,
  exp,
  gelu,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  mul,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
  threshold,
} from './ops/index.js';
import type { Tensor } from './tensor.js';

/** What layers apply to their output: a function of a tensor. */
export type Activation = (x: Tensor) => Tensor;

/**
 * Every activation that layers take by its name, as a function of a tensor alone: with the defaults of the op of that
 * name. Those with weights or chance of their own are layers: `layers.prelu`, `layers.rrelu`.
 *
 * @example
 * activations.hardTanh(tensor1d([-3, 0.5])).print();  // [-1, 0.5]
 * activations.linear(tensor1d([-3, 0.5])).print();  // [-3, 0.5]
 */
export const activations = {
  linear: (x) => x,
  celu: (x) => celu(x),
  elu: (x) => elu(x),
  exponential: (x) => exp(x),
  gelu: (x) => gelu(x),
  /** TensorFlow.js's name for gelu by tanh. */
  gelu_new: (x) => gelu(x, true),
  hardSigmoid: (x) => hardSigmoid(x),
  hardSilu: (x) => hardSwish(x),
  hardSwish: (x) => hardSwish(x),
  hardTanh: (x) => hardTanh(x),
  /** What TensorFlow.js and Keras 2 call hardSigmoid: 0.2 x + 0.5, between 0 and 1. */
  legacyHardSigmoid: (x) => clipByValue(add(mul(x, 0.2), 0.5), 0, 1),
  leakyRelu: (x) => leakyRelu(x),
  logSigmoid: (x) => logSigmoid(x),
  logSoftmax: (x) => logSoftmax(x),
  mish: (x) => mish(x),
  relu: (x) => relu(x),
  relu6: (x) => relu6(x),
  selu: (x) => selu(x),
  sigmoid: (x) => sigmoid(x),
  silu: (x) => silu(x),
  softmax: (x) => softmax(x),
  softplus: (x) => softplus(x),
  softsign: (x) => softsign(x),
  swish: (x) => silu(x),
  tanh: (x) => tanh(x),
  threshold: (x) => threshold(x),
} satisfies Record<string, Activation>;

/** The names of activations. */
export type ActivationName = keyof typeof activations;

/**
 * The activation of that name.
 * @throws RangeError for a name there is none of
 */
export function activationOf(name: string, op: string): Activation {
  if (name === 'prelu' || name === 'rrelu') {
    throw new RangeError(`${op}: ${name} has slopes of its own; add layers.${name}() behind the layer`);
  }
  if (!Object.hasOwn(activations, name)) {
    throw new RangeError(`${op}: unknown activation '${name}'; known are ${Object.keys(activations).join(', ')}`);
  }
  return activations[name as ActivationName];
}
