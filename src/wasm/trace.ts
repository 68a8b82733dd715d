// Recording kernel calls as they run: while a trace is open, every call of a kernel also lands in a program,
// which `run` replays by itself. JavaScript that has to run at each replay says so by `effect`,
// what must still be true by `guard`; what cannot be replayed, such as a read of a tensor's elements, breaks
// the trace.

import { SIGNATURES } from './generated/abi.js';
import { type Recorder, recordInto } from './module.js';

/** Memory that a program reads, counted by references. */
export interface Shared {
  readonly references: number;
  retain(): unknown;
  release(): void;
}

/** What a trace leaves. */
export interface Program {
  instructions: Uint8Array;
  /** JavaScript to run before the instructions. */
  effects: readonly (() => void)[];
  /** A replay is right only while all of these hold. */
  guards: readonly (() => boolean)[];
  /** What the instructions may read; to be retained where it is still alive. */
  held: readonly Shared[];
}

/** Instructions as they come, in a buffer that grows. */
class Encoder implements Recorder {
  private data = new DataView(new ArrayBuffer(4096));
  private at = 0;

  add(kernel: number, signature: number, args: readonly number[]): void {
    this.need(4 + 8 * args.length);
    const start = this.at;
    const letters = SIGNATURES[signature]!;
    this.data.setUint16(start, kernel, true);
    this.data.setUint8(start + 2, signature);
    this.at += 4;
    for (let i = 0; i < letters.length; i++) {
      if (letters[i] === 'f') {
        this.data.setFloat64(this.at, args[i]!, true);
        this.at += 8;
      } else {
        this.data.setInt32(this.at, args[i]!, true);
        this.at += 4;
      }
    }
    this.data.setUint8(start + 3, (this.at - start) / 4);
  }

  private need(bytes: number): void {
    if (this.at + bytes <= this.data.byteLength) return;
    const grown = new Uint8Array(2 * this.data.byteLength + bytes);
    grown.set(new Uint8Array(this.data.buffer));
    this.data = new DataView(grown.buffer);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, 0, this.at);
  }
}

/** The bytes of the instruction that begins with this word. */
export const bytesOf = (word: number): number => (word >>> 24) * 4;

interface Trace {
  encoder: Encoder;
  effects: (() => void)[];
  guards: Map<object, () => boolean>;
  held: Set<Shared>;
  watched: Set<Shared>;
  broken: string | undefined;
}

let trace: Trace | undefined;

/** Makes `next` the open trace: kernels that are called from now on land in it, or nowhere where there is none. */
function switchTo(next: Trace | undefined): void {
  trace = next;
  recordInto(next?.encoder);
}

export const isTracing = (): boolean => trace !== undefined;

/**
 * Runs `f` and records the kernels it calls.
 * @returns what f returned, and the program; or in the program's place why there can be none
 */
export function record<T>(f: () => T): { result: T; program: Program | string } {
  const own: Trace = {
    encoder: new Encoder(),
    effects: [],
    guards: new Map(),
    held: new Set(),
    watched: new Set(),
    broken: undefined,
  };
  switchTo(own);
  try {
    const result = f();
    if (own.broken !== undefined) return { result, program: own.broken };
    const program = {
      instructions: own.encoder.bytes(),
      effects: own.effects,
      guards: [...own.guards.values()],
      // What is updated in place must not be shared.
      held: [...own.held].filter((memory) => !own.guards.has(memory) && !own.watched.has(memory)),
    };
    return { result, program };
  } finally {
    switchTo(undefined);
  }
}

/** Says that what is being recorded could not be replayed. */
export function breakTrace(why: string): void {
  if (trace) trace.broken ??= why;
}

/** Runs `f` without recording the kernels it calls. */
export function untraced<T>(f: () => T): T {
  if (!trace) return f();
  const own = trace;
  switchTo(undefined);
  try {
    return f();
  } finally {
    switchTo(own);
  }
}

/** Runs `f` now, and again before each replay of what is being recorded. Kernels it calls are not recorded. */
export function effect(f: () => void): void {
  trace?.effects.push(f);
  untraced(f);
}

/** Replays only while `holds` does. Only the first guard about a thing counts: it saw it as a replay begins. */
export function guard(about: object, holds: () => boolean): void {
  if (trace && !trace.guards.has(about)) trace.guards.set(about, holds);
}

/**
 * Says that a guard tells where this memory is read. It is not kept then: its owner, who may change it in place, would
 * have to move away from a program that keeps it, and the program would be recorded again after each change.
 */
export function watch(memory: Shared): void {
  trace?.watched.add(memory);
}

/** Keeps memory that is being read for as long as the program lives. */
export function hold(memory: Shared): void {
  trace?.held.add(memory);
}
