// What models are asked for: the options of compile, fit, evaluate and predict.

import type { Callback } from '../callbacks/callback.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Dataset } from './batches.js';
import type { ObjectiveOptions } from './objectives.js';
import type { YieldEvery } from './pauses.js';
import type { SomeTensors, Tensors } from './samples.js';

/** How a model is trained. */
export interface CompileOptions extends ObjectiveOptions {
  /** An optimizer, or the name of one with its defaults: 'sgd', 'adam' and the others of train and optimizers. */
  optimizer: string | Optimizer;
}

/** How much samples of a class count in the loss, by class number; 1 for classes that are not there. */
export type ClassWeight = Readonly<Record<number, number>>;

/** How much samples count. */
export interface WeightOptions {
  /**
   * How much each sample counts in the loss, or each step of a sample: axes that are the targets' from the first on. For
   * several outputs a list or an object by their names, of all or of some: samples of an output that has null in the list,
   * or whose name is left out, weigh 1.
   */
  sampleWeight?: SomeTensors;
}

/** How much samples and classes count. */
export interface ClassWeightOptions extends WeightOptions {
  /** By class number; for several outputs a list of such, or an object by the outputs' names. */
  classWeight?: ClassWeight | readonly ClassWeight[] | Readonly<Record<string, ClassWeight>>;
}

/** What fit and fitDataset share. */
export interface LoopOptions {
  /** The number of the last epoch; 1 if absent. */
  epochs?: number;
  /** The number of epochs that are done: training goes on with the next one; 0 if absent. */
  initialEpoch?: number;
  /** What is called while the model trains. */
  callbacks?: Callback | readonly Callback[] | null;
  /** 0 silent, 1 a progress bar on a terminal, 2 a line per epoch; 1 if absent. */
  verbose?: 0 | 1 | 2;
  /** After how many epochs it is validated, or after which; 1 if absent. */
  validationFreq?: number | readonly number[];
  /**
   * When training, and the validation in it, pauses for the rest of the page or the program: 'auto' about every 125 ms, a
   * number after so many milliseconds, 'batch' after each batch, 'epoch' after each epoch, 'never' not at all; 'auto' if
   * absent. Results do not depend on it.
   */
  yieldEvery?: YieldEvery;
}

/** What {@link Model.evaluate} takes. */
export interface EvaluateOptions extends WeightOptions {
  /** Samples at a time; 32 if absent. */
  batchSize?: number;
  /** How many batches, from the first on; all if absent. */
  steps?: number;
  /** Their hooks of tests are called, but not awaited. */
  callbacks?: Callback | readonly Callback[] | null;
}

/** What {@link Model.predict} takes. */
export interface PredictOptions {
  /** Samples at a time; 32 if absent. */
  batchSize?: number;
  /** Their hooks of predictions are called, but not awaited. */
  callbacks?: Callback | readonly Callback[] | null;
}

/** Inputs and targets to validate with, and weights of their samples if they have any; or a dataset of such. */
export type ValidationData = readonly [Tensors, Tensors, SomeTensors?] | Dataset;

/** What {@link Model.fit} takes. */
export interface FitOptions extends LoopOptions, ClassWeightOptions {
  /** Samples in a step; 32 if absent. */
  batchSize?: number;
  /** Whether samples come in a new random order in every epoch; true if absent. */
  shuffle?: boolean;
  /** Batches in an epoch; an epoch begins where the one before ended. As many as the data has if absent. */
  stepsPerEpoch?: number;
  /** The share of samples, from the end, kept for validation. */
  validationSplit?: number;
  /** What to validate with after an epoch; nothing if absent. */
  validationData?: ValidationData;
  /** Samples at a time in validation; batchSize if absent. */
  validationBatchSize?: number;
  /** Batches to validate with, from the first on; all if absent. */
  validationSteps?: number;
}

/** What {@link Model.fitDataset} takes. */
export interface FitDatasetOptions extends LoopOptions {
  /** Batches in an epoch; an epoch begins where the one before ended. As many as the dataset has if absent. */
  batchesPerEpoch?: number;
  /** By class number; for several outputs a list of such, or an object by the outputs' names. */
  classWeight?: ClassWeightOptions['classWeight'];
  /** What to validate with after an epoch; nothing if absent. */
  validationData?: ValidationData;
  /** Samples at a time in validation with tensors; 32 if absent. */
  validationBatchSize?: number;
  /** Batches to validate with, from the first on; all if absent. */
  validationBatches?: number;
}
