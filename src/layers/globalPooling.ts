import { cast, divNoNan, expandDims, max, mean, mul, sum } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import type { SpatialOptions } from './spatial.js';

/** One number for each channel of sequences or images: [batch, channels]. */
abstract class GlobalPooling extends Layer {
  protected readonly channelsFirst: boolean;
  /** 1 for sequences, 2 for images. */
  private readonly axes: number;

  constructor(factory: string, axes: 1 | 2, options: SpatialOptions) {
    super(options);
    const { dataFormat = 'channelsLast' } = options;
    if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') {
      throw new RangeError(
        `layers.${factory}: dataFormat must be 'channelsLast' or 'channelsFirst', got '${dataFormat}'`,
      );
    }
    this.channelsFirst = dataFormat === 'channelsFirst';
    this.axes = axes;
  }

  protected abstract readonly reduce: (x: Tensor, axes: number[]) => Tensor;

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    if (inputShape.length !== this.axes + 2) {
      throw new RangeError(`${this.name}: needs inputs of rank ${this.axes + 2}, got ${showLayerShape(inputShape)}`);
    }
    return [inputShape[0]!, inputShape.at(this.channelsFirst ? 1 : -1)!];
  }

  call(x: Tensor, _options: CallOptions): Tensor {
    this.computeOutputShape(x.shape);
    const first = this.channelsFirst ? 2 : 1;
    return this.reduce(x, this.axes === 1 ? [first] : [first, first + 1]);
  }
}

/** The greatest of each channel of sequences. */
export class GlobalMaxPooling1D extends GlobalPooling {
  protected readonly reduce = max;

  constructor(options: LayerOptions = {}) {
    super('globalMaxPooling1d', 1, options);
  }

  override getClassName(): string {
    return 'GlobalMaxPooling1D';
  }
}

/** The mean of each channel of sequences, over the steps that count. */
export class GlobalAveragePooling1D extends GlobalPooling {
  protected readonly reduce = mean;

  constructor(options: LayerOptions = {}) {
    super('globalAveragePooling1d', 1, options);
  }

  override call(x: Tensor, options: CallOptions): Tensor {
    const mask = options.mask as Tensor | undefined;
    if (!mask) return super.call(x, options);
    const [steps, channels] = this.channelsFirst ? [2, 1] : [1, 2];
    const counts = expandDims(cast(mask, x.dtype), channels);
    return divNoNan(sum(mul(x, counts), steps), sum(counts, steps));
  }

  override getClassName(): string {
    return 'GlobalAveragePooling1D';
  }
}

/** The greatest of each channel of images. */
export class GlobalMaxPooling2D extends GlobalPooling {
  protected readonly reduce = max;

  constructor(options: SpatialOptions = {}) {
    super('globalMaxPooling2d', 2, options);
  }

  override getClassName(): string {
    return 'GlobalMaxPooling2D';
  }
}

/** The mean of each channel of images. */
export class GlobalAveragePooling2D extends GlobalPooling {
  protected readonly reduce = mean;

  constructor(options: SpatialOptions = {}) {
    super('globalAveragePooling2d', 2, options);
  }

  override getClassName(): string {
    return 'GlobalAveragePooling2D';
  }
}

/**
 * A layer that keeps the greatest of each channel of sequences: from [batch, steps, channels] to [batch, channels].
 *
 * @throws RangeError for another dataFormat, and for inputs of another rank
 * @example
 * layers.globalMaxPooling1d().apply(tensor3d([[[1, 5], [4, 2]]])).print();  // [[4, 5]]
 */
export const globalMaxPooling1d = (options?: LayerOptions): GlobalMaxPooling1D => new GlobalMaxPooling1D(options);

/**
 * {@link globalMaxPooling1d} by its other name in TensorFlow.js.
 *
 * @example
 * layers.globalMaxPool1d({}).apply(tensor3d([[[1, 5], [4, 2]]])).print();  // [[4, 5]]
 */
export const globalMaxPool1d = globalMaxPooling1d;

/**
 * A layer that takes the mean of each channel of sequences: from [batch, steps, channels] to [batch, channels]. Steps that
 * are masked do not count, as in Keras; where all are, it gives 0.
 *
 * @throws RangeError for another dataFormat, and for inputs of another rank
 * @example
 * layers.globalAveragePooling1d().apply(tensor3d([[[1, 5], [4, 2]]])).print();  // [[2.5, 3.5]]
 */
export const globalAveragePooling1d = (options?: LayerOptions): GlobalAveragePooling1D =>
  new GlobalAveragePooling1D(options);

/**
 * A layer that keeps the greatest of each channel of images: from [batch, height, width, channels] to [batch, channels].
 *
 * @throws RangeError for another dataFormat, and for inputs of another rank
 * @example
 * layers.globalMaxPooling2d().apply(tensor4d([[[[1, 5]], [[4, 2]]]])).print();  // [[4, 5]]
 */
export const globalMaxPooling2d = (options?: SpatialOptions): GlobalMaxPooling2D => new GlobalMaxPooling2D(options);

/**
 * A layer that takes the mean of each channel of images: from [batch, height, width, channels] to [batch, channels].
 *
 * @throws RangeError for another dataFormat, and for inputs of another rank
 * @example
 * layers.globalAveragePooling2d().apply(ones([2, 7, 7, 8])).shape;  // [2, 8]
 */
export const globalAveragePooling2d = (options?: SpatialOptions): GlobalAveragePooling2D =>
  new GlobalAveragePooling2D(options);
