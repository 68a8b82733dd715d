// A learning-rate schedule: a learning rate for every step.

import { checkFinite } from '../check.js';

/** What a schedule was made of: its factory's name as `name`, and the options that the factory takes. Plain JSON. */
export interface ScheduleConfig {
  [option: string]: string | number | boolean | null | readonly number[] | ScheduleConfig | readonly ScheduleConfig[];
}

/** A learning rate that follows the number of the step, counted from 0. */
export interface LearningRateSchedule {
  /** The learning rate of a step. */
  at(step: number): number;
  /** What the schedule was made of: what `schedules.fromConfig` makes it of again. */
  getConfig(): ScheduleConfig;
}

/** What optimizers take as a learning rate. */
export type LearningRate = number | LearningRateSchedule;

/**
 * A schedule that always says the same.
 *
 * @throws TypeError or RangeError for what is no finite number
 * @example
 * schedules.constant(0.1).at(1000);  // 0.1
 */
export function constant(learningRate: number): LearningRateSchedule {
  checkFinite(learningRate, 'learningRate', 'constant');
  return { at: () => learningRate, getConfig: () => ({ name: 'constant', learningRate }) };
}

/** A number as a schedule, a schedule as it is. */
export function scheduleOf(learningRate: LearningRate, op: string): LearningRateSchedule {
  if (typeof learningRate === 'number') {
    checkFinite(learningRate, 'learningRate', op);
    return constant(learningRate);
  }
  // Strings and arrays have an `at` too.
  if (typeof learningRate?.at === 'function' && typeof learningRate.getConfig === 'function') return learningRate;
  throw new TypeError(`${op}: learningRate must be a number or a schedule, got ${typeof learningRate}`);
}
