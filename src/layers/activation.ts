import { type Activation, activationOf } from '../activations.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions } from './layer.js';

export interface ActivationOptions extends LayerOptions {
  /** The name of an activation, or a function. */
  activation: string | Activation;
}

/** y = activation(x). */
export class ActivationLayer extends Layer {
  private readonly activation: Activation;

  constructor(options: ActivationOptions) {
    super(options);
    const { activation } = options;
    this.activation = typeof activation === 'function' ? activation : activationOf(activation, 'layers.activation');
  }

  getClassName(): string {
    return 'Activation';
  }

  call(x: Tensor): Tensor {
    return this.activation(x);
  }
}

/** A layer that applies an activation to each element. */
export const activation = (options: ActivationOptions): ActivationLayer => new ActivationLayer(options);
