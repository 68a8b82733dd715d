import { afterEach, expect, it } from 'vitest';
import {
  disposeVariables,
  input,
  type LayersModel,
  layers,
  model,
  randomUniform,
  sequential,
  setSeed,
  tidy,
} from '../../src/index.js';
import { expectNoLeak } from '../models/models.js';
import { load, saved } from './saved.js';

const { bidirectional, gru, gruCell, lstm, lstmCell, rnn, simpleRNN, simpleRNNCell, stackedRNNCells } = layers;

/** Models by what is in them. */
const MODELS: Record<string, () => LayersModel> = {
  'an embedding and an lstm': () =>
    sequential({
      layers: [
        layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 6 }),
        lstm({ units: 4, returnSequences: true, recurrentActivation: 'hardSigmoid', unitForgetBias: false }),
        layers.timeDistributed({ layer: layers.dense({ units: 2, activation: 'relu' }) }),
      ],
    }),
  'a mask, a gru and a simpleRNN': () =>
    sequential({
      layers: [
        layers.masking({ maskValue: 3, inputShape: [6, 1] }),
        gru({ units: 4, resetAfter: false, returnSequences: true, goBackwards: true }),
        simpleRNN({ units: 2, recurrentRegularizer: 'l2' }),
      ],
    }),
  'both directions': () =>
    sequential({
      layers: [
        bidirectional({ layer: gru({ units: 3, returnSequences: true }), mergeMode: 'sum', inputShape: [6, 1] }),
        bidirectional({ layer: rnn({ cell: lstmCell({ units: 2 }) }) }),
      ],
    }),
  'both directions apart': () => {
    const x = input({ shape: [6, 1] });
    const outputs = bidirectional({ layer: lstm({ units: 2 }), mergeMode: null }).apply<(typeof x)[]>(x);
    return model({ inputs: x, outputs });
  },
  'cells in stacks': () =>
    sequential({
      layers: [
        rnn({ cell: [simpleRNNCell({ units: 3 }), gruCell({ units: 4 })], returnSequences: true, inputShape: [6, 1] }),
        rnn({ cell: stackedRNNCells({ cells: [lstmCell({ units: 2, dropout: 0.5 })] }) }),
      ],
    }),
  'states that go from layer to layer': () => {
    const x = input({ shape: [6, 1] });
    const [y, ...states] = lstm({ units: 3, returnState: true, returnSequences: true }).apply<(typeof x)[]>(x);
    return model({ inputs: x, outputs: lstm({ units: 3 }).apply(y!, { initialState: states }) });
  },
};

const outputsOf = (net: LayersModel) =>
  tidy(() => {
    const x = randomUniform([2, 6, 1], 0, 5, 'float32', 3).floor();
    return [net.predict(net.inputs[0]!.rank === 2 ? x.reshape([2, 6]) : x)].flat().map((y) => [...y.dataSync()]);
  });

afterEach(() => disposeVariables());

it.each(Object.entries(MODELS))('a model of %s is the same when it is loaded', async (_, make) => {
  setSeed(2);
  await expectNoLeak(async () => {
    const net = make();
    const again = await load(await saved(net));
    expect(outputsOf(again)).toEqual(outputsOf(net));
    expect(again.weights.map((w) => w.shape)).toEqual(net.weights.map((w) => w.shape));
    net.dispose();
    again.dispose();
  });
});

it('a layer that draws from a stream of its own goes on where it was', async () => {
  const net = sequential({
    layers: [
      bidirectional({ layer: gru({ units: 3, dropout: 0.5, seed: 1, returnSequences: true }), inputShape: [6, 1] }),
      lstm({ units: 2, dropout: 0.5, recurrentDropout: 0.5, seed: 2 }),
      layers.dense({ units: 1 }),
    ],
  });
  net.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
  const [x, y] = [randomUniform([4, 6, 1], 0, 1, 'float32', 3), randomUniform([4, 1], 0, 1, 'float32', 4)];
  const train = async (model: LayersModel) =>
    (await model.fit(x, y, { epochs: 2, shuffle: false, verbose: 0 })).history.loss;
  await train(net);
  const again = await load(await saved(net, { includeOptimizer: true }));
  expect(await train(again)).toEqual(await train(net));
  for (const owner of [x, y, net, again]) owner.dispose();
});
