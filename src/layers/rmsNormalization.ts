import { rmsNormalization as normalize } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Layer, type LayerOptions, type LayerShape } from './layer.js';
import { checkEpsilon, knownSizes } from './scaling.js';

/** What {@link rmsNormalization} takes. */
export interface RMSNormalizationOptions extends LayerOptions {
  /** The axis or axes along which samples are normalized; the last if absent. */
  axis?: number | readonly number[];
  /** Is added to the mean of squares; 1e-6 if absent. */
  epsilon?: number;
}

/** y = x / √(mean of x² + ε) · scale for each sample along some axes (Zhang & Sennrich 2019). */
export class RMSNormalization extends Layer {
  override supportsMasking = true;
  private readonly axis: number | readonly number[];
  private readonly epsilon: number;
  private scale!: Variable;

  constructor(options: RMSNormalizationOptions = {}) {
    super(options);
    const { axis = -1, epsilon = 1e-6 } = options;
    checkEpsilon(epsilon, 'layers.rmsNormalization');
    this.axis = axis;
    this.epsilon = epsilon;
  }

  override getClassName(): string {
    return 'RMSNormalization';
  }

  override countMultiplyAdds(): number {
    return 0;
  }

  override build(inputShape: LayerShape): void {
    const sizes = knownSizes(inputShape, this.axis, this.name);
    this.scale = this.addWeight('scale', sizes, this.dtype, 'ones');
  }

  call(x: Tensor): Tensor {
    const { axis, epsilon, scale } = this;
    return normalize(x, { axis, epsilon, scale });
  }
}

/**
 * A layer that divides each sample by the root of its mean square along an axis: y = x / √(mean of x² + ε) · scale.
 *
 * @throws RangeError unless epsilon is 0 or more; when built, for an axis of unknown size
 * @example
 * layers.rmsNormalization({ epsilon: 0 }).apply(tensor2d([[1, 7]])).print();  // [[0.2, 1.4]]
 * @see Keras, RMSNormalization
 */
export const rmsNormalization = (options?: RMSNormalizationOptions): RMSNormalization => new RMSNormalization(options);
