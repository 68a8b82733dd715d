// The random ops by their TensorFlow.js names. With a seed they give the same numbers at each call;
// without one they draw on the stream that setSeed starts. Nothing differentiates through them.

import { convert, type TensorLike } from '../convert.js';
import { ARRAYS, type DataType, elementOf, isDataType } from '../dtype.js';
import { sub } from '../ops/arithmetic.js';
import { castTo, scoped } from '../ops/dispatch.js';
import { exp, round } from '../ops/math.js';
import { cumsum, max } from '../ops/reduction.js';
import { checkShape, type Rank, type Shape, type ShapeMap, sizeOf } from '../shape.js';
import { empty, fromData, type Tensor, type Tensor1D, type Tensor2D } from '../tensor.js';
import { random } from '../wasm/kernels.js';
import { breakTrace } from '../wasm/trace.js';
import { normalSampler, type Sampler, uniformSampler } from './philox.js';
import { drawSeeded } from './seeds.js';

type Seed = number | null;

/**
 * Normal: mean + stdDev·z, by Box and Muller (1958).
 *
 * @param dtype - float32 (default), float64 or int32 (rounded from float64)
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, TypeError for bool
 * @differs from TensorFlow.js, whose seeds give other numbers: here those of TensorFlow
 * @example
 * randomNormal([2, 1], 0, 1, 'float32', 1); // [[-0.8113182], [1.4845988]], as tf.random.normal([2, 1], seed=1)
 */
export function randomNormal<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  mean = 0,
  stdDev = 1,
  dtype?: DataType | null,
  seed?: Seed,
): Tensor<R> {
  const sampler = normalSampler('philoxNormal', shape, mean, stdDev, dtype ?? 'float32', 'randomNormal');
  return drawSeeded(seed, 'randomNormal', sampler) as Tensor<R>;
}

/**
 * Normal with mean 0 and standard deviation 1: {@link randomNormal}.
 *
 * @param dtype - float32 (default), float64 or int32 (rounded from float64)
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, TypeError for bool
 * @example
 * randomStandardNormal([2], 'float32', 1).print();  // [-0.8113182, 1.4845988]
 */
export function randomStandardNormal<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  dtype?: DataType | null,
  seed?: Seed,
): Tensor<R> {
  const sampler = normalSampler('philoxNormal', shape, 0, 1, dtype ?? 'float32', 'randomStandardNormal');
  return drawSeeded(seed, 'randomStandardNormal', sampler) as Tensor<R>;
}

/**
 * Normal, each z drawn again until it lies within two standard deviations of the mean.
 *
 * @param dtype - float32 (default), float64 or int32 (rounded from float64)
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, TypeError for bool
 * @differs from TensorFlow.js, whose seeds give other numbers: here those of TensorFlow
 * @example
 * truncatedNormal([3], 10, 2, 'float32', 1).print();  // [8.3773632, 12.9691973, 10.1306591]
 */
export function truncatedNormal<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  mean = 0,
  stdDev = 1,
  dtype?: DataType | null,
  seed?: Seed,
): Tensor<R> {
  const sampler = normalSampler('philoxTruncatedNormal', shape, mean, stdDev, dtype ?? 'float32', 'truncatedNormal');
  return drawSeeded(seed, 'truncatedNormal', sampler) as Tensor<R>;
}

/**
 * Uniform in [minval, maxval). For int32 whole numbers from minval up to, but not including, maxval; for bool whether
 * they are not 0.
 *
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, and for int32 and bool unless minval < maxval
 * @differs from TensorFlow.js, whose seeds give other numbers: here those of TensorFlow
 * @example
 * randomUniform([2, 2], -1, 1, 'float32', 1).print();  // [[-0.5219252, 0.8407991], [-0.8989751, -0.0085111]]
 */
export function randomUniform<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  minval = 0,
  maxval = 1,
  dtype: DataType = 'float32',
  seed?: Seed,
): Tensor<R> {
  const sampler = uniformSampler(shape, minval, maxval, dtype ?? 'float32', 'randomUniform');
  return drawSeeded(seed, 'randomUniform', sampler) as Tensor<R>;
}

/**
 * Whole numbers, minval ≤ x < maxval, as int32. Unless their number is a power of two, some are likelier by up to
 * one part in 2³² / (maxval − minval), as in TensorFlow.
 *
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, and unless minval < maxval
 * @example
 * randomUniformInt([6], 1, 7, 1).print();  // [4, 6, 4, 5, 2, 3]
 */
export function randomUniformInt<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  minval: number,
  maxval: number,
  seed?: Seed,
): Tensor<R> {
  const sampler = uniformSampler(shape, minval, maxval, 'int32', 'randomUniformInt');
  return drawSeeded(seed, 'randomUniformInt', sampler) as Tensor<R>;
}

/**
 * Gamma with density proportional to x^(α−1)·e^(−βx), by Marsaglia and Tsang (2000): mean α / β, variance α / β².
 *
 * @param alpha - the shape, above 0
 * @param beta - the rate, above 0: the inverse scale
 * @param dtype - float32 (default) or int32 (rounded)
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @throws RangeError for sizes that are not whole, or α or β not above 0; TypeError for other dtypes
 * @differs from TensorFlow.js, whose seeds give other numbers: here those of TensorFlow
 * @example
 * randomGamma([2], 3, 2, 'float32', 1).print();  // [0.1680556, 0.4391707]
 */
export function randomGamma<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  alpha: number,
  beta: number | null = 1,
  dtype: 'float32' | 'int32' | null = 'float32',
  seed?: Seed,
): Tensor<R> {
  checkShape(shape, 'randomGamma');
  const type = dtype ?? 'float32';
  if (type !== 'float32' && type !== 'int32') throw new TypeError(`randomGamma: Unsupported data type ${type}`);
  const rate = beta ?? 1;
  if (!(alpha > 0 && rate > 0))
    throw new RangeError(`randomGamma: needed alpha and beta > 0, got ${alpha} and ${rate}`);
  const sampler: Sampler = (state) =>
    scoped(() => {
      const y = empty([...shape], 'float32');
      random.float32.philoxGamma(state, y.storage.address, y.size, alpha, rate);
      return type === 'int32' ? castTo(round(y), 'int32') : y;
    });
  return drawSeeded(seed, 'randomGamma', sampler) as Tensor<R>;
}

/**
 * Class indices, drawn with the given probabilities.
 *
 * @param logits - [classes] or [batch, classes]: logarithms of probabilities up to a constant, or see `normalized`
 * @param numSamples - draws from each row
 * @param seed - its whole part counts; absent: see {@link setSeed}
 * @param normalized - whether `logits` are the probabilities themselves
 * @returns int32, [numSamples] or [batch, numSamples]
 * @throws RangeError for less than two classes, or more than two axes
 * @differs from TensorFlow.js, whose seeds give other numbers: here those of TensorFlow
 * @example
 * multinomial([0.75, 0.25], 8, 1, true).print();  // [1, 0, 0, 0, 0, 0, 0, 0]
 */
export function multinomial(
  logits: Tensor1D | Tensor2D | TensorLike,
  numSamples: number,
  seed?: Seed,
  normalized = false,
): Tensor1D | Tensor2D {
  return scoped(() => {
    const $logits = convert(logits, 'logits', 'multinomial');
    const classes = $logits.shape.at(-1) ?? 1;
    const rows = $logits.size / classes;
    if ($logits.rank > 2) throw new RangeError(`Rank of probabilities must be 1 or 2, but is ${$logits.rank}`);
    if (classes < 2) {
      throw new RangeError(`Error in multinomial: you need at least 2 outcomes, but got ${classes}.`);
    }
    const shape = $logits.rank === 1 ? [numSamples] : [rows, numSamples];
    const uniform = uniformSampler(shape, 0, 1, 'float64', 'multinomial');
    const wide = castTo($logits, 'float64');
    const weights = normalized ? wide : exp(sub(wide, max(wide, -1, true)));
    const cumulative = cumsum(weights, -1);
    const u = drawSeeded(seed, 'multinomial', uniform);
    const y = empty(shape, 'int32');
    const { address } = cumulative.storage;
    random.int32.multinomial(address, u.storage.address, y.storage.address, rows, classes, numSamples);
    return y;
  }) as Tensor1D | Tensor2D;
}

/**
 * What a function of yours returns, element by element.
 *
 * @param randFunction - called once for each element, in row-major order
 * @param dtype - float32 (default), float64, int32 or bool
 * @throws RangeError for sizes that are not whole, TypeError for an unknown dtype
 * @example
 * const state = new random.RandomState(1);
 * rand([2, 2], () => state.rand()).print();  // [[0.417022, 0.7203245], [0.0001144, 0.3023326]]
 */
export function rand<R extends Rank>(
  shape: ShapeMap[R] | Shape,
  randFunction: () => number,
  dtype?: DataType | null,
): Tensor<R> {
  checkShape(shape, 'rand');
  const type = dtype ?? 'float32';
  if (!isDataType(type)) throw new TypeError(`rand: Unknown data type ${type}`);
  breakTrace('rand calls a function for each element');
  const values = new ARRAYS[type](sizeOf(shape));
  for (let i = 0; i < values.length; i++) values[i] = elementOf(randFunction(), type);
  return fromData(values, [...shape], type) as Tensor<R>;
}
