import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type Callback,
  type Logs,
  layers,
  memory,
  ones,
  sequential,
  setSeed,
  type Tensor,
  tensor2d,
  train,
  zeros,
} from '../../src/index.js';
import { kernels } from '../../src/wasm/kernels.js';
import { compiledModel, type Data, elements, expectNoLeak, quadrants, SPARSE, smallModel } from './models.js';

let data: Data;
beforeAll(() => {
  data = quadrants(100);
});
afterAll(() => {
  data.x.dispose();
  data.y.dispose();
});

/** Fits a fresh model in silence; returns its history and its weights. */
async function fitted(options: Parameters<ReturnType<typeof smallModel>['fit']>[2] = {}, seed = 7) {
  const model = compiledModel();
  setSeed(seed);
  const { history, epoch } = await model.fit(data.x, data.y, { verbose: 0, ...options });
  const weights = elements(model);
  model.dispose();
  return { history, epoch, weights };
}

/** A callback that notes its calls in order. */
function diary() {
  const calls: string[] = [];
  const logs: Record<string, Logs[]> = { batch: [], epoch: [] };
  const note = (text: string) => {
    calls.push(text);
  };
  const callback: Callback = {
    setParams: (params) => note(`params ${JSON.stringify(params)}`),
    setModel: (model) => note(`model ${model.name !== ''}`),
    onTrainBegin: () => note('train'),
    onTrainEnd: () => note('train end'),
    onEpochBegin: (epoch) => note(`epoch ${epoch}`),
    onEpochEnd: (epoch, figures) => {
      note(`epoch ${epoch} end`);
      logs.epoch.push(figures);
    },
    onBatchBegin: (batch) => note(`batch ${batch}`),
    onBatchEnd: (batch, figures) => {
      note(`batch ${batch} end`);
      logs.batch.push(figures);
    },
  };
  return { calls, logs, callback };
}

describe('fit', () => {
  test('learns, and leaks nothing', async () => {
    await expectNoLeak(async () => {
      const { history, epoch } = await fitted({ epochs: 60, batchSize: 4 });
      expect(epoch).toEqual(Array.from({ length: 60 }, (_, i) => i));
      expect(history.loss).toHaveLength(60);
      expect(history.loss[59]).toBeLessThan(0.5 * history.loss[0]);
      expect(history.accuracy[59]).toBeGreaterThan(0.9);
    });
  });

  test('gives the same bits after the same setSeed, and others after another', async () => {
    const a = await fitted({ epochs: 3 });
    expect(await fitted({ epochs: 3 })).toEqual(a);
    expect((await fitted({ epochs: 3 }, 8)).weights).not.toEqual(a.weights);
  });

  test('without shuffle needs no seed, and goes through the samples in order', async () => {
    const a = await fitted({ epochs: 2, shuffle: false, batchSize: 40 }, 7);
    expect(await fitted({ epochs: 2, shuffle: false, batchSize: 40 }, 8)).toEqual(a);

    const model = compiledModel();
    const part = (begin: number, n: number): [Tensor, Tensor] => [
      data.x.slice([begin], [n]),
      data.y.slice([begin], [n]),
    ];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const [begin, n] of [
        [0, 40],
        [40, 40],
        [80, 20],
      ])
        await model.trainOnBatch(...part(begin, n));
    }
    expect(elements(model)).toEqual(a.weights);
    model.dispose();
  });

  test('shuffles anew in every epoch', async () => {
    const seen: number[][] = [];
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
    const loss = (t: Tensor, p: Tensor) => {
      seen.push([...t.dataSync()]);
      return p.sub(t).square();
    };
    model.compile({ optimizer: 'sgd', loss });
    const x = zeros([10, 1]);
    const y = tensor2d([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [10, 1]);
    await model.fit(x, y, { epochs: 2, batchSize: 10, verbose: 0 });
    expect(seen[0]).not.toEqual(seen[1]);
    for (const order of seen) expect(order.sort((a, b) => a - b)).toEqual([...y.dataSync()]);
    for (const t of [x, y, model]) t.dispose();
  });

  test('gives the mean over samples, also where the last batch is smaller', async () => {
    // No weight changes: every figure is that of the model as it is.
    const model = smallModel();
    model.compile({ optimizer: train.sgd(0), loss: SPARSE, metrics: ['accuracy'] });
    const [loss, accuracy] = (model.evaluate(data.x, data.y) as Tensor[]).map((t) => t.dataSync()[0]);
    const { calls, logs, callback } = diary();
    const { history } = await model.fit(data.x, data.y, { batchSize: 33, verbose: 0, callbacks: callback });
    expect(calls.filter((call) => /^batch \d$/.test(call))).toHaveLength(4);
    expect(history.loss[0]).toBeCloseTo(loss, 6);
    expect(history.accuracy[0]).toBeCloseTo(accuracy, 6);
    expect(logs.batch[3]).toEqual(logs.epoch[0]);
    model.optimizer.dispose();
    model.dispose();
  });

  test('is done at once with no epochs', async () => {
    expect((await fitted({ epochs: 0 })).history).toEqual({});
  });

  test('takes 32 samples in a step and one epoch unless told otherwise', async () => {
    const { calls, callback } = diary();
    await fitted({ callbacks: [callback] });
    expect(calls[0]).toBe(
      'params {"epochs":1,"steps":4,"batchSize":32,"samples":100,"verbose":0,"metrics":["loss","accuracy"]}',
    );
  });
});

describe('callbacks', () => {
  test('are called in order', async () => {
    const { calls, callback } = diary();
    await fitted({ epochs: 2, batchSize: 50, callbacks: callback });
    expect(calls).toEqual([
      'params {"epochs":2,"steps":2,"batchSize":50,"samples":100,"verbose":0,"metrics":["loss","accuracy"]}',
      'model true',
      'train',
      ...['epoch 0', 'batch 0', 'batch 0 end', 'batch 1', 'batch 1 end', 'epoch 0 end'],
      ...['epoch 1', 'batch 0', 'batch 0 end', 'batch 1', 'batch 1 end', 'epoch 1 end'],
      'train end',
    ]);
  });

  test('are awaited, one after the other', async () => {
    const calls: string[] = [];
    const slow = (name: string): Callback => ({
      onBatchEnd: async (batch) => {
        calls.push(`${name} ${batch}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
        calls.push(`${name} ${batch} done`);
      },
    });
    await fitted({ batchSize: 50, callbacks: [slow('a'), slow('b')] });
    expect(calls).toEqual(['a 0', 'a 0 done', 'b 0', 'b 0 done', 'a 1', 'a 1 done', 'b 1', 'b 1 done']);
  });

  test('end training by stopTraining: after a batch, or after an epoch', async () => {
    const stopAt = async (hook: 'onBatchEnd' | 'onEpochEnd' | 'onEpochBegin' | 'onTrainBegin') => {
      const { calls, callback } = diary();
      let model: { stopTraining: boolean };
      const stop: Callback = {
        setModel: (m) => {
          model = m;
        },
        [hook]: () => {
          model.stopTraining = true;
        },
      };
      const { history } = await fitted({ epochs: 3, batchSize: 50, callbacks: [callback, stop] });
      expect(calls.at(-1)).toBe('train end');
      expect(history.loss?.every(Number.isFinite)).not.toBe(false);
      return [calls.filter((c) => /^epoch \d$/.test(c)).length, calls.filter((c) => /^batch \d$/.test(c)).length];
    };
    expect(await stopAt('onBatchEnd')).toEqual([1, 1]);
    expect(await stopAt('onEpochEnd')).toEqual([1, 2]);
    expect(await stopAt('onEpochBegin')).toEqual([1, 1]);
    expect(await stopAt('onTrainBegin')).toEqual([0, 0]);
  });

  test('that throw end training with their error; the model can train afterwards', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      const throws = (hook: string): Callback => ({
        [hook]: () => {
          throw new Error(hook);
        },
      });
      for (const hook of [
        'setParams',
        'setModel',
        'onTrainBegin',
        'onEpochBegin',
        'onBatchBegin',
        'onBatchEnd',
        'onEpochEnd',
      ]) {
        const options = { verbose: 0 as const, validationSplit: 0.5, callbacks: throws(hook) };
        await expect(model.fit(data.x, data.y, options)).rejects.toThrow(hook);
      }
      for (const hook of ['onTestBegin', 'onTestBatchBegin', 'onTestBatchEnd', 'onTestEnd']) {
        expect(() => model.evaluate(data.x, data.y, { callbacks: throws(hook) })).toThrow(hook);
      }
      await model.fit(data.x, data.y, { verbose: 0 });
      model.dispose();
    });
  });

  test('that train on a batch of their own leave the figures of the epoch alone', async () => {
    const model = compiledModel('sgd');
    model.optimizer.learningRate = 0;
    const options = { batchSize: 50, shuffle: false, verbose: 0 } as const;
    const { history } = await model.fit(data.x, data.y, options);
    const wrong = data.y.mul(0);
    const trains = { onBatchEnd: async () => void (await model.trainOnBatch(data.x, wrong)) };
    expect((await model.fit(data.x, data.y, { ...options, callbacks: trains })).history).toEqual(history);
    wrong.dispose();
    model.dispose();
  });

  test('may be null, for none', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      const { history } = await model.fit(data.x, data.y, { verbose: 0, yieldEvery: 'never', callbacks: null });
      expect(history.loss).toHaveLength(1);
      for (const y of [model.evaluate(data.x, data.y, { callbacks: null })].flat()) y.dispose();
      model.predict(data.x, { callbacks: null }).dispose();
      model.dispose();
    });
  });

  test('that compile the model leave nothing behind; training goes on as it began', async () => {
    await expectNoLeak(async () => {
      const model = compiledModel();
      const compiles: Callback = {
        onEpochEnd: (epoch) => {
          if (epoch === 0) model.compile({ optimizer: 'sgd', loss: SPARSE });
        },
      };
      setSeed(7);
      const { history } = await model.fit(data.x, data.y, { epochs: 4, verbose: 0, callbacks: compiles });
      expect(history).toEqual((await fitted({ epochs: 4 })).history);
      expect(model.metricsNames).toEqual(['loss']);
      model.dispose();
    });
  });
});

describe('validation', () => {
  test('on the last samples, which are not trained on', async () => {
    const all = await fitted({ epochs: 2, validationSplit: 0.2, shuffle: false });
    expect(Object.keys(all.history)).toEqual(['loss', 'accuracy', 'val_loss', 'val_accuracy']);

    const model = compiledModel();
    const [x, y] = [data.x.slice([0], [80]), data.y.slice([0], [80])];
    const held = [data.x.slice([80], [20]), data.y.slice([80], [20])] as const;
    const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0, validationData: held });
    expect(history).toEqual(all.history);
    expect(elements(model)).toEqual(all.weights);

    const [loss, accuracy] = (model.evaluate(...held) as Tensor[]).map((t) => t.dataSync()[0]);
    expect(history.val_loss[1]).toBeCloseTo(loss, 6);
    expect(history.val_accuracy[1]).toBeCloseTo(accuracy, 6);
    model.dispose();
  });

  test('leaves no tensors behind', async () => {
    await expectNoLeak(() => fitted({ epochs: 2, validationSplit: 0.3 }));
  });

  test('that leaves nothing to train on is refused', async () => {
    await expect(fitted({ validationSplit: 0.999 })).rejects.toThrow(
      new RangeError('fit: validationSplit 0.999 leaves nothing to train on'),
    );
  });
});

describe.skipIf('window' in globalThis)('verbose', () => {
  const printed = async (verbose: 0 | 1 | 2) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const terminal = process.stdout.isTTY;
    process.stdout.isTTY = false;
    try {
      await fitted({ epochs: 2, verbose, validationSplit: 0.2 });
      return log.mock.calls.map(([line]) => String(line));
    } finally {
      process.stdout.isTTY = terminal;
      log.mockRestore();
    }
  };
  const line =
    /^Epoch (\d)\/2 - 3\/3 - \d+s \d+[mu]?s\/step - loss: \d\.\d{4} - accuracy: \d\.\d{4} - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4}$/;

  test('0 is silent', async () => {
    expect(await printed(0)).toEqual([]);
  });

  test('1 draws a bar on a terminal', async () => {
    const terminal = process.stdout.isTTY;
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    process.stdout.isTTY = true;
    let drawn: string;
    try {
      await fitted({ epochs: 2, verbose: 1 });
      expect(log.mock.calls).toEqual([['Epoch 1/2'], ['Epoch 2/2']]);
      drawn = write.mock.calls.join('');
    } finally {
      process.stdout.isTTY = terminal;
      write.mockRestore();
      log.mockRestore();
    }
    expect(drawn).toMatch(/\r1\/4 \[=+>\.+\] - ETA: \d+s/);
    expect(drawn).toMatch(/\r4\/4 \[={30}\] - \d+s \d+[mu]?s\/step - loss: \d\.\d{4} - accuracy: \d\.\d{4}/);
  });

  test.each([1, 2] as const)('%i prints a line per epoch into a pipe', async (verbose) => {
    const lines = await printed(verbose);
    expect(lines.map((text) => line.exec(text)?.[1])).toEqual(['1', '2']);
  });
});

describe('trainOnBatch', () => {
  test('gives the loss before the step, and metrics if there are any', async () => {
    const model = compiledModel();
    const [loss, accuracy] = (await model.trainOnBatch(data.x, data.y)) as number[];
    expect(loss).toBeGreaterThan(0.5);
    expect(accuracy).toBeGreaterThanOrEqual(0);
    expect(((await model.trainOnBatch(data.x, data.y)) as number[])[0]).toBeLessThan(loss);
    model.compile({ optimizer: 'sgd', loss: SPARSE });
    expect(await model.trainOnBatch(data.x, data.y)).toBeTypeOf('number');
    model.dispose();
  });

  test('takes one step of the optimizer along the gradient of the mean loss', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 1, inputShape: [2], kernelInitializer: 'zeros', useBias: false })],
    });
    model.compile({ optimizer: train.sgd(0.5), loss: 'meanSquaredError' });
    const x = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const y = tensor2d([[1], [-1]]);
    expect(await model.trainOnBatch(x, y)).toBe(1);
    // d/dw mean((xw − y)²) at 0 = −xᵀy = [2, 2]
    expect(elements(model)).toEqual([[-1, -1]]);
    for (const t of [x, y, model]) t.dispose();
  });

  test('10,000 times leaves memory where it was after the first ten', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 4, activation: 'relu', inputShape: [2] }), layers.dense({ units: 4 })],
    });
    model.compile({ optimizer: 'adam', loss: SPARSE, metrics: ['accuracy'] });
    const { x, y } = quadrants(8);
    const run = async (steps: number) => {
      for (let i = 0; i < steps; i++) await model.trainOnBatch(x, y);
    };
    await run(10);
    const after = memory();
    await run(9_990);
    expect(memory()).toEqual(after);
    for (const t of [x, y, model]) t.dispose();
  });

  test('says once that nothing is trained where all is frozen', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = smallModel();
    model.trainable = false;
    model.compile({ optimizer: 'adam', loss: SPARSE });
    const before = elements(model);
    for (let i = 0; i < 4; i++) await model.trainOnBatch(data.x, data.y);
    expect(elements(model)).toEqual(before);
    expect(warn.mock.calls).toEqual([[`fit: ${model.name} has no trainable weights, so that training changes none`]]);
    warn.mockRestore();
    model.dispose();
  });

  test('goes by what was trainable when the model was compiled, and says so where that has changed', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = compiledModel();
    const [first] = model.layers;
    first!.trainable = false;
    const kernels = async () => {
      const before = elements(model);
      await model.fit(data.x, data.y, { epochs: 2, verbose: 0 });
      return elements(model).map((w, i) => JSON.stringify(w) !== JSON.stringify(before[i]));
    };
    expect(await kernels()).toEqual([true, true, true, true]);
    expect(warn.mock.calls).toEqual([
      [`fit: what is trainable in ${model.name} has changed, which counts when it is compiled again`],
    ]);
    model.compile({ optimizer: 'adam', loss: SPARSE });
    expect(await kernels()).toEqual([false, false, true, true]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    model.dispose();
  });

  test('trains a discriminator that is frozen in the model of its generator, as programs for Keras have it', async () => {
    const bounded = { kernelRegularizer: 'l2', kernelConstraint: 'maxNorm' } as const;
    const generator = sequential({ layers: [layers.dense({ units: 2, inputShape: [2] })] });
    const discriminator = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], ...bounded })] });
    discriminator.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    discriminator.trainable = false;
    const both = sequential({ layers: [generator, discriminator] });
    both.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const y = ones([100, 1]);
    const alone = sequential({ layers: [layers.dense({ units: 1, inputShape: [2], ...bounded })] });
    alone.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    alone.setWeights(discriminator.getWeights());
    for (let i = 0; i < 5; i++) {
      expect(await discriminator.trainOnBatch(data.x, y)).toBe(await alone.trainOnBatch(data.x, y));
      expect(elements(discriminator)).toEqual(elements(alone));
      const before = elements(generator);
      await both.trainOnBatch(data.x, y);
      expect(elements(discriminator)).toEqual(elements(alone));
      expect(elements(generator)).not.toEqual(before);
    }
    for (const t of [both, alone, y]) t.dispose();
  });

  test('leaves frozen layers as they are', async () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 4, activation: 'tanh', inputShape: [2], trainable: false }),
        layers.dense({ units: 4 }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: SPARSE });
    const before = elements(model);
    await model.trainOnBatch(data.x, data.y);
    const after = elements(model);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toEqual(before[2]);
    model.dispose();
  });
});

describe('losses', () => {
  const targets = () =>
    tensor2d([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
  const inputs = () =>
    tensor2d([
      [1, 2],
      [3, -1],
      [0.5, 0.25],
    ]);
  const lossOf = async (
    loss: Parameters<ReturnType<typeof smallModel>['compile']>[0]['loss'],
    activation = 'linear',
  ) => {
    setSeed(3);
    const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [2], activation })] });
    model.compile({ optimizer: train.sgd(0.1), loss });
    const [x, y] = [inputs(), targets()];
    const value = (await model.trainOnBatch(x, y)) as number;
    const weights = elements(model);
    for (const t of [x, y, model]) t.dispose();
    return { value, weights };
  };

  test('may be functions: of one loss per sample, or of a scalar', async () => {
    const named = await lossOf('meanSquaredError');
    const rows = await lossOf((t, p) => p.sub(t).square().mean(-1));
    expect(rows.value).toBeCloseTo(named.value, 6);
    const scalar = await lossOf((t, p) => p.sub(t).square().mean());
    expect(scalar.value).toBeCloseTo(named.value, 6);
    expect(scalar.weights[0][0]).toBeCloseTo(named.weights[0][0], 6);
  });

  test('of logits are those of their probabilities', async () => {
    for (const [name, activation] of [
      ['categoricalCrossentropy', 'softmax'],
      ['binaryCrossentropy', 'sigmoid'],
    ]) {
      const logits = await lossOf({ name, fromLogits: true });
      const probabilities = await lossOf(name, activation);
      expect(logits.value).toBeCloseTo(probabilities.value, 5);
      expect(logits.weights[0][0]).toBeCloseTo(probabilities.weights[0][0], 5);
    }
  });

  test('that depend on no weight are refused', async () => {
    await expect(lossOf((t) => t.sum())).rejects.toThrow('the loss does not depend on any weight');
    await expect(lossOf(() => 1 as never)).rejects.toThrow('the loss does not depend on any weight');
  });
});

test('fit runs its first two steps in JavaScript, and replays the others', async () => {
  const run = vi.spyOn(kernels.common as { run(begin: number, end: number): void }, 'run');
  await fitted({ epochs: 3, batchSize: 20 });
  expect(run).toHaveBeenCalledTimes(3 * 5 - 2);
  run.mockRestore();
});

test('fit replays steps again after weights came into training that were not before', async () => {
  const model = sequential({ layers: [layers.dense({ units: 8, activation: 'relu', inputShape: [2] })] });
  model.add(layers.dense({ units: 4 }));
  model.compile({ optimizer: 'adam', loss: SPARSE });
  const options = { batchSize: 100, verbose: 0 } as const;
  await model.fit(data.x, data.y, options);
  model.add(layers.dense({ units: 4 }));
  await model.fit(data.x, data.y, { ...options, epochs: 2 });
  const run = vi.spyOn(kernels.common as { run(begin: number, end: number): void }, 'run');
  await model.fit(data.x, data.y, { ...options, epochs: 3 });
  expect(run).toHaveBeenCalledTimes(3);
  run.mockRestore();
  model.dispose();
});

test('fit goes through layers that are added after steps were recorded', async () => {
  const model = smallModel();
  model.compile({ optimizer: train.sgd(0), loss: SPARSE });
  const losses = async () =>
    (await model.fit(data.x, data.y, { batchSize: 100, shuffle: false, verbose: 0, epochs: 4 })).history.loss!;
  const before = (await losses())[3]!;
  model.add(layers.rescaling({ scale: 100 }));
  const after = await losses();
  expect(after[0]).toBeGreaterThan(10 * before);
  expect(new Set(after).size).toBe(1);
  model.dispose();
});
