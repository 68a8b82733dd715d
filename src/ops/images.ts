// What ops on images share: a single image is a batch of one, and channels may come first.

import { convert, type TensorLike } from '../convert.js';
import { isFloat } from '../dtype.js';
import { Tensor } from '../tensor.js';
import type { DataFormat } from './geometry.js';
import { reshape, transpose } from './transform.js';

/**
 * An op's argument as a tensor of floats.
 * @throws TypeError for a tensor of another dtype
 */
export function convertFloats(x: Tensor | TensorLike, argument: string, op: string): Tensor {
  const $x = convert(x, argument, op, x instanceof Float64Array ? 'float64' : 'float32');
  if (x instanceof Tensor && !isFloat($x.dtype)) {
    throw new TypeError(
      `Argument '${argument}' passed to '${op}' must be float32 or float64 tensor, but got ${$x.dtype} tensor`,
    );
  }
  return $x;
}

/** @throws RangeError unless x has that rank */
export function checkRank(x: Tensor, rank: number, what: string, op: string): void {
  if (x.rank !== rank) throw new RangeError(`Error in ${op}: ${what} must be rank ${rank}, but got rank ${x.rank}.`);
}

/**
 * Runs f on a batch of images, [batch, height, width, channels].
 * @throws RangeError unless x has rank 3 or 4
 */
export function onImages<T extends Tensor>(
  x: Tensor,
  dataFormat: DataFormat,
  what: string,
  op: string,
  f: (x: Tensor) => Tensor,
): T {
  const batch = x.rank === 3 ? reshape(x, [1, ...x.shape]) : x;
  checkRank(batch, 4, what, op);
  const y = dataFormat === 'NCHW' ? transpose(f(transpose(batch, [0, 2, 3, 1])), [0, 3, 1, 2]) : f(batch);
  return (x.rank === 3 ? reshape(y, y.shape.slice(1)) : y) as T;
}
