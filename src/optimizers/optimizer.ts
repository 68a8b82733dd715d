// What every optimizer shares: gradients of a loss, one update per variable, the learning rate's course,
// and the state beside each variable. An optimizer itself is its kernel and the numbers it takes.

import { type NamedTensorMap, variableGrads } from '../autodiff.js';
import { checkFinite } from '../check.js';
import { type FloatType, isFloat } from '../dtype.js';
import { view, writeElement } from '../memory.js';
import { type LearningRate, type LearningRateSchedule, scheduleOf } from '../schedules/schedule.js';
import { dispose, keep, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { copyElements, empty, fromData, type Scalar, type Tensor } from '../tensor.js';
import { livingVariables, type Variable } from '../variable.js';
import { effect, guard } from '../wasm/trace.js';

/** A gradient and the name of its variable. */
export interface NamedTensor {
  name: string;
  tensor: Tensor;
}

/** Addresses of one update. */
export interface Update {
  /** The gradient. */
  g: number;
  /** Cells with what changes from step to step: the learning rate first. */
  cells: number;
  /** The weights. */
  w: number;
  /** The optimizer's state beside the weights, one address per slot. */
  slots: readonly number[];
  /** Elements. */
  n: number;
}

export abstract class Optimizer {
  /** How many steps were taken. */
  iterations = 0;
  private schedule: LearningRateSchedule;
  private readonly state = new Map<Variable, Tensor[]>();
  private readonly cells = new Map<FloatType, Tensor>();

  constructor(learningRate: LearningRate) {
    this.schedule = scheduleOf(learningRate, this.getClassName());
  }

  /** The name TensorFlow.js gives the class. */
  abstract getClassName(): string;

  /** The options that make the same optimizer again, the learning rate as it is now. */
  abstract getConfig(): Record<string, number | boolean>;

  /** The names of the tensors of state that stand beside each variable. */
  protected abstract readonly slots: readonly string[];

  /** What cells hold behind the learning rate before the first step. */
  protected readonly initialCells: readonly number[] = [];

  /** Updates one variable's weights in place. */
  protected abstract update(dtype: FloatType, at: Update): void;

  /** Moves the cells on after a step. */
  protected advance(_dtype: FloatType, _cells: number): void {}

  /** The learning rate of the next step. */
  get learningRate(): number {
    return this.schedule.at(this.iterations);
  }

  /** Replaces the learning rate by a number or a schedule. */
  set learningRate(learningRate: LearningRate) {
    this.schedule = scheduleOf(learningRate, this.getClassName());
  }

  setLearningRate(learningRate: LearningRate): void {
    this.learningRate = learningRate;
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
    // All is allocated before the first weight changes: what throws changes nothing.
    const updates = pairs.map(([v, g]) => ({
      dtype: v.dtype as FloatType,
      g: g.storage.address,
      cells: this.cellsOf(v.dtype as FloatType).storage.address,
      slots: this.stateOf(v).map((s) => s.storage.address),
      w: v.writable(),
      n: v.size,
    }));
    const dtypes = new Set(updates.map(({ dtype }) => dtype));
    for (const dtype of dtypes) this.guardState(this.cellsOf(dtype));
    effect(() => {
      const rate = this.learningRate;
      for (const dtype of dtypes) writeElement(dtype, this.cellsOf(dtype).storage.address, rate);
      this.iterations++;
    });
    for (const at of updates) this.update(at.dtype, at);
    for (const dtype of dtypes) this.advance(dtype, this.cellsOf(dtype).storage.address);
  }

  /** A recorded step is right as long as the state has not been freed. */
  private guardState(cells: Tensor): void {
    guard(cells, () => !cells.isDisposed);
  }

  /** The state beside a variable: zeros at first. */
  private stateOf(v: Variable): Tensor[] {
    let slots = this.state.get(v);
    if (!slots) {
      slots = this.slots.map(() => kept(v.shape, v.dtype as FloatType));
      this.state.set(v, slots);
    }
    return slots;
  }

  private cellsOf(dtype: FloatType): Tensor {
    let cells = this.cells.get(dtype);
    if (!cells) {
      cells = kept([1 + this.initialCells.length], dtype);
      view(dtype, cells.storage.address, cells.size).set([0, ...this.initialCells]);
      this.cells.set(dtype, cells);
    }
    return cells;
  }

  /**
   * What to save to go on later: the number of steps as 'iter', then the state beside each variable, as copies under
   * names such as 'kernel/momentum'.
   */
  async getWeights(): Promise<NamedTensor[]> {
    const copy = (x: Tensor): Tensor => fromData(x.dataSync(), x.shape, x.dtype);
    const state = this.slots.flatMap((slot, i) =>
      [...this.state].map(([v, slots]) => ({ name: `${v.name}/${slot}`, tensor: copy(slots[i]!) })),
    );
    return [{ name: 'iter', tensor: fromData([this.iterations], [], 'int32') }, ...state];
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
        const slot = this.slots.indexOf(name.slice(at + 1));
        if (!v || slot < 0) throw new RangeError(`${op}: there is no variable and state for '${name}'`);
        if (tensor.dtype !== v.dtype) throw new TypeError(`${op}: '${name}' needs ${v.dtype}, got ${tensor.dtype}`);
        if (!sameShape(tensor.shape, v.shape)) {
          throw new RangeError(`${op}: '${name}' needs shape ${showShape(v.shape)}, got ${showShape(tensor.shape)}`);
        }
        return { v, slot, tensor };
      });
    const steps = weights.find(({ name }) => name === 'iter')?.tensor.dataSync()[0] ?? 0;
    this.dispose();
    for (const { v, slot, tensor } of found) copyElements(tensor, this.stateOf(v)[slot]!.storage.address);
    this.iterations = steps;
    // What cells hold follows from the number of steps.
    for (const dtype of new Set(found.map(({ v }) => v.dtype as FloatType))) {
      const { address } = this.cellsOf(dtype).storage;
      for (let i = 0; i < steps; i++) this.advance(dtype, address);
    }
  }

  /** The optimizer that {@link getConfig} describes: its options stand in the order in which the constructor takes them. */
  static fromConfig<T extends Optimizer>(cls: new (...options: never[]) => T, config: ReturnType<T['getConfig']>): T {
    return new cls(...(Object.values(config) as never[]));
  }

  /** Frees the state; a step after that is a first step. */
  dispose(): void {
    this.iterations = 0;
    for (const slots of this.state.values()) dispose(slots);
    for (const cells of this.cells.values()) cells.dispose();
    this.state.clear();
    this.cells.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Zeros that live until they are disposed of. */
function kept(shape: readonly number[], dtype: FloatType): Tensor {
  return tidy(() => {
    const x = keep(empty(shape, dtype));
    view(dtype, x.storage.address, x.size).fill(0);
    return x;
  });
}
