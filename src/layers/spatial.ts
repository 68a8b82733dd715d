// What layers on sequences and images share: channels stand last, or first where the layer is told so. A layer itself
// only knows the former; its shapes and tensors are turned on the way in and out.

import { transpose } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';

/** What layers on sequences and images take. */
export interface SpatialOptions extends LayerOptions {
  /** Whether channels are the last axis, or the first one after the batch; 'channelsLast' if absent. */
  dataFormat?: 'channelsLast' | 'channelsFirst';
}

export abstract class Spatial extends Layer {
  private readonly channelsFirst: boolean;
  /** 1 for sequences, 2 for images. */
  private readonly axes: number;

  /** @param factory - the name of the function that makes the layer, as errors call it */
  constructor(factory: string, axes: 1 | 2, options: SpatialOptions) {
    super(options);
    const { dataFormat = 'channelsLast' } = options;
    if (dataFormat !== 'channelsLast' && dataFormat !== 'channelsFirst') {
      throw new RangeError(
        `layers.${factory}: dataFormat must be 'channelsLast' or 'channelsFirst', got '${dataFormat}'`,
      );
    }
    this.channelsFirst = dataFormat === 'channelsFirst';
    this.axes = axes;
  }

  /** The output's shape, channels last as the input's. */
  protected abstract shapeFor(inputShape: LayerShape): LayerShape;

  /** The output of a batch, channels last as the input's. */
  protected abstract transform(x: Tensor, options: CallOptions): Tensor;

  /** An input's shape with its channels last. */
  protected channelsLast(shape: LayerShape): LayerShape {
    if (shape.length !== this.axes + 2) {
      const needed = ['batch', ...['height', 'width'].slice(-this.axes), 'channels'];
      if (this.channelsFirst) needed.splice(1, 0, needed.pop()!);
      throw new RangeError(`${this.name}: needs inputs of shape [${needed.join(', ')}], got ${showLayerShape(shape)}`);
    }
    const [batch, channels, ...rest] = shape as [number | null, number | null, ...LayerShape];
    return this.channelsFirst ? [batch, ...rest, channels] : shape;
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    const shape = this.shapeFor(this.channelsLast(inputShape));
    return this.channelsFirst ? [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)] : shape;
  }

  override countMultiplyAdds(inputShape: LayerShape, outputShape: LayerShape): number {
    return super.countMultiplyAdds(inputShape, this.channelsFirst ? this.channelsLast(outputShape) : outputShape);
  }

  call(x: Tensor, options: CallOptions): Tensor {
    this.channelsLast(x.shape);
    if (!this.channelsFirst) return this.transform(x, options);
    const [toLast, toFirst] =
      this.axes === 1
        ? [
            [0, 2, 1],
            [0, 2, 1],
          ]
        : [
            [0, 2, 3, 1],
            [0, 3, 1, 2],
          ];
    return transpose(this.transform(transpose(x, toLast), options), toFirst);
  }
}
