import { reshape as reshapeOp } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';

/** What {@link reshape} takes. */
export interface ReshapeOptions extends LayerOptions {
  /** The shape of a sample to be; one size may be −1 or null: what is left. */
  targetShape: LayerShape;
}

/** Samples in another shape. */
export class Reshape extends Layer {
  /** −1 for the size that is left. */
  private readonly target: readonly number[];

  constructor(options: ReshapeOptions) {
    super(options);
    const { targetShape } = options;
    if (!Array.isArray(targetShape)) {
      throw new TypeError(`layers.reshape: targetShape must be an array, got ${typeof targetShape}`);
    }
    this.target = targetShape.map((n: number | null) => n ?? -1);
    const isShape = this.target.every((n) => Number.isInteger(n) && n >= -1);
    if (!isShape || this.target.filter((n) => n === -1).length > 1) {
      throw new RangeError(
        `layers.reshape: targetShape must be sizes, at most one of them open, got ${showLayerShape(targetShape)}`,
      );
    }
  }

  override getClassName(): string {
    return 'Reshape';
  }

  override computeOutputShape([batch, ...sizes]: LayerShape): LayerShape {
    const isOpen = sizes.includes(null);
    const size = sizes.reduce<number>((product, n) => product * (n ?? 1), 1);
    const known = this.target.reduce((product, n) => (n === -1 ? product : product * n), 1);
    const left = this.target.includes(-1) ? size / known : 1;
    if (!isOpen && (known * left !== size || !Number.isInteger(left))) {
      throw new RangeError(
        `${this.name}: samples of shape ${showLayerShape(sizes)} do not fit ${showLayerShape(this.target)}`,
      );
    }
    return [batch ?? null, ...this.target.map((n) => (n !== -1 ? n : isOpen ? null : left))];
  }

  call(x: Tensor): Tensor {
    return reshapeOp(x, this.computeOutputShape(x.shape) as number[]);
  }
}

/**
 * A layer that gives samples another shape of the same size. Masks end here.
 *
 * @throws TypeError without a shape; RangeError for two open sizes; when built or called, for samples of another size
 * @example
 * layers.reshape({ targetShape: [2, -1] }).apply(ones([5, 6])).shape;  // [5, 2, 3]
 */
export const reshape = (options: ReshapeOptions): Reshape => new Reshape(options);
