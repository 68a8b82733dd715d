// grad and its kin, and GradientTape: what they return, what they refuse, and that they leave nothing behind.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { customGrad, GradientTape, grad, grads, valueAndGrad, valueAndGrads, variableGrads } from '../src/autodiff.js';
import { add, cast, mul, neg, scalar, square, sum, tensor1d, tensor2d } from '../src/ops/index.js';
import '../src/ops/methods.js';
import { dispose, keep, tidy } from '../src/scope.js';
import { isRecording } from '../src/tape.js';
import { memory, type Scalar, Tensor } from '../src/tensor.js';
import { disposeVariables, variable } from '../src/variable.js';
import { alive, leavesNothing } from './support/heap.js';

const values = (x: Tensor | null) => x && Array.from(x.dataSync());
const cube = (x: Tensor): Tensor => mul(x, mul(x, x));
const total = (x: Tensor): Scalar => sum(x);

/** Runs `f` and checks that nothing lives afterwards that did not before, the tensors it returns aside. */
const tidied = (f: () => void) => leavesNothing(() => tidy(f));

let before: ReturnType<typeof alive>;
beforeEach(() => {
  before = alive();
});
afterEach(() => {
  disposeVariables();
  expect(isRecording()).toBe(false);
  // A later gradient works, whatever the test did.
  tidied(() => expect(values(grad((x) => mul(x, x))(scalar(3)))).toEqual([6]));
});

describe('grad', () => {
  test('gives the derivative at a tensor, a number or an array', () => {
    tidied(() => {
      expect(values(grad(cube)(scalar(2)))).toEqual([12]);
      expect(values(grad(cube)(2))).toEqual([12]);
      expect(values(grad(cube)([1, 2, 3]))).toEqual([3, 12, 27]);
    });
  });

  test('takes the cotangent of f(x) as a second argument', () => {
    tidied(() => {
      expect(values(grad(cube)(tensor1d([1, 2]), tensor1d([10, 100])))).toEqual([30, 1200]);
      expect(values(grad(cube)([1, 2], [10, 100]))).toEqual([30, 1200]);
      expect(values(grad(cube)([1, 2], null))).toEqual([3, 12]);
    });
  });

  test('keeps the dtype of x', () => {
    tidied(() => {
      expect(grad(cube)(scalar(2, 'float64')).dtype).toBe('float64');
      expect(grad((x) => cast(x, 'float64'))(scalar(2)).dtype).toBe('float32');
    });
  });

  test('adds up the cotangents of several uses', () => {
    tidied(() => expect(values(grad((x) => add(add(x, x), mul(x, x)))(scalar(3)))).toEqual([8]));
  });

  test('is 1 for a function that returns its argument', () => {
    tidied(() => expect(values(grad((x) => x)(scalar(3)))).toEqual([1]));
  });

  test('is 0 where the derivative is, which is not the same as no path', () => {
    tidied(() => expect(values(grad((x) => mul(x, 0))(scalar(3)))).toEqual([0]));
  });

  test('nests', () => {
    tidied(() => {
      expect(values(grad(grad(cube))(scalar(2)))).toEqual([12]);
      expect(values(grad(grad(grad(cube)))(scalar(2)))).toEqual([6]);
      // d/dx (x · d/dy (x y)) = d/dx x²
      expect(values(grad((x) => mul(x, grad((y) => mul(x, y))(scalar(5))))(scalar(3)))).toEqual([6]);
    });
  });

  test('sees through tidy', () => {
    tidied(() => expect(values(grad((x) => tidy(() => cube(tidy(() => mul(x, 2)))))(scalar(1)))).toEqual([24]));
  });

  test('reads what f disposed of', () => {
    tidied(() => {
      const f = (x: Tensor) => {
        const y = mul(x, x);
        const z = mul(y, y);
        y.dispose();
        return z;
      };
      expect(values(grad(f)(scalar(2)))).toEqual([32]);
    });
  });

  test('leaves only the gradient', () => {
    const x = scalar(2);
    const { numTensors } = memory();
    const dx = grad((x) => cube(cube(x)))(x);
    expect(memory().numTensors).toBe(numTensors + 1);
    dispose([x, dx]);
    expect(alive()).toEqual(before);
  });

  test('does not dispose of what f kept', () => {
    let kept: Tensor | undefined;
    const dx = grad((x) => {
      kept = keep(mul(x, x));
      return kept;
    })(3);
    expect(values(kept!)).toEqual([9]);
    dispose([dx, kept!]);
    expect(alive()).toEqual(before);
  });
});

describe('grads', () => {
  test('gives one derivative per argument', () => {
    tidied(() => expect(grads(mul)([scalar(2), scalar(5)]).map(values)).toEqual([[5], [2]]));
    tidied(() => expect(grads(mul)([2, [5, 6]]).map(values)).toEqual([[11], [2, 2]]));
  });

  test('takes a cotangent', () => {
    tidied(() =>
      expect(
        grads(mul)(
          [
            [1, 2],
            [5, 6],
          ],
          [1, 10],
        ).map(values),
      ).toEqual([
        [5, 60],
        [1, 20],
      ]),
    );
  });

  test('gives both derivatives for a tensor that is passed twice', () => {
    tidied(() => {
      const x = scalar(3);
      expect(grads((a, b) => add(mul(a, 2), b))([x, scalar(3)]).map(values)).toEqual([[2], [1]]);
    });
  });
});

describe('valueAndGrad and valueAndGrads', () => {
  test('give the value, too', () => {
    tidied(() => {
      const { value, grad } = valueAndGrad(cube)(scalar(2));
      expect([values(value), values(grad)]).toEqual([[8], [12]]);
      const all = valueAndGrads(mul)([2, 5]);
      expect([values(all.value), ...all.grads.map(values)]).toEqual([[10], [5], [2]]);
    });
  });
});

describe('variableGrads', () => {
  test('gives gradients by the names of the trainable variables that were read', () => {
    tidied(() => {
      const a = variable(scalar(2), true, 'a');
      const b = variable(scalar(5), true, 'b');
      const frozen = variable(scalar(7), false, 'frozen');
      variable(scalar(1), true, 'unread');
      const { value, grads } = variableGrads(() => mul(frozen, mul(a, b)));
      expect(values(value)).toEqual([70]);
      expect(Object.keys(grads)).toEqual(['a', 'b']);
      expect([values(grads.a), values(grads.b)]).toEqual([[35], [14]]);
      disposeVariables();
    });
  });

  test('takes a list of variables, null for those that were not reached', () => {
    tidied(() => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => variable(scalar(2), true, name));
      const { grads } = variableGrads(() => mul(a, b), [a, c]);
      expect(values(grads.a)).toEqual([2]);
      expect(grads.c).toBe(null);
      expect(Object.keys(grads)).toEqual(['a', 'c']);
      disposeVariables();
    });
  });

  test('copes with a loss that is a variable itself, and leaves it alone', () => {
    tidied(() => {
      const w = variable(scalar(2), true, 'w');
      const { value, grads } = variableGrads(() => w);
      expect(values(grads.w)).toEqual([1]);
      value.dispose();
      expect(w.isDisposed).toBe(false);
      disposeVariables();
    });
  });

  test('leaves only the value and the gradients', () => {
    const w = variable(scalar(2), true, 'w');
    const { numTensors } = memory();
    const found = variableGrads(() => total(cube(w)));
    expect(memory().numTensors).toBe(numTensors + 2);
    dispose([found.value, found.grads]);
    expect(memory().numTensors).toBe(numTensors);
  });
});

describe('customGrad', () => {
  test('replaces the gradient of what it wraps', () => {
    tidied(() => {
      const f = customGrad((x: Tensor) => ({ value: square(x), gradFunc: (dy: Tensor) => mul(dy, 100) }));
      expect(values(grad((x) => mul(f(x), 2))(scalar(3)))).toEqual([200]);
      expect(values(f(scalar(3)))).toEqual([9]);
    });
  });

  test('hands saved tensors to gradFunc, whatever tidy disposes of', () => {
    tidied(() => {
      const f = customGrad((x: Tensor, save: (xs: Tensor[]) => void) => {
        const doubled = mul(x, 2);
        save([doubled]);
        return { value: cube(x), gradFunc: (dy: Tensor, [saved]: Tensor[]) => mul(dy, saved) };
      });
      expect(values(grad(f)(scalar(3)))).toEqual([6]);
    });
  });

  test('gives all inputs their gradients from one call', () => {
    tidied(() => {
      let calls = 0;
      const f = customGrad((a: Tensor, b: Tensor) => ({
        value: mul(a, b),
        gradFunc: (dy: Tensor) => {
          calls++;
          return [mul(dy, 3), mul(dy, 4)];
        },
      }));
      expect(grads(f)([1, 2]).map(values)).toEqual([[3], [4]]);
      expect(calls).toBe(1);
    });
  });

  test('is differentiated again through gradFunc', () => {
    tidied(() => {
      const f = customGrad((x: Tensor, save: (xs: Tensor[]) => void) => {
        save([x]);
        return { value: cube(x), gradFunc: (dy: Tensor, [x]: Tensor[]) => mul(dy, mul(mul(x, x), 3)) };
      });
      expect(values(grad(grad(f))(scalar(2)))).toEqual([12]);
    });
  });

  test('leaves only its value where no tape is open', () => {
    const f = customGrad((x: Tensor, save: (xs: Tensor[]) => void) => {
      save([mul(x, 2)]);
      return { value: cube(x), gradFunc: (dy: Tensor) => dy };
    });
    const x = scalar(2);
    const { numTensors } = memory();
    const y = f(x);
    expect(memory().numTensors).toBe(numTensors + 1);
    dispose([x, y]);
    expect(alive()).toEqual(before);
  });

  test.each([
    ['a gradient too few', () => [], RangeError, /same number of tensors as inputs/],
    ['a gradient of another shape', () => scalar(1), RangeError, /needs its shape \[2\], got \[\]/],
    ['a gradient of another dtype', (dy: Tensor) => cast(dy, 'float64'), TypeError, /float32, got float64/],
    ['no tensor', () => [1 as unknown as Tensor], TypeError, /only tensors/],
  ])('refuses %s', (_, gradFunc, type, message) => {
    tidied(() => {
      const f = customGrad((x: Tensor) => ({ value: square(x), gradFunc: gradFunc as (dy: Tensor) => Tensor }));
      const differentiate = () => grad(f)([1, 2]);
      expect(differentiate).toThrow(type);
      expect(differentiate).toThrow(message);
    });
  });

  test('refuses a function that returns no value or no gradFunc, and inputs that are no tensors', () => {
    tidied(() => {
      expect(() => customGrad((() => ({ gradFunc: neg })) as never)(scalar(1))).toThrow(/`obj.value` is a tensor/);
      expect(() => customGrad(((x: Tensor) => ({ value: x })) as never)(scalar(1))).toThrow(/is a function/);
      expect(() => customGrad((x: Tensor) => ({ value: x, gradFunc: (dy: Tensor) => dy }))(3 as never)).toThrow(
        TypeError,
      );
    });
  });
});

describe('GradientTape', () => {
  test('gives gradients in the form of the sources', () => {
    tidied(() => {
      const [a, b] = [scalar(2), scalar(5)];
      using tape = new GradientTape({ persistent: true });
      tape.watch([a, b]);
      const y = mul(a, b);
      expect(values(tape.gradient(y, a))).toEqual([5]);
      expect(tape.gradient(y, [a, b]).map(values)).toEqual([[5], [2]]);
      const named = tape.gradient(y, { a, b });
      expect([values(named.a), values(named.b)]).toEqual([[5], [2]]);
    });
  });

  test('gives null where nothing leads from a source to the target', () => {
    tidied(() => {
      const [a, b] = [scalar(2), scalar(5)];
      using tape = new GradientTape({ persistent: true });
      tape.watch([a, b]);
      const y = mul(a, a);
      expect(tape.gradient(y, { a, b }).b).toBe(null);
      expect(tape.gradient(scalar(1), a)).toBe(null);
    });
  });

  test('does not record what is not watched', () => {
    tidied(() => {
      const x = scalar(2);
      using tape = new GradientTape({ persistent: true });
      const early = mul(x, x);
      tape.watch(x);
      const y = mul(x, early);
      expect(tape.gradient(early, x)).toBe(null);
      expect(values(tape.gradient(y, x))).toEqual([4]);
    });
  });

  test('watches trainable variables by itself, unless told not to', () => {
    tidied(() => {
      const w = variable(scalar(3), true, 'w');
      const frozen = variable(scalar(3), false, 'frozen');
      {
        using tape = new GradientTape({ persistent: true });
        const y = mul(w, mul(w, frozen));
        expect(tape.watchedVariables()).toEqual([w]);
        expect(tape.gradient(y, [w, frozen]).map(values)).toEqual([[18], null]);
      }
      using tape = new GradientTape({ watchAccessedVariables: false });
      expect(tape.gradient(mul(w, w), w)).toBe(null);
      disposeVariables();
    });
  });

  test('weighs the target by outputGradients', () => {
    tidied(() => {
      const x = tensor1d([1, 2]);
      using tape = new GradientTape();
      tape.watch(x);
      expect(values(tape.gradient(square(x), x, tensor1d([10, 100])))).toEqual([20, 400]);
    });
  });

  test('stops recording by stop, and during stopRecording', () => {
    tidied(() => {
      const x = scalar(2);
      using tape = new GradientTape({ persistent: true });
      tape.watch(x);
      const unseen = tape.stopRecording(() => mul(x, x));
      const seen = mul(x, unseen);
      tape.stop();
      const after = mul(seen, x);
      expect(tape.gradient(unseen, x)).toBe(null);
      expect(values(tape.gradient(seen, x))).toEqual([4]);
      expect(tape.gradient(after, x)).toBe(null);
      expect(tape.stopRecording(() => isRecording())).toBe(false);
      expect(isRecording()).toBe(false);
    });
  });

  test('records again after stopRecording threw', () => {
    tidied(() => {
      const x = scalar(2);
      using tape = new GradientTape();
      tape.watch(x);
      expect(() =>
        tape.stopRecording(() => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
      expect(values(tape.gradient(mul(x, x), x))).toEqual([4]);
    });
  });

  test('gives gradients once, unless persistent', () => {
    tidied(() => {
      const x = scalar(2);
      const tape = new GradientTape();
      tape.watch(x);
      const y = mul(x, x);
      tape.gradient(y, x);
      expect(() => tape.gradient(y, x)).toThrow(/GradientTape.gradient: .* persistent/);
    });
  });

  test('takes two derivatives of one recording', () => {
    tidied(() => {
      const x = scalar(2);
      using tape = new GradientTape({ persistent: true });
      tape.watch(x);
      const y = mul(x, x);
      const z = mul(y, y);
      expect(values(tape.gradient(z, x))).toEqual([32]);
      expect(values(tape.gradient(y, x))).toEqual([4]);
      expect(values(tape.gradient(z, y))).toEqual([8]);
    });
  });

  test('nests: an outer tape differentiates the gradient of an inner one', () => {
    tidied(() => {
      const x = scalar(2);
      using outer = new GradientTape();
      outer.watch(x);
      using inner = new GradientTape();
      inner.watch(x);
      const dy = inner.gradient(cube(x), x)!;
      expect(values(dy)).toEqual([12]);
      expect(values(outer.gradient(dy, x))).toEqual([12]);
    });
  });

  test('lets go of what it held when it is disposed of', () => {
    const x = scalar(2);
    const tape = new GradientTape({ persistent: true });
    tape.watch(x);
    tidy(() => {
      cube(cube(x));
    });
    expect(memory().numTensors).toBe(before.numTensors + 1);
    // The recording pins blocks that tidy would have freed.
    expect(memory().numDataBuffers).toBeGreaterThan(before.numDataBuffers + 1);
    tape.dispose();
    tape.dispose();
    x.dispose();
    expect(alive()).toEqual(before);
  });

  test('uses the value of a variable that was read, not the one assigned since', () => {
    tidied(() => {
      const w = variable(scalar(3), true, 'w');
      using tape = new GradientTape({ persistent: true });
      const y = mul(w, w);
      w.assign(scalar(100));
      expect(values(tape.gradient(y, w))).toEqual([6]);
      expect(values(tape.gradient(y, w))).toEqual([6]);
      disposeVariables();
    });
  });

  test('reads what was disposed of after it was recorded, even the sources', () => {
    tidied(() => {
      const x = scalar(3);
      const w = variable(scalar(2), true, 'w');
      using tape = new GradientTape({ persistent: true });
      tape.watch(x);
      const y = mul(w, mul(x, x));
      x.dispose();
      w.dispose();
      expect(tape.gradient(y, [x, w]).map(values)).toEqual([[12], [9]]);
    });
  });

  test.each([
    ['a target that is no tensor', (t: GradientTape, x: Tensor) => t.gradient(3 as never, x), TypeError, /target/],
    ['sources that are no tensors', (t: GradientTape, x: Tensor) => t.gradient(x, [3 as never]), TypeError, /sources/],
    [
      'cotangents of another shape',
      (t: GradientTape, x: Tensor) => t.gradient(x, x, scalar(1)),
      RangeError,
      /shape \[2\]/,
    ],
    [
      'cotangents of another dtype',
      (t: GradientTape, x: Tensor) => t.gradient(x, x, tensor1d([1, 2], 'float64')),
      TypeError,
      /float32, got float64/,
    ],
    [
      'disposed cotangents',
      (t: GradientTape, x: Tensor) => {
        const dy = tensor1d([1, 2]);
        dy.dispose();
        return t.gradient(x, x, dy);
      },
      Error,
      /disposed/,
    ],
    ['watching what is no tensor', (t: GradientTape) => t.watch(3 as never), TypeError, /GradientTape.watch/],
  ])('refuses %s, and goes on', (_, act, type, message) => {
    tidied(() => {
      const x = tensor1d([1, 2]);
      using tape = new GradientTape();
      tape.watch(x);
      const y = mul(x, x);
      const { numTensors } = memory();
      expect(() => tidy(() => void act(tape, x))).toThrow(type);
      expect(() => tidy(() => void act(tape, x))).toThrow(message);
      expect(memory().numTensors).toBe(numTensors);
      expect(values(tape.gradient(y, x))).toEqual([2, 4]);
    });
  });
});

describe('an error leaves tensors, scopes and tapes as they were:', () => {
  const disposed = () => {
    const x = scalar(1);
    x.dispose();
    return x;
  };
  const failing = (..._: Tensor[]): never => {
    throw new Error('mine');
  };

  test.each<[string, () => unknown, ErrorConstructor, RegExp]>([
    ['grad of no function', () => grad(3 as never), TypeError, /grad\(f\) must be a function/],
    ['grads of no function', () => grads(3 as never), TypeError, /grads\(f\) must be a function/],
    ['valueAndGrad of no function', () => valueAndGrad(3 as never), TypeError, /must be a function/],
    ['valueAndGrads of no function', () => valueAndGrads(3 as never), TypeError, /must be a function/],
    ['variableGrads of no function', () => variableGrads(3 as never), TypeError, /must be a function/],
    ['customGrad of no function', () => customGrad(3 as never), TypeError, /must be a function/],
    ['a disconnected function', () => grad(() => scalar(1))(2), Error, /Cannot compute gradient of y=f\(x\)/],
    ['a disposed argument', () => grad(cube)(disposed()), Error, /disposed/],
    ['a disposed tensor in f', () => grad((x) => mul(x, disposed()))(1), Error, /disposed/],
    ['an f that throws', () => grad((x) => failing(cube(x)))(1), Error, /mine/],
    ['an f that throws in another', () => grad((x) => grad((y) => failing(mul(x, y)))(x))(1), Error, /mine/],
    ['an f that returns no tensor', () => grad((() => 3) as never)(1), TypeError, /must be a tensor/],
    ['an argument that is no tensor', () => grad(cube)('a' as never), TypeError, /tf.grad/],
    ['arguments that are no array', () => grads(mul)(scalar(1) as never), TypeError, /must be an array/],
    ['a cotangent of another shape', () => grad(cube)([1, 2], [1]), RangeError, /must match the shape/],
    ['a cotangent of another dtype', () => grad(cube)([1, 2], tensor1d([1, 2], 'float64')), TypeError, /float64/],
    ['a loss that is no scalar', () => variableGrads((() => mul(weight(), [1, 2])) as never), RangeError, /scalar/],
    ['a loss without variables', () => variableGrads(() => mul(2, 3)), Error, /Cannot find a connection/],
    [
      'variables that are none',
      () => variableGrads(() => mul(weight(), 1), [scalar(1) as never]),
      TypeError,
      /varList/,
    ],
    ['no trainable variable', () => variableGrads(() => mul(2, 3), [weight(false)]), RangeError, /trainable/],
    [
      'a gradFunc that throws',
      () => grad(customGrad((x: Tensor) => ({ value: cube(x), gradFunc: (): Tensor => failing() })))(1),
      Error,
      /mine/,
    ],
  ])('%s', (_, act, type, message) => {
    leavesNothing(() => {
      expect(() => tidy(() => void act())).toThrow(type);
      expect(() => tidy(() => void act())).toThrow(message);
      disposeVariables();
    });
    expect(isRecording()).toBe(false);
    // No scope was left open: a tensor made now is not disposed of by anything.
    const outside = scalar(1);
    tidy(() => {});
    expect(outside.isDisposed).toBe(false);
    outside.dispose();
  });

  const weight = (trainable = true) => variable(scalar(1), trainable);
});

test('matrices: the gradient of a least-squares loss', () => {
  tidied(() => {
    const x = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const y = tensor2d([[1], [2]]);
    const w = variable(tensor2d([[1], [1]]), true, 'w');
    const { grads } = variableGrads(() => total(square(x.matMul<Tensor>(w).sub(y))));
    // 2 xᵀ (x w − y), with x w − y = [2, 5]
    expect(values(grads.w)).toEqual([34, 48]);
    expect(w).toBeInstanceOf(Tensor);
    disposeVariables();
  });
});
