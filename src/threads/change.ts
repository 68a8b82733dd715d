// From one number of threads to another.

import { internals } from '../core.js';
import { type CrewOptions, Threads } from './crew.js';
import { whyNot } from './workers.js';

const MOST = 64;

let crew: Threads | undefined;

export const size = (): number => crew?.size ?? 1;

/** The threads beside this one, for tests. */
export const hands = () => crew?.hands ?? [];

/** Changes come one after the other. */
let turn: Promise<unknown> = Promise.resolve();

/** As setThreads, with what tests need to be sure. */
export async function change(n: number, options: CrewOptions = {}): Promise<void> {
  if (typeof n !== 'number') throw new TypeError(`setThreads: needs a number, got ${n === null ? 'null' : typeof n}`);
  if (!(Number.isInteger(n) && n >= 1 && n <= MOST)) {
    throw new RangeError(`setThreads: needs a whole number from 1 to ${MOST}, got ${n}`);
  }
  const reason = n > 1 ? whyNot() : undefined;
  if (reason) throw new Error(`setThreads: there can be no threads here: ${reason}`);
  const done = turn.then(() => replace(n, options));
  turn = done.catch(() => {});
  await done;
}

/** A memory to move to, as large as the heap. */
function roomFor(shared: boolean): WebAssembly.Memory {
  try {
    return internals.emptyMemory(shared);
  } catch (cause) {
    throw new RangeError('setThreads: out of memory: the heap needs a second place to move to', { cause });
  }
}

/** Puts a crew of n in the place of the present one. */
async function replace(n: number, options: CrewOptions): Promise<void> {
  const old = crew;
  if (n === size() && !old?.failed) return;
  const shared = n > 1;
  const memory = roomFor(shared);
  const modules = shared ? internals.compileAll(internals.withSharedMemory) : undefined;
  const next = modules && (await Threads.start(n, memory, modules, options));
  // From here to the end of the move nothing else happens: what was changed while the threads began is moved too.
  try {
    internals.moveHeap(memory, modules);
  } catch (error) {
    await next?.dismiss();
    throw error;
  }
  crew = next;
  internals.setCrew(next);
  await old?.dismiss();
}
