// Streams of random numbers that a program holds itself.

export { PhiloxRandom } from './philox.js';
export { RandomState } from './randomState.js';
