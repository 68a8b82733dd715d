import { checkSlopes, rrelu as rreluOp } from '../random/rrelu.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import { type CallOptions, Layer } from './layer.js';

/** What {@link rrelu} takes. */
export interface RReLUOptions extends RandomOptions {
  /** The least slope; 1/8 if absent. */
  lower?: number;
  /** The greatest slope; 1/3 if absent. */
  upper?: number;
}

/** y = x where x > 0, slope · x elsewhere, with random slopes in training and their mean else. */
export class RReLU extends Layer {
  override supportsMasking = true;
  private readonly lower: number;
  private readonly upper: number;
  override readonly draws: Draws;

  constructor(options: RReLUOptions = {}) {
    super(options);
    this.lower = options.lower ?? 1 / 8;
    this.upper = options.upper ?? 1 / 3;
    checkSlopes(this.lower, this.upper, 'layers.rrelu');
    this.draws = new Draws(options.seed, 'layers.rrelu');
  }

  override getClassName(): string {
    return 'RReLU';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    return rreluOp(x, this.lower, this.upper, training, this.draws.stream);
  }
}

/**
 * A rectifier with random slopes below 0: in training one for each element, uniform in [lower, upper); else their mean
 * (Xu et al. 2015).
 *
 * @throws TypeError for bounds that are no numbers, RangeError if lower is above upper
 * @example
 * layers.rrelu({ lower: 0.25, upper: 0.75 }).apply(tensor2d([[-2, 3]])).print();  // [[-1, 3]]
 */
export const rrelu = (options?: RReLUOptions): RReLU => new RReLU(options);
