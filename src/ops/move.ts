// The one way elements move: a strided copy over up to six axes. Transpose, slice, reverse, tile,
// broadcast, pad, concat and split all say where to read and where to write, and call this.

import { BYTES } from '../dtype.js';
import { type Shape, stridesOf } from '../shape.js';
import { empty, type Tensor } from '../tensor.js';
import { kernel } from './dispatch.js';

/** Where to begin, and how far apart neighbours along each axis lie, in elements. */
export interface Layout {
  offset: number;
  strides: readonly number[];
}

const AXES = 6;

/** Copies `shape` elements of x, laid out as `from`, to y, laid out as `to`. */
export function moveInto(x: Tensor, from: Layout, y: Tensor, to: Layout, shape: Shape): void {
  // Axes that both sides walk through in one step become one, so that most copies need two or three.
  const axes: [n: number, x: number, y: number][] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i]!;
    const [sx, sy] = [from.strides[i]!, to.strides[i]!];
    if (n === 0) return;
    if (n === 1) continue;
    const inner = axes.at(-1);
    if (inner && sx === inner[0] * inner[1] && sy === inner[0] * inner[2]) inner[0] *= n;
    else axes.push([n, sx, sy]);
  }
  const bytes = BYTES[x.dtype];
  copyAxes(x, x.storage.address + from.offset * bytes, y.storage.address + to.offset * bytes, axes);
}

/** The copy over axes, innermost first; those beyond the kernel's six are loops here. */
function copyAxes(x: Tensor, from: number, to: number, axes: [n: number, x: number, y: number][]): void {
  if (axes.length > AXES) {
    const [n, sx, sy] = axes.at(-1)!;
    const bytes = BYTES[x.dtype];
    for (let i = 0; i < n; i++) copyAxes(x, from + i * sx * bytes, to + i * sy * bytes, axes.slice(0, -1));
    return;
  }
  const column = (k: 0 | 1 | 2) => Array.from({ length: AXES }, (_, i) => axes[AXES - 1 - i]?.[k] ?? (k === 0 ? 1 : 0));
  kernel('copy', x.dtype)(from, to, ...column(0), ...column(1), ...column(2));
}

/** A new tensor of `shape`, read from x as `from` says. */
export function move(x: Tensor, shape: Shape, from: Layout): Tensor {
  const y = empty(shape, x.dtype);
  moveInto(x, from, y, { offset: 0, strides: stridesOf(shape) }, shape);
  return y;
}
