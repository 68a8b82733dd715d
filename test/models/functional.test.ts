// Models as graphs: several inputs and outputs, shared layers, models in models.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type CompileOptions,
  dispose,
  type FitOptions,
  input,
  type LayersModel,
  layers,
  model,
  ones,
  regularizers,
  type Scalar,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  train,
  zeros,
} from '../../src/index.js';
import { kernels } from '../../src/wasm/kernels.js';
import { elements, expectNoLeak } from './models.js';

/** a + b */
class Sum extends layers.Layer {
  override getClassName() {
    return 'Sum';
  }
  override computeOutputShape([shape]: layers.LayerShape[]) {
    return shape;
  }
  call([a, b]: Tensor[]): Tensor {
    return a.add(b);
  }
}

const values = (x: Tensor) => [...x.dataSync()];

let data: { a: Tensor; b: Tensor; sum: Tensor; isPositive: Tensor };
beforeAll(() => {
  data = tidy(() => {
    const a = tensor2d(Array.from({ length: 24 }, (_, i) => [((i * 7) % 12) / 6 - 1, ((i * 5) % 12) / 6 - 1]));
    const b = tensor2d(Array.from({ length: 24 }, (_, i) => [((i * 11) % 12) / 6 - 1]));
    const sum = a.sum(1, true).add(b);
    return { a, b, sum, isPositive: sum.greater(0).cast('float32') };
  });
});
afterAll(() => {
  for (const x of Object.values(data)) x.dispose();
});

/** Two inputs of 2 and 1 elements; their sum, and whether it is positive. */
function twoByTwo(): LayersModel {
  setSeed(1);
  const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [1], name: 'b' })];
  const hidden = layers.dense({ units: 6, activation: 'tanh', name: 'from_a' }).apply(a);
  const other = layers.dense({ units: 6, name: 'from_b' }).apply(b);
  const both = new Sum({ name: 'both' }).apply([hidden, other]);
  const sum = layers.dense({ units: 1, name: 'sum' }).apply(both);
  const isPositive = layers.dense({ units: 1, activation: 'sigmoid', name: 'positive' }).apply(both);
  return model({ inputs: [a, b], outputs: [sum, isPositive], name: 'two' });
}

const LOSSES: CompileOptions['loss'] = { sum: 'meanSquaredError', positive: 'binaryCrossentropy' };

describe('a graph', () => {
  test('gives what its layers give', () => {
    const net = twoByTwo();
    expect(net.layers.map(({ name }) => name)).toEqual(['a', 'b', 'from_a', 'from_b', 'both', 'sum', 'positive']);
    expect([net.inputNames, net.outputNames]).toEqual([
      ['a', 'b'],
      ['sum', 'positive'],
    ]);
    expect(net.outputShape).toEqual([
      [null, 1],
      [null, 1],
    ]);
    tidy(() => {
      const [sum, positive] = net.predict<Tensor[]>([data.a, data.b]);
      const by = (name: string, x: Tensor) => net.getLayer(name).apply(x);
      const both = by('from_a', data.a).add(by('from_b', data.b));
      expect(values(sum)).toEqual(values(by('sum', both)));
      expect(values(positive)).toEqual(values(by('positive', both)));
      const [named] = net.predict<Tensor[]>({ b: data.b, a: data.a }, { batchSize: 7 });
      expect(values(named)).toEqual(values(sum));
    });
    expect(() => net.getLayer('nowhere')).toThrow(/^getLayer: two has no layer nowhere; it has a, b, from_a/);
    net.dispose();
  });

  test('uses a shared layer’s weights in all its places', async () => {
    await expectNoLeak(async () => {
      const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
      const shared = layers.dense({ units: 1, useBias: false, kernelInitializer: 'ones' });
      const net = model({ inputs: [a, b], outputs: new Sum().apply([shared.apply(a), shared.apply(b)]) });
      expect(net.countParams()).toBe(2);
      net.compile({ optimizer: 'sgd', loss: (_t, p) => p });
      const x = ones([4, 2]);
      const y = zeros([4, 1]);
      await net.trainOnBatch([x, x], y);
      // d(2 (w1 + w2)) = 2, by a learning rate of 0.01.
      expect(elements(net)).toEqual([[0.98, 0.98].map(Math.fround)]);
      for (const t of [x, y, net]) t.dispose();
    });
  });

  test('may be a layer of another model, also in part, and frozen', async () => {
    await expectNoLeak(async () => {
      const base = sequential({
        name: 'base',
        layers: [
          layers.dense({ units: 4, activation: 'relu', inputShape: [2], name: 'features' }),
          layers.dense({ units: 3, name: 'head' }),
        ],
      });
      expect(base.output).toBe(base.getLayer('head').output);
      const features = model({ inputs: base.input, outputs: base.getLayer('features').output });
      features.trainable = false;
      const x = input({ shape: [2] });
      const net = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(features.apply(x)) });
      expect(net.countParams()).toBe(12 + 5);
      expect(net.trainableWeights).toHaveLength(2);
      // Its own, though it is a layer now.
      expect(features.input).toBe(base.input);
      net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const frozen = elements(features);
      await net.fit(data.a, data.sum, { epochs: 3, verbose: 0 });
      expect(elements(features)).toEqual(frozen);
      expect(base.computeOutputShape([7, 2])).toEqual([7, 3]);
      const chained = sequential({ layers: [base, layers.dense({ units: 2 })] });
      expect(chained.outputShape).toEqual([null, 2]);
      expect(chained.weights).toHaveLength(6);
      for (const m of [chained, net]) m.dispose();
      base.dispose();
    });
  });

  test('has its own input and output, also as a layer of another model', () => {
    const base = sequential({ layers: [layers.dense({ units: 3 })] });
    expect(() => base.input).toThrow(new Error(`${base.name}.input: the model is not built`));
    base.build([null, 2]);
    const x = input({ shape: [2] });
    const whole = model({ inputs: x, outputs: base.apply(x) });
    const [a, b] = [input({ shape: [1] }), input({ shape: [1] })];
    const sum = model({ inputs: [a, b], outputs: layers.add().apply([a, b]) });
    expect([base.input, base.output]).toEqual([base.inputs[0], base.outputs[0]]);
    expect([whole.input, sum.input]).toEqual([x, [a, b]]);
    const part = model({ inputs: base.input, outputs: base.layers[0]!.applications[0]!.outputs[0]! });
    expect(part.outputShape).toEqual([null, 3]);
    base.dispose();
  });

  test('tells the outputs of one layer apart by their numbers', async () => {
    const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
    const shared = layers.dense({ units: 1, name: 'score' });
    const net = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: { score_1: 'meanAbsoluteError' } });
    expect(net.outputNames).toEqual(['score', 'score_1']);
    const names = ['loss', 'score_loss', 'score_1_loss', 'score_1_meanAbsoluteError'];
    expect(net.metricsNames).toEqual(names);
    const [x, one, none] = [ones([2, 2]), ones([2, 1]), zeros([2, 1])];
    const { history } = await net.fit([x, x], { score: one, score_1: none }, { verbose: 0 });
    expect(Object.keys(history)).toEqual(names);
    for (const t of [x, one, none, net]) t.dispose();
  });

  test('has weights once that models in it share, and trains them once', async () => {
    await expectNoLeak(async () => {
      const half = () =>
        layers.dense({
          units: 1,
          useBias: false,
          kernelInitializer: 'ones',
          kernelRegularizer: regularizers.l2({ l2: 1 }),
        });
      const x = input({ shape: [1] });
      const encoder = model({ inputs: x, outputs: half().apply(x) });
      const whole = model({ inputs: x, outputs: half().apply(encoder.apply(x)) });
      const net = model({ inputs: x, outputs: [encoder.apply(x), whole.apply(x)] });
      expect(net.weights).toHaveLength(2);
      expect(net.trainableWeights).toHaveLength(2);
      expect(net.countParams()).toBe(2);
      net.compile({ optimizer: train.sgd(0.01), loss: (_t, p) => p });
      const [one, none] = [ones([1, 1]), zeros([1, 1])];
      // Of w + w v + w² + v², three times: at first, recorded, and replayed.
      let [w, v] = [1, 1];
      for (let i = 0; i < 3; i++) {
        const [loss] = (await net.trainOnBatch(one, [none, none])) as number[];
        expect(loss).toBeCloseTo(w + w * v + w * w + v * v, 5);
        [w, v] = [w - 0.01 * (1 + v + 2 * w), v - 0.01 * (w + 2 * v)];
        expect(elements(net)).toEqual([[expect.closeTo(w, 5)], [expect.closeTo(v, 5)]]);
      }
      dispose([one, none]);
      net.dispose();
    });
  });

  test('refuses what cannot be a model', () => {
    const [x, y] = [input({ shape: [1], name: 'x' }), input({ shape: [1], name: 'y' })];
    const d = layers.dense({ units: 1, name: 'd' });
    const out = d.apply(x);
    expect(() => model({} as never)).toThrow(new TypeError('model: needs { inputs, outputs }'));
    expect(() => model({ inputs: [3] as never, outputs: out })).toThrow(
      new TypeError('model: inputs must be what input() and layers give, got number'),
    );
    expect(() => model({ inputs: y, outputs: out })).toThrow(
      new RangeError("model: the outputs need the input 'x', which is not among the inputs y"),
    );
    const twin = layers.dense({ units: 1, name: 'd' });
    expect(() => model({ inputs: x, outputs: twin.apply(out) })).toThrow(
      new RangeError('model: two layers are named d; give one of them another name'),
    );
    d.dispose();
    twin.dispose();
  });

  test('prints itself', () => {
    const lines: string[] = [];
    const net = twoByTwo();
    net.summary((line) => lines.push(line.replaceAll(/ {2,}/g, ' | ')));
    expect(lines.slice(2, 12)).toEqual([
      'Layer (type) | Output Shape | Param # | Multiply-adds | Output memory | Receives inputs',
      lines[3],
      'a (InputLayer) | [null, 2] | 0 | 0 | 8 B',
      'b (InputLayer) | [null, 1] | 0 | 0 | 4 B',
      'from_a (Dense) | [null, 6] | 18 | 12 | 24 B | a',
      'from_b (Dense) | [null, 6] | 12 | 6 | 24 B | b',
      'both (Sum) | [null, 6] | 0 | 0 | 24 B | from_a, from_b',
      'sum (Dense) | [null, 1] | 7 | 6 | 4 B | both',
      'positive (Dense) | [null, 1] | 7 | 6 | 4 B | both',
      lines[3],
    ]);
    expect(lines).toContain('Layers with weights: 4');
    net.dispose();
  });
});

describe('several outputs', () => {
  test('train on the weighted sum of their losses, with figures of each', async () => {
    await expectNoLeak(async () => {
      const net = twoByTwo();
      net.compile({ optimizer: 'adam', loss: LOSSES, lossWeights: { sum: 0.5 }, metrics: { positive: ['accuracy'] } });
      expect(net.metricsNames).toEqual(['loss', 'sum_loss', 'positive_loss', 'positive_accuracy']);
      const x = [data.a, data.b];
      const y = { sum: data.sum, positive: data.isPositive };
      const figures = (net.evaluate(x, y) as Scalar[]).map((t) => {
        const value = t.dataSync()[0];
        t.dispose();
        return value;
      });
      expect(figures[0]).toBeCloseTo(0.5 * figures[1] + figures[2], 6);
      const batch = (await net.trainOnBatch(x, y)) as number[];
      expect(batch).toEqual(figures.map((v) => expect.closeTo(v, 6)));
      const { history } = await net.fit(x, y, { epochs: 200, batchSize: 8, validationSplit: 0.25, verbose: 0 });
      expect(Object.keys(history)).toEqual([...net.metricsNames, ...net.metricsNames.map((name) => `val_${name}`)]);
      expect(history.loss.at(-1)).toBeLessThan(0.3 * history.loss[0]);
      expect(history.positive_accuracy.at(-1)).toBeGreaterThan(0.9);
      net.dispose();
    });
  });

  test('by lists, with weights of samples and classes, replayed with the bits of eager steps', async () => {
    const run = vi.spyOn(kernels.common as { run(begin: number, end: number): void }, 'run');
    const trained = async (reads: boolean) => {
      const net = twoByTwo();
      const loss = (t: Tensor, p: Tensor) => {
        if (reads) p.dataSync();
        return p.sub(t).square().mean(-1);
      };
      net.compile({ optimizer: 'adam', loss: [loss, 'binaryCrossentropy'], metrics: [['mae'], []] });
      run.mockClear();
      const w = tensor2d(Array.from({ length: 24 }, (_, i) => [i % 3]));
      setSeed(2);
      const { history } = await net.fit([data.a, data.b], [data.sum, data.isPositive], {
        epochs: 4,
        batchSize: 8,
        verbose: 0,
        sampleWeight: [w, w],
        classWeight: { positive: { 1: 2 } },
      });
      w.dispose();
      const result = { history, weights: elements(net) };
      net.dispose();
      return { result, replays: run.mock.calls.length };
    };
    await expectNoLeak(async () => {
      const [replayed, eager] = [await trained(false), await trained(true)];
      expect(replayed.result).toEqual(eager.result);
      expect(replayed.replays).toBe(10);
      expect(eager.replays).toBe(0);
    });
    run.mockRestore();
  });

  describe('weigh 1 where sampleWeight leaves them out', () => {
    /** What comes of all ways to give weights of samples: figures and, at last, elements. */
    const outcomes = async (sampleWeight: FitOptions['sampleWeight'], options: Partial<FitOptions> = {}) => {
      const net = twoByTwo();
      const [x, y] = [
        [data.a, data.b],
        [data.sum, data.isPositive],
      ];
      net.compile({ optimizer: 'adam', loss: LOSSES, weightedMetrics: ['mae'] });
      setSeed(2);
      const quiet = { epochs: 3, batchSize: 7, verbose: 0, ...options } as const;
      const { history } = await net.fit(x, y, { ...quiet, sampleWeight, validationSplit: 0.25 });
      const validated = await net.fit(x, y, { ...quiet, sampleWeight, validationData: [x, y, sampleWeight] });
      const batched = await net.fitDataset([{ xs: x, ys: y, sampleWeight }], { verbose: 0, epochs: 4 });
      const onBatch = await net.trainOnBatch(x, y, { sampleWeight });
      const tested = (net.evaluate(x, y, { sampleWeight, batchSize: 10 }) as Scalar[]).map((figure) => {
        const [value] = values(figure);
        figure.dispose();
        return value;
      });
      const weights = elements(net);
      net.dispose();
      return { history, validated: validated.history, batched: batched.history, onBatch, tested, weights };
    };
    const weightsBy = (f: (i: number) => number) => tensor1d(Array.from({ length: 24 }, (_, i) => f(i)));

    test.each<[string, (w: Tensor) => FitOptions['sampleWeight']]>([
      ['in an object', (w) => ({ positive: w })],
      ['in a list', (w) => [null, w]],
      ['in an object, by null', (w) => ({ sum: null, positive: w })],
    ])('%s, with the bits of ones', async (_name, some) => {
      const [w, one] = [weightsBy((i) => i % 3), weightsBy(() => 1)];
      await expectNoLeak(async () => {
        expect(await outcomes(some(w))).toEqual(await outcomes([one, w]));
        const classWeight = { sum: { 1: 2 } };
        expect(await outcomes(some(w), { classWeight })).toEqual(await outcomes([one, w], { classWeight }));
      });
      w.dispose();
      one.dispose();
    });

    test('all of them, as if no weights were given', () =>
      expectNoLeak(async () => expect(await outcomes({})).toEqual(await outcomes(undefined))));

    test('so that a loss may be one number for the batch', async () => {
      const w = weightsBy((i) => i % 3);
      await expectNoLeak(async () => {
        const net = twoByTwo();
        const whole = (t: Tensor, p: Tensor) => p.sub(t).square().mean();
        net.compile({ optimizer: 'sgd', loss: [whole, 'binaryCrossentropy'] });
        const given = [
          [data.a, data.b],
          [data.sum, data.isPositive],
        ] as const;
        const first = (await net.trainOnBatch(...given, { sampleWeight: { positive: w } })) as number[];
        expect(first[0]).toBeCloseTo(first[1] + first[2], 6);
        await expect(net.trainOnBatch(...given, { sampleWeight: { sum: w } })).rejects.toThrow(
          'sampleWeight: needs a loss for each sample, got one for the batch',
        );
        net.dispose();
      });
      w.dispose();
    });

    test('but not where a name is wrong, or it is no weight for each sample', async () => {
      const [w, few] = [weightsBy(() => 1), tensor1d([1, 2])];
      await expectNoLeak(async () => {
        const net = twoByTwo();
        net.compile({ optimizer: 'sgd', loss: LOSSES });
        const refused = (sampleWeight: unknown, error: Error) =>
          expect(
            net.trainOnBatch([data.a, data.b], [data.sum, data.isPositive], { sampleWeight: sampleWeight as Tensor }),
          ).rejects.toThrow(error);
        const op = 'trainOnBatch: sampleWeight';
        await refused({ total: w }, new RangeError(`${op}: there is no output 'total'; there are sum, positive`));
        await refused([w], new RangeError(`${op} needs tensors for sum, positive, got 1`));
        await refused(w, new TypeError(`${op} needs tensors for sum, positive, got one tensor`));
        await refused({ sum: 2 }, new TypeError(`${op} 'sum' must be a tensor, got number`));
        await refused([null, few], new RangeError(`${op} needs a weight for each of 24 samples, got shape [2]`));
        net.dispose();
      });
      w.dispose();
      few.dispose();
    });
  });

  test('may go without a loss', async () => {
    const net = twoByTwo();
    net.compile({ optimizer: 'sgd', loss: [null, 'binaryCrossentropy'] });
    expect(net.metricsNames).toEqual(['loss', 'positive_loss']);
    const before = values(net.getLayer('sum').weights[0]);
    await net.trainOnBatch([data.a, data.b], [data.sum, data.isPositive]);
    expect(values(net.getLayer('sum').weights[0])).toEqual(before);
    net.dispose();
  });

  test('refuse what does not fit them', async () => {
    const net = twoByTwo();
    const compile = (options: Partial<CompileOptions>) => () =>
      net.compile({ optimizer: 'sgd', loss: LOSSES, ...options });
    expect(compile({ loss: ['meanSquaredError'] })).toThrow(
      new RangeError('compile: loss needs 2 entries, for sum, positive; got 1'),
    );
    expect(compile({ loss: { total: 'meanSquaredError' } })).toThrow(
      new RangeError("compile: loss: there is no output 'total'; there are sum, positive"),
    );
    expect(compile({ loss: [null, null] })).toThrow(new TypeError('compile: needs a loss'));
    expect(compile({ lossWeights: [1] })).toThrow(/^compile: lossWeights needs 2 entries/);
    compile({})();
    const { a, b, sum, isPositive } = data;
    const refused = async (x: unknown, y: unknown, message: string | RegExp) =>
      expect(net.trainOnBatch(x as Tensor, y as Tensor)).rejects.toThrow(message);
    await refused(a, [sum, isPositive], 'trainOnBatch: x needs tensors for a, b, got one tensor');
    await refused([a], [sum, isPositive], 'trainOnBatch: x needs tensors for a, b, got 1');
    await refused({ a }, [sum, isPositive], 'trainOnBatch: x needs tensors for a, b, got a');
    await refused([a, b], { sum }, 'trainOnBatch: y needs tensors for sum, positive, got sum');
    await refused([b, a], [sum, isPositive], "trainOnBatch: two needs inputs of shape [null, 2] for 'a', got [24, 1]");
    const few = zeros([3, 1]);
    await refused([a, few], [sum, isPositive], 'trainOnBatch: inputs need the same number of samples, got 24 and 3');
    few.dispose();
    net.dispose();
  });
});

describe('masks', () => {
  /** Steps that are not 0 count. */
  class NotZero extends layers.Layer {
    override getClassName() {
      return 'NotZero';
    }
    call(x: Tensor): Tensor {
      return x.mul(1);
    }
    override computeMask(x: Tensor): Tensor {
      return x.notEqual(0).any(-1);
    }
  }
  class Identity extends layers.Layer {
    override supportsMasking = true;
    override getClassName() {
      return 'Identity';
    }
    override build() {
      this.addWeight('unused', [1], 'float32', 'zeros');
    }
    call(x: Tensor): Tensor {
      return x.add(this.weights[0]);
    }
  }

  test('leave steps out of losses and metrics', async () => {
    const net = sequential({ layers: [new NotZero({ inputShape: [3, 1] }), new Identity()] });
    net.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mae'] });
    await expectNoLeak(() => {
      tidy(() => {
        const x = tensor2d([[1, 0, 3]]).reshape([1, 3, 1]);
        const y = tensor2d([[2, 100, 5]]).reshape([1, 3, 1]);
        const [loss, mae] = net.evaluate(x, y) as Scalar[];
        expect([loss, mae].map((t) => t.dataSync()[0])).toEqual([(1 + 4) / 2, 1.5]);
      });
    });
    net.dispose();
  });
});
