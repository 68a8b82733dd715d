import { add, matMul, mul, slice, split, unstack } from '../ops/index.js';
import { type GatedSequenceOptions, gruMix, gru as gruOp, gruStep } from '../ops/recurrent.js';
import type { Tensor } from '../tensor.js';
import type { CallOptions } from './layer.js';
import { cellOptions, RNN, type SequenceLayerOptions } from './rnn.js';
import { type GatedCellOptions, UnitsCell } from './unitsCell.js';

/** What {@link gruCell} takes. */
export interface GRUCellOptions extends GatedCellOptions {
  /**
   * Whether the reset gate acts after the product of h and the recurrent kernel, which then has a bias of its own, as
   * in Keras 3 and cuDNN; true if absent. TensorFlow.js knows only false.
   */
  resetAfter?: boolean;
}

/** What {@link gru} takes. */
export interface GRUOptions extends GRUCellOptions, SequenceLayerOptions {}

/** What the op {@link gruOp} does in a step; or, with resetAfter false, with the product of (r · h) for the last part. */
export class GRUCell extends UnitsCell {
  private readonly resetAfter: boolean;

  constructor(options: GRUCellOptions) {
    super(options, 3, 'layers.gruCell');
    this.resetAfter = options.resetAfter ?? true;
  }

  override getClassName(): string {
    return 'GRUCell';
  }

  protected override biasShape(width: number): number[] {
    return this.resetAfter ? [2, width] : [width];
  }

  protected override get isUsual(): boolean {
    return this.resetAfter && super.isUsual;
  }

  call(inputs: Tensor[], options: CallOptions): Tensor[] {
    const [x, h] = this.keep(inputs[0]!, inputs[1]!, options);
    const next = this.resetAfter ? this.after(x, h) : this.before(x, h);
    return [next, next];
  }

  private after(x: Tensor, h: Tensor): Tensor {
    const [outer, inner] = this.bias ? unstack(this.bias) : [];
    const product: Tensor = matMul(h, this.recurrentKernel);
    const q = inner ? add(product, inner) : product;
    return gruStep(this.project(x, outer), q, h, this.recurrentActivation, this.activation);
  }

  private before(x: Tensor, h: Tensor): Tensor {
    const { units, recurrentKernel, recurrentActivation: gate } = this;
    const [zs, zr, zg] = split(this.project(x, this.bias), 3, 1) as [Tensor, Tensor, Tensor];
    const product: Tensor = matMul(h, slice(recurrentKernel, [0, 0], [units, 2 * units]));
    const [qs, qr] = split(product, 2, 1) as [Tensor, Tensor];
    const reset: Tensor = mul(gate(add(zr, qr)), h);
    const g = this.activation(add(zg, matMul(reset, slice(recurrentKernel, [0, 2 * units], [units, units]))));
    return gruMix(gate(add(zs, qs)), h, g);
  }

  protected override sequenceOf(x: Tensor, options: GatedSequenceOptions): Tensor[] {
    const { kernel, recurrentKernel, bias, gateName } = this;
    return gruOp(x, kernel, recurrentKernel, bias, { ...options, recurrentActivation: gateName });
  }
}

export class GRU extends RNN {
  constructor(options: GRUOptions) {
    super(options, new GRUCell(cellOptions(options, 'gru_cell')));
  }

  override getClassName(): string {
    return 'GRU';
  }
}

/**
 * A cell of gated recurrent units (Cho et al. 2014), whose state is its output. Its gates open by 'sigmoid' unless
 * `recurrentActivation` says something else, as in Keras 3.
 *
 * @example
 * const [y, h] = layers.gruCell({ units: 4 }).apply([ones([2, 3]), zeros([2, 4])]);
 * [y.shape, h.shape];  // [[2, 4], [2, 4]]
 */
export const gruCell = (options: GRUCellOptions): GRUCell => new GRUCell(options);

/**
 * A layer of gated recurrent units (Cho et al. 2014), as Keras 3 defines it. With its activations, tanh and a sigmoid for
 * gates, or 'hardSigmoid' for gates, with resetAfter and without recurrentDropout in training, one kernel runs the whole
 * sequence, to the bits that the cell gives step by step; gradients then add up in another order.
 *
 * @throws RangeError for inputs that are not [batch, time, features]
 * @differs from TensorFlow.js, where recurrentActivation is a hard sigmoid if absent and resetAfter false: here a sigmoid
 *   and true, as in Keras 3
 * @example
 * layers.gru({ units: 4, returnSequences: true }).apply(ones([2, 5, 3])).shape;  // [2, 5, 4]
 */
export const gru = (options: GRUOptions): GRU => new GRU(options);
