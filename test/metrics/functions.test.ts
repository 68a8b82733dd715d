import { describe, expect, test } from 'vitest';
import { metrics, sigmoid, softmax, type Tensor, type TensorLike, tensor1d, tensor2d, tidy } from '../../src/index.js';
import { type MetricSpec, metricOf } from '../../src/metrics/names.js';

type Metric = (t: Tensor | TensorLike, p: Tensor | TensorLike, options?: object) => Tensor;

/** What a metric gives, as plain numbers. */
const of = (metric: Metric, t: TensorLike, p: TensorLike, options?: { fromLogits?: boolean }) =>
  tidy(() => metric(t, p, options).arraySync());

const close = (expected: number[]) => expected.map((x) => expect.closeTo(x, 6));

describe('errors', () => {
  test('are means over the last axis', () => {
    const [t, p] = [
      [
        [0, 1],
        [2, 3],
      ],
      [
        [1, 1],
        [0, 0],
      ],
    ];
    expect(of(metrics.meanSquaredError, t, p)).toEqual([0.5, 6.5]);
    expect(of(metrics.meanAbsoluteError, t, p)).toEqual([0.5, 2.5]);
    expect(of(metrics.meanSquaredError, [1, 2], [1, 4])).toBe(2);
  });

  test('refuse targets of another shape', () => {
    expect(() => metrics.meanSquaredError([1, 2], [[1, 2]])).toThrow(
      new RangeError('meanSquaredError: yTrue and yPred need the same shape, got [2] and [1, 2]'),
    );
  });

  test('are computed in the predictions’ dtype', () => {
    tidy(() => {
      const p = tensor1d([0.1, 0.2], 'float64');
      expect(metrics.meanSquaredError([0, 0], p).dtype).toBe('float64');
      expect(metrics.meanSquaredError([0, 0], p).dataSync()[0]).toBeCloseTo(0.025, 15);
      expect(metrics.meanSquaredError(tensor1d([0, 1], 'int32'), tensor1d([0.5, 0.5])).dtype).toBe('float32');
    });
  });
});

describe('categoricalCrossentropy', () => {
  const { categoricalCrossentropy } = metrics;

  test('is −log of the probability of the true class', () => {
    expect(
      of(
        categoricalCrossentropy,
        [
          [1, 0],
          [0, 1],
        ],
        [
          [0.6, 0.4],
          [0.8, 0.2],
        ],
      ),
    ).toEqual(close([-Math.log(0.6), -Math.log(0.2)]));
  });

  test('scales predictions to sum to 1', () => {
    expect(of(categoricalCrossentropy, [1, 0], [3, 1])).toBeCloseTo(-Math.log(0.75), 6);
  });

  test('stays finite at probability 0', () => {
    expect(of(categoricalCrossentropy, [1, 0], [0, 1])).toBeCloseTo(-Math.log(1e-7), 4);
  });

  test('of logits is that of their softmax', () => {
    const logits = [
      [1, 2, 3],
      [-1, 0, 5],
    ];
    const t = [
      [1, 0, 0],
      [0, 0.5, 0.5],
    ];
    const two = tidy(() => categoricalCrossentropy(t, softmax(tensor2d(logits))).arraySync() as number[]);
    expect(of(categoricalCrossentropy, t, logits, { fromLogits: true })).toEqual(close(two));
  });
});

describe('sparseCategoricalCrossentropy', () => {
  const { categoricalCrossentropy, sparseCategoricalCrossentropy } = metrics;
  const p = [
    [0.5, 0.25, 0.25],
    [0.125, 0.75, 0.125],
  ];

  test('is that of one-hot classes', () => {
    const dense = of(
      categoricalCrossentropy,
      [
        [0, 1, 0],
        [1, 0, 0],
      ],
      p,
    ) as number[];
    expect(of(sparseCategoricalCrossentropy, [1, 0], p)).toEqual(close(dense));
    expect(of(sparseCategoricalCrossentropy, [[1], [0]], p)).toEqual(close(dense));
    const logits = [
      [1, 2, 3],
      [-1, 0, 5],
    ];
    const sparse = of(sparseCategoricalCrossentropy, [1, 0], logits, { fromLogits: true });
    expect(sparse).toEqual(
      close(
        of(
          categoricalCrossentropy,
          [
            [0, 1, 0],
            [1, 0, 0],
          ],
          logits,
          { fromLogits: true },
        ) as number[],
      ),
    );
  });

  test('takes class numbers that are floats, if they are whole', () => {
    const float = tidy(() => sparseCategoricalCrossentropy(tensor1d([1, 0]), tensor2d(p)).arraySync());
    expect(float).toEqual(of(sparseCategoricalCrossentropy, [1, 0], p));
  });

  test.each([
    [[1, 3], '3 at 1'],
    [[-1, 0], '-1 at 0'],
    [[0.5, 0], '0.5 at 0'],
    [[0, Number.NaN], 'NaN at 1'],
  ])('refuses the classes %j', (t, shown) => {
    for (const fromLogits of [false, true]) {
      expect(() => of(sparseCategoricalCrossentropy, t, p, { fromLogits })).toThrow(
        new RangeError(`sparseSoftmaxCrossEntropyWithLogits: labels must be class numbers from 0 to 2, got ${shown}`),
      );
    }
  });

  test('refuses classes of another shape', () => {
    expect(() => sparseCategoricalCrossentropy([1, 0, 1], p)).toThrow(
      new RangeError(
        'sparseCategoricalCrossentropy: yTrue needs the shape [2] of class numbers for yPred [2, 3], got [3]',
      ),
    );
  });
});

describe('binaryCrossentropy', () => {
  test('is the mean of −log of the probability of what is true', () => {
    const expected = (-Math.log(0.9) - Math.log(0.8)) / 2;
    expect(of(metrics.binaryCrossentropy, [1, 0], [0.9, 0.2])).toBeCloseTo(expected, 6);
  });

  test('of logits is that of their sigmoid', () => {
    const logits = [
      [1, -2],
      [0, 5],
    ];
    const t = [
      [1, 0],
      [0, 1],
    ];
    const two = tidy(() => metrics.binaryCrossentropy(t, sigmoid(tensor2d(logits))).arraySync() as number[]);
    expect(of(metrics.binaryCrossentropy, t, logits, { fromLogits: true })).toEqual(close(two));
  });
});

describe('accuracy', () => {
  test('binary: whether a prediction is above a half just where it should be', () => {
    expect(
      of(
        metrics.binaryAccuracy,
        [
          [1, 0],
          [1, 0],
        ],
        [
          [0.9, 0.4],
          [0.5, 0.6],
        ],
      ),
    ).toEqual([1, 0]);
  });

  test('categorical: whether the greatest prediction is that of the class', () => {
    const p = [
      [0.1, 0.9],
      [0.2, 0.8],
    ];
    expect(
      of(
        metrics.categoricalAccuracy,
        [
          [0, 1],
          [1, 0],
        ],
        p,
      ),
    ).toEqual([1, 0]);
    expect(of(metrics.sparseCategoricalAccuracy, [1, 0], p)).toEqual([1, 0]);
    expect(of(metrics.sparseCategoricalAccuracy, [[1], [0]], p)).toEqual([1, 0]);
  });
});

describe('metricOf', () => {
  const over = (spec: MetricSpec, t: TensorLike, p: TensorLike) => {
    const metric = metricOf(spec, 'test');
    metric.update(t, p);
    return metric.result();
  };

  test('finds a metric by name, with options, takes the mean of a function, or a metric as it is', () => {
    const [t, p] = [
      [[1], [0]],
      [[2], [-1]],
    ];
    const logits = { name: 'binaryCrossentropy', fromLogits: true };
    expect(over(logits, t, p)).toBeCloseTo((Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-1))) / 2, 6);
    expect(over('mse', t, p)).toBe(1);
    expect(over((_t, p) => p, t, p)).toBe(0.5);
    const precision = new metrics.Precision();
    expect(metricOf(precision, 'test')).toBe(precision);
    expect(metricOf('auc', 'test')).toBeInstanceOf(metrics.AUC);
    expect(['recall', { name: 'huber', delta: 2 }].map((spec) => metricOf(spec, 'test').name)).toEqual([
      'recall',
      'huber',
    ]);
  });

  test('refuses what is none', () => {
    expect(() => metricOf('mean', 'test')).toThrow(
      /^test: unknown name 'mean'; known are MAE, .*auc, .*meanSquaredError, /,
    );
    for (const [spec, kind] of [
      [null, 'null'],
      [3, 'number'],
      [{}, 'object'],
    ] as [MetricSpec, string][]) {
      expect(() => metricOf(spec, 'test')).toThrow(
        new TypeError(`test: needs a name, { name, ...options } or a function, got ${kind}`),
      );
    }
  });
});
