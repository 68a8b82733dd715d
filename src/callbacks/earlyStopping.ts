import { checkCount, checkFinite } from '../check.js';
import { tidy } from '../scope.js';
import { fromData } from '../tensor.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** What `earlyStopping` watches, and when it ends training. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** How many epochs in a row may be no better; 0 if absent: the first one ends training. */
  patience?: number;
  /** Until an epoch beats this as well, those that are no better than the best one are counted together. */
  baseline?: number | null;
  /** Whether the weights of the best epoch are put back at the end. */
  restoreBestWeights?: boolean;
  /** Epochs before this one, counted from 0, are not looked at. */
  startFromEpoch?: number;
  /** Whether it says that it stops. */
  verbose?: boolean | 0 | 1;
}

/**
 * Ends training once a figure stops getting better: the class behind `callbacks.earlyStopping`, which tells afterwards
 * what was best.
 *
 * @example
 * const stop = new EarlyStopping({ monitor: 'loss', patience: 2 });
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });  // learns nothing
 * await model.fit(tensor2d([[1]]), tensor2d([[1]]), { epochs: 100, callbacks: stop, verbose: 0 });
 * [stop.bestEpoch, stop.stoppedEpoch];  // [0, 2]
 */
export class EarlyStopping extends Callback {
  private readonly options: Required<Omit<EarlyStoppingOptions, keyof MonitorOptions>>;
  private readonly monitor: Monitor;
  private waited = 0;
  private bestWeights: readonly ArrayLike<number>[] | undefined;
  /** The figure of the best epoch. */
  best: number | undefined;
  /** The best epoch. */
  bestEpoch: number | undefined;
  /** The epoch that ended training, if one did. */
  stoppedEpoch: number | undefined;

  constructor(options: EarlyStoppingOptions = {}) {
    super();
    const { patience = 0, baseline = null, restoreBestWeights = false, startFromEpoch = 0, verbose = 0 } = options;
    this.monitor = new Monitor(options, 'earlyStopping');
    checkCount(patience, 0, 'patience', 'earlyStopping');
    checkCount(startFromEpoch, 0, 'startFromEpoch', 'earlyStopping');
    if (baseline !== null) checkFinite(baseline, 'baseline', 'earlyStopping');
    this.options = { patience, baseline, restoreBestWeights, startFromEpoch, verbose };
  }

  override onTrainBegin(): void {
    this.waited = 0;
    this.best = undefined;
    this.bestEpoch = undefined;
    this.stoppedEpoch = undefined;
    this.bestWeights = undefined;
  }

  override onEpochEnd(epoch: number, logs: Logs): void {
    const { patience, baseline, restoreBestWeights, startFromEpoch } = this.options;
    const value = this.monitor.read(logs, this.params);
    if (value === undefined || epoch < startFromEpoch) return;
    this.waited++;
    if (this.monitor.isBetter(value, this.best)) {
      this.best = value;
      this.bestEpoch = epoch;
      // Outside of the heap: whatever ends training, there is nothing to free.
      if (restoreBestWeights) this.bestWeights = this.model.getWeights().map((w) => w.dataSync());
      if (baseline === null || this.monitor.isBetter(value, baseline)) this.waited = 0;
    } else if (this.waited >= patience) {
      this.stoppedEpoch = epoch;
      this.model.stopTraining = true;
    }
  }

  override onTrainEnd(): void {
    const { bestWeights: best, stoppedEpoch } = this;
    const say = this.options.verbose ? console.log : () => {};
    if (stoppedEpoch !== undefined) say(`Epoch ${stoppedEpoch + 1}: early stopping`);
    if (!best) return;
    say(`The weights are those of the best epoch: ${this.bestEpoch! + 1}`);
    this.bestWeights = undefined;
    tidy(() => this.model.setWeights(this.model.getWeights().map((w, i) => fromData(best[i]!, w.shape, w.dtype))));
  }
}

/**
 * Ends training once a figure stops getting better, as Keras's EarlyStopping.
 *
 * @throws TypeError and RangeError for options that are none; RangeError (at an epoch's end) for a figure that is not there
 * @see https://keras.io/api/callbacks/early_stopping/
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: train.sgd(10), loss: 'meanSquaredError' });  // far too fast: the loss grows
 * const stop = callbacks.earlyStopping({ monitor: 'loss', restoreBestWeights: true });
 * const { epoch } = await model.fit(tensor2d([[1]]), tensor2d([[1]]), { epochs: 100, callbacks: stop, verbose: 0 });
 * epoch.length;  // 2
 */
export const earlyStopping = (options?: EarlyStoppingOptions): EarlyStopping => new EarlyStopping(options);
