// When training lets the event loop take a turn, so that a page draws and answers, and timers and requests come through.

import { turn } from '../turn.js';

/** When training pauses: see {@link FitOptions}. */
export type YieldEvery = 'auto' | 'batch' | 'epoch' | 'never' | number;

/** Milliseconds from one pause to the next. */
const WORDS = { auto: 125, batch: 0, epoch: Number.POSITIVE_INFINITY, never: Number.POSITIVE_INFINITY } as const;

/** @throws TypeError for what is neither word nor number, RangeError for another word or a number below 0 */
export function checkYieldEvery(given: YieldEvery, op: string): void {
  const needed = `${op}: yieldEvery must be one of ${Object.keys(WORDS).join(', ')}, or milliseconds from 0 up`;
  if (typeof given !== 'string' && typeof given !== 'number') throw new TypeError(`${needed}, got ${typeof given}`);
  if (typeof given === 'string' ? !Object.hasOwn(WORDS, given) : !(given >= 0)) {
    throw new RangeError(`${needed}, got ${given}`);
  }
}

/** The pauses of one training. */
export class Pauses {
  private readonly interval: number;
  private last = performance.now();

  constructor(every: YieldEvery) {
    this.interval = typeof every === 'number' ? every : WORDS[every];
  }

  /** Whether it is time for one. */
  get isDue(): boolean {
    return performance.now() - this.last >= this.interval;
  }

  async take(): Promise<void> {
    await turn();
    this.last = performance.now();
  }
}
