// The forms in which a function of tensors is given what it is a function of: one tensor, an array of tensors, or an
// object of them.

import type { TensorLike } from './convert.js';
import { Tensor } from './tensor.js';

/** One tensor, several in order, or several by name; numbers and arrays of numbers are tensors, but in an array. */
export type Inputs = Tensor | TensorLike | readonly Tensor[] | Readonly<Record<string, Tensor | TensorLike>>;

/** What a function of such inputs is called with. */
export type ArgumentsOf<X> = X extends Tensor | TensorLike
  ? [x: Tensor]
  : X extends readonly Tensor[]
    ? Tensor[]
    : [inputs: { [K in keyof X]: Tensor }];

/** One thing for each input, in the inputs' form. */
export type EachOf<X, T> = X extends Tensor | TensorLike
  ? T
  : X extends readonly Tensor[]
    ? T[]
    : { [K in keyof X]: T };

/** Inputs taken apart. */
export interface Parts {
  /** `x` for one, `x0`, `x1` and so on for several, or the names that they have. */
  readonly names: readonly string[];
  readonly values: readonly unknown[];
  /** What belongs to each, put into the inputs' form. */
  pack<T>(each: readonly T[]): unknown;
  /** f of these tensors. */
  call(f: (...args: never[]) => unknown, tensors: readonly Tensor[]): unknown;
}

/** Takes inputs apart. What is not of one of the forms is one input, for `convert` to refuse. */
export function partsOf(x: unknown): Parts {
  type Call = (...args: unknown[]) => unknown;
  if (Array.isArray(x) && x.some((part) => part instanceof Tensor)) {
    const names = x.map((_, i) => `x${i}`);
    return { names, values: x, pack: (each) => [...each], call: (f, tensors) => (f as Call)(...tensors) };
  }
  const isObject =
    typeof x === 'object' && x !== null && !(x instanceof Tensor) && !Array.isArray(x) && !ArrayBuffer.isView(x);
  const names = isObject ? Object.keys(x) : ['x'];
  const pack = <T>(each: readonly T[]) =>
    isObject ? Object.fromEntries(names.map((name, i) => [name, each[i]])) : each[0];
  return { names, values: isObject ? Object.values(x) : [x], pack, call: (f, tensors) => (f as Call)(pack(tensors)) };
}
