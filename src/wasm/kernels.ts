// The kernels, bound to the one memory that the whole package computes in.

import type { Kernels } from './generated/kernels.js';
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
export const memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** Every kernel by dtype and name: `kernels.float32.exp(x, y, n)`; arguments are addresses, sizes and scalars. */
export const kernels: Kernels = group(new WebAssembly.Instance(module, { env: { memory } }).exports);
