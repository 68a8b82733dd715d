/**
 * How much yoghurt to make: sales y follow two measures x of a day as y = x₁ + x₂ and some noise, and a linear model
 * y = x · w is to find the weights (1, 1) from samples. The data are NumPy's, the first weights TensorFlow's.
 */

import { random, tensor2d, tidy, variable } from 'wasmgrad';

/** @import { Tensor, Variable } from 'wasmgrad' */

/**
 * Samples: x uniform in [0, 1), y_ = x₁ + x₂ + noise in ±0.05. They are made in float64 and cast.
 *
 * @param {number} seed
 * @param {number} rows
 * @returns {{ x: Tensor, y_: Tensor }} float32, [rows, 2] and [rows, 1]
 */
export function samples(seed, rows) {
  const rng = new random.RandomState(seed);
  return tidy(() => {
    const x = rng.rand(rows, 2);
    const pairs = /** @type {number[][]} */ (x.arraySync());
    const y_ = pairs.map(([x1, x2]) => [x1 + x2 + (rng.rand() / 10 - 0.05)]);
    return { x: x.cast('float32'), y_: tensor2d(y_) };
  });
}

/**
 * The weights to begin with: what `tf.random.normal([2, 1], seed=1)` gives when it is called for the first time in a
 * program, or for the second.
 *
 * @param {1 | 2} draw
 * @returns {Variable} [2, 1]
 */
export function firstWeights(draw) {
  return tidy(() => {
    const stream = new random.PhiloxRandom({ seed: 1 });
    if (draw === 2) stream.normal([2, 1]);
    return variable(stream.normal([2, 1]));
  });
}

/**
 * Takes steps, and notes the weights after some of them.
 *
 * @param {Variable} w
 * @param {number} steps
 * @param {(step: number) => void} step
 * @param {number[]} noted
 * @returns {{ steps: Record<number, number[]>, final: number[] }} the weights after the noted steps and at the end
 */
export function trainFor(w, steps, step, noted = [0, 500]) {
  /** @type {Record<number, number[]>} */
  const after = {};
  for (let i = 0; i < steps; i++) {
    step(i);
    if (noted.includes(i)) after[i] = [...w.dataSync()];
  }
  return { steps: after, final: [...w.dataSync()] };
}

/**
 * Prints what {@link trainFor} returns.
 *
 * @param {string} title
 * @param {ReturnType<typeof trainFor>} table
 */
export function printTable(title, { steps, final }) {
  const show = (/** @type {number[]} */ w) => w.map((x) => x.toFixed(8)).join(', ');
  console.log(title);
  for (const [step, w] of Object.entries(steps)) console.log(`  After ${step} training steps, w1 is ${show(w)}`);
  console.log(`  Final w1 is ${show(final)}`);
}
