import type { Initializer } from '../initializers.js';
import { concat, matMul, ones } from '../ops/index.js';
import { type GatedSequenceOptions, lstm as lstmOp, lstmStep } from '../ops/recurrent.js';
import type { Tensor } from '../tensor.js';
import type { CallOptions } from './layer.js';
import { cellOptions, RNN, type SequenceLayerOptions } from './rnn.js';
import { type GatedCellOptions, UnitsCell } from './unitsCell.js';

/** What {@link lstmCell} takes. */
export interface LSTMCellOptions extends GatedCellOptions {
  /** Whether the forget gate's bias begins as 1 (Jozefowicz et al. 2015); true if absent. */
  unitForgetBias?: boolean;
}

/** What {@link lstm} takes. */
export interface LSTMOptions extends LSTMCellOptions, SequenceLayerOptions {}

/** What the op {@link lstmOp} does in a step. The states are h, which is the output, and c. */
export class LSTMCell extends UnitsCell {
  private readonly unitForgetBias: boolean;

  constructor(options: LSTMCellOptions) {
    super(options, 4, 'layers.lstmCell');
    this.unitForgetBias = options.unitForgetBias ?? true;
  }

  override getClassName(): string {
    return 'LSTMCell';
  }

  override get stateSize(): number[] {
    return [this.units, this.units];
  }

  protected override get biasInitializer(): Initializer {
    const begin = super.biasInitializer;
    if (!this.unitForgetBias) return begin;
    return ([width], dtype) => {
      const units = width! / 4;
      return concat([begin([units], dtype), ones([units], dtype), begin([2 * units], dtype)]);
    };
  }

  call(inputs: Tensor[], options: CallOptions): Tensor[] {
    const [x, h] = this.keep(inputs[0]!, inputs[1]!, options);
    const [z, q] = [this.project(x, this.bias), matMul<Tensor>(h, this.recurrentKernel)];
    const [next, c] = lstmStep(z, q, inputs[2]!, this.recurrentActivation, this.activation) as [Tensor, Tensor];
    return [next, next, c];
  }

  protected override sequenceOf(x: Tensor, options: GatedSequenceOptions): Tensor[] {
    const { kernel, recurrentKernel, bias, gateName } = this;
    return lstmOp(x, kernel, recurrentKernel, bias, { ...options, recurrentActivation: gateName });
  }
}

export class LSTM extends RNN {
  constructor(options: LSTMOptions) {
    super(options, new LSTMCell(cellOptions(options, 'lstm_cell')));
  }

  override getClassName(): string {
    return 'LSTM';
  }
}

/**
 * A cell of long short-term memory (Hochreiter & Schmidhuber 1997), of which the states are h, the output, and c. Its
 * gates open by 'sigmoid' unless `recurrentActivation` says something else, as in Keras 3.
 *
 * @example
 * const [y, h, c] = layers.lstmCell({ units: 4 }).apply([ones([2, 3]), zeros([2, 4]), zeros([2, 4])]);
 * [y.shape, h.shape, c.shape];  // [[2, 4], [2, 4], [2, 4]]
 */
export const lstmCell = (options: LSTMCellOptions): LSTMCell => new LSTMCell(options);

/**
 * A layer of long short-term memory (Hochreiter & Schmidhuber 1997), as Keras 3 defines it. With its activations, tanh
 * and a sigmoid for gates, or 'hardSigmoid' for gates, and without recurrentDropout in training, one kernel runs the
 * whole sequence, to the bits that the cell gives step by step; gradients then add up in another order.
 *
 * @throws RangeError for inputs that are not [batch, time, features]
 * @differs from TensorFlow.js, where recurrentActivation is a hard sigmoid if absent: here a sigmoid, as in Keras 3
 * @example
 * const [y, h, c] = layers.lstm({ units: 4, returnState: true }).apply(ones([2, 5, 3]));
 * [y.shape, h.shape, c.shape];  // [[2, 4], [2, 4], [2, 4]]
 */
export const lstm = (options: LSTMOptions): LSTM => new LSTM(options);
