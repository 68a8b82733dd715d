import { describe, expect, test } from 'vitest';
import { kernels } from '../support/kernels.js';
import { call, elements } from './heap.js';
import * as reference from './reference.js';

const ALPHA = 0.7;

// Each gradient, the function it belongs to, and whether it is given x or y. A central difference in double precision
// is the reference: points where a derivative jumps are left out.
const GRADIENTS: [op: string, forward: (x: number) => number, given: 'x' | 'y', scalars: number[]][] = [
  ['reluGrad', (x) => Math.max(x, 0), 'x', []],
  ['relu6Grad', (x) => Math.min(Math.max(x, 0), 6), 'x', []],
  ['leakyReluGrad', (x) => (x < 0 ? ALPHA * x : x), 'x', [ALPHA]],
  ['eluGrad', (x) => (x < 0 ? ALPHA * Math.expm1(x) : x), 'y', [ALPHA, 1]],
  ['eluGrad', (x) => (x < 0 ? ALPHA * Math.expm1(x / ALPHA) : x), 'y', [ALPHA, 1 / ALPHA]],
  ['seluGrad', reference.selu, 'y', []],
  ['tanhGrad', Math.tanh, 'y', []],
  ['sigmoidGrad', reference.sigmoid, 'y', []],
  ['softplusGrad', reference.softplus, 'x', []],
  ['geluGrad', reference.gelu, 'x', []],
  ['geluExactGrad', reference.geluExact, 'x', []],
  ['siluGrad', reference.silu, 'x', []],
  ['mishGrad', reference.mish, 'x', []],
  ['hardSigmoidGrad', reference.hardSigmoid, 'x', []],
  ['hardSwishGrad', reference.hardSwish, 'x', []],
];

const N = 1001;
const STEP = 1e-5;
const x = elements('float64', N, (i) => (i - 500.3) / 37);
const dy = elements('float64', N, (i) => ((i * 7919) % 17) / 8 - 1);

type Grad = (dy: number, x: number, dx: number, n: number, ...scalars: number[]) => void;

describe.each(GRADIENTS)('%s', (op, forward, given, scalars) => {
  const slope = x.map((v) => (forward(v + STEP) - forward(v - STEP)) / (2 * STEP));
  const input = given === 'x' ? x : x.map(forward);

  test.each([
    ['float64', 2e-9],
    ['float32', 3e-6],
  ] as const)('is the slope of its function in %s', (dtype, tolerance) => {
    const grad = (kernels[dtype] as unknown as Record<string, Grad>)[op]!;
    const inputs = [elements(dtype, N, (i) => dy[i]!), elements(dtype, N, (i) => input[i]!)];
    const dx = call(dtype, N, inputs, (a, b, c) => grad(a!, b!, c!, N, ...scalars));
    for (let i = 0; i < N; i++) {
      expect(Math.abs(dx[i]! - dy[i]! * slope[i]!), `${op} at ${x[i]}`).toBeLessThanOrEqual(tolerance);
    }
  });

  test('is finite however far out', () => {
    const far = elements('float32', 4, (i) => [-1e30, -200, 200, 1e30][i]!);
    const ones = elements('float32', 4, () => 1);
    const grad = (kernels.float32 as unknown as Record<string, Grad>)[op]!;
    const at = given === 'x' ? far : far.map(forward);
    const dx = call('float32', 4, [ones, at], (a, b, c) => grad(a!, b!, c!, 4, ...scalars));
    expect(Array.from(dx).every(Number.isFinite)).toBe(true);
  });
});

test('at a corner, gradients follow TensorFlow.js', () => {
  const at = Float32Array.of(0, 6);
  const one = Float32Array.of(1, 1);
  const grad = (op: 'reluGrad' | 'relu6Grad') =>
    call('float32', 2, [one, at], (a, b, c) => kernels.float32[op](a!, b!, c!, 2));
  expect(Array.from(grad('reluGrad'))).toEqual([0, 1]);
  expect(Array.from(grad('relu6Grad'))).toEqual([0, 1]);
});
