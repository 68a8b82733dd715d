// The random numbers of layers that draw some in training.

import type { DataType } from '../dtype.js';
import { PhiloxRandom, randomNormal, randomUniform } from '../random/index.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions } from './layer.js';

/** What layers that draw random numbers take. */
export interface RandomOptions extends LayerOptions {
  /** Makes the layer's random numbers the same in every run; absent: they come from the program's stream, see setSeed. */
  seed?: number;
}

/** What a layer draws from: a stream of its own that goes on from call to call, where a seed was given. */
export class Draws {
  /** Undefined where numbers come from the program's stream. */
  readonly stream: PhiloxRandom | undefined;

  /** @throws RangeError for a seed that is not whole */
  constructor(seed: number | undefined) {
    if (seed !== undefined && seed !== null) this.stream = new PhiloxRandom({ seed });
  }

  /** Uniform in [min, max). */
  uniform(shape: Shape, min: number, max: number, dtype: DataType = 'float32'): Tensor {
    return this.stream ? this.stream.uniform(shape, min, max, dtype) : randomUniform(shape, min, max, dtype);
  }

  /** Normal. */
  normal(shape: Shape, mean: number, std: number, dtype: DataType = 'float32'): Tensor {
    return this.stream ? this.stream.normal(shape, mean, std, dtype) : randomNormal(shape, mean, std, dtype);
  }
}
