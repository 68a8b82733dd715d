/**
 * Contestants that take turns in one process, round by round, so that a noisy machine is noisy for all of them.
 * Figures are medians; ratios are medians over the paired rounds.
 */

import { Bench } from 'tinybench';

/** @param {readonly number[]} xs */
export const median = (xs) => [...xs].sort((a, b) => a - b)[xs.length >> 1];

/**
 * Milliseconds per call of every contestant in every round.
 *
 * @param {Record<string, () => unknown>} contestants
 * @param {{ rounds?: number, turn?: number }} [options] a turn takes about `turn` milliseconds
 * @returns {Promise<Record<string, number[]>>}
 */
export async function race(contestants, { rounds = 15, turn = 20 } = {}) {
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: turn, iterations: 1, warmup: round === 0, warmupTime: 10 * turn, throws: true });
    for (const [name, run] of Object.entries(contestants)) bench.add(name, run);
    for (const task of await bench.run()) {
      const { result } = task;
      if (!('latency' in result)) throw new Error(`${task.name}: ${result.state}`);
      times[task.name].push(result.latency.p50);
    }
  }
  return times;
}

/** How often `other` takes `ours`' time: the median of the rounds' ratios.
 *
 * @param {readonly number[]} other
 * @param {readonly number[]} ours
 */
export const ratio = (other, ours) => median(other.map((t, i) => t / ours[i]));
