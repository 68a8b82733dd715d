// Convolutions of images. One geometry is shared by a convolution and its two gradients, and each of the three is the
// derivative of the others: that is all there is to any order of derivative. Images are [batch, height, width, channels].

import type { TensorLike } from '../convert.js';
import type { FloatType } from '../dtype.js';
import { allocate, release } from '../memory.js';
import { checkShape, type ShapeMap, sameShape, showShape, sizeOf } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { parts } from '../wasm/crew.js';
import { conv } from '../wasm/kernels.js';
import { fill } from './creation.js';
import { scoped } from './dispatch.js';
import {
  checkDataFormat,
  type DataFormat,
  type Padding,
  type Pair,
  type RoundingMode,
  type Windows,
  windowsOf,
} from './geometry.js';
import { checkRank, convertImage, onImages } from './images.js';
import { slice } from './slicing.js';
import { expandDims, reshape, squeeze } from './transform.js';

/** What a convolution goes from, by and to. */
interface Geometry {
  batch: number;
  height: Windows;
  width: Windows;
  inChannels: number;
  outChannels: number;
  groups: number;
}

const shapeOfX = (g: Geometry) => [g.batch, g.height.size, g.width.size, g.inChannels];
const shapeOfY = (g: Geometry) => [g.batch, g.height.count, g.width.count, g.outChannels];
const shapeOfFilter = (g: Geometry) => [g.height.filter, g.width.filter, g.inChannels / g.groups, g.outChannels];

const PASSES = ['conv2d', 'conv2dGradFilter', 'conv2dGradInput'] as const;

/** The geometry as the kernels take it: all but the kernel's first argument of the call that asks for scratch. */
type Sizes = Parameters<typeof conv.float32.conv2dScratch> extends [number, ...infer N] ? N : never;

const sizesOf = ({ batch, height: h, width: w, inChannels, outChannels, groups }: Geometry): Sizes => [
  ...([batch, h.size, w.size, inChannels, h.count, w.count, outChannels, h.filter, w.filter] as const),
  ...([h.stride, w.stride, h.dilation, w.dilation, h.before, w.before, groups] as const),
];

/** A new tensor of `shape`, computed by one of the three kernels. */
function run(pass: (typeof PASSES)[number], a: Tensor, b: Tensor, shape: number[], g: Geometry): Tensor {
  if (a.size === 0 || b.size === 0 || sizeOf(shape) === 0) return fill(shape, 0, a.dtype);
  const sizes = sizesOf(g);
  const family = conv[a.dtype as FloatType];
  const y = empty(shape, a.dtype);
  const bytes = parts() * family.conv2dScratch(PASSES.indexOf(pass), ...sizes);
  const scratch = bytes > 0 ? allocate(bytes, 'the scratch of a convolution') : 0;
  family[pass](a.storage.address, b.storage.address, y.storage.address, scratch, ...sizes);
  if (bytes > 0) release(scratch, bytes);
  return y;
}

/** y[n, i, j, o] = Σ x[n, i · stride + fh · dilation − pad, ..., c] · w[fh, fw, c, o] in the order fh, fw, c. */
function forward(x: Tensor, w: Tensor, g: Geometry): Tensor {
  return record(
    run('conv2d', x, w, shapeOfY(g), g),
    [x, w],
    [(dy) => gradInput(dy, w, g), (dy) => gradFilter(x, dy, g)],
    [x, w],
  );
}

/** The cotangent of the filter. */
function gradFilter(x: Tensor, dy: Tensor, g: Geometry): Tensor {
  return record(
    run('conv2dGradFilter', x, dy, shapeOfFilter(g), g),
    [x, dy],
    [(d) => gradInput(dy, d, g), (d) => forward(x, d, g)],
    [x, dy],
  );
}

/** The cotangent of the input, which is also the transposed convolution of dy. */
function gradInput(dy: Tensor, w: Tensor, g: Geometry): Tensor {
  return record(
    run('conv2dGradInput', dy, w, shapeOfX(g), g),
    [dy, w],
    [(d) => forward(d, w, g), (d) => gradFilter(d, dy, g)],
    [dy, w],
  );
}

/** The convolution of x, [batch, height, width, inChannels], with w, [height, width, inChannels / groups, outChannels]. */
function convolve(
  x: Tensor,
  w: Tensor,
  strides: Pair,
  pad: Padding,
  dataFormat: DataFormat,
  dilations: Pair,
  dimRoundingMode: RoundingMode | undefined,
  groups: number,
  op: string,
): Tensor {
  const [batch, inHeight, inWidth, inChannels] = x.shape as ShapeMap['R4'];
  const [filterHeight, filterWidth, depth, outChannels] = w.shape as ShapeMap['R4'];
  if (!Number.isSafeInteger(groups) || groups < 1 || outChannels % groups !== 0) {
    throw new RangeError(`Error in ${op}: groups must divide the ${outChannels} output channels, got ${groups}.`);
  }
  if (inChannels !== depth * groups) {
    const times = groups === 1 ? '' : ` times ${groups} groups`;
    throw new RangeError(
      `Error in ${op}: depth of input (${inChannels}) must match input depth for filter ${depth}${times}.`,
    );
  }
  const [height, width] = windowsOf(
    [inHeight, inWidth],
    [filterHeight, filterWidth],
    strides,
    dilations,
    pad,
    dataFormat,
    dimRoundingMode,
    op,
  );
  return forward(x, w, { batch, height, width, inChannels, outChannels, groups });
}

/**
 * The convolution (cross-correlation) of images with a filter. Each output is one sum in the order of the filter's
 * rows, columns and channels; what lies outside the image counts for nothing.
 *
 * @param x - [batch, height, width, inChannels], or without the batch; a float dtype
 * @param filter - [filterHeight, filterWidth, inChannels / groups, outChannels]
 * @param strides - how far apart windows lie: a number or [height, width]
 * @param pad - 'valid', 'same', a number for all sides, or [[0, 0], [top, bottom], [left, right], [0, 0]]
 * @param dataFormat - 'NCHW' where x's and y's channels come before the height
 * @param dilations - how far apart a window's taps lie; above 1 only with strides of 1
 * @param dimRoundingMode - how a window counts that a numeric or explicit padding fits only in part; absent: not
 * @param groups - into how many groups channels are divided: each group of outputs sees only its group of inputs
 * @returns [batch, outHeight, outWidth, outChannels]
 * @throws TypeError for int32 and bool tensors, RangeError for other ranks, for channels that differ from the filter's,
 * for windows that do not fit
 * @example
 * const x = tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
 * conv2d(x, ones([2, 2, 1, 1]), 1, 'valid').reshape([2, 2]).print();  // [[12, 16], [24, 28]]
 */
export function conv2d<T extends Tensor>(
  x: T | TensorLike,
  filter: Tensor | TensorLike,
  strides: Pair,
  pad: Padding,
  dataFormat: DataFormat = 'NHWC',
  dilations: Pair = 1,
  dimRoundingMode?: RoundingMode,
  groups = 1,
): T {
  return scoped(() => {
    const [$x, w] = convertImage(x, filter, 'conv2d');
    checkRank(w, 4, 'filter', 'conv2d');
    checkDataFormat(dataFormat, 'conv2d');
    return onImages<T>($x, dataFormat, 'conv2d', (image) =>
      convolve(image, w, strides, pad, dataFormat, dilations, dimRoundingMode, groups, 'conv2d'),
    );
  }) as T;
}

/**
 * The convolution of sequences with a filter: {@link conv2d} of images one row high.
 *
 * @param x - [batch, width, inChannels], or without the batch; a float dtype
 * @param filter - [filterWidth, inChannels / groups, outChannels]
 * @param stride - how far apart windows lie
 * @param pad - 'valid', 'same', a number for both ends, or [[0, 0], [0, 0], [left, right], [0, 0]]
 * @param dataFormat - 'NWC', the only one
 * @param dilation - how far apart a window's taps lie; above 1 only with a stride of 1
 * @returns [batch, outWidth, outChannels]
 * @throws as conv2d does
 * @example
 * conv1d(tensor2d([1, 2, 3, 4], [4, 1]), ones([2, 1, 1]), 1, 'valid').flatten().print();  // [3, 5, 7]
 */
export function conv1d<T extends Tensor>(
  x: T | TensorLike,
  filter: Tensor | TensorLike,
  stride: number,
  pad: Padding,
  dataFormat: 'NWC' | 'NCW' = 'NWC',
  dilation = 1,
  dimRoundingMode?: RoundingMode,
  groups = 1,
): T {
  return scoped(() => {
    const [$x, w] = convertImage(x, filter, 'conv1d');
    const batch = $x.rank === 2 ? reshape($x, [1, ...$x.shape]) : $x;
    checkRank(batch, 3, 'input', 'conv1d');
    checkRank(w, 3, 'filter', 'conv1d');
    if (dataFormat !== 'NWC') {
      throw new RangeError(`Error in conv1d: got dataFormat of ${dataFormat} but only NWC is currently supported.`);
    }
    // Images one row high: a number is padded at both ends of the row, and nothing above and below it.
    const none = [0, 0];
    const around = typeof pad === 'number' ? [none, none, [pad, pad], none] : pad;
    const [rows, filters] = [expandDims(batch, 1), expandDims(w, 0)];
    const y = convolve(rows, filters, [1, stride], around, 'NHWC', [1, dilation], dimRoundingMode, groups, 'conv1d');
    if (y.shape[1] !== 1) throw new RangeError(`Error in conv1d: pad must be [0, 0] for the second axis, got ${pad}.`);
    return squeeze(y, $x.rank === 2 ? [0, 1] : [1]);
  }) as T;
}

/**
 * The transposed convolution: the gradient of {@link conv2d} with respect to its input, which spreads each element of x
 * over a window of the output.
 *
 * @param x - [batch, height, width, inChannels], or without the batch; a float dtype
 * @param filter - [filterHeight, filterWidth, outChannels, inChannels]
 * @param outputShape - [batch, outHeight, outWidth, outChannels], or without the batch as x is; a convolution of it
 * with these strides and padding has x's shape, or, as in TensorFlow.js, a smaller one: the rest of x is not used then
 * @param strides - how far apart windows lie: a number or [height, width]
 * @param pad - as for the convolution
 * @throws TypeError for int32 and bool tensors, RangeError for other ranks or where the shapes do not agree
 * @example
 * const x = tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * conv2dTranspose(x, ones([2, 2, 1, 1]), [1, 3, 3, 1], 1, 'valid').reshape([3, 3]).print();
 * // [[1, 3, 2], [4, 10, 6], [3, 7, 4]]
 */
export function conv2dTranspose<T extends Tensor>(
  x: T | TensorLike,
  filter: Tensor | TensorLike,
  outputShape: readonly number[],
  strides: Pair,
  pad: Padding,
  dimRoundingMode?: RoundingMode,
): T {
  const op = 'conv2dTranspose';
  return scoped(() => {
    const [$x, w] = convertImage(x, filter, op);
    checkRank(w, 4, 'filter', op);
    checkShape(outputShape, op);
    if (outputShape.length !== $x.rank) {
      throw new RangeError(`Error in ${op}: outputShape must have rank ${$x.rank} as x has, got [${outputShape}].`);
    }
    return onImages<T>($x, 'NHWC', op, (dy) => {
      const [batch, outHeight, outWidth, depth] = dy.shape as ShapeMap['R4'];
      const [filterHeight, filterWidth, inChannels, outChannels] = w.shape as ShapeMap['R4'];
      const [n, inHeight, inWidth, channels] = ($x.rank === 3 ? [1, ...outputShape] : outputShape) as ShapeMap['R4'];
      if (channels !== inChannels || depth !== outChannels) {
        throw new RangeError(
          `Error in ${op}: depths of output (${channels}) and input (${depth}) must match those of filter ${showShape(w.shape)}.`,
        );
      }
      const [height, width] = windowsOf(
        [inHeight, inWidth],
        [filterHeight, filterWidth],
        strides,
        1,
        pad,
        'NHWC',
        dimRoundingMode,
        op,
      );
      if (n !== batch || height.count > outHeight || width.count > outWidth) {
        throw new RangeError(
          `Error in ${op}: a convolution of outputShape [${outputShape}] gives [${[n, height.count, width.count, depth]}], but x has ${showShape(dy.shape)}.`,
        );
      }
      const used = [batch, height.count, width.count, depth];
      return gradInput(sameShape(used, dy.shape) ? dy : slice(dy, [0, 0, 0, 0], used), w, {
        batch,
        height,
        width,
        inChannels,
        outChannels,
        groups: 1,
      });
    });
  }) as T;
}
