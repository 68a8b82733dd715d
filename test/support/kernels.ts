// The kernels of every module.

import * as every from '../../src/wasm/kernels.js';
import { KernelModule } from '../../src/wasm/module.js';

const { core, random, special } = every;

/** All modules by their names. */
export const modules = new Map<string, KernelModule>();
for (const [name, value] of Object.entries(every)) {
  if (value instanceof KernelModule && name !== 'kernels') modules.set(name, value);
}

/** Their kernels in one set of tables. */
export const kernels = {
  float32: { ...core.float32, ...special.float32, ...random.float32 },
  float64: { ...core.float64, ...special.float64, ...random.float64 },
  int32: { ...core.int32, ...special.int32, ...random.int32 },
  bool: { ...core.bool, ...special.bool, ...random.bool },
  common: { ...core.common, ...special.common, ...random.common },
};
