// Layers that bring images to one size: by resizing, or by cutting out the middle or, in training, any place.

import { checkCount } from '../check.js';
import { asFloat, castTo } from '../ops/dispatch.js';
import { slice } from '../ops/index.js';
import { resizeBilinear, resizeNearestNeighbor } from '../ops/resize.js';
import { checkReading, type Interpolation, transform } from '../ops/warp.js';
import type { Tensor, Tensor2D, Tensor4D } from '../tensor.js';
import { Draws, type RandomOptions } from './draws.js';
import type { CallOptions, LayerShape } from './layer.js';
import { affine } from './randomTransform.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What {@link centerCrop} and other layers take whose results have one size. */
export interface SizeOptions extends SpatialOptions {
  /** Of the results, from 1 up. */
  height: number;
  /** Of the results, from 1 up. */
  width: number;
}

/** How images are resized. */
export const RESIZE = { nearest: resizeNearestNeighbor, bilinear: resizeBilinear };

/** Images from (top, left) on. */
const cut = (x: Tensor, top: number, left: number, height: number, width: number): Tensor =>
  slice(x, [0, top, left, 0], [-1, height, width, -1]);

/** The largest part of the middle that has the shape of the results, resized to them. */
function fitted(x: Tensor, height: number, width: number, interpolation: Interpolation): Tensor {
  const [, h, w] = x.shape as readonly number[];
  const rows = Math.max(1, Math.min(h!, Math.floor((w! * height) / width)));
  const columns = Math.max(1, Math.min(w!, Math.floor((h! * width) / height)));
  const middle = cut(x, Math.floor((h! - rows) / 2), Math.floor((w! - columns) / 2), rows, columns);
  return RESIZE[interpolation](middle, [height, width], false, true);
}

/** A layer whose results have one size. */
abstract class Sized extends Spatial {
  protected readonly height: number;
  protected readonly width: number;

  constructor(factory: string, options: SizeOptions) {
    super(factory, 2, options);
    checkCount(options.height, 1, 'height', `layers.${factory}`);
    checkCount(options.width, 1, 'width', `layers.${factory}`);
    this.height = options.height;
    this.width = options.width;
  }

  protected override shapeFor([batch, , , channels]: LayerShape): LayerShape {
    return [batch!, this.height, this.width, channels!];
  }

  /** How much larger images are than the results: [up and down, left and right]. */
  protected room(x: Tensor): [number, number] {
    return [x.shape[1]! - this.height, x.shape[2]! - this.width];
  }
}

/** What {@link resizing} takes. */
export interface ResizingOptions extends SizeOptions {
  /** Whether elements are read 'nearest' or 'bilinear'; 'bilinear' if absent. */
  interpolation?: Interpolation;
  /** Whether what does not fit the shape of the results is cut off, so that nothing is distorted; false if absent. */
  cropToAspectRatio?: boolean;
}

/** Images in another size. */
export class Resizing extends Sized {
  private readonly interpolation: Interpolation;
  private readonly crops: boolean;

  constructor(options: ResizingOptions) {
    super('resizing', options);
    const { interpolation = 'bilinear', cropToAspectRatio = false } = options;
    checkReading(interpolation, 'constant', 'layers.resizing');
    this.interpolation = interpolation;
    this.crops = cropToAspectRatio;
  }

  override getClassName(): string {
    return 'Resizing';
  }

  protected override transform(x: Tensor): Tensor {
    const { height, width, interpolation } = this;
    const images = asFloat(x);
    return this.crops
      ? fitted(images, height, width, interpolation)
      : RESIZE[interpolation](images, [height, width], false, true);
  }
}

/** The middle of images. */
export class CenterCrop extends Sized {
  constructor(options: SizeOptions) {
    super('centerCrop', options);
  }

  override getClassName(): string {
    return 'CenterCrop';
  }

  protected override transform(x: Tensor): Tensor {
    const images = asFloat(x);
    const [down, right] = this.room(images);
    if (down < 0 || right < 0) return fitted(images, this.height, this.width, 'bilinear');
    return cut(images, Math.floor(down / 2), Math.floor(right / 2), this.height, this.width);
  }
}

/** What {@link randomCrop} takes. */
export interface RandomCropOptions extends SizeOptions, RandomOptions {}

/** In training any part of images; else as much of the middle as fits. */
export class RandomCrop extends Sized {
  override readonly draws: Draws;

  constructor(options: RandomCropOptions) {
    super('randomCrop', options);
    this.draws = new Draws(options.seed, 'layers.randomCrop');
  }

  override getClassName(): string {
    return 'RandomCrop';
  }

  protected override transform(x: Tensor, { training }: CallOptions): Tensor {
    const images = asFloat(x) as Tensor4D;
    const [batch] = images.shape;
    const [down, right] = this.room(images);
    if (!training || down < 0 || right < 0) return fitted(images, this.height, this.width, 'bilinear');
    const start = (room: number) => castTo(this.draws.uniform([batch, 1], 0, room + 1, 'int32'), 'float64');
    const top = start(down);
    const places = affine(batch, 1, 0, start(right), 0, 1, top) as Tensor2D;
    return transform(images, places, 'nearest', 'constant', 0, [this.height, this.width]);
  }
}

/**
 * A layer that brings images, [batch, height, width, channels], to another size, reading at the middles of elements, as
 * Keras does. (TensorFlow.js lays corners on each other instead.)
 *
 * @throws TypeError or RangeError for sizes that are not whole numbers from 1 up, RangeError for another interpolation
 * @example
 * layers.resizing({ height: 4, width: 6 }).apply(ones([1, 8, 8, 3])).shape;  // [1, 4, 6, 3]
 */
export const resizing = (options: ResizingOptions): Resizing => new Resizing(options);

/**
 * A layer that cuts out the middle of images, [batch, height, width, channels]. Smaller images are first made large
 * enough.
 *
 * @throws TypeError or RangeError for sizes that are not whole numbers from 1 up
 * @example
 * layers.centerCrop({ height: 1, width: 2 }).apply(tensor4d([1, 2, 3, 4], [1, 1, 4, 1])).flatten().print();  // [2, 3]
 */
export const centerCrop = (options: SizeOptions): CenterCrop => new CenterCrop(options);

/**
 * A layer that in training cuts a part out of each image, [batch, height, width, channels], at a random place. Otherwise,
 * and from images that are smaller, it takes the largest part of the middle that has the shape of the results, resized
 * to them.
 *
 * @throws TypeError or RangeError for sizes that are not whole numbers from 1 up
 * @example
 * layers.randomCrop({ height: 4, width: 4, seed: 1 }).apply(ones([2, 8, 6, 3]), { training: true }).shape;  // [2, 4, 4, 3]
 */
export const randomCrop = (options: RandomCropOptions): RandomCrop => new RandomCrop(options);
