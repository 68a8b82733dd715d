// Reductions against plain JavaScript, over random shapes and axes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/autodiff.js';
import {
  all,
  any,
  argMax,
  argMin,
  cumprod,
  cumsum,
  logSumExp,
  max,
  mean,
  min,
  moments,
  norm,
  prod,
  sum,
  tensor,
  zeros,
} from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { reducedShape, type Shape, sizeOf } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { groups, ROUND } from '../support/naive.js';
import { seeded } from '../support/sample.js';
import { shapes } from '../support/shapes.js';

const values = (x: Tensor) => Array.from(x.dataSync());
const plus = (v: readonly number[]) => v.reduce((a, b) => a + b, 0);
const average = (v: readonly number[]) => plus(v) / v.length;
const normal = (n: number, seed = 'normal') => {
  const random = seeded(seed);
  return Array.from({ length: n }, () => random() * 4 - 2);
};

/** A shape without empty axes, some of its axes, and small whole numbers, whose sums and products are exact. */
const reduced = shapes(5, 3, 1).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray(shape.map((_, i) => i)),
    keepDims: fc.boolean(),
    values: fc.array(fc.integer({ min: -2, max: 3 }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) }),
  }),
);

type Reduction = (x: Tensor, axes: number[], keepDims: boolean) => Tensor;

const exact: [string, Reduction, (v: number[]) => number][] = [
  ['sum', sum, plus],
  ['prod', prod, (v) => v.reduce((a, b) => a * b, 1)],
  ['max', max, (v) => Math.max(...v)],
  ['min', min, (v) => Math.min(...v)],
];
const rounded: [string, Reduction, (v: number[]) => number][] = [
  ['mean', mean, average],
  ['logSumExp', logSumExp, (v) => Math.log(plus(v.map(Math.exp)))],
  ['the variance', (x, a, k) => moments(x, a, k).variance, (v) => average(v.map((x) => (x - average(v)) ** 2))],
  ['the mean', (x, a, k) => moments(x, a, k).mean, average],
];

describe.each(exact)('%s', (_, op, naive) => {
  test.each(['float32', 'float64', 'int32'] as const)('of %s is that of each group', (dtype) => {
    fc.assert(
      fc.property(reduced, ({ shape, axes, keepDims, values: given }) => {
        tidy(() => {
          const y = op(tensor(given, shape, dtype), axes, keepDims);
          expect([y.shape, y.dtype]).toEqual([reducedShape(shape, axes, keepDims), dtype]);
          expect(values(y).map((v) => v + 0)).toEqual(groups(given, shape, axes).map((v) => naive(v) + 0));
        });
      }),
    );
  });
});

describe.each(rounded)('%s', (_, op, naive) => {
  test('is that of each group', () => {
    fc.assert(
      fc.property(reduced, ({ shape, axes, keepDims, values: given }) => {
        tidy(() => {
          const y = op(tensor(given, shape, 'float64'), axes, keepDims);
          expect(y.shape).toEqual(reducedShape(shape, axes, keepDims));
          const expected = groups(given, shape, axes).map(naive);
          values(y).forEach((v, i) => {
            expect(v).toBeCloseTo(expected[i], 10);
          });
        });
      }),
    );
  });
});

test('any and all are those of each group', () => {
  fc.assert(
    fc.property(reduced, ({ shape, axes, keepDims, values: given }) => {
      tidy(() => {
        const x = tensor(given, shape, 'bool');
        const truths = groups(given, shape, axes).map((v) => v.map(Boolean));
        expect(values(any(x, axes, keepDims))).toEqual(truths.map((v) => +v.includes(true)));
        expect(values(all(x, axes, keepDims))).toEqual(truths.map((v) => +!v.includes(false)));
        expect(all(x, axes, keepDims).shape).toEqual(reducedShape(shape, axes, keepDims));
      });
    }),
  );
});

test('argMax and argMin are the first place of the extreme', () => {
  fc.assert(
    fc.property(reduced, fc.nat(4), ({ shape, values: given }, pick) => {
      if (shape.length === 0) return;
      const axis = pick % shape.length;
      tidy(() => {
        const x = tensor(given, shape);
        const rows = groups(given, shape, [axis]);
        expect(values(argMax(x, axis))).toEqual(rows.map((v) => v.indexOf(Math.max(...v))));
        expect(values(argMin(x, axis - shape.length))).toEqual(rows.map((v) => v.indexOf(Math.min(...v))));
      });
    }),
  );
});

describe('NaN among many rows and columns', () => {
  // More rows than a strip, columns that fill no vector, equal extremes, and a first element that is no number.
  const [rows, columns] = [150, 37];
  const at = (r: number, c: number) =>
    c === 5 && r === 0 ? NaN : (r * 7 + c) % 11 === 3 ? NaN : ((r * 31 + c * 17) % 23) - 11;
  const given = Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
  const firstBeyond = (v: number[], beats: (a: number, b: number) => boolean) =>
    v.reduce((best, x, i) => (beats(x, v[best]!) ? i : best), 0);

  test.each(['float32', 'float64'] as const)('counts for nothing in argMax and argMin of %s', (dtype) => {
    tidy(() => {
      const x = tensor(given, [rows, columns], dtype);
      for (const axis of [0, 1]) {
        const each = groups(given, [rows, columns], [axis]);
        expect(values(argMax(x, axis))).toEqual(each.map((v) => firstBeyond(v, (a, b) => a > b)));
        expect(values(argMin(x, axis))).toEqual(each.map((v) => firstBeyond(v, (a, b) => a < b)));
      }
    });
  });

  test.each(['float32', 'float64'] as const)('wins in max and min of %s', (dtype) => {
    tidy(() => {
      for (const place of [0, 1, 4, 36, 37 * 100 + 20, rows * columns - 1]) {
        const one = given.map((v, i) => (i === place ? NaN : Number.isNaN(v) ? 0 : v));
        const x = tensor(one, [rows, columns], dtype);
        for (const axis of [0, 1, undefined]) {
          const each = groups(one, [rows, columns], axis === undefined ? [0, 1] : [axis]);
          expect(values(max(x, axis))).toEqual(each.map((v) => Math.max(...v)));
          expect(values(min(x, axis))).toEqual(each.map((v) => Math.min(...v)));
        }
      }
    });
  });
});

describe.each([
  ['cumsum', cumsum, (a: number, b: number) => a + b, 0],
  ['cumprod', cumprod, (a: number, b: number) => a * b, 1],
] as const)('%s', (_, op, next, first) => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('adds up along an axis (exclusive %s, reverse %s)', (exclusive, reverse) => {
    fc.assert(
      fc.property(reduced, fc.nat(4), ({ shape, values: given }, pick) => {
        if (shape.length === 0) return;
        const axis = pick % shape.length;
        const running = (row: number[]): number[] => {
          let total: number = first;
          return row.map((v) => {
            const before = total;
            total = next(total, v);
            return exclusive ? before : total;
          });
        };
        tidy(() => {
          const y = op(tensor(given, shape), axis, exclusive, reverse);
          const rows = groups(given, shape, [axis]).map((row) =>
            reverse ? running(row.reverse()).reverse() : running(row),
          );
          expect(y.shape).toEqual(shape);
          expect(groups(values(y), shape, [axis]).map((row) => row.map((v) => v + 0))).toEqual(
            rows.map((row) => row.map((v) => v + 0)),
          );
        });
      }),
    );
  });
});

describe('a sum has one documented order:', () => {
  const lanes = { float32: 4, float64: 2 } as const;

  /** A block of a row: four vectors take turns, and meet as ((a + b) + (c + d)), their lanes pairwise. */
  function block(row: readonly number[], width: number, round: (x: number) => number): number {
    const vectors = Array.from({ length: 4 }, () => new Array<number>(width).fill(0));
    const whole = Math.floor(row.length / (4 * width)) * 4 * width;
    row.forEach((v, i) => {
      const isTail = i >= Math.floor(row.length / width) * width;
      const turn = i < whole ? Math.floor(i / width) % 4 : isTail ? 1 : 0;
      vectors[turn][i % width] = round(vectors[turn][i % width] + v);
    });
    const [a, b, c, d] = vectors;
    const fold = a.map((_, i) => round(round(a[i] + b[i]) + round(c[i] + d[i])));
    const pairs = fold.filter((_, i) => i % 2 === 0).map((v, i) => round(v + fold[2 * i + 1]));
    return pairs.length === 1 ? pairs[0] : round(pairs[0] + pairs[1]);
  }

  describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
    const round = ROUND[dtype];

    test.each<[Shape, number]>([
      [[1000, 3], 0],
      [[1000, 17], 0],
      [[2, 300, 5], 1],
    ])('over axis of %j (%d), that of the naive loop, bit for bit', (shape, axis) => {
      tidy(() => {
        const given = normal(sizeOf(shape)).map(round);
        const expected = groups(given, shape, [axis]).map((v) => v.reduce((a, b) => round(a + b), 0));
        expect(values(sum(tensor(given, shape, dtype), axis))).toEqual(expected);
      });
    });

    test.each([1, 3, 4, 15, 16, 33, 100, 511, 512, 513, 1030, 5000])(
      'along a row of %d, that of blocks of 512',
      (n) => {
        tidy(() => {
          const given = normal(n).map(round);
          const parts = Array.from({ length: Math.ceil(n / 512) }, (_, i) =>
            block(given.slice(i * 512, i * 512 + 512), lanes[dtype], round),
          );
          const expected = round(parts.reduce((a, b) => a + b));
          expect(values(sum(tensor(given, [n], dtype)))).toEqual([expected]);
          expect(values(sum(tensor(given, [1, n], dtype), 1))).toEqual([expected]);
        });
      },
    );
  });

  test('over a million elements, the error stays small', () => {
    tidy(() => {
      const given = Float32Array.from(normal(1 << 20), (v) => v + 2.5);
      const expected = given.reduce((a: number, b) => a + b, 0);
      expect(Math.abs(values(sum(tensor(given)))[0] / expected - 1)).toBeLessThan(1e-6);
    });
  });
});

describe('norm', () => {
  const x = [
    [1, -2, 3],
    [-4, 5, -6],
  ];
  test.each<[number | 'euclidean' | 'fro', number | number[] | null, number | number[]]>([
    ['euclidean', null, Math.sqrt(91)],
    ['fro', [0, 1], Math.sqrt(91)],
    [1, null, 21],
    [1, 0, [5, 7, 9]],
    [2, 1, [Math.sqrt(14), Math.sqrt(77)]],
    [3, 0, [65 ** (1 / 3), 133 ** (1 / 3), 243 ** (1 / 3)]],
    [Infinity, 1, [3, 6]],
    [-Infinity, 0, [1, 2, 3]],
    // Over two axes: the greatest column sum, and the greatest and least row sum.
    [1, [0, 1], 9],
    [Infinity, [0, 1], 15],
    [-Infinity, [0, 1], 6],
    // With the axes the other way round rows are columns.
    [1, [1, 0], 15],
    [Infinity, [1, 0], 9],
  ])('%s over %j is %j', (ord, axis, expected) => {
    tidy(() => {
      const y = norm(tensor(x, undefined, 'float64'), ord, axis);
      expect(values(y)).toHaveLength([expected].flat().length);
      values(y).forEach((v, i) => {
        expect(v).toBeCloseTo([expected].flat()[i], 10);
      });
    });
  });
});

describe('extremes of what is not ordinary', () => {
  test('NaN wins, infinities count, an empty sum is 0 and an empty product 1', () => {
    tidy(() => {
      expect(values(max([1, Number.NaN, 3]))).toEqual([Number.NaN]);
      expect(values(min([1, Number.NaN, 3]))).toEqual([Number.NaN]);
      expect(values(max([-Infinity, -Infinity]))).toEqual([-Infinity]);
      expect(values(sum([]))).toEqual([0]);
      expect(values(prod([]))).toEqual([1]);
      expect(values(mean([]))).toEqual([Number.NaN]);
      expect(values(sum(tensor([], [0, 2]), 0))).toEqual([0, 0]);
      expect(values(sum(tensor([], [2, 0]), 0))).toEqual([]);
    });
  });

  test('the gradient of a product of nothing is nothing', () => {
    tidy(() => {
      for (const axis of [0, 1]) expect(grad((x) => prod(x, axis))(zeros([0, 3])).shape).toEqual([0, 3]);
    });
  });

  test('logSumExp neither overflows nor underflows', () => {
    tidy(() => {
      expect(values(logSumExp([1000, 1000]))[0]).toBeCloseTo(1000 + Math.LN2, 3);
      expect(values(logSumExp([-1000, -1000]))[0]).toBeCloseTo(-1000 + Math.LN2, 3);
      expect(values(logSumExp([-Infinity, 0]))).toEqual([0]);
    });
  });
});
