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
import { spread } from '../metrics/arguments.js';
import type { Metric } from '../metrics/metric.js';
import {
  accuracyFor,
  classesOf,
  type Loss,
  type LossSpec,
  lossOf,
  type MetricSpec,
  metricOf,
} from '../metrics/names.js';
import { add, any, equal, gather, isNaN, mean, mul, scalar, tensor1d, where, zerosLike } from '../ops/index.js';
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
import { checkSamples, classWeights, naturalOrder, randomOrder, rowsBetween } from './samples.js';

export interface CompileOptions {
  /** An optimizer, or the name of one with its defaults: 'sgd', 'adam' and the others of train and optimizers. */
  optimizer: string | Optimizer;
  /** A name, `{ name, ...options }`, or a function of yTrue and yPred that returns a loss or one per sample. */
  loss: LossSpec;
  /**
   * One or more: names of losses or metrics, `{ name, ...options }`, functions such as a loss, or metrics made by hand;
   * 'accuracy' is the accuracy that fits the loss. They are added up over batches, without sample weights.
   */
  metrics?: MetricSpec | readonly MetricSpec[];
  /** As metrics, but samples count by their weights. */
  weightedMetrics?: MetricSpec | readonly MetricSpec[];
}

export interface WeightOptions {
  /** How much each sample counts in the loss, or each step of a sample: axes that are the targets' from the first on. */
  sampleWeight?: Tensor;
}

export interface ClassWeightOptions extends WeightOptions {
  /** How much samples of a class count in the loss, by class number; 1 for classes that are not there. */
  classWeight?: Readonly<Record<number, number>>;
}

export interface FitOptions extends ClassWeightOptions {
  /** How often the data is gone through; 1 if absent. */
  epochs?: number;
  /** Samples in a step; 32 if absent. */
  batchSize?: number;
  /** Whether samples come in a new random order in every epoch; true if absent. */
  shuffle?: boolean;
  /** The share of samples, from the end, kept for validation. */
  validationSplit?: number;
  /** Inputs and targets to validate with, and weights of their samples if they have any. */
  validationData?: readonly [Tensor, Tensor, Tensor?];
  callbacks?: Callback | readonly Callback[];
  /** 0 silent, 1 a progress bar on a terminal, 2 a line per epoch; 1 if absent. */
  verbose?: 0 | 1 | 2;
}

// A browser's page stays alive, and callbacks' timers run, when training pauses this often.
const YIELD_MS = 100;

/** The loss of a batch, and what each metric adds up. */
interface Figures {
  loss: Tensor;
  shares: Tensor[][];
}

interface Watched {
  metric: Metric;
  /** Whether samples count by their weights. */
  isWeighted: boolean;
}

interface Compiled {
  optimizer: Optimizer;
  /** Whether the model made the optimizer from its name, and so disposes of it. */
  ownsOptimizer: boolean;
  loss: Loss;
  /** Where targets are class numbers, which can be checked before the first step. */
  classes: { ignoreClass: number | null } | undefined;
  metrics: readonly Watched[];
  /** The training step. */
  step: Recorder<Figures>;
  /** The targets that were found good last: a tensor's elements do not change. */
  checked?: number;
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
  compile({ optimizer, loss, metrics = [], weightedMetrics = [] }: CompileOptions): void {
    if (loss === undefined || loss === null) throw new TypeError('compile: needs a loss');
    const lossFunction = lossOf(loss, 'compile');
    const watched = (specs: MetricSpec | readonly MetricSpec[], isWeighted: boolean): Watched[] =>
      [specs].flat().map((spec: MetricSpec) => {
        const isAccuracy = spec === 'accuracy' || spec === 'acc';
        const metric = isAccuracy ? accuracyFor(loss, spec) : metricOf(spec, 'compile');
        if (typeof metric.result() !== 'number') {
          throw new TypeError(`compile: needs metrics of one number, got a list from '${metric.name}'`);
        }
        return { metric, isWeighted };
      });
    const compiled: Compiled = {
      optimizer: optimizerOf(optimizer),
      ownsOptimizer: typeof optimizer === 'string',
      loss: lossFunction,
      classes: classesOf(loss),
      metrics: [...watched(metrics, false), ...watched(weightedMetrics, true)],
      step: new Recorder((x, y, w) => this.step(x!, y!, w)),
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
    return ['loss', ...this.needCompiled('metricsNames').metrics.map(({ metric }) => metric.name)];
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
    this.checkData(x, y, 'fit', options.sampleWeight);
    if (validationData) this.checkValidation(validationData);

    const all = x.shape[0]!;
    const samples = validationData ? all : Math.floor(all * (1 - validationSplit));
    if (samples === 0) throw new RangeError(`fit: validationSplit ${validationSplit} leaves nothing to train on`);
    const history = new History();
    const given = [options.callbacks ?? []].flat() as Callback[];
    const callbacks: Callback[] = [history, ...(verbose > 0 ? [new ProgressBar()] : []), ...given];
    const params: Params = { epochs, steps: Math.ceil(samples / batchSize), batchSize, samples, verbose };

    const weights = this.weightsOf(y, options);
    const data = weights ? [x, y, weights] : [x, y];
    // Validation knows weights of samples, not of classes.
    const validated = options.sampleWeight ? [x, y, options.sampleWeight] : [x, y];
    const held = samples < all ? validated.map((part) => rowsBetween(part, samples, all - samples)) : [];
    const validation = validationData ?? (held as unknown as readonly [Tensor, Tensor, Tensor?]);
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
        const logs = await this.trainEpoch(data, order, batchSize, callbacks);
        if (validation.length > 0) {
          const figures = this.figuresOf(validation[0], validation[1], validation[2], batchSize);
          for (const [name, value] of Object.entries(figures)) logs[`val_${name}`] = value;
        }
        await callEach(callbacks, 'onEpochEnd', epoch, logs);
      }
      this.optimizer.finalizeVariableValues(this.trainableWeights);
      await callEach(callbacks, 'onTrainEnd');
    } finally {
      this.isTraining = false;
      dispose(held);
      if (weights !== options.sampleWeight) dispose(weights);
    }
    return history;
  }

  /** One epoch; returns the figures of its samples so far trained. */
  private async trainEpoch(
    data: readonly Tensor[],
    order: Int32Array,
    batchSize: number,
    callbacks: readonly Callback[],
  ): Promise<Logs> {
    const { metrics } = this.needCompiled('fit');
    for (const { metric } of metrics) metric.reset();
    let sum = 0;
    let seen = 0;
    let paused = performance.now();
    const logs = (): Logs => ({ loss: sum / seen, ...this.results() });
    for (let batch = 0; seen < order.length && !(this.stopTraining && batch > 0); batch++) {
      await callEach(callbacks, 'onBatchBegin', batch);
      const picks = order.subarray(batch * batchSize, (batch + 1) * batchSize);
      const loss = tidy(() => {
        const indices = tensor1d(picks, 'int32');
        return this.trainStep(data.map((part) => gather(part, indices)));
      });
      sum += loss * picks.length;
      seen += picks.length;
      await callEach(callbacks, 'onBatchEnd', batch, logs());
      if (performance.now() - paused > YIELD_MS) {
        await new Promise((resolve) => setTimeout(resolve));
        paused = performance.now();
      }
    }
    return logs();
  }

  /** What the metrics have come to. */
  private results(): Logs {
    const { metrics } = this.needCompiled('metrics');
    return Object.fromEntries(metrics.map(({ metric }) => [metric.name, metric.result() as number]));
  }

  /** Tells the metrics of a batch; returns its loss. */
  private take({ loss, shares }: Figures): number {
    this.needCompiled('metrics').metrics.forEach(({ metric }, i) => {
      metric.add(shares[i]!);
    });
    return readElement(loss.dtype, loss.storage.address);
  }

  /** One step on one batch, recorded once and then replayed; the loss and the metrics are those before it. */
  private trainStep(batch: readonly Tensor[]): number {
    return this.needCompiled('trainOnBatch').step.run(
      batch,
      (figures) => {
        const loss = this.take(figures);
        dispose([figures.loss, figures.shares]);
        return loss;
      },
      (figures) => this.take(figures),
    );
  }

  /** The step itself, in ops. */
  private step(x: Tensor, y: Tensor, w: Tensor | undefined): Figures {
    const { optimizer } = this.needCompiled('trainOnBatch');
    const weights = this.trainableWeights;
    guard(this, () => this.trains(weights));
    // Metrics come before the update, so that one that throws leaves the weights alone. The inner tidy lets go of the
    // tape's readings of the weights, which can then be updated in place.
    const { figures, gradients } = tidy(() => this.gradientsOf(x, y, w, weights));
    optimizer.applyTo(weights.flatMap((w, i) => (gradients[i] ? [[w, gradients[i]] as const] : [])));
    dispose(gradients);
    for (const layer of this.layers) layer.applyConstraints();
    return figures;
  }

  /** Whether these are still the weights to be trained. */
  private trains(weights: readonly Variable[]): boolean {
    let i = 0;
    for (const layer of this.layers) i = countTrained(layer, weights, i);
    return i === weights.length;
  }

  /** The loss, the metrics, and the gradients of the loss; null for a weight that it does not depend on. */
  private gradientsOf(x: Tensor, y: Tensor, w: Tensor | undefined, weights: readonly Variable[]) {
    const tape = new Tape();
    try {
      for (const w of weights) tape.watch(w);
      tape.start();
      const { output, loss } = this.lossOf(x, y, w, true);
      tape.stop();
      const gradients = tape.gradient(loss, weights);
      if (weights.length > 0 && gradients.every((g) => g === null)) {
        throw new Error('fit: the loss does not depend on any weight; it must be made of ops on the second argument');
      }
      return { figures: { loss, shares: this.sharesOf(y, output, w) }, gradients };
    } finally {
      tape.close();
    }
  }

  /** The output of a batch and its loss: the mean over samples, each by its weight, and what regularizers add. */
  private lossOf(x: Tensor, y: Tensor, w: Tensor | undefined, training: boolean): { output: Tensor; loss: Tensor } {
    const { output, penalties } = withPenalties(() => this.call(x, training));
    let each = this.needCompiled('loss').loss(y, output);
    if (w) {
      if (each.rank === 0) throw new RangeError('sampleWeight: needs a loss for each sample, got one for the batch');
      each = mul(each, spread(w, each, 'loss'));
    }
    const terms = [mean(each), ...this.layers.flatMap((layer) => layer.calculateLosses()), ...penalties];
    return { output, loss: terms.reduce((sum, term) => add(sum, term)) };
  }

  /** What each metric adds up for a batch. */
  private sharesOf(y: Tensor, output: Tensor, w: Tensor | undefined): Tensor[][] {
    const { metrics } = this.needCompiled('metrics');
    return metrics.map(({ metric, isWeighted }) => metric.share(y, output, isWeighted ? w : undefined));
  }

  /** How much each sample counts: its own weight times that of its class. */
  private weightsOf(y: Tensor, { sampleWeight, classWeight }: ClassWeightOptions): Tensor | undefined {
    if (!classWeight) return sampleWeight;
    const byClass = classWeights(y, classWeight, this.compiled?.classes !== undefined);
    if (!sampleWeight) return byClass;
    return tidy(() => {
      const [few, many] = sampleWeight.rank < byClass.rank ? [sampleWeight, byClass] : [byClass, sampleWeight];
      const product = mul(spread(few, many, 'fit'), many);
      byClass.dispose();
      return product;
    });
  }

  /**
   * One step on one batch. The metrics begin anew.
   *
   * @returns the loss before the step, followed by the metrics if there are any
   */
  async trainOnBatch(x: Tensor, y: Tensor, options: ClassWeightOptions = {}): Promise<number | number[]> {
    const { metrics } = this.needCompiled('trainOnBatch');
    this.checkData(x, y, 'trainOnBatch', options.sampleWeight);
    const weights = this.weightsOf(y, options);
    for (const { metric } of metrics) metric.reset();
    try {
      const loss = this.trainStep(weights ? [x, y, weights] : [x, y]);
      return metrics.length === 0 ? loss : [loss, ...metrics.map(({ metric }) => metric.result() as number)];
    } finally {
      if (weights !== options.sampleWeight) dispose(weights);
    }
  }

  /**
   * The loss and the metrics over samples.
   *
   * @returns a scalar, or a list of scalars if there are metrics
   */
  evaluate(
    x: Tensor,
    y: Tensor,
    { batchSize = 32, sampleWeight }: WeightOptions & { batchSize?: number } = {},
  ): Scalar | Scalar[] {
    this.needCompiled('evaluate');
    checkCount(batchSize, 1, 'batchSize', 'evaluate');
    this.checkData(x, y, 'evaluate', sampleWeight);
    const figures = Object.values(this.figuresOf(x, y, sampleWeight, batchSize));
    const scalars = figures.map((value) => scalar(value));
    return scalars.length === 1 ? scalars[0]! : scalars;
  }

  /** Loss and metrics over all samples; what the metrics knew before they know again afterwards. */
  private figuresOf(x: Tensor, y: Tensor, w: Tensor | undefined, batchSize: number): Logs {
    const n = x.shape[0]!;
    const evaluation = (): Logs => {
      let sum = 0;
      for (let at = 0; at < n; at += batchSize) {
        const count = Math.min(batchSize, n - at);
        tidy(() => {
          const [target, weights] = [rowsBetween(y, at, count), w && rowsBetween(w, at, count)];
          const { output, loss } = this.lossOf(rowsBetween(x, at, count), target, weights, false);
          sum += this.take({ loss, shares: this.sharesOf(target, output, weights) }) * count;
        });
      }
      return { loss: sum / n, ...this.results() };
    };
    const { metrics } = this.needCompiled('evaluate');
    return metrics.reduce(
      (inner, { metric }) =>
        () =>
          metric.apart(inner),
      evaluation,
    )();
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
  private checkData(x: Tensor, y: Tensor, op: string, w?: Tensor): void {
    checkSamples(x, 'x', op);
    checkSamples(y, 'y', op);
    if (y.shape[0] !== x.shape[0]) {
      throw new RangeError(`${op}: x and y need the same number of samples, got ${x.shape[0]} and ${y.shape[0]}`);
    }
    if (w !== undefined) {
      checkSamples(w, 'sampleWeight', op);
      if (w.shape[0] !== x.shape[0]) {
        throw new RangeError(
          `${op}: sampleWeight needs a weight for each of ${x.shape[0]} samples, got shape [${w.shape}]`,
        );
      }
    }
    const isKnown = y.id === this.compiled?.checked;
    if (!isKnown && isFloat(y.dtype) && tidy(() => any(isNaN(y)).dataSync()[0] === 1)) {
      throw new RangeError(`${op}: y contains NaN`);
    }
    this.prepare(x, op);
    if (isKnown) return;
    const classes = this.outputShape.at(-1);
    if (this.compiled?.classes && classes) {
      const { ignoreClass } = this.compiled.classes;
      tidy(() => {
        classIndices(ignoreClass === null ? y : where(equal(y, ignoreClass), zerosLike(y), y), classes, op);
      });
    }
    if (this.compiled && !(y instanceof Variable)) this.compiled.checked = y.id;
  }

  private checkValidation(data: readonly [Tensor, Tensor, Tensor?]): void {
    if (!Array.isArray(data) || data.length < 2 || data.length > 3) {
      throw new TypeError('fit: validationData must be [x, y] or [x, y, sampleWeight]');
    }
    const [x, y, w] = data as unknown as readonly [Tensor, Tensor, Tensor?];
    this.checkData(x, y, 'fit: validationData', w);
    // A target of the wrong shape is better known now than after an epoch.
    tidy(() => this.figuresOf(rowsBetween(x, 0, 1), rowsBetween(y, 0, 1), w && rowsBetween(w, 0, 1), 1));
  }

  /** Frees the weights, and the state of an optimizer that was given by name. */
  dispose(): void {
    for (const layer of this.layers) layer.dispose();
    this.forgetCompiled();
    this.compiled = undefined;
  }
}
