import { afterEach, describe, expect, it } from 'vitest';
import {
  constraints,
  disposeVariables,
  model as graph,
  initializers,
  input,
  type LayersModel,
  layers,
  randomNormal,
  regularizers,
  type Sequential,
  sequential,
  setSeed,
  tensor2d,
  tidy,
} from '../../src/index.js';
import { expectNoLeak } from '../models/models.js';
import { load, saved } from './saved.js';

const elements = (model: LayersModel) => model.getWeights().map((w) => [...w.dataSync()]);
const predicted = (model: LayersModel, shape: number[]) =>
  tidy(() => {
    const x = randomNormal(shape, 0, 1, 'float32', 7);
    return [model.predict(x)].flat().map((y) => [...y.dataSync()]);
  });

afterEach(() => disposeVariables());

const images = (): Sequential =>
  sequential({
    name: 'images',
    layers: [
      layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu', inputShape: [8, 8, 2] }),
      layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsLast' }),
      layers.separableConv2d({ filters: 4, kernelSize: [2, 2], depthMultiplier: 2 }),
      layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: initializers.heNormal({ seed: 1 }) }),
      layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
      layers.zeroPadding2d({
        padding: [
          [1, 0],
          [2, 3],
        ],
      }),
      layers.cropping2D({ cropping: 1 }),
      layers.upSampling2d({ size: [1, 2], interpolation: 'bilinear' }),
      layers.globalAveragePooling2d(),
      layers.dropout({ rate: 0.25, seed: 3 }),
      layers.dense({
        units: 5,
        activation: 'hardSigmoid',
        useBias: false,
        kernelInitializer: initializers.orthogonal({ gain: 2 }),
        kernelRegularizer: regularizers.l1l2({ l1: 0.1, l2: 0.2 }),
        kernelConstraint: constraints.maxNorm({ maxValue: 3, axis: 0 }),
        activityRegularizer: 'l2',
        trainable: false,
      }),
      layers.activation({ activation: 'softmax' }),
    ],
  });

/** Two inputs, a layer used twice, a model as a layer, two outputs. */
function branches(): LayersModel {
  const [a, b] = [input({ shape: [4], name: 'left' }), input({ shape: [4], name: 'right' })];
  const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' });
  const inner = sequential({ name: 'inner', layers: [layers.dense({ units: 2, inputShape: [3], name: 'hidden' })] });
  const [x, y] = [shared.apply(a), shared.apply(b)];
  return graph({ inputs: [a, b], outputs: [inner.apply(x), inner.apply(y)], name: 'branches' });
}

describe('a saved model', () => {
  it('has the same weights and outputs when it is loaded, and its loading leaves nothing behind', async () => {
    setSeed(5);
    await expectNoLeak(async () => {
      const model = images();
      const artifacts = await saved(model);
      const again = await load(artifacts);
      expect(again.name).toBe('images');
      expect(elements(again)).toEqual(elements(model));
      expect(predicted(again, [2, 8, 8, 2])).toEqual(predicted(model, [2, 8, 8, 2]));
      expect(again.toJSON(null, false)).toEqual(model.toJSON(null, false));
      model.dispose();
      again.dispose();
    });
  });

  it('may be a graph with several inputs and outputs, and with models as layers', async () => {
    const model = branches();
    const artifacts = await saved(model);
    expect(artifacts.weightSpecs!.map(({ name }) => name)).toEqual([
      ...['shared/kernel', 'shared/bias', 'hidden/kernel', 'hidden/bias'],
    ]);
    const again = await load(artifacts);
    const [a, b] = [tensor2d([[1, 2, 3, 4]]), tensor2d([[5, 6, 7, 8]])];
    const of = (m: LayersModel) => (m.predict([a, b]) as never[]).map((y: { dataSync(): unknown }) => y.dataSync());
    expect(of(again)).toEqual(of(model));
    expect(again.toJSON(null, false)).toEqual(model.toJSON(null, false));
  });
});
