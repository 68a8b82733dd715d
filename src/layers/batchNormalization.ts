import { checkFinite } from '../check.js';
import type { Initializer } from '../initializers.js';
import { add, batchNorm, cast, div, expandDims, mul, reshape, square, sub, sum, transpose } from '../ops/index.js';
import { normalizeBatch } from '../ops/normalization.js';
import { normalizeAxis, showShape } from '../shape.js';
import { withoutTapes } from '../tape.js';
import { copyElements, type Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { guard } from '../wasm/trace.js';
import type { CallOptions, LayerShape } from './layer.js';
import { knownSizes, Scaling, type ScalingOptions } from './scaling.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link batchNormalization} takes. */
export interface BatchNormalizationOptions extends ScalingOptions {
  /** The axis of what is normalized, each element by itself; the last if absent. 1 after a layer of channels first. */
  axis?: number;
  /** How much of the moving moments stays at each step; 0.99 if absent. */
  momentum?: number;
  /** 'zeros' if absent. */
  movingMeanInitializer?: string | Initializer;
  /** 'ones' if absent. */
  movingVarianceInitializer?: string | Initializer;
}

/**
 * y = (x − mean) / √(variance + ε) · gamma + beta, in training by the moments of the batch, which the moving moments
 * follow; else by the moving moments (Ioffe & Szegedy 2015).
 */
export class BatchNormalization extends Scaling {
  private readonly axis: number;
  private readonly momentum: number;
  private readonly movingMeanSpec: WeightSpec;
  private readonly movingVarianceSpec: WeightSpec;
  private movingMean!: Variable;
  private movingVariance!: Variable;

  constructor(options: BatchNormalizationOptions = {}) {
    super('batchNormalization', options);
    const op = 'layers.batchNormalization';
    const { axis = -1, momentum = 0.99 } = options;
    checkFinite(axis, 'axis', op);
    checkFinite(momentum, 'momentum', op);
    this.axis = axis;
    this.momentum = momentum;
    const { movingMeanInitializer = 'zeros', movingVarianceInitializer = 'ones' } = options;
    this.movingMeanSpec = weightSpec(movingMeanInitializer, undefined, undefined, op);
    this.movingVarianceSpec = weightSpec(movingVarianceInitializer, undefined, undefined, op);
  }

  override getClassName(): string {
    return 'BatchNormalization';
  }

  override build(inputShape: LayerShape): void {
    const shape = knownSizes(inputShape, this.axis, this.name);
    this.makeScale(shape);
    this.movingMean = this.makeWeight('moving_mean', shape, this.movingMeanSpec, false);
    this.movingVariance = this.makeWeight('moving_variance', shape, this.movingVarianceSpec, false);
  }

  call(x: Tensor, { training, mask }: CallOptions): Tensor {
    const axis = normalizeAxis(this.axis, x.rank, this.name);
    const { size } = this.movingMean;
    if (x.shape[axis] !== size) {
      throw new RangeError(`${this.name}: needs inputs of size ${size} along axis ${axis}, got ${showShape(x.shape)}`);
    }
    // A frozen layer goes by its moving moments even in training, as in Keras.
    const { trainable } = this;
    guard(this, () => this.trainable === trainable);
    if (training && trainable) return this.byBatch(x, axis, mask as Tensor | undefined);
    const along = (p: Variable | undefined): Tensor | undefined =>
      p && (axis === x.rank - 1 ? p : reshape(p, [size, ...new Array<number>(x.rank - 1 - axis).fill(1)]));
    return batchNorm(
      x,
      along(this.movingMean)!,
      along(this.movingVariance)!,
      along(this.beta),
      along(this.gamma),
      this.epsilon,
    );
  }

  private byBatch(x: Tensor, axis: number, mask: Tensor | undefined): Tensor {
    // What is normalized last.
    const order = x.shape.map((_, i) => i).filter((i) => i !== axis);
    order.push(axis);
    const moved: Tensor = transpose(x, order);
    const [y, mean, variance] = mask
      ? this.masked(moved, mask)
      : normalizeBatch(moved, this.gamma, this.beta, this.epsilon);
    this.follow(this.movingMean, mean);
    this.follow(this.movingVariance, variance);
    return transpose(
      y,
      order.map((_, i) => order.indexOf(i)),
    );
  }

  /** By the moments of those steps that count, all steps. */
  private masked(x: Tensor, mask: Tensor): [y: Tensor, mean: Tensor, variance: Tensor] {
    if (mask.rank !== x.rank - 1) {
      throw new RangeError(
        `${this.name}: needs a mask of one axis less than the inputs, got ${showShape(mask.shape)} for ${showShape(x.shape)}`,
      );
    }
    const weights: Tensor = expandDims(cast(mask, x.dtype), -1);
    // Keras's, which keeps a batch of which nothing counts from dividing by 0.
    const count = add(sum(weights), 1e-7);
    const axes = x.shape.map((_, i) => i).slice(0, -1);
    const mean: Tensor = div(sum(mul(x, weights), axes), count);
    const variance: Tensor = div(sum(mul(square(sub(x, mean)), weights), axes), count);
    return [batchNorm(x, mean, variance, this.beta, this.gamma, this.epsilon), mean, variance];
  }

  /** Draws a moving moment towards that of the batch, in place: recorded steps find it where it was. */
  private follow(moving: Variable, value: Tensor): void {
    withoutTapes(() => {
      const next: Tensor = add(mul(moving, this.momentum), mul(cast(value, moving.dtype), 1 - this.momentum));
      copyElements(next, moving.writable());
    });
  }
}

/**
 * A layer that normalizes each channel over the batch: y = (x − mean) / √(variance + ε) · gamma + beta.
 *
 * In training the moments are those of the batch, and the moving moments follow them: moving · momentum + batch ·
 * (1 − momentum), with the variance divided by n. Outside of training, and in a layer whose `trainable` is false, they are
 * the moving moments. Where a mask leaves steps out, only the others make up the moments.
 *
 * @throws RangeError unless epsilon is 0 or more; when built, for an axis of unknown size
 * @example
 * const layer = layers.batchNormalization({ momentum: 0, epsilon: 0 });
 * layer.apply(tensor2d([[1, 10], [3, 30]]), { training: true }).print();  // [[-1, -1], [1, 1]]
 * layer.apply(tensor2d([[2, 40]])).print();  // [[0, 2]]
 * @differs from TensorFlow.js, which mixes channels up where they are not the last axis
 * @see Keras, BatchNormalization
 */
export const batchNormalization = (options?: BatchNormalizationOptions): BatchNormalization =>
  new BatchNormalization(options);
