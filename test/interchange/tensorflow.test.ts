// Models change hands between this package and TensorFlow.js, both ways, and predict the same numbers. It runs where
// TensorFlow.js is installed: `npm ci --prefix bench/peers`.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as wasmgrad from '../../src/index.js';
import { load, saved } from '../io/saved.js';

const folder = new URL('../../bench/peers/node_modules/@tensorflow/tfjs/', import.meta.url);
const isInstalled = existsSync(folder);

// biome-ignore lint/suspicious/noExplicitAny: TensorFlow.js, whose types are not installed
type Any = any;

let tf: Any;

beforeAll(async () => {
  if (!isInstalled) return;
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  tf = createRequire(import.meta.url)(folder.pathname);
  await tf.setBackend('cpu');
}, 60_000);

afterEach(() => wasmgrad.disposeVariables());
afterAll(() => vi.restoreAllMocks());

type Make = (lib: Any) => Any;

/** TensorFlow.js's hardSigmoid, in the words of either. */
const hard = (lib: Any) => (lib === wasmgrad ? 'legacyHardSigmoid' : 'hardSigmoid');

/** Layers one after the other, by their names and options. */
const chain =
  (inputShape: number[], ...given: [string, object?][]): Make =>
  (lib) => {
    const own = (options: object) =>
      Object.fromEntries(
        Object.entries(options).map(([key, value]) => [key, value === 'hardSigmoid' ? hard(lib) : value]),
      );
    const layers = given.map(([name, options = {}]): [string, object] => [name, own(options)]);
    const model = lib.sequential();
    layers.forEach(([name, options], i) => {
      model.add(lib.layers[name]({ ...options, ...(i === 0 && { inputShape }) }));
    });
    return model;
  };

const branches: Make = (lib) => {
  const [a, b] = [lib.input({ shape: [4] }), lib.input({ shape: [4] })];
  const shared = lib.layers.dense({ units: 3, activation: 'tanh' });
  const [x, y] = [shared.apply(a), shared.apply(b)];
  const merged = ['add', 'multiply', 'average', 'maximum', 'minimum'].map((name) => lib.layers[name]().apply([x, y]));
  const all = lib.layers.concatenate({ axis: -1 }).apply([...merged, lib.layers.dot({ axes: 1 }).apply([x, y])]);
  const inner = lib.sequential({ layers: [lib.layers.dense({ units: 5, activation: 'relu', inputShape: [16] })] });
  const z = inner.apply(all);
  return lib.model({ inputs: [a, b], outputs: [lib.layers.dense({ units: 2 }).apply(z), z] });
};

const MODELS: Record<string, Make> = {
  dense: chain(
    [4],
    ['dense', { units: 8, activation: 'relu' }],
    ['dropout', { rate: 0.5 }],
    ['dense', { units: 3, activation: 'softmax' }],
  ),
  'activations by name': chain(
    [4],
    ...[
      'elu',
      'hardSigmoid',
      'linear',
      'relu',
      'relu6',
      'selu',
      'sigmoid',
      'softplus',
      'softsign',
      'tanh',
      'swish',
      'mish',
      'gelu',
    ].map((activation): [string, object] => [
      'dense',
      { units: 6, activation, useBias: true, biasInitializer: 'randomNormal' },
    ]),
  ),
  'layers of activations': chain(
    [4],
    ['leakyReLU'],
    ['leakyReLU', { alpha: 0.2 }],
    ['elu'],
    ['reLU', { maxValue: 2 }],
    ['prelu'],
    ['thresholdedReLU', { theta: 0.1 }],
    ['softmax'],
  ),
  'initializers, regularizers and constraints': chain(
    [4],
    [
      'dense',
      {
        units: 4,
        kernelInitializer: 'orthogonal',
        biasInitializer: 'ones',
        kernelRegularizer: 'l1l2',
        kernelConstraint: 'maxNorm',
        biasConstraint: 'nonNeg',
      },
    ],
  ),
  images: chain(
    [10, 10, 2],
    ['conv2d', { filters: 4, kernelSize: 3, padding: 'same', activation: 'relu' }],
    ['batchNormalization', { momentum: 0.9 }],
    ['maxPooling2d', { poolSize: 2 }],
    ['separableConv2d', { filters: 3, kernelSize: 2 }],
    ['depthwiseConv2d', { kernelSize: 2, depthMultiplier: 2 }],
    ['upSampling2d', { size: [2, 2] }],
    ['zeroPadding2d', { padding: 1 }],
    [
      'cropping2D',
      {
        cropping: [
          [1, 0],
          [0, 1],
        ],
      },
    ],
    ['conv2dTranspose', { filters: 2, kernelSize: 2, strides: 2 }],
    ['averagePooling2d', { poolSize: 2 }],
    ['flatten'],
    ['dense', { units: 3 }],
  ),
  'images, globally': chain(
    [6, 6, 2],
    ['conv2d', { filters: 3, kernelSize: 3, strides: 2, useBias: false }],
    ['globalAveragePooling2d', {}],
  ),
  sequences: chain(
    [9, 3],
    ['conv1d', { filters: 4, kernelSize: 3, padding: 'same' }],
    ['maxPooling1d', { poolSize: 2 }],
    ['averagePooling1d', { poolSize: 2 }],
    ['globalMaxPooling1d', {}],
  ),
  'layer normalization': chain([5], ['dense', { units: 4 }], ['layerNormalization']),
  shapes: chain(
    [6],
    ['reshape', { targetShape: [2, 3] }],
    ['permute', { dims: [2, 1] }],
    ['flatten'],
    ['repeatVector', { n: 2 }],
  ),
  lstm: chain([5, 3], ['lstm', { units: 4 }], ['dense', { units: 2 }]),
  'lstm by hard sigmoids': chain(
    [5, 3],
    ['lstm', { units: 4, recurrentActivation: 'hardSigmoid', returnSequences: true }],
  ),
  'lstm by sigmoids': chain(
    [5, 3],
    ['lstm', { units: 4, recurrentActivation: 'sigmoid', unitForgetBias: false, goBackwards: true }],
  ),
  gru: chain([5, 3], ['gru', { units: 4, resetAfter: false }], ['dense', { units: 2 }]),
  'gru by sigmoids': chain(
    [5, 3],
    ['gru', { units: 4, recurrentActivation: 'sigmoid', returnSequences: true, resetAfter: false }],
  ),
  'simple recurrent': chain([5, 3], ['simpleRNN', { units: 4, returnSequences: true }], ['simpleRNN', { units: 2 }]),
  bidirectional: (lib) =>
    lib.sequential({
      layers: [
        lib.layers.bidirectional({
          layer: lib.layers.lstm({ units: 3, returnSequences: true }),
          mergeMode: 'concat',
          inputShape: [5, 2],
        }),
        lib.layers.timeDistributed({ layer: lib.layers.dense({ units: 2 }) }),
      ],
    }),
  embedding: chain(
    [6],
    ['embedding', { inputDim: 10, outputDim: 4 }],
    ['globalAveragePooling1d', {}],
    ['dense', { units: 2 }],
  ),
  branches,
};

/** Inputs of these shapes, the same in both; class numbers where there is an embedding. */
function inputsFor(lib: Any, model: Any, name: string): Any[] {
  return model.inputs.map(({ shape }: { shape: (number | null)[] }, which: number) => {
    const sizes = [3, ...shape.slice(1)] as number[];
    const n = sizes.reduce((a, b) => a * b);
    const data = Array.from({ length: n }, (_, i) =>
      name === 'embedding' ? (i * 7) % 10 : ((i * 37 + which * 11) % 41) / 20 - 1,
    );
    return lib.tensor(data, sizes);
  });
}

const predicted = (lib: Any, model: Any, name: string): number[][] => {
  const inputs = inputsFor(lib, model, name);
  return [model.predict(inputs.length === 1 ? inputs[0] : inputs)].flat().map((y: Any) => [...y.dataSync()]);
};

function expectSame(actual: number[][], expected: number[][], tolerance = 1e-6): void {
  expect(actual.map((y) => y.length)).toEqual(expected.map((y) => y.length));
  actual.forEach((y, k) => {
    y.forEach((value, i) => {
      const limit = tolerance * Math.max(1, Math.abs(expected[k]![i]!));
      expect(Math.abs(value - expected[k]![i]!), `${value} and ${expected[k]![i]}`).toBeLessThanOrEqual(limit);
    });
  });
}

/** What TensorFlow.js's `save` gives. */
async function savedThere(model: Any, includeOptimizer = false): Promise<wasmgrad.io.ModelArtifacts> {
  let artifacts: Any;
  const handler = tf.io.withSaveHandler(async (given: Any) => {
    artifacts = given;
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given) };
  });
  await model.save(handler, { includeOptimizer });
  const { weightData, ...rest } = artifacts;
  return { ...JSON.parse(JSON.stringify(rest)), weightData };
}

describe.skipIf(!isInstalled)('a model', () => {
  it.each(Object.keys(MODELS))('that was saved here predicts the same in TensorFlow.js: %s', async (name) => {
    wasmgrad.setSeed(1);
    const model = MODELS[name]!(wasmgrad);
    const there = await tf.loadLayersModel(tf.io.fromMemory(await saved(model)));
    expectSame(predicted(tf, there, name), predicted(wasmgrad, model, name));
    model.dispose();
    tf.disposeVariables();
  });

  it("with Keras 3's hardSigmoid is refused there, not read as another function", async () => {
    const model = wasmgrad.sequential();
    model.add(wasmgrad.layers.dense({ units: 1, activation: 'hardSigmoid', inputShape: [1] }));
    const artifacts = await saved(model);
    await expect(tf.loadLayersModel(tf.io.fromMemory(artifacts))).rejects.toThrow('Unknown activation');
    const x = wasmgrad.tensor2d([[1]]);
    expect((await load(artifacts)).predict(x).dataSync()).toEqual(model.predict(x).dataSync());
  });

  it.each(['sgd', 'momentum', 'adam'])('that is compiled by %s goes on in the other', async (optimizer) => {
    wasmgrad.setSeed(1);
    const compile = (lib: Any, model: Any) =>
      model.compile({
        optimizer: optimizer === 'momentum' ? lib.train.momentum(0.01, 0.9) : optimizer,
        loss: 'meanSquaredError',
        metrics: ['mae'],
      });
    const step = (lib: Any, model: Any) =>
      model.trainOnBatch(...inputsFor(lib, model, ''), lib.tensor([1, 0, -1], [3, 1]));
    const elements = (model: Any) => model.getWeights().map((w: Any) => [...w.dataSync()]);
    const make = chain([2], ['dense', { units: 3, activation: 'tanh' }], ['dense', { units: 1 }]);
    const begin = make(wasmgrad).getWeights();
    for (const [from, to] of [
      [wasmgrad, tf],
      [tf, wasmgrad],
    ]) {
      const model = make(from);
      // Where gradients are all but zero, what Adam adds elsewhere tells: TensorFlow.js's own beginnings are never twice the same.
      model.setWeights(begin.map((w: Any) => from.tensor(w.dataSync(), w.shape)));
      compile(from, model);
      for (let i = 0; i < 3; i++) await step(from, model);
      const isHere = from === wasmgrad;
      const artifacts = isHere ? await saved(model, { includeOptimizer: true }) : await savedThere(model, true);
      const again = isHere ? await tf.loadLayersModel(tf.io.fromMemory(artifacts)) : await load(artifacts);
      for (let i = 0; i < 3; i++) await step(from, model);
      for (let i = 0; i < 3; i++) await step(to, again);
      // Its Adam adds epsilon elsewhere.
      expectSame(elements(again), elements(model), 5e-6);
    }
    tf.disposeVariables();
  });

  it.each(Object.keys(MODELS))('that TensorFlow.js saved predicts the same here: %s', async (name) => {
    const there = MODELS[name]!(tf);
    const model = await load(await savedThere(there));
    expectSame(predicted(wasmgrad, model, name), predicted(tf, there, name));
    model.dispose();
    tf.disposeVariables();
  });
});
