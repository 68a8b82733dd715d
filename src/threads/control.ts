// The words by which threads agree, in shared memory of their own. Each stands on a line of the cache that no other
// thread writes to. Only this thread, the first, sets what is to be done next; each of the others says when it is done.
//
//     TURN        counts the instructions that were given out; 0 before the first
//     AT, END     where the instruction lies; END is 0 when the threads are to go
//     SLEEPERS    how many of the others wait for a turn without spinning
//     WAITING     1 while the first waits for the others without spinning
//     DONE + t    the turn that thread t has done, or
//     FAILED      the number of a thread whose kernel stopped; 0 for none
//     MESSAGE     what the engine said of it: its length and its characters

/** Words on a line. */
const LINE = 32;

export const [TURN, AT, END] = [0, 1, 2];
export const SLEEPERS = LINE;
export const WAITING = 2 * LINE;
export const [FAILED, MESSAGE] = [3 * LINE, 3 * LINE + 1];
export const LONGEST_MESSAGE = 3 * LINE - 2;
export const done = (thread: number): number => (6 + thread) * LINE;
export const wordsFor = (threads: number): number => (6 + threads) * LINE;

/**
 * How long to spin before waiting, in milliseconds. Waking up takes 0.03 to 0.11: who spins for less than that is
 * asleep whenever the next turn comes, and so then are the others.
 */
const SPIN_MS = 0.1;

/** Spins for as long as a word has a value, but not for long; returns whether it has another now. */
export function spin(words: Int32Array, index: number, value: number): boolean {
  let end = 0;
  for (;;) {
    for (let i = 0; i < 200; i++) if (Atomics.load(words, index) !== value) return true;
    const now = performance.now();
    end ||= now + SPIN_MS;
    if (now >= end) return false;
  }
}
