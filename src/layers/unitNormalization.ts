import { unitVectors } from '../ops/normalization.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

/** What {@link unitNormalization} takes. */
export interface UnitNormalizationOptions extends LayerOptions {
  /** The axis or axes along which samples are normalized; the last if absent. */
  axis?: number | readonly number[];
}

/** y = x / ‖x‖ for each sample along some axes. */
export class UnitNormalization extends Layer {
  override supportsMasking = true;
  private readonly axis: number | readonly number[];

  constructor(options: UnitNormalizationOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
  }

  override getClassName(): string {
    return 'UnitNormalization';
  }

  call(x: Tensor): Tensor {
    return unitVectors(x, this.axis);
  }
}

/**
 * A layer that gives each sample length 1 along an axis: y = x / ‖x‖. What is shorter than 1e-6 stays short.
 *
 * @example
 * layers.unitNormalization().apply(tensor2d([[3, 4]])).print();  // [[0.6, 0.8]]
 * @see Keras, UnitNormalization
 */
export const unitNormalization = (options?: UnitNormalizationOptions): UnitNormalization =>
  new UnitNormalization(options);
