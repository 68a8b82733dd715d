// One harness for kernels over windows of images: geometries of every kind, and calls whose parts are run one by one
// on one output, between guards.

import fc from 'fast-check';
import { BYTES, type DataTypeMap, type FloatType, type TypedArray } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import type { conv as kernels } from '../../src/wasm/kernels.js';
import { setShare } from '../support/kernels.js';

export interface Geometry {
  batch: number;
  inHeight: number;
  inWidth: number;
  channels: number;
  filter: [height: number, width: number];
  stride: [height: number, width: number];
  dilation: [height: number, width: number];
  pad: [top: number, left: number];
  /** Windows along each axis. */
  out: [height: number, width: number];
}

/** The geometry as kernels take it. */
export const args = (g: Geometry) =>
  [
    ...[g.batch, g.inHeight, g.inWidth, g.channels, ...g.out, ...g.filter],
    ...[...g.stride, ...g.dilation, ...g.pad],
  ] as unknown as Parameters<typeof kernels.float32.avgPoolGrad> extends [number, number, ...infer N] ? N : never;

/** As many windows as there are with the same padding after the image as before it, at least one. */
function outOf(g: Omit<Geometry, 'out'>): [number, number] {
  const along = (size: number, axis: 0 | 1) =>
    Math.max(
      1,
      Math.trunc((size + 2 * g.pad[axis] - (g.filter[axis] - 1) * g.dilation[axis] - 1) / g.stride[axis]) + 1,
    );
  return [along(g.inHeight, 0), along(g.inWidth, 1)];
}

export const geometry = (
  [batch, inHeight, inWidth, channels]: [number, number, number, number],
  filter: [number, number],
  stride: [number, number] = [1, 1],
  pad: [number, number] = [0, 0],
  dilation: [number, number] = [1, 1],
): Geometry => {
  const g = { batch, inHeight, inWidth, channels, filter, stride, pad, dilation };
  return { ...g, out: outOf(g) };
};

/** Every kind by name: strides that leave gaps or overlap, windows larger than the image, windows in the padding. */
export const GEOMETRIES: Geometry[] = [
  geometry([2, 6, 6, 16], [2, 2], [2, 2]),
  geometry([2, 7, 9, 5], [3, 3], [2, 2], [1, 1]),
  geometry([1, 8, 8, 1], [3, 3], [1, 1], [1, 1]),
  geometry([3, 5, 7, 3], [2, 3], [1, 2], [0, 1]),
  geometry([2, 4, 5, 20], [3, 3], [1, 1], [1, 1]),
  geometry([1, 9, 11, 37], [3, 2], [1, 1], [2, 3], [2, 3]),
  geometry([1, 3, 3, 4], [5, 5], [1, 1], [2, 2]),
  geometry([2, 4, 4, 6], [4, 4], [4, 4], [3, 3]),
  geometry([1, 10, 10, 2], [2, 2], [5, 4]),
  geometry([1, 2, 3, 9], [3, 3], [1, 2], [4, 4]),
  geometry([2, 1, 30, 8], [1, 5], [1, 3], [0, 2]),
  geometry([1, 13, 1, 13], [4, 1], [3, 1], [2, 0]),
  geometry([1, 12, 12, 7], [2, 2], [3, 3], [0, 0], [2, 4]),
  geometry([1, 1, 1, 1], [1, 1]),
];

const upTo = (low: number, high: number) => fc.integer({ min: low, max: high });
const pair = (low: number, high: number) => fc.tuple(upTo(low, high), upTo(low, high));

export const anyGeometry: fc.Arbitrary<Geometry> = fc
  .record({
    batch: upTo(1, 3),
    inHeight: upTo(1, 9),
    inWidth: upTo(1, 14),
    channels: fc.oneof(upTo(1, 9), upTo(10, 40)),
    filter: pair(1, 5),
    stride: pair(1, 4),
    dilation: pair(1, 3),
    pad: pair(0, 4),
  })
  .map((g) => ({ ...g, out: outOf(g) }));

/** The input elements under one window's taps inside the image, in order: [index, row and column of the tap]. */
export function* taps(g: Geometry, image: number, row: number, column: number, channel: number) {
  for (let fh = 0; fh < g.filter[0]; fh++) {
    const y = row * g.stride[0] - g.pad[0] + fh * g.dilation[0];
    if (y < 0 || y >= g.inHeight) continue;
    for (let fw = 0; fw < g.filter[1]; fw++) {
      const x = column * g.stride[1] - g.pad[1] + fw * g.dilation[1];
      if (x < 0 || x >= g.inWidth) continue;
      yield [((image * g.inHeight + y) * g.inWidth + x) * g.channels + channel, fh, fw] as const;
    }
  }
}

/** Every window in order: [image, row, column, channel, index in the output]. */
export function* windows(g: Geometry) {
  let index = 0;
  for (let image = 0; image < g.batch; image++)
    for (let row = 0; row < g.out[0]; row++)
      for (let column = 0; column < g.out[1]; column++)
        for (let channel = 0; channel < g.channels; channel++) yield [image, row, column, channel, index++] as const;
}

export const inputSize = (g: Geometry) => g.batch * g.inHeight * g.inWidth * g.channels;
export const outputSize = (g: Geometry) => g.batch * g.out[0] * g.out[1] * g.channels;

/** Repeatable numbers of many magnitudes and both signs, so that any change of order shows; some of them alike. */
export function numbers(dtype: FloatType, size: number, seed: number): DataTypeMap[FloatType] {
  let state = seed;
  const x = dtype === 'float32' ? new Float32Array(size) : new Float64Array(size);
  return x.map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state >>> 29 === 0 ? (state >>> 26) & 3 : (state / 2 ** 31) * 2 ** ((state >>> 8) & 7);
  });
}

const GUARD = 85;

/**
 * What `run` writes to an output of `size` elements when T parts run one after the other. No part may write around
 * the output.
 *
 * @param order - the parts: one that writes into another's share is found out by one of two orders
 */
export function callInParts(
  dtype: FloatType,
  size: number,
  inputs: readonly TypedArray[],
  order: readonly number[],
  run: (...addresses: number[]) => void,
): TypedArray {
  const bytes = size * BYTES[dtype];
  const blocks = inputs.map((x) => allocate(x.byteLength, 'test'));
  const around = allocate(64 + bytes + 64, 'test');
  inputs.forEach((x, i) => {
    view('bool', blocks[i]!, x.byteLength).set(new Uint8Array(x.buffer));
  });
  view('bool', around, 64 + bytes + 64).fill(GUARD);
  try {
    for (const part of order) {
      setShare(part, order.length);
      run(...blocks, around + 64);
    }
  } finally {
    setShare(0, 1);
  }
  const result = view(dtype, around + 64, size).slice();
  const touched = [around, around + 64 + bytes].filter((at) => view('bool', at, 64).some((byte) => byte !== GUARD));
  inputs.forEach((x, i) => {
    release(blocks[i]!, x.byteLength);
  });
  release(around, 64 + bytes + 64);
  if (touched.length) throw new Error('writes out of bounds');
  return result;
}

export const ORDERS: readonly number[][] = [[0], [0, 1], [1, 0], [0, 1, 2], [2, 1, 0]];

/** Equal to the last bit: `Object.is` tells 0 from −0 and takes any NaN for the one NaN. */
export function expectSame(got: TypedArray, expected: TypedArray, what: () => string): void {
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(expected[i], got[i])) continue;
    throw new Error(`${what()}: element ${i} is ${got[i]}, naively ${expected[i]}`);
  }
}
