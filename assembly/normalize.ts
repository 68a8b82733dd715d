// Normalization of an [rows, n] matrix: of its columns, each by the mean and variance of its rows (batch normalization),
// and of its rows, each by its own (layer normalization).
//
// Sums down a column go in order within blocks of BLOCK rows, and the blocks add up in order; rows.ts says how sums along
// a row go. Either way the order is set by the shape alone. A mean far from 0 costs no digits of the variance.
//
// Loops over a row take two vectors at a turn (0.18 ns an element against 0.28 with the question after each vector whether
// it is the last).
//
// Kernels that make columns write four vectors at a time, up to 48 bytes over the end of the last: parts are cut at
// multiples of that.

import { BLOCK, foldSum, loadRow, storeRow } from './rows'
import { rowStep, stepEnd, stepStart } from './share'
import { splat, tailMask } from './vector'

/** At what multiples of columns parts are cut. */
// @ts-ignore: decorator
@inline
function columnStep(rows: usize): usize { return rowStep(16 * rows) * 16 }

/** Adds v to what the blocks before gave. */
// @ts-ignore: decorator
@inline
function addBlock<T>(y: usize, v: v128, seen: usize): void {
  v128.store(y, seen ? v128.add<T>(v128.load(y), v) : v)
}

/**
 * mean[c] = Σ x[r, c] / rows and variance[c] = Σ (x[r, c] − mean[c])² / rows; center is scratch for n elements.
 *
 * Deviations are from the mean of the first block, which is never farther from that of all than a deviation times
 * √(rows / BLOCK): variance = Σ d² / rows − (Σ d / rows)² loses no more than that. The two sums of a block take two
 * walks while it lies in the cache: together they would not fit into registers, and half as many columns at a time would
 * use half of each cache line (0.14 to 0.2 ns an element; 0.2 to 0.3, and up to 0.44).
 */
// @ts-ignore: decorator
@inline
function columnMoments<T>(x: usize, mean: usize, variance: usize, center: usize, rows: usize, n: usize): void {
  const row = n * sizeof<T>()
  const first = stepStart(n, columnStep(rows)) * sizeof<T>()
  const end = stepEnd(n, columnStep(rows)) * sizeof<T>()
  const few = min(BLOCK, rows)
  for (let at = first; at < end; at += 64) {
    const bottom = x + at + few * row
    let a = splat<T>(<T>0), b = a, c = a, d = a
    let from = x + at
    do {
      a = v128.add<T>(a, v128.load(from))
      b = v128.add<T>(b, v128.load(from, 16))
      c = v128.add<T>(c, v128.load(from, 32))
      d = v128.add<T>(d, v128.load(from, 48))
      from += row
    } while (from < bottom)
    const size = splat<T>(<T>few)
    v128.store(center + at, v128.div<T>(a, size))
    v128.store(center + at, v128.div<T>(b, size), 16)
    v128.store(center + at, v128.div<T>(c, size), 32)
    v128.store(center + at, v128.div<T>(d, size), 48)
  }
  for (let r: usize = 0; r < rows; r += BLOCK) {
    const count = min(BLOCK, rows - r)
    for (let at = first; at < end; at += 64) {
      const top = x + r * row + at
      const bottom = top + count * row
      const m0 = v128.load(center + at), m1 = v128.load(center + at, 16)
      const m2 = v128.load(center + at, 32), m3 = v128.load(center + at, 48)
      let a = splat<T>(<T>0), b = a, c = a, d = a
      let from = top
      do {
        a = v128.add<T>(a, v128.sub<T>(v128.load(from), m0))
        b = v128.add<T>(b, v128.sub<T>(v128.load(from, 16), m1))
        c = v128.add<T>(c, v128.sub<T>(v128.load(from, 32), m2))
        d = v128.add<T>(d, v128.sub<T>(v128.load(from, 48), m3))
        from += row
      } while (from < bottom)
      let p = splat<T>(<T>0), q = p, s = p, t = p
      from = top
      do {
        const v0 = v128.sub<T>(v128.load(from), m0), v1 = v128.sub<T>(v128.load(from, 16), m1)
        const v2 = v128.sub<T>(v128.load(from, 32), m2), v3 = v128.sub<T>(v128.load(from, 48), m3)
        p = v128.add<T>(p, v128.mul<T>(v0, v0))
        q = v128.add<T>(q, v128.mul<T>(v1, v1))
        s = v128.add<T>(s, v128.mul<T>(v2, v2))
        t = v128.add<T>(t, v128.mul<T>(v3, v3))
        from += row
      } while (from < bottom)
      addBlock<T>(mean + at, a, r)
      addBlock<T>(mean + at + 16, b, r)
      addBlock<T>(mean + at + 32, c, r)
      addBlock<T>(mean + at + 48, d, r)
      addBlock<T>(variance + at, p, r)
      addBlock<T>(variance + at + 16, q, r)
      addBlock<T>(variance + at + 32, s, r)
      addBlock<T>(variance + at + 48, t, r)
    }
  }
  const size = splat<T>(<T>rows)
  const zero = splat<T>(<T>0)
  for (let at = first; at < end; at += 16) {
    const d = v128.div<T>(v128.load(mean + at), size)
    const v = v128.sub<T>(v128.div<T>(v128.load(variance + at), size), v128.mul<T>(d, d))
    v128.store(mean + at, v128.add<T>(v128.load(center + at), d))
    v128.store(variance + at, v128.pmax<T>(v, zero))
  }
}

export function columnMoments_f32(x: usize, mean: usize, variance: usize, center: usize, rows: usize, n: usize): void { columnMoments<f32>(x, mean, variance, center, rows, n) }
export function columnMoments_f64(x: usize, mean: usize, variance: usize, center: usize, rows: usize, n: usize): void { columnMoments<f64>(x, mean, variance, center, rows, n) }

/** y[r, c] = (x[r, c] − center[c]) · scale[c] + offset[c] */
// @ts-ignore: decorator
@inline
function affine<T>(x: usize, center: usize, scale: usize, offset: usize, y: usize, rows: usize, n: usize): void {
  const row = n * sizeof<T>()
  const end = stepEnd(rows, rowStep(n))
  for (let r = stepStart(rows, rowStep(n)); r < end; r++) {
    const from = x + r * row, to = y + r * row
    let at: usize = 0
    while (at + 32 <= row) {
      const v0 = v128.mul<T>(v128.sub<T>(v128.load(from + at), v128.load(center + at)), v128.load(scale + at))
      const v1 = v128.mul<T>(v128.sub<T>(v128.load(from + at, 16), v128.load(center + at, 16)), v128.load(scale + at, 16))
      v128.store(to + at, v128.add<T>(v0, v128.load(offset + at)))
      v128.store(to + at, v128.add<T>(v1, v128.load(offset + at, 16)), 16)
      at += 32
    }
    while (at < row) {
      const v = v128.mul<T>(v128.sub<T>(v128.load(from + at), v128.load(center + at)), v128.load(scale + at))
      storeRow<T>(to + at, to + row, v128.add<T>(v, v128.load(offset + at)))
      at += 16
    }
  }
}

export function affine_f32(x: usize, center: usize, scale: usize, offset: usize, y: usize, rows: usize, n: usize): void { affine<f32>(x, center, scale, offset, y, rows, n) }
export function affine_f64(x: usize, center: usize, scale: usize, offset: usize, y: usize, rows: usize, n: usize): void { affine<f64>(x, center, scale, offset, y, rows, n) }

/** How far x is from the center of its column. */
@final @unmanaged
class FromColumn {
  @inline of<T>(x: v128, center: usize, factor: usize, column: usize, row: usize): v128 {
    return v128.sub<T>(x, v128.load(center + column))
  }
}

/** How far x is from the center of its row, times the row's factor. */
@final @unmanaged
class FromRow {
  @inline of<T>(x: v128, center: usize, factor: usize, column: usize, row: usize): v128 {
    return v128.mul<T>(v128.sub<T>(x, v128.load_splat<T>(center + row)), v128.load_splat<T>(factor + row))
  }
}

/** dScale[c] = Σ dy[r, c] · deviation of x[r, c] and dOffset[c] = Σ dy[r, c]. */
// @ts-ignore: decorator
@inline
function scaleGrads<Deviation, T>(dy: usize, x: usize, center: usize, factor: usize, dScale: usize, dOffset: usize, rows: usize, n: usize): void {
  const deviation = changetype<Deviation>(0)
  const row = n * sizeof<T>()
  const first = stepStart(n, columnStep(rows)) * sizeof<T>()
  const end = stepEnd(n, columnStep(rows)) * sizeof<T>()
  for (let top: usize = 0; top < rows; top += BLOCK) {
    const bottom = min(top + BLOCK, rows)
    for (let at = first; at < end; at += 64) {
      let a = splat<T>(<T>0), b = a, c = a, d = a, p = a, q = a, s = a, t = a
      let r = top
      let from = r * row + at
      do {
        const v0 = v128.load(dy + from), v1 = v128.load(dy + from, 16)
        const v2 = v128.load(dy + from, 32), v3 = v128.load(dy + from, 48)
        const i = r * sizeof<T>()
        a = v128.add<T>(a, v128.mul<T>(v0, deviation.of<T>(v128.load(x + from), center, factor, at, i)))
        b = v128.add<T>(b, v128.mul<T>(v1, deviation.of<T>(v128.load(x + from, 16), center, factor, at + 16, i)))
        c = v128.add<T>(c, v128.mul<T>(v2, deviation.of<T>(v128.load(x + from, 32), center, factor, at + 32, i)))
        d = v128.add<T>(d, v128.mul<T>(v3, deviation.of<T>(v128.load(x + from, 48), center, factor, at + 48, i)))
        p = v128.add<T>(p, v0)
        q = v128.add<T>(q, v1)
        s = v128.add<T>(s, v2)
        t = v128.add<T>(t, v3)
        from += row
      } while (++r < bottom)
      addBlock<T>(dScale + at, a, top)
      addBlock<T>(dScale + at + 16, b, top)
      addBlock<T>(dScale + at + 32, c, top)
      addBlock<T>(dScale + at + 48, d, top)
      addBlock<T>(dOffset + at, p, top)
      addBlock<T>(dOffset + at + 16, q, top)
      addBlock<T>(dOffset + at + 32, s, top)
      addBlock<T>(dOffset + at + 48, t, top)
    }
  }
}

export function affineGrads_f32(dy: usize, x: usize, center: usize, dScale: usize, dOffset: usize, rows: usize, n: usize): void { scaleGrads<FromColumn, f32>(dy, x, center, 0, dScale, dOffset, rows, n) }
export function affineGrads_f64(dy: usize, x: usize, center: usize, dScale: usize, dOffset: usize, rows: usize, n: usize): void { scaleGrads<FromColumn, f64>(dy, x, center, 0, dScale, dOffset, rows, n) }
export function rowNormGrads_f32(dy: usize, x: usize, center: usize, factor: usize, dScale: usize, dOffset: usize, rows: usize, n: usize): void { scaleGrads<FromRow, f32>(dy, x, center, factor, dScale, dOffset, rows, n) }
export function rowNormGrads_f64(dy: usize, x: usize, center: usize, factor: usize, dScale: usize, dOffset: usize, rows: usize, n: usize): void { scaleGrads<FromRow, f64>(dy, x, center, factor, dScale, dOffset, rows, n) }

/** dx[r, c] = dy[r, c] · a[c] + (x[r, c] − center[c]) · b[c] + offset[c] */
// @ts-ignore: decorator
@inline
function batchNormGrad<T>(dy: usize, x: usize, center: usize, a: usize, b: usize, offset: usize, dx: usize, rows: usize, n: usize): void {
  const row = n * sizeof<T>()
  const end = stepEnd(rows, rowStep(n))
  for (let r = stepStart(rows, rowStep(n)); r < end; r++) {
    const rowDy = dy + r * row, rowX = x + r * row, to = dx + r * row
    let at: usize = 0
    while (at + 32 <= row) {
      const v0 = v128.mul<T>(v128.sub<T>(v128.load(rowX + at), v128.load(center + at)), v128.load(b + at))
      const v1 = v128.mul<T>(v128.sub<T>(v128.load(rowX + at, 16), v128.load(center + at, 16)), v128.load(b + at, 16))
      const g0 = v128.mul<T>(v128.load(rowDy + at), v128.load(a + at))
      const g1 = v128.mul<T>(v128.load(rowDy + at, 16), v128.load(a + at, 16))
      v128.store(to + at, v128.add<T>(g0, v128.add<T>(v0, v128.load(offset + at))))
      v128.store(to + at, v128.add<T>(g1, v128.add<T>(v1, v128.load(offset + at, 16))), 16)
      at += 32
    }
    while (at < row) {
      const v = v128.mul<T>(v128.sub<T>(v128.load(rowX + at), v128.load(center + at)), v128.load(b + at))
      const g = v128.mul<T>(v128.load(rowDy + at), v128.load(a + at))
      storeRow<T>(to + at, to + row, v128.add<T>(g, v128.add<T>(v, v128.load(offset + at))))
      at += 16
    }
  }
}

export function batchNormGrad_f32(dy: usize, x: usize, center: usize, a: usize, b: usize, offset: usize, dx: usize, rows: usize, n: usize): void { batchNormGrad<f32>(dy, x, center, a, b, offset, dx, rows, n) }
export function batchNormGrad_f64(dy: usize, x: usize, center: usize, a: usize, b: usize, offset: usize, dx: usize, rows: usize, n: usize): void { batchNormGrad<f64>(dy, x, center, a, b, offset, dx, rows, n) }

/** x */
@final @unmanaged
class Itself {
  @inline of<T>(x: v128, m: v128): v128 { return x }
}

/** (x − m)² */
@final @unmanaged
class SquareFrom {
  @inline of<T>(x: v128, m: v128): v128 {
    const d = v128.sub<T>(x, m)
    return v128.mul<T>(d, d)
  }
}

/** Σ Term over a row. */
// @ts-ignore: decorator
@inline
function rowSum<Term, T>(x: usize, end: usize, m: v128): f64 {
  const term = changetype<Term>(0)
  let total: f64 = 0
  do {
    const stop = min(end, x + BLOCK * sizeof<T>())
    let a = splat<T>(<T>0), b = a, c = a, d = a
    while (x + 64 <= stop) {
      a = v128.add<T>(a, term.of<T>(v128.load(x), m))
      b = v128.add<T>(b, term.of<T>(v128.load(x, 16), m))
      c = v128.add<T>(c, term.of<T>(v128.load(x, 32), m))
      d = v128.add<T>(d, term.of<T>(v128.load(x, 48), m))
      x += 64
    }
    while (x + 16 <= stop) {
      a = v128.add<T>(a, term.of<T>(v128.load(x), m))
      x += 16
    }
    if (x < stop) {
      b = v128.add<T>(b, v128.and(term.of<T>(v128.load(x), m), tailMask<T>((stop - x) / sizeof<T>())))
      x = stop
    }
    total += foldSum<T>(v128.add<T>(v128.add<T>(a, b), v128.add<T>(c, d)))
  } while (x < end)
  return total
}

/**
 * y[r, c] = (x[r, c] − mean[r]) · rstd[r] · scale[c] + offset[c] with rstd = 1 / √(variance + ε), both of the row itself;
 * not centered, the mean counts as 0.
 */
// @ts-ignore: decorator
@inline
function rowNorm<T>(x: usize, scale: usize, offset: usize, y: usize, mean: usize, rstd: usize, rows: usize, n: usize, epsilon: f64, centered: i32): void {
  const row = n * sizeof<T>()
  const zero = splat<T>(<T>0)
  const share = 1 / <f64>n
  const end = stepEnd(rows, rowStep(n))
  for (let r = stepStart(rows, rowStep(n)); r < end; r++) {
    const from = x + r * row, to = y + r * row
    const m = centered ? <T>(rowSum<Itself, T>(from, from + row, zero) * share) : <T>0
    const ms = splat<T>(m)
    const factor = <T>(1 / sqrt<f64>(rowSum<SquareFrom, T>(from, from + row, ms) * share + epsilon))
    store<T>(mean + r * sizeof<T>(), m)
    store<T>(rstd + r * sizeof<T>(), factor)
    const factors = splat<T>(factor)
    let at: usize = 0
    while (at + 32 <= row) {
      const v0 = v128.mul<T>(v128.sub<T>(v128.load(from + at), ms), factors)
      const v1 = v128.mul<T>(v128.sub<T>(v128.load(from + at, 16), ms), factors)
      v128.store(to + at, v128.add<T>(v128.mul<T>(v0, v128.load(scale + at)), v128.load(offset + at)))
      v128.store(to + at, v128.add<T>(v128.mul<T>(v1, v128.load(scale + at, 16)), v128.load(offset + at, 16)), 16)
      at += 32
    }
    while (at < row) {
      const v = v128.mul<T>(v128.sub<T>(v128.load(from + at), ms), factors)
      storeRow<T>(to + at, to + row, v128.add<T>(v128.mul<T>(v, v128.load(scale + at)), v128.load(offset + at)))
      at += 16
    }
  }
}

export function rowNorm_f32(x: usize, scale: usize, offset: usize, y: usize, mean: usize, rstd: usize, rows: usize, n: usize, epsilon: f64, centered: i32): void { rowNorm<f32>(x, scale, offset, y, mean, rstd, rows, n, epsilon, centered) }
export function rowNorm_f64(x: usize, scale: usize, offset: usize, y: usize, mean: usize, rstd: usize, rows: usize, n: usize, epsilon: f64, centered: i32): void { rowNorm<f64>(x, scale, offset, y, mean, rstd, rows, n, epsilon, centered) }

/**
 * dx = factor · (g − mean of g − x̂ · mean of g · x̂) along each row, with g = dy · scale and x̂ = (x − center) · factor; not
 * centered, without the mean of g.
 */
// @ts-ignore: decorator
@inline
function rowNormGrad<T>(dy: usize, x: usize, center: usize, factor: usize, scale: usize, dx: usize, rows: usize, n: usize, centered: i32): void {
  const row = n * sizeof<T>()
  const zero = splat<T>(<T>0)
  const share = 1 / <f64>n
  const end = stepEnd(rows, rowStep(n))
  for (let r = stepStart(rows, rowStep(n)); r < end; r++) {
    const i = r * row
    const rowDy = dy + i, rowX = x + i, rowDx = dx + i
    const m = v128.load_splat<T>(center + r * sizeof<T>())
    const rstd = load<T>(factor + r * sizeof<T>())
    const factors = splat<T>(rstd)
    let total: f64 = 0, along: f64 = 0
    let at: usize = 0
    do {
      const stop = min(row, at + BLOCK * sizeof<T>())
      let a = zero, b = zero, p = zero, q = zero
      while (at + 32 <= stop) {
        const g0 = v128.mul<T>(v128.load(rowDy + at), v128.load(scale + at))
        const g1 = v128.mul<T>(v128.load(rowDy + at, 16), v128.load(scale + at, 16))
        a = v128.add<T>(a, g0)
        b = v128.add<T>(b, g1)
        p = v128.add<T>(p, v128.mul<T>(g0, v128.sub<T>(v128.load(rowX + at), m)))
        q = v128.add<T>(q, v128.mul<T>(g1, v128.sub<T>(v128.load(rowX + at, 16), m)))
        at += 32
      }
      while (at < stop) {
        const g = v128.mul<T>(loadRow<T>(rowDy + at, rowDy + stop, zero), loadRow<T>(scale + at, scale + stop, zero))
        a = v128.add<T>(a, g)
        p = v128.add<T>(p, v128.mul<T>(g, v128.sub<T>(loadRow<T>(rowX + at, rowX + stop, zero), m)))
        at += 16
      }
      total += foldSum<T>(v128.add<T>(a, b))
      along += foldSum<T>(v128.add<T>(p, q))
    } while (at < row)
    const level = splat<T>(centered ? <T>(total * share) : <T>0)
    const slope = splat<T>(<T>(along * <f64>rstd * <f64>rstd * share))
    at = 0
    while (at + 32 <= row) {
      const g0 = v128.sub<T>(v128.mul<T>(v128.load(rowDy + at), v128.load(scale + at)), level)
      const g1 = v128.sub<T>(v128.mul<T>(v128.load(rowDy + at, 16), v128.load(scale + at, 16)), level)
      const v0 = v128.sub<T>(g0, v128.mul<T>(v128.sub<T>(v128.load(rowX + at), m), slope))
      const v1 = v128.sub<T>(g1, v128.mul<T>(v128.sub<T>(v128.load(rowX + at, 16), m), slope))
      v128.store(rowDx + at, v128.mul<T>(v0, factors))
      v128.store(rowDx + at, v128.mul<T>(v1, factors), 16)
      at += 32
    }
    while (at < row) {
      const g = v128.sub<T>(v128.mul<T>(v128.load(rowDy + at), v128.load(scale + at)), level)
      const v = v128.sub<T>(g, v128.mul<T>(v128.sub<T>(v128.load(rowX + at), m), slope))
      storeRow<T>(rowDx + at, rowDx + row, v128.mul<T>(v, factors))
      at += 16
    }
  }
}

export function rowNormGrad_f32(dy: usize, x: usize, center: usize, factor: usize, scale: usize, dx: usize, rows: usize, n: usize, centered: i32): void { rowNormGrad<f32>(dy, x, center, factor, scale, dx, rows, n, centered) }
export function rowNormGrad_f64(dy: usize, x: usize, center: usize, factor: usize, scale: usize, dx: usize, rows: usize, n: usize, centered: i32): void { rowNormGrad<f64>(dy, x, center, factor, scale, dx, rows, n, centered) }
