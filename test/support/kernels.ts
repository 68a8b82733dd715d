// The kernels of every module in one set of tables.

import { kernels as core, random, special } from '../../src/wasm/kernels.js';

export const kernels = {
  float32: { ...core.float32, ...special.float32, ...random.float32 },
  float64: { ...core.float64, ...special.float64, ...random.float64 },
  int32: { ...core.int32, ...special.int32, ...random.int32 },
  bool: { ...core.bool, ...special.bool, ...random.bool },
  common: { ...core.common, ...special.common, ...random.common },
};
