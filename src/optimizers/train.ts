// Optimizers with TensorFlow.js's positional arguments: train.sgd(0.1).

import type { LearningRate } from '../schedules/schedule.js';
import { AdamOptimizer } from './adam.js';
import { MomentumOptimizer } from './momentum.js';
import { SGDOptimizer } from './sgd.js';

/** Gradient descent: {@link SGDOptimizer}. */
export const sgd = (learningRate: LearningRate): SGDOptimizer => new SGDOptimizer(learningRate);

/** Gradient descent with momentum: {@link MomentumOptimizer}. */
export const momentum = (learningRate: LearningRate, momentum: number, useNesterov = false): MomentumOptimizer =>
  new MomentumOptimizer(learningRate, momentum, useNesterov);

/** Adam: {@link AdamOptimizer}. */
export const adam = (
  learningRate: LearningRate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon: number | null = null,
): AdamOptimizer => new AdamOptimizer(learningRate, beta1, beta2, epsilon);
