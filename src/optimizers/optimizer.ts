// What every optimizer shares: options, gradients of a loss, one update per variable, the learning rate's course,
// and the state beside each variable. An optimizer itself is its kernel and the numbers it takes.

import { type NamedTensorMap, variableGrads } from '../autodiff.js';
import { checkCount, checkFinite, checkPositive } from '../check.js';
import { BYTES, type FloatType, isFloat } from '../dtype.js';
import { view, writeElement } from '../memory.js';
import { map, zip } from '../ops/dispatch.js';
import { add, cast, div, mul, sqrt } from '../ops/index.js';
import {
  type LearningRate,
  type LearningRateSchedule,
  type ScheduleConfig,
  scheduleOf,
} from '../schedules/schedule.js';
import { dispose, keep, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { withoutTapes } from '../tape.js';
import { copyElements, empty, fromData, type Scalar, type Tensor } from '../tensor.js';
import { livingVariables, type Variable } from '../variable.js';
import { kernels } from '../wasm/kernels.js';
import { effect, guard } from '../wasm/trace.js';
import { squareSum } from './norm.js';

/** A gradient and the name of its variable. */
export interface NamedTensor {
  /** The name of the variable, or of the state beside it. */
  name: string;
  /** The gradient, or the state. */
  tensor: Tensor;
}

/** Options that every optimizer takes, with Keras's names and defaults. */
export interface OptimizerOptions {
  /** A number or a schedule. */
  learningRate?: LearningRate;
  /** Before each update w −= learningRate · weightDecay · w (Loshchilov & Hutter 2019); none if absent. */
  weightDecay?: number | null;
  /** Each gradient is scaled down to this L2 norm where its own is greater. */
  clipNorm?: number | null;
  /** All gradients are scaled down together to this L2 norm of them all. */
  globalClipNorm?: number | null;
  /** Each element of a gradient is clipped to ± this number. */
  clipValue?: number | null;
  /** Whether an average of the weights is kept: average = emaMomentum · average + (1 − emaMomentum) · w. */
  useEma?: boolean;
  /** 0.99 if absent. */
  emaMomentum?: number;
  /** The average replaces the weights after every so many updates; never if absent, see finalizeVariableValues. */
  emaOverwriteFrequency?: number | null;
  /** Weights are updated in every so many steps only, along the mean of the steps' gradients. */
  gradientAccumulationSteps?: number | null;
}

/** Options as plain JSON: a schedule stands there by its config. */
export type OptimizerConfig = Record<string, unknown>;

type Common = Required<Omit<OptimizerOptions, 'learningRate'>>;

const COMMON: Common = {
  weightDecay: null,
  clipNorm: null,
  globalClipNorm: null,
  clipValue: null,
  useEma: false,
  emaMomentum: 0.99,
  emaOverwriteFrequency: null,
  gradientAccumulationSteps: null,
};

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
  /** The cells as a tensor. Number 4 is what decay leaves of the weights: they are multiplied by it before anything else. */
  numbers: Tensor;
  gradient: Tensor;
  variable: Variable;
  state: readonly (Tensor | null)[];
}

/** What the cells of variables of one dtype and one decay are made of. */
interface CellTable {
  dtype: FloatType;
  decay: number;
  numbers: Tensor;
  address: number;
}

/** Cells that every optimizer has, before its own. */
const HEADER = 5;

/**
 * Options as they are, or made of TensorFlow.js's positional arguments; null and undefined leave the default.
 *
 * @param names - the options that the arguments are, in their order
 * @throws TypeError for more than these
 */
export function optionsOf<O extends object>(given: readonly unknown[], names: readonly (keyof O & string)[] = []): O {
  const [options = {}] = given;
  if (given.length < 2 && typeof options === 'object' && options !== null && !('at' in options)) return options as O;
  if (given.length > names.length) {
    throw new TypeError(`optimizer: needs an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  return Object.fromEntries(names.flatMap((name, i) => (given[i] == null ? [] : [[name, given[i]]]))) as O;
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
  private readonly defaults: Readonly<Record<string, unknown>>;
  /** All options, the learning rate aside. */
  protected readonly options: Readonly<Own & Common>;
  private schedule: LearningRateSchedule;
  /** How often gradients were given: once per step, also in steps that only gather them. */
  private calls = 0;
  private readonly state = new Map<Variable, (Tensor | null)[]>();
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
    const known = { ...COMMON, ...defaults };
    for (const key of Object.keys(options)) {
      if (!Object.hasOwn(known, key)) {
        throw new RangeError(`${name}: unknown option '${key}'; known are ${Object.keys(known).join(', ')}`);
      }
    }
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const { learningRate, ...rest } = { ...known, ...given } as Own & Common & { learningRate: LearningRate };
    this.schedule = scheduleOf(learningRate, name);
    this.options = rest as unknown as Own & Common;
    this.defaults = known;
    this.checkCommon(name);
  }

  private checkCommon(name: string): void {
    const { clipNorm, globalClipNorm, clipValue, gradientAccumulationSteps, ...rest } = this.options;
    const clips = Object.entries({ clipNorm, globalClipNorm, clipValue }).filter(([, value]) => value !== null);
    for (const [key, value] of clips) checkPositive(value, key, name);
    if (clips.length > 1) {
      throw new RangeError(`${name}: needs one way to clip at most, got ${clips.map(([key]) => key).join(' and ')}`);
    }
    if (rest.weightDecay !== null) checkFinite(rest.weightDecay, 'weightDecay', name);
    checkFinite(rest.emaMomentum, 'emaMomentum', name);
    if (!(rest.emaMomentum >= 0 && rest.emaMomentum <= 1)) {
      throw new RangeError(`${name}: emaMomentum must be in [0, 1], got ${rest.emaMomentum}`);
    }
    if (rest.emaOverwriteFrequency !== null) checkCount(rest.emaOverwriteFrequency, 1, 'emaOverwriteFrequency', name);
    if (gradientAccumulationSteps !== null) checkCount(gradientAccumulationSteps, 2, 'gradientAccumulationSteps', name);
  }

  /** The name of the class, TensorFlow.js's where it has it. */
  abstract getClassName(): string;

  /** The options that make the same optimizer again: its own, the common ones that were set, the learning rate as it is now. */
  getConfig(): OptimizerConfig {
    const schedule: ScheduleConfig = this.schedule.getConfig();
    const learningRate = schedule.name === 'constant' ? this.learningRate : schedule;
    const options = this.options as Record<string, unknown>;
    const isTold = (key: string) => !Object.hasOwn(COMMON, key) || options[key] !== this.defaults[key];
    return { learningRate, ...Object.fromEntries(Object.entries(options).filter(([key]) => isTold(key))) };
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
    const tables: CellTable[] = [];
    const count = HEADER + this.numbers.length;
    const places = pairs.map(([variable]) => {
      const dtype = variable.dtype as FloatType;
      const decay = (this.decays(variable) && this.weightDecayOf(variable)) || 0;
      let table = tables.find((other) => other.dtype === dtype && other.decay === decay);
      if (!table) {
        const numbers = fromData(new Float64Array(count), [count], dtype);
        table = { dtype, decay, numbers, address: numbers.storage.address };
        tables.push(table);
      }
      const { numbers, address } = table;
      const state = this.stateOf(variable);
      const slots = state.map((slot) => slot?.storage.address ?? 0);
      const at = { cells: address, w: variable.writable(), n: variable.size };
      return { dtype, variable, state, slots, numbers, ...at };
    });
    // A recorded step is right as long as the state is where it was.
    const { lives } = this;
    guard(this, () => this.lives === lives);
    effect(() => {
      for (const table of tables) this.writeCells(table);
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
    const clipped = this.clip(gathered);
    for (const [i, place] of places.entries()) {
      const { dtype, cells, w, slots, n } = place;
      const gradient = clipped[i]!;
      const own = this.slots.length;
      const [state, places] = [place.state.slice(0, own), slots.slice(0, own)];
      this.update(dtype, { ...place, state, slots: places, gradient, g: gradient.storage.address });
      if (useEma) kernels[dtype].averageWeights(cells, w, slots[this.allSlots.indexOf('average')]!, n);
    }
  }

  /** Allocates nothing: replays come here. */
  private writeCells({ dtype, decay, address }: CellTable): void {
    const { gradientAccumulationSteps, emaMomentum, emaOverwriteFrequency } = this.options;
    const t = this.iterations + 1;
    const rate = this.learningRate;
    const isDue = gradientAccumulationSteps === null || (this.calls + 1) % gradientAccumulationSteps === 0;
    const replaces = emaOverwriteFrequency !== null && t % emaOverwriteFrequency === 0;
    const bytes = BYTES[dtype];
    writeElement(dtype, address, rate);
    writeElement(dtype, address + bytes, isDue ? 1 : 0);
    // The first average is the weights.
    writeElement(dtype, address + 2 * bytes, t === 1 ? 0 : emaMomentum);
    writeElement(dtype, address + 3 * bytes, replaces ? 1 : 0);
    writeElement(dtype, address + 4 * bytes, 1 - (dtype === 'float32' ? Math.fround(rate) : rate) * decay);
    this.prepare(t, rate, dtype);
    for (let i = 0; i < this.numbers.length; i++) {
      writeElement(dtype, address + (HEADER + i) * bytes, this.numbers[i]!);
    }
  }

  /**
   * The gradients no larger than they may be. Where they are small enough, each keeps its bits. Some ops are here by their
   * kernels alone: no gradient is asked for, and a bundle does without the comparisons in it.
   */
  private clip(gradients: readonly Tensor[]): readonly Tensor[] {
    const { clipValue, clipNorm, globalClipNorm } = this.options;
    if (clipValue !== null) return gradients.map((g) => map('clipByValue', g, g.dtype, -clipValue, clipValue));
    const scale = (norm: Tensor, limit: number) =>
      div(limit, zip('maximum', norm, fromData([limit], [], norm.dtype), 'maximum'));
    if (clipNorm !== null) return gradients.map((g) => mul(g, scale(sqrt(squareSum(g)), clipNorm)));
    if (globalClipNorm === null || gradients.length === 0) return gradients;
    const norm = sqrt(gradients.map(squareSum).reduce((a, b) => add(a, b)));
    return gradients.map((g) => mul(g, cast(scale(norm, globalClipNorm), g.dtype)));
  }

  /** @internal The optimizer's slots and those that its options ask for. */
  get allSlots(): readonly string[] {
    const { useEma, gradientAccumulationSteps } = this.options;
    return [...this.slots, ...(useEma ? ['average'] : []), ...(gradientAccumulationSteps ? ['accumulated'] : [])];
  }

  private shapeOf(slot: string, v: Variable): readonly number[] | null {
    return this.slots.includes(slot) ? this.slotShape(slot, v) : v.shape;
  }

  /** The state beside a variable; null for a slot that it does without. */
  private stateOf(v: Variable): (Tensor | null)[] {
    let slots = this.state.get(v);
    if (!slots) {
      slots = this.allSlots.map((slot) => {
        const shape = this.shapeOf(slot, v);
        return shape && kept(shape, v.dtype as FloatType, this.slots.includes(slot) ? this.slotStart(slot) : 0);
      });
      this.state.set(v, slots);
    }
    return slots;
  }

  /**
   * Replaces weights by their averages, for the end of a training with `useEma`; `fit` does it by itself.
   *
   * @param varList - which variables; absent: all that have an average
   */
  finalizeVariableValues(varList?: readonly Variable[]): void {
    if (!this.options.useEma) return;
    const at = this.allSlots.indexOf('average');
    for (const [v, slots] of this.state) {
      if (!v.isDisposed && (varList?.includes(v) ?? true)) copyElements(slots[at]!, v.writable());
    }
  }

  /**
   * What to save to go on later: the number of steps as 'iter', then the state beside each variable, as copies under
   * names such as 'kernel/momentum'.
   */
  async getWeights(): Promise<NamedTensor[]> {
    const copy = (x: Tensor): Tensor => fromData(x.dataSync(), x.shape, x.dtype);
    const state = this.allSlots.flatMap((slot, i) =>
      [...this.state].flatMap(([v, slots]) =>
        slots[i] ? [{ name: `${v.name}/${slot}`, tensor: copy(slots[i]) }] : [],
      ),
    );
    return [{ name: 'iter', tensor: fromData([this.calls], [], 'int32') }, ...state];
  }

  /**
   * Goes on from a saved state: what {@link getWeights} gave, for variables of the same names.
   *
   * @throws RangeError for a name that no variable has or a tensor of another shape, TypeError for another dtype; nothing
   *   is changed then
   */
  async setWeights(weights: readonly NamedTensor[]): Promise<void> {
    const op = `${this.getClassName()}.setWeights`;
    const living = new Map(livingVariables().map((v) => [v.name, v]));
    const found = weights
      .filter(({ name }) => name !== 'iter')
      .map(({ name, tensor }) => {
        const at = name.lastIndexOf('/');
        const v = living.get(name.slice(0, at));
        const slot = this.allSlots.indexOf(name.slice(at + 1));
        const shape = v && slot >= 0 ? this.shapeOf(this.allSlots[slot]!, v) : null;
        if (!v || !shape) throw new RangeError(`${op}: there is no variable and state for '${name}'`);
        if (tensor.dtype !== v.dtype) throw new TypeError(`${op}: '${name}' needs ${v.dtype}, got ${tensor.dtype}`);
        if (!sameShape(tensor.shape, shape)) {
          throw new RangeError(`${op}: '${name}' needs shape ${showShape(shape)}, got ${showShape(tensor.shape)}`);
        }
        return { v, slot, tensor };
      });
    const calls = weights.find(({ name }) => name === 'iter')?.tensor.dataSync()[0] ?? 0;
    this.dispose();
    for (const { v, slot, tensor } of found) copyElements(tensor, this.stateOf(v)[slot]!.storage.address);
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
    for (const slots of this.state.values()) dispose(slots);
    this.state.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** A tensor that lives until it is disposed of. */
function kept(shape: readonly number[], dtype: FloatType, value: number): Tensor {
  return tidy(() => {
    const x = keep(empty(shape, dtype));
    view(dtype, x.storage.address, x.size).fill(value);
    return x;
  });
}
