// Depthwise convolution and its gradients are what plain loops give, bit for bit, in any number of parts.

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ARRAYS, BYTES, type FloatType, type TypedArray } from '../../src/dtype.js';
import { allocate, release } from '../../src/memory.js';
import { conv as kernels } from '../../src/wasm/kernels.js';
import {
  anyGeometry,
  args,
  callInParts,
  expectSame,
  GEOMETRIES,
  type Geometry,
  geometry,
  inputSize,
  numbers,
  ORDERS,
  outputSize,
  taps,
  windows,
} from './images.js';

const ROUND = { float32: Math.fround, float64: (x: number) => x };

const filterSize = (g: Geometry) => g.filter[0] * g.filter[1] * g.channels;
const filterIndex = (g: Geometry, fh: number, fw: number, channel: number) =>
  (fh * g.filter[1] + fw) * g.channels + channel;

function depthwiseConv2d(dtype: FloatType, g: Geometry, x: TypedArray, w: TypedArray) {
  const round = ROUND[dtype];
  return [...windows(g)].map(([image, row, column, channel]) => {
    let sum = 0;
    for (const [i, fh, fw] of taps(g, image, row, column, channel)) {
      sum = round(sum + round(x[i]! * w[filterIndex(g, fh, fw, channel)]!));
    }
    return sum;
  });
}

/** Taps in order for each element of dx: which window has its tap fh, fw on it. */
function depthwiseConv2dGradInput(dtype: FloatType, g: Geometry, dy: TypedArray, w: TypedArray) {
  const round = ROUND[dtype];
  const products = new Map<number, [tap: number, product: number][]>();
  for (const [image, row, column, channel, window] of windows(g)) {
    for (const [i, fh, fw] of taps(g, image, row, column, channel)) {
      const at = filterIndex(g, fh, fw, channel);
      const list = products.get(i) ?? [];
      list.push([at, round(dy[window]! * w[at]!)]);
      products.set(i, list);
    }
  }
  const dx = new ARRAYS[dtype](inputSize(g));
  for (const [i, list] of products) for (const [, product] of list.sort(([a], [b]) => a - b)) dx[i]! += product;
  return dx;
}

function depthwiseConv2dGradFilter(dtype: FloatType, g: Geometry, x: TypedArray, dy: TypedArray) {
  const round = ROUND[dtype];
  const dw = new ARRAYS[dtype](filterSize(g));
  const height = Math.max(1, Math.floor(256 / g.out[1]));
  let block = new ARRAYS[dtype](dw.length);
  let current = -1;
  const flush = () => {
    block.forEach((sum, i) => {
      dw[i]! += sum;
    });
    block = new ARRAYS[dtype](dw.length);
  };
  for (const [image, row, column, channel, window] of windows(g)) {
    const here = image * g.out[0] + Math.floor(row / height);
    if (here !== current && current >= 0) flush();
    current = here;
    for (const [i, fh, fw] of taps(g, image, row, column, channel)) {
      block[filterIndex(g, fh, fw, channel)]! += round(x[i]! * dy[window]!);
    }
  }
  flush();
  return dw;
}

type Reference = (dtype: FloatType, g: Geometry, ...inputs: TypedArray[]) => ArrayLike<number>;
type Size = (g: Geometry) => number;
type Name = 'depthwiseConv2d' | 'depthwiseConv2dGradInput' | 'depthwiseConv2dGradFilter';

const KERNELS: [Name, Reference, [Size, Size], Size][] = [
  ['depthwiseConv2d', depthwiseConv2d, [inputSize, filterSize], outputSize],
  ['depthwiseConv2dGradInput', depthwiseConv2dGradInput, [outputSize, filterSize], inputSize],
  ['depthwiseConv2dGradFilter', depthwiseConv2dGradFilter, [inputSize, outputSize], filterSize],
];

/** Besides those of pools: several blocks of the filter's gradient, in an image and in a row. */
const ALL = [...GEOMETRIES, geometry([2, 20, 70, 9], [3, 5], [1, 1], [1, 2]), geometry([1, 2, 300, 4], [2, 7])];

describe.each(['float32', 'float64'] as const)('of %s', (dtype) => {
  describe.each(KERNELS)('%s', (name, reference, inputSizes, size) => {
    function check(g: Geometry, poison: readonly number[] = [], orders = ORDERS): void {
      const inputs = inputSizes.map((n, i) => numbers(dtype, n(g), i + 1));
      poison.forEach((x, i) => {
        for (const input of inputs) input[(i * 7919) % input.length] = x;
      });
      const expected = new ARRAYS[dtype](reference(dtype, g, ...inputs));
      const bytes = filterSize(g) * BYTES[dtype];
      const scratch = allocate(bytes, 'test');
      for (const order of orders) {
        const run = (...[a, b, y]: number[]) => {
          const { depthwiseConv2dGradFilter } = kernels[dtype];
          if (name === 'depthwiseConv2dGradFilter') depthwiseConv2dGradFilter(a!, b!, y!, scratch, ...args(g));
          else kernels[dtype][name](a!, b!, y!, ...args(g));
        };
        const got = callInParts(dtype, size(g), inputs, order, run);
        expectSame(got, expected, () => `${name} of ${JSON.stringify(g)} in parts ${order}`);
      }
      release(scratch, bytes);
    }

    test.each(ALL)('of %o', (g) => check(g));

    test('of random geometries', () => {
      fc.assert(
        fc.property(anyGeometry, (g) => check(g, [], ORDERS.slice(-1))),
        { numRuns: 150 },
      );
    });

    test('of NaN, infinities, and zeros of both signs', () => {
      const poison = [Number.NaN, -Infinity, Infinity, -0, 0, -0, 1e-40];
      for (const g of ALL) check(g, poison, ORDERS.slice(0, 1));
    });
  });
});
