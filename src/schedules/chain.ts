import { checkCount } from '../check.js';
import { type LearningRate, type LearningRateSchedule, scheduleOf } from './schedule.js';

/** What {@link chain} joins, and where. */
export interface ChainOptions {
  /** Numbers and schedules, one after the other; each counts its steps from where it begins. */
  learningRates: readonly LearningRate[];
  /** The first step of each but the first, rising. */
  boundaries: readonly number[];
}

/**
 * Learning rates one after the other: the first up to step boundaries[0] − 1, the second from step boundaries[0] on, and
 * so on.
 *
 * @throws TypeError for what is no list of rates or steps, RangeError unless boundaries rise and are one less than rates
 * @example
 * const decay = schedules.exponentialDecay({ initialLearningRate: 0.2, decaySteps: 1, decayRate: 0.5 });
 * const schedule = schedules.chain({ learningRates: [0.1, decay], boundaries: [100] });
 * schedule.at(99);  // 0.1
 * schedule.at(101);  // 0.1
 * @see PyTorch, SequentialLR; Optax, join_schedules
 */
export function chain({ learningRates, boundaries }: ChainOptions): LearningRateSchedule {
  if (!Array.isArray(learningRates) || !Array.isArray(boundaries)) {
    throw new TypeError('chain: learningRates and boundaries must be arrays');
  }
  if (learningRates.length !== boundaries.length + 1) {
    throw new RangeError(
      `chain: needs one more learning rate than boundaries, got ${learningRates.length} and ${boundaries.length}`,
    );
  }
  const begins = [0, ...boundaries];
  for (const [i, begin] of begins.entries()) {
    checkCount(begin, 0, 'a boundary', 'chain');
    if (i > 0 && begin <= begins[i - 1]!) {
      throw new RangeError(`chain: boundaries must rise from 1 up, got [${boundaries.join(', ')}]`);
    }
  }
  const parts = learningRates.map((learningRate: LearningRate) => scheduleOf(learningRate, 'chain'));
  return {
    at(step) {
      let i = parts.length - 1;
      while (i > 0 && step < begins[i]!) i--;
      return parts[i]!.at(step - begins[i]!);
    },
    getConfig: () => ({
      name: 'chain',
      learningRates: parts.map((part) => part.getConfig()),
      boundaries: begins.slice(1),
    }),
  };
}
