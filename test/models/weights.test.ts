// Weights of samples and of classes in fit, evaluate and trainOnBatch.

import { describe, expect, test, vi } from 'vitest';
import {
  type CompileOptions,
  type FitOptions,
  layers,
  type Sequential,
  sequential,
  setSeed,
  type Tensor,
  tensor,
  tensor1d,
  tensor2d,
  train,
} from '../../src/index.js';
import { kernels } from '../../src/wasm/kernels.js';
import { elements, expectNoLeak } from './models.js';

const MSE: CompileOptions['loss'] = 'meanSquaredError';

/** x · w, from w = 0. */
function line(inputs = 2, options: Partial<CompileOptions> = {}, units = 1): Sequential {
  const model = sequential({
    layers: [layers.dense({ units, inputShape: [inputs], kernelInitializer: 'zeros', useBias: false })],
  });
  model.compile({ optimizer: 'sgd', loss: MSE, ...options });
  return model;
}

const X = [
  [1, 2],
  [3, 4],
  [-1, 1],
];
const Y = [[1], [-1], [3]];

/** Runs `f` with tensors that are gone afterwards, and checks that nothing else is left. */
const withTensors = (values: (number[] | number[][])[], f: (...tensors: Tensor[]) => Promise<void>) =>
  expectNoLeak(async () => {
    const tensors = values.map((value) => tensor(value));
    await f(...tensors);
    for (const t of tensors) t.dispose();
  });

describe('sampleWeight', () => {
  test('weighs each sample’s loss and gradient', () =>
    withTensors([X, Y, [2, 0.5, 0]], async (x, y, sampleWeight) => {
      const model = line(2, { optimizer: train.sgd(0.3) });
      // mean(w · y²), and −2 · mean(w · x · y) at 0.
      expect(await model.trainOnBatch(x, y, { sampleWeight })).toBeCloseTo((2 + 0.5) / 3, 6);
      const expected = [0, 1].map((k) => (0.3 * 2 * (2 * X[0][k] - 0.5 * X[1][k])) / 3);
      expect(elements(model)).toEqual([expected.map((v) => expect.closeTo(v, 6))]);
      model.optimizer.dispose();
      model.dispose();
    }));

  test('of whole numbers is as if samples came so often', () =>
    withTensors(
      [X, Y, [2, 0, 1], [X[0], X[0], X[2]], [Y[0], Y[0], Y[2]]],
      async (x, y, sampleWeight, repeatedX, repeatedY) => {
        const [weighted, repeated] = [line(), line()];
        for (let i = 0; i < 5; i++) {
          const a = (await weighted.trainOnBatch(x, y, { sampleWeight })) as number;
          expect(a).toBeCloseTo((await repeated.trainOnBatch(repeatedX, repeatedY)) as number, 5);
        }
        expect(elements(weighted)[0][0]).toBeCloseTo(elements(repeated)[0][0], 5);
        weighted.dispose();
        repeated.dispose();
      },
    ));

  test('goes with its samples through shuffled, recorded batches, and gives the bits of eager ones', async () => {
    const points = Array.from({ length: 40 }, (_, i) => [i / 40, ((i * 7) % 40) / 40]);
    const run = vi.spyOn(kernels.common as { run(begin: number, end: number): void }, 'run');
    await withTensors(
      [points, points.map(([a, b]) => [a > b ? 1 : 0]), points.map((_, i) => i % 3)],
      async (x, y, sampleWeight) => {
        const reads = (_: Tensor, p: Tensor) => {
          p.dataSync();
          return p;
        };
        const fits = async (metrics: CompileOptions['metrics'], weights: Tensor) => {
          const model = line(2, { metrics, weightedMetrics: 'meanAbsoluteError' });
          setSeed(3);
          run.mockClear();
          const { history } = await model.fit(x, y, { sampleWeight: weights, epochs: 3, batchSize: 8, verbose: 0 });
          const result = { loss: history.loss, error: history.meanAbsoluteError, weights: elements(model) };
          model.dispose();
          return { result, replayed: run.mock.calls.length };
        };
        const recorded = await fits([], sampleWeight);
        expect(recorded.replayed).toBe(3 * 5 - 2);
        const eager = await fits([reads], sampleWeight);
        expect(eager.replayed).toBe(0);
        expect(eager.result).toEqual(recorded.result);
        const ones = tensor1d(new Array(40).fill(1));
        expect((await fits([], ones)).result).not.toEqual(recorded.result);
        ones.dispose();
      },
    );
    run.mockRestore();
  });

  test('may weigh the steps of a sample', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 1, inputShape: [2, 1], kernelInitializer: 'zeros', useBias: false })],
    });
    model.compile({ optimizer: 'sgd', loss: MSE });
    const [x, y, sampleWeight] = [tensor([[[1], [2]]]), tensor([[[3], [4]]]), tensor2d([[1, 0.5]])];
    expect(await model.trainOnBatch(x, y, { sampleWeight })).toBeCloseTo((9 + 0.5 * 16) / 2, 6);
    for (const t of [x, y, sampleWeight, model]) t.dispose();
  });

  test('counts in evaluate and in validation, and in weighted metrics only', () =>
    withTensors([X, Y, [2, 0.5, 0]], async (x, y, w) => {
      const model = line(2, {
        optimizer: train.sgd(0),
        metrics: 'meanAbsoluteError',
        weightedMetrics: { name: 'huber', delta: 10 },
      });
      const expected = [2.5 / 3, 5 / 3, (0.5 * (2 + 0.5)) / 2.5].map((v) => expect.closeTo(v, 6));
      const figures = model.evaluate(x, y, { sampleWeight: w, batchSize: 2 }) as Tensor[];
      expect(figures.map((t) => t.dataSync()[0])).toEqual(expected);
      const { history } = await model.fit(x, y, { validationData: [x, y, w], verbose: 0 });
      expect([history.val_loss[0], history.val_meanAbsoluteError[0], history.val_huber[0]]).toEqual(expected);
      for (const t of figures) t.dispose();
      model.optimizer.dispose();
      model.dispose();
    }));

  test('is split with the samples', () =>
    withTensors([X, Y, [2, 0.5, 4]], async (x, y, sampleWeight) => {
      const model = line(2, { optimizer: train.sgd(0) });
      const { history } = await model.fit(x, y, { sampleWeight, validationSplit: 0.3, verbose: 0 });
      expect(history.loss[0]).toBeCloseTo(2.5 / 2, 6);
      expect(history.val_loss[0]).toBeCloseTo(36, 5);
      model.optimizer.dispose();
      model.dispose();
    }));
});

describe('classWeight', () => {
  const classWeight = { 1: 3, 2: 0.5 };
  const each = (w: number[]) => w.reduce((sum, v) => sum + v, 0) / w.length;
  const lossOf = async (model: Sequential, y: Tensor, options: FitOptions) => {
    const x = tensor2d([[1], [1], [1]]);
    const loss = await model.trainOnBatch(x, y, options);
    const { history } = await model.fit(x, y, { ...options, verbose: 0 });
    expect(history.loss[0]).toBeCloseTo(loss as number, 6);
    x.dispose();
    y.dispose();
    model.optimizer.dispose();
    model.dispose();
    return loss;
  };
  const optimizer = () => train.sgd(0);

  test('weighs samples by their class numbers; others count once', async () => {
    const model = line(
      1,
      { optimizer: optimizer(), loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } },
      3,
    );
    const loss = await lossOf(model, tensor1d([0, 1, 2], 'int32'), { classWeight });
    expect(loss).toBeCloseTo(Math.log(3) * each([1, 3, 0.5]), 5);
  });

  test('by one-hot classes', async () => {
    const model = line(1, { optimizer: optimizer(), loss: { name: 'categoricalCrossentropy', fromLogits: true } }, 3);
    const y = tensor2d([
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(await lossOf(model, y, { classWeight })).toBeCloseTo(Math.log(3) * each([3, 3, 0.5]), 5);
  });

  test('by yes and no, together with the samples’ own weights', async () => {
    const sampleWeight = tensor1d([1, 2, 4]);
    const model = line(1, { optimizer: optimizer(), loss: { name: 'binaryCrossentropy', fromLogits: true } });
    const loss = await lossOf(model, tensor2d([[1], [0], [1]]), { classWeight: { 0: 0.5, 1: 3 }, sampleWeight });
    expect(loss).toBeCloseTo(Math.log(2) * each([3, 1, 12]), 5);
    sampleWeight.dispose();
  });
});

test('class weights do not count in validation', () =>
  withTensors([X, Y], async (x, y) => {
    const model = line(2, { optimizer: train.sgd(0) });
    const { history } = await model.fit(x, y, { classWeight: { 1: 2, 3: 5 }, validationSplit: 0.3, verbose: 0 });
    expect(history.loss[0]).toBeCloseTo((2 + 1) / 2, 6);
    expect(history.val_loss[0]).toBeCloseTo(9, 5);
    model.optimizer.dispose();
    model.dispose();
  }));

test('an ignored class is no class that is out of range, and counts in no mean', async () => {
  const loss = { name: 'sparseCategoricalCrossentropy', fromLogits: true, ignoreClass: 255 };
  const model = line(1, { optimizer: train.sgd(0), loss }, 4);
  const [x, y, bad] = [tensor2d([[1], [1], [1]]), tensor1d([0, 255, 3], 'int32'), tensor1d([0, 255, 4], 'int32')];
  expect(await model.trainOnBatch(x, y)).toBeCloseTo(Math.log(4), 5);
  await expect(model.trainOnBatch(x, bad)).rejects.toThrow(/labels must be class numbers from 0 to 3, got 4 at 2/);
  for (const t of [x, y, bad]) t.dispose();
  model.optimizer.dispose();
  model.dispose();
});

test('an ignored class counts in no mean of masked steps', async () => {
  const spec = { name: 'sparseCategoricalCrossentropy', ignoreClass: 9 };
  const model = sequential({
    layers: [
      layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true, inputShape: [4] }),
      layers.timeDistributed({ layer: layers.dense({ units: 2, activation: 'softmax', kernelInitializer: 'zeros' }) }),
    ],
  });
  model.compile({ optimizer: train.sgd(0), loss: spec });
  const x = tensor2d([1, 2, 0, 0, 3, 1, 2, 0], [2, 4], 'int32');
  for (const rows of [
    [1, 0, 9, 9, 1, 1, 9, 9],
    [0, 9, 1, 1, 9, 9, 1, 1],
  ]) {
    const y = tensor2d(rows, [2, 4], 'int32');
    const loss = model.evaluate(x, y) as Tensor;
    expect(loss.dataSync()[0]).toBeCloseTo(Math.log(2), 6);
    for (const t of [y, loss]) t.dispose();
  }
  x.dispose();
  model.optimizer.dispose();
  model.dispose();
});

describe('refuses', () => {
  const refused = (options: (w: Tensor) => FitOptions, message: string, compiled: Partial<CompileOptions> = {}) =>
    withTensors([X, Y, [1, 2]], async (x, y, w) => {
      const model = line(2, compiled);
      await expect(model.fit(x, y, { verbose: 0, ...options(w) })).rejects.toThrow(message);
      await model.fit(x, y, { verbose: 0 });
      model.dispose();
    });

  test('weights for another number of samples', () =>
    refused((w) => ({ sampleWeight: w }), 'fit: sampleWeight needs a weight for each of 3 samples, got shape [2]'));

  test('weights that are none', () =>
    refused(() => ({ sampleWeight: [1, 2, 3] as never }), 'fit: sampleWeight must be a tensor, got object'));

  test('a class weight that is no number', () =>
    refused(() => ({ classWeight: { 1: NaN } }), 'classWeight: a class weight must be finite, got NaN'));

  test('weights where the loss is one number for a batch', () =>
    refused(() => ({ classWeight: { 1: 2 } }), 'sampleWeight: needs a loss for each sample, got one for the batch', {
      loss: (t, p) => p.sub(t).square().mean(),
    }));
});
