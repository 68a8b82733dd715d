export { type ExponentialDecayOptions, exponentialDecay } from './exponential-decay.js';
export { constant, type LearningRate, type LearningRateSchedule } from './schedule.js';
