// NumPy's legacy random numbers, np.random.RandomState: the same seed gives the same numbers, so that a
// published program's initial weights, noise and shuffles can be had here. Nothing of it needs a kernel:
// words are integers, and what is made of them is exact or correctly rounded in every engine.

import type { TypedArray } from '../dtype.js';
import { checkShape, type Rank, type Shape, sizeOf } from '../shape.js';
import { fromData, Tensor } from '../tensor.js';
import { breakTrace } from '../wasm/trace.js';
import { entropy } from './entropy.js';
import { log } from './log.js';
import { MT19937 } from './mt19937.js';

/** Sizes of the result; a number n is [n]. */
type Size = number | Shape;

const INT32_MIN = -(2 ** 31);
const INT32_END = 2 ** 31;

function checkNumbers(op: string, ...values: unknown[]): void {
  for (const x of values) if (typeof x !== 'number') throw new TypeError(`${op}: needed numbers, got ${typeof x}`);
}

/**
 * A stream of random numbers, bit for bit that of `np.random.RandomState(seed)` (MT19937).
 *
 * Methods without a shape return a number, with one a tensor: float64 for `rand`, `randn`, `uniform` and `normal`,
 * int32 for `randint` and `permutation`.
 *
 * @differs from NumPy in the last place of about one normal of 3000: NumPy takes the logarithm from the C library, whose
 *   rounding differs between systems; here it is correctly rounded
 * @example
 * const state = new random.RandomState(1);
 * state.rand();  // 0.417022004702574
 * state.randn(32, 2).shape;  // [32, 2]
 */
export class RandomState {
  readonly #twister: MT19937;
  /** The second normal of the last pair. */
  #gauss: number | undefined;

  /**
   * @param seed - 0 ≤ seed < 2³²; absent: a new stream each time
   * @throws RangeError for another seed, as in NumPy
   */
  constructor(seed: number = entropy()) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new RangeError(`RandomState: needed a whole number from 0 to 2^32 - 1 as seed, got ${seed}`);
    }
    this.#twister = MT19937.fromSeed(seed);
  }

  /** Uniform in [0, 1), from 53 bits: `rand()` a number, `rand(32, 2)` a tensor of that shape. */
  rand(): number;
  rand(size: number, ...sizes: number[]): Tensor<Rank, 'float64'>;
  rand(...shape: number[]): number | Tensor<Rank, 'float64'> {
    return this.#floats('rand', shape.length > 0 ? shape : undefined, () => this.#bits.nextDouble());
  }

  /** Standard normal, by the polar method of Marsaglia and Bray (1964): `randn()` a number, `randn(32, 2)` a tensor. */
  randn(): number;
  randn(size: number, ...sizes: number[]): Tensor<Rank, 'float64'>;
  randn(...shape: number[]): number | Tensor<Rank, 'float64'> {
    return this.#floats('randn', shape.length > 0 ? shape : undefined, () => this.#nextGauss());
  }

  /**
   * Uniform in [low, high): low + (high − low)·u.
   * @throws RangeError if high − low is not finite
   */
  uniform(low?: number, high?: number): number;
  uniform(low: number, high: number, shape: Size): Tensor<Rank, 'float64'>;
  uniform(low = 0, high = 1, shape?: Size): number | Tensor<Rank, 'float64'> {
    checkNumbers('uniform', low, high);
    const range = high - low;
    if (!Number.isFinite(range)) throw new RangeError(`uniform: needed finite bounds, got ${low} and ${high}`);
    return this.#floats('uniform', shape, () => low + range * this.#bits.nextDouble());
  }

  /**
   * Normal with mean `loc` and standard deviation `scale`: loc + scale·z.
   * @throws RangeError if scale < 0
   */
  normal(loc?: number, scale?: number): number;
  normal(loc: number, scale: number, shape: Size): Tensor<Rank, 'float64'>;
  normal(loc = 0, scale = 1, shape?: Size): number | Tensor<Rank, 'float64'> {
    checkNumbers('normal', loc, scale);
    if (!(scale >= 0)) throw new RangeError(`normal: needed scale >= 0, got ${scale}`);
    return this.#floats('normal', shape, () => loc + scale * this.#nextGauss());
  }

  /**
   * Whole numbers, low ≤ x < high; with one bound, 0 ≤ x < low.
   * @throws RangeError if low >= high, or for bounds that are not whole or outside int32
   */
  randint(low: number, high?: number): number;
  randint(low: number, high: number | undefined, shape: Size): Tensor<Rank, 'int32'>;
  randint(low: number, high?: number, shape?: Size): number | Tensor<Rank, 'int32'> {
    const [from, to] = high === undefined || high === null ? [0, low] : [low, high];
    checkNumbers('randint', from, to);
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < INT32_MIN || to > INT32_END) {
      throw new RangeError(`randint: needed whole bounds within int32, got ${from} and ${to}`);
    }
    if (from >= to) throw new RangeError(`randint: needed low < high, got ${from} and ${to}`);
    const next = () => from + this.#bits.nextUpTo(to - 1 - from);
    if (shape === undefined || shape === null) return next();
    const sizes = sizesOf(shape, 'randint');
    return fromData(Int32Array.from({ length: sizeOf(sizes) }, next), sizes, 'int32');
  }

  /**
   * Shuffles an array in place (Fisher and Yates, from the end). A tensor is immutable: its rows come back shuffled in
   * a new one.
   * @throws TypeError for anything else, and for a scalar
   */
  shuffle(x: unknown[] | TypedArray): void;
  shuffle<T extends Tensor>(x: T): T;
  shuffle(x: unknown[] | TypedArray | Tensor): Tensor | undefined {
    if (x instanceof Tensor) return this.#shuffleRows(x, 'shuffle');
    if (!Array.isArray(x) && !ArrayBuffer.isView(x)) {
      throw new TypeError(`shuffle: needed an array or a tensor, got ${x === null ? 'null' : typeof x}`);
    }
    for (let i = x.length - 1; i > 0; i--) {
      const j = this.#bits.nextUpTo(i);
      const last = x[i];
      x[i] = x[j];
      x[j] = last;
    }
    return undefined;
  }

  /**
   * A shuffled copy: of an array, or of a tensor's rows. Of a number n: the numbers 0 to n − 1 shuffled, an int32
   * tensor.
   * @throws RangeError if n is not whole or below 0, TypeError for anything else
   */
  permutation(n: number): Tensor<Rank.R1, 'int32'>;
  permutation<T extends unknown[] | TypedArray>(x: T): T;
  permutation<T extends Tensor>(x: T): T;
  permutation(x: number | unknown[] | TypedArray | Tensor): unknown[] | TypedArray | Tensor {
    if (x instanceof Tensor) return this.#shuffleRows(x, 'permutation');
    if (typeof x === 'number') {
      checkShape([x], 'permutation');
      const indices = Int32Array.from({ length: x }, (_, i) => i);
      this.shuffle(indices);
      return fromData(indices, [x], 'int32');
    }
    if (!Array.isArray(x) && !ArrayBuffer.isView(x)) {
      throw new TypeError(`permutation: needed a number, an array or a tensor, got ${x === null ? 'null' : typeof x}`);
    }
    const copy = x.slice();
    this.shuffle(copy);
    return copy;
  }

  #shuffleRows<T extends Tensor>(x: T, op: string): T {
    if (x.rank === 0) throw new TypeError(`${op}: needed a tensor with rows, got a scalar`);
    const from = x.dataSync();
    const to = from.slice();
    const order = Int32Array.from({ length: x.shape[0]! }, (_, i) => i);
    this.shuffle(order);
    const row = x.size / order.length;
    order.forEach((source, i) => {
      to.set(from.subarray(source * row, (source + 1) * row), i * row);
    });
    return fromData(to, x.shape, x.dtype) as Tensor as T;
  }

  #floats(op: string, shape: Size | undefined, next: () => number): number | Tensor<Rank, 'float64'> {
    if (shape === undefined || shape === null) return next();
    const sizes = sizesOf(shape, op);
    const values = new Float64Array(sizeOf(sizes));
    for (let i = 0; i < values.length; i++) values[i] = next();
    return fromData(values, sizes, 'float64');
  }

  /** What every number comes from. It lies in JavaScript, where no replay moves it on. */
  get #bits(): MT19937 {
    breakTrace('it draws from a RandomState');
    return this.#twister;
  }

  #nextGauss(): number {
    if (this.#gauss !== undefined) {
      const second = this.#gauss;
      breakTrace('it draws from a RandomState');
      this.#gauss = undefined;
      return second;
    }
    for (;;) {
      const x1 = 2 * this.#bits.nextDouble() - 1;
      const x2 = 2 * this.#bits.nextDouble() - 1;
      const r2 = x1 * x1 + x2 * x2;
      if (r2 < 1 && r2 !== 0) {
        const f = Math.sqrt((-2 * log(r2)) / r2);
        this.#gauss = f * x1;
        return f * x2;
      }
    }
  }
}

function sizesOf(shape: Size, op: string): number[] {
  const sizes = typeof shape === 'number' ? [shape] : [...shape];
  checkShape(sizes, op);
  return sizes;
}
