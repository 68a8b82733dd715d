// The tape: while one is open, every op that a watched tensor reaches leaves a node, which is its
// output, its inputs and one closure per input that turns the output's cotangent dy into the input's.
// `gradient` walks the nodes backwards. The closures are made of ops, so an outer tape can record them
// and differentiate once more.

import { isFloat } from './dtype.js';
import { endScope, isScoped, startScope } from './scope.js';
import { empty, reviveWhile, share, type Tensor } from './tensor.js';
import { Variable } from './variable.js';
import { kernels } from './wasm/kernels.js';

/** Turns the cotangent of an op's output into that of one input; null where there is nothing to differentiate. */
export type Gradient = ((dy: Tensor) => Tensor) | null;

/** What an op leaves on a tape. */
export interface Node {
  readonly output: Tensor;
  readonly inputs: readonly Tensor[];
  readonly gradients: readonly Gradient[];
  /** Whose elements the gradients read. */
  readonly saved: readonly Tensor[];
}

/** The tapes that are recording. */
let tapes: readonly Tape[] = [];

/** Whether any tape is recording. */
export const isRecording = (): boolean => tapes.length > 0;

/**
 * Leaves a node on every tape that watches an input. Returns the output.
 * @param saved - those of inputs and output whose elements the gradients read: the tape keeps them; all if absent
 */
export function record<T extends Tensor>(
  output: T,
  inputs: readonly Tensor[],
  gradients: readonly Gradient[],
  saved: readonly Tensor[] = [output, ...inputs],
): T {
  for (const tape of tapes) tape.add({ output, inputs, gradients, saved });
  return output;
}

/** Runs `f` without any tape. */
export function withoutTapes<T>(f: () => T): T {
  const before = tapes;
  tapes = [];
  try {
    return f();
  } finally {
    tapes = before;
  }
}

/** The same elements under a new tensor. What happens to a variable later does not reach it. */
export function alias<T extends Tensor>(x: T): T {
  return record(share(x, x.shape) as unknown as T, [x], [(dy) => dy], []);
}

/** a + b, of the same shape and dtype: how the cotangents of several uses add up. */
function accumulate(a: Tensor, b: Tensor): Tensor {
  if (!isFloat(a.dtype) || a.dtype !== b.dtype) {
    throw new TypeError(`gradient: needs floats of one dtype, got ${a.dtype} and ${b.dtype}`);
  }
  const y = empty(a.shape, a.dtype);
  kernels[a.dtype].add(a.storage.address, b.storage.address, y.storage.address, 1, 1, a.size, 0, 0, 1, 0, 0, 1);
  return record(y, [a, b], [(dy) => dy, (dy) => dy]);
}

function ones(y: Tensor): Tensor {
  const x = empty(y.shape, y.dtype);
  kernels[x.dtype].fill(x.storage.address, x.size, 1);
  return x;
}

export class Tape {
  private nodes: Node[] = [];
  private readonly watched = new Set<Tensor>();
  private readonly watchVariables: boolean;

  /** @param watchVariables - whether every trainable variable counts as watched */
  constructor(watchVariables = false) {
    this.watchVariables = watchVariables;
  }

  /** Begins to record. */
  start(): this {
    tapes = [...tapes, this];
    return this;
  }

  /** Ends recording. What was recorded stays. */
  stop(): void {
    tapes = tapes.filter((t) => t !== this);
  }

  get isRecording(): boolean {
    return tapes.includes(this);
  }

  watch(x: Tensor): void {
    this.watched.add(x);
  }

  watches(x: Tensor): boolean {
    return this.watched.has(x) || (this.watchVariables && x instanceof Variable && x.trainable);
  }

  add(node: Node): void {
    if (!node.inputs.some((x) => this.watches(x))) return;
    this.watched.add(node.output);
    this.nodes.push(node);
    for (const x of node.saved) x.pin();
  }

  /** Forgets what was recorded and lets go of the tensors. */
  close(): void {
    this.stop();
    for (const { saved } of this.nodes) for (const x of saved) x.unpin();
    this.nodes = [];
    this.watched.clear();
  }

  /** The trainable variables that were read. */
  variables(): Variable[] {
    const found = new Set<Variable>();
    for (const { inputs } of this.nodes) for (const x of inputs) if (x instanceof Variable) found.add(x);
    return [...found];
  }

  /**
   * The derivatives of sum(y · dy) with respect to each of `xs`; null where nothing leads from it to y.
   * @param dy - the cotangent of y; ones if absent
   */
  gradient(y: Tensor, xs: readonly Tensor[], dy?: Tensor): (Tensor | null)[] {
    const reached = new Set<Tensor>(xs);
    for (const { inputs, output } of this.nodes) if (inputs.some((x) => reached.has(x))) reached.add(output);
    if (!reached.has(y)) return xs.map(() => null);

    const before = tapes;
    this.stop();
    startScope();
    let result: (Tensor | null)[] = [];
    try {
      const cotangents = reviveWhile(() => this.backward(y, dy ? alias(dy) : ones(y), reached, new Set(xs)));
      result = xs.map((x) => cotangents.get(x) ?? null);
      return result;
    } finally {
      endScope(result);
      tapes = before;
    }
  }

  /** Walks the nodes backwards, from the cotangent of y to those of the sources. */
  private backward(y: Tensor, dy: Tensor, reached: Set<Tensor>, sources: Set<Tensor>): Map<Tensor, Tensor> {
    const cotangents = new Map([[y, dy]]);
    for (let i = this.nodes.length - 1; i >= 0; i--) {
      const { output, inputs, gradients } = this.nodes[i]!;
      const d = cotangents.get(output);
      if (!d) continue;
      const made: Tensor[] = [];
      startScope();
      try {
        inputs.forEach((x, j) => {
          const gradient = gradients[j];
          if (!gradient || !reached.has(x)) return;
          const dx = gradient(d);
          const sum = cotangents.get(x);
          // A closure may hand back dy itself, or one tensor for two inputs: each cotangent is its own tensor.
          const total = sum ? accumulate(sum, dx) : isScoped(dx) && !made.includes(dx) ? dx : alias(dx);
          sum?.dispose();
          made.push(total);
          cotangents.set(x, total);
        });
      } finally {
        endScope(made);
      }
      if (!sources.has(output)) {
        cotangents.delete(output);
        d.dispose();
      }
    }
    return cotangents;
  }
}
