// Record once, replay: `jit` runs a function of tensors, keeps the kernel calls it made as a program, and
// from then on replays the program by one call into WebAssembly, without shape checks, closures or allocation.
// The bits are those of the eager function: a replay calls the same kernels on the same elements.

import { onForgotten } from './forgotten.js';
import { Arena, allocate, readElement, release, view, writeElement } from './memory.js';
import { adopt, endScope, getTensorsInContainer, isScoped, startScope, tidy } from './scope.js';
import { sameShape } from './shape.js';
import { isRecording } from './tape.js';
import { copyElements, empty, Tensor } from './tensor.js';
import { noteReading } from './variable.js';
import { parts, runProgram } from './wasm/crew.js';
import { bytesOf, isTracing, type Program, record, type Shared } from './wasm/trace.js';

/** Programs kept for one function, by the shapes of its inputs; the one used longest ago goes first. */
const MOST_PROGRAMS = 8;

/** The same container with every tensor replaced. */
function mapTensors<R>(container: R, f: (x: Tensor) => Tensor): R {
  const walk = (x: unknown): unknown => {
    if (x instanceof Tensor) return f(x);
    if (Array.isArray(x)) return x.map(walk);
    if (typeof x !== 'object' || x === null) return x;
    return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, walk(value)]));
  };
  return walk(container) as R;
}

function copyOf(x: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  copyElements(x, y.storage.address);
  return y;
}

function kept(x: Tensor): Tensor {
  x.kept = true;
  return x;
}

/** An output of a recorded step: a tensor that the step made, or a copy of one that lives elsewhere. */
function ownOutput(x: Tensor): Tensor {
  if (isScoped(x)) return kept(x);
  noteReading(x);
  return kept(copyOf(x));
}

/** A recorded call: its inputs and outputs lie at fixed addresses. The program begins by copying the inputs in. */
export class Recording<R> {
  private readonly inputs: readonly Tensor[];
  /** What the function returned, with the elements of the latest run. */
  readonly output: R;
  private readonly program: Program;
  private readonly arena: Arena;
  private readonly held: readonly Shared[];
  private readonly address: number;
  /** Where the program says from which addresses it copies. */
  private readonly sources: readonly number[];
  /** What kernels need beside their inputs and outputs depends on how many threads run them. */
  private readonly parts = parts();

  constructor(inputs: readonly Tensor[], output: R, program: Program, arena: Arena) {
    this.inputs = inputs;
    this.output = output;
    this.program = program;
    this.arena = arena;
    // What is dead by now was the step's own.
    this.held = program.held.filter(({ references }) => references > 0);
    for (const shared of this.held) shared.retain();
    const { instructions } = program;
    this.address = allocate(instructions.length, 'a recorded step');
    view('bool', this.address, instructions.length).set(instructions);
    let at = this.address;
    this.sources = inputs.map(() => {
      const source = at + 4;
      at += bytesOf(readElement('int32', at));
      return source;
    });
  }

  /** Whether all that the program relies on is where it was. */
  get isValid(): boolean {
    if (this.parts !== parts()) return false;
    for (const holds of this.program.guards) if (!holds()) return false;
    return true;
  }

  replay(args: readonly Tensor[]): void {
    for (let i = 0; i < args.length; i++) writeElement('int32', this.sources[i]!, args[i]!.storage.address);
    for (const effect of this.program.effects) effect();
    try {
      runProgram(this.program, this.address);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      // The only instruction that stops is the check of indices.
      throw new RangeError('jit: an index is out of range', { cause: error });
    }
  }

  dispose(): void {
    for (const shared of this.held) shared.release();
    for (const x of this.inputs) x.dispose();
    for (const x of getTensorsInContainer(this.output)) x.dispose();
    this.arena.dispose();
    release(this.address, this.program.instructions.length);
  }
}

/** Runs `f` and records it. Where it cannot be replayed, returns what it returned, and why. */
function recordCall<R>(
  f: (...args: Tensor[]) => R,
  args: readonly Tensor[],
): { recording: Recording<R> } | { output: R; why: string; isKeeping: boolean } {
  const inputs = args.map(({ shape, dtype }) => kept(empty(shape, dtype)));
  const arena = new Arena();
  let recorded: { result: R; program: Program | string };
  try {
    recorded = record(() =>
      arena.during(() => {
        args.forEach((x, i) => {
          copyElements(x, inputs[i]!.storage.address);
        });
        startScope();
        let output: R | undefined;
        try {
          output = mapTensors(f(...inputs), ownOutput);
          return output;
        } finally {
          endScope(output);
        }
      }),
    );
  } catch (error) {
    for (const x of inputs) x.dispose();
    arena.dispose();
    throw error;
  }
  const { result: output, program } = recorded;
  const outputs = getTensorsInContainer(output);
  const isWhole = arena.holdsJust(new Set(outputs.map(({ storage }) => storage.address)));
  const disposed = args.filter((_, i) => inputs[i]!.isDisposed);
  if (typeof program !== 'string' && isWhole && disposed.length === 0) {
    return { recording: new Recording(inputs, output, program, arena) };
  }
  for (const x of inputs) x.dispose();
  for (const x of disposed) x.dispose();
  for (const x of outputs) adopt(x);
  arena.dispose();
  const isKeeping = typeof program !== 'string' && disposed.length === 0;
  const why = disposed.length > 0 ? 'it disposes of an argument' : 'it keeps a tensor that it does not return';
  return { output, why: typeof program === 'string' ? program : why, isKeeping };
}

/** What is known of calls with inputs of one shape. */
interface Entry<R> {
  inputs: readonly { shape: readonly number[]; dtype: string }[];
  recording?: Recording<R>;
  isEager: boolean;
  /** Whether a call that was being recorded kept a tensor. */
  hasKept?: boolean;
}

/** Whether an entry is for inputs of these shapes; allocates nothing. */
function isFor({ inputs }: Entry<unknown>, args: readonly Tensor[]): boolean {
  if (inputs.length !== args.length) return false;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i]!.dtype !== args[i]!.dtype || !sameShape(inputs[i]!.shape, args[i]!.shape)) return false;
  }
  return true;
}

/** The calls of one function, by the shapes of their inputs. */
export class Recorder<R> {
  private readonly f: (...args: Tensor[]) => R;
  private readonly onEager: (why: string) => void;
  private readonly entries: Entry<R>[] = [];

  /** @param onEager - is told once why calls cannot be replayed */
  constructor(f: (...args: Tensor[]) => R, onEager: (why: string) => void = () => {}) {
    this.f = f;
    this.onEager = onEager;
  }

  /**
   * Runs the function: eagerly at first, so that what it makes once (an optimizer's state) is made; then recorded; from
   * then on replayed.
   *
   * @param use - is called with the output, which belongs to it
   * @param peek - is called in its place with an output that lasts only until the next run
   */
  run<T>(args: readonly Tensor[], use: (output: R) => T, peek: (output: R) => T): T {
    if (isTracing() || isRecording()) return use(tidy(() => this.f(...args)));
    const entry = this.entryFor(args);
    if (!entry || entry.isEager) return use(tidy(() => this.f(...args)));
    if (entry.recording?.isValid) {
      entry.recording.replay(args);
      return peek(entry.recording.output);
    }
    if (entry.recording) {
      // Something moved: one eager call lets it settle before the next recording.
      entry.recording.dispose();
      entry.recording = undefined;
      return use(tidy(() => this.f(...args)));
    }
    const result = recordCall(this.f, args);
    if ('recording' in result) {
      entry.recording = result.recording;
      entry.hasKept = false;
      return peek(result.recording.output);
    }
    // What a call keeps may be made once: an optimizer's state for a weight that is trained from now on.
    if (result.isKeeping && !entry.hasKept) entry.hasKept = true;
    else {
      entry.isEager = true;
      this.onEager(result.why);
    }
    return use(result.output);
  }

  /** The entry for inputs like these, now the first; undefined the first time. */
  private entryFor(args: readonly Tensor[]): Entry<R> | undefined {
    const first = this.entries[0];
    if (first && isFor(first, args)) return first;
    const at = this.entries.findIndex((entry) => isFor(entry, args));
    if (at > 0) {
      const [entry] = this.entries.splice(at, 1);
      this.entries.unshift(entry!);
      return entry;
    }
    this.entries.unshift({ inputs: args.map(({ shape, dtype }) => ({ shape, dtype })), isEager: false });
    if (this.entries.length > MOST_PROGRAMS) this.entries.pop()!.recording?.dispose();
    return undefined;
  }

  /** Frees all programs. */
  dispose(): void {
    for (const { recording } of this.entries) recording?.dispose();
    this.entries.length = 0;
  }
}

/** Frees the programs of functions that were forgotten. */
const forgotten = onForgotten<Recorder<unknown>>((recorder) => recorder.dispose());

/** A function that is recorded once per shape of its inputs, and replayed. */
export interface Jitted<A extends Tensor[], R> {
  (...args: A): R;
  /** Frees the recorded programs. */
  dispose(): void;
}

/**
 * The same function, recorded once for each shape of its inputs and then replayed by one call into WebAssembly.
 *
 * The function must be made of ops. Its JavaScript runs in the first two calls only: what it closes over is as it was
 * then, but for variables, optimizers and random streams, which go on. Where it reads a tensor's elements, disposes of
 * an argument, or keeps a tensor that it does not return, it goes on running eagerly and says so once.
 *
 * @param f - a function of tensors that returns tensors, alone or in arrays and objects
 * @throws TypeError if f is no function or an argument is no tensor
 * @example
 * const norm = jit((x) => x.square().sum().sqrt());
 * for (let i = 0; i < 3; i++) norm(tensor1d([3, 4])).print();  // 5
 */
export function jit<A extends Tensor[], R>(f: (...args: A) => R): Jitted<A, R> {
  if (typeof f !== 'function') throw new TypeError(`jit: needs a function, got ${typeof f}`);
  const recorder = new Recorder(f as (...args: Tensor[]) => R, (why) => {
    console.warn(`jit: ${f.name || 'the function'} runs eagerly, since ${why}`);
  });
  const jitted = (...args: A): R => {
    for (const x of args) {
      if (!(x instanceof Tensor)) throw new TypeError(`jit: arguments must be tensors, got ${typeof x}`);
      x.throwIfDisposed();
    }
    return recorder.run(
      args,
      (output) => output,
      (output) => mapTensors(output, copyOf),
    );
  };
  const dispose = () => recorder.dispose();
  forgotten.register(jitted, recorder as Recorder<unknown>, recorder);
  return Object.assign(jitted, { dispose });
}
