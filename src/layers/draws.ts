// The random numbers of layers that draw some in training.

import type { DataType } from '../dtype.js';
import { dropout, PhiloxRandom, randomNormal, randomUniform } from '../random/index.js';
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
  private readonly seed: number | undefined;
  private begun: PhiloxRandom | undefined;

  /** @throws RangeError for a seed that is not whole */
  constructor(seed: number | null | undefined, op: string) {
    this.seed = seed ?? undefined;
    if (this.seed !== undefined && !Number.isSafeInteger(this.seed)) {
      throw new RangeError(`${op}: seed must be a whole number, got ${seed}`);
    }
  }

  /** The stream, where a seed was given; else numbers come from the program's. */
  get stream(): PhiloxRandom | undefined {
    if (this.seed !== undefined) this.begun ??= new PhiloxRandom({ seed: this.seed });
    return this.begun;
  }

  /** Uniform in [min, max). */
  uniform(shape: Shape, min: number, max: number, dtype: DataType = 'float32'): Tensor {
    return this.stream?.uniform(shape, min, max, dtype) ?? randomUniform(shape, min, max, dtype);
  }

  /** Normal. */
  normal(shape: Shape, mean: number, std: number, dtype: DataType = 'float32'): Tensor {
    return this.stream?.normal(shape, mean, std, dtype) ?? randomNormal(shape, mean, std, dtype);
  }

  /** x with a share of its elements dropped: see {@link dropout}. */
  dropout(x: Tensor, rate: number, noiseShape?: Shape): Tensor {
    return dropout(x, rate, noiseShape, this.stream);
  }

  /** Frees the stream; another one begins anew. */
  dispose(): void {
    this.begun?.dispose();
    this.begun = undefined;
  }
}
