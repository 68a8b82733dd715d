// Averages that move with time.

import { convert, type TensorLike } from '../convert.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { add, div, mul, pow, sub } from './arithmetic.js';
import { scoped } from './dispatch.js';

/**
 * v + (1 − decay) · (x − v): one step of an exponential moving average.
 *
 * @param v - the average so far
 * @param x - the new values, of v's shape and dtype
 * @param step - how many steps have been, with this one; needed to remove the bias towards v's first zeros
 * @param zeroDebias - whether to divide the change by 1 − decayˢᵗᵉᵖ
 * @throws TypeError if dtypes differ, RangeError if shapes do or the step is missing
 * @example
 * movingAverage(tensor1d([1, 2]), tensor1d([3, 2]), 0.75, undefined, false).print();  // [1.5, 2]
 * // The first step from zeros gives the first values.
 * movingAverage(tensor1d([0, 0]), tensor1d([3, 2]), 0.75, 1).print();  // [3, 2]
 */
export function movingAverage<T extends Tensor>(
  v: T | TensorLike,
  x: T | TensorLike,
  decay: number | Tensor,
  step?: number | Tensor,
  zeroDebias = true,
): T {
  return scoped(() => {
    const [$v, $x] = [convert(v, 'v', 'movingAverage'), convert(x, 'x', 'movingAverage')];
    const $decay = convert(decay, 'decay', 'movingAverage', $v.dtype);
    if ($v.dtype !== $x.dtype) {
      throw new TypeError(
        `movingAverage: The dtypes of the first(${$v.dtype}) and second(${$x.dtype}) input must match`,
      );
    }
    if (!sameShape($v.shape, $x.shape)) {
      throw new RangeError(
        `movingAverage: Shape mismatch in v and x: ${showShape($v.shape)} and ${showShape($x.shape)}`,
      );
    }
    const change = mul(sub($x, $v), sub(1, $decay));
    if (!zeroDebias) return add($v, change);
    if (step === undefined || step === null) {
      throw new RangeError('movingAverage: When using zeroDebias: true, step is required.');
    }
    return add($v, div(change, sub(1, pow($decay, convert(step, 'step', 'movingAverage', $v.dtype)))));
  }) as T;
}
