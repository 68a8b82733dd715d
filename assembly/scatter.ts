// Rows added back by index and put in by index, and the check of indices: in order, so that they are left to one thread.

/** y[o, indices[j], :] += x[o, j, :] for x of [outer, count, inner], in order of j; y is [outer, n, inner], zeroed here. */
// @ts-ignore: decorator
@inline
function scatterAdd<T>(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void {
  const row = inner * sizeof<T>()
  memory.fill(y, 0, outer * n * row)
  for (let o: usize = 0; o < outer; o++) {
    for (let j: usize = 0; j < count; j++) {
      const at = <usize>load<u32>(indices + (j << 2))
      const to = y + (o * n + at) * row
      if (at < n) for (let i: usize = 0; i < row; i += sizeof<T>()) store<T>(to + i, load<T>(to + i) + load<T>(x + i))
      x += row
    }
  }
}

export function scatterAdd_i32(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { scatterAdd<i32>(x, indices, y, outer, n, inner, count) }
export function scatterAdd_f32(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { scatterAdd<f32>(x, indices, y, outer, n, inner, count) }
export function scatterAdd_f64(x: usize, indices: usize, y: usize, outer: usize, n: usize, inner: usize, count: usize): void { scatterAdd<f64>(x, indices, y, outer, n, inner, count) }

/** y = x, but y[indices[j], :] = rows[j, :], in order of j; x and y are [n, inner]. */
// @ts-ignore: decorator
@inline
function scatter<T>(x: usize, indices: usize, rows: usize, y: usize, n: usize, inner: usize, count: usize): void {
  const row = inner * sizeof<T>()
  memory.copy(y, x, n * row)
  for (let j: usize = 0; j < count; j++) {
    memory.copy(y + <usize>load<u32>(indices + (j << 2)) * row, rows, row)
    rows += row
  }
}

export function scatter_u8(x: usize, indices: usize, rows: usize, y: usize, n: usize, inner: usize, count: usize): void { scatter<u8>(x, indices, rows, y, n, inner, count) }
export function scatter_i32(x: usize, indices: usize, rows: usize, y: usize, n: usize, inner: usize, count: usize): void { scatter<u32>(x, indices, rows, y, n, inner, count) }
export function scatter_f32(x: usize, indices: usize, rows: usize, y: usize, n: usize, inner: usize, count: usize): void { scatter<u32>(x, indices, rows, y, n, inner, count) }
export function scatter_f64(x: usize, indices: usize, rows: usize, y: usize, n: usize, inner: usize, count: usize): void { scatter<u64>(x, indices, rows, y, n, inner, count) }

/** The position of the first of n values outside [low, high), or −1. */
export function firstOutside_i32(x: usize, n: usize, low: i32, high: i32): i32 {
  for (let i: usize = 0; i < n; i++) {
    const v = load<i32>(x + (i << 2))
    if (v < low || v >= high) return <i32>i
  }
  return -1
}

/** Stops the program where one of n values is outside [low, high): a replayed step checks its indices so. */
export function assertInside_i32(x: usize, n: usize, low: i32, high: i32): void {
  if (firstOutside_i32(x, n, low, high) >= 0) unreachable()
}
