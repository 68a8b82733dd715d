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
import type { OptimizerConfig, OptimizerOptions } from './optimizer.js';
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

/** Gradient descent, with momentum or Nesterov's: {@link SGDOptimizer}. */
export const sgd = (options?: SGDOptions): SGDOptimizer => new SGDOptimizer(options);

/** {@link AdagradOptimizer}. */
export const adagrad = (options?: AdagradOptions): AdagradOptimizer => new AdagradOptimizer(options);

/** {@link AdadeltaOptimizer}. */
export const adadelta = (options?: AdadeltaOptions): AdadeltaOptimizer => new AdadeltaOptimizer(options);

/** {@link RMSPropOptimizer}. */
export const rmsprop = (options?: RMSPropOptions): RMSPropOptimizer => new RMSPropOptimizer(options);

/**
 * Adam, with `amsgrad` AMSGrad: {@link AdamOptimizer}.
 *
 * @example
 * const optimizer = optimizers.adam({ learningRate: 0.1, clipNorm: 1 });
 * const w = variable(scalar(5));
 * for (let i = 0; i < 100; i++) optimizer.minimize(() => w.square());
 * Math.abs(w.dataSync()[0]) < 0.1;  // true
 */
export const adam = (options?: AdamOptions): AdamOptimizer => new AdamOptimizer(options);

/** Adam whose weights decay, by 0.004 if not said otherwise (Loshchilov & Hutter 2019): {@link AdamOptimizer}. */
export const adamW = (options?: AdamOptions): AdamOptimizer => new AdamOptimizer({ weightDecay: 0.004, ...options });

/** {@link AdamaxOptimizer}. */
export const adamax = (options?: AdamaxOptions): AdamaxOptimizer => new AdamaxOptimizer(options);

/** {@link AdafactorOptimizer}. */
export const adafactor = (options?: AdafactorOptions): AdafactorOptimizer => new AdafactorOptimizer(options);

/** {@link FtrlOptimizer}. */
export const ftrl = (options?: FtrlOptions): FtrlOptimizer => new FtrlOptimizer(options);

/** {@link LambOptimizer}. */
export const lamb = (options?: LambOptions): LambOptimizer => new LambOptimizer(options);

/** {@link LionOptimizer}. */
export const lion = (options?: LionOptions): LionOptimizer => new LionOptimizer(options);

/** {@link MuonOptimizer}. */
export const muon = (options?: MuonOptions): MuonOptimizer => new MuonOptimizer(options);

/** {@link NadamOptimizer}. */
export const nadam = (options?: NadamOptions): NadamOptimizer => new NadamOptimizer(options);

/** {@link LBFGS}, for full-batch work. */
export const lbfgs = (options?: LBFGSOptions): LBFGS => new LBFGS(options);
