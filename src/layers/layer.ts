// What every layer shares: a name, weights that are made when the input's shape is known, and a call.

import type { FloatType } from '../dtype.js';
import type { Initializer } from '../initializers.js';
import { dispose, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Variable, variable } from '../variable.js';

/** A shape in which the batch, first, and other sizes may be open. */
export type LayerShape = readonly (number | null)[];

export interface LayerOptions {
  /** Unique among a model's layers; the kind and a number if absent. */
  name?: string;
  /** The input's shape without the batch: needed for the first layer of a model that is to be built at once. */
  inputShape?: LayerShape;
  /** Whether training changes the weights; true if absent. */
  trainable?: boolean;
}

const counts = new Map<string, number>();

/** `dense`, then `dense_1`, `dense_2` and so on. */
function uniqueName(kind: string): string {
  const n = counts.get(kind) ?? 0;
  counts.set(kind, n + 1);
  return n === 0 ? kind : `${kind}_${n}`;
}

const variableNames = new Map<string, number>();

/** Variables are unique by name in the whole program, layers only in their model. */
function uniqueVariableName(name: string): string {
  const n = variableNames.get(name) ?? 0;
  variableNames.set(name, n + 1);
  return n === 0 ? name : `${name}_${n}`;
}

export const showLayerShape = (shape: LayerShape): string => `[${shape.map((n) => n ?? 'null').join(', ')}]`;

/** Replaces weights' values. All are checked before the first is changed. */
export function assignWeights(weights: readonly Variable[], values: readonly Tensor[], op: string): void {
  if (values.length !== weights.length) {
    throw new RangeError(`${op}: needs ${weights.length} tensors, got ${values.length}`);
  }
  values.forEach((value, i) => {
    const w = weights[i]!;
    value.throwIfDisposed();
    if (!sameShape(value.shape, w.shape) || value.dtype !== w.dtype) {
      throw new RangeError(
        `${op}: ${w.name} needs ${showShape(w.shape)} ${w.dtype}, got ${showShape(value.shape)} ${value.dtype}`,
      );
    }
  });
  values.forEach((value, i) => {
    weights[i]!.assign(value);
  });
}

export abstract class Layer {
  readonly name: string;
  /** The input's shape that was asked for, batch included. */
  readonly batchInputShape: LayerShape | undefined;
  trainable: boolean;
  /** The weights, in the order in which they were added. */
  readonly weights: Variable[] = [];
  private builtFor: LayerShape | undefined;

  constructor(kind: string, { name, inputShape, trainable = true }: LayerOptions) {
    this.name = name ?? uniqueName(kind);
    this.batchInputShape = inputShape && [null, ...inputShape];
    this.trainable = trainable;
  }

  /** The kind of layer, as TensorFlow.js names the class. */
  abstract getClassName(): string;

  /** The output of a batch. */
  abstract call(x: Tensor, training: boolean): Tensor;

  /** The output's shape for an input's. */
  computeOutputShape(inputShape: LayerShape): LayerShape {
    return inputShape;
  }

  /** Makes the weights. */
  protected makeWeights(_inputShape: LayerShape): void {}

  get built(): boolean {
    return this.builtFor !== undefined;
  }

  /** Makes the weights for an input's shape, once. */
  build(inputShape: LayerShape): void {
    if (this.built) return;
    try {
      tidy(() => this.makeWeights(inputShape));
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.builtFor = inputShape;
  }

  /** The output of a batch; makes the weights if need be. */
  apply(x: Tensor, { training = false }: { training?: boolean } = {}): Tensor {
    this.build([null, ...x.shape.slice(1)]);
    return tidy(() => this.call(x, training));
  }

  /** A new variable among the layer's weights. */
  protected addWeight(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    dtype: FloatType = 'float32',
  ): Variable {
    const initial = initializer(shape, dtype);
    if (!sameShape(initial.shape, shape) || initial.dtype !== dtype) {
      throw new RangeError(
        `${this.name}: the initializer of ${name} must give ${showShape(shape)} ${dtype}, got ${showShape(initial.shape)} ${initial.dtype}`,
      );
    }
    const weight = variable(initial, true, uniqueVariableName(`${this.name}/${name}`)) as Variable;
    this.weights.push(weight);
    return weight;
  }

  get trainableWeights(): Variable[] {
    return this.trainable ? this.weights.filter((w) => w.trainable) : [];
  }

  get nonTrainableWeights(): Variable[] {
    return this.weights.filter((w) => !this.trainableWeights.includes(w));
  }

  /** The weights' current values: the variables themselves. */
  getWeights(): Tensor[] {
    return [...this.weights];
  }

  /**
   * Replaces the weights' values.
   * @throws RangeError for another count or another shape; nothing is changed then
   */
  setWeights(values: readonly Tensor[]): void {
    assignWeights(this.weights, values, `${this.name}.setWeights`);
  }

  /** Elements in the weights. */
  countParams(): number {
    return this.weights.reduce((sum, w) => sum + w.size, 0);
  }

  /** Frees the weights. */
  dispose(): void {
    dispose(this.weights);
    this.weights.length = 0;
    this.builtFor = undefined;
  }
}
