import { checkFinite, checkPositive } from '../check.js';
import { pow } from '../scalar.js';
import { halfCosine } from './cosine-decay.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link cosineDecayRestarts}. */
export interface CosineDecayRestartsOptions {
  /** The rate of the first step. */
  initialLearningRate: number;
  /** Steps of the first period. */
  firstDecaySteps: number;
  /** How much longer each period is than the one before; 2 if absent. */
  tMul?: number;
  /** What the rate is multiplied by at each restart; 1 if absent. */
  mMul?: number;
  /** The share of the rate that is left before each restart; 0 if absent. */
  alpha?: number;
}

/**
 * A learning rate that falls along half a cosine and starts again (SGDR, Loshchilov & Hutter 2017): in the period i,
 * which is firstDecaySteps · tMul^i steps long,
 * initialLearningRate · ((1 − α) · mMul^i · (1 + cos(π · share of the period)) / 2 + α).
 *
 * @throws TypeError for what is no number, RangeError unless firstDecaySteps is positive and tMul at least 1
 * @differs from Keras, which takes a logarithm's whole part and misses a restart where rounding puts it below (with a tMul
 *   of 3 the logarithm of 243 is 4.999999999999999): periods are counted by addition, so that each restart comes at its
 *   step; and which allows a tMul below 1, whose periods would all be over at some step
 * @example
 * const schedule = schedules.cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, mMul: 0.8 });
 * schedule.at(5);  // 0.5
 * schedule.at(10);  // 0.8
 * schedule.at(20);  // 0.4
 * @see Keras, CosineDecayRestarts
 */
export function cosineDecayRestarts({
  initialLearningRate,
  firstDecaySteps,
  tMul = 2,
  mMul = 1,
  alpha = 0,
}: CosineDecayRestartsOptions): LearningRateSchedule {
  checkFinite(initialLearningRate, 'initialLearningRate', 'cosineDecayRestarts');
  checkPositive(firstDecaySteps, 'firstDecaySteps', 'cosineDecayRestarts');
  checkFinite(tMul, 'tMul', 'cosineDecayRestarts');
  // Shorter and shorter periods would all be over at some step.
  if (!(tMul >= 1)) throw new RangeError(`cosineDecayRestarts: tMul must be at least 1, got ${tMul}`);
  checkFinite(mMul, 'mMul', 'cosineDecayRestarts');
  checkFinite(alpha, 'alpha', 'cosineDecayRestarts');
  return {
    at(step) {
      // Periods of one length are too many to count one by one.
      const alike = tMul === 1 ? Math.floor(step / firstDecaySteps) : 0;
      let begin = alike * firstDecaySteps;
      let length = firstDecaySteps;
      let height = pow(mMul, alike);
      while (step >= begin + length) {
        begin += length;
        length *= tMul;
        height *= mMul;
      }
      return initialLearningRate * ((1 - alpha) * (height * halfCosine((step - begin) / length)) + alpha);
    },
    getConfig: () => ({ name: 'cosineDecayRestarts', initialLearningRate, firstDecaySteps, tMul, mMul, alpha }),
  };
}
