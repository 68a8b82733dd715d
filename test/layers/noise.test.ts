// Layers that drop elements or add noise to them.

import { describe, expect, test } from 'vitest';
import { grad, layers, ones, setSeed, type Tensor, tidy, zeros } from '../../src/index.js';
import { check, drawsInTraining, values } from './support.js';

const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const variance = (v: readonly number[]) => {
  const middle = mean(v);
  return mean(v.map((x) => (x - middle) ** 2));
};
const training = { training: true };

describe('dropout', () => {
  drawsInTraining(
    (seed) => layers.dropout({ rate: 0.5, seed }),
    () => ones([4, 8]),
  );

  test('takes one mask for what its noise shape says', () => {
    check(layers.dropout({ rate: 0.5, noiseShape: [null, 1, 3], seed: 1 }), (layer) => {
      const y = layer.apply(ones([20, 4, 3]), training).arraySync() as number[][][];
      for (const image of y) for (const row of image) expect(row).toEqual(image[0]);
      expect(new Set(y.map((image) => String(image[0]))).size).toBeGreaterThan(4);
    });
  });
});

const SPATIAL = [
  ['spatialDropout1d', layers.spatialDropout1d, [5]],
  ['spatialDropout2d', layers.spatialDropout2d, [3, 2]],
  ['spatialDropout3d', layers.spatialDropout3d, [2, 2, 2]],
] as const;

describe.each(SPATIAL)('%s', (name, make, sizes) => {
  drawsInTraining(
    (seed) => make({ rate: 0.5, seed }),
    () => ones([6, ...sizes, 4]),
  );

  test('drops whole channels', () => {
    for (const dataFormat of ['channelsLast', 'channelsFirst'] as const) {
      check(make({ rate: 0.4, dataFormat, seed: 1 }), (layer) => {
        const x = dataFormat === 'channelsLast' ? ones([50, ...sizes, 6]) : ones([50, 6, ...sizes]);
        const y = layer.apply(x, training);
        const axes = sizes.map((_, i) => i + (dataFormat === 'channelsLast' ? 1 : 2));
        const [least, most] = [values(y.min(axes)), values(y.max(axes))];
        expect(least).toEqual(most);
        expect(new Set(most)).toEqual(new Set([0, Math.fround(1 / 0.6)]));
        const dropped = most.filter((v) => v === 0).length;
        expect(Math.abs(dropped - 120)).toBeLessThan(4 * Math.sqrt(300 * 0.4 * 0.6));
      });
    }
  });

  test('refuses what it cannot use', () => {
    expect(() => make({ rate: 1 })).toThrow(/^spatial_dropout\dd.*: rate must be in \[0, 1\), got 1$/);
    expect(() => make({ rate: 0.1, dataFormat: 'NHWC' as never })).toThrow(RangeError);
    expect(() => tidy(() => make({ rate: 0.1, name }).apply(ones([2, 2])))).toThrow(
      new RangeError(`${name}: needs inputs of rank ${sizes.length + 2}, got [2, 2]`),
    );
  });
});

describe('gaussianDropout', () => {
  drawsInTraining(
    (seed) => layers.gaussianDropout({ rate: 0.3, seed }),
    () => ones([4, 8]),
  );

  test('multiplies by numbers of mean 1 and variance rate / (1 − rate), also in gradients', () => {
    check(layers.gaussianDropout({ rate: 0.2 }), (layer) => {
      setSeed(1);
      const factors = values(layer.apply(ones([200, 200]), training));
      expect(Math.abs(mean(factors) - 1)).toBeLessThan(4 * Math.sqrt(0.25 / 40000));
      expect(variance(factors)).toBeCloseTo(0.25, 2);
      setSeed(1);
      const slope = grad((x: Tensor) => layer.apply(x, training))(ones([200, 200]).mul(3));
      expect(values(slope)).toEqual(factors);
    });
  });

  test('refuses rates outside [0, 1)', () => {
    expect(() => layers.gaussianDropout({ rate: -1 })).toThrow(
      new RangeError('layers.gaussianDropout: rate must be in [0, 1), got -1'),
    );
  });
});

describe('alphaDropout', () => {
  drawsInTraining(
    (seed) => layers.alphaDropout({ rate: 0.5, seed }),
    () => ones([4, 8]),
  );

  test('keeps mean 0 and variance 1, and drops to one value', () => {
    check(layers.alphaDropout({ rate: 0.25, seed: 4 }), (layer) => {
      const x = layers.gaussianNoise({ stddev: 1, seed: 2 }).apply(zeros([300, 300]), training);
      const y = values(layer.apply(x, training));
      expect(mean(y)).toBeCloseTo(0, 1);
      expect(variance(y)).toBeCloseTo(1, 1);
      // By hand: a = (0.75·(1 + 0.25·1.7580993²))^−½, b = 0.25·1.7580993·a, and a·(−1.7580993) + b.
      const a = 1 / Math.sqrt(0.75 * (1 + 0.25 * 1.7580993408473766 ** 2));
      const lowest = -a * 1.7580993408473766 * 0.75;
      const dropped = y.filter((v) => Math.abs(v - lowest) < 1e-5).length;
      expect(Math.abs(dropped - 22500)).toBeLessThan(4 * Math.sqrt(90000 * 0.25 * 0.75));
    });
  });

  test('takes one mask for what its noise shape says', () => {
    check(layers.alphaDropout({ rate: 0.5, noiseShape: [null, 1], seed: 1 }), (layer) => {
      for (const row of layer.apply(ones([20, 4]), training).arraySync() as number[][]) {
        expect(new Set(row).size).toBe(1);
      }
    });
    expect(() => layers.alphaDropout({ rate: 2 })).toThrow(
      new RangeError('layers.alphaDropout: rate must be in [0, 1), got 2'),
    );
  });
});

describe('gaussianNoise', () => {
  drawsInTraining(
    (seed) => layers.gaussianNoise({ stddev: 0.3, seed }),
    () => ones([4, 8]),
  );

  test('adds numbers of mean 0 and that deviation', () => {
    check(layers.gaussianNoise({ stddev: 0.5, seed: 1 }), (layer) => {
      const noise = values(layer.apply(zeros([200, 200], 'float64'), training));
      expect(mean(noise)).toBeCloseTo(0, 2);
      expect(variance(noise)).toBeCloseTo(0.25, 2);
    });
  });

  test('refuses deviations below 0', () => {
    expect(() => layers.gaussianNoise({ stddev: -1 })).toThrow(
      new RangeError('layers.gaussianNoise: stddev must be from 0 up, got -1'),
    );
    expect(() => layers.gaussianNoise({} as never)).toThrow(
      new TypeError('layers.gaussianNoise: stddev must be a number, got undefined'),
    );
  });
});
