// Elements of datasets: how several are stacked to one, and how one is cloned.

import { makeTensor } from '../convert.js';
import { stack } from '../ops/index.js';
import { dispose, getTensorsInContainer, tidy } from '../scope.js';
import { alias } from '../tape.js';
import { Tensor } from '../tensor.js';

type Numbers =
  | number
  | boolean
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | readonly Numbers[];

/** What `batch` makes of elements. */
export type Batched<T> = T extends Tensor | Numbers
  ? Tensor
  : T extends string
    ? string[]
    : { [K in keyof T]: Batched<T[K]> };

/** Elements of one structure as one, along a new first axis. Their tensors are disposed of, unless something throws. */
export function stackElements<T>(elements: readonly T[]): Batched<T> {
  const batch = tidy(() => stacked(elements, 'batch') as never);
  dispose(getTensorsInContainer(elements));
  return batch;
}

/** @param op - what an error calls it: the batch, or the part of it */
function stacked(parts: readonly unknown[], op: string): unknown {
  const [first] = parts;
  const inside = (key: string | number, of = '') => {
    const name = op === 'batch' ? `batch of ${key}` : `${op}${of}${key}`;
    return stacked(
      parts.map((part) => (part as Record<string, unknown> | null | undefined)?.[key]),
      name,
    );
  };
  if (first instanceof Tensor) return stack(parts as Tensor[]);
  if (isNumbers(first)) return makeTensor(parts, undefined, undefined, op);
  if (typeof first === 'string' && parts.every((part) => typeof part === 'string')) return parts;
  if (Array.isArray(first)) return first.map((_, i) => inside(i, '.'));
  if (typeof first === 'object' && first !== null) {
    return Object.fromEntries(Object.keys(first).map((key) => [key, inside(key, '.')]));
  }
  const odd = typeof first === 'string' ? parts.find((part) => typeof part !== 'string') : first;
  const needed = typeof first === 'string' ? 'strings only' : 'numbers, strings, arrays, tensors or objects of these';
  throw new TypeError(`${op}: needs ${needed}, got ${odd === null ? 'null' : typeof odd}`);
}

/** Whether it is a number, or numbers to be stacked: a typed array, an array of numbers, an array of such arrays. */
function isNumbers(x: unknown): boolean {
  if (Array.isArray(x)) return x.length > 0 && !ArrayBuffer.isView(x[0]) && isNumbers(x[0]);
  return typeof x === 'number' || typeof x === 'boolean' || ArrayBuffer.isView(x);
}

/** An element whose tensors share those of x; what holds no tensor is x itself. */
export function cloneTensors<T>(x: T): T {
  if (getTensorsInContainer(x).length === 0) return x;
  const walk = (part: unknown): unknown => {
    if (part instanceof Tensor) return alias(part);
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, walk(value)]));
  };
  return walk(x) as T;
}
