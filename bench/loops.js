/**
 * What the suite measures, in plain JavaScript as one would write it with care and without a library: typed arrays,
 * tight loops, an output made once.
 */

import { plainMlp } from './plain.js';

/** @typedef {import('./peers.js').Input} Input */
/** @typedef {import('./peers.js').Peer} Peer */
/** @typedef {Float32Array | Float64Array} Floats */

/** y[i] = f(x[i]); the loop is made anew for each f, so that the engine inlines it.
 *
 * @param {string} body
 * @returns {(x: Floats, y: Floats, z: Floats) => void}
 */
const loop = (body) =>
  /** @type {any} */ (
    new Function('x', 'y', 'z', `for (let i = 0; i < y.length; i++) { const v = x[i]; y[i] = ${body}; }`)
  );

/** @type {Record<string, string>} */
const ELEMENTWISE = {
  exp: 'Math.exp(v)',
  log: 'Math.log(v)',
  tanh: 'Math.tanh(v)',
  sigmoid: '1 / (1 + Math.exp(-v))',
  gelu: '0.5 * v * (1 + Math.tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)))',
  relu: 'v < 0 ? 0 : v',
  add: 'v + z[i]',
};

/**
 * y = a · b in tiles of 4 × 2, eight sums in registers. A transpose is a matter of steps.
 *
 * @param {Floats} a
 * @param {Floats} b
 * @param {Floats} y
 * @param {{ m: number, n: number, k: number, rowA: number, stepA: number, rowB: number, columnB: number }} sizes
 */
function product(a, b, y, sizes) {
  const { m, n, k, rowA, stepA, rowB, columnB } = sizes;
  const tall = m - (m % 4);
  const wide = n - (n % 2);
  for (let i = 0; i < tall; i += 4) {
    for (let j = 0; j < wide; j += 2) {
      let [c00, c01, c10, c11, c20, c21, c30, c31] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let p = 0, atA = i * rowA, atB = j * columnB; p < k; p++, atA += stepA, atB += rowB) {
        const b0 = b[atB];
        const b1 = b[atB + columnB];
        const a0 = a[atA];
        c00 += a0 * b0;
        c01 += a0 * b1;
        const a1 = a[atA + rowA];
        c10 += a1 * b0;
        c11 += a1 * b1;
        const a2 = a[atA + 2 * rowA];
        c20 += a2 * b0;
        c21 += a2 * b1;
        const a3 = a[atA + 3 * rowA];
        c30 += a3 * b0;
        c31 += a3 * b1;
      }
      const at = i * n + j;
      y[at] = c00;
      y[at + 1] = c01;
      y[at + n] = c10;
      y[at + n + 1] = c11;
      y[at + 2 * n] = c20;
      y[at + 2 * n + 1] = c21;
      y[at + 3 * n] = c30;
      y[at + 3 * n + 1] = c31;
    }
  }
  rest(a, b, y, sizes, 0, tall, wide);
  rest(a, b, y, sizes, tall, m, 0);
}

/** Rows `i` to `end` of the product, from column `left` on.
 *
 * @param {Floats} a
 * @param {Floats} b
 * @param {Floats} y
 * @param {{ n: number, k: number, rowA: number, stepA: number, rowB: number, columnB: number }} sizes
 * @param {number} i
 * @param {number} end
 * @param {number} left
 */
function rest(a, b, y, { n, k, rowA, stepA, rowB, columnB }, i, end, left) {
  for (; i < end; i++) {
    for (let j = left; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * rowA + p * stepA] * b[p * rowB + j * columnB];
      y[i * n + j] = sum;
    }
  }
}

/** @param {Floats} x @param {Floats} y @param {number} n */
function softmax(x, y, n) {
  for (let row = 0; row < x.length; row += n) {
    let max = x[row];
    for (let i = row; i < row + n; i++) if (x[i] > max) max = x[i];
    let sum = 0;
    for (let i = row; i < row + n; i++) {
      y[i] = Math.exp(x[i] - max);
      sum += y[i];
    }
    for (let i = row; i < row + n; i++) y[i] /= sum;
  }
}

/** @type {Record<string, (x: Floats, y: Floats, outer: number, n: number, inner: number) => void>} */
const REDUCTIONS = {
  sum(x, y, outer, n, inner) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let r = 0; r < n; r++) sum += x[(o * n + r) * inner + i];
        y[o * inner + i] = sum;
      }
    }
  },
  max(x, y, outer, n, inner) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let max = x[o * n * inner + i];
        for (let r = 1; r < n; r++) if (x[(o * n + r) * inner + i] > max) max = x[(o * n + r) * inner + i];
        y[o * inner + i] = max;
      }
    }
  },
  argMax(x, y, outer, n, inner) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let at = 0;
        let max = x[o * n * inner + i];
        for (let r = 1; r < n; r++) {
          const v = x[(o * n + r) * inner + i];
          if (v > max) {
            max = v;
            at = r;
          }
        }
        y[o * inner + i] = at;
      }
    }
  },
};

/** The loop for an op, and how many elements it writes.
 *
 * @param {string} op
 * @param {readonly Input[]} inputs
 * @param {readonly any[]} args
 * @returns {{ size: number, fill: (y: Floats) => void }}
 */
function loopOf(op, [a, b], args) {
  const x = /** @type {Floats} */ (a.data);
  const columns = /** @type {number} */ (a.shape.at(-1));
  if (op === 'matMul') {
    const [transposeA, transposeB] = args;
    const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
    const n = b.shape[transposeB ? 0 : 1];
    const [rowA, stepA] = transposeA ? [1, m] : [k, 1];
    const [rowB, columnB] = transposeB ? [1, k] : [n, 1];
    const sizes = { m, n, k, rowA, stepA, rowB, columnB };
    return { size: m * n, fill: (y) => product(x, /** @type {Floats} */ (b.data), y, sizes) };
  }
  if (op === 'softmax') return { size: x.length, fill: (y) => softmax(x, y, columns) };
  if (op in REDUCTIONS) {
    const reduce = REDUCTIONS[op];
    const [axis] = args;
    if (axis === undefined) return { size: 1, fill: (y) => reduce(x, y, 1, x.length, 1) };
    const [outer, n, inner] = axis === 1 ? [x.length / columns, columns, 1] : [1, x.length / columns, columns];
    return { size: outer * inner, fill: (y) => reduce(x, y, outer, n, inner) };
  }
  const run = loop(ELEMENTWISE[op]);
  const second = /** @type {Floats} */ (b?.data);
  return { size: x.length, fill: (y) => run(x, y, second) };
}

/** @type {Peer} */
export const plainJavaScript = {
  name: 'plain JavaScript',
  async op(op, inputs, ...args) {
    if (/^(maxPool|avgPool|depthwise|conv2d|batchNorm|layerNorm)/.test(op)) return undefined;
    const { size, fill } = loopOf(op, inputs, args);
    const y = inputs[0].data instanceof Float64Array ? new Float64Array(size) : new Float32Array(size);
    const read = async () => {
      fill(y);
      return y;
    };
    return { run: () => fill(y), read };
  },
  async step({ sizes, images, recurrent, x, labels, weights }) {
    if (images || recurrent) return undefined;
    const model = plainMlp(sizes, weights);
    return { run: () => model.trainOnBatch(x, labels) };
  },
};
