// Keras's own tests of its recurrent layers.

import { add, initializers, layers, matMul, type Tensor, type TensorLike, tensor, tidy } from '../../src/index.js';
import type { LayerShape } from '../../src/layers/layer.js';
import type { RNN } from '../../src/layers/rnn.js';
import { StackedRNNCells } from '../../src/layers/stackedRNNCells.js';
import { type Case, camelCase, expectGolden, readGolden, testCases } from './golden.js';

interface Call {
  inputs: TensorLike;
  mask?: TensorLike;
  initial_state?: TensorLike;
}

interface RecurrentCase extends Case {
  layer: string;
  config: Record<string, unknown>;
  calls: Call[];
  /** The way from what the layer gives to what is compared: ['index', 0] or ['attr', 'shape']. */
  result_path?: [kind: string, at: string | number][];
}

const FILE = 'keras_rnn.json';

/** Keras's cells of one and of two states, for tests: all weights are 1. */
class OneStateRNNCell extends layers.RNNCell {
  readonly stateSize: number | number[];
  private readonly units: number;
  private kernel!: Tensor;
  private recurrentKernels: Tensor[] = [];

  constructor(units: number, states: 1 | 2 = 1) {
    super();
    this.units = units;
    this.stateSize = states === 1 ? units : [units, units];
  }

  override getClassName(): string {
    return 'OneStateRNNCell';
  }

  override build(inputShape: LayerShape): void {
    const { units } = this;
    this.kernel = this.addWeight('kernel', [inputShape.at(-1)!, units], null, 'ones');
    this.recurrentKernels = this.stateSizes.map((_, i) =>
      this.addWeight(`recurrent_${i}`, [units, units], null, 'ones'),
    );
  }

  call([x, h]: Tensor[]): Tensor[] {
    const each: Tensor[] = this.recurrentKernels.map((r) => add(matMul(x!, this.kernel), matMul(h!, r)));
    return [each.reduce((a, b) => add(a, b)), ...each];
  }
}

const CELLS: Record<string, (units: number) => OneStateRNNCell> = {
  OneStateRNNCell: (units) => new OneStateRNNCell(units),
  TwoStatesRNNCell: (units) => new OneStateRNNCell(units, 2),
};

/** A value of a config as ours: layers, cells and initializers are made. */
function made(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(made);
  if (typeof value !== 'object' || value === null) return value;
  if ('Constant' in value) return initializers.constant(value.Constant as { value: number });
  const { class: name, config } = value as { class: string; config: Record<string, unknown> };
  const cell = CELLS[name];
  return cell ? cell(config.arg0 as number) : layerOf(name, config);
}

function layerOf(name: string, config: Record<string, unknown>): RNN {
  const options = Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), made(value)]));
  const make = Object.entries(layers).find(([key]) => key.toLowerCase() === name.toLowerCase())![1];
  return (make as (options: object) => RNN)(options);
}

/** What the layer gives, with the states of stacked cells together as in Keras. */
function asInKeras(layer: RNN, result: Tensor | Tensor[]): unknown {
  const cell = layer.cell;
  if (!(Array.isArray(result) && cell instanceof StackedRNNCells)) return result;
  const [output, ...states] = result;
  return [output, ...cell.cells.map(({ stateSizes }) => states.splice(0, stateSizes.length))];
}

/** Tests of Keras that call the layer twice, of which the file has one call. */
const TWICE = ['SimpleRNNTest.test_statefulness:153', 'SimpleRNNTest.test_statefulness:169'];

testCases<RecurrentCase>(FILE, readGolden(FILE), (c) => {
  tidy(() => {
    const layer = layerOf(c.layer, c.config);
    const calls = TWICE.includes(`${c.test}:${c.line}`) ? [...c.calls, ...c.calls] : c.calls;
    let result: unknown;
    for (const { inputs, mask, initial_state } of calls) {
      const state = initial_state === undefined ? undefined : tensor(initial_state, undefined, 'float32');
      // A state for each of several kinds lies along the first of three axes.
      const initialState = state?.rank === 3 ? state.unstack() : state;
      result = layer.apply(tensor(inputs, undefined, 'float32'), {
        ...(mask && { mask: tensor(mask, undefined, 'bool') }),
        ...(initialState && { initialState }),
      });
    }
    let value = asInKeras(layer, result as Tensor);
    for (const [kind, at] of c.result_path ?? []) {
      if (kind === 'attr') value = (value as Tensor).shape;
      else value = Array.isArray(value) ? value[at as number] : (value as Tensor).arraySync()[at as never];
    }
    expectGolden((value as Tensor).arraySync?.() ?? value, c);
    layer.dispose();
  });
});
