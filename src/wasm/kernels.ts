// The kernels, by modules. `kernels` are those of `core`, which every program has.

import { core } from './generated/kernels.js';

export { HEAP_BASE } from './generated/abi.js';
export * from './generated/kernels.js';
export { compileAll, memory, moveTo, nameOf, type Op, type Patch, setShare } from './module.js';
export { core as kernels };

/** Runs recorded instructions from an address up to `end`. What is no instruction stops it with a RuntimeError. */
export const run = (at: number, end: number): void => core.common.run(at, end);
