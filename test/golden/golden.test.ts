import { describe, expect, test } from 'vitest';
import { type Case, camelCase, camelCased, expectClose, readGolden, testCases } from './golden.js';

test('a file that is not there is undefined', () => {
  expect(readGolden('nowhere.json')).toBeUndefined();
});

describe('expectClose', () => {
  const tolerance = { atol: 0.1, rtol: 0.01 };

  test('takes what is within atol + rtol · |expected|', () => {
    expectClose([1, [10.19, -10.19]], [1.1, [10, -10]], tolerance);
    expectClose([Infinity, NaN], [Infinity, NaN], tolerance);
  });

  test.each([
    [
      [1, 10.21],
      [1, 10],
    ],
    [[1], [1, 1]],
    [NaN, 1],
    [1, NaN],
    [-Infinity, Infinity],
  ])('refuses %j for %j', (actual, expected) => {
    expect(() => expectClose(actual, expected, tolerance)).toThrow();
  });
});

test('names become ours', () => {
  expect(['t_mul', 'ExponentialDecay', 'beta_1'].map(camelCase)).toEqual(['tMul', 'exponentialDecay', 'beta1']);
  expect(camelCased({ end_learning_rate: 1, power: 2 })).toEqual({ endLearningRate: 1, power: 2 });
});

describe('testCases', () => {
  const made = (line: number, expected: number): Case => ({
    test: 'T.t',
    line,
    expected,
    tolerance: { atol: 0, rtol: 0 },
  });
  const run = ({ expected }: Case) => expect(expected).toBe(1);
  testCases('made up', { cases: [made(1, 1), made(2, 2)] }, run, { 'T.t:2': 'two is not one' });
});
