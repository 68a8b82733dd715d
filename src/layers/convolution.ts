// What convolution layers share: their options, a bias, an activation, and the sizes of their windows.

import { type Activation, activationOf } from '../activations.js';
import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { toSizes, windowsAlong } from '../ops/geometry.js';
import { add } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { type LayerShape, showLayerShape } from './layer.js';
import { Spatial, type SpatialOptions } from './spatial.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What all convolution layers take. */
export interface ConvolutionOptions extends SpatialOptions {
  /** The output's channels. */
  filters: number;
  /** The window's size: one number for all axes, or one for each. */
  kernelSize: number | readonly number[];
  /** How far apart windows lie; 1 if absent. */
  strides?: number | readonly number[];
  /** 'valid' windows lie inside; 'same' give an output of the input's size, divided by the strides; 'valid' if absent. */
  padding?: 'valid' | 'same';
  /** How far apart a window's taps lie; above 1 only with strides of 1; 1 if absent. */
  dilationRate?: number | readonly number[];
  /** The name of an activation, or a function; none if absent. It is given the output with its channels last. */
  activation?: string | Activation;
  /** Whether a bias is added; true if absent. */
  useBias?: boolean;
  /** 'zeros' if absent. */
  biasInitializer?: string | Initializer;
  /** What the bias adds to the loss; nothing if absent. */
  biasRegularizer?: string | Regularizer;
  /** What the bias is made after each update; itself if absent. */
  biasConstraint?: string | Constraint;
}

/** y = activation(convolve(x) + bias). */
export abstract class Convolution extends Spatial {
  protected readonly filters: number;
  protected readonly kernelSize: readonly number[];
  protected readonly strides: readonly number[];
  protected readonly dilationRate: readonly number[];
  protected readonly padding: string;
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly biasSpec: WeightSpec;
  private channels!: number;
  private bias: Variable | undefined;

  constructor(
    factory: string,
    axes: 1 | 2,
    options: Omit<ConvolutionOptions, 'padding'> & { padding?: string },
    paddings: readonly string[] = ['valid', 'same'],
  ) {
    super(factory, axes, options);
    const op = `layers.${factory}`;
    const { filters, kernelSize, strides = 1, padding = 'valid', dilationRate = 1 } = options;
    const { activation = 'linear', useBias = true, biasInitializer = 'zeros' } = options;
    checkCount(filters, 1, 'filters', op);
    this.filters = filters;
    this.kernelSize = toSizes(kernelSize, axes, 'kernelSize', op);
    this.strides = toSizes(strides, axes, 'strides', op);
    this.dilationRate = toSizes(dilationRate, axes, 'dilationRate', op);
    if (this.strides.some((n) => n > 1) && this.dilationRate.some((n) => n > 1)) {
      throw new RangeError(`${op}: either strides or dilationRate must be 1, got ${strides} and ${dilationRate}`);
    }
    if (!paddings.includes(padding)) {
      throw new RangeError(`${op}: padding must be one of ${paddings.join(', ')}, got '${padding}'`);
    }
    this.padding = padding;
    this.activation = typeof activation === 'function' ? activation : activationOf(activation, op);
    this.useBias = useBias;
    this.biasSpec = weightSpec(biasInitializer, options.biasRegularizer, options.biasConstraint, op);
  }

  /** Makes the weights other than the bias. */
  protected abstract makeKernels(channels: number): void;

  /** The convolution of a batch, channels last. */
  protected abstract convolve(x: Tensor): Tensor;

  /** The output's channels for an input's. */
  protected outChannels(_inputs: number | null): number | null {
    return this.filters;
  }

  /** The output's size along an axis for an input's. */
  protected outputSize(size: number, axis: number): number {
    const [filter, stride, dilation] = [this.kernelSize[axis]!, this.strides[axis]!, this.dilationRate[axis]!];
    const pad =
      this.padding === 'causal' ? ([(filter - 1) * dilation, 0] as const) : (this.padding as 'valid' | 'same');
    return windowsAlong(size, filter, stride, dilation, pad, undefined, this.name).count;
  }

  protected override shapeFor([batch, ...sizes]: LayerShape): LayerShape {
    const space = sizes.slice(0, -1).map((size, axis) => (size === null ? null : this.outputSize(size, axis)));
    return [batch!, ...space, this.outChannels(sizes.at(-1)!)];
  }

  override build(inputShape: LayerShape): void {
    const channels = this.channelsLast(inputShape).at(-1);
    if (channels === null || channels === undefined) {
      throw new RangeError(`${this.name}: needs inputs of known channels, got ${showLayerShape(inputShape)}`);
    }
    this.channels = channels;
    this.makeKernels(channels);
    if (!this.useBias) return;
    this.bias = this.makeWeight('bias', [this.outChannels(channels)!], this.biasSpec);
  }

  protected override transform(x: Tensor): Tensor {
    if (x.shape.at(-1) !== this.channels) {
      throw new RangeError(`${this.name}: needs inputs of ${this.channels} channels, got ${showShape(x.shape)}`);
    }
    const y = this.convolve(x);
    return this.activation(this.bias ? add(y, this.bias) : y);
  }
}
