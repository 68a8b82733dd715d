// Bad input gets one sentence and changes nothing: weights and the optimizer's state stay bit for bit, nothing leaks,
// and the model can train afterwards.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CompileOptions,
  type FitOptions,
  layers,
  ones,
  type Sequential,
  sequential,
  type Tensor,
  tensor1d,
  tensor2d,
  zeros,
} from '../../src/index.js';
import { compiledModel, type Data, elements, expectNoLeak, quadrants, smallModel } from './models.js';

const LOSS_NAMES = [
  ...['concordanceCorrelation', 'cosineProximity', 'cosineSimilarity', 'huber', 'logCosh', 'meanAbsoluteError'],
  ...[
    'meanAbsolutePercentageError',
    'meanSquaredError',
    'meanSquaredLogarithmicError',
    'pearsonCorrelation',
    'poisson',
  ],
  ...['smoothL1', 'iouLoss', 'giouLoss', 'diouLoss', 'ciouLoss', 'binaryCrossentropy', 'categoricalCrossentropy'],
  ...['sparseCategoricalCrossentropy', 'binaryFocalCrossentropy', 'categoricalFocalCrossentropy'],
  ...['categoricalGeneralizedCrossEntropy', 'klDivergence', 'ctc', 'circle', 'triplet', 'hinge', 'squaredHinge'],
  ...['categoricalHinge', 'dice', 'tversky', 'mse', 'MSE', 'mae', 'MAE', 'mape', 'MAPE', 'msle', 'MSLE', 'logcosh'],
  ...['kld', 'kullbackLeiblerDivergence'],
];

let data: Data;
beforeAll(() => {
  data = quadrants(8);
});
afterAll(() => {
  data.x.dispose();
  data.y.dispose();
});

const YIELDS = 'auto, batch, epoch, never, or milliseconds from 0 up';

type Attempt = (model: Sequential) => unknown;

/** Runs what must fail on a model that has trained a little, and checks that it might as well not have been run. */
async function expectRefused(attempt: Attempt, error: Error, make = compiledModel): Promise<void> {
  await expectNoLeak(async () => {
    const [model, twin] = [make(), make()];
    for (const m of [model, twin]) await m.trainOnBatch(data.x, data.y);
    const before = elements(model);
    await expectNoLeak(() => expect((async () => attempt(model))()).rejects.toThrow(error));
    expect(elements(model)).toEqual(before);
    for (const m of [model, twin]) for (let i = 0; i < 3; i++) await m.trainOnBatch(data.x, data.y);
    expect(elements(model)).toEqual(elements(twin));
    for (const m of [model, twin]) m.dispose();
  });
}

/** An attempt with tensors of its own. */
const withTensors =
  (tensors: () => Tensor[], attempt: (model: Sequential, ...tensors: Tensor[]) => unknown): Attempt =>
  async (model) => {
    const made = tensors();
    try {
      await attempt(model, ...made);
    } finally {
      for (const t of made) t.dispose();
    }
  };

const OPERATIONS: Record<string, (model: Sequential, x: Tensor, y: Tensor) => unknown> = {
  fit: (model, x, y) => model.fit(x, y, { epochs: 2, batchSize: 2, shuffle: false, verbose: 0 }),
  trainOnBatch: (model, x, y) => model.trainOnBatch(x, y),
  evaluate: (model, x, y) => model.evaluate(x, y),
};

describe.each(Object.entries(OPERATIONS))('%s refuses', (op, run) => {
  const labels = (y: () => Tensor) =>
    withTensors(
      () => [y()],
      (model, t) => run(model, data.x, t),
    );

  // The bad label stands at the end: the batches before it must not train either.
  test.each([
    ['a class beyond the last', [0, 1, 2, 3, 0, 1, 2, 4], 'labels must be class numbers from 0 to 3, got 4 at 7'],
    ['a negative class', [0, 1, 2, 3, 0, 1, 2, -1], 'labels must be class numbers from 0 to 3, got -1 at 7'],
  ])('%s', async (_name, values, message) => {
    await expectRefused(
      labels(() => tensor1d(values, 'int32')),
      new RangeError(`${op}: ${message}`),
    );
    await expectRefused(
      labels(() => tensor1d(values, 'float32')),
      new RangeError(`${op}: ${message}`),
    );
    await expectRefused(
      labels(() => tensor2d(values, [8, 1], 'int32')),
      new RangeError(`${op}: ${message}`),
    );
  });

  test('a class that is no whole number', async () => {
    const y = () => tensor1d([0, 1, 2, 3, 0, 1, 2, 2.5], 'float32');
    const error = new RangeError(`${op}: labels must be class numbers from 0 to 3, got 2.5 at 7`);
    await expectRefused(labels(y), error);
  });

  test('NaN among the labels', async () => {
    const y = () => tensor1d([0, 1, 2, 3, 0, 1, 2, Number.NaN]);
    await expectRefused(labels(y), new RangeError(`${op}: y contains NaN`));
  });

  test('infinite labels', async () => {
    const y = () => tensor1d([0, 1, 2, 3, 0, 1, 2, Number.POSITIVE_INFINITY]);
    const error = new RangeError(`${op}: labels must be class numbers from 0 to 3, got Infinity at 7`);
    await expectRefused(labels(y), error);
  });

  test('labels of another shape than the samples', async () => {
    const y = () => zeros([8, 4]);
    const n = op === 'fit' ? 2 : 8; // fit sees it in the first batch
    await expectRefused(
      labels(y),
      new RangeError(
        `sparseCategoricalCrossentropy: yTrue needs the shape [${n}] of class numbers for yPred [${n}, 4], got [${n}, 4]`,
      ),
    );
  });

  test('another number of labels', async () => {
    const y = () => tensor1d([0, 1, 2], 'int32');
    await expectRefused(labels(y), new RangeError(`${op}: x and y need the same number of samples, got 8 and 3`));
  });

  test('inputs of another shape', async () => {
    for (const [shape, shown] of [
      [[8, 3], '8, 3'],
      [[8], '8'],
      [[8, 2, 1], '8, 2, 1'],
    ] as const) {
      await expectRefused(
        withTensors(
          () => [ones(shape)],
          (model, x) => run(model, x, data.y),
        ),
        new RangeError(`${op}: NAME needs inputs of shape [null, 2], got [${shown}]`),
        named,
      );
    }
  });

  test('no samples, scalars, what is no tensor, and what is disposed of', async () => {
    const none = withTensors(() => [zeros([0, 2]), tensor1d([], 'int32')], run);
    await expectRefused(none, new RangeError(`${op}: x needs at least one sample, got shape [0, 2]`));
    await expectRefused(
      (model) => run(model, [[1, 2]] as never, data.y),
      new TypeError(`${op}: x must be a tensor, got object`),
    );
    await expectRefused(
      (model) => run(model, data.x, null as never),
      new TypeError(`${op}: y must be a tensor, got null`),
    );
    const gone = zeros([8, 2]);
    gone.dispose();
    await expectRefused((model) => run(model, gone, data.y), new Error('Tensor is disposed.'));
  });

  test('a model that is not compiled', async () => {
    await expectNoLeak(async () => {
      const model = smallModel();
      await expect((async () => run(model, data.x, data.y))()).rejects.toThrow(
        new Error(`${op}: the model must be compiled first: model.compile({ optimizer, loss })`),
      );
      model.dispose();
    });
  });

  test('a model without layers', async () => {
    const model = sequential();
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await expect((async () => run(model, data.x, data.y))()).rejects.toThrow(`${op}: the model has no layers`);
  });
});

/** The compiled model under a name that errors can be compared by. */
function named(): Sequential {
  const model = sequential({
    name: 'NAME',
    layers: [layers.dense({ units: 4, inputShape: [2], kernelInitializer: 'ones' })],
  });
  model.compile({ optimizer: 'adam', loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } });
  return model;
}

describe('fit refuses', () => {
  const options = (given: FitOptions, error: Error) =>
    expectRefused((model) => model.fit(data.x, data.y, { verbose: 0, ...given }), error);

  test.each([
    [{ epochs: 1.5 }, new RangeError('fit: epochs must be a whole number from 0 up, got 1.5')],
    [{ epochs: -1 }, new RangeError('fit: epochs must be a whole number from 0 up, got -1')],
    [{ epochs: '3' as never }, new TypeError('fit: epochs must be a whole number, got string')],
    [{ batchSize: 0 }, new RangeError('fit: batchSize must be a whole number from 1 up, got 0')],
    [{ batchSize: 2.5 }, new RangeError('fit: batchSize must be a whole number from 1 up, got 2.5')],
    [{ batchSize: Number.NaN }, new RangeError('fit: batchSize must be a whole number from 1 up, got NaN')],
    [{ validationSplit: 1 }, new RangeError('fit: validationSplit must be in [0, 1), got 1')],
    [{ validationSplit: -0.1 }, new RangeError('fit: validationSplit must be in [0, 1), got -0.1')],
    [{ verbose: 3 as never }, new RangeError('fit: verbose must be 0, 1 or 2, got 3')],
    [{ yieldEvery: 'step' as never }, new RangeError(`fit: yieldEvery must be one of ${YIELDS}, got step`)],
    [{ yieldEvery: -1 }, new RangeError(`fit: yieldEvery must be one of ${YIELDS}, got -1`)],
    [{ yieldEvery: Number.NaN }, new RangeError(`fit: yieldEvery must be one of ${YIELDS}, got NaN`)],
    [{ yieldEvery: true as never }, new TypeError(`fit: yieldEvery must be one of ${YIELDS}, got boolean`)],
    [
      { yieldEvery: 'never' as const, callbacks: [{}, { onYield() {} }] },
      new RangeError("fit: a callback has onYield, which is never called where yieldEvery is 'never'"),
    ],
    [
      { validationData: {} as never },
      new TypeError('fit: validationData must be [x, y] or [x, y, sampleWeight], or a dataset'),
    ],
  ])('%o', async (given, error) => {
    await options(given, error);
  });

  test('validation data that does not fit, before it trains', async () => {
    const validation = (make: () => [Tensor, Tensor], error: Error) =>
      expectRefused(
        withTensors(make, (model, x, y) => model.fit(data.x, data.y, { verbose: 0, validationData: [x, y] })),
        error,
      );
    await validation(
      () => [ones([2, 2]), tensor1d([0, 4], 'int32')],
      new RangeError('fit: validationData: labels must be class numbers from 0 to 3, got 4 at 1'),
    );
    await validation(
      () => [ones([2, 2]), tensor1d([0], 'int32')],
      new RangeError('fit: validationData: x and y need the same number of samples, got 2 and 1'),
    );
    await validation(
      () => [ones([2, 2]), zeros([2, 4])],
      new RangeError(
        'sparseCategoricalCrossentropy: yTrue needs the shape [1] of class numbers for yPred [1, 4], got [1, 4]',
      ),
    );
  });

  test('a second fit while one goes on', async () => {
    const model = compiledModel();
    const first = model.fit(data.x, data.y, { epochs: 2, verbose: 0 });
    await expect(model.fit(data.x, data.y, { verbose: 0 })).rejects.toThrow(
      new Error('fit: Cannot start training because another fit() call is ongoing.'),
    );
    expect((await first).epoch).toEqual([0, 1]);
    await model.fit(data.x, data.y, { verbose: 0 });
    model.dispose();
  });
});

describe('compile refuses', () => {
  const refuses = (options: unknown, error: Error | RegExp) => () => {
    const model = smallModel();
    expect(() => model.compile(options as CompileOptions)).toThrow(error);
    expect(() => model.metricsNames).toThrow('must be compiled first');
    model.dispose();
  };
  const loss = 'meanSquaredError';

  test('an unknown loss', () => {
    refuses({ optimizer: 'sgd', loss: 'mean' }, new RangeError("compile: unknown name 'mean'; known are"));
    const model = smallModel();
    expect(() => model.compile({ optimizer: 'sgd', loss: 'mean' })).toThrow(
      /^compile: unknown name 'mean'; known are /,
    );
    expect(() => model.compile({ optimizer: 'sgd', loss: 'toString' })).toThrow(RangeError);
    model.dispose();
  });

  test('an unknown metric', () => {
    const model = smallModel();
    expect(() => model.compile({ optimizer: 'sgd', loss, metrics: ['precise'] })).toThrow(
      /^compile: unknown name 'precise'; known are /,
    );
    model.dispose();
  });

  test(
    'an unknown optimizer',
    refuses(
      { optimizer: 'adamant', loss },
      /^compile: optimizer must be an optimizer or one of sgd, momentum, .*, got adamant$/,
    ),
  );
  test('no loss', refuses({ optimizer: 'sgd' }, new TypeError('compile: needs a loss')));
  test(
    'a loss that is none',
    refuses(
      { optimizer: 'sgd', loss: 3 },
      new TypeError('compile: needs a name, { name, ...options } or a function, got number'),
    ),
  );
  test(
    'a metric that is none',
    refuses(
      { optimizer: 'sgd', loss, metrics: [null] },
      new TypeError('compile: needs a name, { name, ...options } or a function, got null'),
    ),
  );

  test('and stays compiled as it was', async () => {
    await expectRefused(
      (model) => model.compile({ optimizer: 'adam', loss: 'nothing' }),
      new RangeError(`compile: unknown name 'nothing'; known are ${LOSS_NAMES.sort().join(', ')}`),
    );
  });
});

test('a loss of one’s own that throws leaves the step undone', async () => {
  let bad = false;
  const make = () => {
    const model = smallModel();
    model.compile({
      optimizer: 'adam',
      loss: (t, p) => {
        if (bad) throw new Error('mine');
        return p.sub(t.expandDims(-1)).square();
      },
    });
    return model;
  };
  const attempt: Attempt = async (model) => {
    bad = true;
    try {
      await model.trainOnBatch(data.x, data.y);
    } finally {
      bad = false;
    }
  };
  await expectRefused(attempt, new Error('mine'), make);
});

test('a metric that throws leaves the step undone', async () => {
  let bad = false;
  const make = () => {
    const model = smallModel();
    const metric = (_t: Tensor, p: Tensor) => {
      if (bad) throw new Error('mine');
      return p.sum(-1);
    };
    model.compile({
      optimizer: 'adam',
      loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true },
      metrics: [metric],
    });
    return model;
  };
  const attempt: Attempt = async (model) => {
    bad = true;
    try {
      await model.trainOnBatch(data.x, data.y);
    } finally {
      bad = false;
    }
  };
  await expectRefused(attempt, new Error('mine'), make);
});

describe('predict refuses', () => {
  test('inputs of another shape, no samples, and batches of no size', async () => {
    const predict = (shape: number[], batchSize?: number) =>
      withTensors(
        () => [ones(shape)],
        (model, x) => model.predict(x, { batchSize }),
      );
    await expectRefused(
      predict([8, 3]),
      new RangeError('predict: NAME needs inputs of shape [null, 2], got [8, 3]'),
      named,
    );
    await expectRefused(predict([0, 2]), new RangeError('predict: x needs at least one sample, got shape [0, 2]'));
    await expectRefused(
      predict([8, 2], 0),
      new RangeError('predict: batchSize must be a whole number from 1 up, got 0'),
    );
  });
});
