import { describe, expect, test } from 'vitest';
import { confusionMatrix } from '../../src/ops/confusion.js';
import {
  bincount,
  denseBincount,
  inTopKAsync,
  setdiff1dAsync,
  tensor1d,
  tensor2d,
  topk,
  unique,
  zeros,
} from '../../src/ops/index.js';
import { dispose } from '../../src/scope.js';
import type { Tensor } from '../../src/tensor.js';
import { gone } from '../support/gone.js';
import { leavesNothing } from '../support/heap.js';

const of = (f: () => Tensor) => gone(() => f().arraySync());
const both = (f: () => { values: Tensor; indices: Tensor }) =>
  gone(() => {
    const { values, indices } = f();
    expect(indices.dtype).toBe('int32');
    return [values.arraySync(), indices.arraySync()];
  });

describe('topk', () => {
  test('finds the greatest of each row, the first of equals first, NaN as −Infinity', () => {
    expect(both(() => topk([1, 3, 2, 3], 3))).toEqual([
      [3, 3, 2],
      [1, 3, 2],
    ]);
    expect(
      both(() =>
        topk(
          tensor2d(
            [
              [1, 2],
              [4, 3],
            ],
            undefined,
            'int32',
          ),
        ),
      ),
    ).toEqual([
      [[2], [4]],
      [[1], [0]],
    ]);
    expect(both(() => topk([Number.NaN, -Infinity, 1], 3))).toEqual([
      [1, Number.NaN, -Infinity],
      [2, 0, 1],
    ]);
    expect(gone(() => topk(zeros([2, 3]), 0).values.shape)).toEqual([2, 0]);
  });

  test('says in a sentence what is wrong', () => {
    leavesNothing(() => {
      expect(() => topk(1)).toThrow(new RangeError('topk() expects the input to be of rank 1 or higher'));
      expect(() => topk([1, 2], 3)).toThrow(
        new RangeError("'k' passed to topk() must be <= the last dimension (2) but got 3"),
      );
      expect(() => topk([1, 2], -1)).toThrow(new RangeError("'k' passed to topk() must be >= 0 but got -1"));
      expect(() => topk([1, 2], 1.5)).toThrow(RangeError);
    });
  });
});

describe('unique', () => {
  test('numbers elements, or slices along an axis, by first appearance', () => {
    expect(both(() => unique([1, 1, 2, 4, 4]))).toEqual([
      [1, 2, 4],
      [0, 0, 1, 2, 2],
    ]);
    const x = () =>
      tensor2d(
        [
          [1, 0, 1],
          [2, 0, 2],
        ],
        undefined,
        'int32',
      );
    expect(both(() => unique(x(), 1))).toEqual([
      [
        [1, 0],
        [2, 0],
      ],
      [0, 1, 0],
    ]);
    expect(both(() => unique(x(), -2))[1]).toEqual([0, 1]);
  });

  test('wants an axis', () => {
    leavesNothing(() => {
      expect(() => unique(1)).toThrow(new RangeError('unique: The input tensor must be at least 1D'));
      expect(() => unique([1], 1)).toThrow(RangeError);
    });
  });
});

describe('set difference and top-k membership', () => {
  test('setdiff1dAsync keeps order and tells positions', async () => {
    const [values, indices] = await setdiff1dAsync([4, 1, 2, 4], [2, 7]);
    expect([values.arraySync(), indices.arraySync()]).toEqual([
      [4, 1, 4],
      [0, 1, 3],
    ]);
    dispose([values, indices]);
    await expect(setdiff1dAsync([1], [[1]])).rejects.toThrow('y should be 1D tensor, but got y (1,1).');
    await expect(setdiff1dAsync([1], [true])).rejects.toThrow(TypeError);
  });

  test('inTopKAsync asks for each target', async () => {
    const predictions = [
      [0.1, 0.7, 0.2],
      [0.5, 0.2, 0.3],
    ];
    for (const [k, expected] of [
      [1, [0, 1]],
      [2, [1, 1]],
    ] as const) {
      const y: Tensor = await inTopKAsync(predictions, [2, 0], k);
      expect(y.dtype).toBe('bool');
      expect(y.arraySync()).toEqual(expected);
      y.dispose();
    }
    await expect(inTopKAsync(predictions, [1, 1], 4)).rejects.toThrow(/'k' passed to inTopK\(\) must be > 0/);
    await expect(inTopKAsync(predictions, [1])).rejects.toThrow(RangeError);
  });
});

describe('counts', () => {
  test('bincount counts, or adds weights, and leaves out what is too large', () => {
    expect(of(() => bincount([1, 1, 3, 9], [], 4))).toEqual([0, 2, 0, 1]);
    expect(of(() => bincount([0, 2, 2], [0.5, 1, 2], 3))).toEqual([0.5, 0, 3]);
    expect(gone(() => bincount([1], tensor1d([5], 'int32'), 2).dtype)).toBe('int32');
    expect(gone(() => bincount([1], [], 0).shape)).toEqual([0]);
  });

  test('denseBincount counts each row, or says what occurs', () => {
    const x = [
      [1, 1, 2],
      [0, 5, 2],
    ] as unknown as Tensor;
    expect(of(() => denseBincount(x as never, [], 3))).toEqual([
      [0, 2, 1],
      [1, 0, 1],
    ]);
    expect(of(() => denseBincount(x as never, [], 3, true))).toEqual([
      [0, 1, 1],
      [1, 0, 1],
    ]);
  });

  test('confusionMatrix has labels as rows and predictions as columns', () => {
    const matrix = () => confusionMatrix([0, 1, 2, 1], [0, 2, 2, 1], 3);
    expect(gone(() => matrix().dtype)).toBe('int32');
    expect(of(matrix)).toEqual([
      [1, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  test('say in a sentence what is wrong', () => {
    const floats = tensor1d([1]);
    leavesNothing(() => {
      expect(() => bincount(floats, [], 2)).toThrow(/input dtype must be int32, but got float32/);
      expect(() => bincount([1], [], -1)).toThrow(/size must be non-negative, but got -1/);
      expect(() => bincount([-1], [], 2)).toThrow(/got -1 at position 0/);
      expect(() => bincount([1, 2], [1], 2)).toThrow(/weights must have the same size as input/);
      expect(() => denseBincount([[[1]]] as never, [], 2)).toThrow(/at most rank 2/);
      expect(() => confusionMatrix([1], [1, 2], 3)).toThrow(/Mismatch in the number of examples: 1 vs. 2/);
      expect(() => confusionMatrix([1], [1], 2.5)).toThrow(
        new RangeError('confusionMatrix: numClasses is required to be a positive integer, but got 2.5'),
      );
    });
    floats.dispose();
  });
});
