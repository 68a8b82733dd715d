import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape } from './layer.js';

/**
 * One step of a recurrent layer: `call` is given the step's inputs and the states, and gives the step's output and the
 * next states. Cells of one's own say what their states are, and become layers by {@link rnn}.
 *
 * @example
 * class Sum extends layers.RNNCell {
 *   stateSize = 2;
 *   call([x, total]) {
 *     const sum = x.add(total);
 *     return [sum, sum];
 *   }
 *   getClassName() {
 *     return 'Sum';
 *   }
 * }
 * layers.rnn({ cell: new Sum() }).apply(tensor3d([[[1, 2], [3, 4], [5, 6]]])).print();  // [[9, 12]]
 */
export abstract class RNNCell extends Layer {
  /** The size of the state, or of each of several. */
  abstract readonly stateSize: number | readonly number[];

  /** The output and the next states. */
  abstract override call(inputs: Tensor[], options: CallOptions): Tensor[];

  /** The size of the output: that of the first state unless the cell says something else. */
  get outputSize(): number {
    return this.stateSizes[0]!;
  }

  /** The size of each state. */
  get stateSizes(): readonly number[] {
    return [this.stateSize].flat();
  }

  /** Draws what is the same in all steps of a sequence, such as what is dropped, for a step's inputs of this shape. */
  beginSequence(_shape: Shape, _options: CallOptions): void {}

  /** The sequence is at its end: what was drawn for it is gone. */
  endSequence(): void {}

  /**
   * All steps at once, where the cell has a way: the output of the last step, or of all, and the last states.
   * `beginSequence` was called.
   *
   * @param x - [batch, time, features]
   * @param mask - [batch, time], bool
   */
  sequence(
    _x: Tensor,
    _states: readonly Tensor[],
    _mask: Tensor | undefined,
    _returnSequences: boolean,
    _options: CallOptions,
  ): Tensor[] | undefined {
    return undefined;
  }

  /** A cell made of the same options, with weights of its own. */
  remade(): RNNCell {
    const Kind = this.constructor as new (options: LayerOptions) => RNNCell;
    const { name: _, ...options } = this.options;
    return new Kind(options);
  }

  override computeOutputShape(inputShape: LayerShape | readonly LayerShape[]): LayerShape[] {
    const batch = stepShape(inputShape)[0]!;
    return [this.outputSize, ...this.stateSizes].map((size) => [batch, size]);
  }
}

/** The shape of a step's inputs, where those of the states may follow. */
export const stepShape = (inputShape: LayerShape | readonly LayerShape[]): LayerShape =>
  (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as LayerShape;
