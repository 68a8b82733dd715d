// Callbacks that watch a figure, given figures by hand: what they do to the model is all there is to see.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Callback, Logs, Params } from '../../src/callbacks/callback.js';
import { callbacks, dispose, layers, type Model, sequential, tensor2d, train } from '../../src/index.js';
import { expectNoLeak } from '../models/models.js';

const PARAMS: Params = { epochs: 99, steps: 1, batchSize: 1, samples: 1, verbose: 0 };

/** What callbacks touch of a model. */
function fakeModel(learningRate: number | ((step: number) => number) = 1) {
  const optimizer = train.sgd(0);
  optimizer.setLearningRate(
    typeof learningRate === 'number'
      ? learningRate
      : { at: learningRate, getConfig: () => ({ name: 'mine' }) as never },
  );
  return { optimizer, stopTraining: false } as unknown as Model;
}

/** Trains as fit would, with these figures at the ends of epochs, until it is stopped; returns the epochs. */
function epochsOf(
  callback: Callback,
  figures: readonly (number | Logs)[],
  model = fakeModel(),
  params = PARAMS,
): number {
  callback.setParams?.(params);
  callback.setModel?.(model);
  model.stopTraining = false;
  callback.onTrainBegin?.();
  let epoch = 0;
  while (epoch < figures.length && !model.stopTraining) {
    callback.onEpochBegin?.(epoch);
    const figure = figures[epoch];
    callback.onEpochEnd?.(epoch, typeof figure === 'number' ? { loss: 0.5, val_loss: figure } : figure);
    epoch++;
  }
  return epoch;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('earlyStopping', () => {
  const stopping = (options?: Parameters<typeof callbacks.earlyStopping>[0]) => callbacks.earlyStopping(options);

  test('ends training at the first epoch that is no better', () => {
    const stop = stopping();
    expect(epochsOf(stop, [3, 2, 2, 1])).toBe(3);
    expect([stop.best, stop.bestEpoch, stop.stoppedEpoch]).toEqual([2, 1, 2]);
  });

  test('has patience with so many epochs in a row', () => {
    expect(epochsOf(stopping({ patience: 2 }), [3, 4, 2, 3, 3, 1])).toBe(5);
    expect(epochsOf(stopping({ patience: 3 }), [3, 4, 2, 3, 3, 1])).toBe(6);
  });

  test('counts an epoch as better only by more than minDelta, either way', () => {
    expect(epochsOf(stopping({ minDelta: 0.5 }), [3, 2, 1.5, 0])).toBe(3);
    expect(epochsOf(stopping({ minDelta: 0.5, mode: 'max' }), [1, 2, 2.5, 9])).toBe(3);
  });

  test.each([
    ['val_loss', 'less'],
    ['loss', 'less'],
    ['val_meanSquaredError', 'less'],
    ['falsePositives', 'less'],
    ['cosineProximity', 'less'],
    ['acc', 'more'],
    ['val_accuracy', 'more'],
    ['val_sparseCategoricalAccuracy', 'more'],
    ['val_auc', 'more'],
    ['f1Score', 'more'],
    ['meanIoU', 'more'],
    ['val_r2Score', 'more'],
    ['val_truePositives', 'more'],
    ['cosineSimilarity', 'more'],
  ])('by itself knows of %s that %s is better', (monitor, better) => {
    const rising = [1, 2, 3].map((value) => ({ [monitor]: value }));
    expect(epochsOf(stopping({ monitor }), rising)).toBe(better === 'more' ? 3 : 2);
  });

  test('takes min and max as told', () => {
    expect(epochsOf(stopping({ mode: 'max' }), [1, 2, 3, 2])).toBe(4);
    const falling = [3, 2, 1].map((accuracy) => ({ accuracy }));
    expect(epochsOf(stopping({ monitor: 'accuracy', mode: 'min' }), falling)).toBe(3);
  });

  // What Keras 3 does: epochs that are better than the best are let pass, but count while they do not beat the baseline.
  test('with a baseline goes on counting until an epoch beats it', () => {
    expect(epochsOf(stopping({ baseline: 1, patience: 3 }), [5, 4, 4.5, 0])).toBe(3);
    expect(epochsOf(stopping({ baseline: 1, patience: 3 }), [5, 4, 0.5, 2, 2, 2, 0])).toBe(6);
  });

  test('does not look at epochs before startFromEpoch', () => {
    expect(epochsOf(stopping({ startFromEpoch: 3 }), [1, 9, 9, 5, 4, 4])).toBe(6);
  });

  test('takes NaN for no better', () => {
    expect(epochsOf(stopping({ patience: 2 }), [Number.NaN, 3, Number.NaN, Number.NaN, 1])).toBe(4);
  });

  test('skips epochs without validation, where some have it', () => {
    const stop = stopping();
    const params = { ...PARAMS, metrics: ['loss', 'val_loss'] };
    expect(epochsOf(stop, [{ loss: 1 }, 2, { loss: 1 }, 2, 1], fakeModel(), params)).toBe(4);
  });

  test('begins anew with each training', () => {
    const stop = stopping();
    expect(epochsOf(stop, [1, 2])).toBe(2);
    expect(epochsOf(stop, [5, 4, 3])).toBe(3);
  });

  test('says so if it is to', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const stop = stopping({ verbose: 1 });
    epochsOf(stop, [1, 2]);
    stop.onTrainEnd();
    expect(log.mock.calls).toEqual([['Epoch 2: early stopping']]);
  });

  test('refuses a figure that is not there, and options that are none', () => {
    expect(() => epochsOf(stopping({ monitor: 'val_los' }), [1])).toThrow(
      new RangeError("earlyStopping: monitor must be one of loss, val_loss, got 'val_los'"),
    );
    expect(() => stopping({ mode: 'up' as 'max' })).toThrow(
      new RangeError('earlyStopping: mode must be auto, min or max, got up'),
    );
    expect(() => stopping({ patience: -1 })).toThrow(
      new RangeError('earlyStopping: patience must be a whole number from 0 up, got -1'),
    );
    expect(() => stopping({ minDelta: Number.NaN })).toThrow(
      new RangeError('earlyStopping: minDelta must be finite, got NaN'),
    );
    expect(() => stopping({ monitor: null as never })).toThrow(
      new TypeError('earlyStopping: monitor must be the name of a figure, got null'),
    );
    expect(() => stopping({ baseline: '1' as never })).toThrow(
      new TypeError('earlyStopping: baseline must be a number, got string'),
    );
  });
});

describe('reduceLROnPlateau', () => {
  /** The learning rate of each epoch. */
  function rates(options: Parameters<typeof callbacks.reduceLROnPlateau>[0], figures: readonly number[]): number[] {
    const seen: number[] = [];
    const reduce = callbacks.reduceLROnPlateau(options);
    const model = fakeModel();
    reduce.setParams(PARAMS);
    reduce.setModel(model);
    reduce.onTrainBegin();
    figures.forEach((figure, epoch) => {
      const logs: Logs = { val_loss: figure };
      reduce.onEpochEnd(epoch, logs);
      seen.push(logs.learningRate);
    });
    return [...seen, model.optimizer.learningRate];
  }

  test('multiplies the rate by the factor after so many epochs that are no better', () => {
    expect(rates({ factor: 0.5, patience: 2 }, [3, 3, 3, 3, 2, 2, 2])).toEqual([1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]);
  });

  test('does not count during its cooldown', () => {
    expect(rates({ factor: 0.5, patience: 1, cooldown: 2 }, [3, 3, 3, 3, 3])).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  });

  test('counts an epoch as better only by more than minDelta, 1e-4 if absent', () => {
    expect(rates({ factor: 0.5, patience: 1 }, [3, 2.99995])).toEqual([1, 1, 0.5]);
    expect(rates({ factor: 0.5, patience: 1, minDelta: 1e-5 }, [3, 2.99995])).toEqual([1, 1, 1]);
  });

  test('does not go below minLr', () => {
    expect(rates({ factor: 0.1, patience: 1, minLr: 0.05 }, [3, 3, 3, 3])).toEqual([1, 1, 0.1, 0.05, 0.05]);
  });

  test('says so if it is to', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    rates({ factor: 0.5, patience: 1, verbose: 1 }, [3, 3, 2]);
    expect(log.mock.calls).toEqual([['Epoch 2: the learning rate is 0.5 from now on']]);
  });

  test('refuses a schedule, a figure that is not there, and options that are none', () => {
    const reduce = callbacks.reduceLROnPlateau;
    expect(() =>
      epochsOf(
        reduce(),
        [1],
        fakeModel(() => 1),
      ),
    ).toThrow(new TypeError('reduceLROnPlateau: needs an optimizer whose learning rate is a number, got a schedule'));
    expect(() => epochsOf(reduce({ monitor: 'mae' }), [1])).toThrow(
      new RangeError("reduceLROnPlateau: monitor must be one of loss, val_loss, learningRate, got 'mae'"),
    );
    expect(() => reduce({ factor: 1 })).toThrow(new RangeError('reduceLROnPlateau: factor must be in (0, 1), got 1'));
    expect(() => reduce({ cooldown: 0.5 })).toThrow(
      new RangeError('reduceLROnPlateau: cooldown must be a whole number from 0 up, got 0.5'),
    );
  });
});

describe('learningRateScheduler', () => {
  test('sets the rate of each epoch, and notes it', () => {
    const model = fakeModel(8);
    const schedule = callbacks.learningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate / 2));
    const logs = [0, 1, 2, 3].map(() => ({}) as Logs);
    expect(epochsOf(schedule, logs, model)).toBe(4);
    expect(logs.map(({ learningRate }) => learningRate)).toEqual([8, 8, 4, 2]);
  });

  test('refuses anything but a function that returns a finite number, and a schedule', () => {
    expect(() => callbacks.learningRateScheduler(0.1 as never)).toThrow(
      new TypeError('learningRateScheduler: needs a function, got number'),
    );
    expect(() =>
      epochsOf(
        callbacks.learningRateScheduler(() => Number.NaN),
        [1],
      ),
    ).toThrow(new RangeError('learningRateScheduler: what the function returns must be finite, got NaN'));
    expect(() =>
      epochsOf(
        callbacks.learningRateScheduler(() => 1),
        [1],
        fakeModel(() => 1),
      ),
    ).toThrow(
      new TypeError('learningRateScheduler: needs an optimizer whose learning rate is a number, got a schedule'),
    );
  });
});

describe('terminateOnNaN', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('ends training after a batch whose loss is %d', (loss) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const callback = callbacks.terminateOnNaN();
    const model = fakeModel();
    callback.setModel(model);
    callback.onBatchEnd(0, { loss: 1 });
    expect(model.stopTraining).toBe(false);
    callback.onBatchEnd(1, { loss });
    expect(model.stopTraining).toBe(true);
    expect(warn.mock.calls).toEqual([[`terminateOnNaN: batch 1: the loss is ${loss}, which ends training`]]);
  });
});

/** A model whose weights are pulled towards 1, and its loss by epoch: far too fast, so that it grows. */
async function overshooting(options: Parameters<Model['fit']>[2]) {
  const model = sequential({
    layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros', useBias: false })],
  });
  model.compile({ optimizer: train.sgd(1.5), loss: 'meanSquaredError' });
  const [x, y] = [tensor2d([[1]]), tensor2d([[1]])];
  try {
    const { history } = await model.fit(x, y, { verbose: 0, ...options });
    return { history, weight: model.getWeights()[0].dataSync()[0], learningRate: model.optimizer.learningRate };
  } finally {
    dispose([x, y]);
    model.optimizer.dispose();
    model.dispose();
  }
}

describe('in fit', () => {
  test('earlyStopping puts the best weights back, and leaks nothing', () =>
    expectNoLeak(async () => {
      const stop = callbacks.earlyStopping({ monitor: 'loss', patience: 3, restoreBestWeights: true });
      const { history, weight } = await overshooting({ epochs: 10, callbacks: stop });
      // The loss of an epoch is that before its step: w − 1 = −1, 2, −4, 8.
      expect(history.loss).toEqual([1, 4, 16, 64]);
      expect(weight).toBe(3);
      expect(stop.bestEpoch).toBe(0);
    }));

  test('earlyStopping counts the epochs that are validated', () =>
    expectNoLeak(async () => {
      const [x, y] = [tensor2d([[1]]), tensor2d([[1]])];
      const stop = callbacks.earlyStopping({ patience: 2 });
      const { history } = await overshooting({ epochs: 9, validationData: [x, y], validationFreq: 2, callbacks: stop });
      // Validated after the second, fourth and sixth epoch: each is worse than the one before.
      expect(history.loss).toHaveLength(6);
      expect(history.val_loss).toEqual([16, 256, 4096]);
      dispose([x, y]);
    }));

  test('earlyStopping leaves nothing behind where something else ends training', () =>
    expectNoLeak(async () => {
      const stop = callbacks.earlyStopping({ monitor: 'loss', patience: 3, restoreBestWeights: true });
      const fail = () => {
        throw new Error('bad');
      };
      await expect(overshooting({ callbacks: [stop, { onEpochEnd: fail }] })).rejects.toThrow('bad');
    }));

  // A step multiplies w − 1 by 1 − 2 · rate. The first two steps run in JavaScript, the others are replayed.
  test('learningRateScheduler sets the rate of replayed steps too', async () => {
    const rates = [0.5, 0.25, 0.75, 1, 0.75, 0.25];
    const schedule = callbacks.learningRateScheduler((epoch) => (epoch === 0 ? 0.25 : rates[epoch]));
    const { history, weight } = await overshooting({ epochs: 6, callbacks: schedule });
    expect(history.learningRate).toEqual([0.25, 0.25, 0.75, 1, 0.75, 0.25]);
    expect(weight).toBe(1 - 0.5 * 0.5 * -0.5 * -1 * -0.5 * 0.5);
    expect(history.loss).toEqual([1, 0.25, 0.0625, 0.015625, 0.015625, 0.00390625]);
  });

  test('reduceLROnPlateau slows replayed steps down', async () => {
    const reduce = callbacks.reduceLROnPlateau({ monitor: 'loss', factor: 0.5, patience: 2 });
    const { history, learningRate } = await overshooting({ epochs: 5, callbacks: reduce });
    // After the third epoch 0.75, after the fifth 0.375.
    expect(history.loss).toEqual([1, 4, 16, 64, 16]);
    expect(learningRate).toBe(0.375);
  });

  test('terminateOnNaN ends training within the epoch', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    let batches = 0;
    const count = { onBatchEnd: () => void batches++ };
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const [x, y] = [tensor2d([[1], [Number.NaN], [1], [1]]), tensor2d([[1], [1], [1], [1]])];
    const options = { batchSize: 1, shuffle: false, epochs: 3, verbose: 0 as const };
    await model.fit(x, y, { ...options, callbacks: [count, callbacks.terminateOnNaN()] });
    expect(batches).toBe(2);
    dispose([x, y]);
    model.dispose();
  });
});
