import { expect, test } from 'vitest';
import { grad } from '../../src/autodiff.js';
import { jit } from '../../src/jit.js';
import { div, scalar, sum, tensor1d } from '../../src/ops/index.js';
import { PhiloxRandom, setSeed } from '../../src/random/index.js';
import { rrelu } from '../../src/random/rrelu.js';
import { tidy } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const list = (x: Tensor): number[] => Array.from(x.dataSync());
const x = [-4, -1, 0, 2];

test('is leakyRelu with the mean slope outside of training', () => {
  tidy(() => {
    expect(list(rrelu(x, 0.25, 0.75))).toEqual([-2, -0.5, 0, 2]);
    expect(list(rrelu(tensor1d([-24], 'float64')))).toEqual([-24 * ((1 / 8 + 1 / 3) / 2)]);
  });
});

test('draws a slope for each element in training, evenly between the bounds', () => {
  tidy(() => {
    setSeed(1);
    const n = 20_000;
    const slopes = list(div(rrelu(new Array(n).fill(-2), 0.1, 0.5, true), -2));
    expect(Math.min(...slopes)).toBeGreaterThanOrEqual(Math.fround(0.1));
    expect(Math.max(...slopes)).toBeLessThanOrEqual(0.5);
    expect(slopes.reduce((a, b) => a + b) / n).toBeCloseTo(0.3, 2);
    expect(new Set(slopes).size).toBeGreaterThan(n / 2);
    expect(list(rrelu([3, 0], 0.1, 0.5, true))).toEqual([3, 0]);
  });
});

test('has the slope that it drew as its derivative', () => {
  tidy(() => {
    const at = tensor1d(x, 'float64');
    const y = list(rrelu(at, 0.1, 0.9, true, 5));
    const dx = list(grad((x) => sum(rrelu(x, 0.1, 0.9, true, 5)))(at));
    expect(dx[3]).toBe(1);
    for (const i of [0, 1]) expect(y[i]).toBe(dx[i] * x[i]);
  });
});

test('draws the same with a seed, goes on with a stream, and draws anew in each replay', () => {
  leavesNothing(() => {
    tidy(() => {
      const draw = (seed?: number | PhiloxRandom) => list(rrelu(x, 0, 1, true, seed));
      expect(draw(3)).toEqual(draw(3));
      const stream = new PhiloxRandom({ seed: 3 });
      const first = draw(stream);
      expect(draw(stream)).not.toEqual(first);
      stream.dispose();
      const replayed = jit((x) => rrelu(x, 0, 1, true));
      const input = scalar(-1);
      const values = Array.from({ length: 5 }, () => list(replayed(input))[0]);
      expect(new Set(values).size).toBe(5);
      replayed.dispose();
    });
  });
});

test('refuses bounds that are none', () => {
  expect(() => rrelu([1], 0.5, 0.25)).toThrow(new RangeError('rrelu: lower must not be above upper, got 0.5 and 0.25'));
  expect(() => rrelu([1], 'a' as never)).toThrow(new TypeError('rrelu: lower must be a number, got string'));
});
