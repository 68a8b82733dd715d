// What compile makes of a model: its optimizer, what is asked of its outputs, and the step that training repeats. A batch
// is one list of inputs, targets and, where there are any, weights of samples.

import { type Callback, callEach, type Logs } from '../callbacks/callback.js';
import { isFloat } from '../dtype.js';
import { Recorder } from '../jit.js';
import { type Layer, type OneOrMore, withPenalties } from '../layers/layer.js';
import { spread } from '../metrics/arguments.js';
import { any, equal, isNaN, mul, where, zerosLike } from '../ops/index.js';
import { classIndices } from '../ops/indices.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { optimizerOf } from '../optimizers/optimizer-names.js';
import { dispose, tidy } from '../scope.js';
import { Tape } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { Variable } from '../variable.js';
import { guard } from '../wasm/trace.js';
import {
  type Batch,
  type Batches,
  batchesOf,
  batchOf,
  type Dataset,
  oneAfterTheOther,
  type Samples,
  unlessGap,
} from './batches.js';
import type { Model } from './model.js';
import { type Figures, inOrder, type ObjectiveOptions, Objectives } from './objectives.js';
import type { ClassWeight, ClassWeightOptions, CompileOptions, ValidationData } from './options.js';
import type { Pauses } from './pauses.js';
import { classWeights, inOrderOfNames, type SomeTensors, someInOrderOfNames, type Tensors } from './samples.js';

/**
 * How many of `weights` are done when those of a layer are compared with them from the i-th on; more than there are where
 * one differs. Every replayed step asks: nothing is allocated.
 */
function countWeights(layer: Layer, weights: readonly Variable[], i: number): number {
  for (const w of layer.ownWeights) {
    if (w === weights[i]) i++;
    // One that layers share was counted where it came first.
    else if (!(weights.indexOf(w) >= 0 && weights.indexOf(w) < i)) return Number.POSITIVE_INFINITY;
  }
  for (const inner of layer.layers) i = countWeights(inner, weights, i);
  return i;
}

/** One tensor alone, several as a list. */
export const oneOrMore = <T>(list: readonly T[]): OneOrMore<T> => (list.length === 1 ? list[0]! : list);

export class Training {
  readonly optimizer: Optimizer;
  readonly objectives: Objectives;
  /** What was asked for beside the optimizer. */
  readonly given: ObjectiveOptions;
  /** Whether fit goes on just now. */
  isBusy = false;
  /** Whether it was said that not all is trained that one may think of. */
  private hasWarned = false;
  private readonly model: Model;
  /** Of each weight that was met, whether it is trained. */
  private readonly fixed = new WeakMap<Variable, boolean>();
  /** Whether the optimizer was made from its name here, or read with the model, and goes with this. */
  ownsOptimizer: boolean;
  private readonly recorder: Recorder<Figures>;
  /** The targets that were found good last, by output: a tensor's elements do not change. */
  private readonly checked: number[] = [];

  constructor(model: Model, { optimizer, ...given }: CompileOptions) {
    this.model = model;
    this.given = given;
    this.objectives = new Objectives(given, model.outputNames);
    this.optimizer = optimizerOf(optimizer);
    this.ownsOptimizer = typeof optimizer === 'string';
    this.recorder = new Recorder((...batch) => this.step(batch));
    this.trainedWeights();
  }

  /**
   * The weights that are trained: those that were trainable when the model was compiled, or when they were made, if that
   * was later. TensorFlow.js and Keras have it so, and programs rely on it: a discriminator is compiled, and then frozen for
   * the model that trains its generator.
   */
  trainedWeights(): Variable[] {
    const { model, fixed } = this;
    const trainable = new Set(model.trainableWeights);
    return model.weights.filter((w) => {
      if (!fixed.has(w)) fixed.set(w, trainable.has(w));
      return fixed.get(w);
    });
  }

  /** Says so where what is trainable now is not what is trained. */
  warnIfChanged(op: string): void {
    const trained = this.trainedWeights();
    const trainable = new Set(this.model.trainableWeights);
    if (trained.length === trainable.size && trained.every((w) => trainable.has(w))) return;
    this.warn(`${op}: what is trainable in ${this.model.name} has changed, which counts when it is compiled again`);
  }

  private warn(text: string): void {
    if (!this.hasWarned) console.warn(text);
    this.hasWarned = true;
  }

  /** The inputs, targets and weights in samples; undefined for an output that has none. */
  private parts(samples: Samples): { xs: Tensor[]; ys: Tensor[]; weights: (Tensor | undefined)[] } {
    const n = Math.max(1, this.model.inputs.length);
    const m = this.objectives.outputs.length;
    const [xs, ys] = [samples.slice(0, n), samples.slice(n, n + m)] as [Tensor[], Tensor[]];
    return { xs, ys, weights: samples.slice(n + m).map(unlessGap) };
  }

  /** One step on one batch, recorded once and then replayed; the figures are those before it. */
  trainStep(batch: Batch): void {
    const { objectives } = this;
    const n = batch[0]!.shape[0]!;
    this.recorder.run(
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
    const { model } = this;
    const all = model.weights;
    const weights = this.trainedWeights();
    if (weights.length === 0 && all.length > 0) {
      this.warn(`fit: ${model.name} has no trainable weights, so that training changes none`);
    }
    guard(model, () => countWeights(model, all, 0) === all.length);
    // Metrics come before the update, so that one that throws leaves the weights alone. The inner tidy lets go of the
    // tape's readings of the weights, which can then be updated in place.
    const { figures, gradients } = tidy(() => this.gradientsOf(batch, weights));
    this.optimizer.applyTo(weights.flatMap((w, i) => (gradients[i] ? [[w, gradients[i]] as const] : [])));
    dispose(gradients);
    model.applyConstraints(new Set(weights));
    return figures;
  }

  /** The figures, and the gradients of the loss; null for a weight that it does not depend on. */
  gradientsOf(batch: readonly Tensor[], weights: readonly Variable[], training = true) {
    const tape = new Tape();
    try {
      for (const w of weights) tape.watch(w);
      tape.start();
      const figures = this.figures(batch, training, weights, () => tape.stop());
      const gradients = tape.gradient(figures.loss, weights);
      if (weights.length > 0 && gradients.every((g) => g === null)) {
        throw new Error('fit: the loss does not depend on any weight; it must be made of ops on the second argument');
      }
      return { figures, gradients };
    } finally {
      tape.close();
    }
  }

  /**
   * Runs the model on a batch.
   * @param trained - the weights whose regularizers count
   * @param onLoss - is called between the losses and the metrics
   */
  private figures(
    batch: readonly Tensor[],
    training: boolean,
    trained: readonly Variable[],
    onLoss?: () => void,
  ): Figures {
    const { objectives } = this;
    const { xs, ys, weights } = this.parts(batch);
    const { output, penalties } = withPenalties(() => [this.model.run(oneOrMore(xs), { training })].flat() as Tensor[]);
    const regularization = this.model.calculateLosses(new Set(trained));
    return objectives.figures(ys, output, weights, [...regularization, ...penalties], onLoss);
  }

  /** Loss and metrics over batches, known for themselves: training, or another test, may go on between them. */
  async test(
    batches: Batches,
    steps: number | undefined,
    callbacks: readonly Callback[],
    pauses?: Pauses,
  ): Promise<Logs> {
    const { objectives } = this;
    let resume = () => objectives.reset();
    const apart = <T>(f: () => T): T => {
      const restore = objectives.setAside();
      try {
        resume();
        return f();
      } finally {
        resume = objectives.setAside();
        restore();
      }
    };
    const results = () => objectives.results();
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
        apart(() => this.testStep(next.value));
        await callEach(callbacks, 'onTestBatchEnd', step, apart(results));
        if (pauses?.isDue) await pauses.take();
      }
      if (step === 0) throw new RangeError('evaluateDataset: the dataset has no batches');
      const logs = apart(results);
      await callEach(callbacks, 'onTestEnd', logs);
      return logs;
    } finally {
      await batches.return?.();
    }
  }

  /** Takes a batch into account, and disposes of it. */
  testStep(batch: Batch): void {
    const { objectives } = this;
    try {
      tidy(() => objectives.take(this.figures(batch, false, this.trainedWeights()), batch[0]!.shape[0]!));
    } finally {
      dispose(batch);
    }
  }

  /**
   * Refuses samples that training would stumble over, before it changes anything.
   * @returns inputs, targets and weights in one list
   */
  check(x: Tensors, y: Tensors, op: string, w?: SomeTensors): Samples {
    const { objectives, checked, model } = this;
    const xs = model.inputsInOrder(x, op);
    const ys = inOrderOfNames(y, objectives.outputNames, 'y', op);
    const n = xs[0]!.shape[0]!;
    for (const target of ys) {
      if (target.shape[0] !== n) {
        throw new RangeError(`${op}: x and y need the same number of samples, got ${n} and ${target.shape[0]}`);
      }
    }
    const weights = w === undefined ? [] : this.checkWeights(w, n, op);
    ys.forEach((target, i) => {
      if (target.id !== checked[i] && isFloat(target.dtype) && tidy(() => any(isNaN(target)).dataSync()[0] === 1)) {
        throw new RangeError(`${op}: y contains NaN`);
      }
    });
    model.prepare(xs, op);
    ys.forEach((target, i) => {
      if (target.id === checked[i]) return;
      const { classes } = objectives.outputs[i]!;
      const count = model.outputs[i]?.shape.at(-1);
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

  /** Weights of samples for each output; undefined where it has none. */
  private checkWeights(given: SomeTensors, n: number, op: string): (Tensor | undefined)[] {
    const weights = someInOrderOfNames(given, this.objectives.outputNames, 'sampleWeight', op);
    for (const w of weights) {
      if (w && w.shape[0] !== n) {
        throw new RangeError(`${op}: sampleWeight needs a weight for each of ${n} samples, got shape [${w.shape}]`);
      }
    }
    return weights;
  }

  /** Inputs, targets and weights, with the weights of the targets' classes in the samples' weights. */
  weigh(data: Samples, classWeight: ClassWeightOptions['classWeight'], op: string): Samples {
    if (!classWeight) return data;
    const { objectives } = this;
    const { xs, ys, weights } = this.parts(data);
    const isOne = !Array.isArray(classWeight) && Object.values(classWeight).every((v) => typeof v !== 'object');
    const names = objectives.outputNames;
    if (isOne && names.length > 1)
      throw new RangeError(`${op}: classWeight needs a list or an object by the outputs' names`);
    const byOutput = isOne
      ? [classWeight as ClassWeight]
      : inOrder(classWeight as ClassWeight[], names, `${op}: classWeight`);
    return tidy(() => [
      ...xs,
      ...ys,
      ...ys.map((y, i) => {
        const own = weights[i];
        const given = byOutput[i];
        if (!given) return own;
        const byClass = classWeights(y, given, objectives.outputs[i]!.classes !== undefined);
        if (!own) return byClass;
        const [few, many] = own.rank < byClass.rank ? [own, byClass] : [byClass, own];
        return mul(spread(few, many, op), many);
      }),
    ]);
  }

  /** The batches of a dataset, checked as they come. */
  batchesFrom(dataset: Dataset, op: string, classWeight?: ClassWeightOptions['classWeight']): Batches {
    const standardize = (xs: Tensors, ys: Tensors, weights: SomeTensors | undefined): Batch =>
      batchOf(this.weigh(this.check(xs, ys, op, weights), classWeight, op));
    return batchesOf(dataset, standardize, op);
  }

  /** What gives the batches to validate with, anew each time. */
  validationOf(data: ValidationData | undefined, batchSize: number, op: string): (() => Batches) | undefined {
    if (data === undefined) return undefined;
    const where = `${op}: validationData`;
    const isTensors = Array.isArray(data) && (data.length === 2 || data.length === 3) && !isBatch(data[0]);
    if (isTensors) {
      const [x, y, w] = data as unknown as [Tensors, Tensors, SomeTensors?];
      const parts = this.check(x, y, where, w);
      // A target of the wrong shape is better known now than after an epoch; but states must not go on before it begins.
      if (!isStateful(this.model)) {
        const [first] = oneAfterTheOther(parts, 1);
        const restore = this.objectives.setAside();
        try {
          this.testStep(first!);
        } finally {
          restore();
        }
      }
      return () => oneAfterTheOther(parts, batchSize);
    }
    const isDataset =
      typeof data === 'function' ||
      (typeof data === 'object' && data !== null && (Symbol.iterator in data || Symbol.asyncIterator in data));
    if (!isDataset) throw new TypeError(`${where} must be [x, y] or [x, y, sampleWeight], or a dataset`);
    return () => this.batchesFrom(data as Dataset, where);
  }

  /** Frees the recorded steps, and the state of an optimizer that was made here. */
  dispose(): void {
    this.recorder.dispose();
    if (this.ownsOptimizer) this.optimizer.dispose();
  }
}

/** Whether a layer in it goes on from batch to batch. */
const isStateful = (layer: Layer): boolean =>
  ('stateful' in layer && layer.stateful === true) || layer.layers.some(isStateful);

/** Whether it is a batch of a dataset by its names; in a list of two lists are inputs and targets. */
const isBatch = (x: unknown): boolean => typeof x === 'object' && x !== null && 'xs' in x && 'ys' in x;
