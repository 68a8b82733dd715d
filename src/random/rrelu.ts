import { checkFinite } from '../check.js';
import { convert, type TensorLike } from '../convert.js';
import { asFloat, castTo, scoped } from '../ops/dispatch.js';
import { greater, leakyRelu, mul, where } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { randomUniform } from './draw.js';
import type { PhiloxRandom } from './philox.js';

/** Checks the bounds of slopes. */
export function checkSlopes(lower: number, upper: number, op: string): void {
  checkFinite(lower, 'lower', op);
  checkFinite(upper, 'upper', op);
  if (!(lower <= upper)) throw new RangeError(`${op}: lower must not be above upper, got ${lower} and ${upper}`);
}

/**
 * x where x > 0, slope · x elsewhere: in training with a random slope for each element, uniform in [lower, upper); else
 * with the mean of both bounds (Xu et al. 2015).
 *
 * @param training - false if absent
 * @param seed - a seed for this call, or a stream that goes on; absent: see {@link setSeed}
 * @throws TypeError for bounds that are no numbers, RangeError if lower is above upper
 * @example
 * rrelu(tensor1d([-12, 3]), 0.125, 0.375).print();  // [-3, 3]
 */
export function rrelu<T extends Tensor>(
  x: T | TensorLike,
  lower = 1 / 8,
  upper = 1 / 3,
  training = false,
  seed?: number | PhiloxRandom,
): T {
  checkSlopes(lower, upper, 'rrelu');
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', 'rrelu'));
    if (!training) return leakyRelu($x, (lower + upper) / 2);
    const slopes =
      typeof seed === 'object'
        ? seed.uniform($x.shape, lower, upper)
        : randomUniform($x.shape, lower, upper, 'float32', seed);
    return where(greater($x, 0), $x, mul($x, castTo(slopes, $x.dtype)));
  }) as T;
}
