import { castTo } from '../ops/dispatch.js';
import { mul, reshape, reverse, slice, stack, unstack, where, zeros, zerosLike } from '../ops/index.js';
import { tidy } from '../scope.js';
import { sameShape, showShape } from '../shape.js';
import { copyElements, empty, type Tensor } from '../tensor.js';
import { type Variable, variable } from '../variable.js';
import { RNNCell } from './cell.js';
import {
  type CallOptions,
  Layer,
  type LayerOptions,
  type LayerShape,
  type OneOrMore,
  showLayerShape,
} from './layer.js';
import { StackedRNNCells } from './stackedRNNCells.js';

/** What recurrent layers take beside the options of their cell. */
export interface SequenceLayerOptions extends LayerOptions {
  /** Whether the output is that of each step, and not the last one's; false if absent. */
  returnSequences?: boolean;
  /** Whether the last states are given too, after the output; false if absent. */
  returnState?: boolean;
  /** Whether the last step comes first. The outputs of all steps are then in that order; false if absent. */
  goBackwards?: boolean;
  /** Whether each batch begins with the states in which the last one ended, until `resetStates`; false if absent. */
  stateful?: boolean;
  /** Whether the output of a masked step is 0, and not that of the step before; false if absent. */
  zeroOutputForMask?: boolean;
  /** Nothing: sequences run as fast as they can. For programs that say it to TensorFlow.js. */
  unroll?: boolean;
  /** Nothing: there is one implementation. For programs that say it to TensorFlow.js. */
  implementation?: number;
}

/** What {@link rnn} takes. */
export interface RNNOptions extends SequenceLayerOptions {
  /** What happens in a step; several cells are stacked. */
  cell: RNNCell | readonly RNNCell[];
}

/**
 * What a layer leaves to its cell: its options but those that are the layer's own. No option holds the cell's name: files
 * find it by this one.
 */
export function cellOptions<T extends SequenceLayerOptions>(options: T, name: string): T {
  const { inputShape, batchInputShape, batchSize, weights, trainable, activityRegularizer, ...rest } = options;
  return { ...rest, name } as T;
}

/** The one mask of inputs of which the first is the sequence. */
export const firstMask = (mask: CallOptions['mask']): Tensor | undefined =>
  Array.isArray(mask) ? (mask as (Tensor | undefined)[])[0] : (mask as Tensor | undefined);

/** Cells over the steps of a sequence. */
export class RNN extends Layer {
  readonly cell: RNNCell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  private readonly zeroOutputForMask: boolean;
  /** The states in which the last batch ended, of a stateful layer. */
  private states: Variable[] = [];

  constructor(options: SequenceLayerOptions, cell: RNNCell | readonly RNNCell[]) {
    super(options);
    const { returnSequences = false, returnState = false, goBackwards = false, stateful = false } = options;
    // No option holds the stack's name: files find it by this one.
    if (!Array.isArray(cell) && !(cell instanceof RNNCell)) {
      throw new TypeError(`${this.name}: cell must be a cell or an array of cells, got ${typeof cell}`);
    }
    this.cell = Array.isArray(cell) ? new StackedRNNCells({ name: 'stacked', cells: cell }) : (cell as RNNCell);
    this.returnSequences = returnSequences;
    this.returnState = returnState;
    this.goBackwards = goBackwards;
    this.stateful = stateful;
    this.zeroOutputForMask = options.zeroOutputForMask ?? false;
  }

  override getClassName(): string {
    return 'RNN';
  }

  override get layers(): readonly Layer[] {
    return [this.cell];
  }

  override build(inputShape: OneOrMore<LayerShape>): void {
    const [batch, , ...features] = this.checkShape(inputShape);
    this.cell.ensureBuilt([batch!, ...features]);
  }

  /** Of inputs that initial states may follow, the shape of the sequence. */
  private checkShape(inputShape: OneOrMore<LayerShape>): LayerShape {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as LayerShape;
    if (shape.length >= 3) return shape;
    throw new RangeError(`${this.name}: needs inputs of shape [batch, time, features], got ${showLayerShape(shape)}`);
  }

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): OneOrMore<LayerShape> {
    const [batch, time] = this.checkShape(inputShape);
    const { cell, returnSequences } = this;
    const output = returnSequences ? [batch!, time!, cell.outputSize] : [batch!, cell.outputSize];
    return this.returnState ? [output, ...cell.stateSizes.map((size) => [batch!, size])] : output;
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>): number {
    const [, time] = this.checkShape(inputShape);
    return (time ?? 1) * this.cell.countMultiplyAdds([null], [null, this.cell.outputSize]);
  }

  override computeMask(
    _inputs: OneOrMore<Tensor>,
    mask: CallOptions['mask'],
  ): OneOrMore<Tensor | undefined> | undefined {
    const output = this.returnSequences ? firstMask(mask) : undefined;
    // In the order of the outputs.
    const turned = output && this.goBackwards ? reverse(output, 1) : output;
    return turned && this.returnState ? [turned, ...this.cell.stateSizes.map(() => undefined)] : turned;
  }

  /**
   * The output, or an array of it and the last states.
   *
   * @param inputs - [batch, time, features], or an array of it and the initial states
   * @param options.initialState - the states before the first step; a stateful layer's own, or zeros, if absent
   * @param options.mask - [batch, time]: where it is false, or 0, a step changes nothing
   */
  call(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor> {
    const [given, ...following] = [inputs].flat() as [Tensor, ...Tensor[]];
    const asked = options.initialState as OneOrMore<Tensor> | undefined;
    const [batch, steps] = this.checkShape(given.shape) as [number, number];
    if (steps === 0) throw new RangeError(`${this.name}: needs a step at least, got ${showShape(given.shape)}`);
    const initial = this.begin(batch, asked ? ([asked].flat() as Tensor[]) : following);
    const masked = firstMask(options.mask);
    const mask = masked && castTo(masked, 'bool');
    if (mask && !sameShape(mask.shape, [batch, steps])) {
      throw new RangeError(`${this.name}: the mask must be [${batch}, ${steps}], got ${showShape(mask.shape)}`);
    }
    const [x, on] = this.goBackwards ? [reverse(given, 1), mask && reverse(mask, 1)] : [given, mask];

    const { cell, returnSequences } = this;
    cell.beginSequence([batch, ...x.shape.slice(2)], options);
    let all: Tensor[];
    try {
      all = cell.sequence(x, initial, on, returnSequences, options) ?? this.stepByStep(x, initial, on, options);
    } finally {
      cell.endSequence();
    }
    const [output, ...states] = all as [Tensor, ...Tensor[]];
    if (this.stateful) {
      this.states.forEach((state, k) => {
        const last = states[k];
        if (!last || !sameShape(last.shape, state.shape)) {
          const got = last ? showShape(last.shape) : 'none';
          throw new RangeError(`${this.name}: the cell must give states of ${showShape(state.shape)}, got ${got}`);
        }
        copyElements(castTo(last, state.dtype), state.writable());
      });
    }
    const shown = on && this.zeroOutputForMask ? this.withZeros(output, on) : output;
    return this.returnState ? [shown, ...states] : shown;
  }

  /** The states before the first step. */
  private begin(batch: number, given: readonly Tensor[]): Tensor[] {
    const shapes = this.cell.stateSizes.map((size) => [batch, size]);
    const check = (state: Tensor, k: number): Tensor => {
      if (sameShape(state.shape, shapes[k]!)) return state;
      throw new RangeError(
        `${this.name}: initialState must be ${showShape(shapes[k]!)}, got ${showShape(state.shape)}`,
      );
    };
    if (given.length > 0 && given.length !== shapes.length) {
      throw new RangeError(`${this.name}: initialState must be ${shapes.length} tensors, got ${given.length}`);
    }
    if (this.stateful && this.states.length === 0) {
      this.states = tidy(() => shapes.map((shape) => variable(zeros(shape, this.dtype), false) as Variable));
    }
    const held = this.states[0]?.shape[0] ?? batch;
    if (held !== batch) {
      throw new RangeError(`${this.name}: is stateful, so that batches must be of one size: ${held}, got ${batch}`);
    }
    if (given.length > 0) return given.map(check);
    if (!this.stateful) return shapes.map((shape) => zeros(shape, this.dtype));
    // Copies: no gradient goes back to the batch before, and the variables change when this one is done.
    return this.states.map((state) => {
      state.guardReading();
      const copy = empty(state.shape, state.dtype);
      copyElements(state, copy.storage.address);
      return copy;
    });
  }

  /** The cell, step after step. A masked step gives what the one before gave, the first h where there was none. */
  private stepByStep(x: Tensor, initial: readonly Tensor[], mask: Tensor | undefined, options: CallOptions): Tensor[] {
    const batch = x.shape[0]!;
    const outputs: Tensor[] = [];
    let states: readonly Tensor[] = initial;
    for (const [t, step] of unstack(x, 1).entries()) {
      const on = mask && slice(mask, [0, t], [batch, 1]);
      const [output, ...next] = tidy(() => {
        const after = this.cell.call([step, ...states], options);
        if (!on) return after;
        const [y] = after as [Tensor];
        const before = outputs.at(-1) ?? (sameShape(states[0]!.shape, y.shape) ? states[0]! : zerosLike(y));
        return [before, ...states].map((old, k) =>
          where(reshape(on, [batch, ...old.shape.slice(1).fill(1)]), after[k]!, old),
        );
      }) as [Tensor, ...Tensor[]];
      outputs.push(output);
      states = next;
    }
    return [this.returnSequences ? stack(outputs, 1) : outputs.at(-1)!, ...states];
  }

  /** The output, 0 where it is that of a masked step. */
  private withZeros(output: Tensor, mask: Tensor): Tensor {
    const [batch, steps] = mask.shape as [number, number];
    const on = this.returnSequences ? mask : slice(mask, [0, steps - 1], [batch, 1]);
    const along = this.returnSequences ? [batch, steps] : [batch];
    return mul(
      output,
      castTo(reshape(on, [...along, ...new Array<number>(output.rank - along.length).fill(1)]), output.dtype),
    );
  }

  /**
   * Makes the states of a stateful layer what they are given to be, or zeros.
   *
   * @throws RangeError unless there is a tensor for each state, of its shape; nothing is changed then
   */
  override resetStates(states?: OneOrMore<Tensor>): void {
    if (states === undefined) {
      for (const state of this.states) tidy(() => copyElements(zeros(state.shape, state.dtype), state.writable()));
      return;
    }
    const list = [states].flat() as Tensor[];
    if (!this.stateful) throw new RangeError(`${this.name}.resetStates: the layer is not stateful`);
    tidy(() => {
      const values = this.begin(list[0]!.shape[0] ?? 0, list);
      this.states.forEach((state, k) => {
        copyElements(castTo(values[k]!, state.dtype), state.writable());
      });
    });
  }

  /** A layer made of the same options, with weights of its own, in this direction or the other. */
  remade(name: string, goBackwards: boolean): RNN {
    const Kind = this.constructor as new (options: SequenceLayerOptions, cell: RNNCell) => RNN;
    const cell = this.cell.remade();
    const { weights: _, ...rest } = this.options;
    return new Kind({ ...rest, ...('cell' in rest && { cell }), name, goBackwards }, cell);
  }

  override dispose(): void {
    super.dispose();
    for (const state of this.states) state.dispose();
    this.states = [];
  }
}

/**
 * A layer of one's own cell, or of several in a stack, over the steps of a sequence. Cells that can, such as `lstmCell`,
 * run the whole sequence at once.
 *
 * @throws RangeError for inputs that are not [batch, time, features]
 * @example
 * const stack = layers.rnn({ cell: [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 3 })] });
 * stack.apply(ones([2, 5, 6])).shape;  // [2, 3]
 */
export const rnn = (options: RNNOptions): RNN => new RNN(options, options.cell);
