// Comparisons, logic and choice. A bool is a byte of 0 or 1. Ops of two operands broadcast as in binary.ts.

import { infinity, lanesBegin } from './lanes'
import { mapBool, mapLight, zipBool, zipHeavy } from './map'
import { CHUNK, stepEnd, stepStart } from './share'

/** a = b; NaN equals nothing. */
@final @unmanaged
class Equal {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.eq<T>(a, b) }
}

export function equal_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Equal, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function equal_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Equal, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function equal_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Equal, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function equal_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Equal, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a ≠ b */
@final @unmanaged
class NotEqual {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.ne<T>(a, b) }
}

export function notEqual_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<NotEqual, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function notEqual_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<NotEqual, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function notEqual_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<NotEqual, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function notEqual_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<NotEqual, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a < b */
@final @unmanaged
class Less {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.lt<T>(a, b) }
}

export function less_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Less, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function less_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Less, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function less_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Less, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function less_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<Less, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a ≤ b */
@final @unmanaged
class LessEqual {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.le<T>(a, b) }
}

export function lessEqual_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<LessEqual, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function lessEqual_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<LessEqual, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function lessEqual_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<LessEqual, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function lessEqual_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipBool<LessEqual, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

// a > b, which is b < a
export function greater_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  less_f32(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greater_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  less_f64(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greater_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  less_i32(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greater_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  less_u8(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}

// a ≥ b, which is b ≤ a
export function greaterEqual_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  lessEqual_f32(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greaterEqual_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  lessEqual_f64(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greaterEqual_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  lessEqual_i32(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}
export function greaterEqual_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  lessEqual_u8(b, a, y, n2, n1, n0, b2, b1, b0, a2, a1, a0)
}

// ── Kinds of floats ─────────────────────────────────────────────────────────────────────────────

/** x ≠ x, as only NaN does */
@final @unmanaged
class IsNaN {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.ne<T>(v, v) }
}

export function isNaN_f32(x: usize, y: usize, n: usize): void { mapBool<IsNaN, f32>(x, y, n) }
export function isNaN_f64(x: usize, y: usize, n: usize): void { mapBool<IsNaN, f64>(x, y, n) }

/** |x| < ∞ */
@final @unmanaged
class IsFinite {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.lt<T>(v128.abs<T>(v), infinity) }
}

export function isFinite_f32(x: usize, y: usize, n: usize): void { mapBool<IsFinite, f32>(x, y, n) }
export function isFinite_f64(x: usize, y: usize, n: usize): void { mapBool<IsFinite, f64>(x, y, n) }

/** |x| = ∞ */
@final @unmanaged
class IsInf {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.eq<T>(v128.abs<T>(v), infinity) }
}

export function isInf_f32(x: usize, y: usize, n: usize): void { mapBool<IsInf, f32>(x, y, n) }
export function isInf_f64(x: usize, y: usize, n: usize): void { mapBool<IsInf, f64>(x, y, n) }

// ── Logic, where a bool is a byte of 0 or 1 ─────────────────────────────────────────────────────

/** Both; with whole numbers bit by bit. */
@final @unmanaged
class And {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.and(a, b) }
}

export function logicalAnd_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<And, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function bitwiseAnd_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<And, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** Either or both */
@final @unmanaged
class Or {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.or(a, b) }
}

export function logicalOr_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Or, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** Either, not both */
@final @unmanaged
class Xor {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.xor(a, b) }
}

export function logicalXor_u8(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Xor, u8>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** 1 − x */
@final @unmanaged
class Not {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.xor(v, i8x16.splat(1)) }
}

export function logicalNot_u8(x: usize, y: usize, n: usize): void { mapLight<Not, u8>(x, y, n) }

// ── Choice ──────────────────────────────────────────────────────────────────────────────────────

/** y[i] = condition[i] ? a[i] : b[i] for a condition in bytes of 0 or 1. */
// @ts-ignore: decorator
@inline
function where<T>(condition: usize, a: usize, b: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  condition += first
  a += first * sizeof<T>()
  b += first * sizeof<T>()
  y += first * sizeof<T>()
  if (n == 0) return
  const end = y + n * sizeof<T>()
  do {
    // A byte of 0 or 1 to a mask as wide as T.
    let mask: v128
    if (sizeof<T>() == 1) {
      mask = v128.load(condition)
    } else {
      mask = v128.load32_zero(condition)
      mask = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(mask))
      if (sizeof<T>() == 8) mask = i64x2.extend_low_i32x4_u(mask)
    }
    v128.store(y, v128.bitselect(v128.load(a), v128.load(b), v128.neg<T>(mask)))
    condition += 16 / sizeof<T>()
    a += 16
    b += 16
    y += 16
  } while (y < end)
}

export function where_f32(condition: usize, a: usize, b: usize, y: usize, n: usize): void { where<i32>(condition, a, b, y, n) }
export function where_f64(condition: usize, a: usize, b: usize, y: usize, n: usize): void { where<i64>(condition, a, b, y, n) }
export function where_i32(condition: usize, a: usize, b: usize, y: usize, n: usize): void { where<i32>(condition, a, b, y, n) }
export function where_u8(condition: usize, a: usize, b: usize, y: usize, n: usize): void { where<u8>(condition, a, b, y, n) }
