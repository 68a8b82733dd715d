import { checkFinite } from '../check.js';
import { asFloat } from '../ops/dispatch.js';
import { add, mul } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

/** What {@link rescaling} takes. */
export interface RescalingOptions extends LayerOptions {
  /** What values are multiplied by. */
  scale: number;
  /** What is then added; 0 if absent. */
  offset?: number;
}

/** x · scale + offset. */
export class Rescaling extends Layer {
  override supportsMasking = true;
  private readonly scale: number;
  private readonly offset: number;

  constructor(options: RescalingOptions) {
    super(options);
    const { scale, offset = 0 } = options;
    checkFinite(scale, 'scale', 'layers.rescaling');
    checkFinite(offset, 'offset', 'layers.rescaling');
    this.scale = scale;
    this.offset = offset;
  }

  override getClassName(): string {
    return 'Rescaling';
  }

  call(x: Tensor): Tensor {
    return add(mul(asFloat(x), this.scale), this.offset);
  }
}

/**
 * A layer that brings values to another range, in training and after it: x · scale + offset, as floats.
 *
 * @throws TypeError or RangeError for numbers that are not finite
 * @example
 * layers.rescaling({ scale: 1 / 127.5, offset: -1 }).apply(tensor1d([0, 255], 'int32')).print();  // [-1, 1]
 */
export const rescaling = (options: RescalingOptions): Rescaling => new Rescaling(options);
