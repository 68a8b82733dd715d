// TensorFlow's random numbers, as its stateful CPU ops draw them: Philox 4×32-10 under a global seed and
// an op's seed. The state lies in linear memory and kernels move it on, so that a recorded step draws new
// numbers each time.

import { type DataType, isDataType } from '../dtype.js';
import { onForgotten } from '../forgotten.js';
import { allocate, release, view } from '../memory.js';
import { castTo, scoped } from '../ops/dispatch.js';
import { round } from '../ops/math.js';
import { checkShape, type Shape } from '../shape.js';
import { empty, type Tensor } from '../tensor.js';
import { random } from '../wasm/kernels.js';
import { guard } from '../wasm/trace.js';

/** The seed that TensorFlow puts in place of a global seed that nobody set. */
export const DEFAULT_GLOBAL_SEED = 87654321;

/** A state's bytes: key, counter and stream, of 64 bits each. */
const STATE_BYTES = 24;

/** The six words of a state: two 64-bit seeds around a counter of 0. */
export function stateWords(globalSeed: number, seed: number): number[] {
  const words = (x: number) => [x >>> 0, Math.floor(x / 2 ** 32) >>> 0];
  return [...words(globalSeed), 0, 0, ...words(seed)];
}

/** Draws from the state at an address, and leaves it as it was. Its arguments have been checked. */
export type Sampler = (state: number) => Tensor;

type FloatKernel = 'philoxUniform' | 'philoxNormal' | 'philoxTruncatedNormal';

function checkArguments(op: string, shape: Shape, dtype: unknown, ...values: unknown[]): asserts dtype is DataType {
  checkShape(shape, op);
  if (!isDataType(dtype)) throw new TypeError(`${op}: Unsupported data type ${dtype}`);
  for (const x of values) if (typeof x !== 'number') throw new TypeError(`${op}: needed numbers, got ${typeof x}`);
}

function draw(kernel: FloatKernel, dtype: 'float32' | 'float64', shape: Shape, a: number, b: number): Sampler {
  return (state) => {
    const y = empty([...shape], dtype);
    random[dtype][kernel](state, y.storage.address, y.size, a, b);
    return y;
  };
}

/** min + (max − min)·u; whole numbers from min up to max for int32, and whether they are not 0 for bool. */
export function uniformSampler(shape: Shape, min: number, max: number, dtype: DataType, op: string): Sampler {
  checkArguments(op, shape, dtype, min, max);
  if (dtype === 'float64') return draw('philoxUniform', dtype, shape, min, max - min);
  if (dtype === 'float32') {
    return draw('philoxUniform', dtype, shape, min, Math.fround(max) - Math.fround(min));
  }
  const from = Math.ceil(min);
  const to = Math.ceil(max);
  if (!(from < to)) throw new RangeError(`${op}: needed minval < maxval, got ${min} and ${max}`);
  if (from < -(2 ** 31) || to > 2 ** 31) throw new RangeError(`${op}: needed int32 bounds, got ${min} and ${max}`);
  return (state) =>
    scoped(() => {
      const y = empty([...shape], 'int32');
      random.int32.philoxUniform(state, y.storage.address, y.size, from, to - from);
      return castTo(y, dtype);
    });
}

/** mean + std·z; for int32 rounded from float64. */
export function normalSampler(
  kernel: 'philoxNormal' | 'philoxTruncatedNormal',
  shape: Shape,
  mean: number,
  std: number,
  dtype: DataType,
  op: string,
): Sampler {
  checkArguments(op, shape, dtype, mean, std);
  if (dtype === 'bool') throw new TypeError(`${op}: Unsupported data type bool`);
  if (dtype !== 'int32') return draw(kernel, dtype, shape, mean, std);
  return (state) => scoped(() => castTo(round(draw(kernel, 'float64', shape, mean, std)(state)), 'int32'));
}

/** Gives back what a forgotten stream holds. */
const forgotten = onForgotten<number>((address) => release(address, STATE_BYTES));

/**
 * A stream of random numbers: those of one TensorFlow op with this seed, call for call. Uniform numbers are exactly
 * TensorFlow's.
 *
 * @differs from TensorFlow in the last place of some float32 normals: here logarithm, sine and cosine are rounded from
 *   float64, there the C library rounds them (glibc 2.36 otherwise in 0.7 % and 1.3 % of cases), or a GPU does
 * @example
 * const stream = new random.PhiloxRandom({ seed: 1 });
 * stream.normal([2, 1]);  // [[-0.8113182], [1.4845988]], as tf.random.normal([2, 1], seed=1) gives
 * stream.normal([2, 1]);  // [[1.3587774], [0.5417413]], as the same op gives when called again
 * @see https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/kernels/random_op.cc
 */
export class PhiloxRandom {
  #state: number | undefined;

  /**
   * @param options.seed - the op's seed, a whole number
   * @param options.globalSeed - what `tf.random.set_seed` was given; absent: TensorFlow's default, 87654321
   * @throws RangeError for seeds that are not whole
   */
  constructor({ seed, globalSeed = DEFAULT_GLOBAL_SEED }: { seed: number; globalSeed?: number }) {
    for (const x of [seed, globalSeed]) {
      if (!Number.isSafeInteger(x)) throw new RangeError(`PhiloxRandom: needed a whole number as seed, got ${x}`);
    }
    this.#state = allocate(STATE_BYTES, 'the state of a PhiloxRandom');
    view('int32', this.#state, 6).set(stateWords(globalSeed, seed));
    forgotten.register(this, this.#state, this);
  }

  /**
   * Uniform in [min, max). For int32 whole numbers: min + word mod (max − min), as TensorFlow has it.
   * @param dtype - float32, float64, int32 or bool
   * @throws RangeError for int32 unless min < max
   */
  uniform(shape: Shape, min = 0, max = 1, dtype: DataType = 'float32'): Tensor {
    return this.#draw(uniformSampler(shape, min, max, dtype, 'uniform'));
  }

  /**
   * Normal: mean + std·z, with pairs of z by Box and Muller (1958).
   * @param dtype - float32, float64 or int32 (rounded from float64)
   */
  normal(shape: Shape, mean = 0, std = 1, dtype: DataType = 'float32'): Tensor {
    return this.#draw(normalSampler('philoxNormal', shape, mean, std, dtype, 'normal'));
  }

  /**
   * Normal, where every z is drawn again until |z| < 2.
   * @param dtype - float32, float64 or int32 (rounded from float64)
   */
  truncatedNormal(shape: Shape, mean = 0, std = 1, dtype: DataType = 'float32'): Tensor {
    return this.#draw(normalSampler('philoxTruncatedNormal', shape, mean, std, dtype, 'truncatedNormal'));
  }

  #draw(sampler: Sampler): Tensor {
    const state = this.#address;
    const y = sampler(state);
    random.common.philoxSkip(state, y.size);
    return y;
  }

  /** @internal Where a stream is: the six words of its state. */
  static wordsOf(stream: PhiloxRandom): number[] {
    return Array.from(view('int32', stream.#address, 6), (word) => word >>> 0);
  }

  /** @internal Puts a stream where another was. */
  static setWords(stream: PhiloxRandom, words: readonly number[]): void {
    view('int32', stream.#address, 6).set(words);
  }

  get #address(): number {
    if (this.#state === undefined) throw new Error('PhiloxRandom is disposed.');
    guard(this, () => this.#state !== undefined);
    return this.#state;
  }

  /** Frees the 24 bytes of the state. A stream that is forgotten is freed some time after. */
  dispose(): void {
    if (this.#state === undefined) return;
    forgotten.unregister(this);
    release(this.#state, STATE_BYTES);
    this.#state = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
