// Training by compile and fit: what every kind of model shares. A model is a layer of layers; it says how its outputs
// come from its inputs.

import { type Callback, type Logs, tellEach } from '../callbacks/callback.js';
import type { History } from '../callbacks/history.js';
import { checkBetween, checkCount } from '../check.js';
import { Layer, type OneOrMore } from '../layers/layer.js';
import type { SymbolicTensor } from '../layers/symbolic.js';
import { assignWeights } from '../layers/weight.js';
import { concat, scalar } from '../ops/index.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { dispose, tidy } from '../scope.js';
import { alias } from '../tape.js';
import type { Scalar, Tensor } from '../tensor.js';
import { batchOf, type Dataset, inOrderOf, oneAfterTheOther } from './batches.js';
import { train } from './loop.js';
import type {
  ClassWeightOptions,
  CompileOptions,
  EvaluateOptions,
  FitDatasetOptions,
  FitOptions,
  LoopOptions,
  PredictOptions,
} from './options.js';
import { checkYieldEvery } from './pauses.js';
import { inOrderOfNames, naturalOrder, randomOrder, rowsBetween, type Tensors } from './samples.js';
import { printSummary, type SummaryRow } from './summary.js';
import { oneOrMore, Training } from './training.js';

/**
 * What can be compiled, trained, evaluated and asked for predictions: {@link sequential} and {@link model} make such. A model
 * is a layer too, and can be part of other models.
 *
 * @differs from TensorFlow.js, whose figures of 'accuracy' are called acc and val_acc: here a figure is called as it was asked
 *   for, as in Keras, and 'acc' gives those
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
  /** @internal What compile made of it. */
  training: Training | undefined;

  /** The planned tensors that it begins and ends with, once the shapes are known. */
  abstract readonly inputs: readonly SymbolicTensor[];
  /** The planned tensors that it ends with, likewise. */
  abstract readonly outputs: readonly SymbolicTensor[];

  /** The layers, in the order in which they work. */
  abstract override get layers(): readonly Layer[];

  /** What there is to be said of each layer. */
  protected abstract summaryRows(): SummaryRow[];

  /** @internal Makes the weights for inputs like these, if they are not made yet; refuses inputs of another shape. */
  abstract prepare(xs: readonly Tensor[], op: string): void;

  /** The planned tensor that it begins with, or those of several, wherever else the model is used. */
  override get input(): OneOrMore<SymbolicTensor> {
    return this.oneOrMoreOf(this.inputs, 'input');
  }

  /** What it ends with, likewise. */
  override get output(): OneOrMore<SymbolicTensor> {
    return this.oneOrMoreOf(this.outputs, 'output');
  }

  private oneOrMoreOf(planned: readonly SymbolicTensor[], what: string): OneOrMore<SymbolicTensor> {
    if (planned.length === 0) throw new Error(`${this.name}.${what}: the model is not built`);
    return oneOrMore(planned);
  }

  /** What inputs and outputs are called where they are given by name. */
  get inputNames(): string[] {
    return this.inputs.map(({ name }) => name);
  }

  /**
   * What outputs are called where targets, losses and metrics are given by name: as their layers are, with a number behind
   * where one layer gives several.
   */
  get outputNames(): string[] {
    const names: string[] = [];
    for (const { name: first } of this.outputs) {
      let name = first;
      for (let i = 1; names.includes(name); i++) name = `${first}_${i}`;
      names.push(name);
    }
    return names;
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

  /**
   * Says how the model is trained: by which optimizer, against which losses, watched by which metrics. What layers' `trainable`
   * says now is what is trained until it is compiled again, as in Keras and TensorFlow.js.
   */
  compile(options: CompileOptions): void {
    const training = new Training(this, options);
    // One that goes on, whose callback compiles, ends by itself.
    if (!this.training?.isBusy) this.training?.dispose();
    this.training = training;
  }

  /** The optimizer that it was compiled with. */
  get optimizer(): Optimizer {
    return this.needCompiled('optimizer').optimizer;
  }

  /** The names of the figures that fit and evaluate give. */
  get metricsNames(): string[] {
    return [...this.needCompiled('metricsNames').objectives.names];
  }

  /** @internal What compile made. */
  needCompiled(op: string): Training {
    if (!this.training) throw new Error(`${op}: the model must be compiled first: model.compile({ optimizer, loss })`);
    return this.training;
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
    const training = this.checkLoop(options, 'fit');
    checkCount(batchSize, 1, 'batchSize', 'fit');
    checkCount(validationBatchSize, 1, 'validationBatchSize', 'fit');
    checkBetween(validationSplit, 0, 1, 'validationSplit', 'fit');
    if (stepsPerEpoch !== undefined) checkCount(stepsPerEpoch, 1, 'stepsPerEpoch', 'fit');
    if (validationSteps !== undefined) checkCount(validationSteps, 1, 'validationSteps', 'fit');
    const data = training.check(x, y, 'fit', options.sampleWeight);

    const all = data[0]!.shape[0]!;
    const samples = validationData ? all : Math.floor(all * (1 - validationSplit));
    if (samples === 0) throw new RangeError(`fit: validationSplit ${validationSplit} leaves nothing to train on`);
    // Validation knows weights of samples, not of classes.
    const held = samples < all ? data.map((part) => part && rowsBetween(part, samples, all - samples)) : [];
    const weighed = training.weigh(data, options.classWeight, 'fit');
    try {
      const validate =
        held.length > 0
          ? () => oneAfterTheOther(held, validationBatchSize)
          : training.validationOf(validationData, validationBatchSize, 'fit');
      const order = () => (shuffle ? randomOrder(samples) : naturalOrder(samples));
      const begin = () => inOrderOf(weighed, order(), batchSize);
      const params = { steps: stepsPerEpoch ?? Math.ceil(samples / batchSize), batchSize, samples };
      return await train(this, training, { begin, stepsPerEpoch, params, validate, validationSteps }, options);
    } finally {
      dispose([held, weighed.filter((part) => !data.includes(part))]);
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
    const training = this.checkLoop(options, 'fitDataset');
    checkCount(validationBatchSize, 1, 'validationBatchSize', 'fitDataset');
    if (batchesPerEpoch !== undefined) checkCount(batchesPerEpoch, 1, 'batchesPerEpoch', 'fitDataset');
    if (validationBatches !== undefined) checkCount(validationBatches, 1, 'validationBatches', 'fitDataset');
    const validate = training.validationOf(validationData, validationBatchSize, 'fitDataset');
    // Datasets of the package know their size, if anyone does.
    const size = Array.isArray(dataset) ? dataset.length : (dataset as { size?: number | null }).size;
    if (size === Number.POSITIVE_INFINITY && batchesPerEpoch === undefined) {
      throw new RangeError('fitDataset: needs batchesPerEpoch for a dataset that repeats without end');
    }
    const course = {
      begin: () => training.batchesFrom(dataset, 'fitDataset', classWeight),
      stepsPerEpoch: batchesPerEpoch,
      params: { steps: batchesPerEpoch ?? size ?? null, batchSize: null, samples: null },
      validate,
      validationSteps: validationBatches,
    };
    return train(this, training, course, options);
  }

  private checkLoop(options: LoopOptions, op: string): Training {
    const { epochs = 1, initialEpoch = 0, verbose = 1, validationFreq = 1, yieldEvery = 'auto', callbacks } = options;
    const training = this.needCompiled(op);
    checkCount(epochs, 0, 'epochs', op);
    checkCount(initialEpoch, 0, 'initialEpoch', op);
    if (typeof validationFreq === 'number') checkCount(validationFreq, 1, 'validationFreq', op);
    if (![0, 1, 2].includes(verbose)) throw new RangeError(`${op}: verbose must be 0, 1 or 2, got ${verbose}`);
    checkYieldEvery(yieldEvery, op);
    if (yieldEvery === 'never' && ([callbacks].flat() as Callback[]).some((callback) => callback?.onYield)) {
      throw new RangeError(`${op}: a callback has onYield, which is never called where yieldEvery is 'never'`);
    }
    if (training.isBusy) throw new Error(`${op}: Cannot start training because another fit() call is ongoing.`);
    training.warnIfChanged(op);
    return training;
  }

  /**
   * One step on one batch. The metrics begin anew.
   *
   * @returns the loss before the step, followed by the outputs' losses where there are several, and the metrics
   */
  async trainOnBatch(x: Tensors, y: Tensors, options: ClassWeightOptions = {}): Promise<number | number[]> {
    const training = this.needCompiled('trainOnBatch');
    const { objectives } = training;
    const data = training.check(x, y, 'trainOnBatch', options.sampleWeight);
    const batch = batchOf(training.weigh(data, options.classWeight, 'trainOnBatch'));
    const restore = objectives.setAside();
    try {
      training.trainStep(batch);
      return objectives.names.length === 1 ? objectives.latest[0]! : objectives.latestFigures();
    } finally {
      // In a callback of fit the epoch's figures go on.
      if (training.isBusy) restore();
      dispose(batch.filter((part) => !data.includes(part)));
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
    const training = this.needCompiled('evaluate');
    const { objectives } = training;
    checkCount(batchSize, 1, 'batchSize', 'evaluate');
    if (steps !== undefined) checkCount(steps, 1, 'steps', 'evaluate');
    const data = training.check(x, y, 'evaluate', sampleWeight);
    const restore = objectives.setAside();
    try {
      tellEach(callbacks, 'onTestBegin');
      const batches = oneAfterTheOther(data, batchSize);
      for (let step = 0; step !== steps; step++) {
        const next = batches.next();
        if (next.done) break;
        try {
          tellEach(callbacks, 'onTestBatchBegin', step);
        } catch (error) {
          dispose(next.value);
          throw error;
        }
        training.testStep(next.value);
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
    { batches, callbacks }: { batches?: number; callbacks?: EvaluateOptions['callbacks'] } = {},
  ): Promise<Scalar | Scalar[]> {
    const training = this.needCompiled('evaluateDataset');
    if (batches !== undefined) checkCount(batches, 1, 'batches', 'evaluateDataset');
    const given = training.batchesFrom(dataset, 'evaluateDataset');
    return this.scalars(await training.test(given, batches, [callbacks ?? []].flat() as Callback[]));
  }

  private scalars(figures: Logs): Scalar | Scalar[] {
    const scalars = Object.values(figures).map((value) => scalar(value));
    return scalars.length === 1 ? scalars[0]! : scalars;
  }

  /** The outputs for inputs, batch by batch: one tensor, or one for each output. Gradients go through it. */
  predict<R extends OneOrMore<Tensor> = Tensor>(x: Tensors, options: PredictOptions = {}): R {
    const { batchSize = 32 } = options;
    const callbacks = [options.callbacks ?? []].flat() as Callback[];
    checkCount(batchSize, 1, 'batchSize', 'predict');
    const xs = this.checkInputs(x, 'predict');
    return tidy(() => {
      tellEach(callbacks, 'onPredictBegin');
      const parts: Tensor[][] = [];
      let step = 0;
      for (const batch of oneAfterTheOther(xs, batchSize)) {
        tellEach(callbacks, 'onPredictBatchBegin', step);
        const ys = tidy(() => [this.run(oneOrMore(batch), { training: false })].flat() as Tensor[]);
        ys.forEach((y, i) => {
          parts[i] ??= [];
          parts[i].push(y);
        });
        dispose(batch.filter((x) => !ys.includes(x)));
        tellEach(callbacks, 'onPredictBatchEnd', step);
        step++;
      }
      tellEach(callbacks, 'onPredictEnd');
      return oneOrMore(parts.map((list) => concat(list))) as R;
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
    const xs = this.inputsInOrder(x, op);
    this.prepare(xs, op);
    return xs;
  }

  /** @internal A tensor for each input, of as many samples. */
  inputsInOrder(x: Tensors, op: string): Tensor[] {
    const xs = inOrderOfNames(x, this.inputs.length === 0 ? ['x'] : this.inputNames, 'x', op);
    if (xs.some(({ shape }) => shape[0] !== xs[0]!.shape[0])) {
      const sizes = xs.map(({ shape }) => shape[0]).join(' and ');
      throw new RangeError(`${op}: inputs need the same number of samples, got ${sizes}`);
    }
    return xs;
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
    this.training?.dispose();
    this.training = undefined;
  }
}
