// Samples: the rows of a tensor's first axis, in what order and how many at a time.

import { checkFinite } from '../check.js';
import { argMax, slice } from '../ops/index.js';
import { randomUniform } from '../random/index.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import { fromData, Tensor } from '../tensor.js';

/** Tensors, one for each input or output: one, a list in their order, or an object by their names. */
export type Tensors = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** The same for some of several outputs: a list has null for the others, an object leaves their names out. */
export type SomeTensors = Tensor | readonly (Tensor | null)[] | Readonly<Record<string, Tensor | null>>;

/** @throws TypeError unless x is a tensor, RangeError unless it has samples, Error if it is disposed of */
export function checkSamples(x: unknown, name: string, op: string): asserts x is Tensor {
  if (!(x instanceof Tensor)) {
    throw new TypeError(`${op}: ${name} must be a tensor, got ${x === null ? 'null' : typeof x}`);
  }
  x.throwIfDisposed();
  if (x.rank === 0 || x.shape[0] === 0) {
    throw new RangeError(`${op}: ${name} needs at least one sample, got shape ${showShape(x.shape)}`);
  }
}

const isByName = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof Tensor);

/** What is given for each name, undefined or null where nothing is: of one tensor, a list, or an object by the names. */
function givenFor(names: readonly string[], given: unknown, what: string, op: string): unknown[] {
  if (isByName(given)) return names.map((name) => (Object.hasOwn(given, name) ? given[name] : undefined));
  if (Array.isArray(given) && given.length === names.length) return [...given];
  if (names.length === 1) return [given];
  const needed = `${op}: ${what} needs tensors for ${names.join(', ')}`;
  if (Array.isArray(given)) throw new RangeError(`${needed}, got ${given.length}`);
  throw new TypeError(`${needed}, got ${given instanceof Tensor ? 'one tensor' : typeof given}`);
}

/**
 * Tensors in the order of names: of one tensor, a list, or an object by the names.
 * @throws TypeError for what is no tensor, RangeError for another count or a name that is missing
 */
export function inOrderOfNames(given: Tensors, names: readonly string[], what: string, op: string): Tensor[] {
  const xs = givenFor(names, given, what, op);
  if (isByName(given) && xs.includes(undefined)) {
    const got = Object.keys(given).join(', ');
    throw new RangeError(`${op}: ${what} needs tensors for ${names.join(', ')}, got ${got}`);
  }
  return xs.map((x, i) => {
    checkSamples(x, names.length === 1 ? what : `${what} '${names[i]}'`, op);
    return x;
  });
}

/**
 * The same where a tensor may be missing: undefined stands in its place.
 * @throws as inOrderOfNames, but RangeError for a name that is none of these
 */
export function someInOrderOfNames(
  given: SomeTensors,
  names: readonly string[],
  what: string,
  op: string,
): (Tensor | undefined)[] {
  const unknown = isByName(given) ? Object.keys(given).find((name) => !names.includes(name)) : undefined;
  if (unknown !== undefined) {
    throw new RangeError(`${op}: ${what}: there is no output '${unknown}'; there are ${names.join(', ')}`);
  }
  return givenFor(names, given, what, op).map((x, i) => {
    if (x === undefined || x === null) return undefined;
    checkSamples(x, names.length === 1 ? what : `${what} '${names[i]}'`, op);
    return x;
  });
}

/** n samples as they come. */
export const naturalOrder = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** A random order of n samples (Fisher & Yates), drawn from the program's stream. */
export function randomOrder(n: number): Int32Array {
  const order = naturalOrder(n);
  const draws = tidy(() => randomUniform([n], 0, 2 ** 31 - 1, 'int32').dataSync());
  for (let i = n - 1; i > 0; i--) {
    const j = draws[i]! % (i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** `count` samples from `begin` on. */
export const rowsBetween = (x: Tensor, begin: number, count: number): Tensor => slice(x, begin, count);

/**
 * A weight for each sample by its class: the class number, or the place of the greatest along the last axis.
 *
 * @param areNumbers - whether targets are class numbers even if their last axis is longer than 1
 */
export function classWeights(y: Tensor, weights: Readonly<Record<number, number>>, areNumbers: boolean): Tensor {
  for (const weight of Object.values(weights)) checkFinite(weight, 'a class weight', 'classWeight');
  return tidy(() => {
    const isColumn = y.rank > 1 && y.shape.at(-1) === 1;
    const isOneHot = !areNumbers && y.rank > 1 && !isColumn;
    const shape = isColumn || isOneHot ? y.shape.slice(0, -1) : y.shape;
    const classes: ArrayLike<number> = (isOneHot ? argMax(y, -1) : y).dataSync();
    return fromData(
      Float32Array.from(classes, (c) => weights[c] ?? 1),
      shape,
      'float32',
    );
  });
}
