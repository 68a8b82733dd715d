// Optimizers with TensorFlow.js's positional arguments and defaults: train.sgd(0.1). The same optimizers with all of
// Keras's options are in optimizers.ts.

import { checkFinite } from '../check.js';
import { inverseTimeDecay } from '../schedules/inverse-time-decay.js';
import type { LearningRate } from '../schedules/schedule.js';
import { AdadeltaOptimizer } from './adadelta.js';
import { AdagradOptimizer } from './adagrad.js';
import { AdamOptimizer } from './adam.js';
import { AdamaxOptimizer } from './adamax.js';
import { MomentumOptimizer } from './momentum.js';
import { RMSPropOptimizer } from './rmsprop.js';
import { SGDOptimizer } from './sgd.js';

/** A learning rate that has to be given. */
function needed(learningRate: LearningRate, name: string): LearningRate {
  if (learningRate == null) throw new TypeError(`train: learningRate for ${name} must be defined.`);
  return learningRate;
}

/** Gradient descent: {@link SGDOptimizer}. */
export const sgd = (learningRate: LearningRate): SGDOptimizer =>
  new SGDOptimizer({ learningRate: needed(learningRate, 'SGDOptimizer') });

/** Gradient descent with momentum: {@link MomentumOptimizer}. */
export const momentum = (learningRate: LearningRate, momentum: number, useNesterov = false): MomentumOptimizer =>
  new MomentumOptimizer(needed(learningRate, 'MomentumOptimizer'), momentum, useNesterov);

/** Adagrad: {@link AdagradOptimizer}. */
export const adagrad = (learningRate: LearningRate, initialAccumulatorValue = 0.1): AdagradOptimizer =>
  new AdagradOptimizer(needed(learningRate, 'AdagradOptimizer'), initialAccumulatorValue);

/** Adadelta: {@link AdadeltaOptimizer}, its mean square as it was before the step, as TensorFlow.js takes it. */
export const adadelta = (
  learningRate: LearningRate = 0.001,
  rho = 0.95,
  epsilon: number | null = null,
): AdadeltaOptimizer => new AdadeltaOptimizer({ learningRate, rho, epsilon: epsilon ?? 1e-7, delayed: true });

/** RMSProp: {@link RMSPropOptimizer}; `decay` is its ρ. */
export const rmsprop = (
  learningRate: LearningRate,
  decay = 0.9,
  momentum = 0,
  epsilon: number | null = null,
  centered = false,
): RMSPropOptimizer =>
  new RMSPropOptimizer(needed(learningRate, 'RMSPropOptimizer'), decay, momentum, epsilon, centered);

/** Adam: {@link AdamOptimizer}. */
export const adam = (
  learningRate: LearningRate = 0.001,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon: number | null = null,
): AdamOptimizer => new AdamOptimizer(learningRate, beta1, beta2, epsilon);

/**
 * Adamax: {@link AdamaxOptimizer}. With `decay` the learning rate is learningRate / (1 + decay · step).
 *
 * @throws TypeError for a decay of a learning rate that is a schedule
 */
export const adamax = (
  learningRate: LearningRate = 0.002,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon: number | null = null,
  decay = 0,
): AdamaxOptimizer => {
  if (decay !== 0) {
    checkFinite(learningRate, 'a learningRate that decays', 'train.adamax');
    learningRate = inverseTimeDecay({ initialLearningRate: learningRate, decaySteps: 1, decayRate: decay });
  }
  return new AdamaxOptimizer(learningRate, beta1, beta2, epsilon);
};
