// Attention layers against plain loops, Keras's own examples, differences; and a transformer block that learns.

import { describe, expect, test, vi } from 'vitest';
import {
  grads,
  input,
  type LayersModel,
  layers,
  losses,
  model,
  models,
  ones,
  type SymbolicTensor,
  setSeed,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
  train,
  zeros,
} from '../../src/index.js';
import { Recording } from '../../src/jit.js';
import { maskOf } from '../../src/layers/masks.js';
import { sizeOf } from '../../src/shape.js';
import { fromData } from '../../src/tensor.js';
import { differences } from '../support/difference.js';
import { alive, leavesNothing } from '../support/heap.js';
import { seeded } from '../support/sample.js';

const values = (x: Tensor) => [...x.dataSync()];

function numbers(seed: string, shape: readonly number[]): Float64Array {
  const random = seeded(seed);
  return Float64Array.from({ length: sizeOf(shape) }, () => random() * 2 - 1);
}

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
function check<L extends layers.Layer>(layer: L, body: (layer: L) => void): void {
  const before = alive().numTensors;
  tidy(() => body(layer));
  layer.dispose();
  expect(alive().numTensors).toBe(before);
}

function expectClose(actual: Tensor, expected: ArrayLike<number>, digits = 10): void {
  const list = values(actual);
  expect(list).toHaveLength(expected.length);
  list.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i]!, digits);
  });
}

describe('attention', () => {
  // Examples of Keras's own tests.
  const query = () =>
    tensor3d([
      [
        [1, 0],
        [0, 1],
      ],
    ]);
  const key = () =>
    tensor3d([
      [
        [0, 1],
        [1, 0],
      ],
    ]);
  const value = () =>
    tensor3d([
      [
        [1, 2],
        [3, 4],
      ],
    ]);

  test('gives the values that Keras’s tests expect', () => {
    check(layers.attention(), (layer) => {
      const [y, weights] = layer.apply<Tensor[]>([query(), value(), key()], { returnAttentionScores: true });
      expectClose(y!, [2.462, 3.462, 1.538, 2.538], 2);
      expectClose(weights!, [0.269, 0.731, 0.731, 0.269], 2);
    });
    check(layers.attention({ useScale: true, scoreMode: 'concat' }), (layer) => {
      const [y, weights] = layer.apply<Tensor[]>([query(), value(), key()], { returnAttentionScores: true });
      expectClose(y!, [1.727, 2.727, 2.272, 3.272], 2);
      expectClose(weights!, [0.636, 0.363, 0.363, 0.636], 2);
      expect(layer.weights.map((w) => w.shape)).toEqual([[], []]);
    });
  });

  test('leaves out masked values, makes masked queries 0, and lets their mask go on', () => {
    check(layers.attention(), (layer) => {
      const mask = [tensor2d([[1, 0]], [1, 2], 'bool'), tensor2d([[1, 0]], [1, 2], 'bool')];
      const y = layer.apply([query(), value()], { mask });
      expect(values(y)).toEqual([1, 2, 0, 0]);
      expect(values(maskOf(y)!)).toEqual([1, 0]);
      const some = layer.apply([query(), value()], { mask: [undefined, mask[1]] });
      expect(values(some)).toEqual([1, 2, 1, 2]);
      expect(maskOf(some)).toBeUndefined();
      maskOf(y)!.dispose();
    });
  });

  test('lets no query see what comes after it, where it is told so', () => {
    check(layers.attention(), (layer) => {
      const [y, weights] = layer.apply<Tensor[]>([query(), value()], {
        useCausalMask: true,
        returnAttentionScores: true,
      });
      expect(values(weights!).slice(0, 2)).toEqual([1, 0]);
      expect(values(y!).slice(0, 2)).toEqual([1, 2]);
    });
  });

  test('drops weights in training, the same after the same seed', () => {
    const run = () => {
      const layer = layers.attention({ dropout: 0.5, seed: 3 });
      const dropped = tidy(() => {
        const x = ones([1, 20, 1]);
        expect(values(layer.apply([x, x]))[0]).toBeCloseTo(1, 6);
        return values(layer.apply([x, x], { training: true }));
      });
      layer.dispose();
      return dropped;
    };
    const first = run();
    expect(new Set(first).size).toBeGreaterThan(3);
    expect(run()).toEqual(first);
  });

  test('plans its outputs', () => {
    const [q, v] = [input({ shape: [null, 4] }), input({ shape: [7, 4] })];
    expect(layers.attention().apply([q, v]).shape).toEqual([null, null, 4]);
    expect(layers.attention().countMultiplyAdds([q.shape, v.shape])).toBe(7 * (4 + 4));
    const both = layers.attention().apply<SymbolicTensor[]>([q, v], { returnAttentionScores: true });
    expect(both.map(({ shape }) => shape)).toEqual([
      [null, null, 4],
      [null, null, 7],
    ]);
  });

  test('refuses what does not fit', () => {
    expect(() => layers.attention({ scoreMode: 'sum' as never })).toThrow(
      new RangeError("layers.attention: scoreMode must be 'dot' or 'concat', got 'sum'"),
    );
    expect(() => layers.attention({ dropout: 1 })).toThrow(/dropout must be in \[0, 1\), got 1/);
    check(layers.attention({ name: 'a' }), (layer) => {
      expect(() => layer.apply(ones([1, 2, 3]))).toThrow(
        /^a: needs \[query, value\] or \[query, value, key\] of shape \[batch, steps, size\], got \[null, 2, 3\]$/,
      );
      expect(() => layer.apply([ones([1, 2]), ones([1, 2])])).toThrow(/^a: needs .* got \[null, 2\], \[null, 2\]$/);
    });
  });
});

describe('multiHeadAttention', () => {
  const [batch, queries, keys, heads, keyDim, valueDim, size, out] = [2, 3, 4, 2, 3, 2, 5, 6] as const;
  const q = numbers('query', [batch, queries, size]);
  const v = numbers('value', [batch, keys, 4]);
  const k = numbers('key', [batch, keys, 3]);
  const tensors = () => [
    fromData(q, [batch, queries, size], 'float64'),
    fromData(v, [batch, keys, 4], 'float64'),
    fromData(k, [batch, keys, 3], 'float64'),
  ];
  const make = (options: object = {}) =>
    layers.multiHeadAttention({
      ...{ numHeads: heads, keyDim, valueDim, outputShape: out, dtype: 'float64', biasInitializer: 'randomNormal' },
      ...options,
    });

  /** By loops over all. */
  function plain(weights: number[][], isAllowed: (b: number, query: number, key: number) => boolean): number[] {
    const [wq, bq, wk, bk, wv, bv, wo, bo] = weights as [number[], ...number[][]] as number[][];
    const project = (
      x: ArrayLike<number>,
      at: number,
      n: number,
      w: number[],
      bias: number[],
      h: number,
      dim: number,
      i: number,
    ) => {
      let sum = bias[h * dim + i]!;
      for (let c = 0; c < n; c++) sum += x[at * n + c]! * w[(c * heads + h) * dim + i]!;
      return sum;
    };
    const y: number[] = [];
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < queries; t++) {
        const row = [...bo!];
        for (let h = 0; h < heads; h++) {
          const scores = Array.from({ length: keys }, (_, s) => {
            let dot = 0;
            for (let i = 0; i < keyDim; i++) {
              const query = project(q, b * queries + t, size, wq!, bq!, h, keyDim, i);
              dot += query * project(k, b * keys + s, 3, wk!, bk!, h, keyDim, i);
            }
            return isAllowed(b, t, s) ? Math.exp(dot / Math.sqrt(keyDim)) : 0;
          });
          const total = scores.reduce((sum, e) => sum + e);
          for (let i = 0; i < valueDim; i++) {
            const mean = scores.reduce(
              (sum, e, s) => sum + (e / total) * project(v, b * keys + s, 4, wv!, bv!, h, valueDim, i),
              0,
            );
            for (let o = 0; o < out; o++) row[o] = row[o]! + mean * wo![(h * valueDim + i) * out + o]!;
          }
        }
        y.push(...row);
      }
    }
    return y;
  }

  test('is attention in each head, of queries, keys and values projected', () => {
    check(make(), (layer) => {
      const y = layer.apply(tensors());
      expect(y.shape).toEqual([batch, queries, out]);
      expectClose(
        y,
        plain(layer.weights.map(values), () => true),
      );
      expect(layer.weights.map((w) => w.shape)).toEqual([
        [size, heads, keyDim],
        [heads, keyDim],
        [3, heads, keyDim],
        [heads, keyDim],
        [4, heads, valueDim],
        [heads, valueDim],
        [heads, valueDim, out],
        [out],
      ]);
      expect(layer.weights.map(({ name }) => name.replace(/^[^/]*\/|_\d+$/g, ''))).toEqual([
        ...['query/kernel', 'query/bias', 'key/kernel', 'key/bias'],
        ...['value/kernel', 'value/bias', 'attention_output/kernel', 'attention_output/bias'],
      ]);
      expect(
        layer.countMultiplyAdds([
          [null, 3, 5],
          [null, 4, 4],
          [null, 4, 3],
        ]),
      ).toBe(3 * (5 * 6 + 4 * 6) + 4 * (3 * 6 + 4 * 4) + 3 * 4 * (6 + 4));
    });
  });

  test('keeps to masks of every kind, and to all of them at once', () => {
    check(make(), (layer) => {
      const xs = tensors();
      layer.apply(xs);
      const weights = layer.weights.map(values);
      const ofQueries = tensor2d([1, 0, 1, 1, 1, 1], [batch, queries], 'bool');
      const ofValues = tensor2d([1, 1, 0, 1, 1, 1, 1, 0], [batch, keys], 'bool');
      const every = tensor3d(
        [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
        [batch, queries, keys],
        'bool',
      );
      const [vm, am] = [values(ofValues), values(every)];
      const counts = (b: number, _: number, s: number) => vm[b * keys + s] === 1;
      const may = (b: number, t: number, s: number) => am[(b * queries + t) * keys + s] === 1;
      const causal = (_: number, t: number, s: number) => s <= t;
      expectClose(layer.apply(xs, { mask: [undefined, ofValues] }), plain(weights, counts));
      expectClose(layer.apply(xs, { attentionMask: every }), plain(weights, may));
      expectClose(layer.apply(xs, { useCausalMask: true }), plain(weights, causal));
      expectClose(
        layer.apply(xs, { mask: [undefined, ofValues], attentionMask: every, useCausalMask: true }),
        plain(weights, (b, t, s) => counts(b, t, s) && may(b, t, s) && causal(b, t, s)),
      );
      // A query that does not count attends to nothing, and so to everything alike; its mask goes on.
      const y = layer.apply(xs, { mask: [ofQueries] });
      expect(maskOf(y)).toBe(ofQueries);
      const expected = plain(weights, () => true);
      expect(values(y)[0]).toBeCloseTo(expected[0]!, 10);
      expect(values(y)[out]).not.toBeCloseTo(expected[out]!, 4);
    });
  });

  test('lets a single input attend to itself, by its own mask', () => {
    check(layers.multiHeadAttention({ numHeads: 2, keyDim: 3, useCausalMask: true }), (layer) => {
      const x = tensor3d(numbers('self', [2, 4, 5]) as never, [2, 4, 5]);
      const y = layer.apply(x);
      expect(y.shape).toEqual([2, 4, 5]);
      expect(values(layer.apply([x, x, x]))).toEqual(values(y));
      const later = layer.apply(x.mul(tensor3d([1, 1, 1, 0], [1, 4, 1])));
      expect(values(later.slice([0, 0, 0], [2, 3, 5]))).toEqual(values(y.slice([0, 0, 0], [2, 3, 5])));
      const mask = tensor2d([1, 1, 1, 0, 1, 1, 0, 0], [2, 4], 'bool');
      const [masked, weights] = layer.apply<Tensor[]>(x, { mask, useCausalMask: false, returnAttentionScores: true });
      expect(values(weights!.slice([0, 0, 0, 3], [1, 2, 3, 1]))).toEqual(new Array(6).fill(0));
      expect(maskOf(masked!)).toBe(mask);
    });
  });

  test('gives its weights, which add up to 1, and plans them', () => {
    check(make({ useBias: false, outputShape: [2, 3] }), (layer) => {
      const [y, weights] = layer.apply<Tensor[]>(tensors(), { returnAttentionScores: true });
      expect(y!.shape).toEqual([batch, queries, 2, 3]);
      expect(weights!.shape).toEqual([batch, heads, queries, keys]);
      expectClose(weights!.sum(-1), new Array(batch * heads * queries).fill(1));
      expect(layer.weights).toHaveLength(4);
      const planned = [input({ shape: [null, size] }), input({ shape: [9, 4] }), input({ shape: [9, 3] })];
      const outputs = layer.apply<SymbolicTensor[]>(planned, { returnAttentionScores: true });
      expect(outputs.map(({ shape }) => shape)).toEqual([
        [null, null, 2, 3],
        [null, heads, null, 9],
      ]);
      const net = model({ inputs: planned, outputs });
      const given = tidy(() => [ones([1, 2, size]), ones([1, 9, 4]), ones([1, 9, 3])]);
      expect((net.predict(given.map((t) => t.cast('float64'))) as Tensor[]).map((t) => t.shape)).toEqual([
        [1, 2, 2, 3],
        [1, heads, 2, 9],
      ]);
    });
  });

  test('has the gradients of its differences, by inputs and by weights', () => {
    check(make(), (layer) => {
      const mask = tensor2d([1, 1, 0, 1, 1, 1, 1, 1], [batch, keys], 'bool');
      const dy = fromData(numbers('dy', [batch, queries, out]), [batch, queries, out], 'float64');
      layer.apply(tensors());
      const shapes = [...tensors(), ...layer.weights].map((x) => x.shape);
      const at = [q, v, k].map((x) => [...x]).concat(layer.weights.map(values));
      const f = (...xs: Tensor[]): Tensor =>
        layer
          .apply(xs, { mask: [undefined, mask] })
          .mul(dy)
          .sum();
      const value = (all: readonly number[][]) =>
        tidy(() => {
          const xs = all.map((x, i) => fromData(x, shapes[i]!, 'float64'));
          layer.setWeights(xs.slice(3));
          return values(f(...xs.slice(0, 3)))[0]!;
        });
      const expected = differences(value, at);
      value(at);
      const slopes = tidy(() => [
        ...grads(f)(tensors()).map(values),
        ...grads((...ws: Tensor[]) => {
          // The variables are read: as arguments they are watched.
          expect(ws).toHaveLength(8);
          return f(...tensors());
        })(layer.weights).map(values),
      ]);
      slopes.forEach((slope, i) => {
        slope.forEach((d, j) => {
          expect(d).toBeCloseTo(expected[i]![j]!, 6);
        });
      });
    });
  });

  /** Axes of queries and keys, those that queries attend over, and how many of them have another size in the keys. */
  const AXES: [queries: number[], keys: number[], axes: number | number[] | undefined, attended: number[]][] = [
    [[3], [4], 1, [1]],
    [[2, 3], [4, 3], undefined, [1, 2]],
    [[2, 3], [2, 4], 2, [2]],
    [[2, 3], [2, 4], -2, [2]],
    [[2, 3], [4, 3], [1], [1]],
    [
      [2, 3],
      [4, 1],
      [2, 1],
      [2, 1],
    ],
    [
      [2, 3, 2],
      [3, 3, 4],
      [3, 1],
      [3, 1],
    ],
    [[2, 3, 2], [2, 1, 2], -3, [2]],
  ];

  test.each(AXES)(
    'of %j to %j over the axes %j is that of rows where the others are samples',
    (nq, nk, axes, attended) => {
      const apart = nq.map((_, i) => i + 1).filter((axis) => !attended.includes(axis));
      const first = [0, ...apart, ...attended];
      /** As samples of rows: what stands apart goes to the batch, and what is attended over is one axis. */
      const rows = (x: Tensor, last = [x.rank - 1]) => {
        const moved = x.transpose([...first, ...last]);
        const n = sizeOf(moved.shape.slice(0, 1 + apart.length));
        return moved.reshape([n, -1, ...moved.shape.slice(first.length)]);
      };
      const sizes = (shape: readonly number[], axes: readonly number[]) => axes.map((axis) => shape[axis]!);
      const options = { numHeads: heads, keyDim, valueDim, outputShape: out, biasInitializer: 'randomNormal' } as const;
      const wide = layers.multiHeadAttention({ ...options, ...(axes !== undefined && { attentionAxes: axes }) });
      const plain = layers.multiHeadAttention(options);
      const tensor = (name: string, shape: number[]) =>
        fromData(Float32Array.from(numbers(name, shape)), shape, 'float32');
      const round = () =>
        tidy(() => {
          const x = [tensor('q', [2, ...nq, 5]), tensor('v', [2, ...nk, 4]), tensor('k', [2, ...nk, 3])];
          const dy = tensor('dy', [2, ...nq, out]);
          const masks = [tensor('mq', [2, ...nq]), tensor('mv', [2, ...nk])].map((m) => m.greater(-0.5));
          const [queries, keys] = [x[0]!.shape, x[1]!.shape];
          const pairs = [2, ...sizes(queries, [...apart, ...attended]), ...sizes(keys, attended)];
          const attentionMask = tensor('am', pairs).greater(-0.8);
          const [n, many, few] = [
            2 * sizeOf(sizes(queries, apart)),
            sizeOf(sizes(queries, attended)),
            sizeOf(sizes(keys, attended)),
          ];
          for (const layer of [wide, plain]) layer.apply(layer === wide ? x : x.map((t) => rows(t)));
          plain.setWeights(wide.getWeights());
          const told = { useCausalMask: true, returnAttentionScores: true };
          const [y, weights] = wide.apply<Tensor[]>(x, { mask: masks, attentionMask, ...told });
          const rowsMask = {
            mask: masks.map((m) => rows(m, [])),
            attentionMask: attentionMask.reshape([n, many, few]),
          };
          const [yRows, weightsRows] = plain.apply<Tensor[]>(
            x.map((t) => rows(t)),
            { ...rowsMask, ...told },
          );
          expect(y!.shape).toEqual([2, ...nq, out]);
          expect(values(rows(y!))).toEqual(values(yRows!));
          expect(weights!.shape).toEqual([
            ...[2, ...sizes(queries, apart), heads, ...sizes(queries, attended), ...sizes(keys, attended)],
          ]);
          expect(values(weights!)).toEqual(values(weightsRows!));
          const shapes = wide.computeOutputShape(
            x.map((t) => t.shape),
            { returnAttentionScores: true },
          );
          expect(shapes).toEqual([y!.shape, weights!.shape]);
          const products = wide.countMultiplyAdds(x.map((t) => t.shape)) * 2;
          expect(products).toBe(plain.countMultiplyAdds(x.map((t) => rows(t).shape)) * n);

          const gradients = grads((...xs: Tensor[]) => wide.apply(xs).mul(dy).sum())(x);
          const expected = grads((...xs: Tensor[]) =>
            plain
              .apply(xs.map((t) => rows(t)))
              .mul(rows(dy))
              .sum(),
          )(x);
          gradients.forEach((g, i) => {
            expect(values(g)).toEqual(values(expected[i]!));
          });
          const byWeights = (layer: layers.Layer, f: () => Tensor) =>
            grads((..._: Tensor[]) => f())(layer.weights as Tensor[]);
          const slopes = byWeights(wide, () => wide.apply(x).mul(dy).sum());
          byWeights(plain, () =>
            plain
              .apply(x.map((t) => rows(t)))
              .mul(rows(dy))
              .sum(),
          ).forEach((g, i) => {
            // Samples come in another order, in which the sums are rounded otherwise.
            expectClose(slopes[i]!, values(g), 5);
          });
        });
      round();
      leavesNothing(round);
      for (const layer of [wide, plain]) layer.dispose();
    },
  );

  test('over some axes has the gradients of its differences', () => {
    check(make({ attentionAxes: [2], outputShape: undefined, valueDim: 1 }), (layer) => {
      const shape = [1, 2, 2, 2];
      const x = fromData(numbers('x', shape), shape, 'float64');
      const dy = fromData(numbers('dy', shape), shape, 'float64');
      const mask = tensor3d([1, 0, 1, 1], [1, 2, 2], 'bool');
      const f = (x: Tensor): Tensor => layer.apply(x, { mask }).mul(dy).sum();
      const [expected] = differences(
        ([at]) => tidy(() => values(f(fromData(Float64Array.from(at!), shape, 'float64')))[0]!),
        [values(x)],
      );
      expectClose(grads(f)([x])[0]!, expected!, 6);
    });
  });

  test('takes masks that say nothing of some axes', () => {
    check(layers.multiHeadAttention({ numHeads: 1, keyDim: 2, attentionAxes: 2 }), (layer) => {
      const x = fromData(Float32Array.from(numbers('x', [2, 3, 4, 2])), [2, 3, 4, 2], 'float32');
      const y = (options: object) => values(layer.apply(x, options));
      const steps = tensor2d([1, 1, 1, 1, 1, 0], [2, 3], 'bool');
      const whole = steps.expandDims(-1).tile([1, 1, 4]);
      expect(y({ mask: steps })).toEqual(y({ mask: whole }));
      const pairs = tensor3d([...numbers('pairs', [2, 4, 4])], [2, 4, 4]).greater(0);
      const [one] = pairs.split(2) as [Tensor];
      expect(y({ attentionMask: pairs })).toEqual(y({ attentionMask: pairs.expandDims(1).tile([1, 3, 1, 1]) }));
      expect(y({ attentionMask: one.squeeze([0]) })).toEqual(y({ attentionMask: one.tile([2, 1, 1]) }));
      expect(y({ attentionMask: pairs.reshape([2, 1, 1, 4, 4]) })).toEqual(y({ attentionMask: pairs }));
    });
  });

  test('drops weights in training only', () => {
    check(layers.multiHeadAttention({ numHeads: 1, keyDim: 2, dropout: 0.5, seed: 1 }), (layer) => {
      const x = ones([1, 8, 2]);
      const y = values(layer.apply(x));
      expect(new Set(y).size).toBe(2);
      const dropped = values(layer.apply(x, { training: true }));
      expect(new Set(dropped).size).toBeGreaterThan(4);
    });
  });

  test('refuses what does not fit', () => {
    expect(() => layers.multiHeadAttention({ numHeads: 0, keyDim: 2 })).toThrow(
      new RangeError('layers.multiHeadAttention: numHeads must be a whole number from 1 up, got 0'),
    );
    expect(() => layers.multiHeadAttention({ numHeads: 1 } as never)).toThrow(
      new TypeError('layers.multiHeadAttention: keyDim must be a whole number, got undefined'),
    );
    expect(() => layers.multiHeadAttention({ numHeads: 1, keyDim: 1, dropout: -1 })).toThrow(
      /dropout must be in \[0, 1\)/,
    );
    expect(() => layers.multiHeadAttention({ numHeads: 1, keyDim: 1, attentionAxes: [] })).toThrow(
      new RangeError('layers.multiHeadAttention: attentionAxes needs an axis, got none'),
    );
    for (const [axes, shown] of [
      [[1, 3], '1,3'],
      [0, '0'],
      [[1, -3], '1,-3'],
      [-1, '-1'],
    ] as const) {
      check(layers.multiHeadAttention({ numHeads: 1, keyDim: 1, attentionAxes: axes, name: 'm' }), (layer) => {
        const message = `m: attentionAxes must be different ones of the axes [1,2] of inputs of rank 4, got [${shown}]`;
        expect(() => layer.apply(ones([1, 2, 3, 4]))).toThrow(new RangeError(message));
      });
    }
    check(layers.multiHeadAttention({ numHeads: 1, keyDim: 1, attentionAxes: 2, name: 'm' }), (layer) => {
      expect(() => layer.apply([ones([1, 2, 3, 4]), ones([1, 3, 3, 4])])).toThrow(
        new RangeError(
          'm: needs a query, [query, value] or [query, value, key] of shape [batch, ...steps, size], alike but for size and the axes [2], as many keys as values, got [null, 2, 3, 4], [null, 3, 3, 4]',
        ),
      );
      expect(() => layer.apply(ones([1, 2, 3]))).toThrow(/^m: attentionAxes must be .* of rank 3, got \[2\]$/);
    });
    check(layers.multiHeadAttention({ numHeads: 1, keyDim: 1, name: 'm' }), (layer) => {
      expect(() => layer.apply([ones([1, 2, 3]), ones([1, 4, 3]), ones([1, 5, 3])])).toThrow(
        /^m: needs a query, .* as many keys as values, got \[null, 2, 3\], \[null, 4, 3\], \[null, 5, 3\]$/,
      );
      expect(() => layer.apply(input({ shape: [2, null] }))).toThrow(/^m: needs inputs of known size/);
      expect(() => layer.apply([ones([1, 2, 3]), ones([1, 2, 3])], { mask: ones([1, 2], 'bool') })).toThrow(
        new TypeError('m: needs a list of masks, one for each input, got a single one'),
      );
      layer.apply(ones([1, 2, 3]));
      expect(() => layer.apply(ones([1, 2, 3]), { attentionMask: ones([5, 5], 'bool') })).toThrow(/^m: /);
      const deep = ones([1, 1, 1, 2, 2], 'bool');
      expect(() => layer.apply(ones([1, 2, 3]), { attentionMask: deep })).toThrow(
        new RangeError("m: a mask must broadcast to the scores' shape [1, 1, 2, 2], got [1, 1, 1, 2, 2]"),
      );
      expect(() => layer.apply(ones([1, 2, 3]), { mask: ones([1, 2, 3], 'bool') })).toThrow(/^broadcastTo.*rank/);
      expect(() => layer.apply(ones([1, 2, 4]))).toThrow(RangeError);
    });
  });
});

const MADE = {
  attention: { useScale: true, scoreMode: 'concat', dropout: 0.1, seed: 1 },
  multiHeadAttention: {
    numHeads: 2,
    keyDim: 3,
    kernelRegularizer: 'l2',
    biasConstraint: 'nonNeg',
    useCausalMask: true,
    attentionAxes: [1],
  },
} as const;

test.each(Object.entries(MADE))('%s can be made again, and leaves nothing', (name, options) => {
  const factory = (layers as unknown as Record<string, (options: object) => layers.Layer>)[name]!;
  const round = () =>
    tidy(() => {
      const [x, y] = [ones([2, 3, 4]), zeros([2, 5, 4])];
      const layer = factory(options);
      const again = factory(layer.getConfig());
      expect(again.getConfig()).toEqual(layer.getConfig());
      expect(again.getClassName().toLowerCase()).toBe(name.toLowerCase());
      layer.apply([x, y]);
      again.apply([x, y]);
      again.setWeights(layer.getWeights());
      expect(values(again.apply([x, y]))).toEqual(values(layer.apply([x, y])));
      layer.dispose();
      again.dispose();
    });
  // The first round makes the program's random stream.
  round();
  leavesNothing(round);
});

test('attentionAxes go through files by Keras’s name, where null means all', async () => {
  const before = alive();
  const x = input({ shape: [2, 3, 4] });
  const net = model({
    inputs: x,
    outputs: layers.multiHeadAttention({ numHeads: 2, keyDim: 3, attentionAxes: 2 }).apply(x),
  });
  const json = net.toJSON();
  expect(json).toContain('"attention_axes":2');
  const given = tidy(() => ones([1, 2, 3, 4]).mul(tensor2d([[1], [2]]).reshape([1, 2, 1, 1])) as Tensor);
  const [again, all] = [
    await models.modelFromJSON(json),
    await models.modelFromJSON(json.replace('_axes":2', '_axes":null')),
  ];
  for (const other of [again, all]) other.setWeights(net.getWeights());
  tidy(() => {
    const [y, same, other] = [net, again, all].map((each) => values(each.predict(given)));
    expect(same).toEqual(y);
    expect(other).not.toEqual(y);
  });
  for (const each of [net, again, all, given]) each.dispose();
  expect(alive()).toEqual(before);
});

const [STEPS, TOKENS] = [5, 4];

/** Sequences of tokens, each with its place, and the same tokens backwards. */
function sequences(n: number) {
  const random = seeded('sequences');
  const x = new Float32Array(n * STEPS * (TOKENS + STEPS));
  const y = new Int32Array(n * STEPS);
  for (let i = 0; i < n; i++) {
    for (let t = 0; t < STEPS; t++) {
      const token = Math.floor(random() * TOKENS);
      const at = (i * STEPS + t) * (TOKENS + STEPS);
      x[at + token] = 1;
      x[at + TOKENS + t] = 1;
      y[i * STEPS + STEPS - 1 - t] = token;
    }
  }
  return { x: fromData(x, [n, STEPS, TOKENS + STEPS], 'float32'), y: fromData(y, [n, STEPS], 'int32') };
}

/** One block of a transformer's encoder (Vaswani et al. 2017). */
function block(): LayersModel {
  setSeed(3);
  const x = input({ shape: [STEPS, TOKENS + STEPS] });
  const h = layers.dense({ units: 16 }).apply(x);
  const attended = layers.multiHeadAttention({ numHeads: 2, keyDim: 8, dropout: 0.05 }).apply([h, h]);
  const first = layers.layerNormalization().apply(layers.add([h, attended as SymbolicTensor]));
  const inner = layers.dense({ units: 32, activation: 'relu' }).apply(first);
  const second = layers.layerNormalization().apply(layers.add([first, layers.dense({ units: 16 }).apply(inner)]));
  return model({ inputs: x, outputs: layers.dense({ units: TOKENS }).apply(second) });
}

test('a transformer block learns to turn sequences round, replays its steps with the bits of eager ones, and leaves nothing', async () => {
  const trained = async (read: boolean, epochs: number) => {
    const before = alive();
    const { x, y } = sequences(64);
    const net = block();
    const loss = (labels: Tensor, logits: Tensor) => {
      if (read) logits.dataSync();
      return losses.softmaxCrossEntropy(labels.toInt().oneHot(TOKENS), logits) as Tensor;
    };
    const optimizer = train.adam(0.01);
    net.compile({ optimizer, loss });
    const run = vi.spyOn(Recording.prototype, 'replay');
    const { history } = await net.fit(x, y, { epochs, batchSize: 32, verbose: 0, shuffle: false });
    const replays = run.mock.calls.length;
    run.mockRestore();
    const bits = net.getWeights().map(values);
    const right = tidy(() => values((net.predict(x) as Tensor).argMax(-1).equal(y).mean())[0]);
    for (const one of [net, optimizer, x, y]) one.dispose();
    expect(alive()).toEqual(before);
    return { replays, bits, loss: history.loss, right };
  };
  const [replayed, eager] = [await trained(false, 6), await trained(true, 6)];
  expect(replayed.replays).toBe(6 * 2 - 2);
  expect(eager.replays).toBe(0);
  expect(replayed.bits).toEqual(eager.bits);
  expect(replayed.loss).toEqual(eager.loss);
  expect((await trained(false, 100)).right).toBe(1);
});
