// Shapes for property tests, and naive walks over their indices.

import fc from 'fast-check';
import type { Shape } from '../../src/shape.js';

/** Shapes up to a rank, with sizes from `low` up. */
export const shapes = (maxRank: number, maxSize: number, low = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: low, max: maxSize }), { maxLength: maxRank });

/** Two shapes that broadcast, and the shape that they broadcast to. */
export const broadcastable = (maxRank: number, maxSize: number) =>
  fc
    .array(fc.record({ n: fc.integer({ min: 0, max: maxSize }), who: fc.constantFrom('both', 'both', 'a', 'b') }), {
      maxLength: maxRank,
    })
    .chain((axes) => fc.record({ axes: fc.constant(axes), short: fc.constantFrom('a', 'b'), cut: fc.nat(axes.length) }))
    .map(({ axes, short, cut }) => {
      const own = (name: string) => axes.map(({ n, who }) => (who === 'both' || who === name ? n : 1));
      const shape = axes.map(({ n }) => n);
      // One of them may lack leading axes, where the other then has its own size.
      const full = own(short === 'a' ? 'b' : 'a').map((n, i) => (i < cut ? shape[i] : n));
      const cutOff = own(short).slice(cut);
      return { a: short === 'a' ? cutOff : full, b: short === 'a' ? full : cutOff, shape };
    });

/** Every index of a shape, in row-major order. */
export function indicesOf(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, n) => all.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}
