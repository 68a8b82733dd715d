// The kernels of every module.

import * as every from '../../src/wasm/kernels.js';
import { KernelModule } from '../../src/wasm/module.js';

const { core, conv, image, normalization, optimizers, random, special } = every;

/** All modules by their names. */
export const modules = new Map<string, KernelModule>();
for (const [name, value] of Object.entries(every)) {
  if (value instanceof KernelModule && name !== 'kernels') modules.set(name, value);
}

/** From now on their instances do part t of T of what they run. */
export function setShare(t: number, T: number): void {
  for (const { common } of modules.values()) (common as { setShare(t: number, T: number): void }).setShare(t, T);
}

/** Their kernels in one set of tables. */
export const kernels = {
  float32: {
    ...core.float32,
    ...special.float32,
    ...random.float32,
    ...conv.float32,
    ...image.float32,
    ...normalization.float32,
    ...optimizers.float32,
  },
  float64: {
    ...core.float64,
    ...special.float64,
    ...random.float64,
    ...conv.float64,
    ...image.float64,
    ...normalization.float64,
    ...optimizers.float64,
  },
  int32: { ...core.int32, ...special.int32, ...random.int32, ...conv.int32, ...image.int32, ...optimizers.int32 },
  bool: { ...core.bool, ...special.bool, ...random.bool, ...conv.bool, ...image.bool, ...optimizers.bool },
  common: {
    ...core.common,
    ...special.common,
    ...random.common,
    ...conv.common,
    ...image.common,
    ...optimizers.common,
  },
};
