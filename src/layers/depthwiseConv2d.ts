import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import type { Padding } from '../ops/geometry.js';
import { depthwiseConv2d as depthwiseConv2dOp } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Convolution, type ConvolutionOptions } from './convolution.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link depthwiseConv2d} takes. */
export interface DepthwiseConv2DOptions extends Omit<ConvolutionOptions, 'filters'> {
  /** How many filters each channel has; 1 if absent. */
  depthMultiplier?: number;
  /** 'glorotNormal' if absent, as in TensorFlow.js. */
  depthwiseInitializer?: string | Initializer;
  /** What the depthwise kernel adds to the loss; nothing if absent. */
  depthwiseRegularizer?: string | Regularizer;
  /** What the depthwise kernel is made after each update; itself if absent. */
  depthwiseConstraint?: string | Constraint;
}

/** The convolution of each channel of images with filters of its own. */
export class DepthwiseConv2D extends Convolution {
  private readonly depthwiseSpec: WeightSpec;
  private kernel!: Variable;

  constructor(options: DepthwiseConv2DOptions) {
    const { depthMultiplier = 1, depthwiseInitializer = 'glorotNormal' } = options;
    checkCount(depthMultiplier, 1, 'depthMultiplier', 'layers.depthwiseConv2d');
    super('depthwiseConv2d', 2, { ...options, filters: depthMultiplier });
    const { depthwiseRegularizer, depthwiseConstraint } = options;
    const op = 'layers.depthwiseConv2d';
    this.depthwiseSpec = weightSpec(depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint, op);
  }

  override getClassName(): string {
    return 'DepthwiseConv2D';
  }

  override getConfig(): Record<string, unknown> {
    const { filters: _, ...config } = super.getConfig();
    return config;
  }

  protected override outChannels(inputs: number | null): number | null {
    return inputs === null ? null : inputs * this.filters;
  }

  protected override makeKernels(channels: number): void {
    const shape = [...this.kernelSize, channels, this.filters];
    this.kernel = this.makeWeight('depthwise_kernel', shape, this.depthwiseSpec);
  }

  protected override convolve(x: Tensor): Tensor {
    return depthwiseConv2dOp(x, this.kernel, this.strides, this.padding as Padding, 'NHWC', this.dilationRate);
  }
}

/**
 * A layer that convolves each channel of images, [batch, height, width, channels], with filters of its own.
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @differs from Keras, where kernels begin by glorotUniform: here by glorotNormal, as in TensorFlow.js
 * @example
 * const layer = layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 });
 * layer.apply(ones([1, 8, 8, 4])).shape;  // [1, 6, 6, 8]
 * layer.countParams();  // 80
 * @see Keras, DepthwiseConv2D
 */
export const depthwiseConv2d = (options: DepthwiseConv2DOptions): DepthwiseConv2D => new DepthwiseConv2D(options);
