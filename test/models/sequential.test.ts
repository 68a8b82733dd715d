import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  fill,
  grad,
  layers,
  ones,
  type Scalar,
  sequential,
  setSeed,
  type Tensor,
  tensor2d,
  tidy,
  train,
  variableGrads,
  zeros,
} from '../../src/index.js';
import { compiledModel, type Data, elements, expectNoLeak, quadrants, SPARSE, smallModel } from './models.js';

let data: Data;
beforeAll(() => {
  data = quadrants(50);
});
afterAll(() => {
  data.x.dispose();
  data.y.dispose();
});

describe('summary', () => {
  test('lists layers with their outputs’ shapes and parameters', () => {
    const model = sequential({
      name: 'digits',
      layers: [
        layers.flatten({ name: 'flatten', inputShape: [20, 20] }),
        layers.dense({ name: 'hidden', units: 25, activation: 'relu', trainable: false }),
        layers.dropout({ name: 'dropout', rate: 0.5 }),
        layers.dense({ name: 'logits', units: 10, useBias: false }),
        layers.activation({ name: 'a_name_that_is_longer_than_its_column', activation: 'softmax' }),
      ],
    });
    const lines: string[] = [];
    model.summary((line) => lines.push(line));
    expect(lines.join('\n')).toBe(`Model: "digits"
_______________________________________________________________________________________________________
Layer (type)                                        Output Shape  Param #  Multiply-adds  Output memory
=======================================================================================================
flatten (Flatten)                                   [null, 400]         0              0        1.6 KiB
hidden (Dense)                                      [null, 25]     10,025         10,000          100 B
dropout (Dropout)                                   [null, 25]          0              0          100 B
logits (Dense)                                      [null, 10]        250            250           40 B
a_name_that_is_longer_than_its_column (Activation)  [null, 10]          0              0           40 B
=======================================================================================================
Layers with weights: 2
Total params: 10,275
Trainable params: 250
Non-trainable params: 10,025
Multiply-adds of a sample: 10,250
Outputs of a sample: 1.8 KiB
_______________________________________________________________________________________________________`);
    expect(model.countParams()).toBe(10275);
    model.dispose();
  });

  test('goes to the console unless told otherwise', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const model = smallModel();
    model.summary();
    expect(log.mock.calls[0][0]).toBe(`Model: "${model.name}"`);
    log.mockRestore();
    model.dispose();
  });

  test('needs to know the input’s shape', () => {
    expect(() => sequential({ layers: [layers.dense({ units: 1 })] }).summary()).toThrow(
      'summary: the model is not built; give the first layer an inputShape, or call build or fit first',
    );
  });
});

describe('weights', () => {
  test('are kernels and biases, layer by layer', () => {
    const model = smallModel();
    expect(model.getWeights().map(({ shape }) => shape)).toEqual([[2, 8], [8], [8, 4], [4]]);
    expect(model.countParams()).toBe(16 + 8 + 32 + 4);
    expect(model.trainableWeights).toHaveLength(4);
    model.layers[0]!.trainable = false;
    expect(model.getWeights(true)).toEqual(model.trainableWeights);
    expect(model.getWeights(true)).toHaveLength(2);
    model.dispose();
  });

  test('go from one model to another, and stay its own', async () => {
    const [a, b] = [compiledModel(), compiledModel()];
    await a.trainOnBatch(data.x, data.y);
    b.setWeights(a.getWeights());
    const copied = elements(a);
    expect(elements(b)).toEqual(copied);
    await a.trainOnBatch(data.x, data.y);
    expect(elements(a)).not.toEqual(copied);
    expect(elements(b)).toEqual(copied);
    a.dispose();
    b.dispose();
  });

  test('of another count, shape or dtype are refused, and nothing is changed', () => {
    const model = smallModel();
    const before = elements(model);
    tidy(() => {
      const good = model.getWeights().map((w) => zeros(w.shape));
      expect(() => model.setWeights(good.slice(1))).toThrow(new RangeError('setWeights: needs 4 tensors, got 3'));
      const shape = [...good.slice(0, 3), zeros([5])];
      expect(() => model.setWeights(shape)).toThrow(
        /^setWeights: dense\S*\/bias\S* needs \[4\] float32, got \[5\] float32$/,
      );
      const dtype = [...good.slice(0, 3), zeros([4], 'float64')];
      expect(() => model.setWeights(dtype)).toThrow(/needs \[4\] float32, got \[4\] float64$/);
      good[3].dispose();
      expect(() => model.setWeights(good)).toThrow('Tensor is disposed.');
      expect(() => model.layers[1].setWeights([good[0]])).toThrow(/^dense\S*\.setWeights: needs 2 tensors, got 1$/);
    });
    expect(elements(model)).toEqual(before);
    model.dispose();
  });
});

describe('predict', () => {
  test('gives what apply gives, in batches of any size', async () => {
    await expectNoLeak(() => {
      const model = smallModel();
      const whole = model.apply(data.x);
      for (const batchSize of [1, 7, 32, 50, 1000]) {
        const y = model.predict(data.x, { batchSize });
        expect(y.shape).toEqual([50, 4]);
        expect(y.dataSync()).toEqual(whole.dataSync());
        y.dispose();
      }
      const y = model.predictOnBatch(data.x);
      expect(y.dataSync()).toEqual(whole.dataSync());
      y.dispose();
      tidy(() => {
        model.predict(data.x);
        model.predictOnBatch(data.x);
      });
      whole.dispose();
      model.dispose();
    });
  });

  test('lays what batches give one after the other, whatever their sizes', async () => {
    class Rows extends layers.Layer {
      override getClassName() {
        return 'Rows';
      }
      override computeOutputShape([, , size]: layers.LayerShape) {
        return [null, size!];
      }
      call(x: Tensor) {
        return x.reshape([-1, x.shape[2]!]);
      }
    }
    await expectNoLeak(() => {
      const model = sequential({ layers: [new Rows({ inputShape: [5, 2] })] });
      const x = data.x.reshape([10, 5, 2]);
      const y = model.predict(x, { batchSize: 3 });
      expect(y.shape).toEqual([50, 2]);
      expect(y.dataSync()).toEqual(data.x.dataSync());
      for (const t of [x, y, model]) t.dispose();
    });
  });

  test('lets gradients through, also over several batches', async () => {
    await expectNoLeak(() => {
      const model = smallModel();
      tidy(() => {
        const whole = variableGrads(() => model.apply(data.x).square().sum()).grads;
        for (const batchSize of [7, 50]) {
          const { grads } = variableGrads(() => model.predict(data.x, { batchSize }).square().sum());
          expect(Object.keys(grads)).toEqual(Object.keys(whole));
          for (const [name, dy] of Object.entries(grads)) {
            const [got, expected] = [dy.dataSync(), whole[name].dataSync()];
            got.forEach((value, i) => {
              expect(value).toBeCloseTo(expected[i], 4);
            });
          }
          const dx = (f: (x: Tensor) => Tensor) => grad((x) => f(x).square().sum())(data.x).dataSync();
          expect(dx((x) => model.predict(x, { batchSize }))).toEqual(dx((x) => model.apply(x)));
        }
      });
      model.dispose();
    });
  });

  test('gives a tensor of its own, also where the model does nothing', () => {
    const model = sequential({ layers: [layers.dropout({ rate: 0.5, inputShape: [2] })] });
    for (const y of [model.predict(data.x), model.predictOnBatch(data.x)]) {
      expect(y.dataSync()).toEqual(data.x.dataSync());
      y.dispose();
      expect(data.x.isDisposed).toBe(false);
    }
    model.dispose();
  });
});

describe('evaluate', () => {
  test('gives means over samples, whatever the batch size', async () => {
    await expectNoLeak(() => {
      const model = compiledModel();
      const figures = [7, 32, 50].map((batchSize) => {
        const scalars = model.evaluate(data.x, data.y, { batchSize }) as Scalar[];
        return scalars.map((t) => {
          const [value] = t.dataSync();
          expect(t.rank).toBe(0);
          t.dispose();
          return value;
        });
      });
      for (const [loss, accuracy] of figures) {
        expect(loss).toBeCloseTo(figures[0][0], 6);
        expect(accuracy).toBeCloseTo(figures[0][1], 6);
      }
      model.dispose();
    });
  });

  test('gives one scalar where there are no metrics', () => {
    const model = smallModel();
    model.compile({ optimizer: 'sgd', loss: SPARSE });
    const loss = model.evaluate(data.x, data.y) as Scalar;
    expect(loss.dataSync()[0]).toBeGreaterThan(0);
    loss.dispose();
    model.dispose();
  });
});

describe('metrics', () => {
  const figures = (model: ReturnType<typeof smallModel>, y: Tensor) =>
    tidy(() => (model.evaluate(data.x, y) as Scalar[]).map((t) => t.dataSync()[0]));

  test('are named as they are given', () => {
    const model = smallModel();
    const share = (_t: Tensor, p: Tensor) => p.greater(0).cast('float32').mean(-1);
    model.compile({ optimizer: 'sgd', loss: SPARSE, metrics: ['accuracy', SPARSE, share] });
    expect(model.metricsNames).toEqual(['loss', 'accuracy', 'sparseCategoricalCrossentropy', 'share']);
    const [loss, accuracy, again, shared] = figures(model, data.y);
    expect(again).toBe(loss);
    expect(accuracy).toBeLessThanOrEqual(1);
    expect(shared).toBeLessThan(1);
    model.compile({ optimizer: 'sgd', loss: SPARSE, metrics: 'acc' });
    expect(model.metricsNames).toEqual(['loss', 'acc']);
    model.dispose();
  });

  test('of one name are told apart', () => {
    const model = smallModel();
    const given = {
      metrics: ['accuracy', (t: Tensor) => t, (_: Tensor, p: Tensor) => p.mean(-1)],
      weightedMetrics: ['accuracy'],
    };
    const loss = (_: Tensor, p: Tensor) => p.mean(-1);
    model.compile({ optimizer: 'sgd', loss, ...given });
    expect(model.metricsNames).toEqual(['loss', 'accuracy', 'metric', 'metric_1', 'weighted_accuracy']);
    const all = figures(model, data.y);
    expect(all).toHaveLength(5);
    expect(all[3]).toBe(all[0]);
    expect(all[4]).toBe(all[1]);
    model.compile({ optimizer: 'sgd', loss, metrics: [loss] });
    expect(model.metricsNames).toEqual(['loss', 'loss_1']);
    expect(figures(model, data.y)).toHaveLength(2);
    model.dispose();
  });

  test('accuracy fits the loss', () => {
    tidy(() => {
      const model = smallModel();
      const oneHot = tidy(() => data.y.oneHot(4).cast('float32'));
      model.compile({ optimizer: 'sgd', loss: SPARSE, metrics: ['accuracy'] });
      const [, sparse] = figures(model, data.y);
      model.compile({ optimizer: 'sgd', loss: { ...SPARSE, name: 'categoricalCrossentropy' }, metrics: ['accuracy'] });
      expect(figures(model, oneHot)[1]).toBe(sparse);
      model.compile({ optimizer: 'sgd', loss: (t, p) => p.sub(t).square(), metrics: ['accuracy'] });
      expect(figures(model, oneHot)[1]).toBe(sparse);
      model.dispose();
    });
  });
});

describe('building', () => {
  test('waits for the first data where there is no inputShape', async () => {
    setSeed(1);
    const model = sequential({ layers: [layers.dense({ units: 8, activation: 'relu' }), layers.dense({ units: 4 })] });
    expect(model.getWeights()).toEqual([]);
    model.compile({ optimizer: 'adam', loss: SPARSE, metrics: ['accuracy'] });
    await model.fit(data.x, data.y, { verbose: 0, shuffle: false });
    const built = compiledModel();
    await built.fit(data.x, data.y, { verbose: 0, shuffle: false });
    expect(elements(model)).toEqual(elements(built));
    expect(model.outputShape).toEqual([null, 4]);
    model.dispose();
    built.dispose();
  });

  test('can be asked for, once', () => {
    const model = sequential({ layers: [layers.dense({ units: 8 })], name: 'once' });
    expect(() => model.outputShape).toThrow(`${model.name}.output: the model is not built`);
    expect(() => model.input).toThrow(`${model.name}.input: the model is not built`);
    model.build([null, 3]);
    expect(model.countParams()).toBe(32);
    model.build([null, 3]);
    expect(() => model.build([null, 4])).toThrow(new RangeError('build: once was built for [null, 3], got [null, 4]'));
    model.dispose();
  });

  test('with data that is refused makes no weights', async () => {
    const model = sequential({ layers: [layers.dense({ units: 4 })] });
    model.compile({ optimizer: 'adam', loss: SPARSE });
    const [few, broken] = [zeros([3]), fill([data.x.shape[0]], Number.NaN)];
    await expect(model.fit(data.x, few, { verbose: 0 })).rejects.toThrow(
      'fit: x and y need the same number of samples',
    );
    await expect(model.fit(data.x, broken, { verbose: 0 })).rejects.toThrow('fit: y contains NaN');
    expect(model.getWeights()).toEqual([]);
    for (const y of [few, broken]) y.dispose();
  });

  test('goes layer by layer', () => {
    const model = sequential();
    model.add(layers.dense({ units: 3, inputShape: [5] }));
    model.add(layers.dense({ units: 2 }));
    expect(model.outputShape).toEqual([null, 2]);
    expect(model.countParams()).toBe(18 + 8);
    model.dispose();
  });

  test('refuses what is no layer, and a name that is taken', () => {
    const model = sequential({ layers: [layers.dense({ units: 3, name: 'a' })] });
    expect(() => model.add({} as never)).toThrow(new TypeError('Sequential.add: needs a layer, got object'));
    expect(() => model.add(layers.dense({ units: 3, name: 'a' }))).toThrow(
      new RangeError('Sequential.add: a layer named a is there already; give it another name'),
    );
    expect(model.layers).toHaveLength(1);
  });
});

describe('disposing', () => {
  test('frees all that compiling and training made', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      await model.fit(data.x, data.y, { verbose: 0 });
      model.compile({ optimizer: 'momentum', loss: SPARSE });
      await model.fit(data.x, data.y, { verbose: 0 });
      model.dispose();
    });
  });

  test('leaves an optimizer that was given to its owner', async () => {
    const optimizer = train.adam(0.01);
    const model = smallModel();
    model.compile({ optimizer, loss: SPARSE });
    await model.trainOnBatch(data.x, data.y);
    model.dispose();
    expect(optimizer.iterations).toBe(1);
    optimizer.dispose();
  });
});

test('dropout works in training only', async () => {
  const model = sequential({
    layers: [
      layers.dropout({ rate: 0.5, inputShape: [100], seed: 1 }),
      layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  const x = ones([4, 100]);
  const [resting, training] = [model.apply(x), model.apply(x, { training: true })];
  expect([...resting.dataSync()]).toEqual([100, 100, 100, 100]);
  expect(new Set(training.dataSync()).size).toBeGreaterThan(1);
  const predicted = model.predict(x);
  expect(predicted.dataSync()).toEqual(resting.dataSync());

  // In a step the loss is that of the thinned inputs, and the gradient reaches only what was kept.
  model.compile({ optimizer: train.sgd(1), loss: (_t, p) => p });
  const y = zeros([4, 1]);
  const before = model.evaluate(x, y) as Scalar;
  expect(before.dataSync()[0]).toBe(100);
  expect(await model.trainOnBatch(x, y)).not.toBe(100);
  const moved = elements(model)[0].map((w) => 1 - w);
  expect(new Set(moved).size).toBeGreaterThan(2);
  for (const share of moved) expect([0, 0.5, 1, 1.5, 2]).toContain(share);
  for (const t of [x, y, resting, training, predicted, before, model]) t.dispose();
});

test('a trained model tells points apart', async () => {
  setSeed(4);
  const model = sequential({
    layers: [
      layers.dense({ units: 16, activation: 'tanh', inputShape: [2] }),
      layers.dense({ units: 4, activation: 'softmax' }),
    ],
  });
  model.compile({ optimizer: train.adam(0.05), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  const { history } = await model.fit(data.x, data.y, { epochs: 50, verbose: 0 });
  expect(history.accuracy.at(-1)).toBeGreaterThan(0.95);
  const corners = tensor2d([
    [-0.5, -0.5],
    [0.5, -0.5],
    [-0.5, 0.5],
    [0.5, 0.5],
  ]);
  const classes = tidy(() => model.predict(corners).argMax(-1));
  expect([...classes.dataSync()]).toEqual([0, 1, 2, 3]);
  for (const t of [corners, classes, model.optimizer, model]) t.dispose();
});
