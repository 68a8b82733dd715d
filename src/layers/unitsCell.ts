// What the cells of simpleRNN, lstm and gru share: their options, kernels and dropouts.

import { type Activation, activationOf } from '../activations.js';
import { checkBetween, checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { add, expandDims, matMul, mul, ones } from '../ops/index.js';
import type { GatedSequenceOptions } from '../ops/recurrent.js';
import type { Regularizer } from '../regularizers.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { RNNCell, stepShape } from './cell.js';
import { Draws } from './draws.js';
import { type CallOptions, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link simpleRNNCell} takes. */
export interface SimpleRNNCellOptions extends LayerOptions {
  /** The size of the state and of the output. */
  units: number;
  /** The name of an activation, or a function; 'tanh' if absent. */
  activation?: string | Activation;
  /** Whether a bias is added; true if absent. */
  useBias?: boolean;
  /** 'glorotUniform' if absent. */
  kernelInitializer?: string | Initializer;
  /** 'orthogonal' if absent. */
  recurrentInitializer?: string | Initializer;
  /** 'zeros' if absent. */
  biasInitializer?: string | Initializer;
  /** What the kernel adds to the loss; nothing if absent. */
  kernelRegularizer?: string | Regularizer;
  /** What the recurrent kernel adds to the loss; nothing if absent. */
  recurrentRegularizer?: string | Regularizer;
  /** What the bias adds to the loss; nothing if absent. */
  biasRegularizer?: string | Regularizer;
  /** What the kernel is made after each update; itself if absent. */
  kernelConstraint?: string | Constraint;
  /** What the recurrent kernel is made after each update; itself if absent. */
  recurrentConstraint?: string | Constraint;
  /** What the bias is made after each update; itself if absent. */
  biasConstraint?: string | Constraint;
  /** The share of the inputs that training drops, the same in all steps of a sequence; 0 if absent. */
  dropout?: number;
  /** The share of h that training drops on its way into a step, the same in all steps; 0 if absent. */
  recurrentDropout?: number;
  /** Makes what is dropped the same in every run. */
  seed?: number;
}

/** What cells with gates take. */
export interface GatedCellOptions extends SimpleRNNCellOptions {
  /**
   * What opens gates: the name of an activation, or a function; 'sigmoid' if absent, as in Keras 3. TensorFlow.js's
   * default is its hard sigmoid, 0.2 · x + 0.5 between 0 and 1; 'hardSigmoid' is Keras 3's here, as everywhere.
   */
  recurrentActivation?: string | Activation;
}

const functionOf = (activation: string | Activation, op: string): Activation =>
  typeof activation === 'function' ? activation : activationOf(activation, op);

/** A cell of kernels for inputs and for h, each with `gates` columns for a unit. */
export abstract class UnitsCell extends RNNCell {
  protected readonly units: number;
  protected readonly activation: Activation;
  protected readonly recurrentActivation: Activation;
  protected readonly useBias: boolean;
  protected readonly biasSpec: WeightSpec;
  private readonly kernelSpec: WeightSpec;
  private readonly recurrentSpec: WeightSpec;
  private readonly gates: number;
  private readonly dropout: number;
  private readonly recurrentDropout: number;
  override readonly draws: Draws;
  protected kernel!: Variable;
  protected recurrentKernel!: Variable;
  protected bias: Variable | undefined;
  /** By what the inputs and h of all steps are multiplied while a sequence runs. */
  private kept: [ofX?: Tensor, ofH?: Tensor] | undefined;

  constructor(options: GatedCellOptions, gates: number, op: string) {
    super(options);
    const { units, activation = 'tanh', recurrentActivation = 'sigmoid', useBias = true, seed } = options;
    const { kernelInitializer = 'glorotUniform', recurrentInitializer = 'orthogonal' } = options;
    const { biasInitializer = 'zeros', dropout = 0, recurrentDropout = 0 } = options;
    checkCount(units, 1, 'units', op);
    checkBetween(dropout, 0, 1, 'dropout', op);
    checkBetween(recurrentDropout, 0, 1, 'recurrentDropout', op);
    this.units = units;
    this.gates = gates;
    this.activation = functionOf(activation, op);
    this.recurrentActivation = functionOf(recurrentActivation, op);
    this.useBias = useBias;
    this.kernelSpec = weightSpec(kernelInitializer, options.kernelRegularizer, options.kernelConstraint, op);
    this.recurrentSpec = weightSpec(
      recurrentInitializer,
      options.recurrentRegularizer,
      options.recurrentConstraint,
      op,
    );
    this.biasSpec = weightSpec(biasInitializer, options.biasRegularizer, options.biasConstraint, op);
    this.dropout = dropout;
    this.recurrentDropout = recurrentDropout;
    this.draws = new Draws(seed, op);
  }

  get stateSize(): number | readonly number[] {
    return this.units;
  }

  override build(inputShape: LayerShape | readonly LayerShape[]): void {
    const shape = stepShape(inputShape);
    const inputs = shape.at(-1);
    if (shape.length !== 2 || inputs === null || inputs === undefined) {
      throw new RangeError(`${this.name}: needs inputs of known size in each step, got ${showLayerShape(shape)}`);
    }
    const width = this.gates * this.units;
    this.kernel = this.makeWeight('kernel', [inputs, width], this.kernelSpec);
    this.recurrentKernel = this.makeWeight('recurrent_kernel', [this.units, width], this.recurrentSpec);
    if (!this.useBias) return;
    const spec = { ...this.biasSpec, initializer: this.biasInitializer };
    this.bias = this.makeWeight('bias', this.biasShape(width), spec);
  }

  override countMultiplyAdds(): number {
    return this.kernel.size + this.recurrentKernel.size;
  }

  protected get biasInitializer(): Initializer {
    return this.biasSpec.initializer;
  }

  protected biasShape(width: number): number[] {
    return [width];
  }

  /** Whether the whole sequence may be left to the op, which knows tanh, and these for gates. */
  protected get isUsual(): boolean {
    return this.activation === activationOf('tanh', this.name) && this.gateName !== undefined;
  }

  protected get gateName(): GatedSequenceOptions['recurrentActivation'] {
    const names = ['sigmoid', 'hardSigmoid'] as const;
    return names.find((name) => this.recurrentActivation === activationOf(name, this.name));
  }

  override beginSequence(shape: Shape, options: CallOptions): void {
    this.kept = this.drawn(shape, options);
  }

  override endSequence(): void {
    this.kept = undefined;
  }

  private drawn(shape: Shape, { training }: CallOptions): [ofX?: Tensor, ofH?: Tensor] {
    const draw = (shape: Shape, rate: number): Tensor | undefined =>
      rate > 0 ? this.draws.dropout(ones(shape, this.dtype), rate) : undefined;
    return training ? [draw(shape, this.dropout), draw([shape[0]!, this.units], this.recurrentDropout)] : [];
  }

  /** What a step is given of its inputs and of h. A step of no sequence draws for itself. */
  protected keep(x: Tensor, h: Tensor, options: CallOptions): [x: Tensor, h: Tensor] {
    const [ofX, ofH] = this.kept ?? this.drawn(x.shape, options);
    return [ofX ? mul(x, ofX) : x, ofH ? mul(h, ofH) : h];
  }

  /** Inputs times the kernel, and the bias. */
  protected project(x: Tensor, bias: Tensor | undefined): Tensor {
    const z: Tensor = matMul(x, this.kernel);
    return bias ? add(z, bias) : z;
  }

  /** The layer's op on a sequence. */
  protected abstract sequenceOf(x: Tensor, options: GatedSequenceOptions): Tensor[];

  override sequence(
    x: Tensor,
    states: readonly Tensor[],
    mask: Tensor | undefined,
    returnSequences: boolean,
  ): Tensor[] | undefined {
    const [ofX, ofH] = this.kept ?? [];
    if (!this.isUsual || ofH) return undefined;
    const inputs: Tensor = ofX ? mul(x, expandDims(ofX, 1)) : x;
    return this.sequenceOf(inputs, { initialState: states, mask, returnSequences });
  }
}
