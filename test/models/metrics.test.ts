// Metrics over batches in a model: by name and by hand, in recorded steps, in fit, evaluate and trainOnBatch.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  layers,
  metrics,
  type Sequential,
  sequential,
  setSeed,
  type Tensor,
  tensor2d,
  train,
} from '../../src/index.js';
import type { MetricSpec } from '../../src/metrics/names.js';
import { kernels } from '../../src/wasm/kernels.js';
import { expectNoLeak } from './models.js';

let x: Tensor;
let y: Tensor;
beforeAll(() => {
  const points = Array.from({ length: 50 }, (_, i) => [((i * 37) % 50) / 25 - 0.99, ((i * 23) % 50) / 25 - 0.99]);
  x = tensor2d(points);
  y = tensor2d(points.map(([a, b], i) => [a + 0.5 * b > (i % 5) / 4 - 0.5 ? 1 : 0]));
});
afterAll(() => {
  x.dispose();
  y.dispose();
});

const SPECS: MetricSpec[] = [
  ...['accuracy', 'precision', 'recall', 'meanAbsoluteError', 'rootMeanSquaredError', 'r2Score', 'binaryIoU'],
  { name: 'auc', curve: 'PR' },
  { name: 'precisionAtRecall', recall: 0.5 },
  { name: 'fBetaScore', average: 'macro', threshold: 0.5 },
];

function model(specs: MetricSpec[], rate = 0.1): Sequential {
  setSeed(5);
  const made = sequential({ layers: [layers.dense({ units: 1, activation: 'sigmoid', inputShape: [2] })] });
  made.compile({ optimizer: train.momentum(rate, 0.9), loss: 'binaryCrossentropy', metrics: specs });
  return made;
}

function free(made: Sequential): void {
  made.optimizer.dispose();
  made.dispose();
}

const trained = (made: Sequential, epochs = 4) => {
  setSeed(9);
  return made.fit(x, y, { epochs, batchSize: 8, verbose: 0 });
};

describe('metrics', () => {
  test('of an epoch in which no weight changes are those of evaluate, and of an update with all predictions', async () => {
    await expectNoLeak(async () => {
      const made = model(SPECS, 0);
      const { history } = await trained(made, 2);
      const figures = made.evaluate(x, y, { batchSize: 7 }) as Tensor[];
      const predictions = made.predict(x);
      const byHand = new metrics.AUC({ curve: 'PR' });
      byHand.update(y, predictions);
      expect(made.metricsNames.slice(1)).toEqual(SPECS.map((spec) => (typeof spec === 'string' ? spec : spec.name)));
      made.metricsNames.forEach((name, i) => {
        expect(history[name][0], name).toBeCloseTo(figures[i].dataSync()[0], 6);
        expect(history[name][1], name).toBeCloseTo(history[name][0], 6);
      });
      expect(history.auc[1]).toBeCloseTo(byHand.result(), 12);
      expect(history.precision[1]).toBeGreaterThan(0.3);
      expect(history.precision[1]).toBeLessThan(1);
      for (const t of [...figures, predictions]) t.dispose();
      free(made);
    });
  });

  test('have the same bits in replayed steps as in eager ones', async () => {
    const run = vi.spyOn(kernels.common as { run(begin: number, end: number): void }, 'run');
    const made = model(SPECS);
    const replayed = (await trained(made)).history;
    // The first two steps of each of the two batch sizes run in JavaScript.
    expect(run).toHaveBeenCalledTimes(4 * 7 - 2 * 2);
    free(made);

    run.mockClear();
    const reads = (_: Tensor, p: Tensor) => {
      p.dataSync();
      return p;
    };
    const twin = model([...SPECS, reads]);
    const { reads: _, ...eager } = (await trained(twin)).history;
    expect(run).not.toHaveBeenCalled();
    expect(eager).toEqual(replayed);
    run.mockRestore();
    free(twin);
  });

  test('made by hand are used as they are, and know the last epoch afterwards', async () => {
    const error = new metrics.MeanOf(metrics.meanAbsoluteError, { name: 'error' });
    const made = model([error]);
    const { history } = await made.fit(x, y, { epochs: 3, validationSplit: 0.2, verbose: 0 });
    expect(Object.keys(history)).toEqual(['loss', 'error', 'val_loss', 'val_error']);
    expect(error.result()).toBe(history.error[2]);
    expect(history.val_error[2]).not.toBe(history.error[2]);
    const figures = made.evaluate(x, y) as Tensor[];
    expect(error.result()).toBe(history.error[2]);
    for (const t of figures) t.dispose();
    free(made);
  });

  test('begin anew in every trainOnBatch', async () => {
    const made = model(['meanAbsoluteError'], 0);
    const first = await made.trainOnBatch(x, y);
    for (let i = 0; i < 3; i++) expect(await made.trainOnBatch(x, y)).toEqual(first);
    free(made);
  });

  test('that evaluate needs in the middle of an epoch leave the epoch’s alone', async () => {
    const plain = model(SPECS);
    const { history } = await trained(plain);
    const watched = model(SPECS);
    setSeed(9);
    const onBatchEnd = () => {
      for (const t of watched.evaluate(x, y) as Tensor[]) t.dispose();
    };
    const other = await watched.fit(x, y, { epochs: 4, batchSize: 8, verbose: 0, callbacks: { onBatchEnd } });
    expect(other.history).toEqual(history);
    free(plain);
    free(watched);
  });

  test('of one number per batch count as often as it has samples', async () => {
    const made = model([(_, p) => p.max()], 0);
    made.compile({
      optimizer: 'sgd',
      loss: 'binaryCrossentropy',
      metrics: [new metrics.MeanOf((_, p) => p.sum().mul(0).add(p.shape[0]), { name: 'size' })],
    });
    const figures = made.evaluate(x, y, { batchSize: 30 }) as Tensor[];
    expect(figures[1].dataSync()[0]).toBe((30 * 30 + 20 * 20) / 50);
    for (const t of figures) t.dispose();
    made.dispose();
  });

  test('of more than one number are refused', () => {
    const refused = (spec: MetricSpec, name: string) =>
      expect(() => model([spec])).toThrow(
        new TypeError(`compile: needs metrics of one number, got a list from '${name}'`),
      );
    refused({ name: 'precision', thresholds: [0.2, 0.5] }, 'precision');
    refused('fBetaScore', 'fBetaScore');
    refused(new metrics.ConfusionMatrix({ numClasses: 2 }), 'confusionMatrix');
  });
});
