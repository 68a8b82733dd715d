// Pools: the maximum or the mean of each window of an image, and their derivatives of any order. What lies in the
// padding counts for nothing.

import { convert, type TensorLike } from '../convert.js';
import { isFloat } from '../dtype.js';
import { type ShapeMap, sizeOf } from '../shape.js';
import { record, withoutTapes } from '../tape.js';
import { empty, type Tensor, type Tensor4D } from '../tensor.js';
import { conv } from '../wasm/kernels.js';
import { range } from './creation.js';
import { castTo, kernel, scoped } from './dispatch.js';
import {
  type Padding,
  type Pair,
  paddingOf,
  type RoundingMode,
  toSizes,
  type Windows,
  windowsAlong,
  windowsOf,
} from './geometry.js';
import { checkRank, convertFloats, onImages } from './images.js';
import { broadcastTo, reshape } from './transform.js';

/** A number for all axes of a volume, or [depth, height, width]. */
type Triple = number | readonly number[];

/** From which images, by which windows. */
interface Pool {
  batch: number;
  height: Windows;
  width: Windows;
  channels: number;
}

const shapeOfX = (g: Pool) => [g.batch, g.height.size, g.width.size, g.channels];
const shapeOfY = (g: Pool) => [g.batch, g.height.count, g.width.count, g.channels];

/** A new tensor of `shape`, computed by a kernel. */
function run(name: Parameters<typeof conv.op>[0], inputs: readonly Tensor[], shape: number[], g: Pool): Tensor {
  const { height: h, width: w } = g;
  const y = empty(shape, inputs[0]!.dtype);
  if (y.size === 0) return y;
  kernel(conv.op(name), y.dtype)(
    ...inputs.map((x) => x.storage.address),
    y.storage.address,
    ...[g.batch, h.size, w.size, g.channels, h.count, w.count, h.filter, w.filter],
    ...[h.stride, w.stride, h.dilation, w.dilation, h.before, w.before],
  );
  return y;
}

/** The greatest of each window. */
function greatest(x: Tensor, g: Pool): Tensor {
  return record(run('maxPool', [x], shapeOfY(g), g), [x], [(dy) => greatestGrad(x, dy, g)], [x]);
}

/** Each window's dy at its first maximum. */
function greatestGrad(x: Tensor, dy: Tensor, g: Pool): Tensor {
  const dx = run('maxPoolGrad', [x, dy], shapeOfX(g), g);
  return record(dx, [x, dy], [null, (d) => atGreatest(x, d, g)], [x]);
}

/** What d has where x has each window's first maximum. */
function atGreatest(x: Tensor, d: Tensor, g: Pool): Tensor {
  const y = run('maxPoolPick', [x, d], shapeOfY(g), g);
  return record(y, [x, d], [null, (dy) => greatestGrad(x, dy, g)], [x]);
}

/** The mean of each window. */
function means(x: Tensor, g: Pool): Tensor {
  return record(run('avgPool', [x], shapeOfY(g), g), [x], [(dy) => meansGrad(dy, g)], []);
}

/** Each window's dy in equal parts. */
function meansGrad(dy: Tensor, g: Pool): Tensor {
  return record(run('avgPoolGrad', [dy], shapeOfX(g), g), [dy], [(d) => means(d, g)], []);
}

const POOLS = { max: greatest, avg: means };

/** Whole numbers are pooled as float64, which holds every int32. */
function pooled(kind: keyof typeof POOLS, x: Tensor, g: Pool): Tensor {
  return castTo(POOLS[kind](isFloat(x.dtype) ? x : castTo(x, 'float64'), g), x.dtype);
}

/** The windows of images [batch, height, width, channels]. */
function poolOf(
  x: Tensor,
  filterSize: Pair,
  strides: Pair,
  dilations: Pair,
  pad: Padding,
  mode: RoundingMode | undefined,
  op: string,
): Pool {
  const [batch, inHeight, inWidth, channels] = x.shape as ShapeMap['R4'];
  const filter = toSizes(filterSize, 2, 'filterSize', `Error in ${op}`);
  const [height, width] = windowsOf([inHeight, inWidth], filter, strides, dilations, pad, 'NHWC', mode, op);
  return { batch, height, width, channels };
}

function poolImages<T extends Tensor>(
  kind: keyof typeof POOLS,
  x: Tensor | TensorLike,
  filterSize: Pair,
  strides: Pair,
  dilations: Pair,
  pad: Padding,
  mode: RoundingMode | undefined,
  op: string,
): T {
  return scoped(() => {
    const $x = kind === 'avg' ? convertFloats(x, 'x', op) : convert(x, 'x', op);
    return onImages<T>($x, 'NHWC', op, (images) =>
      pooled(kind, images, poolOf(images, filterSize, strides, dilations, pad, mode, op)),
    );
  });
}

/**
 * The greatest element of each window, for each channel. NaN are passed over, as in TensorFlow.js; the gradient goes to
 * the first of equals.
 *
 * @param x - [batch, height, width, channels], or without the batch
 * @param filterSize - the window: [height, width], or one number for both
 * @param strides - how far apart windows lie: [down, right], or one number for both
 * @param pad - 'valid': windows stay inside; 'same': as many windows as elements, divided by the strides; a number of
 * elements on every side; or [[0, 0], [top, bottom], [left, right], [0, 0]]
 * @param dimRoundingMode - how a window that fits only in part counts, for padding in numbers: cut off if absent
 * @returns [batch, outHeight, outWidth, channels], of x's dtype
 * @throws TypeError or RangeError for another rank, for bad sizes or padding, or if no window fits
 * @example
 * maxPool(tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4, 1]), 2, 2, 'valid').flatten().print();  // [6, 8]
 */
export function maxPool<T extends Tensor>(
  x: T | TensorLike,
  filterSize: Pair,
  strides: Pair,
  pad: Padding,
  dimRoundingMode?: RoundingMode,
): T {
  return poolImages('max', x, filterSize, strides, 1, pad, dimRoundingMode, 'maxPool');
}

/**
 * The mean of each window, for each channel, over those of its elements that lie inside the image.
 *
 * @param x - [batch, height, width, channels], or without the batch; a float dtype
 * @param filterSize - as for {@link maxPool}, as are the other arguments
 * @returns [batch, outHeight, outWidth, channels]
 * @throws TypeError for a tensor that is not of floats; TypeError and RangeError as maxPool does
 * @example
 * avgPool(tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4, 1]), 2, 2, 'valid').flatten().print();  // [3.5, 5.5]
 */
export function avgPool<T extends Tensor>(
  x: T | TensorLike,
  filterSize: Pair,
  strides: Pair,
  pad: Padding,
  dimRoundingMode?: RoundingMode,
): T {
  return poolImages('avg', x, filterSize, strides, 1, pad, dimRoundingMode, 'avgPool');
}

/**
 * {@link maxPool} or {@link avgPool}, whose windows may have gaps.
 *
 * @param input - [batch, height, width, channels], or without the batch
 * @param windowShape - [height, width], or one number for both
 * @param dilations - how far apart a window's elements lie; above 1 only with strides of 1
 * @param strides - how far apart windows lie
 * @returns [batch, outHeight, outWidth, channels]
 * @throws TypeError and RangeError as maxPool does, RangeError for another pooling type or strides beside dilations
 * @differs from TensorFlow.js, which pools zeros too where it pads a window with gaps (for 'same') or leaves padding out (for
 *   a number): here padding always counts for nothing
 * @example
 * pool(tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4, 1]), [1, 2], 'max', 'valid', 2).flatten().print();  // [3, 4, 7, 8]
 */
export function pool<T extends Tensor>(
  input: T | TensorLike,
  windowShape: Pair,
  poolingType: 'avg' | 'max',
  pad: Padding,
  dilations?: Pair | null,
  strides?: Pair | null,
  dimRoundingMode?: RoundingMode,
): T {
  if (!Object.hasOwn(POOLS, poolingType)) {
    throw new RangeError(`Error in pool: poolingType must be 'avg' or 'max', got '${poolingType}'.`);
  }
  return poolImages(poolingType, input, windowShape, strides ?? 1, dilations ?? 1, pad, dimRoundingMode, 'pool');
}

/**
 * {@link maxPool}, and where each maximum lies: its index among the elements of its image, flattened.
 *
 * @param x - [batch, height, width, channels]
 * @param includeBatchInIndex - whether indices count through the whole batch
 * @returns the result, and int32 indexes of the same shape
 * @throws TypeError and RangeError as maxPool does
 * @example
 * const { indexes } = maxPoolWithArgmax(tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1]), 2, 2, 'valid');
 * indexes.flatten().print();  // [5, 7]
 */
export function maxPoolWithArgmax<T extends Tensor4D>(
  x: T | TensorLike,
  filterSize: Pair,
  strides: Pair,
  pad: Padding,
  includeBatchInIndex = false,
): { result: T; indexes: Tensor4D<'int32'> } {
  const op = 'maxPoolWithArgmax';
  const [result, indexes] = scoped(() => {
    const $x = convert(x, 'x', op);
    checkRank($x, 4, 'input', op);
    const g = poolOf($x, filterSize, strides, 1, pad, undefined, op);
    const places = withoutTapes(() => {
      const image = [includeBatchInIndex ? g.batch : 1, ...$x.shape.slice(1)];
      const own = reshape(range(0, sizeOf(image), 1, 'float64'), image);
      return castTo(atGreatest(castTo($x, 'float64'), broadcastTo(own, $x.shape), g), 'int32');
    });
    return [pooled('max', $x, g), places];
  }) as [T, Tensor4D<'int32'>];
  return { result, indexes };
}

/** A pool of volumes is one of their slices, then one of the slices' results. */
function poolVolumes<T extends Tensor>(
  kind: keyof typeof POOLS,
  x: Tensor | TensorLike,
  filterSize: Triple,
  strides: Triple,
  pad: 'valid' | 'same' | number,
  mode: RoundingMode | undefined,
  dataFormat: string,
  op: string,
): T {
  return scoped(() => {
    const $x = kind === 'avg' ? convertFloats(x, 'x', op) : convert(x, 'x', op);
    const volumes = $x.rank === 4 ? reshape($x, [1, ...$x.shape]) : $x;
    checkRank(volumes, 5, 'x', op);
    if (dataFormat !== 'NDHWC') {
      throw new RangeError(`Error in ${op}: Only NDHWC is currently supported, but got dataFormat of ${dataFormat}`);
    }
    if (typeof pad === 'object') {
      throw new RangeError(`Error in ${op}: pad must be 'valid', 'same' or a number, got ${JSON.stringify(pad)}.`);
    }
    const [batch, inDepth, inHeight, inWidth, channels] = volumes.shape as ShapeMap['R5'];
    const filter = toSizes(filterSize, 3, 'filterSize', `Error in ${op}`);
    const stride = toSizes(strides, 3, 'strides', `Error in ${op}`);
    const [padding] = paddingOf(pad, 'NHWC', mode, op);
    const [depth, height, width] = [inDepth, inHeight, inWidth].map((size, axis) =>
      windowsAlong(size, filter[axis]!, stride[axis]!, 1, padding, mode, op),
    ) as [Windows, Windows, Windows];
    const area = height.count * width.count;
    const column = { size: area, filter: 1, stride: 1, dilation: 1, before: 0, count: area };
    const ofSlices = { batch: batch * inDepth, height, width, channels };
    const slices = pooled(kind, reshape(volumes, shapeOfX(ofSlices)), ofSlices);
    const acrossSlices = { batch, height: depth, width: column, channels };
    const y = pooled(kind, reshape(slices, shapeOfX(acrossSlices)), acrossSlices);
    const shape = [depth.count, height.count, width.count, channels];
    return reshape(y, $x.rank === 4 ? shape : [batch, ...shape]) as T;
  });
}

/**
 * The greatest element of each window of volumes, for each channel.
 *
 * @param x - [batch, depth, height, width, channels], or without the batch
 * @param filterSize - the window: [depth, height, width], or one number for all
 * @param strides - how far apart windows lie
 * @param pad - 'valid', 'same', or a number, as for {@link maxPool}
 * @param dataFormat - 'NDHWC', the only one
 * @returns [batch, outDepth, outHeight, outWidth, channels], of x's dtype
 * @throws TypeError and RangeError as maxPool does
 * @example
 * maxPool3d(tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]), 2, 2, 'valid').print();  // [[[[8]]]]
 */
export function maxPool3d<T extends Tensor>(
  x: T | TensorLike,
  filterSize: Triple,
  strides: Triple,
  pad: 'valid' | 'same' | number,
  dimRoundingMode?: RoundingMode,
  dataFormat = 'NDHWC',
): T {
  return poolVolumes('max', x, filterSize, strides, pad, dimRoundingMode, dataFormat, 'maxPool3d');
}

/**
 * The mean of each window of volumes, for each channel, over those of its elements that lie inside.
 *
 * @param x - [batch, depth, height, width, channels], or without the batch; a float dtype
 * @param filterSize - as for {@link maxPool3d}, as are the other arguments
 * @returns [batch, outDepth, outHeight, outWidth, channels]
 * @throws TypeError for a tensor that is not of floats; TypeError and RangeError as maxPool does
 * @example
 * avgPool3d(tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]), 2, 2, 'valid').print();  // [[[[4.5]]]]
 */
export function avgPool3d<T extends Tensor>(
  x: T | TensorLike,
  filterSize: Triple,
  strides: Triple,
  pad: 'valid' | 'same' | number,
  dimRoundingMode?: RoundingMode,
  dataFormat = 'NDHWC',
): T {
  return poolVolumes('avg', x, filterSize, strides, pad, dimRoundingMode, dataFormat, 'avgPool3d');
}
