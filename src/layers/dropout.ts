import { checkBetween } from '../check.js';
import { dropout as dropoutOp, PhiloxRandom } from '../random/index.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions } from './layer.js';

/** What {@link dropout} takes. */
export interface DropoutOptions extends LayerOptions {
  /** The share of elements set to 0, from 0 to below 1. */
  rate: number;
  /** Makes the layer's masks the same in every run. */
  seed?: number;
}

/** In training a share of the elements is 0 and the others grow to keep the mean (Srivastava et al. 2014). */
export class Dropout extends Layer {
  private readonly rate: number;
  /** The layer's own stream, where a seed was given; else masks come from the program's. */
  private readonly stream: PhiloxRandom | undefined;

  constructor(options: DropoutOptions) {
    super(options);
    checkBetween(options.rate, 0, 1, 'rate', 'layers.dropout');
    this.rate = options.rate;
    if (options.seed !== undefined) this.stream = new PhiloxRandom({ seed: options.seed });
  }

  getClassName(): string {
    return 'Dropout';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    return training ? dropoutOp(x, this.rate, undefined, this.stream) : x;
  }
}

/**
 * A layer that in training sets a share of the elements to 0 and scales the others by 1 / (1 − rate), so that the mean stays
 * (Srivastava et al. 2014); else it does nothing.
 *
 * @throws RangeError for a rate outside [0, 1)
 * @example
 * const layer = layers.dropout({ rate: 0.5, seed: 1 });
 * layer.apply(ones([1, 6]), { training: true }).print();  // [[0, 2, 0, 0, 2, 0]]
 * layer.apply(ones([1, 6])).print();  // [[1, 1, 1, 1, 1, 1]]
 */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options);
