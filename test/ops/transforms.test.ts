// Ops that only move elements, against naive index walks over random shapes up to six axes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  broadcastTo,
  clone,
  gather,
  oneHot,
  reshape,
  reverse,
  tensor,
  tensor1d,
  transpose,
  unsortedSegmentSum,
} from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { sizeOf, stridesOf } from '../../src/shape.js';
import { memory, type Tensor } from '../../src/tensor.js';
import { placeOf } from '../support/naive.js';
import { broadcastable, indicesOf, shapes } from '../support/shapes.js';

const values = (x: Tensor) => Array.from(x.dataSync());
const DTYPES = ['float32', 'float64', 'int32', 'bool'] as const;

/** 0, 1, 2, ...; truths in turns. */
const counted = (shape: number[], dtype: (typeof DTYPES)[number]) =>
  tensor(
    Array.from({ length: sizeOf(shape) }, (_, i) => (dtype === 'bool' ? i % 3 === 0 : i)),
    shape,
    dtype,
  );

const shapeAndOrder = shapes(6, 3).chain((shape) => {
  const axes = shape.map((_, i) => i);
  return fc.record({
    shape: fc.constant(shape),
    order: fc.shuffledSubarray(axes, { minLength: axes.length }),
    some: fc.subarray(axes),
    dtype: fc.constantFrom(...DTYPES),
  });
});

test('transpose moves every element to its place', () => {
  fc.assert(
    fc.property(shapeAndOrder, ({ shape, order, dtype }) => {
      tidy(() => {
        const x = counted(shape, dtype);
        const y = transpose(x, order);
        const data = values(x);
        const strides = stridesOf(shape);
        expect([y.shape, y.dtype]).toEqual([order.map((axis) => shape[axis]), dtype]);
        expect(values(y)).toEqual(
          indicesOf(y.shape).map((index) => data[order.reduce((at, axis, i) => at + index[i] * strides[axis], 0)]),
        );
      });
    }),
    { numRuns: 300 },
  );
});

test('transposing twice, by an order and its inverse, changes nothing', () => {
  fc.assert(
    fc.property(shapeAndOrder, ({ shape, order, dtype }) => {
      tidy(() => {
        const x = counted(shape, dtype);
        const back = transpose(
          transpose(x, order),
          order.map((_, i) => order.indexOf(i)),
        );
        expect([back.shape, values(back)]).toEqual([shape, values(x)]);
      });
    }),
  );
});

test('reverse turns around the axes that it is given', () => {
  fc.assert(
    fc.property(shapeAndOrder, ({ shape, some, dtype }) => {
      tidy(() => {
        const x = counted(shape, dtype);
        const data = values(x);
        const mirrored = indicesOf(shape).map((index) =>
          index.map((i, axis) => (some.includes(axis) ? shape[axis] - 1 - i : i)),
        );
        expect(values(reverse(x, some))).toEqual(mirrored.map((index) => data[placeOf(index, shape)]));
      });
    }),
  );
});

test('broadcastTo repeats', () => {
  fc.assert(
    fc.property(broadcastable(6, 3), fc.constantFrom(...DTYPES), ({ a, shape }, dtype) => {
      tidy(() => {
        const x = counted(a, dtype);
        const data = values(x);
        const y = broadcastTo(x, shape);
        expect([y.shape, y.dtype]).toEqual([shape, dtype]);
        expect(values(y)).toEqual(indicesOf(shape).map((index) => data[placeOf(index, a)]));
      });
    }),
  );
});

test('more than six axes move, too', () => {
  tidy(() => {
    const shape = [2, 1, 2, 2, 1, 2, 2, 2, 2];
    const x = counted(shape, 'float32');
    const data = values(x);
    const order = [8, 6, 4, 2, 0, 1, 3, 5, 7];
    const strides = stridesOf(shape);
    const y = transpose(x, order);
    expect(values(y)).toEqual(
      indicesOf(y.shape).map((index) => data[order.reduce((at, axis, i) => at + index[i] * strides[axis], 0)]),
    );
  });
});

test('reshape, clone and a transpose that moves nothing share their elements', () => {
  tidy(() => {
    const x = counted([1, 6], 'float32');
    const { numBytes } = memory();
    const shared = [reshape(x, [2, 3]), clone(x), transpose(x), transpose(x, [1, 0])];
    expect(memory().numBytes).toBe(numBytes);
    for (const y of shared) expect(values(y)).toEqual(values(x));
  });
});

describe('gather', () => {
  const sources = shapes(4, 3, 1).filter((shape) => shape.length > 0);

  test('picks slices along any axis', () => {
    fc.assert(
      fc.property(sources, fc.nat(3), fc.array(fc.nat(100), { maxLength: 4 }), (shape, axis, picks) => {
        tidy(() => {
          const along = axis % shape.length;
          const indices = picks.map((i) => i % shape[along]);
          const x = counted(shape, 'float32');
          const data = values(x);
          const y = gather(x, tensor1d(indices, 'int32'), along);
          expect(y.shape).toEqual(shape.map((n, i) => (i === along ? indices.length : n)));
          expect(values(y)).toEqual(
            indicesOf(y.shape).map((index) => {
              const from = index.map((i, a) => (a === along ? indices[i] : i));
              return data[
                placeOf(
                  from,
                  shape.map((n) => (n === 1 ? 1 : n)),
                )
              ];
            }),
          );
        });
      }),
    );
  });

  test('picks from its own batch', () => {
    tidy(() => {
      const x = tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      const indices = tensor([2, 0, 1, 1], [2, 2], 'int32');
      expect(gather(x, indices, 1, 1).arraySync()).toEqual([
        [3, 1],
        [5, 5],
      ]);
    });
  });
});

test('unsortedSegmentSum adds what gather picked, in order', () => {
  tidy(() => {
    const x = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(unsortedSegmentSum(x, tensor1d([2, 0, 2], 'int32'), 4).arraySync()).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
      [0, 0],
    ]);
  });
});

test('oneHot marks one place in a row, none for an index outside', () => {
  tidy(() => {
    expect(oneHot(tensor1d([1, 0, 3, -1], 'int32'), 3).arraySync()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(oneHot([1], 2, 5, -5, 'float64').arraySync()).toEqual([[-5, 5]]);
    expect([oneHot([0], 1).dtype, oneHot([0], 1, 1, 0, 'bool').dtype]).toEqual(['int32', 'bool']);
  });
});
