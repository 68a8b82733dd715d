import { checkFinite, checkPositive } from '../check.js';
import { pow } from '../scalar.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link exponentialDecay}. */
export interface ExponentialDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps over which the rate is multiplied by decayRate once. */
  decaySteps: number;
  /** The factor. */
  decayRate: number;
  /** Whether the rate falls in stairs, once per decaySteps; false if absent. */
  staircase?: boolean;
}

/**
 * A learning rate that falls by a factor: initialLearningRate · decayRate^(step / decaySteps), with the exponent
 * rounded down if `staircase`.
 *
 * @throws TypeError for what is no number, RangeError unless decaySteps is positive
 * @example
 * schedules.exponentialDecay({ initialLearningRate: 0.2, decaySteps: 1, decayRate: 0.5 }).at(2);  // 0.05
 * @see Keras, ExponentialDecay
 */
export function exponentialDecay({
  initialLearningRate,
  decaySteps,
  decayRate,
  staircase = false,
}: ExponentialDecayOptions): LearningRateSchedule {
  checkFinite(initialLearningRate, 'initialLearningRate', 'exponentialDecay');
  checkPositive(decaySteps, 'decaySteps', 'exponentialDecay');
  checkFinite(decayRate, 'decayRate', 'exponentialDecay');
  return {
    at: (step) => initialLearningRate * pow(decayRate, staircase ? Math.floor(step / decaySteps) : step / decaySteps),
    getConfig: () => ({ name: 'exponentialDecay', initialLearningRate, decaySteps, decayRate, staircase }),
  };
}
