/**
 * Contestants that take turns in one process, round by round, so that a noisy machine is noisy for all of them.
 * Figures are medians; ratios are medians over the paired rounds.
 */

import { Bench } from 'tinybench';

/**
 * @typedef {object} Contestant
 * @property {() => unknown} run the work; a promise is waited for
 * @property {() => unknown} [before] is called before each of its turns
 * @property {() => Promise<ArrayLike<number>>} [read] the work's result, to compare with that of others
 * @property {() => void} [close] frees what it holds
 */

/** @param {readonly number[]} xs */
export const median = (xs) => [...xs].sort((a, b) => a - b)[xs.length >> 1];

/** How often `other` takes `ours`' time: the median of the rounds' ratios.
 *
 * @param {readonly number[]} other
 * @param {readonly number[]} ours
 */
export const ratio = (other, ours) => median(other.map((t, i) => t / ours[i]));

// A timer's reading costs up to 0.1 µs: short work is read in batches of this many milliseconds.
const BATCH = 0.2;

// Work this slow, in milliseconds, is measured in the first rounds only.
const SLOW = 250;
const SLOW_ROUNDS = 3;

/** The contestant as one function that runs it often enough to be timed, after it has run for `time` milliseconds.
 *
 * @param {Contestant} contestant
 * @param {number} time
 */
async function warmUp({ run, before }, time) {
  await before?.();
  const first = run();
  const isAsync = first instanceof Promise;
  await first;
  let calls = 0;
  const start = performance.now();
  let spent = 0;
  // The latter half counts: by then the engine has compiled what it will compile.
  let half = { calls: 0, spent: 0 };
  do {
    if (isAsync) await run();
    else run();
    calls++;
    spent = performance.now() - start;
    if (spent < time / 2) half = { calls, spent };
  } while (spent < time);
  const each = (spent - half.spent) / (calls - half.calls);
  const count = Math.max(1, Math.round(BATCH / each));
  return {
    each,
    count,
    isAsync,
    batch: isAsync
      ? async () => {
          for (let i = 0; i < count; i++) await run();
        }
      : () => {
          for (let i = 0; i < count; i++) run();
        },
  };
}

/**
 * Milliseconds per call of every contestant in every round.
 *
 * @param {Record<string, Contestant>} contestants
 * @param {{ rounds?: number, turn?: number }} [options] a turn takes about `turn` milliseconds
 * @returns {Promise<Record<string, number[]>>}
 */
export async function race(contestants, { rounds = 15, turn = 20 } = {}) {
  const warm = [];
  for (const [name, contestant] of Object.entries(contestants)) {
    warm.push({
      name,
      before: contestant.before,
      times: /** @type {number[]} */ ([]),
      ...(await warmUp(contestant, 3 * turn)),
    });
  }
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: turn, iterations: 1, warmup: false, throws: true });
    const present = warm.filter(({ each }) => each < SLOW || round < SLOW_ROUNDS);
    for (const { name, batch, isAsync, before } of present) {
      const beforeAll = async () => {
        await before?.();
      };
      bench.add(name, batch, { async: isAsync, beforeAll }); // unless told, it runs the work once to find out
    }
    const tasks = await bench.run();
    for (const [i, { result, name }] of tasks.entries()) {
      if (!('latency' in result)) throw new Error(`${name}: ${result.state}`);
      present[i].times.push(result.latency.p50 / present[i].count);
    }
  }
  return Object.fromEntries(warm.map(({ name, times }) => [name, times]));
}
