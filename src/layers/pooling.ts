import { toSizes, windowsAlong } from '../ops/geometry.js';
import { avgPool, maxPool, reshape } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import type { LayerOptions, LayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What {@link maxPooling1d} and {@link averagePooling1d} take. */
export interface Pooling1DOptions extends LayerOptions {
  /** The window's size; 2 if absent. */
  poolSize?: number | readonly number[];
  /** How far apart windows lie; poolSize if absent. */
  strides?: number | readonly number[];
  /** 'valid' windows lie inside; 'same' give as many windows as steps, divided by the strides; 'valid' if absent. */
  padding?: 'valid' | 'same';
}

/** What {@link maxPooling2d} and {@link averagePooling2d} take. */
export interface Pooling2DOptions extends SpatialOptions {
  /** The window's size: [height, width], or one number for both; 2 if absent. */
  poolSize?: number | readonly number[];
  /** How far apart windows lie; poolSize if absent. */
  strides?: number | readonly number[];
  /** 'valid' windows lie inside; 'same' give as many windows as elements, divided by the strides; 'valid' if absent. */
  padding?: 'valid' | 'same';
}

/** A pool of each window of sequences or images. */
abstract class Pooling extends Spatial {
  private readonly poolSize: readonly number[];
  private readonly strides: readonly number[];
  private readonly padding: 'valid' | 'same';

  constructor(factory: string, axes: 1 | 2, options: Pooling2DOptions) {
    super(factory, axes, options);
    const op = `layers.${factory}`;
    const { poolSize = 2, strides = poolSize, padding = 'valid' } = options;
    this.poolSize = toSizes(poolSize, axes, 'poolSize', op);
    this.strides = toSizes(strides, axes, 'strides', op);
    if (padding !== 'valid' && padding !== 'same') {
      throw new RangeError(`${op}: padding must be 'valid' or 'same', got '${padding}'`);
    }
    this.padding = padding;
  }

  protected abstract readonly pool: typeof maxPool;

  protected override shapeFor([batch, ...sizes]: LayerShape): LayerShape {
    const space = sizes
      .slice(0, -1)
      .map((size, i) =>
        size === null
          ? null
          : windowsAlong(size, this.poolSize[i]!, this.strides[i]!, 1, this.padding, undefined, this.name).count,
      );
    return [batch!, ...space, sizes.at(-1)!];
  }

  protected override transform(x: Tensor): Tensor {
    if (x.rank === 4) return this.pool(x, this.poolSize, this.strides, this.padding);
    const [batch, steps, channels] = x.shape as [number, number, number];
    const image = reshape(x, [batch, steps, 1, channels]);
    const y: Tensor = this.pool(image, [this.poolSize[0]!, 1], [this.strides[0]!, 1], this.padding);
    return reshape(y, [batch, -1, channels]);
  }
}

/** The greatest of each window of sequences. */
export class MaxPooling1D extends Pooling {
  protected readonly pool = maxPool;

  constructor(options: Pooling1DOptions = {}) {
    super('maxPooling1d', 1, options);
  }

  override getClassName(): string {
    return 'MaxPooling1D';
  }
}

/** The mean of each window of sequences. */
export class AveragePooling1D extends Pooling {
  protected readonly pool = avgPool;

  constructor(options: Pooling1DOptions = {}) {
    super('averagePooling1d', 1, options);
  }

  override getClassName(): string {
    return 'AveragePooling1D';
  }
}

/** The greatest of each window of images. */
export class MaxPooling2D extends Pooling {
  protected readonly pool = maxPool;

  constructor(options: Pooling2DOptions = {}) {
    super('maxPooling2d', 2, options);
  }

  override getClassName(): string {
    return 'MaxPooling2D';
  }
}

/** The mean of each window of images. */
export class AveragePooling2D extends Pooling {
  protected readonly pool = avgPool;

  constructor(options: Pooling2DOptions = {}) {
    super('averagePooling2d', 2, options);
  }

  override getClassName(): string {
    return 'AveragePooling2D';
  }
}

/**
 * A layer that keeps the greatest of every `poolSize` steps of sequences, [batch, steps, channels].
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @example
 * layers.maxPooling1d({ poolSize: 4 }).apply(ones([2, 100, 3])).shape;  // [2, 25, 3]
 */
export const maxPooling1d = (options?: Pooling1DOptions): MaxPooling1D => new MaxPooling1D(options);

/**
 * A layer that takes the mean of every `poolSize` steps of sequences, [batch, steps, channels].
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @example
 * layers.averagePooling1d({ poolSize: 2 }).apply(tensor3d([[[1], [3], [5], [9]]])).print();  // [[[2], [7]]]
 */
export const averagePooling1d = (options?: Pooling1DOptions): AveragePooling1D => new AveragePooling1D(options);

/**
 * A layer that keeps the greatest of each window of images, [batch, height, width, channels].
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @example
 * layers.maxPooling2d({ poolSize: 2 }).apply(ones([2, 24, 24, 8])).shape;  // [2, 12, 12, 8]
 */
export const maxPooling2d = (options?: Pooling2DOptions): MaxPooling2D => new MaxPooling2D(options);

/**
 * A layer that takes the mean of each window of images, [batch, height, width, channels].
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @example
 * layers.averagePooling2d({ poolSize: 2 }).apply(tensor4d([1, 2, 3, 6], [1, 2, 2, 1])).print();  // [[[[3]]]]
 */
export const averagePooling2d = (options?: Pooling2DOptions): AveragePooling2D => new AveragePooling2D(options);
