// Keras's own tests of its metrics, over one batch or several.

import { metrics, type TensorLike, tidy } from '../../src/index.js';
import { metricOf } from '../../src/metrics/names.js';
import { type Case, camelCase, camelCased, expectGolden, readGolden, testCases } from './golden.js';

interface Update {
  y_true: TensorLike;
  y_pred: TensorLike;
  values: TensorLike;
  sample_weight?: TensorLike | null;
}

interface MetricCase extends Case {
  metric?: string;
  config: Record<string, unknown>;
  updates: Update[];
  function?: string;
  args: { y_true: TensorLike; y_pred: TensorLike; axis: number };
}

const FILE = 'keras_metrics.json';

const CLASS_NUMBERS = { sparseYTrue: false, sparseYPred: false };

/** What goes by another name here, with what is implied there. */
const RENAMED: Record<string, [string, object?]> = {
  LogCoshError: ['logCosh'],
  IoU: ['iou'],
  OneHotIoU: ['iou', CLASS_NUMBERS],
  OneHotMeanIoU: ['meanIoU', CLASS_NUMBERS],
};

function made(name: string, config: Record<string, unknown>): metrics.Metric {
  const { dtype: _, name: _name, ...options } = camelCased(config);
  if (typeof options.classAggregation === 'string') options.classAggregation = camelCase(options.classAggregation);
  if (name === 'Accuracy') return new metrics.Accuracy(options);
  const [ours, implied] = RENAMED[name] ?? [camelCase(name)];
  return metricOf({ name: ours, ...implied, ...options }, 'test');
}

function value({ metric, config, updates, args }: MetricCase): unknown {
  if (metric === undefined) {
    return tidy(() => metrics.concordanceCorrelation(args.y_true, args.y_pred, { axis: args.axis }).arraySync());
  }
  if (metric === 'Mean' || metric === 'Sum') {
    const accumulator = new metrics[metric]();
    for (const { values, sample_weight } of updates) accumulator.update(values, sample_weight);
    return accumulator.result();
  }
  const m = made(metric, config);
  for (const { y_true, y_pred, sample_weight } of updates) m.update(y_true, y_pred, sample_weight);
  return m.result();
}

/** Values that Keras's tests have from a calculation by hand with rounded numbers: they are met as closely as Keras meets them. */
const ROUGH = [
  'AUCTest.test_weighted_pr_minoring',
  'AUCTest.test_weighted_pr_interpolation',
  'MultiAUCTest.test_sample_weight_flat',
  'MultiAUCTest.test_full_sample_weight_flat',
  'MultiAUCTest.test_weighted_roc_interpolation',
  'MultiAUCTest.test_pr_interpolation_unweighted',
  'MultiAUCTest.test_pr_interpolation',
  'BinaryCrossentropyTest.test_label_smoothing',
];

testCases<MetricCase>(FILE, readGolden(FILE), (c) => expectGolden(value(c), c, ROUGH.includes(c.test)), {
  'SparseCategoricalAccuracyTest.test_reshape_matches':
    'class numbers of shape [2, 1] are not taken for predictions of shape [1, 2, 3], whose rows are in another order',
});
