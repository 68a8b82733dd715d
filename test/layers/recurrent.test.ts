import { describe, expect, it, test } from 'vitest';
import {
  concat,
  dispose,
  GradientTape,
  input,
  jit,
  layers,
  model,
  ones,
  randomUniform,
  scalar,
  sequential,
  setSeed,
  slice,
  stack,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
  train,
  zeros,
} from '../../src/index.js';
import type { RNN, SequenceLayerOptions } from '../../src/layers/rnn.js';
import { expectNoLeak } from '../models/models.js';

type Options = SequenceLayerOptions & Record<string, unknown>;

/** Layers whose sequences one kernel runs. */
const KINDS: [string, (options: Options) => RNN][] = [
  ['simpleRNN', (options) => layers.simpleRNN({ units: 5, ...options })],
  ['lstm', (options) => layers.lstm({ units: 5, ...options })],
  ['lstm, hardSigmoid', (options) => layers.lstm({ units: 5, recurrentActivation: 'hardSigmoid', ...options })],
  ['gru', (options) => layers.gru({ units: 5, ...options })],
  ['gru, hardSigmoid', (options) => layers.gru({ units: 5, recurrentActivation: 'hardSigmoid', ...options })],
];

const bits = (x: Tensor | Tensor[]): number[][] =>
  [x].flat().map((t) => [...new Uint8Array((t as Tensor).dataSync().buffer)]);

const MASK = tensor2d([1, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0], [3, 4], 'bool');

/** A sequence, [3, 4, 2], the same each time. */
const sequence = (): Tensor => tidy(() => randomUniform([3, 4, 2], -1, 1, 'float32', 7));

/** Numbers for weights, so that two layers have the same. */
function sameWeights(from: RNN, to: RNN): void {
  to.setWeights(from.getWeights());
}

describe.each(KINDS)('%s', (_, make) => {
  const all: Options = { returnSequences: true, returnState: true, biasInitializer: 'randomNormal' };

  it.each([false, true])('gives the bits of its cell step by step; masked: %s', (isMasked) => {
    tidy(() => {
      const options = isMasked ? { mask: MASK } : {};
      const fused = make(all);
      // A function that is not the named one takes the general way.
      const stepwise = make({ ...all, activation: (x: Tensor) => x.tanh() });
      const x = sequence();
      const expected = fused.apply<Tensor[]>(x, options);
      stepwise.ensureBuilt([null, 4, 2]);
      sameWeights(fused, stepwise);
      expect(bits(stepwise.apply<Tensor[]>(x, options))).toEqual(bits(expected));
      fused.dispose();
      stepwise.dispose();
    });
  });

  it('has the gradients of its cell step by step, but for rounding', () => {
    tidy(() => {
      const x = sequence();
      const gradients = (layer: RNN) => {
        using tape = new GradientTape();
        tape.watch(x);
        const outputs = layer.apply<Tensor[]>(x, { mask: MASK });
        const loss = outputs.reduce<Tensor>(
          (sum, y, i) =>
            sum.add(
              y
                .square()
                .mul(i + 1)
                .sum(),
            ),
          scalar(0),
        );
        return tape.gradient(loss, [x, ...layer.trainableWeights]);
      };
      const fused = make(all);
      const expected = gradients(fused);
      const stepwise = make({ ...all, activation: (x: Tensor) => x.tanh() });
      stepwise.ensureBuilt([null, 4, 2]);
      sameWeights(fused, stepwise);
      gradients(stepwise).forEach((g, i) => {
        expect(g!.sub(expected[i]!).abs().max().dataSync()[0]).toBeLessThan(1e-5);
      });
      fused.dispose();
      stepwise.dispose();
    });
  });

  it('does nothing in masked steps', () => {
    tidy(() => {
      const layer = make({ returnSequences: true, returnState: true });
      const x = sequence();
      const [y, ...states] = layer.apply<Tensor[]>(x, { mask: MASK }) as [Tensor, ...Tensor[]];
      // The second sequence without its masked steps, the first two.
      const [, ...short] = layer.apply<Tensor[]>(slice(x, [1, 2], [1, 2])) as [Tensor, ...Tensor[]];
      expect(bits(states.map((s) => slice(s, [1, 0], [1, 5])))).toEqual(bits(short));
      // A masked step's output is that of the step before: 0 before the first.
      const rows = y.arraySync() as number[][][];
      expect(
        rows[1]!
          .slice(0, 2)
          .flat()
          .every((v) => v === 0),
      ).toBe(true);
      expect(rows[0]![1]).toEqual(rows[0]![0]);
      layer.dispose();
    });
  });

  it('begins with the states it is given, in a list or as an option', () => {
    tidy(() => {
      const layer = make({ returnState: true });
      const x = sequence();
      const [, ...states] = layer.apply<Tensor[]>(slice(x, [0, 0], [3, 2])) as [Tensor, ...Tensor[]];
      const rest = slice(x, [0, 2], [3, 2]);
      const whole = bits(layer.apply<Tensor[]>(x));
      expect(bits(layer.apply<Tensor[]>(rest, { initialState: states }))).toEqual(whole);
      expect(bits(layer.apply<Tensor[]>([rest, ...states]))).toEqual(whole);
      layer.dispose();
    });
  });

  it('goes backwards: as forwards over the turned sequence', () => {
    tidy(() => {
      const [there, back] = [make({ returnSequences: true }), make({ returnSequences: true, goBackwards: true })];
      const x = sequence();
      const expected = there.apply(x.reverse(1), { mask: MASK.reverse(1) });
      back.ensureBuilt([null, 4, 2]);
      sameWeights(there, back);
      expect(bits(back.apply(x, { mask: MASK }))).toEqual(bits(expected));
      there.dispose();
      back.dispose();
    });
  });

  it('goes on from batch to batch if stateful, until its states are reset', () => {
    tidy(() => {
      const [plain, stateful] = [make({}), make({ stateful: true })];
      const x = sequence();
      const first = slice(x, [0, 0], [3, 2]);
      const whole = bits(plain.apply(x));
      const begin = bits(plain.apply(first));
      stateful.ensureBuilt([null, 4, 2]);
      sameWeights(plain, stateful);
      for (let i = 0; i < 2; i++) {
        expect(bits(stateful.apply(first))).toEqual(begin);
        expect(bits(stateful.apply(slice(x, [0, 2], [3, 2])))).toEqual(whole);
        stateful.resetStates();
      }
      expect(() => stateful.apply(ones([2, 4, 2]))).toThrow(/stateful, so that batches must be of one size: 3, got 2/);
      plain.dispose();
      stateful.dispose();
    });
  });

  it('keeps its states in its own dtype if stateful, whatever comes in', () => {
    tidy(() => {
      const [narrow, wide] = [make({ stateful: true }), make({ stateful: true })];
      const x = sequence();
      narrow.ensureBuilt([null, 4, 2]);
      wide.ensureBuilt([null, 4, 2]);
      sameWeights(narrow, wide);
      for (let i = 0; i < 3; i++) {
        const [y, z] = [narrow.apply(x).dataSync(), wide.apply(x.cast('float64')).dataSync()];
        y.forEach((value, k) => {
          expect(z[k]).toBeCloseTo(value, 5);
        });
      }
      narrow.dispose();
      wide.dispose();
    });
  });

  it('replays the bits of eager calls, states and all', () => {
    tidy(() => {
      const [eager, recorded] = [make({ stateful: true }), make({ stateful: true })];
      const xs = [1, 2, 3, 4, 5].map((seed) => randomUniform([3, 4, 2], -1, 1, 'float32', seed));
      const expected = xs.map((x) => bits(eager.apply(x)));
      recorded.ensureBuilt([null, 4, 2]);
      sameWeights(eager, recorded);
      const replay = jit((x: Tensor) => recorded.apply(x));
      expect(xs.map((x) => bits(replay(x)))).toEqual(expected);
      replay.dispose();
      eager.dispose();
      recorded.dispose();
    });
  });

  it('begins training with states of its batches if stateful, whatever it is validated with', async () => {
    await expectNoLeak(async () => {
      setSeed(3);
      const net = sequential({ layers: [make({ inputShape: [4, 2], stateful: true }), layers.dense({ units: 1 })] });
      net.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
      const [x, y] = [sequence(), ones([3, 1])];
      const options = { batchSize: 3, shuffle: false, verbose: 0 } as const;
      const alone = await net.fit(x, y, options);
      net.resetStates();
      const { history } = await net.fit(x, y, { ...options, validationData: [x, y] });
      expect(history.loss).toEqual(alone.history.loss);
      expect(history.val_loss).toHaveLength(1);
      dispose([x, y]);
      net.dispose();
    });
  });

  it('leaves nothing behind, in eager calls and in training', async () => {
    await expectNoLeak(async () => {
      setSeed(3);
      const net = sequential({
        layers: [make({ inputShape: [4, 2], dropout: 0.2, recurrentDropout: 0.1 }), layers.dense({ units: 1 })],
      });
      net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
      const [x, y] = [sequence(), ones([3, 1])];
      await net.fit(x, y, { epochs: 4, batchSize: 3, verbose: 0 });
      dispose([x, y, net.predict(x, { batchSize: 2 }) as Tensor]);
      net.dispose();
    });
  });
});

describe('cells', () => {
  const cells = {
    simpleRNNCell: () => layers.simpleRNNCell({ units: 3 }),
    lstmCell: () => layers.lstmCell({ units: 3 }),
    gruCell: () => layers.gruCell({ units: 3 }),
    'gruCell that resets before': () => layers.gruCell({ units: 3, resetAfter: false }),
  };

  it.each(Object.entries(cells))('%s in rnn runs as step after step', (_, make) => {
    tidy(() => {
      const cell = make();
      const layer = layers.rnn({ cell, returnSequences: true });
      const x = sequence();
      const y = layer.apply(x);
      let states: Tensor[] = cell.stateSizes.map((size) => zeros([3, size]));
      const outputs = [0, 1, 2, 3].map((t) => {
        const [output, ...next] = cell.apply<Tensor[]>([slice(x, [0, t], [3, 1]).reshape([3, 2]), ...states]);
        states = next;
        return output!;
      });
      expect(bits(y)).toEqual(bits(stack(outputs, 1)));
      layer.dispose();
    });
  });

  it('resets before the product as Keras 3 writes it', () => {
    tidy(() => {
      const one = { kernelInitializer: 'ones', recurrentInitializer: 'ones' };
      const gru = layers.gru({ units: 1, resetAfter: false, ...one });
      const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
      let h = 0;
      for (const x of [0.5, -1, 2]) {
        const [z, r] = [sigmoid(x + h), sigmoid(x + h)];
        h = z * h + (1 - z) * Math.tanh(x + r * h);
      }
      expect(gru.apply(tensor3d([[[0.5], [-1], [2]]])).dataSync()[0]).toBeCloseTo(h, 6);
      gru.dispose();
    });
  });

  it('in a stack are one cell after the other, by one kernel each or step by step', () => {
    tidy(() => {
      const all = { returnSequences: true };
      const [a, b] = [layers.lstm({ units: 4, ...all }), layers.gru({ units: 3, ...all })];
      const x = sequence();
      const expected = bits(b.apply(a.apply(x, { mask: MASK }), { mask: MASK }));
      const usual = [layers.lstmCell({ units: 4 }), layers.gruCell({ units: 3 })];
      const own = (t: Tensor) => t.tanh();
      const general = [layers.lstmCell({ units: 4, activation: own }), layers.gruCell({ units: 3, activation: own })];
      for (const cell of [usual, general]) {
        const layer = layers.rnn({ cell, returnSequences: true });
        layer.ensureBuilt([null, 4, 2]);
        layer.setWeights([...a.getWeights(), ...b.getWeights()]);
        expect(bits(layer.apply(x, { mask: MASK }))).toEqual(expected);
        layer.dispose();
      }
      a.dispose();
      b.dispose();
    });
  });

  it('drop the same inputs in all steps', () => {
    tidy(() => {
      setSeed(5);
      const cell = layers.simpleRNNCell({
        ...{ units: 20, activation: 'linear', dropout: 0.5, kernelInitializer: 'identity' },
        ...{ recurrentInitializer: 'zeros' },
      });
      const layer = layers.rnn({ cell, returnSequences: true });
      const [steps] = layer.apply(ones([1, 6, 20]), { training: true }).arraySync() as number[][][];
      expect(new Set(steps![0])).toEqual(new Set([0, 2]));
      for (const step of steps!) expect(step).toEqual(steps![0]);
      expect(new Set(layer.apply(ones([1, 6, 20])).dataSync())).toEqual(new Set([1]));
      // A step by itself draws for itself.
      const [y] = cell.apply<Tensor[]>([ones([2, 20]), zeros([2, 20])], { training: true });
      expect(new Set(y!.dataSync())).toEqual(new Set([0, 2]));
      layer.dispose();
    });
  });

  it('forget little at first: the bias of the forget gate is 1', () => {
    tidy(() => {
      for (const [unitForgetBias, forget] of [
        [true, 1],
        [false, 0],
      ] as const) {
        const layer = layers.lstm({ units: 2, unitForgetBias });
        layer.ensureBuilt([null, 3, 2]);
        expect([...layer.getWeights()[2]!.dataSync()]).toEqual([0, 0, forget, forget, 0, 0, 0, 0]);
        layer.dispose();
      }
    });
  });
});

describe('bidirectional', () => {
  it.each(['concat', 'sum', 'ave', 'mul', null] as const)('merges by %s what goes there and back', (mergeMode) => {
    tidy(() => {
      const layer = layers.lstm({ units: 3, returnSequences: true });
      const both = layers.bidirectional({ layer, mergeMode });
      const x = sequence();
      const outputs = both.apply<Tensor | Tensor[]>(x);
      const [a, b] = [both.forwardLayer.apply(x), both.backwardLayer.apply(x).reverse(1)];
      const merged = {
        ...{ concat: () => concat([a, b], 2), sum: () => a.add(b), ave: () => a.add(b).mul(0.5), mul: () => a.mul(b) },
        ...{ null: () => [a, b] },
      };
      expect(bits(outputs)).toEqual(bits(merged[`${mergeMode}`]()));
      const shape = both.computeOutputShape([3, 4, 2]);
      expect(shape).toEqual(Array.isArray(outputs) ? outputs.map((y) => y.shape) : (outputs as Tensor).shape);
      both.dispose();
    });
  });

  it('gives the states of both, and begins with them', () => {
    tidy(() => {
      const both = layers.bidirectional({ layer: layers.gru({ units: 3, returnState: true }) });
      const [y, a, b] = both.apply<Tensor[]>(sequence()) as [Tensor, Tensor, Tensor];
      expect(bits(y)).toEqual(bits(concat([a, b], 1)));
      const begun = both.apply<Tensor[]>(sequence(), { initialState: [a, b] });
      expect(begun.map((t) => t.shape)).toEqual([
        [3, 6],
        [3, 3],
        [3, 3],
      ]);
      expect(() => both.apply(sequence(), { initialState: [a] })).toThrow(RangeError);
      both.dispose();
    });
  });

  it('has weights of its own for each direction', () => {
    const both = layers.bidirectional({ layer: layers.rnn({ cell: layers.gruCell({ units: 2, seed: 1 }) }) });
    both.ensureBuilt([null, 4, 3]);
    expect(new Set(both.weights).size).toBe(6);
    both.dispose();
  });
});

describe('embedding and masking', () => {
  it('mask what layers behind them pass over', () => {
    tidy(() => {
      setSeed(1);
      const net = sequential({
        layers: [
          layers.embedding({ inputDim: 6, outputDim: 3, maskZero: true, inputLength: 4 }),
          layers.lstm({ units: 2 }),
        ],
      });
      const padded = net.predict(tensor2d([[3, 5, 0, 0]], [1, 4], 'int32')) as Tensor;
      const other = net.predict(tensor2d([[0, 3, 0, 5]], [1, 4], 'int32')) as Tensor;
      expect(bits(other)).toEqual(bits(padded));
      expect(bits(net.predict(tensor2d([[3, 5, 1, 1]], [1, 4], 'int32')) as Tensor)).not.toEqual(bits(padded));
      net.dispose();

      const masked = sequential({
        layers: [layers.masking({ maskValue: -1, inputShape: [3, 1] }), layers.gru({ units: 2 })],
      });
      const [a, b] = [
        [[1], [-1], [2]],
        [[-1], [1], [2]],
      ].map((x) => masked.predict(tensor3d([x])) as Tensor);
      expect(bits(a!)).toEqual(bits(b!));
      masked.dispose();
    });
  });

  it('trains only the vectors that were looked up', () => {
    tidy(() => {
      const layer = layers.embedding({ inputDim: 4, outputDim: 2 });
      using tape = new GradientTape();
      const y = layer.apply(tensor2d([[1, 3, 1]], [1, 3], 'int32')).sum();
      expect(tape.gradient(y, layer.trainableWeights)[0]!.arraySync()).toEqual([
        [0, 0],
        [2, 2],
        [0, 0],
        [1, 1],
      ]);
      expect(() => layer.apply(tensor2d([[4]], [1, 1], 'int32'))).toThrow(RangeError);
      layer.dispose();
    });
  });
});

test('encoders hand their states to decoders, in a graph that trains', async () => {
  await expectNoLeak(async () => {
    setSeed(1);
    const [source, target] = [input({ shape: [5, 3] }), input({ shape: [4, 2] })];
    const [, ...states] = layers.lstm({ units: 8, returnState: true }).apply<(typeof source)[]>(source);
    const decoded = layers.lstm({ units: 8, returnSequences: true }).apply(target, { initialState: states });
    const outputs = layers.timeDistributed({ layer: layers.dense({ units: 1 }) }).apply(decoded);
    const net = model({ inputs: [source, target], outputs });
    net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
    const xs = [randomUniform([6, 5, 3]), randomUniform([6, 4, 2])];
    const ys = tidy(() =>
      xs[0]!
        .mean([1, 2])
        .reshape([6, 1, 1])
        .mul(ones([1, 4, 1])),
    );
    const { history } = await net.fit(xs, ys, { epochs: 60, verbose: 0 });
    expect(history.loss!.at(-1)).toBeLessThan(0.1 * history.loss![0]!);
    dispose([xs, ys]);
    net.dispose();
  });
});

test('an LSTM learns of which sign the one large number of a sequence was', async () => {
  setSeed(4);
  const [xs, ys] = tidy(() => {
    const values = randomUniform([64, 20, 1], -0.5, 0.5).arraySync() as number[][][];
    values.forEach((steps, i) => {
      steps[(i * 7) % 20] = [i % 2 ? 3 : -3];
    });
    return [tensor3d(values), tensor2d(values.map((_, i) => [i % 2]))];
  });
  const net = sequential({
    layers: [layers.lstm({ units: 12, inputShape: [20, 1] }), layers.dense({ units: 1, activation: 'sigmoid' })],
  });
  net.compile({ optimizer: train.adam(0.02), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const { history } = await net.fit(xs, ys, { epochs: 60, batchSize: 16, verbose: 0 });
  expect(history.accuracy!.at(-1)).toBe(1);
  dispose([xs, ys]);
  net.dispose();
});

test('their products are counted for all steps', () => {
  const count = (layer: layers.Layer) => {
    layer.ensureBuilt([null, 5, 2]);
    const products = layer.countMultiplyAdds([null, 5, 2], layer.computeOutputShape([null, 5, 2]));
    layer.dispose();
    return products;
  };
  const lstm = 5 * (2 * 24 + 6 * 24);
  expect(count(layers.lstm({ units: 6 }))).toBe(lstm);
  expect(count(layers.bidirectional({ layer: layers.lstm({ units: 6 }) }))).toBe(2 * lstm);
  expect(count(layers.rnn({ cell: [layers.lstmCell({ units: 6 }), layers.gruCell({ units: 3 })] }))).toBe(
    lstm + 5 * (6 * 9 + 3 * 9),
  );
});

describe('bad input', () => {
  const cases: [string, () => unknown, RegExp][] = [
    ['units', () => layers.lstm({ units: 0 }), /layers.lstmCell: units/],
    ['dropout', () => layers.gru({ units: 1, dropout: 1 }), /dropout must be in \[0, 1\)/],
    ['rank', () => layers.lstm({ units: 1 }).apply(ones([2, 3])), /needs inputs of shape \[batch, time, features\]/],
    ['no steps', () => layers.lstm({ units: 1 }).apply(ones([2, 0, 3])), /needs a step at least/],
    [
      'mask',
      () => layers.lstm({ units: 1 }).apply(ones([2, 3, 1]), { mask: ones([2, 2]) }),
      /the mask must be \[2, 3\]/,
    ],
    [
      'states',
      () => layers.lstm({ units: 1 }).apply(ones([2, 3, 1]), { initialState: ones([2, 1]) }),
      /must be 2 tensors, got 1/,
    ],
    [
      'state',
      () => layers.gru({ units: 1 }).apply(ones([2, 3, 1]), { initialState: ones([2, 2]) }),
      /must be \[2, 1\], got \[2, 2\]/,
    ],
    ['no cells', () => layers.stackedRNNCells({ cells: [] }), /one cell or more/],
    [
      'mode',
      () => layers.bidirectional({ layer: layers.gru({ units: 1 }), mergeMode: 'max' as 'sum' }),
      /mergeMode must be one of/,
    ],
    [
      'direction',
      () => layers.bidirectional({ layer: layers.gru({ units: 1 }), backwardLayer: layers.gru({ units: 1 }) }),
      /different directions/,
    ],
    [
      'step',
      () => layers.timeDistributed({ layer: layers.dense({ units: 1 }) }).apply(ones([2, 3])),
      /\[batch, time, ...\]/,
    ],
    ['inputDim', () => layers.embedding({ inputDim: 0, outputDim: 1 }), /inputDim/],
    ['resetStates', () => layers.gru({ units: 1 }).resetStates(ones([1, 1])), /not stateful/],
    [
      'a state of another size',
      () => {
        class Wide extends layers.RNNCell {
          stateSize = 1;
          override getClassName() {
            return 'Wide';
          }
          call() {
            return [ones([2, 99]), ones([2, 99])];
          }
        }
        layers.rnn({ cell: new Wide(), stateful: true, name: 'r' }).apply(ones([2, 3, 1]));
      },
      /^r: the cell must give states of \[2, 1\], got \[2, 99\]$/,
    ],
  ];
  it.each(cases)('%s is one sentence', (_, f, sentence) => {
    expect(() => tidy(f as () => Tensor)).toThrow(sentence);
  });
});
