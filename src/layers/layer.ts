// What every layer shares: a name, weights that are made when the input's shape is known, and a call: on tensors, or on
// planned ones, of which models are made.

import type { Constraint } from '../constraints.js';
import type { DataType, FloatType } from '../dtype.js';
import type { Initializer } from '../initializers.js';
import { div } from '../ops/index.js';
import { regularizerOf } from '../regularizer-names.js';
import type { Regularizer } from '../regularizers.js';
import { dispose, tidy } from '../scope.js';
import { sizeOf } from '../shape.js';
import { copyElements, type Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { configOf } from './config.js';
import type { Draws } from './draws.js';
import { masksOf, setMask } from './masks.js';
import { snakeCase, uniqueName } from './names.js';
import { type Application, nextNumber, SymbolicTensor } from './symbolic.js';
import { assignWeights, newWeight, type WeightSpec, weightSpec } from './weight.js';

/** A shape in which the batch, first, and other sizes may be open. */
export type LayerShape = readonly (number | null)[];

/** One, or several in order. */
export type OneOrMore<T> = T | readonly T[];

/** What every layer takes. */
export interface LayerOptions {
  /** Unique among a model's layers; the kind and a number if absent. */
  name?: string;
  /** The input's shape without the batch: needed for the first layer of a model that is to be built at once. */
  inputShape?: LayerShape;
  /** The same, batch included. */
  batchInputShape?: LayerShape;
  /** The batch's size, where it is fixed: stateful layers need it. */
  batchSize?: number;
  /** The dtype of the weights; 'float32' if absent. */
  dtype?: FloatType;
  /** Whether training changes the weights; true if absent. */
  trainable?: boolean;
  /** A name or a function of the output; what it says, divided by the batch's size, is added to the loss. */
  activityRegularizer?: string | Regularizer;
  /** What the weights are when they are made, in their order; as their initializers say if absent. */
  weights?: readonly Tensor[];
}

/** What a layer is told beside its inputs. */
export interface CallOptions {
  /** Whether the model is being trained. */
  training: boolean;
  /** Which steps of the inputs count: a bool tensor, or one for each input that has one. */
  mask?: Tensor | readonly (Tensor | undefined)[];
  [more: string]: unknown;
}

export const showLayerShape = (shape: LayerShape): string => `[${shape.map((n) => n ?? 'null').join(', ')}]`;

/** @throws TypeError for a shape that is no array, RangeError for one of other than whole numbers and open sizes */
function checkShapeOption(shape: unknown, option: string, name: string): void {
  if (shape === undefined || shape === null) return;
  if (!Array.isArray(shape)) throw new TypeError(`${name}: ${option} must be an array, got ${typeof shape}`);
  if (!shape.every((size) => size == null || (Number.isSafeInteger(size) && size >= 0))) {
    const shown = shape.map((size) => (typeof size === 'number' ? size : JSON.stringify(size)));
    throw new RangeError(`${name}: ${option} must be of whole numbers and null, got [${shown.join(', ')}]`);
  }
}

/** Where penalties on outputs and losses of layers' own go while a model computes its loss. */
let penalties: Tensor[] | undefined;

/** Runs `f`; returns its output, and what the layers that it called add to the loss. */
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

/** A layer and those in it, or those that are trainable, each once, however many others share it. */
function family(layer: Layer, trainableOnly = false, found = new Set<Layer>()): Set<Layer> {
  if (found.has(layer) || (trainableOnly && !layer.trainable)) return found;
  found.add(layer);
  for (const inner of layer.layers) family(inner, trainableOnly, found);
  return found;
}

/**
 * A layer. One of one's own makes its weights in `build` and says in `call` what it does with its inputs; where the
 * output has another shape than the input, `computeOutputShape` says which.
 *
 * @example
 * class Scale extends layers.Layer {
 *   static className = 'Scale';
 *   build() {
 *     this.factor = this.addWeight('factor', [], 'float32', initializers.ones());
 *   }
 *   call(x) {
 *     return x.mul(this.factor);
 *   }
 * }
 * new Scale().apply(tensor1d([1, 2])).print();  // [1, 2]
 */
export abstract class Layer {
  /** Unique among a model's layers. */
  readonly name: string;
  /** The input's shape that was asked for, batch included. */
  readonly batchInputShape: LayerShape | undefined;
  /** The dtype of the weights. */
  readonly dtype: FloatType;
  /** Whether masks go through the layer; else they end here. */
  supportsMasking = false;
  /** Whether the weights are made. */
  built = false;
  /** @internal The weights that are not those of layers in it, in the order in which they were added. */
  readonly ownWeights: Variable[] = [];
  /** @internal What they were called when they were added: their names in the layer, and in files. */
  readonly weightNames: string[] = [];
  /** @internal Where the layer was applied to planned tensors. */
  readonly applications: Application[] = [];
  /** @internal What the layer draws random numbers from, if it draws any. */
  readonly draws: Draws | undefined;
  /** What the layer was made with. */
  protected readonly options: Readonly<LayerOptions>;
  private readonly activityRegularizer: Regularizer | undefined;
  /** The weights that are trained while the layer is trainable. */
  private readonly parameters = new Set<Variable>();
  private readonly regularizers = new Map<Variable, Regularizer>();
  private readonly constraints = new Map<Variable, Constraint>();
  private isTrainable: boolean;

  constructor(options: LayerOptions = {}) {
    const { name, inputShape, batchSize = null, trainable = true, dtype = 'float32', activityRegularizer } = options;
    this.options = options;
    this.name = name ?? uniqueName(snakeCase(this.getClassName()));
    checkShapeOption(inputShape, 'inputShape', this.name);
    checkShapeOption(options.batchInputShape, 'batchInputShape', this.name);
    this.batchInputShape = options.batchInputShape ?? (inputShape && [batchSize, ...inputShape]);
    this.isTrainable = trainable;
    this.dtype = dtype;
    this.activityRegularizer = regularizerOf(activityRegularizer, this.name);
  }

  /**
   * The kind of layer, as TensorFlow.js and Keras name the class: the static `className` of a class of one's own.
   *
   * @throws TypeError if it has none
   */
  getClassName(): string {
    const { className, name } = this.constructor as { className?: unknown; name: string };
    if (typeof className !== 'string') throw new TypeError(`layers.Layer: the class ${name} needs a static className`);
    return className;
  }

  /** The output of a batch. A layer of several inputs is given an array of them; one of several outputs returns one. */
  abstract call(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor>;

  /** The output's shape for an input's, or those of several; call options may tell of more outputs. */
  computeOutputShape(inputShape: OneOrMore<LayerShape>, _options?: Partial<CallOptions>): OneOrMore<LayerShape> {
    return inputShape;
  }

  /** Which steps of the output count, for those of the input. */
  computeMask(
    _inputs: OneOrMore<Tensor>,
    mask: CallOptions['mask'],
  ): Tensor | readonly (Tensor | undefined)[] | undefined {
    return this.supportsMasking ? mask : undefined;
  }

  /** Makes the weights for an input's shape by `addWeight`. It is called once, before the first call. */
  build(_inputShape: OneOrMore<LayerShape>): void {}

  /** The layers that this one is made of. */
  get layers(): readonly Layer[] {
    return [];
  }

  /** @internal Makes the weights unless they are made; none if one cannot be. */
  ensureBuilt(inputShape: OneOrMore<LayerShape>): void {
    if (this.built) return;
    try {
      tidy(() => this.build(inputShape));
      this.built = true;
      // What the layer is made of may not have known that it is frozen.
      if (!this.trainable) this.trainable = false;
      if (this.options.weights) this.setWeights(this.options.weights);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * The output for tensors, whose weights are made if need be; or, for planned tensors, the planned output.
   *
   * @param options.training - whether to do what is done in training only, such as dropping out; false if absent
   */
  apply<R extends OneOrMore<SymbolicTensor> = SymbolicTensor>(
    inputs: OneOrMore<SymbolicTensor>,
    options?: Partial<CallOptions>,
  ): R;
  apply<R extends OneOrMore<Tensor> = Tensor>(inputs: OneOrMore<Tensor>, options?: Partial<CallOptions>): R;
  apply(inputs: OneOrMore<Tensor> | OneOrMore<SymbolicTensor>, options: Partial<CallOptions> = {}): unknown {
    const list = [inputs].flat();
    if (list[0] instanceof SymbolicTensor) return this.plan(inputs as OneOrMore<SymbolicTensor>, options);
    const shapes = (list as Tensor[]).map((x) => [null, ...x.shape.slice(1)]);
    this.ensureBuilt(Array.isArray(inputs) ? shapes : shapes[0]!);
    return this.run(inputs as OneOrMore<Tensor>, { training: false, ...options });
  }

  /** @internal The output of a batch, for a model, which has made the weights. What the call makes on the way is gone. */
  run(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor> {
    const [outputs, mask] = tidy(() => {
      const mask = options.mask ?? masksOf(inputs);
      const outputs = this.call(inputs, mask === undefined ? options : { ...options, mask });
      // Masks that layers in it gave, and what they add to the loss, outlive the call, too.
      return [outputs, this.computeMask(inputs, mask) ?? masksOf(outputs), penalties] as const;
    });
    const marks = [mask].flat();
    ([outputs].flat() as Tensor[]).forEach((y, i) => {
      this.penalize(y);
      if (marks[i]) setMask(y, marks[i]);
    });
    return outputs;
  }

  /** Plans the call: makes the weights, and planned tensors of the output's shape. */
  private plan(inputs: OneOrMore<SymbolicTensor>, options: Partial<CallOptions>): OneOrMore<SymbolicTensor> {
    const list = [inputs].flat() as SymbolicTensor[];
    for (const x of list) {
      if (!(x instanceof SymbolicTensor)) {
        throw new TypeError(`${this.name}: needs tensors or what input() and layers give, not both`);
      }
    }
    const shape = Array.isArray(inputs) ? list.map((x) => x.shape) : list[0]!.shape;
    this.ensureBuilt(shape);
    const shapes = this.computeOutputShape(shape, options);
    const isSeveral = Array.isArray(shapes[0]);
    const outputs: SymbolicTensor[] = [];
    const application: Application = { number: nextNumber(), layer: this, inputs, outputs, options };
    for (const each of (isSeveral ? shapes : [shapes]) as LayerShape[]) {
      const name = outputs.length === 0 ? this.name : `${this.name}_${outputs.length}`;
      outputs.push(new SymbolicTensor(each, this.outputType(list[0]?.dtype), name, application));
    }
    this.applications.push(application);
    return isSeveral ? outputs : outputs[0]!;
  }

  /** The output's dtype for an input's. */
  protected outputType(_inputType: DataType | undefined): DataType {
    return this.dtype;
  }

  /** The planned inputs of the layer, which must have been applied to planned tensors once. */
  get input(): OneOrMore<SymbolicTensor> {
    return this.onlyApplication('input').inputs;
  }

  /** The planned outputs, likewise: `model({ inputs: base.inputs, outputs: base.getLayer('features').output })`. */
  get output(): OneOrMore<SymbolicTensor> {
    const { outputs } = this.onlyApplication('output');
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  /** The shape of the output, batch first, or those of several; null is a size that is open. */
  get outputShape(): OneOrMore<LayerShape> {
    const { output } = this;
    return Array.isArray(output) ? output.map(({ shape }) => shape) : (output as SymbolicTensor).shape;
  }

  private onlyApplication(what: string): Application {
    if (this.applications.length !== 1) {
      throw new Error(
        `${this.name}.${what}: needs a layer that is used once in a model, this is used ${this.applications.length} times`,
      );
    }
    return this.applications[0]!;
  }

  /** Does nothing: TensorFlow.js's layers of one's own call it, which is where their call hooks are. */
  protected invokeCallHook(_inputs: OneOrMore<Tensor>, _options?: Partial<CallOptions>): void {}

  /** Adds the penalty on an output to the loss that is being computed, if one is. */
  private penalize(y: Tensor): void {
    const { activityRegularizer } = this;
    if (activityRegularizer && penalties) this.addLoss(tidy(() => div(activityRegularizer(y), y.shape[0] ?? 1)));
  }

  /** Adds a scalar to the loss of the model that is calling the layer; outside of a model nothing happens. */
  protected addLoss(loss: Tensor): void {
    penalties?.push(loss);
  }

  /**
   * A new variable among the layer's weights.
   *
   * @param dtype - that of the layer if absent
   * @param initializer - gives the first value, of that shape and dtype
   * @param regularizer - adds to the loss while the weight is trained
   * @param trainable - false for what is no parameter, such as a moving average
   * @param constraint - is applied after each update
   * @throws RangeError if initializer or constraint give another shape or dtype
   */
  protected addWeight(
    name: string,
    shape: readonly number[],
    dtype: FloatType | null | undefined,
    initializer: string | Initializer,
    regularizer?: string | Regularizer | null,
    trainable = true,
    constraint?: string | Constraint | null,
  ): Variable {
    const spec = weightSpec(initializer, regularizer, constraint, this.name);
    return this.makeWeight(name, shape, spec, trainable, dtype ?? this.dtype);
  }

  /** The same from a spec. */
  protected makeWeight(
    name: string,
    shape: readonly number[],
    spec: WeightSpec,
    trainable = true,
    dtype = this.dtype,
  ): Variable {
    const weight = newWeight(name, shape, dtype, spec, trainable && this.trainable, this.name);
    if (trainable) this.parameters.add(weight);
    this.ownWeights.push(weight);
    this.weightNames.push(name);
    this.built = true;
    if (spec.regularizer) this.regularizers.set(weight, spec.regularizer);
    if (spec.constraint) this.constraints.set(weight, spec.constraint);
    return weight;
  }

  /**
   * What the regularizers of the weights in training add to the loss; those of frozen weights add nothing, as in Keras.
   *
   * @param trained - the weights in training; the trainable ones if absent
   */
  calculateLosses(trained: ReadonlySet<Variable> = new Set(this.trainableWeights)): Tensor[] {
    return [...family(this)].flatMap(({ ownWeights, regularizers }) =>
      ownWeights.flatMap((w) => (trained.has(w) ? (regularizers.get(w)?.(w) ?? []) : [])),
    );
  }

  /**
   * Makes the weights in training what their constraints ask for, in place: to be called after each update.
   *
   * @param trained - the weights in training; the trainable ones if absent
   */
  applyConstraints(trained: ReadonlySet<Variable> = new Set(this.trainableWeights)): void {
    for (const { constraints } of family(this)) {
      for (const [w, constraint] of constraints) {
        if (!trained.has(w)) continue;
        tidy(() => {
          const allowed = constraint(w);
          if (allowed.storage !== w.storage) copyElements(allowed, w.writable());
        });
      }
    }
  }

  /**
   * Whether training changes the weights. What is set here is set in the layers that this one is made of, as in Keras,
   * and in the weights, which {@link variableGrads} and an optimizer's `minimize` then leave alone, too. A model's training
   * goes by what was set when the model was compiled.
   */
  get trainable(): boolean {
    return this.isTrainable;
  }

  set trainable(value: boolean) {
    this.isTrainable = value;
    for (const w of this.parameters) w.trainable = value;
    for (const layer of this.layers) layer.trainable = value;
  }

  /** All weights, each once: the layer's own in the order in which they were added, then those of the layers in it. */
  get weights(): Variable[] {
    return [...new Set([...this.ownWeights, ...this.layers.flatMap((layer) => layer.weights)])];
  }

  /** The weights that training changes; none if the layer is not trainable. */
  get trainableWeights(): Variable[] {
    return [...family(this, true)].flatMap(({ ownWeights }) => ownWeights.filter((w) => w.trainable));
  }

  /** The weights that training leaves alone. */
  get nonTrainableWeights(): Variable[] {
    const trainable = new Set(this.trainableWeights);
    return this.weights.filter((w) => !trainable.has(w));
  }

  /**
   * The weights' current values: the variables themselves.
   *
   * @param trainableOnly - whether only of those that training changes; false if absent
   */
  getWeights(trainableOnly = false): Tensor[] {
    return [...(trainableOnly ? this.trainableWeights : this.weights)];
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

  /**
   * Products that are added up for one sample, of the kernels with the inputs. By default each weight of rank 2 or more
   * is a kernel that is used once at each place of the output. Open sizes count as 1.
   */
  countMultiplyAdds(_inputShape: OneOrMore<LayerShape>, outputShape: OneOrMore<LayerShape>): number {
    const shape = (Array.isArray(outputShape[0]) ? outputShape[0] : outputShape) as LayerShape;
    const places = sizeOf(shape.slice(1, -1).map((n) => n ?? 1));
    return places * this.ownWeights.reduce((sum, w) => sum + (w.rank < 2 ? 0 : w.size), 0);
  }

  /** Makes the state of stateful layers what it was in the beginning. */
  resetStates(): void {
    for (const layer of this.layers) layer.resetStates();
  }

  /**
   * What the layer can be made again with: its options, with the name that it has.
   * @throws TypeError for an option that is a function of one's own
   */
  getConfig(): Record<string, unknown> {
    const { weights: _, inputShape: __, ...options } = this.options;
    return {
      ...(configOf(options, this.name) as object),
      ...(this.batchInputShape && { batchInputShape: [...this.batchInputShape] }),
      name: this.name,
      trainable: this.trainable,
    };
  }

  /** Frees the weights, and a stream of random numbers that begins anew. */
  dispose(): void {
    dispose(this.ownWeights);
    this.draws?.dispose();
    for (const layer of this.layers) layer.dispose();
    this.ownWeights.length = 0;
    this.weightNames.length = 0;
    this.parameters.clear();
    this.regularizers.clear();
    this.constraints.clear();
    this.built = false;
  }
}
