/** The contestants: wasmgrad, plain JavaScript, and those peers of `bench/peers` that are installed. */

import * as wasmgrad from 'wasmgrad';
import { plainJavaScript } from './loops.js';
import { normalizationOf, tensorflowNames } from './tensorflow-names.js';

/**
 * @typedef {object} Input
 * @property {Float32Array | Float64Array} data
 * @property {number[]} shape
 */

/**
 * A network of dense layers, relu between them, to be trained by Adam on the cross entropy of its logits.
 *
 * @typedef {object} Network
 * @property {number[]} sizes the inputs, then the units of each layer
 * @property {Images} [images] what goes before the dense layers
 * @property {Recurrent} [recurrent] what goes before them, over sequences
 * @property {Float32Array} x [batch, inputs], or the images or sequences
 * @property {Int32Array} labels [batch]
 * @property {Float32Array[]} weights kernel, bias, kernel ... at the start
 */

/**
 * Convolutions 3 × 3 with relu, then a max-pool of 2.
 *
 * @typedef {object} Images
 * @property {[height: number, width: number, channels: number]} shape
 * @property {number[]} filters of each convolution
 */

/**
 * A recurrent layer, of which the last output goes on.
 *
 * @typedef {object} Recurrent
 * @property {'lstm' | 'simpleRNN'} layer
 * @property {number} gates columns of its kernels for each unit
 * @property {number} units
 * @property {number} steps
 * @property {number} [features] of a step
 */

/**
 * @typedef {object} Peer
 * @property {string} name
 * @property {string} [version]
 * @property {(op: string, inputs: readonly Input[], ...args: any[]) => Promise<import('./race.js').Contestant | undefined>} op
 *   the op on its inputs, by TensorFlow.js's name; undefined if the peer lacks it
 * @property {(network: Network) => Promise<import('./race.js').Contestant | undefined>} [step]
 *   a training step, which gives the loss before it
 */

/** Labels are class numbers here. @param {Int32Array} labels */
const sparse = (labels) => ({
  y: wasmgrad.tensor1d(labels, 'int32'),
  loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
});

/** A loss that reads a value keeps a step from being recorded. @param {Int32Array} labels */
const eagerly = (labels) => ({
  y: wasmgrad.tensor1d(labels, 'int32'),
  loss: (/** @type {wasmgrad.Tensor} */ y, /** @type {wasmgrad.Tensor} */ p) => {
    y.dataSync();
    return wasmgrad.metrics.sparseCategoricalCrossentropy(y, p, { fromLogits: true });
  },
});

/**
 * The gradient of a convolution for its filter or its input, without the convolution: that is recorded once for its tensors.
 *
 * @param {'filter' | 'input'} of
 */
function gradientOf(of) {
  /** @type {wasmgrad.Tensor | undefined} */
  let known;
  /** @type {() => wasmgrad.Tensor} */
  let gradient;
  return (
    /** @type {wasmgrad.Tensor4D} */ x,
    /** @type {wasmgrad.Tensor4D} */ w,
    /** @type {wasmgrad.Tensor4D} */ dy,
    /** @type {[strides: number, pad: 'same' | 'valid', dataFormat: 'NHWC', dilations: number]} */ ...args
  ) => {
    if (known !== dy) {
      known = dy;
      const tape = new wasmgrad.GradientTape({ persistent: true });
      tape.watch([x, w]);
      const y = wasmgrad.conv2d(x, w, ...args);
      tape.stop();
      gradient = () => /** @type {wasmgrad.Tensor} */ (tape.gradient(y, of === 'filter' ? w : x, dy));
    }
    return gradient();
  };
}

/** The step of a layer, which also moves its moments. @type {(...tensors: wasmgrad.Tensor[]) => wasmgrad.Tensor} */
function batchNormStep(x, gamma, beta, dy) {
  if (!layer.built || layer.weights[0].size !== gamma.size) {
    layer.dispose();
    layer = wasmgrad.layers.batchNormalization();
    layer.apply(x).dispose();
    layer.setWeights([gamma, beta, ...layer.weights.slice(2)]);
  }
  const f = (/** @type {wasmgrad.Tensor} */ t) => /** @type {wasmgrad.Tensor} */ (layer.apply(t, { training: true }));
  return wasmgrad.tidy(() => wasmgrad.grads(f)([x, ...layer.trainableWeights], dy)[0]);
}
let layer = wasmgrad.layers.batchNormalization();

const special = {
  conv2dGradFilter: gradientOf('filter'),
  conv2dGradInput: gradientOf('input'),
  batchNormStep,
  layerNormStep: normalizationOf(wasmgrad, (x, gamma, beta) => wasmgrad.layerNormalization(x, { gamma, beta })),
};

export const ours = tensorflowNames('wasmgrad', wasmgrad, { target: sparse, hasFloat64: true, special });
export const oursEager = tensorflowNames('wasmgrad, eager', wasmgrad, { target: eagerly });

const FILES = ['tfjs-wasm', 'tfjs-cpu', 'jax-js', 'onnxruntime-web'];

/**
 * @param {boolean} quick whether to do without bench/peers
 * @returns {Promise<{ present: Peer[], absent: string[] }>}
 */
export async function findPeers(quick) {
  /** @type {Peer[]} */
  const present = [ours, plainJavaScript];
  const absent = [];
  for (const file of quick ? [] : FILES) {
    try {
      const { open } = await import(`./peers/${file}.js`);
      present.push(await open());
    } catch (error) {
      if (/** @type {any} */ (error).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      absent.push(file);
    }
  }
  return { present, absent };
}
