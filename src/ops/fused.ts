// What TensorFlow.js keeps in its namespace `fused`: a product or convolution, a bias and an activation in one call.
// Here they are the same ops one after the other, under TensorFlow.js's names.

import { convert, type TensorLike } from '../convert.js';
import type { Tensor } from '../tensor.js';
import { elu, leakyRelu, prelu, relu, relu6, sigmoid } from './activation.js';
import { add } from './arithmetic.js';
import { conv2d as plainConv2d } from './convolution.js';
import { depthwiseConv2d as plainDepthwiseConv2d } from './depthwise.js';
import { scoped } from './dispatch.js';
import type { DataFormat, Padding, Pair, RoundingMode } from './geometry.js';
import { matMul as plainMatMul } from './matmul.js';
import { reshape } from './transform.js';

/** What follows a product or a convolution. */
export interface Epilogue {
  /** Broadcast to the result and added. */
  bias?: Tensor | TensorLike;
  /** 'linear' if absent. */
  activation?: 'linear' | 'relu' | 'relu6' | 'elu' | 'prelu' | 'leakyrelu' | 'sigmoid';
  /** The slopes of 'prelu', broadcast to the result. */
  preluActivationWeights?: Tensor | TensorLike;
  /** The slope of 'leakyrelu'; 0.2 if absent. */
  leakyreluAlpha?: number;
}

/** What {@link matMul} takes: factors as for the op of that name, and what follows. */
export interface MatMulOptions extends Epilogue {
  /** [..., m, k], or [..., k, m] if transposeA. */
  a: Tensor | TensorLike;
  /** [..., k, n], or [..., n, k] if transposeB. */
  b: Tensor | TensorLike;
  /** Whether a's last two axes are exchanged; false if absent. */
  transposeA?: boolean;
  /** Whether b's last two axes are exchanged; false if absent. */
  transposeB?: boolean;
}

/** What {@link conv2d} and {@link depthwiseConv2d} take: arguments as for the ops of these names, and what follows. */
export interface Conv2dOptions extends Epilogue {
  /** [batch, height, width, channels], or without the batch; a float dtype. */
  x: Tensor | TensorLike;
  /** [height, width, inChannels, outChannels], for depthwiseConv2d [height, width, channels, multiplier]. */
  filter: Tensor | TensorLike;
  /** How far apart windows lie: a number, or [height, width]. */
  strides: Pair;
  /** What is padded: 'valid', 'same', a number, or [[0, 0], [top, bottom], [left, right], [0, 0]]. */
  pad: Padding;
  /** Where channels stand: 'NHWC' last, 'NCHW' after the batch; 'NHWC' if absent. */
  dataFormat?: DataFormat;
  /** How far apart a window's taps lie; 1 if absent. */
  dilations?: Pair;
  /** How a window that fits only in part counts; cut off if absent. */
  dimRoundingMode?: RoundingMode;
}

function finish(y: Tensor, options: Epilogue, op: string, dataFormat: DataFormat = 'NHWC'): Tensor {
  /** A vector is along the channels, which need not be the last axis. */
  const alongChannels = (x: Tensor | TensorLike | undefined, name: string) => {
    const z = convert(x, name, `fused ${op}`);
    return dataFormat === 'NCHW' && z.rank === 1 ? reshape(z, [-1, 1, 1]) : z;
  };
  const { bias, activation = 'linear', preluActivationWeights, leakyreluAlpha = 0.2 } = options;
  const z = bias === undefined || bias === null ? y : add(y, alongChannels(bias, 'bias'));
  switch (activation ?? 'linear') {
    case 'linear':
      return z;
    case 'relu':
      return relu(z);
    case 'relu6':
      return relu6(z);
    case 'elu':
      return elu(z);
    case 'sigmoid':
      return sigmoid(z);
    case 'leakyrelu':
      return leakyRelu(z, leakyreluAlpha);
    case 'prelu':
      return prelu(z, alongChannels(preluActivationWeights, 'prelu weights'));
    default:
      throw new RangeError(`fused ${op}: Unknown fused activation ${activation}.`);
  }
}

/**
 * activation(a · b + bias).
 *
 * @throws as matMul, add and the activation do; RangeError for an unknown activation
 * @example
 * fused.matMul({ a: [[1, 2]], b: [[3], [-4]], bias: [1], activation: 'relu' }).print();  // [[0]]
 */
export function matMul<T extends Tensor = Tensor>(options: MatMulOptions): T {
  const { a, b, transposeA, transposeB } = options;
  return scoped(() => finish(plainMatMul(a, b, transposeA, transposeB), options, 'matMul')) as T;
}

/**
 * activation(conv2d(x, filter) + bias). With 'NCHW' a bias and slopes of one axis are along the channels.
 *
 * @throws as conv2d, add and the activation do; RangeError for an unknown activation
 * @example
 * const x = tensor3d([1, 2, 3, 4], [2, 2, 1]);
 * fused.conv2d({ x, filter: ones([2, 2, 1, 1]), strides: 1, pad: 'valid', bias: -7 }).flatten().print();  // [3]
 */
export function conv2d<T extends Tensor = Tensor>(options: Conv2dOptions): T {
  const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode } = options;
  return scoped(() => {
    const y = plainConv2d(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
    return finish(y, options, 'conv2d', dataFormat);
  }) as T;
}

/**
 * activation(depthwiseConv2d(x, filter) + bias).
 *
 * @throws as depthwiseConv2d, add and the activation do; RangeError for an unknown activation
 * @example
 * const x = tensor3d([1, 10, 2, 20, 3, 30, 4, 40], [2, 2, 2]);
 * const filter = ones([2, 2, 2, 1]);
 * fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'valid', bias: [-10, -90], activation: 'relu' }).print();
 * // [[[0, 10]]]
 */
export function depthwiseConv2d<T extends Tensor = Tensor>(options: Conv2dOptions): T {
  const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode } = options;
  return scoped(() => {
    const y = plainDepthwiseConv2d(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
    return finish(y, options, 'depthwiseConv2d', dataFormat);
  }) as T;
}
