import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { RNNCell, stepShape } from './cell.js';
import type { CallOptions, Layer, LayerOptions, LayerShape } from './layer.js';

/** What {@link stackedRNNCells} takes. */
export interface StackedRNNCellsOptions extends LayerOptions {
  /** Cells, of which each is given the output of the one before. */
  cells: readonly RNNCell[];
}

/** Cells in a stack as one cell. Its states are those of the first cell, then those of the second, and so on. */
export class StackedRNNCells extends RNNCell {
  readonly cells: readonly RNNCell[];

  constructor(options: StackedRNNCellsOptions) {
    super(options);
    const { cells } = options;
    if (!(Array.isArray(cells) && cells.length > 0 && cells.every((cell) => cell instanceof RNNCell))) {
      throw new TypeError('layers.stackedRNNCells: cells must be an array of one cell or more');
    }
    this.cells = cells;
  }

  override getClassName(): string {
    return 'StackedRNNCells';
  }

  override get layers(): readonly Layer[] {
    return this.cells;
  }

  get stateSize(): number[] {
    return this.cells.flatMap((cell) => cell.stateSizes);
  }

  override get outputSize(): number {
    return this.cells.at(-1)!.outputSize;
  }

  override build(inputShape: LayerShape | readonly LayerShape[]): void {
    let shape = stepShape(inputShape);
    for (const cell of this.cells) {
      cell.ensureBuilt(shape);
      shape = [shape[0]!, cell.outputSize];
    }
  }

  override countMultiplyAdds(): number {
    return this.cells.reduce((sum, cell) => sum + cell.countMultiplyAdds([null], [null, cell.outputSize]), 0);
  }

  override beginSequence(shape: Shape, options: CallOptions): void {
    let inputs = shape;
    for (const cell of this.cells) {
      cell.beginSequence(inputs, options);
      inputs = [shape[0]!, cell.outputSize];
    }
  }

  override endSequence(): void {
    for (const cell of this.cells) cell.endSequence();
  }

  /** The states of each cell. */
  private byCell(states: readonly Tensor[]): Tensor[][] {
    let at = 0;
    return this.cells.map(({ stateSizes }) => {
      const own = states.slice(at, at + stateSizes.length);
      at += stateSizes.length;
      return own;
    });
  }

  call([x, ...states]: Tensor[], options: CallOptions): Tensor[] {
    const next: Tensor[] = [];
    const own = this.byCell(states);
    let output = x!;
    for (const [i, cell] of this.cells.entries()) {
      const [y, ...after] = cell.call([output, ...own[i]!], options) as [Tensor, ...Tensor[]];
      next.push(...after);
      output = y;
    }
    return [output, ...next];
  }

  /** One cell after the other, if each has a way: the steps of one do not depend on the next one's. */
  override sequence(
    x: Tensor,
    states: readonly Tensor[],
    mask: Tensor | undefined,
    returnSequences: boolean,
    options: CallOptions,
  ): Tensor[] | undefined {
    const last: Tensor[] = [];
    const own = this.byCell(states);
    let output = x;
    for (const [i, cell] of this.cells.entries()) {
      const all = returnSequences || i < this.cells.length - 1;
      const result = cell.sequence(output, own[i]!, mask, all, options);
      if (!result) return undefined;
      last.push(...result.slice(1));
      output = result[0]!;
    }
    return [output, ...last];
  }

  override remade(): StackedRNNCells {
    return new StackedRNNCells({ cells: this.cells.map((cell) => cell.remade()) });
  }
}

/**
 * Cells in a stack as one cell, as `rnn({ cell: [...] })` makes one. The states are those of the first cell, then those
 * of the second, and so on.
 *
 * @throws TypeError unless there is a cell at least
 * @differs from TensorFlow.js, where the last cell's states come first; from Keras, where each cell's are a list
 * @example
 * const cells = [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 3 })];
 * layers.stackedRNNCells({ cells }).stateSize;  // [4, 4, 3]
 */
export const stackedRNNCells = (options: StackedRNNCellsOptions): StackedRNNCells => new StackedRNNCells(options);
