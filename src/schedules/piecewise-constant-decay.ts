import { checkFinite } from '../check.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last step of each value but the last, rising. */
  boundaries: readonly number[];
  /** Learning rates, one more than there are boundaries. */
  values: readonly number[];
}

/**
 * A learning rate that changes at given steps: values[0] up to and with step boundaries[0], then values[1] up to and with
 * boundaries[1], and so on.
 *
 * @throws TypeError for what is no list of numbers, RangeError unless boundaries rise and values are one more
 * @example
 * const schedule = schedules.piecewiseConstantDecay({ boundaries: [100, 200], values: [0.1, 0.05, 0.01] });
 * schedule.at(100);  // 0.1
 * schedule.at(101);  // 0.05
 * @see Keras, PiecewiseConstantDecay
 */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): LearningRateSchedule {
  const boundaries = numbers(options.boundaries, 'boundaries');
  const values = numbers(options.values, 'values');
  if (values.length !== boundaries.length + 1) {
    throw new RangeError(
      `piecewiseConstantDecay: needs one more value than boundaries, got ${values.length} and ${boundaries.length}`,
    );
  }
  if (boundaries.some((boundary, i) => i > 0 && !(boundary > boundaries[i - 1]!))) {
    throw new RangeError(`piecewiseConstantDecay: boundaries must rise, got [${boundaries.join(', ')}]`);
  }
  return {
    at(step) {
      let i = 0;
      while (i < boundaries.length && step > boundaries[i]!) i++;
      return values[i]!;
    },
    getConfig: () => ({ name: 'piecewiseConstantDecay', boundaries: [...boundaries], values: [...values] }),
  };
}

/** A copy of a list of numbers. */
function numbers(list: readonly number[], name: string): number[] {
  if (!Array.isArray(list)) throw new TypeError(`piecewiseConstantDecay: ${name} must be an array, got ${typeof list}`);
  for (const [i, x] of list.entries()) checkFinite(x, `${name}[${i}]`, 'piecewiseConstantDecay');
  return [...list];
}
