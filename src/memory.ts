// The heap: blocks of linear memory in size classes, handed out and taken back by JavaScript.
//
//     0          HEAP_BASE                          top            memory.buffer.byteLength
//     | statics  | block | block | free block | ...  | never used   |
//
// A freed block goes to its class's list and is handed out again. Blocks never merge: a training
// loop asks for the same sizes at every step, so that after the first step nothing grows.

import { ARRAYS, BYTES, type DataType, type DataTypeMap, type TypedArray } from './dtype.js';
import { HEAP_BASE, memory, moveTo } from './wasm/kernels.js';
import { untraced } from './wasm/trace.js';

const PAGE = 65536;
const LIMIT = 65536 * PAGE;
const ALIGN = 64;

// Kernels work on whole vectors, four at a time, and a row may be written over its end before the
// next row corrects it: every block has this much room behind its last element.
const SLACK = 64;

let top = HEAP_BASE;
let liveBytes = 0;
let liveBlocks = 0;
const free: Map<number, number[]> = new Map();

/** The block size for a request: multiples of 64 bytes up to 512, then four classes to each doubling. */
function blockSize(bytes: number): number {
  const need = bytes + SLACK;
  if (need <= 512) return Math.ceil(need / ALIGN) * ALIGN;
  const step = (1 << (29 - Math.clz32(Math.ceil(need / ALIGN) - 1))) * ALIGN;
  return Math.ceil(need / step) * step;
}

/** What a block is for, as an error names it; a function is asked only then. */
type What = string | (() => string);

/** Linear memory is at its end: what was asked for, and how full the heap is. */
function outOfMemory(bytes: number, what: What): RangeError {
  const mib = (n: number) => `${Math.ceil(n / 2 ** 20)} MiB`;
  return new RangeError(
    `out of memory: ${mib(bytes)} for ${typeof what === 'string' ? what : what()}; heap ${mib(top)} of ${mib(LIMIT)}, ${liveBlocks} live blocks`,
  );
}

/**
 * Hands out a block of at least `bytes` bytes, 64-byte aligned, its content undefined.
 * @param what - what it is for, named in the error
 * @param constant - whether JavaScript writes its content: a recorded step finds it as it was left
 * @throws RangeError if memory cannot grow that far
 */
export function allocate(bytes: number, what: What, constant = false): number {
  if (!(bytes <= LIMIT)) throw outOfMemory(bytes, what);
  const size = blockSize(bytes);
  return arena ? arena.take(size, constant, () => takeBlock(size, bytes, what)) : takeBlock(size, bytes, what);
}

/** Takes back a block that {@link allocate} handed out for the same number of bytes. */
export function release(address: number, bytes: number): void {
  const size = blockSize(bytes);
  if (!arena?.giveBack(address, size)) giveBlock(address, size);
}

function takeBlock(size: number, bytes: number, what: What): number {
  let address = free.get(size)?.pop();
  if (address === undefined) {
    if (top + size > LIMIT) throw outOfMemory(bytes, what);
    const missing = top + size - memory.buffer.byteLength;
    if (missing > 0) grow(missing, bytes, what);
    address = top;
    top += size;
  }
  liveBytes += size;
  liveBlocks++;
  return address;
}

function giveBlock(address: number, size: number): void {
  pushFree(free, address, size);
  liveBytes -= size;
  liveBlocks--;
}

function pushFree(lists: Map<number, number[]>, address: number, size: number): void {
  const list = lists.get(size);
  if (list) list.push(address);
  else lists.set(size, [address]);
}

/**
 * The blocks of a recorded step, which replays use again at the same addresses. While it is open, blocks come from it
 * and go back to it, so that the step's own order of frees is its memory plan. Blocks that JavaScript wrote are never
 * used for anything else.
 */
export class Arena {
  private readonly blocks = new Map<number, number>();
  private readonly held = new Set<number>();
  private readonly constants = new Set<number>();
  private readonly free = new Map<number, number[]>();

  /** Takes blocks while `f` runs. */
  during<T>(f: () => T): T {
    arena = this;
    try {
      return f();
    } finally {
      arena = undefined;
    }
  }

  take(size: number, constant: boolean, takeNew: () => number): number {
    let address = constant ? undefined : this.free.get(size)?.pop();
    if (address === undefined) {
      address = takeNew();
      this.blocks.set(address, size);
    }
    if (constant) this.constants.add(address);
    this.held.add(address);
    return address;
  }

  /** Whether the block was the arena's and is back. */
  giveBack(address: number, size: number): boolean {
    if (!this.held.delete(address)) return false;
    if (!this.constants.has(address)) pushFree(this.free, address, size);
    return true;
  }

  /** Whether the blocks at these addresses are all that it still holds. */
  holdsJust(addresses: ReadonlySet<number>): boolean {
    return this.held.size === addresses.size && [...addresses].every((address) => this.held.has(address));
  }

  /** Returns to the heap what is back; what is still held goes there when it is released. */
  dispose(): void {
    for (const [address, size] of this.blocks) if (!this.held.has(address)) giveBlock(address, size);
    this.blocks.clear();
  }
}

let arena: Arena | undefined;

/** Runs `f` apart from a step that is being recorded: its blocks are ordinary ones, its kernels are not recorded. */
export function apart<T>(f: () => T): T {
  const open = arena;
  arena = undefined;
  try {
    return untraced(f);
  } finally {
    arena = open;
  }
}

/** @internal An empty memory as large as the present one, or what the engine says against it. */
export function emptyMemory(shared: boolean): WebAssembly.Memory {
  const initial = memory.buffer.byteLength / PAGE;
  // Where addresses are few, an engine may refuse to set so many aside.
  for (let maximum = LIMIT / PAGE; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared });
    } catch (error) {
      if (maximum / 2 < Math.max(initial, 1024)) throw error;
    }
  }
}

/**
 * @internal Moves the heap to another memory; everything keeps its address. Views of the old one see nothing of what follows.
 * @param modules - the kernels' modules for the other memory, if it is shared
 */
export function moveHeap(next: WebAssembly.Memory, modules: readonly WebAssembly.Module[] | undefined): void {
  const missing = memory.buffer.byteLength - next.buffer.byteLength;
  if (missing > 0) next.grow(missing / PAGE);
  moveTo(next, modules, (from) => new Uint8Array(next.buffer).set(new Uint8Array(from.buffer, 0, top)));
}

/** One page at a time costs up to 155 µs each in Node: grow by 16 MiB or a quarter, where that is to be had. */
function grow(missing: number, bytes: number, what: What): void {
  const room = LIMIT - memory.buffer.byteLength;
  const generous = Math.min(room, Math.max(missing, 16 * 2 ** 20, memory.buffer.byteLength / 4));
  for (const want of [generous, missing]) {
    try {
      memory.grow(Math.ceil(want / PAGE));
      return;
    } catch {
      // The engine's own limit: try the bare need, then give up in our own words.
    }
  }
  throw outOfMemory(bytes, what);
}

/**
 * The elements at an address. Growth detaches views in silence: use one at once and never keep it
 * across an allocation.
 */
export function view<D extends DataType>(dtype: D, address: number, size: number): DataTypeMap[D] {
  return new ARRAYS[dtype](memory.buffer, address, size) as DataTypeMap[D];
}

/** All of memory as elements of one dtype, for one element at a time: made anew once memory has grown. */
const whole: { [D in DataType]?: DataTypeMap[D] } = {};

function wholeAs(dtype: DataType): TypedArray {
  const elements = whole[dtype];
  if (elements?.buffer === memory.buffer) return elements;
  const made = new ARRAYS[dtype](memory.buffer);
  Object.assign(whole, { [dtype]: made });
  return made;
}

/** The element at an address; allocates nothing. */
export const readElement = (dtype: DataType, address: number): number => wholeAs(dtype)[address / BYTES[dtype]]!;

/** Writes the element at an address; allocates nothing. */
export function writeElement(dtype: DataType, address: number, value: number): void {
  wholeAs(dtype)[address / BYTES[dtype]] = value;
}

/** What the heap holds, in bytes: `live` in blocks handed out, `heap` of linear memory in all. */
export const heapInfo = (): { live: number; blocks: number; top: number; heap: number } => ({
  live: liveBytes,
  blocks: liveBlocks,
  top,
  heap: memory.buffer.byteLength,
});

/** Bytes of `size` elements. */
export const byteLength = (dtype: DataType, size: number): number => BYTES[dtype] * size;
