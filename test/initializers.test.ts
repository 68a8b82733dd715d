import { beforeEach, describe, expect, test } from 'vitest';
import { initializers, setSeed } from '../src/index.js';
import { initializerOf } from '../src/initializer-names.js';
import type { Initializer } from '../src/initializers.js';

beforeEach(() => {
  setSeed(1);
});

function statistics(initializer: Initializer, shape = [200, 50]) {
  const x = initializer(shape, 'float32');
  const values = [...x.dataSync()];
  x.dispose();
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance), greatest: Math.max(...values.map(Math.abs)) };
}

describe('fixed values', () => {
  test('are zeros, ones and any number', () => {
    for (const [initializer, value] of [
      [initializers.zeros(), 0],
      [initializers.ones(), 1],
      [initializers.constant({ value: 2.5 }), 2.5],
    ] as const) {
      const x = initializer([2, 3], 'float64');
      expect(x.dtype).toBe('float64');
      expect(x.arraySync()).toEqual([
        [value, value, value],
        [value, value, value],
      ]);
      x.dispose();
    }
  });
});

// 10,000 weights: a standard deviation is known to about 1 %.
describe('random values have the spread of their source', () => {
  const [fanIn, fanOut] = [200, 50];
  test.each<[string, Initializer, number, number]>([
    ['glorotUniform', initializers.glorotUniform(), Math.sqrt(2 / (fanIn + fanOut)), Math.sqrt(3)],
    ['glorotNormal', initializers.glorotNormal(), Math.sqrt(2 / (fanIn + fanOut)), 2 / 0.8796],
    ['heUniform', initializers.heUniform(), Math.sqrt(2 / fanIn), Math.sqrt(3)],
    ['heNormal', initializers.heNormal(), Math.sqrt(2 / fanIn), 2 / 0.8796],
    ['randomNormal', initializers.randomNormal({ stddev: 0.1 }), 0.1, 6],
    ['randomUniform', initializers.randomUniform({ minval: -1, maxval: 1 }), 1 / Math.sqrt(3), Math.sqrt(3)],
    ['truncatedNormal', initializers.truncatedNormal({ stddev: 0.1 }), 0.08796, 2 / 0.8796],
  ])('%s', (_name, initializer, deviation, reach) => {
    const found = statistics(initializer);
    expect(Math.abs(found.mean)).toBeLessThan((4 * deviation) / 100);
    expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(0.04);
    expect(found.greatest).toBeLessThanOrEqual(reach * deviation * 1.0001);
  });

  test('a kernel of a convolution counts each of its positions as an input', () => {
    const { deviation } = statistics(initializers.heNormal(), [3, 3, 8, 100]);
    expect(Math.abs(deviation / Math.sqrt(2 / (9 * 8)) - 1)).toBeLessThan(0.04);
  });
});

test('a seed gives the same weights at each call', () => {
  const weights = (seed: number) => {
    const x = initializers.heNormal({ seed })([4, 4], 'float32');
    const values = [...x.dataSync()];
    x.dispose();
    return values;
  };
  expect(weights(1)).toEqual(weights(1));
  expect(weights(1)).not.toEqual(weights(2));
});

describe('initializerOf', () => {
  test('finds an initializer by name, or takes it as it is', () => {
    const mine: Initializer = initializers.ones();
    expect(initializerOf(mine, 'test')).toBe(mine);
    const x = initializerOf('ones', 'test')([1], 'float32');
    expect(x.dataSync()[0]).toBe(1);
    x.dispose();
  });

  test('refuses what is none', () => {
    expect(() => initializerOf('orthogonal', 'test')).toThrow(/^test: unknown initializer 'orthogonal'; known are /);
    expect(() => initializerOf(null as never, 'test')).toThrow(TypeError);
  });
});
