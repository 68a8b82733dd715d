// Where datasets begin: arrays, whatever can be iterated, and other datasets side by side.

import type { TypedArray } from '../dtype.js';
import { dispose, type TensorContainer } from '../scope.js';
import { Dataset, type Source } from './dataset.js';
import { cloneTensors } from './elements.js';

/**
 * A dataset of the elements of an array. Tensors among them stay the caller's: what comes out are clones.
 *
 * @throws TypeError for anything but an array or a typed array
 * @example
 * await data.array([{ a: 1 }, { a: 2 }]).map(({ a }) => a).toArray();  // [1, 2]
 */
export function array(items: TypedArray): Dataset<number>;
export function array<T>(items: readonly T[]): Dataset<T>;
export function array<T>(items: readonly T[] | TypedArray): Dataset<T> {
  if (!Array.isArray(items) && !ArrayBuffer.isView(items)) {
    throw new TypeError(`data.array: needs an array, got ${items === null ? 'null' : typeof items}`);
  }
  const list = items as readonly T[];
  return new Dataset(async function* () {
    for (let i = 0; i < list.length; i++) yield cloneTensors(list[i]!);
  }, list.length);
}

/**
 * A dataset of what a function's iterator yields. The function is called each time that the dataset is gone through.
 * Tensors that it yields belong to the dataset.
 *
 * @param start - returns an iterable or an iterator, of now or later, or a stream: a generator function is one
 * @throws TypeError (while going through it) if it returns none of these
 * @example
 * const squares = data.generator(function* () {
 *   for (let i = 1; ; i++) yield i * i;
 * });
 * await squares.take(3).toArray();  // [1, 4, 9]
 */
export function generator<T>(start: () => Source<T> | Promise<Source<T>>): Dataset<T> {
  if (typeof start !== 'function') {
    throw new TypeError(`data.generator: needs a function, got ${start === null ? 'null' : typeof start}`);
  }
  return new Dataset(async function* () {
    yield* iterate(await start(), 'data.generator');
  });
}

/**
 * A dataset of what comes out of an iterable or a stream. What can be iterated only once, such as a stream, is empty the
 * next time: see {@link generator}.
 *
 * @example
 * await data.from(new Set([1, 2])).toArray();  // [1, 2]
 */
export function from<T>(items: Source<T>): Dataset<T> {
  return new Dataset(() => iterate(items, 'data.from'));
}

type Unzipped<C> = C extends Dataset<infer T> ? T : { [K in keyof C]: Unzipped<C[K]> };

/**
 * Datasets side by side: an element has one of each in its place. It ends with the shortest; what the others have ready
 * then is disposed of.
 *
 * @param datasets - datasets in an array or object, or in arrays and objects in such
 * @throws TypeError for anything else in it
 * @example
 * const xs = data.array([1, 2, 3]);
 * await data.zip({ xs, ys: xs.map((x) => 2 * x) }).map(({ xs, ys }) => xs + ys).toArray();  // [3, 6, 9]
 */
export function zip<C extends object>(datasets: C): Dataset<Unzipped<C>> {
  const all: Dataset<unknown>[] = [];
  const collect = (part: unknown): void => {
    if (part instanceof Dataset) all.push(part);
    else if (typeof part === 'object' && part !== null) Object.values(part).forEach(collect);
    else throw new TypeError(`data.zip: needs datasets, got ${part === null ? 'null' : typeof part}`);
  };
  collect(datasets);
  if (all.length === 0) throw new TypeError('data.zip: needs datasets, got none');

  /** The container again, with the values in place of the datasets. */
  const fill = (part: unknown, values: Iterator<unknown>): unknown => {
    if (part instanceof Dataset) return values.next().value;
    if (Array.isArray(part)) return part.map((inner) => fill(inner, values));
    return Object.fromEntries(Object.entries(part as object).map(([key, inner]) => [key, fill(inner, values)]));
  };
  const sizes = all.map(({ size }) => size);
  return new Dataset(
    async function* () {
      const iterators = all.map((dataset) => dataset[Symbol.asyncIterator]());
      try {
        for (;;) {
          const results = await Promise.allSettled(iterators.map((iterator) => iterator.next()));
          const values = results.map((result) => (result.status === 'fulfilled' ? result.value.value : undefined));
          const failed = results.find((result) => result.status === 'rejected');
          if (failed || results.some((result) => result.status === 'fulfilled' && result.value.done)) {
            dispose(values as TensorContainer);
            if (failed) throw failed.reason;
            return;
          }
          yield fill(datasets, values.values()) as Unzipped<C>;
        }
      } finally {
        await Promise.all(iterators.map((iterator) => iterator.return?.()));
      }
    },
    sizes.includes(null) ? null : Math.min(...(sizes as number[])),
  );
}

/**
 * Goes through anything that can be gone through.
 * @throws TypeError for what cannot
 */
export async function* iterate<T>(source: Source<T>, op: string): AsyncGenerator<T, undefined> {
  const given = (typeof source === 'object' && source !== null ? source : {}) as Partial<
    Iterable<T> & AsyncIterable<T> & Iterator<T> & ReadableStream<T>
  >;
  if (given[Symbol.asyncIterator] || given[Symbol.iterator]) yield* source as AsyncIterable<T>;
  else if (given.getReader) yield* streamed(source as ReadableStream<T>);
  else if (given.next) yield* { [Symbol.asyncIterator]: () => source as AsyncIterator<T> };
  else throw new TypeError(`${op}: needs something to iterate, got ${source === null ? 'null' : typeof source}`);
  return undefined;
}

/** Streams are not iterable in Safari. */
async function* streamed<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
