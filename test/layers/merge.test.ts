// Layers of several inputs, and those that lay samples out anew: values, planned shapes, masks, refusals.

import { describe, expect, test } from 'vitest';
import {
  grads,
  input,
  layers,
  model,
  ones,
  range,
  type SymbolicTensor,
  type Tensor,
  tensor2d,
  tensor3d,
  tidy,
  train,
} from '../../src/index.js';
import { maskOf } from '../../src/layers/masks.js';
import { alive, leavesNothing } from '../support/heap.js';

const values = (x: Tensor) => [...x.dataSync()];

/** 0, 1, 2 ... */
const count = (...shape: number[]): Tensor =>
  range(
    0,
    shape.reduce((a, b) => a * b, 1),
  ).reshape(shape);

const MERGES = {
  add: { make: layers.add, of: (a: number, b: number) => a + b },
  multiply: { make: layers.multiply, of: (a: number, b: number) => a * b },
  maximum: { make: layers.maximum, of: Math.max },
  minimum: { make: layers.minimum, of: Math.min },
};

describe.each(Object.entries(MERGES))('%s', (_, { make, of }) => {
  test('merges inputs one after the other', () => {
    tidy(() => {
      const [a, b, c] = [tensor2d([[1, -2]]), tensor2d([[3, 4]]), tensor2d([[-5, 6]])];
      expect(values(make().apply([a, b, c]))).toEqual([of(of(1, 3), -5), of(of(-2, 4), 6)]);
      expect(values(make([a, b]))).toEqual([of(1, 3), of(-2, 4)]);
    });
  });
});

test('subtract takes two, average all', () => {
  tidy(() => {
    const [a, b, c] = [tensor2d([[1, -2]]), tensor2d([[3, 4]]), tensor2d([[-4, 7]])];
    expect(values(layers.subtract().apply([a, b]))).toEqual([-2, -6]);
    expect(values(layers.average().apply([a, b, c]))).toEqual([0, 3]);
    expect(() => layers.subtract({ name: 's' }).apply([a, b, c])).toThrow(new RangeError('s: needs 2 inputs, got 3'));
  });
});

test('inputs broadcast behind the batch, with axes filled up in front of the others', () => {
  tidy(() => {
    const sum = layers.add().apply([count(2, 3), count(2, 2, 3)]);
    expect(sum.arraySync()).toEqual([
      [
        [0, 2, 4],
        [3, 5, 7],
      ],
      [
        [9, 11, 13],
        [12, 14, 16],
      ],
    ]);
    const shapeOf = (...shapes: (number | null)[][]) =>
      layers.add(shapes.map((batchShape) => input({ batchShape }))).shape;
    expect(shapeOf([null, 3], [null, 2, 3])).toEqual([null, 2, 3]);
    expect(shapeOf([4, null, 3], [null, 1, 3])).toEqual([4, null, 3]);
    expect(shapeOf([null, null, 3], [null, 5, 1])).toEqual([null, null, 3]);
  });
});

test('merges let gradients through to every input', () => {
  tidy(() => {
    const [da, db] = grads((a, b) => layers.multiply().apply([a, b]))([tensor2d([[1, 2]]), tensor2d([[3, 4]])]);
    expect([values(da!), values(db!)]).toEqual([
      [3, 4],
      [1, 2],
    ]);
  });
});

describe('concatenate', () => {
  test('lays inputs one after the other', () => {
    tidy(() => {
      expect(
        layers
          .concatenate()
          .apply([count(2, 1), count(2, 2)])
          .arraySync(),
      ).toEqual([
        [0, 0, 1],
        [1, 2, 3],
      ]);
      expect(
        layers
          .concatenate({ axis: 1 })
          .apply([count(1, 1, 2), count(1, 2, 2)])
          .arraySync(),
      ).toEqual([
        [
          [0, 1],
          [0, 1],
          [2, 3],
        ],
      ]);
      expect(values(layers.concatenate([count(1, 1), count(1, 2)]))).toEqual([0, 0, 1]);
      const planned = layers.concatenate({ axis: 1 }).apply([input({ shape: [null, 2] }), input({ shape: [3, 2] })]);
      expect(planned.shape).toEqual([null, null, 2]);
    });
  });

  test('refuses other sizes that differ', () => {
    tidy(() => {
      expect(() => layers.concatenate({ name: 'c' }).apply([ones([2, 3]), ones([3, 3])])).toThrow(
        new RangeError('c: needs inputs of equal sizes but for axis 1, got [2, 3], [3, 3]'),
      );
      expect(() => layers.concatenate({ axis: 2, name: 'c' }).apply([ones([2, 3]), ones([2, 3])])).toThrow(
        /^c: .*axis 2$/,
      );
    });
  });
});

describe('dot', () => {
  test('adds up products along axes of either input', () => {
    tidy(() => {
      const [a, b] = [count(2, 3), count(2, 3)];
      expect(layers.dot({ axes: 1 }).apply([a, b]).arraySync()).toEqual([[5], [50]]);
      expect(
        layers
          .dot({ axes: -1, normalize: true })
          .apply([a, b.mul(3)])
          .dataSync()[1],
      ).toBeCloseTo(1, 6);
      const [x, y] = [count(2, 3, 5), count(2, 10, 3)];
      const product = layers.dot({ axes: [1, 2] }).apply([x, y]);
      expect(product.shape).toEqual([2, 5, 10]);
      const expected = x.transpose([0, 2, 1]).matMul(y, false, true);
      expect(values(product)).toEqual(values(expected));
      // The example of Keras's documentation.
      const [u, v] = [count(1, 5, 2), count(1, 2, 5).add(10)];
      expect(
        layers
          .dot({ axes: [1, 2] })
          .apply([u, v])
          .arraySync(),
      ).toEqual([
        [
          [260, 360],
          [320, 445],
        ],
      ]);
      const planned = [input({ shape: [null, 5] }), input({ shape: [5] })];
      expect(layers.dot({ axes: [2, 1] }).apply(planned).shape).toEqual([null, null]);
      expect(layers.dot({ axes: 1 }).apply([input({ shape: [5] }), input({ shape: [5] })]).shape).toEqual([null, 1]);
      expect(layers.dot({ axes: [1, 2] }).countMultiplyAdds([x.shape, y.shape], product.shape)).toBe(5 * 10 * 3);
    });
  });

  test('refuses what does not fit', () => {
    expect(() => layers.dot({ axes: 0 })).toThrow(
      new RangeError('layers.dot: axes must not be that of the batch, got 0'),
    );
    expect(() => layers.dot({} as never)).toThrow(
      new TypeError('layers.dot: axes must be a whole number or two, got undefined'),
    );
    tidy(() => {
      const layer = layers.dot({ axes: 1, name: 'd' });
      expect(() => layer.apply([ones([2, 3]), ones([2, 4])])).toThrow(
        new RangeError('d: needs inputs of one size along axes 1,1, behind the batch, got [2, 3] and [2, 4]'),
      );
      expect(() => layer.apply([ones([2, 3])])).toThrow(new RangeError('d: needs 2 inputs, got 1'));
      expect(() => layers.dot({ axes: -2, name: 'd' }).apply([ones([2, 3]), ones([2, 3])])).toThrow(/behind the batch/);
    });
  });
});

describe('merges refuse', () => {
  test.each(['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum', 'concatenate'] as const)(
    'in %s a single input, and shapes that do not go together',
    (name) => {
      tidy(() => {
        const layer = layers[name]({ name: 'm' }) as layers.Layer;
        expect(() => layer.apply(ones([2, 3]))).toThrow(new TypeError('m: needs an array of inputs, got one'));
        expect(() => layer.apply(input({ shape: [3] }))).toThrow(
          /^m: needs an array of inputs, got one of shape \[null, 3\]$/,
        );
        if (name === 'concatenate') return;
        expect(() => layer.apply([ones([2, 3]), ones([2, 4])])).toThrow(
          new RangeError('m: inputs of shapes [3] and [4] behind the batch do not go together'),
        );
        expect(() => layer.apply([ones([2, 3]), ones([3, 3])])).toThrow(
          new RangeError('m: needs inputs of one batch size, got [2, 3] and [3, 3]'),
        );
      });
    },
  );
});

/** Says that steps count whose first element is positive. */
class Positive extends layers.Layer {
  override getClassName() {
    return 'Positive';
  }
  call(x: Tensor): Tensor {
    return x.mul(1);
  }
  override computeMask(x: Tensor): Tensor {
    return x.slice([0, 0, 0], [-1, -1, 1]).greater(0).squeeze([2]);
  }
}

test('masks are merged as in Keras', () => {
  tidy(() => {
    const positive = new Positive();
    const a = positive.apply(tensor3d([[[1], [-1], [1], [-1]]]));
    const b = positive.apply(tensor3d([[[1], [1], [-1], [-1]]]));
    const plain = ones([1, 4, 1]);
    const maskAfter = (layer: layers.Layer, ...xs: Tensor[]) => {
      const mask = maskOf(layer.apply(xs));
      return mask && values(mask);
    };
    for (const name of ['add', 'subtract', 'multiply', 'average', 'maximum', 'minimum'] as const) {
      expect(maskAfter(layers[name](), a, b)).toEqual([1, 1, 1, 0]);
      expect(maskAfter(layers[name](), a, plain)).toBeUndefined();
    }
    expect(maskAfter(layers.concatenate(), a, b)).toEqual([1, 1, 1, 0]);
    expect(maskAfter(layers.concatenate(), a, plain)).toEqual([1, 1, 1, 1]);
    expect(maskAfter(layers.concatenate({ axis: 1 }), a, plain)).toEqual([1, 0, 1, 0, 1, 1, 1, 1]);
    expect(maskAfter(layers.concatenate(), plain, plain)).toBeUndefined();
    expect(maskAfter(layers.dot({ axes: 1 }), a, b)).toBeUndefined();
    // A mask lives as long as its tensor.
    for (const x of [a, b]) maskOf(x)!.dispose();
  });
});

describe('reshape', () => {
  test('gives samples another shape, with what is left in one place', () => {
    tidy(() => {
      expect(values(layers.reshape({ targetShape: [3, 2] }).apply(count(2, 6)))).toEqual(values(count(12)));
      expect(layers.reshape({ targetShape: [2, null, 1] }).apply(count(2, 3, 4)).shape).toEqual([2, 2, 6, 1]);
      const layer = layers.reshape({ targetShape: [-1, 2] });
      expect(layer.computeOutputShape([null, 3, 4])).toEqual([null, 6, 2]);
      expect(layer.computeOutputShape([null, null, 4])).toEqual([null, null, 2]);
      expect(layers.reshape({ targetShape: [] }).apply(count(2, 1)).shape).toEqual([2]);
    });
  });

  test('refuses what does not fit', () => {
    expect(() => layers.reshape({} as never)).toThrow(
      new TypeError('layers.reshape: targetShape must be an array, got undefined'),
    );
    expect(() => layers.reshape({ targetShape: [-1, null] })).toThrow(
      new RangeError('layers.reshape: targetShape must be sizes, at most one of them open, got [-1, null]'),
    );
    tidy(() => {
      for (const targetShape of [[4], [-1, 4]]) {
        expect(() => layers.reshape({ targetShape, name: 'r' }).apply(ones([2, 6]))).toThrow(
          /^r: samples of shape \[6\] do not fit/,
        );
      }
    });
  });
});

test('permute puts axes in another order', () => {
  tidy(() => {
    const x = count(2, 3, 4);
    expect(values(layers.permute({ dims: [2, 1] }).apply(x))).toEqual(values(x.transpose([0, 2, 1])));
    expect(layers.permute({ dims: [3, 1, 2] }).computeOutputShape([null, 4, 5, 6])).toEqual([null, 6, 4, 5]);
    expect(() => layers.permute({ dims: [2, 1], name: 'p' }).apply(ones([2, 3]))).toThrow(
      new RangeError('p: needs inputs of rank 3, got [2, 3]'),
    );
  });
  expect(() => layers.permute({ dims: [0, 1] })).toThrow(
    new RangeError('layers.permute: dims must be the numbers from 1 up in some order, got [0, 1]'),
  );
});

test('repeatVector makes equal steps', () => {
  tidy(() => {
    const y = layers.repeatVector({ n: 3 }).apply(tensor2d([[1, 2]]));
    expect(y.arraySync()).toEqual([
      [
        [1, 2],
        [1, 2],
        [1, 2],
      ],
    ]);
    expect(layers.repeatVector({ n: 3 }).apply(input({ shape: [4] })).shape).toEqual([null, 3, 4]);
    expect(() => layers.repeatVector({ n: 2, name: 'r' }).apply(ones([1, 2, 3]))).toThrow(
      new RangeError('r: needs inputs of shape [batch, size], got [1, 2, 3]'),
    );
  });
  expect(() => layers.repeatVector({ n: 0 })).toThrow(/n must be a whole number from 1 up, got 0/);
});

const MADE = {
  add: {},
  subtract: {},
  multiply: {},
  average: {},
  maximum: {},
  minimum: {},
  concatenate: { axis: 1 },
  dot: { axes: [1, 2], normalize: true },
  reshape: { targetShape: [2, -1] },
  permute: { dims: [2, 1] },
  repeatVector: { n: 2 },
} as const;

test.each(Object.entries(MADE))('%s can be made again, and leaves nothing', (name, options) => {
  const make = (layers as unknown as Record<string, (options: object) => layers.Layer>)[name]!;
  const round = () =>
    tidy(() => {
      const layer = make(options);
      const again = make(layer.getConfig());
      expect(again.getConfig()).toEqual(layer.getConfig());
      expect(again.getClassName().toLowerCase()).toBe(name.toLowerCase());
      const one = name === 'repeatVector' ? count(2, 4) : count(2, 4, 4);
      const inputs = ['reshape', 'permute', 'repeatVector'].includes(name) ? one : [one, one.add(1)];
      expect(values(again.apply(inputs))).toEqual(values(layer.apply(inputs)));
    });
  // The first round makes the program's random stream.
  round();
  leavesNothing(round);
});

test('a graph of merges trains', async () => {
  const before = alive();
  const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
  const dense = layers.dense({ units: 4, kernelInitializer: 'glorotUniform' });
  const [x, y] = [dense.apply(a), dense.apply(b)];
  const merged = layers.concatenate([layers.multiply([x, y]), layers.subtract([x, y]), layers.average([x, y])]);
  const output = layers.dense({ units: 1 }).apply(merged) as SymbolicTensor;
  const net = model({ inputs: [a, b], outputs: output });
  const optimizer = train.adam(0.02);
  net.compile({ optimizer, loss: 'meanSquaredError' });
  const data = tidy(() => [count(8, 2).div(16), count(8, 2).mul(0.3).sin()] as const);
  const target = tidy(() => data[0].mul(data[1]).sum(1, true));
  const { history } = await net.fit([...data], target, { epochs: 60, batchSize: 8, verbose: 0 });
  expect(history.loss.at(-1)).toBeLessThan(0.5 * (history.loss[0] as number));
  for (const t of [...data, target, net, optimizer]) t.dispose();
  expect(alive().numTensors).toBe(before.numTensors);
});
