// Reductions of the middle axis of [outer, n, inner] to [outer, inner].
//
// The order of every sum is set by the shape alone:
//   inner > 1   each output adds its n elements in order, as the naive loop does (the rule of bias gradients);
//   inner = 1   a row is cut into blocks of 512 elements. In a block four vectors of partial results take
//               turns; they meet as ((a + b) + (c + d)), their lanes as (l0 + l1) + (l2 + l3), and the blocks
//               add up in order, in float64 for floats. Over 4 Mi elements the error stays under 1e-6.
// Where one column is left because the axes behind have size 1, sums of floats go in order, too: sumColumns.
// The end of a row that fills no vector is filled up with the op's identity.

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

/** NaN wins, as in TensorFlow. */
@final @unmanaged
class Max {
  @inline identity<T>(): T { return isInteger<T>() ? <T>i32.MIN_VALUE : <T>-Infinity }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.max_s(a, b) : v128.max<T>(a, b) }
  @inline scalar<T>(a: T, b: T): T { return isInteger<T>() ? (a > b ? a : b) : max<T>(a, b) }
}

@final @unmanaged
class Min {
  @inline identity<T>(): T { return isInteger<T>() ? <T>i32.MAX_VALUE : <T>Infinity }
  @inline apply<T>(a: v128, b: v128): v128 { return isInteger<T>() ? i32x4.min_s(a, b) : v128.min<T>(a, b) }
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

/**
 * Columns of n rows of `inner` elements, four vectors at a time so that whole cache lines are used; unless the rows are
 * the first, the results of those before are in y.
 */
// @ts-ignore: decorator
@inline
function foldStrip<Op, T>(x: usize, y: usize, n: usize, inner: usize, isFirst: bool): void {
  const op = changetype<Op>(0)
  const identity = splat<T>(op.identity<T>())
  const step = inner * sizeof<T>()
  let columns: isize = inner
  while (columns > 3 * <isize>lanes<T>()) {
    let a = identity, b = identity, c = identity, d = identity
    if (!isFirst) {
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
    let a = isFirst ? identity : v128.load(y)
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

/** Columns of one [n, inner] matrix, some rows at a time: a walk down one strip of a large one would miss the cache. */
// @ts-ignore: decorator
@inline
function foldColumns<Op, T>(x: usize, y: usize, n: usize, inner: usize): void {
  let r: usize = 0
  do {
    foldStrip<Op, T>(x + r * inner * sizeof<T>(), y, min(n - r, STRIP), inner, r == 0)
    r += STRIP
  } while (r < n)
}

// @ts-ignore: decorator
@inline
function reduce<Op, T, A>(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  const row = n * inner * sizeof<T>()
  if (inner == 1) {
    for (let o: usize = 0; o < outer; o++) {
      store<T>(y, foldRow<Op, T, A>(x, n))
      x += row
      y += sizeof<T>()
    }
  } else {
    // What a matrix writes over its end, the next one corrects.
    for (let o: usize = 0; o < outer; o++) {
      foldColumns<Op, T>(x, y, n, inner)
      x += row
      y += inner * sizeof<T>()
    }
  }
}

export function sum_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, f32, f64>(x, y, outer, n, inner) }
export function sum_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, f64, f64>(x, y, outer, n, inner) }
export function sum_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduce<Sum, i32, i32>(x, y, outer, n, inner) }
/** Columns as sum adds them, also where there is only one: the bias gradient of a single unit. */
// @ts-ignore: decorator
@inline
function reduceColumns<Op, T>(x: usize, y: usize, outer: usize, n: usize, inner: usize): void {
  for (let o: usize = 0; o < outer; o++) {
    foldColumns<Op, T>(x, y, n, inner)
    x += n * inner * sizeof<T>()
    y += inner * sizeof<T>()
  }
}

export function sumColumns_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduceColumns<Sum, f32>(x, y, outer, n, inner) }
export function sumColumns_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { reduceColumns<Sum, f64>(x, y, outer, n, inner) }
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
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < inner; i++) {
      let result: u8 = 1 - found
      for (let r: usize = 0; r < n; r++) {
        if (load<u8>(x + (o * n + r) * inner + i) == found) {
          result = found
          break
        }
      }
      store<u8>(y + o * inner + i, result)
    }
  }
}

export function any_u8(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { search(x, y, outer, n, inner, 1) }
export function all_u8(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { search(x, y, outer, n, inner, 0) }

/** Lanes in which v is greater (less) than the best so far. */
// @ts-ignore: decorator
@inline
function isBetter<T>(v: v128, best: v128, least: bool): v128 {
  return least ? v128.lt<T>(v, best) : v128.gt<T>(v, best)
}

/** Four columns at a time, for types of four bytes. */
// @ts-ignore: decorator
@inline
function argColumns<T>(x: usize, y: usize, n: usize, inner: usize, least: bool): void {
  for (let i: usize = 0; i < inner; i += 4) {
    let from = x + (i << 2)
    let best = v128.load(from)
    let at = i32x4.splat(0)
    for (let r: usize = 1; r < n; r++) {
      from += inner << 2
      const v = v128.load(from)
      const better = isBetter<T>(v, best, least)
      best = v128.bitselect(v, best, better)
      at = v128.bitselect(i32x4.splat(<i32>r), at, better)
    }
    v128.store(y + (i << 2), at)
  }
}

/** Position of the first element that is greater (less) than all before it; NaN counts for nothing. */
// @ts-ignore: decorator
@inline
function arg<T>(x: usize, y: usize, outer: usize, n: usize, inner: usize, least: bool): void {
  for (let o: usize = 0; o < outer; o++) {
    if (sizeof<T>() == 4 && inner > 1) {
      // What a matrix writes over its end, the next one corrects.
      argColumns<T>(x + ((o * n * inner) << 2), y + ((o * inner) << 2), n, inner, least)
      continue
    }
    for (let i: usize = 0; i < inner; i++) {
      let from = x + (o * n * inner + i) * sizeof<T>()
      let best = load<T>(from)
      let at: i32 = 0
      for (let r: usize = 1; r < n; r++) {
        from += inner * sizeof<T>()
        const v = load<T>(from)
        if (least ? v < best : v > best) {
          best = v
          at = <i32>r
        }
      }
      store<i32>(y + (o * inner + i) * 4, at)
    }
  }
}

export function argMax_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<f32>(x, y, outer, n, inner, false) }
export function argMax_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<f64>(x, y, outer, n, inner, false) }
export function argMax_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<i32>(x, y, outer, n, inner, false) }
export function argMin_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<f32>(x, y, outer, n, inner, true) }
export function argMin_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<f64>(x, y, outer, n, inner, true) }
export function argMin_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize): void { arg<i32>(x, y, outer, n, inner, true) }

/** y[r] = Op over x[0 … r], or x[0 … r − 1] if exclusive; from the other end if reverse. Same shape as x. */
// @ts-ignore: decorator
@inline
function scan<Op, T>(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void {
  const op = changetype<Op>(0)
  const step = inner * sizeof<T>()
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < inner; i++) {
      let total = op.identity<T>()
      let at = (o * n * inner + i) * sizeof<T>()
      if (reverse) at += (n - 1) * step
      for (let r: usize = 0; r < n; r++) {
        const next = op.scalar<T>(total, load<T>(x + at))
        store<T>(y + at, exclusive ? total : next)
        total = next
        at = reverse ? at - step : at + step
      }
    }
  }
}

export function cumsum_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, f32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumsum_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, f64>(x, y, outer, n, inner, exclusive, reverse) }
export function cumsum_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Sum, i32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_f32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, f32>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_f64(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, f64>(x, y, outer, n, inner, exclusive, reverse) }
export function cumprod_i32(x: usize, y: usize, outer: usize, n: usize, inner: usize, exclusive: i32, reverse: i32): void { scan<Prod, i32>(x, y, outer, n, inner, exclusive, reverse) }
