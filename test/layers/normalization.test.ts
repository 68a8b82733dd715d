// Layers that normalize: what they give, how the moving moments of batches follow, and how networks with them train.

import { describe, expect, test, vi } from 'vitest';
import {
  grad,
  initializers,
  jit,
  layers,
  losses,
  ones,
  type Sequential,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  train,
  transpose,
} from '../../src/index.js';
import { Recording } from '../../src/jit.js';
import { differences } from '../support/difference.js';
import { alive, leavesNothing } from '../support/heap.js';
import { seeded } from '../support/sample.js';

const values = (x: Tensor) => [...x.dataSync()];

const X = [
  [1, 10, -3],
  [3, 30, 0],
  [5, 20, 9],
  [7, 60, 2],
];

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
function check<L extends layers.Layer>(layer: L, body: (layer: L) => void): void {
  const before = alive().numTensors;
  tidy(() => body(layer));
  layer.dispose();
  expect(alive().numTensors).toBe(before);
}

function expectClose(actual: Tensor, expected: readonly number[], digits = 5): void {
  const list = values(actual);
  expect(list).toHaveLength(expected.length);
  list.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i]!, digits);
  });
}

const columns = X[0]!.map((_, c) => X.map((row) => row[c]!));
const average = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const variance = (v: readonly number[]) => average(v.map((x) => (x - average(v)) ** 2));
const [MEANS, VARIANCES] = [columns.map(average), columns.map(variance)];

describe('batchNormalization', () => {
  test('goes by the batch in training, and the moving moments follow', () => {
    check(layers.batchNormalization({ momentum: 0.9, name: 'bn' }), (layer) => {
      const x = tensor2d(X);
      const y = layer.apply(x, { training: true });
      const normal = X.flatMap((row) => row.map((v, c) => (v - MEANS[c]!) / Math.sqrt(VARIANCES[c]! + 0.001)));
      expectClose(y, normal);
      const [, , mean, moving] = layer.getWeights() as [Tensor, Tensor, Tensor, Tensor];
      expectClose(
        mean,
        MEANS.map((m) => 0.1 * m),
      );
      expectClose(
        moving,
        VARIANCES.map((v) => 0.9 + 0.1 * v),
        4,
      );
      layer.apply(x, { training: true });
      expectClose(
        mean,
        MEANS.map((m) => 0.19 * m),
      );
      const [m, v] = [values(mean), values(moving)];
      expectClose(
        layer.apply(x),
        X.flatMap((row) => row.map((value, c) => (value - m[c]!) / Math.sqrt(v[c]! + 0.001))),
      );
      expect([values(mean), values(moving)]).toEqual([m, v]);
      expect(layer.weights.map(({ name }) => name.replace(/_\d+$/, ''))).toEqual([
        'bn/gamma',
        'bn/beta',
        'bn/moving_mean',
        'bn/moving_variance',
      ]);
      expect(layer.trainableWeights).toHaveLength(2);
    });
  });

  test('goes by the moving moments where it is frozen, as in Keras', () => {
    check(layers.batchNormalization({ trainable: false, epsilon: 0 }), (layer) => {
      const x = tensor2d(X);
      expect(values(layer.apply(x, { training: true }))).toEqual(X.flat());
      expect(values(layer.weights[2]!)).toEqual([0, 0, 0]);
    });
  });

  test('begins as its initializers say, and has no gamma or beta that was not asked for', () => {
    const options = {
      betaInitializer: initializers.constant({ value: 2 }),
      gammaInitializer: initializers.constant({ value: 3 }),
      movingMeanInitializer: 'ones',
      movingVarianceInitializer: initializers.constant({ value: 4 }),
      epsilon: 0,
    };
    check(layers.batchNormalization(options), (layer) => {
      expect(values(layer.apply(tensor2d([[5]])))).toEqual([8]);
    });
    check(layers.batchNormalization({ ...options, center: false }), (layer) => {
      expect(values(layer.apply(tensor2d([[5]])))).toEqual([6]);
      expect(layer.weights).toHaveLength(3);
    });
    check(layers.batchNormalization({ ...options, center: false, scale: false }), (layer) => {
      expect(values(layer.apply(tensor2d([[5]])))).toEqual([2]);
      expectClose(layer.apply(tensor2d([[5], [7]]), { training: true }), [-1, 1]);
    });
  });

  test('normalizes any axis', () => {
    const x = () => tensor3d([...X.flat(), ...X.flat().map((v) => v * v - 3)], [2, 4, 3]);
    const turned = layers.batchNormalization({ axis: 1 });
    const plain = layers.batchNormalization();
    for (const training of [true, false]) {
      tidy(() => {
        const first = transpose(turned.apply<Tensor>(transpose(x(), [0, 2, 1]), { training }), [0, 2, 1]);
        expect(values(first)).toEqual(values(plain.apply(x(), { training })));
      });
    }
    turned.dispose();
    plain.dispose();
  });

  test('takes no moments of steps that a mask leaves out', () => {
    const mask = () => tensor2d([1, 1, 0, 1, 0, 0], [2, 3], 'bool');
    const x = () => tensor3d([1, 10, 3, 30, 99, -99, 5, 20, 77, 66, 8, 9], [2, 3, 2]);
    const [layer, plain] = [layers.batchNormalization(), layers.batchNormalization()];
    tidy(() => {
      const counted = values(
        plain.apply(
          tensor2d([
            [1, 10],
            [3, 30],
            [5, 20],
          ]),
          { training: true },
        ),
      );
      const y = values(layer.apply(x(), { training: true, mask: mask() }));
      [...counted.slice(0, 4), ...counted.slice(4)].forEach((v, i) => {
        expect(y[i < 4 ? i : i + 2]).toBeCloseTo(v, 5);
      });
      layer.weights.forEach((w, i) => {
        expectClose(w, values(plain.weights[i]!));
      });
      expect(() => layer.apply(x(), { training: true, mask: tensor1d([true]) })).toThrow(
        /needs a mask of one axis less than the inputs, got \[1\] for \[2, 3, 2\]$/,
      );
    });
    layer.dispose();
    plain.dispose();
  });

  test('lets gradients through the moments of the batch, with a mask and without', () => {
    const mask = tensor2d([1, 1, 0, 1], [2, 2], 'bool');
    for (const options of [{}, { mask }]) {
      const layer = layers.batchNormalization({ dtype: 'float64', epsilon: 0.1 });
      const at = [[0.3, -0.2, 1.1, 0.7, -0.4, 0.9, 0.1, -1.3]];
      const weights = Float64Array.from([1, -2, 0.5, 3, -1, 0.3, 2, 0.7]);
      const f = (x: Tensor) =>
        layer
          .apply(x.reshape([2, 2, 2]), { training: true, ...options })
          .mul(tensor1d(weights).reshape([2, 2, 2]))
          .sum();
      const value = (v: readonly number[][]) => tidy(() => values(f(tensor1d(Float64Array.from(v[0]!))))[0]!);
      const slope = tidy(() => values(grad(f)(tensor1d(Float64Array.from(at[0]!)))));
      differences(value, at)[0]!.forEach((d, i) => {
        expect(slope[i]).toBeCloseTo(d, 6);
      });
      layer.dispose();
    }
    mask.dispose();
  });

  test('tells what regularizers add, and keeps to constraints', () => {
    const options = {
      gammaRegularizer: 'l2',
      betaConstraint: 'nonNeg',
      betaInitializer: initializers.constant({ value: -1 }),
    };
    check(layers.batchNormalization(options), (layer) => {
      layer.apply(tensor2d(X));
      expect(values(layer.calculateLosses()[0]!)[0]).toBeCloseTo(0.03, 6);
      layer.applyConstraints();
      expect(values(layer.weights[1]!)).toEqual([0, 0, 0]);
    });
  });

  test('follows in recorded steps as in eager ones', () => {
    const [recorded, eager] = [layers.batchNormalization(), layers.batchNormalization()];
    tidy(() => {
      const step = jit((x: Tensor) => recorded.apply(x, { training: true }));
      for (let i = 0; i < 5; i++) {
        const x = tensor2d(X)
          .mul(i + 1)
          .sub(i);
        expect(values(step(x))).toEqual(values(eager.apply(x, { training: true })));
      }
      expect(recorded.weights.map(values)).toEqual(eager.weights.map(values));
      step.dispose();
    });
    recorded.dispose();
    eager.dispose();
  });

  test('that is frozen between steps stays where it is', async () => {
    const layer = layers.batchNormalization({ center: false, scale: false, inputShape: [3] });
    const model = sequential({ layers: [layer, layers.dense({ units: 1 })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d(X), ones([4, 1])];
    const moments = () => layer.weights.map(values);
    for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
    const before = moments();
    layer.trainable = false;
    await model.trainOnBatch(x, y);
    expect(moments()).toEqual(before);
    layer.trainable = true;
    await model.trainOnBatch(x, y);
    expect(moments()).not.toEqual(before);
    model.dispose();
    x.dispose();
    y.dispose();
  });

  test('in a frozen model stays where it is, and goes by its moving moments', async () => {
    const layer = layers.batchNormalization({ momentum: 0 });
    const base = sequential({ layers: [layers.dense({ units: 3, inputShape: [3] }), layer] });
    const net = sequential({ layers: [base, layers.dense({ units: 1 })] });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d(X), ones([4, 1])];
    for (let i = 0; i < 3; i++) await net.trainOnBatch(x, y);
    const before = base.weights.map(values);
    base.trainable = false;
    expect([layer.trainable, net.trainableWeights.length]).toEqual([false, 2]);
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    for (let i = 0; i < 3; i++) await net.trainOnBatch(x, y);
    expect(base.weights.map(values)).toEqual(before);
    base.trainable = true;
    await net.trainOnBatch(x, y);
    expect(layer.weights.map(values)).not.toEqual(before.slice(2));
    for (const one of [net, x, y]) one.dispose();
  });

  test('refuses what does not fit', () => {
    expect(() => layers.batchNormalization({ epsilon: -1 })).toThrow(
      new RangeError('layers.batchNormalization: epsilon must be 0 or more, got -1'),
    );
    expect(() => layers.batchNormalization({ momentum: '0.9' as never })).toThrow(
      new TypeError('layers.batchNormalization: momentum must be a number, got string'),
    );
    expect(() => layers.batchNormalization({ gammaInitializer: 'one' })).toThrow(/unknown initializer 'one'/);
    check(layers.batchNormalization({ name: 'b' }), (layer) => {
      expect(() => layer.ensureBuilt([null, null])).toThrow(
        new RangeError('b: needs inputs of known size along axis 1, got [null, null]'),
      );
      layer.apply(tensor2d(X));
      expect(() => layer.apply(ones([2, 4]))).toThrow(
        new RangeError('b: needs inputs of size 3 along axis 1, got [2, 4]'),
      );
    });
    check(layers.batchNormalization({ axis: 2, name: 'b' }), (layer) => {
      expect(() => layer.apply(tensor2d(X))).toThrow(/^b: .* \[-2, 2\) but got axis 2$/);
    });
  });
});

describe('layerNormalization', () => {
  test('normalizes each sample along an axis or several', () => {
    check(layers.layerNormalization(), (layer) => {
      expectClose(
        layer.apply(tensor2d(X)),
        X.flatMap((row) => row.map((v) => (v - average(row)) / Math.sqrt(variance(row) + 0.001))),
      );
      expect(layer.weights.map((w) => w.shape)).toEqual([[3], [3]]);
    });
    check(layers.layerNormalization({ axis: [1, 2], center: false, epsilon: 0 }), (layer) => {
      expectClose(layer.apply(tensor3d([1, 2, 3, 4, 10, 20, 30, 40], [2, 2, 2])).slice(0, 1), [
        ...[-1.3416408, -0.4472136, 0.4472136, 1.3416408],
      ]);
      expect(layer.weights.map((w) => w.shape)).toEqual([[2, 2]]);
      expect(layer.countMultiplyAdds()).toBe(0);
    });
  });
});

test('layers of rows and of groups give the values that Keras’s tests expect', () => {
  check(layers.layerNormalization({ betaInitializer: 'ones' }), (layer) => {
    expectClose(layer.apply(tensor2d([[0, 1, 2, 3, 4]])), [-0.41386, 0.29307, 1, 1.70693, 2.41386]);
  });
  const x = () => tensor2d([[-1, -1, 1, 1, 2, 2, 0, -2]]);
  const options = { scale: false, center: false };
  check(layers.groupNormalization({ groups: 1, ...options }), (layer) => {
    expectClose(layer.apply(x()), [-0.898, -0.898, 0.539, 0.539, 1.257, 1.257, -0.18, -1.616], 3);
  });
  check(layers.groupNormalization({ groups: 2, ...options }), (layer) => {
    expectClose(layer.apply(x()), [-1, -1, 1, 1, 0.904, 0.904, -0.301, -1.507], 2);
  });
});

describe('groupNormalization', () => {
  test('normalizes groups of channels, and with −1 each channel', () => {
    check(layers.groupNormalization({ groups: 2, epsilon: 0 }), (layer) => {
      expectClose(layer.apply(tensor3d([1, 3, 10, 20, 1, 3, 10, 20], [1, 2, 4])), [-1, 1, -1, 1, -1, 1, -1, 1]);
      expect(layer.weights.map((w) => w.shape)).toEqual([[4], [4]]);
    });
    check(layers.groupNormalization({ groups: -1, axis: 1, epsilon: 0 }), (layer) => {
      expectClose(layer.apply(tensor3d([1, 3, 30, 10], [1, 2, 2])), [-1, 1, 1, -1]);
    });
  });

  test('refuses groups that do not divide the channels', () => {
    expect(() => layers.groupNormalization({ groups: 0 })).toThrow(/groups must be a whole number from 1 up, got 0/);
    check(layers.groupNormalization({ name: 'g' }), (layer) => {
      expect(() => layer.apply(ones([1, 2, 48]))).toThrow(
        new RangeError('g: 48 channels do not divide into 32 groups'),
      );
      layer.apply(ones([1, 2, 64]));
      expect(() => layer.apply(ones([1, 2, 32]))).toThrow(
        new RangeError('g: needs inputs of 64 channels, got [1, 2, 32]'),
      );
    });
  });
});

test('rmsNormalization divides by the root of the mean square, unitNormalization by the length', () => {
  check(layers.rmsNormalization({ epsilon: 0.5 }), (layer) => {
    expectClose(
      layer.apply(tensor2d(X)),
      X.flatMap((row) => row.map((v) => v / Math.sqrt(average(row.map((u) => u * u)) + 0.5))),
    );
    expect(layer.weights.map(({ name }) => name.replace(/^.*\//, '').replace(/_\d+$/, ''))).toEqual(['scale']);
  });
  check(layers.unitNormalization({ axis: [1, 2] }), (layer) => {
    expectClose(layer.apply(tensor3d([1, 1, 1, 1, 0, 3, 4, 0], [2, 2, 2])), [0.5, 0.5, 0.5, 0.5, 0, 0.6, 0.8, 0]);
    expect(values(layer.apply(tensor3d([0], [1, 1, 1])))).toEqual([0]);
  });
});

const FACTORIES: Record<string, (options?: never) => layers.Layer> = {
  batchNormalization: layers.batchNormalization,
  groupNormalization: layers.groupNormalization,
  layerNormalization: layers.layerNormalization,
  rmsNormalization: layers.rmsNormalization,
  unitNormalization: layers.unitNormalization,
};

const MADE: [keyof typeof FACTORIES, object][] = [
  ['batchNormalization', { momentum: 0.5, epsilon: 0.01, gammaInitializer: 'randomUniform', betaRegularizer: 'l1' }],
  ['layerNormalization', { axis: [1, 2], center: false, gammaInitializer: 'randomUniform' }],
  ['groupNormalization', { groups: 2, axis: 1, scale: false, betaInitializer: 'randomNormal' }],
  ['rmsNormalization', { axis: 1, epsilon: 0.1 }],
  ['unitNormalization', { axis: 1 }],
];

test.each(MADE)('%s can be made again, lets masks through, and leaves nothing', (name, options) => {
  const factory = FACTORIES[name]!;
  const round = () =>
    tidy(() => {
      const x = tensor3d([...X.flat(), ...X.flat().map((v) => v / 3 + 1)], [2, 4, 3]);
      const layer = factory(options as never);
      layer.apply(x, { training: true });
      const again = factory(layer.getConfig() as never);
      expect(again.getConfig()).toEqual(layer.getConfig());
      expect(again.getClassName().toLowerCase()).toBe(name.toLowerCase());
      again.apply(x);
      again.setWeights(layer.getWeights());
      expect(values(again.apply(x))).toEqual(values(layer.apply(x)));
      expect(layer.supportsMasking).toBe(true);
      expect(layer.computeOutputShape([null, 4, 3])).toEqual([null, 4, 3]);
      layer.dispose();
      again.dispose();
    });
  // The first round makes the program's random stream.
  round();
  leavesNothing(round);
});

/** Images of bars that lie or stand, and which. */
function bars(n: number) {
  const random = seeded('bars');
  const pixels: number[] = [];
  const labels: number[] = [];
  for (let i = 0; i < n; i++) {
    const [stands, at] = [i % 2, Math.floor(random() * 6)];
    for (let p = 0; p < 36; p++) pixels.push((stands ? p % 6 : Math.floor(p / 6)) === at ? 20 + random() : random());
    labels.push(stands);
  }
  return { x: tensor2d(pixels, [n, 36]), y: tensor1d(labels, 'int32') };
}

function network(): Sequential {
  setSeed(5);
  return sequential({
    layers: [
      layers.dense({ units: 16, activation: 'relu', inputShape: [36] }),
      layers.batchNormalization({ momentum: 0.8 }),
      layers.dense({ units: 8 }),
      layers.layerNormalization(),
      layers.activation({ activation: 'relu' }),
      layers.groupNormalization({ groups: 2 }),
      layers.rmsNormalization(),
      layers.dense({ units: 2 }),
    ],
  });
}

test('a network with them trains, replays steps with the bits of eager ones, and leaves nothing', async () => {
  const trained = async (read: boolean) => {
    const before = alive();
    const { x, y } = bars(48);
    const model = network();
    const loss = (labels: Tensor, logits: Tensor) => {
      if (read) logits.dataSync();
      return losses.softmaxCrossEntropy(labels.toInt().reshape([-1]).oneHot(2), logits) as Tensor;
    };
    const optimizer = train.adam(0.01);
    model.compile({ optimizer, loss });
    const run = vi.spyOn(Recording.prototype, 'replay');
    const { history } = await model.fit(x, y, { epochs: 30, batchSize: 16, verbose: 0, shuffle: false });
    const replays = run.mock.calls.length;
    run.mockRestore();
    const bits = model.getWeights().map(values);
    const right = tidy(() => values((model.predict(x) as Tensor).argMax(1).equal(y).mean())[0]);
    for (const one of [model, optimizer, x, y]) one.dispose();
    expect(alive()).toEqual(before);
    return { replays, bits, history, right };
  };
  const [replayed, eager] = [await trained(false), await trained(true)];
  expect(replayed.replays).toBe(30 * 3 - 2);
  expect(eager.replays).toBe(0);
  expect(replayed.bits).toEqual(eager.bits);
  expect(replayed.history).toEqual(eager.history);
  expect(replayed.right).toBe(1);
});
