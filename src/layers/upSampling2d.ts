import { toSizes } from '../ops/geometry.js';
import { resizeBilinear, resizeNearestNeighbor } from '../ops/resize.js';
import type { Tensor } from '../tensor.js';
import type { LayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';

/** What {@link upSampling2d} takes. */
export interface UpSampling2DOptions extends SpatialOptions {
  /** How many times the height and the width: a number or [height, width]; 2 if absent. */
  size?: number | readonly number[];
  /** Whether elements are repeated, or mixed with the next ones, as TensorFlow.js does; 'nearest' if absent. */
  interpolation?: 'nearest' | 'bilinear';
}

const RESIZE = { nearest: resizeNearestNeighbor, bilinear: resizeBilinear };

/** Images so many times as high and wide. */
export class UpSampling2D extends Spatial {
  private readonly size: readonly number[];
  private readonly interpolation: keyof typeof RESIZE;

  constructor(options: UpSampling2DOptions = {}) {
    super('upSampling2d', 2, options);
    const { size = 2, interpolation = 'nearest' } = options;
    this.size = toSizes(size, 2, 'size', 'layers.upSampling2d');
    if (!Object.hasOwn(RESIZE, interpolation)) {
      throw new RangeError(
        `layers.upSampling2d: interpolation must be 'nearest' or 'bilinear', got '${interpolation}'`,
      );
    }
    this.interpolation = interpolation;
  }

  override getClassName(): string {
    return 'UpSampling2D';
  }

  protected override shapeFor([batch, height, width, channels]: LayerShape): LayerShape {
    const times = (n: number | null, factor: number) => (n === null ? null : n * factor);
    return [batch!, times(height!, this.size[0]!), times(width!, this.size[1]!), channels!];
  }

  protected override transform(x: Tensor): Tensor {
    return RESIZE[this.interpolation](x, this.shapeFor(x.shape).slice(1, 3) as number[]);
  }
}

/**
 * A layer that makes images, [batch, height, width, channels], so many times as high and wide.
 *
 * @throws RangeError for a size below 1 or another interpolation, and for inputs of another rank
 * @example
 * layers.upSampling2d({ size: [2, 3] }).apply(ones([1, 4, 4, 1])).shape;  // [1, 8, 12, 1]
 */
export const upSampling2d = (options?: UpSampling2DOptions): UpSampling2D => new UpSampling2D(options);
