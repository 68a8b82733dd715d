// Models trained on datasets: the bits of fit, validation, and nothing left behind however it ends.

import { describe, expect, test } from 'vitest';
import { type Callback, data, layers, type Model, sequential, type Tensor, tensor1d, train } from '../../src/index.js';
import { compiledModel, elements, expectNoLeak, quadrants } from '../models/models.js';

/** The samples of quadrants(n), one by one, as a dataset. */
function samples(n: number) {
  const { x, y } = quadrants(n);
  const [points, classes] = [x.arraySync() as number[][], [...y.dataSync()]];
  x.dispose();
  y.dispose();
  return data.zip({ xs: data.array(points), ys: data.array(classes) });
}

const FIT = { epochs: 3, verbose: 0 } as const;

/** Trains a fresh model; returns its history and weights. */
async function trained(start: (model: Model) => Promise<{ history: Record<string, number[]> }>) {
  const model = compiledModel();
  try {
    const { history } = await start(model);
    return { history, weights: elements(model) };
  } finally {
    model.dispose();
  }
}

describe('fitDataset on a dataset', () => {
  test('gives the bits of fit on the same samples, validated too, and leaves nothing', () =>
    expectNoLeak(async () => {
      const all = quadrants(40);
      const held = quadrants(20);
      const fitted = await trained((model) =>
        model.fit(all.x, all.y, { ...FIT, batchSize: 16, shuffle: false, validationData: [held.x, held.y] }),
      );
      const fed = await trained((model) =>
        model.fitDataset(samples(40).batch(16).prefetch(1), { ...FIT, validationData: samples(20).batch(16) }),
      );
      expect(fed).toEqual(fitted);
      expect(Object.keys(fed.history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
      for (const part of [all, held]) {
        part.x.dispose();
        part.y.dispose();
      }
    }));

  test('learns from samples that are shuffled, repeated and come in any form', () =>
    expectNoLeak(async () => {
      const dataset = samples(100).shuffle(100, 1).repeat(20).batch(4);
      const { history } = await trained((model) => model.fitDataset(dataset, { ...FIT, epochs: 2 }));
      expect(history.accuracy[1]).toBeGreaterThan(0.9);
    }));

  test('goes on where an epoch ended, if epochs have their own number of batches', () =>
    expectNoLeak(async () => {
      const seen: number[] = [];
      const counted = data.generator(function* () {
        for (let i = 0; ; i++) {
          seen.push(i);
          yield { xs: [i / 100], ys: [0] };
        }
      });
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
      model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      await model.fitDataset(counted.batch(2), { epochs: 3, batchesPerEpoch: 2, verbose: 0 });
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      model.dispose();
    }));

  test.each(['onEpochEnd', 'onBatchEnd'] as const)('that is stopped in %s ends its source', (hook) =>
    expectNoLeak(async () => {
      let ended = 0;
      const endless = data.generator(function* () {
        try {
          for (;;) yield { xs: tensor1d([1, 2]), ys: 1 };
        } finally {
          ended++;
        }
      });
      const model = compiledModel();
      const stop = {
        [hook]: () => {
          model.stopTraining = true;
        },
      };
      const options = { ...FIT, batchesPerEpoch: 3, callbacks: stop };
      await model.fitDataset(
        endless
          .map((x) => x)
          .shuffle(8, 1)
          .batch(4)
          .prefetch(2),
        options,
      );
      expect(ended).toBe(1);
      model.dispose();
    }),
  );

  test('refuses a dataset that repeats without end, unless it is told where epochs end', () =>
    expectNoLeak(async () => {
      const endless = samples(40).batch(16).repeat();
      await expect(trained((model) => model.fitDataset(endless, FIT))).rejects.toThrow(
        new RangeError('fitDataset: needs batchesPerEpoch for a dataset that repeats without end'),
      );
      await trained((model) => model.fitDataset(endless, { ...FIT, batchesPerEpoch: 2 }));
    }));

  test('takes rows of a CSV file', () =>
    expectNoLeak(async () => {
      const text = `a,b,y\n${Array.from({ length: 64 }, (_, i) => `${i / 64},${(i % 8) / 8},${i / 32 + (i % 8) / 8}`).join('\n')}`;
      const rows = data
        .csv(text, { columnConfigs: { y: { isLabel: true } } })
        .map(({ xs, ys }) => ({ xs: [Number(xs.a), Number(xs.b)], ys: [Number(ys.y)] }));
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
      model.compile({ optimizer: train.adam(0.1), loss: 'meanSquaredError' });
      const { history } = await model.fitDataset(rows.shuffle(64, 1).batch(16), { epochs: 40, verbose: 0 });
      expect(history.loss.at(-1)).toBeLessThan(1e-3);
      model.optimizer.dispose();
      model.dispose();
    }));

  test('tells callbacks how many batches there are, where it knows', async () => {
    const steps: (number | null)[] = [];
    const note: Callback = {
      setParams: (params) => {
        steps.push(params.steps);
      },
    };
    const known = samples(40).batch(16);
    for (const dataset of [known, known.filter(() => true), known.take(2)]) {
      await trained((model) => model.fitDataset(dataset, { epochs: 1, verbose: 0, callbacks: note }));
    }
    const options = { epochs: 1, batchesPerEpoch: 2, verbose: 0 as const, callbacks: note };
    await trained((model) => model.fitDataset(known.repeat(), options));
    expect(steps).toEqual([3, null, 2, 2]);
  });
});

test('evaluateDataset on a dataset gives what evaluate gives, and leaves nothing', () =>
  expectNoLeak(async () => {
    const { x, y } = quadrants(40);
    const model = compiledModel();
    const read = (figures: Tensor | Tensor[]) =>
      [figures].flat().map((figure) => {
        const [value] = figure.dataSync();
        figure.dispose();
        return value;
      });
    const expected = read(model.evaluate(x, y, { batchSize: 16 }));
    expect(read(await model.evaluateDataset(samples(40).batch(16)))).toEqual(expected);
    for (const t of [x, y, model]) t.dispose();
  }));

test('rows of a file train a model, however little their types tell; those that are no numbers are refused', () =>
  expectNoLeak(async () => {
    const config = { columnConfigs: { label: { isLabel: true } } } as const;
    const model = compiledModel();
    const trainOn = async (text: string) => {
      const rows = data.csv(text, config);
      // As programs for TensorFlow.js have it.
      // biome-ignore lint/suspicious/noExplicitAny: what it is about
      const values = rows.map(({ xs, ys }: any) => ({ xs: Object.values(xs), ys: Object.values(ys) }));
      const named = rows.map(({ xs, ys }) => ({ xs: [xs.a, xs.b], ys: ys.label }));
      await model.fitDataset(values.batch(2), { epochs: 1, verbose: 0, validationData: values.batch(1) });
      await model.fitDataset(named.batch(2), { epochs: 1, verbose: 0 });
      const figures = await model.evaluateDataset(named.batch(2));
      for (const figure of [figures].flat()) figure.dispose();
    };
    await trainOn('a,b,label\n1,2,0\n3,4,1\n5,6,3\n');
    await expect(trainOn('a,b,label\n1,x,0\n3,y,1\n')).rejects.toThrow(TypeError);
    model.dispose();
  }));
