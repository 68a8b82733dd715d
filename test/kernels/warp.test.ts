// Images moved, and their gradients, are what plain loops give, bit for bit, in any number of parts.

import { describe, expect, test } from 'vitest';
import { ARRAYS, type FloatType, type TypedArray } from '../../src/dtype.js';
import { image as kernels } from '../../src/wasm/kernels.js';
import { callInParts, expectSame, numbers, ORDERS } from './images.js';

const ROUND = { float32: Math.fround, float64: (x: number) => x };
const MODES = ['constant', 'reflect', 'wrap', 'nearest', 'crop'] as const;
type Mode = (typeof MODES)[number];

interface Case {
  /** [images, height, width, channels] of the input, [height, width] of an output. */
  shape: [number, number, number, number];
  out: [number, number];
  /** The image that each output shows. */
  indices: number[];
  transforms: number[][];
}

const TURN = [0.9, -0.4, 0.7, 0.3, 0.8, -0.6, 0, 0];
const SHIFT = [1, 0, -2, 0, 1, 7, 0, 0];
const HALVES = [0.5, 0, -1.5, 0, 0.5, -0.5, 0, 0];
const FAR = [3, 0, -40, 0, 5, 60, 0, 0];
const TILT = [-1, 0.2, 2.2, 0, 1.3, 0.1, 0.05, -0.25];
const NOWHERE = [Number.NaN, 0, 0, 0, 1, 0, 0, 0];
const INFINITE = [Number.POSITIVE_INFINITY, 0, 1e300, 0, 1e20, 0, -1, 0];

const CASES: Case[] = [
  { shape: [2, 5, 6, 3], out: [5, 6], indices: [0, 1], transforms: [TURN, TILT] },
  { shape: [3, 4, 4, 1], out: [7, 3], indices: [2, 0, 2, 1, 0], transforms: [SHIFT, TURN, HALVES, TILT, FAR] },
  { shape: [1, 3, 7, 9], out: [6, 5], indices: [0, 0], transforms: [HALVES] },
  { shape: [2, 1, 1, 4], out: [3, 3], indices: [1, 0], transforms: [SHIFT, TURN] },
  { shape: [2, 3, 2, 2], out: [2, 4], indices: [0, 1, 1], transforms: [NOWHERE, INFINITE, FAR] },
];

/** A place along an axis of n elements: TensorFlow's rules, written as it writes them. */
function along(p: number, n: number, mode: Mode): number {
  const clamp = (x: number) => Math.min(Math.max(x, 0), n - 1);
  if (mode === 'constant') return p;
  if (mode === 'crop') return p >= 0 && p <= n - 1 ? p : Number.NaN;
  if (mode === 'nearest' || n === 1) return clamp(p);
  if (mode === 'wrap') {
    if (p < 0) return clamp(p + n * (Math.trunc(-p / (n - 1)) + 1));
    return clamp(p > n - 1 ? p - n * Math.trunc(p / (n - 1)) : p);
  }
  let q = p;
  if (p < 0) {
    if (q < 2 * n) q = 2 * n * Math.trunc(-q / (2 * n)) + q;
    return clamp(q < -n ? q + 2 * n : -q - 1);
  }
  if (p > n - 1) {
    q -= 2 * n * Math.trunc(q / (2 * n));
    if (q >= n) q = 2 * n - q - 1;
  }
  return clamp(q);
}

/** The pixels that each pixel of the output mixes, [image, row, column, share], outside included. */
function* sources({ shape, out, indices, transforms }: Case, bilinear: boolean, mode: Mode) {
  const [, height, width] = shape;
  for (const [i, image] of indices.entries()) {
    const [a0, a1, a2, b0, b1, b2, c0, c1] = transforms[transforms.length === 1 ? 0 : i]!;
    for (let r = 0; r < out[0]; r++) {
      for (let c = 0; c < out[1]; c++) {
        const k = c0! * c + c1! * r + 1;
        const x = along((a0! * c + a1! * r + a2!) / k, width, mode);
        const y = along((b0! * c + b1! * r + b2!) / k, height, mode);
        if (!(Math.abs(x) < 1e9 && Math.abs(y) < 1e9 && k !== 0)) yield [[image, -1, -1, 1, 1]];
        else if (!bilinear) yield [[image, Math.floor(y + 0.5), Math.floor(x + 0.5), 1, 1]];
        else {
          const [top, left] = [Math.floor(y), Math.floor(x)];
          yield [0, 1].flatMap((down) =>
            [0, 1].map((right) => {
              const [wy, wx] = [down ? y - top : 1 - (y - top), right ? x - left : 1 - (x - left)];
              return [image, wy ? top + down : top, wx ? left + right : left, wy, wx];
            }),
          );
        }
      }
    }
  }
}

const indexOf = ([, height, width, channels]: Case['shape'], [image, row, column]: number[], channel: number) =>
  row! >= 0 && row! < height && column! >= 0 && column! < width
    ? ((image! * height + row!) * width + column!) * channels + channel
    : -1;

function warp(dtype: FloatType, c: Case, bilinear: boolean, mode: Mode, x: TypedArray, fill: TypedArray): number[] {
  const round = ROUND[dtype];
  return [...sources(c, bilinear, mode)].flatMap((pixels) =>
    Array.from({ length: c.shape[3] }, (_, channel) => {
      const values = pixels.map((pixel) => {
        const at = indexOf(c.shape, pixel, channel);
        return at < 0 ? fill[channel]! : x[at]!;
      });
      if (!bilinear || values.length === 1) return values[0]!;
      const [wt, wb, wl, wr] = [pixels[0]![3]!, pixels[2]![3]!, pixels[0]![4]!, pixels[1]![4]!].map(round);
      const upper = round(round(wl! * values[0]!) + round(wr! * values[1]!));
      const lower = round(round(wl! * values[2]!) + round(wr! * values[3]!));
      return round(round(wt! * upper) + round(wb! * lower));
    }),
  );
}

function warpGrad(dtype: FloatType, c: Case, bilinear: boolean, mode: Mode, dy: TypedArray): TypedArray {
  const round = ROUND[dtype];
  const dx = new ARRAYS[dtype](c.shape.reduce((a, b) => a * b));
  let from = 0;
  for (const pixels of sources(c, bilinear, mode)) {
    for (let channel = 0; channel < c.shape[3]; channel++, from++) {
      for (const pixel of pixels) {
        const at = indexOf(c.shape, pixel, channel);
        const share = pixel[3]! * pixel[4]!;
        if (at >= 0 && share) dx[at] = round(dx[at]! + round(round(share) * dy[from]!));
      }
    }
  }
  return dx;
}

describe.each(['float32', 'float64'] as const)('of %s', (dtype) => {
  describe.each([false, true])('bilinear %s', (bilinear) => {
    test.each(MODES)('by mode %s', (mode) => {
      for (const c of CASES) {
        const [images, height, width, channels] = c.shape;
        const inSize = images * height * width * channels;
        const outSize = c.indices.length * c.out[0] * c.out[1] * channels;
        const transforms = Float64Array.from(c.transforms.flat());
        const indices = Int32Array.from(c.indices);
        const fill = numbers(dtype, channels, 3);
        const sizes = [height, width, channels, c.indices.length, ...c.out, c.transforms.length === 1 ? 0 : 8];
        const rest = [...sizes, +bilinear, MODES.indexOf(mode)];
        const { warp: run, warpGrad: runGrad } = kernels[dtype] as unknown as Record<string, (...n: number[]) => void>;
        const x = numbers(dtype, inSize, 1);
        const dy = numbers(dtype, outSize, 2);
        const y = new ARRAYS[dtype](warp(dtype, c, bilinear, mode, x, fill));
        const dx = warpGrad(dtype, c, bilinear, mode, dy);
        for (const order of ORDERS) {
          const what = () => `${JSON.stringify(c)} in parts ${order}`;
          const got = callInParts(dtype, outSize, [x, transforms, indices, fill], order, (...at) =>
            run!(...at, ...rest),
          );
          expectSame(got, y, what);
          const dGot = callInParts(dtype, inSize, [dy, transforms, indices], order, (...at) =>
            runGrad!(...at, images, ...rest),
          );
          expectSame(dGot, dx, what);
        }
        expect(y.length).toBe(outSize);
      }
    });
  });
});
