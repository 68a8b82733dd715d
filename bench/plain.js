/**
 * The network of the digits example in plain JavaScript, as one would write it with care and without a library:
 * typed arrays, tight loops, nothing allocated in a step. It is what wasmgrad's time is compared with, and
 * refuses to be more: dense relu layers, a linear output, sparse softmax cross entropy, Adam.
 */

import { mulberry32 } from '../examples/digits/random.js';

/**
 * @typedef {object} Layer
 * @property {number} inputs
 * @property {number} units
 * @property {Float32Array} kernel [inputs, units]
 * @property {Float32Array} bias
 * @property {Float32Array} dKernel
 * @property {Float32Array} dBias
 * @property {Float32Array} y [batch, units], the outputs for the last batch
 * @property {Float32Array} dy their gradient
 */

/**
 * A multilayer perceptron of the given layer sizes, inputs first: `plainMlp([400, 25, 15, 10])`.
 *
 * @param {number[]} sizes
 * @param {number | Float32Array[]} [start] a seed for Glorot uniform kernels and zero biases, or the weights
 *   themselves in the order of `getWeights()`: kernel [inputs, units], bias [units], kernel ... (they are copied)
 */
export function plainMlp(sizes, start = 1) {
  const layers = sizes.slice(1).map((units, i) => makeLayer(sizes[i], units));
  const weights = layers.flatMap(({ kernel, bias }) => [kernel, bias]);
  const gradients = layers.flatMap(({ dKernel, dBias }) => [dKernel, dBias]);
  if (typeof start === 'number') glorotUniform(layers, mulberry32(start));
  else for (const [i, weight] of weights.entries()) weight.set(start[i]);

  const [inputs, classes] = [sizes[0], sizes[sizes.length - 1]];
  const update = adam(weights, gradients);
  let room = 0; // the batch size that the buffers hold

  /** @param {Float32Array} x @returns {Float32Array} the logits, [batch, classes] (more room may follow) */
  const forward = (x) => {
    const batch = x.length / inputs;
    if (batch > room) {
      room = batch;
      for (const layer of layers) {
        layer.y = new Float32Array(room * layer.units);
        layer.dy = new Float32Array(room * layer.units);
      }
    }
    let y = x;
    for (let l = 0; l < layers.length; l++) y = dense(layers[l], y, batch, l + 1 < layers.length);
    return y;
  };

  return {
    /** Kernel, bias, kernel, bias ...: the arrays that training changes. */
    weights,

    /**
     * One step of Adam on one batch.
     *
     * @param {Float32Array} x [batch, inputs]
     * @param {Int32Array} labels [batch]
     * @returns {number} the mean loss of the batch before the step
     */
    trainOnBatch(x, labels) {
      const logits = forward(x);
      const loss = softmaxCrossEntropy(logits, labels, classes, layers[layers.length - 1].dy);
      for (let l = layers.length - 1; l >= 0; l--) {
        const below = l > 0 ? layers[l - 1] : undefined;
        denseGradient(layers[l], below ? below.y : x, below?.dy, labels.length);
      }
      update();
      return loss;
    },

    /**
     * @param {Float32Array} x [n, inputs]
     * @returns {Float32Array} the logits, [n, classes]
     */
    predict(x) {
      return forward(x).slice(0, (x.length / inputs) * classes);
    },
  };
}

/** @param {number} inputs @param {number} units @returns {Layer} */
function makeLayer(inputs, units) {
  const none = new Float32Array(0); // the first batch makes the buffers
  return {
    inputs,
    units,
    kernel: new Float32Array(inputs * units),
    bias: new Float32Array(units),
    dKernel: new Float32Array(inputs * units),
    dBias: new Float32Array(units),
    y: none,
    dy: none,
  };
}

/**
 * Glorot and Bengio (2010): uniform in ± sqrt(6 / (inputs + units)).
 *
 * @param {Layer[]} layers
 * @param {() => number} random
 */
function glorotUniform(layers, random) {
  for (const { kernel, inputs, units } of layers) {
    const limit = Math.sqrt(6 / (inputs + units));
    for (let i = 0; i < kernel.length; i++) kernel[i] = limit * (2 * random() - 1);
  }
}

/**
 * y = x · kernel + bias, then relu unless the layer is the last.
 *
 * @param {Layer} layer
 * @param {Float32Array} x [batch, inputs]
 * @param {number} batch
 * @param {boolean} relu
 * @returns {Float32Array} the layer's `y`
 */
function dense({ inputs, units, kernel, bias, y }, x, batch, relu) {
  for (let i = 0, at = 0; i < batch; i++) for (let u = 0; u < units; u++) y[at++] = bias[u];
  addProduct(y, x, inputs, 1, kernel, batch, inputs, units);
  if (relu) for (let i = 0; i < batch * units; i++) if (y[i] < 0) y[i] = 0;
  return y;
}

/**
 * dKernel = xᵀ · dy, dBias = Σ dy, and dx = dy · kernelᵀ, passed back through the relu whose output `x` is.
 *
 * @param {Layer} layer
 * @param {Float32Array} x [batch, inputs]
 * @param {Float32Array | undefined} dx [batch, inputs], none for the first layer
 * @param {number} batch
 */
function denseGradient({ inputs, units, kernel, dKernel, dBias, dy }, x, dx, batch) {
  dKernel.fill(0);
  addProduct(dKernel, x, 1, inputs, dy, inputs, batch, units);
  dBias.fill(0);
  for (let i = 0, at = 0; i < batch; i++) for (let u = 0; u < units; u++) dBias[u] += dy[at++];
  if (!dx) return;
  for (let i = 0; i < batch; i++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0;
      if (x[i * inputs + k] > 0) for (let u = 0; u < units; u++) sum += dy[i * units + u] * kernel[k * units + u];
      dx[i * inputs + k] = sum;
    }
  }
}

/**
 * out += a · b, where a may be a transpose: its element (row, k) is a[row · rowStep + k · kStep].
 * Four k at a time halve the time of the plain triple loop, since an element of `out` is loaded and stored a quarter as often.
 *
 * @param {Float32Array} out [rows, columns]
 * @param {Float32Array} a
 * @param {number} rowStep
 * @param {number} kStep
 * @param {Float32Array} b [inner, columns]
 * @param {number} rows
 * @param {number} inner
 * @param {number} columns
 */
function addProduct(out, a, rowStep, kStep, b, rows, inner, columns) {
  for (let row = 0; row < rows; row++) {
    const o = row * columns;
    let k = 0;
    for (; k + 4 <= inner; k += 4) {
      const at = row * rowStep + k * kStep;
      const a0 = a[at];
      const a1 = a[at + kStep];
      const a2 = a[at + 2 * kStep];
      const a3 = a[at + 3 * kStep];
      const b0 = k * columns;
      const b1 = b0 + columns;
      const b2 = b1 + columns;
      const b3 = b2 + columns;
      for (let c = 0; c < columns; c++) out[o + c] += a0 * b[b0 + c] + a1 * b[b1 + c] + a2 * b[b2 + c] + a3 * b[b3 + c];
    }
    for (; k < inner; k++) {
      const ak = a[row * rowStep + k * kStep];
      for (let c = 0; c < columns; c++) out[o + c] += ak * b[k * columns + c];
    }
  }
}

/**
 * The mean over the batch of −log softmax(logits)[label]; its gradient, (softmax − onehot) / batch, goes to `dLogits`.
 *
 * @param {Float32Array} logits [batch, classes]
 * @param {Int32Array} labels [batch]
 * @param {number} classes
 * @param {Float32Array} dLogits
 */
function softmaxCrossEntropy(logits, labels, classes, dLogits) {
  const batch = labels.length;
  let loss = 0;
  for (let i = 0; i < batch; i++) {
    const row = i * classes;
    let max = logits[row]; // subtracted, so that exp cannot overflow
    for (let c = 1; c < classes; c++) if (logits[row + c] > max) max = logits[row + c];
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(logits[row + c] - max);
      dLogits[row + c] = e;
      sum += e;
    }
    for (let c = 0; c < classes; c++) dLogits[row + c] /= sum * batch;
    dLogits[row + labels[i]] -= 1 / batch;
    loss += max + Math.log(sum) - logits[row + labels[i]];
  }
  return loss / batch;
}

/**
 * Adam (Kingma and Ba, 2015) in TensorFlow's form, with its defaults.
 *
 * @param {Float32Array[]} weights
 * @param {Float32Array[]} gradients
 * @returns {() => void} updates the weights from the gradients
 */
function adam(weights, gradients, learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7) {
  const ms = weights.map((w) => new Float32Array(w.length));
  const vs = weights.map((w) => new Float32Array(w.length));
  let [power1, power2] = [1, 1]; // β₁ᵗ, β₂ᵗ
  return () => {
    power1 *= beta1;
    power2 *= beta2;
    const alpha = (learningRate * Math.sqrt(1 - power2)) / (1 - power1);
    for (let n = 0; n < weights.length; n++) {
      const [w, g, m, v] = [weights[n], gradients[n], ms[n], vs[n]];
      for (let i = 0; i < w.length; i++) {
        const gi = g[i];
        const mi = m[i] + (gi - m[i]) * (1 - beta1);
        const vi = v[i] + (gi * gi - v[i]) * (1 - beta2);
        m[i] = mi;
        v[i] = vi;
        w[i] -= (alpha * mi) / (Math.sqrt(vi) + epsilon);
      }
    }
  };
}
