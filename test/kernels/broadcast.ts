// One harness for all kernels of two operands: every pattern of broadcasting, rows of every length that
// a loop treats in its own way, and outputs that are an operand's own block.

import { expect } from 'vitest';
import type { DataType, TypedArray } from '../../src/dtype.js';
import { allocate, byteLength, release, view } from '../../src/memory.js';
import { kernels } from '../support/kernels.js';

type Strides = [number, number, number];
type Shape = { y: Strides; a: Strides; b: Strides };

/** What a collapsed pair of shapes can look like, for rows of n. */
const patterns = (n: number): Shape[] => [
  { y: [1, 1, n], a: [n, n, 1], b: [n, n, 1] },
  { y: [1, 1, n], a: [n, n, 1], b: [0, 0, 0] },
  { y: [1, 1, n], a: [0, 0, 0], b: [n, n, 1] },
  { y: [1, 3, n], a: [0, n, 1], b: [0, 0, 1] },
  { y: [1, 3, n], a: [0, n, 1], b: [0, 1, 0] },
  { y: [1, 3, n], a: [0, 1, 0], b: [0, 0, 1] },
  { y: [2, 3, n], a: [n, 0, 1], b: [0, n, 1] },
  { y: [2, 3, n], a: [3 * n, n, 1], b: [3, 1, 0] },
  { y: [3, 2, n], a: [0, n, 1], b: [2 * n, n, 1] },
];
const SHAPES = [1, 2, 3, 4, 5, 7, 8, 10, 16, 17, 31, 33, 64, 70, 131].flatMap(patterns);

const extent = ([n2, n1, n0]: Strides, [s2, s1, s0]: Strides) => (n2 - 1) * s2 + (n1 - 1) * s1 + (n0 - 1) * s0 + 1;

type Binary = (...args: number[]) => void;

/** Expects `op` to compute `reference` of each pair of elements, which `value(i)` makes. */
export function expectBroadcast(
  op: string,
  dtype: DataType,
  outputType: DataType,
  value: (i: number) => number,
  reference: (a: number, b: number) => number,
): void {
  const kernel = (kernels[dtype] as unknown as Record<string, Binary>)[op]!;
  for (const shape of SHAPES) {
    const [n2, n1, n0] = shape.y;
    const size = n2 * n1 * n0;
    const sizeA = extent(shape.y, shape.a);
    const sizeB = extent(shape.y, shape.b);
    const fill = (x: TypedArray, from: number) => {
      for (let i = 0; i < x.length; i++) x[i] = value(from + i);
    };

    // The output in its own block, then in that of an operand of the same size and type.
    for (const place of ['own', 'a', 'b'] as const) {
      if (place !== 'own' && (outputType !== dtype || (place === 'a' ? sizeA : sizeB) !== size)) continue;
      const a = allocate(byteLength(dtype, sizeA), 'test');
      const b = allocate(byteLength(dtype, sizeB), 'test');
      const own = allocate(byteLength(outputType, size), 'test');
      const y = { own, a, b }[place];
      fill(view(dtype, a, sizeA), 0);
      fill(view(dtype, b, sizeB), 1000);
      const valuesA = view(dtype, a, sizeA).slice();
      const valuesB = view(dtype, b, sizeB).slice();
      const expected = view(outputType, own, size).slice();
      let at = 0;
      for (let i2 = 0; i2 < n2; i2++)
        for (let i1 = 0; i1 < n1; i1++)
          for (let i0 = 0; i0 < n0; i0++)
            expected[at++] = reference(
              valuesA[i2 * shape.a[0] + i1 * shape.a[1] + i0 * shape.a[2]]!,
              valuesB[i2 * shape.b[0] + i1 * shape.b[1] + i0 * shape.b[2]]!,
            );
      kernel(a, b, y, ...shape.y, ...shape.a, ...shape.b);
      const actual = view(outputType, y, size);
      const wrong = expected.findIndex((v, i) => !Object.is(v, actual[i]));
      const where = `${op} ${dtype}, output: ${place}, ${JSON.stringify(shape)}, element ${wrong}`;
      if (wrong >= 0) expect(actual[wrong], where).toBe(expected[wrong]);
      release(a, byteLength(dtype, sizeA));
      release(b, byteLength(dtype, sizeB));
      release(own, byteLength(outputType, size));
    }
  }
}
