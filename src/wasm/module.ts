// Modules of kernels: compiled apart, all on the one memory that the whole package computes in, and in one table. A module
// is instantiated when the first of its kernels is called for.

import type { DataType } from '../dtype.js';
import { KERNELS } from './generated/abi.js';

/** Linear memory. JavaScript owns it: {@link ../memory.ts} hands it out. */
export let memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** The kernels of the modules that are instantiated, each at its number. */
const table = new WebAssembly.Table({ element: 'anyfunc', initial: KERNELS });

/** Makes the bytes of a module fit another kind of memory. */
export type Patch = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** A kernel: arguments are addresses, sizes and scalars. */
type Kernel = (...args: number[]) => number;

/** What a module exports: its kernels it puts into the table. */
interface Common {
  /** Runs recorded instructions, of whichever modules, from an address up to `end`. Only core has it. */
  run(at: number, end: number): void;
  /** This instance does part t of T of each recorded instruction: see assembly/share.ts. */
  setShare(t: number, T: number): void;
}

type Tables = Record<DataType | 'common', Record<string, Kernel>>;

/** The modules of this program, instantiated or not. */
const all: KernelModule[] = [];

const SUFFIXES = { f: '_f32', d: '_f64', i: '_i32', b: '_u8', '-': '' } as const;

const DTYPES = { f: 'float32', d: 'float64', i: 'int32', b: 'bool', '-': 'common' } as const;

/** What takes down each call of a kernel: its number, that of its signature, and its arguments. */
export interface Recorder {
  add(kernel: number, signature: number, args: readonly number[]): void;
}

let recorder: Recorder | undefined;

/** From now on every call of a kernel is also taken down, or none is. */
export function recordInto(next: Recorder | undefined): void {
  recorder = next;
}

/** A kernel of any dtype, and whose it is. */
export interface Op {
  readonly name: string;
  readonly module: KernelModule;
}

/** The modules that are instantiated, in that order. A recorded program has kernels of these only. */
export const loaded: KernelModule[] = [];

/** Kernels by dtype and name: `module.float32.exp(x, y, n)`; what has no dtype in its name is in `common`. */
export class KernelModule<K extends Record<keyof Tables, object> = Record<keyof Tables, object>> {
  readonly compile: (patch?: Patch) => WebAssembly.Module;
  private readonly first: number;
  private readonly ops: string;
  private compiled: WebAssembly.Module | undefined;
  private plain: Tables | undefined;
  private recording: Tables | undefined;

  /**
   * @param compile - gives the module
   * @param first - the number of its first kernel
   * @param ops - a line for each op: its name, a letter per dtype, and the number of its signature; without it it cannot
   * be recorded
   */
  constructor(compile: (patch?: Patch) => WebAssembly.Module, first: number, ops: string) {
    this.compile = compile;
    this.first = first;
    this.ops = ops;
    all.push(this);
  }

  get float32(): K['float32'] {
    return this.tables.float32;
  }

  get float64(): K['float64'] {
    return this.tables.float64;
  }

  get int32(): K['int32'] {
    return this.tables.int32;
  }

  get bool(): K['bool'] {
    return this.tables.bool;
  }

  get common(): K['common'] & Common {
    return this.tables.common as K['common'] & Common;
  }

  /** One of its kernels, of whichever dtype. */
  op(name: (keyof K['float32'] | keyof K['int32'] | keyof K['bool']) & string): Op {
    return { name, module: this };
  }

  /** The compiled module: what another thread instantiates. */
  get module(): WebAssembly.Module {
    this.compiled ??= this.compile();
    return this.compiled;
  }

  /** The kernels as they are called now: plainly, or recorded. */
  get tables(): Tables {
    this.plain ??= this.instantiate();
    if (!recorder) return this.plain;
    this.recording ??= this.record(this.plain);
    return this.recording;
  }

  /** Makes a new instance, where there is one, in the present memory: of this module, or of its own. */
  move(compiled: WebAssembly.Module | undefined): void {
    this.compiled = compiled;
    this.recording = undefined;
    if (this.plain) this.plain = this.instantiate();
  }

  /** The name of the kernel with that number, if it is its own. */
  nameOf(kernel: number): string | undefined {
    let number = this.first;
    for (const line of this.ops.trim().split('\n')) {
      const [op, dtypes] = line.split(' ') as [string, string];
      const letter = dtypes[kernel - number] as keyof typeof SUFFIXES | undefined;
      if (letter && kernel >= number) return op + SUFFIXES[letter];
      number += dtypes.length;
    }
    return undefined;
  }

  private instantiate(): Tables {
    const { exports } = new WebAssembly.Instance(this.module, { env: { memory, kernels: table } });
    if (!this.plain) loaded.push(this);
    const { run, setShare } = exports as Tables['common'];
    return this.group({ run, setShare } as Tables['common'], (number) => table.get(number));
  }

  private record(plain: Tables): Tables {
    return this.group(plain.common, (number, signature, dtype, op) => {
      const kernel = plain[dtype][op]!;
      if (signature === undefined) return kernel;
      return (...args) => {
        recorder!.add(number, signature, args);
        return kernel(...args);
      };
    });
  }

  /** Tables of what `kernelOf` gives for each op and each dtype. */
  private group(
    common: Tables['common'],
    kernelOf: (number: number, signature: number | undefined, dtype: keyof Tables, op: string) => Kernel,
  ): Tables {
    const tables: Tables = { float32: {}, float64: {}, int32: {}, bool: {}, common: { ...common } };
    let number = this.first;
    for (const line of this.ops.trim().split('\n')) {
      const [op, dtypes, signature] = line.split(' ') as [string, string, string?];
      for (const letter of dtypes) {
        const dtype = DTYPES[letter as keyof typeof DTYPES];
        tables[dtype][op] = kernelOf(number++, signature === undefined ? undefined : Number(signature), dtype, op);
      }
    }
    return tables;
  }
}

/** Sets which part of its work each kernel does from now on. */
export function setShare(part: number, parts: number): void {
  for (const { common } of loaded) common.setShare(part, parts);
}

/** The name of the kernel that an instruction calls. */
export function nameOf(instruction: Uint8Array): string {
  const number = instruction[0]! | (instruction[1]! << 8);
  for (const module of all) {
    const name = module.nameOf(number);
    if (name) return name;
  }
  return 'an unknown kernel';
}

/** Every module of this program, compiled from what `patch` makes of it. */
export const compileAll = (patch: Patch): WebAssembly.Module[] => all.map((module) => module.compile(patch));

/**
 * Makes the kernels compute in another memory. Instances write their constants into it at once; `fill` is called after
 * that and before anything else happens in it.
 *
 * @param modules - what {@link compileAll} gave for that memory; absent for memory that is not shared
 */
export function moveTo(
  next: WebAssembly.Memory,
  modules: readonly WebAssembly.Module[] | undefined,
  fill: (from: WebAssembly.Memory) => void,
): void {
  const before = memory;
  memory = next;
  for (const [i, module] of all.entries()) module.move(modules?.[i]);
  fill(before);
}
