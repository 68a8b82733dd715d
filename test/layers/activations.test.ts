import { describe, expect, test } from 'vitest';
import {
  activations,
  GradientTape,
  initializers,
  type layers as Layers,
  layers,
  memory,
  ones,
  randomNormal,
  sequential,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
} from '../../src/index.js';
import { load, saved } from '../io/saved.js';

const values = (x: Tensor) => [...x.dataSync()];
const X = [-3, -1, 0, 0.5, 1, 2, 7];

/** A layer's output for X, in float64. */
function outputOf(layer: Layers.Layer, x: number[] = X): number[] {
  const before = memory().numTensors;
  const output = tidy(() => values(layer.apply(tensor2d([x], [1, x.length], 'float64'))));
  layer.dispose();
  expect(memory().numTensors).toBe(before);
  return output;
}

describe.each<[string, () => Layers.Layer, (x: number) => number]>([
  ['reLU', () => layers.reLU(), (x) => Math.max(x, 0)],
  ['reLU with an end', () => layers.reLU({ maxValue: 1.5 }), (x) => Math.min(Math.max(x, 0), 1.5)],
  ['reLU up to 6', () => layers.reLU({ maxValue: 6 }), (x) => Math.min(Math.max(x, 0), 6)],
  ['reLU with a slope', () => layers.reLU({ negativeSlope: 0.25, maxValue: null }), (x) => (x > 0 ? x : x / 4)],
  ['reLU with a threshold', () => layers.reLU({ threshold: 1 }), (x) => (x > 1 ? x : 0)],
  [
    'reLU with everything',
    () => layers.reLU({ maxValue: 4, negativeSlope: 0.5, threshold: 1 }),
    (x) => (x > 4 ? 4 : x > 1 ? x : (x - 1) / 2),
  ],
  ['leakyReLU', () => layers.leakyReLU(), (x) => (x > 0 ? x : x * 0.3)],
  ['leakyReLU with an alpha', () => layers.leakyReLU({ alpha: 0.5 }), (x) => (x > 0 ? x : x / 2)],
  ['leakyReLU with Keras 3’s name of it', () => layers.leakyReLU({ negativeSlope: 0.25 }), (x) => (x > 0 ? x : x / 4)],
  ['elu', () => layers.elu({ alpha: 2 }), (x) => (x > 0 ? x : 2 * Math.expm1(x))],
  ['celu', () => layers.celu({ alpha: 2 }), (x) => (x > 0 ? x : 2 * Math.expm1(x / 2))],
  ['hardTanh', () => layers.hardTanh(), (x) => Math.min(Math.max(x, -1), 1)],
  [
    'hardTanh with bounds',
    () => layers.hardTanh({ minValue: -2, maxValue: 0.25 }),
    (x) => Math.min(Math.max(x, -2), 0.25),
  ],
  ['thresholdedReLU', () => layers.thresholdedReLU(), (x) => (x > 1 ? x : 0)],
  ['thresholdedReLU with a theta', () => layers.thresholdedReLU({ theta: 0.5 }), (x) => (x > 0.5 ? x : 0)],
  ['threshold', () => layers.threshold({ theta: 0, value: -7 }), (x) => (x > 0 ? x : -7)],
  ['rrelu', () => layers.rrelu({ lower: 0.25, upper: 0.75 }), (x) => (x > 0 ? x : x / 2)],
  ['prelu', () => layers.prelu({ alphaInitializer: 'ones', dtype: 'float64' }), (x) => x],
])('%s', (_, layer, f) => {
  test('is its function, and keeps shapes', () => {
    outputOf(layer()).forEach((y, i) => {
      expect(y).toBeCloseTo(f(X[i]), 14);
    });
    const { computeOutputShape } = layer();
    expect(computeOutputShape([null, 3])).toEqual([null, 3]);
  });

  test('says how it was made', () => {
    const made = layer();
    const config = made.getConfig() as object;
    type Factory = (options: object) => Layers.Layer;
    const factory = Object.entries(layers).find(([name]) => name.toLowerCase() === made.getClassName().toLowerCase());
    const again = (factory![1] as unknown as Factory)(JSON.parse(JSON.stringify(config)));
    expect(outputOf(again)).toEqual(outputOf(made));
  });
});

test('gelu is exact, or by tanh', () => {
  expect(outputOf(layers.gelu(), [1])[0]).toBeCloseTo(0.8413447460685429, 14);
  expect(outputOf(layers.gelu({ approximate: true }), [1])[0]).toBeCloseTo(0.8411919906082768, 14);
});

describe('softmax', () => {
  const shares = (x: Tensor, axis?: number) =>
    tidy(() => layers.softmax(axis === undefined ? {} : { axis }).apply(x) as Tensor);

  test('adds up to 1 along the last axis, or another', () => {
    tidy(() => {
      const x = tensor3d([
        [
          [1, 2],
          [3, 5],
        ],
        [
          [0, 0],
          [1, 8],
        ],
      ]);
      for (const axis of [undefined, -1, 2, 1, -2, 0]) {
        const y = shares(x, axis);
        expect(y.shape).toEqual([2, 2, 2]);
        for (const total of values(y.sum(axis ?? -1))) expect(total).toBeCloseTo(1, 6);
      }
      expect(values(shares(x, 1))[0]).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    });
  });

  test('refuses an axis that is not there', () => {
    expect(() => layers.softmax({ axis: 'x' as never })).toThrow(TypeError);
    tidy(() => {
      expect(() => shares(ones([2, 2]), 2)).toThrow(RangeError);
    });
  });
});

describe('prelu', () => {
  test('learns a slope for each element of a sample, or along shared axes', () => {
    tidy(() => {
      const own = layers.prelu();
      own.apply(ones([2, 3, 4, 5]));
      expect(own.weights[0].shape).toEqual([3, 4, 5]);
      const shared = layers.prelu({ sharedAxes: [1, 2] });
      shared.apply(ones([2, 3, 4, 5]));
      expect(shared.weights[0].shape).toEqual([1, 1, 5]);
      own.dispose();
      shared.dispose();
    });
  });

  test('has a gradient for its slopes', () => {
    const layer = layers.prelu({ alphaInitializer: initializers.constant({ value: 0.5 }), sharedAxes: 1 });
    tidy(() => {
      const x = tensor2d([[-1, -2, 3]]);
      layer.apply(x);
      using tape = new GradientTape();
      const y = (layer.apply(x) as Tensor).sum();
      expect(values(tape.gradient(y, layer.weights)[0] as Tensor)).toEqual([-3]);
    });
    layer.dispose();
  });

  test('is trained by fit, with its regularizer and constraint', async () => {
    const model = sequential({
      layers: [
        layers.prelu({ inputShape: [1], alphaRegularizer: 'l2', alphaConstraint: 'nonNeg', alphaInitializer: 'ones' }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d([[-1], [-2]]), tensor2d([[1], [2]])];
    await model.fit(x, y, { epochs: 40, verbose: 0 });
    // −x asks for a slope of −1: the constraint ends at 0.
    expect(values(model.getWeights()[0])).toEqual([0]);
    for (const owner of [x, y, model]) owner.dispose();
  });

  test('refuses axes that are none', () => {
    expect(() => layers.prelu({ sharedAxes: 0 })).toThrow(
      new RangeError('layers.prelu: a shared axis must be a whole number from 1 up, got 0'),
    );
    tidy(() => {
      expect(() => layers.prelu({ name: 'p', sharedAxes: 2 }).apply(ones([2, 3]))).toThrow(
        new RangeError('p: has no axis 2 to share, for inputs [null, 3]'),
      );
    });
    expect(() => layers.prelu({ name: 'p', alphaInitializer: 'zero' })).toThrow(RangeError);
  });
});

test.each(['prelu', 'rrelu'])('%s is no name of an activation, since it has slopes', (name) => {
  expect(() => layers.dense({ units: 1, activation: name })).toThrow(
    new RangeError(`layers.dense: ${name} has slopes of its own; add layers.${name}() behind the layer`),
  );
});

test('every activation is known by its name, and is a function of its own', () => {
  tidy(() => {
    const x = tensor2d([[-4, -1.5, 0, 0.5, 5]]);
    for (const [name, f] of Object.entries(activations)) {
      const y = layers.activation({ activation: name }).apply(x) as Tensor;
      expect(values(y), name).toEqual(values(f(x)));
    }
    expect(values(activations.linear(x))).toEqual(values(x));
    expect(values(activations.gelu_new(x))).toEqual(values(x.gelu(true)));
    expect(values(activations.hardSilu(x))).toEqual(values(x.hardSwish()));
    expect(values(activations.exponential(x))).toEqual(values(x.exp()));
    expect(values(activations.celu(x))).toEqual(values(x.elu()));
  });
});

describe('rrelu', () => {
  test('draws slopes in training', () => {
    expect(() => layers.rrelu({ seed: 0.5 })).toThrow(RangeError);
    const layer = layers.rrelu({ lower: 0.25, upper: 0.5, seed: 1 });
    tidy(() => {
      const x = ones([1, 1000]).neg();
      const first = values(layer.apply(x, { training: true }) as Tensor);
      expect(Math.max(...first)).toBeLessThanOrEqual(-0.25);
      expect(Math.min(...first)).toBeGreaterThanOrEqual(-0.5);
      expect(values(layer.apply(x, { training: true }) as Tensor)).not.toEqual(first);
      const again = layers.rrelu({ lower: 0.25, upper: 0.5, seed: 1 });
      expect(values(again.apply(x, { training: true }) as Tensor)).toEqual(first);
      expect(values(layer.apply(x) as Tensor)[0]).toBe(-0.375);
    });
  });
});

test.each<[string, () => unknown, Error]>([
  ['reLU', () => layers.reLU({ maxValue: -1 }), new RangeError('layers.reLU: maxValue must be 0 or more, got -1')],
  [
    'reLU',
    () => layers.reLU({ negativeSlope: -1 }),
    new RangeError('layers.reLU: negativeSlope must be 0 or more, got -1'),
  ],
  [
    'reLU',
    () => layers.reLU({ threshold: 'a' as never }),
    new TypeError('layers.reLU: threshold must be a number, got string'),
  ],
  [
    'leakyReLU',
    () => layers.leakyReLU({ alpha: Number.NaN }),
    new RangeError('layers.leakyReLU: alpha must be finite, got NaN'),
  ],
  ['elu', () => layers.elu({ alpha: '1' as never }), new TypeError('layers.elu: alpha must be a number, got string')],
  ['celu', () => layers.celu({ alpha: 0 }), new RangeError('layers.celu: alpha must be positive, got 0')],
  [
    'hardTanh',
    () => layers.hardTanh({ minValue: 2 }),
    new RangeError('layers.hardTanh: minValue must not be above maxValue, got 2 and 1'),
  ],
  [
    'thresholdedReLU',
    () => layers.thresholdedReLU({ theta: Infinity }),
    new RangeError('layers.thresholdedReLU: theta must be finite, got Infinity'),
  ],
  [
    'threshold',
    () => layers.threshold({ value: true as never }),
    new TypeError('layers.threshold: value must be a number, got boolean'),
  ],
  [
    'rrelu',
    () => layers.rrelu({ lower: 1 }),
    new RangeError(`layers.rrelu: lower must not be above upper, got 1 and ${1 / 3}`),
  ],
])('%s refuses options that it cannot use', (_, make, error) => {
  expect(make).toThrow(error);
});

test('a model of them is what it was once saved and loaded', async () => {
  const made = sequential({
    layers: [
      layers.dense({ units: 6, inputShape: [4] }),
      layers.reLU({ maxValue: 3, negativeSlope: 0.5, threshold: 0.25 }),
      layers.leakyReLU({ alpha: 0.4 }),
      layers.prelu({ alphaInitializer: 'randomUniform', alphaRegularizer: 'l2', sharedAxes: 1 }),
      layers.elu({ alpha: 0.5 }),
      layers.celu({ alpha: 2 }),
      layers.dense({ units: 5 }),
      layers.gelu({ approximate: true }),
      layers.rrelu({ lower: 0.2, upper: 0.4, seed: 3 }),
      layers.hardTanh({ minValue: -0.5 }),
      layers.threshold({ theta: -0.25, value: -1 }),
      layers.dense({ units: 3 }),
      layers.thresholdedReLU({ theta: 0.01 }),
      layers.softmax(),
    ],
  });
  const loaded = await load(await saved(made));
  tidy(() => {
    const x = randomNormal([5, 4], 0, 2, 'float32', 1);
    expect(values(loaded.predict(x))).toEqual(values(made.predict(x)));
  });
  expect(loaded.layers.map((layer) => layer.getClassName())).toEqual(made.layers.map((layer) => layer.getClassName()));
  for (const owner of [made, loaded]) owner.dispose();
});
