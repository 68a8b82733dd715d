// Random numbers: ops by their TensorFlow.js names, and streams of one's own.

export * from './draw.js';
export { dropout } from './dropout.js';
export { setSeed } from './seeds.js';
export * from './streams.js';
