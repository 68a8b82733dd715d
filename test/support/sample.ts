// Random inputs for ops, the same in every run: far from kinks, and no two alike.

import type { DataType } from '../../src/dtype.js';
import { sizeOf } from '../../src/shape.js';
import { fromData, type Tensor } from '../../src/tensor.js';

/** Numbers from 0 to below 1 that follow from a text alone (xmur3 and mulberry32, public domain). */
export function seeded(text: string): () => number {
  let state = 1779033703;
  for (const c of text) state = Math.imul(state ^ c.charCodeAt(0), 3432918353) + 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An argument of an op: floats, in the precision of the test, or what stays int32 or bool. */
export interface Input {
  shape: number[];
  kind: 'float' | 'int32' | 'bool';
  low: number;
  high: number;
}

/** Floats from −2.5 to 2.5. */
export const real = (...shape: number[]): Input => between(-2.5, 2.5, ...shape);
/** Floats from 0 to 2.5. */
export const positive = (...shape: number[]): Input => between(0, 2.5, ...shape);
/** Floats from low to high. */
export const between = (low: number, high: number, ...shape: number[]): Input => ({ shape, kind: 'float', low, high });
/** Whole numbers from 0 to below n. */
export const below = (n: number, ...shape: number[]): Input => ({ shape, kind: 'int32', low: 0, high: n });
/** Booleans. */
export const bools = (...shape: number[]): Input => ({ shape, kind: 'bool', low: 0, high: 2 });

// Room around every half, where ops round, clip or bend, and between any two absolute values, of which an op may
// choose one: enough for the steps of a difference quotient.
const FROM_HALVES = 0.1;
const APART = 0.008;

/** Values for the inputs of one example. */
export function sample(inputs: readonly Input[], seed: string): number[][] {
  const random = seeded(seed);
  const taken: number[] = [];
  const draw = ({ kind, low, high }: Input): number => {
    for (;;) {
      const x = low + random() * (high - low);
      if (kind !== 'float') return Math.floor(x);
      const clear = Math.abs(x * 2 - Math.round(x * 2)) / 2 >= Math.min(FROM_HALVES, (high - low) / 20);
      if (!clear || taken.some((t) => Math.abs(t - Math.abs(x)) < APART)) continue;
      taken.push(Math.abs(x));
      return x;
    }
  };
  return inputs.map((input) => Array.from({ length: sizeOf(input.shape) }, () => draw(input)));
}

/** The values as tensors, the floats among them in one precision. */
export function tensors(inputs: readonly Input[], values: readonly number[][], float: DataType): Tensor[] {
  return inputs.map(({ shape, kind }, i) => fromData(values[i], shape, kind === 'float' ? float : kind));
}
