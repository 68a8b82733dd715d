import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import type { Padding } from '../ops/geometry.js';
import { conv1d as conv1dOp, conv2d as conv2dOp } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Convolution, type ConvolutionOptions } from './convolution.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link conv2d} takes. */
export interface Conv2DOptions extends ConvolutionOptions {
  /** Into how many groups channels are divided: each group of outputs sees only its group of inputs; 1 if absent. */
  groups?: number;
  /** 'glorotNormal' if absent, as in TensorFlow.js. */
  kernelInitializer?: string | Initializer;
  /** What the kernel adds to the loss; nothing if absent. */
  kernelRegularizer?: string | Regularizer;
  /** What the kernel is made after each update; itself if absent. */
  kernelConstraint?: string | Constraint;
}

/** What {@link conv1d} takes: as {@link conv2d}, but for the padding. */
export interface Conv1DOptions extends Omit<Conv2DOptions, 'padding'> {
  /** 'valid', 'same', or 'causal': an output sees no later input than its own; 'valid' if absent. */
  padding?: 'valid' | 'same' | 'causal';
}

/** One kernel, [...kernelSize, inputs / groups, filters]. */
abstract class Conv extends Convolution {
  protected readonly groups: number;
  private readonly kernelSpec: WeightSpec;
  protected kernel!: Variable;

  constructor(factory: string, axes: 1 | 2, options: Conv1DOptions, paddings?: readonly string[]) {
    super(factory, axes, options, paddings);
    const { groups = 1, kernelInitializer = 'glorotNormal' } = options;
    checkCount(groups, 1, 'groups', `layers.${factory}`);
    if (this.filters % groups !== 0) {
      throw new RangeError(`layers.${factory}: groups must divide the ${this.filters} filters, got ${groups}`);
    }
    this.groups = groups;
    const { kernelRegularizer, kernelConstraint } = options;
    this.kernelSpec = weightSpec(kernelInitializer, kernelRegularizer, kernelConstraint, `layers.${factory}`);
  }

  protected override makeKernels(channels: number): void {
    if (channels % this.groups !== 0) {
      throw new RangeError(`${this.name}: needs channels that ${this.groups} groups divide, got ${channels}`);
    }
    const shape = [...this.kernelSize, channels / this.groups, this.filters];
    this.kernel = this.makeWeight('kernel', shape, this.kernelSpec);
  }
}

/** The convolution of images. */
export class Conv2D extends Conv {
  constructor(options: Conv2DOptions) {
    super('conv2d', 2, options);
  }

  override getClassName(): string {
    return 'Conv2D';
  }

  protected override convolve(x: Tensor): Tensor {
    const pad = this.padding as Padding;
    return conv2dOp(x, this.kernel, this.strides, pad, 'NHWC', this.dilationRate, undefined, this.groups);
  }
}

/** The convolution of sequences. */
export class Conv1D extends Conv {
  constructor(options: Conv1DOptions) {
    super('conv1d', 1, options, ['valid', 'same', 'causal']);
  }

  override getClassName(): string {
    return 'Conv1D';
  }

  protected override convolve(x: Tensor): Tensor {
    const [size, stride, dilation] = [this.kernelSize[0]!, this.strides[0]!, this.dilationRate[0]!];
    const none = [0, 0];
    const causal = [none, none, [(size - 1) * dilation, 0], none];
    const pad = this.padding === 'causal' ? causal : (this.padding as Padding);
    return conv1dOp(x, this.kernel, stride, pad, 'NWC', dilation, undefined, this.groups);
  }
}

/**
 * A layer that convolves images, [batch, height, width, channels], with `filters` windows.
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank, or of channels that its
 *   groups do not divide
 * @differs from Keras, where kernels begin by glorotUniform: here by glorotNormal, as in TensorFlow.js
 * @example
 * const layer = layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' });
 * layer.apply(ones([2, 28, 28, 1])).shape;  // [2, 26, 26, 8]
 * layer.countParams();  // 80
 * @see Keras, Conv2D
 */
export const conv2d = (options: Conv2DOptions): Conv2D => new Conv2D(options);

/**
 * A layer that convolves sequences, [batch, steps, channels], with `filters` windows.
 *
 * @throws RangeError for options out of range, and when it is built for inputs of another rank, or of channels that its
 *   groups do not divide
 * @differs from Keras, where kernels begin by glorotUniform: here by glorotNormal, as in TensorFlow.js
 * @example
 * layers.conv1d({ filters: 8, kernelSize: 5, padding: 'causal' }).apply(ones([2, 100, 3])).shape;  // [2, 100, 8]
 * @see Keras, Conv1D
 */
export const conv1d = (options: Conv1DOptions): Conv1D => new Conv1D(options);
