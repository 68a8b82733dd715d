import { Callback } from './callback.js';

/**
 * A callback made of functions; a plain object of them does as well.
 *
 * @example
 * const seen = [];
 * const note = new CustomCallback({ onTrainBegin: () => void seen.push(1), onTrainEnd: () => void seen.push(2) });
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * await model.fit(tensor2d([[1]]), tensor2d([[3]]), { epochs: 3, callbacks: note, verbose: 0 });
 * seen;  // [1, 2]
 */
export class CustomCallback extends Callback {
  constructor(hooks: Callback) {
    super();
    Object.assign(this, hooks);
  }
}

/**
 * A callback made of functions, TensorFlow.js's CustomCallback and Keras's LambdaCallback. A plain object of them does as
 * well: see {@link Callback} for their names.
 *
 * @example
 * const counter = { batches: 0 };
 * const count = callbacks.lambdaCallback({ onBatchEnd: () => void counter.batches++ });
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * await model.fit(ones([64, 1]), ones([64, 1]), { epochs: 3, batchSize: 32, callbacks: count, verbose: 0 });
 * counter.batches;  // 6
 */
export const lambdaCallback = (hooks: Callback): CustomCallback => new CustomCallback(hooks);
