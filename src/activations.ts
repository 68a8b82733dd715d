// Activation functions by the names that layers take.

import {
  elu,
  exp,
  gelu,
  hardSigmoid,
  leakyRelu,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} from './ops/index.js';
import type { Tensor } from './tensor.js';

/** What layers apply to their output: a function of a tensor. */
export type Activation = (x: Tensor) => Tensor;

const ACTIVATIONS = {
  linear: (x) => x,
  elu: (x) => elu(x),
  exponential: (x) => exp(x),
  gelu: (x) => gelu(x),
  hardSigmoid: (x) => hardSigmoid(x),
  leakyRelu: (x) => leakyRelu(x),
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
} satisfies Record<string, Activation>;

/** The names of activations. */
export type ActivationName = keyof typeof ACTIVATIONS;

/**
 * The activation of that name.
 * @throws RangeError for a name there is none of
 */
export function activationOf(name: string, op: string): Activation {
  if (!Object.hasOwn(ACTIVATIONS, name)) {
    throw new RangeError(`${op}: unknown activation '${name}'; known are ${Object.keys(ACTIVATIONS).join(', ')}`);
  }
  return ACTIVATIONS[name as ActivationName];
}
