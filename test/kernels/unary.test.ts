import { describe, expect, test } from 'vitest';
import { kernels } from '../support/kernels.js';
import { expectAccuracy, type Float } from './accuracy.js';
import { call, elements } from './heap.js';
import * as reference from './reference.js';

const roundHalfToEven = (x: number) => {
  const floor = Math.floor(x);
  if (Math.abs(x) >= 2 ** 52 || floor === x || Number.isNaN(x)) return x;
  const up = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 !== 0);
  const y = up ? floor + 1 : floor;
  return y === 0 && x < 0 ? -0 : y;
};

/** Keeps −0, unlike Math.max. */
function rectified(x: number): number {
  if (x < 0) return 0;
  return x;
}

// Bounds in ulp. Those of float64 hold the error of the host's Math too, 1 ulp, and much more where e^x has few
// digits or the reference is no single function of it: for those see golden.test.ts.
const OPS: [op: string, reference: (x: number) => number, float32: number, float64: number][] = [
  ['abs', Math.abs, 0, 0],
  ['neg', (x) => -x, 0, 0],
  ['sign', (x) => (x > 0 ? 1 : x < 0 ? -1 : x + 0), 0, 0],
  ['square', (x) => x * x, 0.5, 0],
  ['sqrt', Math.sqrt, 0.5, 0],
  ['rsqrt', (x) => 1 / Math.sqrt(x), 1.5, 0],
  ['reciprocal', (x) => 1 / x, 0.5, 0],
  ['floor', Math.floor, 0, 0],
  ['ceil', Math.ceil, 0, 0],
  ['round', roundHalfToEven, 0, 0],
  ['exp', Math.exp, 1, 2],
  ['expm1', Math.expm1, 1.2, 2.2],
  ['log', Math.log, 1, 2],
  ['log1p', Math.log1p, 1, 2],
  ['sin', Math.sin, 1.6, 2],
  ['cos', Math.cos, 1.6, 2],
  ['tan', Math.tan, 0.51, 3],
  ['asin', Math.asin, 0.51, 3.6],
  ['acos', Math.acos, 0.51, 3.8],
  ['atan', Math.atan, 0.51, 3.2],
  ['sinh', Math.sinh, 0.51, 3.1],
  ['cosh', Math.cosh, 0.51, 2.3],
  ['tanh', Math.tanh, 1.1, 2.1],
  ['asinh', Math.asinh, 0.51, 3],
  ['acosh', Math.acosh, 0.51, 3.3],
  ['atanh', Math.atanh, 0.51, 3],
  ['erf', reference.erf, 1.5, 12],
  ['sigmoid', reference.sigmoid, 2, 5],
  ['softplus', reference.softplus, 1.7, 4],
  ['logSigmoid', (x) => -reference.softplus(-x), 1.7, 4],
  ['softsign', (x) => x / (1 + Math.abs(x)), 1.5, 0],
  ['hardSigmoid', reference.hardSigmoid, 1.1, 0],
  ['hardSwish', reference.hardSwish, 2, 0],
  ['relu', rectified, 0, 0],
  ['relu6', (x) => Math.min(rectified(x), 6), 0, 0],
  ['selu', reference.selu, 2, 5],
  ['silu', reference.silu, 2, 2000],
  ['mish', reference.mish, 0.51, 2000],
  ['gelu', reference.gelu, 2, 2000],
  ['geluExact', reference.geluExact, 3.7, 2000],
];

describe.each(OPS)('%s', (op, reference, float32, float64) => {
  test(`is within ${float32} ulp in float32`, () => expectAccuracy(op, 'float32', reference, float32));
  test(`is within ${float64} ulp of the reference in float64`, () => expectAccuracy(op, 'float64', reference, float64));
});

describe.each<Float>(['float32', 'float64'])('with a number beside it, in %s', (dtype) => {
  const rounded = (x: number) => (dtype === 'float32' ? Math.fround(x) : x);
  const alpha = 0.7;

  test('leakyRelu multiplies what is negative', () => {
    expectAccuracy('leakyRelu', dtype, (x) => (x < 0 ? x * rounded(alpha) : x), 0.5, [alpha]);
  });

  test('elu is x or α·(e^x − 1)', () => {
    const bound = dtype === 'float32' ? 2 : 3.5;
    expectAccuracy('elu', dtype, (x) => (x > 0 ? x : rounded(alpha) * Math.expm1(x)), bound, [alpha, 1]);
  });

  test('elu with another rate is celu', () => {
    const rate = 1 / alpha;
    const celu = (x: number) => (x > 0 ? x : rounded(alpha) * Math.expm1(x * rounded(rate)));
    expectAccuracy('elu', dtype, celu, dtype === 'float32' ? 2.5 : 4.5, [alpha, rate]);
  });

  test('step is 1 above 0 and α elsewhere', () => {
    expectAccuracy('step', dtype, (x) => (x > 0 ? 1 : x <= 0 ? rounded(alpha) : NaN), 0, [alpha]);
  });

  test('clipByValue keeps to the bounds, and keeps NaN', () => {
    expectAccuracy('clipByValue', dtype, (x) => Math.min(Math.max(x, -1.5), 100), 0, [-1.5, 100]);
  });
});

describe.each(['exp', 'log'] as const)('%s', (op) => {
  test.each<Float>(['float32', 'float64'])('gives the same bits beside any other number, in %s', (dtype) => {
    // Strange neighbours send a vector the long way.
    const n = 4096;
    const x = elements(dtype, n, (i) => (i + 1) * (op === 'exp' ? (i % 2 ? 0.02 : -0.02) : 2 ** ((i % 250) - 125)));
    const beside = elements(dtype, 4 * n, (i) => (i % 4 ? [NaN, 0, Infinity, -1e30][(i >> 2) % 4]! : x[i >> 2]!));
    const run = (input: typeof x) =>
      call(dtype, input.length, [input], (from, to) => kernels[dtype][op](from!, to!, input.length));
    expect(run(beside).filter((_, i) => i % 4 === 0)).toEqual(run(x));
  });
});

describe('whole numbers', () => {
  const x = elements('int32', 37, (i) => [0, 1, -1, 5, 7, -8, 2 ** 31 - 1, -(2 ** 31), 46341][i % 9]!);

  test.each([
    ['abs', (v: number) => Math.abs(v) | 0],
    ['neg', (v: number) => -v | 0],
    ['sign', Math.sign],
    ['square', (v: number) => Math.imul(v, v)],
    ['relu', (v: number) => Math.max(v, 0)],
    ['relu6', (v: number) => Math.min(Math.max(v, 0), 6)],
  ] as const)('%s wraps', (op, reference) => {
    expect(call('int32', 37, [x], (a, y) => kernels.int32[op](a!, y!, 37))).toEqual(x.map(reference));
  });

  test('clipByValue takes bounds beyond what an int32 holds', () => {
    const clipped = call('int32', 37, [x], (a, y) => kernels.int32.clipByValue(a!, y!, 37, -3, 1e12));
    expect(clipped).toEqual(x.map((v) => Math.max(v, -3)));
  });
});
