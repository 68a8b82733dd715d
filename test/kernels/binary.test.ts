import { describe, expect, test } from 'vitest';
import type { DataType } from '../../src/dtype.js';
import { kernels } from '../../src/wasm/kernels.js';
import { expectBroadcast } from './broadcast.js';
import { call } from './heap.js';

const ALL: DataType[] = ['float32', 'float64', 'int32'];
const FLOATS: DataType[] = ['float32', 'float64'];

const floorMod = (a: number, b: number) => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

// Results are those of arithmetic in double precision, rounded once: none of these ops needs a tolerance.
const OPS: [op: string, dtypes: DataType[], reference: (a: number, b: number) => number][] = [
  ['add', ALL, (a, b) => a + b],
  ['sub', ALL, (a, b) => a - b],
  ['mul', ALL, (a, b) => a * b],
  ['div', FLOATS, (a, b) => a / b],
  ['divNoNan', FLOATS, (a, b) => (b === 0 ? 0 : a / b)],
  ['maximum', ALL, Math.max],
  ['minimum', ALL, Math.min],
  ['floorDiv', FLOATS, (a, b) => Math.floor(a / b)],
  ['floorDiv', ['int32'], (a, b) => (b === 0 ? 0 : Math.floor(a / b))],
  ['mod', FLOATS, floorMod],
  ['mod', ['int32'], (a, b) => (b === 0 ? 0 : floorMod(a, b))],
  ['pow', ['int32'], (a, b) => (b < 0 && a === 0 ? 0 : Math.trunc(a ** b))],
  ['bitwiseAnd', ['int32'], (a, b) => a & b],
];

// Quarters, among them zeros, so that squares and differences are exact; whole numbers for int32.
const quarters = (i: number) => (((i * 7919) % 61) - 30) / 4;
const whole = (i: number) => ((i * 7919) % 13) - 6;

const cases = OPS.flatMap(([op, dtypes, reference]) => dtypes.map((dtype) => ({ op, dtype, reference })));

test.each(cases)('$op in $dtype, broadcast in every way', ({ op, dtype, reference }) => {
  expectBroadcast(op, dtype, dtype, dtype === 'int32' ? whole : quarters, reference);
});

test.each(ALL)('squaredDifference in %s, broadcast in every way', (dtype) => {
  expectBroadcast('squaredDifference', dtype, dtype, dtype === 'int32' ? whole : quarters, (a, b) => (a - b) ** 2);
});

describe('edges', () => {
  type Binary = (a: number, b: number, y: number, ...shape: number[]) => void;
  const float = (op: string, a: number[], b: number[]) =>
    Array.from(
      call('float32', a.length, [Float32Array.from(a), Float32Array.from(b)], (...at) =>
        (kernels.float32 as unknown as Record<string, Binary>)[op]!(
          ...(at as [number, number, number]),
          ...[1, 1, a.length, 0, 0, 1, 0, 0, 1],
        ),
      ),
    );
  const int = (op: string, a: number[], b: number[]) =>
    Array.from(
      call('int32', a.length, [Int32Array.from(a), Int32Array.from(b)], (...at) =>
        (kernels.int32 as unknown as Record<string, Binary>)[op]!(
          ...(at as [number, number, number]),
          ...[1, 1, a.length, 0, 0, 1, 0, 0, 1],
        ),
      ),
    );

  test('maximum and minimum are NaN if either operand is', () => {
    expect(float('maximum', [NaN, 1, -0], [1, NaN, 0])).toEqual([NaN, NaN, 0]);
    expect(float('minimum', [NaN, 1, 0], [1, NaN, -0])).toEqual([NaN, NaN, -0]);
  });

  test('mod takes the sign of the divisor, and leaves what an infinite divisor would', () => {
    expect(float('mod', [7, -7, 7, -7, 5, 1], [3, 3, -3, -3, Infinity, 0])).toEqual([1, 2, -2, -1, 5, NaN]);
  });

  test('mod is exact where the quotient is huge', () => {
    expect(float('mod', [1e30, 3e38], [7, 0.3])).toEqual([Math.fround(1e30) % 7, Math.fround(3e38) % Math.fround(0.3)]);
  });

  test('whole division by 0 gives 0, and −2^31 / −1 wraps', () => {
    const least = -(2 ** 31);
    expect(int('floorDiv', [7, least, least, -7], [0, -1, 0, 2])).toEqual([0, least, 0, -4]);
    expect(int('mod', [7, least, least, -7], [0, -1, 0, 2])).toEqual([0, 0, 0, 1]);
  });

  test('whole powers wrap, and negative exponents round toward 0', () => {
    expect(int('pow', [2, 2, 3, -1, -1, 1, 2, 0, 0], [31, 32, 21, -1, -2, -5, -1, -1, 0])).toEqual([
      -(2 ** 31),
      0,
      (3 ** 21) | 0,
      -1,
      1,
      1,
      0,
      0,
      1,
    ]);
  });
});
