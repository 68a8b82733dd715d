/** TensorFlow.js on one of its backends. */

import { tensorflowNames } from '../tensorflow-names.js';

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
    // Its gradients of convolutions are kernels without a public name, and know no dilations.
    special: {
      conv2dGradFilter: (x, filter, dy, strides, pad, dataFormat) =>
        tf
          .engine()
          .runKernel('Conv2DBackpropFilter', { x, dy }, { strides, pad, dataFormat, filterShape: filter.shape }),
      conv2dGradInput: (x, filter, dy, strides, pad, dataFormat) =>
        tf.engine().runKernel('Conv2DBackpropInput', { dy, filter }, { strides, pad, dataFormat, inputShape: x.shape }),
    },
    lacks: (op, args) =>
      op.startsWith('conv2dGrad') &&
      (args[3] > 1 || !tf.getKernel(op.replace('conv2dGrad', 'Conv2DBackprop'), backend)),
    target: (labels, classes) => ({
      y: tf.oneHot(tf.tensor1d(labels, 'int32'), classes).toFloat(),
      loss: (/** @type {any} */ y, /** @type {any} */ p) => tf.losses.softmaxCrossEntropy(y, p),
    }),
  });
}
