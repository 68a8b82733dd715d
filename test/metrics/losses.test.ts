// Losses that Keras's golden cases do not reach, against their formulas written out plainly.

import { describe, expect, test } from 'vitest';
import {
  losses,
  metrics,
  type Tensor,
  type TensorLike,
  tensor,
  tidy,
  weightedCrossEntropyWithLogits,
} from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';
import { seeded } from '../support/sample.js';

/** What a function gives for float64, as plain numbers. */
const of = (f: (...xs: Tensor[]) => Tensor, ...values: TensorLike[]): number[] =>
  tidy(() => [...f(...values.map((value) => tensor(value, undefined, 'float64'))).dataSync()]);

const near = (values: number[]) => values.map((x) => expect.closeTo(x, 10));

function numbers(seed: string, n: number, low = -2, high = 2): number[] {
  const random = seeded(seed);
  return Array.from({ length: n }, () => low + random() * (high - low));
}

describe('ctc', () => {
  /** −log of the sum over all paths through the classes that spell the labels when repeats and blanks are left out. */
  function plainly(labels: number[], logits: number[][], blank: number): number {
    const rows = logits.map((row) => {
      const sum = row.reduce((s, x) => s + Math.exp(x), 0);
      return row.map((x) => Math.exp(x) / sum);
    });
    let total = 0;
    const walk = (t: number, last: number, spelled: number[], p: number): void => {
      if (t === rows.length) {
        if (spelled.join() === labels.join()) total += p;
        return;
      }
      rows[t].forEach((q, c) => {
        walk(t + 1, c, c === blank || c === last ? spelled : [...spelled, c], p * q);
      });
    };
    walk(0, -1, [], 1);
    return -Math.log(total);
  }

  test.each([
    [[1], 1, 0],
    [[1, 2], 5, 0],
    [[2, 2], 4, 0],
    [[1, 1, 1], 5, 0],
    [[], 3, 0],
    [[0, 1, 0], 4, 2],
  ])('sums over all ways to spell %j in %i steps', (labels, time, blank) => {
    const values = numbers(`ctc ${labels} ${time}`, time * 3);
    const logits = Array.from({ length: time }, (_, t) => values.slice(3 * t, 3 * t + 3));
    const padded = [...labels, ...new Array(4 - labels.length).fill(blank)];
    const value = of((p) => metrics.ctc([padded], p, { maskIndex: blank }), [logits]);
    expect(value).toEqual(near([plainly(labels, logits, blank)]));
  });

  test('takes each sample by itself', () => {
    const logits = [numbers('a', 12), numbers('b', 12)].map((v) => [0, 1, 2, 3].map((t) => v.slice(3 * t, 3 * t + 3)));
    const both = of(
      (p) =>
        metrics.ctc(
          [
            [1, 2],
            [2, 0],
          ],
          p,
        ),
      logits,
    );
    expect(both).toEqual(near([plainly([1, 2], logits[0], 0), plainly([2], logits[1], 0)]));
  });

  test('refuses other shapes and classes', () => {
    leavesNothing(() => {
      expect(() => metrics.ctc([1], [[[0, 0]]])).toThrow(
        new RangeError('ctc: needs yTrue [samples, labels] and yPred [samples, time, classes], got [1] and [1, 1, 2]'),
      );
      expect(() => metrics.ctc([[2]], [[[0, 0]]])).toThrow(
        new RangeError('ctc: labels must be class numbers from 0 to 1, got 2 at 0'),
      );
    });
  });
});

describe('box losses', () => {
  type Box = [number, number, number, number];
  const area = ([a, b, c, d]: Box) => (c - a) * (d - b);
  const joined = (f: typeof Math.min, g: typeof Math.min, s: Box, t: Box): Box => [
    f(s[0], t[0]),
    f(s[1], t[1]),
    g(s[2], t[2]),
    g(s[3], t[3]),
  ];
  function plainly(s: Box, t: Box): [number, number, number, number] {
    const inside = joined(Math.max, Math.min, s, t);
    const shared = inside[2] > inside[0] && inside[3] > inside[1] ? area(inside) : 0;
    const joint = area(s) + area(t) - shared;
    const hull = joined(Math.min, Math.max, s, t);
    const iou = shared / joint;
    const centre = ([a, b, c, d]: Box) => [(a + c) / 2, (b + d) / 2];
    const [cs, ct] = [centre(s), centre(t)];
    const apart = ((cs[0] - ct[0]) ** 2 + (cs[1] - ct[1]) ** 2) / ((hull[2] - hull[0]) ** 2 + (hull[3] - hull[1]) ** 2);
    const angle = ([a, b, c, d]: Box) => Math.atan((c - a) / (d - b));
    const v = (4 / Math.PI ** 2) * (angle(s) - angle(t)) ** 2;
    return [
      1 - iou,
      1 - iou + (area(hull) - joint) / area(hull),
      1 - iou + apart,
      1 - iou + apart + (v * v) / (1 - iou + v),
    ];
  }

  const pairs: [Box, Box][] = Array.from({ length: 40 }, (_, i) => {
    const at = numbers(`box ${i}`, 4, 0, 3);
    const sides = numbers(`sides ${i}`, 4, 0.2, 2);
    return [
      [at[0], at[1], at[0] + sides[0], at[1] + sides[1]],
      [at[2], at[3], at[2] + sides[2], at[3] + sides[3]],
    ];
  });

  test('have their formulas, for boxes together and apart', () => {
    const [s, t] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    const expected = pairs.map(([a, b]) => plainly(a, b));
    expect(expected.filter(([iou]) => iou === 1).length).toBeGreaterThan(5);
    const { iouLoss, giouLoss, diouLoss, ciouLoss } = metrics;
    [iouLoss, giouLoss, diouLoss, ciouLoss].forEach((f, k) => {
      expect(of(f, s, t)).toEqual(near(expected.map((row) => row[k])));
    });
  });

  test('do not care which axis comes first', () => {
    const turned = ([a, b, c, d]: Box): Box => [b, a, d, c];
    const [s, t] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    const value = of(metrics.ciouLoss, s, t);
    expect(of(metrics.ciouLoss, s.map(turned), t.map(turned))).toEqual(near(value));
  });

  test('refuse what are no boxes', () => {
    leavesNothing(() => {
      expect(() => metrics.giouLoss([[1, 2, 3]], [[1, 2, 3]])).toThrow(
        new RangeError('giouLoss: boxes need 4 numbers along the last axis, got [1, 3]'),
      );
    });
  });
});

describe('embeddings', () => {
  test('triplet takes the farthest of the class and the nearest of the others', () => {
    const points = [0, 1, 2, 3, 4, 5].map((i) => numbers(`point ${i}`, 2));
    const labels = [0, 0, 1, 1, 1, 2];
    const distance = (i: number, j: number) => Math.hypot(...points[i].map((v, k) => v - points[j][k]));
    const expected = labels.map((label, i) => {
      const own = labels.flatMap((l, j) => (l === label && j !== i ? [distance(i, j)] : []));
      const others = labels.flatMap((l, j) => (l !== label ? [distance(i, j)] : []));
      return own.length === 0 ? 0 : Math.max(0, 0.8 + Math.max(...own) - Math.min(...others));
    });
    expect(expected.filter((v) => v > 0).length).toBeGreaterThan(2);
    expect(of((p) => metrics.triplet(labels, p, { margin: 0.8 }), points)).toEqual(near(expected));
    const column = labels.map((label) => [label]);
    expect(of((p) => metrics.triplet(column, p, { margin: 0.8 }), points)).toEqual(near(expected));
  });

  test('tripletMargin compares row by row', () => {
    expect(
      of(
        (a, p, n) => metrics.tripletMargin(a, p, n, { margin: 2 }),
        [
          [0, 0],
          [1, 1],
        ],
        [
          [3, 4],
          [1, 1],
        ],
        [
          [0, 6],
          [9, 1],
        ],
      ),
    ).toEqual(near([1, 0]));
  });

  test('refuse classes that are not one per row', () => {
    leavesNothing(() => {
      const message = 'needs a class per row of embeddings, got yTrue [2] and yPred [1, 2]';
      expect(() => metrics.circle([1, 2], [[1, 0]])).toThrow(new RangeError(`circle: ${message}`));
      expect(() => metrics.triplet([1, 2], [[1, 0]])).toThrow(new RangeError(`triplet: ${message}`));
      expect(() => metrics.tripletMargin([[1]], [[1, 2]], [[1]])).toThrow(
        new RangeError('tripletMargin: anchor and positive need the same shape, got [1, 1] and [1, 2]'),
      );
    });
  });
});

test('weightedCrossEntropyWithLogits weighs what is 1', () => {
  const [z, x] = [
    [1, 0, 0.3],
    [0.7, -1.2, 40],
  ];
  const expected = z.map((t, i) => {
    const [yes, no] = [Math.log1p(Math.exp(-x[i])), Math.log1p(Math.exp(x[i]))];
    return 2.5 * t * yes + (1 - t) * no;
  });
  expect(of((z, x) => weightedCrossEntropyWithLogits(z, x, 2.5), z, x)).toEqual(near(expected));
});

test('smoothL1 is huber over its bend', () => {
  const [t, p] = [[numbers('t', 6)], [numbers('p', 6)]];
  const huber = of((t, p) => metrics.huber(t, p, { delta: 0.5 }), t, p);
  expect(of((t, p) => metrics.smoothL1(t, p, { beta: 0.5 }), t, p)).toEqual(near([huber[0] / 0.5]));
});

describe('options', () => {
  const p = [
    [0.2, 0.3, 0.5],
    [0.6, 0.3, 0.1],
  ];
  const t = [
    [0, 0, 1],
    [0, 1, 0],
  ];
  const turned = (x: number[][]) => x[0].map((_, k) => x.map((row) => row[k]));

  test('label smoothing draws labels towards equal shares', () => {
    const smooth = t.map((row) => row.map((v) => v * 0.9 + 0.1 / 3));
    const { categoricalCrossentropy, binaryCrossentropy } = metrics;
    expect(of((t, p) => categoricalCrossentropy(t, p, { labelSmoothing: 0.1 }), t, p)).toEqual(
      near(of((t, p) => categoricalCrossentropy(t, p), smooth, p)),
    );
    const halves = t.map((row) => row.map((v) => v * 0.9 + 0.05));
    expect(of((t, p) => binaryCrossentropy(t, p, { labelSmoothing: 0.1, fromLogits: true }), t, p)).toEqual(
      near(of((t, p) => binaryCrossentropy(t, p, { fromLogits: true }), halves, p)),
    );
  });

  test('the class axis may be any', () => {
    for (const name of [
      'categoricalCrossentropy',
      'categoricalFocalCrossentropy',
      'binaryFocalCrossentropy',
    ] as const) {
      const expected = of((t, p) => metrics[name](t, p), t, p);
      expect(
        of((t, p) => metrics[name](t, p, { axis: 0 }), turned(t), turned(p)),
        name,
      ).toEqual(near(expected));
    }
    const sparse = of((p) => metrics.sparseCategoricalCrossentropy([2, 1], p, { axis: 0 }), turned(p));
    expect(sparse).toEqual(near([-Math.log(0.5), -Math.log(0.3)]));
  });

  test('out of their range are refused', () => {
    leavesNothing(() => {
      const refused = (f: () => unknown, message: string) => expect(f).toThrow(new RangeError(message));
      refused(() => metrics.huber([0], [0], { delta: 0 }), 'huber: delta must be positive, got 0');
      refused(() => metrics.smoothL1([0], [0], { beta: -1 }), 'smoothL1: beta must be positive, got -1');
      refused(
        () => metrics.binaryCrossentropy([0], [0], { labelSmoothing: 1 }),
        'binaryCrossentropy: labelSmoothing must be in [0, 1), got 1',
      );
      refused(
        () => metrics.binaryFocalCrossentropy([0], [0], { gamma: -1 }),
        'binaryFocalCrossentropy: gamma must be in [0, Infinity), got -1',
      );
      refused(
        () => metrics.categoricalGeneralizedCrossEntropy([0], [[1]], { q: 1 }),
        'categoricalGeneralizedCrossEntropy: q must be in [0, 1), got 1',
      );
      refused(() => metrics.tversky([0], [0], { alpha: -1 }), 'tversky: alpha must be in [0, Infinity), got -1');
      refused(
        () => metrics.topKCategoricalAccuracy([0], [0], { k: 0 }),
        'topKCategoricalAccuracy: k must be a whole number from 1 up, got 0',
      );
    });
  });
});

test('targets of a column fit predictions without one, and the other way round', () => {
  expect(of(metrics.meanSquaredError, [1, 2], [[0], [0]])).toEqual([1, 4]);
  expect(of(metrics.meanSquaredError, [[1], [2]], [0, 0])).toEqual([1, 4]);
});

test('computeWeightedLoss weighs and reduces any of them', () => {
  const value = of((t, p) => losses.computeWeightedLoss(metrics.logCosh(t, p), [1, 0]), [[0], [0]], [[1], [5]]);
  expect(value).toEqual(near([Math.log(Math.cosh(1))]));
});
