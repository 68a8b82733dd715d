// Tensors that are only planned: what a layer says it will give when it is applied to others of their kind. Models are
// made of them: model({ inputs, outputs }).

import type { DataType } from '../dtype.js';
import type { CallOptions, Layer, LayerShape, OneOrMore } from './layer.js';

let count = 0;

/** @internal The number of the next application. */
export const nextNumber = (): number => count++;

/** One application of a layer to planned tensors. */
export interface Application {
  readonly layer: Layer;
  /** How many came before it, in the whole program. */
  readonly number: number;
  /** One, or a list as the layer was given it. */
  readonly inputs: OneOrMore<SymbolicTensor>;
  readonly outputs: readonly SymbolicTensor[];
  /** What the layer is told besides. */
  readonly options: Partial<CallOptions>;
}

/**
 * A tensor to come: its shape, batch first, its dtype, and the application of a layer that gives it.
 *
 * @example
 * const x = input({ shape: [3] });
 * layers.dense({ units: 2 }).apply(x).shape;  // [null, 2]
 */
export class SymbolicTensor {
  /** The shape, batch first; null for a size that is open. */
  readonly shape: LayerShape;
  /** What its elements will be. */
  readonly dtype: DataType;
  /** The name of the layer that gives it. */
  readonly name: string;
  /** @internal The application that gives it. */
  readonly origin: Application;

  /** @internal */
  constructor(shape: LayerShape, dtype: DataType, name: string, origin: Application) {
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.origin = origin;
  }

  /** The number of axes, that of the batch included. */
  get rank(): number {
    return this.shape.length;
  }

  /** The layer that gives it. */
  get sourceLayer(): Layer {
    return this.origin.layer;
  }
}
