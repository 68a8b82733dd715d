// Layers that in training bring images to another height or width, which is drawn anew for each batch.

import { asFloat } from '../ops/dispatch.js';
import { checkReading, type Interpolation } from '../ops/warp.js';
import type { Tensor } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import type { CallOptions, LayerShape } from './layer.js';
import { type Factor, rangeOf } from './randomTransform.js';
import { RESIZE } from './resizing.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What {@link randomHeight} and {@link randomWidth} take. */
export interface RandomSizeOptions extends RandomOptions, SpatialOptions {
  /** By which share the size grows: 0.2 to 0.3 by 20 % to 30 %, −0.3 to −0.2 shrinks it; one number goes either way. */
  factor: Factor;
  /** Whether elements are read 'nearest' or 'bilinear'; 'bilinear' if absent. */
  interpolation?: Interpolation;
}

abstract class RandomSize extends Spatial {
  override readonly draws: Draws;
  private readonly range: readonly [low: number, high: number];
  private readonly interpolation: Interpolation;
  /** That of the height, or of the width. */
  private readonly axis: 1 | 2;

  constructor(factory: string, axis: 1 | 2, options: RandomSizeOptions) {
    super(factory, 2, options);
    const { factor, interpolation = 'bilinear', seed } = options;
    this.axis = axis;
    this.range = rangeOf(factor, 'factor', `layers.${factory}`, Number.POSITIVE_INFINITY);
    checkReading(interpolation, 'constant', `layers.${factory}`);
    this.interpolation = interpolation;
    this.draws = new Draws(seed, `layers.${factory}`);
  }

  protected override shapeFor(inputShape: LayerShape): LayerShape {
    return inputShape.map((n, axis) => (axis === this.axis ? null : n));
  }

  protected override transform(x: Tensor, { training }: CallOptions): Tensor {
    const images = asFloat(x);
    if (!training) return images;
    const [low, high] = this.range;
    // What is read here decides on shapes, so the step that reads it is not recorded.
    const [times] = this.draws.uniform([1], 1 + low, 1 + high, 'float64').dataSync();
    const size = images.shape.slice(1, 3) as [number, number];
    size[this.axis - 1] = Math.max(1, Math.floor(times! * size[this.axis - 1]!));
    return RESIZE[this.interpolation](images, size, false, true);
  }
}

/** In training images are higher or lower. */
export class RandomHeight extends RandomSize {
  constructor(options: RandomSizeOptions) {
    super('randomHeight', 1, options);
  }

  override getClassName(): string {
    return 'RandomHeight';
  }
}

/** In training images are wider or narrower. */
export class RandomWidth extends RandomSize {
  constructor(options: RandomSizeOptions) {
    super('randomWidth', 2, options);
  }

  override getClassName(): string {
    return 'RandomWidth';
  }
}

/**
 * A layer that in training resizes the images of a batch, [batch, height, width, channels], to one random height: the whole
 * part of (1 + factor) · height, or 1. Layers after it must take images of any height. Steps of a model with it are not
 * replayed, since their shapes differ.
 *
 * @throws TypeError or RangeError for a factor that is not numbers from −1 up
 * @example
 * const stretch = layers.randomHeight({ factor: [0.5, 0.5] });
 * stretch.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 12, 8, 3]
 * stretch.apply(ones([2, 8, 8, 3])).shape;  // [2, 8, 8, 3]
 * @see Keras 2, RandomHeight
 */
export const randomHeight = (options: RandomSizeOptions): RandomHeight => new RandomHeight(options);

/**
 * The same with a random width: see {@link randomHeight}.
 *
 * @differs from TensorFlow.js, which resizes outside of training too, rounds the width, and reads at corners of elements:
 *   here as in Keras 2
 * @throws TypeError or RangeError for a factor that is not numbers from −1 up
 * @example
 * const narrow = layers.randomWidth({ factor: [-0.5, -0.5] });
 * narrow.apply(tensor4d([1, 3, 5, 7], [1, 1, 4, 1]), { training: true }).flatten().print();  // [2, 6]
 * @see Keras 2, RandomWidth
 */
export const randomWidth = (options: RandomSizeOptions): RandomWidth => new RandomWidth(options);
