// How long tensors live: `tidy` and scopes dispose of what was made inside them.

import { scopes, Tensor } from './tensor.js';

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
  | readonly TensorContainer[]
  | { [key: string]: TensorContainer };

/**
 * The tensors in a container, each once.
 *
 * @param container - a tensor, or arrays and plain objects of any depth; what is none of these holds no tensor
 * @example
 * const [a, b] = [scalar(1), scalar(2)];
 * getTensorsInContainer({ a, list: [b, a, 'text'] }).length;  // 2
 */
export function getTensorsInContainer(container: unknown): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<object>();
  const walk = (x: unknown): void => {
    if (x instanceof Tensor) found.add(x);
    else if (typeof x === 'object' && x !== null && !ArrayBuffer.isView(x) && !seen.has(x)) {
      seen.add(x);
      // By keys, long arrays of numbers would take ten times as long. An empty one may be used as a dictionary.
      if (Array.isArray(x) && x.length > 0) for (const part of x) walk(part);
      else for (const key in x) walk((x as Record<string, unknown>)[key]);
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
 * const before = memory().numTensors;
 * const y = tidy(() => scalar(3).square().add(1));
 * y.print();  // 10
 * memory().numTensors - before;  // 1
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
 * A scope for `using`: tensors made until it is disposed of, at the end of the block, go with it.
 *
 * @example
 * using _ = scope();
 * scalar(3).square().print();  // 9
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

/**
 * Takes a tensor out of the hands of {@link tidy}: it lives until it is disposed of.
 *
 * @throws TypeError for what is no tensor
 * @example
 * const [kept, other] = [[], []];
 * tidy(() => {
 *   kept.push(keep(scalar(3)));
 *   other.push(scalar(4));
 * });
 * kept[0].isDisposed;  // false
 * other[0].isDisposed;  // true
 */
export function keep<T extends Tensor>(x: T): T {
  if (!(x instanceof Tensor)) throw new TypeError(`keep: needs a tensor, got ${typeof x}`);
  x.kept = true;
  return x;
}

/**
 * Disposes of every tensor in a container: a tensor, or arrays and plain objects of any depth.
 *
 * @example
 * const weights = { kernel: ones([2, 2]), bias: zeros([2]) };
 * dispose(weights);
 * weights.kernel.isDisposed;  // true
 */
export function dispose(container: TensorContainer): void {
  for (const x of getTensorsInContainer(container)) x.dispose();
}
