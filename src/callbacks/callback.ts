// What a callback can hook into while a model trains.

import type { Model } from '../models/model.js';

/** Figures of a batch or an epoch: loss, metrics, and val_ figures at an epoch's end. */
export type Logs = Record<string, number>;

/** What `fit` was asked for, as callbacks see it. */
export interface Params {
  epochs: number;
  /** Batches in an epoch. */
  steps: number;
  batchSize: number;
  samples: number;
  verbose: 0 | 1 | 2;
}

/** Functions that `fit` calls and awaits; any may be absent. */
export interface Callback {
  setParams?(params: Params): void;
  setModel?(model: Model): void;
  onTrainBegin?(): void | Promise<void>;
  onTrainEnd?(): void | Promise<void>;
  onEpochBegin?(epoch: number): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs): void | Promise<void>;
  onBatchBegin?(batch: number): void | Promise<void>;
  onBatchEnd?(batch: number, logs: Logs): void | Promise<void>;
}

/** Calls one hook of every callback that has it, in order. */
export async function callEach<
  H extends 'onTrainBegin' | 'onTrainEnd' | 'onEpochBegin' | 'onEpochEnd' | 'onBatchBegin' | 'onBatchEnd',
>(callbacks: readonly Callback[], hook: H, ...args: Parameters<NonNullable<Callback[H]>>): Promise<void> {
  for (const callback of callbacks) {
    const result = (callback[hook] as ((...a: unknown[]) => void | Promise<void>) | undefined)?.(...args);
    // Awaiting nothing would still cost a turn of the microtask queue at every batch.
    if (result) await result;
  }
}
