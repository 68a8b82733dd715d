// Plain JavaScript to compare ops with: index walks, one accumulator, in order.

import { type Shape, stridesOf } from '../../src/shape.js';
import { indicesOf } from './shapes.js';

/** How a precision rounds. */
export const ROUND = { float32: Math.fround, float64: (x: number): number => x } as const;

/** Where an index lies in a tensor of this shape, aligned at the last axis; axes of size 1 repeat. */
export function placeOf(index: readonly number[], shape: Shape): number {
  const skip = index.length - shape.length;
  return stridesOf(shape).reduce((at, step, axis) => at + (shape[axis] === 1 ? 0 : index[axis + skip] * step), 0);
}

/** For each element of a reduction, the elements that go into it, in row-major order. */
export function groups<T>(values: readonly T[], shape: Shape, axes: readonly number[]): T[][] {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const result: T[][] = indicesOf(kept.map((axis) => shape[axis])).map(() => []);
  const steps = stridesOf(kept.map((axis) => shape[axis]));
  indicesOf(shape).forEach((index, i) => {
    result[kept.reduce((at, axis, k) => at + index[axis] * steps[k], 0)].push(values[i]);
  });
  return result;
}

/** The product of [m, k] and [k, n]: one accumulator for each element, multiply then add, in order of k. */
export function matMul(
  a: number[],
  b: number[],
  m: number,
  k: number,
  n: number,
  round: (x: number) => number,
): number[] {
  return indicesOf([m, n]).map(([i, j]) => {
    let sum = 0;
    for (let l = 0; l < k; l++) sum = round(sum + round(a[i * k + l] * b[l * n + j]));
    return sum;
  });
}
