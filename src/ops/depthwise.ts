// Depthwise convolutions: each input channel is convolved with filters of its own. The convolution and its two gradients
// are each the derivative of the others: that is all there is to any order of derivative.

import type { TensorLike } from '../convert.js';
import type { FloatType } from '../dtype.js';
import { allocate, release } from '../memory.js';
import type { ShapeMap } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { conv } from '../wasm/kernels.js';
import { fill } from './creation.js';
import { scoped } from './dispatch.js';
import { type DataFormat, type Padding, type Pair, type RoundingMode, type Windows, windowsOf } from './geometry.js';
import { checkRank, convertImage, onImages } from './images.js';
import { broadcastTo, reshape } from './transform.js';

/** Images of `channels` channels, and one filter for each. */
interface Geometry {
  batch: number;
  height: Windows;
  width: Windows;
  channels: number;
}

const shapeOfX = (g: Geometry) => [g.batch, g.height.size, g.width.size, g.channels];
const shapeOfY = (g: Geometry) => [g.batch, g.height.count, g.width.count, g.channels];
const shapeOfFilter = (g: Geometry) => [g.height.filter, g.width.filter, g.channels, 1];

type Sizes = Parameters<typeof conv.float32.depthwiseConv2d> extends [number, number, number, ...infer N] ? N : never;

/** The geometry as kernels take it. */
const sizesOf = ({ batch, height: h, width: w, channels }: Geometry): Sizes => [
  ...([batch, h.size, w.size, channels, h.count, w.count, h.filter, w.filter] as const),
  ...([h.stride, w.stride, h.dilation, w.dilation, h.before, w.before] as const),
];

/** y[n, i, j, c] = Σ x[n, i · stride + fh · dilation − pad, ..., c] · w[fh, fw, c] in the order fh, fw. */
function forward(x: Tensor, w: Tensor, g: Geometry): Tensor {
  const y = empty(shapeOfY(g), x.dtype);
  const { depthwiseConv2d } = conv[x.dtype as FloatType];
  if (y.size > 0) depthwiseConv2d(x.storage.address, w.storage.address, y.storage.address, ...sizesOf(g));
  return record(y, [x, w], [(dy) => gradInput(dy, w, g), (dy) => gradFilter(x, dy, g)], [x, w]);
}

/** The cotangent of the input. */
function gradInput(dy: Tensor, w: Tensor, g: Geometry): Tensor {
  const dx = empty(shapeOfX(g), w.dtype);
  const { depthwiseConv2dGradInput } = conv[w.dtype as FloatType];
  if (dx.size > 0) depthwiseConv2dGradInput(dy.storage.address, w.storage.address, dx.storage.address, ...sizesOf(g));
  return record(dx, [dy, w], [(d) => forward(d, w, g), (d) => gradFilter(d, dy, g)], [dy, w]);
}

/** The cotangent of the filter. */
function gradFilter(x: Tensor, dy: Tensor, g: Geometry): Tensor {
  let dw: Tensor;
  if (dy.size === 0) dw = fill(shapeOfFilter(g), 0, x.dtype);
  else {
    dw = empty(shapeOfFilter(g), x.dtype);
    const scratch = allocate(dw.dataBytes, 'the scratch of a depthwise convolution');
    const { depthwiseConv2dGradFilter } = conv[x.dtype as FloatType];
    depthwiseConv2dGradFilter(x.storage.address, dy.storage.address, dw.storage.address, scratch, ...sizesOf(g));
    release(scratch, dw.dataBytes);
  }
  return record(dw, [x, dy], [(d) => gradInput(dy, d, g), (d) => forward(x, d, g)], [x, dy]);
}

/** Each channel `times` times, side by side. */
function repeatChannels(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const shape = [...x.shape.slice(0, -1), x.shape.at(-1)! * times];
  return reshape(broadcastTo(reshape(x, [...x.shape, 1]), [...x.shape, times]), shape);
}

/**
 * The convolution of each channel of images with its own `channelMultiplier` filters. Each output is one sum in the
 * order of its filter, bit for bit what the plain loop gives; what lies in the padding counts for nothing.
 *
 * @param x - [batch, height, width, inChannels], or without the batch; a float dtype
 * @param filter - [filterHeight, filterWidth, inChannels, channelMultiplier]
 * @param strides - how far apart windows lie: [down, right], or one number for both
 * @param pad - 'valid': windows stay inside; 'same': as many windows as elements, divided by the strides; a number of
 * elements on every side; or [before, after] for each axis
 * @param dataFormat - 'NHWC', or 'NCHW' with channels before height and width in x and the result
 * @param dilations - how far apart a filter's elements meet the image; above 1 only with strides of 1
 * @param dimRoundingMode - how a window that fits only in part counts, for padding in numbers: cut off if absent
 * @returns [batch, outHeight, outWidth, inChannels · channelMultiplier]
 * @throws TypeError for tensors that are not of floats; TypeError or RangeError for other ranks, channels that differ,
 * bad sizes or padding, or if no window fits
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
    const [$x, $filter] = convertImage(x, filter, op);
    checkRank($filter, 4, 'filter', op);
    const [filterHeight, filterWidth, inChannels, multiplier] = $filter.shape as ShapeMap['R4'];
    return onImages<T>($x, dataFormat, op, (images) => {
      const [batch, inHeight, inWidth, given] = images.shape as ShapeMap['R4'];
      if (given !== inChannels) {
        throw new RangeError(
          `Error in ${op}: number of input channels (${given}) must match the inChannels dimension in filter ${inChannels}.`,
        );
      }
      const [height, width] = windowsOf(
        [inHeight, inWidth],
        [filterHeight, filterWidth],
        strides,
        dilations ?? 1,
        pad,
        dataFormat,
        dimRoundingMode,
        op,
      );
      const channels = inChannels * multiplier;
      const w = reshape($filter, [filterHeight, filterWidth, channels, 1]);
      return forward(repeatChannels(images, multiplier), w, { batch, height, width, channels });
    });
  });
}
