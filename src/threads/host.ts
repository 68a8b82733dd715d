// What threads take hold of inside the package. `wasmgrad/threads` is a file of its own, which must not bring a second
// copy of the package with it: it finds these on the package's main entry.

import { module, unpack } from '../wasm/inline.js';
import { withSharedMemory } from '../wasm/shared.js';

export { emptyMemory, moveHeap } from '../memory.js';
export { setCrew } from '../wasm/crew.js';
export { nameOf, run, setShare } from '../wasm/kernels.js';

/** The kernels' modules, for memory that is shared between threads or for memory that is not. */
export const modulesFor = (shared: boolean): WebAssembly.Module[] => [
  shared ? new WebAssembly.Module(withSharedMemory(unpack())) : module,
];
