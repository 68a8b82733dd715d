// fitDataset and evaluateDataset, and the options of fit that say how far it goes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Callback,
  type Dataset,
  dispose,
  ones,
  type Scalar,
  type Tensor,
  tensor2d,
  tidy,
  zeros,
} from '../../src/index.js';
import { compiledModel, type Data, elements, expectNoLeak, quadrants } from './models.js';

let data: Data;
beforeAll(() => {
  data = quadrants(40);
});
afterAll(() => {
  data.x.dispose();
  data.y.dispose();
});

const slices = (begin: number, n: number): [Tensor, Tensor] => [data.x.slice([begin], [n]), data.y.slice([begin], [n])];

/** Batches of 16, 16 and 8 samples, as fit makes them without shuffling. */
function* batches() {
  for (const begin of [0, 16, 32]) yield slices(begin, Math.min(16, 40 - begin));
}

async function* slowly() {
  for (const [xs, ys] of batches()) {
    await new Promise((resolve) => setTimeout(resolve));
    yield { xs, ys };
  }
}

const FIT = { epochs: 3, batchSize: 16, shuffle: false, verbose: 0 } as const;

/** The weights and figures after fit, and after fitDataset. */
async function both(dataset: Dataset, options = {}) {
  const [fitted, fed] = [compiledModel(), compiledModel()];
  const a = await fitted.fit(data.x, data.y, { ...FIT, ...options });
  const b = await fed.fitDataset(dataset, { epochs: 3, verbose: 0, ...options });
  const results = [
    [elements(fitted), a.history],
    [elements(fed), b.history],
  ];
  for (const m of [fitted, fed]) m.dispose();
  return results;
}

describe('fitDataset', () => {
  test.each<[string, Dataset]>([
    ['a function of a generator', batches],
    ['a function of an asynchronous generator', slowly],
    ['an iterable', { [Symbol.iterator]: batches }],
    ['an asynchronous iterable', { [Symbol.asyncIterator]: slowly }],
    ['an object with an iterator', { iterator: batches }],
    ['one with an asynchronous iterator', { iterator: async () => slowly() }],
  ])('trains on %s with the bits of fit, and leaves nothing', async (_, dataset) => {
    await expectNoLeak(async () => {
      const [fitted, fed] = await both(dataset);
      expect(fed).toEqual(fitted);
    });
  });

  test('leaves the tensors of an array alone', async () => {
    await expectNoLeak(async () => {
      const array = [...batches()];
      const [fitted, fed] = await both(array);
      expect(fed).toEqual(fitted);
      for (const [x, y] of array) {
        x.dispose();
        y.dispose();
      }
    });
  });

  test('goes on where the epoch before ended, and begins anew at the end', async () => {
    await expectNoLeak(async () => {
      const [a, b] = [compiledModel(), compiledModel()];
      let begun = 0;
      const counted = () => {
        begun++;
        return batches();
      };
      await a.fitDataset(counted, { epochs: 2, batchesPerEpoch: 3, verbose: 0 });
      expect(begun).toBe(2);
      const { epoch } = await b.fitDataset(batches, { epochs: 3, batchesPerEpoch: 2, verbose: 0 });
      expect(epoch).toEqual([0, 1, 2]);
      expect(elements(b)).toEqual(elements(a));
      for (const m of [a, b]) m.dispose();
    });
  });

  test('validates with tensors and with datasets alike', async () => {
    await expectNoLeak(async () => {
      const [a, b] = [compiledModel(), compiledModel()];
      const options = { epochs: 2, verbose: 0 } as const;
      const { history } = await a.fitDataset(batches, {
        ...options,
        validationData: [data.x, data.y],
        validationBatchSize: 16,
      });
      const other = await b.fitDataset(batches, { ...options, validationData: slowly });
      expect(Object.keys(history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);
      expect(other.history).toEqual(history);
      for (const m of [a, b]) m.dispose();
    });
  });

  test('tells the dataset to stop when training does', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      let isClosed = false;
      const endless = function* () {
        try {
          for (;;) yield slices(0, 8);
        } finally {
          isClosed = true;
        }
      };
      const stop: Callback = {
        onBatchEnd(batch) {
          if (batch === 4) model.stopTraining = true;
        },
      };
      await model.fitDataset(endless, { epochs: 5, callbacks: stop, verbose: 0 });
      expect(isClosed).toBe(true);
      expect(model.optimizer.iterations).toBe(5);
      model.dispose();
    });
  });

  test('refuses what gives no batches, and batches that do not fit, which are gone', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      const refused = (dataset: unknown, message: string) =>
        expect(model.fitDataset(dataset as Dataset, { verbose: 0, epochs: 2 })).rejects.toThrow(message);
      await refused(3, 'fitDataset: needs an iterable of batches, or a function that gives one, got number');
      await refused([], 'fitDataset: the dataset has no batches');
      await refused(
        batches(),
        'fitDataset: the dataset has no batches; what can be gone through once only is given by a function',
      );
      await refused([1], 'fitDataset: needs batches { xs, ys } or [xs, ys], got number');
      const before = elements(model);
      await refused(function* () {
        yield { xs: ones([2, 3]), ys: zeros([2]) };
      }, `fitDataset: ${model.name} needs inputs of shape [null, 2], got [2, 3]`);
      expect(elements(model)).toEqual(before);
      model.dispose();
    });
  });
});

test('evaluateDataset gives what evaluate gives', async () => {
  await expectNoLeak(async () => {
    const model = compiledModel();
    const read = (scalars: Scalar | Scalar[]) =>
      [scalars].flat().map((t) => {
        const value = t.dataSync()[0];
        t.dispose();
        return value;
      });
    const whole = read(model.evaluate(data.x, data.y, { batchSize: 16 }));
    expect(read(await model.evaluateDataset(slowly))).toEqual(whole);
    expect(read(await model.evaluateDataset(batches, { batches: 1 }))).toEqual(
      read(model.evaluate(data.x, data.y, { batchSize: 16, steps: 1 })),
    );
    await expect(model.evaluateDataset([])).rejects.toThrow('evaluateDataset: the dataset has no batches');
    model.dispose();
  });
});

test('class weights and sample weights of an array’s batches leave the array alone', async () => {
  await expectNoLeak(async () => {
    const [a, b] = [compiledModel(), compiledModel()];
    const w = ones([40]);
    const options = { epochs: 2, classWeight: { 1: 3 }, verbose: 0 } as const;
    await a.fitDataset([[data.x, data.y, w]], options);
    await b.fit(data.x, data.y, { ...options, sampleWeight: w, batchSize: 40, shuffle: false });
    expect(elements(a)).toEqual(elements(b));
    expect([data.x, data.y, w].some((x) => x.isDisposed)).toBe(false);
    for (const t of [w, a, b]) t.dispose();
  });
});

describe('fit', () => {
  test('goes on after the epochs that are done, with the bits of one run', async () => {
    const [a, b] = [compiledModel(), compiledModel()];
    await a.fit(data.x, data.y, { ...FIT, epochs: 4 });
    await b.fit(data.x, data.y, { ...FIT, epochs: 2 });
    const { epoch } = await b.fit(data.x, data.y, { ...FIT, epochs: 4, initialEpoch: 2 });
    expect(epoch).toEqual([2, 3]);
    expect(elements(b)).toEqual(elements(a));
    for (const m of [a, b]) m.dispose();
  });

  test('takes epochs of so many steps', async () => {
    const model = compiledModel();
    const { epoch } = await model.fit(data.x, data.y, { ...FIT, stepsPerEpoch: 2 });
    expect(epoch).toEqual([0, 1, 2]);
    expect(model.optimizer.iterations).toBe(6);
    model.dispose();
  });

  test('validates every so many epochs, or after those in a list, with so many batches', async () => {
    const validated = async (options: object) => {
      const model = compiledModel();
      const validationData = [data.x, data.y] as const;
      const { history } = await model.fit(data.x, data.y, { ...FIT, epochs: 4, validationData, ...options });
      model.dispose();
      return history.val_loss;
    };
    expect(await validated({ validationFreq: 2 })).toHaveLength(2);
    expect(await validated({ validationFreq: [1, 3, 4] })).toHaveLength(3);
    const [all, first] = [await validated({}), await validated({ validationSteps: 1, validationBatchSize: 4 })];
    expect(first[0]).not.toBe(all[0]);
  });

  test('refuses counts that are none', async () => {
    const model = compiledModel();
    const refused = (options: object, message: string) =>
      expect(model.fit(data.x, data.y, { verbose: 0, ...options })).rejects.toThrow(message);
    await refused({ stepsPerEpoch: 0 }, 'fit: stepsPerEpoch must be a whole number from 1 up, got 0');
    await refused({ initialEpoch: -1 }, 'fit: initialEpoch must be a whole number from 0 up, got -1');
    await refused({ validationFreq: 0 }, 'fit: validationFreq must be a whole number from 1 up, got 0');
    await refused({ validationBatchSize: 0 }, 'fit: validationBatchSize must be a whole number from 1 up, got 0');
    await refused({ validationSteps: 0 }, 'fit: validationSteps must be a whole number from 1 up, got 0');
    expect(() => model.evaluate(data.x, data.y, { steps: 0 })).toThrow(
      new RangeError('evaluate: steps must be a whole number from 1 up, got 0'),
    );
    await expect(model.evaluateDataset([], { batches: 1.5 })).rejects.toThrow(
      new RangeError('evaluateDataset: batches must be a whole number from 1 up, got 1.5'),
    );
    await expect(model.fitDataset([], { validationBatches: 0 })).rejects.toThrow(
      new RangeError('fitDataset: validationBatches must be a whole number from 1 up, got 0'),
    );
    model.dispose();
  });
});

test('evaluations that go on at once, and training beside them, know their own figures', async () => {
  await expectNoLeak(async () => {
    const model = compiledModel('sgd');
    model.optimizer.learningRate = 0;
    const slow = (from: number) =>
      async function* () {
        for (let i = from; i < from + 3; i++) {
          await new Promise((resolve) => setTimeout(resolve));
          yield { xs: data.x.slice([4 * i], [4]), ys: data.y.slice([4 * i], [4]) };
        }
      };
    const figures = (scalars: unknown) => tidy(() => (scalars as Tensor[]).map((t) => t.dataSync()[0]));
    const tests = [() => model.evaluateDataset(slow(0)), () => model.evaluateDataset(slow(5))];
    const trains = async () => (await model.fitDataset(slow(2), { verbose: 0, yieldEvery: 'batch' })).history;
    const alone = [await tests[0]!(), await tests[1]!()];
    const trained = await trains();
    const [a, b, history] = await Promise.all([tests[0]!(), tests[1]!(), trains()]);
    expect([a, b].map(figures)).toEqual(alone.map(figures));
    expect(history).toEqual(trained);
    dispose([a, b, ...alone]);
    model.dispose();
  });
});

test('models of several inputs take datasets of several', async () => {
  // One more input than the data has is named in the error.
  const model = compiledModel();
  const x = tensor2d([[1, 2]]);
  const y = zeros([1], 'int32');
  await expect(model.fitDataset([{ xs: { nowhere: x }, ys: y }], { verbose: 0 })).rejects.toThrow(
    /^fitDataset: x needs tensors for \S+_input, got nowhere$/,
  );
  for (const t of [x, y, model]) t.dispose();
});
