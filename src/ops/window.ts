// A window is a strided part of a tensor: reading it and writing it into zeros are each other's gradient.
// Slices, splits, pads, joins and diagonals are windows.

import { type Shape, stridesOf } from '../shape.js';
import { record } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { fill } from './creation.js';
import { type Layout, move, moveInto } from './move.js';

/** The elements of x that lie `at` a layout, as a tensor of `shape`. The layout meets no element twice. */
export function window(x: Tensor, shape: Shape, at: Layout): Tensor {
  return record(move(x, shape, at), [x], [(dy) => place(dy, x.shape, at)], []);
}

/** A tensor of `shape` with x lying `at` a layout, and one value around it. */
export function place(x: Tensor, shape: Shape, at: Layout, around = 0): Tensor {
  const y = fill(shape, around, x.dtype);
  moveInto(x, { offset: 0, strides: stridesOf(x.shape) }, y, at, x.shape);
  return record(y, [x], [(dy) => window(dy, x.shape, at)], []);
}

/** The layout of a block of neighbours that begins at an index. */
export function blockAt(begin: readonly number[], shape: Shape): Layout {
  const strides = stridesOf(shape);
  return { offset: begin.reduce((sum, b, i) => sum + b * strides[i]!, 0), strides };
}
