import { describe, expect, test, vi } from 'vitest';
import { constraintOf } from '../src/constraint-names.js';
import {
  constraints,
  layers,
  ones,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
  train,
} from '../src/index.js';
import { kernels } from '../src/wasm/kernels.js';
import { gone } from './support/gone.js';
import { leavesNothing } from './support/heap.js';

const { maxNorm, minMaxNorm, nonNeg, unitNorm } = constraints;

const values = (x: Tensor) => [...x.dataSync()];
const close = (w: Tensor, expected: number[]) => {
  const found = values(w);
  expect(found).toHaveLength(expected.length);
  found.forEach((x, i) => {
    expect(Math.abs(x - expected[i])).toBeLessThan(1e-6);
  });
};

describe('constraints', () => {
  // Columns of lengths 5, 0.5 and 0.
  const matrix = () =>
    tensor2d(
      [
        [3, 0.3, 0],
        [-4, 0.4, 0],
      ],
      undefined,
      'float64',
    );

  test('maxNorm shortens columns that are too long', () => {
    gone(() => {
      close(maxNorm()(matrix()), [1.2, 0.3, 0, -1.6, 0.4, 0]);
      close(maxNorm({ maxValue: 0.25 })(matrix()), [0.15, 0.15, 0, -0.2, 0.2, 0]);
      expect(maxNorm()(matrix()).dtype).toBe('float64');
    });
  });

  test('maxNorm gives what it gives in Keras’s test', () => {
    const third = 2 / Math.sqrt(3);
    gone(() => {
      const w = tensor2d([
        [0, 1, 3, 3],
        [0, 0, 0, 3],
        [0, 0, 0, 3],
      ]);
      close(maxNorm({ maxValue: 2 })(w), [0, 1, 2, third, 0, 0, 0, third, 0, 0, 0, third]);
    });
  });

  test('unitNorm gives columns length 1, but for zeros', () => {
    gone(() => close(unitNorm()(matrix()), [0.6, 0.6, 0, -0.8, 0.8, 0]));
  });

  test('minMaxNorm draws columns between two lengths, at a rate', () => {
    gone(() => {
      close(minMaxNorm({ minValue: 1, maxValue: 2 })(matrix()), [1.2, 0.6, 0, -1.6, 0.8, 0]);
      close(minMaxNorm({ minValue: 1, maxValue: 2, rate: 0.5 })(matrix()), [2.1, 0.45, 0, -2.8, 0.6, 0]);
      close(minMaxNorm()(matrix()), [0.6, 0.3, 0, -0.8, 0.4, 0]);
    });
  });

  test('nonNeg leaves no weight below 0', () => {
    gone(() => expect(values(nonNeg()(matrix()))).toEqual([3, 0.3, 0, 0, 0.4, 0]));
  });

  test('take other axes, one or more', () => {
    gone(() => {
      const w = tensor2d([
        [3, 4],
        [0.6, 0.8],
      ]);
      close(unitNorm({ axis: 1 })(w), [0.6, 0.8, 0.6, 0.8]);
      close(maxNorm({ maxValue: 1, axis: -1 })(w), [0.6, 0.8, 0.6, 0.8]);
      const length = Math.sqrt(26);
      close(
        unitNorm({ axis: [0, 1] })(w),
        [3, 4, 0.6, 0.8].map((x) => x / length),
      );
      close(unitNorm({ axis: [0, 1, 2] })(w.reshape([1, 2, 1, 2])), [
        3 / 3.0594117,
        4 / 4.0792156,
        0.6 / 3.0594117,
        0.8 / 4.0792156,
      ]);
      close(unitNorm()(tensor1d([3, 4])), [0.6, 0.8]);
    });
  });

  test('refuse bounds that are none', () => {
    expect(() => maxNorm({ maxValue: -1 })).toThrow(
      new RangeError('constraints.maxNorm: maxValue must be 0 or more, got -1'),
    );
    expect(() => minMaxNorm({ minValue: 2 })).toThrow(
      new RangeError('constraints.minMaxNorm: needs minValue up to maxValue, got 2 and 1'),
    );
    expect(() => minMaxNorm({ rate: '1' as never })).toThrow(
      new TypeError('constraints.minMaxNorm: rate must be a number, got string'),
    );
  });
});

describe('constraintOf', () => {
  test('finds a constraint by name, takes it as it is, or none', () => {
    const mine = nonNeg();
    expect(constraintOf(mine, 'test')).toBe(mine);
    expect(constraintOf(undefined, 'test')).toBeUndefined();
    for (const name of Object.keys(constraints)) expect(constraintOf(name, 'test')).toBeTypeOf('function');
  });

  test('refuses what is none', () => {
    expect(() => layers.dense({ units: 1, kernelConstraint: 'nonneg' })).toThrow(
      new RangeError("layers.dense: unknown constraint 'nonneg'; known are maxNorm, minMaxNorm, nonNeg, unitNorm"),
    );
    expect(() => constraintOf({} as never, 'test')).toThrow(
      new TypeError('test: the constraint must be a name or a function, got object'),
    );
  });
});

describe('in training', () => {
  const X = [
    [1, -2],
    [0.5, 3],
    [-1, 1],
  ];

  /** Fits a small model with constraints. */
  async function fitted({ reads = false, trainable = true, epochs = 8, bound = true } = {}) {
    setSeed(2);
    const model = sequential({
      layers: [
        layers.dense({
          units: 4,
          inputShape: [2],
          kernelConstraint: unitNorm(),
          biasConstraint: bound ? 'nonNeg' : undefined,
          trainable,
        }),
        layers.dense({ units: 1, kernelConstraint: (w) => w.clipByValue(-0.1, 0.1) }),
      ],
    });
    const optimizer = train.momentum(0.1, 0.5);
    const loss = (t: Tensor, p: Tensor) => {
      if (reads) p.dataSync();
      return p.sub(t).square().mean(-1);
    };
    model.compile({ optimizer, loss });
    const [x, y] = [tensor2d(X), tensor2d([[1], [0], [2]])];
    const before = model.weights.map(values);
    await model.fit(x, y, { epochs, batchSize: 2, shuffle: false, verbose: 0 });
    const weights = model.weights.map(values);
    for (const owner of [model, optimizer, x, y]) owner.dispose();
    return { before, weights };
  }

  test('they hold after every step', async () => {
    for (const epochs of [1, 2, 8]) {
      const { weights } = await fitted({ epochs });
      const [kernel, bias, kernel2, bias2] = weights;
      for (let i = 0; i < 4; i++) expect(Math.hypot(kernel[i], kernel[i + 4])).toBeCloseTo(1, 5);
      expect(Math.min(...bias)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...kernel2.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1));
      expect(bias2[0]).not.toBe(0);
    }
    expect(Math.min(...(await fitted({ bound: false })).weights[1])).toBeLessThan(0);
  });

  test('they give the same bits recorded and eager, and leave nothing behind', async () => {
    const run = vi.spyOn(kernels.common, 'run');
    await leavesNothing(async () => {
      const eager = await fitted({ reads: true });
      expect(run).not.toHaveBeenCalled();
      expect((await fitted()).weights).toEqual(eager.weights);
      // Two shapes of batches: each is eager once, recorded once, and replayed in the other six epochs.
      expect(run).toHaveBeenCalledTimes(12);
    });
    run.mockRestore();
  });

  test('they leave weights alone that are not trained', async () => {
    const { before, weights } = await fitted({ trainable: false });
    expect(weights.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(weights[2]).not.toEqual(before[2]);
  });

  test('they are no part of a fresh layer, which begins as its initializer says', () => {
    const layer = layers.dense({ units: 1, kernelInitializer: 'ones', kernelConstraint: unitNorm() });
    layer.build([null, 4]);
    expect(values(layer.weights[0])).toEqual([1, 1, 1, 1]);
    layer.applyConstraints();
    close(layer.weights[0], [0.5, 0.5, 0.5, 0.5]);
    layer.dispose();
  });

  test('one that hands back the weights themselves changes nothing', () => {
    leavesNothing(() => {
      const layer = layers.dense({
        units: 1,
        kernelInitializer: 'ones',
        kernelConstraint: (w) => w,
        biasConstraint: (w) => w.clone(),
      });
      layer.build([null, 2]);
      layer.applyConstraints();
      expect(layer.weights.map(values)).toEqual([[1, 1], [0]]);
      layer.dispose();
    });
  });

  test('one that does not fit is refused when the weights are made', () => {
    leavesNothing(() => {
      const x = ones([1, 3]);
      const layer = layers.dense({ units: 2, name: 'd', kernelConstraint: (w) => w.sum(0) });
      expect(() => layer.apply(x)).toThrow(
        new RangeError('d: the constraint of kernel must give [3, 2] float32, got [2] float32'),
      );
      const other = layers.dense({ units: 2, biasConstraint: maxNorm({ axis: 1 }) });
      expect(() => other.apply(x)).toThrow(RangeError);
      x.dispose();
      expect([layer.weights, other.weights]).toEqual([[], []]);
    });
  });
});
