// Metrics that remember, by hand: what Keras's golden cases do not reach.

import { describe, expect, test, vi } from 'vitest';
import { jit, metrics, type Tensor, type TensorLike, tensor1d } from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';

const NONE: [string, metrics.Metric | metrics.Mean, unknown][] = [
  ['Mean', new metrics.Mean(), 0],
  ['Sum', new metrics.Sum(), 0],
  ['MeanOf', new metrics.MeanOf(metrics.huber), 0],
  ['RootMeanSquaredError', new metrics.RootMeanSquaredError(), 0],
  ['Precision', new metrics.Precision(), 0],
  ['Recall', new metrics.Recall({ thresholds: [0.1, 0.2] }), [0, 0]],
  ['AUC', new metrics.AUC(), 0],
  ['AUC, by label', new metrics.AUC({ multiLabel: true }), 0],
  ['RecallAtPrecision', new metrics.RecallAtPrecision({ precision: 0.5 }), 0],
  ['F1Score', new metrics.F1Score({ average: 'macro' }), 0],
  ['FBetaScore', new metrics.FBetaScore(), []],
  ['R2Score', new metrics.R2Score(), 0],
  ['MeanIoU', new metrics.MeanIoU({ numClasses: 3 }), 0],
  ['ConfusionMatrix', new metrics.ConfusionMatrix({ numClasses: 1 }), [[0]]],
];

test.each(NONE)('%s has a result before it has seen anything', (_, metric, expected) => {
  expect(metric.result()).toEqual(expected);
});

const T = [
  [1, 0, 1],
  [0, 0, 1],
  [1, 1, 0],
  [0, 1, 0],
];
const P = [
  [0.9, 0.2, 0.4],
  [0.3, 0.6, 0.8],
  [0.2, 0.7, 0.1],
  [0.6, 0.4, 0.3],
];
const W = [0.5, 2, 1, 3];

const SEVERAL: Record<string, () => metrics.Metric> = {
  MeanOf: () => new metrics.MeanOf(metrics.meanAbsoluteError),
  BinaryAccuracy: () => new metrics.BinaryAccuracy(),
  Precision: () => new metrics.Precision({ thresholds: [0.3, 0.5] }),
  'Precision of a class': () => new metrics.Precision({ classId: 1 }),
  'Precision, topK': () => new metrics.Precision({ topK: 2 }),
  AUC: () => new metrics.AUC({ curve: 'PR' }),
  'AUC, by label': () => new metrics.AUC({ multiLabel: true, labelWeights: [1, 2, 0.5] }),
  FBetaScore: () => new metrics.FBetaScore({ beta: 0.5, average: 'weighted', threshold: 0.5 }),
  R2Score: () => new metrics.R2Score({ classAggregation: null }),
  ConfusionMatrix: () => new metrics.ConfusionMatrix({ numClasses: 3, sparseYTrue: false, sparseYPred: false }),
};

describe.each(Object.entries(SEVERAL))('%s', (_, make) => {
  const over = (batches: [number, number][], weights?: number[]) => {
    const metric = make();
    for (const [begin, end] of batches) {
      metric.update(T.slice(begin, end), P.slice(begin, end), weights?.slice(begin, end));
    }
    return metric.result();
  };
  const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x as number]);
  const near = (x: unknown) => flat(x).map((v) => expect.closeTo(v, 6));

  test('gives the same for one batch as for several', () => {
    expect(
      flat(
        over([
          [0, 1],
          [1, 4],
        ]),
      ),
    ).toEqual(near(over([[0, 4]])));
    expect(
      flat(
        over(
          [
            [0, 3],
            [3, 4],
          ],
          W,
        ),
      ),
    ).toEqual(near(over([[0, 4]], W)));
  });

  test('takes a sample of weight 0 for none, and of weight 1 for one', () => {
    expect(flat(over([[0, 4]], [1, 1, 1, 0]))).toEqual(near(over([[0, 3]])));
  });

  test('begins anew after a reset, also with other outputs, and leaves no tensor', () => {
    leavesNothing(() => {
      const metric = make();
      metric.update(T, P, W);
      metric.reset();
      metric.update(T, P);
      expect(metric.result()).toEqual(over([[0, 4]]));
    });
  });
});

describe('refuse', () => {
  const refused = (metric: metrics.Metric, args: [TensorLike, TensorLike, TensorLike?], message: string) => {
    leavesNothing(() => {
      metric.reset();
      metric.update(...REFERENCE);
      const before = metric.result();
      expect(() => metric.update(...args)).toThrow(new RangeError(message));
      expect(metric.result()).toEqual(before);
    });
  };
  const REFERENCE: [TensorLike, TensorLike] = [[[1, 0]], [[0.9, 0.2]]];

  test('predictions of another shape than the truth', () =>
    refused(new metrics.AUC(), [[1, 0], [1]], 'auc: yTrue and yPred need the same shape, got [2] and [1]'));

  test('weights that do not fit', () =>
    refused(
      new metrics.Precision(),
      [T, P, [1, 2, 3]],
      'precision: sampleWeight needs a shape that fits [4, 3] from its first axis on, got [3]',
    ));

  test('other outputs than before', () =>
    refused(
      new metrics.FBetaScore(),
      [T, P],
      'fBetaScore: batches need the same number of outputs; reset() comes before others',
    ));

  test('what is no matrix', () =>
    refused(
      new metrics.R2Score(),
      [
        [1, 2],
        [1, 2],
      ],
      'r2Score: needs a matrix, samples by outputs, got [2]',
    ));

  test('options that are none', () => {
    const none = (f: () => unknown, message: string) => expect(f).toThrow(new RangeError(message));
    none(() => new metrics.AUC({ curve: 'roc' as 'ROC' }), 'auc: curve must be ROC, PR or PRGAIN, got roc');
    none(() => new metrics.AUC({ numThresholds: 1 }), 'auc: numThresholds must be a whole number from 2 up, got 1');
    none(
      () => new metrics.AUC({ summationMethod: 'left' as 'minoring' }),
      'auc: summationMethod must be interpolation, minoring or majoring, got left',
    );
    none(
      () => new metrics.RecallAtPrecision({ precision: 2 }),
      'recallAtPrecision: precision must be in [0, 1], got 2',
    );
    none(() => new metrics.Precision({ topK: 0 }), 'precision: topK must be a whole number from 1 up, got 0');
    none(
      () => new metrics.FBetaScore({ average: 'mean' as 'macro' }),
      'fBetaScore: average must be null, micro, macro or weighted, got mean',
    );
    none(
      () => new metrics.IoU({ numClasses: 2, targetClassIds: [2] }),
      'iou: a target class must be below numClasses 2, got 2',
    );
    none(
      () => new metrics.R2Score({ classAggregation: 'mean' as 'uniformAverage' }),
      'r2Score: classAggregation must be null, uniformAverage or varianceWeightedAverage, got mean',
    );
  });

  test('a class beyond the columns', () =>
    refused(
      new metrics.Precision({ classId: 1 }),
      [[[1]], [[1]]],
      'precision: classId 1 needs as many columns of predictions, got [1, 1]',
    ));
});

test('an update inside a recorded function makes it run eagerly: it is not left out of replays', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  const mean = new metrics.Mean();
  const f = jit((x: Tensor) => {
    mean.update(x);
    return x.square();
  });
  const x = tensor1d([1, 3]);
  for (let i = 0; i < 4; i++) f(x).dispose();
  mean.update([10]);
  expect(mean.result()).toBe((4 * 4 + 10) / 9);
  expect(warn).toHaveBeenCalledExactlyOnceWith('jit: the function runs eagerly, since it updates a metric');
  warn.mockRestore();
  f.dispose();
  x.dispose();
});

test('many predictions at once are counted as in parts', () => {
  const n = 40_000;
  const p = Float32Array.from({ length: n }, (_, i) => ((i * 7919) % 10007) / 10007);
  const t = Float32Array.from(p, (v, i) => (v + ((i * 31) % 101) / 101 > 1 ? 1 : 0));
  const [whole, parts] = [new metrics.AUC(), new metrics.AUC()];
  whole.update(t, p);
  for (let i = 0; i < n; i += 1000) parts.update(t.subarray(i, i + 1000), p.subarray(i, i + 1000));
  expect(parts.result()).toBe(whole.result());
  // Two even distributions: P(a + b > 1) rises with a, and the area under the curve is 5/6.
  expect(whole.result()).toBeCloseTo(5 / 6, 2);
});

test('numbers that are no class are in no cell of a confusion matrix', () => {
  const confusion = new metrics.ConfusionMatrix({ numClasses: 2, ignoreClass: 1 });
  confusion.update([0, 0, -1, 1, 2, 0], [0, 1, 0, 1, 0, NaN], [1, 2, 4, 8, 16, 32]);
  expect(confusion.result()).toEqual([
    [1, 2],
    [0, 0],
  ]);
});
