// What threads take hold of inside the package. `wasmgrad/threads` is a file of its own, which must not bring a second
// copy of the package with it: it finds these on the package's main entry.

export { emptyMemory, moveHeap } from '../memory.js';
export { setCrew } from '../wasm/crew.js';
export { compileAll, nameOf, run, setShare } from '../wasm/kernels.js';
export { withSharedMemory } from '../wasm/shared.js';
