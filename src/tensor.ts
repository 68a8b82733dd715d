// Tensor: a shape, a dtype and a block of linear memory; how it is read, kept and disposed of.
//
// Memory lives by reference counts: reshape and clone share a block (a Storage), the last tensor to go
// frees it. `tidy` disposes of what was made inside it; a FinalizationRegistry is the safety net for
// what was made outside and forgotten. Ops and gradients are elsewhere: this file computes nothing.

// Declarations name Symbol.dispose, which the libraries of ES2022 and the DOM do not: programs need not ask for it.
/// <reference lib="esnext.disposable" preserve="true" />

import type { DataType, DataTypeMap } from './dtype.js';
import { onForgotten } from './forgotten.js';
import { allocate, byteLength, heapInfo, release, view } from './memory.js';
import { formatTensor } from './print.js';
import { type Rank, type Shape, type ShapeMap, showShape, sizeOf, stridesOf } from './shape.js';
import { kernels } from './wasm/kernels.js';
import { breakTrace } from './wasm/trace.js';

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

/** @internal Tensors made in the scopes that are open, innermost last. */
export const scopes: Tensor[][] = [];

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
 * Made by {@link tensor}, {@link zeros} and the other creation functions; immutable, as in TensorFlow.js. Every op whose
 * first argument is a tensor is a method too: `x.add(y)` is `add(x, y)`.
 * @typeParam R - the rank, where it is known
 * @typeParam D - the dtype, where it is known
 * @example
 * const x = tensor2d([[1, 2], [3, 4]]);
 * x.shape;  // [2, 2]
 * x.mul(2).sum().print();  // 20
 * await x.array();  // [[1, 2], [3, 4]]
 */
export class Tensor<R extends Rank = Rank, D extends DataType = DataType> {
  /** Unique in the program. */
  readonly id: number = nextId++;
  /** The sizes of the axes. */
  readonly shape: ShapeMap[R];
  /** What the elements are: 'float32', 'float64', 'int32' or 'bool'. */
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

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** @internal */
  get dataBytes(): number {
    return byteLength(this.dtype, this.size);
  }

  /** The rank as {@link Rank} names it. */
  get rankType(): R {
    return `R${this.rank}` as R;
  }

  /** Elements between neighbours along each axis but the last, as in TensorFlow.js. */
  get strides(): number[] {
    return stridesOf(this.shape).slice(0, -1);
  }

  /** Whether the tensor was disposed of. */
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
    // Watched twice, it would be freed twice.
    else if (!this.watched) {
      this.watched = true;
      forgotten.register(this, this.storage, this);
    }
  }

  /**
   * Refuses a tensor that was disposed of.
   *
   * @throws Error if it was; a gradient may still read what its tape holds
   */
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

  /** The elements as text, as {@link Tensor.print} prints them; with the dtype, rank and shape if verbose. */
  toString(verbose = false): string {
    return formatTensor(this.dataSync(), this.shape, this.dtype, verbose);
  }

  /** Prints the elements to the console. */
  print(verbose = false): void {
    console.log(this.toString(verbose));
  }
}

/** A tensor without axes. */
export type Scalar<D extends DataType = DataType> = Tensor<Rank.R0, D>;
/** A vector. */
export type Tensor1D<D extends DataType = DataType> = Tensor<Rank.R1, D>;
/** A matrix. */
export type Tensor2D<D extends DataType = DataType> = Tensor<Rank.R2, D>;
/** A tensor of three axes. */
export type Tensor3D<D extends DataType = DataType> = Tensor<Rank.R3, D>;
/** A tensor of four axes, such as a batch of images. */
export type Tensor4D<D extends DataType = DataType> = Tensor<Rank.R4, D>;
/** A tensor of five axes, such as a batch of volumes. */
export type Tensor5D<D extends DataType = DataType> = Tensor<Rank.R5, D>;
/** A tensor of six axes. */
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

const CASTS = { float32: 'toFloat32', float64: 'toFloat64', int32: 'toInt32', bool: 'toBool' } as const;

/** @internal A new tensor of x's elements in another dtype. */
export function castElements(x: Tensor, dtype: DataType): Tensor {
  const y = empty(x.shape, dtype);
  const casts = kernels[x.dtype] as unknown as Record<string, (x: number, y: number, n: number) => void>;
  if (x.size > 0) casts[CASTS[dtype]]!(x.storage.address, y.storage.address, x.size);
  return y;
}

/** What is alive. */
export interface MemoryInfo {
  /** Tensors that are not disposed of. */
  numTensors: number;
  /** Blocks of memory; a reshape shares that of its tensor. */
  numDataBuffers: number;
  /** Bytes of these blocks. */
  numBytes: number;
  /** Bytes of WebAssembly memory in all, which never becomes less. */
  heapBytes: number;
  /** Always false: the counts are exact. */
  unreliable: boolean;
}

/**
 * Counts what is alive.
 *
 * @example
 * const before = memory();
 * const x = zeros([2, 3]);
 * const y = x.reshape([6]);
 * memory().numTensors - before.numTensors;  // 2
 * memory().numBytes - before.numBytes;  // 24
 */
export const memory = (): MemoryInfo => ({
  numTensors: totals.tensors,
  numDataBuffers: totals.storages,
  numBytes: totals.bytes,
  heapBytes: heapInfo().heap,
  unreliable: false,
});
