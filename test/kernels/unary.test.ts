import { describe, test } from 'vitest';
import { expectAccuracy } from './accuracy.js';

// The bound for float64 has 1 ulp on top for the host's own Math, which is the reference.
const OPS: [op: string, reference: (x: number) => number, float32: number, float64: number][] = [
  ['exp', Math.exp, 1, 2],
  ['expm1', Math.expm1, 1.2, 2.2],
  ['log', Math.log, 1, 2],
  ['log1p', Math.log1p, 1, 2],
  ['sqrt', Math.sqrt, 0.5, 0],
  ['sin', Math.sin, 1.6, 2],
  ['cos', Math.cos, 1.6, 2],
  ['tanh', Math.tanh, 1.1, 2.1],
  ['sigmoid', (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))), 2, 5],
];

describe.each(OPS)('%s', (op, reference, float32, float64) => {
  test(`is within ${float32} ulp in float32`, () => expectAccuracy(op, 'float32', reference, float32));
  test(`is within ${float64} ulp of the host in float64`, () => expectAccuracy(op, 'float64', reference, float64));
});
