import { checkFinite, checkPositive } from '../check.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link inverseTimeDecay}. */
export interface InverseTimeDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps over which the divisor grows by decayRate. */
  decaySteps: number;
  /** What is added to the divisor, which begins at 1. */
  decayRate: number;
  /** Whether the rate falls in stairs, once per decaySteps; false if absent. */
  staircase?: boolean;
}

/**
 * A learning rate that falls as time's inverse: initialLearningRate / (1 + decayRate · step / decaySteps), with the
 * quotient rounded down if `staircase`.
 *
 * @throws TypeError for what is no number, RangeError unless decaySteps is positive
 * @example
 * schedules.inverseTimeDecay({ initialLearningRate: 0.3, decaySteps: 10, decayRate: 0.5 }).at(40);  // 0.1
 * @see Keras, InverseTimeDecay
 */
export function inverseTimeDecay({
  initialLearningRate,
  decaySteps,
  decayRate,
  staircase = false,
}: InverseTimeDecayOptions): LearningRateSchedule {
  checkFinite(initialLearningRate, 'initialLearningRate', 'inverseTimeDecay');
  checkPositive(decaySteps, 'decaySteps', 'inverseTimeDecay');
  checkFinite(decayRate, 'decayRate', 'inverseTimeDecay');
  return {
    at: (step) =>
      initialLearningRate / (1 + decayRate * (staircase ? Math.floor(step / decaySteps) : step / decaySteps)),
    getConfig: () => ({ name: 'inverseTimeDecay', initialLearningRate, decaySteps, decayRate, staircase }),
  };
}
