// Training by compile and fit: what every kind of model shares. A model is a layer of layers; it says how its outputs
// come from its inputs.

import { type Callback, callEach, type Logs, type Params, tellEach } from '../callbacks/callback.js';
import { History } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress.js';
import { checkBetween, checkCount } from '../check.js';
import { isFloat } from '../dtype.js';
import { Recorder } from '../jit.js';
import { assignWeights, Layer, type LayerShape, type OneOrMore, withPenalties } from '../layers/layer.js';
import type { SymbolicTensor } from '../layers/symbolic.js';
import { spread } from '../metrics/arguments.js';
import { any, equal, isNaN, mul, ones, scalar, where, zerosLike } from '../ops/index.js';
import { classIndices } from '../ops/indices.js';
import { moveInto } from '../ops/move.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { optimizerOf } from '../optimizers/optimizer-names.js';
import { dispose, tidy } from '../scope.js';
import { stridesOf } from '../shape.js';
import { alias, Tape } from '../tape.js';
import { empty, type Scalar, type Tensor } from '../tensor.js';
import { Variable } from '../variable.js';
import { guard } from '../wasm/trace.js';
import {
  type Batch,
  type Batches,
  batchesOf,
  type Dataset,
  inOrderOf,
  oneAfterTheOther,
  type Tensors,
} from './batches.js';
import { type Figures, inOrder, type ObjectiveOptions, Objectives } from './objectives.js';
import { classWeights, inOrderOfNames, naturalOrder, randomOrder, rowsBetween } from './samples.js';
import { printSummary, type SummaryRow } from './summary.js';

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
   * several outputs a list or an object by their names.
   */
  sampleWeight?: Tensors;
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
  callbacks?: Callback | readonly Callback[];
  /** 0 silent, 1 a progress bar on a terminal, 2 a line per epoch; 1 if absent. */
  verbose?: 0 | 1 | 2;
  /** After how many epochs it is validated, or after which; 1 if absent. */
  validationFreq?: number | readonly number[];
}

/** What {@link Model.evaluate} takes. */
export interface EvaluateOptions extends WeightOptions {
  /** Samples at a time; 32 if absent. */
  batchSize?: number;
  /** How many batches, from the first on; all if absent. */
  steps?: number;
  /** Their hooks of tests are called, but not awaited. */
  callbacks?: Callback | readonly Callback[];
}

/** What {@link Model.predict} takes. */
export interface PredictOptions {
  /** Samples at a time; 32 if absent. */
  batchSize?: number;
  /** Their hooks of predictions are called, but not awaited. */
  callbacks?: Callback | readonly Callback[];
}

/** Inputs and targets to validate with, and weights of their samples if they have any; or a dataset of such. */
export type ValidationData = readonly [Tensors, Tensors, Tensors?] | Dataset;

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

// A browser's page stays alive, and callbacks' timers run, when training pauses this often.
const YIELD_MS = 100;

interface Compiled {
  optimizer: Optimizer;
  /** Whether the model made the optimizer from its name, and so disposes of it. */
  ownsOptimizer: boolean;
  objectives: Objectives;
  /** The training step, on inputs, targets and weights. */
  step: Recorder<Figures>;
  /** The targets that were found good last, by output: a tensor's elements do not change. */
  checked: number[];
}

/**
 * How many of `weights` are done when those that are trained in a layer are compared with them from the i-th on; more
 * than there are where one differs. Every replayed step asks: nothing is allocated.
 */
function countTrained(layer: Layer, weights: readonly Variable[], i: number): number {
  if (!layer.trainable) return i;
  for (const w of layer.ownWeights) if (w.trainable && w !== weights[i++]) return Number.POSITIVE_INFINITY;
  for (const inner of layer.layers) i = countTrained(inner, weights, i);
  return i;
}

const NO_BATCHES =
  'fitDataset: the dataset has no batches; what can be gone through once only is given by a function that makes it anew';

/** One tensor alone, several as a list. */
const oneOrMore = <T>(list: readonly T[]): OneOrMore<T> => (list.length === 1 ? list[0]! : list);

/**
 * What can be compiled, trained, evaluated and asked for predictions: {@link sequential} and {@link model} make such. A model
 * is a layer too, and can be part of other models.
 *
 * @throws Error for fit, evaluate and their like before `compile`
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: train.sgd(0.1), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
 * const [x, y] = [tensor2d([[0], [1], [2], [3]]), tensor2d([[1], [3], [5], [7]])];
 * await model.fit(x, y, { epochs: 100, verbose: 0 });
 * const [loss] = model.evaluate(x, y);
 * loss.dataSync()[0] < 1e-3;  // true
 * model.predict(tensor2d([[10]])).round().print();  // [[21]]
 */
export abstract class Model extends Layer {
  /** Set to true by a callback, it ends training after the batch. */
  stopTraining = false;
  private compiled: Compiled | undefined;
  private isTraining = false;

  /** The planned tensors that it begins and ends with, once the shapes are known. */
  abstract readonly inputs: readonly SymbolicTensor[];
  /** The planned tensors that it ends with, likewise. */
  abstract readonly outputs: readonly SymbolicTensor[];

  /** The layers, in the order in which they work. */
  abstract override get layers(): readonly Layer[];

  /** What there is to be said of each layer. */
  protected abstract summaryRows(): SummaryRow[];

  /** Makes the weights for inputs like these, if they are not made yet; refuses inputs of another shape. */
  protected abstract prepare(xs: readonly Tensor[], op: string): void;

  /** What inputs and outputs are called where they are given by name. */
  get inputNames(): string[] {
    return this.inputs.map(({ name }) => name);
  }

  /** What outputs are called where targets, losses and metrics are given by name. */
  get outputNames(): string[] {
    return this.outputs.map(({ name }) => name);
  }

  /** The output's shape, batch first, or those of several. */
  get outputShape(): OneOrMore<LayerShape> {
    return oneOrMore(this.outputs.map(({ shape }) => shape));
  }

  /**
   * A layer by its name, or by its number in `layers`.
   * @throws RangeError if there is none
   */
  getLayer(nameOrIndex: string | number): Layer {
    const { layers } = this;
    const found =
      typeof nameOrIndex === 'number' ? layers[nameOrIndex] : layers.find(({ name }) => name === nameOrIndex);
    if (!found)
      throw new RangeError(
        `getLayer: ${this.name} has no layer ${nameOrIndex}; it has ${layers.map(({ name }) => name).join(', ')}`,
      );
    return found;
  }

  /**
   * Replaces the weights' values, in the order of `getWeights`.
   * @throws RangeError for another count, shape or dtype; nothing is changed then
   */
  override setWeights(values: readonly Tensor[]): void {
    assignWeights(this.weights, values, 'setWeights');
  }

  /** Says how the model is trained: by which optimizer, against which losses, watched by which metrics. */
  compile({ optimizer, ...objectives }: CompileOptions): void {
    const compiled: Compiled = {
      objectives: new Objectives(objectives, this.outputNames),
      optimizer: optimizerOf(optimizer),
      ownsOptimizer: typeof optimizer === 'string',
      step: new Recorder((...batch) => this.step(batch)),
      checked: [],
    };
    this.forgetCompiled();
    this.compiled = compiled;
  }

  private forgetCompiled(): void {
    this.compiled?.step.dispose();
    if (this.compiled?.ownsOptimizer) this.compiled.optimizer.dispose();
  }

  /** The optimizer that it was compiled with. */
  get optimizer(): Optimizer {
    return this.needCompiled('optimizer').optimizer;
  }

  /** The names of the figures that fit and evaluate give. */
  get metricsNames(): string[] {
    return [...this.needCompiled('metricsNames').objectives.names];
  }

  private needCompiled(op: string): Compiled {
    if (!this.compiled) throw new Error(`${op}: the model must be compiled first: model.compile({ optimizer, loss })`);
    return this.compiled;
  }

  /**
   * Trains on samples.
   *
   * @param x - inputs, samples along the first axis; for several inputs a list, or an object by their names
   * @param y - targets, as many; likewise for several outputs
   * @returns the figures of every epoch
   * @throws Error if the model is not compiled or already training; TypeError and RangeError for data that does not fit
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const { history } = await model.fit(tensor2d([[1], [2]]), tensor2d([[2], [4]]), { epochs: 3, verbose: 0 });
   * history.loss.length;  // 3
   */
  async fit(x: Tensors, y: Tensors, options: FitOptions = {}): Promise<History> {
    const { batchSize = 32, shuffle = true, validationSplit = 0, stepsPerEpoch, validationSteps } = options;
    const { validationData, validationBatchSize = batchSize } = options;
    this.checkLoop(options, 'fit');
    checkCount(batchSize, 1, 'batchSize', 'fit');
    checkCount(validationBatchSize, 1, 'validationBatchSize', 'fit');
    checkBetween(validationSplit, 0, 1, 'validationSplit', 'fit');
    if (stepsPerEpoch !== undefined) checkCount(stepsPerEpoch, 1, 'stepsPerEpoch', 'fit');
    const data = this.checkData(x, y, 'fit', options.sampleWeight);
    const count = this.inputCount + this.outputCount;

    const all = data[0]!.shape[0]!;
    const samples = validationData ? all : Math.floor(all * (1 - validationSplit));
    if (samples === 0) throw new RangeError(`fit: validationSplit ${validationSplit} leaves nothing to train on`);
    // Validation knows weights of samples, not of classes.
    const held = samples < all ? data.map((part) => rowsBetween(part, samples, all - samples)) : [];
    const weighed = this.weigh(data, options.classWeight, 'fit');
    try {
      const validate =
        held.length > 0
          ? () => oneAfterTheOther(held, validationBatchSize)
          : this.validationOf(validationData, validationBatchSize, 'fit');
      const order = () => (shuffle ? randomOrder(samples) : naturalOrder(samples));
      const params = { steps: stepsPerEpoch ?? Math.ceil(samples / batchSize), batchSize, samples };
      return await this.train(
        () => inOrderOf(weighed, order(), batchSize),
        stepsPerEpoch,
        options,
        params,
        validate,
        validationSteps,
      );
    } finally {
      dispose(held);
      dispose(weighed.slice(count).filter((w) => !data.includes(w)));
    }
  }

  /**
   * Trains on the batches of a dataset, which need never be in memory together.
   *
   * @param dataset - batches `{ xs, ys }` or `[xs, ys, sampleWeight]`, from an iterable or asynchronous iterable that can
   *   be gone through in every epoch, or from a function that gives one; their tensors are disposed of after their step,
   *   but for those in an array
   * @returns the figures of every epoch
   * @throws as `fit`; RangeError if there are no batches
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const batches = function* () {
   *   for (let i = 0; i < 4; i++) yield { xs: ones([8, 1]), ys: fill([8, 1], 3) };
   * };
   * const { history } = await model.fitDataset(batches, { epochs: 2, verbose: 0 });
   * history.loss.length;  // 2
   */
  async fitDataset(dataset: Dataset, options: FitDatasetOptions = {}): Promise<History> {
    const { batchesPerEpoch, validationData, validationBatchSize = 32, validationBatches, classWeight } = options;
    this.checkLoop(options, 'fitDataset');
    checkCount(validationBatchSize, 1, 'validationBatchSize', 'fitDataset');
    if (batchesPerEpoch !== undefined) checkCount(batchesPerEpoch, 1, 'batchesPerEpoch', 'fitDataset');
    const count = this.inputCount + this.outputCount;
    const standardize = (xs: Tensors, ys: Tensors, weights: Tensors | undefined): Batch => {
      const data = this.checkData(xs, ys, 'fitDataset', weights);
      const weighed = this.weigh(data, classWeight, 'fitDataset');
      dispose(data.slice(count).filter((w) => !weighed.includes(w)));
      return weighed;
    };
    const validate = this.validationOf(validationData, validationBatchSize, 'fitDataset');
    // Datasets of the package know their size, if anyone does.
    const size = Array.isArray(dataset) ? dataset.length : (dataset as { size?: number | null }).size;
    const params = { steps: batchesPerEpoch ?? size ?? null, batchSize: null, samples: null };
    const begin = () => batchesOf(dataset, standardize, 'fitDataset');
    return this.train(begin, batchesPerEpoch, options, params, validate, validationBatches);
  }

  private checkLoop({ epochs = 1, initialEpoch = 0, verbose = 1, validationFreq = 1 }: LoopOptions, op: string): void {
    this.needCompiled(op);
    checkCount(epochs, 0, 'epochs', op);
    checkCount(initialEpoch, 0, 'initialEpoch', op);
    if (typeof validationFreq === 'number') checkCount(validationFreq, 1, 'validationFreq', op);
    if (![0, 1, 2].includes(verbose)) throw new RangeError(`${op}: verbose must be 0, 1 or 2, got ${verbose}`);
    if (this.isTraining) throw new Error(`${op}: Cannot start training because another fit() call is ongoing.`);
  }

  /** The loop over epochs and batches. */
  private async train(
    begin: () => Batches,
    stepsPerEpoch: number | undefined,
    { epochs = 1, initialEpoch = 0, verbose = 1, callbacks: given = [], validationFreq = 1 }: LoopOptions,
    params: Pick<Params, 'steps' | 'batchSize' | 'samples'>,
    validate: (() => Batches) | undefined,
    validationSteps: number | undefined,
  ): Promise<History> {
    const { objectives } = this.needCompiled('fit');
    const history = new History();
    // The history comes last: it has what others add to an epoch's figures.
    const callbacks: Callback[] = [[given].flat(), verbose > 0 ? new ProgressBar() : [], history].flat() as Callback[];
    const { names } = objectives;
    const metrics = [...names, ...(validate ? names.map((name) => `val_${name}`) : [])];
    const isValidated = (epoch: number) =>
      typeof validationFreq === 'number' ? (epoch + 1) % validationFreq === 0 : validationFreq.includes(epoch + 1);
    let batches: Batches | undefined;
    this.isTraining = true;
    this.stopTraining = false;
    try {
      for (const callback of callbacks) {
        callback.setParams?.({ epochs, ...params, verbose, metrics });
        callback.setModel?.(this);
      }
      await callEach(callbacks, 'onTrainBegin');
      for (let epoch = initialEpoch; epoch < epochs && !this.stopTraining; epoch++) {
        await callEach(callbacks, 'onEpochBegin', epoch);
        batches ??= begin();
        objectives.reset();
        let paused = performance.now();
        for (let step = 0; step !== stepsPerEpoch && !(this.stopTraining && step > 0); step++) {
          let next = await batches.next();
          if (next.done && step > 0 && stepsPerEpoch === undefined) break;
          if (next.done) {
            batches = begin();
            next = await batches.next();
            if (next.done) throw new RangeError(NO_BATCHES);
          }
          try {
            await callEach(callbacks, 'onBatchBegin', step);
            this.trainStep(next.value);
          } finally {
            dispose(next.value);
          }
          await callEach(callbacks, 'onBatchEnd', step, objectives.results());
          if (performance.now() - paused > YIELD_MS) {
            await callEach(callbacks, 'onYield', epoch, step, objectives.results());
            await new Promise((resolve) => setTimeout(resolve));
            paused = performance.now();
          }
        }
        if (stepsPerEpoch === undefined) {
          await batches.return?.();
          batches = undefined;
        }
        const logs: Logs = objectives.results();
        if (validate && isValidated(epoch)) {
          const figures = await this.test(validate(), validationSteps, callbacks);
          for (const [name, value] of Object.entries(figures)) logs[`val_${name}`] = value;
        }
        await callEach(callbacks, 'onEpochEnd', epoch, logs);
      }
      this.optimizer.finalizeVariableValues(this.trainableWeights);
      await callEach(callbacks, 'onTrainEnd');
    } finally {
      this.isTraining = false;
      await batches?.return?.();
    }
    return history;
  }

  private get inputCount(): number {
    return Math.max(1, this.inputs.length);
  }

  private get outputCount(): number {
    return this.needCompiled('fit').objectives.outputs.length;
  }

  /** The inputs, targets and weights in a batch. */
  private parts(batch: readonly Tensor[]): { xs: Tensor[]; ys: Tensor[]; weights: Tensor[] | undefined } {
    const [n, m] = [this.inputCount, this.outputCount];
    const weights = batch.length > n + m ? batch.slice(n + m) : undefined;
    return { xs: batch.slice(0, n), ys: batch.slice(n, n + m), weights };
  }

  /** One step on one batch, recorded once and then replayed; the figures are those before it. */
  private trainStep(batch: Batch): void {
    const { objectives, step } = this.needCompiled('trainOnBatch');
    const n = batch[0]!.shape[0]!;
    step.run(
      batch,
      (figures) => {
        objectives.take(figures, n);
        dispose([figures.loss, figures.losses, figures.shares]);
      },
      (figures) => objectives.take(figures, n),
    );
  }

  /** The step itself, in ops. */
  private step(batch: readonly Tensor[]): Figures {
    const { optimizer } = this.needCompiled('trainOnBatch');
    const weights = this.trainableWeights;
    guard(this, () => countTrained(this, weights, 0) === weights.length);
    // Metrics come before the update, so that one that throws leaves the weights alone. The inner tidy lets go of the
    // tape's readings of the weights, which can then be updated in place.
    const { figures, gradients } = tidy(() => this.gradientsOf(batch, weights));
    optimizer.applyTo(weights.flatMap((w, i) => (gradients[i] ? [[w, gradients[i]] as const] : [])));
    dispose(gradients);
    this.applyConstraints();
    return figures;
  }

  /** The figures, and the gradients of the loss; null for a weight that it does not depend on. */
  private gradientsOf(batch: readonly Tensor[], weights: readonly Variable[]) {
    const tape = new Tape();
    try {
      for (const w of weights) tape.watch(w);
      tape.start();
      const figures = this.figures(batch, true, () => tape.stop());
      const gradients = tape.gradient(figures.loss, weights);
      if (weights.length > 0 && gradients.every((g) => g === null)) {
        throw new Error('fit: the loss does not depend on any weight; it must be made of ops on the second argument');
      }
      return { figures, gradients };
    } finally {
      tape.close();
    }
  }

  /** Runs the model on a batch. @param onLoss - is called between the losses and the metrics */
  private figures(batch: readonly Tensor[], training: boolean, onLoss?: () => void): Figures {
    const { objectives } = this.needCompiled('loss');
    const { xs, ys, weights } = this.parts(batch);
    const { output, penalties } = withPenalties(() => [this.run(oneOrMore(xs), { training })].flat() as Tensor[]);
    return objectives.figures(ys, output, weights, [...this.calculateLosses(), ...penalties], onLoss);
  }

  /**
   * One step on one batch. The metrics begin anew.
   *
   * @returns the loss before the step, followed by the outputs' losses where there are several, and the metrics
   */
  async trainOnBatch(x: Tensors, y: Tensors, options: ClassWeightOptions = {}): Promise<number | number[]> {
    const { objectives } = this.needCompiled('trainOnBatch');
    const data = this.checkData(x, y, 'trainOnBatch', options.sampleWeight);
    const weighed = this.weigh(data, options.classWeight, 'trainOnBatch');
    objectives.reset();
    try {
      this.trainStep(weighed);
      return objectives.names.length === 1 ? objectives.latest[0]! : objectives.latestFigures();
    } finally {
      dispose(weighed.filter((part) => !data.includes(part)));
    }
  }

  /**
   * The loss and the metrics over samples.
   *
   * @returns a scalar, or a list of scalars if there are metrics or several outputs, in the order of `metricsNames`
   */
  evaluate(x: Tensors, y: Tensors, options: EvaluateOptions = {}): Scalar | Scalar[] {
    const { batchSize = 32, sampleWeight, steps } = options;
    const callbacks = [options.callbacks ?? []].flat() as Callback[];
    const { objectives } = this.needCompiled('evaluate');
    checkCount(batchSize, 1, 'batchSize', 'evaluate');
    const data = this.checkData(x, y, 'evaluate', sampleWeight);
    const restore = objectives.setAside();
    try {
      tellEach(callbacks, 'onTestBegin');
      const batches = oneAfterTheOther(data, batchSize);
      for (let step = 0; step !== steps; step++) {
        const next = batches.next();
        if (next.done) break;
        tellEach(callbacks, 'onTestBatchBegin', step);
        this.testStep(next.value);
        tellEach(callbacks, 'onTestBatchEnd', step, objectives.results());
      }
      const logs = objectives.results();
      tellEach(callbacks, 'onTestEnd', logs);
      return this.scalars(logs);
    } finally {
      restore();
    }
  }

  /**
   * The same over the batches of a dataset.
   *
   * @param options.batches - how many, from the first on; all if absent
   */
  async evaluateDataset(
    dataset: Dataset,
    { batches, callbacks = [] }: { batches?: number; callbacks?: Callback | readonly Callback[] } = {},
  ): Promise<Scalar | Scalar[]> {
    this.needCompiled('evaluateDataset');
    const given = this.batchesFrom(dataset, 'evaluateDataset');
    return this.scalars(await this.test(given, batches, [callbacks].flat() as Callback[]));
  }

  private scalars(figures: Logs): Scalar | Scalar[] {
    const scalars = Object.values(figures).map((value) => scalar(value));
    return scalars.length === 1 ? scalars[0]! : scalars;
  }

  /** Loss and metrics over batches; what is known of the training's batches is known again afterwards. */
  private async test(batches: Batches, steps: number | undefined, callbacks: readonly Callback[]): Promise<Logs> {
    const { objectives } = this.needCompiled('evaluate');
    const restore = objectives.setAside();
    try {
      await callEach(callbacks, 'onTestBegin');
      let step = 0;
      for (; step !== steps; step++) {
        const next = await batches.next();
        if (next.done) break;
        try {
          await callEach(callbacks, 'onTestBatchBegin', step);
        } catch (error) {
          dispose(next.value);
          throw error;
        }
        this.testStep(next.value);
        await callEach(callbacks, 'onTestBatchEnd', step, objectives.results());
      }
      if (step === 0) throw new RangeError('evaluateDataset: the dataset has no batches');
      const logs = objectives.results();
      await callEach(callbacks, 'onTestEnd', logs);
      return logs;
    } finally {
      restore();
      await batches.return?.();
    }
  }

  /** Takes a batch into account, and disposes of it. */
  private testStep(batch: Batch): void {
    const { objectives } = this.needCompiled('evaluate');
    try {
      tidy(() => objectives.take(this.figures(batch, false), batch[0]!.shape[0]!));
    } finally {
      dispose(batch);
    }
  }

  /** The outputs for inputs, batch by batch: one tensor, or one for each output. */
  predict<R extends OneOrMore<Tensor> = Tensor>(x: Tensors, options: PredictOptions = {}): R {
    const { batchSize = 32 } = options;
    const callbacks = [options.callbacks ?? []].flat() as Callback[];
    checkCount(batchSize, 1, 'batchSize', 'predict');
    const xs = this.checkInputs(x, 'predict');
    const n = xs[0]!.shape[0]!;
    return tidy(() => {
      tellEach(callbacks, 'onPredictBegin');
      let ys: Tensor[] | undefined;
      let step = 0;
      for (const batch of oneAfterTheOther(xs, batchSize)) {
        tellEach(callbacks, 'onPredictBatchBegin', step);
        const parts = tidy(() => [this.run(oneOrMore(batch), { training: false })].flat() as Tensor[]);
        ys ??= parts.map((part) => empty([n, ...part.shape.slice(1)], part.dtype));
        parts.forEach((part, i) => {
          const strides = stridesOf(part.shape);
          moveInto(
            part,
            { offset: 0, strides },
            ys![i]!,
            { offset: step * batchSize * strides[0]!, strides },
            part.shape,
          );
        });
        dispose([batch, parts]);
        tellEach(callbacks, 'onPredictBatchEnd', step);
        step++;
      }
      tellEach(callbacks, 'onPredictEnd');
      return oneOrMore(ys!) as R;
    });
  }

  /** The output for one batch, or those of several outputs. */
  predictOnBatch<R extends OneOrMore<Tensor> = Tensor>(x: Tensors): R {
    const xs = this.checkInputs(x, 'predictOnBatch');
    return tidy(() => {
      const ys = [this.run(oneOrMore(xs), { training: false })].flat() as Tensor[];
      return oneOrMore(ys.map((y) => (xs.includes(y) ? alias(y) : y))) as R;
    });
  }

  /** Refuses inputs that do not fit; makes the weights for the first ones. */
  private checkInputs(x: Tensors, op: string): Tensor[] {
    const xs = inOrderOfNames(x, this.inputs.length === 0 ? ['x'] : this.inputNames, 'x', op);
    for (const each of xs) {
      if (each.shape[0] !== xs[0]!.shape[0]) {
        const sizes = xs.map(({ shape }) => shape[0]).join(' and ');
        throw new RangeError(`${op}: inputs need the same number of samples, got ${sizes}`);
      }
    }
    this.prepare(xs, op);
    return xs;
  }

  /**
   * Refuses samples that training would stumble over, before it changes anything.
   * @returns inputs, targets and weights in one list
   */
  private checkData(x: Tensors, y: Tensors, op: string, w?: Tensors): Tensor[] {
    const { objectives, checked } = this.needCompiled(op);
    const names = objectives.outputs.map(({ name }) => name);
    const xs = inOrderOfNames(x, this.inputs.length === 0 ? ['x'] : this.inputNames, 'x', op);
    const ys = inOrderOfNames(y, names, 'y', op);
    const n = xs[0]!.shape[0]!;
    for (const target of ys) {
      if (target.shape[0] !== n) {
        throw new RangeError(`${op}: x and y need the same number of samples, got ${n} and ${target.shape[0]}`);
      }
    }
    const weights = w === undefined ? [] : this.checkWeights(w, names, n, op);
    ys.forEach((target, i) => {
      if (target.id !== checked[i] && isFloat(target.dtype) && tidy(() => any(isNaN(target)).dataSync()[0] === 1)) {
        throw new RangeError(`${op}: y contains NaN`);
      }
    });
    this.checkInputs(x, op);
    ys.forEach((target, i) => {
      if (target.id === checked[i]) return;
      const { classes } = objectives.outputs[i]!;
      const count = this.outputs[i]?.shape.at(-1);
      if (classes && count) {
        const { ignoreClass } = classes;
        tidy(() => {
          const isCounted =
            ignoreClass === null ? target : where(equal(target, ignoreClass), zerosLike(target), target);
          classIndices(isCounted, count, op);
        });
      }
      if (!(target instanceof Variable)) checked[i] = target.id;
    });
    return [...xs, ...ys, ...weights];
  }

  /** Weights of samples for each output: ones where it has none. */
  private checkWeights(given: Tensors, names: readonly string[], n: number, op: string): Tensor[] {
    const weights = inOrderOfNames(given, names, 'sampleWeight', op);
    for (const w of weights) {
      if (w.shape[0] !== n) {
        throw new RangeError(`${op}: sampleWeight needs a weight for each of ${n} samples, got shape [${w.shape}]`);
      }
    }
    return weights;
  }

  /** Inputs, targets and weights, with the weights of the targets' classes in the samples' weights. */
  private weigh(data: readonly Tensor[], classWeight: ClassWeightOptions['classWeight'], op: string): Tensor[] {
    if (!classWeight) return [...data];
    const { objectives } = this.needCompiled(op);
    const { xs, ys, weights } = this.parts(data);
    const isOne = !Array.isArray(classWeight) && Object.values(classWeight).every((v) => typeof v !== 'object');
    const names = objectives.outputs.map(({ name }) => name);
    if (isOne && names.length > 1)
      throw new RangeError(`${op}: classWeight needs a list or an object by the outputs' names`);
    const byOutput = isOne
      ? [classWeight as ClassWeight]
      : inOrder(classWeight as ClassWeight[], names, `${op}: classWeight`);
    return tidy(() => [
      ...xs,
      ...ys,
      ...ys.map((y, i) => {
        const own = weights?.[i];
        const given = byOutput[i];
        if (!given) return own ?? ones([y.shape[0]!]);
        const byClass = classWeights(y, given, objectives.outputs[i]!.classes !== undefined);
        if (!own) return byClass;
        const [few, many] = own.rank < byClass.rank ? [own, byClass] : [byClass, own];
        return mul(spread(few, many, op), many);
      }),
    ]);
  }

  /** The batches of a dataset, checked as they come. */
  private batchesFrom(dataset: Dataset, op: string): Batches {
    return batchesOf(dataset, (xs, ys, weights) => this.checkData(xs, ys, op, weights), op);
  }

  /** What gives the batches to validate with, anew each time. */
  private validationOf(data: ValidationData | undefined, batchSize: number, op: string): (() => Batches) | undefined {
    if (data === undefined) return undefined;
    const where = `${op}: validationData`;
    const isTensors = Array.isArray(data) && (data.length === 2 || data.length === 3) && !isBatch(data[0]);
    if (isTensors) {
      const [x, y, w] = data as unknown as [Tensors, Tensors, Tensors?];
      const parts = this.checkData(x, y, where, w);
      // A target of the wrong shape is better known now than after an epoch.
      const restore = this.needCompiled(op).objectives.setAside();
      try {
        this.testStep(parts.map((part) => rowsBetween(part, 0, 1)));
      } finally {
        restore();
      }
      return () => oneAfterTheOther(parts, batchSize);
    }
    const isDataset =
      typeof data === 'function' ||
      (typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data));
    if (!isDataset) throw new TypeError(`${where} must be [x, y] or [x, y, sampleWeight], or a dataset`);
    return () => this.batchesFrom(data as Dataset, where);
  }

  /**
   * Prints the layers: what kind they are, their outputs' shapes, their parameters, the products that they add up for a
   * sample, and the memory of their output for one.
   *
   * @param printFn - takes each line; console.log if absent
   * @throws Error while the input's shape is not known
   */
  summary(printFn: (line: string) => void = console.log): void {
    if (this.inputs.length === 0) {
      throw new Error(
        'summary: the model is not built; give the first layer an inputShape, or call build or fit first',
      );
    }
    printSummary(this.name, this.summaryRows(), printFn);
  }

  /** Frees the weights, and the state of an optimizer that was given by name. */
  override dispose(): void {
    super.dispose();
    this.forgetCompiled();
    this.compiled = undefined;
  }
}

/** Whether it is a batch of a dataset by its names; in a list of two lists are inputs and targets. */
const isBatch = (x: unknown): boolean => typeof x === 'object' && x !== null && 'xs' in x && 'ys' in x;
