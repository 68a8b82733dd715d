// Differentiation as users see it: functions that return derivatives, and GradientTape.

import { convert, convertArray, type TensorLike } from './convert.js';
import { isFloat } from './dtype.js';
import { endScope, startScope } from './scope.js';
import { sameShape, showShape } from './shape.js';
import { alias, record, Tape, withoutTapes } from './tape.js';
import { type Scalar, Tensor } from './tensor.js';
import { Variable } from './variable.js';

const DISCONNECTED =
  'Cannot compute gradient of y=f(x) with respect to x. Make sure that\n' +
  'the f you passed encloses all operations that lead from x to y.';

const checkFunction = (f: unknown, op: string): void => {
  if (typeof f !== 'function') throw new TypeError(`The f passed in ${op}(f) must be a function`);
};

/** Kernels trust their caller: a cotangent must have the dtype of what it belongs to, unless that is no float. */
function checkDtype(d: Tensor, x: Tensor, what: string): void {
  if (isFloat(x.dtype) && d.dtype !== x.dtype) throw new TypeError(`${what} must be ${x.dtype}, got ${d.dtype}`);
}

/** Runs f on a tape that watches `xs`; returns its value and their gradients, all else gone. */
function differentiate(
  op: string,
  xs: readonly Tensor[],
  run: () => Tensor,
  dy: Tensor | TensorLike | null | undefined,
): { value: Tensor; grads: Tensor[] } {
  const tape = new Tape();
  let result: { value: Tensor; grads: Tensor[] } | undefined;
  startScope();
  try {
    for (const x of xs) tape.watch(x);
    tape.start();
    const value = run();
    tape.stop();
    if (!(value instanceof Tensor)) throw new TypeError(`The result y returned by f() in ${op}(f) must be a tensor.`);
    const seed = dy === null || dy === undefined ? undefined : convert(dy, 'dy', op, value.dtype);
    if (seed && !sameShape(seed.shape, value.shape)) {
      throw new RangeError(
        `${op}: The shape of dy passed in ${op}(f)(x, dy) must match the shape returned by f(x), got ${showShape(seed.shape)} for ${showShape(value.shape)}`,
      );
    }
    if (seed) checkDtype(seed, value, `${op}: dy`);
    const grads = tape.gradient(value, xs, seed);
    if (grads.some((g) => g === null)) throw new Error(DISCONNECTED);
    result = { value, grads: grads as Tensor[] };
    return result;
  } finally {
    tape.close();
    endScope(result);
  }
}

/**
 * The function that gives df/dx at x: for an f that returns more than a number, the gradient of sum(f(x) · dy).
 *
 * @param f - a function of one tensor, made of ops
 * @returns g(x, dy): a tensor of x's shape; dy has the shape of f(x) and is all ones if absent
 * @throws Error if nothing leads from x to f(x)
 * @example
 * grad((x) => x.square())(scalar(3)).print();  // 6
 */
export function grad(f: (x: Tensor) => Tensor): (x: TensorLike | Tensor, dy?: TensorLike | Tensor | null) => Tensor {
  checkFunction(f, 'grad');
  return (x, dy) =>
    tidyGrads(() => {
      const $x = convert(x, 'x', 'tf.grad', undefined);
      return differentiate('grad', [$x], () => f($x), dy).grads[0]!;
    });
}

/** Runs `f` and keeps of its tensors only those it returns. */
function tidyGrads<T>(f: () => T): T {
  let result: T | undefined;
  startScope();
  try {
    result = f();
    return result;
  } finally {
    endScope(result);
  }
}

/**
 * The function that gives all partial derivatives of f.
 *
 * @returns g([x1, x2, ...], dy): a tensor for each argument
 * @throws TypeError for arguments that are no list, Error if nothing leads from one of them to the value
 * @example
 * grads((a, b) => a.mul(b))([scalar(2), scalar(5)])[0].print();  // 5
 */
export function grads(
  f: (...args: Tensor[]) => Tensor,
): (args: readonly (Tensor | TensorLike)[], dy?: Tensor | TensorLike | null) => Tensor[] {
  checkFunction(f, 'grads');
  return (args, dy) =>
    tidyGrads(() => {
      const $args = argumentsOf(args, 'grads');
      return differentiate('grads', $args, () => f(...$args), dy).grads;
    });
}

function argumentsOf(args: readonly (Tensor | TensorLike)[], op: string): Tensor[] {
  if (!Array.isArray(args)) {
    throw new TypeError(`The args passed in ${op}(f)(args) must be an array of \`Tensor\`s or \`TensorLike\`s`);
  }
  return convertArray(args, 'args', `tf.${op}`);
}

/**
 * Like {@link grad}, with the value of f as well.
 *
 * @returns g(x, dy): `{ value, grad }`, f(x) and a tensor of x's shape
 * @throws TypeError for an x that is no tensor, Error if nothing leads from x to f(x)
 * @example
 * const { value, grad } = valueAndGrad((x) => x.square())(scalar(3));
 * value.print();  // 9
 * grad.print();  // 6
 */
export function valueAndGrad<I extends Tensor, O extends Tensor>(
  f: (x: I) => O,
): (x: I | TensorLike, dy?: O | TensorLike | null) => { value: O; grad: I } {
  checkFunction(f, 'valueAndGrad');
  return (x, dy) =>
    tidyGrads(() => {
      if (
        x !== null &&
        !(x instanceof Tensor) &&
        typeof x === 'object' &&
        !Array.isArray(x) &&
        !ArrayBuffer.isView(x)
      ) {
        throw new TypeError('The x passed in valueAndGrad(f)(x) must be a tensor');
      }
      const $x = convert(x, 'x', 'valueAndGrad');
      const { value, grads } = differentiate('valueAndGrad', [$x], () => f($x as I), dy);
      return { value: value as O, grad: grads[0] as I };
    });
}

/**
 * Like {@link grads}, with the value of f as well.
 *
 * @returns g([x1, x2, ...], dy): `{ value, grads }`, f(x1, x2, ...) and a tensor for each argument
 * @throws TypeError for arguments that are no list of tensors, Error if nothing leads from one of them to the value
 * @example
 * const { value, grads } = valueAndGrads((a, b) => a.mul(b))([scalar(2), scalar(5)]);
 * value.print();  // 10
 * grads.map((g) => g.dataSync()[0]);  // [5, 2]
 */
export function valueAndGrads<O extends Tensor>(
  f: (...args: Tensor[]) => O,
): (args: readonly (Tensor | TensorLike)[], dy?: O | null) => { value: O; grads: Tensor[] } {
  checkFunction(f, 'valueAndGrads');
  return (args, dy) =>
    tidyGrads(() => {
      const $args = argumentsOf(args, 'valueAndGrads');
      return differentiate('valueAndGrads', $args, () => f(...$args), dy) as { value: O; grads: Tensor[] };
    });
}

/** Tensors by a name. */
export type NamedTensorMap = Record<string, Tensor>;

/**
 * The value of a loss and its gradients with respect to variables.
 *
 * @param f - a function without arguments that reads variables and returns a scalar
 * @param varList - which variables; absent: every trainable one that f reads
 * @returns the value, and the gradients by the variables' names
 * @throws RangeError if f returns no scalar, Error if no variable leads to it
 * @example
 * const w = variable(scalar(5), true, 'w');
 * variableGrads(() => w.add(1).square()).grads.w.print();  // 12
 */
export function variableGrads(
  f: () => Tensor,
  varList?: readonly Variable[],
): { value: Scalar; grads: NamedTensorMap } {
  checkFunction(f, 'variableGrads');
  if (varList !== undefined && (!Array.isArray(varList) || !varList.every((v) => v instanceof Variable))) {
    throw new TypeError('The varList passed in variableGrads(f, varList) must be an array of variables');
  }
  const trainable = varList?.filter((v) => v.trainable);
  if (trainable?.length === 0) {
    throw new RangeError(
      `variableGrads() expects at least one of the input variables to be trainable, but none of the ${varList?.length} variables is trainable.`,
    );
  }
  const tape = new Tape(trainable === undefined);
  let result: { value: Scalar; grads: NamedTensorMap } | undefined;
  startScope();
  try {
    for (const v of trainable ?? []) tape.watch(v);
    tape.start();
    const y = f();
    // A loss that is a variable itself is read like any other: its value can be disposed of, the variable stays.
    const value = y instanceof Variable ? (alias(y) as Scalar) : y;
    tape.stop();
    if (!(value instanceof Tensor)) throw new TypeError('The result y returned by f() must be a tensor.');
    if (value.rank !== 0) {
      throw new RangeError(
        `The f passed in variableGrads(f) must return a scalar, but it returned a rank-${value.rank} tensor`,
      );
    }
    const sources = trainable ?? tape.variables();
    const found = tape.gradient(value, sources);
    if (!found.some((g) => g !== null)) {
      throw new Error(
        'Cannot find a connection between any variable and the result of the loss function y=f(x). ' +
          'Please make sure the operations that use variables are inside the function f passed to minimize().',
      );
    }
    const grads: NamedTensorMap = {};
    sources.forEach((v, i) => {
      if (found[i]) grads[v.name] = found[i];
    });
    // Variables that were asked for and not reached are there by name, without a gradient, as in TensorFlow.js.
    for (const v of varList ?? []) if (!(v.name in grads)) grads[v.name] = null as unknown as Tensor;
    result = { value: value as Scalar, grads };
    return result;
  } finally {
    tape.close();
    endScope(result);
  }
}

/** What a function with its own gradient returns: its value, and the gradients of its inputs from dy. */
export interface CustomGradient<T extends Tensor> {
  /** What the function gives. */
  value: T;
  /** The cotangents of the inputs, one each, from that of the value and what `save` kept. */
  gradFunc: (dy: T, saved: Tensor[]) => Tensor | Tensor[];
}

/**
 * A function with a gradient of its own instead of that of the ops it is made of.
 *
 * @param f - gets the inputs and `save(tensors)`, which keeps tensors for gradFunc; returns `{ value, gradFunc }`
 * @throws TypeError and RangeError for inputs that are no tensors, and for gradients of another count, shape or dtype
 *   than the inputs
 * @example
 * const cube = customGrad((x, save) => {
 *   save([x]);
 *   return { value: x.pow(3), gradFunc: (dy, [x]) => dy.mul(x.square().mul(3)) };
 * });
 * grad((x) => cube(x))(scalar(2)).print();  // 12
 */
export function customGrad<T extends Tensor>(
  // biome-ignore lint/suspicious/noExplicitAny: inputs are tensors, the last argument is `save`
  f: (...inputs: any[]) => CustomGradient<T>,
): (...inputs: Tensor[]) => T {
  checkFunction(f, 'customGrad');
  return (...inputs) => {
    if (!inputs.every((x) => x instanceof Tensor)) {
      throw new TypeError('The args passed in customGrad(f)(x1, x2,...) must all be tensors');
    }
    return tidyGrads(() => {
      const saved: Tensor[] = [];
      const $inputs = inputs.map((x) => convert(x, 'x', 'customGrad'));
      const save = (tensors: Tensor[]) => {
        saved.push(...tensors);
      };
      const { value, gradFunc } = withoutTapes(() => f(...$inputs, save));
      if (!(value instanceof Tensor)) {
        throw new TypeError(
          'The function f passed in customGrad(f) must return an object where `obj.value` is a tensor',
        );
      }
      if (typeof gradFunc !== 'function') {
        throw new TypeError(
          'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function.',
        );
      }
      // One call gives the gradients of all inputs; they are asked for one after the other.
      let last: { dy: Tensor; grads: Tensor[] } | undefined;
      const gradsFor = (dy: Tensor): Tensor[] => {
        if (last?.dy !== dy) last = { dy, grads: checkGrads(gradFunc(dy as T, saved), $inputs) };
        return last.grads;
      };
      const output = withoutTapes(() => alias(value));
      return record(
        output,
        [...$inputs, ...saved],
        $inputs.map((_, i) => (dy: Tensor) => gradsFor(dy)[i]!),
      );
    });
  };
}

function checkGrads(result: Tensor | Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const grads = Array.isArray(result) ? result : [result];
  if (grads.length !== inputs.length) {
    throw new RangeError(
      'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function that returns ' +
        `the same number of tensors as inputs passed to f(...), got ${grads.length} for ${inputs.length}.`,
    );
  }
  if (!grads.every((g) => g instanceof Tensor)) {
    throw new TypeError(
      'The function f passed in customGrad(f) must return an object where `obj.gradFunc` is a function that returns ' +
        'a list of only tensors.',
    );
  }
  grads.forEach((g, i) => {
    if (!sameShape(g.shape, inputs[i]!.shape)) {
      throw new RangeError(
        `customGrad: the gradient of input ${i} needs its shape ${showShape(inputs[i]!.shape)}, got ${showShape(g.shape)}`,
      );
    }
    checkDtype(g, inputs[i]!, `customGrad: the gradient of input ${i}`);
  });
  return grads;
}

/**
 * Records ops as they run, to be differentiated later. It records from its making until `stop`, `gradient`
 * (unless persistent) or the end of its `using` block.
 *
 * Trainable variables are watched by themselves, tensors by `watch`. What the tape recorded stays in memory until it
 * is closed.
 *
 * @example
 * const x = scalar(3);
 * using tape = new GradientTape();
 * tape.watch(x);
 * const y = x.square();
 * tape.gradient(y, x).print();  // 6
 */
export class GradientTape {
  private readonly tape: Tape;
  private readonly persistent: boolean;
  private used = false;

  /**
   * @param options.persistent - whether `gradient` may be called more than once; then close it by `using` or `dispose`
   * @param options.watchAccessedVariables - whether trainable variables are watched by themselves; true if absent
   */
  constructor({ persistent = false, watchAccessedVariables = true } = {}) {
    this.persistent = persistent;
    this.tape = new Tape(watchAccessedVariables).start();
  }

  /** Watches tensors or variables from now on. */
  watch(x: Tensor | readonly Tensor[]): void {
    for (const t of Array.isArray(x) ? x : [x]) {
      if (!(t instanceof Tensor)) throw new TypeError(`GradientTape.watch: needs tensors, got ${typeof t}`);
      this.tape.watch(t);
    }
  }

  /** Ends recording; what was recorded can still be differentiated. */
  stop(): void {
    this.tape.stop();
  }

  /** Runs `f` without recording it on this tape. */
  stopRecording<T>(f: () => T): T {
    const recording = this.tape.isRecording;
    this.tape.stop();
    try {
      return f();
    } finally {
      if (recording) this.tape.start();
    }
  }

  /** The trainable variables that were read, in order. */
  watchedVariables(): Variable[] {
    return this.tape.variables();
  }

  /**
   * The derivatives of sum(target · outputGradients) with respect to each source, in the form of `sources`: one tensor,
   * an array or an object of them; null where nothing leads from a source to the target.
   *
   * @throws Error on a second call, unless the tape is persistent
   */
  gradient<S extends Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>>(
    target: Tensor,
    sources: S,
    outputGradients?: Tensor,
  ): GradientsOf<S> {
    if (this.used) {
      throw new Error(
        'GradientTape.gradient: a non-persistent tape gives gradients once; make it { persistent: true }',
      );
    }
    if (!(target instanceof Tensor)) {
      throw new TypeError(`GradientTape.gradient: the target must be a tensor, got ${typeof target}`);
    }
    outputGradients?.throwIfDisposed();
    if (outputGradients && !sameShape(outputGradients.shape, target.shape)) {
      throw new RangeError(
        `GradientTape.gradient: outputGradients needs the target's shape ${showShape(target.shape)}, got ${showShape(outputGradients.shape)}`,
      );
    }
    if (outputGradients) checkDtype(outputGradients, target, 'GradientTape.gradient: outputGradients');
    const isOne = sources instanceof Tensor;
    const list = (isOne ? [sources] : Object.values(sources)) as Tensor[];
    for (const x of list) {
      if (!(x instanceof Tensor))
        throw new TypeError(`GradientTape.gradient: sources must be tensors, got ${typeof x}`);
    }
    try {
      const grads = this.tape.gradient(target, list, outputGradients);
      if (isOne) return grads[0] as GradientsOf<S>;
      if (Array.isArray(sources)) return grads as unknown as GradientsOf<S>;
      return Object.fromEntries(Object.keys(sources).map((key, i) => [key, grads[i]])) as unknown as GradientsOf<S>;
    } finally {
      if (!this.persistent) this.dispose();
    }
  }

  /** Closes the tape and lets go of what it held. */
  dispose(): void {
    this.used = true;
    this.tape.close();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Gradients in the form of their sources. */
export type GradientsOf<S> = S extends Tensor
  ? Tensor | null
  : { [K in keyof S]: S[K] extends Tensor ? Tensor | null : S[K] };
