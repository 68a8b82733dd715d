// Packing: copies of blocks of a and b in the order in which the tile reads them.
//
//     a in tiles of up to 5 rows       b in panels of two vectors
//
//     ┌ k ─────────┐                   ┌──┬──┬──┐
//     │ 0 5 10 ..  │ rows              │ 0│  │  │ k
//     │ 1 6 11     │                   │ 1│  │  │
//     │ 2 7 12     │                   │ 2│  │  │
//     └────────────┘                   └──┴──┴──┘
//
// Whole vectors are copied: what is written past the end of a tile or a panel, the next one corrects.

import { ROWS } from './tile'
import { lanes } from './vector'

/** Copies m rows of a transposed a in tiles, as block takes them: k times the tile's rows. */
export function packTransposedA<T>(a: usize, stepA: usize, out: usize, m: usize, k: usize): void {
  for (let tiles = (m + ROWS - 1) / ROWS; tiles > 0; tiles--) {
    const rows = (m + tiles - 1) / tiles, step = rows * sizeof<T>()
    // A column of the tile lies together: copy more than it, the next column corrects the rest.
    let from = a, to = out
    for (const end = out + k * step; to < end; to += step, from += stepA) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
      if (sizeof<T>() == 8) v128.store(to, v128.load(from, 32), 32)
    }
    out += k * step
    a += step
    m -= rows
  }
}

/** Copies n columns of b in panels of two vectors, k rows each: four panels at a time, which are two cache lines. */
export function packB<T>(b: usize, rowB: usize, out: usize, n: usize, k: usize): void {
  const bytes = n * sizeof<T>(), panel: usize = 32 * k
  let j: usize = 0
  for (; j + 96 < bytes; j += 128, out += 4 * panel) {
    for (let p: usize = 0, from = b + j, to = out; p < k; p++, from += rowB, to += 32) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
      v128.store(to + panel, v128.load(from, 32))
      v128.store(to + panel, v128.load(from, 48), 16)
      v128.store(to + 2 * panel, v128.load(from, 64))
      v128.store(to + 2 * panel, v128.load(from, 80), 16)
      v128.store(to + 3 * panel, v128.load(from, 96))
      v128.store(to + 3 * panel, v128.load(from, 112), 16)
    }
  }
  for (; j < bytes; j += 32) {
    for (let p: usize = 0, from = b + j; p < k; p++, from += rowB, out += 32) {
      v128.store(out, v128.load(from))
      v128.store(out, v128.load(from, 16), 16)
    }
  }
}

/** The same panels from a transposed b: one vector's columns at a time, turned in squares of vectors. */
export function packTransposedB<T>(b: usize, columnB: usize, out: usize, n: usize, k: usize): void {
  const last = b + (n - 1) * columnB // columns behind the last repeat it; nobody reads them
  for (let j: usize = 0; j < n; j += lanes<T>()) {
    let from0 = b + j * columnB
    let from1 = min(from0 + columnB, last)
    let to = out
    if (sizeof<T>() == 8) {
      for (let p: usize = 0; p < k; p += 2) {
        const x0 = v128.load(from0), x1 = v128.load(from1)
        v128.store(to, v128.shuffle<f64>(x0, x1, 0, 2))
        v128.store(to, v128.shuffle<f64>(x0, x1, 1, 3), 32)
        from0 += 16
        from1 += 16
        to += 64
      }
    } else {
      let from2 = min(from1 + columnB, last)
      let from3 = min(from2 + columnB, last)
      for (let p: usize = 0; p < k; p += 4) {
        const x0 = v128.load(from0), x1 = v128.load(from1)
        const x2 = v128.load(from2), x3 = v128.load(from3)
        const x01l = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), x23l = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
        const x01h = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), x23h = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
        v128.store(to, v128.shuffle<f64>(x01l, x23l, 0, 2))
        v128.store(to, v128.shuffle<f64>(x01l, x23l, 1, 3), 32)
        v128.store(to, v128.shuffle<f64>(x01h, x23h, 0, 2), 64)
        v128.store(to, v128.shuffle<f64>(x01h, x23h, 1, 3), 96)
        from0 += 16
        from1 += 16
        from2 += 16
        from3 += 16
        to += 128
      }
    }
    // The panel's second vector stands beside the first; behind it the next panel begins.
    out += j & lanes<T>() ? 32 * k - 16 : 16
  }
}
