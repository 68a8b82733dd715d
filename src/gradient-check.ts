// Gradients by rule against gradients by differences: what finds the mistake in a layer or a loss of one's own.

import { checkPositive } from './check.js';
import { convert, inferDtype, type TensorLike } from './convert.js';
import { isFloat, type TypedArray } from './dtype.js';
import { type ArgumentsOf, type EachOf, type Inputs, partsOf } from './inputs.js';
import { mul, sum } from './ops/index.js';
import { tidy } from './scope.js';
import { type Shape, sameShape, showShape, stridesOf } from './shape.js';
import { Tape } from './tape.js';
import { fromData, Tensor } from './tensor.js';

/** How {@link gradientCheck} compares. */
export interface GradientCheckOptions {
  /** How far each number is moved both ways, times its own size where that is above 1; 1e-5 if absent. */
  epsilon?: number;
  /** The largest relative error that passes; 1e-6 if absent. */
  tolerance?: number;
  /** The cotangent of f(x), of its shape; all ones if absent. */
  dy?: Tensor | TensorLike;
}

/** An error of a gradient, and where it is. */
export interface GradientError {
  /** How large it is. */
  error: number;
  /** The input's name: `x`, or `x0`, `x1` and so on in an array. */
  input: string;
  /** The coordinates of the number. */
  index: number[];
  /** The derivative by rule. */
  analytic: number;
  /** The derivative by differences. */
  numeric: number;
}

/** What {@link gradientCheck} found. */
export interface GradientCheck<X = Inputs> {
  /** Whether the largest relative error is within the tolerance. */
  passes: boolean;
  /** The largest |analytic − numeric| / max(|analytic|, |numeric|), but for errors that rounding alone may make. */
  relative: GradientError;
  /** The largest |analytic − numeric|. */
  absolute: GradientError;
  /** The gradients by rule, in float64 and in the form of x; 0 for inputs that are no floats. */
  analytic: EachOf<X, Tensor>;
  /** The gradients by differences. */
  numeric: EachOf<X, Tensor>;
}

/**
 * Compares the gradients of f with central differences, (f(x + ε) − f(x − ε)) / 2ε, number by number. All is computed in
 * float64, in which x is given to f; an f that goes by way of float32 has the errors of float32. For an f that returns
 * more than a number, it is the gradient of sum(f(x) · dy).
 *
 * Where f bends (relu at 0) differences mean nothing. An error below what the rounding of f(x ± ε) to float64 explains,
 * 10 · 2⁻⁵² · |f| / ε, is no relative error: a derivative of 0 would else always be wrong.
 *
 * @param f - a function of tensors, made of ops; it must give the same value each time
 * @param x - one tensor; an array of tensors, which become the arguments of f; or an object, which becomes its one
 *   argument. What is no float stays as it is
 * @returns the largest errors and where they are, and both gradients: tensors, to be disposed of
 * @throws TypeError if f is no function or returns no floats, or no input is of floats; RangeError if epsilon or
 *   tolerance is not positive, dy has another shape than f(x), or f gives another value the second time
 * @example
 * const check = gradientCheck((x) => x.sin().mul(x).sum(), tensor1d([0.5, 1, 2]));
 * check.passes;  // true
 * check.analytic.print();  // [0.9182168, 1.3817733, 0.0770038]
 *
 * // A gradient with a mistake: that of x³ is 3x².
 * const cube = customGrad((x, save) => {
 *   save([x]);
 *   return { value: x.pow(3), gradFunc: (dy, [x]) => dy.mul(x.square().mul(2)) };
 * });
 * const { passes, relative } = gradientCheck((x) => cube(x), tensor1d([1, 2]));
 * passes;  // false
 * relative.error;  // 0.3333333
 */
export function gradientCheck<X extends Inputs>(
  f: (...args: ArgumentsOf<X>) => Tensor,
  x: X,
  { epsilon = 1e-5, tolerance = 1e-6, dy }: GradientCheckOptions = {},
): GradientCheck<X> {
  if (typeof f !== 'function') throw new TypeError(`gradientCheck: needs a function, got ${typeof f}`);
  checkPositive(epsilon, 'epsilon', 'gradientCheck');
  checkPositive(tolerance, 'tolerance', 'gradientCheck');
  const { names, values, pack, call } = partsOf(x);
  return tidy(() => {
    const inputs = values.map((value, i) => {
      // Plain numbers are float32 elsewhere.
      const isNumbers = !(value instanceof Tensor) && inferDtype(value) === 'float32';
      const input = convert(value, names[i]!, 'gradientCheck', isNumbers ? 'float64' : undefined);
      return isFloat(input.dtype) ? fromData(input.dataSync(), input.shape, 'float64') : input;
    });
    if (!inputs.some(({ dtype }) => isFloat(dtype))) {
      throw new TypeError('gradientCheck: needs floats to differentiate by, got none');
    }

    /** Σ f · dy, as a tensor. */
    const weighted = (tensors: readonly Tensor[]): Tensor => {
      const y = call(f, tensors);
      if (!(y instanceof Tensor)) throw new TypeError(`gradientCheck: f must return a tensor, got ${typeof y}`);
      if (!isFloat(y.dtype)) throw new TypeError(`gradientCheck: f must return floats, got ${y.dtype}`);
      if (dy === undefined) return sum(y);
      const $dy = convert(dy, 'dy', 'gradientCheck', y.dtype);
      if (!sameShape($dy.shape, y.shape)) {
        throw new RangeError(
          `gradientCheck: dy needs the shape of f(x), ${showShape(y.shape)}, got ${showShape($dy.shape)}`,
        );
      }
      return sum(mul(y, $dy));
    };
    const valueAt = (tensors: readonly Tensor[]): number => tidy(() => weighted(tensors).dataSync()[0]!);

    const value = valueAt(inputs);
    const again = valueAt(inputs);
    if (!Object.is(value, again)) {
      throw new RangeError(`gradientCheck: f must give the same value each time, got ${value} and ${again}`);
    }

    const analytic = gradientsByRule(weighted, inputs);
    let relative: GradientError | undefined;
    let absolute: GradientError | undefined;
    const numeric = inputs.map((input, i) => {
      const at = input.dataSync();
      const slopes = new Float64Array(input.size);
      if (!isFloat(input.dtype)) return slopes;
      at.forEach((number, j) => {
        // The step that is made, where x + ε is rounded.
        const step = number + epsilon * Math.max(1, Math.abs(number)) - number;
        const near = (moved: number): number =>
          tidy(() => {
            const copy = at.slice();
            copy[j] = moved;
            const other = fromData(copy, input.shape, 'float64');
            return valueAt(inputs.map((x) => (x === input ? other : x)));
          });
        const [above, below] = [near(number + step), near(number - step)];
        slopes[j] = (above - below) / (2 * step);

        const [byRule, byDifference] = [analytic[i]![j]!, slopes[j]!];
        const size = Math.max(Math.abs(byRule), Math.abs(byDifference));
        const error = Math.abs(byRule - byDifference);
        const rounding = (10 * Number.EPSILON * Math.max(Math.abs(above), Math.abs(below))) / step;
        const found = (error: number): GradientError => ({
          error,
          input: names[i]!,
          index: coordinatesOf(j, input.shape),
          analytic: byRule,
          numeric: byDifference,
        });
        // NaN is an error as large as any.
        const isGreater = (error: number, than: GradientError | undefined) => !(than && error <= than.error);
        if (isGreater(error, absolute)) absolute = found(Number.isNaN(error) ? Infinity : error);
        const share = error <= rounding ? 0 : error / size;
        if (isGreater(share, relative)) relative = found(Number.isNaN(share) ? Infinity : share);
      });
      return slopes;
    });
    const none: GradientError = { error: 0, input: names[0]!, index: [], analytic: 0, numeric: 0 };
    const tensors = (lists: readonly TypedArray[]) =>
      pack(lists.map((list, i) => fromData(list, inputs[i]!.shape, 'float64'))) as EachOf<X, Tensor>;
    return {
      passes: !relative || relative.error <= tolerance,
      relative: relative ?? none,
      absolute: absolute ?? none,
      analytic: tensors(analytic),
      numeric: tensors(numeric),
    };
  });
}

/** The gradients of a scalar, as numbers; 0 where nothing leads from an input to it. */
function gradientsByRule(f: (xs: readonly Tensor[]) => Tensor, xs: readonly Tensor[]): TypedArray[] {
  const tape = new Tape();
  try {
    return tidy(() => {
      for (const x of xs) if (isFloat(x.dtype)) tape.watch(x);
      tape.start();
      const y = f(xs);
      tape.stop();
      const floats = xs.filter((x) => isFloat(x.dtype));
      const gradients = tape.gradient(y, floats);
      return xs.map((x) => gradients[floats.indexOf(x)]?.dataSync() ?? new Float64Array(x.size));
    });
  } finally {
    tape.close();
  }
}

/** Where the element lies that is the nth in row-major order. */
const coordinatesOf = (n: number, shape: Shape): number[] =>
  stridesOf(shape).map((stride, axis) => Math.floor(n / stride) % shape[axis]!);
