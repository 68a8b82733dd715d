/** TensorFlow.js on one of its backends. */

import { tensorflowNames } from '../tensorflow-names.js';

/**
 * The kernels without which an op has no gradient on a backend.
 *
 * @type {Record<string, string>}
 */
const GRADIENTS = {
  maxPoolStep: 'MaxPoolGrad',
  avgPoolStep: 'AvgPoolGrad',
  depthwiseConv2dStep: 'DepthwiseConv2dNativeBackpropFilter',
};

/** @param {'wasm' | 'cpu'} backend */
export async function openTensorflow(backend) {
  const load = (/** @type {string} */ name) => import(name); // a name that the type checker does not look for
  const tf = await load('@tensorflow/tfjs');
  if (backend === 'wasm') await load('@tensorflow/tfjs-backend-wasm');
  tf.enableProdMode();
  await tf.setBackend(backend);
  await tf.ready();
  return tensorflowNames(`TensorFlow.js ${backend}`, tf, {
    version: tf.version.tfjs,
    // Both backends live in one process; a tensor belongs to that which was on when it was made.
    before: () => tf.setBackend(backend),
    // The kernel has no public name and knows no dilations. That of the filter's gradient is left out: the wasm backend
    // has none, and the cpu backend takes two seconds for 13 million multiplications.
    special: {
      conv2dGradInput: (x, filter, dy, strides, pad, dataFormat) =>
        tf.engine().runKernel('Conv2DBackpropInput', { dy, filter }, { strides, pad, dataFormat, inputShape: x.shape }),
    },
    lacks: (op, args) =>
      // The wasm backend cannot train on images, the cpu backend takes a second for each.
      (op === 'step' &&
        args[0].images &&
        (!tf.getKernel('Conv2DBackpropFilter', backend) || args[0].labels.length > 2)) ||
      op === 'conv2dGradFilter' ||
      (op === 'conv2dGradInput' && args[3] > 1) ||
      (op in GRADIENTS && !tf.getKernel(GRADIENTS[op], backend)),
    target: (labels, classes) => ({
      y: tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat(),
      loss: (/** @type {any} */ y, /** @type {any} */ p) => tf.losses.softmaxCrossEntropy(y, p),
    }),
  });
}
