// Layers that in training move images and change their colors, and those that bring them to one size.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  grad,
  layers,
  ones,
  randomUniform,
  range,
  sequential,
  setSeed,
  type Tensor,
  type Tensor4D,
  tensor1d,
  tensor4d,
  tidy,
} from '../../src/index.js';
import { expectNoLeak } from '../models/models.js';
import { check, drawsInTraining, remade, values } from './support.js';

const training = { training: true };

/** Images numbered through. */
const numbered = (...shape: number[]): Tensor4D =>
  range(
    0,
    shape.reduce((a, b) => a * b),
  ).reshape(shape) as Tensor4D;

/** The elements of each image. */
const each = (x: Tensor): number[][] => {
  const all = values(x);
  const n = all.length / x.shape[0]!;
  return Array.from({ length: x.shape[0]! }, (_, i) => all.slice(i * n, (i + 1) * n));
};

describe('randomFlip', () => {
  drawsInTraining(
    (seed) => layers.randomFlip({ seed }),
    () => numbered(6, 3, 4, 2),
  );

  test('mirrors about half of the images, each by a draw of its own', () => {
    const still = [1, 2, 3, 4];
    const cases = [
      ['horizontal', [still, [2, 1, 4, 3]]],
      ['vertical', [still, [3, 4, 1, 2]]],
      ['horizontalAndVertical', [still, [2, 1, 4, 3], [3, 4, 1, 2], [4, 3, 2, 1]]],
    ] as const;
    for (const [mode, ways] of cases) {
      check(layers.randomFlip({ mode, seed: 1 }), (layer) => {
        const x = tensor4d(Array.from({ length: 400 }, () => still).flat(), [400, 2, 2, 1]);
        const counts = new Map<string, number>();
        for (const image of each(layer.apply(x, training))) {
          counts.set(String(image), (counts.get(String(image)) ?? 0) + 1);
        }
        expect([...counts.keys()].sort()).toEqual(ways.map(String).sort());
        for (const n of counts.values()) expect(Math.abs(n - 400 / ways.length)).toBeLessThan(40);
      });
    }
  });

  test('is exact, and lets gradients through the way back', () => {
    check(layers.randomFlip({ mode: 'horizontal', seed: 1 }), (layer) => {
      const x = tensor4d([Infinity, 1e30, -0, 5e-324], [2, 1, 2, 1], 'float64');
      for (const y of [1, 2, 3].map(() => values(layer.apply(x, training)))) {
        expect([...y].sort()).toEqual([...values(x)].sort());
      }
      const slope = grad((z: Tensor) => layer.apply(z, training).mul(numbered(2, 1, 2, 1)))(ones([2, 1, 2, 1]));
      expect([...values(slope)].sort()).toEqual([0, 1, 2, 3]);
    });
  });

  test('refuses another mode', () => {
    expect(() => layers.randomFlip({ mode: 'both' as never })).toThrow(
      new RangeError(
        "layers.randomFlip: mode must be one of 'horizontal', 'vertical', 'horizontalAndVertical', got 'both'",
      ),
    );
  });
});

describe('randomTranslation', () => {
  drawsInTraining(
    (seed) => layers.randomTranslation({ heightFactor: 0.3, widthFactor: [-0.5, 0.1], seed }),
    () => numbered(3, 4, 5, 2),
  );

  test('moves down and to the right by shares of the size', () => {
    const moved = (heightFactor: layers.Factor, widthFactor: layers.Factor, rest = {}) =>
      tidy(() =>
        values(
          layers
            .randomTranslation({ heightFactor, widthFactor, fillMode: 'constant', fillValue: 9, ...rest })
            .apply(numbered(1, 2, 4, 1), training),
        ),
      );
    expect(moved([0, 0], [0.25, 0.25])).toEqual([9, 0, 1, 2, 9, 4, 5, 6]);
    expect(moved([0.5, 0.5], [0, 0])).toEqual([9, 9, 9, 9, 0, 1, 2, 3]);
    expect(moved([0, 0], [-0.125, -0.125])).toEqual([0.5, 1.5, 2.5, 6, 4.5, 5.5, 6.5, 8]);
    expect(moved([0, 0], [-0.25, -0.25], { fillMode: 'wrap' })).toEqual([1, 2, 3, 0, 5, 6, 7, 4]);
    expect(moved([0, 0], [-0.1, -0.1], { interpolation: 'nearest' })).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('moves each image by a draw of its own, in the range', () => {
    check(layers.randomTranslation({ heightFactor: 0, widthFactor: [0.1, 0.3], seed: 1 }), (layer) => {
      const x = range(0, 100).reshape([1, 1, 100, 1]).tile([40, 1, 1, 1]);
      const by = each(layer.apply(x, training)).map((image) => 50 - image[50]!);
      expect(new Set(by).size).toBe(40);
      expect(Math.min(...by)).toBeGreaterThanOrEqual(9.9999);
      expect(Math.max(...by)).toBeLessThan(30.0001);
      expect(Math.max(...by) - Math.min(...by)).toBeGreaterThan(15);
    });
  });

  test('takes channels first', () => {
    check(
      layers.randomTranslation({ heightFactor: 0, widthFactor: [0.5, 0.5], dataFormat: 'channelsFirst' }),
      (layer) => {
        expect(values(layer.apply(numbered(1, 2, 1, 2), training))).toEqual([0, 0, 2, 2]);
      },
    );
  });

  test('refuses what it cannot use', () => {
    const make = (options: object) => () =>
      layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, ...options } as layers.RandomTranslationOptions);
    expect(make({ widthFactor: 2 })).toThrow(
      new RangeError('layers.randomTranslation: widthFactor must be a number or [low, high] in [−1, 1], got 2'),
    );
    expect(make({ heightFactor: [0.5, 0.2] })).toThrow(RangeError);
    expect(make({ heightFactor: '1' })).toThrow(
      new TypeError('layers.randomTranslation: heightFactor must be a number, got string'),
    );
    expect(make({ heightFactor: undefined })).toThrow(TypeError);
    expect(make({ fillMode: 'mirror' })).toThrow(
      new RangeError(
        "layers.randomTranslation: fillMode must be one of 'constant', 'reflect', 'wrap', 'nearest', but got 'mirror'.",
      ),
    );
    expect(make({ interpolation: 'cubic' })).toThrow(RangeError);
    expect(make({ fillValue: Number.NaN })).toThrow(RangeError);
    expect(make({ seed: 0.5 })).toThrow(
      new RangeError('layers.randomTranslation: seed must be a whole number, got 0.5'),
    );
    tidy(() => {
      expect(() => make({ name: 'mine' })().apply(ones([2, 2]), training)).toThrow(
        new RangeError('mine: needs inputs of shape [batch, height, width, channels], got [2, 2]'),
      );
    });
  });
});

describe('randomRotation', () => {
  drawsInTraining(
    (seed) => layers.randomRotation({ factor: 0.2, seed }),
    () => numbered(3, 4, 5, 2),
  );

  test('turns counter-clockwise about the middle by whole turns', () => {
    const turned = (turns: number) =>
      tidy(() =>
        values(
          layers
            .randomRotation({ factor: [turns, turns], interpolation: 'nearest' })
            .apply(numbered(1, 3, 3, 1), training),
        ),
      );
    expect(turned(0.25)).toEqual([2, 5, 8, 1, 4, 7, 0, 3, 6]);
    expect(turned(-0.25)).toEqual([6, 3, 0, 7, 4, 1, 8, 5, 2]);
    expect(turned(0.5)).toEqual([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(turned(1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('randomZoom', () => {
  drawsInTraining(
    (seed) => layers.randomZoom({ heightFactor: 0.4, seed }),
    () => numbered(3, 4, 5, 2),
  );

  test('sees more or less about the middle, of both sides alike unless it is told otherwise', () => {
    const zoomed = (options: Partial<layers.RandomZoomOptions>) =>
      tidy(() => {
        const layer = layers.randomZoom({ heightFactor: [1, 1], fillMode: 'constant', fillValue: 9, ...options });
        return values(layer.apply(numbered(1, 3, 3, 1), training));
      });
    expect(zoomed({})).toEqual([9, 9, 9, 9, 4, 9, 9, 9, 9]);
    expect(zoomed({ widthFactor: [0, 0] })).toEqual([9, 9, 9, 3, 4, 5, 9, 9, 9]);
    expect(zoomed({ heightFactor: [-0.5, -0.5] })).toEqual([2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6]);
  });
});

describe('randomContrast', () => {
  drawsInTraining(
    (seed) => layers.randomContrast({ factor: 0.5, seed }),
    () => numbered(3, 4, 5, 2),
  );

  test('spreads each channel of each image about its mean, and cuts off', () => {
    check(layers.randomContrast({ factor: [0, 1], seed: 1 }), (layer) => {
      const x = tensor4d([100, 20, 110, 40], [1, 1, 2, 2]).tile([30, 1, 1, 1]);
      const factors = each(layer.apply(x, training)).map(([a, b, c, d]) => {
        const factor = (c! - a!) / 10;
        expect([a, b, c, d].map((v) => Math.round(v! * 1e3))).toEqual(
          [105 - 5 * factor, 30 - 10 * factor, 105 + 5 * factor, 30 + 10 * factor].map((v) => Math.round(v * 1e3)),
        );
        return factor;
      });
      expect(new Set(factors).size).toBe(30);
      expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.9999);
      expect(Math.max(...factors)).toBeLessThan(2.0001);
    });
    check(layers.randomContrast({ factor: [0, 1], valueRange: [0, 1], seed: 1 }), (layer) => {
      expect(values(layer.apply(tensor4d([0, 1], [1, 1, 2, 1]), training))).toEqual([0, 1]);
    });
  });

  test('refuses what it cannot use', () => {
    expect(() => layers.randomContrast({ factor: 2 })).toThrow(
      new RangeError('layers.randomContrast: factor must be in [0, 1], got 2'),
    );
    expect(() => layers.randomContrast({} as never)).toThrow(
      new TypeError('layers.randomContrast: factor must be a number, got undefined'),
    );
    expect(() => layers.randomContrast({ factor: 0.1, valueRange: [1, 0] })).toThrow(
      new RangeError('layers.randomContrast: valueRange must be [low, high], got [1,0]'),
    );
  });
});

describe('randomBrightness', () => {
  drawsInTraining(
    (seed) => layers.randomBrightness({ factor: 0.5, seed }),
    () => numbered(3, 4, 5, 2),
  );

  test('adds one share of the range to each image, and cuts off', () => {
    const brighter = (factor: layers.Factor, valueRange?: [number, number]) =>
      tidy(() => {
        const x = tensor4d([0, 51, 102, 255], [2, 1, 2, 1]);
        return values(layers.randomBrightness({ factor, valueRange }).apply(x, training));
      });
    expect(brighter([0.2, 0.2])).toEqual([51, 102, 153, 255]);
    expect(brighter([-0.2, -0.2])).toEqual([0, 0, 51, 204]);
    expect(brighter([0.5, 0.5], [0, 100])).toEqual([50, 100, 100, 100]);
  });
});

describe.each([
  ['randomHeight', 1],
  ['randomWidth', 2],
] as const)('%s', (name, axis) => {
  const make = (options: Partial<layers.RandomSizeOptions>) => layers[name]({ factor: 0.4, ...options });
  /** What is made of images, which are turned where the layer changes their height. */
  const turned = (x: Tensor4D) => (axis === 1 ? x.transpose([0, 2, 1, 3]) : x);

  // Its steps are not recorded.
  beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
  afterEach(() => void vi.restoreAllMocks());

  drawsInTraining(
    (seed) => make({ seed }),
    () => numbered(2, 9, 9, 2),
  );

  test('gives all images of a batch one size, in the range', () => {
    check(make({ factor: [-0.25, 0.5], seed: 1 }), (layer) => {
      const sizes = Array.from({ length: 200 }, () => {
        const { shape } = layer.apply(ones([2, 4, 4, 1]), training);
        expect(shape.filter((_, i) => i !== axis)).toEqual([2, 4, 1]);
        return shape[axis]!;
      });
      expect([...new Set(sizes)].sort()).toEqual([3, 4, 5]);
      for (const n of [3, 4, 5]) expect(Math.abs(sizes.filter((size) => size === n).length - 67)).toBeLessThan(25);
      expect(layer.computeOutputShape([null, 4, 4, 3])).toEqual([
        null,
        axis === 1 ? null : 4,
        axis === 2 ? null : 4,
        3,
      ]);
    });
  });

  test('resizes as layers.resizing does, and lets gradients through the same way', () => {
    for (const [factor, size] of [
      [[-0.5, -0.5], 3],
      [[1.2, 1.2], 13],
      [[-1, -1], 1],
    ] as const) {
      for (const interpolation of ['bilinear', 'nearest'] as const) {
        check(make({ factor, interpolation }), (layer) => {
          const x = turned(randomUniform([2, 5, 6, 3], 0, 1, 'float32', 3));
          const [height, width] = axis === 1 ? [size, 5] : [5, size];
          const same = layers.resizing({ height, width, interpolation });
          const of = (f: (x: Tensor) => Tensor) => [values(f(x)), values(grad((z: Tensor) => f(z).square())(x))];
          expect(of((z) => layer.apply(z, training))).toEqual(of((z) => same.apply(z)));
        });
      }
    }
  });

  test('knows where channels come first', () => {
    check(make({ factor: [1, 1], dataFormat: 'channelsFirst' }), (layer) => {
      expect(layer.apply(ones([2, 3, 4, 4]), training).shape).toEqual([2, 3, axis === 1 ? 8 : 4, axis === 2 ? 8 : 4]);
    });
  });

  test('trains a model that takes images of any size, the same after the same seed', async () => {
    const run = async () => {
      setSeed(3);
      const x = randomUniform([8, 6, 6, 1], 0, 1, 'float32', 1) as Tensor4D;
      const y = x.mean([1, 2]);
      const model = sequential({
        layers: [
          layers[name]({ factor: 0.4, inputShape: [6, 6, 1] }),
          layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu' }),
          layers.globalAveragePooling2d(),
          layers.dense({ units: 1 }),
        ],
      });
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
      const { history } = await model.fit(x, y, { epochs: 5, batchSize: 4, verbose: 0 });
      const result = { loss: history.loss, y: tidy(() => values(model.predict(x))) };
      for (const each of [x, y, model]) each.dispose();
      return result;
    };
    await run();
    await expectNoLeak(async () => {
      const first = await run();
      expect(await run()).toEqual(first);
      expect(first.loss![4]).toBeLessThan(first.loss![0]!);
    });
  });

  test('refuses what it cannot use', () => {
    const refused = (factor: layers.Factor) => {
      expect(() => make({ factor })).toThrow(
        new RangeError(
          `layers.${name}: factor must be a number or [low, high] from −1 up, got ${JSON.stringify(factor)}`,
        ),
      );
    };
    refused(1.5);
    refused([-1.1, 0]);
    refused([0.5, 0.4]);
    expect(() => layers[name]({} as never)).toThrow(
      new TypeError(`layers.${name}: factor must be a number, got undefined`),
    );
    expect(() => make({ interpolation: 'cubic' as never })).toThrow(`layers.${name}: interpolation must be one of`);
  });
});

describe('randomCrop', () => {
  test('cuts a part out of each image at a place of its own, in training', () => {
    check(layers.randomCrop({ height: 2, width: 3, seed: 1 }), (layer) => {
      const x = numbered(1, 4, 5, 1).tile([200, 1, 1, 1]);
      const y = layer.apply(x, training);
      expect(y.shape).toEqual([200, 2, 3, 1]);
      const corners = new Set<number>();
      for (const image of each(y)) {
        const at = image[0]!;
        corners.add(at);
        expect(image).toEqual([at, at + 1, at + 2, at + 5, at + 6, at + 7]);
      }
      expect([...corners].sort((a, b) => a - b)).toEqual([0, 1, 2, 5, 6, 7, 10, 11, 12]);
      expect(layer.computeOutputShape([null, 4, 5, 1])).toEqual([null, 2, 3, 1]);
    });
  });

  test('is the same for the same seed, replayed, and made again', () => {
    const cuts = (layer: layers.Layer) =>
      tidy(() => [1, 2].map(() => values(layer.apply(numbered(4, 5, 5, 1), training))));
    const layer = layers.randomCrop({ height: 2, width: 2, seed: 4 });
    const again = remade(layer);
    const first = cuts(layer);
    expect(cuts(again)).toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
  });

  test('takes the middle otherwise, resized where it is too small', () => {
    check(layers.randomCrop({ height: 2, width: 2 }), (layer) => {
      // The middle 4 × 4 of 4 × 6, halved.
      expect(values(layer.apply(numbered(1, 4, 6, 1)))).toEqual([4.5, 6.5, 16.5, 18.5]);
      expect(values(layer.apply(numbered(1, 1, 3, 1), training))).toEqual([1, 1, 1, 1]);
    });
  });
});

describe('centerCrop', () => {
  test('cuts out the middle, after resizing where the image is too small', () => {
    check(layers.centerCrop({ height: 2, width: 3 }), (layer) => {
      expect(values(layer.apply(numbered(1, 4, 5, 1)))).toEqual([6, 7, 8, 11, 12, 13]);
      expect(values(layer.apply(numbered(1, 3, 4, 1)))).toEqual([0, 1, 2, 4, 5, 6]);
      expect(layer.apply(numbered(2, 1, 9, 1)).shape).toEqual([2, 2, 3, 1]);
      expect(remade(layer).getConfig()).toEqual(layer.getConfig());
    });
    expect(() => layers.centerCrop({ height: 0, width: 1 })).toThrow(
      new RangeError('layers.centerCrop: height must be a whole number from 1 up, got 0'),
    );
  });
});

describe('resizing', () => {
  test('reads at the middles of elements', () => {
    check(layers.resizing({ height: 1, width: 2 }), (layer) => {
      expect(values(layer.apply(tensor4d([1, 3, 5, 7], [1, 1, 4, 1], 'int32')))).toEqual([2, 6]);
      expect(layer.computeOutputShape([null, 5, 5, 3])).toEqual([null, 1, 2, 3]);
    });
    check(layers.resizing({ height: 1, width: 2, interpolation: 'nearest' }), (layer) => {
      expect(values(layer.apply(tensor4d([1, 3, 5, 7], [1, 1, 4, 1])))).toEqual([3, 7]);
      expect(remade(layer).getConfig()).toEqual(layer.getConfig());
    });
  });

  test('cuts off what does not fit the shape, if it is told to', () => {
    check(layers.resizing({ height: 1, width: 1, cropToAspectRatio: true }), (layer) => {
      expect(values(layer.apply(tensor4d([1, 3, 8], [1, 1, 3, 1])))).toEqual([3]);
    });
    check(layers.resizing({ height: 1, width: 1 }), (layer) => {
      expect(values(layer.apply(tensor4d([1, 3, 8], [1, 1, 3, 1])))).toEqual([3]);
    });
    check(layers.resizing({ height: 2, width: 2, cropToAspectRatio: true, dataFormat: 'channelsFirst' }), (layer) => {
      expect(values(layer.apply(numbered(1, 1, 2, 4)))).toEqual([1, 2, 5, 6]);
    });
  });

  test('refuses what it cannot use', () => {
    expect(() => layers.resizing({ height: 1.5, width: 1 })).toThrow(
      new RangeError('layers.resizing: height must be a whole number from 1 up, got 1.5'),
    );
    expect(() => layers.resizing({ height: 1, width: 1, interpolation: 'cubic' as never })).toThrow(
      new RangeError("layers.resizing: interpolation must be one of 'nearest', 'bilinear', but got 'cubic'."),
    );
  });
});

test('in a model all of them train the same after the same seed, and predict without them', async () => {
  const run = async () => {
    setSeed(3);
    const x = randomUniform([24, 6, 6, 1], 0, 255, 'float32', 1);
    const y = tensor1d(
      Array.from({ length: 24 }, (_, i) => i % 3),
      'int32',
    );
    const model = sequential({
      layers: [
        layers.randomFlip({ inputShape: [6, 6, 1] }),
        layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.2 }),
        layers.randomRotation({ factor: 0.1 }),
        layers.randomZoom({ heightFactor: 0.2, seed: 5 }),
        layers.randomContrast({ factor: 0.2 }),
        layers.randomBrightness({ factor: 0.1 }),
        layers.randomCrop({ height: 4, width: 4 }),
        layers.rescaling({ scale: 1 / 255 }),
        layers.gaussianNoise({ stddev: 0.1 }),
        layers.spatialDropout2d({ rate: 0.1 }),
        layers.flatten(),
        layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const { history } = await model.fit(x, y, { epochs: 3, batchSize: 8, verbose: 0 });
    const predicted = tidy(() => [1, 2].map(() => values(model.predict(x) as Tensor)));
    x.dispose();
    y.dispose();
    model.dispose();
    return { history, predicted };
  };
  await run();
  await expectNoLeak(async () => {
    const [first, second] = [await run(), await run()];
    expect(second).toEqual(first);
    expect(first.predicted[1]).toEqual(first.predicted[0]);
    expect(new Set(first.history.loss).size).toBe(3);
  });
});
