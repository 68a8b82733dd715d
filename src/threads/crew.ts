// Several threads on one recorded step: this one gives out instruction after instruction, does its own share of each,
// and goes on when the others have done theirs.

import { internals } from '../core.js';
import type { Crew } from '../wasm/crew.js';
import type { Program } from '../wasm/trace.js';
import { AT, done, END, FAILED, MESSAGE, SLEEPERS, spin, TURN, WAITING, wordsFor } from './control.js';
import { Pace } from './pace.js';
import { Hand } from './workers.js';

/** How long the others may take for their shares once this thread has done its own, in milliseconds. */
const PATIENCE = 10_000;

/** What a program needs here. */
interface Plan {
  /** Where each instruction begins, and where the last one ends. */
  marks: readonly number[];
  pace: Pace;
}

/** For tests. */
export interface CrewOptions {
  /** Whether every program is run by all threads, however small. */
  always?: boolean;
  patience?: number;
}

/** A browser's page may not wait. */
function mayWait(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}

/** Where the instructions of a program begin, and its end. */
function marksOf({ instructions }: Program): number[] {
  const marks = [0];
  for (let at = 0; at < instructions.length; marks.push(at)) at += 4 * instructions[at + 3]!;
  return marks;
}

export class Threads implements Crew {
  readonly size: number;
  /** By which they agree: see control.ts. */
  readonly words: Int32Array;
  private readonly always: boolean;
  private readonly patience: number;
  private readonly waits = mayWait();
  private readonly plans = new WeakMap<Program, Plan>();
  /** The others. */
  readonly hands: Hand[] = [];
  private failure: Error | undefined;

  private constructor(size: number, { always = false, patience = PATIENCE }: CrewOptions) {
    this.size = size;
    this.always = always;
    this.patience = patience;
    this.words = new Int32Array(new SharedArrayBuffer(4 * wordsFor(size)));
  }

  /** Starts the others, on a memory and with modules for it. */
  static async start(
    size: number,
    memory: WebAssembly.Memory,
    modules: readonly WebAssembly.Module[],
    options: CrewOptions,
  ): Promise<Threads> {
    const crew = new Threads(size, options);
    const control = crew.words.buffer as SharedArrayBuffer;
    const starts = Array.from({ length: size - 1 }, async (_, i) => {
      const hand = await Hand.start({ modules, memory, control, thread: i + 1, threads: size });
      hand.onEnd = (why) => crew.fail(`thread ${i + 1} of ${size} ended: ${why}`);
      crew.hands.push(hand);
    });
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
    if (failed) {
      await crew.dismiss();
      throw (failed as PromiseRejectedResult).reason;
    }
    return crew;
  }

  /** Whether it is of no use any more. */
  get failed(): boolean {
    return this.failure !== undefined;
  }

  run(program: Program, address: number): void {
    if (this.failure) throw new Error(this.failure.message, { cause: this.failure });
    let plan = this.plans.get(program);
    if (!plan) {
      plan = { marks: marksOf(program), pace: new Pace() };
      this.plans.set(program, plan);
    }
    const { marks, pace } = plan;
    const isTimed = pace.isTimed();
    const start = isTimed ? performance.now() : 0;
    if (pace.together || this.always) this.together(program, address, marks);
    else internals.run(address, address + program.instructions.length);
    if (isTimed) pace.took(performance.now() - start);
  }

  private together(program: Program, address: number, marks: readonly number[]): void {
    internals.setShare(0, this.size);
    try {
      for (let i = 1; i < marks.length; i++) {
        const turn = this.giveOut(address + marks[i - 1]!, address + marks[i]!);
        try {
          internals.run(address + marks[i - 1]!, address + marks[i]!);
        } finally {
          // Whatever happened here, nobody is to write to this memory after this.
          this.waitForAll(turn, program.instructions.subarray(marks[i - 1]));
        }
      }
    } finally {
      internals.setShare(0, 1);
    }
  }

  /** Tells the others what is to be done; 0 and 0 that they are to go. */
  private giveOut(at: number, end: number): number {
    const { words } = this;
    words[AT] = at;
    words[END] = end;
    const turn = (Atomics.add(words, TURN, 1) + 1) | 0;
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, TURN);
    return turn;
  }

  private waitForAll(turn: number, instruction: Uint8Array): void {
    const { words, size } = this;
    const before = (turn - 1) | 0;
    let deadline = 0;
    for (let thread = 1; thread < size; thread++) {
      const own = done(thread);
      while (!spin(words, own, before)) {
        const now = performance.now();
        deadline ||= now + this.patience;
        if (now > deadline) {
          throw this.fail(`thread ${thread} of ${size} did not come back from ${internals.nameOf(instruction)}`);
        }
        if (!this.waits) continue;
        Atomics.store(words, WAITING, 1);
        Atomics.wait(words, own, before, deadline - now);
        Atomics.store(words, WAITING, 0);
      }
    }
    const thread = Atomics.load(words, FAILED);
    if (thread === 0) return;
    const name = internals.nameOf(instruction);
    const message = String.fromCharCode(...words.subarray(MESSAGE + 1, MESSAGE + 1 + words[MESSAGE]!));
    Atomics.store(words, FAILED, 0);
    const what = `thread ${thread} of ${size} stopped in ${name}: ${message}`;
    // An assertion comes before a step changes anything, and is meant to stop it.
    throw name.startsWith('assert') ? new WebAssembly.RuntimeError(what) : this.fail(what);
  }

  /** From now on every step is refused. */
  private fail(what: string): Error {
    this.failure ??= new Error(
      `threads: ${what}; a step that was under way is half done: load the weights again after a new setThreads`,
    );
    return this.failure;
  }

  /** Lets the others go and waits until they are gone. */
  async dismiss(): Promise<void> {
    this.giveOut(0, 0);
    await Promise.all(this.hands.map((hand) => hand.end()));
  }
}
