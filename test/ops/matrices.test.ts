import { beforeAll, describe, expect, test } from 'vitest';
import {
  batchToSpaceND,
  depthToSpace,
  diag,
  einsum,
  ensureShape,
  matMul,
  movingAverage,
  range,
  reshape,
  scalar,
  spaceToBatchND,
  sub,
  tensor1d,
  tensor2d,
  tensor4d,
  transpose,
  zeros,
} from '../../src/ops/index.js';
import { bandPart, gramSchmidt, qr } from '../../src/ops/linalg.js';
import { dispose, tidy } from '../../src/scope.js';
import type { Tensor, Tensor4D } from '../../src/tensor.js';
import { gone } from '../support/gone.js';
import { leavesNothing } from '../support/heap.js';

// The first product leaves its scratch block, which later ones share.
beforeAll(() => {
  tidy(() => void matMul(zeros([32, 32]), zeros([32, 32]), true, true));
});

const of = (f: () => Tensor) => gone(() => f().arraySync());

describe('blocks', () => {
  const square = () => tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);

  test('spaceToBatchND gives each place in a block its own example, and batchToSpaceND takes it back', () => {
    const none = [
      [0, 0],
      [0, 0],
    ];
    expect(of(() => spaceToBatchND(square(), [2, 2], none))).toEqual([[[[1]]], [[[2]]], [[[3]]], [[[4]]]]);
    const x = () => reshape<never>(range(0, 72), [2, 3, 4, 3]);
    const paddings = [
      [1, 0],
      [0, 2],
    ];
    expect(of(() => batchToSpaceND(spaceToBatchND(x() as Tensor, [2, 3], paddings), [2, 3], paddings))).toEqual(of(x));
  });

  test('depthToSpace spreads channels, wherever they stand', () => {
    const channels = () => tensor4d([1, 2, 3, 4], [1, 1, 1, 4]);
    expect(of(() => depthToSpace(channels(), 2))).toEqual(of(square));
    const first = () => transpose(channels(), [0, 3, 1, 2]) as Tensor4D;
    expect(of(() => depthToSpace(first(), 2, 'NCHW'))).toEqual([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ]);
  });

  test('say in a sentence what is wrong', () => {
    const x = zeros([3, 2, 2, 3]);
    leavesNothing(() => {
      expect(() => batchToSpaceND(x, [2], [[0, 0]])).toThrow(/batch is 3 but is not divisible by .* 2 === 2/);
      expect(() => batchToSpaceND(x, [3], [])).toThrow(/crops.length is 0 but should be equal to/);
      expect(() => spaceToBatchND(x, [3], [[0, 0]])).toThrow(/must be divisible by blockShapes 3/);
      expect(() => spaceToBatchND(x, [1, 1, 1, 1], [])).toThrow(
        new RangeError('input rank 4 should be > than [blockShape] 4'),
      );
      expect(() => depthToSpace(x as Tensor4D, 2)).toThrow(/must be evenly divisible by 4 but is 3/);
      expect(() => depthToSpace(x as Tensor4D, 1)).toThrow(/blockSize should be > 1/);
    });
    x.dispose();
  });
});

describe('einsum', () => {
  const [a, b] = [() => reshape(range(0, 6), [2, 3]), () => reshape(range(1, 7), [3, 2])];

  test('is a product, a transpose, a sum, an outer product, by its letters', () => {
    expect(of(() => einsum('ij,jk->ik', a(), b()))).toEqual(of(() => matMul(a(), b())));
    expect(of(() => einsum('ij,jk->ki', a(), b()))).toEqual(of(() => transpose(matMul(a(), b()))));
    expect(of(() => einsum('ij->', a()))).toBe(15);
    expect(of(() => einsum('i,j->ij', [1, 2], [3, 4]))).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(of(() => einsum('ij,ij->i', a(), a()))).toEqual([5, 50]);
    expect(of(() => einsum(' ij , kl -> i k ', a(), b()))).toEqual([
      [9, 21, 33],
      [36, 84, 132],
    ]);
  });

  test('says in a sentence what is wrong', () => {
    leavesNothing(() => {
      const fails = (equation: string, ...xs: number[][][]) => expect(() => einsum(equation, ...xs));
      const x = [[1, 2]];
      fails('ij', x).toThrow(/Equations without an arrow/);
      fails('i->i->i', x).toThrow(/exactly one arrow/);
      fails('...j->j', x).toThrow(/ellipsis/);
      fails('ij,jk->ik', x).toThrow('einsum: Expected 2 input tensors, received 1');
      fails('ij,jk,kl->il', x, x, x).toThrow(/more than 2 input tensors/);
      fails('ii->', x).toThrow(/not implemented yet/);
      fails('ij->k', x).toThrow('Output subscripts contain the label k not present in the input subscripts.');
      fails('ij,jk->ik', x, x).toThrow(/Expected dimension 2 at axis 0 of input shaped \[1,2\], but got dimension 1/);
      fails('ijk->i', x).toThrow(RangeError);
    });
  });
});

describe('matrices', () => {
  test('diag repeats the shape', () => {
    expect(of(() => diag([1, 2]))).toEqual([
      [1, 0],
      [0, 2],
    ]);
    expect(gone(() => diag(zeros([2, 3])).shape)).toEqual([2, 3, 2, 3]);
  });

  test('bandPart keeps a band', () => {
    const x = () => tensor2d([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]);
    expect(of(() => bandPart(x(), 1, 0))).toEqual([
      [1, 0, 0],
      [4, 5, 0],
      [0, 8, 9],
    ]);
    expect(of(() => bandPart(x(), scalar(0, 'int32'), -1))).toEqual([
      [1, 2, 3],
      [0, 5, 6],
      [0, 0, 9],
    ]);
    leavesNothing(() => {
      expect(() => bandPart([1], 0, 0)).toThrow(new RangeError('bandPart(): Rank must be at least 2, got 1.'));
      expect(() => bandPart([[1]], 2, 0)).toThrow(/numLower \(2\) must not be greater than the number of rows \(1\)/);
      expect(() => bandPart([[1]], 0, 0.5)).toThrow(/numUpper must be an integer/);
    });
  });

  /** Whether the rows are orthonormal. */
  const deviation = (q: Tensor) =>
    Math.max(
      ...(matMul(q, q, false, true) as Tensor)
        .dataSync()
        .map((v: number, i: number) => Math.abs(v - (i % (q.shape[0]! + 1) === 0 ? 1 : 0))),
    );

  test('gramSchmidt gives orthonormal rows', () => {
    gone(() => {
      const x = tensor2d([1, 2, 3, 4, 5, 7, 1, 0, 1], [3, 3], 'float64');
      expect(deviation(gramSchmidt(x))).toBeLessThan(1e-12);
      const list = gramSchmidt([tensor1d([3, 4]), tensor1d([1, 0])]);
      expect(list.map((y) => y.shape)).toEqual([[2], [2]]);
    });
    leavesNothing(() => {
      expect(() => gramSchmidt([])).toThrow(/must not be null, undefined, or empty/);
      expect(() => gramSchmidt([[1], [2]] as never)).toThrow(
        'Gram-Schmidt: Number of vectors (2) exceeds number of dimensions (1).',
      );
      expect(() => gramSchmidt([[1, 2], [2]] as never)).toThrow(/Non-unique lengths/);
    });
  });

  test('qr splits a matrix into orthonormal columns and an upper triangle', () => {
    for (const [m, n, full] of [
      [3, 3, false],
      [4, 2, false],
      [4, 2, true],
      [2, 4, false],
    ] as const) {
      gone(() => {
        const x = tensor2d(
          Array.from({ length: m * n }, (_, i) => Math.sin(i + 1)),
          [m, n],
          'float64',
        );
        const [q, r] = qr(x, full);
        expect([q.shape, r.shape]).toEqual(
          m > n && !full
            ? [
                [m, n],
                [n, n],
              ]
            : [
                [m, m],
                [m, n],
              ],
        );
        expect(deviation(transpose(q))).toBeLessThan(1e-12);
        expect(Math.max(...sub(matMul(q, r), x).dataSync().map(Math.abs))).toBeLessThan(1e-12);
        const below = sub(r, bandPart(r, 0, -1));
        expect(Math.max(...below.dataSync().map(Math.abs))).toBeLessThan(1e-12);
      });
    }
    expect(() => qr(1)).toThrow(/rank >= 2, but got rank 0/);
  });
});

describe('the rest', () => {
  test('ensureShape hands back the tensor, or throws', () => {
    const x = zeros([2, 3]);
    leavesNothing(() => {
      expect(ensureShape(x, [2, null])).toBe(x);
      expect(() => ensureShape(x, [3, null])).toThrow(
        new RangeError('EnsureShape: Shape of tensor 2,3 is not compatible with expected shape 3,'),
      );
    });
    x.dispose();
  });

  test('movingAverage moves towards the new values', () => {
    expect(of(() => movingAverage([1, 2], [3, 4], 0.75, undefined, false))).toEqual([1.5, 2.5]);
    const x = tensor1d([1], 'int32');
    leavesNothing(() => {
      expect(() => movingAverage([1], [1, 2], 0.5, 1)).toThrow(/Shape mismatch in v and x/);
      expect(() => movingAverage([1], x, 0.5, 1)).toThrow(TypeError);
      expect(() => movingAverage([1], [1], 0.5)).toThrow(
        'movingAverage: When using zeroDebias: true, step is required.',
      );
    });
    dispose(x);
  });
});
