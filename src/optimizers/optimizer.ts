// What every optimizer does: it takes the gradients of a loss and makes a step of them, which is to gather, to clip, to update
// each variable and to average. An optimizer itself is its kernel and the numbers it takes.

import { type NamedTensorMap, variableGrads } from '../autodiff.js';
import { checkCount, checkFinite } from '../check.js';
import { type FloatType, isFloat } from '../dtype.js';
import {
  type LearningRate,
  type LearningRateSchedule,
  type ScheduleConfig,
  scheduleOf,
} from '../schedules/schedule.js';
import { tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { withoutTapes } from '../tape.js';
import { copyElements, empty, fromData, type Scalar, type Tensor } from '../tensor.js';
import { livingVariables, type Variable } from '../variable.js';
import { kernels } from '../wasm/kernels.js';
import { effect, guard } from '../wasm/trace.js';
import { Cells } from './cells.js';
import { clip } from './clip.js';
import { type Common, completeOptions, type OptimizerConfig, type OptimizerOptions, toldOptions } from './options.js';
import { type NamedTensor, State } from './state.js';

/** One update: addresses for kernels, and the same as tensors for what is made of ops. */
export interface Update {
  /** The gradient. */
  g: number;
  /** What changes from step to step: assembly/step.ts says in which order. */
  cells: number;
  /** The weights. */
  w: number;
  /** The optimizer's state beside the weights, one address per slot; 0 for one that the variable does without. */
  slots: readonly number[];
  /** Elements. */
  n: number;
  /** The cells as a tensor, of which ops read what stands at RATE, KEPT, OWN and on. */
  numbers: Tensor;
  gradient: Tensor;
  variable: Variable;
  state: readonly (Tensor | null)[];
}

/**
 * What every optimizer does: one step against the gradient of a loss, the same step along given gradients, and saving and
 * loading of its state. One of one's own gives `slots`, `update`, and `prepare` if its numbers change from step to step.
 *
 * @throws RangeError for an unknown option or more than one way to clip, TypeError and RangeError for options that are no
 *   numbers or out of range
 * @differs from Keras, where an average of the weights (useEma) moves also in steps that only gather gradients: here it moves
 *   when the weights do
 * @example
 * const halving = schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 });
 * const optimizer = optimizers.sgd({ learningRate: halving });
 * optimizer instanceof Optimizer;  // true
 * const w = variable(scalar(8), true, 'w');
 * optimizer.applyGradients({ w: scalar(2) });
 * w.print();  // 6
 * optimizer.learningRate;  // 0.5
 */
export abstract class Optimizer<Own extends object = object> {
  private readonly defaults: object;
  /** All options, the learning rate aside. */
  protected readonly options: Readonly<Own & Common>;
  private schedule: LearningRateSchedule;
  /** How often gradients were given: once per step, also in steps that only gather them. */
  private calls = 0;
  private readonly state = new State(
    () => this.allSlots,
    (slot, v) => (this.slots.includes(slot) ? this.slotShape(slot, v) : v.shape),
    (slot) => (this.slots.includes(slot) ? this.slotStart(slot) : 0),
  );
  /** How often the state was let go. */
  private lives = 0;
  private undecayed: { varList: ReadonlySet<Variable>; varNames: readonly (string | RegExp)[] } = {
    varList: new Set(),
    varNames: [],
  };

  /**
   * @param defaults - the optimizer's own options, the learning rate among them
   * @param options - as given
   */
  constructor(defaults: Own & { learningRate: LearningRate }, options: OptimizerOptions & Partial<Own>) {
    const name = this.getClassName();
    const { learningRate, ...rest } = completeOptions(defaults, options, name);
    this.schedule = scheduleOf(learningRate, name);
    this.options = rest as unknown as Own & Common;
    this.defaults = defaults;
  }

  /** The name of the class, TensorFlow.js's where it has it. */
  abstract getClassName(): string;

  /** The options that make the same optimizer again: its own, the common ones that were set, the learning rate as it is now. */
  getConfig(): OptimizerConfig {
    const schedule: ScheduleConfig = this.schedule.getConfig();
    const learningRate = schedule.name === 'constant' ? this.learningRate : schedule;
    return { learningRate, ...toldOptions(this.options, this.defaults) };
  }

  /** The names of the tensors of state that stand beside each variable. */
  protected abstract readonly slots: readonly string[];

  /** The shape of a slot beside a variable; null if this variable does without it. */
  protected slotShape(_slot: string, { shape }: Variable): readonly number[] | null {
    return shape;
  }

  /** What a slot is filled with at first. */
  protected slotStart(_slot: string): number {
    return 0;
  }

  /** Updates one variable's weights in place. */
  protected abstract update(dtype: FloatType, at: Update): void;

  /** The optimizer's own cells; {@link prepare} writes them. */
  protected readonly numbers: Float64Array = new Float64Array(0);

  /** Writes into {@link numbers} what step t, counted from 1, needs besides its learning rate. Replays come here. */
  protected prepare(_t: number, _rate: number, _dtype: FloatType): void {}

  /** How many updates were made. */
  get iterations(): number {
    return Math.floor(this.calls / (this.options.gradientAccumulationSteps ?? 1));
  }

  /** The learning rate of the next step. */
  get learningRate(): number {
    return this.schedule.at(this.iterations);
  }

  /** Replaces the learning rate by a number or a schedule. */
  set learningRate(learningRate: LearningRate) {
    this.schedule = scheduleOf(learningRate, this.getClassName());
  }

  /** Replaces the learning rate, as setting `learningRate` does. */
  setLearningRate(learningRate: LearningRate): void {
    this.learningRate = learningRate;
  }

  /**
   * Says which variables `weightDecay` leaves alone: those of a list, and those in whose names one of the strings or
   * expressions is found. It is no part of the config.
   *
   * @example
   * const optimizer = optimizers.adamW({ learningRate: 0.01 });
   * optimizer.excludeFromWeightDecay({ varNames: ['bias'] });
   */
  excludeFromWeightDecay({
    varList = [],
    varNames = [],
  }: {
    varList?: readonly Variable[];
    varNames?: readonly (string | RegExp)[];
  }): void {
    this.undecayed = { varList: new Set(varList), varNames: [...varNames] };
    this.lives++;
  }

  /** How fast a variable's weights decay. */
  protected weightDecayOf(_v: Variable): number | null {
    return this.options.weightDecay;
  }

  /** @internal Whether `weightDecay` changes a variable. */
  decays(v: Variable): boolean {
    const { varList, varNames } = this.undecayed;
    return !varList.has(v) && !varNames.some((part) => v.name.search(part) >= 0);
  }

  /**
   * One step against the gradient of a loss.
   *
   * @param f - a function that reads variables and returns a scalar
   * @param returnCost - whether to return its value
   * @param varList - which variables; absent: every trainable one that f reads
   * @example
   * const w = variable(scalar(5));
   * train.sgd(0.25).minimize(() => w.add(1).square());
   * w.print();  // 2
   */
  minimize(f: () => Tensor, returnCost: true, varList?: readonly Variable[]): Scalar;
  minimize(f: () => Tensor, returnCost?: boolean, varList?: readonly Variable[]): Scalar | null;
  minimize(f: () => Tensor, returnCost = false, varList?: readonly Variable[]): Scalar | null {
    return tidy(() => {
      const { value, grads } = this.computeGradients(f, varList);
      this.applyGradients(grads);
      return returnCost ? value : null;
    });
  }

  /** The value of a loss and its gradients by the names of the variables. */
  computeGradients(f: () => Tensor, varList?: readonly Variable[]): { value: Scalar; grads: NamedTensorMap } {
    return variableGrads(f, varList);
  }

  /**
   * One step along given gradients.
   *
   * @param variableGradients - gradients by the names of the variables, or a list of names and gradients
   * @throws RangeError for a name that no variable has or a gradient of another shape; nothing is changed then
   */
  applyGradients(variableGradients: NamedTensorMap | readonly NamedTensor[]): void {
    const named = Array.isArray(variableGradients)
      ? (variableGradients as NamedTensor[]).map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(variableGradients as NamedTensorMap);
    const living = new Map(livingVariables().map((v) => [v.name, v]));
    const pairs: [Variable, Tensor][] = [];
    for (const [name, gradient] of named) {
      const v = living.get(name);
      if (!v) throw new RangeError(`${this.getClassName()}.applyGradients: no variable is named '${name}'`);
      if (gradient) pairs.push([v, gradient]);
    }
    this.applyTo(pairs);
  }

  /** @internal One step along gradients that stand beside their variables. */
  applyTo(pairs: readonly (readonly [Variable, Tensor])[]): void {
    for (const [v, g] of pairs) {
      v.throwIfDisposed();
      g.throwIfDisposed();
      if (!isFloat(v.dtype) || g.dtype !== v.dtype) {
        throw new TypeError(
          `${this.getClassName()}: needs float weights and gradients of their dtype, got ${v.dtype} and ${g.dtype}`,
        );
      }
      if (!sameShape(v.shape, g.shape)) {
        throw new RangeError(
          `${this.getClassName()}: the gradient of ${v.name} needs its shape ${showShape(v.shape)}, got ${showShape(g.shape)}`,
        );
      }
    }
    checkFinite(this.learningRate, 'learningRate', this.getClassName());
    withoutTapes(() => tidy(() => this.step(pairs)));
  }

  private step(pairs: readonly (readonly [Variable, Tensor])[]): void {
    // What lasts is allocated before the first weight changes.
    const all: Cells[] = [];
    const places = pairs.map(([variable]) => {
      const dtype = variable.dtype as FloatType;
      const decay = (this.decays(variable) && this.weightDecayOf(variable)) || 0;
      let cells = all.find((other) => other.dtype === dtype && other.decay === decay);
      if (!cells) {
        cells = new Cells(dtype, decay, this.numbers.length);
        all.push(cells);
      }
      const state = this.state.of(variable);
      const slots = state.map((slot) => slot?.storage.address ?? 0);
      const at = { cells: cells.address, w: variable.writable(), n: variable.size };
      return { dtype, variable, state, slots, numbers: cells.numbers, ...at };
    });
    // A recorded step is right as long as the state is where it was.
    const { lives } = this;
    guard(this, () => this.lives === lives);
    effect(() => {
      for (const cells of all) this.writeCells(cells);
      this.calls++;
    });

    const { useEma, gradientAccumulationSteps: steps } = this.options;
    const gathered = pairs.map(([, gradient], i) => {
      if (steps === null) return gradient;
      const { dtype, slots, cells, n } = places[i]!;
      const mean = empty(gradient.shape, dtype);
      const sums = slots[this.allSlots.indexOf('accumulated')]!;
      kernels[dtype].gatherGradient(gradient.storage.address, cells, sums, mean.storage.address, n, steps);
      return mean;
    });
    const clipped = clip(gathered, this.options);
    for (const [i, place] of places.entries()) {
      const { dtype, cells, w, slots, n } = place;
      const gradient = clipped[i]!;
      const own = this.slots.length;
      const [state, places] = [place.state.slice(0, own), slots.slice(0, own)];
      this.update(dtype, { ...place, state, slots: places, gradient, g: gradient.storage.address });
      if (useEma) kernels[dtype].averageWeights(cells, w, slots[this.allSlots.indexOf('average')]!, n);
    }
  }

  /** Replays come here. */
  private writeCells(cells: Cells): void {
    const { gradientAccumulationSteps, emaMomentum, emaOverwriteFrequency } = this.options;
    const t = this.iterations + 1;
    const rate = this.learningRate;
    const isDue = gradientAccumulationSteps === null || (this.calls + 1) % gradientAccumulationSteps === 0;
    const replaces = emaOverwriteFrequency !== null && t % emaOverwriteFrequency === 0;
    this.prepare(t, rate, cells.dtype);
    // The first average is the weights.
    cells.write(rate, isDue, t === 1 ? 0 : emaMomentum, replaces, this.numbers);
  }

  /** @internal The optimizer's slots and those that its options ask for. */
  get allSlots(): readonly string[] {
    const { useEma, gradientAccumulationSteps } = this.options;
    return [...this.slots, ...(useEma ? ['average'] : []), ...(gradientAccumulationSteps ? ['accumulated'] : [])];
  }

  /**
   * Replaces weights by their averages, for the end of a training with `useEma`; `fit` does it by itself.
   *
   * @param varList - which variables; absent: all that have an average
   */
  finalizeVariableValues(varList?: readonly Variable[]): void {
    if (!this.options.useEma) return;
    for (const [v, average] of this.state.in('average')) {
      if (!v.isDisposed && (varList?.includes(v) ?? true)) copyElements(average, v.writable());
    }
  }

  /**
   * What to save to go on later: the number of steps as 'iter', then the state beside each variable, as copies under
   * names such as 'kernel/momentum'.
   */
  async getWeights(): Promise<NamedTensor[]> {
    return [{ name: 'iter', tensor: fromData([this.calls], [], 'int32') }, ...this.state.save()];
  }

  /**
   * Goes on from a saved state: what {@link getWeights} gave, for variables of the same names.
   *
   * @throws RangeError for a name that no variable has, a tensor of another shape or steps that are no count, TypeError for
   *   another dtype; nothing is changed then
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    const isCount = ({ name }: NamedTensor) => name === 'iter';
    const op = `${this.getClassName()}.setWeights`;
    const calls = weights.some(isCount) ? weights.find(isCount)!.tensor.dataSync()[0] : 0;
    checkCount(calls, 0, "'iter'", op);
    this.state.load(
      weights.filter((saved) => !isCount(saved)),
      op,
    );
    this.lives++;
    this.calls = calls;
  }

  /**
   * The optimizer of a class that {@link getConfig} describes.
   *
   * @param schedule - makes the schedule that a config has in the learning rate's place: `schedules.fromConfig`, which
   *   knows them all and so is not in every bundle
   * @throws TypeError for a schedule's config without it
   * @example
   * const config = optimizers.adam({ learningRate: schedules.noam({ modelSize: 64, warmupSteps: 10 }) }).getConfig();
   * Optimizer.fromConfig(AdamOptimizer, config, schedules.fromConfig).learningRate;  // 0.0039528
   */
  static fromConfig<T extends Optimizer>(
    cls: new (options: never) => T,
    config: OptimizerConfig,
    schedule?: (config: ScheduleConfig) => LearningRateSchedule,
  ): T {
    const { learningRate } = config;
    const isConfig = typeof learningRate === 'object' && learningRate !== null && !('at' in learningRate);
    const revived = isConfig && schedule ? { learningRate: schedule(learningRate as ScheduleConfig) } : {};
    return new cls({ ...config, ...revived } as never);
  }

  /** Frees the state; a step after that is a first step. */
  dispose(): void {
    this.calls = 0;
    this.lives++;
    this.state.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
