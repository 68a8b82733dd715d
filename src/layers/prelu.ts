import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { prelu as preluOp } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link prelu} takes. */
export interface PReLUOptions extends LayerOptions {
  /** How the slopes begin; 'zeros' if absent. */
  alphaInitializer?: string | Initializer;
  /** What the slopes add to the loss; nothing if absent. */
  alphaRegularizer?: string | Regularizer;
  /** What the slopes are made after each update; themselves if absent. */
  alphaConstraint?: string | Constraint;
  /** Axes, counted from 1 behind the batch, along which there is one slope: [1, 2] for the pixels of images. */
  sharedAxes?: number | readonly number[];
}

/** y = x where x > 0, alpha · x elsewhere, with slopes alpha that are learned. */
export class PReLU extends Layer {
  override supportsMasking = true;
  private readonly spec: WeightSpec;
  private readonly sharedAxes: readonly number[];
  private alpha!: Variable;

  constructor(options: PReLUOptions = {}) {
    super(options);
    const { alphaInitializer = 'zeros', alphaRegularizer, alphaConstraint, sharedAxes = [] } = options;
    this.spec = weightSpec(alphaInitializer, alphaRegularizer, alphaConstraint, 'layers.prelu');
    this.sharedAxes = [sharedAxes].flat();
    for (const axis of this.sharedAxes) checkCount(axis, 1, 'a shared axis', 'layers.prelu');
  }

  override getClassName(): string {
    return 'PReLU';
  }

  override build(inputShape: LayerShape): void {
    for (const axis of this.sharedAxes) {
      if (axis >= inputShape.length) {
        throw new RangeError(`${this.name}: has no axis ${axis} to share, for inputs ${showLayerShape(inputShape)}`);
      }
    }
    const shape = inputShape.slice(1).map((size, i) => {
      if (this.sharedAxes.includes(i + 1)) return 1;
      if (size !== null) return size;
      throw new RangeError(`${this.name}: needs axes of known size, or shared ones, got ${showLayerShape(inputShape)}`);
    });
    this.alpha = this.makeWeight('alpha', shape, this.spec);
  }

  call(x: Tensor): Tensor {
    return preluOp(x, this.alpha as Tensor);
  }
}

/**
 * A rectifier whose slopes below 0 are learned, one for each element of a sample, or one along shared axes: x where x > 0,
 * alpha · x elsewhere (He et al. 2015).
 *
 * @throws TypeError and RangeError for axes that are none, and what the options' names are refused for
 * @example
 * const layer = layers.prelu({ alphaInitializer: initializers.constant({ value: 0.25 }) });
 * layer.apply(tensor2d([[-4, 2]])).print();  // [[-1, 2]]
 * layers.prelu({ sharedAxes: [1, 2] }).apply(ones([1, 8, 8, 3])).shape;  // [1, 8, 8, 3]
 */
export const prelu = (options?: PReLUOptions): PReLU => new PReLU(options);
