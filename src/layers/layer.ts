// What every layer shares: a name, weights that are made when the input's shape is known, and a call.

import { constraintOf } from '../constraint-names.js';
import type { Constraint } from '../constraints.js';
import type { FloatType } from '../dtype.js';
import type { Initializer } from '../initializers.js';
import { div } from '../ops/index.js';
import { regularizerOf } from '../regularizer-names.js';
import type { Regularizer } from '../regularizers.js';
import { dispose, tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { copyElements, type Tensor } from '../tensor.js';
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
  /** A name or a function of the output; what it says, divided by the batch's size, is added to the loss. */
  activityRegularizer?: string | Regularizer;
}

/** What a weight brings along. */
export interface WeightOptions {
  dtype?: FloatType;
  /** Adds to the loss while the weight is trained. */
  regularizer?: Regularizer | undefined;
  /** Is applied after each update. */
  constraint?: Constraint | undefined;
}

/** The same from what a layer's options say, by name or by function. */
export const weightOptions = (
  regularizer: string | Regularizer | undefined,
  constraint: string | Constraint | undefined,
  op: string,
): WeightOptions => ({ regularizer: regularizerOf(regularizer, op), constraint: constraintOf(constraint, op) });

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

/** Where penalties on outputs go while a model computes its loss. */
let penalties: Tensor[] | undefined;

/** Runs `f`; returns its output, and the penalties on the outputs of the layers that it called. */
export function withPenalties<T>(f: () => T): { output: T; penalties: Tensor[] } {
  const outer = penalties;
  const own: Tensor[] = [];
  penalties = own;
  try {
    return { output: f(), penalties: own };
  } finally {
    penalties = outer;
  }
}

export abstract class Layer {
  readonly name: string;
  /** The input's shape that was asked for, batch included. */
  readonly batchInputShape: LayerShape | undefined;
  trainable: boolean;
  /** The weights, in the order in which they were added. */
  readonly weights: Variable[] = [];
  private readonly activityRegularizer: Regularizer | undefined;
  private readonly regularizers = new Map<Variable, Regularizer>();
  private readonly constraints = new Map<Variable, Constraint>();
  private builtFor: LayerShape | undefined;

  constructor(kind: string, { name, inputShape, trainable = true, activityRegularizer }: LayerOptions) {
    this.name = name ?? uniqueName(kind);
    this.batchInputShape = inputShape && [null, ...inputShape];
    this.trainable = trainable;
    this.activityRegularizer = regularizerOf(activityRegularizer, `layers.${kind}`);
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
    return this.penalized(tidy(() => this.call(x, training)));
  }

  /** @internal The output of a batch, for a model, which has made the weights and tidies up itself. */
  run(x: Tensor, training: boolean): Tensor {
    // What a call makes on the way is gone after it, but for what a tape saves.
    return this.penalized(tidy(() => this.call(x, training)));
  }

  /** The output as it is; its penalty goes to the loss that is being computed, if one is. */
  private penalized(y: Tensor): Tensor {
    const { activityRegularizer } = this;
    if (activityRegularizer && penalties) penalties.push(tidy(() => div(activityRegularizer(y), y.shape[0] ?? 1)));
    return y;
  }

  /** A new variable among the layer's weights. */
  protected addWeight(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    { dtype = 'float32', regularizer, constraint }: WeightOptions = {},
  ): Variable {
    const check = (x: Tensor, giver: string): Tensor => {
      if (sameShape(x.shape, shape) && x.dtype === dtype) return x;
      throw new RangeError(
        `${this.name}: the ${giver} of ${name} must give ${showShape(shape)} ${dtype}, got ${showShape(x.shape)} ${x.dtype}`,
      );
    };
    const initial = check(initializer(shape, dtype), 'initializer');
    // One that does not fit is better known now than after an update.
    if (constraint) check(constraint(initial), 'constraint');
    const weight = variable(initial, true, uniqueVariableName(`${this.name}/${name}`)) as Variable;
    this.weights.push(weight);
    if (regularizer) this.regularizers.set(weight, regularizer);
    if (constraint) this.constraints.set(weight, constraint);
    return weight;
  }

  /** What the regularizers of the weights in training add to the loss; those of frozen weights add nothing, as in Keras. */
  calculateLosses(): Tensor[] {
    return this.trainableWeights.flatMap((w) => this.regularizers.get(w)?.(w) ?? []);
  }

  /** Makes the weights in training what their constraints ask for, in place: to be called after each update. */
  applyConstraints(): void {
    for (const w of this.trainableWeights) {
      const constraint = this.constraints.get(w);
      if (!constraint) continue;
      tidy(() => {
        const allowed = constraint(w);
        if (allowed.storage !== w.storage) copyElements(allowed, w.writable());
      });
    }
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
    this.regularizers.clear();
    this.constraints.clear();
    this.builtFor = undefined;
  }
}
