import { transpose } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';

/** What {@link permute} takes. */
export interface PermuteOptions extends LayerOptions {
  /** Which axis of a sample comes at each place, counted from 1: [2, 1] swaps two. */
  dims: readonly number[];
}

/** Samples with their axes in another order. */
export class Permute extends Layer {
  private readonly order: readonly number[];

  constructor(options: PermuteOptions) {
    super(options);
    const { dims } = options;
    if (!Array.isArray(dims)) throw new TypeError(`layers.permute: dims must be an array, got ${typeof dims}`);
    const sorted = [...dims].sort((a, b) => a - b);
    if (sorted.some((axis, i) => axis !== i + 1)) {
      throw new RangeError(
        `layers.permute: dims must be the numbers from 1 up in some order, got [${dims.join(', ')}]`,
      );
    }
    this.order = [0, ...dims];
  }

  override getClassName(): string {
    return 'Permute';
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    if (inputShape.length !== this.order.length) {
      throw new RangeError(
        `${this.name}: needs inputs of rank ${this.order.length}, got ${showLayerShape(inputShape)}`,
      );
    }
    return this.order.map((axis) => inputShape[axis]!);
  }

  call(x: Tensor): Tensor {
    this.computeOutputShape(x.shape);
    return transpose(x, this.order);
  }
}

/**
 * A layer that puts the axes of samples in another order. Masks end here.
 *
 * @throws TypeError without an order, RangeError unless it is one; for inputs of another rank
 * @example
 * layers.permute({ dims: [2, 1] }).apply(ones([5, 2, 3])).shape;  // [5, 3, 2]
 */
export const permute = (options: PermuteOptions): Permute => new Permute(options);
