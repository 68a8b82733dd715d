// What every optimizer can be asked for: its options, how they are given, and what is refused.

import { checkCount, checkFinite, checkPositive } from '../check.js';
import type { LearningRate } from '../schedules/schedule.js';

/** Options that every optimizer takes, with Keras's names and defaults. */
export interface OptimizerOptions {
  /** A number or a schedule. */
  learningRate?: LearningRate;
  /** Before each update w −= learningRate · weightDecay · w (Loshchilov & Hutter 2019); none if absent. */
  weightDecay?: number | null;
  /** Each gradient is scaled down to this L2 norm where its own is greater. */
  clipNorm?: number | null;
  /** All gradients are scaled down together to this L2 norm of them all. */
  globalClipNorm?: number | null;
  /** Each element of a gradient is clipped to ± this number. */
  clipValue?: number | null;
  /** Whether an average of the weights is kept: average = emaMomentum · average + (1 − emaMomentum) · w. */
  useEma?: boolean;
  /** 0.99 if absent. */
  emaMomentum?: number;
  /** The average replaces the weights after every so many updates; never if absent, see finalizeVariableValues. */
  emaOverwriteFrequency?: number | null;
  /** Weights are updated in every so many steps only, along the mean of the steps' gradients. */
  gradientAccumulationSteps?: number | null;
}

/** Options as plain JSON: a schedule stands there by its config. */
export type OptimizerConfig = Record<string, unknown>;

/** The common options, the learning rate aside. */
export type Common = Required<Omit<OptimizerOptions, 'learningRate'>>;

const COMMON: Common = {
  weightDecay: null,
  clipNorm: null,
  globalClipNorm: null,
  clipValue: null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  gradientAccumulationSteps: null,
};

/**
 * Options as they are, or made of TensorFlow.js's positional arguments; null and undefined leave the default.
 *
 * @param names - the options that the arguments are, in their order
 * @throws TypeError for more than these
 */
export function optionsOf<O extends object>(given: readonly unknown[], names: readonly (keyof O & string)[] = []): O {
  const [options = {}] = given;
  if (given.length < 2 && typeof options === 'object' && options !== null && !('at' in options)) return options as O;
  if (given.length > names.length) {
    throw new TypeError(`optimizer: needs an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  return Object.fromEntries(names.flatMap((name, i) => (given[i] == null ? [] : [[name, given[i]]]))) as O;
}

/**
 * All of an optimizer's options: the given ones, and its own or the common defaults in the place of those that are absent.
 *
 * @param defaults - the optimizer's own options, and common ones whose default is another here
 * @param name - the optimizer's, for messages
 * @throws RangeError for an unknown option or more than one way to clip, TypeError and RangeError for common options that are
 *   no numbers or out of range
 */
export function completeOptions<Own extends object>(defaults: Own, given: object, name: string): Own & Common {
  const known = { ...COMMON, ...defaults };
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(known, key)) {
      throw new RangeError(`${name}: unknown option '${key}'; known are ${Object.keys(known).join(', ')}`);
    }
  }
  const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const options: Own & Common = { ...known, ...told };
  checkCommon(options, name);
  return options;
}

function checkCommon(options: Common, name: string): void {
  const { clipNorm, globalClipNorm, clipValue, gradientAccumulationSteps } = options;
  const { weightDecay, emaMomentum, emaOverwriteFrequency } = options;
  const clips = Object.entries({ clipNorm, globalClipNorm, clipValue }).filter(([, value]) => value !== null);
  for (const [key, value] of clips) checkPositive(value, key, name);
  if (clips.length > 1) {
    throw new RangeError(`${name}: needs one way to clip at most, got ${clips.map(([key]) => key).join(' and ')}`);
  }
  if (weightDecay !== null) checkFinite(weightDecay, 'weightDecay', name);
  checkFinite(emaMomentum, 'emaMomentum', name);
  if (!(emaMomentum >= 0 && emaMomentum <= 1)) {
    throw new RangeError(`${name}: emaMomentum must be in [0, 1], got ${emaMomentum}`);
  }
  if (emaOverwriteFrequency !== null) checkCount(emaOverwriteFrequency, 1, 'emaOverwriteFrequency', name);
  if (gradientAccumulationSteps !== null) checkCount(gradientAccumulationSteps, 2, 'gradientAccumulationSteps', name);
}

/** The options that a config names: the optimizer's own, and the common ones that are not as they were by default. */
export function toldOptions(options: Readonly<Common>, defaults: object): OptimizerConfig {
  const usual: Record<string, unknown> = { ...COMMON, ...defaults };
  return Object.fromEntries(
    Object.entries(options).filter(([key, value]) => !Object.hasOwn(COMMON, key) || value !== usual[key]),
  );
}
