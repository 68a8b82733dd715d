// A product of two matrices, of which the first lies scattered: its element (i, k) is where row i and term k point together.
//
//                   terms  k k k ...       b is packed in panels of two vectors (pack.ts), k rows each
//       rows  i y          │
//             i y ─── a + row.i + term.k ───→  one element of a, in every lane
//             i y
//               └──── y + row.y ────────────→  the accumulators of row i
//
// Each accumulator adds its products in order of the terms, multiply then add. The table of terms costs a load for each
// term of a tile of 5 × 2 vectors: 2 % of the time where a panel is in the first cache. Then there is nothing else to do
// about borders, strides, dilations, groups and channels. (With b's rows in the table too it is 5 to 9 % slower.)

import { addProduct, Five, Four, One, Three, Two } from './tile'
import { lanes, storeLanes } from './vector'

/** Rows of the highest tile. */
export const ROWS: usize = 5

/** Bytes of an entry of either table: two offsets, though of a term only the first matters here. */
export const ENTRY: usize = 8

/** Writes an entry, and says where the next one goes. */
// @ts-ignore: decorator
@inline
export function entry(at: usize, first: usize, second: usize): usize {
  store<usize>(at, first)
  store<usize>(at, second, 4)
  return at + ENTRY
}

/**
 * A tile of R rows and V vectors; of a single vector, the first `columns` lanes are y's. The loop is that of tile.ts, but
 * the sums always begin at 0 and always replace y: a branch before the loop costs 2 to 4 %, and one behind it 15 %, since
 * V8 11 (Node 20) then spills accumulators inside.
 */
function tile<T, R, V>(
  rows: usize, a: usize, terms: usize, end: usize, b: usize, y: usize, columns: usize,
): void {
  const height = changetype<R>(0).count
  const wide = changetype<V>(0).count == 2
  const a0 = a + load<usize>(rows)
  const a1 = height > 1 ? a + load<usize>(rows, ENTRY) : 0
  const a2 = height > 2 ? a + load<usize>(rows, 2 * ENTRY) : 0
  const a3 = height > 3 ? a + load<usize>(rows, 3 * ENTRY) : 0
  const a4 = height > 4 ? a + load<usize>(rows, 4 * ENTRY) : 0
  let c00 = i64x2.splat(0), c10 = c00, c20 = c00, c30 = c00, c40 = c00
  let c01 = c00, c11 = c00, c21 = c00, c31 = c00, c41 = c00
  if (terms != end) do {
    const term = load<usize>(terms)
    const b0 = v128.load(b)
    let b1 = b0
    if (wide) b1 = v128.load(b, 16)
    const s0 = v128.load_splat<T>(term + a0)
    c00 = addProduct<T>(c00, s0, b0)
    if (wide) c01 = addProduct<T>(c01, s0, b1)
    if (height > 1) {
      const s1 = v128.load_splat<T>(term + a1)
      c10 = addProduct<T>(c10, s1, b0)
      if (wide) c11 = addProduct<T>(c11, s1, b1)
    }
    if (height > 2) {
      const s2 = v128.load_splat<T>(term + a2)
      c20 = addProduct<T>(c20, s2, b0)
      if (wide) c21 = addProduct<T>(c21, s2, b1)
    }
    if (height > 3) {
      const s3 = v128.load_splat<T>(term + a3)
      c30 = addProduct<T>(c30, s3, b0)
      if (wide) c31 = addProduct<T>(c31, s3, b1)
    }
    if (height > 4) {
      const s4 = v128.load_splat<T>(term + a4)
      c40 = addProduct<T>(c40, s4, b0)
      if (wide) c41 = addProduct<T>(c41, s4, b1)
    }
    terms += ENTRY
    b += 32
  } while (terms != end)
  finish<T, V>(y + load<usize>(rows, 4), c00, c01, columns)
  if (height > 1) finish<T, V>(y + load<usize>(rows, ENTRY + 4), c10, c11, columns)
  if (height > 2) finish<T, V>(y + load<usize>(rows, 2 * ENTRY + 4), c20, c21, columns)
  if (height > 3) finish<T, V>(y + load<usize>(rows, 3 * ENTRY + 4), c30, c31, columns)
  if (height > 4) finish<T, V>(y + load<usize>(rows, 4 * ENTRY + 4), c40, c41, columns)
}

/** Writes a row of accumulators. */
// @ts-ignore: decorator
@inline
function finish<T, V>(y: usize, c0: v128, c1: v128, columns: usize): void {
  if (changetype<V>(0).count == 2) {
    v128.store(y, c0)
    v128.store(y, c1, 16)
  } else storeLanes<T>(y, c0, columns)
}

// @ts-ignore: decorator
@inline
function tileOf<T, V>(
  height: usize, rows: usize, a: usize, terms: usize, end: usize, b: usize, y: usize, columns: usize,
): void {
  switch (height) {
    case 5: tile<T, Five, V>(rows, a, terms, end, b, y, columns); break
    case 4: tile<T, Four, V>(rows, a, terms, end, b, y, columns); break
    case 3: tile<T, Three, V>(rows, a, terms, end, b, y, columns); break
    case 2: tile<T, Two, V>(rows, a, terms, end, b, y, columns); break
    default: tile<T, One, V>(rows, a, terms, end, b, y, columns)
  }
}

/** A tile of up to two vectors: the last columns are one vector, or one and a rest, or a rest. */
// @ts-ignore: decorator
@inline
function tileOfColumns<T>(
  height: usize, rows: usize, a: usize, terms: usize, end: usize, b: usize, y: usize, columns: usize,
): void {
  const vector = lanes<T>()
  if (columns >= 2 * vector) tileOf<T, Two>(height, rows, a, terms, end, b, y, vector)
  else {
    tileOf<T, One>(height, rows, a, terms, end, b, y, min(columns, vector))
    if (columns <= vector) return
    tileOf<T, One>(height, rows, a, terms, end, b + 16, y + 16, columns - vector)
  }
}

/**
 * m rows of n columns, sums of k terms. Rows are shared out evenly among the fewest tiles, in two loops, as in matmul.ts
 * and for the same reason.
 */
export function scattered<T>(
  rows: usize, m: usize, a: usize, terms: usize, k: usize, b: usize, y: usize, n: usize,
): void {
  if (m == 0) return
  const tiles = (m + ROWS - 1) / ROWS, height = m / tiles
  const last = rows + m * ENTRY, higher = rows + (m - height * tiles) * (height + 1) * ENTRY
  const end = terms + k * ENTRY
  for (let j: usize = 0; j < n; j += 2 * lanes<T>(), b += 32 * k, y += 32) {
    let row = rows
    for (; row < higher; row += (height + 1) * ENTRY) {
      tileOfColumns<T>(height + 1, row, a, terms, end, b, y, n - j)
    }
    for (; row < last; row += height * ENTRY) {
      tileOfColumns<T>(height, row, a, terms, end, b, y, n - j)
    }
  }
}
