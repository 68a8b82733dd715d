// Keras's own tests of its losses: ours give a number per sample, which is weighed and reduced here as Keras does it.

import { mean, metrics, mul, sum, type Tensor, type TensorLike, tensor, tidy } from '../../src/index.js';
import { spread } from '../../src/metrics/arguments.js';
import { type Loss, lossOf } from '../../src/metrics/names.js';
import { type Case, camelCase, camelCased, expectGolden, readGolden, testCases } from './golden.js';

interface LossCase extends Case {
  loss: string;
  config: Record<string, unknown>;
  y_true: TensorLike;
  y_pred: TensorLike;
  sample_weight?: TensorLike | null;
}

const FILE = 'keras_losses.json';

/** Keras's reductions. */
const REDUCTIONS: Record<string, (each: Tensor, weights?: Tensor) => Tensor> = {
  none: (each) => each,
  sum: (each) => sum(each),
  sum_over_batch_size: (each) => mean(each),
  mean_with_sample_weight: (each, weights) => sum(each).div(sum(weights!)),
};

/** Values that Keras's tests have from a calculation by hand with rounded numbers: they are met as closely as Keras meets them. */
const ROUGH = [
  'BinaryCrossentropyTest.test_sample_weighted:1070',
  'BinaryCrossentropyTest.test_no_reduction:1077',
  'CategoricalCrossentropyTest.test_all_correct_unweighted:1135',
  'CategoricalCrossentropyTest.test_scalar_weighted:1161',
  'SparseCategoricalCrossentropyTest.test_all_correct_unweighted:1328',
  'SparseCategoricalCrossentropyTest.test_scalar_weighted:1354',
  'BinaryFocalCrossentropyTest.test_sample_weighted:1788',
  'BinaryFocalCrossentropyTest.test_sample_weighted:1795',
];

testCases<LossCase>(
  FILE,
  readGolden(FILE),
  (c) => {
    tidy(() => {
      const { reduction = 'sum_over_batch_size', ...config } = c.config;
      const name = camelCase(c.loss);
      const options = camelCased(config);
      // What a model averages; else the function itself.
      const isMean = reduction === 'sum_over_batch_size';
      const f = metrics[name as 'huber'] as (t: Tensor, p: Tensor, options: object) => Tensor;
      const loss: Loss = isMean ? lossOf({ name, ...options }, 'test') : (t, p) => f(t, p, options);
      const each = loss(tensor(c.y_true), tensor(c.y_pred, undefined, 'float32'));
      const weights = c.sample_weight == null ? undefined : spread(c.sample_weight, each, 'test');
      const weighted = weights ? mul(each, weights) : each;
      const value = REDUCTIONS[(reduction as string | null) ?? 'none'](weighted, weights).arraySync();
      expectGolden(value, c, ROUGH.includes(`${c.test}:${c.line}`));
    });
  },
  {
    'CircleTest.test_mean_with_sample_weight_reduction':
      'where weights are averaged too, those of embeddings without a loss are among them',
  },
);
