// Products of a vector and a matrix: a row of y at a time, all of it. Each element of b serves only once or twice, so
// nothing is packed, and b is read in the order in which it lies. Sums run in order of k, as everywhere.

import { tileOfColumns } from './tile'
import { lanes } from './vector'

/** How many rows of b are added in one go, as a type. */
@final @unmanaged class One { @inline get count(): usize { return 1 } }
@final @unmanaged class Two { @inline get count(): usize { return 2 } }
@final @unmanaged class Four { @inline get count(): usize { return 4 } }
@final @unmanaged class Eight { @inline get count(): usize { return 8 } }

/** Adds R rows of b to a row of y, each times its element of a: `bytes` of them. With `first`, y counts as zeros. */
function addRows<T, R>(a: usize, stepA: usize, b: usize, rowB: usize, y: usize, bytes: usize, first: bool): void {
  const rows = changetype<R>(0).count
  const b1 = b + rowB, b2 = b1 + rowB, b3 = b2 + rowB, b4 = b3 + rowB, b5 = b4 + rowB, b6 = b5 + rowB, b7 = b6 + rowB
  const s0 = v128.load_splat<T>(a)
  let s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0
  if (rows > 1) s1 = v128.load_splat<T>(a + stepA)
  if (rows > 2) {
    s2 = v128.load_splat<T>(a + 2 * stepA)
    s3 = v128.load_splat<T>(a + 3 * stepA)
  }
  if (rows > 4) {
    s4 = v128.load_splat<T>(a + 4 * stepA)
    s5 = v128.load_splat<T>(a + 5 * stepA)
    s6 = v128.load_splat<T>(a + 6 * stepA)
    s7 = v128.load_splat<T>(a + 7 * stepA)
  }
  let j: usize = 0
  if (j != bytes) do {
    let c = i64x2.splat(0)
    if (!first) c = v128.load(y + j)
    c = v128.add<T>(c, v128.mul<T>(s0, v128.load(b + j)))
    if (rows > 1) c = v128.add<T>(c, v128.mul<T>(s1, v128.load(b1 + j)))
    if (rows > 2) {
      c = v128.add<T>(c, v128.mul<T>(s2, v128.load(b2 + j)))
      c = v128.add<T>(c, v128.mul<T>(s3, v128.load(b3 + j)))
    }
    if (rows > 4) {
      c = v128.add<T>(c, v128.mul<T>(s4, v128.load(b4 + j)))
      c = v128.add<T>(c, v128.mul<T>(s5, v128.load(b5 + j)))
      c = v128.add<T>(c, v128.mul<T>(s6, v128.load(b6 + j)))
      c = v128.add<T>(c, v128.mul<T>(s7, v128.load(b7 + j)))
    }
    v128.store(y + j, c)
    j += 16
  } while (j != bytes)
}

// @ts-ignore: decorator
@inline
function addToRows<T, R>(
  a: usize, rowA: usize, stepA: usize, b: usize, rowB: usize, y: usize, rowY: usize, m: usize, bytes: usize,
  first: bool,
): void {
  for (let i: usize = 0; i < m; i++, a += rowA, y += rowY) addRows<T, R>(a, stepA, b, rowB, y, bytes, first)
}

/** y = a · b for few rows: eight rows of b at a time stay in the first cache while they are added to each of y's. */
export function fewRows<T>(
  a: usize, rowA: usize, stepA: usize, b: usize, rowB: usize, y: usize, rowY: usize, m: usize, n: usize, k: usize,
): void {
  const rest = n % lanes<T>(), bytes = (n - rest) * sizeof<T>()
  if (rest) {
    for (let i: usize = 0; i < m; i++) {
      tileOfColumns<T>(1, a + i * rowA, rowA, stepA, b + bytes, rowB, y + i * rowY + bytes, rowY, k, true, rest)
    }
  }
  let p: usize = 0
  for (; p + 8 <= k; p += 8, a += 8 * stepA, b += 8 * rowB) {
    addToRows<T, Eight>(a, rowA, stepA, b, rowB, y, rowY, m, bytes, p == 0)
  }
  if (k & 4) {
    addToRows<T, Four>(a, rowA, stepA, b, rowB, y, rowY, m, bytes, p == 0)
    p += 4
    a += 4 * stepA
    b += 4 * rowB
  }
  if (k & 2) {
    addToRows<T, Two>(a, rowA, stepA, b, rowB, y, rowY, m, bytes, p == 0)
    p += 2
    a += 2 * stepA
    b += 2 * rowB
  }
  if (k & 1) addToRows<T, One>(a, rowA, stepA, b, rowB, y, rowY, m, bytes, p == 0)
}

/** A vector of sums, c, and a vector of k more: products of a and a column of b each, turned to stand in order. */
// @ts-ignore: decorator
@inline
function addTurned<T>(c: v128, a: v128, b: usize, columnB: usize): v128 {
  const b1 = b + columnB
  const x0 = v128.mul<T>(a, v128.load(b)), x1 = v128.mul<T>(a, v128.load(b1))
  if (sizeof<T>() == 8) {
    c = v128.add<T>(c, v128.shuffle<f64>(x0, x1, 0, 2))
    return v128.add<T>(c, v128.shuffle<f64>(x0, x1, 1, 3))
  }
  const b2 = b1 + columnB
  const x2 = v128.mul<T>(a, v128.load(b2)), x3 = v128.mul<T>(a, v128.load(b2 + columnB))
  const x01l = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), x23l = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
  const x01h = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), x23h = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
  c = v128.add<T>(c, v128.shuffle<f64>(x01l, x23l, 0, 2))
  c = v128.add<T>(c, v128.shuffle<f64>(x01l, x23l, 1, 3))
  c = v128.add<T>(c, v128.shuffle<f64>(x01h, x23h, 0, 2))
  return v128.add<T>(c, v128.shuffle<f64>(x01h, x23h, 1, 3))
}

/** Two vectors of y = a · bᵀ, from one row of a. With four, V8 spills. */
function dots<T>(a: usize, b: usize, columnB: usize, y: usize, k: usize): void {
  const size = sizeof<T>(), vectors = k * size / 16 * 16, end = a + k * size
  const other = lanes<T>() * columnB
  let c0 = i64x2.splat(0), c1 = c0
  if (vectors) {
    const end = a + vectors
    do {
      const s = v128.load(a)
      c0 = addTurned<T>(c0, s, b, columnB)
      c1 = addTurned<T>(c1, s, b + other, columnB)
      a += 16
      b += 16
    } while (a != end)
  }
  v128.store(y, c0)
  v128.store(y, c1, 16)
  for (; a != end; a += size, b += size) {
    for (let j: usize = 0, from = b; j < 32; j += size, from += columnB) {
      store<T>(y + j, load<T>(y + j) + load<T>(a) * load<T>(from))
    }
  }
}

/** y = a · bᵀ for one row and at least two vectors of columns. The last two may repeat some, to the same bits. */
export function oneRowTransposed<T>(a: usize, b: usize, columnB: usize, y: usize, n: usize, k: usize): void {
  const step: usize = 2 * lanes<T>()
  for (let j: usize = 0; j < n; j += step) {
    const at = min(j, n - step)
    dots<T>(a, b + at * columnB, columnB, y + at * sizeof<T>(), k)
  }
}
