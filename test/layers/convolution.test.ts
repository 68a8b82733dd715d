// Layers on sequences and images: what they compute, their shapes and parameters, and what they refuse.

import { describe, expect, test, vi } from 'vitest';
import {
  conv1d,
  conv2d,
  conv2dTranspose,
  image,
  type initializers,
  type layers as Layers,
  layers,
  losses,
  memory,
  ones,
  range,
  reshape,
  type Sequential,
  separableConv2d,
  sequential,
  setSeed,
  sin,
  type Tensor,
  tensor1d,
  tensor4d,
  tidy,
  train,
  transpose,
} from '../../src/index.js';
import { Recording } from '../../src/jit.js';
import { alive } from '../support/heap.js';

const values = (x: Tensor) => Array.from(x.dataSync());

/** Numbers that are not alike, as a tensor. */
const numbers = (...shape: number[]) =>
  reshape(
    sin(
      range(
        0,
        shape.reduce((p, n) => p * n, 1),
      ),
    ),
    shape,
  );

/** Weights that are not alike. */
const weights: initializers.Initializer = (shape) => numbers(...shape);

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
function check<L extends Layers.Layer>(make: () => L, body: (layer: L) => void): void {
  const before = memory().numTensors;
  const layer = make();
  tidy(() => body(layer));
  layer.dispose();
  expect(memory().numTensors).toBe(before);
}

/** Checks that a layer gives a shape to what it is given, and says so beforehand. */
function expectShape(layer: Layers.Layer, input: number[], output: number[]): void {
  tidy(() => expect(layer.apply(ones(input)).shape).toEqual(output));
  expect(layer.computeOutputShape(input)).toEqual(output);
  layer.dispose();
}

/** Checks that channels first gives the same elements in the other order. */
function expectChannelsFirst(
  make: (dataFormat?: 'channelsFirst') => Layers.Layer,
  input: number[],
  [toFirst, toLast] = [
    [0, 3, 1, 2],
    [0, 2, 3, 1],
  ],
): void {
  const [last, first] = [make(), make('channelsFirst')];
  tidy(() => {
    const x = numbers(...input);
    const y = first.apply(transpose(x, toFirst));
    expect(first.computeOutputShape(toFirst.map((i) => input[i]))).toEqual(y.shape);
    expect(values(transpose(y, toLast))).toEqual(values(last.apply(x)));
  });
  last.dispose();
  first.dispose();
}

describe('conv2d', () => {
  const options = { filters: 4, kernelSize: [2, 3], kernelInitializer: weights, biasInitializer: weights };

  test('is the convolution plus bias, then the activation', () => {
    check(
      () => layers.conv2d({ ...options, strides: [2, 1], padding: 'same', activation: 'relu' }),
      (layer) => {
        const x = numbers(2, 5, 4, 3);
        const y = layer.apply(x);
        const [kernel, bias] = layer.getWeights();
        expect(kernel.shape).toEqual([2, 3, 3, 4]);
        expect(bias.shape).toEqual([4]);
        expect(values(y)).toEqual(values(conv2d(x, kernel, [2, 1], 'same').add(bias).relu()));
      },
    );
  });

  test('divides channels into groups', () => {
    check(
      () => layers.conv2d({ ...options, groups: 2, useBias: false, dilationRate: 2 }),
      (layer) => {
        const x = numbers(1, 6, 6, 4);
        const y = layer.apply(x);
        expect(layer.weights.map((w) => w.shape)).toEqual([[2, 3, 2, 4]]);
        expect(values(y)).toEqual(values(conv2d(x, layer.weights[0], 1, 'valid', 'NHWC', 2, undefined, 2)));
      },
    );
  });

  test('knows its output’s shape', () => {
    const make = (more: object) => layers.conv2d({ filters: 5, kernelSize: 3, ...more });
    expectShape(make({}), [2, 7, 8, 3], [2, 5, 6, 5]);
    expectShape(make({ strides: 2 }), [2, 7, 8, 3], [2, 3, 3, 5]);
    expectShape(make({ strides: [1, 3], padding: 'same' }), [2, 7, 8, 3], [2, 7, 3, 5]);
    expectShape(make({ dilationRate: [1, 2] }), [1, 7, 8, 3], [1, 5, 4, 5]);
    expectShape(make({ dataFormat: 'channelsFirst' }), [2, 3, 7, 8], [2, 5, 5, 6]);
    expect(make({}).computeOutputShape([null, null, 8, 3])).toEqual([null, null, 6, 5]);
  });

  test('takes channels first', () => {
    expectChannelsFirst((dataFormat) => layers.conv2d({ ...options, dataFormat }), [2, 4, 5, 3]);
  });

  test('begins with Glorot’s normal kernel and no bias', () => {
    check(
      () => layers.conv2d({ filters: 40, kernelSize: 5 }),
      (layer) => {
        setSeed(1);
        layer.build([null, 9, 9, 10]);
        const [kernel, bias] = layer.getWeights().map(values);
        const variance = kernel.reduce((sum, v) => sum + v * v, 0) / kernel.length;
        expect(variance / (2 / (25 * (10 + 40)))).toBeCloseTo(1, 1);
        expect(new Set(bias)).toEqual(new Set([0]));
      },
    );
  });
});

describe('conv1d', () => {
  test('is the convolution of sequences', () => {
    check(
      () => layers.conv1d({ filters: 3, kernelSize: [2], strides: 2, kernelInitializer: weights, activation: 'tanh' }),
      (layer) => {
        const x = numbers(2, 7, 3);
        const y = layer.apply(x);
        expect(layer.weights.map((w) => w.shape)).toEqual([[2, 3, 3], [3]]);
        expect(values(y)).toEqual(values(conv1d(x, layer.weights[0], 2, 'valid').tanh()));
      },
    );
  });

  test('that is causal sees no later step', () => {
    check(
      () => layers.conv1d({ filters: 1, kernelSize: 3, padding: 'causal', dilationRate: 2, kernelInitializer: 'ones' }),
      (layer) => {
        expect(values(layer.apply(tensor1d([1, 2, 4, 8, 16, 32]).reshape([1, 6, 1])))).toEqual([1, 2, 5, 10, 21, 42]);
        expect(layer.computeOutputShape([null, 6, 1])).toEqual([null, 6, 1]);
      },
    );
  });

  test('takes groups and channels first', () => {
    const make = (dataFormat?: 'channelsFirst') =>
      layers.conv1d({ filters: 4, kernelSize: 2, groups: 2, kernelInitializer: weights, dataFormat });
    const swap = [0, 2, 1];
    expectChannelsFirst(make, [2, 5, 4], [swap, swap]);
    expectShape(make(), [2, 5, 4], [2, 4, 4]);
  });
});

describe('conv2dTranspose', () => {
  test('is the transposed convolution, of the sizes that the convolution came from', () => {
    for (const padding of ['valid', 'same'] as const) {
      for (const strides of [1, 2, 3]) {
        check(
          () =>
            layers.conv2dTranspose({ filters: 2, kernelSize: [2, 3], strides, padding, kernelInitializer: weights }),
          (layer) => {
            const x = numbers(2, 3, 4, 3);
            const y = layer.apply(x);
            const extra = (k: number) => (padding === 'valid' ? Math.max(k - strides, 0) : 0);
            const shape = [2, 3 * strides + extra(2), 4 * strides + extra(3), 2];
            expect(layer.computeOutputShape([null, 3, 4, 3])).toEqual([null, ...shape.slice(1)]);
            expect(layer.weights.map((w) => w.shape)).toEqual([[2, 3, 2, 3], [2]]);
            expect(y.shape).toEqual(shape);
            expect(values(y)).toEqual(values(conv2dTranspose(x, layer.weights[0], shape, strides, padding)));
          },
        );
      }
    }
  });

  test('takes channels first', () => {
    expectChannelsFirst(
      (dataFormat) => layers.conv2dTranspose({ filters: 2, kernelSize: 3, kernelInitializer: weights, dataFormat }),
      [1, 3, 4, 2],
    );
  });
});

describe('separableConv2d', () => {
  const options = { filters: 4, kernelSize: 2, depthwiseInitializer: weights, pointwiseInitializer: weights };

  test('convolves each channel, then mixes them', () => {
    check(
      () => layers.separableConv2d({ ...options, depthMultiplier: 2, dilationRate: [1, 2], activation: 'relu' }),
      (layer) => {
        const x = numbers(2, 4, 5, 3);
        const y = layer.apply(x);
        const [depthwise, pointwise] = layer.weights;
        expect(layer.weights.map((w) => w.shape)).toEqual([[2, 2, 3, 2], [1, 1, 6, 4], [4]]);
        expect(values(y)).toEqual(values(separableConv2d(x, depthwise, pointwise, 1, 'valid', [1, 2]).relu()));
      },
    );
  });

  test('takes channels first', () => {
    expectChannelsFirst((dataFormat) => layers.separableConv2d({ ...options, dataFormat }), [1, 3, 4, 2]);
  });
});

describe('zeroPadding2d and cropping2D', () => {
  const margins = [
    1,
    [0, 2],
    [
      [1, 2],
      [0, 3],
    ],
  ] as const;

  test('add margins and take them away', () => {
    const shapes = [
      [1, 4, 5, 2],
      [1, 2, 7, 2],
      [1, 5, 6, 2],
    ];
    margins.forEach((margin, i) => {
      const [padding, cropping] = [layers.zeroPadding2d({ padding: margin }), layers.cropping2D({ cropping: margin })];
      expect(padding.computeOutputShape([null, 2, 3, 2])).toEqual([null, ...shapes[i].slice(1)]);
      expect(cropping.computeOutputShape(shapes[i])).toEqual([1, 2, 3, 2]);
      tidy(() => {
        const x = numbers(1, 2, 3, 2).add(2);
        const y = padding.apply(x);
        expect(y.shape).toEqual(shapes[i]);
        expect(values(y).filter((v) => v !== 0)).toEqual(values(x));
        expect(values(cropping.apply(y))).toEqual(values(x));
      });
    });
  });

  test('are 1 and 0 wide if not told', () => {
    expectShape(layers.zeroPadding2d(), [1, 2, 3, 1], [1, 4, 5, 1]);
    expectShape(layers.cropping2D(), [1, 2, 3, 1], [1, 2, 3, 1]);
    expect(layers.zeroPadding2d().computeOutputShape([null, null, 3, null])).toEqual([null, null, 5, null]);
  });

  test('take channels first', () => {
    const [a, b] = [
      [0, 2],
      [1, 1],
    ] as const;
    expectChannelsFirst((dataFormat) => layers.zeroPadding2d({ padding: [a, b], dataFormat }), [1, 3, 4, 2]);
    expectChannelsFirst((dataFormat) => layers.cropping2D({ cropping: [a, b], dataFormat }), [1, 3, 4, 2]);
  });
});

describe('upSampling2d', () => {
  test('repeats or mixes elements', () => {
    tidy(() => {
      const x = numbers(2, 3, 4, 2);
      const nearest = image.resizeNearestNeighbor(x, [6, 12]);
      expect(values(layers.upSampling2d({ size: [2, 3] }).apply(x))).toEqual(values(nearest));
      const bilinear = image.resizeBilinear(x, [6, 8]);
      expect(values(layers.upSampling2d({ interpolation: 'bilinear' }).apply(x))).toEqual(values(bilinear));
    });
  });

  test('knows its output’s shape, and takes channels first', () => {
    expectShape(layers.upSampling2d(), [1, 2, 3, 1], [1, 4, 6, 1]);
    expect(layers.upSampling2d({ size: [1, 3] }).computeOutputShape([null, 2, null, 1])).toEqual([null, 2, null, 1]);
    expectChannelsFirst((dataFormat) => layers.upSampling2d({ size: [1, 2], dataFormat }), [1, 2, 3, 2]);
  });
});

describe('refusals', () => {
  const conv = (options: object) => () => layers.conv2d({ filters: 2, kernelSize: 3, ...options } as never);
  test.each<[string, () => unknown, ErrorConstructor, string]>([
    ['no filters', conv({ filters: 0 }), RangeError, 'layers.conv2d: filters must be a whole number from 1 up, got 0'],
    [
      'no kernelSize',
      conv({ kernelSize: undefined }),
      TypeError,
      'layers.conv2d: kernelSize must be a whole number from 1 up, or 2 of them, got undefined',
    ],
    ['three sizes', conv({ kernelSize: [1, 2, 3] }), RangeError, 'or 2 of them, got [1,2,3]'],
    ['strides and dilations', conv({ strides: 2, dilationRate: 2 }), RangeError, 'either strides or dilationRate'],
    [
      'a causal image',
      conv({ padding: 'causal' }),
      RangeError,
      "layers.conv2d: padding must be one of valid, same, got 'causal'",
    ],
    ['groups of another size', conv({ groups: 3 }), RangeError, 'groups must divide the 2 filters, got 3'],
    [
      'an unknown dataFormat',
      conv({ dataFormat: 'NHWC' }),
      RangeError,
      "'channelsLast' or 'channelsFirst', got 'NHWC'",
    ],
    ['an unknown activation', conv({ activation: 'rely' }), RangeError, "layers.conv2d: unknown activation 'rely'"],
    [
      'two strides of a sequence',
      () => layers.conv1d({ filters: 1, kernelSize: 1, strides: [1, 1] }),
      RangeError,
      '1 of',
    ],
    [
      'no multiplier',
      () => layers.separableConv2d({ filters: 1, kernelSize: 1, depthMultiplier: 0 }),
      RangeError,
      'layers.separableConv2d: depthMultiplier must be a whole number from 1 up, got 0',
    ],
    [
      'three margins',
      () => layers.zeroPadding2d({ padding: [1, 2, 3] as never }),
      RangeError,
      'layers.zeroPadding2d: padding must be a number, [height, width] or [[top, bottom], [left, right]], got [1,2,3]',
    ],
    ['a negative margin', () => layers.cropping2D({ cropping: -1 }), RangeError, 'layers.cropping2D: cropping must be'],
    ['no size', () => layers.upSampling2d({ size: 0 }), RangeError, 'layers.upSampling2d: size must be'],
    [
      'an unknown interpolation',
      () => layers.upSampling2d({ interpolation: 'cubic' as never }),
      RangeError,
      "interpolation must be 'nearest' or 'bilinear', got 'cubic'",
    ],
  ])('%s', (_, make, type, message) => {
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  test.each<[string, () => Layers.Layer, number[], string]>([
    ['another rank', conv({ name: 'c' }), [2, 3, 1], 'c: needs inputs of shape [batch, height, width, channels], got '],
    [
      'another rank, channels first',
      () => layers.conv1d({ filters: 1, kernelSize: 1, dataFormat: 'channelsFirst', name: 'c' }),
      [2, 3],
      'c: needs inputs of shape [batch, channels, width], got ',
    ],
    ['an image smaller than its windows', conv({ name: 'c' }), [1, 2, 3, 1], 'the window must fit the padded input'],
    [
      'channels that do not divide',
      conv({ name: 'c', groups: 2 }),
      [1, 3, 3, 3],
      'channels that 2 groups divide, got 3',
    ],
    ['an image smaller than its margins', () => layers.cropping2D({ cropping: 1 }), [1, 2, 3, 1], 'images larger than'],
  ])('%s', (_, make, shape, message) => {
    check(make, (layer) => {
      expect(() => layer.apply(ones(shape))).toThrow(RangeError);
      expect(() => layer.apply(ones(shape))).toThrow(message);
    });
  });

  test('inputs of other channels than it was built for, and of unknown ones', () => {
    check(conv({ name: 'c' }), (layer) => {
      expect(() => layer.build([null, 3, 3, null])).toThrow(
        'c: needs inputs of known channels, got [null, 3, 3, null]',
      );
      layer.build([null, 3, 3, 2]);
      expect(() => layer.apply(ones([1, 3, 3, 1]))).toThrow('c: needs inputs of 2 channels, got [1, 3, 3, 1]');
    });
  });
});

/** A small network of every kind of layer here, and images with a line across or down. */
function network(): Sequential {
  setSeed(3);
  return sequential({
    name: 'network',
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        inputShape: [6, 6, 1],
        name: 'a',
      }),
      layers.separableConv2d({ filters: 6, kernelSize: 3, activation: 'relu', name: 'b' }),
      layers.zeroPadding2d({ name: 'c' }),
      layers.conv2d({ filters: 4, kernelSize: 2, strides: 2, groups: 2, name: 'd' }),
      layers.upSampling2d({ name: 'e' }),
      layers.cropping2D({ cropping: 1, name: 'f' }),
      layers.conv2dTranspose({ filters: 3, kernelSize: 2, activation: 'relu', name: 'g' }),
      layers.flatten({ name: 'h' }),
      layers.dense({ units: 2, name: 'i' }),
    ],
  });
}

function lines(n: number): { x: Tensor; y: Tensor } {
  const pixels = Array.from({ length: n }, (_, k) =>
    Array.from({ length: 36 }, (_, i) => Number((k % 2 ? i % 6 : Math.floor(i / 6)) === (k >> 1) % 6)),
  );
  return {
    x: tensor4d(pixels.flat(), [n, 6, 6, 1]),
    y: tensor1d(
      Array.from({ length: n }, (_, k) => k % 2),
      'int32',
    ),
  };
}

describe('regularizers and constraints', () => {
  const some = { regularizer: 'l2', constraint: 'nonNeg' } as const;
  const on = (weight: string) => ({
    [`${weight}Regularizer`]: some.regularizer,
    [`${weight}Constraint`]: some.constraint,
  });
  const sizes = { filters: 2, kernelSize: 2 };
  test.each([
    ['conv1d', layers.conv1d({ ...sizes, ...on('kernel'), ...on('bias') }), [1, 4, 3], 2],
    ['conv2d', layers.conv2d({ ...sizes, ...on('kernel'), ...on('bias') }), [1, 4, 4, 3], 2],
    ['conv2dTranspose', layers.conv2dTranspose({ ...sizes, ...on('kernel'), ...on('bias') }), [1, 4, 4, 3], 2],
    ['depthwiseConv2d', layers.depthwiseConv2d({ kernelSize: 2, ...on('depthwise'), ...on('bias') }), [1, 4, 4, 3], 2],
    ['separableConv2d', layers.separableConv2d({ ...sizes, ...on('depthwise'), ...on('pointwise') }), [1, 4, 4, 3], 2],
  ] as const)('of %s', (_, layer, shape, count) => {
    tidy(() => {
      layer.apply(ones([...shape]));
      const losses = layer.calculateLosses();
      expect(losses).toHaveLength(count);
      const [kernel] = layer.getWeights();
      expect(values(losses[0]!)[0]).toBeCloseTo(0.01 * values(kernel!).reduce((sum, w) => sum + w * w, 0), 6);
      expect(Math.min(...values(kernel!))).toBeLessThan(0);
      layer.applyConstraints();
      expect(Math.min(...values(kernel!))).toBe(0);
    });
    layer.dispose();
  });
});

test('names are Keras’s', () => {
  const made = [
    layers.conv2dTranspose({ filters: 1, kernelSize: 1 }),
    layers.separableConv2d({ filters: 1, kernelSize: 1 }),
    layers.zeroPadding2d(),
    layers.cropping2D(),
    layers.upSampling2d(),
  ];
  const kinds = ['conv2d_transpose', 'separable_conv2d', 'zero_padding2d', 'cropping2d', 'up_sampling2d'];
  expect(made.map(({ name }) => name.replace(/_\d+$/, ''))).toEqual(kinds);
});

test('a summary shows shapes and parameters', () => {
  const model = network();
  const printed: string[] = [];
  model.summary((line) => printed.push(line.replaceAll(/ {2,}/g, ' | ')));
  expect(printed.slice(4, 13)).toEqual([
    'a (Conv2D) | [null, 6, 6, 4] | 40 | 1,296 | 576 B',
    'b (SeparableConv2D) | [null, 4, 4, 6] | 66 | 960 | 384 B',
    'c (ZeroPadding2D) | [null, 6, 6, 6] | 0 | 0 | 864 B',
    'd (Conv2D) | [null, 3, 3, 4] | 52 | 432 | 144 B',
    'e (UpSampling2D) | [null, 6, 6, 4] | 0 | 0 | 576 B',
    'f (Cropping2D) | [null, 4, 4, 4] | 0 | 0 | 256 B',
    'g (Conv2DTranspose) | [null, 5, 5, 3] | 51 | 768 | 300 B',
    'h (Flatten) | [null, 75] | 0 | 0 | 300 B',
    'i (Dense) | [null, 2] | 152 | 150 | 8 B',
  ]);
  model.dispose();
});

test('fit learns, replays steps with the bits of eager ones, and leaves nothing', async () => {
  const trained = async (read: boolean) => {
    const before = alive();
    const { x, y } = lines(24);
    const model = network();
    const loss = (labels: Tensor, logits: Tensor) => {
      if (read) logits.dataSync();
      return losses.softmaxCrossEntropy(labels.toInt().reshape([-1]).oneHot(2), logits) as Tensor;
    };
    const optimizer = train.adam(0.01);
    model.compile({ optimizer, loss });
    const run = vi.spyOn(Recording.prototype, 'replay');
    const { history } = await model.fit(x, y, { epochs: 40, batchSize: 8, verbose: 0, shuffle: false });
    const replays = run.mock.calls.length;
    run.mockRestore();
    const bits = model.getWeights().map(values);
    model.dispose();
    optimizer.dispose();
    x.dispose();
    y.dispose();
    expect(alive()).toEqual(before);
    return { replays, bits, history };
  };
  const [replayed, eager] = [await trained(false), await trained(true)];
  expect(replayed.replays).toBe(40 * 3 - 2);
  expect(eager.replays).toBe(0);
  expect(replayed.bits).toEqual(eager.bits);
  expect(replayed.history).toEqual(eager.history);
  expect(replayed.history.loss.at(-1)).toBeLessThan(0.1 * (replayed.history.loss[0] as number));
});
