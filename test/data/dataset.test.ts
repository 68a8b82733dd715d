import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../src/data/dataset.js';
import { data, dispose, setSeed, type Tensor, tensor1d, tensor2d } from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const numbers = (n: number) => data.array(range(n));

/** A generator of vectors that notes how it went. */
function vectors(n = Number.POSITIVE_INFINITY) {
  const state = { made: 0, begun: 0, ended: 0 };
  const dataset = data.generator(function* () {
    state.begun++;
    try {
      for (let i = 0; i < n; i++) {
        state.made++;
        yield tensor1d([i, i + 0.5]);
      }
    } finally {
      state.ended++;
    }
  });
  return { dataset, state };
}

/** The first elements of vectors; the tensors go. */
async function firstOf(dataset: Dataset<Tensor>): Promise<number[]> {
  const found: number[] = [];
  await dataset.forEachAsync((x) => found.push(x.dataSync()[0]));
  return found;
}

describe('a dataset', () => {
  test('comes from an array, as often as it is gone through', async () => {
    const dataset = data.array(['a', 'b']);
    expect(dataset.size).toBe(2);
    expect(await dataset.toArray()).toEqual(['a', 'b']);
    expect(await dataset.toArray()).toEqual(['a', 'b']);
    expect(await data.array(Float32Array.of(1, 2)).toArray()).toEqual([1, 2]);
  });

  test('of tensors gives clones: those in the array stay', () =>
    leavesNothing(async () => {
      const items = [{ x: tensor1d([1]) }, { x: tensor1d([2]) }];
      const all = await data.array(items).toArray();
      dispose(all);
      expect(await firstOf(data.array(items).map(({ x }) => x))).toEqual([1, 2]);
      expect(items.map(({ x }) => x.dataSync()[0])).toEqual([1, 2]);
      dispose(items);
    }));

  test.each([
    [
      'a generator function',
      () =>
        data.generator(function* () {
          yield* [1, 2];
        }),
    ],
    [
      'an asynchronous one',
      () =>
        data.generator(async function* () {
          yield* [1, 2];
        }),
    ],
    ['a function that returns an array', () => data.generator(() => [1, 2])],
    ['a function that promises a set', () => data.generator(async () => new Set([1, 2]))],
    [
      'a function that returns a bare iterator',
      () =>
        data.generator(() => {
          const values = [1, 2].values();
          return { next: () => values.next() };
        }),
    ],
    [
      'a function that returns a bare asynchronous iterator',
      () =>
        data.generator(() => {
          const values = [1, 2].values();
          return { next: async () => values.next() };
        }),
    ],
    ['a set', () => data.from(new Set([1, 2]))],
    ['another dataset', () => data.from(data.array([1, 2]))],
    ['a function that opens a stream', () => data.generator(() => streamOf([1, 2]))],
    ['one that opens a stream that is not iterable', () => data.generator(() => readerOnly(streamOf([1, 2])))],
  ])('comes from %s', async (_, make) => {
    const dataset = make();
    expect(await dataset.toArray()).toEqual([1, 2]);
    expect(await dataset.toArray()).toEqual([1, 2]);
    expect(dataset.size).toBeNull();
  });

  test('is an async iterable, and has an iterator', async () => {
    const seen: number[] = [];
    for await (const x of numbers(3)) seen.push(x);
    expect(seen).toEqual([0, 1, 2]);
    const iterator = await numbers(1).iterator();
    expect(await iterator.next()).toEqual({ value: 0, done: false });
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
  });

  test('reads nothing before it is gone through', async () => {
    const { dataset, state } = vectors();
    dataset
      .map((x) => x.add(1))
      .shuffle(10, 1)
      .batch(2)
      .prefetch(2)
      .take(3);
    await new Promise((resolve) => setTimeout(resolve));
    expect(state).toEqual({ made: 0, begun: 0, ended: 0 });
  });
});

describe('map', () => {
  test('gives what the function makes, and frees what it does not return', () =>
    leavesNothing(async () => {
      expect(await firstOf(vectors(3).dataset.map((x) => x.add(1).mul(2)))).toEqual([2, 4, 6]);
    }));

  test('lets tensors pass through, in other places too', () =>
    leavesNothing(async () => {
      const pairs = vectors(2).dataset.map((x) => ({ xs: x, ys: [x.sum()] }));
      const all = await pairs.toArray();
      expect(all.map(({ xs, ys }) => [...xs.dataSync(), ...ys[0].dataSync()])).toEqual([
        [0, 0.5, 0.5],
        [1, 1.5, 2.5],
      ]);
      dispose(all);
    }));

  test('frees an element that the function changes in place', () =>
    leavesNothing(async () => {
      const dataset = vectors(2)
        .dataset.map((x) => ({ x, y: 1 }))
        .map((element) => {
          (element as { x?: Tensor }).x = undefined;
          return element.y;
        });
      expect(await dataset.toArray()).toEqual([1, 1]);
    }));

  test('by an asynchronous function is mapAsync', () =>
    leavesNothing(async () => {
      const sums = vectors(2).dataset.mapAsync(async (x) => {
        await Promise.resolve();
        return x.dataSync()[1];
      });
      expect(await sums.toArray()).toEqual([0.5, 1.5]);
      await expect(
        numbers(1)
          .map(async (x) => x)
          .toArray(),
      ).rejects.toThrow(new TypeError('map: needs a function that is not asynchronous; see mapAsync'));
    }));

  test('keeps the size', () => {
    expect(numbers(3).map((x) => x).size).toBe(3);
    expect(numbers(3).mapAsync(async (x) => x).size).toBe(3);
  });
});

describe('filter', () => {
  test('drops elements, and frees them', () =>
    leavesNothing(async () => {
      const dataset = vectors(5).dataset.filter((x) => x.sum().dataSync()[0] > 3);
      expect(await firstOf(dataset)).toEqual([2, 3, 4]);
      expect(numbers(3).filter(() => true).size).toBeNull();
    }));
});

describe('batch', () => {
  test('stacks numbers, booleans, arrays, typed arrays and tensors, and gathers strings', () =>
    leavesNothing(async () => {
      const element = (i: number) => ({
        number: i,
        truth: i === 1,
        list: [i, 2],
        matrix: [[i], [3]],
        bytes: Uint8Array.of(i, 4),
        wide: Float64Array.of(i),
        tensor: tensor1d([i, 5], 'int32'),
        name: `n${i}`,
        nested: { tuple: [tensor2d([[i]]), Float32Array.of(i)] as const },
      });
      const [batch] = await data
        .generator(() => [element(0), element(1)])
        .batch(2)
        .toArray();
      const shown = (x: Tensor) => [x.dtype, x.shape, [...x.dataSync()]];
      expect(shown(batch.number)).toEqual(['float32', [2], [0, 1]]);
      expect(shown(batch.truth)).toEqual(['bool', [2], [0, 1]]);
      expect(shown(batch.list)).toEqual(['float32', [2, 2], [0, 2, 1, 2]]);
      expect(shown(batch.matrix)).toEqual(['float32', [2, 2, 1], [0, 3, 1, 3]]);
      expect(shown(batch.bytes)).toEqual(['int32', [2, 2], [0, 4, 1, 4]]);
      expect(shown(batch.wide)).toEqual(['float64', [2, 1], [0, 1]]);
      expect(shown(batch.tensor)).toEqual(['int32', [2, 2], [0, 5, 1, 5]]);
      expect(batch.name).toEqual(['n0', 'n1']);
      expect(shown(batch.nested.tuple[0])).toEqual(['float32', [2, 1, 1], [0, 1]]);
      expect(shown(batch.nested.tuple[1])).toEqual(['float32', [2, 1], [0, 1]]);
      dispose(batch);
    }));

  test('has a smaller last batch, or drops it', () =>
    leavesNothing(async () => {
      const shapes = async (dataset: Dataset<Tensor>) => {
        const all: number[] = [];
        await dataset.forEachAsync((x) => all.push(x.shape[0]!));
        return all;
      };
      expect(await shapes(numbers(5).batch(2))).toEqual([2, 2, 1]);
      expect(await shapes(numbers(5).batch(2, false))).toEqual([2, 2]);
      expect(await shapes(vectors(5).dataset.batch(2, false))).toEqual([2, 2]);
      expect([numbers(5).batch(2).size, numbers(5).batch(2, false).size]).toEqual([3, 2]);
      expect(vectors(5).dataset.batch(2).size).toBeNull();
      expect(await shapes(numbers(0).batch(2))).toEqual([]);
    }));

  test.each([
    ['shapes', [[1, 2], [3]], 'batch: Element arr[1] should have 2 elements, but has 1 elements'],
    ['kinds', [{ a: 1 }, { a: 'x' }], 'batch of a: elements must be numbers or booleans, got string'],
    ['kinds, strings first', [{ a: 'x' }, { a: 1 }], 'batch of a: needs strings only, got number'],
    [
      'a missing value',
      [{ a: { b: 1 } }, { a: {} }],
      'batch of a.b: elements must be numbers or booleans, got undefined',
    ],
    [
      'a missing value, first',
      [{ a: undefined }, { a: 1 }],
      'batch of a: needs numbers, strings, arrays, tensors or objects of these, got undefined',
    ],
    ['a missing object', [{ a: { b: 1 } }, {}], 'batch of a.b: elements must be numbers or booleans, got undefined'],
  ])('refuses elements of different %s', async (_, elements, message) => {
    await expect(data.array<unknown>(elements).batch(2).toArray()).rejects.toThrow(message);
  });

  test('that fails frees what it has gathered', () =>
    leavesNothing(async () => {
      const mixed = data.generator(() => [tensor1d([1]), tensor1d([1, 2])]);
      await expect(mixed.batch(2).toArray()).rejects.toThrow(RangeError);
    }));
});

describe('shuffle', () => {
  test('gives every element once, in an order that its seed fixes', async () => {
    const order = async (seed: number) => numbers(20).shuffle(20, seed).toArray();
    const first = await order(1);
    expect(first).not.toEqual(range(20));
    expect([...first].sort((a, b) => a - b)).toEqual(range(20));
    expect(await order(1)).toEqual(first);
    expect(await order(2)).not.toEqual(first);
  });

  test('without a seed follows setSeed', async () => {
    const order = (seed: number) => {
      setSeed(seed);
      return numbers(20).shuffle(20).toArray();
    };
    const first = await order(1);
    expect(await order(1)).toEqual(first);
    expect(await order(2)).not.toEqual(first);
  });

  test.each([1, undefined])('by seed %s shuffles anew each time, unless told otherwise', async (seed) => {
    const anew = numbers(20).shuffle(20, seed);
    expect(await anew.toArray()).not.toEqual(await anew.toArray());
    const again = numbers(20).shuffle(20, seed, false);
    expect(await again.toArray()).toEqual(await again.toArray());
    const repeated = await numbers(20).shuffle(20, seed).repeat(2).toArray();
    expect(repeated.slice(0, 20)).not.toEqual(repeated.slice(20));
  });

  test('draws from the next elements that its buffer holds', async () => {
    const order = await numbers(100).shuffle(5, 1).toArray();
    order.forEach((x, i) => {
      expect(x).toBeLessThan(i + 5);
    });
    expect(await numbers(5).shuffle(1, 1).toArray()).toEqual(range(5));
  });

  test('gives every order equally often', async () => {
    const counts = new Map<string, number>();
    const dataset = numbers(3).shuffle(3, 7);
    for (let i = 0; i < 600; i++) {
      const order = (await dataset.toArray()).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40); // more than four standard deviations
  });
});

describe('take, skip, repeat and concatenate', () => {
  test('cut and join', async () => {
    expect(await numbers(5).take(2).toArray()).toEqual([0, 1]);
    expect(await numbers(2).take(5).toArray()).toEqual([0, 1]);
    expect(await numbers(2).take().toArray()).toEqual([0, 1]);
    expect(await numbers(2).take(0).toArray()).toEqual([]);
    expect(await numbers(5).skip(3).toArray()).toEqual([3, 4]);
    expect(await numbers(2).skip(3).toArray()).toEqual([]);
    expect(await numbers(2).skip().toArray()).toEqual([]);
    expect(await numbers(2).repeat(2).toArray()).toEqual([0, 1, 0, 1]);
    expect(await numbers(2).repeat(0).toArray()).toEqual([]);
    expect(await numbers(2).repeat().take(5).toArray()).toEqual([0, 1, 0, 1, 0]);
    expect(await numbers(0).repeat().toArray()).toEqual([]);
    expect(await numbers(1).concatenate(numbers(2)).toArray()).toEqual([0, 0, 1]);
  });

  test('know their sizes', () => {
    const five = numbers(5);
    const unknown = data.from(range(5));
    expect(
      [five.take(2), five.take(9), five.skip(2), five.skip(9), five.repeat(3), five.repeat()].map((d) => d.size),
    ).toEqual([2, 5, 3, 0, 15, Number.POSITIVE_INFINITY]);
    expect(five.concatenate(numbers(2)).size).toBe(7);
    expect([five.repeat().repeat(0), five.repeat(0).repeat()].map((d) => d.size)).toEqual([0, 0]);
    expect([unknown.take(2), unknown.skip(2), unknown.repeat(2), five.concatenate(unknown)].map((d) => d.size)).toEqual(
      [null, null, null, null],
    );
  });

  test('free what they skip, and begin the source once for each time', () =>
    leavesNothing(async () => {
      const { dataset, state } = vectors(3);
      expect(await firstOf(dataset.skip(1).repeat(2))).toEqual([1, 2, 1, 2]);
      expect(state).toEqual({ made: 6, begun: 2, ended: 2 });
    }));

  test('take no more than they need', async () => {
    const { dataset, state } = vectors();
    await firstOf(dataset.take(2));
    expect(state).toEqual({ made: 2, begun: 1, ended: 1 });
  });
});

describe('zip', () => {
  test('puts datasets side by side in any nesting, up to the end of the shortest', () =>
    leavesNothing(async () => {
      const { dataset, state } = vectors(9);
      const zipped = data.zip({ xs: { v: dataset }, ys: [numbers(2), data.array(['a', 'b', 'c'])] as const });
      const seen: unknown[] = [];
      await zipped.forEachAsync(({ xs, ys }) => seen.push([xs.v.dataSync()[0], ...ys]));
      expect(seen).toEqual([
        [0, 0, 'a'],
        [1, 1, 'b'],
      ]);
      expect(state.ended).toBe(1);
    }));

  test('has the smallest size', () => {
    expect(data.zip([numbers(2), numbers(3)]).size).toBe(2);
    expect(data.zip([numbers(2), data.from([1])]).size).toBeNull();
  });

  test('that fails frees what the others gave', () =>
    leavesNothing(async () => {
      const bad = data.generator(function* () {
        yield 1;
        throw new Error('bad');
      });
      const { dataset, state } = vectors();
      await expect(firstOf(data.zip([dataset, bad] as const).map(([x]) => x))).rejects.toThrow('bad');
      expect(state.ended).toBe(1);
    }));
});

describe('prefetch', () => {
  test('gives the same, while the next elements are on their way', () =>
    leavesNothing(async () => {
      const { dataset, state } = vectors(6);
      const made: number[] = [];
      await dataset.prefetch(2).forEachAsync(async () => {
        await new Promise((resolve) => setTimeout(resolve));
        made.push(state.made);
      });
      expect(made).toEqual([3, 4, 5, 6, 6, 6]);
    }));

  test('throws an error when its turn has come', async () => {
    const bad = data.generator(function* () {
      yield 1;
      throw new Error('bad');
    });
    const seen: number[] = [];
    await expect(bad.prefetch(4).forEachAsync((x) => seen.push(x))).rejects.toThrow('bad');
    expect(seen).toEqual([1]);
  });
});

describe('who ends early', () => {
  const stages: [string, (dataset: Dataset<Tensor>) => Dataset<Tensor>][] = [
    ['the source', (d) => d],
    ['map', (d) => d.map((x) => x.add(1))],
    ['mapAsync', (d) => d.mapAsync(async (x) => x)],
    ['filter', (d) => d.filter((x) => x.dataSync()[0] % 2 === 0)],
    ['batch', (d) => d.batch(3)],
    ['shuffle', (d) => d.shuffle(10, 1)],
    ['prefetch', (d) => d.prefetch(3)],
    ['take', (d) => d.take(10)],
    ['skip', (d) => d.skip(3)],
    ['repeat', (d) => d.repeat(2)],
    ['concatenate', (d) => d.concatenate(d)],
    ['zip', (d) => data.zip([d, d.shuffle(4, 1)] as const).map(([x, y]) => x.add(y))],
    [
      'all of them',
      (d) =>
        data
          .zip([d, d])
          .map(([x]) => x)
          .shuffle(5, 1)
          .filter(() => true)
          .batch(2)
          .prefetch(2)
          .skip(1)
          .repeat(),
    ],
  ];

  test.each(stages)('leaves nothing in %s, and ends the source', (_, stage) =>
    leavesNothing(async () => {
      const { dataset, state } = vectors();
      let n = 0;
      for await (const x of stage(dataset)) {
        x.dispose();
        if (++n === 2) break;
      }
      expect(state.ended).toBe(state.begun);
      expect(state.begun).toBeGreaterThan(0);
    }),
  );

  test.each(stages)('by an error leaves nothing in %s, and ends the source', (_, stage) =>
    leavesNothing(async () => {
      const { dataset, state } = vectors();
      let n = 0;
      const failing = dataset.map((x) => {
        if (++n === 17) throw new Error('bad');
        return x.mul(1);
      });
      await expect(firstOf(stage(failing).repeat())).rejects.toThrow('bad');
      expect(state.ended).toBe(state.begun);
    }),
  );

  test('by an error of its own leaves nothing', () =>
    leavesNothing(async () => {
      const fail = () => {
        throw new Error('bad');
      };
      const { dataset, state } = vectors();
      await expect(dataset.batch(2).forEachAsync(fail)).rejects.toThrow('bad');
      await expect(dataset.filter(fail).toArray()).rejects.toThrow('bad');
      await expect(dataset.mapAsync(fail).toArray()).rejects.toThrow('bad');
      expect(state).toMatchObject({ begun: 3, ended: 3 });
    }));
});

test('bad arguments are refused in a sentence', async () => {
  const dataset = numbers(3);
  expect(() => data.array('abc' as never)).toThrow(new TypeError('data.array: needs an array, got string'));
  expect(() => data.generator([] as never)).toThrow(new TypeError('data.generator: needs a function, got object'));
  await expect(data.generator(() => 3 as never).toArray()).rejects.toThrow(
    new TypeError('data.generator: needs something to iterate, got number'),
  );
  await expect(data.from({} as never).toArray()).rejects.toThrow(
    new TypeError('data.from: needs something to iterate, got object'),
  );
  expect(() => data.zip([numbers(1), 3])).toThrow(new TypeError('data.zip: needs datasets, got number'));
  expect(() => data.zip({})).toThrow(new TypeError('data.zip: needs datasets, got none'));
  expect(() => dataset.batch(0)).toThrow(new RangeError('batch: size must be a whole number from 1 up, got 0'));
  expect(() => dataset.shuffle(0)).toThrow(
    new RangeError('shuffle: bufferSize must be a whole number from 1 up, got 0'),
  );
  expect(() => dataset.shuffle(2, -1)).toThrow('needed a whole number from 0 to 2^32 - 1 as seed, got -1');
  expect(() => dataset.prefetch(1.5)).toThrow(
    new RangeError('prefetch: bufferSize must be a whole number from 1 up, got 1.5'),
  );
  expect(() => dataset.take(1.5)).toThrow(new RangeError('take: count must be a whole number from 0 up, got 1.5'));
  expect(() => dataset.skip('1' as never)).toThrow(new TypeError('skip: count must be a whole number, got string'));
  for (const count of [0.5, Number.NaN]) {
    expect(() => dataset.repeat(count)).toThrow(
      new RangeError(`repeat: count must be a whole number from 0 up, got ${count}`),
    );
  }
});

function streamOf<T>(values: readonly T[]): ReadableStream<T> {
  return new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });
}

/** A stream as Safari has it. */
const readerOnly = <T>(stream: ReadableStream<T>): ReadableStream<T> =>
  ({ getReader: () => stream.getReader() }) as ReadableStream<T>;
