// Convolutions against their definition, tap by tap.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { grads } from '../../src/autodiff.js';
import '../../src/ops/methods.js';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import { fromData, type Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const { conv1d, conv2d, conv2dTranspose, ones, zeros } = ops;

interface Case {
  x: [n: number, h: number, w: number, c: number];
  filter: [h: number, w: number];
  outChannels: number;
  strides: [number, number];
  dilations: [number, number];
  pad: [top: number, bottom: number, left: number, right: number];
  groups: number;
}

const whole = (min: number, max: number) => fc.integer({ min, max });

/** Convolutions of which at least one window fits; strides and dilations are not both above 1. */
const cases = fc
  .record({
    x: fc.tuple(whole(1, 2), whole(1, 7), whole(1, 7), whole(1, 3)),
    filter: fc.tuple(whole(1, 3), whole(1, 3)),
    outChannels: whole(1, 5),
    steps: fc.tuple(whole(1, 3), whole(1, 3)),
    dilated: fc.boolean(),
    pad: fc.tuple(whole(0, 2), whole(0, 2), whole(0, 2), whole(0, 2)),
    groups: whole(1, 2),
  })
  .map(
    ({ x: [n, h, w, c], outChannels, steps, dilated, groups, ...rest }): Case => ({
      ...rest,
      x: [n, h, w, c * groups],
      outChannels: outChannels * groups,
      strides: dilated ? [1, 1] : steps,
      dilations: dilated ? steps : [1, 1],
      groups,
    }),
  )
  .filter(({ x, filter, dilations: d, pad: [t, b, l, r] }) => {
    return (filter[0] - 1) * d[0] < x[1] + t + b && (filter[1] - 1) * d[1] < x[2] + l + r;
  });

/** Calls f with each product of the convolution: where its input, filter element and output lie. */
function eachTap(
  { x: [n, h, w, c], filter: [fh, fw], outChannels, strides, dilations, pad: [top, bottom, left, right], groups }: Case,
  f: (x: number, w: number, y: number) => void,
): [n: number, h: number, w: number, c: number] {
  const oh = Math.floor((h + top + bottom - (fh - 1) * dilations[0] - 1) / strides[0]) + 1;
  const ow = Math.floor((w + left + right - (fw - 1) * dilations[1] - 1) / strides[1]) + 1;
  const depth = c / groups;
  for (let b = 0; b < n; b++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++)
        for (let o = 0; o < outChannels; o++)
          for (let p = 0; p < fh; p++)
            for (let q = 0; q < fw; q++) {
              const [row, column] = [i * strides[0] + p * dilations[0] - top, j * strides[1] + q * dilations[1] - left];
              if (row < 0 || row >= h || column < 0 || column >= w) continue;
              for (let k = 0; k < depth; k++) {
                const channel = Math.floor(o / (outChannels / groups)) * depth + k;
                f(
                  ((b * h + row) * w + column) * c + channel,
                  ((p * fw + q) * depth + k) * outChannels + o,
                  ((b * oh + i) * ow + j) * outChannels + o,
                );
              }
            }
  return [n, oh, ow, outChannels];
}

/** Whole numbers, whose sums are exact in any order. */
const numbers = (shape: number[], dtype: 'float32' | 'float64', salt: number): Tensor =>
  fromData(
    Array.from({ length: shape.reduce((p, n) => p * n, 1) }, (_, i) => ((i * 7 + salt * i * i) % 11) - 5),
    shape,
    dtype,
  );

const explicit = ([top, bottom, left, right]: Case['pad']) => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  test('conv2d and its gradients are the sums over all taps', () => {
    fc.assert(
      fc.property(cases, (c) =>
        leavesNothing(() =>
          tidy(() => {
            const depth = c.x[3] / c.groups;
            const x = numbers(c.x, dtype, 1);
            const w = numbers([...c.filter, depth, c.outChannels], dtype, 2);
            const shape = eachTap(c, () => {});
            const dy = numbers(shape, dtype, 3);
            const [vx, vw, vdy] = [x, w, dy].map((t) => t.dataSync());
            const y = new Array<number>(dy.size).fill(0);
            const dx = new Array<number>(x.size).fill(0);
            const dw = new Array<number>(w.size).fill(0);
            eachTap(c, (i, j, k) => {
              y[k] += vx[i] * vw[j];
              dx[i] += vdy[k] * vw[j];
              dw[j] += vdy[k] * vx[i];
            });
            const f = (a: Tensor, b: Tensor) =>
              conv2d(a, b, c.strides, explicit(c.pad), 'NHWC', c.dilations, undefined, c.groups);
            const result = f(x, w);
            expect(result.shape).toEqual(shape);
            expect(result.dtype).toBe(dtype);
            expect(Array.from(result.dataSync(), (v) => v + 0)).toEqual(y.map((v) => v + 0));
            const [gx, gw] = grads(f)([x, w], dy);
            expect(Array.from(gx.dataSync(), (v) => v + 0)).toEqual(dx.map((v) => v + 0));
            expect(Array.from(gw.dataSync(), (v) => v + 0)).toEqual(dw.map((v) => v + 0));
          }),
        ),
      ),
      { numRuns: 200 },
    );
  });
});

test('conv2d adds in the order of filter rows, columns and channels, in its own precision', () => {
  tidy(() => {
    const c: Case = {
      x: [1, 5, 6, 3],
      filter: [3, 2],
      outChannels: 9,
      strides: [1, 1],
      dilations: [1, 1],
      pad: [1, 1, 0, 1],
      groups: 1,
    };
    const x = ops.sin(ops.range(0, 90)).reshape(c.x);
    const w = ops.cos(ops.range(0, 162)).reshape([3, 2, 3, 9]);
    const [vx, vw] = [x.dataSync(), w.dataSync()];
    const y = new Float32Array(5 * 6 * 9);
    eachTap(c, (i, j, k) => {
      y[k] += Math.fround(vx[i] * vw[j]);
    });
    expect(conv2d(x, w, 1, explicit(c.pad)).dataSync()).toEqual(y);
  });
});

test('channels may come first', () => {
  tidy(() => {
    const x = numbers([2, 5, 4, 3], 'float32', 1);
    const w = numbers([2, 2, 3, 2], 'float32', 2);
    const pad = [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 0],
    ];
    const first = conv2d(x.transpose([0, 3, 1, 2]), w, 2, [pad[0], pad[3], pad[1], pad[2]], 'NCHW');
    expect(first.transpose([0, 2, 3, 1]).dataSync()).toEqual(conv2d(x, w, 2, pad).dataSync());
  });
});

test('a single image is a batch of one', () => {
  tidy(() => {
    const [x, w] = [numbers([1, 3, 3, 2], 'float32', 1), numbers([2, 2, 2, 1], 'float32', 2)];
    const y = conv2d(x.reshape([3, 3, 2]), w, 1, 'valid');
    expect(y.shape).toEqual([2, 2, 1]);
    expect(y.dataSync()).toEqual(conv2d(x, w, 1, 'valid').dataSync());
    expect(conv2dTranspose(y, w, [3, 3, 2], 1, 'valid').shape).toEqual([3, 3, 2]);
    expect(conv1d(ones([4, 2]), ones([2, 2, 3]), 1, 'valid').shape).toEqual([3, 3]);
  });
});

test('a depthwise convolution convolves each channel with its own filters', () => {
  tidy(() => {
    const [x, w] = [numbers([2, 5, 4, 3], 'float32', 1), numbers([2, 3, 3, 2], 'float32', 2)];
    const y = ops.depthwiseConv2d(x, w, [2, 1], 'same');
    expect(y.shape).toEqual([2, 3, 4, 6]);
    const each = ops
      .unstack(x, 3)
      .map((channel, i) => conv2d(ops.expandDims(channel, 3), w.gather([i], 2), [2, 1], 'same'));
    expect(y.dataSync()).toEqual(ops.concat(each, 3).dataSync());
  });
});

test('a separable convolution is a depthwise one, then one of single elements', () => {
  tidy(() => {
    const [x, d, p] = [
      [2, 5, 4, 3],
      [2, 3, 3, 2],
      [1, 1, 6, 4],
    ].map((s, i) => numbers(s, 'float64', i));
    const y = ops.separableConv2d(x, d, p, 1, 'valid', [2, 1]);
    expect(y.shape).toEqual([2, 3, 2, 4]);
    const between = ops.depthwiseConv2d(x, d, 1, 'valid', 'NHWC', [2, 1]);
    expect(y.dataSync()).toEqual(ops.matMul(between.reshape([-1, 6]), p.reshape([6, 4])).dataSync());
    // Plain numbers beside float64 are not rounded to float32 on the way.
    const z = ops.separableConv2d(ops.ones([1, 1, 1], 'float64'), [[[[0.1]]]], [[[[0.1]]]], 1, 'valid');
    expect(z.dataSync()[0]).toBe(0.1 * 0.1);
  });
});

test('an image without elements gives zeros of the right shape', () => {
  tidy(() => {
    expect(conv2d(zeros([0, 3, 3, 1]), ones([2, 2, 1, 4]), 1, 'valid').shape).toEqual([0, 2, 2, 4]);
    expect(Array.from(conv2d(zeros([1, 2, 2, 0]), zeros([1, 1, 0, 1]), 1, 'valid').dataSync())).toEqual([0, 0, 0, 0]);
  });
});

test('mixed precisions meet in float64, plain whole numbers become floats', () => {
  tidy(() => {
    const x = ones([1, 2, 2, 1], 'float64');
    expect(conv2d(x, ones([1, 1, 1, 1]), 1, 'valid').dtype).toBe('float64');
    expect(conv1d([new Int32Array([1, 2])], [[[1], [1]]], 1, 'valid').arraySync()).toEqual([[3]]);
  });
});

describe('refusals', () => {
  const x = () => ones([1, 4, 4, 2]);
  const w = (...shape: number[]) => ones(shape);
  const pads = [
    [0, 0],
    [1, 1],
    [0, 0],
    [0, 0],
  ];
  const refusals: [string, () => unknown, ErrorConstructor, string][] = [
    [
      'an int32 image',
      () => conv2d(x().toInt(), w(1, 1, 2, 1), 1, 'same'),
      TypeError,
      "Argument 'x' passed to 'conv2d' must be float32 or float64 tensor, but got int32 tensor",
    ],
    [
      'a bool filter',
      () => conv1d(ones([4, 1]), ones([1, 1, 1]).toBool(), 1, 'same'),
      TypeError,
      "Argument 'filter' passed to 'conv1d' must be float32",
    ],
    [
      'an image of rank 2',
      () => conv2d(ones([4, 4]) as never, w(1, 1, 2, 1), 1, 'same'),
      RangeError,
      'Error in conv2d: input must be rank 4, but got rank 2.',
    ],
    [
      'a filter of rank 3',
      () => conv2d(x(), w(1, 1, 2), 1, 'same'),
      RangeError,
      'Error in conv2d: filter must be rank 4, but got rank 3.',
    ],
    [
      'another depth',
      () => conv2d(x(), w(1, 1, 3, 1), 1, 'same'),
      RangeError,
      'Error in conv2d: depth of input (2) must match input depth for filter 3.',
    ],
    [
      'a depth of other groups',
      () => conv2d(x(), w(1, 1, 2, 2), 1, 'same', 'NHWC', 1, undefined, 2),
      RangeError,
      'filter 2 times 2 groups.',
    ],
    [
      'groups that do not divide',
      () => conv2d(x(), w(1, 1, 1, 3), 1, 'same', 'NHWC', 1, undefined, 2),
      RangeError,
      'Error in conv2d: groups must divide the 3 output channels, got 2.',
    ],
    ['no group', () => conv2d(x(), w(1, 1, 1, 3), 1, 'same', 'NHWC', 1, undefined, 0), RangeError, 'got 0'],
    [
      'an unknown dataFormat',
      () => conv2d(x(), w(1, 1, 2, 1), 1, 'same', 'CHW' as never),
      TypeError,
      "dataFormat must be 'NHWC' or 'NCHW', got CHW.",
    ],
    ['windows that do not fit', () => conv2d(x(), w(5, 1, 2, 1), 1, 'valid'), RangeError, '5 does not into 4.'],
    [
      'a sequence of rank 4',
      () => conv1d(x() as never, ones([1, 2, 1]), 1, 'same'),
      RangeError,
      'Error in conv1d: input must be rank 3, but got rank 4.',
    ],
    [
      'a sequence with channels first',
      () => conv1d(ones([4, 1]), ones([1, 1, 1]), 1, 'same', 'NCW'),
      RangeError,
      'only NWC is currently supported',
    ],
    [
      'rows around a sequence',
      () => conv1d(ones([4, 1]), ones([1, 1, 1]), 1, pads),
      RangeError,
      'Error in conv1d: pad must be [0, 0] for the second axis',
    ],
    [
      'an output of another rank',
      () => conv2dTranspose(x(), w(1, 1, 1, 2), [4, 4, 1], 1, 'same'),
      RangeError,
      'outputShape must have rank 4 as x has',
    ],
    [
      'an output of another size',
      () => conv2dTranspose(x(), w(2, 2, 1, 2), [1, 6, 6, 1], 1, 'valid'),
      RangeError,
      'gives [1,5,5,2], but x has [1, 4, 4, 2].',
    ],
    [
      'an output of another batch',
      () => conv2dTranspose(x(), w(1, 1, 1, 2), [2, 4, 4, 1], 1, 'same'),
      RangeError,
      'gives [2,4,4,2]',
    ],
    [
      'an output of another depth',
      () => conv2dTranspose(x(), w(1, 1, 1, 2), [1, 4, 4, 3], 1, 'same'),
      RangeError,
      'depths of output (3) and input (2)',
    ],
    [
      'an output of broken size',
      () => conv2dTranspose(x(), w(1, 1, 1, 2), [1, 4, 4.5, 1], 1, 'same'),
      RangeError,
      '4.5',
    ],
  ];
  refusals.push(
    [
      'channels that have no filter',
      () => ops.depthwiseConv2d(x(), w(1, 1, 3, 1), 1, 'same'),
      RangeError,
      'Error in depthwiseConv2d: number of input channels (2) must match the inChannels dimension in filter 3.',
    ],
    [
      'a depthwise image of rank 2',
      () => ops.depthwiseConv2d(ones([2, 2]), w(1, 1, 2, 1), 1, 'same'),
      RangeError,
      'rank 4, but got rank 2',
    ],
    [
      'a wide pointwise filter',
      () => ops.separableConv2d(x(), w(1, 1, 2, 1), w(1, 3, 2, 1), 1, 'same'),
      RangeError,
      'Error in separableConv2d: the second dimension of pointwise filter must be 1, but got 3.',
    ],
    [
      'a pointwise filter of another depth',
      () => ops.separableConv2d(x(), w(1, 1, 2, 3), w(1, 1, 2, 1), 1, 'same'),
      RangeError,
      'the third dimension of pointwise filter must be 6, but got 2.',
    ],
    [
      'a separable image with channels first',
      () => ops.separableConv2d(x(), w(1, 1, 2, 1), w(1, 1, 2, 1), 1, 'same', 1, 'NCHW'),
      RangeError,
      'only NHWC is currently supported',
    ],
  );
  test.each(refusals)('%s', (_, call, type, message) => {
    leavesNothing(() =>
      tidy(() => {
        expect(call).toThrow(type);
        expect(call).toThrow(message);
      }),
    );
  });
});
