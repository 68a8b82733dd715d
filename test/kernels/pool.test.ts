// Pools and their gradients are what plain loops give, bit for bit, in any number of parts.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARRAYS, type FloatType, type TypedArray } from '../../src/dtype.js';
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

/** Which input each window's maximum is: the first of the greatest that are numbers; −1 without any. */
function maxima(g: Geometry, x: TypedArray): number[] {
  return [...windows(g)].map(([image, row, column, channel]) => {
    let best = -1;
    for (const [i] of taps(g, image, row, column, channel)) {
      if (!Number.isNaN(x[i]) && (best < 0 || x[i]! > x[best]!)) best = i;
    }
    return best;
  });
}

function maxPool(_: FloatType, g: Geometry, x: TypedArray) {
  return maxima(g, x).map((i) => (i < 0 ? -Infinity : x[i]!));
}

function maxPoolPick(_: FloatType, g: Geometry, x: TypedArray, grad: TypedArray) {
  return maxima(g, x).map((i) => (i < 0 ? 0 : grad[i]!));
}

function maxPoolGrad(dtype: FloatType, g: Geometry, x: TypedArray, dy: TypedArray) {
  const dx = new ARRAYS[dtype](inputSize(g));
  maxima(g, x).forEach((i, window) => {
    if (i >= 0) dx[i]! += dy[window]!;
  });
  return dx;
}

function avgPool(dtype: FloatType, g: Geometry, x: TypedArray) {
  return [...windows(g)].map(([image, row, column, channel]) => {
    let sum = 0;
    let count = 0;
    for (const [i] of taps(g, image, row, column, channel)) {
      sum = ROUND[dtype](sum + x[i]!);
      count++;
    }
    return sum / count;
  });
}

function avgPoolGrad(dtype: FloatType, g: Geometry, dy: TypedArray) {
  const dx = new ARRAYS[dtype](inputSize(g));
  for (const [image, row, column, channel, window] of windows(g)) {
    const under = [...taps(g, image, row, column, channel)];
    for (const [i] of under) dx[i]! += ROUND[dtype](dy[window]! / under.length);
  }
  return dx;
}

type Reference = (dtype: FloatType, g: Geometry, ...inputs: TypedArray[]) => ArrayLike<number>;

/** Each kernel, the sizes of its inputs and of its output. */
const KERNELS: [
  keyof typeof kernels.float32 & keyof typeof kernels.float64,
  Reference,
  ((g: Geometry) => number)[],
  (g: Geometry) => number,
][] = [
  ['maxPool', maxPool, [inputSize], outputSize],
  ['avgPool', avgPool, [inputSize], outputSize],
  ['maxPoolPick', maxPoolPick, [inputSize, inputSize], outputSize],
  ['maxPoolGrad', maxPoolGrad, [inputSize, outputSize], inputSize],
  ['avgPoolGrad', avgPoolGrad, [outputSize], inputSize],
];

describe.each(['float32', 'float64'] as const)('of %s', (dtype) => {
  describe.each(KERNELS)('%s', (name, reference, inputSizes, size) => {
    const kernel = kernels[dtype][name] as unknown as (...numbers: number[]) => void;

    function check(g: Geometry, poison: readonly number[] = [], orders = ORDERS): void {
      const inputs = inputSizes.map((n, i) => numbers(dtype, n(g), i + 1));
      poison.forEach((x, i) => {
        for (const input of inputs) input[(i * 7919) % input.length] = x;
      });
      const expected = new ARRAYS[dtype](reference(dtype, g, ...inputs));
      for (const order of orders) {
        const got = callInParts(dtype, size(g), inputs, order, (...at) => kernel(...at, ...(args(g) as number[])));
        expectSame(got, expected, () => `${name} of ${JSON.stringify(g)} in parts ${order}`);
      }
    }

    test.each(GEOMETRIES)('of %o', (g) => check(g));

    test('of random geometries', () => {
      fc.assert(
        fc.property(anyGeometry, (g) => check(g, [], ORDERS.slice(-1))),
        { numRuns: 150 },
      );
    });

    test('of NaN, infinities, and zeros of both signs', () => {
      const poison = [Number.NaN, -Infinity, Infinity, -0, 0, Number.NaN, -0, 1e-40];
      for (const g of GEOMETRIES) check(g, poison, ORDERS.slice(0, 1));
    });
  });
});

test('a window of NaN alone has the maximum −Infinity and takes no gradient', () => {
  const g = geometry([1, 2, 2, 1], [2, 2]);
  const nan = new Float32Array(4).fill(Number.NaN);
  const dy = Float32Array.of(3);
  const { maxPool, maxPoolGrad } = kernels.float32;
  expect([...callInParts('float32', 1, [nan], [0], (x, y) => maxPool(x!, y!, ...args(g)))]).toEqual([-Infinity]);
  const dx = callInParts('float32', 4, [nan, dy], [0], (x, d, to) => maxPoolGrad(x!, d!, to!, ...args(g)));
  expect([...dx]).toEqual([0, 0, 0, 0]);
});
