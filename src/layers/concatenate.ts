import { checkFinite } from '../check.js';
import { any, broadcastTo, concat, expandDims, fill } from '../ops/index.js';
import { normalizeAxis } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  type CallOptions,
  Layer,
  type LayerOptions,
  type LayerShape,
  type OneOrMore,
  showLayerShape,
} from './layer.js';
import { severalMasks } from './masks.js';
import { layerOrOutput, type SeveralInputs, severalShapes } from './merge.js';
import type { SymbolicTensor } from './symbolic.js';

/** What {@link concatenate} takes. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which inputs follow each other; the last if absent. */
  axis?: number;
}

/** Several inputs one after the other along an axis. */
export class Concatenate extends Layer {
  override supportsMasking = true;
  private readonly axis: number;

  constructor(options: ConcatenateOptions = {}) {
    super(options);
    const { axis = -1 } = options;
    checkFinite(axis, 'axis', 'layers.concatenate');
    this.axis = axis;
  }

  override getClassName(): string {
    return 'Concatenate';
  }

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): LayerShape {
    const shapes = severalShapes(inputShape, this.name);
    const [first] = shapes as [LayerShape];
    const along = normalizeAxis(this.axis, first.length, this.name);
    const fits = (shape: LayerShape): boolean =>
      shape.length === first.length &&
      shape.every((n, i) => i === along || n === null || first[i] === null || n === first[i]);
    if (!shapes.every(fits)) {
      const list = shapes.map(showLayerShape).join(', ');
      throw new RangeError(`${this.name}: needs inputs of equal sizes but for axis ${along}, got ${list}`);
    }
    return first.map((n, i) => {
      const sizes = shapes.map((shape) => shape[i] ?? null);
      if (i !== along) return n ?? sizes.find((size) => size !== null) ?? null;
      return sizes.reduce((a, b) => (a === null || b === null ? null : a + b));
    });
  }

  call(inputs: OneOrMore<Tensor>): Tensor {
    if (!Array.isArray(inputs)) throw new TypeError(`${this.name}: needs an array of inputs, got one`);
    const xs = inputs as readonly Tensor[];
    this.computeOutputShape(xs.map(({ shape }) => shape));
    return concat(xs, this.axis);
  }

  /** A step counts where any of its elements comes from a step that counts, as in Keras. */
  override computeMask(inputs: OneOrMore<Tensor>, mask: CallOptions['mask']): Tensor | undefined {
    const given = severalMasks(mask, this.name);
    if (given.every((m) => m === undefined)) return undefined;
    const masks = (inputs as readonly Tensor[]).map((x, i): Tensor => {
      const m = given[i];
      if (!m) return fill(x.shape, true, 'bool');
      return m.rank < x.rank ? broadcastTo(expandDims(m, -1), x.shape) : m;
    });
    return any(concat(masks, this.axis), -1);
  }
}

/**
 * A layer that lays several inputs one after the other along an axis; or, given the inputs themselves, what that gives.
 *
 * @param given - the layer's options, or an array of tensors or of planned ones, as in TensorFlow.js
 * @throws TypeError for a single input; RangeError for sizes that differ along another axis
 * @example
 * layers.concatenate().apply([tensor2d([[1, 2]]), tensor2d([[3]])]).print();  // [[1, 2, 3]]
 * layers.concatenate({ axis: 1 }).apply([input({ shape: [5, 3] }), input({ shape: [2, 3] })]).shape;  // [null, 7, 3]
 */
export function concatenate(given?: ConcatenateOptions): Concatenate;
export function concatenate(given: readonly SymbolicTensor[]): SymbolicTensor;
export function concatenate(given: readonly Tensor[]): Tensor;
export function concatenate(given?: ConcatenateOptions | SeveralInputs): Layer | Tensor | SymbolicTensor {
  return layerOrOutput((options: ConcatenateOptions) => new Concatenate(options), given);
}
