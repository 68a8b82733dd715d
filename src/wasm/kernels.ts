// The kernels, by modules. `kernels` are those of `core`, which every program has.

export { type CoreKernels, core as kernels, HEAP_BASE, random, special } from './generated/kernels.js';
export { compileAll, memory, moveTo, nameOf, type Op, type Patch, run, setShare } from './module.js';
