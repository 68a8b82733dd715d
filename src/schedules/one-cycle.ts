import { checkBetween, checkCount, checkFinite, checkPositive } from '../check.js';
import { halfCosine } from './cosine-decay.js';
import type { LearningRateSchedule } from './schedule.js';

/** The course of {@link oneCycle}. */
export interface OneCycleOptions {
  /** The rate at the top. */
  maxLearningRate: number;
  /** Steps of the whole cycle. */
  totalSteps: number;
  /** The share of steps in which the rate rises; 0.3 if absent. */
  pctStart?: number;
  /** Whether the rate moves along half a cosine or in a line; 'cos' if absent. */
  annealStrategy?: 'cos' | 'linear';
  /** maxLearningRate is how many times the first rate; 25 if absent. */
  divFactor?: number;
  /** The first rate is how many times the last; 10,000 if absent. */
  finalDivFactor?: number;
  /**
   * Whether the rate falls to the first one in as many steps as it rose, and then to the last; else to it at once. False if absent.
   */
  threePhase?: boolean;
}

/**
 * One cycle (Smith & Topin 2018): the learning rate rises from maxLearningRate / divFactor to maxLearningRate, reached at
 * step pctStart · totalSteps − 1, and falls to the first rate / finalDivFactor, reached at step totalSteps − 1; there it
 * stays.
 *
 * @throws TypeError for what is no number, RangeError for an unknown strategy, less than two steps, factors that are not
 *   positive, or a share that leaves a phase without steps
 * @example
 * const schedule = schedules.oneCycle({ maxLearningRate: 1, totalSteps: 20 });
 * schedule.at(0);  // 0.04
 * schedule.at(5);  // 1
 * schedule.at(19);  // 0.000004
 * @see PyTorch, OneCycleLR
 */
export function oneCycle({
  maxLearningRate,
  totalSteps,
  pctStart = 0.3,
  annealStrategy = 'cos',
  divFactor = 25,
  finalDivFactor = 1e4,
  threePhase = false,
}: OneCycleOptions): LearningRateSchedule {
  checkFinite(maxLearningRate, 'maxLearningRate', 'oneCycle');
  checkCount(totalSteps, 2, 'totalSteps', 'oneCycle');
  checkBetween(pctStart, 0, 1, 'pctStart', 'oneCycle');
  if (annealStrategy !== 'cos' && annealStrategy !== 'linear') {
    throw new RangeError(`oneCycle: annealStrategy must be cos or linear, got ${annealStrategy}`);
  }
  checkPositive(divFactor, 'divFactor', 'oneCycle');
  checkPositive(finalDivFactor, 'finalDivFactor', 'oneCycle');
  const peak = pctStart * totalSteps - 1;
  if (!(peak > 0 && (threePhase ? 2 : 1) * peak < totalSteps - 1)) {
    throw new RangeError(`oneCycle: pctStart ${pctStart} of ${totalSteps} steps leaves a phase without steps`);
  }
  const first = maxLearningRate / divFactor;
  const last = first / finalDivFactor;
  const phases = [
    { end: peak, from: first, to: maxLearningRate },
    ...(threePhase ? [{ end: 2 * peak, from: maxLearningRate, to: first }] : []),
    { end: totalSteps - 1, from: threePhase ? first : maxLearningRate, to: last },
  ];
  return {
    at(step) {
      let begin = 0;
      for (const { end, from, to } of phases) {
        if (step <= end) {
          const done = (step - begin) / (end - begin);
          return annealStrategy === 'cos' ? to + (from - to) * halfCosine(done) : from + (to - from) * done;
        }
        begin = end;
      }
      return last;
    },
    getConfig: () => ({
      name: 'oneCycle',
      maxLearningRate,
      totalSteps,
      pctStart,
      annealStrategy,
      divFactor,
      finalDivFactor,
      threePhase,
    }),
  };
}
