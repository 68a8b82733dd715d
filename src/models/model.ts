// Training by compile and fit: what every kind of model shares. A model says how its output comes from
// its input and which layers it is made of.

import { type Callback, callEach, type Logs, type Params } from '../callbacks/callback.js';
import { History } from '../callbacks/history.js';
import { ProgressBar } from '../callbacks/progress.js';
import { checkBetween, checkCount } from '../check.js';
import { isFloat } from '../dtype.js';
import { Recorder } from '../jit.js';
import { assignWeights, type Layer, type LayerShape, withPenalties } from '../layers/layer.js';
import { readElement } from '../memory.js';
import { accuracyFor, type Metric, type MetricSpec, metricOf, nameOf } from '../metric-names.js';
import { add, any, gather, isNaN, mean, scalar, tensor1d } from '../ops/index.js';
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
import { checkSamples, naturalOrder, randomOrder, rowsBetween } from './samples.js';

export interface CompileOptions {
  /** An optimizer, or the name of one with its defaults: 'sgd', 'adam' and the others of train and optimizers. */
  optimizer: string | Optimizer;
  /** A name, `{ name, ...options }`, or a function of yTrue and yPred that returns a loss or one per sample. */
  loss: MetricSpec;
  /** As losses, one or more; 'accuracy' is the accuracy that fits the loss. */
  metrics?: MetricSpec | readonly MetricSpec[];
}

export interface FitOptions {
  /** How often the data is gone through; 1 if absent. */
  epochs?: number;
  /** Samples in a step; 32 if absent. */
  batchSize?: number;
  /** Whether samples come in a new random order in every epoch; true if absent. */
  shuffle?: boolean;
  /** The share of samples, from the end, kept for validation. */
  validationSplit?: number;
  /** Inputs and targets to validate with. */
  validationData?: readonly [Tensor, Tensor];
  callbacks?: Callback | readonly Callback[];
  /** 0 silent, 1 a progress bar on a terminal, 2 a line per epoch; 1 if absent. */
  verbose?: 0 | 1 | 2;
}

// A browser's page stays alive, and callbacks' timers run, when training pauses this often.
const YIELD_MS = 100;

/** The numbers in scalars. */
function readAll(figures: readonly Tensor[]): number[] {
  return figures.map(({ dtype, storage }) => readElement(dtype, storage.address));
}

/** The numbers in scalars that nobody else needs. */
function readAndDispose(figures: Tensor[]): number[] {
  const values = readAll(figures);
  dispose(figures);
  return values;
}

interface Named {
  name: string;
  metric: Metric;
}

interface Compiled {
  optimizer: Optimizer;
  /** Whether the model made the optimizer from its name, and so disposes of it. */
  ownsOptimizer: boolean;
  loss: Metric;
  /** Whether targets are class numbers, which can be checked before the first step. */
  takesClasses: boolean;
  metrics: readonly Named[];
  /** The training step. */
  step: Recorder<Tensor[]>;
  /** The targets that were found good last: a tensor's elements do not change. */
  checked?: number;
}

export abstract class Model {
  readonly name: string;
  /** Set to true by a callback, it ends training after the batch. */
  stopTraining = false;
  private compiled: Compiled | undefined;
  private isTraining = false;

  constructor(name: string) {
    this.name = name;
  }

  /** The layers, in order. */
  abstract readonly layers: readonly Layer[];

  /** The output's shape, batch first. */
  abstract readonly outputShape: LayerShape;

  /** The output of a batch; layers are called by their `run`. */
  protected abstract call(x: Tensor, training: boolean): Tensor;

  /** Makes the weights for inputs like x, if they are not made yet; refuses inputs of another shape. */
  protected abstract prepare(x: Tensor, op: string): void;

  get weights(): Variable[] {
    return this.layers.flatMap((layer) => layer.weights);
  }

  get trainableWeights(): Variable[] {
    return this.layers.flatMap((layer) => layer.trainableWeights);
  }

  countParams(): number {
    return this.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  }

  /** The weights, layer by layer: the variables themselves. */
  getWeights(): Tensor[] {
    return [...this.weights];
  }

  /**
   * Replaces the weights' values, in the order of `getWeights`.
   * @throws RangeError for another count, shape or dtype; nothing is changed then
   */
  setWeights(values: readonly Tensor[]): void {
    assignWeights(this.weights, values, 'setWeights');
  }

  /** Says how the model is trained: by which optimizer, against which loss, watched by which metrics. */
  compile({ optimizer, loss, metrics = [] }: CompileOptions): void {
    if (loss === undefined || loss === null) throw new TypeError('compile: needs a loss');
    const lossFunction = metricOf(loss, 'compile');
    const named = [metrics].flat().map((spec: MetricSpec): Named => {
      if (spec === 'accuracy' || spec === 'acc') return { name: spec, metric: accuracyFor(loss) };
      return { metric: metricOf(spec, 'compile'), name: nameOf(spec) || 'metric' };
    });
    const compiled: Compiled = {
      optimizer: optimizerOf(optimizer),
      ownsOptimizer: typeof optimizer === 'string',
      loss: lossFunction,
      takesClasses: typeof loss !== 'function' && nameOf(loss) === 'sparseCategoricalCrossentropy',
      metrics: named,
      step: new Recorder((x, y) => this.step(x!, y!)),
    };
    this.forgetCompiled();
    this.compiled = compiled;
  }

  private forgetCompiled(): void {
    this.compiled?.step.dispose();
    if (this.compiled?.ownsOptimizer) this.compiled.optimizer.dispose();
  }

  get optimizer(): Optimizer {
    return this.needCompiled('optimizer').optimizer;
  }

  /** The names of the figures that fit and evaluate give. */
  get metricsNames(): string[] {
    return ['loss', ...this.needCompiled('metricsNames').metrics.map(({ name }) => name)];
  }

  private needCompiled(op: string): Compiled {
    if (!this.compiled) throw new Error(`${op}: the model must be compiled first: model.compile({ optimizer, loss })`);
    return this.compiled;
  }

  /**
   * Trains on samples.
   *
   * @param x - inputs, samples along the first axis
   * @param y - targets, as many
   * @returns the figures of every epoch
   * @throws Error if the model is not compiled or already training; TypeError and RangeError for data that does not fit
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
   * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
   * const { history } = await model.fit(tensor2d([[1], [2]]), tensor2d([[2], [4]]), { epochs: 3, verbose: 0 });
   * history.loss.length;  // 3
   */
  async fit(x: Tensor, y: Tensor, options: FitOptions = {}): Promise<History> {
    const { epochs = 1, batchSize = 32, shuffle = true, validationSplit = 0, validationData, verbose = 1 } = options;
    this.needCompiled('fit');
    checkCount(epochs, 0, 'epochs', 'fit');
    checkCount(batchSize, 1, 'batchSize', 'fit');
    checkBetween(validationSplit, 0, 1, 'validationSplit', 'fit');
    if (![0, 1, 2].includes(verbose)) throw new RangeError(`fit: verbose must be 0, 1 or 2, got ${verbose}`);
    if (this.isTraining) throw new Error('fit: Cannot start training because another fit() call is ongoing.');
    this.checkData(x, y, 'fit');
    if (validationData) this.checkValidation(validationData);

    const all = x.shape[0]!;
    const samples = validationData ? all : Math.floor(all * (1 - validationSplit));
    if (samples === 0) throw new RangeError(`fit: validationSplit ${validationSplit} leaves nothing to train on`);
    const history = new History();
    const given = [options.callbacks ?? []].flat() as Callback[];
    const callbacks: Callback[] = [history, ...(verbose > 0 ? [new ProgressBar()] : []), ...given];
    const params: Params = { epochs, steps: Math.ceil(samples / batchSize), batchSize, samples, verbose };

    const held = samples < all ? [rowsBetween(x, samples, all - samples), rowsBetween(y, samples, all - samples)] : [];
    const validation = validationData ?? held;
    this.isTraining = true;
    this.stopTraining = false;
    try {
      for (const callback of callbacks) {
        callback.setParams?.(params);
        callback.setModel?.(this);
      }
      await callEach(callbacks, 'onTrainBegin');
      for (let epoch = 0; epoch < epochs && !this.stopTraining; epoch++) {
        await callEach(callbacks, 'onEpochBegin', epoch);
        const order = shuffle ? randomOrder(samples) : naturalOrder(samples);
        const logs = await this.trainEpoch(x, y, order, batchSize, callbacks);
        if (validation.length > 0) {
          const figures = this.figuresOf(validation[0]!, validation[1]!, batchSize);
          for (const [name, value] of Object.entries(figures)) logs[`val_${name}`] = value;
        }
        await callEach(callbacks, 'onEpochEnd', epoch, logs);
      }
      this.optimizer.finalizeVariableValues(this.trainableWeights);
      await callEach(callbacks, 'onTrainEnd');
    } finally {
      this.isTraining = false;
      dispose(held);
    }
    return history;
  }

  /** One epoch; returns the means over its samples so far trained. */
  private async trainEpoch(
    x: Tensor,
    y: Tensor,
    order: Int32Array,
    batchSize: number,
    callbacks: readonly Callback[],
  ): Promise<Logs> {
    const { metrics } = this.needCompiled('fit');
    const names = ['loss', ...metrics.map(({ name }) => name)];
    const sums = names.map(() => 0);
    let seen = 0;
    let paused = performance.now();
    const logs = (): Logs => Object.fromEntries(names.map((name, i) => [name, sums[i]! / seen]));
    for (let batch = 0; seen < order.length && !(this.stopTraining && batch > 0); batch++) {
      await callEach(callbacks, 'onBatchBegin', batch);
      const picks = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      const figures = tidy(() => {
        const indices = tensor1d(picks, 'int32');
        return this.trainStep(gather(x, indices), gather(y, indices));
      });
      for (let i = 0; i < sums.length; i++) sums[i]! += figures[i]! * picks.length;
      seen += picks.length;
      await callEach(callbacks, 'onBatchEnd', batch, logs());
      if (performance.now() - paused > YIELD_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        paused = performance.now();
      }
    }
    return logs();
  }

  /** One step on one batch, recorded once and then replayed; returns the loss and the metrics before it. */
  private trainStep(x: Tensor, y: Tensor): number[] {
    return this.needCompiled('trainOnBatch').step.run([x, y], readAndDispose, readAll);
  }

  /** The step itself, in ops. */
  private step(x: Tensor, y: Tensor): Tensor[] {
    const { optimizer } = this.needCompiled('trainOnBatch');
    const weights = this.trainableWeights;
    guard(this, () => this.trains(weights));
    // Metrics come before the update, so that one that throws leaves the weights alone. The inner tidy lets go of the
    // tape's readings of the weights, which can then be updated in place.
    const { figures, gradients } = tidy(() => this.gradientsOf(x, y, weights));
    optimizer.applyTo(weights.flatMap((w, i) => (gradients[i] ? [[w, gradients[i]] as const] : [])));
    dispose(gradients);
    for (const layer of this.layers) layer.applyConstraints();
    return figures;
  }

  /** Whether these are still the weights to be trained. */
  private trains(weights: readonly Variable[]): boolean {
    let i = 0;
    for (const layer of this.layers) {
      if (!layer.trainable) continue;
      for (const w of layer.weights) if (w.trainable && w !== weights[i++]) return false;
    }
    return i === weights.length;
  }

  /** The loss, the metrics, and the gradients of the loss; null for a weight that it does not depend on. */
  private gradientsOf(x: Tensor, y: Tensor, weights: readonly Variable[]) {
    const { metrics } = this.needCompiled('trainOnBatch');
    const tape = new Tape();
    try {
      for (const w of weights) tape.watch(w);
      tape.start();
      const { output, value } = this.lossOf(x, y, true);
      tape.stop();
      const gradients = tape.gradient(value, weights);
      if (weights.length > 0 && gradients.every((g) => g === null)) {
        throw new Error('fit: the loss does not depend on any weight; it must be made of ops on the second argument');
      }
      return { figures: [value, ...metrics.map(({ metric }): Tensor => mean(metric(y, output)))], gradients };
    } finally {
      tape.close();
    }
  }

  /** The output of a batch and its loss: the mean over samples and what regularizers add. */
  private lossOf(x: Tensor, y: Tensor, training: boolean): { output: Tensor; value: Tensor } {
    const { loss } = this.needCompiled('loss');
    const { output, penalties } = withPenalties(() => this.call(x, training));
    const terms = [mean(loss(y, output)), ...this.layers.flatMap((layer) => layer.calculateLosses()), ...penalties];
    return { output, value: terms.reduce((sum, term) => add(sum, term)) };
  }

  /**
   * One step on one batch.
   *
   * @returns the loss before the step, followed by the metrics if there are any
   */
  async trainOnBatch(x: Tensor, y: Tensor): Promise<number | number[]> {
    this.needCompiled('trainOnBatch');
    this.checkData(x, y, 'trainOnBatch');
    const figures = this.trainStep(x, y);
    return figures.length === 1 ? figures[0]! : figures;
  }

  /**
   * The loss and the metrics over samples.
   *
   * @returns a scalar, or a list of scalars if there are metrics
   */
  evaluate(x: Tensor, y: Tensor, { batchSize = 32 }: { batchSize?: number } = {}): Scalar | Scalar[] {
    this.needCompiled('evaluate');
    checkCount(batchSize, 1, 'batchSize', 'evaluate');
    this.checkData(x, y, 'evaluate');
    const figures = Object.values(this.figuresOf(x, y, batchSize));
    const scalars = figures.map((value) => scalar(value));
    return scalars.length === 1 ? scalars[0]! : scalars;
  }

  /** The means of loss and metrics over all samples. */
  private figuresOf(x: Tensor, y: Tensor, batchSize: number): Logs {
    const { metrics } = this.needCompiled('evaluate');
    const names = ['loss', ...metrics.map(({ name }) => name)];
    const sums = names.map(() => 0);
    const n = x.shape[0]!;
    for (let at = 0; at < n; at += batchSize) {
      const count = Math.min(batchSize, n - at);
      tidy(() => {
        const target = rowsBetween(y, at, count);
        const { output, value } = this.lossOf(rowsBetween(x, at, count), target, false);
        const figures = [value, ...metrics.map(({ metric }): Tensor => mean(metric(target, output)))];
        figures.forEach((figure, i) => {
          sums[i]! += figure.dataSync()[0]! * count;
        });
      });
    }
    return Object.fromEntries(names.map((name, i) => [name, sums[i]! / n]));
  }

  /** The outputs for inputs, batch by batch. */
  predict(x: Tensor, { batchSize = 32 }: { batchSize?: number } = {}): Tensor {
    checkCount(batchSize, 1, 'batchSize', 'predict');
    this.checkInput(x, 'predict');
    return tidy(() => {
      const n = x.shape[0]!;
      let y: Tensor | undefined;
      for (let at = 0; at < n; at += batchSize) {
        const count = Math.min(batchSize, n - at);
        const part = tidy(() => this.call(rowsBetween(x, at, count), false));
        y ??= empty([n, ...part.shape.slice(1)], part.dtype);
        const strides = stridesOf(part.shape);
        moveInto(part, { offset: 0, strides }, y, { offset: at * strides[0]!, strides }, part.shape);
        part.dispose();
      }
      return y!;
    });
  }

  /** The output for one batch. */
  predictOnBatch(x: Tensor): Tensor {
    this.checkInput(x, 'predictOnBatch');
    const y = tidy(() => this.call(x, false));
    return y === x ? alias(x) : y;
  }

  /** Refuses inputs that do not fit; makes the weights for the first ones. */
  private checkInput(x: Tensor, op: string): void {
    checkSamples(x, 'x', op);
    this.prepare(x, op);
  }

  /** Refuses samples that training would stumble over, before it changes anything. */
  private checkData(x: Tensor, y: Tensor, op: string): void {
    checkSamples(x, 'x', op);
    checkSamples(y, 'y', op);
    if (y.shape[0] !== x.shape[0]) {
      throw new RangeError(`${op}: x and y need the same number of samples, got ${x.shape[0]} and ${y.shape[0]}`);
    }
    const isKnown = y.id === this.compiled?.checked;
    if (!isKnown && isFloat(y.dtype) && tidy(() => any(isNaN(y)).dataSync()[0] === 1)) {
      throw new RangeError(`${op}: y contains NaN`);
    }
    this.prepare(x, op);
    if (isKnown) return;
    const classes = this.outputShape.at(-1);
    if (this.compiled?.takesClasses && classes) {
      tidy(() => {
        classIndices(y, classes, op);
      });
    }
    if (this.compiled && !(y instanceof Variable)) this.compiled.checked = y.id;
  }

  private checkValidation(data: readonly [Tensor, Tensor]): void {
    if (!Array.isArray(data) || data.length !== 2) throw new TypeError('fit: validationData must be [x, y]');
    const [x, y] = data;
    this.checkData(x, y, 'fit: validationData');
    // A target of the wrong shape is better known now than after an epoch.
    tidy(() => this.figuresOf(rowsBetween(x, 0, 1), rowsBetween(y, 0, 1), 1));
  }

  /** Frees the weights, and the state of an optimizer that was given by name. */
  dispose(): void {
    for (const layer of this.layers) layer.dispose();
    this.forgetCompiled();
    this.compiled = undefined;
  }
}
