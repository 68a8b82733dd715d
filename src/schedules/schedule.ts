// A learning-rate schedule: a learning rate for every step.

import { checkFinite } from '../check.js';

/** A learning rate that follows the number of the step, counted from 0. */
export interface LearningRateSchedule {
  /** The learning rate of a step. */
  at(step: number): number;
  /** What the schedule was made of, under the names its factory takes. */
  getConfig(): Record<string, number | boolean>;
}

/** What optimizers take as a learning rate. */
export type LearningRate = number | LearningRateSchedule;

/** A schedule that always says the same. */
export function constant(learningRate: number): LearningRateSchedule {
  checkFinite(learningRate, 'learningRate', 'constant');
  return { at: () => learningRate, getConfig: () => ({ learningRate }) };
}

/** A number as a schedule, a schedule as it is. */
export function scheduleOf(learningRate: LearningRate, op: string): LearningRateSchedule {
  if (typeof learningRate === 'number') {
    checkFinite(learningRate, 'learningRate', op);
    return constant(learningRate);
  }
  if (typeof learningRate?.at === 'function') return learningRate;
  throw new TypeError(`${op}: learningRate must be a number or a schedule, got ${typeof learningRate}`);
}
