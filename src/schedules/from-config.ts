// Schedules from what their getConfig says.

import { chain } from './chain.js';
import { cosineDecay } from './cosine-decay.js';
import { cosineDecayRestarts } from './cosine-decay-restarts.js';
import { exponentialDecay } from './exponential-decay.js';
import { inverseTimeDecay } from './inverse-time-decay.js';
import { linearWarmup } from './linear-warmup.js';
import { noam } from './noam.js';
import { oneCycle } from './one-cycle.js';
import { piecewiseConstantDecay } from './piecewise-constant-decay.js';
import { polynomialDecay } from './polynomial-decay.js';
import { constant, type LearningRateSchedule, type ScheduleConfig } from './schedule.js';

const SCHEDULES: Record<string, (options: never) => LearningRateSchedule> = {
  chain,
  constant: ({ learningRate }: { learningRate: number }) => constant(learningRate),
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  linearWarmup,
  noam,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
};

/** An option as it is; a schedule where it is a schedule's config. */
function option(value: ScheduleConfig[string]): unknown {
  if (Array.isArray(value)) return value.map(option);
  return typeof value === 'object' && value !== null ? fromConfig(value as ScheduleConfig) : value;
}

/**
 * The schedule that a config describes: `name`, and the options of the factory of that name.
 *
 * @throws RangeError for a name there is none of, and what the factory throws
 * @example
 * const config = schedules.linearWarmup({ warmupSteps: 10, learningRate: 0.5 }).getConfig();
 * schedules.fromConfig(JSON.parse(JSON.stringify(config))).at(5);  // 0.25
 */
export function fromConfig({ name, ...options }: ScheduleConfig): LearningRateSchedule {
  if (typeof name !== 'string' || !Object.hasOwn(SCHEDULES, name)) {
    throw new RangeError(`fromConfig: unknown schedule '${name}'; known are ${Object.keys(SCHEDULES).join(', ')}`);
  }
  return SCHEDULES[name]!(
    Object.fromEntries(Object.entries(options).map(([key, value]) => [key, option(value)])) as never,
  );
}
