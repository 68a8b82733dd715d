// Who runs a recorded step: this thread alone, or a crew of several that `wasmgrad/threads` has put in its place.

import { run } from './kernels.js';
import type { Program } from './trace.js';

/** Several threads that run programs together, this one among them. */
export interface Crew {
  readonly size: number;
  /** Runs the program whose instructions lie at an address, to its end. */
  run(program: Program, address: number): void;
}

let crew: Crew | undefined;

/** From now on programs are run by these; by this thread alone if there are none. */
export function setCrew(next: Crew | undefined): void {
  crew = next;
}

/** How many threads may run a program that is recorded now: a kernel that needs scratch needs it for each of them. */
export const parts = (): number => crew?.size ?? 1;

/** Runs the program whose instructions lie at an address. */
export function runProgram(program: Program, address: number): void {
  if (crew) crew.run(program, address);
  else run(address, address + program.instructions.length);
}
