// Metrics over batches. What every metric here remembers is sums: a batch's share of them is found by ops, which a
// recorded step replays, and added up here, in float64; the result is a formula of the sums.

import { convert } from '../convert.js';
import { BYTES } from '../dtype.js';
import { readElement } from '../memory.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { dispose, tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { breakTrace } from '../wasm/trace.js';
import { type BinaryAccuracyOptions, binaryMatches, equalElements } from './accuracy.js';
import { pair, spread, type Values } from './arguments.js';

/** What every metric over batches takes. */
export interface MetricOptions {
  /** What the metric is called in a model's figures. */
  name?: string;
}

/** A number, or one for each threshold, class or pair of classes. */
export type Result = number | number[] | number[][];

/** a / b, 0 where b is 0. */
export const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** Sums over batches, and what follows from them. */
abstract class Accumulator<R extends Result = Result> {
  /** What the metric is called in a model's figures. */
  readonly name: string;
  /** The sums; empty at first. */
  protected sums: Float64Array = new Float64Array();

  constructor(name: string) {
    this.name = name;
  }

  /** What the sums so far come to. */
  abstract result(): R;

  /** Forgets the sums. */
  reset(): void {
    this.sums = new Float64Array();
  }

  /** @internal Adds a batch's share, whose elements lie one after the other in tensors. */
  add(share: readonly Tensor[]): void {
    let n = 0;
    for (const { size } of share) n += size;
    if (this.sums.length === 0) this.sums = new Float64Array(n);
    if (this.sums.length !== n) {
      throw new RangeError(`${this.name}: batches need the same number of outputs; reset() comes before others`);
    }
    let i = 0;
    for (const { dtype, size, storage } of share) {
      for (let k = 0; k < size; k++) this.sums[i++]! += readElement(dtype, storage.address + k * BYTES[dtype]);
    }
  }

  /** @internal Forgets the sums; the function that is returned brings them back. */
  setAside(): () => void {
    const { sums } = this;
    this.reset();
    return () => {
      this.sums = sums;
    };
  }

  /** The sum number i. */
  protected at(i: number): number {
    return this.sums[i] ?? 0;
  }

  /** Adds what `f` finds, and disposes of it. */
  protected take(f: () => Tensor[]): void {
    breakTrace('it updates a metric');
    const share = tidy(f);
    try {
      this.add(share);
    } finally {
      dispose(share);
    }
  }
}

/**
 * A metric of true and predicted values, remembered over batches. One of one's own says what a batch adds, in ops, and
 * what the sums come to.
 *
 * @example
 * class Bias extends metrics.Metric {
 *   share(yTrue, yPred) {
 *     return [sum(sub(yPred, yTrue)), fill([], yPred.size)];
 *   }
 *   result() {
 *     return this.sums[0] / this.sums[1];
 *   }
 * }
 * const bias = new Bias('bias');
 * bias.update([1, 2], [2, 4]);
 * bias.result();  // 1.5
 */
export abstract class Metric<R extends Result = Result> extends Accumulator<R> {
  /**
   * A batch's share of the sums: tensors whose elements, one after the other, are added to them.
   *
   * @param isMask - whether the weights only say which steps count
   */
  abstract share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, isMask?: boolean): Tensor[];

  /**
   * Takes a batch into account.
   *
   * @param sampleWeight - one number, or weights whose axes are those of the values from the first on; 1 if absent
   * @throws RangeError for shapes that do not fit; nothing is changed then
   */
  update(yTrue: Values, yPred: Values, sampleWeight?: Values | null): void {
    this.take(() => {
      const p = asFloat(convert(yPred, 'yPred', this.name));
      const t = convert(yTrue, 'yTrue', this.name);
      return this.share(t, p, sampleWeight == null ? undefined : convert(sampleWeight, 'sampleWeight', this.name));
    });
  }
}

/** Σ weight · value and Σ weight. */
function weighted(values: Tensor, weights: Tensor | undefined, op: string): Tensor[] {
  if (!weights) return [ops.sum(values), ops.fill([], values.size)];
  const w = spread(weights, values, op);
  return [ops.sum(ops.mul(values, w)), ops.sum(w)];
}

/**
 * The mean of values, each weighed; 0 before there are any.
 *
 * @example
 * const mean = new metrics.Mean();
 * mean.update([1, 3]);
 * mean.update([5, 7], [1, 0]);
 * mean.result();  // 3
 */
export class Mean extends Accumulator<number> {
  constructor({ name = 'mean' }: MetricOptions = {}) {
    super(name);
  }

  /**
   * Takes values into account.
   *
   * @param sampleWeight - one number, or weights whose axes are those of the values from the first on; 1 if absent
   * @throws RangeError for shapes that do not fit; nothing is changed then
   */
  update(values: Values, sampleWeight?: Values | null): void {
    this.take(() => {
      const x = asFloat(convert(values, 'values', this.name));
      return weighted(
        x,
        sampleWeight == null ? undefined : convert(sampleWeight, 'sampleWeight', this.name),
        this.name,
      );
    });
  }

  result(): number {
    return ratio(this.at(0), this.at(1));
  }
}

/**
 * The sum of values, each weighed.
 *
 * @example
 * const sum = new metrics.Sum();
 * sum.update([1, 3]);
 * sum.update([5, 7], [1, 0]);
 * sum.result();  // 9
 */
export class Sum extends Mean {
  constructor({ name = 'sum' }: MetricOptions = {}) {
    super({ name });
  }

  override result(): number {
    return this.at(0);
  }
}

/** A function of true and predicted values: of a number per sample, or of one number for a batch. */
export type LossFunction<O = object> = (yTrue: Tensor, yPred: Tensor, options?: O) => Tensor;

/**
 * The mean over samples of what a function finds: any loss as a metric.
 *
 * @param f - gives a number per sample, or one for a batch, which then counts as often as the batch has samples
 * @example
 * const error = new metrics.MeanOf(metrics.huber, { delta: 2 });
 * error.update([[0], [0]], [[1], [4]]);
 * error.result();  // 3.25
 */
export class MeanOf<O extends object = object> extends Metric<number> {
  private readonly f: (yTrue: Tensor, yPred: Tensor) => Tensor;

  constructor(f: LossFunction<O>, { name = f.name || 'metric', ...options }: O & MetricOptions = {} as O) {
    super(name);
    const hasOptions = Object.keys(options).length > 0;
    this.f = hasOptions ? (t, p) => f(t, p, options as O) : (t, p) => f(t, p);
  }

  share(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor, isMask = false): Tensor[] {
    const values = asFloat(convert(this.f(yTrue, yPred), 'value', this.name));
    // A value of a whole sample is of no step.
    const weights = isMask && sampleWeight && sampleWeight.rank > values.rank ? undefined : sampleWeight;
    if (values.rank > 0 || yPred.rank === 0) return weighted(values, weights, this.name);
    if (weights) {
      throw new RangeError(`${this.name}: sampleWeight needs a value per sample to weigh, got one for the batch`);
    }
    const samples = yPred.shape[0]!;
    return [ops.mul(values, samples), ops.fill([], samples)];
  }

  result(): number {
    return ratio(this.at(0), this.at(1));
  }
}

/**
 * How often yTrue and yPred are equal, element by element.
 *
 * @example
 * const accuracy = new metrics.Accuracy();
 * accuracy.update([1, 2, 3], [0, 2, 3]);
 * accuracy.result();  // 0.6666667
 */
export class Accuracy extends MeanOf {
  constructor({ name = 'accuracy' }: MetricOptions = {}) {
    super(equalElements, { name });
  }
}

/**
 * How often predictions are above a threshold exactly where yTrue is 1, element by element.
 *
 * @param options - threshold: 0.5
 * @example
 * const accuracy = new metrics.BinaryAccuracy({ threshold: 0.9 });
 * accuracy.update([1, 1, 0], [0.98, 0.5, 0.1]);
 * accuracy.result();  // 0.6666667
 */
export class BinaryAccuracy extends MeanOf<BinaryAccuracyOptions> {
  constructor({ name = 'binaryAccuracy', ...options }: BinaryAccuracyOptions & MetricOptions = {}) {
    super(binaryMatches, { name, ...options });
  }
}

/**
 * √ of the mean of (yTrue − yPred)² over all elements.
 *
 * @example
 * const error = new metrics.RootMeanSquaredError();
 * error.update([2, 4], [1, 1]);
 * error.result();  // 2.236068
 */
export class RootMeanSquaredError extends MeanOf {
  constructor({ name = 'rootMeanSquaredError' }: MetricOptions = {}) {
    super((t, p) => ops.squaredDifference(...pair(t, p, name)), { name });
  }

  override result(): number {
    return Math.sqrt(super.result());
  }
}
