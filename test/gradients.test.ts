// Every op's gradient against differences, in float64: the first derivative, and the derivative of that. One harness;
// the examples are rows in ops/rows.ts.

import { describe, expect, test } from 'vitest';
import { GradientTape, grads } from '../src/autodiff.js';
import { type DataType, isFloat } from '../src/dtype.js';
import { add, mul, sum } from '../src/ops/index.js';
import { dispose, getTensorsInContainer, tidy } from '../src/scope.js';
import { fromData, type Tensor } from '../src/tensor.js';
import { type Example, examples } from './ops/rows.js';
import { differences } from './support/difference.js';
import { leavesNothing } from './support/heap.js';
import { sample, seeded, tensors } from './support/sample.js';

const TOLERANCE = 1e-6;

/** Σ of all float outputs, each element times a fixed random weight. */
function weigh(outputs: unknown, seed: string): Tensor {
  const random = seeded(`weights of ${seed}`);
  return getTensorsInContainer(outputs)
    .filter((y) => isFloat(y.dtype))
    .map((y) => {
      const weights = Array.from({ length: y.size }, () => random() * 2 - 1);
      return sum(mul(y, fromData(weights, y.shape, y.dtype)));
    })
    .reduce((a, b) => add(a, b));
}

/** An example with its inputs: the value of its weighted sum, that sum's gradients, and their weighted sum's. */
class Case {
  readonly values: number[][];
  private readonly example: Example;
  private readonly seed: string;

  constructor(example: Example, seed: string) {
    this.example = example;
    this.seed = seed;
    this.values = sample(example.inputs, seed);
  }

  /** Only floats are differentiated. */
  differentiable<T>(list: readonly T[]): T[] {
    return list.filter((_, i) => this.example.inputs[i].kind === 'float');
  }

  private loss(xs: readonly Tensor[], floats: readonly Tensor[]): Tensor {
    const rest = [...floats];
    const args = this.example.inputs.map(({ kind }, i) => (kind === 'float' ? rest.shift()! : xs[i]));
    return weigh(this.example.f(...args), this.seed);
  }

  /** Runs `f` on the inputs with floats as given, and disposes of everything. */
  private on<T>(values: readonly number[][], dtype: DataType, f: (xs: Tensor[], floats: Tensor[]) => T): T {
    return tidy(() => {
      const xs = tensors(this.example.inputs, values, dtype);
      return f(xs, this.differentiable(xs));
    });
  }

  /** With floats replaced by `values`, in order. */
  private merge(values: readonly number[][]): number[][] {
    const rest = [...values];
    return this.example.inputs.map(({ kind }, i) => (kind === 'float' ? rest.shift()! : this.values[i]));
  }

  value(floats: readonly number[][], dtype: DataType = 'float64'): number {
    return this.on(this.merge(floats), dtype, (xs, given) => this.loss(xs, given).dataSync()[0]);
  }

  gradientTensors(xs: Tensor[]): Tensor[] {
    return grads((...floats) => this.loss(xs, floats))(this.differentiable(xs));
  }

  gradients(floats: readonly number[][], dtype: DataType = 'float64'): number[][] {
    return this.on(this.merge(floats), dtype, (xs, given) =>
      this.gradientTensors(xs).map((g, i) => {
        expect(g.dtype).toBe(given[i].dtype);
        expect(g.shape).toEqual(given[i].shape);
        return Array.from(g.dataSync());
      }),
    );
  }

  /** Σ of all gradients, each element times a fixed random weight. */
  slope(floats: readonly number[][]): number {
    return this.on(this.merge(floats), 'float64', (xs) =>
      Number(weigh(this.gradientTensors(xs), this.seed).dataSync()[0]),
    );
  }

  slopeGradients(floats: readonly number[][]): number[][] {
    return this.on(this.merge(floats), 'float64', (xs, given) => {
      using tape = new GradientTape();
      tape.watch(given);
      const slope = weigh(this.gradientTensors(xs), this.seed);
      // Where the op is linear the slope is a constant: nothing leads to it, and its derivative is 0.
      return tape
        .gradient(slope, given)
        .map((g, i) => (g ? Array.from(g.dataSync()) : new Array<number>(given[i].size).fill(0)));
    });
  }
}

function expectClose(actual: number[][], expected: number[][], tolerance: number): void {
  expect(actual.map((v) => v.length)).toEqual(expected.map((v) => v.length));
  actual.flat().forEach((x, i) => {
    const y = expected.flat()[i];
    if (!(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)))) {
      expect(actual, `element ${i}`).toEqual(expected);
    }
  });
}

for (const example of examples.filter((e) => e.noGradient === undefined)) {
  describe(example.title, () => check(example));
}

function check(example: (typeof examples)[number]): void {
  const c = new Case(example, example.seed);
  const floats = c.differentiable(c.values);

  test('has the first derivative of its differences', () => {
    expectClose(
      c.gradients(floats),
      differences((v) => c.value(v), floats),
      TOLERANCE,
    );
  });

  test('has the second derivative of its first one', () => {
    expectClose(
      c.slopeGradients(floats),
      differences((v) => c.slope(v), floats),
      TOLERANCE,
    );
  });

  test('is the same in float32 but for rounding', () => {
    const rounded = floats.map((v) => v.map(Math.fround));
    expectClose([[c.value(rounded, 'float32')]], [[c.value(rounded)]], 1e-5);
    expectClose(c.gradients(rounded, 'float32'), c.gradients(rounded), 1e-5);
  });

  test('leaves nothing behind', () => {
    // The first run may leave a larger scratch block.
    c.slopeGradients(floats);
    leavesNothing(() => {
      const xs = tensors(example.inputs, c.values, 'float32');
      dispose(c.gradientTensors(xs));
      dispose(xs);
    });
  });
}
