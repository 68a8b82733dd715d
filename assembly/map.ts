// The only elementwise loops. An op is a class of inline methods, named as a type parameter: at -O3
// the loop over it is fully inlined (a function passed as an argument would stay an indirect call).
//
//   begin<T>()  fills a few v128 globals with constants; the build's licm pass turns them into locals,
//               which V8 keeps in registers (it rebuilds a v128.const at each turn of the loop)
//   apply<T>(v) computes one vector
//
// Loops over a flat array run over its end into the block's slack; parts of one are whole cache lines. Loops over broadcast rows store
// exactly the row: an output may be an input's address, and the next row is yet to be read.

import { CHUNK, rowStep, stepEnd, stepStart } from './share'
import { storePart } from './vector'

/** y[i] = Op(x[i]) */
// @ts-ignore: decorator
@inline
export function map<Op, T>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * sizeof<T>()
  y += first * sizeof<T>()
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = x + n * sizeof<T>()
  do {
    v128.store(y, op.apply<T>(v128.load(x)))
    x += 16
    y += 16
  } while (x < end)
}

/** As map, four vectors at a turn: for ops of a few instructions, which then run at the speed of memcpy. */
// @ts-ignore: decorator
@inline
export function mapLight<Op, T>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * sizeof<T>()
  y += first * sizeof<T>()
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = x + n * sizeof<T>()
  do {
    const v0 = v128.load(x)
    const v1 = v128.load(x, 16)
    const v2 = v128.load(x, 32)
    const v3 = v128.load(x, 48)
    v128.store(y, op.apply<T>(v0))
    v128.store(y, op.apply<T>(v1), 16)
    v128.store(y, op.apply<T>(v2), 32)
    v128.store(y, op.apply<T>(v3), 48)
    x += 64
    y += 64
  } while (x < end)
}

/**
 * As map, for ops with a shorter way through ordinary arguments: easy(v) gives the bits of apply(v) where isEasy(v).
 * The short loop runs ahead; the vector at which it stops, the last at the latest, is computed again by apply.
 */
// @ts-ignore: decorator
@inline
export function mapEasy<Op, T>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * sizeof<T>()
  y += first * sizeof<T>()
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = x + n * sizeof<T>()
  do {
    let v: v128
    do {
      v = v128.load(x)
      v128.store(y, op.easy<T>(v))
      x += 16
      y += 16
    } while (<i32>op.isEasy<T>(v) & <i32>(x < end))
    v128.store(y - 16, op.apply<T>(v))
  } while (x < end)
}

/** y[i] = Op(x[i]) for float32 by way of double precision, where that is the shortest way to a correct last digit. */
// @ts-ignore: decorator
@inline
export function mapWide<Op>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * 4
  y += first * 4
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<f64>()
  const end = x + n * 4
  do {
    const v = op.apply<f64>(f64x2.promote_low_f32x4(v128.load64_zero(x)))
    v128.store64_lane(y, f32x4.demote_f64x2_zero(v), 0)
    x += 8
    y += 8
  } while (x < end)
}

/** dx[i] = Op(dy[i], x[i]), where x may be what the forward op was given or what it made. */
// @ts-ignore: decorator
@inline
export function mapGrad<Op, T>(dy: usize, x: usize, dx: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  dy += first * sizeof<T>()
  x += first * sizeof<T>()
  dx += first * sizeof<T>()
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = dx + n * sizeof<T>()
  do {
    v128.store(dx, op.apply<T>(v128.load(dy), v128.load(x)))
    dy += 16
    x += 16
    dx += 16
  } while (dx < end)
}

/** As mapGrad, four vectors at a turn. */
// @ts-ignore: decorator
@inline
export function mapGradLight<Op, T>(dy: usize, x: usize, dx: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  dy += first * sizeof<T>()
  x += first * sizeof<T>()
  dx += first * sizeof<T>()
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = dx + n * sizeof<T>()
  do {
    const v0 = op.apply<T>(v128.load(dy), v128.load(x))
    const v1 = op.apply<T>(v128.load(dy, 16), v128.load(x, 16))
    const v2 = op.apply<T>(v128.load(dy, 32), v128.load(x, 32))
    const v3 = op.apply<T>(v128.load(dy, 48), v128.load(x, 48))
    v128.store(dx, v0)
    v128.store(dx, v1, 16)
    v128.store(dx, v2, 32)
    v128.store(dx, v3, 48)
    dy += 64
    x += 64
    dx += 64
  } while (dx < end)
}

// ── To bool ─────────────────────────────────────────────────────────────────────────────────────

/** Masks of four vectors (of the first alone for bytes) as bytes of 0 or 1: 16, or 8 in the lower half for 64-bit lanes. */
// @ts-ignore: decorator
@inline
function toBools<T>(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  if (sizeof<T>() == 1) return v128.and(m0, i8x16.splat(1))
  if (sizeof<T>() == 8) {
    // The lower halves of the masks.
    m0 = i32x4.shuffle(m0, m1, 0, 2, 4, 6)
    m1 = i32x4.shuffle(m2, m3, 0, 2, 4, 6)
    m2 = m0
    m3 = m1
  }
  const words = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3))
  return v128.and(words, i8x16.splat(1))
}

/** y[i] = Op(x[i]) ? 1 : 0 in bytes, where Op makes masks. */
// @ts-ignore: decorator
@inline
export function mapBool<Op, T>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * sizeof<T>()
  y += first
  if (n == 0) return
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = y + n
  do {
    const bools = toBools<T>(
      op.apply<T>(v128.load(x)),
      op.apply<T>(v128.load(x, 16)),
      op.apply<T>(v128.load(x, 32)),
      op.apply<T>(v128.load(x, 48)),
    )
    if (sizeof<T>() == 8) v128.store64_lane(y, bools, 0)
    else v128.store(y, bools)
    x += 64
    y += 64 / sizeof<T>()
  } while (y < end)
}

// ── Broadcasting ────────────────────────────────────────────────────────────────────────────────
//
// y is contiguous [n2, n1, n0]; a and b are read with the strides a2, a1, a0 and b2, b1, b0, in elements.
// Along a row (n0) an operand is contiguous (stride 1) or one number (stride 0).

/** An operand that is contiguous along a row. */
@final @unmanaged
class Contiguous {
  @inline at(p: usize, number: v128): v128 { return v128.load(p) }
}

/** An operand that is one number along a row. */
@final @unmanaged
class Single {
  @inline at(p: usize, number: v128): v128 { return number }
}

/** A row of one vector at least, with the kinds of the operands known when compiling. */
// @ts-ignore: decorator
@inline
function fastRow<Op, T, A, B>(a: usize, b: usize, y: usize, bytes: usize): void {
  const op = changetype<Op>(0)
  const left = changetype<A>(0)
  const right = changetype<B>(0)
  const singleA = v128.load_splat<T>(a)
  const singleB = v128.load_splat<T>(b)
  // The last vector overlaps the one before. It is computed first, since y may be a or b.
  const tail = bytes - 16
  const last = y + tail
  const lastVector = op.apply<T>(left.at(a + tail, singleA), right.at(b + tail, singleB))
  while (y + 64 <= last) {
    const v0 = op.apply<T>(left.at(a, singleA), right.at(b, singleB))
    const v1 = op.apply<T>(left.at(a + 16, singleA), right.at(b + 16, singleB))
    const v2 = op.apply<T>(left.at(a + 32, singleA), right.at(b + 32, singleB))
    const v3 = op.apply<T>(left.at(a + 48, singleA), right.at(b + 48, singleB))
    v128.store(y, v0)
    v128.store(y, v1, 16)
    v128.store(y, v2, 32)
    v128.store(y, v3, 48)
    a += 64
    b += 64
    y += 64
  }
  while (y < last) {
    v128.store(y, op.apply<T>(left.at(a, singleA), right.at(b, singleB)))
    a += 16
    b += 16
    y += 16
  }
  v128.store(last, lastVector)
}

/** All bits set where a stride is 1, none where it is 0. */
// @ts-ignore: decorator
@inline
function contiguousMask(stride: usize): v128 { return i32x4.splat(-<i32>stride) }

/** What {@link operand} takes for a row that starts at p. */
// @ts-ignore: decorator
@inline
function singleNumber<T>(p: usize, contiguous: v128): v128 { return v128.andnot(v128.load_splat<T>(p), contiguous) }

/** A vector of an operand of either kind: what lies at p where `contiguous` is set, else the number. */
// @ts-ignore: decorator
@inline
function operand(p: usize, contiguous: v128, number: v128): v128 {
  return v128.or(v128.and(v128.load(p), contiguous), number)
}

/** The loop of ops of few instructions: one for each kind of operands, four vectors at a turn. */
@final @unmanaged
class LightRow<Op> {
  @inline run<T>(a: usize, b: usize, y: usize, n: usize, a0: usize, b0: usize): void {
    const bytes = n * sizeof<T>()
    if (bytes < 16) changetype<HeavyRow<Op>>(0).run<T>(a, b, y, n, a0, b0)
    else if (a0 == 0) fastRow<Op, T, Single, Contiguous>(a, b, y, bytes)
    else if (b0 == 0) fastRow<Op, T, Contiguous, Single>(a, b, y, bytes)
    else fastRow<Op, T, Contiguous, Contiguous>(a, b, y, bytes)
  }
}

/** The loop of ops of many instructions, in which they stand once and not nineteen times. */
@final @unmanaged
class HeavyRow<Op> {
  @inline run<T>(a: usize, b: usize, y: usize, n: usize, a0: usize, b0: usize): void {
    const op = changetype<Op>(0)
    const maskA = contiguousMask(a0), singleA = singleNumber<T>(a, maskA)
    const maskB = contiguousMask(b0), singleB = singleNumber<T>(b, maskB)
    const end = y + n * sizeof<T>()
    do {
      const v = op.apply<T>(operand(a, maskA, singleA), operand(b, maskB, singleB))
      if (y + 16 <= end) v128.store(y, v)
      else storePart<T>(y, v, end - y)
      a += 16 * a0
      b += 16 * b0
      y += 16
    } while (y < end)
  }
}

/** As HeavyRow, for float32 by way of double precision: two elements at a turn. */
@final @unmanaged
class WideRow<Op> {
  @inline run<T>(a: usize, b: usize, y: usize, n: usize, a0: usize, b0: usize): void {
    const op = changetype<Op>(0)
    const maskA = contiguousMask(a0), singleA = singleNumber<T>(a, maskA)
    const maskB = contiguousMask(b0), singleB = singleNumber<T>(b, maskB)
    const end = y + n * sizeof<T>()
    do {
      const v = f32x4.demote_f64x2_zero(op.apply<f64>(
        f64x2.promote_low_f32x4(operand(a, maskA, singleA)),
        f64x2.promote_low_f32x4(operand(b, maskB, singleB)),
      ))
      if (y + 8 <= end) v128.store64_lane(y, v, 0)
      else v128.store32_lane(y, v, 0)
      a += 8 * a0
      b += 8 * b0
      y += 8
    } while (y < end)
  }
}

/** The loop of comparisons: Op makes masks, y becomes bytes of 0 or 1. */
@final @unmanaged
class BoolRow<Op> {
  @inline run<T>(a: usize, b: usize, y: usize, n: usize, a0: usize, b0: usize): void {
    const op = changetype<Op>(0)
    const maskA = contiguousMask(a0), singleA = singleNumber<T>(a, maskA)
    const maskB = contiguousMask(b0), singleB = singleNumber<T>(b, maskB)
    const step: usize = sizeof<T>() == 8 ? 8 : 16
    const end = y + n
    do {
      const bools = toBools<T>(
        op.apply<T>(operand(a, maskA, singleA), operand(b, maskB, singleB)),
        op.apply<T>(operand(a + 16, maskA, singleA), operand(b + 16, maskB, singleB)),
        op.apply<T>(operand(a + 32, maskA, singleA), operand(b + 32, maskB, singleB)),
        op.apply<T>(operand(a + 48, maskA, singleA), operand(b + 48, maskB, singleB)),
      )
      if (y + step > end) storePart<u8>(y, bools, end - y)
      else if (sizeof<T>() == 8) v128.store64_lane(y, bools, 0)
      else v128.store(y, bools)
      a += step * sizeof<T>() * a0
      b += step * sizeof<T>() * b0
      y += step
    } while (y < end)
  }
}

/** Runs Row over all rows of a broadcast: of several, parts take whole rows; a single one is cut. */
// @ts-ignore: decorator
@inline
function rows<Row, T, Y>(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  let at: usize = 0
  let end = n2 * n1
  if (end == 1) {
    const first = stepStart(n0, CHUNK)
    n0 = stepEnd(n0, CHUNK) - first
    a += first * a0 * sizeof<T>()
    b += first * b0 * sizeof<T>()
    y += first * sizeof<Y>()
  } else {
    at = stepStart(end, rowStep(n0))
    end = stepEnd(end, rowStep(n0))
  }
  if (at == end || n0 == 0) return
  const row = changetype<Row>(0)
  let i2 = at / n1
  let i1 = at % n1
  y += at * n0 * sizeof<Y>()
  do {
    let rowA = a + (i2 * a2 + i1 * a1) * sizeof<T>()
    let rowB = b + (i2 * b2 + i1 * b1) * sizeof<T>()
    const stop = min(end, at + n1 - i1)
    do {
      row.run<T>(rowA, rowB, y, n0, a0, b0)
      rowA += a1 * sizeof<T>()
      rowB += b1 * sizeof<T>()
      y += n0 * sizeof<Y>()
    } while (++at < stop)
    i1 = 0
    i2++
  } while (at < end)
}

/** y = Op(a, b) with broadcasting. */
// @ts-ignore: decorator
@inline
export function zip<Op, T>(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  changetype<Op>(0).begin<T>()
  rows<LightRow<Op>, T, T>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** As zip, for ops of many instructions. */
// @ts-ignore: decorator
@inline
export function zipHeavy<Op, T>(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  changetype<Op>(0).begin<T>()
  rows<HeavyRow<Op>, T, T>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** As zipHeavy, for float32 by way of double precision. */
// @ts-ignore: decorator
@inline
export function zipWide<Op>(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  changetype<Op>(0).begin<f64>()
  rows<WideRow<Op>, f32, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** y = Op(a, b) ? 1 : 0 in bytes, with broadcasting, where Op makes masks. */
// @ts-ignore: decorator
@inline
export function zipBool<Op, T>(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  changetype<Op>(0).begin<T>()
  rows<BoolRow<Op>, T, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
