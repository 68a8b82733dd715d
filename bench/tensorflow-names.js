/** The suite's ops and steps under TensorFlow.js's names: for TensorFlow.js, and as they are for wasmgrad. */

/**
 * @param {string} name
 * @param {any} tf the package
 * @param {object} options
 * @param {() => unknown} [options.before] makes the package ready for a turn
 * @param {string} [options.version]
 * @param {boolean} [options.hasFloat64]
 * @param {Record<string, (...args: any[]) => any>} [options.special] ops that have no name in common, or need help
 * @param {(op: string, args: any[]) => boolean} [options.lacks] whether the package cannot do it
 * @param {(labels: Int32Array, classes: number) => { y: any, loss: any }} options.target how the package likes labels,
 *   and the loss to go with them
 * @returns {import('./peers.js').Peer}
 */
export function tensorflowNames(name, tf, { before, version, target, special, lacks, hasFloat64 = false }) {
  /** @type {Record<string, (...args: any[]) => any>} */
  const own = {
    gelu: tf.gelu ? (x) => tf.gelu(x, true) : (x) => geluOf(tf, x),
    maxPoolStep: (x, dy, ...args) => tf.grad((/** @type {any} */ t) => tf.maxPool(t, ...args))(x, dy),
    avgPoolStep: (x, dy, ...args) => tf.grad((/** @type {any} */ t) => tf.avgPool(t, ...args))(x, dy),
    depthwiseConv2dStep: (x, w, dy, ...args) =>
      tf.tidy(() => {
        const f = (/** @type {any} */ a, /** @type {any} */ b) => tf.depthwiseConv2d(a, b, ...args);
        return tf.grads(f)([x, w], dy)[0];
      }),
    batchNormOpsStep: normalizationOf(tf, (x, gamma, beta) => {
      const { mean, variance } = tf.moments(x, 0);
      return tf.batchNorm(x, mean, variance, beta, gamma, 0.001);
    }),
    layerNormOpsStep: normalizationOf(tf, (x, gamma, beta) => {
      const { mean, variance } = tf.moments(x, 1, true);
      return x.sub(mean).mul(variance.add(0.001).rsqrt()).mul(gamma).add(beta);
    }),
    ...special,
  };
  // Where there are no kernels the ops are all there is.
  own.batchNormStep ??= own.batchNormOpsStep;
  own.layerNormStep ??= own.layerNormOpsStep;
  return {
    name,
    version,
    async op(op, inputs, ...args) {
      if ((!hasFloat64 && inputs[0].data instanceof Float64Array) || lacks?.(op, args)) return undefined;
      await before?.();
      const f = own[op] ?? tf[op];
      const dtypes = { Float32Array: 'float32', Float64Array: 'float64' };
      const tensors = inputs.map(({ data, shape }) =>
        tf.tensor(data, shape, dtypes[/** @type {'Float32Array'} */ (data.constructor.name)]),
      );
      const call = () => f(...tensors, ...args);
      return {
        before,
        run: () => call().dispose(),
        async read() {
          await before?.();
          const y = call();
          const data = y.dataSync().slice();
          y.dispose();
          return data;
        },
        close: () => tf.dispose(tensors),
      };
    },
    async step(network) {
      const { sizes, images: pictures, recurrent, x, labels, weights } = network;
      if (lacks?.('step', [network])) return undefined;
      await before?.();
      const inputShape = pictures?.shape ?? (recurrent ? [recurrent.steps, recurrent.features] : [sizes[0]]);
      const model = tf.sequential();
      const add = (/** @type {string} */ layer, /** @type {object} */ options = {}) =>
        model.add(tf.layers[layer]({ ...options, ...(model.layers.length === 0 && { inputShape }) }));
      for (const filters of pictures?.filters ?? []) add('conv2d', { filters, kernelSize: 3, activation: 'relu' });
      // Keras's sigmoid, which is not TensorFlow.js's default.
      if (recurrent)
        add(recurrent.layer, {
          units: recurrent.units,
          ...(recurrent.gates > 1 && { recurrentActivation: 'sigmoid' }),
        });
      if (pictures) {
        add('maxPooling2d', { poolSize: 2 });
        add('flatten');
      }
      sizes.slice(1).forEach((units, i) => {
        add('dense', { units, activation: i + 2 < sizes.length ? 'relu' : 'linear' });
      });
      tf.tidy(() =>
        model.setWeights(
          model.getWeights().map((/** @type {any} */ w, /** @type {number} */ i) => tf.tensor(weights[i], w.shape)),
        ),
      );
      const { y, loss } = target(labels, sizes[sizes.length - 1]);
      model.compile({ optimizer: 'adam', loss });
      const images = tf.tensor(x, [labels.length, ...inputShape]);
      return {
        before,
        run: () => model.trainOnBatch(images, y),
        close: () => tf.dispose([images, y, ...model.getWeights()]),
      };
    },
  };
}

/**
 * The step of a normalization by gamma and beta: forward, and the gradients of all three, of which x's is returned.
 *
 * @param {any} tf
 * @param {(x: any, gamma: any, beta: any) => any} f
 * @returns {(...tensors: any[]) => any}
 */
export const normalizationOf = (tf, f) => (x, gamma, beta, dy) => tf.tidy(() => tf.grads(f)([x, gamma, beta], dy)[0]);

/** 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))), which TensorFlow.js lacks. @param {any} tf @param {any} x */
const geluOf = (tf, x) =>
  tf.tidy(() => x.add(x.square().mul(x).mul(0.044715)).mul(0.7978845608028654).tanh().add(1).mul(x).mul(0.5));
