// The whole ABI: what these families export is what JavaScript can call.
//
// A kernel is named for its op and its dtype (f32, f64, i32, u8): exp_f32. Its arguments are
// inputs, then outputs, then sizes, then scalars. Addresses are in bytes, sizes and strides in elements.
//
// Every block of memory starts on 64 bytes and has 64 bytes of slack behind its last element, which
// kernels may read and write: elementwise loops run over whole vectors and have no scalar tail.
// An output is its own block or exactly an input's address; it never overlaps an input otherwise.
// Kernels trust their caller, allocate nothing and keep no state between calls.

export * from './matmul'
export * from './conv'
export * from './unary'
export * from './activation'
export * from './reduce'
export * from './move'
export * from './gather'
export * from './optimizer'
export * from './optimizers'
export * from './random'
export * from './softmax'
export * from './binary'
export * from './compare'
export * from './cast'
export { setShare } from './share'
export * from './program'

/** Where statics end and the heap may begin. */
export function heapBase(): usize { return __heap_base }
