// Layers that in training change the colors of images, each by a random number of its own.

import { checkFinite } from '../check.js';
import { asFloat } from '../ops/dispatch.js';
import { add, clipByValue, mean, mul, sub } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import type { CallOptions, LayerShape } from './layer.js';
import { type Factor, rangeOf } from './randomTransform.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What layers that change colors take. */
export interface RandomColorOptions extends RandomOptions, SpatialOptions {
  /** Where values begin and end, at which results are cut off; [0, 255] if absent. */
  valueRange?: readonly [low: number, high: number];
}

abstract class RandomColor extends Spatial {
  protected readonly valueRange: readonly [low: number, high: number];
  override readonly draws: Draws;

  constructor(factory: string, options: RandomColorOptions) {
    super(factory, 2, options);
    const { valueRange = [0, 255], seed } = options;
    for (const x of [valueRange[0], valueRange[1]]) checkFinite(x, 'valueRange', `layers.${factory}`);
    if (!(valueRange[0] < valueRange[1])) {
      throw new RangeError(`layers.${factory}: valueRange must be [low, high], got [${valueRange}]`);
    }
    this.valueRange = valueRange;
    this.draws = new Draws(seed, `layers.${factory}`);
  }

  /** The images with a number drawn for each, [batch, 1, 1, 1]. */
  protected abstract recolor(images: Tensor): Tensor;

  protected override shapeFor(inputShape: LayerShape): LayerShape {
    return inputShape;
  }

  protected override transform(x: Tensor, { training }: CallOptions): Tensor {
    const images = asFloat(x);
    return training ? clipByValue(this.recolor(images), ...this.valueRange) : images;
  }

  protected draw(low: number, high: number, images: Tensor): Tensor {
    return this.draws.uniform([images.shape[0]!, 1, 1, 1], low, high, images.dtype);
  }
}

/** What {@link randomContrast} takes. */
export interface RandomContrastOptions extends RandomColorOptions {
  /** x: contrast times 1 − x to 1 + x; [a, b]: times 1 − a to 1 + b. From 0 to 1 each. */
  factor: number | readonly [lower: number, upper: number];
}

/** In training the values of each image and channel go away from their mean, or towards it. */
export class RandomContrast extends RandomColor {
  private readonly low: number;
  private readonly high: number;

  constructor(options: RandomContrastOptions) {
    super('randomContrast', options);
    const { factor } = options;
    const [lower, upper] = typeof factor === 'number' ? [factor, factor] : (factor ?? []);
    for (const x of [lower, upper]) {
      checkFinite(x, 'factor', 'layers.randomContrast');
      if (x < 0 || x > 1) throw new RangeError(`layers.randomContrast: factor must be in [0, 1], got ${x}`);
    }
    [this.low, this.high] = [1 - lower!, 1 + upper!];
  }

  override getClassName(): string {
    return 'RandomContrast';
  }

  protected override recolor(images: Tensor): Tensor {
    const middle = mean(images, [1, 2], true);
    return add(mul(sub(images, middle), this.draw(this.low, this.high, images)), middle);
  }
}

/** What {@link randomBrightness} takes. */
export interface RandomBrightnessOptions extends RandomColorOptions {
  /** How much brighter, as a share of the range of values: at most so much either way, or from low to high. */
  factor: Factor;
}

/** In training each image is made brighter or darker. */
export class RandomBrightness extends RandomColor {
  private readonly range: readonly [low: number, high: number];

  constructor(options: RandomBrightnessOptions) {
    super('randomBrightness', options);
    this.range = rangeOf(options.factor, 'factor', 'layers.randomBrightness');
  }

  override getClassName(): string {
    return 'RandomBrightness';
  }

  protected override recolor(images: Tensor): Tensor {
    const [low, high] = this.valueRange;
    return add(images, mul(this.draw(...this.range, images), high - low));
  }
}

/**
 * A layer that in training changes the contrast of each image, [batch, height, width, channels]:
 * mean + (x − mean) · factor, with the mean of the image's channel, cut off at the ends of the range of values.
 *
 * @throws TypeError or RangeError for factors that are not in [0, 1]
 * @example
 * const contrast = layers.randomContrast({ factor: 0.3, valueRange: [0, 1], seed: 1 });
 * contrast.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 8, 8, 3]
 */
export const randomContrast = (options: RandomContrastOptions): RandomContrast => new RandomContrast(options);

/**
 * A layer that in training makes each image, [batch, height, width, channels], brighter or darker: adds a share of the
 * range of values, at whose ends the results are cut off.
 *
 * @throws TypeError or RangeError for a factor that is not numbers in [−1, 1]
 * @example
 * const brightness = layers.randomBrightness({ factor: [-0.2, 0.1], valueRange: [0, 1], seed: 1 });
 * brightness.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 8, 8, 3]
 */
export const randomBrightness = (options: RandomBrightnessOptions): RandomBrightness => new RandomBrightness(options);
