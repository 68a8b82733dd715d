// The bit promise: whatever the blocking, the product is the naive loop's.

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectNaive } from './product.js';

const DTYPES = ['float32', 'float64', 'int32'] as const;

const TRANSPOSES = [false, true].flatMap((transposeA) =>
  [false, true].map((transposeB) => ({ transposeA, transposeB })),
);

describe.each(DTYPES)('matMul of %s is the naive loop, bit for bit', (dtype) => {
  test.each(TRANSPOSES)('for every small shape: %o', (transposes) => {
    for (let m = 1; m <= 16; m++) {
      for (let n = 1; n <= 18; n++) {
        for (const k of [1, 2, 3, 4, 5, 8, 13]) expectNaive(dtype, { m, n, k, ...transposes });
      }
    }
  });

  test.each(TRANSPOSES)('for the layers of small networks: %o', (transposes) => {
    for (const [m, n, k] of [
      [32, 25, 400],
      [400, 25, 32],
      [32, 400, 25],
      [32, 15, 25],
      [32, 10, 15],
      [1, 784, 100],
      [100, 1, 784],
    ] as const) {
      expectNaive(dtype, { m, n, k, ...transposes });
    }
  });

  test.each(TRANSPOSES)('around the limits of the blocks: %o', (transposes) => {
    for (const [m, n, k] of [
      [48, 64, 64],
      [65, 71, 257],
      [119, 70, 511],
      [120, 65, 512],
      [121, 73, 513],
      [241, 66, 70],
      [67, 511, 65],
      [66, 512, 64],
      [64, 513, 66],
      [65, 1025, 33],
      [3, 2051, 65],
      [1, 1030, 300],
    ] as const) {
      expectNaive(dtype, { m, n, k, ...transposes });
    }
  });

  test('for random shapes and batches', () => {
    const dimension = fc.oneof(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 90 }));
    const shape = fc.record({
      m: dimension,
      n: dimension,
      k: dimension,
      transposeA: fc.boolean(),
      transposeB: fc.boolean(),
      batch: fc.integer({ min: 1, max: 3 }),
      sharedA: fc.boolean(),
      sharedB: fc.boolean(),
    });
    fc.assert(
      fc.property(shape, (shape) => expectNaive(dtype, shape)),
      { numRuns: 300 },
    );
  });

  test('an empty sum is 0, and an empty product writes nothing', () => {
    expectNaive(dtype, { m: 5, n: 7, k: 0, batch: 2 });
    expectNaive(dtype, { m: 0, n: 7, k: 3 });
    expectNaive(dtype, { m: 5, n: 0, k: 3 });
    expectNaive(dtype, { m: 5, n: 7, k: 3, batch: 0 });
  });
});

test.each(['float32', 'float64'] as const)('NaN, infinities, zeros of both signs and subnormals of %s', (dtype) => {
  const poison = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-310, 1e-40, -1e-45, 3e38];
  for (const transposes of TRANSPOSES) {
    for (const [m, n, k] of [
      [5, 8, 6],
      [11, 13, 40],
      [7, 3, 17],
      [70, 70, 270],
    ] as const) {
      expectNaive(dtype, { m, n, k, ...transposes }, { poison });
    }
  }
});
