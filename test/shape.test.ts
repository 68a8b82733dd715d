// The arithmetic of shapes: pure functions against their definitions.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  broadcastLoops,
  broadcastShapes,
  checkShape,
  inferShape,
  inferSize,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  type Shape,
  sameShape,
  showShape,
  sizeOf,
  stridesOf,
} from '../src/shape.js';
import { broadcastable, indicesOf, shapes } from './support/shapes.js';

test('sizeOf multiplies, and is 1 for a scalar', () => {
  expect([sizeOf([]), sizeOf([5]), sizeOf([2, 3, 4]), sizeOf([2, 0, 4])]).toEqual([1, 5, 24, 0]);
});

test('stridesOf says how far apart neighbours lie', () => {
  fc.assert(
    fc.property(shapes(6, 3), (shape) => {
      const strides = stridesOf(shape);
      const places = indicesOf(shape).map((index) => index.reduce((at, i, axis) => at + i * strides[axis], 0));
      expect(places).toEqual(Array.from({ length: sizeOf(shape) }, (_, i) => i));
    }),
  );
});

test('sameShape compares rank and sizes', () => {
  expect(sameShape([2, 3], [2, 3])).toBe(true);
  expect(sameShape([2, 3], [3, 2])).toBe(false);
  expect(sameShape([2], [2, 1])).toBe(false);
  expect(sameShape([], [])).toBe(true);
});

test('showShape writes a shape as it is written in code', () => {
  expect([showShape([]), showShape([2, 3])]).toEqual(['[]', '[2, 3]']);
});

describe('broadcastShapes', () => {
  test('aligns at the last axis', () => {
    expect(broadcastShapes([2, 3], [3], 'op')).toEqual([2, 3]);
    expect(broadcastShapes([2, 1], [1, 3], 'op')).toEqual([2, 3]);
    expect(broadcastShapes([], [4, 5], 'op')).toEqual([4, 5]);
    expect(broadcastShapes([0, 1], [3], 'op')).toEqual([0, 3]);
  });

  test('finds the shape that both were cut from, whatever their order', () => {
    fc.assert(
      fc.property(broadcastable(6, 3), ({ a, b, shape }) => {
        expect(broadcastShapes(a, b, 'op')).toEqual(shape);
        expect(broadcastShapes(b, a, 'op')).toEqual(shape);
      }),
    );
  });

  test.each([
    [[2], [3]],
    [
      [2, 3],
      [2, 4],
    ],
    [[0], [2]],
  ])('refuses %j and %j', (a, b) => {
    expect(() => broadcastShapes(a, b, 'add')).toThrow(RangeError);
    expect(() => broadcastShapes(a, b, 'add')).toThrow(
      `add: Operands could not be broadcast together with shapes ${showShape(a)} and ${showShape(b)}`,
    );
  });
});

/** The positions in a and b that each element of the result reads, by an index walk. */
function naive(a: Shape, b: Shape, shape: Shape): [number, number][] {
  const place = (own: Shape, index: number[]) =>
    own.reduce((at, n, i) => at * n + (n === 1 ? 0 : index[i + shape.length - own.length]), 0);
  return indicesOf(shape).map((index) => [place(a, index), place(b, index)]);
}

/** The same by loops, the last one outermost. */
function looped(loops: readonly (readonly [number, number, number])[]): [number, number][] {
  let places: [number, number][] = [[0, 0]];
  for (const [n, a, b] of loops) {
    places = Array.from({ length: n }, (_, i) =>
      places.map(([p, q]) => [p + i * a, q + i * b] as [number, number]),
    ).flat();
  }
  return places;
}

describe('broadcastLoops', () => {
  test('reads what a naive index walk reads', () => {
    fc.assert(
      fc.property(broadcastable(6, 3), ({ a, b, shape }) => {
        expect(looped(broadcastLoops(a, b, shape))).toEqual(naive(a, b, shape));
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, Shape, Shape, number]>([
    ['the same shapes', [2, 3, 4], [2, 3, 4], 1],
    ['a scalar', [2, 3, 4], [], 1],
    ['a row', [2, 3, 4], [4], 2],
    ['a column', [2, 3, 4], [2, 1, 1], 2],
    ['a row and a column', [3, 1], [1, 4], 2],
    ['a channel in the middle', [2, 3, 4], [3, 1], 3],
  ])('needs few loops: %s', (_, a, b, count) => {
    expect(broadcastLoops(a, b, broadcastShapes(a, b, 'op'))).toHaveLength(count);
  });
});

describe('normalizeAxis and normalizeAxes', () => {
  test('count negative axes from the end, sort, and take all if none is given', () => {
    expect([normalizeAxis(0, 3, 'op'), normalizeAxis(-1, 3, 'op'), normalizeAxis(-3, 3, 'op')]).toEqual([0, 2, 0]);
    expect(normalizeAxes([-1, 0], 3, 'op')).toEqual([0, 2]);
    expect(normalizeAxes(1, 3, 'op')).toEqual([1]);
    expect([normalizeAxes(null, 3, 'op'), normalizeAxes(undefined, 2, 'op')]).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
    expect([normalizeAxes([], 3, 'op'), normalizeAxes(null, 0, 'op')]).toEqual([[], []]);
  });

  test.each<[unknown, number, ErrorConstructor]>([
    [3, 3, RangeError],
    [-4, 3, RangeError],
    [0, 0, RangeError],
    [[0, 0], 3, RangeError],
    [[0, -3], 3, RangeError],
    [1.5, 3, TypeError],
    [[Number.NaN], 3, TypeError],
    [['0'], 3, TypeError],
    ['0', 3, TypeError],
    [true, 3, TypeError],
  ])('refuse %j of rank %d', (axis, rank, type) => {
    expect(() => normalizeAxes(axis as number, rank, 'sum')).toThrow(type);
    expect(() => normalizeAxes(axis as number, rank, 'sum')).toThrow(/^sum: /);
  });
});

test('reducedShape drops axes, or keeps them at size 1', () => {
  expect(reducedShape([2, 3, 4], [0, 2], false)).toEqual([3]);
  expect(reducedShape([2, 3, 4], [0, 2], true)).toEqual([1, 3, 1]);
});

describe('inferSize', () => {
  test('fills in one −1', () => {
    expect(inferSize([2, -1], 6, 'op')).toEqual([2, 3]);
    expect(inferSize([-1], 1, 'op')).toEqual([1]);
    expect(inferSize([-1, 3], 0, 'op')).toEqual([0, 3]);
    expect(inferSize([0, 3], 0, 'op')).toEqual([0, 3]);
  });

  test.each<[number[], number, ErrorConstructor]>([
    [[-1, -1], 4, RangeError],
    [[4, -1], 6, RangeError],
    [[2, 2], 6, RangeError],
    [[0, -1], 0, RangeError],
    [[-2, 3], 6, RangeError],
    [[1.5, 4], 6, RangeError],
    [['2' as never, 3], 6, TypeError],
  ])('refuses %j for %d elements', (shape, size, type) => {
    expect(() => inferSize(shape, size, 'reshape')).toThrow(type);
    expect(() => inferSize(shape, size, 'reshape')).toThrow(/^reshape: /);
  });
});

test('checkShape wants whole numbers from 0 up', () => {
  expect(() => checkShape([0, 2 ** 40], 'op')).not.toThrow();
  expect(() => checkShape(3, 'zeros')).toThrow(TypeError);
  expect(() => checkShape(['2'], 'zeros')).toThrow(TypeError);
  for (const n of [-1, 0.5, Number.NaN, Infinity]) expect(() => checkShape([n], 'zeros')).toThrow(RangeError);
});

test('inferShape follows the first element down', () => {
  expect(inferShape(3)).toEqual([]);
  expect(inferShape([])).toEqual([0]);
  expect(inferShape([[], []])).toEqual([2, 0]);
  expect(
    inferShape([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqual([2, 3]);
  expect(inferShape([new Float32Array(4)])).toEqual([1, 4]);
});
