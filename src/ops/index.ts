// Every op, by its TensorFlow.js name.

export * from './activation.js';
export * from './arithmetic.js';
export * from './creation.js';
export { gather, oneHot, unsortedSegmentSum } from './gather.js';
export * from './like.js';
export * from './logical.js';
export * from './math.js';
export * from './matmul.js';
export * from './reduction.js';
export * from './softmax.js';
export * from './transform.js';
