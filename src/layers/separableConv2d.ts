import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import type { Padding } from '../ops/geometry.js';
import { separableConv2d as separableConv2dOp } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Convolution, type ConvolutionOptions } from './convolution.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link separableConv2d} takes. */
export interface SeparableConv2DOptions extends ConvolutionOptions {
  /** How many filters each input channel has of its own; 1 if absent. */
  depthMultiplier?: number;
  /** 'glorotUniform' if absent. */
  depthwiseInitializer?: string | Initializer;
  /** What the depthwise kernel adds to the loss; nothing if absent. */
  depthwiseRegularizer?: string | Regularizer;
  /** What the depthwise kernel is made after each update; itself if absent. */
  depthwiseConstraint?: string | Constraint;
  /** 'glorotUniform' if absent. */
  pointwiseInitializer?: string | Initializer;
  /** What the pointwise kernel adds to the loss; nothing if absent. */
  pointwiseRegularizer?: string | Regularizer;
  /** What the pointwise kernel is made after each update; itself if absent. */
  pointwiseConstraint?: string | Constraint;
}

/** A convolution of each channel, then one across channels. */
export class SeparableConv2D extends Convolution {
  private readonly depthMultiplier: number;
  private readonly depthwiseSpec: WeightSpec;
  private readonly pointwiseSpec: WeightSpec;
  private depthwise!: Variable;
  private pointwise!: Variable;

  constructor(options: SeparableConv2DOptions) {
    super('separableConv2d', 2, options);
    const op = 'layers.separableConv2d';
    const { depthMultiplier = 1 } = options;
    const { depthwiseInitializer = 'glorotUniform', pointwiseInitializer = 'glorotUniform' } = options;
    checkCount(depthMultiplier, 1, 'depthMultiplier', op);
    this.depthMultiplier = depthMultiplier;
    const { depthwiseRegularizer, depthwiseConstraint, pointwiseRegularizer, pointwiseConstraint } = options;
    this.depthwiseSpec = weightSpec(depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint, op);
    this.pointwiseSpec = weightSpec(pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint, op);
  }

  override getClassName(): string {
    return 'SeparableConv2D';
  }

  protected override makeKernels(channels: number): void {
    const depthwise = [...this.kernelSize, channels, this.depthMultiplier];
    this.depthwise = this.makeWeight('depthwise_kernel', depthwise, this.depthwiseSpec);
    const pointwise = [1, 1, channels * this.depthMultiplier, this.filters];
    this.pointwise = this.makeWeight('pointwise_kernel', pointwise, this.pointwiseSpec);
  }

  protected override convolve(x: Tensor): Tensor {
    const pad = this.padding as Padding;
    return separableConv2dOp(x, this.depthwise, this.pointwise, this.strides, pad, this.dilationRate);
  }
}

/**
 * A layer that convolves each channel of images, [batch, height, width, channels], with filters of its own, then mixes
 * the channels at each place.
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @example
 * const layer = layers.separableConv2d({ filters: 8, kernelSize: 3 });
 * layer.apply(ones([1, 8, 8, 4])).shape;  // [1, 6, 6, 8]
 * layer.countParams();  // 76
 * @see Keras, SeparableConv2D
 */
export const separableConv2d = (options: SeparableConv2DOptions): SeparableConv2D => new SeparableConv2D(options);
