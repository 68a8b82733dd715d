import { type Activation, activationOf } from '../activations.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

/** What {@link activation} takes. */
export interface ActivationOptions extends LayerOptions {
  /** The name of an activation, or a function. */
  activation: string | Activation;
}

/** y = activation(x). */
export class ActivationLayer extends Layer {
  override supportsMasking = true;
  private readonly activation: Activation;

  constructor(options: ActivationOptions) {
    super(options);
    const { activation } = options;
    this.activation = typeof activation === 'function' ? activation : activationOf(activation, 'layers.activation');
  }

  override getClassName(): string {
    return 'Activation';
  }

  call(x: Tensor): Tensor {
    return this.activation(x);
  }
}

/**
 * A layer that applies an activation to each element: y = activation(x).
 *
 * @throws RangeError for an unknown name
 * @example
 * layers.activation({ activation: 'relu' }).apply(tensor2d([[-1, 2]])).print();  // [[0, 2]]
 * layers.activation({ activation: (x) => x.square() }).apply(tensor2d([[-1, 2]])).print();  // [[1, 4]]
 */
export const activation = (options: ActivationOptions): ActivationLayer => new ActivationLayer(options);
