import { checkFinite } from '../check.js';
import { asFloat } from '../ops/dispatch.js';
import { add } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import { type CallOptions, Layer } from './layer.js';

/** What {@link gaussianNoise} takes. */
export interface GaussianNoiseOptions extends RandomOptions {
  /** The standard deviation of the noise, from 0 up. */
  stddev: number;
}

/** In training a normal number is added to each element. */
export class GaussianNoise extends Layer {
  override supportsMasking = true;
  private readonly stddev: number;
  override readonly draws: Draws;

  constructor(options: GaussianNoiseOptions) {
    super(options);
    const { stddev, seed } = options;
    checkFinite(stddev, 'stddev', 'layers.gaussianNoise');
    if (stddev < 0) throw new RangeError(`layers.gaussianNoise: stddev must be from 0 up, got ${stddev}`);
    this.stddev = stddev;
    this.draws = new Draws(seed, 'layers.gaussianNoise');
  }

  override getClassName(): string {
    return 'GaussianNoise';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training) return x;
    const floats = asFloat(x);
    return add(floats, this.draws.normal(x.shape, 0, this.stddev, floats.dtype));
  }
}

/**
 * A layer that in training adds a normal number of mean 0 to each element.
 *
 * @throws TypeError or RangeError unless stddev is from 0 up
 * @example
 * const noise = layers.gaussianNoise({ stddev: 0.1, seed: 1 });
 * noise.apply(zeros([3]), { training: true }).print();  // [-0.0811318, 0.1484599, 0.0065329]
 */
export const gaussianNoise = (options: GaussianNoiseOptions): GaussianNoise => new GaussianNoise(options);
