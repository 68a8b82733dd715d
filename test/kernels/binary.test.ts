import { describe, expect, test } from 'vitest';
import type { DataType } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import { memory } from '../../src/wasm/kernels.js';
import { kernels } from '../support/kernels.js';
import { ulps } from './accuracy.js';
import { expectBroadcast } from './broadcast.js';
import { call, elements } from './heap.js';

const ALL: DataType[] = ['float32', 'float64', 'int32'];
const FLOATS: DataType[] = ['float32', 'float64'];

const floorMod = (a: number, b: number) => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};

// Results are those of arithmetic in double precision, rounded once: none of these needs a tolerance.
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
  ['atan2', ['float32'], Math.atan2],
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

describe.each(['float32', 'float64'] as const)('accuracy in %s', (dtype) => {
  const n = 2 ** 16;
  const bound = dtype === 'float32' ? 0.55 : 3;

  /** The greatest error over `n` pairs. */
  function worst(op: 'pow' | 'atan2', a: (i: number) => number, b: (i: number) => number): number {
    const x = elements(dtype, n, a);
    const z = elements(dtype, n, b);
    const y = call(dtype, n, [x, z], (...at) =>
      kernels[dtype][op](...(at as [number, number, number]), 1, 1, n, 0, 0, 1, 0, 0, 1),
    );
    let most = 0;
    for (let i = 0; i < n; i++) most = Math.max(most, ulps(y[i]!, Math[op](x[i]!, z[i]!), dtype));
    return most;
  }
  const scattered = (i: number) => ((i * 40503) % 65536) / 65536 - 0.5;

  test('pow, from underflow to overflow', () => {
    const base = (i: number) => Math.exp(scattered(i) * 80);
    const size = dtype === 'float32' ? 104 : 745;
    const exponent = (i: number) => ((((i * 7919) % 2003) / 1001 - 1) * size) / Math.log(base(i));
    expect(worst('pow', base, exponent)).toBeLessThanOrEqual(bound);
  });

  test('pow, of negative numbers', () => {
    const base = (i: number) => -1 - (i % 100);
    const exponent = (i: number) => (i % 41) - 20;
    expect(worst('pow', base, exponent)).toBeLessThanOrEqual(bound);
  });

  test('atan2, at all angles and distances', () => {
    const far = (i: number) => 2 ** ((i % 61) - 30);
    const y = (i: number) => Math.sin(i) * far(i);
    const x = (i: number) => Math.cos(i) * far(i + (i % 3));
    expect(worst('atan2', y, x)).toBeLessThanOrEqual(bound);
  });

  test('at zeros, infinities and NaN they are those of the host', () => {
    const edges = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, Infinity, -Infinity, NaN, 1e300, -1e300, 1e-300];
    for (const op of ['pow', 'atan2'] as const) {
      const pairs = edges.flatMap((a) => edges.map((b) => [a, b] as const));
      const x = elements(dtype, pairs.length, (i) => pairs[i]![0]);
      const z = elements(dtype, pairs.length, (i) => pairs[i]![1]);
      const y = call(dtype, pairs.length, [x, z], (...at) =>
        kernels[dtype][op](...(at as [number, number, number]), 1, 1, pairs.length, 0, 0, 1, 0, 0, 1),
      );
      y.forEach((v, i) => {
        expect(ulps(v, Math[op](x[i]!, z[i]!), dtype), `${op}(${x[i]}, ${z[i]}) = ${v}`).toBeLessThanOrEqual(bound);
      });
    }
  });
});

test('a number beside an array is read where it stands, though it be at the end of memory', () => {
  const n = 2 ** 18;
  const a = allocate(4 * n, 'test');
  const y = allocate(4 * n, 'test');
  view('float32', a, n).fill(7);
  const last = memory.buffer.byteLength - 64;
  view('float32', last, 1)[0] = 3;
  const { add, mod, pow, less } = kernels.float32;
  for (const [op, expected] of [
    [add, 10],
    [mod, 1],
    [pow, 343],
  ] as const) {
    op(a, last, y, 1, 1, n, 0, 0, 1, 0, 0, 0);
    expect(view('float32', y, n).every((v) => v === expected)).toBe(true);
  }
  less(last, a, y, 1, 1, n, 0, 0, 0, 0, 0, 1);
  expect(view('bool', y, n).every((v) => v === 1)).toBe(true);
  release(a, 4 * n);
  release(y, 4 * n);
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
