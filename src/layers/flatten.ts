import { reshape } from '../ops/index.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape } from './layer.js';

/** All axes but the batch in one. */
export class Flatten extends Layer {
  constructor(options: LayerOptions = {}) {
    super(options);
  }

  override getClassName(): string {
    return 'Flatten';
  }

  override computeOutputShape([batch, ...rest]: LayerShape): LayerShape {
    return [batch ?? null, rest.includes(null) ? null : (rest as number[]).reduce((p, n) => p * n, 1)];
  }

  call(x: Tensor): Tensor {
    return reshape(x, [x.shape[0]!, -1]);
  }
}

/**
 * A layer that lays all axes but the batch in one.
 *
 * @returns of inputs [batch, ...sizes] the outputs [batch, the product of the sizes]
 * @example
 * layers.flatten().apply(ones([2, 3, 4])).shape;  // [2, 12]
 */
export const flatten = (options?: LayerOptions): Flatten => new Flatten(options);
