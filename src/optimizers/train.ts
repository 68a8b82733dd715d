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

/**
 * Gradient descent: {@link SGDOptimizer}.
 *
 * @throws TypeError without a learning rate
 * @example
 * const w = variable(scalar(3));
 * train.sgd(0.25).minimize(() => w.square());
 * w.print();  // 1.5
 */
export const sgd = (learningRate: LearningRate): SGDOptimizer =>
  new SGDOptimizer({ learningRate: needed(learningRate, 'SGDOptimizer') });

/**
 * Gradient descent with momentum: {@link MomentumOptimizer} gives the formulas.
 *
 * @throws TypeError without a learning rate
 * @example
 * const w = variable(scalar(3));
 * const optimizer = train.momentum(0.25, 0.5);
 * for (let i = 0; i < 2; i++) optimizer.minimize(() => w.square());
 * w.print();  // 0
 */
export const momentum = (learningRate: LearningRate, momentum: number, useNesterov = false): MomentumOptimizer =>
  new MomentumOptimizer(needed(learningRate, 'MomentumOptimizer'), momentum, useNesterov);

/**
 * Adagrad: {@link AdagradOptimizer} gives the formulas.
 *
 * @throws TypeError without a learning rate
 * @example
 * const w = variable(scalar(3));
 * train.adagrad(0.5).minimize(() => w.square());
 * w.print();  // 2.5006931
 */
export const adagrad = (learningRate: LearningRate, initialAccumulatorValue = 0.1): AdagradOptimizer =>
  new AdagradOptimizer(needed(learningRate, 'AdagradOptimizer'), initialAccumulatorValue);

/**
 * Adadelta: {@link AdadeltaOptimizer}, its mean square as it was before the step, as TensorFlow.js takes it.
 *
 * @throws as AdadeltaOptimizer does
 * @example
 * const w = variable(scalar(3));
 * train.adadelta(0.05).minimize(() => w.square());
 * w.print();  // 2.7
 */
export const adadelta = (
  learningRate: LearningRate = 0.001,
  rho = 0.95,
  epsilon: number | null = null,
): AdadeltaOptimizer => new AdadeltaOptimizer({ learningRate, rho, epsilon: epsilon ?? 1e-7, delayed: true });

/**
 * RMSProp: {@link RMSPropOptimizer} gives the formulas; `decay` is its ρ.
 *
 * @throws TypeError without a learning rate
 * @example
 * const w = variable(scalar(3));
 * train.rmsprop(0.1).minimize(() => w.square());
 * w.print();  // 2.6837723
 */
export const rmsprop = (
  learningRate: LearningRate,
  decay = 0.9,
  momentum = 0,
  epsilon: number | null = null,
  centered = false,
): RMSPropOptimizer =>
  new RMSPropOptimizer(needed(learningRate, 'RMSPropOptimizer'), decay, momentum, epsilon, centered);

/**
 * Adam: {@link AdamOptimizer} gives the formulas.
 *
 * @throws as AdamOptimizer does
 * @example
 * const w = variable(scalar(3));
 * train.adam(0.1).minimize(() => w.square());
 * w.print();  // 2.9000001
 */
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
 * @example
 * const w = variable(scalar(3));
 * const optimizer = train.adamax(0.1, 0.9, 0.999, null, 0.5);
 * for (let i = 0; i < 2; i++) optimizer.minimize(() => w.square());
 * w.print();  // 2.8344374
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
