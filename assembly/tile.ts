// The tile: the one loop in which a matrix product spends its time, for each height and width.
//
//              b0   b1        b: two vectors (8 columns of f32 or i32, 4 of f64), or one
//         s0  c00  c01
//         s1  c10  c11        s: one element of a, in every lane
//     a   s2  c20  c21   y
//         s3  c30  c31        c: the accumulators; each adds s · b once for every k
//         s4  c40  c41
//
// Ten accumulators, two vectors of b, one of a and one product are 14 registers; V8 has 15 to give.

import { lanes, storeLanes } from './vector'

/**
 * With `--use RELAXED=1 --enable relaxed-simd`, products of floats and sums fuse where the machine can: faster, and not
 * the same bits everywhere. That frees the register of the product for a sixth row.
 */
const IS_RELAXED = isDefined(RELAXED)

/** Rows of the highest tile. */
export const ROWS: usize = IS_RELAXED ? 6 : 5

/** How many rows or vectors a tile has, as a type: each combination is compiled for itself. */
@final @unmanaged export class One { @inline get count(): usize { return 1 } }
@final @unmanaged export class Two { @inline get count(): usize { return 2 } }
@final @unmanaged export class Three { @inline get count(): usize { return 3 } }
@final @unmanaged export class Four { @inline get count(): usize { return 4 } }
@final @unmanaged export class Five { @inline get count(): usize { return 5 } }
@final @unmanaged export class Six { @inline get count(): usize { return 6 } }

/** c + s · b */
// @ts-ignore: decorator
@inline
export function addProduct<T>(c: v128, s: v128, b: v128): v128 {
  return IS_RELAXED && isFloat<T>() ? v128.relaxed_madd<T>(s, b, c) : v128.add<T>(c, v128.mul<T>(s, b))
}

/**
 * y += a · b for a tile of R rows and V vectors; of a single vector, the first `columns` lanes are y's.
 * Strides are in bytes. With `first`, y counts as zeros.
 *
 * The loop is as V8 likes it. k is not unrolled: that costs 30 %, since the loads of both turns move up
 * and push accumulators out of the registers. The guard around the loop lets the accumulators leave it
 * through phi nodes; without it, the scheduler of V8 11 (Node 20) again puts the loads first: three
 * accumulators live on the stack, 19 % slower.
 */
function tile<T, R, V>(
  a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize, first: bool,
  columns: usize,
): void {
  const rows = changetype<R>(0).count
  const wide = changetype<V>(0).count == 2
  const a1 = rowA, a2 = a1 + rowA, a3 = a2 + rowA, a4 = a3 + rowA, a5 = a4 + rowA
  const y1 = y + rowY, y2 = y1 + rowY, y3 = y2 + rowY, y4 = y3 + rowY, y5 = y4 + rowY
  let c00 = i64x2.splat(0), c10 = c00, c20 = c00, c30 = c00, c40 = c00, c50 = c00
  let c01 = c00, c11 = c00, c21 = c00, c31 = c00, c41 = c00, c51 = c00
  if (!first) {
    c00 = v128.load(y)
    if (wide) c01 = v128.load(y, 16)
    if (rows > 1) { c10 = v128.load(y1); if (wide) c11 = v128.load(y1, 16) }
    if (rows > 2) { c20 = v128.load(y2); if (wide) c21 = v128.load(y2, 16) }
    if (rows > 3) { c30 = v128.load(y3); if (wide) c31 = v128.load(y3, 16) }
    if (rows > 4) { c40 = v128.load(y4); if (wide) c41 = v128.load(y4, 16) }
    if (rows > 5) { c50 = v128.load(y5); if (wide) c51 = v128.load(y5, 16) }
  }
  const end = b + k * stepB
  if (b != end) do {
    const b0 = v128.load(b)
    let b1 = b0
    if (wide) b1 = v128.load(b, 16)
    const s0 = v128.load_splat<T>(a)
    c00 = addProduct<T>(c00, s0, b0)
    if (wide) c01 = addProduct<T>(c01, s0, b1)
    if (rows > 1) {
      const s1 = v128.load_splat<T>(a + a1)
      c10 = addProduct<T>(c10, s1, b0)
      if (wide) c11 = addProduct<T>(c11, s1, b1)
    }
    if (rows > 2) {
      const s2 = v128.load_splat<T>(a + a2)
      c20 = addProduct<T>(c20, s2, b0)
      if (wide) c21 = addProduct<T>(c21, s2, b1)
    }
    if (rows > 3) {
      const s3 = v128.load_splat<T>(a + a3)
      c30 = addProduct<T>(c30, s3, b0)
      if (wide) c31 = addProduct<T>(c31, s3, b1)
    }
    if (rows > 4) {
      const s4 = v128.load_splat<T>(a + a4)
      c40 = addProduct<T>(c40, s4, b0)
      if (wide) c41 = addProduct<T>(c41, s4, b1)
    }
    if (rows > 5) {
      const s5 = v128.load_splat<T>(a + a5)
      c50 = addProduct<T>(c50, s5, b0)
      if (wide) c51 = addProduct<T>(c51, s5, b1)
    }
    a += stepA
    b += stepB
  } while (b != end)
  if (wide) {
    v128.store(y, c00); v128.store(y, c01, 16)
    if (rows > 1) { v128.store(y1, c10); v128.store(y1, c11, 16) }
    if (rows > 2) { v128.store(y2, c20); v128.store(y2, c21, 16) }
    if (rows > 3) { v128.store(y3, c30); v128.store(y3, c31, 16) }
    if (rows > 4) { v128.store(y4, c40); v128.store(y4, c41, 16) }
    if (rows > 5) { v128.store(y5, c50); v128.store(y5, c51, 16) }
  } else {
    storeLanes<T>(y, c00, columns)
    if (rows > 1) storeLanes<T>(y1, c10, columns)
    if (rows > 2) storeLanes<T>(y2, c20, columns)
    if (rows > 3) storeLanes<T>(y3, c30, columns)
    if (rows > 4) storeLanes<T>(y4, c40, columns)
    if (rows > 5) storeLanes<T>(y5, c50, columns)
  }
}

/** The default build has no tile of six rows, and must not change by a byte for it: hence not a case of its own. */
function sixOrOne<T, V>(
  rows: usize, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize,
  first: bool, columns: usize,
): void {
  if (rows == 6) tile<T, Six, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns)
  else tile<T, One, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns)
}

// @ts-ignore: decorator
@inline
function tileOf<T, V>(
  rows: usize, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize,
  first: bool, columns: usize,
): void {
  switch (rows) {
    case 5: tile<T, Five, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 4: tile<T, Four, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 3: tile<T, Three, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 2: tile<T, Two, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    default: IS_RELAXED ? sixOrOne<T, V>(rows, a, rowA, stepA, b, stepB, y, rowY, k, first, columns) : tile<T, One, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns)
  }
}

/** A tile of up to two vectors: the last columns are one vector, or one and a rest, or a rest. */
// @ts-ignore: decorator
@inline
export function tileOfColumns<T>(
  rows: usize, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize,
  first: bool, columns: usize,
): void {
  const vector = lanes<T>()
  if (columns >= 2 * vector) tileOf<T, Two>(rows, a, rowA, stepA, b, stepB, y, rowY, k, first, vector)
  else {
    tileOf<T, One>(rows, a, rowA, stepA, b, stepB, y, rowY, k, first, min(columns, vector))
    if (columns <= vector) return
    tileOf<T, One>(rows, a, rowA, stepA, b + 16, stepB, y + 16, rowY, k, first, columns - vector)
  }
}
