// Metrics that keep sums for every class or output.

import { checkCount, checkFinite, checkPositive } from '../check.js';
import * as ops from '../ops/index.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { EPSILON, pair, spread } from './arguments.js';
import { Metric, type MetricOptions, ratio } from './metric.js';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A matrix of true and one of predicted values, for as many rows of weights. */
function rows(yTrue: Tensor, yPred: Tensor, sampleWeight: Tensor | undefined, op: string): [Tensor, Tensor, Tensor] {
  const [t, p] = pair(yTrue, yPred, op);
  if (p.rank !== 2) throw new RangeError(`${op}: needs a matrix, samples by outputs, got ${showShape(p.shape)}`);
  return [t, p, sampleWeight ? spread(sampleWeight, p, op) : ops.onesLike(p)];
}

/** What {@link FBetaScore} takes. */
export interface FBetaScoreOptions extends MetricOptions {
  /**
   * 'micro' counts all classes together, 'macro' averages theirs, 'weighted' weighs them by how much of each there is;
   * null, if absent, gives a list, one for each class.
   */
  average?: 'micro' | 'macro' | 'weighted' | null;
  /** How many times as much recall counts as precision; 1 if absent. */
  beta?: number;
  /** Predictions above it are positive; absent or null: the greatest of a row is. */
  threshold?: number | null;
}

/**
 * (1 + beta²) · precision · recall / (beta² · precision + recall) of each class (van Rijsbergen 1979).
 *
 * @param options - average: null; beta: 1; threshold: none
 * @throws RangeError unless beta is positive, for another average, and for predictions that are no matrix
 * @example
 * const score = new metrics.FBetaScore({ beta: 2, threshold: 0.5 });
 * score.update([[1, 1], [1, 0]], [[0.2, 0.6], [0.2, 0.6]]);
 * score.result();  // [0, 0.8333332]
 */
export class FBetaScore extends Metric<number | number[]> {
  private readonly average: 'micro' | 'macro' | 'weighted' | null;
  private readonly beta: number;
  private readonly threshold: number | null;

  constructor({ average = null, beta = 1, threshold = null, name = 'fBetaScore' }: FBetaScoreOptions = {}) {
    super(name);
    checkPositive(beta, 'beta', name);
    if (threshold !== null) checkFinite(threshold, 'threshold', name);
    if (![null, 'micro', 'macro', 'weighted'].includes(average)) {
      throw new RangeError(`${name}: average must be null, micro, macro or weighted, got ${average}`);
    }
    this.average = average;
    this.beta = beta;
    this.threshold = threshold;
  }

  share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
    const [t, p, w] = rows(yTrue, yPred, sampleWeight, this.name);
    const isPositive =
      this.threshold === null
        ? ops.logicalAnd(ops.greaterEqual(p, ops.max(p, -1, true)), ops.greater(ops.abs(p), 1e-9))
        : ops.greater(p, this.threshold);
    const positive = ops.cast(isPositive, p.dtype);
    // True positives, false positives, false negatives.
    return [ops.mul(positive, t), ops.mul(positive, ops.sub(1, t)), ops.mul(ops.sub(1, positive), t)].map((x) =>
      ops.sum(ops.mul(x, w), 0),
    );
  }

  private score(truePositives: number, falsePositives: number, falseNegatives: number): number {
    const precision = truePositives / (truePositives + falsePositives + EPSILON);
    const recall = truePositives / (truePositives + falseNegatives + EPSILON);
    const square = this.beta * this.beta;
    return ((1 + square) * precision * recall) / (square * precision + recall + EPSILON);
  }

  result(): number | number[] {
    const n = this.sums.length / 3;
    const [hits, extra, missed] = [0, 1, 2].map((k) => [...this.sums.subarray(k * n, (k + 1) * n)]) as [
      number[],
      number[],
      number[],
    ];
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    if (this.average === 'micro') return this.score(sum(hits), sum(extra), sum(missed));
    const scores = hits.map((hit, i) => this.score(hit, extra[i]!, missed[i]!));
    if (this.average === null) return scores;
    if (this.average === 'macro') return n === 0 ? 0 : mean(scores);
    const shares = hits.map((hit, i) => hit + missed[i]!);
    return sum(scores.map((score, i) => score * shares[i]!)) / (sum(shares) + EPSILON);
  }
}

/**
 * {@link FBetaScore} with beta 1: the harmonic mean of precision and recall.
 *
 * @example
 * const score = new metrics.F1Score({ average: 'macro' });
 * score.update([[1, 0], [0, 1]], [[0.9, 0.1], [0.7, 0.3]]);
 * score.result();  // 0.3333333
 */
export class F1Score extends FBetaScore {
  constructor({ name = 'f1Score', ...options }: Omit<FBetaScoreOptions, 'beta'> = {}) {
    super({ name, ...options });
  }
}

/** What {@link ConfusionMatrix} takes. */
export interface ConfusionMatrixOptions extends MetricOptions {
  /** How many classes there are, numbered from 0. */
  numClasses: number;
  /** A class number of yTrue that does not count; none if absent. */
  ignoreClass?: number | null;
  /** Whether yTrue is class numbers, not a row per class number whose greatest place it is; true if absent. */
  sparseYTrue?: boolean;
  /** The same of yPred. */
  sparseYPred?: boolean;
}

/** How often each class was taken for each, row by row of true classes; numbers that are no class do not count. */
abstract class Confusing<R extends number | number[][]> extends Metric<R> {
  protected readonly numClasses: number;
  private readonly options: Omit<ConfusionMatrixOptions, 'numClasses' | 'name'>;

  constructor(name: string, { numClasses, ...options }: ConfusionMatrixOptions) {
    super(name);
    checkCount(numClasses, 1, 'numClasses', name);
    this.numClasses = numClasses;
    this.options = options;
  }

  /** The class number that each prediction says. */
  protected predicted(p: Tensor): Tensor {
    return this.options.sparseYPred === false ? ops.argMax(p, -1) : p;
  }

  share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
    const { ignoreClass = null, sparseYTrue = true } = this.options;
    const n = this.numClasses;
    const [t, p] = pair(sparseYTrue ? yTrue : ops.argMax(yTrue, -1), this.predicted(yPred), this.name);
    const w = sampleWeight ? spread(sampleWeight, p, this.name) : ops.onesLike(p);
    const isClass = (x: Tensor) => ops.logicalAnd(ops.greaterEqual(x, 0), ops.less(x, n));
    const isCounted = ops.logicalAnd(isClass(t), isClass(p));
    const counts = ignoreClass === null ? isCounted : ops.logicalAnd(isCounted, ops.notEqual(t, ignoreClass));
    const whole = (x: Tensor) => ops.cast(x, 'int32');
    const cells = ops.add(ops.mul(whole(t), ops.scalar(n, 'int32')), whole(p));
    // A negative number is no cell.
    const counted = ops.where(counts, cells, ops.scalar(-1, 'int32'));
    return [ops.unsortedSegmentSum(ops.reshape(ops.cast(w, 'float64'), [-1]), ops.reshape(counted, [-1]), n * n)];
  }

  protected matrix(): number[][] {
    const { numClasses: n } = this;
    return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => this.at(i * n + j)));
  }
}

/**
 * How often each class (rows) was taken for each (columns), counted by weight.
 *
 * @param options - numClasses; ignoreClass: none; sparseYTrue, sparseYPred: true
 * @example
 * const confusion = new metrics.ConfusionMatrix({ numClasses: 2 });
 * confusion.update([0, 1, 1], [0, 1, 0]);
 * confusion.result();  // [[1, 0], [1, 1]]
 */
export class ConfusionMatrix extends Confusing<number[][]> {
  constructor({ name = 'confusionMatrix', ...options }: ConfusionMatrixOptions) {
    super(name, options);
  }

  result(): number[][] {
    return this.matrix();
  }
}

/** What {@link IoU} takes. */
export interface IoUOptions extends ConfusionMatrixOptions {
  /** Which classes' shares are averaged. */
  targetClassIds: readonly number[];
}

/**
 * True positives / (true positives + false positives + false negatives) of some classes, averaged over those of them that
 * occur. With sparseYTrue and sparseYPred false it is Keras's OneHotIoU.
 *
 * @param options - numClasses; targetClassIds; ignoreClass: none; sparseYTrue, sparseYPred: true
 * @throws RangeError for a target outside the classes
 * @example
 * const iou = new metrics.IoU({ numClasses: 2, targetClassIds: [0] });
 * iou.update([0, 0, 1, 1], [0, 1, 0, 1]);
 * iou.result();  // 0.3333333
 */
export class IoU extends Confusing<number> {
  private readonly targets: readonly number[];

  constructor({ targetClassIds, name = 'iou', ...options }: IoUOptions) {
    super(name, options);
    for (const id of targetClassIds) {
      checkCount(id, 0, 'a target class', name);
      if (id >= options.numClasses) {
        throw new RangeError(`${name}: a target class must be below numClasses ${options.numClasses}, got ${id}`);
      }
    }
    this.targets = targetClassIds;
  }

  result(): number {
    const matrix = this.matrix();
    const shares: number[] = [];
    for (const i of this.targets) {
      const [row, column] = [matrix[i]!, matrix.map((values) => values[i]!)];
      const joint = [...row, ...column].reduce((sum, value) => sum + value, 0) - row[i]!;
      if (joint > 0) shares.push(row[i]! / joint);
    }
    return shares.length === 0 ? 0 : mean(shares);
  }
}

/**
 * {@link IoU} averaged over all classes that occur. With sparseYTrue and sparseYPred false it is Keras's OneHotMeanIoU.
 *
 * @param options - numClasses; ignoreClass: none; sparseYTrue, sparseYPred: true
 * @example
 * const iou = new metrics.MeanIoU({ numClasses: 2 });
 * iou.update([0, 0, 1, 1], [0, 1, 0, 1]);
 * iou.result();  // 0.3333333
 */
export class MeanIoU extends IoU {
  constructor({ name = 'meanIoU', ...options }: ConfusionMatrixOptions) {
    super({ name, ...options, targetClassIds: Array.from({ length: options.numClasses }, (_, i) => i) });
  }
}

/** What {@link BinaryIoU} takes. */
export interface BinaryIoUOptions extends MetricOptions {
  /** Which of 0 and 1 are averaged; both if absent. */
  targetClassIds?: readonly number[];
  /** Predictions from it on are 1; 0.5 if absent. */
  threshold?: number;
}

/**
 * {@link IoU} of what is 0 and what is 1, for predictions that are 1 from a threshold on.
 *
 * @param options - targetClassIds: [0, 1]; threshold: 0.5
 * @throws RangeError for targets other than 0 and 1
 * @example
 * const iou = new metrics.BinaryIoU({ threshold: 0.3 });
 * iou.update([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]);
 * iou.result();  // 0.3333333
 */
export class BinaryIoU extends IoU {
  private readonly threshold: number;

  constructor({ targetClassIds = [0, 1], threshold = 0.5, name = 'binaryIoU' }: BinaryIoUOptions = {}) {
    super({ numClasses: 2, targetClassIds, name });
    checkFinite(threshold, 'threshold', name);
    this.threshold = threshold;
  }

  protected override predicted(p: Tensor): Tensor {
    return ops.cast(ops.greaterEqual(p, this.threshold), p.dtype);
  }
}

/** What {@link R2Score} takes. */
export interface R2ScoreOptions extends MetricOptions {
  /**
   * 'uniformAverage' of the outputs' scores, if absent; 'varianceWeightedAverage' weighs them by how much the true values vary;
   * null gives a list, one for each output.
   */
  classAggregation?: 'uniformAverage' | 'varianceWeightedAverage' | null;
  /** How many inputs the predictions rest on: the score is adjusted for chance; 0, if absent, does not. */
  numRegressors?: number;
}

/**
 * 1 − Σ (yTrue − yPred)² / Σ (yTrue − mean(yTrue))² of each output: how much of the variation is explained.
 *
 * @param options - classAggregation: 'uniformAverage'; numRegressors: 0
 * @throws RangeError for another aggregation and for predictions that are no matrix
 * @example
 * const score = new metrics.R2Score();
 * score.update([[1], [4], [3]], [[2], [4], [4]]);
 * score.result();  // 0.5714286
 */
export class R2Score extends Metric<number | number[]> {
  private readonly aggregation: 'uniformAverage' | 'varianceWeightedAverage' | null;
  private readonly numRegressors: number;

  constructor({ classAggregation = 'uniformAverage', numRegressors = 0, name = 'r2Score' }: R2ScoreOptions = {}) {
    super(name);
    if (![null, 'uniformAverage', 'varianceWeightedAverage'].includes(classAggregation)) {
      throw new RangeError(
        `${name}: classAggregation must be null, uniformAverage or varianceWeightedAverage, got ${classAggregation}`,
      );
    }
    checkCount(numRegressors, 0, 'numRegressors', name);
    this.aggregation = classAggregation;
    this.numRegressors = numRegressors;
  }

  share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
    const [t, p, w] = rows(yTrue, yPred, sampleWeight, this.name).map((x) => ops.cast(x, 'float64')) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const counts = ops.cast(ops.any(ops.notEqual(w, 0), 1), 'float64');
    const sums = [w, ops.mul(w, t), ops.mul(w, ops.square(t)), ops.mul(w, ops.squaredDifference(t, p))];
    return [ops.sum(counts), ...sums.map((x) => ops.sum(x, 0))];
  }

  result(): number | number[] {
    const samples = this.at(0);
    const n = Math.max(0, (this.sums.length - 1) / 4);
    const totals: number[] = [];
    const scores: number[] = [];
    for (let i = 0; i < n; i++) {
      const [count, sum, squares, missed] = [0, 1, 2, 3].map((k) => this.at(1 + k * n + i)) as [
        number,
        number,
        number,
        number,
      ];
      const total = squares - (sum * sum) / count;
      totals.push(total);
      scores.push(this.adjusted(total === 0 ? 0 : 1 - missed / total, samples));
    }
    if (this.aggregation === null) return scores;
    if (n === 0) return 0;
    if (this.aggregation === 'uniformAverage') return mean(scores);
    return ratio(
      scores.reduce((sum, score, i) => sum + score * totals[i]!, 0),
      totals.reduce((sum, total) => sum + total, 0),
    );
  }

  /** Less what so many regressors explain by chance, where there are samples enough for that. */
  private adjusted(score: number, samples: number): number {
    const k = this.numRegressors;
    if (k === 0 || k >= samples - 1) return score;
    return 1 - ((1 - score) * (samples - 1)) / (samples - k - 1);
  }
}
