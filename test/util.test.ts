// Small functions of arrays and numbers.

import { describe, expect, test } from 'vitest';
import { backend, memory, setSeed, tensor1d, time, util } from '../src/index.js';
import { leavesNothing } from './support/heap.js';

const rising = (x: ArrayLike<number>) => Array.from(x).sort((a, b) => a - b);

describe('shuffling', () => {
  test('puts elements in another order, the same after the same seed, each as often in each place', () => {
    // The stream's own state stays.
    setSeed(0);
    leavesNothing(() => {
      const order = (seed: number) => {
        setSeed(seed);
        return Array.from(util.createShuffledIndices(50));
      };
      expect(order(1)).toEqual(order(1));
      expect(order(1)).not.toEqual(order(2));
      expect(rising(order(1))).toEqual(Array.from({ length: 50 }, (_, i) => i));
      const places = [0, 0, 0, 0];
      for (let i = 0; i < 400; i++) {
        const list = [0, 1, 2, 3];
        util.shuffle(list);
        places[list.indexOf(0)]!++;
      }
      for (const n of places) expect(Math.abs(n - 100)).toBeLessThan(40);
    });
  });

  test('of two arrays keeps what belongs together', () => {
    const [a, b] = [[1, 2, 3, 4, 5], Float32Array.of(1, 4, 9, 16, 25)];
    util.shuffleCombo(a, b);
    expect(Array.from(b)).toEqual(a.map((x) => x * x));
    expect(() => util.shuffleCombo([1], [1, 2])).toThrow(
      new RangeError('shuffleCombo: needs arrays of one length, got 1 and 2'),
    );
    util.shuffle([]);
    expect(util.createShuffledIndices(0)).toEqual(new Uint32Array(0));
    expect(() => util.createShuffledIndices(-1)).toThrow(
      new RangeError('createShuffledIndices: n must be a whole number from 0 up, got -1'),
    );
  });
});

test('flatten, sizeFromShape, randUniform, tanh and assert', () => {
  leavesNothing(() => {
    expect(util.flatten([1, [2, [3]], Float32Array.of(4, 5)])).toEqual([1, 2, 3, 4, 5]);
    expect(util.flatten(7, [6])).toEqual([6, 7]);
    expect([util.sizeFromShape([]), util.sizeFromShape([2, 0])]).toEqual([1, 0]);
    for (let i = 0; i < 20; i++) expect(Math.floor(util.randUniform(-2, -1))).toBe(-2);
    expect(() => util.randUniform(0, Number.NaN)).toThrow(new RangeError('randUniform: b must be finite, got NaN'));
    expect([-Infinity, 0, 0.5].map(util.tanh)).toEqual([-1, 0, 0.46211715726000974]);
    expect(() => util.assert(false, () => 'no')).toThrow(new Error('no'));
    expect(() => util.assert(false, 'never')).toThrow(new Error('never'));
    util.assert(true, 'not needed');
    util.assertShapesMatch([2, 3], [2, 3]);
    expect(() => util.assertShapesMatch([2], [2, 1], 'x:')).toThrow(new RangeError('x: Shapes 2 and 2,1 must match'));
    expect(() => util.assert(1 as never, () => 'no')).toThrow(new TypeError('assert: needs a boolean, got number'));
  });
});

test('backend tells the smallest denominator', () => {
  expect(backend().epsilon()).toBe(1e-7);
});

test('time tells how long a call takes, and disposes of what it made', async () => {
  const x = tensor1d([1, 2]);
  const before = memory().numTensors;
  let run = 0;
  const { wallMs, kernelMs } = await time(() => {
    // Long enough for a page's clock, which ticks a few times in a millisecond at most.
    const end = performance.now() + 2;
    while (performance.now() < end) run++;
    return x.square();
  });
  expect(run).toBeGreaterThan(0);
  expect(memory().numTensors).toBe(before);
  expect(kernelMs).toBeGreaterThan(1);
  expect(kernelMs).toBeLessThanOrEqual(wallMs);
  x.dispose();
});
