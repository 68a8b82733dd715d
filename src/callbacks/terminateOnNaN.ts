import { Callback, type Logs } from './callback.js';

/** Ends training after a batch whose loss is not finite; see {@link terminateOnNaN}. */
export class TerminateOnNaN extends Callback {
  override onBatchEnd(batch: number, { loss }: Logs): void {
    if (loss === undefined || Number.isFinite(loss)) return;
    console.warn(`terminateOnNaN: batch ${batch}: the loss is ${loss}, which ends training`);
    this.model.stopTraining = true;
  }
}

/**
 * Ends training after the first batch whose loss is NaN or infinite, with a warning on the console, as Keras's
 * TerminateOnNaN.
 *
 * @see https://keras.io/api/callbacks/terminate_on_nan/
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const options = { epochs: 2, callbacks: callbacks.terminateOnNaN(), verbose: 0 };
 * const { epoch } = await model.fit(tensor2d([[1]]), tensor2d([[2]]), options);
 * epoch.length;  // 2, since the loss stayed finite
 */
export const terminateOnNaN = (): TerminateOnNaN => new TerminateOnNaN();
