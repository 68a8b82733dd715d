// Threads: `wasmgrad/threads`. Off by default, never needed; a recorded step (`fit`, `trainOnBatch`, `jit`) is then run
// by several threads on the same memory, with the bits of one. What runs eagerly runs on the calling thread alone.

import { change, size } from './change.js';

/**
 * How many threads run a recorded step, the calling one included.
 *
 * @example
 * getThreads();  // 1
 */
export const getThreads = (): number => size();

/**
 * Sets how many threads run recorded steps: those of `fit`, `trainOnBatch` and `jit`, the calling thread being one of
 * them. The results are the same to the last bit, whatever their number. Steps that would not gain by it, such as
 * those of less than a millisecond, stay on one thread: both ways are timed, again and again.
 *
 * Tensors, variables and models live on. Steps are recorded anew. `setThreads(1)` lets the threads go and gives back
 * all that they held.
 *
 * Works in Node, Deno and Bun, and in pages and web workers that are cross-origin isolated. In a page the calling
 * thread cannot sleep while it waits for the others: train in a web worker there.
 *
 * If a thread dies or hangs, the step that needed it throws an error that names it and what it was doing, and so does
 * every later one: that step was half done. After a new `setThreads` steps run again; the weights should be loaded
 * again before.
 *
 * @param n - a whole number from 1 to 64; more than the machine has free cores gains nothing
 * @throws TypeError or RangeError for another n; Error where there can be no threads, which says why. Everything is
 * then as it was.
 * @example
 * await setThreads(2);
 * const double = jit((x) => x.add(x));
 * for (let i = 0; i < 4; i++) double(tensor1d([1, 2])).print();  // [2, 4]
 * await setThreads(1);
 */
export function setThreads(n: number): Promise<void> {
  return change(n);
}
