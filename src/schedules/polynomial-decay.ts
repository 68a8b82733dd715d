import { checkFinite, checkPositive } from '../check.js';
import { pow } from '../scalar.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link polynomialDecay}. */
export interface PolynomialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until the rate has fallen to endLearningRate. */
  decaySteps: number;
  /** The rate in the end; 0.0001 if absent. */
  endLearningRate?: number;
  /** 1, a straight line, if absent. */
  power?: number;
  /**
   * Whether to go on beyond decaySteps, from a lower rate over each multiple of them, instead of staying at the end; false if absent.
   */
  cycle?: boolean;
}

/**
 * A learning rate that falls to another along a power: (initialLearningRate − endLearningRate) · (1 − step / d)^power +
 * endLearningRate up to d = decaySteps, and endLearningRate after that; if `cycle`, d is the multiple of decaySteps that
 * step has not passed.
 *
 * @throws TypeError for what is no number, RangeError unless decaySteps and power are positive
 * @differs from Keras, which allows a power that is not positive, by which the rate would not fall to its end
 * @example
 * schedules.polynomialDecay({ initialLearningRate: 0.5, decaySteps: 10, endLearningRate: 0.1, power: 2 }).at(5);  // 0.2
 * @see Keras, PolynomialDecay
 */
export function polynomialDecay({
  initialLearningRate,
  decaySteps,
  endLearningRate = 0.0001,
  power = 1,
  cycle = false,
}: PolynomialDecayOptions): LearningRateSchedule {
  checkFinite(initialLearningRate, 'initialLearningRate', 'polynomialDecay');
  checkPositive(decaySteps, 'decaySteps', 'polynomialDecay');
  checkFinite(endLearningRate, 'endLearningRate', 'polynomialDecay');
  checkPositive(power, 'power', 'polynomialDecay');
  return {
    at(step) {
      const cycles = cycle ? Math.max(1, Math.ceil(step / decaySteps)) : 1;
      const left = Math.max(0, 1 - step / (decaySteps * cycles));
      return (initialLearningRate - endLearningRate) * pow(left, power) + endLearningRate;
    },
    getConfig: () => ({ name: 'polynomialDecay', initialLearningRate, decaySteps, endLearningRate, power, cycle }),
  };
}
