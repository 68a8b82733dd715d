// Normalization and attention against plain formulas in double precision.

import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff.js';
import type { FloatType } from '../../src/dtype.js';
import * as ops from '../../src/ops/index.js';
import { normalizeBatch } from '../../src/ops/normalization.js';
import { tidy } from '../../src/scope.js';
import { sizeOf } from '../../src/shape.js';
import { fromData, type Tensor, type Tensor4D } from '../../src/tensor.js';
import { seeded } from '../support/sample.js';

/** Numbers from a text, around `level`. */
function numbers(seed: string, shape: number[], level = 0): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(level + random() * 2 - 1));
}

const average = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;
const momentsOf = (v: readonly number[]) => {
  const mean = average(v);
  return { mean, variance: average(v.map((x) => (x - mean) ** 2)) };
};

function expectNear(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!) / Math.max(1, Math.abs(expected[i]!)));
  }
  expect(worst).toBeLessThan(tolerance);
}

const PRECISIONS: [FloatType, number][] = [
  ['float32', 4e-6],
  ['float64', 1e-13],
];

// Fewer rows than a block and more, columns that fill vectors and that do not.
const MATRICES = [
  [3, 1],
  [5, 7],
  [128, 16],
  [129, 20],
  [1000, 33],
  [40, 300],
];

describe.each(PRECISIONS)('in %s', (dtype, tolerance) => {
  test.each(MATRICES)('a batch of %d × %d is normalized by the moments of its columns', (rows, n) => {
    tidy(() => {
      const [x, gamma, beta] = [numbers('x', [rows, n], 3), numbers('gamma', [n]), numbers('beta', [n])];
      const [y, mean, variance] = normalizeBatch(
        ...([fromData(x, [rows, n], dtype), fromData(gamma, [n], dtype), fromData(beta, [n], dtype)] as const),
        0.001,
      );
      const columns = Array.from({ length: n }, (_, c) =>
        momentsOf(Array.from({ length: rows }, (_, r) => x[r * n + c]!)),
      );
      const of = (i: number) => columns[i % n]!;
      expectNear(
        mean.dataSync(),
        columns.map((c) => c.mean),
        tolerance,
      );
      expectNear(
        variance.dataSync(),
        columns.map((c) => c.variance),
        tolerance,
      );
      const expected = x.map(
        (v, i) => ((v - of(i).mean) / Math.sqrt(of(i).variance + 0.001)) * gamma[i % n]! + beta[i % n]!,
      );
      expectNear(y.dataSync(), expected, tolerance);
    });
  });

  test.each(MATRICES)('rows of %d × %d are normalized by their own moments', (rows, n) => {
    tidy(() => {
      const [x, gamma, beta] = [numbers('x', [rows, n], 3), numbers('gamma', [n]), numbers('beta', [n])];
      const tensor = fromData(x, [rows, n], dtype);
      const given = { gamma: fromData(gamma, [n], dtype), beta: fromData(beta, [n], dtype) };
      const each = Array.from({ length: rows }, (_, r) => momentsOf([...x.subarray(r * n, (r + 1) * n)]));
      const of = (i: number) => each[Math.floor(i / n)]!;
      expectNear(
        ops.layerNormalization(tensor, given).dataSync(),
        x.map((v, i) => ((v - of(i).mean) / Math.sqrt(of(i).variance + 0.001)) * gamma[i % n]! + beta[i % n]!),
        tolerance,
      );
      expectNear(
        ops.rmsNormalization(tensor, { scale: given.gamma }).dataSync(),
        x.map((v, i) => (v / Math.sqrt(of(i).variance + of(i).mean ** 2 + 1e-6)) * gamma[i % n]!),
        tolerance,
      );
    });
  });

  test.each(MATRICES)('gradients of %d × %d by kernels are those of the ops one after the other', (rows, n) => {
    tidy(() => {
      const tensor = (seed: string, shape: number[], level = 0) => fromData(numbers(seed, shape, level), shape, dtype);
      const args = [tensor('x', [rows, n], 1), tensor('gamma', [n], 1), tensor('beta', [n])];
      const dy = tensor('dy', [rows, n]);
      const plain = (axis: number) => (x: Tensor, gamma: Tensor, beta: Tensor) => {
        const { mean, variance } = ops.moments(x, axis, true);
        return ops.batchNorm(x, mean, variance, beta, gamma, 0.1);
      };
      const fused = [
        (x: Tensor, gamma: Tensor, beta: Tensor) => normalizeBatch(x, gamma, beta, 0.1)[0],
        (x: Tensor, gamma: Tensor, beta: Tensor) => ops.layerNormalization(x, { gamma, beta, epsilon: 0.1 }),
      ];
      fused.forEach((f, axis) => {
        const expected = grads(plain(axis) as never)(args, dy);
        // Sums of a thousand numbers of either sign.
        grads(f as never)(args, dy).forEach((g, i) => {
          expectNear(g.dataSync(), expected[i]!.dataSync(), 10 * tolerance);
        });
      });
    });
  });
});

test('a mean far from 0 costs no digits of the variance', () => {
  tidy(() => {
    const [rows, n] = [1000, 5];
    const x = Float32Array.from({ length: rows * n }, (_, i) => 10000 + (Math.floor(i / n) % 2 === 0 ? 1 : -1));
    const [one, none] = [ops.ones([n]), ops.zeros([n])];
    const [y, mean, variance] = normalizeBatch(fromData(x, [rows, n], 'float32'), one, none, 0);
    expect([...mean.dataSync()]).toEqual(new Array(n).fill(10000));
    expect([...variance.dataSync()]).toEqual(new Array(n).fill(1));
    expect(new Set(y.dataSync())).toEqual(new Set([1, -1]));
    const row = ops.layerNormalization(
      fromData(
        x.filter((_, i) => i % n === 0),
        [1, rows],
        'float32',
      ),
      { epsilon: 0 },
    );
    expect(new Set(row.dataSync())).toEqual(new Set([1, -1]));
  });
});

test('moments of many rows are as good as those of few', () => {
  tidy(() => {
    const [rows, n] = [43264, 3];
    const x = numbers('many rows', [rows, n], 0.5);
    const [, mean, variance] = normalizeBatch(fromData(x, [rows, n], 'float32'), null, null, 0);
    for (let c = 0; c < n; c++) {
      const expected = momentsOf([...x.filter((_, i) => i % n === c)]);
      expect(Math.abs(mean.dataSync()[c]! / expected.mean - 1)).toBeLessThan(5e-7);
      expect(Math.abs(variance.dataSync()[c]! / expected.variance - 1)).toBeLessThan(5e-7);
    }
  });
});

test('moments are good to the digits that a first block far from the others leaves', () => {
  tidy(() => {
    const rows = 20000;
    const x = Float64Array.from({ length: rows }, (_, r) => (r < 128 ? 50 : r % 2 === 0 ? 1 : -1));
    const [, mean, variance] = normalizeBatch(fromData(x, [rows, 1], 'float32'), null, null, 0);
    const expected = momentsOf([...x]);
    expect(Math.abs(mean.dataSync()[0]! - expected.mean)).toBeLessThan(1e-5);
    expect(Math.abs(variance.dataSync()[0]! / expected.variance - 1)).toBeLessThan(2e-5);
  });
});

test('gradients keep their digits where the mean is far from 0', () => {
  tidy(() => {
    const shape = [600, 9];
    const x = numbers('far', shape, 1000).map(Math.fround);
    const dy = numbers('dy', shape);
    const slopes = (dtype: FloatType) => {
      const [one, none] = [ops.ones([9], dtype), ops.zeros([9], dtype)];
      const args = [fromData(x, shape, dtype), one, none];
      const cotangent = fromData(dy, shape, dtype);
      return [
        ...grads((x, g, b) => normalizeBatch(x, g, b, 0.001)[0])(args, cotangent),
        ...grads((x, gamma, beta) => ops.layerNormalization(x, { gamma, beta }))(args, cotangent),
      ];
    };
    const wide = slopes('float64');
    slopes('float32').forEach((slope, i) => {
      // Next to 1000 float32 has steps of 6e-5, a ten thousandth of the deviation.
      expectNear(slope.dataSync(), wide[i]!.dataSync(), 1e-3);
    });
  });
});

test('no gradient is left along what normalization takes away', () => {
  tidy(() => {
    const x = fromData(numbers('x', [200, 8], 5), [200, 8], 'float64');
    const dy = fromData(numbers('dy', [200, 8]), [200, 8], 'float64');
    const [one, none] = [ops.ones([8], 'float64'), ops.zeros([8], 'float64')];
    // A shift or a stretch of a column changes nothing, so dx is at right angles to both.
    const [dx] = grads((x) => normalizeBatch(x, one, none, 0)[0])([x], dy) as [Tensor];
    for (const direction of [ops.onesLike(x), ops.sub(x, ops.mean(x, 0))]) {
      for (const along of ops.sum(ops.mul(dx, direction), 0).dataSync()) expect(Math.abs(along)).toBeLessThan(1e-12);
    }
  });
});

describe('batchNorm', () => {
  test('takes parameters that broadcast, of other dtypes, and plain numbers', () => {
    tidy(() => {
      const x = ops.tensor2d(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        [2, 3],
        'int32',
      );
      expect(ops.batchNorm(x, 1, 4, 0.5, 2, 0).arraySync()).toEqual([
        [0.5, 1.5, 2.5],
        [3.5, 4.5, 5.5],
      ]);
      expect(ops.batchNorm(x, [[1], [4]], [[1], [4]], null, null, 0).arraySync()).toEqual([
        [0, 1, 2],
        [0, 0.5, 1],
      ]);
      const wide = ops.batchNorm(x, ops.tensor1d([1, 2, 3], 'float64'), [1, 1, 1]);
      expect(wide.dtype).toBe('float64');
      expect(wide.dataSync()[3]).toBeCloseTo(3 / Math.sqrt(1.001), 14);
    });
  });

  test('is the same by the kernel and by the ops', () => {
    tidy(() => {
      const [x, m, b] = [numbers('x', [50, 7]), numbers('m', [7]), numbers('b', [7])];
      const [$x, mean, beta] = [
        fromData(x, [50, 7], 'float32'),
        fromData(m, [7], 'float32'),
        fromData(b, [7], 'float32'),
      ];
      const byKernel = ops.batchNorm($x, mean, ops.square(beta), beta, mean);
      const byOps = ops.batchNorm($x, ops.reshape(mean, [1, 7]), ops.square(beta), beta, mean);
      expect(byKernel.dataSync()).toEqual(byOps.dataSync());
    });
  });
});

test('groups of channels are normalized by themselves, wherever the channels are', () => {
  tidy(() => {
    const [batch, height, channels, groups] = [2, 5, 6, 3];
    const x = numbers('x', [batch, height, channels], 2);
    const [gamma, beta] = [numbers('gamma', [channels]), numbers('beta', [channels])];
    const group = (i: number) =>
      Math.floor((i % channels) / (channels / groups)) + groups * Math.floor(i / (height * channels));
    const expected = x.map((v, i) => {
      const { mean, variance } = momentsOf([...x.filter((_, j) => group(j) === group(i))]);
      return ((v - mean) / Math.sqrt(variance + 0.001)) * gamma[i % channels]! + beta[i % channels]!;
    });
    const last = fromData(x, [batch, height, channels], 'float64');
    const options = { groups, gamma, beta };
    expectNear(ops.groupNormalization(last, options).dataSync(), expected, 1e-13);
    const first = ops.groupNormalization(ops.transpose(last, [0, 2, 1]), { ...options, axis: 1 });
    expectNear(ops.transpose(first, [0, 2, 1]).dataSync(), expected, 1e-13);
  });
});

test('localResponseNormalization divides by the channels beside each one', () => {
  tidy(() => {
    const x = numbers('x', [2, 3, 2, 7], 1);
    const y = ops.localResponseNormalization(fromData(x, [2, 3, 2, 7], 'float64') as Tensor4D, 2, 0.5, 0.3, 0.75);
    const expected = x.map((v, i) => {
      let sum = 0;
      for (let c = -2; c <= 2; c++) if ((i % 7) + c >= 0 && (i % 7) + c < 7) sum += x[i + c]! ** 2;
      return v * (0.5 + 0.3 * sum) ** -0.75;
    });
    expectNear(y.dataSync(), expected, 1e-13);
  });
});

describe('dotProductAttention', () => {
  const [batch, queries, keys, heads, size, valueSize] = [2, 3, 4, 2, 5, 3];
  const q = numbers('q', [batch, queries, heads, size]);
  const k = numbers('k', [batch, keys, heads, size]);
  const v = numbers('v', [batch, keys, heads, valueSize]);

  /** By loops over all. */
  function plain(isAllowed: (b: number, query: number, key: number) => boolean): number[] {
    const y: number[] = [];
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < queries; i++) {
        for (let h = 0; h < heads; h++) {
          const weights = Array.from({ length: keys }, (_, j) => {
            let dot = 0;
            for (let c = 0; c < size; c++) {
              dot += q[((b * queries + i) * heads + h) * size + c]! * k[((b * keys + j) * heads + h) * size + c]!;
            }
            return isAllowed(b, i, j) ? Math.exp(dot / Math.sqrt(size)) : 0;
          });
          const total = weights.reduce((a, c) => a + c);
          for (let c = 0; c < valueSize; c++) {
            y.push(
              weights.reduce((sum, w, j) => sum + (w / total) * v[((b * keys + j) * heads + h) * valueSize + c]!, 0),
            );
          }
        }
      }
    }
    return y;
  }

  const tensors = () =>
    [
      fromData(q, [batch, queries, heads, size], 'float64'),
      fromData(k, [batch, keys, heads, size], 'float64'),
      fromData(v, [batch, keys, heads, valueSize], 'float64'),
    ] as const;

  test('is the mean of values by the softmax of scaled products', () => {
    tidy(() =>
      expectNear(
        ops.dotProductAttention(...tensors()).dataSync(),
        plain(() => true),
        1e-13,
      ),
    );
  });

  test('leaves out what a mask and causality forbid', () => {
    tidy(() => {
      const mask = ops.tensor4d([1, 0, 1, 1, 1, 1, 1, 0], [batch, 1, 1, keys], 'bool');
      const y = ops.dotProductAttention(...tensors(), { mask, isCausal: true });
      const expected = plain((b, i, j) => j <= i && (b === 0 ? j !== 1 : j !== 3));
      expectNear(y.dataSync(), expected, 1e-13);
    });
  });

  test('lets several heads of queries share one of keys', () => {
    tidy(() => {
      const [query, key, value] = tensors();
      const [oneKey, oneValue] = [key, value].map((x) => ops.slice(x, [0, 0, 1, 0], [-1, -1, 1, -1]));
      const y = ops.dotProductAttention(query, oneKey!, oneValue!);
      const each = ops.dotProductAttention(query, ops.tile(oneKey!, [1, 1, 2, 1]), ops.tile(oneValue!, [1, 1, 2, 1]));
      expect(y.dataSync()).toEqual(each.dataSync());
      // Heads 0 and 1 of the query go with head 0 of the key, 2 and 3 with head 1.
      const four = ops.concat([query, ops.mul(query, 2)], 2);
      const pairs = (x: Tensor) => ops.gather(x, ops.tensor1d([0, 0, 1, 1], 'int32'), 2);
      const grouped = ops.dotProductAttention(four, key, value);
      expect(grouped.dataSync()).toEqual(ops.dotProductAttention(four, pairs(key), pairs(value)).dataSync());
    });
  });

  test('gives a query that may attend to nothing the mean of all', () => {
    tidy(() => {
      const y = ops.dotProductAttention(...tensors(), { mask: [false] });
      const expected = ops.tile(ops.mean(tensors()[2], 1, true), [1, queries, 1, 1]);
      expectNear(y.dataSync(), expected.dataSync(), 1e-13);
    });
  });
});
