import { afterEach, describe, expect, it } from 'vitest';
import {
  type CompileOptions,
  constraints,
  disposeVariables,
  model as graph,
  initializers,
  input,
  type LayersModel,
  layers,
  metrics,
  modelFromJSON,
  optimizers,
  randomNormal,
  regularizers,
  type Sequential,
  type SymbolicTensor,
  schedules,
  sequential,
  serialization,
  setSeed,
  type Tensor,
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

  it('is what it was also of wide weights, and frozen where it was', async () => {
    const model = sequential({
      layers: [layers.dense({ units: 2, inputShape: [3], dtype: 'float64', trainable: false })],
    });
    const artifacts = await saved(model);
    expect(artifacts.weightSpecs!.map(({ dtype }) => dtype)).toEqual(['float64', 'float64']);
    const again = await load(artifacts);
    expect(elements(again)).toEqual(elements(model));
    expect(again.trainableWeights).toEqual([]);
  });

  it.each<[string, object, number[]]>([
    ['layerNormalization', {}, [4]],
    ['groupNormalization', { groups: 2 }, [4, 4]],
    ['rmsNormalization', {}, [4]],
    ['unitNormalization', {}, [4]],
    ['normalization', { axis: null, mean: 1, variance: 2 }, [4]],
    ['leakyReLU', { alpha: 0.2 }, [4]],
    ['prelu', {}, [4]],
    ['reshape', { targetShape: [2, 2] }, [4]],
    ['permute', { dims: [2, 1] }, [4, 3]],
    ['repeatVector', { n: 3 }, [4]],
    ['rescaling', { scale: 0.5, offset: 1 }, [4]],
    ['lstm', { units: 3, returnSequences: true, recurrentActivation: 'legacyHardSigmoid' }, [5, 2]],
    ['gru', { units: 3, resetAfter: true, kernelInitializer: 'heUniform' }, [5, 2]],
    ['simpleRNN', { units: 3, unroll: true }, [5, 2]],
    ['spatialDropout1d', { rate: 0.5, seed: 1 }, [5, 2]],
    ['gaussianNoise', { stddev: 0.1 }, [4]],
    ['embedding', { inputDim: 5, outputDim: 2, maskZero: true }, [4]],
  ])('may have a layer %s', async (name, options, inputShape) => {
    const make = layers[name as 'dense'] as unknown as (options: object) => layers.Layer;
    const model = sequential({ layers: [make({ ...options, inputShape })] });
    const again = await load(await saved(model));
    expect(again.toJSON(null, false)).toEqual(model.toJSON(null, false));
    expect(elements(again)).toEqual(elements(model));
    const x = tidy(() => randomNormal([2, ...inputShape], 0, 1, 'float32', 3).abs());
    expect((again.predict(x) as typeof x).dataSync()).toEqual((model.predict(x) as typeof x).dataSync());
  });

  it('may have layers in layers, and begin recurrent ones with states', async () => {
    const x = input({ shape: [5, 2] });
    const [y, h, c] = layers.lstm({ units: 3, returnState: true }).apply<SymbolicTensor[]>(x) as SymbolicTensor[];
    const z = layers.bidirectional({ layer: layers.gru({ units: 2, returnSequences: true }) }).apply(x);
    const each = layers.timeDistributed({ layer: layers.dense({ units: 2 }) }).apply(z);
    const after = layers.lstm({ units: 3 }).apply(each, { initialState: [h, c] });
    const model = graph({ inputs: x, outputs: [y!, after] });
    const again = await load(await saved(model));
    expect(again.toJSON(null, false)).toEqual(model.toJSON(null, false));
    expect(predicted(again, [2, 5, 2])).toEqual(predicted(model, [2, 5, 2]));
  });

  it('may have layers of a class of its own, which is registered or given', async () => {
    class Scaled extends layers.Layer {
      static readonly className = 'Scaled';
      private factor!: Tensor;
      override build() {
        this.factor = this.addWeight('factor', [], 'float32', initializers.constant({ value: 3 }));
      }
      call(x: Tensor) {
        return x.mul(this.factor);
      }
      override getClassName() {
        return 'Scaled';
      }
    }
    const artifacts = await saved(sequential({ layers: [new Scaled({ inputShape: [1] })] }));
    await expect(load(artifacts)).rejects.toThrow('unknown layer "Scaled"; register its class');
    const x = tensor2d([[2]]);
    const given = await load(artifacts, { customObjects: { Scaled } });
    expect((given.predict(x) as Tensor).dataSync()).toEqual(Float32Array.of(6));
    serialization.registerClass(Scaled);
    expect(((await load(artifacts)).predict(x) as Tensor).dataSync()).toEqual(Float32Array.of(6));
    const wrong = { customObjects: { Scaled: class {} as never } };
    await expect(load(artifacts, wrong)).rejects.toThrow("the class 'Scaled' gives no layer");
  });

  it('may have layers of a class of its own that makes several of a kind, which are numbered anew', async () => {
    class Block extends layers.Layer {
      static readonly className = 'Block';
      private readonly parts = [
        layers.dense({ units: 3 }),
        layers.dropout({ rate: 0.5, seed: 1 }),
        layers.dropout({ rate: 0.5, seed: 2 }),
        layers.dense({ units: 3 }),
      ];
      override get layers() {
        return this.parts;
      }
      override build([, n]: layers.LayerShape) {
        for (const [i, part] of this.parts.entries()) part.ensureBuilt([null, i === 0 ? n! : 3]);
      }
      override computeOutputShape(): layers.LayerShape {
        return [null, 3];
      }
      call(x: Tensor, options: layers.CallOptions) {
        return this.parts.reduce<Tensor>((y, part) => part.call(y, options) as Tensor, x);
      }
      override getClassName() {
        return 'Block';
      }
    }
    const model = sequential({ layers: [new Block({ inputShape: [2] }), new Block()] });
    const optimizer = optimizers.adamW({ learningRate: 0.1 });
    optimizer.excludeFromWeightDecay({ varNames: ['bias'] });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    const train = async (net: LayersModel) => {
      const [x, y] = [tensor2d([[1, 2]]), tensor2d([[1, 2, 3]])];
      const { history } = await net.fit(x, y, { epochs: 3, verbose: 0 });
      return [history.loss, elements(net)];
    };
    await train(model);
    const again = await load(await saved(model, { includeOptimizer: true }), { customObjects: { Block } });
    expect(elements(again)).toEqual(elements(model));
    expect(await train(again)).toEqual(await train(model));
  });

  it('takes along what was set as its metadata', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    expect(model.getUserDefinedMetadata()).toBeUndefined();
    model.setUserDefinedMetadata({ classes: ['a', 'b'] });
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const again = await load(await saved(model, { includeOptimizer: true }));
    expect(again.getUserDefinedMetadata()).toEqual({ classes: ['a', 'b'] });
    expect(() => model.setUserDefinedMetadata([] as never)).toThrow('needs an object that JSON can hold, got object');
    expect(() => model.setUserDefinedMetadata({ n: 1n })).toThrow('needs an object that JSON can hold');
    expect(() => model.setUserDefinedMetadata({ wasmgrad: 1 })).toThrow("the key 'wasmgrad' is that of the training");
  });

  it("says how it was compiled in TensorFlow.js's words where it has them", async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    const configOf = async (options: CompileOptions) => {
      model.compile(options);
      return (await saved(model, { includeOptimizer: true })).trainingConfig;
    };
    expect(await configOf({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mae', 'accuracy'] })).toEqual({
      loss: 'mean_squared_error',
      metrics: ['mae', 'accuracy'],
      optimizer_config: {
        class_name: 'Adam',
        config: { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      },
    });
    const learningRate = schedules.noam({ modelSize: 8 });
    for (const options of [
      { optimizer: optimizers.adam({ learningRate }), loss: 'meanSquaredError' },
      { optimizer: optimizers.adam({ amsgrad: true }), loss: 'meanSquaredError' },
      { optimizer: optimizers.adam({ clipNorm: 1 }), loss: 'meanSquaredError' },
      { optimizer: 'lion', loss: 'meanSquaredError' },
      { optimizer: 'adam', loss: 'huber' },
      { optimizer: 'adam', loss: { name: 'binaryCrossentropy', fromLogits: true } },
      { optimizer: 'adam', loss: 'meanSquaredError', weightedMetrics: ['mae'] },
    ]) {
      expect(await configOf(options)).toBeUndefined();
      const again = await load(await saved(model, { includeOptimizer: true }));
      expect(again.optimizer.getConfig()).toEqual(model.optimizer.getConfig());
      expect(again.metricsNames).toEqual(model.metricsNames);
      const plain = await load(await saved(model, { includeOptimizer: true }), { includeOptimizer: false });
      expect(() => plain.optimizer).toThrow('must be compiled first');
    }
  });

  it('says in a sentence what no file can hold', async () => {
    const unbuilt = sequential({ layers: [layers.dense({ units: 1 })], name: 'open' });
    await expect(saved(unbuilt)).rejects.toThrow('save: open is not built; give the first layer an inputShape');
    await expect(unbuilt.saveWeights('x.npz')).rejects.toThrow('saveWeights: open is not built');
    const own = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], name: 'd', activation: (x) => x })] });
    await expect(saved(own)).rejects.toThrow('d has a function activation of your own, which no file can hold');
    const shared = layers.dense({ units: 1, name: 'shared', inputShape: [1] });
    const parts = ['a', 'b'].map((name) => sequential({ name, layers: [shared, layers.flatten()] }));
    const refusal = 'save: shared is shared by a and b, which no file can hold';
    await expect(saved(sequential({ layers: parts }))).rejects.toThrow(new TypeError(refusal));
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
    model.compile({ optimizer: 'sgd', loss: (y, p) => p.sub(y).square() });
    await expect(saved(model, { includeOptimizer: true })).rejects.toThrow('of your own, which no file can hold');
    expect((await saved(model)).weightSpecs).toHaveLength(2);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: [new metrics.Precision()] });
    await expect(saved(model, { includeOptimizer: true })).rejects.toThrow("the metric 'precision' was made by hand");
    const x = input({ shape: [2], name: 'start' });
    const y = layers.dense({ units: 2, name: 'middle' }).apply(x);
    const tail = graph({ inputs: y, outputs: layers.dense({ units: 1 }).apply(y), name: 'tail' });
    await expect(saved(tail)).rejects.toThrow("save: tail begins in the middle of another model, at 'middle'");
  });

  it('that Keras 3 wrote is read, with its own hard_sigmoid', async () => {
    const dtype = { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null };
    const tensor = (name: string) => ({
      class_name: '__keras_tensor__',
      config: { shape: [null, 2], dtype: 'float32', keras_history: [name, 0, 0] },
    });
    const layer = (class_name: string, config: object, ...args: unknown[]) => ({
      ...{ module: 'keras.layers', class_name, config, registered_name: null, name: (config as { name: string }).name },
      inbound_nodes: args.length > 0 ? [{ args, kwargs: { training: null } }] : [],
    });
    const dense = {
      ...{ name: 'dense', trainable: true, dtype, units: 2, activation: 'hard_sigmoid', use_bias: true },
      kernel_initializer: { module: 'keras.initializers', class_name: 'Ones', config: {}, registered_name: null },
      bias_initializer: { module: 'keras.initializers', class_name: 'Zeros', config: {}, registered_name: null },
      ...{ kernel_regularizer: null, bias_regularizer: null, kernel_constraint: null, bias_constraint: null },
    };
    const config = {
      ...{ name: 'functional', trainable: true },
      layers: [
        layer('InputLayer', { batch_shape: [null, 2], dtype: 'float32', sparse: false, name: 'x' }),
        layer('Dense', dense, tensor('x')),
        layer('Add', { name: 'add', trainable: true, dtype }, [tensor('x'), tensor('dense')]),
      ],
      ...{ input_layers: ['x', 0, 0], output_layers: [['add', 0, 0]] },
    };
    const json = { model_config: { class_name: 'Functional', config }, keras_version: '3.9.0', backend: 'tensorflow' };
    const model = await modelFromJSON(json);
    // relu6(1 + 3) / 6, not 0.2 · 1 + 0.5.
    const [a, b] = (model.predict(tensor2d([[1, 0]])) as Tensor).dataSync();
    expect(a).toBeCloseTo(1 + 4 / 6, 6);
    expect(b).toBeCloseTo(4 / 6, 6);
  });

  it('leaves weights that are not trained behind if asked to', async () => {
    const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] }), layers.batchNormalization()] });
    const names = async (config: object) =>
      (await saved(model, config)).weightSpecs!.map(({ name }) => name.split('/')[1]);
    expect(await names({})).toEqual(['kernel', 'bias', 'gamma', 'beta', 'moving_mean', 'moving_variance']);
    expect(await names({ trainableOnly: true })).toEqual(['kernel', 'bias', 'gamma', 'beta']);
  });

  it('has every initializer, regularizer and constraint that there is', async () => {
    const options = {
      seed: 3,
      value: 0.5,
      gain: 2,
      stddev: 0.1,
      mean: 1,
      minval: -2,
      maxval: 2,
      maxValue: 1,
      l1: 0.1,
      l2: 0.3,
      factor: 0.2,
    };
    const dense = (more: object) => sequential({ layers: [layers.dense({ units: 4, inputShape: [4], ...more })] });
    const again = async (model: LayersModel) => (await modelFromJSON(model.toJSON())) as Sequential;
    for (const make of Object.values(initializers)) {
      const model = dense({ kernelInitializer: (make as (o: object) => initializers.Initializer)(options) });
      expect(elements(await again(model))).toEqual(elements(model));
    }
    for (const make of Object.values(regularizers)) {
      const model = dense({ kernelInitializer: initializers.heNormal({ seed: 1 }), kernelRegularizer: make(options) });
      const penalty = (m: LayersModel) => m.calculateLosses().map((loss) => loss.dataSync()[0]);
      expect(penalty(await again(model))).toEqual(penalty(model));
      expect(penalty(model)).toHaveLength(1);
    }
    for (const make of Object.values(constraints)) {
      const model = dense({ kernelInitializer: initializers.heNormal({ seed: 1 }), kernelConstraint: make(options) });
      const other = await again(model);
      for (const m of [model, other]) m.applyConstraints();
      expect(elements(other)).toEqual(elements(model));
    }
  });
});
