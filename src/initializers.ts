// How weights begin: functions of a shape and a dtype, by TensorFlow.js's names. Random ones draw on the program's
// stream, which setSeed starts; with a seed of their own they give the same weights at each call.

import { checkFinite, checkPositive } from './check.js';
import type { FloatType } from './dtype.js';
import { described } from './named.js';
import { castTo, scoped } from './ops/dispatch.js';
import { concat, div, eye, fill, matMul, mul, norm, reshape, slice, sub, transpose } from './ops/index.js';
import * as random from './random/index.js';
import { type Shape, showShape, sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

/** Makes a tensor of initial weights. */
export type Initializer = (shape: Shape, dtype: FloatType) => Tensor;

/**
 * Every weight is 0, of any shape and float dtype.
 *
 * @example
 * initializers.zeros()([2, 2], 'float32').print();  // [[0, 0], [0, 0]]
 */
export const zeros = (): Initializer => described('Zeros', {}, (shape, dtype) => fill(shape, 0, dtype));

/**
 * Every weight is 1, of any shape and float dtype.
 *
 * @example
 * initializers.ones()([2, 2], 'float32').print();  // [[1, 1], [1, 1]]
 */
export const ones = (): Initializer => described('Ones', {}, (shape, dtype) => fill(shape, 1, dtype));

/**
 * Every weight is `value`.
 * @throws TypeError and RangeError for what is no finite number
 * @example
 * initializers.constant({ value: 0.5 })([3], 'float32').print();  // [0.5, 0.5, 0.5]
 */
export function constant({ value }: { value: number }): Initializer {
  checkFinite(value, 'value', 'initializers.constant');
  return described('Constant', { value }, (shape, dtype) => fill(shape, value, dtype));
}

/** Where a normal distribution lies. */
export interface NormalOptions {
  /** 0 if absent. */
  mean?: number;
  /** The standard deviation; 0.05 if absent. */
  stddev?: number;
  /** Makes the same weights at each call; absent: see {@link setSeed}. */
  seed?: number;
}

/**
 * Normally distributed weights: mean + stddev · z.
 *
 * @example
 * const w = initializers.randomNormal({ mean: 1, stddev: 0.5, seed: 1 })([100, 100], 'float32');
 * moments(w).mean.print();  // 0.9998239
 * moments(w).variance.print();  // 0.2545855, near 0.5²
 * @see Keras, RandomNormal
 */
export const randomNormal = ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  described('RandomNormal', { mean, stddev, seed }, (shape, dtype) =>
    random.randomNormal(shape, mean, stddev, dtype, seed),
  );

/**
 * Normally distributed weights, none farther than two standard deviations from the mean.
 *
 * @example
 * const w = initializers.truncatedNormal({ stddev: 0.5, seed: 1 })([100, 100], 'float32');
 * w.abs().max().lessEqual(1).print();  // true
 * @see Keras, TruncatedNormal
 */
export const truncatedNormal = ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  described('TruncatedNormal', { mean, stddev, seed }, (shape, dtype) =>
    random.truncatedNormal(shape, mean, stddev, dtype, seed),
  );

/**
 * Uniformly distributed weights, from minval to maxval.
 *
 * @param options - minval, −0.05 if absent; maxval, 0.05 if absent; seed, see {@link setSeed}
 * @example
 * const w = initializers.randomUniform({ minval: -1, maxval: 1, seed: 1 })([3], 'float32');
 * w.print();  // [-0.5219252, 0.8407991, -0.8989751]
 * @see Keras, RandomUniform
 */
export const randomUniform = ({
  minval = -0.05,
  maxval = 0.05,
  seed,
}: {
  minval?: number;
  maxval?: number;
  seed?: number;
} = {}): Initializer =>
  described('RandomUniform', { minval, maxval, seed }, (shape, dtype) =>
    random.randomUniform(shape, minval, maxval, dtype, seed),
  );

/** How many inputs and outputs a weight's unit has: kernels of a convolution count each of their positions. */
function fans(shape: Shape): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const receptive = sizeOf(shape.slice(0, -2));
  return [shape.at(-2)! * receptive, shape.at(-1)! * receptive];
}

const FANS = {
  fanIn: ([fanIn]: [number, number]) => fanIn,
  fanOut: ([, fanOut]: [number, number]) => fanOut,
  fanAvg: ([fanIn, fanOut]: [number, number]) => (fanIn + fanOut) / 2,
};

/** Weights of mean 0. */
type Distribution = (shape: Shape, variance: number, dtype: FloatType, seed?: number) => Tensor;

// Cutting a normal at two deviations leaves 0.8796 of its deviation.
const truncated: Distribution = (shape, variance, dtype, seed) =>
  random.truncatedNormal(shape, 0, Math.sqrt(variance) / 0.87962566103423978, dtype, seed);

const DISTRIBUTIONS = {
  truncatedNormal: truncated,
  normal: truncated,
  untruncatedNormal: (shape, variance, dtype, seed) => random.randomNormal(shape, 0, Math.sqrt(variance), dtype, seed),
  uniform(shape, variance, dtype, seed) {
    const limit = Math.sqrt(3 * variance);
    return random.randomUniform(shape, -limit, limit, dtype, seed);
  },
} satisfies Record<string, Distribution>;

/** From what {@link varianceScaling} draws, and how widely. */
export interface VarianceScalingOptions {
  /** 1 if absent. */
  scale?: number;
  /** What the variance falls with: inputs, outputs or their mean; 'fanIn' if absent. */
  mode?: keyof typeof FANS;
  /** 'truncatedNormal' if absent, for which 'normal' is another name. */
  distribution?: keyof typeof DISTRIBUTIONS;
  /** Makes the same weights at each call; absent: see {@link setSeed}. */
  seed?: number;
}

/**
 * Random weights whose variance is scale / fan, the fan being a unit's inputs, its outputs or their mean. All axes of a shape
 * but the last two are a convolution's window, whose elements count each.
 *
 * @throws RangeError unless scale is positive, and for an unknown mode or distribution
 * @example
 * // Uniform in ±√(3 · 2 / 6) = ±1.
 * const w = initializers.varianceScaling({ scale: 2, distribution: 'uniform', seed: 1 })([6, 100], 'float32');
 * w.abs().max().print();  // 0.9997029
 * @see Keras, VarianceScaling
 */
export function varianceScaling({
  scale = 1,
  mode = 'fanIn',
  distribution = 'truncatedNormal',
  seed,
}: VarianceScalingOptions = {}): Initializer {
  checkPositive(scale, 'scale', 'initializers.varianceScaling');
  const fanOf = known(FANS, mode, 'mode');
  const draw = known(DISTRIBUTIONS, distribution, 'distribution');
  return described('VarianceScaling', { scale, mode, distribution, seed }, (shape, dtype) =>
    draw(shape, scale / Math.max(1, fanOf(fans(shape))), dtype, seed),
  );
}

function known<T extends object, K extends keyof T & string>(table: T, key: K, option: string): T[K] {
  if (Object.hasOwn(table, key)) return table[key];
  const all = Object.keys(table).join(', ');
  throw new RangeError(`initializers.varianceScaling: ${option} must be one of ${all}, got ${key}`);
}

interface Seeded {
  seed?: number;
}

/**
 * Uniform in ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010).
 *
 * @example
 * // A layer of 4 inputs and 2 outputs begins in ±√(6 / (4 + 2)) = ±1.
 * initializers.glorotUniform({ seed: 1 })([4, 2], 'float32').print();
 * // [[-0.5219252, 0.8407991], [-0.8989751, -0.0085111], [0.6710446, -0.9470592], [-0.8237739, -0.0866792]]
 */
export const glorotUniform = ({ seed }: Seeded = {}): Initializer =>
  varianceScaling({ mode: 'fanAvg', distribution: 'uniform', seed });

/**
 * Truncated normal of variance 2 / (inputs + outputs) (Glorot & Bengio 2010).
 *
 * @example
 * // A layer of 100 inputs and 300 outputs begins with a variance of 2 / (100 + 300) = 0.005.
 * moments(initializers.glorotNormal({ seed: 1 })([100, 300], 'float32')).variance.print();  // 0.0050012
 */
export const glorotNormal = ({ seed }: Seeded = {}): Initializer => varianceScaling({ mode: 'fanAvg', seed });

/**
 * Uniform in ±√(6 / inputs) (He et al. 2015).
 *
 * @example
 * // A layer of 6 inputs begins in ±√(6 / 6) = ±1, whatever its outputs.
 * initializers.heUniform({ seed: 1 })([6, 1], 'float32').flatten().print();
 * // [-0.5219252, 0.8407991, -0.8989751, -0.0085111, 0.6710446, -0.9470592]
 */
export const heUniform = ({ seed }: Seeded = {}): Initializer =>
  varianceScaling({ scale: 2, distribution: 'uniform', seed });

/**
 * Truncated normal of variance 2 / inputs (He et al. 2015).
 *
 * @example
 * // A layer of 100 inputs begins with a variance of 2 / 100 = 0.02.
 * moments(initializers.heNormal({ seed: 1 })([100, 300], 'float32')).variance.print();  // 0.0200048
 */
export const heNormal = ({ seed }: Seeded = {}): Initializer => varianceScaling({ scale: 2, seed });

/**
 * Uniform in ±√(3 / inputs) (LeCun et al. 1998).
 *
 * @example
 * // A layer of 3 inputs begins in ±√(3 / 3) = ±1.
 * initializers.leCunUniform({ seed: 1 })([3, 2], 'float32').print();
 * // [[-0.5219252, 0.8407991], [-0.8989751, -0.0085111], [0.6710446, -0.9470592]]
 */
export const leCunUniform = ({ seed }: Seeded = {}): Initializer => varianceScaling({ distribution: 'uniform', seed });

/**
 * Truncated normal of variance 1 / inputs (LeCun et al. 1998).
 *
 * @example
 * // A layer of 100 inputs begins with a variance of 1 / 100 = 0.01.
 * moments(initializers.leCunNormal({ seed: 1 })([100, 300], 'float32')).variance.print();  // 0.0100024
 */
export const leCunNormal = ({ seed }: Seeded = {}): Initializer => varianceScaling({ seed });

/**
 * `gain` on the diagonal of a matrix, 0 elsewhere.
 *
 * @throws RangeError from the initializer unless the shape is a matrix's
 * @example
 * initializers.identity({ gain: 2 })([2, 3], 'float32').print();  // [[2, 0, 0], [0, 2, 0]]
 */
export function identity({ gain = 1 }: { gain?: number } = {}): Initializer {
  checkFinite(gain, 'gain', 'initializers.identity');
  return described('Identity', { gain }, (shape, dtype) => {
    if (shape.length !== 2) {
      throw new RangeError(`initializers.identity: needs the shape of a matrix, got ${showShape(shape)}`);
    }
    return scoped(() => mul(eye(shape[0]!, shape[1], null, dtype), gain));
  });
}

/**
 * A random matrix whose rows or columns, whichever are fewer, are orthonormal, times `gain` (Saxe et al. 2014). All axes
 * but the last are the rows.
 *
 * Every such matrix is as likely as any other: it is the orthonormal basis of normally distributed vectors (Mezzadri
 * 2007), computed in float64.
 *
 * @throws RangeError from the initializer for a rank below 2
 * @example
 * const w = initializers.orthogonal({ seed: 1 })([3, 3], 'float64');
 * matMul(w, w, true).print();  // [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
 */
export function orthogonal({ gain = 1, seed }: { gain?: number; seed?: number } = {}): Initializer {
  checkFinite(gain, 'gain', 'initializers.orthogonal');
  return described('Orthogonal', { gain, seed }, (shape, dtype) => {
    if (shape.length < 2) {
      throw new RangeError(`initializers.orthogonal: needs a shape of rank 2 or more, got ${showShape(shape)}`);
    }
    return scoped(() => {
      const columns = shape.at(-1)!;
      const rows = sizeOf(shape.slice(0, -1));
      const few = Math.min(rows, columns);
      const drawn = random.randomNormal([few, Math.max(rows, columns)], 0, 1, 'float64', seed);
      const basis = few === 0 ? drawn : orthonormalRows(drawn);
      return reshape(castTo(mul(rows < columns ? basis : transpose(basis), gain), dtype), shape);
    });
  });
}

/**
 * The Gram-Schmidt process by halves: the upper rows' basis, then that of what it leaves of the lower rows, so that
 * nearly all the work is products of large matrices. In float64 the bases of normal vectors come out orthonormal to
 * 1e-12 or so.
 */
function orthonormalRows(x: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  if (rows === 1) return div(x, norm(x));
  const half = rows >> 1;
  const upper = orthonormalRows(slice(x, [0, 0], [half, columns]));
  const lower: Tensor = slice(x, [half, 0]);
  const rest = sub(lower, matMul(matMul(lower, upper, false, true), upper));
  return concat([upper, orthonormalRows(rest)], 0);
}
