import { describe, expect, test } from 'vitest';
import * as losses from '../src/losses.js';
import { tensor2d, zeros } from '../src/ops/index.js';
import type { Tensor } from '../src/tensor.js';
import { gone } from './support/gone.js';
import { leavesNothing } from './support/heap.js';

const { Reduction } = losses;
const of = (f: () => Tensor) => gone(() => f().arraySync());
const close = (f: () => Tensor, expected: number) => expect(of(f)).toBeCloseTo(expected, 6);

describe('computeWeightedLoss', () => {
  const each = () => tensor2d([1, 2, 3, 4], [2, 2]);
  const weights = [[0], [2]];

  test('reduces without weights', () => {
    close(() => losses.computeWeightedLoss(each()), 2.5);
    close(() => losses.computeWeightedLoss(each(), null, Reduction.MEAN), 2.5);
    close(() => losses.computeWeightedLoss(each(), undefined, Reduction.SUM), 10);
    expect(of(() => losses.computeWeightedLoss(each(), undefined, Reduction.NONE))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('reduces with weights that broadcast', () => {
    close(() => losses.computeWeightedLoss(each(), weights), 7);
    close(() => losses.computeWeightedLoss(each(), weights, Reduction.MEAN), 3.5);
    close(() => losses.computeWeightedLoss(each(), weights, Reduction.SUM), 14);
    expect(of(() => losses.computeWeightedLoss(each(), weights, Reduction.NONE))).toEqual([
      [0, 0],
      [6, 8],
    ]);
  });

  test('stays float64 in float64', () => {
    expect(gone(() => losses.computeWeightedLoss(new Float64Array([1, 2]), [0.5]).dtype)).toBe('float64');
  });

  test('refuses another reduction', () => {
    leavesNothing(() => {
      expect(() => losses.computeWeightedLoss([1], null, 7 as never)).toThrow(
        new RangeError('computeWeightedLoss: Unknown reduction: 7'),
      );
    });
  });
});

describe('losses', () => {
  test('have their formulas', () => {
    const [y, p] = [
      [0, 1],
      [0.5, 2],
    ];
    close(() => losses.absoluteDifference(y, p), (0.5 + 1) / 2);
    close(() => losses.meanSquaredError(y, p), (0.25 + 1) / 2);
    close(() => losses.hingeLoss(y, p), (1.5 + 0) / 2);
    close(() => losses.huberLoss(y, [3, 1.5]), (2.5 + 0.125) / 2);
    close(() => losses.huberLoss(y, [3, 1.5], null, 0.25), (0.25 * (3 - 0.125) + 0.25 * (0.5 - 0.125)) / 2);
    close(() => losses.logLoss(y, [0.25, 0.5], null, 0), -(Math.log(0.75) + Math.log(0.5)) / 2);
    close(() => losses.cosineDistance([[1, 0]], [[0.6, 0.8]], 1), 0.4);
  });

  test('smooth labels', () => {
    close(() => losses.softmaxCrossEntropy([[0, 1]], [[0, 0]], null, 0.5), Math.log(2));
    const z = 1.5;
    const [log, label] = [Math.log1p(Math.exp(z)), 0.75 + 0.125];
    close(() => losses.sigmoidCrossEntropy([[1]], [[z]], null, 0.25), log - label * z);
  });

  test('say in a sentence what is wrong, in the words of the loss that was called', () => {
    const x = zeros([2]);
    leavesNothing(() => {
      expect(() => losses.meanSquaredError(x, [1, 2, 3])).toThrow(
        new RangeError('Error in meanSquaredError:  Shapes 2 and 3 must match'),
      );
      expect(() => losses.huberLoss(x, x, {} as never)).toThrow(
        new TypeError("Argument 'weights' passed to 'huberLoss' must be a Tensor or TensorLike, but got 'Object'"),
      );
      expect(() => losses.softmaxCrossEntropy({} as never, x)).toThrow(/Argument 'onehotLabels' passed to/);
    });
    x.dispose();
  });
});
