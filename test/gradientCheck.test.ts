import '../src/ops/methods.js';
import { describe, expect, test } from 'vitest';
import { customGrad, grad, grads } from '../src/autodiff.js';
import { gradientCheck } from '../src/gradient-check.js';
import {
  add,
  gather,
  matMul,
  mul,
  relu,
  scalar,
  sin,
  softmax,
  square,
  sum,
  tensor1d,
  tensor2d,
} from '../src/ops/index.js';
import { dropout } from '../src/random/dropout.js';
import { dispose, tidy } from '../src/scope.js';
import type { Tensor } from '../src/tensor.js';
import { variable } from '../src/variable.js';
import { leavesNothing } from './support/heap.js';

const list = (x: Tensor): number[] => Array.from(x.dataSync());

/** x³ with a derivative that is wrong by a factor at one place. */
const crooked = (place: number, factor: number) =>
  customGrad((x: Tensor, save: (xs: Tensor[]) => void) => {
    save([x]);
    return {
      value: mul(square(x), x),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const slope = mul(square(saved[0]), 3).dataSync();
        slope[place] *= factor;
        return mul(dy, tensor1d(slope as Float64Array));
      },
    };
  });

describe('gradientCheck', () => {
  test('passes what is right, with both gradients in float64', () => {
    const x = tensor1d([0.5, -1, 2]);
    const { passes, relative, absolute, analytic, numeric } = gradientCheck((x) => mul(sin(x), x), x);
    expect(passes).toBe(true);
    expect(relative.error).toBeLessThan(1e-9);
    expect(absolute.error).toBeLessThan(1e-9);
    expect([analytic.dtype, numeric.dtype]).toEqual(['float64', 'float64']);
    const expected = list(x).map((v) => Math.cos(v) * v + Math.sin(v));
    list(analytic).forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i], 13);
    });
    list(numeric).forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i], 8);
    });
    dispose([x, analytic, numeric]);
  });

  test('says where the largest errors are, and how large', () => {
    tidy(() => {
      const check = gradientCheck((x) => crooked(1, 0.5)(x), [1, 2, 3]);
      expect(check.passes).toBe(false);
      expect(check.relative).toMatchObject({ input: 'x', index: [1], analytic: 6 });
      expect(check.relative.error).toBeCloseTo(0.5, 8);
      expect(check.absolute.error).toBeCloseTo(6, 7);
      expect(check.absolute.numeric).toBeCloseTo(12, 7);
      // Another element has the larger difference for its size than by itself.
      const other = gradientCheck(
        (x, y) => add(sum(crooked(0, 2)(x)), sum(crooked(1, 1.01)(y))),
        [tensor1d([0.1]), tensor1d([1, 100])],
      );
      expect(other.relative).toMatchObject({ input: 'x0', index: [0] });
      expect(other.absolute).toMatchObject({ input: 'x1', index: [1] });
    });
  });

  test('gives coordinates in matrices', () => {
    tidy(() => {
      const wrong = customGrad((x: Tensor) => ({
        value: square(x),
        gradFunc: (dy: Tensor) =>
          mul(
            dy,
            tensor2d(
              [
                [2, 4, 6],
                [8, 10, 13],
              ],
              [2, 3],
              'float64',
            ),
          ),
      }));
      const { relative } = gradientCheck(
        (x) => wrong(x),
        tensor2d([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      );
      expect(relative).toMatchObject({ index: [1, 2], analytic: 13 });
    });
  });

  test('takes several tensors as arguments or by name, and gives gradients in their form', () => {
    tidy(() => {
      const [a, b] = [tensor2d([[1, 2]]), tensor2d([[3], [4]])];
      const several = gradientCheck((a, b) => matMul(a, b), [a, b]);
      expect(several.analytic.map(list)).toEqual([
        [3, 4],
        [1, 2],
      ]);
      const named = gradientCheck(({ weight, input }) => matMul(input, weight), { weight: b, input: a });
      expect(list(named.analytic.weight)).toEqual([1, 2]);
      expect(named.numeric.input.shape).toEqual([1, 2]);
      expect(named.relative.input).toMatch(/weight|input/);
    });
  });

  test('leaves whole numbers as they are', () => {
    tidy(() => {
      const { passes, analytic } = gradientCheck(({ x, i }) => square(gather(x, i)), {
        x: [1, 2, 3],
        i: tensor1d([2, 2], 'int32'),
      });
      expect(passes).toBe(true);
      expect(list(analytic.x)).toEqual([0, 0, 12]);
      expect(list(analytic.i)).toEqual([0, 0]);
    });
  });

  test('weighs the elements of f by dy: without it the sum of a softmax would tell nothing', () => {
    tidy(() => {
      const x = [0.1, 0.7, -0.3];
      const dy = [1, 2, 4];
      const { passes, analytic } = gradientCheck((x) => softmax(x), x, { dy });
      expect(passes).toBe(true);
      const expected = list(grad((x) => softmax(x))(tensor1d(x, 'float64'), tensor1d(dy, 'float64')));
      expect(list(analytic)).toEqual(expected);
    });
  });

  test('does not call rounding an error where the derivative is 0', () => {
    tidy(() => {
      const check = gradientCheck((x) => softmax(x), [3, 1, 2]);
      expect(check.passes).toBe(true);
      expect(check.relative.error).toBe(0);
      expect(list(check.numeric).some((g) => g !== 0)).toBe(true);
    });
  });

  test('fails where nothing leads from an input that f reads another way', () => {
    tidy(() => {
      const check = gradientCheck((x) => mul(x, x.dataSync()[0]), [3]);
      expect(check).toMatchObject({ passes: false, relative: { analytic: 3 } });
      expect(check.relative.numeric).toBeCloseTo(6, 8);
    });
  });

  test('fails at a bend, and for what is not a number', () => {
    tidy(() => {
      expect(gradientCheck((x) => relu(x), [0]).passes).toBe(false);
      const broken = gradientCheck((x) => mul(x, Number.NaN), [1]);
      expect(broken).toMatchObject({ passes: false, relative: { error: Infinity } });
    });
  });

  test('has no errors where there are no numbers', () => {
    tidy(() => {
      expect(gradientCheck((x) => sum(x), tensor1d([]))).toMatchObject({ passes: true, relative: { error: 0 } });
    });
  });

  test('follows epsilon and tolerance', () => {
    tidy(() => {
      // The error of the difference is ε² · f‴ / 6, that is ε² here.
      const cube = (x: Tensor) => mul(square(x), x);
      expect(gradientCheck(cube, [1], { epsilon: 0.1 }).absolute.error).toBeCloseTo(0.01, 10);
      expect(gradientCheck(cube, [1], { epsilon: 0.1 }).passes).toBe(false);
      expect(gradientCheck(cube, [1], { epsilon: 0.1, tolerance: 0.01 }).passes).toBe(true);
      // Steps grow with the number.
      expect(gradientCheck(cube, [1000]).passes).toBe(true);
    });
  });

  test('agrees with grads about variables that f is given', () => {
    const w = variable(scalar(3));
    tidy(() => {
      const { analytic } = gradientCheck((w) => square(w), w);
      expect(list(analytic)).toEqual(list(grads((w) => square(w))([w])[0]));
    });
    w.dispose();
  });

  test('leaves the gradients behind and nothing else', () => {
    leavesNothing(() => {
      const x = tensor1d([1, 2]);
      const { analytic, numeric } = gradientCheck((x) => sin(x), x);
      dispose([x, analytic, numeric]);
    });
  });

  test.each([
    ['no function', 3, [1], {}, new TypeError('gradientCheck: needs a function, got number')],
    [
      'what is no tensor',
      (x: Tensor) => x,
      null,
      {},
      new TypeError("Argument 'x' passed to 'gradientCheck' must be a Tensor or TensorLike, but got 'null'"),
    ],
    [
      'no floats',
      (x: Tensor) => x,
      Int32Array.of(1),
      {},
      new TypeError('gradientCheck: needs floats to differentiate by, got none'),
    ],
    ['no result', () => 3, [1], {}, new TypeError('gradientCheck: f must return a tensor, got number')],
    [
      'a whole result',
      (x: Tensor) => x.toInt(),
      [1],
      {},
      new TypeError('gradientCheck: f must return floats, got int32'),
    ],
    [
      'a cotangent of another shape',
      (x: Tensor) => x,
      [1, 2],
      { dy: [1] },
      new RangeError('gradientCheck: dy needs the shape of f(x), [2], got [1]'),
    ],
    [
      'epsilon 0',
      (x: Tensor) => x,
      [1],
      { epsilon: 0 },
      new RangeError('gradientCheck: epsilon must be positive, got 0'),
    ],
    [
      'a negative tolerance',
      (x: Tensor) => x,
      [1],
      { tolerance: -1 },
      new RangeError('gradientCheck: tolerance must be positive, got -1'),
    ],
  ])('refuses %s', (_, f, x, options, error) => {
    leavesNothing(() => {
      expect(() => gradientCheck(f as never, x as never, options)).toThrow(error);
    });
  });

  test('refuses a function with chance in it', () => {
    // The stream of random numbers stays once it is there.
    dropout([1], 0.5).dispose();
    leavesNothing(() => {
      expect(() =>
        gradientCheck(
          (x) => sum(dropout(x, 0.5)),
          Array.from({ length: 100 }, (_, i) => i + 0.1),
        ),
      ).toThrow(/^gradientCheck: f must give the same value each time, got \S+ and \S+$/);
    });
  });
});
