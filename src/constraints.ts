// What weights must be like after each step of training, by TensorFlow.js's names: functions that return weights
// which are.

import { checkFinite } from './check.js';
import { described } from './named.js';
import { scoped } from './ops/dispatch.js';
import { add, clipByValue, div, mul, relu, sqrt, square, sum } from './ops/index.js';
import type { Tensor } from './tensor.js';

/** Makes of weights the nearest ones that are allowed. */
export type Constraint = (w: Tensor) => Tensor;

/** The axes along which a norm is taken. */
type Axis = number | readonly number[];

// Keras's, which keeps vectors of length 0 from dividing by it.
const EPSILON = 1e-7;

function checkNorm(x: unknown, name: string, op: string): asserts x is number {
  checkFinite(x, name, `constraints.${op}`);
  if (!(x >= 0)) throw new RangeError(`constraints.${op}: ${name} must be 0 or more, got ${x}`);
}

/** The lengths of vectors along any axes; over all but the last those of a convolution's filters. */
const normsOf = (w: Tensor, axis: Axis): Tensor => sqrt(sum(square(w), axis, true));

/** w · desired(norms) / (ε + norms). */
const rescaled =
  (axis: Axis, desired: (norms: Tensor) => Tensor): Constraint =>
  (w) =>
    scoped(() => {
      const norms = normsOf(w, axis);
      return mul(w, div(desired(norms), add(norms, EPSILON)));
    });

/**
 * Vectors along an axis are no longer than maxValue (Srivastava et al. 2014): w · min(‖w‖, maxValue) / (10⁻⁷ + ‖w‖).
 *
 * @param options - maxValue, 2 if absent; axis or axes of a vector, 0 if absent: the inputs of a unit of a dense layer
 * @throws RangeError unless maxValue is 0 or more
 * @example
 * constraints.maxNorm({ maxValue: 1 })(tensor2d([[3, 0.3], [4, 0.4]])).print();  // [[0.6, 0.3], [0.8, 0.3999999]]
 */
export function maxNorm({ maxValue = 2, axis = 0 }: { maxValue?: number; axis?: Axis } = {}): Constraint {
  checkNorm(maxValue, 'maxValue', 'maxNorm');
  return described(
    'MaxNorm',
    { maxValue, axis },
    rescaled(axis, (norms) => clipByValue(norms, 0, maxValue)),
  );
}

/**
 * Vectors along an axis have length 1: w / (10⁻⁷ + ‖w‖).
 *
 * @param options - axis or axes of a vector, 0 if absent
 * @example
 * constraints.unitNorm()(tensor2d([[3], [4]])).print();  // [[0.6], [0.8]]
 */
export function unitNorm({ axis = 0 }: { axis?: Axis } = {}): Constraint {
  return described('UnitNorm', { axis }, (w) => scoped(() => div(w, add(normsOf(w, axis), EPSILON))));
}

/**
 * No weight is negative: max(w, 0).
 *
 * @example
 * constraints.nonNeg()(tensor1d([-1, 2])).print();  // [0, 2]
 */
export const nonNeg = (): Constraint => described('NonNeg', {}, (w) => relu(w));

/**
 * Vectors along an axis are drawn between minValue and maxValue in length:
 * w · (rate · clip(‖w‖, minValue, maxValue) + (1 − rate) · ‖w‖) / (10⁻⁷ + ‖w‖).
 *
 * @param options - minValue, 0 if absent; maxValue, 1 if absent; rate, 1 if absent: all the way; axis or axes of a vector,
 *   0 if absent
 * @throws RangeError unless 0 ≤ minValue ≤ maxValue
 * @example
 * constraints.minMaxNorm({ minValue: 1, maxValue: 2, rate: 0.5 })(tensor2d([[3], [4]])).print();  // [[2.0999999], [2.8]]
 */
export function minMaxNorm({
  minValue = 0,
  maxValue = 1,
  rate = 1,
  axis = 0,
}: {
  minValue?: number;
  maxValue?: number;
  rate?: number;
  axis?: Axis;
} = {}): Constraint {
  checkNorm(minValue, 'minValue', 'minMaxNorm');
  checkNorm(maxValue, 'maxValue', 'minMaxNorm');
  checkFinite(rate, 'rate', 'constraints.minMaxNorm');
  if (minValue > maxValue) {
    throw new RangeError(`constraints.minMaxNorm: needs minValue up to maxValue, got ${minValue} and ${maxValue}`);
  }
  return described(
    'MinMaxNorm',
    { minValue, maxValue, rate, axis },
    rescaled(axis, (norms) => add(mul(clipByValue(norms, minValue, maxValue), rate), mul(norms, 1 - rate))),
  );
}
