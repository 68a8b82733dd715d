import { checkBetween } from '../check.js';
import { asFloat, castTo } from '../ops/dispatch.js';
import { add, greaterEqual, mul } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import { noiseShapeFor } from './dropout.js';
import { type CallOptions, Layer, type LayerShape } from './layer.js';

/** What {@link alphaDropout} takes. */
export interface AlphaDropoutOptions extends RandomOptions {
  /** The share of elements that are dropped, from 0 to below 1. */
  rate: number;
  /** The shape of the mask, which broadcasts to the input's; null takes the input's size there. */
  noiseShape?: LayerShape;
}

/** Where selu ends for small x: −scale · alpha. What is dropped becomes this. */
const LOWEST = -1.7580993408473766;

/** In training a share of the elements is what selu makes of −∞; mean and variance stay those of normal inputs. */
export class AlphaDropout extends Layer {
  override supportsMasking = true;
  private readonly rate: number;
  private readonly noiseShape: LayerShape | undefined;
  override readonly draws: Draws;

  constructor(options: AlphaDropoutOptions) {
    super(options);
    checkBetween(options.rate, 0, 1, 'rate', 'layers.alphaDropout');
    this.rate = options.rate;
    this.noiseShape = options.noiseShape;
    this.draws = new Draws(options.seed, 'layers.alphaDropout');
  }

  override getClassName(): string {
    return 'AlphaDropout';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    if (!training) return x;
    const { rate } = this;
    const floats = asFloat(x);
    const kept = castTo(greaterEqual(this.draws.uniform(noiseShapeFor(x, this.noiseShape), 0, 1), rate), floats.dtype);
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * LOWEST * LOWEST));
    const b = -a * LOWEST * rate;
    // a · (kept ? x : LOWEST) + b
    return add(mul(floats, mul(kept, a)), add(mul(kept, -a * LOWEST), a * LOWEST + b));
  }
}

/**
 * A layer that in training drops a share of the elements and keeps mean and variance: a·(kept ? x : α′) + b with
 * α′ = −1.7581, a = ((1 − rate)·(1 + rate·α′²))^−½ and b = −a·α′·rate. It belongs to networks of `selu`, whose inputs
 * have mean 0 and variance 1 (Klambauer et al. 2017).
 *
 * @throws TypeError or RangeError unless rate is in [0, 1)
 * @example
 * const drop = layers.alphaDropout({ rate: 0.5, seed: 1 });
 * drop.apply(ones([4]), { training: true }).print();  // [-0.7791939, 1.6655989, -0.7791939, -0.7791939]
 */
export const alphaDropout = (options: AlphaDropoutOptions): AlphaDropout => new AlphaDropout(options);
