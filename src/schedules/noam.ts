import { checkCount, checkFinite } from '../check.js';
import { pow } from '../scalar.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link noam}. */
export interface NoamOptions {
  /** The size of the model's vectors, d_model in the paper. */
  modelSize: number;
  /** Steps in which the rate rises; 4,000 if absent. */
  warmupSteps?: number;
  /** What the rate is multiplied by; 1 if absent. */
  factor?: number;
}

/**
 * The learning rate of the first Transformer (Vaswani et al. 2017): factor · modelSize^(−½) · min(t^(−½), t ·
 * warmupSteps^(−3/2)), which rises in a line and falls as the root of time's inverse. The paper counts steps from 1, so
 * t = step + 1.
 *
 * @throws TypeError for what is no number, RangeError unless modelSize and warmupSteps are counts from 1 up
 * @example
 * const schedule = schedules.noam({ modelSize: 100, warmupSteps: 4 });
 * schedule.at(0);  // 0.0125
 * schedule.at(3);  // 0.05
 * schedule.at(24);  // 0.02
 */
export function noam({ modelSize, warmupSteps = 4000, factor = 1 }: NoamOptions): LearningRateSchedule {
  checkCount(modelSize, 1, 'modelSize', 'noam');
  checkCount(warmupSteps, 1, 'warmupSteps', 'noam');
  checkFinite(factor, 'factor', 'noam');
  const scale = factor / Math.sqrt(modelSize);
  const slope = pow(warmupSteps, -1.5);
  return {
    at: (step) => scale * Math.min(1 / Math.sqrt(step + 1), (step + 1) * slope),
    getConfig: () => ({ name: 'noam', modelSize, warmupSteps, factor }),
  };
}
