// The area under a curve of what is right and wrong at every threshold.

import { checkBetween, checkCount } from '../check.js';
import { sigmoid } from '../ops/activation.js';
import * as ops from '../ops/index.js';
import { log } from '../random/log.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { EPSILON, pair, spread } from './arguments.js';
import { type MetricOptions, ratio } from './metric.js';
import { type Counts, evenly, Thresholded } from './thresholds.js';

/** What {@link AUC} takes. */
export interface AUCOptions extends MetricOptions {
  /** How many thresholds from just below 0 to just above 1; 200 if absent. */
  numThresholds?: number;
  /** Thresholds of one's own, to which both ends are added. */
  thresholds?: readonly number[] | null;
  /** 'ROC' (recall over the share of false that is predicted), 'PR' (precision over recall) or 'PRGAIN'; 'ROC' if absent. */
  curve?: 'ROC' | 'PR' | 'PRGAIN';
  /** The height between two thresholds: 'interpolation', or the lesser ('minoring') or greater ('majoring') of theirs. */
  summationMethod?: 'interpolation' | 'minoring' | 'majoring';
  /** Whether each column has a curve of its own and the areas are averaged; false if absent. */
  multiLabel?: boolean;
  /** Weights of the columns; 1 if absent. */
  labelWeights?: readonly number[] | null;
  /** Whether predictions are logits; false if absent. */
  fromLogits?: boolean;
}

/** A point of a curve. */
type Point = readonly [x: number, y: number];

/** Flach & Kull's gains of recall and precision (2015); where nothing true is predicted 0 and 1. */
function gains({ truePositives, falsePositives, trueNegatives, falseNegatives }: Counts): Point {
  if (truePositives === 0) return [0, 1];
  const odds = ratio(truePositives + falseNegatives, trueNegatives + falsePositives);
  const gain = (wrong: number) => 1 - odds * (wrong / truePositives);
  return [Math.max(0, gain(falseNegatives)), gain(falsePositives)];
}

const POINTS = {
  ROC: ({ truePositives, falsePositives, trueNegatives, falseNegatives }: Counts): Point => [
    ratio(falsePositives, falsePositives + trueNegatives),
    ratio(truePositives, truePositives + falseNegatives),
  ],
  PR: ({ truePositives, falsePositives, falseNegatives }: Counts): Point => [
    ratio(truePositives, truePositives + falseNegatives),
    ratio(truePositives, truePositives + falsePositives),
  ],
  PRGAIN: gains,
};

const HEIGHTS = {
  interpolation: (a: number, b: number): number => (a + b) / 2,
  minoring: (a: number, b: number): number => Math.min(a, b),
  majoring: (a: number, b: number): number => Math.max(a, b),
};

/**
 * The area under precision over recall between two thresholds, with true and false positives, not precision, on a line
 * between them (Davis & Goadrich 2006).
 */
function interpolatedPrecision(a: Counts, b: Counts): number {
  const [positivesA, positivesB] = [a.truePositives + a.falsePositives, b.truePositives + b.falsePositives];
  const more = a.truePositives - b.truePositives;
  const slope = ratio(more, Math.max(0, positivesA - positivesB));
  const intercept = b.truePositives - slope * positivesB;
  const stretch = positivesA > 0 && positivesB > 0 ? log(positivesA / positivesB) : 0;
  return ratio(slope * (more + intercept * stretch), b.truePositives + b.falseNegatives);
}

/**
 * The area under a curve through what is right and wrong at many thresholds, as in Keras: near the exact one where
 * predictions spread over [0, 1].
 *
 * @param options - numThresholds: 200; thresholds: evenly from 0 to 1; curve: 'ROC'; summationMethod: 'interpolation';
 *   multiLabel, fromLogits: false; labelWeights: 1
 * @throws RangeError for fewer than 2 thresholds or one outside [0, 1], another curve or summation, and labelWeights that
 *   are not as many as the predictions' columns
 * @example
 * const auc = new metrics.AUC({ numThresholds: 3 });
 * auc.update([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]);
 * auc.result();  // 0.75
 */
export class AUC extends Thresholded<number> {
  private readonly curve: keyof typeof POINTS;
  private readonly summation: keyof typeof HEIGHTS;
  private readonly multiLabel: boolean;
  private readonly labelWeights: readonly number[] | null;
  private readonly fromLogits: boolean;

  constructor({
    numThresholds = 200,
    thresholds = null,
    curve = 'ROC',
    summationMethod = 'interpolation',
    multiLabel = false,
    labelWeights = null,
    fromLogits = false,
    name = 'auc',
  }: AUCOptions = {}) {
    checkCount(numThresholds, 2, 'numThresholds', name);
    for (const threshold of thresholds ?? []) checkBetween(threshold, 0, 1 + Number.EPSILON, 'a threshold', name);
    if (!Object.hasOwn(POINTS, curve)) throw new RangeError(`${name}: curve must be ROC, PR or PRGAIN, got ${curve}`);
    if (!Object.hasOwn(HEIGHTS, summationMethod)) {
      throw new RangeError(
        `${name}: summationMethod must be interpolation, minoring or majoring, got ${summationMethod}`,
      );
    }
    const inner = thresholds ? [...thresholds].sort((a, b) => a - b) : evenly(numThresholds).slice(1, -1);
    super(name, [-EPSILON, ...inner, 1 + EPSILON]);
    this.curve = curve;
    this.summation = summationMethod;
    this.multiLabel = multiLabel;
    this.labelWeights = labelWeights;
    this.fromLogits = fromLogits;
  }

  override share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): Tensor[] {
    const [t, p0] = pair(yTrue, yPred, this.name);
    const p = this.fromLogits ? sigmoid(p0) : p0;
    const w = sampleWeight ? spread(sampleWeight, p, this.name) : ops.onesLike(p);
    const weights = this.labelWeights;
    if (weights && (p.rank < 2 || weights.length !== p.shape.at(-1))) {
      throw new RangeError(
        `${this.name}: labelWeights need as many columns of predictions, got ${weights.length} and ${showShape(p.shape)}`,
      );
    }
    const flat = (x: Tensor): Tensor => ops.reshape(x, [-1]);
    if (!this.multiLabel) {
      const scaled = weights ? ops.mul(w, ops.tensor1d([...weights])) : w;
      return this.count(flat(t), flat(p), flat(scaled));
    }
    if (p.rank !== 2) throw new RangeError(`${this.name}: multiLabel needs a matrix, got ${showShape(p.shape)}`);
    const [ts, ps, ws] = [t, p, w].map((x) => ops.unstack(x, 1)) as [Tensor[], Tensor[], Tensor[]];
    return ts.flatMap((column, i) => this.count(column, ps[i]!, ws[i]!));
  }

  private area(label: number): number {
    const counts = this.counts(label);
    const points = counts.map(POINTS[this.curve]);
    const exact = this.curve === 'PR' && this.summation === 'interpolation';
    let area = 0;
    for (let i = 0; i + 1 < points.length; i++) {
      const [a, b] = [points[i]!, points[i + 1]!];
      area += exact
        ? interpolatedPrecision(counts[i]!, counts[i + 1]!)
        : (a[0] - b[0]) * HEIGHTS[this.summation](a[1], b[1]);
    }
    return area;
  }

  result(): number {
    if (!this.multiLabel) return this.area(0);
    const labels = this.sums.length / (2 * (this.thresholds.length + 1));
    const weights = this.labelWeights ?? new Array<number>(labels).fill(1);
    let [sum, whole] = [0, 0];
    for (let label = 0; label < labels; label++) {
      sum += weights[label]! * this.area(label);
      whole += weights[label]!;
    }
    return ratio(sum, whole);
  }
}
