// Elementwise ops on random broadcastable shapes against a naive index walk, and mixed and odd operands.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  clipByValue,
  div,
  divNoNan,
  equal,
  floorDiv,
  greater,
  less,
  maximum,
  minimum,
  mod,
  mul,
  prelu,
  relu,
  relu6,
  round,
  sign,
  squaredDifference,
  step,
  sub,
  tensor,
  tensor1d,
  where,
} from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { type Shape, sizeOf } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { placeOf, ROUND } from '../support/naive.js';
import { seeded } from '../support/sample.js';
import { broadcastable, indicesOf } from '../support/shapes.js';

const values = (x: Tensor) => Array.from(x.dataSync());

/** Quarters from −2 to 2, without 0. */
const quarters = (shape: Shape, seed: string) => {
  const random = seeded(seed);
  return Array.from({ length: sizeOf(shape) }, () => Math.floor(random() * 8 + 1) * (random() < 0.5 ? -0.25 : 0.25));
};

const binary: [string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number][] = [
  ['add', add, (a, b) => a + b],
  ['sub', sub, (a, b) => a - b],
  ['mul', mul, (a, b) => a * b],
  ['div', div, (a, b) => a / b],
  ['divNoNan', divNoNan, (a, b) => a / b],
  ['floorDiv', floorDiv, (a, b) => Math.floor(a / b)],
  ['mod', mod, (a, b) => a - b * Math.floor(a / b)],
  ['maximum', maximum, Math.max],
  ['minimum', minimum, Math.min],
  ['squaredDifference', squaredDifference, (a, b) => (a - b) ** 2],
  ['less', less, (a, b) => +(a < b)],
  ['greater', greater, (a, b) => +(a > b)],
  ['equal', equal, (a, b) => +(a === b)],
  ['where', (a, b) => where(greater(a, 0), a, b), (a, b) => (a > 0 ? a : b)],
  ['prelu', prelu, (a, b) => (a > 0 ? a : a * b)],
];

describe.each(binary)('%s broadcasts as a naive walk does', (name, op, naive) => {
  test.each(['float32', 'float64'] as const)('%s', (dtype) => {
    fc.assert(
      fc.property(broadcastable(6, 3), ({ a, b, shape }) => {
        tidy(() => {
          const [x, y] = [quarters(a, `${name} a`), quarters(b, `${name} b`)];
          const z = op(tensor(x, a, dtype), tensor(y, b, dtype));
          expect(z.shape).toEqual(shape);
          const expected = indicesOf(shape).map((index) => naive(x[placeOf(index, a)], y[placeOf(index, b)]));
          // −0 and 0 are equal here.
          expect(values(z).map((v) => v + 0)).toEqual(expected.map((v) => ROUND[dtype](v) + 0));
        });
      }),
    );
  });
});

test('where broadcasts all three of its arguments', () => {
  fc.assert(
    fc.property(broadcastable(4, 3), ({ a, b, shape }) => {
      tidy(() => {
        const [x, y, c] = [quarters(a, 'a'), quarters(b, 'b'), quarters(a, 'c')];
        const z = where(greater(tensor(c, a), 0), tensor(y, b), tensor(x, a));
        expect(z.shape).toEqual(shape);
        expect(values(z)).toEqual(
          indicesOf(shape).map((index) => (c[placeOf(index, a)] > 0 ? y[placeOf(index, b)] : x[placeOf(index, a)])),
        );
      });
    }),
  );
});

describe('int32', () => {
  const int = (...v: number[]) => tensor1d(v, 'int32');

  test('division and remainder round down, as in TensorFlow.js and Python', () => {
    tidy(() => {
      expect(values(div(int(7, -7, 7, -7), int(2, 2, -2, -2)))).toEqual([3, -4, -4, 3]);
      expect(values(floorDiv(int(7, -7, 7, -7), int(2, 2, -2, -2)))).toEqual([3, -4, -4, 3]);
      expect(values(mod(int(7, -7, 7, -7), int(3, 3, -3, -3)))).toEqual([1, 2, -2, -1]);
    });
  });

  test('division by 0 and of the least by −1 does not trap', () => {
    tidy(() => {
      for (const op of [div, floorDiv, mod]) {
        expect(() => op(int(1, 0, -1), int(0, 0, 0))).not.toThrow();
        expect(() => op(int(-(2 ** 31)), int(-1))).not.toThrow();
      }
    });
  });

  test('wraps around, as 32-bit integers do', () => {
    tidy(() => {
      expect(values(add(int(2 ** 31 - 1), int(1)))).toEqual([-(2 ** 31)]);
      expect(values(mul(int(65536), int(65537)))).toEqual([65536]);
    });
  });

  test('unary ops that keep it', () => {
    tidy(() => {
      expect(values(relu(int(-3, 0, 3)))).toEqual([0, 0, 3]);
      expect(values(relu6(int(-3, 3, 9)))).toEqual([0, 3, 6]);
      expect(values(sign(int(-3, 0, 3)))).toEqual([-1, 0, 1]);
      expect(values(clipByValue(int(-3, 0, 3), -1, 2))).toEqual([-1, 0, 2]);
      for (const y of [relu(int(1)), sign(int(1)), clipByValue(int(1), 0, 1), round(int(1))]) {
        expect(y.dtype).toBe('int32');
      }
    });
  });
});

describe('what is not ordinary', () => {
  const { NaN: nan } = Number;

  test('NaN goes through extremes and clipping, and equals nothing', () => {
    tidy(() => {
      expect(values(maximum([nan, 1], [1, nan]))).toEqual([nan, nan]);
      expect(values(minimum([nan, 1], [1, nan]))).toEqual([nan, nan]);
      expect(values(equal([nan], [nan]))).toEqual([0]);
      expect(values(clipByValue([nan, Infinity, -Infinity], 0, 1))).toEqual([nan, 1, 0]);
      expect(values(relu([nan]))).toEqual([nan]);
      expect(values(step([nan, -1, 0, 1], 0.5))).toEqual([nan, 0.5, 0.5, 1]);
      expect(values(sign([nan, -2, 0, 2]))).toEqual([nan, -1, 0, 1]);
    });
  });

  test('divNoNan is 0 over 0', () => {
    tidy(() => expect(values(divNoNan([1, 0, 4], [0, 0, 2]))).toEqual([0, 0, 2]));
  });

  test('round takes halves to the even one', () => {
    tidy(() => expect(values(round([0.5, 1.5, 2.5, -0.5, -1.5])).map((v) => v + 0)).toEqual([0, 2, 2, 0, -2]));
  });
});
