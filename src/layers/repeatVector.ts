import { checkCount } from '../check.js';
import { expandDims, tile } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';

/** What {@link repeatVector} takes. */
export interface RepeatVectorOptions extends LayerOptions {
  /** How many steps there are to be. */
  n: number;
}

/** A sequence of n steps, each the input. */
export class RepeatVector extends Layer {
  private readonly n: number;

  constructor(options: RepeatVectorOptions) {
    super(options);
    checkCount(options.n, 1, 'n', 'layers.repeatVector');
    this.n = options.n;
  }

  override getClassName(): string {
    return 'RepeatVector';
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    if (inputShape.length !== 2) {
      throw new RangeError(`${this.name}: needs inputs of shape [batch, size], got ${showLayerShape(inputShape)}`);
    }
    return [inputShape[0]!, this.n, inputShape[1]!];
  }

  call(x: Tensor): Tensor {
    this.computeOutputShape(x.shape);
    return tile(expandDims(x, 1), [1, this.n, 1]);
  }
}

/**
 * A layer that makes sequences of n equal steps of vectors: from [batch, size] to [batch, n, size].
 *
 * @throws TypeError and RangeError unless n is a whole number from 1 up; RangeError for inputs of another rank
 * @example
 * layers.repeatVector({ n: 2 }).apply(tensor2d([[1, 3]])).print();  // [[[1, 3], [1, 3]]]
 */
export const repeatVector = (options: RepeatVectorOptions): RepeatVector => new RepeatVector(options);
