import { describe, expect, test } from 'vitest';
import type { DataType } from '../../src/dtype.js';
import { kernels } from '../support/kernels.js';
import { expectBroadcast } from './broadcast.js';
import { call, elements } from './heap.js';

const DTYPES: DataType[] = ['float32', 'float64', 'int32', 'bool'];

const COMPARISONS: [op: string, reference: (a: number, b: number) => boolean][] = [
  ['equal', (a, b) => a === b],
  ['notEqual', (a, b) => a !== b],
  ['less', (a, b) => a < b],
  ['lessEqual', (a, b) => a <= b],
  ['greater', (a, b) => a > b],
  ['greaterEqual', (a, b) => a >= b],
];

describe.each(COMPARISONS)('%s', (op, reference) => {
  test.each(DTYPES)('in %s, broadcast in every way', (dtype) => {
    const modulus = dtype === 'bool' ? 2 : 5;
    const value = (i: number) => (dtype.startsWith('float') && i % 11 === 0 ? NaN : (i * 7919) % modulus);
    expectBroadcast(op, dtype, 'bool', value, (a, b) => Number(reference(a, b)));
  });
});

test.each([
  ['logicalAnd', (a: number, b: number) => a & b],
  ['logicalOr', (a: number, b: number) => a | b],
  ['logicalXor', (a: number, b: number) => a ^ b],
] as const)('%s, broadcast in every way', (op, reference) => {
  expectBroadcast(op, 'bool', 'bool', (i) => ((i * 7919) >> 2) & 1, reference);
});

test('logicalNot turns 0 and 1 around', () => {
  const x = Uint8Array.from({ length: 77 }, (_, i) => (i % 3) & 1);
  expect(call('bool', 77, [x], (a, y) => kernels.bool.logicalNot(a!, y!, 77))).toEqual(x.map((v) => 1 - v));
});

test.each(DTYPES)('where chooses in %s', (dtype) => {
  for (const n of [1, 2, 3, 15, 16, 17, 70]) {
    const values = (from: number) => elements(dtype, n, (i) => (from + i) % 251);
    const condition = Uint8Array.from({ length: n }, (_, i) => ((i * 5) >> 1) & 1);
    const a = values(0);
    const b = values(100);
    const y = call(dtype, n, [condition, a, b], (...at) =>
      kernels[dtype].where(...(at as [number, number, number, number]), n),
    );
    expect(Array.from(y)).toEqual(Array.from(y, (_, i) => (condition[i] ? a : b)[i]));
  }
});

test.each([
  ['isNaN', Number.isNaN],
  ['isFinite', Number.isFinite],
  ['isInf', (x: number) => Math.abs(x) === Infinity],
] as const)('%s tells floats apart', (op, reference) => {
  const values = Array.from({ length: 37 }, (_, i) => [NaN, 1, Infinity, -Infinity, -0, 1e-310, 3e38][(i * 5) % 7]!);
  for (const dtype of ['float32', 'float64'] as const) {
    const x = elements(dtype, 37, (i) => values[i]!);
    const y = call('bool', 37, [x], (a, b) => kernels[dtype][op](a!, b!, 37));
    expect(Array.from(y)).toEqual(values.map((v) => Number(reference(v))));
  }
});
