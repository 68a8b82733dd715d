import { checkCount, checkFinite, checkPositive } from '../check.js';
import { cos } from '../scalar.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link cosineDecay}. */
export interface CosineDecayOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps until the rate has fallen, those of the warm-up not counted. */
  decaySteps: number;
  /** The share of the rate that is left in the end; 0 if absent. */
  alpha?: number;
  /** The rate that the warm-up rises to and the decay falls from; absent: no warm-up. */
  warmupTarget?: number | null;
  /** Steps of the warm-up; 0 if absent. */
  warmupSteps?: number;
}

/**
 * A learning rate that falls along half a cosine (Loshchilov & Hutter 2017), after a warm-up if there is a warmupTarget:
 * from initialLearningRate in a line to warmupTarget over warmupSteps, then
 * top · ((1 − α) · (1 + cos(π · step / decaySteps)) / 2 + α), steps counted from the warm-up's end, and top · α after
 * decaySteps; top is warmupTarget, or without one initialLearningRate.
 *
 * @throws TypeError for what is no number, RangeError unless decaySteps is positive and warmupSteps a count
 * @example
 * const schedule = schedules.cosineDecay({ initialLearningRate: 0, decaySteps: 100, warmupTarget: 1, warmupSteps: 10 });
 * schedule.at(5);  // 0.5
 * schedule.at(10);  // 1
 * schedule.at(60);  // 0.5
 * @see Keras, CosineDecay
 */
export function cosineDecay({
  initialLearningRate,
  decaySteps,
  alpha = 0,
  warmupTarget = null,
  warmupSteps = 0,
}: CosineDecayOptions): LearningRateSchedule {
  checkFinite(initialLearningRate, 'initialLearningRate', 'cosineDecay');
  checkPositive(decaySteps, 'decaySteps', 'cosineDecay');
  checkFinite(alpha, 'alpha', 'cosineDecay');
  if (warmupTarget !== null) checkFinite(warmupTarget, 'warmupTarget', 'cosineDecay');
  checkCount(warmupSteps, 0, 'warmupSteps', 'cosineDecay');
  const warmup = warmupTarget === null ? 0 : warmupSteps;
  const top = warmupTarget ?? initialLearningRate;
  return {
    at(step) {
      if (step < warmup) return (top - initialLearningRate) * (step / warmup) + initialLearningRate;
      const done = Math.min(1, (step - warmup) / decaySteps);
      return top * ((1 - alpha) * halfCosine(done) + alpha);
    },
    getConfig: () => ({ name: 'cosineDecay', initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }),
  };
}

/** From 1 at 0 to 0 at 1: (1 + cos πx) / 2. */
export const halfCosine = (x: number): number => 0.5 * (1 + cos(Math.PI * x));
