import { describe, expect, test } from 'vitest';
import {
  GradientTape,
  initializers,
  type layers as Layers,
  layers,
  memory,
  ones,
  setSeed,
  type Tensor,
  tensor2d,
  tidy,
  zeros,
} from '../../src/index.js';

const values = (x: Tensor) => [...x.dataSync()];

/** Runs a test on a layer in a tidy, and checks that with the layer all it made is gone. */
function check<L extends Layers.Layer>(layer: L, body: (layer: L) => void): void {
  const before = memory().numTensors;
  tidy(() => body(layer));
  layer.dispose();
  expect(memory().numTensors).toBe(before);
}

describe('dense', () => {
  test('is x · kernel + bias, then the activation', () => {
    const options = {
      units: 2,
      kernelInitializer: () =>
        tensor2d([
          [1, -1],
          [2, -2],
          [3, -3],
        ]),
      biasInitializer: initializers.constant({ value: 0.5 }),
    };
    check(layers.dense(options), (layer) => {
      const y = layer.apply(
        tensor2d([
          [1, 1, 1],
          [1, 0, 0],
        ]),
      );
      expect(y.arraySync()).toEqual([
        [6.5, -5.5],
        [1.5, -0.5],
      ]);
    });
    check(layers.dense({ ...options, activation: 'relu' }), (layer) => {
      expect(values(layer.apply(tensor2d([[1, 1, 1]])))).toEqual([6.5, 0]);
    });
    check(layers.dense({ ...options, activation: (x) => x.mul(2), useBias: false }), (layer) => {
      expect(values(layer.apply(tensor2d([[1, 1, 1]])))).toEqual([12, -12]);
      expect(layer.weights).toHaveLength(1);
    });
  });

  test('works on the last axis of inputs of any rank', () => {
    check(layers.dense({ units: 2, kernelInitializer: 'ones' }), (layer) => {
      const y = layer.apply(ones([4, 5, 3]));
      expect(y.shape).toEqual([4, 5, 2]);
      expect(new Set(values(y))).toEqual(new Set([3]));
      expect(layer.computeOutputShape([null, 5, 3])).toEqual([null, 5, 2]);
    });
  });

  test('begins with Glorot’s uniform kernel and no bias', () => {
    check(layers.dense({ units: 100 }), (layer) => {
      setSeed(1);
      layer.build([null, 50]);
      const [kernel, bias] = layer.getWeights().map(values);
      const limit = Math.sqrt(6 / 150);
      expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
      expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(0.99 * limit);
      expect(new Set(bias)).toEqual(new Set([0]));
    });
  });

  test('lets gradients through to inputs and weights', () => {
    check(layers.dense({ units: 1, kernelInitializer: 'ones' }), (layer) => {
      const x = tensor2d([
        [1, 2],
        [3, 4],
      ]);
      layer.build([null, 2]);
      const tape = new GradientTape();
      tape.watch(x);
      const y = layer.apply(x).sum();
      const [dx, ...dWeights] = tape.gradient(y, [x, ...layer.weights]) as Tensor[];
      expect(values(dx)).toEqual([1, 1, 1, 1]);
      expect(dWeights.map(values)).toEqual([[4, 6], [2]]);
    });
  });

  test('refuses units that are no count, and unknown names', () => {
    expect(() => layers.dense({ units: 0 })).toThrow(
      new RangeError('layers.dense: units must be a whole number from 1 up, got 0'),
    );
    expect(() => layers.dense({} as never)).toThrow(
      new TypeError('layers.dense: units must be a whole number, got undefined'),
    );
    expect(() => layers.dense({ units: 1, activation: 'rely' })).toThrow(
      /^layers\.dense: unknown activation 'rely'; known are linear, celu, elu, /,
    );
    expect(() => layers.dense({ units: 1, kernelInitializer: 'glorot' })).toThrow(
      /^layers\.dense: unknown initializer 'glorot'; known are zeros, ones, /,
    );
    expect(() => layers.dense({ units: 1, biasInitializer: 3 as never })).toThrow(
      new TypeError('layers.dense: the initializer must be a name or a function, got number'),
    );
  });

  test('refuses inputs of another size, and of none', () => {
    check(layers.dense({ units: 1, name: 'd' }), (layer) => {
      layer.build([null, 3]);
      expect(() => layer.apply(ones([2, 4]))).toThrow(
        new RangeError('d: needs inputs of size 3 in their last axis, got [2, 4]'),
      );
    });
    check(layers.dense({ units: 1, name: 'd' }), (layer) => {
      expect(() => layer.build([null])).toThrow(
        new RangeError('d: needs inputs of known size in their last axis, got [null]'),
      );
    });
  });

  test('whose initializer gives another shape makes no weights', () => {
    check(layers.dense({ units: 2, name: 'd', biasInitializer: () => zeros([3]) }), (layer) => {
      expect(() => layer.apply(ones([1, 3]))).toThrow(
        new RangeError('d: the initializer of bias must give [2] float32, got [3] float32'),
      );
      expect(layer.weights).toEqual([]);
      expect(layer.built).toBe(false);
    });
  });
});

describe('activation', () => {
  test('applies an activation by name or by function', () => {
    check(layers.activation({ activation: 'relu' }), (layer) => {
      expect(values(layer.apply(tensor2d([[-1, 2]])))).toEqual([0, 2]);
      expect(layer.computeOutputShape([null, 2])).toEqual([null, 2]);
      expect(layer.countParams()).toBe(0);
    });
    check(layers.activation({ activation: (x) => x.neg() }), (layer) => {
      expect(values(layer.apply(tensor2d([[-1, 2]])))).toEqual([1, -2]);
    });
  });

  test('refuses an unknown name', () => {
    expect(() => layers.activation({ activation: 'constructor' })).toThrow(
      /^layers\.activation: unknown activation 'constructor'/,
    );
  });
});

describe('dropout', () => {
  test('leaves inputs as they are outside of training', () => {
    check(layers.dropout({ rate: 0.5 }), (layer) => {
      const x = ones([2, 3]);
      expect(values(layer.apply(x))).toEqual(values(x));
    });
  });

  test('in training sets a share to 0 and scales the others', () => {
    check(layers.dropout({ rate: 0.25 }), (layer) => {
      setSeed(1);
      const y = values(layer.apply(ones([100, 100]), { training: true }));
      const zeros = y.filter((v) => v === 0).length;
      expect(Math.abs(zeros - 2500)).toBeLessThan(4 * Math.sqrt(10000 * 0.25 * 0.75));
      expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
    });
  });

  test('takes another mask at each call, the same ones after the same seed', () => {
    const masks = (seed: number) => {
      const layer = layers.dropout({ rate: 0.5, seed });
      return [1, 2].map(() => tidy(() => values(layer.apply(ones([4, 8]), { training: true }))));
    };
    const [first, second] = masks(1);
    expect(first).not.toEqual(second);
    expect(masks(1)).toEqual([first, second]);
    expect(masks(2)[0]).not.toEqual(first);
  });

  test('refuses rates outside [0, 1)', () => {
    expect(() => layers.dropout({ rate: 1 })).toThrow(new RangeError('layers.dropout: rate must be in [0, 1), got 1'));
    expect(() => layers.dropout({} as never)).toThrow(
      new TypeError('layers.dropout: rate must be a number, got undefined'),
    );
  });
});

describe('flatten', () => {
  test('lays all axes but the batch in one', () => {
    check(layers.flatten(), (layer) => {
      const y = layer.apply(ones([2, 3, 4]));
      expect(y.shape).toEqual([2, 12]);
      expect(layer.computeOutputShape([null, 3, 4])).toEqual([null, 12]);
      expect(layer.computeOutputShape([null, null, 4])).toEqual([null, null]);
    });
  });
});

describe('names', () => {
  test('are given by kind, with a number from the second on', () => {
    const [a, b] = [layers.flatten(), layers.flatten()].map(({ name }) => Number(/^flatten_?(\d*)$/.exec(name)?.[1]));
    expect(b).toBe(a + 1);
    expect(layers.flatten({ name: 'mine' }).name).toBe('mine');
  });

  test('of weights tell the layer, and are unique in the program', () => {
    const make = () => layers.dense({ units: 1, name: 'twin' });
    const [a, b] = [make(), make()];
    for (const layer of [a, b]) layer.build([null, 1]);
    expect(a.weights.map(({ name }) => name)).toEqual(['twin/kernel', 'twin/bias']);
    expect(b.weights.map(({ name }) => name)).toEqual(['twin/kernel_1', 'twin/bias_1']);
    a.dispose();
    b.dispose();
  });
});
