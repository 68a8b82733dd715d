import { checkCount, checkFinite } from '../check.js';
import { type LearningRate, type LearningRateSchedule, scheduleOf } from './schedule.js';

/** The course of {@link linearWarmup}. */
export interface LinearWarmupOptions {
  /** Steps of the warm-up. */
  warmupSteps: number;
  /** The rate after the warm-up; a schedule counts its steps from there. */
  learningRate: LearningRate;
  /** The rate of the first step; 0 if absent. */
  initialLearningRate?: number;
}

/**
 * A learning rate that rises in a line from initialLearningRate to the first of learningRate over warmupSteps, and then
 * is learningRate's (Goyal et al. 2017).
 *
 * @throws TypeError for what is no number or schedule, RangeError unless warmupSteps is a count
 * @example
 * const schedule = schedules.linearWarmup({ warmupSteps: 4, learningRate: 0.8 });
 * schedule.at(1);  // 0.2
 * schedule.at(100);  // 0.8
 */
export function linearWarmup({
  warmupSteps,
  learningRate,
  initialLearningRate = 0,
}: LinearWarmupOptions): LearningRateSchedule {
  checkCount(warmupSteps, 0, 'warmupSteps', 'linearWarmup');
  checkFinite(initialLearningRate, 'initialLearningRate', 'linearWarmup');
  const after = scheduleOf(learningRate, 'linearWarmup');
  return {
    at(step) {
      if (step >= warmupSteps) return after.at(step - warmupSteps);
      return (after.at(0) - initialLearningRate) * (step / warmupSteps) + initialLearningRate;
    },
    getConfig: () => ({
      name: 'linearWarmup',
      warmupSteps,
      learningRate: after.getConfig(),
      initialLearningRate,
    }),
  };
}
