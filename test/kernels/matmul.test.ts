// The bit promise: whatever the blocking, the product is the naive loop's.

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ARRAYS, BYTES, type NumericType, type TypedArray } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import { kernels } from '../support/kernels.js';

interface Shape {
  m: number;
  n: number;
  k: number;
  transposeA?: boolean;
  transposeB?: boolean;
  batch?: number;
  sharedA?: boolean;
  sharedB?: boolean;
}

const DTYPES = ['float32', 'float64', 'int32'] as const;

/** Row i of a times row j of b: one accumulator, k in order, rounded after each product and each sum. */
const DOT: Record<NumericType, (a: Float64Array, i: number, b: Float64Array, j: number, k: number) => number> = {
  float32(a, i, b, j, k) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum = Math.fround(sum + Math.fround(a[i * k + p]! * b[j * k + p]!));
    return sum;
  },
  float64(a, i, b, j, k) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[j * k + p]!;
    return sum;
  },
  int32(a, i, b, j, k) {
    let sum = 0;
    for (let p = 0; p < k; p++) sum = (sum + Math.imul(a[i * k + p]!, b[j * k + p]!)) | 0;
    return sum;
  },
};

/** The rows × columns of a matrix, turned round if asked, as doubles: every element type fits in them. */
function matrix(x: TypedArray, from: number, rows: number, columns: number, turn: boolean): Float64Array {
  const y = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) y[turn ? j * rows + i : i * columns + j] = x[from + i * columns + j]!;
  }
  return y;
}

function naive(dtype: NumericType, a: TypedArray, b: TypedArray, shape: Required<Shape>): TypedArray {
  const { m, n, k, transposeA, transposeB, batch, sharedA, sharedB } = shape;
  const y = new ARRAYS[dtype](batch * m * n);
  for (let t = 0; t < batch; t++) {
    const atA = sharedA ? 0 : t * m * k;
    const atB = sharedB ? 0 : t * k * n;
    const rows = transposeA ? matrix(a, atA, k, m, true) : matrix(a, atA, m, k, false);
    const columns = transposeB ? matrix(b, atB, n, k, false) : matrix(b, atB, k, n, true);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) y[(t * m + i) * n + j] = DOT[dtype](rows, i, columns, j, k);
    }
  }
  return y;
}

/** Repeatable numbers of many magnitudes and both signs, so that any change of order shows. */
function numbers(dtype: NumericType, size: number, seed: number): TypedArray {
  let state = seed;
  return new ARRAYS[dtype](size).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return dtype === 'int32' ? state : (state / 2 ** 31) * 2 ** ((state >>> 8) & 7);
  });
}

const GUARD = 85;

/** The kernel's product; not a byte around y and behind the scratch block's slack may be touched. */
function product(dtype: NumericType, a: TypedArray, b: TypedArray, shape: Required<Shape>): TypedArray {
  const { m, n, k, transposeA, transposeB, batch, sharedA, sharedB } = shape;
  const { matMul, matMulScratch } = kernels[dtype];
  const size = batch * m * n;
  const bytes = size * BYTES[dtype];
  const need = matMulScratch(m, n, k, +transposeA, +transposeB);
  const sizes = [a.byteLength, b.byteLength, 64 + bytes + 64, need + 128];
  const [atA, atB, around, scratch] = sizes.map((bytes) => allocate(bytes, 'test')) as [number, number, number, number];
  const y = around + 64;
  const guards = [around, y + bytes, scratch + need + 64];
  view(dtype, atA, a.length).set(a);
  view(dtype, atB, b.length).set(b);
  for (const guard of guards) view('bool', guard, 64).fill(GUARD);
  matMul(atA, atB, y, scratch, m, n, k, +transposeA, +transposeB, batch, sharedA ? 0 : m * k, sharedB ? 0 : k * n);
  const result = view(dtype, y, size).slice();
  const touched = guards.filter((guard) => view('bool', guard, 64).some((byte) => byte !== GUARD));
  [atA, atB, around, scratch].forEach((block, i) => {
    release(block, sizes[i]!);
  });
  if (touched.length) throw new Error(`${JSON.stringify(shape)}: writes out of bounds`);
  return result;
}

/** Equal to the last bit: `Object.is` tells 0 from −0 and takes any NaN for the one NaN. */
function expectNaive(dtype: NumericType, given: Shape, poison: number[] = []): void {
  const shape = { transposeA: false, transposeB: false, batch: 1, sharedA: false, sharedB: false, ...given };
  const { m, n, k, batch, sharedA, sharedB } = shape;
  const a = numbers(dtype, (sharedA ? 1 : batch) * m * k, 1);
  const b = numbers(dtype, (sharedB ? 1 : batch) * k * n, 2);
  poison.forEach((x, i) => {
    a[(i * 7919) % a.length] = x;
    b[(i * 104729) % b.length] = x;
  });
  const expected = naive(dtype, a, b, shape);
  const got = product(dtype, a, b, shape);
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(expected[i], got[i])) continue;
    throw new Error(`${dtype} ${JSON.stringify(given)}: element ${i} is ${got[i]}, naively ${expected[i]}`);
  }
}

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
      expectNaive(dtype, { m, n, k, ...transposes }, poison);
    }
  }
});
