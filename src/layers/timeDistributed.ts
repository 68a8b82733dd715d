import { reshape } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import { firstMask } from './rnn.js';

/** What {@link timeDistributed} takes. */
export interface TimeDistributedOptions extends LayerOptions {
  /** What is applied to each step. */
  layer: Layer;
}

/** A layer applied to each step of sequences: all steps are one large batch to it. */
export class TimeDistributed extends Layer {
  override supportsMasking = true;
  readonly layer: Layer;

  constructor(options: TimeDistributedOptions) {
    super(options);
    if (!(options.layer instanceof Layer)) {
      throw new TypeError(`layers.timeDistributed: layer must be a layer, got ${typeof options.layer}`);
    }
    this.layer = options.layer;
  }

  override getClassName(): string {
    return 'TimeDistributed';
  }

  override get layers(): readonly Layer[] {
    return [this.layer];
  }

  /** The shape of one step, its batch open. */
  private stepOf(inputShape: LayerShape): LayerShape {
    if (inputShape.length < 3) {
      throw new RangeError(`${this.name}: needs inputs of shape [batch, time, ...], got ${showLayerShape(inputShape)}`);
    }
    return [inputShape[0]!, ...inputShape.slice(2)];
  }

  override build(inputShape: LayerShape): void {
    this.layer.ensureBuilt(this.stepOf(inputShape));
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    const [batch, ...rest] = this.layer.computeOutputShape(this.stepOf(inputShape)) as LayerShape;
    return [batch!, inputShape[1]!, ...rest];
  }

  override countMultiplyAdds(inputShape: LayerShape, outputShape: LayerShape): number {
    return (inputShape[1] ?? 1) * this.layer.countMultiplyAdds(this.stepOf(inputShape), this.stepOf(outputShape));
  }

  override call(x: Tensor, { mask, ...options }: CallOptions): Tensor {
    const [batch, steps, ...rest] = x.shape as [number, number, ...number[]];
    this.stepOf(x.shape);
    const together = (t: Tensor): Tensor => reshape(t, [batch * steps, ...t.shape.slice(2)]);
    // A mask of steps says nothing about what is in a step.
    const on = firstMask(mask);
    const inner = on && on.rank > 2 ? { ...options, mask: together(on) } : options;
    const y = this.layer.run(reshape(x, [batch * steps, ...rest]), inner as CallOptions) as Tensor;
    return reshape(y, [batch, steps, ...y.shape.slice(1)]);
  }
}

/**
 * A layer that applies another to each step of sequences [batch, time, ...]. All steps are one batch to it, so that what
 * looks at a whole batch, such as batch normalization in training, looks at all steps.
 *
 * @throws TypeError unless layer is a layer, RangeError for inputs of a rank below 3
 * @example
 * layers.timeDistributed({ layer: layers.dense({ units: 4 }) }).apply(ones([2, 5, 3])).shape;  // [2, 5, 4]
 */
export const timeDistributed = (options: TimeDistributedOptions): TimeDistributed => new TimeDistributed(options);
