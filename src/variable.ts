// Variables: tensors whose elements can be replaced, by assignment or in place.

import { type DataType, isDataType } from './dtype.js';
import { apart } from './memory.js';
import { type Rank, type Shape, showShape } from './shape.js';
import { castElements, copyElements, Storage, Tensor } from './tensor.js';
import { guard, hold, isTracing, watch } from './wasm/trace.js';

let nextVariable = 0;
const registered = new Map<string, Variable>();

/**
 * A tensor whose elements can be replaced: what training changes. Made by {@link variable}, it lives until it is disposed
 * of, whatever {@link tidy} does.
 *
 * @example
 * const w = variable(tensor1d([1, 2]), true, 'w');
 * w.assign(w.add(10));
 * w.print();  // [11, 12]
 */
export class Variable<R extends Rank = Rank, D extends DataType = DataType> extends Tensor<R, D> {
  declare storage: Storage;
  /** Whether optimizers change it where they are not told which to change. */
  trainable: boolean;
  /** Unique among the living. */
  readonly name: string;

  /** @internal Takes over one reference to `storage`. */
  constructor(shape: Shape, dtype: D, storage: Storage, trainable: boolean, name = `${nextVariable++}`) {
    super(shape, dtype, storage);
    this.trainable = trainable;
    this.name = name;
    this.kept = true;
    if (registered.has(name)) {
      this.dispose();
      throw new RangeError(`variable: a variable with name ${name} was already registered`);
    }
    registered.set(name, this as unknown as Variable);
  }

  /**
   * Replaces the elements.
   * @throws TypeError for another dtype, RangeError for another shape
   */
  assign(value: Tensor<R>): void {
    this.throwIfDisposed();
    value.throwIfDisposed();
    if (value.dtype !== (this.dtype as DataType)) {
      throw new TypeError(`dtype of the new value (${value.dtype}) and previous value (${this.dtype}) must match`);
    }
    if (!this.shape.every((n, i) => n === value.shape[i]) || value.rank !== this.rank) {
      throw new RangeError(`shape of the new value (${value.shape}) and previous value (${this.shape}) must match`);
    }
    if (isTracing()) {
      noteReading(value);
      // A replay finds the variable where it was, so its elements change in place.
      copyElements(value, this.writable());
      return;
    }
    const old = this.storage;
    this.storage = value.storage.retain();
    old.release();
  }

  /** The variable itself: TensorFlow.js reads a layer's weights so, which are variables here. */
  read(): this {
    return this;
  }

  /** @internal A recorded step reads the elements where they lie now, and differentiates by them if they are trained now. */
  guardReading(): void {
    const { trainable } = this;
    const { address } = this.storage;
    guard(this, () => !this.isDisposed && this.storage.address === address && this.trainable === trainable);
    watch(this.storage);
  }

  /** @internal The address to update the elements at, in place. */
  writable(): number {
    const address = this.ownAddress();
    guard(this.storage, () => !this.isDisposed && this.ownAddress() === address);
    return address;
  }

  /** Where the elements lie; those that another tensor shows too (a clone, a tape's reading) are copied first. */
  private ownAddress(): number {
    if (this.storage.references > 1) this.unshare();
    return this.storage.address;
  }

  // Apart from its caller, which every replayed step calls and which allocates nothing: a closure would.
  private unshare(): void {
    this.storage = apart(() => {
      const copy = new Storage(this.storage.bytes, () => `${showShape(this.shape)} ${this.dtype}`);
      copyElements(this, copy.address);
      this.storage.release();
      return copy;
    });
  }

  override dispose(): void {
    super.dispose();
    if (registered.get(this.name) === (this as unknown as Variable)) registered.delete(this.name);
  }
}

/**
 * A variable with the elements of `initialValue`.
 *
 * @param trainable - whether optimizers change it by default
 * @param name - unique among the living; a number if absent
 * @param dtype - cast to it first
 * @throws TypeError for what is no tensor or an unknown dtype, RangeError for a name that is taken
 * @example
 * const w = variable(scalar(3));
 * train.sgd(0.5).minimize(() => w.square());
 * w.print();  // 0
 */
export function variable<R extends Rank, D extends DataType>(
  initialValue: Tensor<R, D>,
  trainable = true,
  name?: string,
  dtype?: DataType,
): Variable<R, D> {
  if (!(initialValue instanceof Tensor)) {
    throw new TypeError(`variable: the initial value must be a tensor, got ${typeof initialValue}`);
  }
  initialValue.throwIfDisposed();
  if (dtype !== undefined && dtype !== initialValue.dtype) {
    if (!isDataType(dtype)) throw new TypeError(`variable: unknown dtype ${dtype}`);
    noteReading(initialValue);
    const values = castElements(initialValue, dtype);
    try {
      return new Variable<R, D>(values.shape, dtype as D, values.storage.retain(), trainable, name);
    } finally {
      values.dispose();
    }
  }
  return new Variable(initialValue.shape, initialValue.dtype, initialValue.storage.retain(), trainable, name);
}

/** @internal Where a step is being recorded, it reads x where it lies now: a replay needs it there. */
export function noteReading(x: Tensor): void {
  if (!isTracing()) return;
  if (x instanceof Variable) x.guardReading();
  else hold(x.storage);
}

/** @internal The living variables, oldest first. */
export const livingVariables = (): Variable[] => [...registered.values()];

/**
 * Disposes of every variable.
 *
 * @example
 * const w = variable(scalar(3));
 * disposeVariables();
 * w.isDisposed;  // true
 */
export function disposeVariables(): void {
  for (const v of livingVariables()) v.dispose();
}
