// The bit promise: whatever the tiles, tables and threads, a convolution is the naive loop's, and its filter's gradient
// is the sum in the documented blocks.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ARRAYS, BYTES, type FloatType, type TypedArray } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import { kernels, setShare } from '../support/kernels.js';

interface Geometry {
  batch: number;
  inHeight: number;
  inWidth: number;
  inChannels: number;
  outHeight: number;
  outWidth: number;
  outChannels: number;
  filterHeight: number;
  filterWidth: number;
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padTop: number;
  padLeft: number;
  groups: number;
}

/** The kernels in the order of conv2dScratch's passes, and what each writes. */
const PASSES = ['conv2d', 'conv2dGradFilter', 'conv2dGradInput'] as const;
const WRITES = { conv2d: 'y', conv2dGradFilter: 'w', conv2dGradInput: 'x' } as const;
type Pass = (typeof PASSES)[number];

/** In the order of the kernels' arguments. */
const list = (g: Geometry) =>
  [
    g.batch,
    g.inHeight,
    g.inWidth,
    g.inChannels,
    g.outHeight,
    g.outWidth,
    g.outChannels,
    g.filterHeight,
    g.filterWidth,
    g.strideHeight,
    g.strideWidth,
    g.dilationHeight,
    g.dilationWidth,
    g.padTop,
    g.padLeft,
    g.groups,
  ] as const;

/** Elements of each operand. */
const sizes = (g: Geometry): { x: number; w: number; y: number } => ({
  x: g.batch * g.inHeight * g.inWidth * g.inChannels,
  w: (g.filterHeight * g.filterWidth * g.inChannels * g.outChannels) / g.groups,
  y: g.batch * g.outHeight * g.outWidth * g.outChannels,
});

/** The taps that position `at` meets along an axis and where. */
function met(at: number, filter: number, size: number, stride: number, dilation: number, pad: number) {
  const taps: [tap: number, place: number][] = [];
  for (let f = 0; f < filter; f++) {
    const place = at * stride + f * dilation - pad;
    if (place >= 0 && place < size) taps.push([f, place]);
  }
  return taps;
}

/** Positions from 0 up to n in runs of those that meet the same taps. */
function runs(n: number, taps: (at: number) => [tap: number, place: number][]): number[][] {
  const all: number[][] = [];
  let before: string | undefined;
  for (let at = 0; at < n; at++) {
    const names = taps(at)
      .map(([tap]) => tap)
      .join();
    if (names === before) all.at(-1)!.push(at);
    else all.push([at]);
    before = names;
  }
  return all;
}

/** The documented sums, one product after another. */
function reference(pass: Pass, dtype: FloatType, a: TypedArray, b: TypedArray, g: Geometry): TypedArray {
  const round = dtype === 'float32' ? Math.fround : (x: number) => x;
  const inputs = g.inChannels / g.groups;
  const outputs = g.outChannels / g.groups;
  const rowTaps = (at: number) => met(at, g.filterHeight, g.inHeight, g.strideHeight, g.dilationHeight, g.padTop);
  const columnTaps = (at: number) => met(at, g.filterWidth, g.inWidth, g.strideWidth, g.dilationWidth, g.padLeft);
  const result = new ARRAYS[dtype](sizes(g)[WRITES[pass]]);

  /** Adds to `sums` the products of the positions, in order. */
  const addTo = (sums: TypedArray, positions: [image: number, row: number, column: number][]) => {
    for (const [image, row, column] of positions) {
      for (const [fh, h] of rowTaps(row)) {
        for (const [fw, v] of columnTaps(column)) {
          for (let group = 0; group < g.groups; group++) {
            for (let i = 0; i < inputs; i++) {
              const x = ((image * g.inHeight + h) * g.inWidth + v) * g.inChannels + group * inputs + i;
              for (let o = 0; o < outputs; o++) {
                const channel = group * outputs + o;
                const w = ((fh * g.filterWidth + fw) * inputs + i) * g.outChannels + channel;
                const y = ((image * g.outHeight + row) * g.outWidth + column) * g.outChannels + channel;
                if (pass === 'conv2d') sums[y] = sums[y]! + round(a[x]! * b[w]!);
                else sums[w] = sums[w]! + round(a[x]! * b[y]!);
              }
            }
          }
        }
      }
    }
  };

  if (pass === 'conv2dGradInput') {
    for (let image = 0; image < g.batch; image++) {
      for (let fh = 0; fh < g.filterHeight; fh++) {
        for (let fw = 0; fw < g.filterWidth; fw++) {
          for (let row = 0; row < g.outHeight; row++) {
            const h = row * g.strideHeight + fh * g.dilationHeight - g.padTop;
            if (h < 0 || h >= g.inHeight) continue;
            for (let column = 0; column < g.outWidth; column++) {
              const v = column * g.strideWidth + fw * g.dilationWidth - g.padLeft;
              if (v < 0 || v >= g.inWidth) continue;
              for (let channel = 0; channel < g.inChannels; channel++) {
                const group = Math.floor(channel / inputs);
                const x = ((image * g.inHeight + h) * g.inWidth + v) * g.inChannels + channel;
                for (let o = group * outputs; o < (group + 1) * outputs; o++) {
                  const w = ((fh * g.filterWidth + fw) * inputs + (channel % inputs)) * g.outChannels + o;
                  const y = ((image * g.outHeight + row) * g.outWidth + column) * g.outChannels + o;
                  result[x] = result[x]! + round(a[y]! * b[w]!);
                }
              }
            }
          }
        }
      }
    }
    return result;
  }

  for (const rows of runs(g.outHeight, rowTaps)) {
    for (const columns of runs(g.outWidth, columnTaps)) {
      const positions: [number, number, number][] = [];
      for (let image = 0; image < g.batch; image++) {
        for (const row of rows) for (const column of columns) positions.push([image, row, column]);
      }
      if (pass === 'conv2d') addTo(result, positions);
      else {
        const length = Math.ceil(positions.length / Math.max(1, Math.ceil(positions.length / 200)));
        for (let from = 0; from < positions.length; from += length) {
          const sums = new ARRAYS[dtype](result.length);
          addTo(sums, positions.slice(from, from + length));
          for (let i = 0; i < sums.length; i++) result[i] = result[i]! + sums[i]!;
        }
      }
    }
  }
  return result;
}

/** Repeatable numbers of many magnitudes and both signs, so that any change of order shows. */
function numbers(dtype: FloatType, size: number, seed: number): TypedArray {
  let state = seed;
  return new ARRAYS[dtype](size).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state / 2 ** 31) * 2 ** ((state >>> 8) & 7);
  });
}

const GUARD = 85;

/** The kernel's result, by `parts` threads one after another; it may write to its output and scratch only. */
function kernel(pass: Pass, dtype: FloatType, a: TypedArray, b: TypedArray, g: Geometry, parts: number): TypedArray {
  const size = sizes(g)[WRITES[pass]];
  const bytes = size * BYTES[dtype];
  const need = parts * kernels[dtype].conv2dScratch(PASSES.indexOf(pass), ...list(g));
  const blocks = [a.byteLength, b.byteLength, 64 + bytes + 64, need + 64];
  const [atA, atB, around, scratch] = blocks.map((bytes) => allocate(bytes, 'test')) as [
    number,
    number,
    number,
    number,
  ];
  const out = around + 64;
  const guards = [around, out + bytes, scratch + need];
  view(dtype, atA, a.length).set(a);
  view(dtype, atB, b.length).set(b);
  view(dtype, out, size).fill(Number.NaN); // nobody has cleared it
  for (const guard of guards) view('bool', guard, 64).fill(GUARD);
  for (let part = 0; part < parts; part++) {
    setShare(part, parts);
    kernels[dtype][pass](atA, atB, out, scratch, ...list(g));
  }
  setShare(0, 1);
  const result = view(dtype, out, size).slice();
  const touched = guards.filter((guard) => view('bool', guard, 64).some((byte) => byte !== GUARD));
  [atA, atB, around, scratch].forEach((block, i) => {
    release(block, blocks[i]!);
  });
  if (touched.length) throw new Error(`${pass} ${JSON.stringify(g)}: writes out of bounds`);
  return result;
}

/** Equal to the last bit: `Object.is` tells 0 from −0 and takes any NaN for the one NaN. */
function expectReference(pass: Pass, dtype: FloatType, g: Geometry, parts = [1], poison: number[] = []): void {
  const { x, w, y } = sizes(g);
  const [a, b] = { conv2d: [x, w], conv2dGradFilter: [x, y], conv2dGradInput: [y, w] }[pass].map((size, i) =>
    numbers(dtype, size, i + 1),
  ) as [TypedArray, TypedArray];
  poison.forEach((value, i) => {
    a[(i * 7919) % a.length] = value;
    b[(i * 104729) % b.length] = value;
  });
  const expected = reference(pass, dtype, a, b, g);
  for (const T of parts) {
    const got = kernel(pass, dtype, a, b, g, T);
    for (let i = 0; i < expected.length; i++) {
      if (Object.is(expected[i], got[i])) continue;
      throw new Error(
        `${pass} ${dtype} ${JSON.stringify(g)}, ${T} parts: element ${i} is ${got[i]}, not ${expected[i]}`,
      );
    }
  }
}

/** A square filter on a square image, the output as large as the padding on both sides allows. */
function square(
  [batch, size, inChannels, outChannels, filter]: [number, number, number, number, number],
  { stride = 1, dilation = 1, pad = 0, groups = 1 } = {},
): Geometry {
  const out = Math.max(0, Math.floor((size + 2 * pad - (filter - 1) * dilation - 1) / stride) + 1);
  return {
    ...{ batch, inHeight: size, inWidth: size, inChannels, outHeight: out, outWidth: out, outChannels, groups },
    ...{ filterHeight: filter, filterWidth: filter, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: dilation, dilationWidth: dilation, padTop: pad, padLeft: pad },
  };
}

/** Any output size goes, even one whose last positions meet no tap. */
const geometries = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    inHeight: fc.integer({ min: 1, max: 9 }),
    inWidth: fc.integer({ min: 1, max: 11 }),
    inputs: fc.constantFrom(1, 2, 3, 5, 10),
    outHeight: fc.integer({ min: 1, max: 8 }),
    outWidth: fc.integer({ min: 1, max: 9 }),
    outputs: fc.constantFrom(1, 2, 3, 4, 5, 8, 10, 17, 33),
    filterHeight: fc.integer({ min: 1, max: 5 }),
    filterWidth: fc.integer({ min: 1, max: 5 }),
    strideHeight: fc.integer({ min: 1, max: 3 }),
    strideWidth: fc.integer({ min: 1, max: 4 }),
    dilationHeight: fc.integer({ min: 1, max: 4 }),
    dilationWidth: fc.integer({ min: 1, max: 3 }),
    padTop: fc.integer({ min: 0, max: 4 }),
    padLeft: fc.integer({ min: 0, max: 7 }),
    groups: fc.constantFrom(1, 1, 1, 2, 3),
  })
  .map(({ inputs, outputs, ...rest }) => ({
    ...rest,
    inChannels: inputs * rest.groups,
    outChannels: outputs * rest.groups,
  }));

describe.each(PASSES)('%s', (pass) => {
  describe.each(['float32', 'float64'] as const)('of %s is the reference, bit for bit', (dtype) => {
    test('for random geometries', () => {
      fc.assert(
        fc.property(geometries, (g) => expectReference(pass, dtype, g)),
        { numRuns: 300 },
      );
    });

    test('for the layers of networks', () => {
      expectReference(pass, dtype, square([3, 28, 1, 32, 3]));
      expectReference(pass, dtype, square([2, 13, 32, 33, 3], { pad: 1 }));
      expectReference(pass, dtype, square([2, 16, 3, 20, 5], { pad: 2, stride: 2 }));
      expectReference(pass, dtype, square([1, 10, 72, 16, 3], { pad: 1, dilation: 2 }));
      expectReference(pass, dtype, square([2, 14, 24, 40, 1]));
      expectReference(pass, dtype, square([2, 9, 12, 12, 3], { pad: 1, groups: 12 }));
      expectReference(pass, dtype, square([2, 8, 70, 70, 3], { pad: 1, stride: 2 }));
    });

    test('for filters larger than the image', () => {
      expectReference(pass, dtype, square([2, 3, 4, 6, 7], { pad: 3 }));
      expectReference(pass, dtype, square([2, 1, 4, 6, 3], { pad: 6, dilation: 3 }));
      expectReference(pass, dtype, square([1, 2, 3, 5, 3], { pad: 5, dilation: 4, stride: 2 }));
    });

    test('however many threads divide it', () => {
      expectReference(pass, dtype, square([2, 11, 6, 20, 3], { pad: 1 }), [1, 2, 3]);
      expectReference(pass, dtype, square([3, 12, 1, 32, 3]), [1, 2, 3]);
      expectReference(pass, dtype, square([1, 9, 8, 24, 3], { pad: 1, stride: 2, groups: 2 }), [1, 2, 3, 7]);
      expectReference(pass, dtype, square([1, 2, 1, 1, 1]), [1, 2, 3, 7]);
    });

    test('with NaN, infinities, zeros of both signs and subnormals', () => {
      const poison = [Number.NaN, Infinity, -Infinity, -0, 0, 1e-310, 1e-40, -1e-45, 3e38];
      expectReference(pass, dtype, square([2, 7, 5, 10, 3], { pad: 1 }), [1], poison);
      expectReference(pass, dtype, square([2, 9, 3, 9, 3], { pad: 2, stride: 2 }), [1], poison);
    });
  });

  test('of an empty batch writes nothing, or zeros', () => {
    expectReference(pass, 'float32', square([0, 5, 3, 4, 3]));
    expectReference(pass, 'float32', square([2, 2, 3, 4, 3])); // no position at all
  });
});

test('padding is not there: an infinite filter or gradient does not meet it', () => {
  const g = square([1, 4, 1, 1, 3], { pad: 1 });
  const x = new Float32Array(16).fill(1);
  const corner = new Float32Array(9);
  corner[0] = Infinity; // meets the first row and column of the image's padding only
  const y = kernel('conv2d', 'float32', x, corner, g, 1);
  expect([...y.slice(0, 6)]).toEqual([0, 0, 0, 0, 0, Infinity]);
  const dy = new Float32Array(16);
  dy[0] = Infinity;
  const dw = kernel('conv2dGradFilter', 'float32', x, dy, g, 1);
  expect([...dw]).toEqual([0, 0, 0, 0, Infinity, Infinity, 0, Infinity, Infinity]);
});
