// What a callback can hook into while a model trains, is evaluated, or predicts.

import type { Model } from '../models/model.js';

/** Figures of a batch or an epoch: loss, metrics, and val_ figures at an epoch's end. */
export type Logs = Record<string, number>;

/** What `fit` was asked for, as callbacks see it. */
export interface Params {
  /** How often the data is gone through. */
  epochs: number;
  /** Batches in an epoch; null while a dataset has not told. */
  steps: number | null;
  /** Null for a dataset, which has batches of its own. */
  batchSize: number | null;
  /** Samples in an epoch; null for a dataset. */
  samples: number | null;
  /** What is printed: 0 nothing, 1 a progress bar, 2 a line per epoch. */
  verbose: 0 | 1 | 2;
  /** The names of the figures at an epoch's end; those of validation, val_ before them, also where not every epoch has it. */
  metrics?: readonly string[];
}

type Hook = void | Promise<void>;

/**
 * Functions that `fit`, `evaluate` and `predict` call and await, as in Keras; any may be absent. Epochs and batches count
 * from 0. Whatever `onEpochEnd` adds to its logs, callbacks after it see, and so does the history. A callback is a plain
 * object of such functions, or an instance of a class that extends `Callback`, which has the `model` and the `params`.
 *
 * @example
 * class StopAtOnce extends Callback {
 *   onEpochEnd() {
 *     this.model.stopTraining = true;
 *   }
 * }
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * const seen = [];
 * const options = { epochs: 9, verbose: 0, callbacks: [new StopAtOnce(), { onEpochBegin: (epoch) => void seen.push(epoch) }] };
 * await model.fit(tensor2d([[1]]), tensor2d([[2]]), options);
 * seen;  // [0]
 */
export interface Callback {
  /** Is told what `fit` was asked for, before anything else. */
  setParams?(params: Params): void;
  /** Is given the model, before anything else. */
  setModel?(model: Model): void;
  /** Before the first epoch. */
  onTrainBegin?(logs?: Logs): Hook;
  /** After the last epoch. */
  onTrainEnd?(logs?: Logs): Hook;
  /** Before an epoch. */
  onEpochBegin?(epoch: number, logs?: Logs): Hook;
  /** After an epoch, with its figures and those of validation. */
  onEpochEnd?(epoch: number, logs: Logs): Hook;
  /** Before a batch of training. */
  onBatchBegin?(batch: number, logs?: Logs): Hook;
  /** After a batch of training, with the epoch's figures so far. */
  onBatchEnd?(batch: number, logs: Logs): Hook;
  /** Keras's name for `onBatchBegin`, which is called first if both are there. */
  onTrainBatchBegin?(batch: number, logs?: Logs): Hook;
  /** Keras's name for `onBatchEnd`, which is called first if both are there. */
  onTrainBatchEnd?(batch: number, logs: Logs): Hook;
  /** A validation during `fit`, or `evaluate`, begins. */
  onTestBegin?(logs?: Logs): Hook;
  /** A validation or `evaluate` ends, with its figures. */
  onTestEnd?(logs: Logs): Hook;
  /** Before a batch of these. */
  onTestBatchBegin?(batch: number, logs?: Logs): Hook;
  /** After a batch of these, with the figures so far. */
  onTestBatchEnd?(batch: number, logs: Logs): Hook;
  /** `predict` begins. */
  onPredictBegin?(logs?: Logs): Hook;
  /** `predict` ends. */
  onPredictEnd?(logs?: Logs): Hook;
  /** Before a batch of it. */
  onPredictBatchBegin?(batch: number, logs?: Logs): Hook;
  /** After a batch of it. */
  onPredictBatchEnd?(batch: number, logs?: Logs): Hook;
  /** Before a pause of training, as `yieldEvery` asks for, with the epoch's figures so far; not in validation. */
  onYield?(epoch: number, batch: number, logs: Logs): Hook;
}

interface CallbackObject extends Callback {
  params: Params;
  model: Model;
  setParams(params: Params): void;
  setModel(model: Model): void;
}

/** For callbacks that are classes: keeps the `model` and the `params` for their hooks. */
export const Callback: new () => CallbackObject = class {
  params!: Params;
  model!: Model;

  setParams(params: Params): void {
    this.params = params;
  }

  setModel(model: Model): void {
    this.model = model;
  }
};

/** What is called by `callEach`. */
type HookName = Exclude<Extract<keyof Callback, `on${string}`>, 'onTrainBatchBegin' | 'onTrainBatchEnd'>;

/** Hooks of two names. */
const ALIASES: { [hook in HookName]?: 'onTrainBatchBegin' | 'onTrainBatchEnd' } = {
  onBatchBegin: 'onTrainBatchBegin',
  onBatchEnd: 'onTrainBatchEnd',
};

/** Calls one hook of every callback that has it, in order, without waiting: for what is not asynchronous itself. */
export function tellEach<H extends HookName>(
  callbacks: readonly Callback[],
  hook: H,
  ...args: Parameters<NonNullable<Callback[H]>>
): void {
  for (const callback of callbacks) (callback[hook] as ((...a: unknown[]) => Hook) | undefined)?.(...args);
}

/** Calls one hook of every callback that has it, in order, and waits for it. */
export async function callEach<H extends HookName>(
  callbacks: readonly Callback[],
  hook: H,
  ...args: Parameters<NonNullable<Callback[H]>>
): Promise<void> {
  const alias = ALIASES[hook];
  const names = alias ? [hook, alias] : [hook];
  for (const callback of callbacks) {
    for (const name of names) {
      const result = (callback[name] as ((...a: unknown[]) => Hook) | undefined)?.(...args);
      // Awaiting nothing would still cost a turn of the microtask queue at every batch.
      if (result) await result;
    }
  }
}
