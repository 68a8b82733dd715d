import { describe, expect, test } from 'vitest';
import '../../src/ops/methods.js';
import { jit } from '../../src/jit.js';
import {
  booleanMaskAsync,
  gather,
  gatherND,
  oneHot,
  range,
  scatterND,
  tensor1d,
  tensor2d,
  tensorScatterUpdate,
  unsortedSegmentSum,
  whereAsync,
  zeros,
} from '../../src/ops/index.js';
import { dispose } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { gone } from '../support/gone.js';
import { alive, leavesNothing } from '../support/heap.js';

const of = (f: () => Tensor) => gone(() => f().arraySync());
const tuples = (...rows: number[][]) => tensor2d(rows, undefined, 'int32');

describe('gatherND', () => {
  test('picks elements by whole tuples and slices by shorter ones', () => {
    const x = () => range(0, 12).reshape([2, 3, 2]);
    expect(of(() => gatherND(x(), tuples([0, 1, 1], [1, 2, 0])))).toEqual([3, 10]);
    expect(of(() => gatherND(x(), tuples([1, 0])))).toEqual([[6, 7]]);
    expect(of(() => gatherND(x(), [[1]]))).toEqual([
      [
        [6, 7],
        [8, 9],
        [10, 11],
      ],
    ]);
  });

  test('names the index that is outside, though a neighbour row would be there', () => {
    const [half, none] = [tensor1d([0.5]), zeros([0])];
    leavesNothing(() => {
      expect(() =>
        gatherND(
          [
            [1, 2],
            [3, 4],
          ],
          [[0, 2]],
        ),
      ).toThrow(/gatherND: indices must be in \[0, 2\), got 2/);
      expect(() => gatherND([1, 2], half)).toThrow(TypeError);
      expect(() => gatherND([1, 2], [[0, 1]])).toThrow(/innermost dimension length must be <= tensor rank/);
      expect(() => gatherND(1, [[0]])).toThrow(/rank 1 or higher/);
      expect(() => gatherND(none, [[0]])).toThrow(/input is empty/);
    });
    dispose([half, none]);
  });
});

describe('scatterND and tensorScatterUpdate', () => {
  test('scatterND adds what meets', () => {
    expect(of(() => scatterND(tuples([1], [1], [3]), [1, 2, 5], [4]))).toEqual([0, 3, 0, 5]);
    expect(
      of(() =>
        scatterND(
          [0, 2],
          [
            [1, 2],
            [3, 4],
          ],
          [3, 2],
        ),
      ),
    ).toEqual([
      [1, 2],
      [0, 0],
      [3, 4],
    ]);
    expect(gone(() => scatterND(tuples([0]), tensor1d([1], 'int32'), [2]).dtype)).toBe('int32');
  });

  test('tensorScatterUpdate replaces, and the last of equal tuples stays', () => {
    expect(of(() => tensorScatterUpdate([1, 2, 3], [[0], [2], [0]], [7, 8, 9]))).toEqual([9, 2, 8]);
    expect(of(() => tensorScatterUpdate(tensor1d([true, true]), [[1]], tensor1d([false])))).toEqual([1, 0]);
    expect(
      of(() =>
        tensorScatterUpdate(
          [
            [1, 2],
            [3, 4],
          ],
          [[1]],
          [[8, 9]],
        ),
      ),
    ).toEqual([
      [1, 2],
      [8, 9],
    ]);
  });

  test('say in a sentence what is wrong', () => {
    const [half, one] = [tensor1d([1.5]), tensor1d([1], 'int32')];
    leavesNothing(() => {
      expect(() => scatterND([[0, 0]], [1], [3])).toThrow(/scatterND: Must have updates.shape = /);
      expect(() => scatterND([[0]], [1, 2], [3])).toThrow(RangeError);
      expect(() => scatterND([[3]], [1], [3])).toThrow(/got 3/);
      expect(() => scatterND(half, [1], [3])).toThrow(TypeError);
      expect(() => tensorScatterUpdate([1], [[0]], one)).toThrow(/must have the same dtype/);
    });
    dispose([half, one]);
  });
});

describe('indices', () => {
  test('are whole numbers: floats are refused, not cut', () => {
    const half = tensor1d([0.5]);
    leavesNothing(() => {
      expect(() => gather([1, 2], half)).toThrow(
        new TypeError("Argument 'indices' passed to 'gather' must be int32 tensor, but got float32 tensor"),
      );
      expect(() => oneHot(half, 2)).toThrow(TypeError);
    });
    half.dispose();
  });

  test('below 0 leave a slice out of its segment sum', () => {
    expect(of(() => unsortedSegmentSum([1, 2, 3], tensor1d([0, -1, 0], 'int32'), 2))).toEqual([4, 0]);
    leavesNothing(() => expect(() => unsortedSegmentSum([1], [2], 2)).toThrow(RangeError));
  });
});

describe('masks', () => {
  test('whereAsync gives the coordinates of what is true', async () => {
    const before = alive();
    const y = await whereAsync([
      [true, false],
      [true, true],
    ]);
    expect(y.dtype).toBe('int32');
    expect(y.arraySync()).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
    y.dispose();
    await expect(whereAsync(tensor1d([1, 0]))).rejects.toThrow(
      "Argument 'condition' passed to 'whereAsync' must be bool tensor, but got float32 tensor",
    );
    const none = await whereAsync([false]);
    expect(none.shape).toEqual([0, 1]);
    none.dispose();
    expect(alive().numTensors).toBe(before.numTensors + 1);
  });

  test('booleanMaskAsync keeps the slices where it is true', async () => {
    const x = range(0, 12).reshape([2, 3, 2]);
    const [byRow, byPair] = [
      await booleanMaskAsync(x, [true, false, true], 1),
      await booleanMaskAsync(x, [
        [true, false, false],
        [false, false, true],
      ]),
    ];
    expect(byRow.arraySync()).toEqual([
      [
        [0, 1],
        [4, 5],
      ],
      [
        [6, 7],
        [10, 11],
      ],
    ]);
    expect(byPair.arraySync()).toEqual([
      [0, 1],
      [10, 11],
    ]);
    await expect(booleanMaskAsync(x, true)).rejects.toThrow('mask cannot be scalar');
    await expect(booleanMaskAsync(x, [true])).rejects.toThrow(/Shapes 2 and 1 must match/);
    dispose([x, byRow, byPair]);
  });
});

test('a recorded segment sum leaves out slices and stops at numbers too large', () => {
  const numbers = [
    [0, 1],
    [-1, 0],
    [2, 0],
  ].map((ids) => tensor1d(ids, 'int32'));
  const x = tensor1d([5, 7]);
  const sums = jit((ids: Tensor) => unsortedSegmentSum(x, ids, 2));
  // The first two calls run the function's JavaScript.
  for (let i = 0; i < 2; i++) sums(numbers[0]!).dispose();
  expect(of(() => sums(numbers[1]!))).toEqual([7, 0]);
  expect(() => sums(numbers[2]!)).toThrow(RangeError);
  sums.dispose();
  dispose([numbers, x]);
});
