// Optimizers with Keras's options and defaults: optimizers.adam({ learningRate: 0.01 }). Each takes the common options of
// OptimizerOptions too.

import { AdadeltaOptimizer, type AdadeltaOptions } from './adadelta.js';
import { AdafactorOptimizer, type AdafactorOptions } from './adafactor.js';
import { AdagradOptimizer, type AdagradOptions } from './adagrad.js';
import { AdamOptimizer, type AdamOptions } from './adam.js';
import { AdamaxOptimizer, type AdamaxOptions } from './adamax.js';
import { FtrlOptimizer, type FtrlOptions } from './ftrl.js';
import { LambOptimizer, type LambOptions } from './lamb.js';
import { LBFGS, type LBFGSOptions } from './lbfgs.js';
import { LionOptimizer, type LionOptions } from './lion.js';
import { MuonOptimizer, type MuonOptions } from './muon.js';
import { NadamOptimizer, type NadamOptions } from './nadam.js';
import type { OptimizerConfig, OptimizerOptions } from './options.js';
import { RMSPropOptimizer, type RMSPropOptions } from './rmsprop.js';
import { SGDOptimizer, type SGDOptions } from './sgd.js';

export type {
  AdadeltaOptions,
  AdafactorOptions,
  AdagradOptions,
  AdamaxOptions,
  AdamOptions,
  FtrlOptions,
  LambOptions,
  LBFGSOptions,
  LionOptions,
  MuonOptions,
  NadamOptions,
  OptimizerConfig,
  OptimizerOptions,
  RMSPropOptions,
  SGDOptions,
};

/**
 * Gradient descent, with momentum or Nesterov's: {@link SGDOptimizer} gives the formulas.
 *
 * @throws as SGDOptimizer does
 * @example
 * const w = variable(tensor1d([2, -1]));
 * const optimizer = optimizers.sgd({ learningRate: 0.25, momentum: 0.5, nesterov: true });
 * for (let i = 0; i < 2; i++) optimizer.minimize(() => w.square().sum());
 * w.print();  // [-0.125, 0.0625]
 */
export const sgd = (options?: SGDOptions): SGDOptimizer => new SGDOptimizer(options);

/**
 * Gradient descent by steps that shrink with the squares so far (Duchi et al. 2011): {@link AdagradOptimizer} gives the
 * formulas.
 *
 * @throws as AdagradOptimizer does
 * @example
 * const w = variable(scalar(5));
 * const optimizer = optimizers.adagrad({ learningRate: 1 });
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const adagrad = (options?: AdagradOptions): AdagradOptimizer => new AdagradOptimizer(options);

/**
 * Steps as large as past steps were, whatever the gradient's unit (Zeiler 2012): {@link AdadeltaOptimizer} gives the
 * formulas.
 *
 * @throws as AdadeltaOptimizer does
 * @example
 * const w = variable(scalar(5));
 * const optimizer = optimizers.adadelta({ learningRate: 20 });
 * for (let i = 0; i < 300; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.5;  // true
 */
export const adadelta = (options?: AdadeltaOptions): AdadeltaOptimizer => new AdadeltaOptimizer(options);

/**
 * Gradients divided by the root of their mean square (Tieleman & Hinton 2012): {@link RMSPropOptimizer} gives the formulas.
 *
 * @throws as RMSPropOptimizer does
 * @example
 * const w = variable(scalar(5));
 * const optimizer = optimizers.rmsprop({ learningRate: 0.1, centered: true });
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const rmsprop = (options?: RMSPropOptions): RMSPropOptimizer => new RMSPropOptimizer(options);

/**
 * Adam, with `amsgrad` AMSGrad: {@link AdamOptimizer}.
 *
 * @throws as AdamOptimizer does
 * @example
 * const optimizer = optimizers.adam({ learningRate: 0.1, clipNorm: 1 });
 * const w = variable(scalar(5));
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const adam = (options?: AdamOptions): AdamOptimizer => new AdamOptimizer(options);

/**
 * Adam whose weights decay, by 0.004 if not said otherwise (Loshchilov & Hutter 2019): {@link AdamOptimizer}.
 *
 * @throws as AdamOptimizer does
 * @example
 * const [kernel, bias] = [variable(scalar(1), true, 'kernel'), variable(scalar(1), true, 'bias')];
 * const optimizer = optimizers.adamW({ learningRate: 0.1, weightDecay: 0.5 });
 * optimizer.excludeFromWeightDecay({ varNames: ['bias'] });
 * // A gradient of 0 leaves the decay alone: 1 − 0.1 · 0.5.
 * optimizer.applyGradients({ kernel: scalar(0), bias: scalar(0) });
 * kernel.print();  // 0.95
 * bias.print();  // 1
 */
export const adamW = (options?: AdamOptions): AdamOptimizer => new AdamOptimizer({ weightDecay: 0.004, ...options });

/**
 * Adam with the greatest gradient in the place of the mean square (Kingma & Ba 2015): {@link AdamaxOptimizer} gives the
 * formulas.
 *
 * @throws as AdamaxOptimizer does
 * @example
 * const w = variable(scalar(5));
 * const optimizer = optimizers.adamax({ learningRate: 0.5 });
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const adamax = (options?: AdamaxOptions): AdamaxOptimizer => new AdamaxOptimizer(options);

/**
 * Adam's idea with a row and a column of state for each matrix (Shazeer & Stern 2018): {@link AdafactorOptimizer} gives the
 * formulas.
 *
 * @throws as AdafactorOptimizer does
 * @example
 * const w = variable(ones([100, 50]), true, 'w');
 * const optimizer = optimizers.adafactor();
 * optimizer.minimize(() => w.square().sum());
 * const state = await optimizer.getWeights();
 * state.map(({ tensor }) => tensor.size);  // [1, 100, 50]
 */
export const adafactor = (options?: AdafactorOptions): AdafactorOptimizer => new AdafactorOptimizer(options);

/**
 * Follow the regularized leader (McMahan et al. 2013), whose l1 makes weights exactly 0: {@link FtrlOptimizer} gives the
 * formulas.
 *
 * @throws as FtrlOptimizer does
 * @example
 * const w = variable(tensor1d([0, 0]), true, 'w');
 * const optimizer = optimizers.ftrl({ learningRate: 0.5, l1RegularizationStrength: 0.1 });
 * optimizer.applyGradients({ w: tensor1d([-1, 0.05]) });
 * w.print();  // [0.4290582, 0]
 */
export const ftrl = (options?: FtrlOptions): FtrlOptimizer => new FtrlOptimizer(options);

/**
 * Adam with a step in proportion to each variable's norm, for large batches (You et al. 2020): {@link LambOptimizer} gives
 * the formulas.
 *
 * @throws as LambOptimizer does
 * @example
 * const [small, large] = [variable(tensor1d([0.1])), variable(tensor1d([10]))];
 * optimizers.lamb({ learningRate: 0.5 }).minimize(() => small.add(large).sum());
 * small.print();  // [0.05]
 * large.print();  // [5]
 */
export const lamb = (options?: LambOptions): LambOptimizer => new LambOptimizer(options);

/**
 * Steps of one size along the sign of the mean gradient (Chen et al. 2023): {@link LionOptimizer} gives the formulas.
 *
 * @throws as LionOptimizer does
 * @example
 * const w = variable(tensor1d([2, -100]));
 * optimizers.lion({ learningRate: 0.25 }).minimize(() => w.square().sum());
 * w.print();  // [1.75, -99.75]
 */
export const lion = (options?: LionOptions): LionOptimizer => new LionOptimizer(options);

/**
 * Momentum made orthogonal, for the matrices of hidden layers (Jordan 2024); the rest by Adam: {@link MuonOptimizer} gives
 * the formulas.
 *
 * @throws as MuonOptimizer does
 * @example
 * const optimizer = optimizers.muon({ learningRate: 0.01, excludeLayers: ['output'] });
 * const hidden = layers.dense({ units: 8, inputShape: [4], activation: 'relu', name: 'hidden' });
 * const model = sequential({ layers: [hidden, layers.dense({ units: 1, name: 'output' })] });
 * model.compile({ optimizer, loss: 'meanSquaredError' });
 * await model.trainOnBatch(ones([2, 4]), zeros([2, 1]));
 * optimizer.iterations;  // 1
 */
export const muon = (options?: MuonOptions): MuonOptimizer => new MuonOptimizer(options);

/**
 * Adam with Nesterov's momentum (Dozat 2016): {@link NadamOptimizer} gives the formulas.
 *
 * @throws as NadamOptimizer does
 * @example
 * const w = variable(scalar(5));
 * const optimizer = optimizers.nadam({ learningRate: 0.1 });
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const nadam = (options?: NadamOptions): NadamOptimizer => new NadamOptimizer(options);

/**
 * Newton's method by what past steps tell of the curvature, for a loss over all data (Liu & Nocedal 1989): {@link LBFGS}
 * gives the course.
 *
 * @throws as LBFGS does
 * @example
 * const w = variable(tensor1d([2, -1]));
 * const { converged, iterations } = optimizers.lbfgs().minimize(() => w.sub([1, 3]).square().sum());
 * converged;  // true
 * w.print();  // [1, 3]
 */
export const lbfgs = (options?: LBFGSOptions): LBFGS => new LBFGS(options);
