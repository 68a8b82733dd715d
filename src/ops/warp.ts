// Images moved: rotated, cropped, flipped, or under any projective transform. Each element of the result is read from
// where its place lies in the image, by one kernel; its gradient adds the element's cotangent there.

import { checkCount, checkFinite } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import { cos, sin } from '../scalar.js';
import { type Shape, showShape } from '../shape.js';
import { record } from '../tape.js';
import { empty, fromData, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../tensor.js';
import { image as kernels } from '../wasm/kernels.js';
import { add, div, mul, sub } from './arithmetic.js';
import { asFloat, castTo, kernel, scoped } from './dispatch.js';
import { convertFloats } from './images.js';
import { checkIndices, convertIndices } from './indices.js';
import { concat } from './joining.js';
import { slice } from './slicing.js';
import { reverse } from './transform.js';

/** How an element is read between the elements of an image. */
export type Interpolation = 'nearest' | 'bilinear';

/**
 * What lies beyond an image: one value (k k | a b c | k k), its mirror image (b a | a b c | c b), the image again
 * (b c | a b c | a b), or its outermost elements (a a | a b c | c c).
 */
export type FillMode = 'constant' | 'reflect' | 'wrap' | 'nearest';

/** The numbers by which the kernel knows them. */
const FILL_MODES = { constant: 0, reflect: 1, wrap: 2, nearest: 3 };
/** As 'constant', but that nothing is mixed with what is beyond. */
const CROP = 4;
const INTERPOLATIONS = { nearest: 0, bilinear: 1 };

function checkName(name: unknown, known: object, what: string, op: string): void {
  if (typeof name === 'string' && Object.hasOwn(known, name)) return;
  const names = Object.keys(known).join("', '");
  throw new RangeError(`${op}: ${what} must be one of '${names}', but got '${name}'.`);
}

/** @throws RangeError for another interpolation or fill mode */
export function checkReading(interpolation: unknown, fillMode: unknown, op: string): void {
  checkName(interpolation, INTERPOLATIONS, 'interpolation', op);
  checkName(fillMode, FILL_MODES, 'fillMode', op);
}

/** @throws RangeError unless it is [batch, height, width, channels] */
function checkImages(x: Tensor, op: string): void {
  if (x.rank !== 4) throw new RangeError(`Error in ${op}: image must be rank 4, but got rank ${x.rank}.`);
}

/** How images are read. */
interface Reading {
  /** For each output image its transform in float64, [outputs, 8], or one for all, [1, 8]. */
  transforms: Tensor;
  /** For each output image which image of the input it shows. */
  indices: Tensor;
  /** The height and width of an output image. */
  size: readonly number[];
  interpolation: Interpolation;
  /** What lies beyond. */
  mode: number;
}

/** The sizes and choices that both kernels end in. */
function tail(
  [, height, width, channels]: Shape,
  { transforms, indices, size, interpolation, mode }: Reading,
): number[] {
  const step = transforms.shape[0] === 1 ? 0 : 8;
  const images = [height!, width!, channels!, indices.size, size[0]!, size[1]!];
  return [...images, step, INTERPOLATIONS[interpolation], mode];
}

/** The output images; `fill` is the pixel beyond the input. */
function warp(x: Tensor, reading: Reading, fill: readonly number[]): Tensor {
  const { transforms, indices, size } = reading;
  const y = empty([indices.size, ...size, x.shape[3]!], x.dtype);
  if (y.size > 0) {
    const beyond = fromData(fill, [fill.length], x.dtype);
    const from = [x, transforms, indices, beyond, y].map(({ storage }) => storage.address);
    kernel(kernels.op('warp'), x.dtype)(...from, ...tail(x.shape, reading));
    beyond.dispose();
  }
  return record(y, [x], [(dy) => unwarp(dy, x.shape, reading)], [transforms, indices]);
}

function unwarp(dy: Tensor, shape: Shape, reading: Reading): Tensor {
  const { transforms, indices } = reading;
  const dx = empty(shape, dy.dtype);
  if (dx.size > 0) {
    const from = [dy, transforms, indices, dx].map(({ storage }) => storage.address);
    kernel(kernels.op('warpGrad'), dy.dtype)(...from, shape[0]!, ...tail(shape, reading));
  }
  const nothing = new Array<number>(shape[3]!).fill(0);
  return record(dx, [dy], [(ddx) => warp(ddx, reading, nothing)], [transforms, indices]);
}

/** Each image of x once. */
const inOrder = (x: Tensor): Tensor =>
  fromData(
    Array.from({ length: x.shape[0]! }, (_, i) => i),
    [x.shape[0]!],
    'int32',
  );

/**
 * Images under projective transforms: the element at (x, y) of the result is read at
 * ((a0·x + a1·y + a2) / k, (b0·x + b1·y + b2) / k) of the image, where k = c0·x + c1·y + 1.
 *
 * Differentiable by the image: each cotangent is added where its element was read. (TensorFlow transforms the cotangent
 * by the inverse instead, which is the same only for some transforms; TensorFlow.js has no gradient.) Not by the
 * transforms. As in TensorFlow, 'wrap' is periodic no farther than one image to each side.
 *
 * @param image - floats, [batch, height, width, channels]
 * @param transforms - for each image, or one for all, [a0, a1, a2, b0, b1, b2, c0, c1]
 * @param interpolation - the 'nearest' element, halves going up, or a mean of the four around, 'bilinear'
 * @param fillMode - what lies beyond the image
 * @param fillValue - the value beyond it where that is 'constant'
 * @param outputShape - [height, width] of the result; the image's if absent
 * @throws TypeError for tensors that are not floats; RangeError for other shapes, or an unknown interpolation or mode
 * @example
 * const shift = [[1, 0, 1, 0, 1, 0, 0, 0]];  // read one element to the right
 * image.transform(tensor4d([1, 2, 3], [1, 1, 3, 1]), shift).flatten().print();  // [2, 3, 0]
 * @see https://www.tensorflow.org/api_docs/python/tf/raw_ops/ImageProjectiveTransformV3
 */
export function transform(
  image: Tensor4D | TensorLike,
  transforms: Tensor2D | TensorLike,
  interpolation: Interpolation = 'nearest',
  fillMode: FillMode = 'constant',
  fillValue = 0,
  outputShape?: readonly [height: number, width: number] | null,
): Tensor4D {
  return scoped(() => {
    const x = convertFloats(image, 'image', 'transform');
    const given = convertFloats(transforms, 'transforms', 'transform');
    checkImages(x, 'transform');
    const [batch, height, width, channels] = x.shape as readonly number[];
    if (given.rank !== 2 || given.shape[1] !== 8 || (given.shape[0] !== 1 && given.shape[0] !== batch)) {
      throw new RangeError(
        `Error in transform: Input transform should be batch x 8 or 1 x 8, but got ${showShape(given.shape)}.`,
      );
    }
    checkReading(interpolation, fillMode, 'Error in transform');
    const size = outputShape ?? [height!, width!];
    if (!Array.isArray(size) || size.length !== 2) {
      throw new RangeError(
        `Error in transform: outputShape must be [height, width] or null, but got ${JSON.stringify(outputShape)}.`,
      );
    }
    for (const n of size) checkCount(n, 0, 'outputShape', 'transform');
    if (typeof fillValue !== 'number') throw new TypeError(`transform: fillValue must be a number, got ${fillValue}`);
    const reading = {
      transforms: castTo(given, 'float64'),
      indices: inOrder(x),
      size,
      interpolation,
      mode: FILL_MODES[fillMode],
    };
    return warp(x, reading, new Array<number>(channels!).fill(fillValue));
  }) as Tensor4D;
}

/**
 * Images turned about a point, each element the nearest one.
 *
 * @param image - floats, [batch, height, width, channels]
 * @param radians - how far, counter-clockwise
 * @param fillValue - what lies beyond: a number, or one for each of three channels, where a fourth becomes 255
 * @param center - the point, as a share of width and height: one number, or [x, y]
 * @throws TypeError for a tensor that is not floats, RangeError for another rank or numbers that are not finite
 * @example
 * image.rotateWithOffset(tensor4d([1, 2, 3], [1, 1, 3, 1]), 0, 9, [0, 0]).flatten().print();  // [1, 2, 3]
 */
export function rotateWithOffset(
  image: Tensor4D | TensorLike,
  radians: number,
  fillValue: number | readonly [red: number, green: number, blue: number] = 0,
  center: number | readonly [x: number, y: number] = 0.5,
): Tensor4D {
  return scoped(() => {
    const x = convertFloats(image, 'image', 'rotateWithOffset');
    checkImages(x, 'rotateWithOffset');
    const [, height, width, channels] = x.shape as readonly number[];
    checkFinite(radians, 'radians', 'rotateWithOffset');
    const [atX, atY] = typeof center === 'number' ? [center, center] : center;
    for (const share of [atX, atY]) checkFinite(share, 'center', 'rotateWithOffset');
    const [cx, cy, s, c] = [atX * width!, atY * height!, sin(radians), cos(radians)];
    const matrix = [c, -s, cx - c * cx + s * cy, s, c, cy - s * cx - c * cy, 0, 0];
    const reading: Reading = {
      transforms: fromData(matrix, [1, 8], 'float64'),
      indices: inOrder(x),
      size: [height!, width!],
      interpolation: 'nearest',
      mode: FILL_MODES.constant,
    };
    const fill = Array.from({ length: channels! }, (_, i) =>
      typeof fillValue === 'number' ? fillValue : i === 3 ? 255 : fillValue[i],
    );
    for (const value of fill) checkFinite(value, 'fillValue', 'rotateWithOffset');
    return warp(x, reading, fill as number[]);
  }) as Tensor4D;
}

/**
 * Images mirrored: left becomes right.
 *
 * @param image - floats, [batch, height, width, channels]
 * @throws TypeError for a tensor that is not floats, RangeError for another rank
 * @example
 * image.flipLeftRight(tensor4d([1, 2, 3], [1, 1, 3, 1])).flatten().print();  // [3, 2, 1]
 */
export function flipLeftRight<T extends Tensor4D>(image: T | TensorLike): T {
  return scoped(() => {
    const x = convertFloats(image, 'image', 'flipLeftRight');
    checkImages(x, 'flipLeftRight');
    return reverse(x, 2);
  }) as T;
}

/** The transform that reads the boxes, [n, 4], of images of a size, as [n, 8]. */
function boxTransforms(boxes: Tensor, [height, width]: readonly number[], cropSize: readonly number[]): Tensor {
  const corner = (i: number) => slice(boxes, [0, i], [-1, 1]);
  /** Along one axis: how far apart elements are read, and where the first is. */
  const axis = (low: Tensor, high: Tensor, from: number, to: number): [step: Tensor, start: Tensor] =>
    to > 1
      ? [div(mul(sub(high, low), from - 1), to - 1), mul(low, from - 1)]
      : [mul(low, 0), mul(mul(add(low, high), 0.5), from - 1)];
  const [stepY, startY] = axis(corner(0), corner(2), height!, cropSize[0]!);
  const [stepX, startX] = axis(corner(1), corner(3), width!, cropSize[1]!);
  const zero = mul(stepX, 0);
  return concat([stepX, zero, startX, zero, stepY, startY, zero, zero], 1);
}

/**
 * Boxes cut out of images and brought to one size. The corners of a box and of what comes of it lie on each other.
 *
 * Differentiable by the image, not by the boxes.
 *
 * @param image - [batch, height, width, channels]; int32 and bool are cast to float32
 * @param boxes - [n, 4]: [y1, x1, y2, x2] for each, where 0 and 1 are the middles of the outermost elements; a box may
 *   reach beyond the image, and is mirrored where its second corner comes first
 * @param boxInd - int32, [n]: the image of each box
 * @param cropSize - [height, width] of the results
 * @param method - a mean of the four elements around a place, 'bilinear', or the 'nearest' one
 * @param extrapolationValue - what is read beyond the image
 * @returns [n, ...cropSize, channels]
 * @throws RangeError for other shapes, another method, or an index that is no image's
 * @example
 * const x = tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
 * image.cropAndResize(x, [[0, 0, 1, 1]], [0], [3, 1]).flatten().print();  // [1.5, 2.5, 3.5]
 * @see https://www.tensorflow.org/api_docs/python/tf/image/crop_and_resize
 */
export function cropAndResize(
  image: Tensor4D | TensorLike,
  boxes: Tensor2D | TensorLike,
  boxInd: Tensor1D | TensorLike,
  cropSize: readonly [height: number, width: number],
  method: Interpolation = 'bilinear',
  extrapolationValue = 0,
): Tensor4D {
  return scoped(() => {
    const x = asFloat(convert(image, 'image', 'cropAndResize'));
    const given = convertFloats(boxes, 'boxes', 'cropAndResize');
    const indices = convertIndices(boxInd, 'boxInd', 'cropAndResize');
    checkImages(x, 'cropAndResize');
    const n = given.shape[0] ?? 0;
    if (given.rank !== 2 || given.shape[1] !== 4) {
      throw new RangeError(`Error in cropAndResize: boxes must have size [n, 4], but got ${showShape(given.shape)}.`);
    }
    if (indices.rank !== 1 || indices.size !== n) {
      throw new RangeError(
        `Error in cropAndResize: boxInd must have size [${n}], but got ${showShape(indices.shape)}.`,
      );
    }
    if (!Array.isArray(cropSize) || cropSize.length !== 2) {
      throw new RangeError(`Error in cropAndResize: cropSize must be [height, width], but got ${cropSize}.`);
    }
    for (const side of cropSize) checkCount(side, 1, 'cropSize', 'cropAndResize');
    checkName(method, INTERPOLATIONS, 'method', 'Error in cropAndResize');
    if (typeof extrapolationValue !== 'number') {
      throw new TypeError(`cropAndResize: extrapolationValue must be a number, got ${extrapolationValue}`);
    }
    const reading: Reading = {
      transforms: boxTransforms(castTo(given, 'float64'), x.shape.slice(1, 3), cropSize),
      indices: checkIndices(indices, x.shape[0]!, 'cropAndResize'),
      size: cropSize,
      interpolation: method,
      mode: CROP,
    };
    return warp(x, reading, new Array<number>(x.shape[3]!).fill(extrapolationValue));
  }) as Tensor4D;
}
