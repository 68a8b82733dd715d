// From one dtype to another, and arrays made of nothing but a formula.

import { mapBool } from './map'
import { CHUNK, stepEnd, stepStart } from './share'

/** y[i] = Y(x[i]), four elements at a turn. */
// @ts-ignore: decorator
@inline
function convert<Op, X, Y>(x: usize, y: usize, n: usize): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  x += first * sizeof<X>()
  y += first * sizeof<Y>()
  if (n == 0) return
  const op = changetype<Op>(0)
  const end = y + n * sizeof<Y>()
  do {
    op.four(x, y)
    x += 4 * sizeof<X>()
    y += 4 * sizeof<Y>()
  } while (y < end)
}

/** Four bytes as an i32x4. */
// @ts-ignore: decorator
@inline
function loadBytes(x: usize): v128 { return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(x))) }

// ── To floats ───────────────────────────────────────────────────────────────────────────────────

@final @unmanaged
class DoubleToSingle {
  @inline four(x: usize, y: usize): void {
    const low = f32x4.demote_f64x2_zero(v128.load(x))
    const high = f32x4.demote_f64x2_zero(v128.load(x, 16))
    v128.store(y, i64x2.shuffle(low, high, 0, 2))
  }
}

@final @unmanaged
class IntegerToSingle {
  @inline four(x: usize, y: usize): void { v128.store(y, f32x4.convert_i32x4_s(v128.load(x))) }
}

@final @unmanaged
class BoolToSingle {
  @inline four(x: usize, y: usize): void { v128.store(y, f32x4.convert_i32x4_s(loadBytes(x))) }
}

export function toFloat32_f64(x: usize, y: usize, n: usize): void { convert<DoubleToSingle, f64, f32>(x, y, n) }
export function toFloat32_i32(x: usize, y: usize, n: usize): void { convert<IntegerToSingle, i32, f32>(x, y, n) }
export function toFloat32_u8(x: usize, y: usize, n: usize): void { convert<BoolToSingle, u8, f32>(x, y, n) }

@final @unmanaged
class SingleToDouble {
  @inline four(x: usize, y: usize): void {
    v128.store(y, f64x2.promote_low_f32x4(v128.load64_zero(x)))
    v128.store(y, f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), 16)
  }
}

@final @unmanaged
class IntegerToDouble {
  @inline four(x: usize, y: usize): void {
    v128.store(y, f64x2.convert_low_i32x4_s(v128.load64_zero(x)))
    v128.store(y, f64x2.convert_low_i32x4_s(v128.load64_zero(x, 8)), 16)
  }
}

@final @unmanaged
class BoolToDouble {
  @inline four(x: usize, y: usize): void {
    const v = loadBytes(x)
    v128.store(y, f64x2.convert_low_i32x4_s(v))
    v128.store(y, f64x2.convert_low_i32x4_s(i64x2.shuffle(v, v, 1, 1)), 16)
  }
}

export function toFloat64_f32(x: usize, y: usize, n: usize): void { convert<SingleToDouble, f32, f64>(x, y, n) }
export function toFloat64_i32(x: usize, y: usize, n: usize): void { convert<IntegerToDouble, i32, f64>(x, y, n) }
export function toFloat64_u8(x: usize, y: usize, n: usize): void { convert<BoolToDouble, u8, f64>(x, y, n) }

// ── To whole numbers: toward 0, saturating; NaN becomes 0 ───────────────────────────────────────

@final @unmanaged
class SingleToInteger {
  @inline four(x: usize, y: usize): void { v128.store(y, i32x4.trunc_sat_f32x4_s(v128.load(x))) }
}

@final @unmanaged
class DoubleToInteger {
  @inline four(x: usize, y: usize): void {
    const low = i32x4.trunc_sat_f64x2_s_zero(v128.load(x))
    const high = i32x4.trunc_sat_f64x2_s_zero(v128.load(x, 16))
    v128.store(y, i64x2.shuffle(low, high, 0, 2))
  }
}

@final @unmanaged
class BoolToInteger {
  @inline four(x: usize, y: usize): void { v128.store(y, loadBytes(x)) }
}

export function toInt32_f32(x: usize, y: usize, n: usize): void { convert<SingleToInteger, f32, i32>(x, y, n) }
export function toInt32_f64(x: usize, y: usize, n: usize): void { convert<DoubleToInteger, f64, i32>(x, y, n) }
export function toInt32_u8(x: usize, y: usize, n: usize): void { convert<BoolToInteger, u8, i32>(x, y, n) }

// ── To bool ─────────────────────────────────────────────────────────────────────────────────────

/** x ≠ 0: NaN is true. */
@final @unmanaged
class NotZero {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.ne<T>(v, v128.splat<T>(<T>0)) }
}

export function toBool_f32(x: usize, y: usize, n: usize): void { mapBool<NotZero, f32>(x, y, n) }
export function toBool_f64(x: usize, y: usize, n: usize): void { mapBool<NotZero, f64>(x, y, n) }
export function toBool_i32(x: usize, y: usize, n: usize): void { mapBool<NotZero, i32>(x, y, n) }

// ── From a formula ──────────────────────────────────────────────────────────────────────────────

/** y[i] = value */
// @ts-ignore: decorator
@inline
function fill<T>(y: usize, n: usize, value: f64): void {
  const first = stepStart(n, CHUNK)
  n = stepEnd(n, CHUNK) - first
  y += first * sizeof<T>()
  if (n == 0) return
  const v = v128.splat<T>(<T>value)
  const end = y + n * sizeof<T>()
  do {
    v128.store(y, v)
    v128.store(y, v, 16)
    v128.store(y, v, 32)
    v128.store(y, v, 48)
    y += 64
  } while (y < end)
}

export function fill_f32(y: usize, n: usize, value: f64): void { fill<f32>(y, n, value) }
export function fill_f64(y: usize, n: usize, value: f64): void { fill<f64>(y, n, value) }
export function fill_i32(y: usize, n: usize, value: f64): void { fill<i32>(y, n, value) }
export function fill_u8(y: usize, n: usize, value: f64): void { fill<u8>(y, n, value) }

/** y[i] = start + i·step in double precision, then converted; no error adds up. */
// @ts-ignore: decorator
@inline
function range<T>(y: usize, n: usize, start: f64, step: f64): void {
  const end = stepEnd(n, CHUNK)
  let i = stepStart(n, CHUNK)
  y += i * sizeof<T>()
  for (; i < end; i++) {
    store<T>(y, <T>(start + <f64>i * step))
    y += sizeof<T>()
  }
}

export function range_f32(y: usize, n: usize, start: f64, step: f64): void { range<f32>(y, n, start, step) }
export function range_f64(y: usize, n: usize, start: f64, step: f64): void { range<f64>(y, n, start, step) }
export function range_i32(y: usize, n: usize, start: f64, step: f64): void { range<i32>(y, n, start, step) }
