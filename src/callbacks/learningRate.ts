// Callbacks that change the learning rate from epoch to epoch. Recorded steps take the rate at every replay, so that
// a change counts from the next step on.

import { checkCount, checkFinite } from '../check.js';
import type { Model } from '../models/model.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** @throws TypeError for an optimizer with a schedule, which a callback would throw away */
function checkRate(model: Model, op: string): void {
  if (typeof model.optimizer.getConfig().learningRate !== 'number') {
    throw new TypeError(`${op}: needs an optimizer whose learning rate is a number, got a schedule`);
  }
}

/** What `reduceLROnPlateau` watches, and what it does to the rate. */
export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** By what the rate is multiplied, 0 < factor < 1; 0.1 if absent. */
  factor?: number;
  /** How many epochs in a row may be no better; 10 if absent. */
  patience?: number;
  /** How many epochs after a change are not counted; 0 if absent. */
  cooldown?: number;
  /** The rate is not made less than this; 0 if absent. */
  minLr?: number;
  /** Whether it says that it changes the rate. */
  verbose?: boolean | 0 | 1;
}

/** Makes the learning rate smaller where a figure stops getting better; see {@link reduceLROnPlateau}. */
export class ReduceLROnPlateau extends Callback {
  private readonly options: Required<Omit<ReduceLROnPlateauOptions, keyof MonitorOptions>>;
  private readonly monitor: Monitor;
  private best: number | undefined;
  private waited = 0;
  private cooling = 0;

  constructor(options: ReduceLROnPlateauOptions = {}) {
    super();
    const op = 'reduceLROnPlateau';
    const { factor = 0.1, patience = 10, cooldown = 0, minLr = 0, verbose = 0 } = options;
    this.monitor = new Monitor({ minDelta: 1e-4, ...options }, op);
    checkFinite(factor, 'factor', op);
    if (!(factor > 0 && factor < 1)) throw new RangeError(`${op}: factor must be in (0, 1), got ${factor}`);
    checkCount(patience, 0, 'patience', op);
    checkCount(cooldown, 0, 'cooldown', op);
    checkFinite(minLr, 'minLr', op);
    this.options = { factor, patience, cooldown, minLr, verbose };
  }

  override onTrainBegin(): void {
    checkRate(this.model, 'reduceLROnPlateau');
    this.best = undefined;
    this.waited = 0;
    this.cooling = 0;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const { factor, patience, cooldown, minLr, verbose } = this.options;
    const { optimizer } = this.model;
    const rate = optimizer.learningRate;
    logs.learningRate = rate;
    const value = this.monitor.read(logs, this.params);
    if (value === undefined) return;
    if (this.cooling > 0) {
      this.cooling--;
      this.waited = 0;
    }
    if (this.monitor.isBetter(value, this.best)) {
      this.best = value;
      this.waited = 0;
    } else if (this.cooling === 0 && ++this.waited >= patience && rate > minLr) {
      optimizer.setLearningRate(Math.max(rate * factor, minLr));
      this.cooling = cooldown;
      this.waited = 0;
      if (verbose) console.log(`Epoch ${epoch + 1}: the learning rate is ${optimizer.learningRate} from now on`);
    }
  }
}

/**
 * Multiplies the learning rate by a factor whenever a figure has not got better for a while, as Keras's
 * ReduceLROnPlateau; `minDelta` is 1e-4 if absent. Logs and history get the epoch's `learningRate`.
 *
 * @throws TypeError and RangeError for options that are none; TypeError (when training begins) for an optimizer with a
 *   schedule; RangeError (at an epoch's end) for a figure that is not there
 * @see https://keras.io/api/callbacks/reduce_lr_on_plateau/
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: train.sgd(10), loss: 'meanSquaredError' });  // far too fast: the loss grows
 * const reduce = callbacks.reduceLROnPlateau({ monitor: 'loss', factor: 0.5, patience: 1 });
 * await model.fit(tensor2d([[1]]), tensor2d([[1]]), { epochs: 3, callbacks: reduce, verbose: 0 });
 * model.optimizer.learningRate;  // 2.5
 */
export const reduceLROnPlateau = (options?: ReduceLROnPlateauOptions): ReduceLROnPlateau =>
  new ReduceLROnPlateau(options);

/** Sets the learning rate of every epoch; see {@link learningRateScheduler}. */
export class LearningRateScheduler extends Callback {
  private readonly schedule: (epoch: number, learningRate: number) => number;

  constructor(schedule: (epoch: number, learningRate: number) => number) {
    super();
    if (typeof schedule !== 'function') {
      throw new TypeError(
        `learningRateScheduler: needs a function, got ${schedule === null ? 'null' : typeof schedule}`,
      );
    }
    this.schedule = schedule;
  }

  override onTrainBegin(): void {
    checkRate(this.model, 'learningRateScheduler');
  }

  override onEpochBegin(epoch: number): void {
    const { optimizer } = this.model;
    const rate = this.schedule(epoch, optimizer.learningRate);
    checkFinite(rate, 'what the function returns', 'learningRateScheduler');
    optimizer.setLearningRate(rate);
  }

  override onEpochEnd(_epoch: number, logs: Logs): void {
    logs.learningRate = this.model.optimizer.learningRate;
  }
}

/**
 * Sets the learning rate at the beginning of every epoch, as Keras's LearningRateScheduler. (For a rate that changes from
 * step to step, give the optimizer one of `schedules`.) Logs and history get the epoch's `learningRate`.
 *
 * @param schedule - of the epoch, counted from 0, and the rate so far
 * @throws TypeError for anything but a function; TypeError (when training begins) for an optimizer with a schedule;
 *   TypeError or RangeError (in training) if it does not return a finite number
 * @see https://keras.io/api/callbacks/learning_rate_scheduler/
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: train.sgd(0.1), loss: 'meanSquaredError' });
 * const halve = callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2));
 * await model.fit(tensor2d([[1]]), tensor2d([[2]]), { epochs: 3, callbacks: halve, verbose: 0 });
 * model.optimizer.learningRate;  // 0.025
 */
export const learningRateScheduler = (
  schedule: (epoch: number, learningRate: number) => number,
): LearningRateScheduler => new LearningRateScheduler(schedule);
