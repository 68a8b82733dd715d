// Recurrent layers over whole sequences. The inputs of all steps are multiplied at once; one kernel then takes a batch
// through all steps, and one takes its cotangents back. Steps in ops, which serve gradients of gradients and cells
// with other activations, stand beside them.
//
// A gradient with respect to a kernel is one product over all steps and rows, which adds up in order of time, then of
// the batch; where it goes step by step, as in gradients of gradients, it begins with the last one.

import { convert, convertArray, type TensorLike } from '../convert.js';
import { BYTES, type DataType, type FloatType, upcastType } from '../dtype.js';
import { allocate, release } from '../memory.js';
import { sameShape, showShape } from '../shape.js';
import { isRecording, record, Tape, withoutTapes } from '../tape.js';
import { copyElements, empty, share, type Tensor } from '../tensor.js';
import { parts } from '../wasm/crew.js';
import { recurrent } from '../wasm/kernels.js';
import { hardSigmoid, sigmoid, tanh } from './activation.js';
import { add, mul, sub } from './arithmetic.js';
import { zeros } from './creation.js';
import { castTo, scoped } from './dispatch.js';
import { stack } from './joining.js';
import { where } from './logical.js';
import { matMul } from './matmul.js';
import { sum } from './reduction.js';
import { slice, split, unstack } from './slicing.js';
import { reshape, transpose } from './transform.js';
import { window } from './window.js';

/** What the ops of recurrent layers take. */
export interface SequenceOptions {
  /** The states before the first step, [batch, units] each; zeros if absent. */
  initialState?: readonly (Tensor | TensorLike)[] | undefined;
  /** [batch, time]: a step where it is false, or 0, leaves the states as they are; none if absent. */
  mask?: Tensor | TensorLike | undefined;
  /** Whether the output is h after each step, [batch, time, units], and not the last one's; false if absent. */
  returnSequences?: boolean | undefined;
}

/** What those with gates take. */
export interface GatedSequenceOptions extends SequenceOptions {
  /** What opens gates; 'sigmoid' if absent. */
  recurrentActivation?: 'sigmoid' | 'hardSigmoid' | undefined;
}

type Activate = (x: Tensor) => Tensor;

// ── Steps ───────────────────────────────────────────────────────────────────────────────────────
//
// z is what the inputs give, kernel and bias applied, and q the same of the recurrent kernel.

/** h = activation(z + q) */
export const simpleRNNStep = (z: Tensor, q: Tensor, activation: Activate = tanh): Tensor => activation(add(z, q));

/** i, f, o = gate(z + q) and g = activation(z + q), in the order i f g o; c = f · c + i · g; h = o · activation(c) */
export function lstmStep(z: Tensor, q: Tensor, c: Tensor, gate: Activate, activation: Activate = tanh): Tensor[] {
  const [i, f, g, o] = split(add(z, q), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const next: Tensor = add(mul(gate(f), c), mul(gate(i), activation(g)));
  return [mul(gate(o), activation(next)), next];
}

/** z, r = gate(z + q) and g = activation(z + r · q), in the order z r g; h = z · h + (1 − z) · g */
export function gruStep(z: Tensor, q: Tensor, h: Tensor, gate: Activate, activation: Activate = tanh): Tensor {
  const [zs, zr, zg] = split(z, 3, 1) as [Tensor, Tensor, Tensor];
  const [qs, qr, qg] = split(q, 3, 1) as [Tensor, Tensor, Tensor];
  const g = activation(add(zg, mul(gate(add(zr, qr)), qg)));
  return gruMix(gate(add(zs, qs)), h, g);
}

/** z · h + (1 − z) · g */
export const gruMix = (z: Tensor, h: Tensor, g: Tensor): Tensor => add(mul(z, h), mul(sub(1, z), g));

// ── Sequences ───────────────────────────────────────────────────────────────────────────────────

/** What tells one kind of recurrent layer from another. */
interface Cell {
  op: 'simpleRNN' | 'lstm' | 'gru';
  /** Columns of the kernels for each unit. */
  gates: number;
  /** How many states of [batch, units] there are. */
  kinds: number;
  gate: 'sigmoid' | 'hardSigmoid';
}

const GATES = { sigmoid, hardSigmoid };

/** The states after a step, in ops. */
function step({ op, gate }: Cell, z: Tensor, q: Tensor, states: readonly Tensor[]): Tensor[] {
  if (op === 'simpleRNN') return [simpleRNNStep(z, q)];
  return op === 'lstm' ? lstmStep(z, q, states[1]!, GATES[gate]) : [gruStep(z, q, states[0]!, GATES[gate])];
}

/** What a sequence is computed from: inputs [time · batch, features], kernels, a bias, and the first states. */
type Operands = readonly [x: Tensor, kernel: Tensor, recurrentKernel: Tensor, bias: Tensor, ...initial: Tensor[]];

/** All states [kinds, time + 1, batch, units], in ops. */
function unrolled(cell: Cell, operands: Operands, mask: Tensor | undefined, steps: number): Tensor {
  const [x, kernel, recurrentKernel, bias, ...initial] = operands;
  const [outer, inner] = cell.op === 'gru' ? unstack(bias) : [bias];
  const [rows, width] = [initial[0]!.shape[0]!, kernel.shape[1]!];
  const z = add(matMul(x, kernel), outer!);
  const states = [initial];
  for (let s = 0; s < steps; s++) {
    const before = states.at(-1)!;
    const product: Tensor = matMul(before[0]!, recurrentKernel);
    const q = inner ? add(product, inner) : product;
    const after = step(cell, slice(z, [s * rows, 0], [rows, width]), q, before);
    const on = mask && reshape(slice(mask, s * rows, rows), [rows, 1]);
    states.push(on ? after.map((state, k) => where(on, state, before[k]!)) : after);
  }
  return stack(initial.map((_, k) => stack(states.map((each) => each[k]!))));
}

/** All states [kinds, time + 1, batch, units], by the kernel. The gradients of all operands come from one way back. */
function run(cell: Cell, operands: Operands, mask: Tensor | undefined, steps: number): Tensor {
  const { op, gates, kinds, gate } = cell;
  const [x, kernel, recurrentKernel, bias, ...initial] = operands;
  const [rows, units] = initial[0]!.shape as [number, number];
  const dtype = x.dtype as FloatType;
  const hard = +(gate === 'hardSigmoid');
  const at = (t: Tensor) => t.storage.address;
  const { recurrentScratch, simpleRnn, simpleRnnGrad, lstm, lstmGrad, gru, gruGrad } = recurrent[dtype];
  const sizes = [steps, rows, units] as const;

  /** Calls a kernel with memory for each thread. */
  const withScratch = (f: (scratch: number) => void) => {
    const bytes = parts() * recurrentScratch(rows, units, gates);
    const scratch = allocate(bytes, 'the scratch of a recurrent layer');
    f(scratch);
    release(scratch, bytes);
  };

  // The kernel makes of it what the gates let through.
  const z: Tensor = withoutTapes(() => matMul(x, kernel));
  const inner = op === 'gru' ? empty([steps * rows, units], dtype) : z;
  const states = empty([kinds, steps + 1, rows, units], dtype);
  initial.forEach((state, k) => {
    if (state.size > 0) copyElements(state, at(states) + k * (steps + 1) * state.size * BYTES[dtype]);
  });
  const when = mask ? at(mask) : 0;
  const [r, y] = [at(recurrentKernel), at(states)];
  withScratch((scratch) => {
    if (op === 'simpleRNN') simpleRnn(at(z), at(bias), r, when, y, scratch, ...sizes);
    else if (op === 'lstm') lstm(at(z), at(bias), r, when, y, scratch, ...sizes, hard);
    else gru(at(z), at(bias), r, when, y, at(inner), scratch, ...sizes, hard);
  });

  /** The gradients of the operands, each when it is asked for. */
  const back = (dy: Tensor): (() => Tensor)[] => {
    const ds = empty([kinds, rows, units], dtype);
    const dz = empty(z.shape, dtype);
    const dq = op === 'gru' ? empty(z.shape, dtype) : dz;
    withScratch((scratch) => {
      if (op === 'simpleRNN') simpleRnnGrad(at(dy), r, when, y, at(ds), at(dz), scratch, ...sizes);
      else if (op === 'lstm') lstmGrad(at(dy), at(z), r, when, y, at(ds), at(dz), scratch, ...sizes, hard);
      else gruGrad(at(dy), at(z), r, when, y, at(inner), at(ds), at(dz), at(dq), scratch, ...sizes, hard);
    });
    return [
      () => matMul(dz, kernel, false, true),
      () => matMul(x, dz, true),
      // h before each step: all but the last.
      () => matMul(share(states, [steps * rows, units]), dq, true),
      () => (op === 'gru' ? stack([sum(dz, 0), sum(dq, 0)]) : sum(dz, 0)),
      ...initial.map((_, k) => () => window(ds, [rows, units], { offset: k * rows * units, strides: [units, 1] })),
    ];
  };
  /** The same where another tape watches, in ops that it can differentiate again. */
  const backInOps = (dy: Tensor): (() => Tensor)[] => {
    const tape = new Tape().start();
    try {
      for (const x of operands) tape.watch(x);
      const grads = tape.gradient(unrolled(cell, operands, mask, steps), operands, dy);
      return grads.map((g) => () => g!);
    } finally {
      tape.close();
    }
  };
  let last: { dy: Tensor; grads: (() => Tensor)[] } | undefined;
  const gradient = (i: number) => (dy: Tensor) => {
    if (last?.dy !== dy) last = { dy, grads: isRecording() ? backInOps(dy) : back(dy) };
    return last.grads[i]!();
  };
  return record(
    states,
    operands,
    operands.map((_, i) => gradient(i)),
    [...operands, states, z, inner, ...(mask ? [mask] : [])],
  );
}

/** Checks the arguments of an op, and gives its output and the last states. */
function sequence(
  cell: Cell,
  x: Tensor | TensorLike,
  kernel: Tensor | TensorLike,
  recurrentKernel: Tensor | TensorLike,
  bias: Tensor | TensorLike | undefined,
  { initialState, mask, returnSequences = false }: SequenceOptions,
): Tensor[] {
  const { op, gates, kinds } = cell;
  const given = [convert(x, 'x', op), convert(kernel, 'kernel', op), convert(recurrentKernel, 'recurrentKernel', op)];
  const $bias = bias === undefined || bias === null ? undefined : convert(bias, 'bias', op);
  const $initial = initialState && convertArray(initialState, 'initialState', op);
  const dtype = [...given, ...($bias ? [$bias] : []), ...($initial ?? [])].reduce<DataType>(
    (widest, { dtype }) => upcastType(widest, dtype),
    'float32',
  ) as FloatType;
  const [$x, $kernel, $recurrent] = given.map((t) => castTo(t, dtype)) as [Tensor, Tensor, Tensor];
  if ($x.rank !== 3) throw new RangeError(`${op}: x must be [batch, time, features], got ${showShape($x.shape)}`);
  const [rows, steps, features] = $x.shape as [number, number, number];
  const units = $recurrent.shape[0] ?? 0;
  const width = gates * units;
  const need = (t: Tensor, name: string, shape: number[]): Tensor => {
    if (sameShape(t.shape, shape)) return t;
    throw new RangeError(`${op}: ${name} must be ${showShape(shape)}, got ${showShape(t.shape)}`);
  };
  if (units === 0)
    throw new RangeError(
      `${op}: recurrentKernel must be [units, ${gates} · units], got ${showShape($recurrent.shape)}`,
    );
  need($recurrent, 'recurrentKernel', [units, width]);
  need($kernel, 'kernel', [features, width]);
  const biasShape = op === 'gru' ? [2, width] : [width];
  const initial = $initial ?? Array.from({ length: kinds }, () => zeros([rows, units], dtype));
  if (initial.length !== kinds)
    throw new RangeError(`${op}: initialState must be ${kinds} tensors, got ${initial.length}`);
  const on = mask === undefined || mask === null ? undefined : castTo(convert(mask, 'mask', op), 'bool');
  if (on) need(on, 'mask', [rows, steps]);
  const operands: Operands = [
    reshape(transpose($x, [1, 0, 2]), [steps * rows, features]),
    $kernel,
    $recurrent,
    $bias ? need(castTo($bias, dtype), 'bias', biasShape) : zeros(biasShape, dtype),
    ...initial.map((state, k) => need(castTo(state, dtype), `initialState[${k}]`, [rows, units])),
  ];
  const states = run(cell, operands, on && reshape(transpose(on), [steps * rows]), steps);
  const block = rows * units;
  const last = (k: number) =>
    window(states, [rows, units], { offset: (k * (steps + 1) + steps) * block, strides: [units, 1] });
  const output = returnSequences
    ? window(states, [rows, steps, units], { offset: block, strides: [units, block, 1] })
    : last(0);
  return [output, ...initial.map((_, k) => last(k))];
}

/**
 * A simple recurrent layer (Elman 1990) over a sequence: hₜ = tanh(xₜ · kernel + bias + hₜ₋₁ · recurrentKernel).
 *
 * @param x - [batch, time, features]
 * @param kernel - [features, units]
 * @param recurrentKernel - [units, units]
 * @param bias - [units]; zeros if absent
 * @returns the output, h after the last step or after each, and then the last h
 * @throws RangeError for other shapes
 * @example
 * const [h] = simpleRNN([[[1], [2]]], [[0.5]], [[1]]);
 * h.print();  // [[0.898063]]
 */
export function simpleRNN(
  x: Tensor | TensorLike,
  kernel: Tensor | TensorLike,
  recurrentKernel: Tensor | TensorLike,
  bias?: Tensor | TensorLike,
  options: SequenceOptions = {},
): Tensor[] {
  const cell: Cell = { op: 'simpleRNN', gates: 1, kinds: 1, gate: 'sigmoid' };
  return scoped(() => sequence(cell, x, kernel, recurrentKernel, bias, options));
}

/**
 * A layer of long short-term memory (Hochreiter & Schmidhuber 1997) over a sequence, as Keras defines it:
 *
 *     i, f, g, o = xₜ · kernel + bias + hₜ₋₁ · recurrentKernel, in four parts
 *     cₜ = gate(f) · cₜ₋₁ + gate(i) · tanh(g)
 *     hₜ = gate(o) · tanh(cₜ)
 *
 * @param x - [batch, time, features]
 * @param kernel - [features, 4 · units]
 * @param recurrentKernel - [units, 4 · units]
 * @param bias - [4 · units]; zeros if absent
 * @param options.initialState - h and c
 * @returns the output, h after the last step or after each, and then the last h and c
 * @throws RangeError for other shapes
 * @example
 * const [y, h, c] = lstm(ones([2, 3, 4]), ones([4, 20]), ones([5, 20]), undefined, { returnSequences: true });
 * [y.shape, h.shape, c.shape];  // [[2, 3, 5], [2, 5], [2, 5]]
 */
export function lstm(
  x: Tensor | TensorLike,
  kernel: Tensor | TensorLike,
  recurrentKernel: Tensor | TensorLike,
  bias?: Tensor | TensorLike,
  { recurrentActivation, ...options }: GatedSequenceOptions = {},
): Tensor[] {
  const cell: Cell = { op: 'lstm', gates: 4, kinds: 2, gate: gateOf(recurrentActivation, 'lstm') };
  return scoped(() => sequence(cell, x, kernel, recurrentKernel, bias, options));
}

/**
 * A layer of gated recurrent units (Cho et al. 2014) over a sequence, whose reset gate acts after the product with the
 * recurrent kernel, as Keras and cuDNN have it:
 *
 *     z, r, g = xₜ · kernel + bias₀, in three parts, and z′, r′, g′ = hₜ₋₁ · recurrentKernel + bias₁
 *     u = gate(z + z′)
 *     hₜ = u · hₜ₋₁ + (1 − u) · tanh(g + gate(r + r′) · g′)
 *
 * @param x - [batch, time, features]
 * @param kernel - [features, 3 · units]
 * @param recurrentKernel - [units, 3 · units]
 * @param bias - [2, 3 · units]; zeros if absent
 * @returns the output, h after the last step or after each, and then the last h
 * @throws RangeError for other shapes
 * @example
 * const [y, h] = gru(ones([2, 3, 4]), ones([4, 15]), ones([5, 15]), undefined, { returnSequences: true });
 * [y.shape, h.shape];  // [[2, 3, 5], [2, 5]]
 */
export function gru(
  x: Tensor | TensorLike,
  kernel: Tensor | TensorLike,
  recurrentKernel: Tensor | TensorLike,
  bias?: Tensor | TensorLike,
  { recurrentActivation, ...options }: GatedSequenceOptions = {},
): Tensor[] {
  const cell: Cell = { op: 'gru', gates: 3, kinds: 1, gate: gateOf(recurrentActivation, 'gru') };
  return scoped(() => sequence(cell, x, kernel, recurrentKernel, bias, options));
}

function gateOf(name: GatedSequenceOptions['recurrentActivation'], op: string): Cell['gate'] {
  if (name === undefined || Object.hasOwn(GATES, name)) return name ?? 'sigmoid';
  throw new RangeError(`${op}: recurrentActivation must be one of ${Object.keys(GATES).join(', ')}, got '${name}'`);
}
