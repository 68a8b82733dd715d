// The loop of fit and fitDataset over epochs and batches.

import { type Callback, callEach, type Logs, type Params } from '../callbacks/callback.js';
import { History } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress.js';
import { dispose } from '../scope.js';
import type { Batches } from './batches.js';
import type { Model } from './model.js';
import type { LoopOptions } from './options.js';
import { Pauses } from './pauses.js';
import type { Training } from './training.js';

const NO_BATCHES =
  'fitDataset: the dataset has no batches; what can be gone through once only is given by a function that makes it anew';

/** What the loop goes through. */
interface Course {
  /** Begins with the data anew. */
  begin(): Batches;
  /** Batches in an epoch, if an epoch is not as long as the data. */
  stepsPerEpoch: number | undefined;
  /** What callbacks are told of it. */
  params: Pick<Params, 'steps' | 'batchSize' | 'samples'>;
  /** Begins with the data to validate with anew. */
  validate: (() => Batches) | undefined;
  validationSteps: number | undefined;
}

/** Trains a model; returns the figures of every epoch. */
export async function train(
  model: Model,
  training: Training,
  { begin, stepsPerEpoch, params, validate, validationSteps }: Course,
  options: LoopOptions,
): Promise<History> {
  const { epochs = 1, initialEpoch = 0, verbose = 1, callbacks: given, validationFreq = 1 } = options;
  const { yieldEvery = 'auto' } = options;
  const { objectives } = training;
  const history = new History();
  // The history comes last: it has what others add to an epoch's figures.
  const callbacks: Callback[] = [
    [given ?? []].flat(),
    verbose > 0 ? new ProgressBar() : [],
    history,
  ].flat() as Callback[];
  const { names } = objectives;
  const metrics = [...names, ...(validate ? names.map((name) => `val_${name}`) : [])];
  const isValidated = (epoch: number) =>
    typeof validationFreq === 'number' ? (epoch + 1) % validationFreq === 0 : validationFreq.includes(epoch + 1);
  const pauses = new Pauses(yieldEvery);
  const pause = async (epoch: number, step: number) => {
    await callEach(callbacks, 'onYield', epoch, step, objectives.results());
    await pauses.take();
  };
  let batches: Batches | undefined;
  training.isBusy = true;
  model.stopTraining = false;
  try {
    for (const callback of callbacks) {
      callback.setParams?.({ epochs, ...params, verbose, metrics });
      callback.setModel?.(model);
    }
    await callEach(callbacks, 'onTrainBegin');
    for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
      await callEach(callbacks, 'onEpochBegin', epoch);
      batches ??= begin();
      objectives.reset();
      let step = 0;
      for (; step !== stepsPerEpoch && !(model.stopTraining && step > 0); step++) {
        let next = await batches.next();
        if (next.done && step > 0 && stepsPerEpoch === undefined) break;
        if (next.done) {
          batches = begin();
          next = await batches.next();
          if (next.done) throw new RangeError(NO_BATCHES);
        }
        try {
          await callEach(callbacks, 'onBatchBegin', step);
          training.trainStep(next.value);
        } finally {
          dispose(next.value);
        }
        await callEach(callbacks, 'onBatchEnd', step, objectives.results());
        if (pauses.isDue) await pause(epoch, step);
      }
      if (stepsPerEpoch === undefined) {
        await batches.return?.();
        batches = undefined;
      }
      const logs: Logs = objectives.results();
      if (validate && isValidated(epoch)) {
        const figures = await training.test(validate(), validationSteps, callbacks, pauses);
        for (const [name, value] of Object.entries(figures)) logs[`val_${name}`] = value;
      }
      await callEach(callbacks, 'onEpochEnd', epoch, logs);
      if (yieldEvery === 'epoch') await pause(epoch, step - 1);
    }
    training.optimizer.finalizeVariableValues(training.trainedWeights());
    await callEach(callbacks, 'onTrainEnd');
  } finally {
    training.isBusy = false;
    if (model.training !== training) training.dispose();
    await batches?.return?.();
  }
  return history;
}
