// Reductions of the middle axis of [outer, n, inner] to [outer, inner].
//
// The order of every sum is set by the shape alone:
//   inner > 1   each output adds its n elements in order, as the naive loop does (the rule of bias gradients);
//   inner = 1   a row is cut into blocks of 512 elements. In a block four vectors of partial results take
//               turns; they meet as ((a + b) + (c + d)), their lanes as (l0 + l1) + (l2 + l3), and the blocks
//               add up in order, in float64 for floats. Over 4 Mi elements the error stays under 1e-6.
// Where one column is left because the axes behind have size 1, sums of floats go in order, too: sumColumns.
// The end of a row that fills no vector is filled up with the op's identity.

import { CHUNK, part, rowStep, stepEnd, stepStart } from './share'
import { lanes, splat, tailMask } from './vector'

const BLOCK: usize = 512
const STRIP: usize = 64

@final @unmanaged
class Sum {
  @inline identity<T>(): T { return <T>0 }
  @inline apply<T>(a: v128, b: v128): v128 { return v128.add<T>(a, b) }
  @inline scalar<T>(a: T, b: T): T { return a + b }
}

@final @unmanaged
class Prod {
  @inline identity<T>(): T { return <T>1 }
  @inline apply<T>(a: v128, b: v128): v128 { return v128.mul<T>(a, b) }
  @inline scalar<T>(a: T, b: T): T { return a * b }
}

// pmax(a, b) is a where a comparison fails, be it for NaN: a NaN of b is or-ed in. Three instructions; max takes eight.

/** NaN wins, as in TensorFlow. Of zeros of either sign one is returned. */
@final @unmanaged
class Max {
  @inline identity<T>(): T { return isInteger<T>() ? <T>i32.MIN_VALUE : <T>-Infinity }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.max_s(a, b) : v128.or(v128.pmax<T>(a, b), v128.ne<T>(b, b)) }
  @inline scalar<T>(a: T, b: T): T { return isInteger<T>() ? (a > b ? a : b) : max<T>(a, b) }
}

@final @unmanaged
class Min {
  @inline identity<T>(): T { return isInteger<T>() ? <T>i32.MAX_VALUE : <T>Infinity }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.min_s(a, b) : v128.or(v128.pmin<T>(a, b), v128.ne<T>(b, b)) }
  @inline scalar<T>(a: T, b: T): T { return isInteger<T>() ? (a < b ? a : b) : min<T>(a, b) }
}

/** One vector's lanes: (l0 + l1) + (l2 + l3). */
// @ts-ignore: decorator
@inline
function foldLanes<Op, T>(v: v128): T {
  const op = changetype<Op>(0)
  const low = op.scalar<T>(v128.extract_lane<T>(v, 0), v128.extract_lane<T>(v, 1))
  if (sizeof<T>() == 8) return low
  return op.scalar<T>(low, op.scalar<T>(v128.extract_lane<T>(v, 2), v128.extract_lane<T>(v, 3)))
}

/** n ≤ BLOCK elements from x. */
// @ts-ignore: decorator
@inline
function foldBlock<Op, T>(x: usize, n: usize): T {
  const op = changetype<Op>(0)
  const identity = splat<T>(op.identity<T>())
  let a = identity, b = identity, c = identity, d = identity
  const end = x + n * sizeof<T>()
  while (x + 64 <= end) {
    a = op.apply<T>(a, v128.load(x))
    b = op.apply<T>(b, v128.load(x, 16))
    c = op.apply<T>(c, v128.load(x, 32))
    d = op.apply<T>(d, v128.load(x, 48))
    x += 64
  }
  while (x + 16 <= end) {
    a = op.apply<T>(a, v128.load(x))
    x += 16
  }
  if (x < end) b = op.apply<T>(b, v128.bitselect(v128.load(x), identity, tailMask<T>((end - x) / sizeof<T>())))
  return foldLanes<Op, T>(op.apply<T>(op.apply<T>(a, b), op.apply<T>(c, d)))
}

/** One row; `A` is the type in which blocks add up. */
// @ts-ignore: decorator
@inline
function foldRow<Op, T, A>(x: usize, n: usize): T {
  if (n <= BLOCK) return foldBlock<Op, T>(x, n)
  const op = changetype<Op>(0)
  let total = op.identity<A>()
  while (n > 0) {
    const part = n < BLOCK ? n : BLOCK
    total = op.scalar<A>(total, <A>foldBlock<Op, T>(x, part))
    x += part * sizeof<T>()
    n -= part
  }
  return <T>total
}

/** Columns in rows first … end of an [n, inner] matrix, four vectors at a time so that whole cache lines are used. */
@final @unmanaged
class FoldStrip<Op> {
  @inline run<T>(x: usize, y: usize, inner: usize, columns: isize, first: usize, end: usize): void {
    const op = changetype<Op>(0)
    const identity = splat<T>(op.identity<T>())
    const step = inner * sizeof<T>()
    const n = end - first
    x += first * step
    while (columns > 3 * <isize>lanes<T>()) {
      let a = identity, b = identity, c = identity, d = identity
      if (first) {
        a = v128.load(y)
        b = v128.load(y, 16)
        c = v128.load(y, 32)
        d = v128.load(y, 48)
      }
      let from = x
      for (let r: usize = 0; r < n; r++) {
        a = op.apply<T>(a, v128.load(from))
        b = op.apply<T>(b, v128.load(from, 16))
        c = op.apply<T>(c, v128.load(from, 32))
        d = op.apply<T>(d, v128.load(from, 48))
        from += step
      }
      v128.store(y, a)
      v128.store(y, b, 16)
      v128.store(y, c, 32)
      v128.store(y, d, 48)
      x += 64
      y += 64
      columns -= 4 * lanes<T>()
    }
    while (columns > 0) {
      let a = first ? v128.load(y) : identity
      let from = x
      for (let r: usize = 0; r < n; r++) {
        a = op.apply<T>(a, v128.load(from))
        from += step
      }
      v128.store(y, a)
      x += 16
      y += 16
      columns -= lanes<T>()
    }
  }
}

/**
 * Strip over `outer` matrices of [n, inner], some rows at a time: a walk down one strip of a large one would miss the
 * cache. What the rows before gave is in y.
 *
 * What a matrix writes over its end, up to 64 bytes, the next one corrects. So parts are cut where nothing is written
 * over: a single matrix at columns, others between matrices whose rows are whole cache lines; the rest is the first's.
 */
// @ts-ignore: decorator
@inline
function columns<Strip, T>(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  let at: usize = 0
  let width = inner
  let o: usize = 0
  let end = outer
  if (outer == 1) {
    const step = rowStep(16 * n) * 16
    at = stepStart(inner, step)
    width = stepEnd(inner, step) - at
  } else if (inner % 16 == 0) {
    o = stepStart(outer, rowStep(n * inner))
    end = stepEnd(outer, rowStep(n * inner))
  } else if (part) {
    return
  }
  for (; o < end; o++) {
    let r: usize = 0
    do {
      const stop = min(n, r + STRIP)
      const from = x + (o * n * inner + at) * sizeof<T>()
      changetype<Strip>(0).run<T>(from, y + (o * inner + at) * sizeof<T>(), inner, width, r, stop)
      r += STRIP
    } while (r < n)
  }
}

// @ts-ignore: decorator
@inline
function reduce<Op, T, A>(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  if (inner > 1) {
    columns<FoldStrip<Op>, T>(x, y, outer, n, inner)
    return
  }
  const row = n * sizeof<T>()
  const end = stepEnd(outer, rowStep(n))
  for (let o = stepStart(outer, rowStep(n)); o < end; o++) store<T>(y + o * sizeof<T>(), foldRow<Op, T, A>(x + o * row, n))
}

export function sum_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, f32, f64>(x, y, outer, n, inner) }
export function sum_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, f64, f64>(x, y, outer, n, inner) }
export function sum_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, i32, i32>(x, y, outer, n, inner) }
// Columns as sum adds them, also where there is only one: the bias gradient of a single unit.
export function sumColumns_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { columns<FoldStrip<Sum>, f32>(x, y, outer, n, inner) }
export function sumColumns_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { columns<FoldStrip<Sum>, f64>(x, y, outer, n, inner) }
export function prod_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Prod, f32, f64>(x, y, outer, n, inner) }
export function prod_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Prod, f64, f64>(x, y, outer, n, inner) }
export function prod_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Prod, i32, i32>(x, y, outer, n, inner) }
export function max_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Max, f32, f64>(x, y, outer, n, inner) }
export function max_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Max, f64, f64>(x, y, outer, n, inner) }
export function max_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Max, i32, i32>(x, y, outer, n, inner) }
export function min_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Min, f32, f64>(x, y, outer, n, inner) }
export function min_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Min, f64, f64>(x, y, outer, n, inner) }
export function min_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Min, i32, i32>(x, y, outer, n, inner) }

/** y = whether any (found = 1) or not all (found = 0) of the n bytes equal `found`. */
// @ts-ignore: decorator
@inline
function search(x: usize, y: usize, outer: usize, n: usize, inner: usize, found: u8): void {
  const end = stepEnd(outer * inner, CHUNK)
  for (let k = stepStart(outer * inner, CHUNK); k < end; k++) {
    let from = x + k / inner * n * inner + k % inner
    let result: u8 = 1 - found
    for (let r: usize = 0; r < n; r++) {
      if (load<u8>(from) == found) {
        result = found
        break
      }
      from += inner
    }
    store<u8>(y + k, result)
  }
}

export function any_u8(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { search(x, y, outer, n, inner, 1) }
export function all_u8(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { search(x, y, outer, n, inner, 0) }

/** As Max, but NaN counts for nothing. */
@final @unmanaged
class Greatest {
  @inline identity<T>(): T { return changetype<Max>(0).identity<T>() }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.max_s(a, b) : v128.pmax<T>(a, b) }
  @inline scalar<T>(a: T, b: T): T { return b > a ? b : a }
  @inline beats<T>(v: T, best: T): bool { return v > best }
  @inline beating<T>(v: v128, best: v128): v128 { return v128.gt<T>(v, best) }
}

/** As Min, but NaN counts for nothing. */
@final @unmanaged
class Least {
  @inline identity<T>(): T { return changetype<Min>(0).identity<T>() }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.min_s(a, b) : v128.pmin<T>(a, b) }
  @inline scalar<T>(a: T, b: T): T { return b < a ? b : a }
  @inline beats<T>(v: T, best: T): bool { return v < best }
  @inline beating<T>(v: v128, best: v128): v128 { return v128.lt<T>(v, best) }
}

/** The best of a row first, then where it stands. */
// @ts-ignore: decorator
@inline
function argRow<Op, T>(x: usize, n: usize): usize {
  const first = load<T>(x)
  if (isFloat<T>() && first != first) return 0
  const best = splat<T>(foldRow<Op, T, T>(x, n))
  let from = x
  while (!v128.any_true(v128.eq<T>(v128.load(from), best))) from += 16
  while (load<T>(from) != v128.extract_lane<T>(best, 0)) from += sizeof<T>()
  return (from - x) / sizeof<T>()
}

/** One column, or a row too short for argRow. */
// @ts-ignore: decorator
@inline
function argColumn<Op, T>(x: usize, n: usize, step: usize): usize {
  const op = changetype<Op>(0)
  let best = load<T>(x)
  let at: usize = 0
  for (let r: usize = 1; r < n; r++) {
    x += step
    const v = load<T>(x)
    if (op.beats<T>(v, best)) {
      best = v
      at = r
    }
  }
  return at
}

/** As FoldStrip, of 32-bit elements and 16 columns at a time; y has the rows in which they stand. */
@final @unmanaged
class ArgStrip<Op> {
  @inline run<T>(x: usize, y: usize, inner: usize, columns: isize, first: usize, end: usize): void {
    const op = changetype<Op>(0)
    const step = inner << 2
    for (let i: isize = 0; i < columns; i += 16) {
      let a0 = splat<i32>(0), a1 = a0, a2 = a0, a3 = a0
      let from = x + first * step
      let v0 = v128.load(from), v1 = v128.load(from, 16), v2 = v128.load(from, 32), v3 = v128.load(from, 48)
      if (first) {
        a0 = v128.load(y)
        a1 = v128.load(y, 16)
        a2 = v128.load(y, 32)
        a3 = v128.load(y, 48)
        v0 = bestAt(x, y, step)
        v1 = bestAt(x + 16, y + 16, step)
        v2 = bestAt(x + 32, y + 32, step)
        v3 = bestAt(x + 48, y + 48, step)
      }
      for (let r = first; r < end; r++) {
        const row = splat<i32>(<i32>r)
        const w0 = v128.load(from), w1 = v128.load(from, 16), w2 = v128.load(from, 32), w3 = v128.load(from, 48)
        a0 = v128.bitselect(row, a0, op.beating<T>(w0, v0))
        a1 = v128.bitselect(row, a1, op.beating<T>(w1, v1))
        a2 = v128.bitselect(row, a2, op.beating<T>(w2, v2))
        a3 = v128.bitselect(row, a3, op.beating<T>(w3, v3))
        v0 = op.apply<T>(v0, w0)
        v1 = op.apply<T>(v1, w1)
        v2 = op.apply<T>(v2, w2)
        v3 = op.apply<T>(v3, w3)
        from += step
      }
      v128.store(y, a0)
      v128.store(y, a1, 16)
      v128.store(y, a2, 32)
      v128.store(y, a3, 48)
      x += 64
      y += 64
    }
  }
}

/** The elements of four columns from x that stand in the rows at y. */
// @ts-ignore: decorator
@inline
function bestAt(x: usize, y: usize, step: usize): v128 {
  let v = v128.load32_zero(x + <usize>load<u32>(y) * step)
  v = v128.load32_lane(x + <usize>load<u32>(y, 4) * step, v, 1, 4)
  v = v128.load32_lane(x + <usize>load<u32>(y, 8) * step, v, 2, 8)
  return v128.load32_lane(x + <usize>load<u32>(y, 12) * step, v, 3, 12)
}

/** Position of the first element that is greater (less) than all before it; NaN counts for nothing. */
// @ts-ignore: decorator
@inline
function arg<Op, T>(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  if (sizeof<T>() == 4 && inner > 1) {
    columns<ArgStrip<Op>, T>(x, y, outer, n, inner)
    return
  }
  const end = stepEnd(outer * inner, rowStep(n))
  for (let k = stepStart(outer * inner, rowStep(n)); k < end; k++) {
    const from = inner == 1 ? k * n : k / inner * n * inner + k % inner
    const isLong = inner == 1 && n >= 16
    const start = x + from * sizeof<T>()
    store<i32>(y + (k << 2), <i32>(isLong ? argRow<Op, T>(start, n) : argColumn<Op, T>(start, n, inner * sizeof<T>())))
  }
}

export function argMax_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Greatest, f32>(x, y, outer, n, inner) }
export function argMax_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Greatest, f64>(x, y, outer, n, inner) }
export function argMax_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Greatest, i32>(x, y, outer, n, inner) }
export function argMin_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Least, f32>(x, y, outer, n, inner) }
export function argMin_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Least, f64>(x, y, outer, n, inner) }
export function argMin_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<Least, i32>(x, y, outer, n, inner) }

/** y[r] = Op over x[0 … r], or x[0 … r − 1] if exclusive; from the other end if reverse. Same shape as x. */
// @ts-ignore: decorator
@inline
function scan<Op, T>(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void {
  const op = changetype<Op>(0)
  const step = inner * sizeof<T>()
  const end = stepEnd(outer * inner, rowStep(n))
  for (let k = stepStart(outer * inner, rowStep(n)); k < end; k++) {
    let total = op.identity<T>()
    let at = (k / inner * n * inner + k % inner) * sizeof<T>()
    if (reverse) at += (n - 1) * step
    for (let r: usize = 0; r < n; r++) {
      const next = op.scalar<T>(total, load<T>(x + at))
      store<T>(y + at, exclusive ? total : next)
      total = next
      at = reverse ? at - step : at + step
    }
  }
}

export function cumsum_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, f32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumsum_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, f64>(x, y, outer, n, inner, exclusive, reverse) }
export function cumsum_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, i32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, f32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, f64>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, i32>(x, y, outer, n, inner, exclusive, reverse) }
