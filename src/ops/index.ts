// Every op, by its TensorFlow.js name.

export * from './activation.js';
export * from './arithmetic.js';
export { type DotProductAttentionOptions, dotProductAttention } from './attention.js';
export * from './average.js';
export * from './blocks.js';
export * from './cells.js';
export { conv1d, conv2d, conv2dTranspose } from './convolution.js';
export { bincount, denseBincount } from './counting.js';
export * from './creation.js';
export * from './depthwise.js';
export * from './einsum.js';
export { gather, oneHot, unsortedSegmentSum } from './gather.js';
export * from './joining.js';
export * from './like.js';
export * from './logical.js';
export * from './masking.js';
export * from './math.js';
export * from './matmul.js';
export {
  batchNorm,
  batchNorm2d,
  batchNorm3d,
  batchNorm4d,
  type GroupNormalizationOptions,
  groupNormalization,
  type LayerNormalizationOptions,
  layerNormalization,
  localResponseNormalization,
  type RmsNormalizationOptions,
  rmsNormalization,
} from './normalization.js';
export * from './padding.js';
export * from './pooling.js';
export { type GatedSequenceOptions, gru, lstm, type SequenceOptions, simpleRNN } from './recurrent.js';
export * from './reduction.js';
export * from './scatter.js';
export * from './separable.js';
export * from './slicing.js';
export * from './softmax.js';
export * from './sorting.js';
export * from './transform.js';
