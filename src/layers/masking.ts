import { checkFinite } from '../check.js';
import { any, cast, mul, notEqual } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

/** What {@link masking} takes. */
export interface MaskingOptions extends LayerOptions {
  /** A step whose features are all of this value does not count; 0 if absent. */
  maskValue?: number;
}

/** Steps whose features are all of one value become 0, and are masked. */
export class Masking extends Layer {
  override supportsMasking = true;
  private readonly maskValue: number;

  constructor(options: MaskingOptions = {}) {
    super(options);
    this.maskValue = options.maskValue ?? 0;
    checkFinite(this.maskValue, 'maskValue', 'layers.masking');
  }

  override getClassName(): string {
    return 'Masking';
  }

  call(x: Tensor): Tensor {
    return mul(x, cast(any(notEqual(x, this.maskValue), -1, true), x.dtype));
  }

  override computeMask(x: Tensor): Tensor {
    return any(notEqual(x, this.maskValue), -1);
  }
}

/**
 * A layer that masks the steps of sequences whose features are all `maskValue`: layers that know masks pass them over,
 * and their features become 0 for those that do not.
 *
 * @throws TypeError or RangeError unless maskValue is a finite number
 * @example
 * const x = tensor3d([[[1, 2], [-1, -1], [3, -1]]]);
 * layers.masking({ maskValue: -1 }).apply(x).print();  // [[[1, 2], [0, 0], [3, -1]]]
 * @see Keras, Masking
 */
export const masking = (options?: MaskingOptions): Masking => new Masking(options);
