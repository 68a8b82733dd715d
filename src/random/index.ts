// Random numbers: streams of one's own, and ops by their TensorFlow.js names.

export * from './draw.js';
export { PhiloxRandom } from './philox.js';
export { RandomState } from './randomState.js';
export { setSeed } from './seeds.js';
