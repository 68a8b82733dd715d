// Layers of pools and of depthwise convolutions.

import { expect, test } from 'vitest';
import {
  depthwiseConv2d,
  GradientTape,
  type layers as Layers,
  layers,
  memory,
  ones,
  range,
  type Tensor,
  tidy,
  transpose,
} from '../../src/index.js';

const values = (x: Tensor) => [...x.dataSync()];

/** 0, 1, 2 ... */
const count = (...shape: number[]): Tensor =>
  range(
    0,
    shape.reduce((a, b) => a * b, 1),
  ).reshape(shape);

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
function check<L extends Layers.Layer>(layer: L, body: (layer: L) => void): void {
  const before = memory().numTensors;
  tidy(() => body(layer));
  layer.dispose();
  expect(memory().numTensors).toBe(before);
}

test('pools of images take the greatest or the mean of windows of 2 × 2 if not told otherwise', () => {
  check(layers.maxPooling2d(), (layer) => {
    expect(values(layer.apply(count(1, 4, 4, 1)))).toEqual([5, 7, 13, 15]);
    expect(layer.computeOutputShape([null, 5, 4, 3])).toEqual([null, 2, 2, 3]);
    expect(layer.getClassName()).toBe('MaxPooling2D');
  });
  check(layers.averagePooling2d(), (layer) => {
    expect(values(layer.apply(count(1, 4, 4, 1)))).toEqual([2.5, 4.5, 10.5, 12.5]);
    expect(layer.getClassName()).toBe('AveragePooling2D');
  });
});

test('pools of images have windows, strides and padding of their own', () => {
  const options = { poolSize: [2, 3], strides: [1, 2], padding: 'same' } as const;
  for (const layer of [layers.maxPooling2d(options), layers.averagePooling2d(options)]) {
    check(layer, () => {
      const y = layer.apply(count(2, 3, 5, 2));
      expect(y.shape).toEqual([2, 3, 3, 2]);
      expect(layer.computeOutputShape([null, 3, null, 2])).toEqual([null, 3, null, 2]);
    });
  }
  check(layers.averagePooling2d(options), (layer) => {
    expect(new Set(values(layer.apply(ones([2, 3, 5, 2]))))).toEqual(new Set([1]));
  });
});

test('pools of sequences take windows of 2 steps if not told otherwise', () => {
  check(layers.maxPooling1d(), (layer) => {
    expect(layer.apply(count(1, 5, 2)).arraySync()).toEqual([
      [
        [2, 3],
        [6, 7],
      ],
    ]);
    expect(layer.computeOutputShape([null, null, 2])).toEqual([null, null, 2]);
    expect(layer.getClassName()).toBe('MaxPooling1D');
  });
  check(layers.averagePooling1d({ poolSize: [3], strides: 1, padding: 'same' }), (layer) => {
    expect(values(layer.apply(count(1, 4, 1)))).toEqual([0.5, 1, 2, 2.5]);
    expect(layer.computeOutputShape([null, 4, 1])).toEqual([null, 4, 1]);
    expect(layer.getClassName()).toBe('AveragePooling1D');
  });
});

test('global pools leave one number for each channel', () => {
  const [sequence, image] = [count(2, 3, 2), count(2, 2, 2, 2)];
  const cases: [Layers.Layer, Tensor, number[]][] = [
    [layers.globalMaxPooling1d(), sequence, [4, 5, 10, 11]],
    [layers.globalMaxPool1d({}), sequence, [4, 5, 10, 11]],
    [layers.globalAveragePooling1d(), sequence, [2, 3, 8, 9]],
    [layers.globalMaxPooling2d(), image, [6, 7, 14, 15]],
    [layers.globalAveragePooling2d(), image, [3, 4, 11, 12]],
  ];
  for (const [layer, x, expected] of cases) {
    check(layer, () => {
      expect(layer.apply(x).arraySync()).toEqual([expected.slice(0, 2), expected.slice(2)]);
      expect(layer.computeOutputShape([null, ...x.shape.slice(1)])).toEqual([null, 2]);
    });
  }
  sequence.dispose();
  image.dispose();
});

test('channels may come first', () => {
  const first = { dataFormat: 'channelsFirst' } as const;
  const make: [(o: { dataFormat?: 'channelsFirst' }) => Layers.Layer, boolean][] = [
    [layers.maxPooling2d, true],
    [layers.averagePooling2d, true],
    [layers.globalMaxPooling2d, false],
    [layers.globalAveragePooling2d, false],
    [(o) => layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, depthwiseInitializer: 'ones', ...o }), true],
  ];
  for (const [layerOf, spatial] of make) {
    check(layerOf({}), (last) => {
      last.build([null, 4, 5, 3]);
      check(layerOf(first), (layer) => {
        const x = count(2, 4, 5, 3);
        const y = layer.apply(transpose(x, [0, 3, 1, 2]));
        expect(y.shape).toEqual(layer.computeOutputShape([2, 3, 4, 5]));
        expect(values(spatial ? transpose(y, [0, 2, 3, 1]) : y)).toEqual(values(last.apply(x)));
      });
    });
  }
});

test('a depthwise layer is the convolution by its kernel, the bias, then the activation', () => {
  const options = { kernelSize: 2, depthMultiplier: 2, biasInitializer: 'ones', activation: 'relu' };
  check(layers.depthwiseConv2d(options), (layer) => {
    const x = count(1, 3, 3, 2).sub(8);
    const y = layer.apply(x);
    const [kernel, bias] = layer.getWeights();
    expect(kernel.shape).toEqual([2, 2, 2, 2]);
    expect(values(bias)).toEqual([1, 1, 1, 1]);
    expect(values(y)).toEqual(values(depthwiseConv2d(x, kernel, 1, 'valid').add(bias).relu()));
    expect(layer.computeOutputShape([null, 3, null, 2])).toEqual([null, 2, null, 4]);
    expect(layer.countParams()).toBe(20);
    expect(layer.weights.map((w) => w.name.split('/')[1].replace(/_\d+$/, ''))).toEqual(['depthwise_kernel', 'bias']);
  });
  check(layers.depthwiseConv2d({ kernelSize: [1, 2], useBias: false, padding: 'same', dilationRate: 2 }), (layer) => {
    expect(layer.apply(ones([1, 4, 5, 3])).shape).toEqual([1, 4, 5, 3]);
    expect(layer.countParams()).toBe(6);
  });
});

test('a depthwise layer lets gradients through to inputs and weights', () => {
  check(layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: 'ones' }), (layer) => {
    const x = count(1, 2, 2, 1);
    layer.build([null, 2, 2, 1]);
    const tape = new GradientTape();
    tape.watch(x);
    const y = layer.apply(x).sum();
    const [dx, ...dWeights] = tape.gradient(y, [x, ...layer.weights]) as Tensor[];
    expect(values(dx)).toEqual([1, 1, 1, 1]);
    expect(dWeights.map(values)).toEqual([[0, 1, 2, 3], [1]]);
  });
});

test('what makes no layer is refused', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => layers.maxPooling2d({ poolSize: 0 }), /^layers\.maxPooling2d: poolSize must be /],
    [() => layers.averagePooling1d({ strides: [1, 2] }), /^layers\.averagePooling1d: strides must be /],
    [
      () => layers.maxPooling1d({ padding: 'causal' as never }),
      /^layers\.maxPooling1d: padding must be 'valid' or 'same', got 'causal'$/,
    ],
    [
      () => layers.globalMaxPooling2d({ dataFormat: 'NCHW' as never }),
      /^layers\.globalMaxPooling2d: dataFormat must be 'channelsLast' or 'channelsFirst', got 'NCHW'$/,
    ],
    [() => layers.depthwiseConv2d({} as never), /^layers\.depthwiseConv2d: kernelSize must be /],
    [
      () => layers.depthwiseConv2d({ kernelSize: 2, strides: 2, dilationRate: 2 }),
      /^layers\.depthwiseConv2d: either strides or dilationRate must be 1, got 2 and 2$/,
    ],
    [() => layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 0 }), /depthMultiplier must be a whole number/],
  ];
  for (const [f, error] of cases) expect(f).toThrow(error);
});

test('inputs that do not fit are refused', () => {
  check(layers.maxPooling2d({ name: 'p' }), (layer) => {
    expect(() => layer.apply(ones([2, 3]))).toThrow(
      new RangeError('p: needs inputs of shape [batch, height, width, channels], got [2, 3]'),
    );
  });
  check(layers.globalMaxPooling1d({ name: 'p' }), (layer) => {
    expect(() => layer.apply(ones([2, 3]))).toThrow(new RangeError('p: needs inputs of rank 3, got [2, 3]'));
  });
  check(layers.depthwiseConv2d({ kernelSize: 2, name: 'p' }), (layer) => {
    expect(() => layer.build([null, 3, 3, null])).toThrow(
      new RangeError('p: needs inputs of known channels, got [null, 3, 3, null]'),
    );
    layer.build([null, 3, 3, 2]);
    expect(() => layer.apply(ones([1, 3, 3, 1]))).toThrow(
      new RangeError('p: needs inputs of 2 channels, got [1, 3, 3, 1]'),
    );
  });
});

test('names are TensorFlow.js’s', () => {
  for (const [layer, name] of [
    [layers.maxPooling2d(), 'max_pooling2d'],
    [layers.globalAveragePooling1d(), 'global_average_pooling1d'],
    [layers.depthwiseConv2d({ kernelSize: 1 }), 'depthwise_conv2d'],
  ] as const) {
    expect(layer.name.replace(/_\d+$/, '')).toBe(name);
  }
});
