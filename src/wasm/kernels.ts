// The kernels, bound to the one memory that the whole package computes in.

import type { Kernels } from './generated/kernels.js';
import { SIGNATURES } from './generated/program.js';
import { module } from './inline.js';

const SUFFIXES = { f32: 'float32', f64: 'float64', i32: 'int32', u8: 'bool' } as const;

/** `exp_f32` is `exp` in the table `float32`; what has no dtype in its name is in `common`. */
export function placeOf(name: string): [table: keyof Kernels, op: string] {
  const [, op, suffix] = /^(.*)_(f32|f64|i32|u8)$/.exec(name) ?? [name, name];
  return [suffix ? SUFFIXES[suffix as keyof typeof SUFFIXES] : 'common', op!];
}

function group(exports: WebAssembly.Exports): Kernels {
  const kernels: Record<keyof Kernels, Record<string, unknown>> = {
    float32: {},
    float64: {},
    int32: {},
    bool: {},
    common: {},
  };
  for (const [name, kernel] of Object.entries(exports)) {
    const [table, op] = placeOf(name);
    kernels[table][op] = kernel;
  }
  return kernels as unknown as Kernels;
}

/** Linear memory. JavaScript owns it: {@link ../memory.ts} hands it out. */
export let memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

const instantiate = (compiled: WebAssembly.Module, on: WebAssembly.Memory): Kernels =>
  group(new WebAssembly.Instance(compiled, { env: { memory: on } }).exports);

/** Every kernel by dtype and name: `kernels.float32.exp(x, y, n)`; arguments are addresses, sizes and scalars. */
export const kernels: Kernels = instantiate(module, memory);

/** Runs the instructions from one address up to another. */
export const run = (at: number, end: number): number => kernels.common.run(at, end);

/** Sets which part of its work each kernel does from now on. */
export const setShare = (part: number, parts: number): void => kernels.common.setShare(part, parts);

/** The name of the kernel that an instruction calls. */
export const nameOf = (instruction: Uint8Array): string =>
  SIGNATURES[instruction[0]! | (instruction[1]! << 8)]?.[0] ?? 'an unknown kernel';

/**
 * Makes the kernels compute in another memory. Instances write their constants into it at once; `fill` is called
 * after that and before anything else happens in it.
 */
export function moveTo(next: WebAssembly.Memory, modules: readonly WebAssembly.Module[], fill: () => void): void {
  const moved = instantiate(modules[0]!, next);
  fill();
  for (const table of Object.keys(kernels) as (keyof Kernels)[]) Object.assign(kernels[table], moved[table]);
  memory = next;
}
