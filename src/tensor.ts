// Tensor: a shape, a dtype and a block of linear memory; how it is read, kept and disposed of.
//
// Memory lives by reference counts: reshape and clone share a block (a Storage), the last tensor to go
// frees it. `tidy` disposes of what was made inside it; a FinalizationRegistry is the safety net for
// what was made outside and forgotten. Ops and gradients are elsewhere: this file computes nothing.

import { type DataType, type DataTypeMap, isDataType } from './dtype.js';
import { onForgotten } from './forgotten.js';
import { allocate, apart, byteLength, heapInfo, release, view } from './memory.js';
import { formatTensor } from './print.js';
import { type Rank, type Shape, type ShapeMap, showShape, sizeOf, stridesOf } from './shape.js';
import { kernels } from './wasm/kernels.js';
import { breakTrace, guard, isTracing } from './wasm/trace.js';

/** A block of linear memory, shared by the tensors that show the same elements. */
export class Storage {
  /** Where the block begins, in bytes. */
  readonly address: number;
  readonly bytes: number;
  references = 1;

  /**
   * @param what - what it is for, as an error names it
   * @param constant - whether JavaScript writes the elements
   */
  constructor(bytes: number, what: () => string, constant = false) {
    this.address = allocate(bytes, what, constant);
    this.bytes = bytes;
    totals.storages++;
    totals.bytes += bytes;
  }

  retain(): this {
    this.references++;
    return this;
  }

  release(): void {
    if (--this.references > 0) return;
    release(this.address, this.bytes);
    totals.storages--;
    totals.bytes -= this.bytes;
  }
}

const totals = { tensors: 0, storages: 0, bytes: 0 };
let nextId = 0;

/** Tensors made in the scopes that are open, innermost last. */
const scopes: Tensor[][] = [];

/** True while gradients are computed. */
let reviving = false;

/** @internal Runs `f`, which may read what was disposed of but is still pinned by a tape. */
export function reviveWhile<T>(f: () => T): T {
  const before = reviving;
  reviving = true;
  try {
    return f();
  } finally {
    reviving = before;
  }
}

/** Frees what a program forgot: only tensors that no scope will dispose of are registered. */
const forgotten = onForgotten<Storage>((storage) => {
  totals.tensors--;
  storage.release();
});

/**
 * A multi-dimensional array of numbers, at rest in WebAssembly memory.
 *
 * Made by `tensor`, `zeros` and the other creation functions; immutable, as in TensorFlow.js.
 * @typeParam R - the rank, where it is known
 * @typeParam D - the dtype, where it is known
 */
export class Tensor<R extends Rank = Rank, D extends DataType = DataType> {
  readonly id: number = nextId++;
  readonly shape: ShapeMap[R];
  readonly dtype: D;
  /** The number of elements. */
  readonly size: number;
  /** True once `keep` has taken the tensor out of the hands of `tidy`. */
  kept = false;
  /** @internal */
  readonly storage: Storage;
  /** @internal How many open tapes need the elements, whatever the user disposes of. */
  pins = 0;
  private disposed = false;
  private watched = false;

  /** @internal Takes over one reference to `storage`. */
  constructor(shape: Shape, dtype: D, storage: Storage) {
    this.shape = shape as ShapeMap[R];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.storage = storage;
    totals.tensors++;
    this.enter(scopes.at(-1));
  }

  get rank(): number {
    return this.shape.length;
  }

  /** @internal */
  get dataBytes(): number {
    return byteLength(this.dtype, this.size);
  }

  get rankType(): R {
    return `R${this.rank}` as R;
  }

  /** Elements between neighbours along each axis but the last, as in TensorFlow.js. */
  get strides(): number[] {
    return stridesOf(this.shape).slice(0, -1);
  }

  get isDisposed(): boolean {
    return this.disposed;
  }

  /**
   * Frees the tensor. Its block goes when the last tensor that shares it does; a tape that still needs the elements
   * keeps them until it is done.
   */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    totals.tensors--;
    if (this.watched) forgotten.unregister(this);
    if (this.pins === 0) this.storage.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal A tape needs the elements from now on. */
  pin(): void {
    this.pins++;
  }

  /** @internal A tape is done with the elements. */
  unpin(): void {
    if (--this.pins === 0 && this.disposed) this.storage.release();
  }

  /** @internal The tensor will be disposed of by `scope`, or by the safety net where there is none. */
  enter(scope: Tensor[] | undefined): void {
    if (scope) scope.push(this);
    else {
      this.watched = true;
      forgotten.register(this, this.storage, this);
    }
  }

  /** @throws Error if the tensor is disposed of; a gradient may still read what its tape holds */
  throwIfDisposed(): void {
    if (this.disposed && !(reviving && this.pins > 0)) throw new Error('Tensor is disposed.');
  }

  /** The elements in row-major order, copied out at once. */
  dataSync(): DataTypeMap[D] {
    this.throwIfDisposed();
    breakTrace("it reads a tensor's elements");
    return this.peek();
  }

  /** @internal The elements, for a check of arguments that a replay may leave out. */
  peek(): DataTypeMap[D] {
    return view(this.dtype, this.storage.address, this.size).slice() as DataTypeMap[D];
  }

  /** The elements in row-major order, copied out. */
  async data(): Promise<DataTypeMap[D]> {
    return this.dataSync();
  }

  /** The elements as nested arrays, or a number for a scalar; booleans are 0 and 1, as in TensorFlow.js. */
  arraySync(): NestedArray<R> {
    return nest(this.shape, this.dataSync()) as NestedArray<R>;
  }

  /** The elements as nested arrays, or a number for a scalar. */
  async array(): Promise<NestedArray<R>> {
    return this.arraySync();
  }

  /** The elements' bytes, little-endian, copied out. */
  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(this.dataSync().buffer);
  }

  /** A variable with these elements: {@link variable} as a method. */
  variable(trainable = true, name?: string, dtype?: DataType): Variable<R, D> {
    return variable(this, trainable, name, dtype);
  }

  toString(verbose = false): string {
    return formatTensor(this.dataSync(), this.shape, this.dtype, verbose);
  }

  /** Prints the elements to the console. */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }
}

export type Scalar<D extends DataType = DataType> = Tensor<Rank.R0, D>;
export type Tensor1D<D extends DataType = DataType> = Tensor<Rank.R1, D>;
export type Tensor2D<D extends DataType = DataType> = Tensor<Rank.R2, D>;
export type Tensor3D<D extends DataType = DataType> = Tensor<Rank.R3, D>;
export type Tensor4D<D extends DataType = DataType> = Tensor<Rank.R4, D>;
export type Tensor5D<D extends DataType = DataType> = Tensor<Rank.R5, D>;
export type Tensor6D<D extends DataType = DataType> = Tensor<Rank.R6, D>;

/** Nested arrays of numbers, as deep as the rank. */
export type NestedArray<R extends Rank> = {
  R0: number;
  R1: number[];
  R2: number[][];
  R3: number[][][];
  R4: number[][][][];
  R5: number[][][][][];
  R6: number[][][][][][];
}[R];

function nest(shape: Shape, values: ArrayLike<number>): unknown {
  let offset = 0;
  const level = (axis: number): unknown =>
    axis === shape.length ? values[offset++] : Array.from({ length: shape[axis]! }, () => level(axis + 1));
  return level(0);
}

/** @internal A new tensor with undefined elements, for a kernel to fill. */
export function empty<D extends DataType>(shape: Shape, dtype: D, constant = false): Tensor<Rank, D> {
  const bytes = byteLength(dtype, sizeOf(shape));
  return new Tensor(shape, dtype, new Storage(bytes, () => `${showShape(shape)} ${dtype}`, constant));
}

/** @internal A new tensor that shares the elements of another under a shape of the same size. */
export function share<D extends DataType>(x: Tensor<Rank, D>, shape: Shape): Tensor<Rank, D> {
  return new Tensor(shape, x.dtype, x.storage.retain());
}

/** @internal A new tensor with a copy of these elements. */
export function fromData<D extends DataType>(data: ArrayLike<number>, shape: Shape, dtype: D): Tensor<Rank, D> {
  const x = empty(shape, dtype, true);
  view(dtype, x.storage.address, x.size).set(data);
  return x;
}

/** @internal Copies x's elements to an address, in a way that a trace records. */
export function copyElements(x: Tensor, to: number): void {
  const axes = [1, 1, 1, 1, 1, x.size, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1] as const;
  kernels[x.dtype].copy(x.storage.address, to, ...axes);
}

// Variables.

let nextVariable = 0;
const registered = new Map<string, Variable>();

/** A tensor whose elements can be replaced: what training changes. It lives until it is disposed of. */
export class Variable<R extends Rank = Rank, D extends DataType = DataType> extends Tensor<R, D> {
  declare storage: Storage;
  trainable: boolean;
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
      // A replay finds the variable where it was, so its elements change in place.
      copyElements(value, this.writable());
      return;
    }
    const old = this.storage;
    this.storage = value.storage.retain();
    old.release();
  }

  /** @internal A recorded step reads the elements where they lie now. */
  guardReading(): void {
    const { address } = this.storage;
    guard(this, () => !this.isDisposed && this.storage.address === address);
  }

  /**
   * @internal The address to update the elements at, in place. Elements that another tensor shows too (a clone, a tape's
   * reading) are copied first, so that only the variable changes.
   */
  writable(): number {
    if (this.storage.references > 1) {
      this.storage = apart(() => {
        const copy = new Storage(this.storage.bytes, () => `${showShape(this.shape)} ${this.dtype}`);
        copyElements(this, copy.address);
        this.storage.release();
        return copy;
      });
    }
    const { address } = this.storage;
    guard(this.storage, () => !this.isDisposed && this.writable() === address);
    return address;
  }

  override dispose(): void {
    super.dispose();
    if (registered.get(this.name) === (this as unknown as Variable)) registered.delete(this.name);
  }
}

/**
 * A variable with the elements of `initialValue`.
 * @param trainable - whether optimizers change it by default
 * @param name - unique among the living; a number if absent
 * @param dtype - cast to it first
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
    const values = fromData(initialValue.dataSync(), initialValue.shape, dtype);
    const result = new Variable(values.shape, dtype as D, values.storage.retain(), trainable, name);
    values.dispose();
    return result as Variable<R, D>;
  }
  return new Variable(initialValue.shape, initialValue.dtype, initialValue.storage.retain(), trainable, name);
}

/** @internal The living variables, oldest first. */
export const livingVariables = (): Variable[] => [...registered.values()];

/** Disposes of every variable. */
export function disposeVariables(): void {
  for (const v of livingVariables()) v.dispose();
}

// Scopes.

/** Tensors in any nesting of arrays and plain objects. */
export type TensorContainer =
  | Tensor
  | string
  | number
  | boolean
  | null
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing may be tidied
  | void
  | TensorContainer[]
  | { [key: string]: TensorContainer };

/** The tensors in a container, each once. */
export function getTensorsInContainer(container: unknown): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const walk = (x: unknown): void => {
    if (x instanceof Tensor) found.add(x);
    else if (typeof x === 'object' && x !== null && !ArrayBuffer.isView(x) && !seen.has(x)) {
      seen.add(x);
      for (const key in x) walk((x as Record<string, unknown>)[key]);
    }
  };
  walk(container);
  return [...found];
}

/** @internal Opens a scope: tensors made from now on belong to it. */
export function startScope(): void {
  scopes.push([]);
}

/** @internal Takes a kept tensor back into the hands of the innermost scope, or of the safety net. */
export function adopt(x: Tensor): void {
  x.kept = false;
  x.enter(scopes.at(-1));
}

/** @internal Whether `x` was made in the innermost scope, which will dispose of it. */
export const isScoped = (x: Tensor): boolean => scopes.at(-1)?.includes(x) === true && !x.kept;

/** @internal Closes the innermost scope: what it made goes, but for kept tensors and those of `result`. */
export function endScope(result?: unknown): void {
  const scope = scopes.pop()!;
  if (scope.length === 0) return;
  const outer = scopes.at(-1);
  const results = result instanceof Tensor ? undefined : getTensorsInContainer(result);
  for (const x of scope) {
    if (x.isDisposed) continue;
    // What was kept and is then forgotten is left to the safety net.
    if (x.kept) x.enter(undefined);
    else if (x === result || results?.includes(x)) x.enter(outer);
    else x.dispose();
  }
}

/**
 * Runs `f` and disposes of every tensor made inside it but those it returns and those given to `keep`.
 * Variables stay.
 *
 * @example
 * const y = tidy(() => scalar(3).square().add(1));  // y is 10; the square is gone
 * @throws TypeError if `f` is asynchronous: it would go on after the clean-up
 */
export function tidy<T>(nameOrFn: string | (() => T), fn?: () => T): T {
  const f = typeof nameOrFn === 'function' ? nameOrFn : fn;
  if (typeof nameOrFn !== 'function' && typeof nameOrFn !== 'string') {
    throw new TypeError(`tidy: the first argument must be a function or a name, got ${typeof nameOrFn}`);
  }
  if (typeof f !== 'function') {
    throw new TypeError(`tidy: When calling with two arguments, the second argument to tidy() must be a function`);
  }
  startScope();
  let result: T | undefined;
  try {
    result = f();
    if (result instanceof Promise) throw new TypeError('tidy: Cannot return a Promise inside of tidy.');
    return result;
  } finally {
    endScope(result);
  }
}

/**
 * A scope for `using`: tensors made until it is disposed of go with it.
 *
 * @example
 * {
 *   using _ = scope();
 *   scalar(3).square().print();
 * } // both tensors are gone
 */
export function scope(): Disposable {
  startScope();
  const depth = scopes.length;
  return {
    [Symbol.dispose]() {
      while (scopes.length >= depth) endScope();
    },
  };
}

/** Takes a tensor out of the hands of `tidy`: it lives until it is disposed of. */
export function keep<T extends Tensor>(x: T): T {
  if (!(x instanceof Tensor)) throw new TypeError(`keep: needs a tensor, got ${typeof x}`);
  x.kept = true;
  return x;
}

/** Disposes of every tensor in a container. */
export function dispose(container: TensorContainer): void {
  for (const x of getTensorsInContainer(container)) x.dispose();
}

/** What is alive: tensors, blocks they share, bytes of their elements, and the bytes of WebAssembly memory in all. */
export interface MemoryInfo {
  numTensors: number;
  numDataBuffers: number;
  numBytes: number;
  heapBytes: number;
  unreliable: boolean;
}

/** Counts what is alive. */
export const memory = (): MemoryInfo => ({
  numTensors: totals.tensors,
  numDataBuffers: totals.storages,
  numBytes: totals.bytes,
  heapBytes: heapInfo().heap,
  unreliable: false,
});
