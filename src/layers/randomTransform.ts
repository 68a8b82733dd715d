// Layers that in training move images, each by a random transform of its own, and leave them alone otherwise.

import { checkFinite } from '../check.js';
import { asFloat, castTo } from '../ops/dispatch.js';
import { add, concat, cos, fill, less, mul, sin, sub } from '../ops/index.js';
import { checkReading, type FillMode, type Interpolation, transform } from '../ops/warp.js';
import type { Tensor, Tensor4D } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import type { CallOptions, LayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What layers that move images take. */
export interface RandomTransformOptions extends RandomOptions, SpatialOptions {
  /** What lies beyond an image: 'constant', 'reflect', 'wrap' or 'nearest', see image.transform; 'reflect' if absent. */
  fillMode?: FillMode;
  /** Whether elements are read 'nearest' or 'bilinear'; 'bilinear' if absent. */
  interpolation?: Interpolation;
  /** The value beyond an image where fillMode is 'constant'; 0 if absent. */
  fillValue?: number;
}

/** A factor: drawn from [−x, x], or from [low, high]. */
export type Factor = number | readonly [low: number, high: number];

/**
 * The range of a factor.
 * @throws TypeError for what is no number, RangeError for numbers outside [−1, most] or in the wrong order
 */
export function rangeOf(factor: Factor, name: string, op: string, most = 1): [low: number, high: number] {
  const given = [factor].flat() as number[];
  for (const x of given) checkFinite(x, name, op);
  const [low, high] = given.length === 1 ? [-Math.abs(given[0]!), Math.abs(given[0]!)] : (given as [number, number]);
  if (given.length < 3 && low >= -1 && low <= high && high <= most) return [low, high];
  const range = most === 1 ? 'in [−1, 1]' : 'from −1 up';
  throw new RangeError(`${op}: ${name} must be a number or [low, high] ${range}, got ${JSON.stringify(factor)}`);
}

/** An entry of a matrix: for each image, [batch, 1], or one for all. */
type Entry = Tensor | number;

/** The transforms, [batch, 8], that read [column, row] at [a0·c + a1·r + a2, b0·c + b1·r + b2]. */
export function affine(
  batch: number,
  ...entries: [a0: Entry, a1: Entry, a2: Entry, b0: Entry, b1: Entry, b2: Entry]
): Tensor {
  const columns = [...entries, 0, 0].map((x) => (typeof x === 'number' ? fill([batch, 1], x, 'float64') : x));
  return concat(columns, 1);
}

abstract class RandomTransform extends Spatial {
  override readonly draws: Draws;
  private readonly reading: [Interpolation, FillMode, number];

  constructor(
    factory: string,
    options: RandomTransformOptions,
    interpolation: Interpolation = options.interpolation ?? 'bilinear',
  ) {
    super(factory, 2, options);
    const { fillMode = 'reflect', fillValue = 0, seed } = options;
    checkReading(interpolation, fillMode, `layers.${factory}`);
    checkFinite(fillValue, 'fillValue', `layers.${factory}`);
    this.reading = [interpolation, fillMode, fillValue];
    this.draws = new Draws(seed, `layers.${factory}`);
  }

  /** A transform for each image. */
  protected abstract transforms(batch: number, height: number, width: number): Tensor;

  protected override shapeFor(inputShape: LayerShape): LayerShape {
    return inputShape;
  }

  protected override transform(x: Tensor, { training }: CallOptions): Tensor {
    const images = asFloat(x) as Tensor4D;
    if (!training) return images;
    const [batch, height, width] = images.shape;
    return transform(images, this.transforms(batch, height, width) as never, ...this.reading);
  }

  /** A number for each image. */
  protected draw([low, high]: readonly number[], batch: number): Tensor {
    return this.draws.uniform([batch, 1], low!, high!, 'float64');
  }
}

/** What {@link randomFlip} takes. */
export interface RandomFlipOptions extends RandomOptions, SpatialOptions {
  /** Which sides may change places; 'horizontalAndVertical' if absent. */
  mode?: 'horizontal' | 'vertical' | 'horizontalAndVertical';
}

const FLIPS = ['horizontal', 'vertical', 'horizontalAndVertical'];

/** In training half of the images have left and right, or top and bottom, in each other's place. */
export class RandomFlip extends RandomTransform {
  private readonly mode: string;

  constructor(options: RandomFlipOptions = {}) {
    super('randomFlip', options, 'nearest');
    const { mode = 'horizontalAndVertical' } = options;
    if (!FLIPS.includes(mode)) {
      throw new RangeError(`layers.randomFlip: mode must be one of '${FLIPS.join("', '")}', got '${mode}'`);
    }
    this.mode = mode;
  }

  override getClassName(): string {
    return 'RandomFlip';
  }

  protected override transforms(batch: number, height: number, width: number): Tensor {
    /** Along one axis: the factor ±1, and where the first element is read. */
    const axis = (may: boolean, size: number): [Entry, Entry] => {
      if (!may) return [1, 0];
      const flipped = castTo(less(this.draw([0, 1], batch), 0.5), 'float64');
      return [sub(1, mul(flipped, 2)), mul(flipped, size - 1)];
    };
    const [ax, bx] = axis(this.mode !== 'vertical', width);
    const [ay, by] = axis(this.mode !== 'horizontal', height);
    return affine(batch, ax, 0, bx, 0, ay, by);
  }
}

/** What {@link randomTranslation} takes. */
export interface RandomTranslationOptions extends RandomTransformOptions {
  /** How far down, as a share of the height: at most so far up or down, or from low to high. */
  heightFactor: Factor;
  /** How far to the right, as a share of the width. */
  widthFactor: Factor;
}

/** In training each image is moved. */
export class RandomTranslation extends RandomTransform {
  private readonly down: readonly number[];
  private readonly right: readonly number[];

  constructor(options: RandomTranslationOptions) {
    super('randomTranslation', options);
    this.down = rangeOf(options.heightFactor, 'heightFactor', 'layers.randomTranslation');
    this.right = rangeOf(options.widthFactor, 'widthFactor', 'layers.randomTranslation');
  }

  override getClassName(): string {
    return 'RandomTranslation';
  }

  protected override transforms(batch: number, height: number, width: number): Tensor {
    const down = mul(this.draw(this.down, batch), -height);
    const right = mul(this.draw(this.right, batch), -width);
    return affine(batch, 1, 0, right, 0, 1, down);
  }
}

/** What {@link randomRotation} takes. */
export interface RandomRotationOptions extends RandomTransformOptions {
  /** How far counter-clockwise, in whole turns: at most so far either way, or from low to high. */
  factor: Factor;
}

/** In training each image is turned about its middle. */
export class RandomRotation extends RandomTransform {
  private readonly turns: readonly number[];

  constructor(options: RandomRotationOptions) {
    super('randomRotation', options);
    this.turns = rangeOf(options.factor, 'factor', 'layers.randomRotation');
  }

  override getClassName(): string {
    return 'RandomRotation';
  }

  protected override transforms(batch: number, height: number, width: number): Tensor {
    const angle = mul(this.draw(this.turns, batch), 2 * Math.PI);
    const [c, s, x, y] = [cos(angle), sin(angle), (width - 1) / 2, (height - 1) / 2];
    // The middle stays where it is.
    const startX = sub(x, sub(mul(c, x), mul(s, y)));
    const startY = sub(y, add(mul(s, x), mul(c, y)));
    return affine(batch, c, mul(s, -1), startX, s, c, startY);
  }
}

/** What {@link randomZoom} takes. */
export interface RandomZoomOptions extends RandomTransformOptions {
  /** How much more of the height is seen: 0.2 to 0.3 zooms out by 20 % to 30 %, −0.3 to −0.2 zooms in. */
  heightFactor: Factor;
  /** The same for the width; what is drawn for the height if absent, so that shapes stay. */
  widthFactor?: Factor;
}

/** In training each image is made smaller or larger about its middle. */
export class RandomZoom extends RandomTransform {
  private readonly heightRange: readonly number[];
  private readonly widthRange: readonly number[] | undefined;

  constructor(options: RandomZoomOptions) {
    super('randomZoom', options);
    const { heightFactor, widthFactor } = options;
    this.heightRange = rangeOf(heightFactor, 'heightFactor', 'layers.randomZoom');
    if (widthFactor !== undefined) this.widthRange = rangeOf(widthFactor, 'widthFactor', 'layers.randomZoom');
  }

  override getClassName(): string {
    return 'RandomZoom';
  }

  protected override transforms(batch: number, height: number, width: number): Tensor {
    const vertical = add(this.draw(this.heightRange, batch), 1);
    const horizontal = this.widthRange ? add(this.draw(this.widthRange, batch), 1) : vertical;
    /** The middle stays where it is. */
    const start = (zoom: Tensor, size: number) => mul(sub(1, zoom), (size - 1) / 2);
    return affine(batch, horizontal, 0, start(horizontal, width), 0, vertical, start(vertical, height));
  }
}

/**
 * A layer that in training mirrors each image, [batch, height, width, channels], with probability ½ each way.
 *
 * @throws RangeError for another mode
 * @example
 * const flip = layers.randomFlip({ mode: 'horizontal', seed: 1 });
 * flip.apply(tensor4d([1, 2, 1, 2], [2, 1, 2, 1]), { training: true }).flatten().print();  // [1, 2, 2, 1]
 */
export const randomFlip = (options?: RandomFlipOptions): RandomFlip => new RandomFlip(options);

/**
 * A layer that in training moves each image, [batch, height, width, channels], by a random share of its size.
 *
 * @throws TypeError or RangeError for factors that are not numbers in [−1, 1]
 * @example
 * const move = layers.randomTranslation({ heightFactor: 0.2, widthFactor: [0, 0.3], fillMode: 'nearest', seed: 1 });
 * move.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 8, 8, 3]
 */
export const randomTranslation = (options: RandomTranslationOptions): RandomTranslation =>
  new RandomTranslation(options);

/**
 * A layer that in training turns each image, [batch, height, width, channels], about its middle by a random angle.
 *
 * @throws TypeError or RangeError for a factor that is not numbers in [−1, 1]
 * @example
 * const turn = layers.randomRotation({ factor: 0.1, fillMode: 'constant', seed: 1 });  // up to 36° either way
 * turn.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 8, 8, 3]
 */
export const randomRotation = (options: RandomRotationOptions): RandomRotation => new RandomRotation(options);

/**
 * A layer that in training makes each image, [batch, height, width, channels], smaller or larger about its middle.
 *
 * @throws TypeError or RangeError for factors that are not numbers in [−1, 1]
 * @example
 * const zoom = layers.randomZoom({ heightFactor: [-0.3, 0.1], seed: 1 });
 * zoom.apply(ones([2, 8, 8, 3]), { training: true }).shape;  // [2, 8, 8, 3]
 */
export const randomZoom = (options: RandomZoomOptions): RandomZoom => new RandomZoom(options);
