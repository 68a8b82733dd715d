import { matMul } from '../ops/index.js';
import { type GatedSequenceOptions, simpleRNN as simpleRNNOp, simpleRNNStep } from '../ops/recurrent.js';
import type { Tensor } from '../tensor.js';
import type { CallOptions } from './layer.js';
import { cellOptions, RNN, type SequenceLayerOptions } from './rnn.js';
import { type SimpleRNNCellOptions, UnitsCell } from './unitsCell.js';

/** What {@link simpleRNN} takes. */
export interface SimpleRNNOptions extends SimpleRNNCellOptions, SequenceLayerOptions {}

/** h = activation(x · kernel + bias + h · recurrentKernel), of which the output is h. */
export class SimpleRNNCell extends UnitsCell {
  constructor(options: SimpleRNNCellOptions) {
    super(options, 1, 'layers.simpleRNNCell');
  }

  override getClassName(): string {
    return 'SimpleRNNCell';
  }

  call(inputs: Tensor[], options: CallOptions): Tensor[] {
    const [x, h] = this.keep(inputs[0]!, inputs[1]!, options);
    const next = simpleRNNStep(this.project(x, this.bias), matMul(h, this.recurrentKernel), this.activation);
    return [next, next];
  }

  protected override sequenceOf(x: Tensor, options: GatedSequenceOptions): Tensor[] {
    return simpleRNNOp(x, this.kernel, this.recurrentKernel, this.bias, options);
  }
}

export class SimpleRNN extends RNN {
  constructor(options: SimpleRNNOptions) {
    super(options, new SimpleRNNCell(cellOptions(options, 'simple_rnn_cell')));
  }

  override getClassName(): string {
    return 'SimpleRNN';
  }
}

/**
 * A cell whose state is its output: h = activation(x · kernel + bias + h · recurrentKernel).
 *
 * @example
 * const [y, h] = layers.simpleRNNCell({ units: 4 }).apply([ones([2, 3]), zeros([2, 4])]);
 * [y.shape, h.shape];  // [[2, 4], [2, 4]]
 */
export const simpleRNNCell = (options: SimpleRNNCellOptions): SimpleRNNCell => new SimpleRNNCell(options);

/**
 * A simple recurrent layer (Elman 1990): each step's output, h, is also an input of the next step.
 *
 * @throws RangeError for inputs that are not [batch, time, features]
 * @example
 * layers.simpleRNN({ units: 4, returnSequences: true }).apply(ones([2, 5, 3])).shape;  // [2, 5, 4]
 */
export const simpleRNN = (options: SimpleRNNOptions): SimpleRNN => new SimpleRNN(options);
