// How far a kernel's results lie from the truth, in units in the last place (ulp), over every kind of
// argument: all magnitudes, subnormals, zeros of both signs, infinities, NaN.

import { expect } from 'vitest';
import { kernels } from '../support/kernels.js';
import { call } from './heap.js';

const EDGES = [
  0,
  1,
  0.5,
  2,
  100,
  Math.PI / 2,
  Math.PI,
  Infinity,
  2 ** -126,
  2 ** -149,
  2 ** -1022,
  2 ** -1074,
  2 ** 127,
]
  .flatMap((x) => [x, -x])
  .concat(Number.NaN);

/** Every 8191st float32, then 2^16 numbers in [-20, 20], and the edges. */
function sample32(): Float32Array<ArrayBuffer> {
  const strided = new Float32Array(Uint32Array.from({ length: 2 ** 19 }, (_, i) => i * 8191).buffer);
  return Float32Array.from([...EDGES, ...strided, ...ordinary()]);
}

/** The same for float64, where the upper half of the bits is strided. */
function sample64(): Float64Array<ArrayBuffer> {
  const words = Uint32Array.from({ length: 2 ** 18 }, (_, i) => (i % 2 ? (i >> 1) * 32771 : i * 2654435761));
  return Float64Array.from([...EDGES, ...new Float64Array(words.buffer), ...ordinary()]);
}

const ordinary = (): number[] => Array.from({ length: 2 ** 16 }, (_, i) => (i - 32767.5) / 1638.4 + i * 1e-7);

const SAMPLES = { float32: sample32(), float64: sample64() } as const;
const MANTISSA = { float32: 23, float64: 52 } as const;
const LEAST = { float32: -126, float64: -1022 } as const;
const HIGH_WORD = new Int32Array(8);
const AS_DOUBLE = new Float64Array(HIGH_WORD.buffer);

export type Float = 'float32' | 'float64';

/** The distance of `actual` from the exact `expected`; 0 where both are NaN, the same infinity or the same zero. */
export function ulps(actual: number, expected: number, dtype: Float): number {
  const rounded = dtype === 'float32' ? Math.fround(expected) : expected;
  if (Object.is(actual, rounded)) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(rounded)) return Infinity;
  if (actual === 0 && rounded === 0) return Infinity;
  AS_DOUBLE[0] = expected;
  const exponent = ((HIGH_WORD[1]! >> 20) & 0x7ff) - 1023;
  return Math.abs(actual - expected) / 2 ** (Math.max(exponent, LEAST[dtype]) - MANTISSA[dtype]);
}

type Unary = (x: number, y: number, n: number, ...scalars: number[]) => void;

/** Expects a unary kernel to stay within `bound` ulp of `reference` everywhere. */
export function expectAccuracy(
  op: string,
  dtype: Float,
  reference: (x: number) => number,
  bound: number,
  scalars: number[] = [],
): void {
  const x = SAMPLES[dtype];
  const kernel = (kernels[dtype] as unknown as Record<string, Unary>)[op]!;
  const y = call(dtype, x.length, [x], (from, to) => kernel(from!, to!, x.length, ...scalars));
  let worst = 0;
  let at = 0;
  for (let i = 0; i < x.length; i++) {
    const distance = ulps(y[i]!, reference(x[i]!), dtype);
    if (distance > worst) {
      worst = distance;
      at = i;
    }
  }
  const message = `${op}(${x[at]}) = ${y[at]} in ${dtype}, should be ${reference(x[at]!)}`;
  expect(worst, message).toBeLessThanOrEqual(bound);
}
