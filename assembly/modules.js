// The whole ABI: what JavaScript can call, and how it is divided into WebAssembly modules.
//
// A kernel is named for its op and its dtype (f32, f64, i32, u8): exp_f32. Its arguments are
// inputs, then outputs, then sizes, then scalars. Addresses are in bytes, sizes and strides in elements.
//
// Every block of memory starts on 64 bytes and has 64 bytes of slack behind its last element, which
// kernels may read and write: elementwise loops run over whole vectors and have no scalar tail.
// An output is its own block or exactly an input's address; it never overlaps an input otherwise.
// Kernels trust their caller, allocate nothing and keep no state between calls.
//
// Modules share one memory. Each travels by itself, so that a bundler leaves out those that nothing in a program
// imports, and is instantiated when the first of its kernels is called for. A module has whole families (a family is
// one file of this folder, all of whose exports are kernels) and single ops of the families of other modules.
//
// A new module is one more line here, and a `from` where ops call its kernels (src/ops/dispatch.ts).

/** Bytes that each module's constants may take: the first module's begin at 0, the heap behind the last one's. */
export const STATICS = 4096;

/**
 * A module `withProducts` is compiled once more for `wasmgrad/relaxed`, where tile.ts fuses products and sums.
 *
 * @type {Record<string, { families?: string, ops?: string, withProducts?: boolean }>}
 */
export const MODULES = {
  // What tensors, gradients, products, the usual activations and optimizers need.
  core: {
    families: 'matmul unary activation reduce move gather scatter optimizer binary cast',
    ops: 'amsgrad averageWeights gatherGradient squareSums',
    withProducts: true,
  },
  // Comparisons, and what is found by comparing.
  compare: { families: 'compare', ops: 'max min argMax argMin any all' },
  // Softmax and cross entropies.
  softmax: { families: 'softmax' },
  // Functions and activations that few programs need and whose polynomials are long.
  special: {
    ops:
      'expm1 log1p sin cos tan asin acos atan sinh cosh asinh acosh atanh erf pow atan2 elu eluGrad selu seluGrad ' +
      'softplus softplusGrad logSigmoid softsign silu siluGrad mish mishGrad gelu geluGrad geluExact geluExactGrad ' +
      'hardSigmoid hardSigmoidGrad hardSwish hardSwishGrad',
  },
  random: { families: 'random' },
  // What optimizers other than gradient descent and Adam need.
  optimizers: { families: 'optimizers' },
  // Images moved, and boxes in them.
  image: { families: 'warp suppression' },
  // Images: convolutions and pools.
  conv: { families: 'conv depthwise pool', withProducts: true },
  normalization: { families: 'normalize' },
  // Recurrent layers over whole sequences.
  recurrent: { families: 'recurrent', withProducts: true },
};
