// Separable convolutions: first within each channel, then across channels at each place.

import { convertPair, type TensorLike } from '../convert.js';
import type { Tensor } from '../tensor.js';
import { checkRank, conv2d } from './convolution.js';
import { depthwiseConv2d } from './depthwise.js';
import { scoped } from './dispatch.js';
import type { Padding, Pair } from './geometry.js';

/**
 * A {@link depthwiseConv2d}, then a convolution with windows of one element.
 *
 * @param x - [batch, height, width, inChannels], or without the batch; a float dtype
 * @param depthwiseFilter - [filterHeight, filterWidth, inChannels, channelMultiplier]
 * @param pointwiseFilter - [1, 1, inChannels · channelMultiplier, outChannels]
 * @param strides - of the first convolution, as are pad and dilation
 * @param dataFormat - 'NHWC', the only one
 * @returns [batch, outHeight, outWidth, outChannels]
 * @throws TypeError and RangeError as conv2d does
 * @example
 * const x = tensor4d([1, 10, 2, 20], [1, 2, 1, 2]);
 * separableConv2d(x, ones([2, 1, 2, 1]), tensor4d([1, 2], [1, 1, 2, 1]), 1, 'valid').flatten().print();  // [63]
 */
export function separableConv2d<T extends Tensor>(
  x: T | TensorLike,
  depthwiseFilter: Tensor | TensorLike,
  pointwiseFilter: Tensor | TensorLike,
  strides: Pair,
  pad: Padding,
  dilation: Pair = 1,
  dataFormat: 'NHWC' | 'NCHW' = 'NHWC',
): T {
  const op = 'separableConv2d';
  return scoped(() => {
    const [$x, depthwise] = convertPair(x, depthwiseFilter, op, ['x', 'depthwiseFilter']);
    const [, pointwise] = convertPair($x, pointwiseFilter, op, ['x', 'pointwiseFilter']);
    if (dataFormat !== 'NHWC') {
      throw new RangeError(`Error in ${op}: got dataFormat of ${dataFormat} but only NHWC is currently supported.`);
    }
    if ($x.rank !== 3) checkRank($x, 4, 'input', op);
    checkRank(depthwise, 4, 'depthwise filter', op);
    checkRank(pointwise, 4, 'pointwise filter', op);
    const needed = [1, 1, depthwise.shape[2]! * depthwise.shape[3]!];
    needed.forEach((n, i) => {
      if (pointwise.shape[i] === n) return;
      throw new RangeError(
        `Error in ${op}: the ${['first', 'second', 'third'][i]} dimension of pointwise filter must be ${n}, but got ${pointwise.shape[i]}.`,
      );
    });
    return conv2d(depthwiseConv2d($x, depthwise, strides, pad, 'NHWC', dilation), pointwise, 1, 'valid');
  }) as T;
}
