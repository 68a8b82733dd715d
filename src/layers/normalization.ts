import type { TensorLike } from '../convert.js';
import { asFloat, castTo } from '../ops/dispatch.js';
import { add, broadcastTo, div, maximum, moments, mul, reshape, sqrt, sub, tensor } from '../ops/index.js';
import { tidy } from '../scope.js';
import { normalizeAxis, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { type Batches, takeEach } from './adapt.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';

/** What {@link normalization} takes. */
export interface NormalizationOptions extends LayerOptions {
  /**
   * Along which axes, batch included, each place has a mean and a variance of its own; null: one of each for all values.
   * −1 if absent: one for each feature.
   */
  axis?: number | readonly number[] | null;
  /** The means, of the kept axes' shape or one for all; they go with variances. What `adapt` finds if absent. */
  mean?: TensorLike;
  /** The variances, likewise. */
  variance?: TensorLike;
  /** Whether to undo the normalization: x · deviation + mean; false if absent. */
  invert?: boolean;
}

/** Of the data so far: how many values each place has had, their means and their variances. */
interface Statistics {
  count: number;
  mean: number[];
  variance: number[];
}

/** Keras's epsilon: the least deviation. */
const EPSILON = 1e-7;

/** (x − mean) / deviation, with the statistics of data that it was adapted to. */
export class Normalization extends Layer {
  override supportsMasking = true;
  private readonly axis: readonly number[];
  private readonly given: { mean: TensorLike; variance: TensorLike } | undefined;
  private readonly invert: boolean;
  /** The axes of the input that have statistics of their own. */
  private kept: number[] = [];
  /** The statistics' shape beside an input. */
  private beside: number[] = [];
  private mean!: Variable;
  private variance!: Variable;

  constructor(options: NormalizationOptions = {}) {
    super(options);
    const { axis = -1, mean, variance, invert = false } = options;
    this.axis = axis === null ? [] : [axis].flat();
    if ((mean === undefined) !== (variance === undefined)) {
      throw new RangeError('layers.normalization: mean and variance go together, got only one of them');
    }
    if (mean !== undefined) this.given = { mean, variance: variance! };
    this.invert = invert;
  }

  override getClassName(): string {
    return 'Normalization';
  }

  override build(inputShape: LayerShape): void {
    const rank = inputShape.length;
    this.kept = this.axis.map((a) => normalizeAxis(a, rank, this.name)).sort((a, b) => a - b);
    const shape = this.kept.map((a) => inputShape[a]!);
    if (shape.includes(null as never)) {
      throw new RangeError(
        `${this.name}: axis must be of sizes that are known, got [${this.axis}] for inputs of ${showLayerShape(inputShape)}`,
      );
    }
    this.beside = inputShape.map((n, i) => (this.kept.includes(i) ? n! : 1));
    const { given } = this;
    const begin = (values: TensorLike) => () => broadcastTo(tensor(values as never, undefined, this.dtype), shape);
    this.mean = this.addWeight('mean', shape, this.dtype, given ? begin(given.mean) : 'zeros', null, false);
    this.variance = this.addWeight('variance', shape, this.dtype, given ? begin(given.variance) : 'ones', null, false);
  }

  call(x: Tensor): Tensor {
    const floats = asFloat(x);
    const middle = reshape(this.mean, this.beside);
    const deviation = maximum(sqrt(reshape(this.variance, this.beside)), EPSILON);
    return this.invert ? add(mul(floats, deviation), middle) : div(sub(floats, middle), deviation);
  }

  /**
   * Takes mean and variance from data, in place of those of any data before. Batches count by their sizes; what is
   * computed along the way is float64.
   *
   * @param data - a tensor, or tensors one by one: batches of what the layer will be given. Those of a dataset, which are
   * disposed of, are taken in a promise
   * @throws Error if mean and variance were given, RangeError for no data or another shape
   * @example
   * const layer = layers.normalization({ axis: null });
   * layer.adapt(tensor1d([1, 3]));
   * layer.apply(tensor1d([1, 2, 3])).print();  // [-1, 0, 1]
   */
  adapt(data: Tensor | Iterable<Tensor>): void;
  adapt(data: AsyncIterable<Tensor>): Promise<void>;
  adapt(data: Batches): void | Promise<void> {
    if (this.given)
      throw new Error('layers.normalization: mean and variance were given, so that adapt has nothing to do');
    const seen: Statistics = { count: 0, mean: [], variance: [] };
    return takeEach(
      data,
      (batch) => this.add(batch, seen),
      () => {
        if (seen.count === 0) throw new RangeError(`${this.name}.adapt: needs some data, got none`);
        tidy(() => {
          const { shape } = this.mean;
          this.mean.assign(castTo(tensor(seen.mean, shape, 'float64'), this.dtype));
          this.variance.assign(castTo(tensor(seen.variance, shape, 'float64'), this.dtype));
        });
      },
    );
  }

  /** Adds a batch to the statistics: two lots of data as one (Chan et al. 1979). */
  private add(batch: Tensor, seen: Statistics): void {
    this.ensureBuilt([null, ...batch.shape.slice(1)]);
    if (batch.rank !== this.beside.length || this.kept.some((a) => batch.shape[a] !== this.beside[a])) {
      throw new RangeError(`${this.name}.adapt: needs batches like [${this.beside}], got [${batch.shape}]`);
    }
    const n = batch.size / Math.max(1, sizeOf(this.beside));
    if (n === 0) return;
    const others = batch.shape.map((_: number, i: number) => i).filter((i) => !this.kept.includes(i));
    const [mean, variance] = tidy(() => {
      const found = moments(castTo(batch, 'float64'), others);
      return [Array.from(found.mean.dataSync()), Array.from(found.variance.dataSync())];
    }) as [number[], number[]];
    const before = seen.count ? seen : { mean, variance };
    const share = n / (seen.count + n);
    seen.variance = before.variance.map((v, i) => {
      const apart = mean[i]! - before.mean[i]!;
      return v + (variance[i]! - v) * share + apart * apart * share * (1 - share);
    });
    seen.mean = before.mean.map((m, i) => m + (mean[i]! - m) * share);
    seen.count += n;
  }
}

/**
 * A layer that brings each feature to mean 0 and variance 1, in training and after it: (x − mean) / max(√variance, 1e-7).
 * Mean and variance are given, or taken from data by `adapt`; training does not change them.
 *
 * @throws RangeError if only one of mean and variance is given, or for axes that are not there or of unknown size
 * @example
 * layers.normalization({ mean: [1, 2], variance: [4, 9] }).apply(tensor2d([[3, 5]])).print();  // [[1, 1]]
 */
export const normalization = (options?: NormalizationOptions): Normalization => new Normalization(options);
