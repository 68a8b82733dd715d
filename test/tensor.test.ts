// Tensors: how they are made, read, printed, kept and disposed of; variables.

import { describe, expect, test } from 'vitest';
import { upcastType } from '../src/dtype.js';
import {
  add,
  buffer,
  cast,
  clone,
  div,
  eye,
  fill,
  less,
  linspace,
  mean,
  mul,
  oneHot,
  ones,
  pad,
  range,
  relu,
  reshape,
  scalar,
  sum,
  TensorBuffer,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  transpose,
  where,
  zeros,
} from '../src/ops/index.js';
import * as train from '../src/optimizers/train.js';
import { rand } from '../src/random/index.js';
import { dispose, getTensorsInContainer, keep, scope, tidy } from '../src/scope.js';
import { memory, type Scalar, Tensor } from '../src/tensor.js';
import { disposeVariables, Variable, variable } from '../src/variable.js';
import '../src/ops/methods.js';
import { leavesNothing } from './support/heap.js';

const values = (x: Tensor) => Array.from(x.dataSync());

/** A test in which all tensors are disposed of, and which leaves nothing else. */
const clean = (name: string, f: () => void) => test(name, () => leavesNothing(() => tidy(f)));

describe('tensor', () => {
  clean('takes shape and dtype from nested values', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.shape, x.dtype, x.rank, x.size, x.strides, x.rankType]).toEqual([[2, 3], 'float32', 2, 6, [3], 'R2']);
    expect(values(x)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(tensor(3).shape).toEqual([]);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([new Float32Array([1, 2]), new Float32Array([3, 4])]).shape).toEqual([2, 2]);
  });

  clean('takes the dtype from what values are', () => {
    expect(tensor([true, false]).dtype).toBe('bool');
    expect(tensor(new Float32Array(2)).dtype).toBe('float32');
    expect(tensor(new Float64Array(2)).dtype).toBe('float64');
    expect(tensor(new Int32Array(2)).dtype).toBe('int32');
    expect(tensor(new Uint8Array(2)).dtype).toBe('int32');
  });

  clean('casts values to a dtype that is asked for', () => {
    expect(values(tensor([1.7, -1.7], undefined, 'int32'))).toEqual([1, -1]);
    expect(values(tensor([0, 2, -3], undefined, 'bool'))).toEqual([0, 1, 1]);
    expect(values(tensor([true, false], undefined, 'float32'))).toEqual([1, 0]);
    expect(values(tensor([0.1], undefined, 'float64'))).toEqual([0.1]);
    expect(values(tensor([0.1]))).toEqual([Math.fround(0.1)]);
  });

  clean('has nothing but 0 and 1 in a bool tensor, however it is made', () => {
    for (const value of [5, 0.5, 256, Number.NaN]) expect(values(fill([2], value, 'bool'))).toEqual([1, 1]);
    expect(values(pad(tensor1d([true, false]), [[1, 0]], 3))).toEqual([1, 1, 0]);
    expect(values(oneHot(tensor1d([0], 'int32'), 2, 0.5, 0, 'bool'))).toEqual([1, 0]);
    expect(values(rand([2], () => 256, 'bool'))).toEqual([1, 1]);
  });

  clean('copies: neither the source nor what is read back shows it', () => {
    const source = new Float32Array([1, 2]);
    const x = tensor(source);
    source[0] = 100;
    x.dataSync()[1] = 100;
    expect(values(x)).toEqual([1, 2]);
    const shape = [2, 1];
    const y = tensor(source, shape);
    shape[0] = 100;
    expect(y.shape).toEqual([2, 1]);
  });

  clean('takes a shape for flat values', () => {
    expect(tensor([1, 2, 3, 4], [2, 2]).arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor2d([1, 2], [1, 2]).shape).toEqual([1, 2]);
    expect(tensor([1, 2, 3, 4, 5, 6], [1, 2, 3]).strides).toEqual([6, 3]);
  });

  test.each<[string, () => unknown, ErrorConstructor, RegExp]>([
    ['ragged rows', () => tensor([[1, 2], [3]]), RangeError, /^tensor: Element arr\[1\] should have 2 elements/],
    ['a number among rows', () => tensor([[1], 2]), RangeError, /^tensor: Element arr\[1\] is a primitive/],
    ['a row among numbers', () => tensor([1, [2]]), RangeError, /^tensor: Element arr\[1\] should be a primitive/],
    ['nothing', () => tensor(undefined as never), TypeError, /^tensor: .*non-null/],
    ['null among numbers', () => tensor([1, null as never]), TypeError, /^tensor: .*null/],
    ['strings', () => tensor(['a'] as never), TypeError, /^tensor: .*string/],
    ['an object', () => tensor({} as never), TypeError, /^tensor: /],
    ['big integers', () => tensor(new BigInt64Array(2) as never), TypeError, /^tensor: /],
    ['too few values', () => tensor([1, 2, 3], [2, 2]), RangeError, /^tensor: .*4 values but has 3/],
    ['nested values of another shape', () => tensor([[1, 2, 3, 4]], [2, 2]), RangeError, /^tensor: .*does not match/],
    ['a negative size', () => tensor([], [-1, 0]), RangeError, /^tensor: .*shape \[-1,0\]/],
    ['a fractional size', () => tensor([1], [1.5]), RangeError, /^tensor: /],
    ['an unknown dtype', () => tensor([1], [1], 'float16' as never), TypeError, /^tensor: unknown dtype/],
    ['a vector for a matrix', () => tensor2d([1, 2]), RangeError, /^tensor2d\(\) requires shape/],
    ['a matrix for a vector', () => tensor1d([[1]]), RangeError, /^tensor1d\(\) requires values/],
    ['a shape of another rank', () => tensor3d([1], [1]), RangeError, /^tensor3d\(\) requires shape/],
    ['an array for a scalar', () => scalar([1] as never), TypeError, /Scalar/],
    ['a shape that is none', () => zeros(3 as never), TypeError, /^zeros: /],
    ['an unknown dtype to fill with', () => fill([2], 1, 'float16' as never), TypeError, /^fill: /],
    ['a range that does not move', () => range(0, 1, 0), RangeError, /step of zero/],
    ['a range to nowhere', () => range(0, Number.NaN), RangeError, /^range: stop must be finite/],
    ['a fractional number of points', () => linspace(0, 1, 2.5), RangeError, /^linspace: /],
    ['no points', () => linspace(0, 1, 0), RangeError, /should be positive/],
  ])('refuses %s, and leaves nothing', (_, make, type, message) => {
    leavesNothing(() => {
      expect(make).toThrow(type);
      expect(make).toThrow(message);
    });
  });
});

describe('constants', () => {
  clean('zeros, ones, fill', () => {
    expect(values(zeros([3]))).toEqual([0, 0, 0]);
    expect(values(ones([2], 'int32'))).toEqual([1, 1]);
    expect(values(fill([2], 0.1, 'float64'))).toEqual([0.1, 0.1]);
    expect(fill([2], true).dtype).toBe('bool');
    expect(zeros([2, 0, 3]).size).toBe(0);
    expect(values(ones([]))).toEqual([1]);
  });

  clean('range counts up and down', () => {
    expect(values(range(0, 5))).toEqual([0, 1, 2, 3, 4]);
    expect(values(range(5, 0))).toEqual([5, 4, 3, 2, 1]);
    expect(values(range(0, 5, 2, 'int32'))).toEqual([0, 2, 4]);
    expect(values(range(5, 0, -2))).toEqual([5, 3, 1]);
    expect(values(range(0, 5, -1))).toEqual([]);
  });

  clean('linspace meets both ends', () => {
    expect(values(linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(values(linspace(3, 7, 1))).toEqual([3]);
    expect(values(linspace(0.1, 0.7, 7)).at(-1)).toBe(Math.fround(0.7));
  });

  clean('eye has ones on the diagonal', () => {
    expect(eye(2).arraySync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(eye(2, 3, [2]).shape).toEqual([2, 2, 3]);
    expect(values(eye(1, 2, [2], 'int32'))).toEqual([1, 0, 1, 0]);
  });

  clean('buffer sets elements one by one', () => {
    const b = buffer([2, 3], 'int32');
    b.set(7, 1, 2);
    expect(b).toBeInstanceOf(TensorBuffer);
    expect([b.get(1, 2), b.get(0, 0), b.rank, b.size]).toEqual([7, 0, 2, 6]);
    expect(b.indexToLoc(5)).toEqual([1, 2]);
    expect(b.locToIndex([1, 2])).toBe(5);
    expect(values(b.toTensor())).toEqual([0, 0, 0, 0, 0, 7]);
    expect(new TensorBuffer([2]).toTensor().dtype).toBe('float32');
    expect(() => b.set(1, 0)).toThrow(RangeError);
    expect(() => b.get(2, 0)).toThrow(RangeError);
  });
});

describe('dtypes', () => {
  test.each([
    ['bool', 'bool', 'bool'],
    ['bool', 'int32', 'int32'],
    ['int32', 'float32', 'float32'],
    ['float32', 'float64', 'float64'],
    ['bool', 'float64', 'float64'],
  ] as const)('%s and %s widen to %s', (a, b, wide) => {
    leavesNothing(() =>
      tidy(() => {
        expect([upcastType(a, b), upcastType(b, a)]).toEqual([wide, wide]);
        const [x, y] = [ones([2], a), ones([2], b)];
        // Booleans are counted by arithmetic.
        const numeric = wide === 'bool' ? 'int32' : wide;
        for (const z of [add(x, y), add(y, x)]) expect([z.dtype, ...values(z)]).toEqual([numeric, 2, 2]);
        expect(where([true, false], x, y).dtype).toBe(wide);
      }),
    );
  });

  clean('a plain number beside float64 keeps its full precision', () => {
    const x = scalar(1, 'float64');
    expect(values(mul(x, 0.1))).toEqual([0.1]);
    expect(values(mul(0.1, x))).toEqual([0.1]);
    expect(values(add(x, [0.1]))).toEqual([1.1]);
    expect(values(x.mul(0.1).sub(0.1))).toEqual([0]);
    expect(values(where(true, x.mul(0.1), 0.1))).toEqual([0.1]);
    expect(values(less(x.mul(0.1), 0.1))).toEqual([0]);
    expect(values(div(1, mul(x, 3)))).toEqual([1 / 3]);
  });

  clean('a plain number beside int32 is float32, a typed array what it is', () => {
    expect(add(scalar(1, 'int32'), 1).dtype).toBe('float32');
    expect(add(scalar(1, 'int32'), new Int32Array([1])).dtype).toBe('int32');
    expect(add(scalar(1, 'float64'), new Float32Array([0.1])).dtype).toBe('float64');
    expect(values(add(scalar(0, 'float64'), new Float32Array([0.1])))).toEqual([Math.fround(0.1)]);
  });

  clean('int32 stays whole; sums of booleans count; means are floats', () => {
    expect([relu(tensor1d([-1, 2], 'int32')).dtype, mul(tensor1d([2], 'int32'), scalar(3, 'int32')).dtype]).toEqual([
      'int32',
      'int32',
    ]);
    expect([sum([true, true]).dtype, ...values(sum([true, true]))]).toEqual(['int32', 2]);
    expect([mean(tensor1d([1, 2], 'int32')).dtype, ...values(mean(tensor1d([1, 2], 'int32')))]).toEqual([
      'float32',
      1.5,
    ]);
  });

  clean('cast truncates, saturates, and makes 0 of NaN', () => {
    const x = tensor1d([1.7, -1.7, Number.NaN, 1e20, -1e20]);
    expect(values(cast(x, 'int32'))).toEqual([1, -1, 0, 2 ** 31 - 1, -(2 ** 31)]);
    expect(values(cast(x, 'bool'))).toEqual([1, 1, 1, 1, 1]);
    expect(values(cast(tensor1d([0.1], 'float64'), 'float32'))).toEqual([Math.fround(0.1)]);
    expect(() => cast(x, 'complex64' as never)).toThrow(TypeError);
  });
});

describe('reading', () => {
  test('gives the elements at once and by promise', async () => {
    const x = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    expect(x.dataSync()).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(await x.data()).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(x.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(await x.array()).toEqual(x.arraySync());
    expect(await x.bytes()).toEqual(new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer));
    x.dispose();
  });

  clean('gives booleans as 0 and 1, a scalar as a number', () => {
    expect(tensor1d([true, false]).dataSync()).toEqual(new Uint8Array([1, 0]));
    expect(scalar(3).arraySync()).toBe(3);
    expect(zeros([2, 0]).arraySync()).toEqual([[], []]);
  });
});

describe('toString', () => {
  clean('writes nested brackets under the word Tensor, as TensorFlow.js does', () => {
    expect(scalar(2.5).toString()).toBe('Tensor\n    2.5');
    expect(tensor1d([1, 2, 3]).toString()).toBe('Tensor\n    [1, 2, 3]');
    expect(
      tensor2d([
        [1, 2],
        [3, 40],
      ]).toString(),
    ).toBe('Tensor\n    [[1, 2 ],\n     [3, 40]]');
    expect(tensor3d([1, 2, 3, 4], [2, 1, 2]).toString()).toBe('Tensor\n    [[[1, 2]],\n\n     [[3, 4]]]');
    expect(tensor1d([true, false]).toString()).toBe('Tensor\n    [true, false]');
    expect(tensor1d([]).toString()).toBe('Tensor\n    []');
  });

  clean('cuts long axes to their ends', () => {
    expect(range(0, 30).toString()).toBe('Tensor\n    [0, 1, 2, ..., 27, 28, 29]');
  });

  clean('rounds to seven digits', () => {
    expect(scalar(0.1).toString()).toBe('Tensor\n    0.1');
    expect(scalar(1 / 3).toString()).toBe('Tensor\n    0.3333333');
    expect(tensor1d([Number.NaN, Infinity, -Infinity]).toString()).toBe('Tensor\n    [NaN, Infinity, -Infinity]');
  });

  clean('names dtype, rank and shape if verbose', () => {
    expect(tensor2d([[1, 2]]).toString(true)).toBe(
      'Tensor\n  dtype: float32\n  rank: 2\n  shape: [1,2]\n  values:\n    [[1, 2]]',
    );
  });
});

describe('memory', () => {
  test('counts tensors, the blocks they share, and bytes', () => {
    leavesNothing(() => {
      const before = memory();
      const x = zeros([10]);
      const y = reshape(x, [2, 5]);
      const z = zeros([10], 'bool');
      const now = memory();
      expect(now.numTensors - before.numTensors).toBe(3);
      expect(now.numDataBuffers - before.numDataBuffers).toBe(2);
      expect(now.numBytes - before.numBytes).toBe(50);
      expect(now.heapBytes).toBeGreaterThan(0);
      x.dispose();
      expect(values(y)).toEqual(new Array(10).fill(0));
      expect(memory().numDataBuffers - before.numDataBuffers).toBe(2);
      dispose([y, z]);
    });
  });

  test('runs out with a RangeError that says of what, and all is as before', () => {
    leavesNothing(() => {
      expect(() => zeros([65536, 65536])).toThrow(RangeError);
      expect(() => zeros([65536, 65536])).toThrow(/^out of memory: 16384 MiB for \[65536, 65536\] float32;/);
      expect(() => tidy(() => zeros([65536, 65536]))).toThrow(/^out of memory/);
      const x = scalar(2);
      const y = mul(x, 3);
      expect(values(y)).toEqual([6]);
      dispose([x, y]);
    });
  });
});

describe('dispose', () => {
  clean('frees once, however often it is called', () => {
    const x = scalar(1);
    const { numTensors } = memory();
    x.dispose();
    x.dispose();
    expect([memory().numTensors, x.isDisposed]).toEqual([numTensors - 1, true]);
  });

  clean('makes every use an error', () => {
    const x = scalar(1);
    x.dispose();
    for (const use of [
      () => x.dataSync(),
      () => x.arraySync(),
      () => x.toString(),
      () => add(x, 1),
      () => x.relu(),
      () => clone(x),
      () => x.reshape([1]),
      () => variable(x),
    ]) {
      expect(use).toThrow('Tensor is disposed.');
    }
  });

  clean('takes containers', () => {
    const [a, b, c] = [scalar(1), scalar(2), scalar(3)];
    dispose({ a, list: [b, { c }], other: 'x', none: null });
    expect([a, b, c].every((x) => x.isDisposed)).toBe(true);
  });

  clean('works by using', () => {
    let x: Tensor;
    {
      using y = scalar(1);
      x = y;
    }
    expect(x.isDisposed).toBe(true);
  });
});

describe('getTensorsInContainer', () => {
  clean('finds each tensor once, through cycles', () => {
    const x = scalar(1);
    const container: Record<string, unknown> = { x, again: [x, { x }], text: 'x', values: new Float32Array(2) };
    container.self = container;
    expect(getTensorsInContainer(container)).toEqual([x]);
    expect(getTensorsInContainer(x)).toEqual([x]);
    expect(getTensorsInContainer(null)).toEqual([]);
    // As programs for TensorFlow.js do.
    expect(getTensorsInContainer(Object.assign([], { kernel: [x] }))).toEqual([x]);
  });
});

describe('tidy', () => {
  test('disposes of what was made inside and not returned', () => {
    leavesNothing(() => {
      let inner: Tensor | undefined;
      const y = tidy(() => {
        inner = scalar(2);
        return mul(inner, 3);
      });
      expect([inner?.isDisposed, y.isDisposed]).toEqual([true, false]);
      y.dispose();
    });
  });

  clean('returns tensors in any container', () => {
    const { list, name } = tidy(() => ({ list: [scalar(1), { x: scalar(2) }], name: 'kept' }));
    expect(getTensorsInContainer(list).map((x) => values(x))).toEqual([[1], [2]]);
    expect(name).toBe('kept');
  });

  test('nests: what an inner one returns belongs to the outer one', () => {
    leavesNothing(() => {
      let y: Tensor | undefined;
      tidy(() => {
        y = tidy(() => scalar(1));
        expect(y.isDisposed).toBe(false);
      });
      expect(y?.isDisposed).toBe(true);
    });
  });

  test('leaves what was made outside, kept tensors and variables', () => {
    leavesNothing(() => {
      const x = scalar(1);
      const [kept, v] = tidy(() => [keep(scalar(2)), variable(scalar(3))]);
      tidy(() => [x, kept]);
      expect([x.isDisposed, kept.isDisposed, v.isDisposed]).toEqual([false, false, false]);
      dispose([x, kept, v]);
    });
  });

  test('cleans up after an error', () => {
    leavesNothing(() => {
      expect(() =>
        tidy(() => {
          scalar(1);
          tidy(() => {
            scalar(2);
            throw new Error('mine');
          });
        }),
      ).toThrow('mine');
    });
  });

  test('takes a name first, refuses promises and what is no function', () => {
    leavesNothing(() => {
      expect(tidy('name', () => 3)).toBe(3);
      expect(() => tidy('name')).toThrow(TypeError);
      expect(() => tidy(3 as never)).toThrow(TypeError);
      expect(() => tidy(async () => scalar(1).dispose())).toThrow('tidy: Cannot return a Promise inside of tidy.');
    });
  });
});

test('scope disposes of what was made in its block, but for what was kept', () => {
  leavesNothing(() => {
    let [x, y]: (Tensor | undefined)[] = [];
    {
      using _ = scope();
      x = scalar(1);
      y = keep(scalar(2));
    }
    expect([x.isDisposed, y.isDisposed]).toEqual([true, false]);
    y.dispose();
    expect(() => keep(3 as never)).toThrow(TypeError);
  });
});

describe('variable', () => {
  test('has the elements of its initial value, and outlives it', () => {
    leavesNothing(() => {
      const x = tensor1d([1, 2]);
      const v = variable(x, false, 'v');
      x.dispose();
      expect(v).toBeInstanceOf(Variable);
      expect([v.name, v.trainable, v.dtype, v.shape, values(v)]).toEqual(['v', false, 'float32', [2], [1, 2]]);
      v.dispose();
    });
  });

  test('casts to a dtype that is asked for', () => {
    leavesNothing(() => {
      const x = tensor1d([1.5, 2]);
      const v = variable(x, true, undefined, 'int32');
      expect([v.dtype, ...values(v)]).toEqual(['int32', 1, 2]);
      dispose([x, v]);
      const y = tensor1d([0.5, 0, 1e20, Number.NaN]);
      for (const dtype of ['bool', 'int32', 'float64'] as const) {
        const [u, expected] = [variable(y, true, undefined, dtype), y.cast(dtype)];
        expect(values(u)).toEqual(values(expected));
        dispose([u, expected]);
      }
      y.dispose();
    });
  });

  test('assign replaces the elements, and neither clones nor the source follow', () => {
    leavesNothing(() => {
      const v = tidy(() => variable(tensor1d([1, 2])));
      const copy = clone(v);
      const x = tensor1d([3, 4]);
      v.assign(x);
      expect([values(v), values(copy), values(x)]).toEqual([
        [3, 4],
        [1, 2],
        [3, 4],
      ]);
      v.assign(v);
      expect(v.read()).toBe(v);
      expect(values(v)).toEqual([3, 4]);
      disposeVariables();
      dispose([copy, x]);
    });
  });

  test('assign refuses another shape or dtype, and disposed tensors', () => {
    tidy(() => {
      const v = variable(tensor1d([1, 2]), true, 'v');
      const gone = tensor1d([1, 2]);
      gone.dispose();
      leavesNothing(() => {
        const wrong = tidy(() => keep(tensor1d([1, 2], 'int32')));
        expect(() => v.assign(wrong as never)).toThrow(TypeError);
        expect(() => tidy(() => v.assign(tensor1d([1]) as never))).toThrow(RangeError);
        expect(() => tidy(() => v.assign(tensor2d([[1, 2]]) as never))).toThrow(RangeError);
        expect(() => v.assign(gone as never)).toThrow('Tensor is disposed.');
        wrong.dispose();
      });
      expect(values(v)).toEqual([1, 2]);
      v.dispose();
      expect(() => tidy(() => v.assign(tensor1d([1, 2]) as never))).toThrow('Tensor is disposed.');
    });
  });

  test('has a name of its own, free again once it is disposed of', () => {
    leavesNothing(() => {
      const x = scalar(1);
      const v = variable(x, true, 'once');
      const before = memory().numTensors;
      expect(() => variable(x, true, 'once')).toThrow(RangeError);
      expect(() => variable(x, true, 'once', 'int32')).toThrow(RangeError);
      expect(memory().numTensors).toBe(before);
      v.dispose();
      variable(x, true, 'once').dispose();
      const [a, b] = [variable(x), variable(x)];
      expect(a.name).not.toBe(b.name);
      disposeVariables();
      expect([a.isDisposed, b.isDisposed]).toEqual([true, true]);
      x.dispose();
    });
  });

  test('refuses an initial value that is no tensor, and unknown dtypes', () => {
    leavesNothing(() => {
      expect(() => variable(3 as never)).toThrow(TypeError);
      expect(() => tidy(() => variable(scalar(1), true, 'x', 'float16' as never))).toThrow(TypeError);
    });
  });

  test('an update in place leaves clones, initial values and reshaped views alone', () => {
    leavesNothing(() => {
      const x = scalar(5);
      const v = variable(x, true, 'w');
      const before = clone(v);
      const view = reshape(v, [1]);
      using sgd = train.sgd(0.5);
      sgd.minimize(() => mul(v, v) as Scalar);
      expect([values(v), values(x), values(before), values(view)]).toEqual([[0], [5], [5], [5]]);
      dispose([x, v, before, view]);
    });
  });
});

test('methods are ops with the tensor in front', () => {
  leavesNothing(() =>
    tidy(() => {
      const x = tensor2d([
        [1, 2],
        [3, 4],
      ]);
      expect(values(x.add(1).mul(2))).toEqual([4, 6, 8, 10]);
      expect(values(x.transpose())).toEqual(values(transpose(x)));
      expect(values(x.where([[true, false]], 0))).toEqual([1, 0, 3, 0]);
      expect(x).toBeInstanceOf(Tensor);
    }),
  );
});
