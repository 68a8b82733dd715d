// What all layers share: calls on tensors and on planned ones, several inputs and outputs, masks, configurations.

import { describe, expect, test } from 'vitest';
import {
  input,
  layers,
  memory,
  ones,
  SymbolicTensor,
  scalar,
  sequential,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  variable,
  variableGrads,
} from '../../src/index.js';

const { Layer } = layers;

/** The sum and the difference of two inputs. */
class SumAndDifference extends Layer {
  override getClassName() {
    return 'SumAndDifference';
  }
  override computeOutputShape(shapes: layers.LayerShape[]) {
    return shapes;
  }
  call([a, b]: Tensor[]): Tensor[] {
    return [a.add(b), a.sub(b)];
  }
}

/** x · factor; in training twice that. */
class Scale extends Layer {
  factor!: Tensor;
  override getClassName() {
    return 'Scale';
  }
  override build() {
    this.factor = this.addWeight('factor', [], 'float32', 'ones', 'l2', true, 'nonNeg');
  }
  call(x: Tensor, { training }: layers.CallOptions): Tensor {
    return x.mul(this.factor).mul(training ? 2 : 1);
  }
}

/** Says that only positive steps count. */
class Positive extends Layer {
  override getClassName() {
    return 'Positive';
  }
  call(x: Tensor): Tensor {
    return x.mul(1);
  }
  override computeMask(x: Tensor): Tensor {
    return x.greater(0);
  }
}

/** Shows the mask that it is given. */
class ShowMask extends Layer {
  override supportsMasking = true;
  override getClassName() {
    return 'ShowMask';
  }
  call(x: Tensor, { mask }: layers.CallOptions): Tensor {
    return mask ? (mask as Tensor).cast('float32') : x.mul(0).sub(1);
  }
}

describe('a frozen layer', () => {
  /** The weights that a loss of a layer's output for ones gives gradients to. */
  const withGradients = (layer: layers.Layer, ...shape: number[]): string[] =>
    tidy(() => {
      const free = variable(scalar(2), true, 'free');
      const { grads } = variableGrads(() => layer.apply(ones(shape)).sum().mul(free));
      free.dispose();
      return Object.keys(grads).filter((name) => name !== 'free');
    });

  test('has no gradients, and minimize leaves it alone, until it is thawed', () => {
    const made: [layers.Layer, number[], number][] = [
      [layers.dense({ units: 2 }), [1, 3], 2],
      [layers.batchNormalization(), [2, 3], 2],
      [layers.lstm({ units: 2 }), [1, 2, 3], 3],
      [layers.bidirectional({ layer: layers.gru({ units: 2 }) }), [1, 2, 3], 6],
      [sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] }), [1, 3], 2],
    ];
    for (const [layer, shape, count] of made) {
      expect(withGradients(layer, ...shape)).toHaveLength(count);
      layer.trainable = false;
      expect(withGradients(layer, ...shape)).toEqual([]);
      layer.trainable = true;
      expect(withGradients(layer, ...shape)).toHaveLength(count);
      expect(layer.trainableWeights).toHaveLength(count);
      layer.dispose();
    }
  });

  test('may be frozen from the beginning', () => {
    for (const layer of [
      layers.dense({ units: 2, trainable: false }),
      layers.timeDistributed({ layer: layers.dense({ units: 2 }), trainable: false }),
      layers.simpleRNN({ units: 2, trainable: false }),
    ]) {
      const shape = layer.getClassName() === 'Dense' ? [1, 3] : [1, 2, 3];
      expect(withGradients(layer, ...shape)).toEqual([]);
      layer.trainable = true;
      expect(withGradients(layer, ...shape).length).toBeGreaterThan(1);
      layer.dispose();
    }
  });
});

describe('a layer of one’s own', () => {
  test('is called as its class says', () => {
    class HalfWave extends Layer {
      static className = 'HalfWave';
      call(x: Tensor, options: layers.CallOptions): Tensor {
        this.invokeCallHook(x, options);
        return x.relu();
      }
    }
    class FullWave extends HalfWave {
      static override className = 'FullWave';
    }
    class Nameless extends Layer {
      call(x: Tensor): Tensor {
        return x;
      }
    }
    const layer = new HalfWave();
    expect([layer.name, layer.getClassName(), new FullWave().getClassName()]).toEqual([
      'half_wave',
      'HalfWave',
      'FullWave',
    ]);
    tidy(() => expect(layer.apply(tensor1d([-1, 1])).arraySync()).toEqual([0, 1]));
    expect(() => new Nameless()).toThrow(new TypeError('layers.Layer: the class Nameless needs a static className'));
  });

  test('makes its weights once, and knows about training', () => {
    const before = memory().numTensors;
    const layer = new Scale({ name: 'mine' });
    tidy(() => {
      const x = tensor1d([1, 2]);
      expect([...layer.apply(x).dataSync()]).toEqual([1, 2]);
      expect([...layer.apply(x, { training: true }).dataSync()]).toEqual([2, 4]);
    });
    expect(layer.weights.map(({ name }) => name)).toEqual(['mine/factor']);
    expect(layer.calculateLosses().map((t) => t.dataSync()[0])).toEqual([Math.fround(0.01)]);
    expect(memory().numTensors).toBe(before + 2);
    layer.dispose();
    expect(layer.built).toBe(false);
  });

  test('is named for its class', () => {
    expect(new SumAndDifference().name).toMatch(/^sum_and_difference(_\d+)?$/);
    expect(layers.conv2dTranspose({ filters: 1, kernelSize: 1 }).name).toMatch(/^conv2d_transpose(_\d+)?$/);
    expect(layers.globalMaxPooling1d().name).toMatch(/^global_max_pooling1d(_\d+)?$/);
  });

  test('takes several inputs and gives several outputs', () => {
    tidy(() => {
      const [sum, difference] = new SumAndDifference().apply<Tensor[]>([tensor1d([3]), tensor1d([1])]);
      expect([sum, difference].map((t) => t.dataSync()[0])).toEqual([4, 2]);
    });
  });

  test('begins with given weights', () => {
    tidy(() => {
      const layer = new Scale({ weights: [tensor1d([3]).reshape([])] });
      expect(layer.apply(tensor1d([2])).dataSync()[0]).toBe(6);
      layer.dispose();
      const wrong = new Scale({ name: 's', weights: [tensor1d([3])] });
      expect(() => wrong.apply(tensor1d([2]))).toThrow(
        new RangeError('s.setWeights: s/factor needs [] float32, got [1] float32'),
      );
      expect(wrong.weights).toEqual([]);
    });
  });

  test('has weights of its dtype', () => {
    const layer = layers.dense({ units: 1, dtype: 'float64' });
    tidy(() => expect(layer.apply(ones([1, 2], 'float64')).dtype).toBe('float64'));
    expect(layer.weights.map(({ dtype }) => dtype)).toEqual(['float64', 'float64']);
    layer.dispose();
  });
});

describe('planned tensors', () => {
  test('go through layers as shapes', () => {
    const x = input({ shape: [28, 28, 1], name: 'image' });
    expect([x.name, x.rank, x.dtype, x.sourceLayer.getClassName()]).toEqual(['image', 4, 'float32', 'InputLayer']);
    const conv = layers.conv2d({ filters: 4, kernelSize: 3 });
    const y = layers.flatten().apply(conv.apply(x));
    expect(y).toBeInstanceOf(SymbolicTensor);
    expect(y.shape).toEqual([null, 26 * 26 * 4]);
    expect(conv.countParams()).toBe(40);
    expect(conv.input).toBe(x);
    expect((conv.output as SymbolicTensor).shape).toEqual([null, 26, 26, 4]);
    expect(conv.outputShape).toEqual([null, 26, 26, 4]);
    conv.apply(x);
    expect(() => conv.output).toThrow(
      /^conv2d\S*\.output: needs a layer that is used once in a model, this is used 2 times$/,
    );
    conv.dispose();
  });

  test('begin with layers.input, too', () => {
    expect(layers.input({ shape: [8] }).shape).toEqual([null, 8]);
  });

  test('may be several, with open sizes', () => {
    const [a, b] = [input({ shape: [null, 3] }), input({ batchShape: [2, null, 3], dtype: 'int32' })];
    const layer = new SumAndDifference();
    const outputs = layer.apply<SymbolicTensor[]>([a, b]);
    expect(layer.outputShape).toEqual([
      [null, null, 3],
      [2, null, 3],
    ]);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [null, null, 3],
      [2, null, 3],
    ]);
    expect(b.dtype).toBe('int32');
  });

  test('are refused beside tensors, and without a shape', () => {
    const layer = new SumAndDifference({ name: 'both' });
    const x = tensor1d([1]);
    expect(() => layer.apply([input({ shape: [1] }), x] as never)).toThrow(
      new TypeError('both: needs tensors or what input() and layers give, not both'),
    );
    expect(() => input({})).toThrow(new TypeError('input: needs the shape of a sample'));
    x.dispose();
  });
});

describe('masks', () => {
  test('go from layer to layer, through those that support them', () => {
    tidy(() => {
      const x = tensor2d([[1, -1, 2]]);
      const [positive, show] = [new Positive(), new ShowMask()];
      expect([...show.apply(x).dataSync()]).toEqual([-1, -1, -1]);
      const y = positive.apply(x);
      expect([...show.apply(y).dataSync()]).toEqual([1, 0, 1]);
      // What show gives has the mask, too; what scale gives has none.
      expect([...show.apply(show.apply(y)).dataSync()]).toEqual([1, 0, 1]);
      const scale = new Scale();
      expect([...show.apply(scale.apply(y)).dataSync()]).toEqual([-1, -1, -1]);
      scale.dispose();
    });
  });

  test('go through dense layers and activations, and leave steps out of the mean of a pool', () => {
    tidy(() => {
      const words = layers.embedding({ inputDim: 4, outputDim: 1, maskZero: true, embeddingsInitializer: 'ones' });
      const dense = layers.dense({ units: 1, kernelInitializer: 'ones', biasInitializer: 'ones' });
      const x = tensor2d(
        [
          [1, 2, 0],
          [0, 0, 0],
        ],
        [2, 3],
        'int32',
      );
      words.ensureBuilt([null, 3]);
      words.setWeights([tensor2d([[9], [1], [3], [5]])]);
      const y = layers.activation({ activation: 'relu' }).apply(dense.apply(words.apply(x)));
      expect([...new ShowMask().apply(y).dataSync()]).toEqual([1, 1, 0, 0, 0, 0]);
      expect([...layers.globalAveragePooling1d().apply(y).dataSync()]).toEqual([3, 0]);
      for (const layer of [words, dense]) layer.dispose();
    });
  });

  test('leave steps out of losses and metrics, but not of those of whole samples', async () => {
    const mean = (_: Tensor, p: Tensor) => p.mean();
    const perSample = (_: Tensor, p: Tensor) => p.mean([1, 2]);
    const perStep = (_: Tensor, p: Tensor) => p.mean(-1);
    for (const loss of [mean, perSample, perStep]) {
      const net = sequential({
        layers: [
          layers.embedding({
            inputDim: 2,
            outputDim: 1,
            maskZero: true,
            embeddingsInitializer: 'ones',
            inputShape: [2],
          }),
          layers.dense({ units: 1, kernelInitializer: 'ones' }),
        ],
      });
      tidy(() => net.setWeights([tensor2d([[3], [1]]), ...net.getWeights().slice(1)]));
      net.compile({ optimizer: 'sgd', loss, metrics: [mean, perSample, perStep] });
      const [x, y] = [tensor2d([[1, 0]], [1, 2], 'int32'), ones([1, 2, 1])];
      const figures = net.evaluate(x, y) as Tensor[];
      expect(figures.map((t) => t.dataSync()[0])).toEqual([loss === perStep ? 1 : 2, 2, 2, 1]);
      for (const t of [x, y, ...figures]) t.dispose();
      net.dispose();
    }
  });
});

describe('the shape that a layer is given', () => {
  test.each<[unknown, Error]>([
    [5, new TypeError('d: inputShape must be an array, got number')],
    ['3', new TypeError('d: inputShape must be an array, got string')],
    [{}, new TypeError('d: inputShape must be an array, got object')],
    [[1.5, null], new RangeError('d: inputShape must be of whole numbers and null, got [1.5, null]')],
    [[-1], new RangeError('d: inputShape must be of whole numbers and null, got [-1]')],
    [[Number.NaN], new RangeError('d: inputShape must be of whole numbers and null, got [NaN]')],
    [[[3]], new RangeError('d: inputShape must be of whole numbers and null, got [[3]]')],
    [['3'], new RangeError('d: inputShape must be of whole numbers and null, got ["3"]')],
  ])('has sizes, or is refused: %j', (shape, error) => {
    expect(() => layers.dense({ units: 1, name: 'd', inputShape: shape as never })).toThrow(error);
    expect(() => input({ name: 'd', shape: shape as never })).toThrow(error);
    const batch = error.message.replace('inputShape', 'batchInputShape');
    expect(() => layers.dense({ units: 1, name: 'd', batchInputShape: shape as never })).toThrow(batch);
  });
});

describe('getConfig', () => {
  test('gives what the layer can be made again with', () => {
    const layer = layers.dense({ units: 3, activation: 'relu', inputShape: [2], name: 'd', kernelRegularizer: 'l2' });
    expect(layer.getConfig()).toEqual({
      units: 3,
      activation: 'relu',
      kernelRegularizer: 'l2',
      batchInputShape: [null, 2],
      name: 'd',
      trainable: true,
    });
    const again = layers.dense(layer.getConfig() as never);
    expect(again.getConfig()).toEqual(layer.getConfig());
    expect(layers.depthwiseConv2d({ kernelSize: 3, name: 'w' }).getConfig()).toEqual({
      kernelSize: 3,
      name: 'w',
      trainable: true,
    });
  });

  test('refuses a function of one’s own', () => {
    const layer = layers.activation({
      activation: function mine(x: Tensor) {
        return x;
      },
      name: 'a',
    });
    expect(() => layer.getConfig()).toThrow(
      new TypeError('getConfig: a has a function mine of your own, which no file can hold; give it by name'),
    );
  });
});
