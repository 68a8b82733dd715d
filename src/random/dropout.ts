import { checkBetween } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import { castTo, scoped } from '../ops/dispatch.js';
import { greaterEqual, mul } from '../ops/index.js';
import type { Shape } from '../shape.js';
import { alias } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { randomUniform } from './draw.js';
import type { PhiloxRandom } from './philox.js';

/**
 * Sets a random share of the elements to 0 and divides the others by 1 − rate, so that the mean stays
 * (Srivastava et al. 2014).
 *
 * @param rate - the share, from 0 to below 1
 * @param noiseShape - the shape of the mask, which broadcasts to x's; absent: x's
 * @param seed - a seed for this call, or a stream that goes on; absent: see {@link setSeed}
 * @throws TypeError unless x is floats, RangeError for another rate
 * @example
 * dropout(tensor1d([1, 2, 3, 4]), 0.5, null, 1).print();  // [0, 4, 0, 0]
 */
export function dropout<T extends Tensor>(
  x: T | TensorLike,
  rate: number,
  noiseShape?: Shape | null,
  seed?: number | string | PhiloxRandom,
): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'dropout');
    if ($x.dtype !== 'float32' && $x.dtype !== 'float64') {
      throw new TypeError(
        `x has to be a floating point tensor since it's going to be scaled, but got a ${$x.dtype} tensor instead.`,
      );
    }
    checkBetween(rate, 0, 1, 'rate', 'dropout');
    if (rate === 0) return alias($x);
    const shape = noiseShape ?? $x.shape;
    const noise =
      typeof seed === 'object'
        ? seed.uniform(shape, 0, 1)
        : randomUniform(shape, 0, 1, 'float32', seed === undefined ? undefined : Number(seed));
    return mul($x, mul(castTo(greaterEqual(noise, rate), $x.dtype), 1 / (1 - rate)));
  }) as T;
}
