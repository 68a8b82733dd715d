// The kernels, by modules. `kernels` are those of `core`, which every program has.

export * from './generated/kernels.js';
export { core as kernels } from './generated/kernels.js';
export { memory, type Op, run } from './module.js';
