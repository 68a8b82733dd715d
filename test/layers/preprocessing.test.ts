// Layers that prepare data: scaled, normalized, in bins, and encoded.

import { describe, expect, test } from 'vitest';
import {
  data as datasets,
  jit,
  layers,
  memory,
  ones,
  randomNormal,
  sequential,
  type Tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
} from '../../src/index.js';
import { check, remade, values } from './support.js';

const close = (actual: readonly number[], expected: readonly number[], digits = 5) => {
  expect(actual.length).toBe(expected.length);
  for (const [i, x] of actual.entries()) expect(x).toBeCloseTo(expected[i]!, digits);
};

describe('rescaling', () => {
  test('multiplies and adds, in training and after it', () => {
    check(layers.rescaling({ scale: 2, offset: -1 }), (layer) => {
      const y = layer.apply(tensor1d([0, 3], 'int32'));
      expect([y.dtype, values(y)]).toEqual(['float32', [-1, 5]]);
      expect(values(layer.apply(tensor1d([1]), { training: true }))).toEqual([1]);
      expect(values(remade(layer).apply(tensor1d([4])))).toEqual([7]);
    });
    expect(() => layers.rescaling({} as never)).toThrow(
      new TypeError('layers.rescaling: scale must be a number, got undefined'),
    );
  });
});

describe('normalization', () => {
  const data = [
    [1, 10, 5],
    [2, 20, 5],
    [3, 60, 5],
  ];

  test('by given mean and variance, of each feature or of all', () => {
    check(layers.normalization({ mean: [1, 2], variance: [4, 9] }), (layer) => {
      expect(values(layer.apply(tensor2d([[3, 5]])))).toEqual([1, 1]);
      const again = remade(layer);
      expect(values(again.apply(tensor2d([[3, 5]])))).toEqual([1, 1]);
      again.dispose();
    });
    check(layers.normalization({ axis: null, mean: 3, variance: 4 }), (layer) => {
      expect(values(layer.apply(tensor2d([[3, 5]])))).toEqual([0, 1]);
    });
    check(layers.normalization({ mean: 3, variance: 4, invert: true }), (layer) => {
      expect(values(layer.apply(tensor2d([[0, 1]])))).toEqual([3, 5]);
    });
  });

  test('by those of data; a feature that does not vary is divided by 1e-7', () => {
    check(layers.normalization(), (layer) => {
      layer.adapt(tensor2d(data));
      close(values(layer.getWeights()[0]!), [2, 30, 5]);
      close(values(layer.getWeights()[1]!), [2 / 3, 1400 / 3, 0], 3);
      const y = layer.apply(tensor2d([[2, 30, 5 + 2 ** -20]]));
      expect(values(y)).toEqual([0, 0, Math.fround(2 ** -20 / 1e-7)]);
      expect(layer.trainableWeights).toEqual([]);
    });
  });

  test('by those of all batches together, whatever their sizes', () => {
    tidy(() => {
      const x = randomNormal([60, 3], 5, 2, 'float32', 1);
      const whole = layers.normalization();
      whole.adapt(x);
      const parts = layers.normalization();
      parts.adapt([x.slice(0, 7), x.slice(7, 40), x.slice(47, 0), x.slice(47)]);
      for (const i of [0, 1]) close(values(parts.getWeights()[i]!), values(whole.getWeights()[i]!));
      // Adapting starts afresh.
      parts.adapt(tensor2d(data));
      close(values(parts.getWeights()[0]!), [2, 30, 5]);
      whole.dispose();
      parts.dispose();
    });
  });

  test('by those of a dataset, whose tensors it disposes of', async () => {
    const before = memory().numTensors;
    const layer = layers.normalization();
    await layer.adapt(datasets.array(data).batch(2) as datasets.Dataset<Tensor>);
    close(values(layer.getWeights()[0]!), [2, 30, 5]);
    close(values(layer.getWeights()[1]!), [2 / 3, 1400 / 3, 0], 3);
    layer.dispose();
    expect(memory().numTensors).toBe(before);
    await expect(layers.normalization({ name: 'mine' }).adapt(datasets.array([]) as never)).rejects.toThrow(
      new RangeError('mine.adapt: needs some data, got none'),
    );
  });

  test('along any axes', () => {
    const x = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ];
    const means = (axis: number | number[] | null) =>
      tidy(() => {
        const layer = layers.normalization({ axis });
        layer.adapt(tensor3d(x));
        const [mean] = layer.getWeights();
        const found = [mean!.shape, values(mean!)];
        expect(layer.apply(tensor3d(x)).shape).toEqual([2, 2, 2]);
        layer.dispose();
        return found;
      });
    expect(means(null)).toEqual([[], [4.5]]);
    expect(means(-1)).toEqual([[2], [4, 5]]);
    expect(means(1)).toEqual([[2], [3.5, 5.5]]);
    expect(means([2, 1])).toEqual([
      [2, 2],
      [3, 4, 5, 6],
    ]);
  });

  test('in a model, whose weights it is part of, also when it is recorded', async () => {
    const before = memory().numTensors;
    const layer = layers.normalization({ inputShape: [3] });
    const model = sequential({ layers: [layer, layers.dense({ units: 1 })] });
    tidy(() => layer.adapt(tensor2d(data)));
    tidy(() => {
      const run = jit((x: Tensor) => layer.apply(x));
      const x = tensor2d(data);
      for (let i = 0; i < 3; i++) expect(values(run(x))).toEqual(values(layer.apply(x)));
      layer.adapt(tensor2d(data).mul(2));
      expect(values(run(x))).toEqual(values(layer.apply(x)));
      run.dispose();
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d(data), ones([3, 1])];
    const kept = values(model.getWeights()[0]!);
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    expect(values(model.getWeights()[0]!)).toEqual(kept);
    x.dispose();
    y.dispose();
    model.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test('refuses what it cannot use', () => {
    expect(() => layers.normalization({ mean: 1 })).toThrow(
      new RangeError('layers.normalization: mean and variance go together, got only one of them'),
    );
    const before = memory().numTensors;
    tidy(() => {
      const given = layers.normalization({ mean: 1, variance: 1 });
      expect(() => given.adapt(ones([2, 2]))).toThrow(
        new Error('layers.normalization: mean and variance were given, so that adapt has nothing to do'),
      );
      const name = 'mine';
      const layer = layers.normalization({ name });
      expect(() => layer.adapt([])).toThrow(new RangeError('mine.adapt: needs some data, got none'));
      layer.adapt(ones([2, 2]));
      expect(() => layer.adapt(ones([2, 3]))).toThrow(
        new RangeError('mine.adapt: needs batches like [1,2], got [2,3]'),
      );
      layer.dispose();
      expect(() => layers.normalization({ axis: 0, name }).apply(ones([2, 2]))).toThrow(
        new RangeError('mine: axis must be of sizes that are known, got [0] for inputs of [null, 2]'),
      );
      expect(() => layers.normalization({ axis: 2, name }).apply(ones([2, 2]))).toThrow(RangeError);
      expect(() => layers.normalization({ mean: [1, 2, 3], variance: 1 }).apply(ones([2, 2]))).toThrow(RangeError);
    });
    expect(memory().numTensors).toBe(before);
  });
});

describe('categoryEncoding', () => {
  const x = () => tensor2d([0, 3, 3, 1, 1, 1], [2, 3], 'int32');
  const encoded = (options: Partial<layers.CategoryEncodingOptions>, input: () => Tensor = x, more = {}) =>
    tidy(() => {
      const layer = layers.categoryEncoding({ numTokens: 4, ...options });
      const z = input();
      const y = layer.apply(z, more);
      expect(layer.computeOutputShape([null, ...z.shape.slice(1)])).toEqual([null, ...y.shape.slice(1)]);
      return y.arraySync();
    });

  test('marks, counts, or gives each number a vector', () => {
    expect(encoded({})).toEqual([
      [1, 0, 0, 1],
      [0, 1, 0, 0],
    ]);
    expect(encoded({ outputMode: 'count' })).toEqual([
      [1, 0, 0, 2],
      [0, 3, 0, 0],
    ]);
    expect(encoded({ outputMode: 'oneHot' }, () => tensor2d([2, 0], [1, 2], 'int32'))).toEqual([
      [
        [0, 0, 1, 0],
        [1, 0, 0, 0],
      ],
    ]);
    for (const outputMode of ['oneHot', 'multiHot', 'count'] as const) {
      const expected = [
        [0, 0, 1, 0],
        [1, 0, 0, 0],
      ];
      expect(encoded({ outputMode }, () => tensor1d([2, 0], 'int32'))).toEqual(expected);
      expect(encoded({ outputMode }, () => tensor2d([2, 0], [2, 1]))).toEqual(expected);
    }
  });

  test('counts by weights', () => {
    const countWeights = tensor2d([0.5, 1, 2, 1, 1, 1], [2, 3]);
    expect(encoded({ outputMode: 'count' }, x, { countWeights })).toEqual([
      [0.5, 0, 0, 3],
      [0, 3, 0, 0],
    ]);
    expect(() => encoded({ name: 'mine' }, x, { countWeights })).toThrow(
      new RangeError("mine: countWeights go with outputMode 'count', which is 'multiHot'"),
    );
    countWeights.dispose();
  });

  test('is made again from its configuration, and refuses what it cannot use', () => {
    const layer = layers.categoryEncoding({ numTokens: 4, outputMode: 'count' });
    expect(remade(layer).getConfig()).toEqual(layer.getConfig());
    expect(() => layers.categoryEncoding({ numTokens: 0 })).toThrow(
      new RangeError('layers.categoryEncoding: numTokens must be a whole number from 1 up, got 0'),
    );
    expect(() => layers.categoryEncoding({ numTokens: 2, outputMode: 'int' as never })).toThrow(
      new RangeError("layers.categoryEncoding: outputMode must be one of 'oneHot', 'multiHot', 'count', got 'int'"),
    );
    expect(() => encoded({ numTokens: 3, name: 'mine' })).toThrow(
      new RangeError('mine: labels must be class numbers from 0 to 2, got 3 at 1'),
    );
  });
});

describe('discretization', () => {
  test('gives the number of the bin, whose lower end is part of it', () => {
    check(layers.discretization({ binBoundaries: [0, 1, 2] }), (layer) => {
      const y = layer.apply(
        tensor2d([
          [-1.5, 0, 0.5],
          [1, 3, Infinity],
        ]),
      );
      expect([y.dtype, y.arraySync()]).toEqual([
        'int32',
        [
          [0, 1, 1],
          [2, 3, 3],
        ],
      ]);
      expect(values(layer.apply(tensor1d([1], 'int32')))).toEqual([2]);
      expect(values(remade(layer).apply(tensor1d([1.5])))).toEqual([2]);
    });
    check(layers.discretization({ binBoundaries: [0.5], outputMode: 'oneHot' }), (layer) => {
      expect(layer.apply(tensor2d([[0], [1]])).arraySync()).toEqual([
        [1, 0],
        [0, 1],
      ]);
      expect(layer.computeOutputShape([null, 1])).toEqual([null, 2]);
    });
  });

  test('finds boundaries by quantiles, which its configuration then has', () => {
    check(layers.discretization({ numBins: 4 }), (layer) => {
      expect(layer.getConfig()).toMatchObject({ numBins: 4 });
      layer.adapt([tensor1d([4, 1]), tensor1d([3, 2, 5])]);
      expect(layer.getConfig()).toMatchObject({ binBoundaries: [2, 3, 4] });
      expect(values(layer.apply(tensor1d([1, 2, 3.5, 9])))).toEqual([0, 1, 2, 3]);
      layer.adapt(tensor1d([7, 7, 7, 8]));
      expect(remade(layer).getConfig()).toMatchObject({ binBoundaries: [7, 7.25] });
    });
  });

  test('replays what its boundaries are now', () => {
    check(layers.discretization({ numBins: 2 }), (layer) => {
      const f = jit((x: Tensor) => layer.apply(x));
      for (const middle of [1, 5]) {
        layer.adapt(tensor1d([middle - 1, middle + 1]));
        for (let i = 0; i < 4; i++) expect(values(f(tensor1d([3])))).toEqual([middle === 1 ? 1 : 0]);
      }
      f.dispose();
    });
  });

  test('finds boundaries in a dataset', async () => {
    const layer = layers.discretization({ numBins: 4 });
    await layer.adapt(datasets.array([4, 1, 3, 2, 5]).batch(2) as datasets.Dataset<Tensor>);
    expect(layer.getConfig()).toMatchObject({ binBoundaries: [2, 3, 4] });
  });

  test('refuses what it cannot use', () => {
    const needed = 'layers.discretization: needs binBoundaries or numBins, and not both';
    expect(() => layers.discretization({})).toThrow(new RangeError(needed));
    expect(() => layers.discretization({ binBoundaries: [1], numBins: 2 })).toThrow(new RangeError(needed));
    expect(() => layers.discretization({ binBoundaries: [1, 1] })).toThrow(
      new RangeError('layers.discretization: binBoundaries must rise, got [1,1]'),
    );
    tidy(() => {
      const layer = layers.discretization({ numBins: 2, name: 'mine' });
      expect(() => layer.apply(tensor1d([1]))).toThrow(
        new Error('mine: needs adapt before it is called, which finds the bins'),
      );
      expect(() => layer.adapt([])).toThrow(new RangeError('mine.adapt: needs some data, got none'));
      expect(() => layer.adapt(tensor1d([1, NaN]))).toThrow(new RangeError('mine.adapt: needs finite values'));
      expect(() => layers.discretization({ binBoundaries: [1] }).adapt(tensor1d([1]))).toThrow(
        new Error('layers.discretization: binBoundaries were given, so that adapt has nothing to do'),
      );
    });
  });
});
