// Datasets: elements that come one after the other, as often as they are asked for, without ever being all in memory.
// Each stage is an async generator over the stage before. An element is a number, a boolean, a string, an array, a
// typed array, a tensor, or an object or array of such.
//
// Tensors belong to whoever got them last. A source gives them away (`data.array` gives clones: its elements stay the
// caller's), a stage disposes of those that it does not pass on, and who goes through a dataset disposes of what comes
// out. When that ends early, or something throws, every stage lets go of what it holds.

import { checkCount } from '../check.js';
import { randomUniform } from '../random/index.js';
import { RandomState } from '../random/randomState.js';
import { dispose, getTensorsInContainer, type TensorContainer, tidy } from '../scope.js';
import { type Batched, stackElements } from './elements.js';

/** What can be gone through: at once or as it comes. */
export type Source<T> = Iterable<T> | AsyncIterable<T> | Iterator<T> | AsyncIterator<T> | ReadableStream<T>;

/**
 * A lazy stream of elements; `data.array`, `data.generator`, `data.from`, `data.csv` and `data.zip` make them. Methods
 * return new datasets and read nothing; going through the result, by `for await`, `forEachAsync`, `toArray` or
 * `iterator`, starts at the source each time.
 *
 * @example
 * const squares = data.array([1, 2, 3, 4]).map((x) => x * x);
 * await squares.toArray();  // [1, 4, 9, 16]
 * for await (const x of squares.batch(4)) x.print();  // [1, 4, 9, 16]
 */
export class Dataset<T> implements AsyncIterable<T> {
  private readonly start: () => AsyncIterable<T>;
  /** How many elements there are: Infinity if they repeat forever, null if only going through them tells. */
  readonly size: number | null;

  /** @param start - begins at the first element */
  constructor(start: () => AsyncIterable<T>, size: number | null = null) {
    this.start = start;
    this.size = size;
  }

  /** Tensors that come out are the consumer's to dispose of. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.start()[Symbol.asyncIterator]() as AsyncIterator<T, undefined>;
  }

  /** Begins at the first element; `return` ends it early. Tensors that come out are the caller's. */
  async iterator(): Promise<AsyncIterator<T, undefined>> {
    return this[Symbol.asyncIterator]();
  }

  /**
   * All elements. Tensors in them are the caller's.
   *
   * @example
   * await data.array([3, 1, 2]).toArray();  // [3, 1, 2]
   */
  async toArray(): Promise<T[]> {
    const all: T[] = [];
    try {
      for await (const x of this) all.push(x);
      return all;
    } catch (error) {
      letGo(all);
      throw error;
    }
  }

  /** Calls `f` with each element, and waits for it. Tensors in the element are disposed of afterwards. */
  async forEachAsync(f: (x: T) => unknown): Promise<void> {
    for await (const x of this) {
      try {
        await f(x);
      } finally {
        letGo(x);
      }
    }
  }

  /**
   * What `f` makes of each element. `f` is tidied: tensors that it makes and does not return are disposed of, and those of
   * the element unless it returns them.
   *
   * @throws TypeError (while going through it) if f is asynchronous: see {@link mapAsync}
   * @example
   * const dataset = data.array([[1, 2], [3, 4]]).map((row) => tensor1d(row).mul(10).sum());
   * const [first, second] = await dataset.toArray();
   * first.add(second).print();  // 100
   */
  map<R>(f: (x: T) => R): Dataset<R> {
    const once = (x: T): R =>
      tidy(() => {
        const y = f(x);
        if (y instanceof Promise) throw new TypeError('map: needs a function that is not asynchronous; see mapAsync');
        return y;
      });
    return this.mapAsync((x) => once(x) as Awaited<R>) as Dataset<R>;
  }

  /**
   * What the asynchronous `f` makes of each element. Tensors of the element are disposed of unless `f` returns them; what
   * `f` makes besides, it disposes of itself.
   */
  mapAsync<R>(f: (x: T) => Promise<R> | R): Dataset<R> {
    return this.through(async function* (source) {
      for await (const x of source) yield await replace(x, f);
    }, this.size);
  }

  /**
   * The elements of which `f` is true; tensors of the others are disposed of. `f` is tidied.
   *
   * @example
   * await data.array([1, 2, 3, 4]).filter((x) => x % 2 === 0).toArray();  // [2, 4]
   */
  filter(f: (x: T) => boolean): Dataset<T> {
    return this.through(async function* (source) {
      for await (const x of source) {
        let isWanted = false;
        try {
          isWanted = tidy(() => f(x));
        } finally {
          if (!isWanted) letGo(x);
        }
        if (isWanted) yield x;
      }
    }, null);
  }

  /**
   * Every `size` elements as one: numbers, arrays of numbers and tensors stacked along a new first axis, strings in an
   * array; in objects and in arrays of other things, each part by itself.
   *
   * @param smallLastBatch - whether the last elements make a batch if they are fewer; else they are dropped
   * @throws RangeError (while going through it) for elements of different shapes, TypeError for a value that is missing
   * @example
   * const [first] = await data.array([{ xs: [1, 2], ys: 0 }, { xs: [3, 4], ys: 1 }]).batch(2).toArray();
   * first.xs.print();  // [[1, 2], [3, 4]]
   * first.ys.print();  // [0, 1]
   */
  batch(size: number, smallLastBatch = true): Dataset<Batched<T>> {
    checkCount(size, 1, 'size', 'batch');
    const batches = this.size === null ? null : this.size / size;
    return this.through(
      async function* (source) {
        let elements: T[] = [];
        try {
          for await (const x of source) {
            elements.push(x);
            if (elements.length < size) continue;
            const batch = stackElements(elements);
            elements = [];
            yield batch;
          }
          if (elements.length === 0 || !smallLastBatch) return;
          const batch = stackElements(elements);
          elements = [];
          yield batch;
        } finally {
          letGo(elements);
        }
      },
      batches && (smallLastBatch ? Math.ceil(batches) : Math.floor(batches)),
    );
  }

  /**
   * The elements in a random order: each is drawn from the next `bufferSize` of them, which are in memory together; the
   * order is perfectly random if there are no more than that.
   *
   * @param seed - a whole number 0 ≤ seed < 2³²; absent: the program's stream, see `setSeed`
   * @param reshuffleEachIteration - whether the order is another each time
   * @example
   * const shuffled = data.array([1, 2, 3, 4, 5]).shuffle(5, 1, false);
   * await shuffled.toArray();  // [5, 1, 4, 3, 2]
   * await shuffled.toArray();  // [5, 1, 4, 3, 2], as before
   */
  shuffle(bufferSize: number, seed?: number | null, reshuffleEachIteration = true): Dataset<T> {
    checkCount(bufferSize, 1, 'bufferSize', 'shuffle');
    const nextSeed = seedsFrom(seed);
    const first = reshuffleEachIteration ? undefined : nextSeed();
    return this.through(async function* (source) {
      const random = new RandomState(first ?? nextSeed());
      const buffer: T[] = [];
      const draw = (): T => {
        const i = random.randint(buffer.length);
        const drawn = buffer[i]!;
        const last = buffer.pop()!;
        if (i < buffer.length) buffer[i] = last;
        return drawn;
      };
      try {
        for await (const x of source) {
          buffer.push(x);
          if (buffer.length === bufferSize) yield draw();
        }
        while (buffer.length > 0) yield draw();
      } finally {
        letGo(buffer);
      }
    }, this.size);
  }

  /**
   * The same elements, of which the next `bufferSize` are fetched while the consumer is busy with one: worth it where the
   * stages before wait for files or the network.
   */
  prefetch(bufferSize: number): Dataset<T> {
    checkCount(bufferSize, 1, 'bufferSize', 'prefetch');
    return this.through(async function* (source) {
      const iterator = source[Symbol.asyncIterator]();
      const coming: Promise<IteratorResult<T>>[] = [];
      try {
        for (;;) {
          while (coming.length <= bufferSize) {
            const next = iterator.next();
            // An error is thrown when its turn comes.
            next.catch(() => {});
            coming.push(next);
          }
          const { done, value } = await coming.shift()!;
          if (done) return;
          yield value;
        }
      } finally {
        for (const next of coming) await next.then(({ value }) => letGo(value)).catch(() => {});
        await iterator.return?.();
      }
    }, this.size);
  }

  /**
   * The first `count` elements; all if it is negative or absent, as in TensorFlow.js.
   *
   * @example
   * await data.array([1, 2, 3]).take(2).toArray();  // [1, 2]
   */
  take(count = -1): Dataset<T> {
    if (count < 0) return this;
    checkCount(count, 0, 'count', 'take');
    return this.through(
      async function* (source) {
        let left = count;
        if (left === 0) return;
        for await (const x of source) {
          yield x;
          if (--left === 0) return;
        }
      },
      this.size === null ? null : Math.min(count, this.size),
    );
  }

  /**
   * The elements after the first `count`, whose tensors are disposed of; none if it is negative or absent, as in
   * TensorFlow.js.
   *
   * @example
   * await data.array([1, 2, 3]).skip(2).toArray();  // [3]
   */
  skip(count = -1): Dataset<T> {
    if (count < 0) return this.take(0);
    checkCount(count, 0, 'count', 'skip');
    return this.through(
      async function* (source) {
        let left = count;
        for await (const x of source) {
          if (left === 0) yield x;
          else {
            left--;
            letGo(x);
          }
        }
      },
      this.size === null ? null : Math.max(0, this.size - count),
    );
  }

  /**
   * The elements `count` times over; without end if it is negative or absent. Each time starts at the source: what is
   * shuffled is shuffled anew.
   *
   * @example
   * await data.array([1, 2]).repeat(2).toArray();  // [1, 2, 1, 2]
   */
  repeat(count = -1): Dataset<T> {
    const times = count < 0 ? Number.POSITIVE_INFINITY : count;
    if (!(count < 0)) checkCount(count, 0, 'count', 'repeat');
    return this.through(
      async function* (source) {
        for (let i = 0; i < times; i++) {
          let isEmpty = true;
          for await (const x of source) {
            isEmpty = false;
            yield x;
          }
          if (isEmpty) return;
        }
      },
      this.size === null ? null : this.size && times && this.size * times,
    );
  }

  /**
   * These elements, then those of another dataset.
   *
   * @example
   * await data.array([1, 2]).concatenate(data.array([3])).toArray();  // [1, 2, 3]
   */
  concatenate(dataset: Dataset<T>): Dataset<T> {
    return this.through(
      async function* (source) {
        yield* source;
        yield* dataset;
      },
      this.size === null || dataset.size === null ? null : this.size + dataset.size,
    );
  }

  private through<R>(stage: (source: AsyncIterable<T>) => AsyncIterable<R>, size: number | null): Dataset<R> {
    return new Dataset(() => stage(this), size);
  }
}

/** Disposes of the tensors in elements. */
const letGo = (elements: unknown): void => dispose(elements as TensorContainer);

/** What `f` makes of an element, whose tensors go unless they are in it. */
async function replace<T, R>(x: T, f: (x: T) => Promise<R> | R): Promise<R> {
  // f may change the element in place.
  const given = getTensorsInContainer(x);
  let y: R | undefined;
  try {
    y = await f(x);
    return y;
  } finally {
    const kept = given.length > 0 ? getTensorsInContainer(y) : [];
    for (const tensor of given) if (!kept.includes(tensor)) tensor.dispose();
  }
}

/** A seed for each time that a dataset is gone through. */
function seedsFrom(seed: number | null | undefined): () => number {
  if (seed === undefined || seed === null) {
    return () => tidy(() => randomUniform([1], 0, 2 ** 31 - 1, 'int32').dataSync()[0]!);
  }
  const stream = new RandomState(seed);
  return () => stream.randint(2 ** 31 - 1);
}
