// How weights begin.

import type { FloatType } from './dtype.js';
import { fill } from './ops/index.js';
import * as random from './random/index.js';
import { type Shape, sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

/** Makes a tensor of initial weights. */
export type Initializer = (shape: Shape, dtype: FloatType) => Tensor;

/** Every weight is 0. */
export const zeros = (): Initializer => (shape, dtype) => fill(shape, 0, dtype);

/** Every weight is 1. */
export const ones = (): Initializer => (shape, dtype) => fill(shape, 1, dtype);

/** Every weight is `value`. */
export const constant =
  ({ value }: { value: number }): Initializer =>
  (shape, dtype) =>
    fill(shape, value, dtype);

export interface NormalOptions {
  mean?: number;
  stddev?: number;
  seed?: number;
}

/** Normally distributed weights. */
export const randomNormal =
  ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  (shape, dtype) =>
    random.randomNormal(shape, mean, stddev, dtype, seed);

/** Normally distributed weights, none farther than two standard deviations from the mean. */
export const truncatedNormal =
  ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  (shape, dtype) =>
    random.truncatedNormal(shape, mean, stddev, dtype, seed);

/** Uniformly distributed weights. */
export const randomUniform =
  ({ minval = -0.05, maxval = 0.05, seed }: { minval?: number; maxval?: number; seed?: number } = {}): Initializer =>
  (shape, dtype) =>
    random.randomUniform(shape, minval, maxval, dtype, seed);

/** How many inputs and outputs a weight's unit has: kernels of a convolution count each of their positions. */
function fans(shape: Shape): [fanIn: number, fanOut: number] {
  if (shape.length < 2) return [shape[0] ?? 1, shape[0] ?? 1];
  const receptive = sizeOf(shape.slice(0, -2));
  return [shape.at(-2)! * receptive, shape.at(-1)! * receptive];
}

/** Random weights whose variance is scale / fan, the fan being inputs, outputs or their mean. */
export function varianceScaling({
  scale = 1,
  mode = 'fanIn',
  distribution = 'truncatedNormal',
  seed,
}: {
  scale?: number;
  mode?: 'fanIn' | 'fanOut' | 'fanAvg';
  distribution?: 'truncatedNormal' | 'uniform';
  seed?: number;
} = {}): Initializer {
  return (shape, dtype) => {
    const [fanIn, fanOut] = fans(shape);
    const fan = mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2;
    const variance = scale / Math.max(1, fan);
    if (distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance);
      return random.randomUniform(shape, -limit, limit, dtype, seed);
    }
    // Cutting a normal at two deviations leaves 0.8796 of its deviation.
    return random.truncatedNormal(shape, 0, Math.sqrt(variance) / 0.87962566103423978, dtype, seed);
  };
}

interface Seeded {
  seed?: number;
}

/** Uniform in ±√(6 / (inputs + outputs)) (Glorot & Bengio 2010). */
export const glorotUniform = ({ seed }: Seeded = {}): Initializer =>
  varianceScaling({ mode: 'fanAvg', distribution: 'uniform', seed });

/** Truncated normal of variance 2 / (inputs + outputs) (Glorot & Bengio 2010). */
export const glorotNormal = ({ seed }: Seeded = {}): Initializer => varianceScaling({ mode: 'fanAvg', seed });

/** Uniform in ±√(6 / inputs) (He et al. 2015). */
export const heUniform = ({ seed }: Seeded = {}): Initializer =>
  varianceScaling({ scale: 2, distribution: 'uniform', seed });

/** Truncated normal of variance 2 / inputs (He et al. 2015). */
export const heNormal = ({ seed }: Seeded = {}): Initializer => varianceScaling({ scale: 2, seed });
