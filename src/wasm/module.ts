// Modules of kernels: compiled apart, all on the one memory that the whole package computes in. A module is
// instantiated when the first of its kernels is called for.

import type { DataType } from '../dtype.js';

/** Linear memory. JavaScript owns it: {@link ../memory.ts} hands it out. */
export const memory: WebAssembly.Memory = new WebAssembly.Memory({ initial: 16, maximum: 65536 });

/** A kernel: arguments are addresses, sizes and scalars. */
type Kernel = (...args: number[]) => number;

/** What any module exports besides its kernels. */
interface Common {
  /** Runs recorded instructions up to `end`, or up to the first of another module. Returns where it stopped. */
  run(at: number, end: number): number;
  /** This instance does part t of T of each recorded instruction: see assembly/share.ts. */
  setShare(t: number, T: number): void;
}

type Tables = Record<DataType | 'common', Record<string, Kernel>>;

const DTYPES = { f: 'float32', d: 'float64', i: 'int32', b: 'bool', '-': 'common' } as const;

/** What takes down each call of a kernel: its number, the letters of its arguments' types, and its arguments. */
export interface Recorder {
  add(kernel: number, letters: string, args: readonly number[]): void;
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
  private readonly compile: () => WebAssembly.Module;
  private readonly first: number;
  private readonly table: string;
  private compiled: WebAssembly.Module | undefined;
  private plain: Tables | undefined;
  private recording: Tables | undefined;

  /**
   * @param compile - gives the module
   * @param first - the number of its first kernel
   * @param table - a line for each op: its name, a letter per dtype, and a letter per argument, f for an f64 and i for
   * the rest; without these it cannot be recorded
   */
  constructor(compile: () => WebAssembly.Module, first: number, table: string) {
    this.compile = compile;
    this.first = first;
    this.table = table;
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
  op(name: keyof K['float32'] & string): Op {
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

  private instantiate(): Tables {
    const { exports } = new WebAssembly.Instance(this.module, { env: { memory } });
    loaded.push(this);
    const { run, setShare } = exports as { run: Kernel; setShare: Kernel };
    const kernels = exports.kernels as WebAssembly.Table;
    return this.group({ run, setShare }, (number) => kernels.get(number - this.first));
  }

  private record(plain: Tables): Tables {
    return this.group(plain.common, (number, letters, dtype, op) => {
      const kernel = plain[dtype][op]!;
      if (!letters) return kernel;
      return (...args) => {
        recorder!.add(number, letters, args);
        return kernel(...args);
      };
    });
  }

  /** Tables of what `kernelOf` gives for each line of the table and each dtype. */
  private group(
    common: Tables['common'],
    kernelOf: (number: number, letters: string | undefined, dtype: keyof Tables, op: string) => Kernel,
  ): Tables {
    const tables: Tables = { float32: {}, float64: {}, int32: {}, bool: {}, common: { ...common } };
    let number = this.first;
    for (const line of this.table.trim().split('\n')) {
      const [op, dtypes, letters] = line.split(' ') as [string, string, string?];
      for (const letter of dtypes) {
        const dtype = DTYPES[letter as keyof typeof DTYPES];
        tables[dtype][op] = kernelOf(number++, letters, dtype, op);
      }
    }
    return tables;
  }
}

/** Runs recorded instructions: by turns, each module as far as they are its own. */
export function run(at: number, end: number): void {
  // Addresses above 2 GiB come back negative.
  while (at < end) for (const { common } of loaded) at = common.run(at, end) >>> 0;
}
