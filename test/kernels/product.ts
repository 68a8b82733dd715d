// Products by the kernels and by the naive loop, for tests.

import { ARRAYS, BYTES, type NumericType, type TypedArray } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import { kernels } from '../../src/wasm/kernels.js';

export interface Shape {
  m: number;
  n: number;
  k: number;
  transposeA?: boolean;
  transposeB?: boolean;
  batch?: number;
  sharedA?: boolean;
  sharedB?: boolean;
}

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

/** Whether any byte from one place up to another is not as it was. Plain loops: this is most of what these tests do. */
function isTouched(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== GUARD) return true;
  return false;
}

/**
 * The kernel's product, by one part after another. Not a byte around y and outside of a part's scratch memory may be
 * touched, and no element of y by two parts.
 */
function product(dtype: NumericType, a: TypedArray, b: TypedArray, shape: Required<Shape>, parts: number): TypedArray {
  const { m, n, k, transposeA, transposeB, batch, sharedA, sharedB } = shape;
  const { matMul, matMulScratch } = kernels[dtype];
  const size = batch * m * n;
  const bytes = size * BYTES[dtype];
  const need = matMulScratch(m, n, k, +transposeA, +transposeB);
  const sizes = [a.byteLength, b.byteLength, 64 + bytes + 64, parts * need + 64];
  const [atA, atB, around, scratch] = sizes.map((bytes) => allocate(bytes, 'test')) as [number, number, number, number];
  const y = around + 64;
  view(dtype, atA, a.length).set(a);
  view(dtype, atB, b.length).set(b);
  const result = new ARRAYS[dtype](size);
  const written = new Uint8Array(bytes);
  let wrong = '';
  for (let part = 0; part < parts; part++) {
    for (const [i, block] of [around, scratch].entries()) view('bool', block, sizes[i + 2]!).fill(GUARD);
    kernels.common.setShare(part, parts);
    matMul(atA, atB, y, scratch, m, n, k, +transposeA, +transposeB, batch, sharedA ? 0 : m * k, sharedB ? 0 : k * n);
    const output = view('bool', around, bytes + 128);
    const packed = view('bool', scratch, sizes[3]!);
    const values = view(dtype, y, size);
    for (let i = 0; i < size; i++) {
      const at = i * BYTES[dtype];
      if (!isTouched(output, 64 + at, 64 + at + BYTES[dtype])) continue;
      if (written[at]++) wrong = `element ${i} is written twice`;
      result[i] = values[i]!;
    }
    if (isTouched(output, 0, 64) || isTouched(output, 64 + bytes, output.length)) wrong = 'writes around y';
    if (isTouched(packed, 0, part * need) || isTouched(packed, (part + 1) * need, packed.length)) {
      wrong = "writes outside of its own part's scratch memory";
    }
  }
  kernels.common.setShare(0, 1);
  [atA, atB, around, scratch].forEach((block, i) => {
    release(block, sizes[i]!);
  });
  if (wrong) throw new Error(`${JSON.stringify(shape)}: ${wrong}`);
  return result;
}

/**
 * Equal to the last bit: `Object.is` tells 0 from −0 and takes any NaN for the one NaN.
 *
 * @param threads - how many share the work: once for each number
 */
export function expectNaive(
  dtype: NumericType,
  given: Shape,
  { poison = [], threads = [1] }: { poison?: number[]; threads?: readonly number[] } = {},
): void {
  const shape = { transposeA: false, transposeB: false, batch: 1, sharedA: false, sharedB: false, ...given };
  const { m, n, k, batch, sharedA, sharedB } = shape;
  const a = numbers(dtype, (sharedA ? 1 : batch) * m * k, 1);
  const b = numbers(dtype, (sharedB ? 1 : batch) * k * n, 2);
  poison.forEach((x, i) => {
    a[(i * 7919) % a.length] = x;
    b[(i * 104729) % b.length] = x;
  });
  const expected = naive(dtype, a, b, shape);
  for (const parts of threads) {
    const got = product(dtype, a, b, shape, parts);
    for (let i = 0; i < expected.length; i++) {
      if (Object.is(expected[i], got[i])) continue;
      const what = `${dtype} ${JSON.stringify(given)} by ${parts} threads`;
      throw new Error(`${what}: element ${i} is ${got[i]}, naively ${expected[i]}`);
    }
  }
}
