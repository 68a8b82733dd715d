// Depthwise convolutions: each input channel is convolved with filters of its own.

import type { TensorLike } from '../convert.js';
import type { Tensor } from '../tensor.js';
import { checkRank, conv2d, convertImage } from './convolution.js';
import { scoped } from './dispatch.js';
import type { DataFormat, Padding, Pair, RoundingMode } from './geometry.js';
import { reshape } from './transform.js';

/**
 * The convolution of each channel of images with its own `channelMultiplier` filters: {@link conv2d} in as many groups
 * as there are channels.
 *
 * @param x - [batch, height, width, inChannels], or without the batch; a float dtype
 * @param filter - [filterHeight, filterWidth, inChannels, channelMultiplier]
 * @param strides - as for conv2d, as are the other arguments
 * @returns [batch, outHeight, outWidth, inChannels · channelMultiplier]
 * @throws TypeError and RangeError as conv2d does
 * @example
 * const x = tensor4d([1, 10, 2, 20], [1, 2, 1, 2]);
 * depthwiseConv2d(x, ones([2, 1, 2, 1]), 1, 'valid').flatten().print();  // [3, 30]
 */
export function depthwiseConv2d<T extends Tensor>(
  x: T | TensorLike,
  filter: Tensor | TensorLike,
  strides: Pair,
  pad: Padding,
  dataFormat: DataFormat = 'NHWC',
  dilations: Pair | null = 1,
  dimRoundingMode?: RoundingMode,
): T {
  const op = 'depthwiseConv2d';
  return scoped(() => {
    const [$x, w] = convertImage(x, filter, op);
    if ($x.rank !== 3) checkRank($x, 4, 'input', op);
    checkRank(w, 4, 'filter', op);
    const channels = $x.shape.at(dataFormat === 'NCHW' ? -3 : -1)!;
    const [height, width, inChannels, multiplier] = w.shape as [number, number, number, number];
    if (channels !== inChannels) {
      throw new RangeError(
        `Error in ${op}: number of input channels (${channels}) must match the inChannels dimension in filter ${inChannels}.`,
      );
    }
    const grouped = reshape(w, [height, width, 1, inChannels * multiplier]);
    return conv2d($x, grouped, strides, pad, dataFormat, dilations ?? 1, dimRoundingMode, channels);
  }) as T;
}
