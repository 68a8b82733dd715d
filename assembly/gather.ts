// Rows picked by index. Indices are int32 and were checked by the caller, but for those that leave a row out of a
// segment sum: an index outside [0, n) picks zeros, and adds to nothing in scatterAdd.

import { rowStep, stepEnd, stepStart } from './share'

/** y[o, j, :] = x[o, indices[j], :] for x of [outer, n, inner] and `count` indices. */
// @ts-ignore: decorator
@inline
function gather<T>(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void {
  const row = inner * sizeof<T>()
  const step = rowStep(inner)
  const end = stepEnd(outer * count, step)
  let r = stepStart(outer * count, step)
  if (r == end) return
  y += r * row
  let o = r / count
  let j = r % count
  for (; r < end; r++) {
    const at = <usize>load<u32>(indices + (j << 2))
    const from = x + (o * n + at) * row
    if (at >= n) memory.fill(y, 0, row)
    else if (inner == 1) store<T>(y, load<T>(from))
    else memory.copy(y, from, row)
    y += row
    if (++j == count) {
      j = 0
      o++
    }
  }
}

export function gather_u8(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { gather<u8>(x, indices, y, outer, n, inner, count) }
export function gather_i32(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { gather<u32>(x, indices, y, outer, n, inner, count) }
export function gather_f32(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { gather<u32>(x, indices, y, outer, n, inner, count) }
export function gather_f64(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { gather<u64>(x, indices, y, outer, n, inner, count) }

/** y[j, :] = off, but for y[j, indices[j]] = on; an index outside [0, depth) leaves its row off. */
// @ts-ignore: decorator
@inline
function oneHot<T>(indices: usize, y: usize, n: usize, depth: usize, on: f64, off: f64): void {
  const step = rowStep(depth)
  const first = stepStart(n, step)
  const end = stepEnd(n, step)
  for (let i = first * depth; i < end * depth; i++) store<T>(y + i * sizeof<T>(), <T>off)
  for (let j = first; j < end; j++) {
    const at = <usize>load<u32>(indices + (j << 2))
    if (at < depth) store<T>(y + (j * depth + at) * sizeof<T>(), <T>on)
  }
}

export function oneHot_u8(indices: usize, y: usize, n: usize, depth: usize, on: f64, off: f64): void { oneHot<u8>(indices, y, n, depth, on, off) }
export function oneHot_i32(indices: usize, y: usize, n: usize, depth: usize, on: f64, off: f64): void { oneHot<i32>(indices, y, n, depth, on, off) }
export function oneHot_f32(indices: usize, y: usize, n: usize, depth: usize, on: f64, off: f64): void { oneHot<f32>(indices, y, n, depth, on, off) }
export function oneHot_f64(indices: usize, y: usize, n: usize, depth: usize, on: f64, off: f64): void { oneHot<f64>(indices, y, n, depth, on, off) }
