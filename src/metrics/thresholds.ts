// Metrics of yes and no: how many predictions above a threshold are right and wrong.

import { checkCount, checkFinite } from '../check.js';
import * as ops from '../ops/index.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { pair, spread } from './arguments.js';
import { Metric, type MetricOptions, type Result, ratio } from './metric.js';

/** How many were right and wrong at one threshold, each weighed. */
export interface Counts {
  truePositives: number;
  falsePositives: number;
  trueNegatives: number;
  falseNegatives: number;
}

const sensitivity = ({ truePositives, falseNegatives }: Counts) => ratio(truePositives, truePositives + falseNegatives);
const specificity = ({ trueNegatives, falsePositives }: Counts) => ratio(trueNegatives, trueNegatives + falsePositives);
const precision = ({ truePositives, falsePositives }: Counts) => ratio(truePositives, truePositives + falsePositives);

// Predictions compared with all thresholds at a time: what bounds the memory that takes.
const MOST = 16384;

/** Counts at every threshold, in float64: what is above it, of what is true and of what is not, is a matrix product. */
export abstract class Thresholded<R extends Result> extends Metric<R> {
  protected readonly thresholds: readonly number[];

  constructor(name: string, thresholds: readonly number[]) {
    super(name);
    for (const threshold of thresholds) {
      if (threshold !== -Infinity) checkFinite(threshold, 'a threshold', name);
    }
    this.thresholds = thresholds;
  }

  /** Labels, predictions and weights as they are counted. */
  protected prepare(t: Tensor, p: Tensor, w: Tensor | undefined): [Tensor, Tensor, Tensor | undefined] {
    return [t, p, w && spread(w, p, this.name)];
  }

  share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
    const [t, p, w] = this.prepare(...pair(yTrue, yPred, this.name), sampleWeight);
    return this.count(...([t, p, w ?? ops.onesLike(p)].map((x) => ops.reshape(x, [-1])) as [Tensor, Tensor, Tensor]));
  }

  /** For no threshold and for each: the weights of what is true and above it, and of what is false and above it. */
  protected count(t: Tensor, p: Tensor, w: Tensor): Tensor[] {
    const parts: Tensor[] = [];
    let at = 0;
    do {
      const part = (x: Tensor) => ops.slice(x, at, Math.min(MOST, p.size - at));
      parts.push(tidy(() => this.countPart(part(t), part(p), part(w))));
      at += MOST;
    } while (at < p.size);
    return [ops.addN(parts)];
  }

  private countPart(t: Tensor, p: Tensor, w: Tensor): Tensor {
    const isAbove = ops.greater(p, ops.cast(ops.tensor2d([...this.thresholds], [this.thresholds.length, 1]), p.dtype));
    const all = ops.fill([1, p.size], 1, 'bool');
    const isTrue = ops.notEqual(t, 0);
    const weights = ops.cast(w, 'float64');
    const kinds = ops.stack(
      [isTrue, ops.logicalNot(isTrue)].map((kind) => ops.mul(ops.cast(kind, 'float64'), weights)),
      1,
    );
    return ops.matMul(ops.cast(ops.concat([all, isAbove], 0), 'float64'), kinds);
  }

  /** What was counted at every threshold; of label number `label` of several that are counted apart. */
  protected counts(label = 0): Counts[] {
    const begin = 2 * (this.thresholds.length + 1) * label;
    const [trues, falses] = [this.at(begin), this.at(begin + 1)];
    return this.thresholds.map((_, i) => {
      const [truePositives, falsePositives] = [this.at(begin + 2 * i + 2), this.at(begin + 2 * i + 3)];
      return {
        truePositives,
        falsePositives,
        trueNegatives: falses - falsePositives,
        falseNegatives: trues - truePositives,
      };
    });
  }
}

/** What metrics that count at thresholds take. */
export interface ThresholdsOptions extends MetricOptions {
  /** Predictions above it are positive; of several, each gives a result of its own; 0.5 if absent. */
  thresholds?: number | readonly number[] | null;
}

/** One number for one threshold, a list for a list. */
abstract class PerThreshold extends Thresholded<number | number[]> {
  private readonly isList: boolean;

  constructor(name: string, thresholds: number | readonly number[]) {
    super(name, [thresholds].flat());
    this.isList = Array.isArray(thresholds);
  }

  protected abstract of(counts: Counts): number;

  result(): number | number[] {
    const results = this.counts().map((counts) => this.of(counts));
    return this.isList ? results : results[0]!;
  }
}

/**
 * How much of what is true is predicted, counted by weight.
 *
 * @param options - thresholds: 0.5
 * @example
 * const count = new metrics.TruePositives();
 * count.update([0, 1, 1], [1, 0, 1]);
 * count.result();  // 1
 */
export class TruePositives extends PerThreshold {
  constructor({ thresholds, name = 'truePositives' }: ThresholdsOptions = {}) {
    super(name, thresholds ?? 0.5);
  }

  protected of({ truePositives }: Counts): number {
    return truePositives;
  }
}

/**
 * How much of what is false is predicted, counted by weight.
 *
 * @param options - thresholds: 0.5
 * @example
 * const count = new metrics.FalsePositives();
 * count.update([0, 1, 1], [1, 0, 1]);
 * count.result();  // 1
 */
export class FalsePositives extends PerThreshold {
  constructor({ thresholds, name = 'falsePositives' }: ThresholdsOptions = {}) {
    super(name, thresholds ?? 0.5);
  }

  protected of({ falsePositives }: Counts): number {
    return falsePositives;
  }
}

/**
 * How much of what is false is not predicted, counted by weight.
 *
 * @param options - thresholds: 0.5
 * @example
 * const count = new metrics.TrueNegatives();
 * count.update([0, 1, 1], [1, 0, 1]);
 * count.result();  // 0
 */
export class TrueNegatives extends PerThreshold {
  constructor({ thresholds, name = 'trueNegatives' }: ThresholdsOptions = {}) {
    super(name, thresholds ?? 0.5);
  }

  protected of({ trueNegatives }: Counts): number {
    return trueNegatives;
  }
}

/**
 * How much of what is true is not predicted, counted by weight.
 *
 * @param options - thresholds: 0.5
 * @example
 * const count = new metrics.FalseNegatives();
 * count.update([0, 1, 1], [1, 0, 1]);
 * count.result();  // 1
 */
export class FalseNegatives extends PerThreshold {
  constructor({ thresholds, name = 'falseNegatives' }: ThresholdsOptions = {}) {
    super(name, thresholds ?? 0.5);
  }

  protected of({ falseNegatives }: Counts): number {
    return falseNegatives;
  }
}

/** What {@link Precision} and {@link Recall} take. */
export interface PrecisionOptions extends ThresholdsOptions {
  /** Only the k greatest of each row are positive, then also below 0.5 unless thresholds are given; all if absent. */
  topK?: number | null;
  /** Only this column counts; all if absent. */
  classId?: number | null;
}

/** Column `classId` of labels, predictions and weights. */
function column(
  classId: number | null,
  [t, p, w]: [Tensor, Tensor, Tensor | undefined],
  op: string,
): [Tensor, Tensor, Tensor | undefined] {
  if (classId === null) return [t, p, w];
  const n = p.shape.at(-1) ?? 0;
  if (p.rank < 2 || classId >= n) {
    throw new RangeError(`${op}: classId ${classId} needs as many columns of predictions, got ${showShape(p.shape)}`);
  }
  const pick = (x: Tensor) => ops.gather(x, ops.tensor1d([classId], 'int32'), -1);
  return [pick(t), pick(p), w && pick(w)];
}

/** A share of the true positives, of the k greatest predictions or one class. */
abstract class Chosen extends PerThreshold {
  private readonly topK: number | null;
  private readonly classId: number | null;

  constructor(name: string, { thresholds = null, topK = null, classId = null }: PrecisionOptions) {
    super(name, thresholds ?? (topK === null ? 0.5 : -Infinity));
    if (topK !== null) checkCount(topK, 1, 'topK', name);
    if (classId !== null) checkCount(classId, 0, 'classId', name);
    this.topK = topK;
    this.classId = classId;
  }

  protected override prepare(t: Tensor, p: Tensor, w: Tensor | undefined): [Tensor, Tensor, Tensor | undefined] {
    let chosen = p;
    if (this.topK !== null) {
      const { indices } = ops.topk(p, this.topK);
      const isGreatest = ops.any(ops.oneHot(indices, p.shape.at(-1)!, 1, 0, 'bool'), -2);
      chosen = ops.where(isGreatest, p, -Infinity);
    }
    return column(this.classId, super.prepare(t, chosen, w), this.name);
  }
}

/**
 * True positives / (true positives + false positives); 0 where nothing is predicted.
 *
 * @param options - thresholds: 0.5; topK, classId: none. With topK a recorded step runs eagerly: it sorts in JavaScript
 * @throws RangeError for a topK or classId beyond the columns of the predictions
 * @example
 * const precision = new metrics.Precision();
 * precision.update([0, 1, 1, 1], [1, 0, 1, 1]);
 * precision.result();  // 0.6666667
 */
export class Precision extends Chosen {
  constructor({ name = 'precision', ...options }: PrecisionOptions = {}) {
    super(name, options);
  }

  protected of(counts: Counts): number {
    return precision(counts);
  }
}

/**
 * True positives / (true positives + false negatives); 0 where nothing is true.
 *
 * @param options - as for {@link Precision}
 * @example
 * const recall = new metrics.Recall({ thresholds: [0.5, 0.7] });
 * recall.update([0, 1, 1, 0], [1, 0, 0.6, 0]);
 * recall.result();  // [0.5, 0]
 */
export class Recall extends Chosen {
  constructor({ name = 'recall', ...options }: PrecisionOptions = {}) {
    super(name, options);
  }

  protected of(counts: Counts): number {
    return sensitivity(counts);
  }
}

/** n numbers from 0 to 1. */
export const evenly = (n: number): number[] => Array.from({ length: n }, (_, i) => i / (n - 1));

/** What metrics such as {@link SensitivityAtSpecificity} take beside their bound. */
export interface AtOptions extends MetricOptions {
  /** At how many thresholds from 0 to 1 it is looked for; 200 if absent. */
  numThresholds?: number;
  /** Only this column counts; all if absent. */
  classId?: number | null;
}

/** The best of one share among the thresholds where another is at least a bound; 0 where it is nowhere. */
abstract class BestAt extends Thresholded<number> {
  private readonly bound: number;
  private readonly classId: number | null;

  constructor(name: string, bound: number, what: string, { numThresholds = 200, classId = null }: AtOptions) {
    checkFinite(bound, what, name);
    if (bound < 0 || bound > 1) throw new RangeError(`${name}: ${what} must be in [0, 1], got ${bound}`);
    checkCount(numThresholds, 1, 'numThresholds', name);
    if (classId !== null) checkCount(classId, 0, 'classId', name);
    super(name, numThresholds === 1 ? [0.5] : evenly(numThresholds));
    this.bound = bound;
    this.classId = classId;
  }

  protected override prepare(t: Tensor, p: Tensor, w: Tensor | undefined): [Tensor, Tensor, Tensor | undefined] {
    return column(this.classId, super.prepare(t, p, w), this.name);
  }

  protected abstract readonly best: (counts: Counts) => number;
  protected abstract readonly bounded: (counts: Counts) => number;

  result(): number {
    const found = this.counts().filter((counts) => this.bounded(counts) >= this.bound);
    return Math.max(0, ...found.map((counts) => this.best(counts)));
  }
}

/**
 * The greatest share of what is true that is predicted, among thresholds that leave this share of what is false out.
 *
 * @param options - specificity, from 0 to 1; numThresholds: 200; classId: none
 * @throws RangeError for a specificity outside [0, 1]
 * @example
 * const metric = new metrics.SensitivityAtSpecificity({ specificity: 0.5 });
 * metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]);
 * metric.result();  // 0.5
 */
export class SensitivityAtSpecificity extends BestAt {
  protected readonly best = sensitivity;
  protected readonly bounded = specificity;

  constructor({ specificity, name = 'sensitivityAtSpecificity', ...options }: AtOptions & { specificity: number }) {
    super(name, specificity, 'specificity', options);
  }
}

/**
 * The greatest share of what is false that is left out, among thresholds that predict this share of what is true.
 *
 * @param options - sensitivity, from 0 to 1; numThresholds: 200; classId: none
 * @throws RangeError for a sensitivity outside [0, 1]
 * @example
 * const metric = new metrics.SpecificityAtSensitivity({ sensitivity: 0.5 });
 * metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]);
 * metric.result();  // 0.6666667
 */
export class SpecificityAtSensitivity extends BestAt {
  protected readonly best = specificity;
  protected readonly bounded = sensitivity;

  constructor({ sensitivity, name = 'specificityAtSensitivity', ...options }: AtOptions & { sensitivity: number }) {
    super(name, sensitivity, 'sensitivity', options);
  }
}

/**
 * The greatest precision among thresholds with at least this recall.
 *
 * @param options - recall, from 0 to 1; numThresholds: 200; classId: none
 * @throws RangeError for a recall outside [0, 1]
 * @example
 * const metric = new metrics.PrecisionAtRecall({ recall: 0.5 });
 * metric.update([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]);
 * metric.result();  // 0.5
 */
export class PrecisionAtRecall extends BestAt {
  protected readonly best = precision;
  protected readonly bounded = sensitivity;

  constructor({ recall, name = 'precisionAtRecall', ...options }: AtOptions & { recall: number }) {
    super(name, recall, 'recall', options);
  }
}

/**
 * The greatest recall among thresholds with at least this precision.
 *
 * @param options - precision, from 0 to 1; numThresholds: 200; classId: none
 * @throws RangeError for a precision outside [0, 1]
 * @example
 * const metric = new metrics.RecallAtPrecision({ precision: 0.8 });
 * metric.update([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]);
 * metric.result();  // 0.5
 */
export class RecallAtPrecision extends BestAt {
  protected readonly best = sensitivity;
  protected readonly bounded = precision;

  constructor({ precision, name = 'recallAtPrecision', ...options }: AtOptions & { precision: number }) {
    super(name, precision, 'precision', options);
  }
}
