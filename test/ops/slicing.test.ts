import { describe, expect, test } from 'vitest';
import '../../src/ops/methods.js';
import {
  range,
  reverse2d,
  scalar,
  slice,
  slice2d,
  split,
  stridedSlice,
  tensor1d,
  tensor2d,
  unstack,
  zeros,
} from '../../src/ops/index.js';
import { type Shape, sameShape } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { gone } from '../support/gone.js';
import { leavesNothing } from '../support/heap.js';

const cube = (): Tensor => range(0, 24).reshape([2, 3, 4]);

/** Values of an op whose tensors all go. */
const of = (f: () => Tensor) => gone(() => f().arraySync());

describe('slice', () => {
  test('takes a block of neighbours', () => {
    expect(of(() => slice(cube(), [1, 0, 2], [1, 2, 2]))).toEqual([
      [
        [14, 15],
        [18, 19],
      ],
    ]);
  });

  test('fills in what is missing: from the first, to the last', () => {
    expect(of(() => slice(cube(), 1))).toEqual(of(() => slice(cube(), [1, 0, 0], [1, 3, 4])));
    expect(of(() => slice(cube(), [0, 2], [1]))).toEqual([[[8, 9, 10, 11]]]);
    expect(of(() => cube().slice([1, 2, 3]))).toEqual([[[23]]]);
  });

  test('may be empty', () => {
    expect(gone(() => slice(cube(), 2).shape)).toEqual([0, 3, 4]);
  });

  test('keeps the dtype', () => {
    expect(of(() => slice(tensor1d([true, false, true]), 1))).toEqual([0, 1]);
    expect(gone(() => slice(tensor1d([1, 2], 'int32'), 1).dtype)).toBe('int32');
    expect(of(() => slice(new Float64Array([1, 1e-300]), 1))).toEqual([1e-300]);
  });

  test('says in a sentence what is wrong', () => {
    const x = zeros([2, 3]);
    leavesNothing(() => {
      expect(() => slice(x, [0, 2], [1, 2])).toThrow(
        new RangeError('Error in slice2D: begin[1] + size[1] (4) would overflow input.shape[1] (3)'),
      );
      expect(() => slice(x, [0, 0, 0])).toThrow(
        new RangeError('Error in slice2D: Length of begin 0,0,0 must match the rank of the array (2).'),
      );
      expect(() => slice(x, -1)).toThrow(new RangeError('slice() does not support negative begin indexing.'));
      expect(() => slice(x, 0, -2)).toThrow(
        new RangeError('Negative size values should be exactly -1 but got -2 for the slice() size at index 0.'),
      );
      expect(() => slice(x, 0.5)).toThrow(TypeError);
      expect(() => slice(2, 0)).toThrow(new RangeError('slice: Slicing scalar is not possible'));
      expect(() => slice2d([1, 2], [0], [1])).toThrow(
        new RangeError('slice2d expects a rank-2 tensor, but got a rank-1 tensor'),
      );
      expect(() => reverse2d([1, 2])).toThrow(
        new RangeError('reverse2d expects a rank-2 tensor, but got a rank-1 tensor'),
      );
    });
    x.dispose();
  });
});

describe('stridedSlice', () => {
  test('walks as Python does, back too', () => {
    const at = (begin: number, end: number, step: number) =>
      of(() => stridedSlice(tensor1d([0, 1, 2, 3, 4]), [begin], [end], [step]));
    expect(at(1, 4, 2)).toEqual([1, 3]);
    expect(at(-1, -10, -2)).toEqual([4, 2, 0]);
    expect(at(3, 1, 1)).toEqual([]);
    expect(at(0, 100, 3)).toEqual([0, 3]);
  });

  test('agrees with a walk over indices for every mask', () => {
    // x[begin:end:step] along both axes of a matrix, by hand.
    const [begin, end, strides] = [
      [1, -1],
      [3, 0],
      [1, -2],
    ];
    const along = (n: number, i: number, beginMask: number, endMask: number) => {
      const step = strides[i]!;
      const bit = (mask: number) => (mask >> i) & 1;
      const fromStart = (k: number) => (k < 0 ? k + n : k);
      const first = bit(beginMask) ? (step > 0 ? 0 : n - 1) : fromStart(begin[i]!);
      const stop = bit(endMask) ? (step > 0 ? n : -1) : fromStart(end[i]!);
      const walk: number[] = [];
      for (let k = first; step > 0 ? k < stop : k > stop; k += step) walk.push(k);
      return walk;
    };
    for (let beginMask = 0; beginMask < 4; beginMask++) {
      for (let endMask = 0; endMask < 4; endMask++) {
        const expected = along(4, 0, beginMask, endMask).map((i) =>
          along(5, 1, beginMask, endMask).map((j) => 5 * i + j),
        );
        const actual = of(() => stridedSlice(range(0, 20).reshape([4, 5]), begin, end, strides, beginMask, endMask));
        expect(actual).toEqual(expected);
      }
    }
  });

  test('knows ellipsis, new axis and shrink', () => {
    const shapeOf = (...args: [number[], number[], number[]?, number?, number?, number?, number?, number?]) =>
      gone(() => stridedSlice(cube(), ...args).shape as Shape);
    expect(shapeOf([0, 1], [0, 3], undefined, 0, 0, 1)).toEqual([2, 3, 2]);
    expect(shapeOf([0, 0], [2, 1], undefined, 0, 0, 0, 1)).toEqual([1, 1, 3, 4]);
    expect(shapeOf([1, 0], [2, 3], undefined, 0, 0, 0, 0, 1)).toEqual([3, 4]);
    expect(of(() => stridedSlice(cube(), [0, -1], [0, 0], undefined, 0, 0, 1, 0, 2))).toEqual([
      [3, 7, 11],
      [15, 19, 23],
    ]);
  });

  test('says in a sentence what is wrong', () => {
    const x = zeros([2, 3]);
    leavesNothing(() => {
      expect(() => stridedSlice(x, [0], [1], [0])).toThrow(new RangeError('stridedSlice: strides[0] must be non-zero'));
      expect(() => stridedSlice(x, [0, 0], [1, 1], [1, 1], 0, 0, 3)).toThrow(
        new RangeError('stridedSlice: Multiple ellipses in slice is not allowed.'),
      );
      expect(() => stridedSlice(x, [2], [3], [1], 0, 0, 0, 0, 1)).toThrow(
        new RangeError('stridedSlice: slice index 2 of dimension 0 out of bounds.'),
      );
      expect(() => stridedSlice(x, [0], [1], [-1], 0, 0, 0, 0, 1)).toThrow(
        new RangeError('stridedSlice: only stride 1 allowed on non-range indexing.'),
      );
      expect(() => stridedSlice(x, [0, 0, 0], [1, 1, 1])).toThrow(/input has only 2 dims/);
      expect(() => stridedSlice(x, [0, 0.5], [1, 1])).toThrow(
        new TypeError('stridedSlice: begin must be whole numbers, got [0,0.5]'),
      );
      expect(() => stridedSlice(x, [0, 0], [1])).toThrow(
        new RangeError('stridedSlice: end must be as long as begin, got 1 and 2 numbers'),
      );
    });
    x.dispose();
  });
});

describe('split and unstack', () => {
  test('split into equal pieces, or into pieces of given sizes, one of which is the rest', () => {
    const pieces = (by: number | number[]) => gone(() => split(cube(), by, 1).map((x) => x.shape[1]));
    expect(pieces(3)).toEqual([1, 1, 1]);
    expect(pieces([1, 2])).toEqual([1, 2]);
    expect(pieces([-1, 0, 1])).toEqual([2, 0, 1]);
    expect(gone(() => split(tensor2d([1, 2, 3, 4], [2, 2]), 2, -1).map((x) => x.arraySync()))).toEqual([
      [[1], [3]],
      [[2], [4]],
    ]);
  });

  test('unstack drops the axis', () => {
    const rows = gone(() =>
      cube()
        .unstack(-2)
        .map((x) => ({ shape: x.shape, first: x.arraySync() })),
    );
    expect(rows.every(({ shape }) => sameShape(shape, [2, 4]))).toBe(true);
    expect(rows[1]!.first).toEqual([
      [4, 5, 6, 7],
      [16, 17, 18, 19],
    ]);
  });

  test('say in a sentence what is wrong', () => {
    const x = zeros([4]);
    leavesNothing(() => {
      expect(() => split(x, 3)).toThrow(/Number of splits must evenly divide the axis/);
      expect(() => split(x, [1, 2])).toThrow(/The sum of sizes must match the size of the axis dimension/);
      expect(() => split(x, [-1, -1])).toThrow(/only one negative value/);
      expect(() => split(x, [5, -1])).toThrow(RangeError);
      expect(() => split(x, [1.5, 2.5])).toThrow(/must match the size of the axis dimension, got \[1.5,2.5\] for 4/);
      expect(() => split(x, 0.8)).toThrow(/Number of splits must evenly divide the axis/);
      expect(() => split(x, 1.6)).toThrow(RangeError);
      expect(() => unstack(x, 1)).toThrow(new RangeError('Axis = 1 is not in [-1, 1)'));
      expect(() => unstack({} as never)).toThrow(
        new TypeError("Argument 'x' passed to 'unstack' must be a Tensor or TensorLike, but got 'Object'"),
      );
    });
    const one = scalar(1);
    leavesNothing(() => expect(() => split(one, 1)).toThrow(RangeError));
    one.dispose();
    x.dispose();
  });
});
