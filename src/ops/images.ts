// What ops on images share: a single image is a batch of one, and channels may come first.

import { convert, convertPair, type TensorLike } from '../convert.js';
import { isFloat, upcastType } from '../dtype.js';
import { Tensor } from '../tensor.js';
import { asFloat, castTo } from './dispatch.js';
import { checkDataFormat, type DataFormat } from './geometry.js';
import { reshape, transpose } from './transform.js';

function checkFloats(given: unknown, { dtype }: Tensor, argument: string, op: string): void {
  if (isFloat(dtype) || !(given instanceof Tensor)) return;
  throw new TypeError(
    `Argument '${argument}' passed to '${op}' must be float32 or float64 tensor, but got ${dtype} tensor`,
  );
}

/**
 * An op's argument as floats.
 * @throws TypeError for a tensor of another dtype
 */
export function convertFloats(x: Tensor | TensorLike, argument: string, op: string): Tensor {
  const $x = convert(x, argument, op);
  checkFloats(x, $x, argument, op);
  return asFloat($x);
}

/**
 * x and filter as floats of one dtype.
 * @throws TypeError for a tensor of another dtype
 */
export function convertImage(
  x: Tensor | TensorLike,
  filter: Tensor | TensorLike,
  op: string,
): [x: Tensor, filter: Tensor] {
  const [$x, $filter] = convertPair(x, filter, op, ['x', 'filter']);
  checkFloats(x, $x, 'x', op);
  checkFloats(filter, $filter, 'filter', op);
  const dtype = upcastType(upcastType($x.dtype, $filter.dtype), 'float32');
  return [castTo($x, dtype), castTo($filter, dtype)];
}

/** @throws RangeError unless x has that rank */
export function checkRank(x: Tensor, rank: number, what: string, op: string): void {
  if (x.rank !== rank) throw new RangeError(`Error in ${op}: ${what} must be rank ${rank}, but got rank ${x.rank}.`);
}

/**
 * Runs f on a batch of images, [batch, height, width, channels].
 * @param dataFormat - how x lies, and the result
 * @throws TypeError for another data format, RangeError unless x has rank 3 or 4
 */
export function onImages<T extends Tensor>(x: Tensor, dataFormat: DataFormat, op: string, f: (x: Tensor) => Tensor): T {
  checkDataFormat(dataFormat, op);
  const batch = x.rank === 3 ? reshape(x, [1, ...x.shape]) : x;
  checkRank(batch, 4, 'input', op);
  const y = dataFormat === 'NCHW' ? transpose(f(transpose(batch, [0, 2, 3, 1])), [0, 3, 1, 2]) : f(batch);
  return (x.rank === 3 ? reshape(y, y.shape.slice(1)) : y) as T;
}
