// The ops that are methods of tensors too: those whose first argument is a tensor. Of the last families only the
// general op is, not its special cases.

export * from './activation.js';
export * from './arithmetic.js';
export * from './blocks.js';
export { conv1d, conv2d, conv2dTranspose } from './convolution.js';
export { depthwiseConv2d } from './depthwise.js';
export * from './gather.js';
export * from './like.js';
export * from './logical.js';
export * from './math.js';
export * from './matmul.js';
export {
  batchNorm,
  groupNormalization,
  layerNormalization,
  localResponseNormalization,
  rmsNormalization,
} from './normalization.js';
export { mirrorPad, pad, tile } from './padding.js';
export { avgPool, maxPool, pool } from './pooling.js';
export * from './reduction.js';
export { resizeBilinear, resizeNearestNeighbor } from './resize.js';
export { separableConv2d } from './separable.js';
export { slice, split, stridedSlice, unstack } from './slicing.js';
export * from './softmax.js';
export { topk, unique } from './sorting.js';
export * from './transform.js';
