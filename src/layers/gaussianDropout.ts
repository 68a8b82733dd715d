import { checkBetween } from '../check.js';
import { asFloat } from '../ops/dispatch.js';
import { mul } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import { type CallOptions, Layer } from './layer.js';

/** What {@link gaussianDropout} takes. */
export interface GaussianDropoutOptions extends RandomOptions {
  /** From 0 to below 1: the factors have the variance that those of dropout with this rate have. */
  rate: number;
}

/** In training each element is multiplied by a normal number around 1. */
export class GaussianDropout extends Layer {
  override supportsMasking = true;
  private readonly std: number;
  override readonly draws: Draws;

  constructor(options: GaussianDropoutOptions) {
    super(options);
    const { rate, seed } = options;
    checkBetween(rate, 0, 1, 'rate', 'layers.gaussianDropout');
    this.std = Math.sqrt(rate / (1 - rate));
    this.draws = new Draws(seed, 'layers.gaussianDropout');
  }

  override getClassName(): string {
    return 'GaussianDropout';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training) return x;
    const floats = asFloat(x);
    return mul(floats, this.draws.normal(x.shape, 1, this.std, floats.dtype));
  }
}

/**
 * A layer that in training multiplies each element by a normal number of mean 1 and standard deviation
 * √(rate / (1 − rate)) (Srivastava et al. 2014, section 10).
 *
 * @throws TypeError or RangeError unless rate is in [0, 1)
 * @example
 * const drop = layers.gaussianDropout({ rate: 0.2, seed: 1 });
 * drop.apply(ones([3]), { training: true }).print();  // [0.5943409, 1.7422993, 1.0326647]
 */
export const gaussianDropout = (options: GaussianDropoutOptions): GaussianDropout => new GaussianDropout(options);
