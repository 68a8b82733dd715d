import { checkBetween } from '../check.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import { type CallOptions, Layer, type LayerShape, showLayerShape } from './layer.js';

/** What {@link dropout} takes. */
export interface DropoutOptions extends RandomOptions {
  /** The share of elements set to 0, from 0 to below 1. */
  rate: number;
  /**
   * The shape of the mask, which broadcasts to the input's; null takes the input's size there. [null, 1, 8] drops whole
   * columns of 8. The input's shape if absent.
   */
  noiseShape?: LayerShape;
}

/** A mask's shape for an input's. */
export const noiseShapeFor = (x: Tensor, noiseShape: LayerShape | undefined): number[] =>
  noiseShape ? noiseShape.map((n, i) => n ?? x.shape[i]!) : x.shape;

/** In training a share of the elements is 0 and the others grow to keep the mean (Srivastava et al. 2014). */
export class Dropout extends Layer {
  override supportsMasking = true;
  private readonly rate: number;
  private readonly noiseShape: LayerShape | undefined;
  override readonly draws: Draws;

  constructor(options: DropoutOptions) {
    super(options);
    checkBetween(options.rate, 0, 1, 'rate', 'layers.dropout');
    this.rate = options.rate;
    this.noiseShape = options.noiseShape;
    this.draws = new Draws(options.seed, 'layers.dropout');
  }

  override getClassName(): string {
    return 'Dropout';
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    return training ? this.draws.dropout(x, this.rate, noiseShapeFor(x, this.noiseShape)) : x;
  }
}

/** What {@link spatialDropout1d} and its like take. */
export interface SpatialDropoutOptions extends RandomOptions {
  /** The share of channels set to 0, from 0 to below 1. */
  rate: number;
  /** Whether channels are the last axis, or the first one after the batch; 'channelsLast' if absent. */
  dataFormat?: 'channelsLast' | 'channelsFirst';
}

/** In training a share of the channels is 0 at every place (Tompson et al. 2015). */
abstract class SpatialDropout extends Layer {
  override supportsMasking = true;
  /** Axes between the batch and the channels. */
  protected abstract readonly axes: number;
  private readonly rate: number;
  private readonly channelsFirst: boolean;
  override readonly draws: Draws;

  constructor(options: SpatialDropoutOptions) {
    super(options);
    const { rate, dataFormat = 'channelsLast', seed } = options;
    checkBetween(rate, 0, 1, 'rate', this.name);
    if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') {
      throw new RangeError(`${this.name}: dataFormat must be 'channelsLast' or 'channelsFirst', got '${dataFormat}'`);
    }
    this.rate = rate;
    this.channelsFirst = dataFormat === 'channelsFirst';
    this.draws = new Draws(seed, this.name);
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    if (inputShape.length === this.axes + 2) return inputShape;
    throw new RangeError(`${this.name}: needs inputs of rank ${this.axes + 2}, got ${showLayerShape(inputShape)}`);
  }

  call(x: Tensor, { training }: CallOptions): Tensor {
    this.computeOutputShape(x.shape);
    if (!training) return x;
    const shape = x.shape.map((n, i) => (i === 0 || i === (this.channelsFirst ? 1 : x.rank - 1) ? n : 1));
    return this.draws.dropout(x, this.rate, shape);
  }
}

export class SpatialDropout1D extends SpatialDropout {
  protected readonly axes = 1;

  override getClassName(): string {
    return 'SpatialDropout1D';
  }
}

export class SpatialDropout2D extends SpatialDropout {
  protected readonly axes = 2;

  override getClassName(): string {
    return 'SpatialDropout2D';
  }
}

export class SpatialDropout3D extends SpatialDropout {
  protected readonly axes = 3;

  override getClassName(): string {
    return 'SpatialDropout3D';
  }
}

/**
 * A layer that in training sets a share of the elements to 0 and scales the others by 1 / (1 − rate).
 *
 * @throws TypeError or RangeError unless rate is in [0, 1)
 * @example
 * layers.dropout({ rate: 0.5, seed: 1 }).apply(ones([2, 3]), { training: true }).print();  // [[0, 2, 0], [0, 2, 0]]
 */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options);

/**
 * A layer that in training sets a share of the channels of sequences, [batch, steps, channels], to 0 at every step, and
 * scales the others by 1 / (1 − rate): neighbours are so alike that dropping single elements hardly matters.
 *
 * @throws TypeError or RangeError unless rate is in [0, 1)
 * @example
 * const drop = layers.spatialDropout1d({ rate: 0.5, seed: 1 });
 * drop.apply(ones([1, 2, 4]), { training: true }).print();  // [[[0, 2, 0, 0], [0, 2, 0, 0]]]
 */
export const spatialDropout1d = (options: SpatialDropoutOptions): SpatialDropout1D => new SpatialDropout1D(options);

/**
 * {@link spatialDropout1d} of images, [batch, height, width, channels].
 *
 * @throws RangeError for a rate outside [0, 1)
 * @example
 * layers.spatialDropout2d({ rate: 0.5 }).apply(ones([1, 4, 4, 3])).shape;  // [1, 4, 4, 3]
 */
export const spatialDropout2d = (options: SpatialDropoutOptions): SpatialDropout2D => new SpatialDropout2D(options);

/**
 * {@link spatialDropout1d} of volumes, [batch, depth, height, width, channels].
 *
 * @throws RangeError for a rate outside [0, 1)
 * @example
 * layers.spatialDropout3d({ rate: 0.5 }).apply(ones([1, 2, 4, 4, 3])).shape;  // [1, 2, 4, 4, 3]
 */
export const spatialDropout3d = (options: SpatialDropoutOptions): SpatialDropout3D => new SpatialDropout3D(options);
