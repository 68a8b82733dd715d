import { layerNormalization as normalize } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import type { LayerShape } from './layer.js';
import { knownSizes, Scaling, type ScalingOptions } from './scaling.js';

/** What {@link layerNormalization} takes. */
export interface LayerNormalizationOptions extends ScalingOptions {
  /** The axis or axes along which samples are normalized; the last if absent. */
  axis?: number | readonly number[];
}

/** y = (x − mean) / √(variance + ε) · gamma + beta by the moments of each sample along some axes (Ba et al. 2016). */
export class LayerNormalization extends Scaling {
  private readonly axis: number | readonly number[];

  constructor(options: LayerNormalizationOptions = {}) {
    super('layerNormalization', options);
    this.axis = options.axis ?? -1;
  }

  override getClassName(): string {
    return 'LayerNormalization';
  }

  override build(inputShape: LayerShape): void {
    this.makeScale(knownSizes(inputShape, this.axis, this.name));
  }

  call(x: Tensor): Tensor {
    const { axis, epsilon, gamma, beta } = this;
    return normalize(x, { axis, epsilon, ...(gamma && { gamma }), ...(beta && { beta }) });
  }
}

/**
 * A layer that normalizes each sample along an axis: y = (x − mean) / √(variance + ε) · gamma + beta, where gamma and beta
 * have the sizes of the axes.
 *
 * @throws RangeError unless epsilon is 0 or more; when built, for an axis of unknown size
 * @example
 * layers.layerNormalization({ epsilon: 0 }).apply(tensor2d([[1, 3], [20, 10]])).print();  // [[-1, 1], [1, -1]]
 * @see Keras, LayerNormalization
 */
export const layerNormalization = (options?: LayerNormalizationOptions): LayerNormalization =>
  new LayerNormalization(options);
