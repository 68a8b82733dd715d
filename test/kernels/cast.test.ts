import { expect, test } from 'vitest';
import type { DataType } from '../../src/dtype.js';
import { kernels } from '../support/kernels.js';
import { call, elements } from './heap.js';

const VALUES = [0, -0, 1, -1, 0.5, -2.7, 2.7, 1e10, -1e10, NaN, Infinity, -Infinity, 16777217, 2147483647, 1e-320];
const LENGTHS = [1, 2, 3, 5, 8, 15, 16, 17, 33];
const NAMES = { float32: 'toFloat32', float64: 'toFloat64', int32: 'toInt32', bool: 'toBool' } as const;

const RULES: Record<DataType, (x: number) => number> = {
  float32: Math.fround,
  float64: (x) => x,
  int32: (x) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x) || 0)),
  bool: (x) => Number(x !== 0),
};

const DTYPES = Object.keys(RULES) as DataType[];
const pairs = DTYPES.flatMap((from) => DTYPES.filter((to) => to !== from).map((to) => ({ from, to })));

test.each(pairs)('$from to $to', ({ from, to }) => {
  const kernel = (kernels[from] as unknown as Record<string, (x: number, y: number, n: number) => void>)[NAMES[to]]!;
  for (const n of LENGTHS) {
    const x = elements(from, n, (i) => RULES[from](VALUES[i % VALUES.length]!));
    const y = call(to, n, [x], (a, b) => kernel(a!, b!, n));
    expect(y).toEqual(elements(to, n, (i) => RULES[to](x[i]!)));
  }
});

test.each(DTYPES)('fill repeats a number in %s', (dtype) => {
  for (const n of LENGTHS)
    expect(call(dtype, n, [], (y) => kernels[dtype].fill(y!, n, 1))).toEqual(elements(dtype, n, () => 1));
});

test.each(['float32', 'float64', 'int32'] as const)('range counts without adding up errors in %s', (dtype) => {
  for (const [start, step] of [
    [0, 1],
    [5, -3],
    [0.1, 0.1],
  ] as const) {
    const expected = elements(dtype, 1000, (i) => start + i * step);
    expect(call(dtype, 1000, [], (y) => kernels[dtype].range(y!, 1000, start, step))).toEqual(expected);
  }
});
