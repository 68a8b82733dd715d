import { describe, expect, test } from 'vitest';
import '../../src/ops/methods.js';
import {
  broadcastArgs,
  concat,
  concat1d,
  concat2d,
  meshgrid,
  mirrorPad,
  pad,
  pad1d,
  range,
  stack,
  tensor1d,
  tensor2d,
  tile,
  zeros,
} from '../../src/ops/index.js';
import { dispose } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { gone } from '../support/gone.js';
import { leavesNothing } from '../support/heap.js';

const of = (f: () => Tensor) => gone(() => f().arraySync());

describe('concat and stack', () => {
  test('concat puts tensors one after the other', () => {
    expect(of(() => concat1d([[1, 2], [3]]))).toEqual([1, 2, 3]);
    expect(of(() => concat2d([tensor2d([1, 2], [2, 1]), tensor2d([3, 4, 5, 6], [2, 2])], 1))).toEqual([
      [1, 3, 4],
      [2, 5, 6],
    ]);
    expect(gone(() => concat([zeros([2, 0]), zeros([2, 3])], -1).shape)).toEqual([2, 3]);
  });

  test('concat widens mixed dtypes', () => {
    const mixed = () => concat([tensor1d([true, false]), tensor1d([7], 'int32')]);
    expect(gone(() => mixed().dtype)).toBe('int32');
    expect(of(mixed)).toEqual([1, 0, 7]);
  });

  test('both are methods of the first tensor', () => {
    expect(of(() => tensor1d([1]).concat(tensor1d([2])))).toEqual([1, 2]);
    expect(of(() => tensor1d([1]).concat([tensor1d([2]), tensor1d([3])]))).toEqual([1, 2, 3]);
    expect(of(() => tensor1d([1]).stack(tensor1d([2]), 1))).toEqual([[1, 2]]);
  });

  test('stack makes a new axis, at the end too', () => {
    expect(of(() => stack([1, 2, 3]))).toEqual([1, 2, 3]);
    expect(
      of(() =>
        stack(
          [
            [1, 2],
            [3, 4],
          ],
          -1,
        ),
      ),
    ).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  test('say in a sentence what is wrong', () => {
    const [a, b, c] = [zeros([2, 3]), zeros([3, 3]), zeros([2, 3], 'bool')];
    leavesNothing(() => {
      expect(() => concat([])).toThrow(new RangeError('Pass at least one tensor to concat'));
      expect(() => concat(a as never)).toThrow(
        new TypeError('Argument tensors passed to concat must be a `Tensor[]` or `TensorLike[]`'),
      );
      expect(() => concat([a, b], 1)).toThrow(/Shape of tensors\[1\] \(3,3\) does not match the shape of the rest/);
      expect(() => concat([a, [1]])).toThrow(/Error in concat2D: rank of tensors\[1\] must be the same/);
      expect(() => concat([a, a], 2)).toThrow(new RangeError('Error in concat2D: axis must be between 0 and 1.'));
      expect(() => stack([])).toThrow(new RangeError('Pass at least one tensor to tf.stack'));
      expect(() => stack([a, b])).toThrow(/All tensors passed to stack must have matching shapes/);
      expect(() => stack([a, c])).toThrow(/must have matching dtypes, got float32 and bool/);
      expect(() => stack([a], 3)).toThrow(/Axis must be <= rank of the tensor/);
    });
    dispose([a, b, c]);
  });
});

describe('pad, mirrorPad and tile', () => {
  const matrix = () => range(1, 7).reshape([2, 3]);

  test('pad surrounds with a constant', () => {
    expect(
      of(() =>
        pad(
          matrix(),
          [
            [1, 0],
            [0, 2],
          ],
          -1,
        ),
      ),
    ).toEqual([
      [-1, -1, -1, -1, -1],
      [1, 2, 3, -1, -1],
      [4, 5, 6, -1, -1],
    ]);
    expect(of(() => pad1d([1, 2], [1, 0]))).toEqual([0, 1, 2]);
    expect(of(() => pad(tensor1d([1, 2], 'int32'), [[0, 1]], 9))).toEqual([1, 2, 9]);
  });

  test('mirrorPad leaves out the edge, or repeats it, and mirrors corners twice', () => {
    expect(
      of(() =>
        mirrorPad(
          matrix(),
          [
            [1, 0],
            [0, 2],
          ],
          'reflect',
        ),
      ),
    ).toEqual([
      [4, 5, 6, 5, 4],
      [1, 2, 3, 2, 1],
      [4, 5, 6, 5, 4],
    ]);
    expect(
      of(() =>
        matrix().mirrorPad(
          [
            [0, 2],
            [1, 0],
          ],
          'symmetric',
        ),
      ),
    ).toEqual([
      [1, 1, 2, 3],
      [4, 4, 5, 6],
      [4, 4, 5, 6],
      [1, 1, 2, 3],
    ]);
  });

  test('tile repeats along every axis', () => {
    expect(of(() => tile(tensor2d([1, 2, 3, 4], [2, 2]), [2, 2]))).toEqual([
      [1, 2, 1, 2],
      [3, 4, 3, 4],
      [1, 2, 1, 2],
      [3, 4, 3, 4],
    ]);
    expect(gone(() => tile(zeros([2, 1, 3]), [0, 2, 1]).shape)).toEqual([0, 2, 3]);
  });

  test('say in a sentence what is wrong', () => {
    leavesNothing(() => {
      expect(() => pad(1, [])).toThrow(new RangeError('pad(scalar) is not defined. Pass non-scalar to pad'));
      expect(() => pad([1, 2], [[1]])).toThrow(/Must be length of 2 each/);
      expect(() => pad([1, 2], [[1, -1]])).toThrow(RangeError);
      expect(() =>
        pad(
          [1, 2],
          [
            [1, 1],
            [1, 1],
          ],
        ),
      ).toThrow(/Padding doesn't match input. Must be 1. Got 2./);
      expect(() => mirrorPad([1, 2], [[0, 2]], 'reflect')).toThrow(/Padding in dimension 0 cannot be greater than 1/);
      expect(() => mirrorPad([1, 2], [[0, 2]], 'edge' as never)).toThrow(
        new RangeError('mirrorPad: Invalid mode. Mode must be either reflect or symmetric. Got edge.'),
      );
      expect(() => tile([1, 2], [1, 2])).toThrow(/rank of input 1 must match length of reps 1,2/);
      expect(() => tile([1, 2], [-1])).toThrow(RangeError);
    });
  });
});

describe('meshgrid and broadcastArgs', () => {
  test('meshgrid runs x along columns, or rows', () => {
    const grid = (options?: { indexing: 'xy' | 'ij' }) =>
      gone(() => meshgrid([1, 2], [3, 4, 5], options).map((x) => x.arraySync()));
    expect(grid()).toEqual([
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      [
        [3, 3],
        [4, 4],
        [5, 5],
      ],
    ]);
    expect(grid({ indexing: 'ij' })).toEqual([
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [
        [3, 4, 5],
        [3, 4, 5],
      ],
    ]);
    expect(meshgrid()).toEqual([]);
    expect(() => meshgrid([1], [2], { indexing: 'yx' as never })).toThrow(TypeError);
  });

  test('broadcastArgs is the shape that two shapes broadcast to', () => {
    expect(of(() => broadcastArgs([2, 1, 3], [4, 1]))).toEqual([2, 4, 3]);
    leavesNothing(() => {
      expect(() => broadcastArgs([2], [3])).toThrow(/could not be broadcast together/);
      expect(() => broadcastArgs(2, [3])).toThrow(/first input must be a vector/);
    });
  });
});
