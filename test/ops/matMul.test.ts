// Matrix products against the naive loop, bit for bit, with every transpose and batch.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dot, matMul, outerProduct, tensor, transpose, zeros } from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { sizeOf } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { matMul as naive, placeOf, ROUND } from '../support/naive.js';
import { seeded } from '../support/sample.js';
import { broadcastable, indicesOf } from '../support/shapes.js';

const values = (x: Tensor) => Array.from(x.dataSync());
const size = fc.integer({ min: 1, max: 9 });

function noise(n: number, seed: string, round: (x: number) => number): number[] {
  const random = seeded(seed);
  return Array.from({ length: n }, () => round(random() * 2 - 1));
}

describe.each(['float32', 'float64'] as const)('matMul of %s', (dtype) => {
  const round = ROUND[dtype];

  test('is the naive loop in every batch, bit for bit, however the operands lie', () => {
    fc.assert(
      fc.property(broadcastable(3, 3), size, size, size, fc.boolean(), fc.boolean(), (batch, m, k, n, tA, tB) => {
        tidy(() => {
          const a = noise(sizeOf(batch.a) * m * k, 'a', round);
          const b = noise(sizeOf(batch.b) * k * n, 'b', round);
          // Laid out as they will be read; the op gets them transposed where it is told so.
          const swap = (x: Tensor) => transpose(x, [...x.shape.keys()].slice(0, -2).concat([x.rank - 1, x.rank - 2]));
          const [x, y] = [tensor(a, [...batch.a, m, k], dtype), tensor(b, [...batch.b, k, n], dtype)];
          const z = matMul(tA ? swap(x) : x, tB ? swap(y) : y, tA, tB);
          expect(z.shape).toEqual([...batch.shape, m, n]);
          const expected = indicesOf(batch.shape).flatMap((index) => {
            const [i, j] = [placeOf(index, batch.a), placeOf(index, batch.b)];
            return naive(a.slice(i * m * k, (i + 1) * m * k), b.slice(j * k * n, (j + 1) * k * n), m, k, n, round);
          });
          expect(values(z)).toEqual(expected);
        });
      }),
    );
  });

  test.each([
    [1, 300, 1],
    [33, 70, 17],
    [64, 1, 64],
    [5, 513, 40],
  ])('is the naive loop beyond the block sizes: %d × %d × %d', (m, k, n) => {
    tidy(() => {
      const [a, b] = [noise(m * k, 'a', round), noise(k * n, 'b', round)];
      expect(values(matMul(tensor(a, [m, k], dtype), tensor(b, [k, n], dtype)))).toEqual(naive(a, b, m, k, n, round));
    });
  });
});

test('matMul of int32 stays int32, and nothing to add is 0', () => {
  tidy(() => {
    const z = matMul(tensor([[1, 2]], undefined, 'int32'), tensor([[3], [4]], undefined, 'int32'));
    expect([z.dtype, ...values(z)]).toEqual(['int32', 11]);
    expect(values(matMul(zeros([2, 0]), zeros([0, 2])))).toEqual([0, 0, 0, 0]);
    expect(matMul(zeros([0, 2]), zeros([2, 3])).shape).toEqual([0, 3]);
  });
});

test('dot and outerProduct of vectors and matrices', () => {
  tidy(() => {
    const [v, w] = [
      [1, 2],
      [3, 4],
    ];
    expect(dot(v, w).arraySync()).toBe(11);
    expect(dot(v, [v, w]).arraySync()).toEqual([7, 10]);
    expect(dot([v, w], v).arraySync()).toEqual([5, 11]);
    expect(dot([v, w], [v, w]).arraySync()).toEqual([
      [7, 10],
      [15, 22],
    ]);
    expect(outerProduct(v, w).arraySync()).toEqual([
      [3, 4],
      [6, 8],
    ]);
  });
});
