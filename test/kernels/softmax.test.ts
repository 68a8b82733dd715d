import { expect, test } from 'vitest';
import { kernels } from '../support/kernels.js';
import { type Float, ulps } from './accuracy.js';
import { call, elements } from './heap.js';

/** The sum by halves, which errs little. */
const sum = (v: number[]): number =>
  v.length < 8 ? v.reduce((a, b) => a + b) : sum(v.slice(0, v.length >> 1)) + sum(v.slice(v.length >> 1));

/** Softmax of a row in double precision. */
function exact(row: number[]): number[] {
  const top = Math.max(...row);
  const e = row.map((x) => Math.exp(x - top));
  const total = sum(e);
  return e.map((v) => v / total);
}

// The exponential, the sum, its reciprocal and the product each add their errors. In float64 the reference errs, too.
test.each<[Float, number, number]>([
  ['float32', 4, 2e-7],
  ['float64', 8, 1e-15],
])('softmax in %s is within %d ulp, and rows add up to 1', (dtype, bound, rest) => {
  // Differences of such numbers are exact.
  const number = (i: number) => Math.round(512 * Math.sin(i * i)) / 64;
  for (const [rows, n] of [
    [40, 10],
    [7, 512],
    [3, 1001],
    [2, 1],
  ] as const) {
    const x = elements(dtype, rows * n, number);
    const y = call(dtype, rows * n, [x], (from, to) => kernels[dtype].softmax(from!, to!, rows, n));
    for (let r = 0; r < rows; r++) {
      const expected = exact([...x.subarray(r * n, (r + 1) * n)]);
      const row = [...y.subarray(r * n, (r + 1) * n)];
      expect(Math.max(...row.map((v, i) => ulps(v, expected[i]!, dtype)))).toBeLessThan(bound);
      expect(Math.abs(sum(row) - 1)).toBeLessThan(rest);
    }
  }
});
