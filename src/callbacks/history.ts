import type { Callback, Logs } from './callback.js';

/**
 * The figures of every epoch, as {@link Model.fit} returns them.
 *
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const history = await model.fit(ones([4, 2]), ones([4, 1]), { epochs: 2, verbose: 0 });
 * history.epoch;  // [0, 1]
 * history.history.loss[0];  // 1
 */
export class History implements Callback {
  /** The numbers of the epochs, from 0. */
  readonly epoch: number[] = [];
  /** Figures by name, one number for each epoch that has it: `history.loss`, `history.val_loss` and so on. */
  readonly history: Record<string, number[]> = {};
  /** @internal The epochs of the figures, by the same names: not all are validated. */
  readonly epochs: Record<string, number[]> = {};

  /** Takes the figures of an epoch. */
  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) {
      this.history[name] ??= [];
      this.history[name].push(value);
      this.epochs[name] ??= [];
      this.epochs[name].push(epoch);
    }
  }
}
