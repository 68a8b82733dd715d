import { describe, expect, test } from 'vitest';
import {
  layers,
  mul,
  regularizers,
  scalar,
  sequential,
  setSeed,
  sum,
  Tensor,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variableGrads,
} from '../src/index.js';
import { regularizerOf } from '../src/regularizer-names.js';
import { gone } from './support/gone.js';
import { leavesNothing } from './support/heap.js';

const { l1, l2, l1l2, orthogonal } = regularizers;

const values = (x: Tensor) => [...x.dataSync()];
/** A penalty and its gradient. */
const penaltyOf = (regularizer: regularizers.Regularizer, rows: number[][]) =>
  gone(() => {
    const w = tensor2d(rows, undefined, 'float64').variable();
    const { value, grads } = variableGrads(() => regularizer(w));
    const [gradient] = Object.values(grads).map((g) => g.arraySync());
    w.dispose();
    expect(value.shape).toEqual([]);
    return { value: value.dataSync()[0], gradient };
  });

describe('penalties', () => {
  const w = [
    [1, -2],
    [0, 4],
  ];

  test('are sums of sizes, of squares, and of both', () => {
    expect(penaltyOf(l1({ l1: 0.5 }), w)).toEqual({
      value: 3.5,
      gradient: [
        [0.5, -0.5],
        [0, 0.5],
      ],
    });
    expect(penaltyOf(l2({ l2: 0.5 }), w)).toEqual({
      value: 10.5,
      gradient: [
        [1, -2],
        [0, 4],
      ],
    });
    expect(penaltyOf(l1l2({ l1: 0.5, l2: 0.5 }), w)).toEqual({
      value: 14,
      gradient: [
        [1.5, -2.5],
        [0, 4.5],
      ],
    });
  });

  test('have a factor of 0.01 unless told otherwise', () => {
    expect(penaltyOf(l1(), w).value).toBe(0.01 * 7);
    expect(penaltyOf(l2(), w).value).toBe(0.01 * 21);
    expect(penaltyOf(l1l2(), w).value).toBeCloseTo(0.28, 15);
    expect(penaltyOf(l1l2({ l1: 0 }), w).value).toBe(0.01 * 21);
  });

  test('without a factor are 0, of the dtype of what they are of', () => {
    gone(() => {
      const none = l1l2({ l1: 0, l2: 0 })(tensor1d([1, 2], 'float32'));
      expect([none.dtype, ...values(none)]).toEqual(['float32', 0]);
      expect(l2({ l2: 1 })(tensor1d([1, 2], 'float32')).dtype).toBe('float32');
    });
  });

  test('of angles are the mean cosine of different rows, or columns', () => {
    // Rows of lengths 5, 1 and 2; their cosines: 0.6, 0.8 and 0.
    const rows = [
      [3, 4],
      [1, 0],
      [0, -2],
    ];
    expect(penaltyOf(orthogonal({ factor: 3 }), rows).value).toBeCloseTo(0.6 + 0.8 + 0, 14);
    const columns = rows[0].map((_, i) => rows.map((row) => row[i]));
    expect(penaltyOf(orthogonal({ factor: 3, mode: 'columns' }), columns).value).toBeCloseTo(1.4, 14);
    expect(penaltyOf(orthogonal(), rows).value).toBeCloseTo(0.01 * (1.4 / 3), 15);
  });

  test('of angles are 0 for a single row and finite for a row of zeros', () => {
    expect(penaltyOf(orthogonal(), [[1, 2]])).toEqual({ value: 0, gradient: [[0, 0]] });
    const { value, gradient } = penaltyOf(orthogonal(), [
      [0, 0],
      [1, 2],
    ]);
    expect(value).toBe(0);
    expect((gradient as number[][]).flat().every(Number.isFinite)).toBe(true);
  });

  test('refuse factors below 0, unknown modes, and what is no matrix', () => {
    expect(() => l1({ l1: -1 })).toThrow(new RangeError('regularizers.l1: l1 must be 0 or more, got -1'));
    expect(() => l2({ l2: Number.NaN })).toThrow(new RangeError('regularizers.l2: l2 must be finite, got NaN'));
    expect(() => l1l2({ l2: '1' as never })).toThrow(
      new TypeError('regularizers.l1l2: l2 must be a number, got string'),
    );
    expect(() => orthogonal({ mode: 'both' as never })).toThrow(
      new RangeError('regularizers.orthogonal: mode must be rows or columns, got both'),
    );
    gone(() => {
      const x = tensor1d([1]);
      expect(() => orthogonal()(x)).toThrow(new RangeError('regularizers.orthogonal: needs a matrix, got [1]'));
    });
  });
});

describe('regularizerOf', () => {
  test('finds a regularizer by name, takes it as it is, or none', () => {
    const mine = l1();
    expect(regularizerOf(mine, 'test')).toBe(mine);
    expect(regularizerOf(undefined, 'test')).toBeUndefined();
    expect(regularizerOf(null, 'test')).toBeUndefined();
    for (const name of Object.keys(regularizers)) expect(regularizerOf(name, 'test')).toBeTypeOf('function');
  });

  test('refuses what is none', () => {
    expect(() => regularizerOf('l3', 'test')).toThrow(
      new RangeError("test: unknown regularizer 'l3'; known are l1, l2, l1l2, orthogonal"),
    );
    expect(() => layers.dense({ units: 1, kernelRegularizer: 1 as never })).toThrow(
      new TypeError('layers.dense: the regularizer must be a name or a function, got number'),
    );
    expect(() => layers.flatten({ activityRegularizer: 'l3' })).toThrow(/^flatten\S*: unknown regularizer 'l3'/);
  });
});

const X = [
  [1, -2],
  [0.5, 3],
  [-1, 1],
];
const Y = [[1], [0], [2]];

/** A small regularized model, its data, and what is to be disposed of. */
function setting(reads = false) {
  setSeed(2);
  const model = sequential({
    layers: [
      layers.dense({
        units: 4,
        activation: 'tanh',
        inputShape: [2],
        kernelRegularizer: l2({ l2: 0.1 }),
        biasRegularizer: 'l1',
        activityRegularizer: l1({ l1: 0.2 }),
      }),
      layers.dense({ units: 1, kernelRegularizer: (w) => w.sub(1).square().sum() }),
    ],
  });
  const optimizer = train.adam(0.05);
  model.compile({
    optimizer,
    loss: (t, p) => {
      if (reads) p.dataSync();
      return p.sub(t).square().mean(-1);
    },
  });
  return { model, optimizer, x: tensor2d(X), y: tensor2d(Y) };
}

const dispose = ({ model, optimizer, x, y }: ReturnType<typeof setting>) => {
  for (const owner of [model, optimizer, x, y]) owner.dispose();
};

describe('a model', () => {
  test('adds the penalties of weights and outputs to its loss, as Keras does', () => {
    // The example of Keras's documentation: 0.25 for the kernel, 5 for the output after division by the batch's size.
    const model = sequential({
      layers: [
        layers.dense({
          units: 5,
          inputShape: [5],
          kernelInitializer: 'ones',
          kernelRegularizer: l1({ l1: 0.01 }),
          activityRegularizer: l2({ l2: 0.01 }),
        }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mse'] });
    gone(() => {
      const x = mul(2, tensor2d(Array(25).fill(1), [5, 5]));
      const y = mul(10, tensor2d(Array(25).fill(1), [5, 5]));
      const [loss, error] = (model.evaluate(x, y) as Tensor[]).map((t) => t.dataSync()[0]);
      expect(loss).toBeCloseTo(5.25, 6);
      expect(error).toBe(0);
    });
    model.dispose();
  });

  test('tells the same loss in trainOnBatch as in evaluate', async () => {
    const all = setting();
    const before = gone(() => (all.model.evaluate(all.x, all.y) as Tensor).dataSync()[0]);
    expect(await all.model.trainOnBatch(all.x, all.y)).toBe(before);
    dispose(all);
  });

  test('steps along the gradient of the whole', async () => {
    const all = setting();
    const { model, x, y } = all;
    const other = setting();
    const { weights } = other.model;
    const [kernel, bias, kernel2, bias2] = weights;
    for (let i = 0; i < 4; i++) {
      await model.trainOnBatch(x, y);
      tidy(() => {
        other.optimizer.minimize(() => {
          const h = x.matMul(kernel).add(bias).tanh();
          const error = h.matMul(kernel2).add(bias2).sub(y).square().mean();
          const penalties = [
            kernel.square().sum().mul(0.1),
            bias.abs().sum().mul(0.01),
            kernel2.sub(1).square().sum(),
            h.abs().sum().mul(0.2).div(3),
          ];
          return penalties.reduce((a, b) => a.add(b), error);
        }, false);
      });
    }
    model.weights.forEach((w, i) => {
      values(w).forEach((v, j) => {
        expect(v).toBeCloseTo(values(weights[i])[j], 5);
      });
    });
    dispose(all);
    dispose(other);
  });

  test('trains with them to the same bits recorded and eager, and leaves nothing behind', async () => {
    const run = async (reads: boolean) => {
      const all = setting(reads);
      const { history } = await all.model.fit(all.x, all.y, { epochs: 8, batchSize: 2, shuffle: false, verbose: 0 });
      const weights = all.model.weights.map(values);
      dispose(all);
      return { loss: history.loss, weights };
    };
    await leavesNothing(async () => {
      expect(await run(false)).toEqual(await run(true));
    });
  });

  test('leaves out the penalties of weights that it does not train', async () => {
    const make = (trainable: boolean) => {
      const model = sequential({
        layers: [
          layers.dense({ units: 2, inputShape: [2], kernelInitializer: 'ones', kernelRegularizer: 'l2', trainable }),
        ],
      });
      model.compile({ optimizer: 'sgd', loss: (_t, p) => p.mul(0).sum(-1) });
      const loss = gone(() => {
        const x = tensor2d(X);
        return (model.evaluate(x, x) as Tensor).dataSync()[0];
      });
      model.dispose();
      return loss;
    };
    expect(make(true)).toBe(Math.fround(0.04));
    expect(make(false)).toBe(0);
  });

  test('counts the penalty of an output only while it computes a loss', () => {
    let calls = 0;
    const counting = (y: Tensor) => {
      calls++;
      return sum(y);
    };
    const layer = layers.dense({ units: 1, activityRegularizer: counting });
    gone(() => {
      const x = tensor2d(X);
      layer.apply(x);
      layer.dispose();
    });
    expect(calls).toBe(0);
  });

  test('whose regularizer throws is as it was', async () => {
    const model = sequential({
      layers: [
        layers.dense({
          units: 2,
          inputShape: [2],
          kernelRegularizer: () => {
            throw new Error('no');
          },
        }),
      ],
    });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const x = tensor2d(X);
    const before = model.weights.map(values);
    await leavesNothing(async () => {
      await expect(model.trainOnBatch(x, x)).rejects.toThrow('no');
    });
    expect(model.weights.map(values)).toEqual(before);
    model.dispose();
    x.dispose();
  });
});

test('a layer tells the penalties of its weights, for a loop of one’s own', () => {
  const layer = layers.dense({ units: 1, kernelInitializer: 'ones', kernelRegularizer: l2({ l2: 1 }) });
  gone(() => {
    layer.apply(tensor2d(X));
    expect(layer.calculateLosses().map((t) => t.dataSync()[0])).toEqual([2]);
    expect(layer.calculateLosses()[0]).toBeInstanceOf(Tensor);
    expect(scalar(1).add(layer.calculateLosses()[0]).dataSync()[0]).toBe(3);
    layer.dispose();
  });
});
