// What every optimizer can be asked for, against the same written out; and options that are refused.

import { afterEach, describe, expect, test } from 'vitest';
import {
  AdamaxOptimizer,
  AdamOptimizer,
  disposeVariables,
  jit,
  layers,
  NadamOptimizer,
  Optimizer,
  optimizers,
  RMSPropOptimizer,
  SGDOptimizer,
  schedules,
  sequential,
  tensor1d,
  tensor2d,
  tidy,
  train,
  type Variable,
  variable,
} from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

afterEach(() => disposeVariables());

const weights = (values: number[], name?: string) =>
  tidy(() => variable(tensor1d(values, 'float64'), true, name)) as Variable;
const step = (optimizer: Optimizer, ...pairs: [Variable, number[]][]) =>
  tidy(() => optimizer.applyGradients(pairs.map(([w, g]) => ({ name: w.name, tensor: tensor1d(g, 'float64') }))));
const values = (w: Variable) => [...w.dataSync()];

/** Gradient descent by 1 from 0 shows what is left of a gradient. */
const left = (options: optimizers.SGDOptions, ...gradients: number[][]) => {
  const pairs = gradients.map((g) => [weights(g.map(() => 0)), g] as [Variable, number[]]);
  step(optimizers.sgd({ learningRate: 1, ...options }), ...pairs);
  return pairs.map(([w]) => values(w).map((x) => -x));
};

describe('gradients are clipped', () => {
  test('element by element', () => expect(left({ clipValue: 2 }, [3, -5, 1])).toEqual([[2, -2, 1]]));
  test('each to a norm', () => {
    const [a, b] = left({ clipNorm: 5 }, [30, 40], [3, 1]);
    expect(a[0]).toBeCloseTo(3, 14);
    expect(a[1]).toBeCloseTo(4, 14);
    expect(b).toEqual([3, 1]);
  });
  test('together to a norm', () => {
    const [a, b] = left({ globalClipNorm: 6.5 }, [3, 4], [12]);
    expect([...a, ...b].map((x) => Math.round(x * 1e12) / 1e12)).toEqual([1.5, 2, 6]);
  });
  test('not where they are small enough, to the bit', () => {
    const g = [0.1, -0.3, 1e-9];
    for (const options of [{ clipValue: 1 }, { clipNorm: 1 }, { globalClipNorm: 1 }]) {
      expect(left(options, g)).toEqual([g]);
    }
  });
  test('of any length, by norms of every element', () => {
    for (const n of [1, 3, 4, 5, 1023, 1024, 1025, 5000]) {
      const g = Array.from({ length: n }, (_, i) => 1 + (i % 7));
      const norm = Math.hypot(...g);
      const [clipped] = left({ clipNorm: 1 }, g);
      for (const [i, x] of clipped.entries()) expect(x).toBeCloseTo(g[i] / norm, 12);
      const w = tidy(() => variable(tensor1d(g.map(() => 0)))) as Variable;
      tidy(() => optimizers.sgd({ learningRate: 1, clipNorm: 1 }).applyGradients({ [w.name]: tensor1d(g) }));
      expect(w.dataSync()[n - 1]).toBeCloseTo(-g[n - 1] / norm, 6);
    }
  });
});

describe('weights decay', () => {
  test('before the update, by the learning rate', () => {
    const w = weights([2]);
    const halving = schedules.exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 });
    const optimizer = optimizers.sgd({ learningRate: halving, weightDecay: 0.25 });
    step(optimizer, [w, [0]]);
    expect(values(w)).toEqual([1.5]);
    step(optimizer, [w, [1]]);
    expect(values(w)).toEqual([1.5 * 0.875 - 0.5]);
  });

  test('but for those excluded, by list or name, in recorded steps too', () => {
    const [a, b, c] = [weights([1], 'layer/kernel'), weights([1], 'layer/bias'), weights([1], 'other')];
    const optimizer = optimizers.adamW({ learningRate: 1, weightDecay: 0.5 });
    const zero = tensor1d([0], 'float64');
    const run = jit(() => optimizer.applyGradients([a, b, c].map(({ name }) => ({ name, tensor: zero }))));
    for (let i = 0; i < 3; i++) run();
    expect([a, b, c].flatMap(values)).toEqual([0.125, 0.125, 0.125]);
    optimizer.excludeFromWeightDecay({ varNames: ['bias'], varList: [c] });
    for (let i = 0; i < 3; i++) run();
    expect([a, b, c].flatMap(values)).toEqual([1 / 64, 0.125, 0.125]);
    run.dispose();
  });
});

describe('an average of the weights', () => {
  test('begins with the weights and follows them', () => {
    const w = weights([4]);
    const optimizer = optimizers.sgd({ learningRate: 1, useEma: true, emaMomentum: 0.75 });
    let average = 0;
    for (let t = 0; t < 5; t++) {
      step(optimizer, [w, [t]]);
      average = t === 0 ? values(w)[0] : 0.75 * average + 0.25 * values(w)[0];
    }
    expect(values(w)).toEqual([4 - 10]);
    optimizer.finalizeVariableValues();
    expect(values(w)).toEqual([average]);
    optimizer.dispose();
  });

  test('takes their place every so many updates', () => {
    const w = weights([0]);
    const optimizer = optimizers.sgd({ learningRate: 1, useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 2 });
    const course = [-1, -1, -1, -1].map((g) => {
      step(optimizer, [w, [g]]);
      return values(w)[0];
    });
    // The average is 1, then (1 + 2) / 2, which w becomes; then (1.5 + 2.5) / 2, then (2 + 3.5) / 2.
    expect(course).toEqual([1, 1.5, 2.5, 2.75]);
    optimizer.dispose();
  });

  test('is what fit leaves in the model', async () => {
    const fitted = async (optimizer: Optimizer) => {
      const model = sequential({
        layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones', useBias: false })],
      });
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const [x, y] = [tensor2d([[1], [2]]), tensor2d([[3], [6]])];
      await model.fit(x, y, { epochs: 4, batchSize: 2, shuffle: false, verbose: 0 });
      const result = model.getWeights()[0].dataSync()[0];
      for (const owner of [model, optimizer, x, y]) owner.dispose();
      return result;
    };
    const plain = await fitted(optimizers.sgd({ learningRate: 0.1 }));
    const averaged = await fitted(optimizers.sgd({ learningRate: 0.1, useEma: true, emaMomentum: 0.5 }));
    // w goes from 1 to 3 as 3 − 2·0.5ᵗ.
    expect(plain).toBeCloseTo(3 - 2 * 0.5 ** 4, 5);
    const course = [1, 2, 3, 4].map((t) => 3 - 2 * 0.5 ** t);
    expect(averaged).toBeCloseTo(
      course.reduce((a, w) => (a + w) / 2),
      5,
    );
  });
});

describe('gathered gradients', () => {
  test('make one step of the mean of as many, whatever else is asked for', () => {
    const options = { learningRate: 0.1, weightDecay: 0.1, globalClipNorm: 1, useEma: true, emaOverwriteFrequency: 3 };
    const [a, b] = [weights([1, -2]), weights([1, -2])];
    const [whole, parts] = [optimizers.adam(options), optimizers.adam({ ...options, gradientAccumulationSteps: 4 })];
    for (let t = 0; t < 6; t++) {
      const gradients = [0, 1, 2, 3].map((i) => [t + i / 4, 2 - i]);
      step(whole, [a, [t + 1.5 / 4, 0.5]]);
      for (const [i, g] of gradients.entries()) {
        const before = values(b);
        step(parts, [b, g]);
        if (i < 3) expect(values(b)).toEqual(before);
      }
      expect(values(b)).toEqual(values(a));
      expect(parts.iterations).toBe(whole.iterations);
    }
    whole.dispose();
    parts.dispose();
  });

  test('train in fit as a larger batch does', async () => {
    const x = tensor2d(
      Array.from({ length: 24 }, (_, i) => ((i * 7) % 11) / 4 - 1),
      [8, 3],
    );
    const y = tidy(() => x.sum(1, true));
    const fitted = async (batchSize: number, gradientAccumulationSteps: number | null) => {
      const model = sequential({
        layers: [layers.dense({ units: 1, inputShape: [3], kernelInitializer: 'ones' })],
      });
      const optimizer = optimizers.adam({ learningRate: 0.1, gradientAccumulationSteps });
      model.compile({ optimizer, loss: 'meanSquaredError' });
      await model.fit(x, y, { epochs: 5, batchSize, shuffle: false, verbose: 0 });
      const result = model.getWeights().flatMap((w) => [...w.dataSync()]);
      model.dispose();
      optimizer.dispose();
      return result;
    };
    const [whole, parts] = [await fitted(4, null), await fitted(2, 2)];
    for (const [i, v] of whole.entries()) expect(parts[i]).toBeCloseTo(v, 5);
    x.dispose();
    y.dispose();
  });
});

test('one optimizer used twice in a recorded step counts two steps', () => {
  const run = (wrap: (f: () => void) => { (): void; dispose?(): void }) => {
    const w = weights([5, -3]);
    const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 1, decayRate: 0.5 });
    const optimizer = optimizers.adam({ learningRate });
    const both = wrap(() => {
      optimizer.minimize(() => w.square().sum());
      optimizer.minimize(() => w.sub(1).square().sum());
    });
    for (let i = 0; i < 5; i++) both();
    const result = values(w);
    expect(optimizer.iterations).toBe(10);
    both.dispose?.();
    optimizer.dispose();
    return result;
  };
  expect(run((f) => jit(f) as never)).toEqual(run((f) => () => tidy(f)));
});

describe('TensorFlow.js and Keras', () => {
  test("momentum: a rate that falls applies to past gradients in TensorFlow.js's form only", () => {
    const learningRate = () => schedules.piecewiseConstantDecay({ boundaries: [0], values: [1, 0] });
    const [a, b] = [weights([0]), weights([0])];
    const [tensorFlow, keras] = [
      train.momentum(learningRate(), 0.5),
      optimizers.sgd({ learningRate: learningRate(), momentum: 0.5 }),
    ];
    for (const g of [-1, 0]) {
      step(tensorFlow, [a, [g]]);
      step(keras, [b, [g]]);
    }
    expect([...values(a), ...values(b)]).toEqual([1, 1.5]);
  });

  test("adamax's decay is that of the learning rate", () => {
    const optimizer = train.adamax(0.1, 0.9, 0.999, null, 0.5);
    expect(optimizer.learningRate).toBe(0.1);
    const w = weights([1]);
    step(optimizer, [w, [1]]);
    expect(optimizer.learningRate).toBe(0.1 / 1.5);
    expect(() => train.adamax(optimizer.getConfig().learningRate as never, 0.9, 0.999, null, 1)).toThrow(TypeError);
    optimizer.dispose();
  });

  test("classes take TensorFlow.js's arguments or options", () => {
    const positional = new RMSPropOptimizer(0.1, 0.8, 0.5, null, true);
    const named = new RMSPropOptimizer({ learningRate: 0.1, rho: 0.8, momentum: 0.5, centered: true });
    expect(positional.getConfig()).toEqual(named.getConfig());
    expect(new SGDOptimizer(0.5).learningRate).toBe(0.5);
    expect(new AdamaxOptimizer(0.5, 0.8, 0.9).getConfig()).toMatchObject({ beta1: 0.8, beta2: 0.9, epsilon: 1e-7 });
  });

  test('a centered mean square without gradients stays a number', () => {
    const w = weights([1]);
    step(train.rmsprop(0.1, 0.9, 0, null, true), [w, [0]]);
    expect(values(w)).toEqual([1]);
  });
});

test.each([
  ...['sgd', 'momentum', 'adagrad', 'adadelta', 'rmsprop', 'adam', 'adamW', 'adamax'],
  ...['adafactor', 'ftrl', 'lamb', 'lion', 'muon', 'nadam'],
])("compile takes '%s'", async (optimizer) => {
  const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] });
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const x = tensor2d([[1, 2]]);
  const before = model.getWeights().flatMap((w) => [...w.dataSync()]);
  await model.trainOnBatch(x, x);
  const after = model.getWeights().flatMap((w) => [...w.dataSync()]);
  expect(after.filter((v, i) => v !== before[i] && Number.isFinite(v))).toHaveLength(6);
  model.dispose();
  x.dispose();
});

describe('a config', () => {
  test('keeps a schedule, also as text', () => {
    const optimizer = optimizers.adam({
      learningRate: schedules.linearWarmup({ warmupSteps: 4, learningRate: 0.5 }),
      clipNorm: 2,
    });
    const text = JSON.stringify(optimizer.getConfig());
    const again = Optimizer.fromConfig(AdamOptimizer, JSON.parse(text), schedules.fromConfig);
    expect(again.getConfig()).toEqual(optimizer.getConfig());
    expect(JSON.parse(text).clipNorm).toBe(2);
    const w = weights([1]);
    for (let i = 0; i < 3; i++) {
      expect(again.learningRate).toBe(i / 8);
      step(again, [w, [1]]);
    }
  });

  test('says nothing of common options that were not set', () => {
    expect(optimizers.sgd().getConfig()).toEqual({ learningRate: 0.01, momentum: 0, nesterov: false });
    expect(optimizers.adamW().getConfig()).toMatchObject({ weightDecay: 0.004 });
    const plain = Optimizer.fromConfig(optimizers.muon().constructor as never, { weightDecay: null }) as Optimizer;
    expect(plain.getConfig().weightDecay).toBeNull();
  });
});

test.each<[string, () => unknown, RegExp]>([
  [
    'an unknown option',
    () => optimizers.adam({ beta3: 1 } as never),
    /^RangeError: Adam: unknown option 'beta3'; known/,
  ],
  [
    'a number for options',
    () => new NadamOptimizer(0.1 as never),
    /^TypeError: .*needs an object of options, got number/,
  ],
  ['null', () => optimizers.nadam(null as never), /^TypeError/],
  [
    'a learning rate that is none',
    () => optimizers.sgd({ learningRate: '1' as never }),
    /^TypeError: SGD: learningRate/,
  ],
  ['no learning rate', () => train.adagrad(undefined as never), /^TypeError: .*AdagradOptimizer must be defined/],
  ['two ways to clip', () => optimizers.sgd({ clipNorm: 1, clipValue: 1 }), /^RangeError: .*clipNorm and clipValue/],
  ['a norm of 0', () => optimizers.sgd({ globalClipNorm: 0 }), /^RangeError: SGD: globalClipNorm must be positive/],
  ['a decay that is none', () => optimizers.sgd({ weightDecay: Number.NaN }), /^RangeError: SGD: weightDecay/],
  ['an emaMomentum above 1', () => optimizers.sgd({ emaMomentum: 1.5 }), /^RangeError: SGD: emaMomentum must be in/],
  ['half an update', () => optimizers.sgd({ emaOverwriteFrequency: 0.5 }), /^RangeError/],
  ['one step to gather', () => optimizers.sgd({ gradientAccumulationSteps: 1 }), /^RangeError: .*from 2 up/],
  ["sgd's momentum above 1", () => optimizers.sgd({ momentum: 2 }), /^RangeError: SGDOptimizer: momentum/],
  ["adagrad's start below 0", () => optimizers.adagrad({ initialAccumulatorValue: -1 }), /^RangeError/],
  ["adadelta's rho of 1", () => optimizers.adadelta({ rho: 1 }), /^RangeError: AdadeltaOptimizer: rho/],
  ["rmsprop's rho of 1", () => optimizers.rmsprop({ rho: 1 }), /^RangeError/],
  ["adamax's beta of 1", () => optimizers.adamax({ beta1: 1 }), /^RangeError/],
  ["nadam's beta of 1", () => optimizers.nadam({ beta2: 1 }), /^RangeError/],
  ["ftrl's rising power", () => optimizers.ftrl({ learningRatePower: 0.5 }), /^RangeError: .*must not be positive/],
  ["ftrl's l1 below 0", () => optimizers.ftrl({ l1RegularizationStrength: -1 }), /^RangeError: .*must not be negative/],
  ["lion's beta1 of 0", () => optimizers.lion({ beta1: 0 }), /^RangeError: LionOptimizer: beta1 must be in \(0, 1\]/],
  ["lamb's epsilon that is none", () => optimizers.lamb({ epsilon: '1' as never }), /^TypeError/],
  ["adafactor's threshold of 0", () => optimizers.adafactor({ clipThreshold: 0 }), /^RangeError/],
  ["muon's half turn", () => optimizers.muon({ nsSteps: 0.5 }), /^RangeError: MuonOptimizer: nsSteps/],
])('%s is refused', (_name, make, message) => {
  leavesNothing(() => {
    let error: unknown;
    try {
      make();
    } catch (caught) {
      error = caught;
    }
    expect(String(error)).toMatch(message);
  });
});
