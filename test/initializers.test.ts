import { beforeEach, describe, expect, test } from 'vitest';
import { eye, initializers, matMul, setSeed } from '../src/index.js';
import { initializerOf } from '../src/initializer-names.js';
import type { Initializer } from '../src/initializers.js';
import { gone } from './support/gone.js';

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

  test('are those of the identity, of any matrix', () => {
    gone(() => {
      expect(initializers.identity()([2, 2], 'float32').arraySync()).toEqual([
        [1, 0],
        [0, 1],
      ]);
      const wide = initializers.identity({ gain: -0.5 })([2, 3], 'float64');
      expect(wide.dtype).toBe('float64');
      expect(wide.add(0).arraySync()).toEqual([
        [-0.5, 0, 0],
        [0, -0.5, 0],
      ]);
      expect(() => initializers.identity()([2, 2, 2], 'float32')).toThrow(
        new RangeError('initializers.identity: needs the shape of a matrix, got [2, 2, 2]'),
      );
    });
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
    ['leCunUniform', initializers.leCunUniform(), Math.sqrt(1 / fanIn), Math.sqrt(3)],
    ['leCunNormal', initializers.leCunNormal(), Math.sqrt(1 / fanIn), 2 / 0.8796],
    [
      'varianceScaling',
      initializers.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'untruncatedNormal' }),
      Math.sqrt(3 / fanOut),
      6,
    ],
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

describe('orthogonal', () => {
  /** The largest |wᵀw − gain²·1| or |wwᵀ − gain²·1|, whichever is the smaller matrix. */
  const error = (shape: number[], dtype: 'float32' | 'float64', gain = 1) =>
    gone(() => {
      const w = initializers.orthogonal({ gain, seed: 3 })(shape, dtype);
      expect([w.shape, w.dtype]).toEqual([shape, dtype]);
      const matrix = w.reshape([-1, shape.at(-1)!]).asType('float64');
      const [rows, columns] = matrix.shape as [number, number];
      const products = matMul(matrix, matrix, rows > columns, rows <= columns);
      return products
        .sub(eye(Math.min(rows, columns)).mul(gain * gain))
        .abs()
        .max()
        .dataSync()[0];
    });

  test('gives orthonormal rows, or columns where these are fewer, times gain', () => {
    expect(error([256, 256], 'float32')).toBeLessThan(1e-7);
    expect(error([40, 7], 'float32')).toBeLessThan(1e-7);
    expect(error([7, 40], 'float64')).toBeLessThan(1e-14);
    expect(error([3, 3, 2, 5], 'float64', 2)).toBeLessThan(1e-13);
    expect(error([1, 1], 'float64')).toBe(0);
  });

  test('begins with any direction alike', () => {
    // The elements of a uniformly random direction have mean 0 and variance 1 / n.
    const found = statistics(initializers.orthogonal({ seed: 1 }), [100, 100]);
    expect(Math.abs(found.mean)).toBeLessThan(4 / 1000);
    expect(found.deviation).toBeCloseTo(0.1, 3);
    expect(found.greatest).toBeLessThan(0.6);
  });

  test('refuses shapes without rows and columns', () => {
    expect(() => initializers.orthogonal()([4], 'float32')).toThrow(
      new RangeError('initializers.orthogonal: needs a shape of rank 2 or more, got [4]'),
    );
  });
});

test('options that are none are refused', () => {
  expect(() => initializers.constant({} as never)).toThrow(
    new TypeError('initializers.constant: value must be a number, got undefined'),
  );
  expect(() => initializers.orthogonal({ gain: Number.NaN })).toThrow(
    new RangeError('initializers.orthogonal: gain must be finite, got NaN'),
  );
  expect(() => initializers.varianceScaling({ scale: 0 })).toThrow(
    new RangeError('initializers.varianceScaling: scale must be positive, got 0'),
  );
  expect(() => initializers.varianceScaling({ mode: 'fan_in' as never })).toThrow(
    new RangeError('initializers.varianceScaling: mode must be one of fanIn, fanOut, fanAvg, got fan_in'),
  );
  expect(() => initializers.varianceScaling({ distribution: 'gauss' as never })).toThrow(
    /^initializers\.varianceScaling: distribution must be one of truncatedNormal, normal, .*, got gauss$/,
  );
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

  test('knows every initializer that needs no options', () => {
    for (const name of Object.keys(initializers).filter((key) => key !== 'constant')) {
      gone(() => expect(initializerOf(name, 'test')([3, 3], 'float32').shape).toEqual([3, 3]));
    }
  });

  test('knows classes by their names, too', () => {
    gone(() => expect(initializerOf('Zeros', 'test')([2], 'float32').arraySync()).toEqual([0, 0]));
    gone(() => expect(initializerOf('VarianceScaling', 'test')([3, 3], 'float32').shape).toEqual([3, 3]));
  });

  test('refuses what is none', () => {
    expect(() => initializerOf('orthonormal', 'test')).toThrow(/^test: unknown initializer 'orthonormal'; known are /);
    expect(() => initializerOf(null as never, 'test')).toThrow(TypeError);
  });
});
