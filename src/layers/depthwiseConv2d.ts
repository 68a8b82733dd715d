import { type Activation, activationOf } from '../activations.js';
import { checkCount } from '../check.js';
import { initializerOf } from '../initializer-names.js';
import type { Initializer } from '../initializers.js';
import { toSizes, windowsAlong } from '../ops/geometry.js';
import { add, depthwiseConv2d as depthwiseConv2dOp } from '../ops/index.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { type LayerShape, showLayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';

export interface DepthwiseConv2DOptions extends SpatialOptions {
  /** The window's size: [height, width], or one number for both. */
  kernelSize: number | readonly number[];
  /** How many filters each channel has; 1 if absent. */
  depthMultiplier?: number;
  /** How far apart windows lie; 1 if absent. */
  strides?: number | readonly number[];
  /** 'valid' windows lie inside; 'same' give an output of the input's size, divided by the strides; 'valid' if absent. */
  padding?: 'valid' | 'same';
  /** How far apart a window's taps lie; above 1 only with strides of 1; 1 if absent. */
  dilationRate?: number | readonly number[];
  /** The name of an activation, or a function; none if absent. */
  activation?: string | Activation;
  /** Whether a bias is added; true if absent. */
  useBias?: boolean;
  /** 'glorotNormal' if absent, as in TensorFlow.js. */
  depthwiseInitializer?: string | Initializer;
  /** 'zeros' if absent. */
  biasInitializer?: string | Initializer;
}

/** y = activation(each channel convolved with filters of its own + bias). */
export class DepthwiseConv2D extends Spatial {
  private readonly kernelSize: readonly number[];
  private readonly depthMultiplier: number;
  private readonly strides: readonly number[];
  private readonly padding: 'valid' | 'same';
  private readonly dilationRate: readonly number[];
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly depthwiseInitializer: Initializer;
  private readonly biasInitializer: Initializer;
  private kernel!: Variable;
  private bias: Variable | undefined;

  constructor(options: DepthwiseConv2DOptions) {
    super('depthwiseConv2d', 2, options);
    const op = 'layers.depthwiseConv2d';
    const { kernelSize, depthMultiplier = 1, strides = 1, padding = 'valid', dilationRate = 1 } = options;
    const { activation = 'linear', useBias = true } = options;
    checkCount(depthMultiplier, 1, 'depthMultiplier', op);
    this.kernelSize = toSizes(kernelSize, 2, 'kernelSize', op);
    this.depthMultiplier = depthMultiplier;
    this.strides = toSizes(strides, 2, 'strides', op);
    this.dilationRate = toSizes(dilationRate, 2, 'dilationRate', op);
    if (this.strides.some((n) => n > 1) && this.dilationRate.some((n) => n > 1)) {
      throw new RangeError(`${op}: either strides or dilationRate must be 1, got ${strides} and ${dilationRate}`);
    }
    if (padding !== 'valid' && padding !== 'same') {
      throw new RangeError(`${op}: padding must be 'valid' or 'same', got '${padding}'`);
    }
    this.padding = padding;
    this.activation = typeof activation === 'function' ? activation : activationOf(activation, op);
    this.useBias = useBias;
    this.depthwiseInitializer = initializerOf(options.depthwiseInitializer ?? 'glorotNormal', op);
    this.biasInitializer = initializerOf(options.biasInitializer ?? 'zeros', op);
  }

  getClassName(): string {
    return 'DepthwiseConv2D';
  }

  protected override outputShape([batch, ...sizes]: LayerShape): LayerShape {
    const space = sizes.slice(0, -1).map((size, i) => {
      if (size === null) return null;
      const [filter, stride, dilation] = [this.kernelSize[i]!, this.strides[i]!, this.dilationRate[i]!];
      return windowsAlong(size, filter, stride, dilation, this.padding, undefined, this.name).count;
    });
    const channels = sizes.at(-1)!;
    return [batch!, ...space, channels === null ? null : channels * this.depthMultiplier];
  }

  protected override makeWeights(inputShape: LayerShape): void {
    const channels = this.channelsLast(inputShape).at(-1);
    if (channels === null || channels === undefined) {
      throw new RangeError(`${this.name}: needs inputs of known channels, got ${showLayerShape(inputShape)}`);
    }
    const shape = [...this.kernelSize, channels, this.depthMultiplier];
    this.kernel = this.addWeight('depthwise_kernel', shape, this.depthwiseInitializer);
    if (this.useBias) this.bias = this.addWeight('bias', [channels * this.depthMultiplier], this.biasInitializer);
  }

  protected override transform(x: Tensor): Tensor {
    const channels = this.kernel.shape[2];
    if (x.shape.at(-1) !== channels) {
      throw new RangeError(`${this.name}: needs inputs of ${channels} channels, got ${showShape(x.shape)}`);
    }
    const y: Tensor = depthwiseConv2dOp(x, this.kernel, this.strides, this.padding, 'NHWC', this.dilationRate);
    return this.activation(this.bias ? add(y, this.bias) : y);
  }
}

/**
 * A layer that convolves each channel of images, [batch, height, width, channels], with filters of its own.
 *
 * @example
 * const layer = layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2 });
 * layer.apply(ones([1, 8, 8, 4])).shape;  // [1, 6, 6, 8]
 * layer.countParams();  // 80
 */
export const depthwiseConv2d = (options: DepthwiseConv2DOptions): DepthwiseConv2D => new DepthwiseConv2D(options);
