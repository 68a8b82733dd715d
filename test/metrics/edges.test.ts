// Losses at their edges: probabilities of 0 and 1, empty classes and vectors of length 0, logits out of proportion, boxes
// that do not overlap or have no area, labels longer than the outputs. Losses and gradients are numbers there, and these.

import { describe, expect, test } from 'vitest';
import { type DataType, grads, metrics, type Tensor, type TensorLike, tensor, tidy } from '../../src/index.js';
import { lossOf } from '../../src/metrics/names.js';

type Edge = [
  loss: string,
  yTrue: TensorLike,
  yPred: TensorLike,
  options: object,
  expected: number[],
  gradient: number[],
];

const EDGES: Edge[] = [
  ['meanSquaredError', [[0]], [[0]], {}, [0], [0]],
  ['meanAbsoluteError', [[1]], [[1]], {}, [0], [0]],
  ['meanAbsolutePercentageError', [[0]], [[1]], {}, [1000000000], [1000000000]],
  ['meanAbsolutePercentageError', [[0]], [[0]], {}, [0], [0]],
  ['meanSquaredLogarithmicError', [[0]], [[-1]], {}, [0], [0]],
  ['huber', [[0]], [[1]], {}, [0.5], [1]],
  ['huber', [[0]], [[1e30]], {}, [1e30], [1]],
  ['smoothL1', [[0]], [[0]], {}, [0], [0]],
  ['logCosh', [[0]], [[1000]], {}, [999.30685], [1]],
  ['logCosh', [[0]], [[-1000]], {}, [999.30685], [-1]],
  ['poisson', [[1]], [[0]], {}, [16.118096], [-9999999]],
  ['cosineSimilarity', [[1, 0]], [[0, 0]], {}, [0], [-1000000, 0]],
  ['cosineSimilarity', [[0, 0]], [[1, 0]], {}, [0], [0, 0]],
  ['pearsonCorrelation', [[1, 2]], [[1, 1]], {}, [0], [-0.5, 0.5]],
  ['concordanceCorrelation', [[1, 1]], [[1, 1]], {}, [0], [0, 0]],
  ['binaryCrossentropy', [[1]], [[0]], {}, [16.118096], [0]],
  ['binaryCrossentropy', [[1]], [[1]], {}, [1e-7], [0]],
  ['binaryCrossentropy', [[0]], [[1]], {}, [16.118096], [0]],
  ['binaryCrossentropy', [[0]], [[1000]], { fromLogits: true }, [1000], [1]],
  ['categoricalCrossentropy', [[1, 0]], [[0, 1]], {}, [16.118096], [0, 0]],
  ['categoricalCrossentropy', [[1, 0]], [[1, 0]], {}, [1e-7], [0, 0]],
  ['categoricalCrossentropy', [[1, 0]], [[0, 0]], {}, [16.118096], [0, 0]],
  ['categoricalCrossentropy', [[0, 0]], [[0.5, 0.5]], {}, [0], [0, 0]],
  ['categoricalCrossentropy', [[1, 0]], [[-1000, 1000]], { fromLogits: true }, [2000], [-1, 1]],
  ['sparseCategoricalCrossentropy', [0], [[0, 1]], {}, [16.118096], [0, 0]],
  ['sparseCategoricalCrossentropy', [0], [[0, 0]], {}, [Math.LN2], [0, 0]],
  ['sparseCategoricalCrossentropy', [0], [[-1000, 1000]], { fromLogits: true }, [2000], [-1, 1]],
  ['sparseCategoricalCrossentropy', [0], [[NaN, NaN]], { fromLogits: true, ignoreClass: 0 }, [0], [0, 0]],
  ['binaryFocalCrossentropy', [[1]], [[0]], {}, [16.118092], [0]],
  ['binaryFocalCrossentropy', [[1]], [[1]], {}, [1e-21], [0]],
  ['binaryFocalCrossentropy', [[1]], [[1]], { gamma: 0.5 }, [3.1622778e-11], [0]],
  ['binaryFocalCrossentropy', [[1]], [[-1000]], { fromLogits: true }, [16.118092], [0]],
  ['categoricalFocalCrossentropy', [[1, 0]], [[0, 1]], {}, [4.0295231], [0, 0]],
  ['categoricalFocalCrossentropy', [[1, 0]], [[1, 0]], { gamma: 0.5 }, [7.9056945e-12], [0, 0]],
  ['categoricalFocalCrossentropy', [[1, 0]], [[0, 0]], {}, [4.0295231], [0, 0]],
  ['categoricalGeneralizedCrossEntropy', [0], [[0, 1]], {}, [1.9993675], [0, 0]],
  ['categoricalGeneralizedCrossEntropy', [0], [[1, 0]], {}, [0], [-1, 0]],
  ['klDivergence', [[0, 1]], [[1, 0]], {}, [16.118094], [-1e-7, 0]],
  ['klDivergence', [[1, 0]], [[1, 0]], {}, [0], [-1, 0]],
  ['hinge', [[1]], [[1]], {}, [0], [0]],
  ['squaredHinge', [[1]], [[1]], {}, [0], [0]],
  ['categoricalHinge', [[1, 0]], [[0, 0]], {}, [1], [-1, 1]],
  ['dice', [[0, 0]], [[0, 0]], {}, [1], [0, 0]],
  ['dice', [[0, 0]], [[1, 1]], {}, [1], [0, 0]],
  ['dice', [[1, 1]], [[0, 0]], {}, [1], [-0.99999995, -0.99999995]],
  ['tversky', [[0, 0]], [[0, 0]], {}, [1], [0, 0]],
  ['tversky', [[1, 1]], [[0, 0]], {}, [1], [-0.9999999, -0.9999999]],
  [
    'circle',
    [1, 2],
    [
      [1, 0],
      [0, 1],
    ],
    {},
    [0, 0],
    [0, 0, 0, 0],
  ],
  [
    'circle',
    [1, 1],
    [
      [1, 0],
      [1, 0],
    ],
    {},
    [0, 0],
    [0, 0, 0, 0],
  ],
  [
    'circle',
    [1, 1, 2],
    [
      [1, 0],
      [1, 0],
      [1, 0],
    ],
    {},
    [54.4, 54.4, 0],
    [0, 0, 0, 0, 0, 0],
  ],
  [
    'triplet',
    [1, 2],
    [
      [1, 0],
      [0, 1],
    ],
    {},
    [0, 0],
    [0, 0, 0, 0],
  ],
  [
    'triplet',
    [1, 1],
    [
      [1, 0],
      [0, 1],
    ],
    {},
    [0, 0],
    [0, 0, 0, 0],
  ],
  [
    'triplet',
    [1, 1, 2],
    [
      [1, 0],
      [1, 0],
      [1, 0],
    ],
    {},
    [1, 1, 0],
    [0, 0, 0, 0, 0, 0],
  ],
  ['ctc', [[1]], [[[0, -1000]]], {}, [1000], [1, -1]],
  [
    'ctc',
    [[1, 1]],
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
    {},
    [99998.342],
    [0.023809524, -0.023809524, 0.023809524, -0.023809524],
  ],
  ['ctc', [[1, 1, 1]], [[[0, 0]]], {}, [99998.054], [0, 0]],
  ['ctc', [[0]], [[[0, 0]]], {}, [Math.LN2], [-0.5, 0.5]],
  ['iouLoss', [[0, 0, 1, 1]], [[0, 0, 1, 1]], {}, [0], [-1, -1, 1, 1]],
  ['iouLoss', [[0, 0, 1, 1]], [[2, 0, 3, 1]], {}, [1], [0, 0, 0, 0]],
  ['iouLoss', [[0, 0, 1, 1]], [[1, 0, 2, 1]], {}, [1], [0, 0, 0, 0]],
  ['iouLoss', [[0, 0, 1, 1]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['iouLoss', [[0.5, 0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['iouLoss', [[0, 0, 1, 1]], [[1, 1, 0, 0]], {}, [1], [0, 0, 0, 0]],
  ['giouLoss', [[0, 0, 1, 1]], [[0, 0, 1, 1]], {}, [0], [0, 0, 0, 0]],
  ['giouLoss', [[0, 0, 1, 1]], [[2, 0, 3, 1]], {}, [1.3333333], [0.33333333, 0.33333333, -0.11111111, -0.33333333]],
  ['giouLoss', [[0, 0, 1, 1]], [[1, 0, 2, 1]], {}, [1], [0.5, 0.5, 0, -0.5]],
  ['giouLoss', [[0, 0, 1, 1]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['giouLoss', [[0.5, 0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['giouLoss', [[0, 0, 1, 1]], [[1, 1, 0, 0]], {}, [1], [0, 0, 0, 0]],
  ['diouLoss', [[0, 0, 1, 1]], [[0, 0, 1, 1]], {}, [0], [-1, -1, 1, 1]],
  ['diouLoss', [[0, 0, 1, 1]], [[2, 0, 3, 1]], {}, [1.4], [0.2, 0, -0.04, 0]],
  ['diouLoss', [[0, 0, 1, 1]], [[1, 0, 2, 1]], {}, [1.2], [0.2, 0, 0.04, 0]],
  ['diouLoss', [[0, 0, 1, 1]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['diouLoss', [[0.5, 0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['diouLoss', [[0, 0, 1, 1]], [[1, 1, 0, 0]], {}, [1], [0, 0, 0, 0]],
  ['ciouLoss', [[0, 0, 1, 1]], [[0, 0, 1, 1]], {}, [0], [-1, -1, 1, 1]],
  ['ciouLoss', [[0, 0, 1, 1]], [[2, 0, 3, 1]], {}, [1.4], [0.2, 0, -0.04, 0]],
  ['ciouLoss', [[0, 0, 1, 1]], [[1, 0, 2, 1]], {}, [1.2], [0.2, 0, 0.04, 0]],
  ['ciouLoss', [[0, 0, 1, 1]], [[0.5, 0.5, 0.5, 0.5]], {}, [1.05], [0, 0, 0, 0]],
  ['ciouLoss', [[0.5, 0.5, 0.5, 0.5]], [[0.5, 0.5, 0.5, 0.5]], {}, [1], [0, 0, 0, 0]],
  ['ciouLoss', [[0, 0, 1, 1]], [[1, 1, 0, 0]], {}, [1.05], [0, 0, 0, 0]],
];

/** The losses, and the gradient of their sum. */
function at([name, yTrue, yPred, options]: Edge, dtype: DataType): [number[], number[]] {
  return tidy(() => {
    const [t, p] = [tensor(yTrue, undefined, dtype), tensor(yPred, undefined, dtype)];
    const f = metrics[name as 'huber'] as (t: Tensor, p: Tensor, options: object) => Tensor;
    return [f(t, p, options), grads((x: Tensor) => f(t, x, options))([p])[0]].map((x) => [...x.dataSync()]) as [
      number[],
      number[],
    ];
  });
}

/** As close as the share of a value, or of 1. */
const close = (values: number[], share: number) =>
  values.map((x) => expect.toSatisfy((y: number) => Math.abs(y - x) <= share * Math.max(1, Math.abs(x)), `${x}`));

describe.each(EDGES.map((edge) => [edge[0], JSON.stringify(edge.slice(1, 4)), edge] as const))(
  '%s %s',
  (_, __, edge) => {
    test('is this number, with this gradient', () => {
      expect(at(edge, 'float64')).toEqual([close(edge[4], 1e-7), close(edge[5], 1e-7)]);
    });

    // 1 − 10⁻⁷ is 1 − 2⁻²³ in float32, and its logarithm as much off.
    test('is nearly the same in float32', () => {
      expect(at(edge, 'float32')).toEqual([close(edge[4], 0.02), close(edge[5], 0.02)]);
    });
  },
);

test('every loss is at an edge here', () => {
  const without = ['tripletMargin', 'r2Score', 'precision', 'recall', 'cosineProximity'];
  const known = Object.keys(metrics).filter((name) => /^[a-z]/.test(name) && !/Accuracy$|^ms|^ma/.test(name));
  const here = new Set(EDGES.map(([name]) => name));
  expect(known.filter((name) => !here.has(name) && !without.includes(name))).toEqual([]);
});

test('a mean over what is not ignored is 0 where all is', () => {
  const loss = lossOf({ name: 'sparseCategoricalCrossentropy', ignoreClass: 9 }, 'test');
  tidy(() => {
    const p = tensor([
      [0.5, 0.5],
      [0.2, 0.8],
    ]);
    expect([...loss(tensor([9, 9]), p).dataSync()]).toEqual([0, 0]);
    expect([...loss(tensor([9, 0]), p).dataSync()]).toEqual([0, expect.closeTo(-2 * Math.log(0.2), 5)]);
  });
});
