// Threads divide a product: whatever their number, together they write the naive loop's bits, each element once, and
// each keeps to its own scratch memory. Here the one instance plays all parts, one after another.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/wasm/kernels.js';
import { expectNaive } from './product.js';

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

const threads = [1, 2, 3, 5];

describe.each(['float32', 'float64', 'int32'] as const)('with %s', (dtype) => {
  test.each(TRANSPOSES)('share products large enough: %o', (transposes) => {
    for (const [m, n, k] of [
      [64, 64, 33],
      [3, 700, 70],
      [701, 3, 70],
      [1, 700, 200],
      [1, 20, 7001],
      [20, 1, 7001],
      [701, 1, 201],
      [2, 401, 203],
      [5, 9, 3001],
      [400, 401, 1],
      [300, 131, 4],
      [200, 240, 4],
      [256, 336, 3],
      [121, 65, 70],
      [130, 520, 9],
    ] as const) {
      expectNaive(dtype, { m, n, k, ...transposes }, { threads });
    }
  });

  test.each(TRANSPOSES)('share batches: %o', (transposes) => {
    for (const [batch, m, n, k] of [
      [5, 33, 35, 40],
      [2, 64, 70, 31],
      [7, 1, 300, 90],
      [7, 300, 1, 90],
      [300, 3, 5, 31],
      [3, 90, 91, 9],
    ] as const) {
      expectNaive(dtype, { batch, m, n, k, ...transposes }, { threads });
      expectNaive(dtype, { batch, m, n, k, ...transposes, sharedA: true }, { threads });
      expectNaive(dtype, { batch, m, n, k, ...transposes, sharedB: true }, { threads });
    }
  });
});

test('products of random shapes and batches are shared', () => {
  const dimension = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 150 }));
  const shape = fc.record({
    m: dimension,
    n: dimension,
    k: dimension,
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    batch: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(shape, fc.integer({ min: 1, max: 6 }), (shape, parts) =>
      expectNaive('float32', shape, { threads: [parts] }),
    ),
    { numRuns: 200 },
  );
});

test('a small product is the first thread’s alone, an empty sum is 0, an empty product is nothing', () => {
  const threads = [2, 3];
  expectNaive('float32', { m: 5, n: 7, k: 3 }, { threads });
  expectNaive('float32', { m: 500, n: 70, k: 0 }, { threads });
  expectNaive('float32', { m: 0, n: 70, k: 300 }, { threads });
  expectNaive('float32', { m: 500, n: 0, k: 300 }, { threads });
  expectNaive('float32', { m: 500, n: 20, k: 30, batch: 0 }, { threads });
  expect(kernels.float32.matMulScratch(5, 7, 3, 0, 0)).toBe(0);
});
