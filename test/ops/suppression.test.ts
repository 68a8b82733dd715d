// Which boxes are left of those that overlap.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jit } from '../../src/jit.js';
import * as image from '../../src/ops/image.js';
import { tensor1d, tensor2d } from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import type { Tensor, Tensor1D, Tensor2D } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

/** Two clusters and a box apart. */
const BOXES = [
  [0, 0, 1, 1],
  [0, 0.1, 1, 1.1],
  [0, -0.1, 1, 0.9],
  [0, 10, 1, 11],
  [0, 10.1, 1, 11.1],
  [0, 100, 1, 101],
];
const SCORES = [0.9, 0.75, 0.6, 0.95, 0.5, 0.3];

const list = (x: Tensor): number[] => Array.from(x.dataSync());

/** The share of the union of two boxes that is in both. */
function overlap(p: number[], q: number[]): number {
  const along = (i: number) => {
    const [low, high] = [Math.max(Math.min(p[i]!, p[i + 2]!), Math.min(q[i]!, q[i + 2]!)), 0];
    return Math.max(high, Math.min(Math.max(p[i]!, p[i + 2]!), Math.max(q[i]!, q[i + 2]!)) - low);
  };
  const area = (b: number[]) => Math.abs((b[2]! - b[0]!) * (b[3]! - b[1]!));
  const both = along(0) * along(1);
  return area(p) > 0 && area(q) > 0 ? both / (area(p) + area(q) - both) : 0;
}

/** The definition: go through the boxes by falling score, keep one that no kept one overlaps. */
function naive(boxes: number[][], scores: number[], most: number, threshold: number): number[] {
  const order = scores.map((_, i) => i).sort((i, j) => scores[j]! - scores[i]! || i - j);
  const kept: number[] = [];
  for (const i of order) {
    if (kept.length < most && kept.every((j) => overlap(boxes[i]!, boxes[j]!) < threshold)) kept.push(i);
  }
  return kept;
}

describe('nonMaxSuppression', () => {
  test('keeps the best box of each cluster, the best first', () => {
    tidy(() => {
      expect(list(image.nonMaxSuppression(BOXES, SCORES, 3, 0.5, 0))).toEqual([3, 0, 5]);
      expect(list(image.nonMaxSuppression(BOXES, SCORES, 2))).toEqual([3, 0]);
      expect(list(image.nonMaxSuppression(BOXES, SCORES, 30, 0.5, 0.4))).toEqual([3, 0]);
      expect(list(image.nonMaxSuppression(BOXES, SCORES, 30, 1))).toEqual([3, 0, 1, 2, 4, 5]);
      expect(list(image.nonMaxSuppression(BOXES, SCORES, 0))).toEqual([]);
    });
  });

  test('takes corners in any order, the first of equal scores, and no box twice', () => {
    tidy(() => {
      const turned = BOXES.map(([a, b, c, d]) => [c!, d!, a!, b!]);
      expect(list(image.nonMaxSuppression(turned, SCORES, 3))).toEqual([3, 0, 5]);
      expect(list(image.nonMaxSuppression(BOXES, [1, 1, 1, 1, 1, 1], 6))).toEqual([0, 3, 5]);
      expect(list(image.nonMaxSuppression([BOXES[0]!, BOXES[0]!], [1, 2], 2, 1))).toEqual([1]);
    });
  });

  test('leaves out scores that are no numbers', () => {
    tidy(() => {
      expect(list(image.nonMaxSuppression(BOXES, [Number.NaN, 1, 0, -Infinity, 2, Infinity], 6))).toEqual([5, 4, 1]);
    });
  });

  test('is the definition, for any boxes', () => {
    const corner = fc.integer({ min: 0, max: 8 });
    const box = fc.tuple(corner, corner, corner, corner);
    const score = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(box, score), { minLength: 1, maxLength: 20 }), fc.nat(20), (given, most) => {
        const boxes = given.map(([b]) => b);
        const scores = given.map(([, s]) => s);
        for (const dtype of ['float32', 'float64'] as const) {
          tidy(() => {
            const found = image.nonMaxSuppression(
              tensor2d(boxes, [boxes.length, 4], dtype),
              tensor1d(scores, dtype),
              most,
              0.3,
            );
            expect(list(found)).toEqual(naive(boxes, scores, most, 0.3));
          });
        }
      }),
    );
  });

  test('refuses what it cannot use', () => {
    leavesNothing(() => {
      const f = image.nonMaxSuppression;
      expect(() => f(SCORES, SCORES, 3)).toThrow(
        new RangeError("nonMaxSuppression: boxes must be a 2D tensor, but was of rank '1'"),
      );
      expect(() => f([[1, 2, 3]], [1], 3)).toThrow(
        new RangeError('nonMaxSuppression: boxes must have 4 columns, but 2nd dimension was 3'),
      );
      expect(() => f(BOXES, [1, 2], 3)).toThrow(
        new RangeError('nonMaxSuppression: scores has incompatible shape with boxes. Expected 6, but was 2'),
      );
      expect(() => f(BOXES, [[1]], 3)).toThrow(
        new RangeError("nonMaxSuppression: scores must be a 1D tensor, but was of rank '2'"),
      );
      expect(() => tidy(() => f(BOXES, tensor1d(SCORES, 'int32'), 3))).toThrow(
        new TypeError(
          "Argument 'scores' passed to 'nonMaxSuppression' must be float32 or float64 tensor, but got int32 tensor",
        ),
      );
      expect(() => f(BOXES, SCORES, 3, 1.5)).toThrow(
        new RangeError("nonMaxSuppression: iouThreshold must be in [0, 1], but was '1.5'"),
      );
      expect(() => f(BOXES, SCORES, -1)).toThrow(
        new RangeError('nonMaxSuppression: maxOutputSize must be a whole number from 0 up, got -1'),
      );
      expect(() => f(BOXES, SCORES, 1, 0.5, Number.NaN)).toThrow(
        new TypeError('nonMaxSuppression: scoreThreshold must be a number, got NaN'),
      );
      expect(() => image.nonMaxSuppressionWithScore(BOXES, SCORES, 3, 0.5, 0, 2)).toThrow(
        new RangeError("nonMaxSuppressionWithScore: softNmsSigma must be in [0, 1], but was '2'"),
      );
    });
  });
});

test('nonMaxSuppressionWithScore lets scores fall by the overlap (TensorFlow 2.3’s published test)', async () => {
  const { selectedIndices, selectedScores } = image.nonMaxSuppressionWithScore(BOXES, SCORES, 6, 1, 0, 0.5);
  expect(list(selectedIndices)).toEqual([3, 0, 1, 5, 4, 2]);
  [0.95, 0.9, 0.384, 0.3, 0.256, 0.197].forEach((score, i) => {
    expect(list(selectedScores)[i]).toBeCloseTo(score, 3);
  });
  selectedIndices.dispose();
  selectedScores.dispose();
  const later = await image.nonMaxSuppressionWithScoreAsync(BOXES, SCORES, 6, 1, 0.35, 0.5);
  expect(list(later.selectedIndices)).toEqual([3, 0, 1]);
  later.selectedIndices.dispose();
  later.selectedScores.dispose();
});

test('nonMaxSuppressionPadded has zeros behind, and is replayed', () => {
  tidy(() => {
    const loose = image.nonMaxSuppressionPadded(BOXES, SCORES, 5);
    expect([list(loose.selectedIndices), list(loose.validOutputs)]).toEqual([[3, 0, 5], [3]]);
    const choose = jit((boxes: Tensor, scores: Tensor) => {
      const found = image.nonMaxSuppressionPadded(boxes as Tensor2D, scores as Tensor1D, 5, 0.5, 0, true);
      return { ...found };
    });
    const scores = [SCORES, [...SCORES].reverse(), SCORES.map((s) => s - 0.5), SCORES];
    const results = scores.map((s) => {
      const found = choose(tensor2d(BOXES), tensor1d(s));
      return [list(found.selectedIndices), list(found.validOutputs)];
    });
    expect(results).toEqual([
      [[3, 0, 5, 0, 0], [3]],
      [[2, 5, 4, 0, 0], [3]],
      [[3, 0, 0, 0, 0], [2]],
      [[3, 0, 5, 0, 0], [3]],
    ]);
    choose.dispose();
  });
});
