import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import type { Padding } from '../ops/geometry.js';
import { conv2dTranspose as conv2dTransposeOp } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Convolution, type ConvolutionOptions } from './convolution.js';
import type { LayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link conv2dTranspose} takes. */
export interface Conv2DTransposeOptions extends Omit<ConvolutionOptions, 'dilationRate'> {
  /** 'glorotNormal' if absent, as in TensorFlow.js. */
  kernelInitializer?: string | Initializer;
  /** What the kernel adds to the loss; nothing if absent. */
  kernelRegularizer?: string | Regularizer;
  /** What the kernel is made after each update; itself if absent. */
  kernelConstraint?: string | Constraint;
}

/** The transposed convolution of images, with a kernel of [height, width, filters, inputs]. */
export class Conv2DTranspose extends Convolution {
  private readonly kernelSpec: WeightSpec;
  private kernel!: Variable;

  constructor(options: Conv2DTransposeOptions) {
    super('conv2dTranspose', 2, options);
    const { kernelInitializer = 'glorotNormal', kernelRegularizer, kernelConstraint } = options;
    this.kernelSpec = weightSpec(kernelInitializer, kernelRegularizer, kernelConstraint, 'layers.conv2dTranspose');
  }

  override getClassName(): string {
    return 'Conv2DTranspose';
  }

  /** The smallest size of which a convolution with these windows has the input's. */
  protected override outputSize(size: number, axis: number): number {
    const [filter, stride] = [this.kernelSize[axis]!, this.strides[axis]!];
    return size * stride + (this.padding === 'valid' ? Math.max(filter - stride, 0) : 0);
  }

  protected override makeKernels(channels: number): void {
    const shape = [...this.kernelSize, this.filters, channels];
    this.kernel = this.makeWeight('kernel', shape, this.kernelSpec);
  }

  /** Each element of the input meets the whole kernel. */
  override countMultiplyAdds(inputShape: LayerShape): number {
    return super.countMultiplyAdds(inputShape, this.channelsLast(inputShape));
  }

  protected override convolve(x: Tensor): Tensor {
    const shape = this.shapeFor(x.shape) as number[];
    return conv2dTransposeOp(x, this.kernel, shape, this.strides, this.padding as Padding);
  }
}

/**
 * A layer that spreads each element of images, [batch, height, width, channels], over a window of a larger image.
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank
 * @differs from Keras, where kernels begin by glorotUniform: here by glorotNormal, as in TensorFlow.js
 * @example
 * const layer = layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: 'same' });
 * layer.apply(ones([1, 7, 7, 16])).shape;  // [1, 14, 14, 3]
 * @see Keras, Conv2DTranspose
 */
export const conv2dTranspose = (options: Conv2DTransposeOptions): Conv2DTranspose => new Conv2DTranspose(options);
