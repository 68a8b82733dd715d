// Elementwise ops of two operands, with NumPy broadcasting: y is contiguous [n2, n1, n0], a and b are read
// with the strides a2, a1, a0 and b2, b1, b0, of which the last is 1, or 0 for one number along a row.

import { angle, angleBegin } from './angle'
import { half, infinity, one, select, signOf } from './lanes'
import { zip, zipHeavy, zipWide } from './map'
import { powDouble, powDoubleBegin, powSingle, powSingleBegin } from './power'

/** a + b */
@final @unmanaged
class Add {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.add<T>(a, b) }
}

export function add_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Add, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function add_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Add, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function add_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Add, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a − b */
@final @unmanaged
class Sub {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.sub<T>(a, b) }
}

export function sub_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Sub, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function sub_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Sub, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function sub_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Sub, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a · b */
@final @unmanaged
class Mul {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.mul<T>(a, b) }
}

export function mul_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Mul, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function mul_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Mul, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function mul_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Mul, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a / b */
@final @unmanaged
class Div {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.div<T>(a, b) }
}

export function div_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Div, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function div_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Div, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a / b, and 0 where b is 0 */
@final @unmanaged
class DivNoNan {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.andnot(v128.div<T>(a, b), v128.eq<T>(b, v128.splat<T>(<T>0))) }
}

export function divNoNan_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<DivNoNan, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function divNoNan_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<DivNoNan, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** The greater one; NaN if either is. */
@final @unmanaged
class Maximum {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.max<T>(a, b) }
}

export function maximum_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Maximum, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function maximum_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Maximum, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function maximum_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Maximum, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** The lesser one; NaN if either is. */
@final @unmanaged
class Minimum {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return v128.min<T>(a, b) }
}

export function minimum_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Minimum, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function minimum_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Minimum, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function minimum_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zip<Minimum, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** (a − b)² */
@final @unmanaged
class SquaredDifference {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 {
    const d = v128.sub<T>(a, b)
    return v128.mul<T>(d, d)
  }
}

export function squaredDifference_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<SquaredDifference, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function squaredDifference_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<SquaredDifference, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function squaredDifference_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<SquaredDifference, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

// ── Powers and angles ───────────────────────────────────────────────────────────────────────────

/** a^b for float32, within 0.55 ulp. */
@final @unmanaged
class PowSingle {
  @inline begin<T>(): void { powSingleBegin() }
  @inline apply<T>(a: v128, b: v128): v128 { return powSingle(a, b) }
}

/** a^b for float64, within 1.1 ulp. */
@final @unmanaged
class PowDouble {
  @inline begin<T>(): void { powDoubleBegin() }
  @inline apply<T>(a: v128, b: v128): v128 { return powDouble(a, b) }
}

export function pow_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipWide<PowSingle>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function pow_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<PowDouble, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

let huge: v128

/** The angle of the point (b, a), from −π to π; float64 within 2.1 ulp. */
@final @unmanaged
class Atan2 {
  @inline begin<T>(): void {
    angleBegin()
    huge = f64x2.splat(8.98846567431158e307)
  }
  @inline apply<T>(a: v128, b: v128): v128 {
    // Halved where their sum might overflow; two infinities are as good as two ones.
    const x = f64x2.abs(b)
    const y = f64x2.abs(a)
    const scale = select(half, one, f64x2.ge(f64x2.max(x, y), huge))
    const infinite = f64x2.eq(f64x2.min(x, y), infinity)
    const across = select(one, f64x2.mul(x, scale), infinite)
    const up = select(one, f64x2.mul(y, scale), infinite)
    return v128.or(angle(v128.or(across, signOf(b)), up), signOf(a))
  }
}

export function atan2_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipWide<Atan2>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function atan2_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Atan2, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

// ── Lane by lane ────────────────────────────────────────────────────────────────────────────────
//
// SIMD has no integer division and no remainder of floats. A whole division by 0 gives 0, and
// −2^31 / −1 wraps: neither may trap.

/** Makes a vector of what Op computes for each pair of lanes. */
// @ts-ignore: decorator
@inline
function perLane<Op, T>(a: v128, b: v128): v128 {
  const op = changetype<Op>(0)
  let v = v128.splat<T>(op.one<T>(v128.extract_lane<T>(a, 0), v128.extract_lane<T>(b, 0)))
  v = v128.replace_lane<T>(v, 1, op.one<T>(v128.extract_lane<T>(a, 1), v128.extract_lane<T>(b, 1)))
  if (sizeof<T>() == 4) {
    v = v128.replace_lane<T>(v, 2, op.one<T>(v128.extract_lane<T>(a, 2), v128.extract_lane<T>(b, 2)))
    v = v128.replace_lane<T>(v, 3, op.one<T>(v128.extract_lane<T>(a, 3), v128.extract_lane<T>(b, 3)))
  }
  return v
}

/** a / b rounded down */
@final @unmanaged
class FloorDiv {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 {
    return isFloat<T>() ? v128.floor<T>(v128.div<T>(a, b)) : perLane<FloorDiv, T>(a, b)
  }
  one<T>(a: T, b: T): T {
    if (b == 0) return <T>0
    if (b == -1) return <T>-a
    return <T>(a / b - <T>(a % b != 0 && (a ^ b) < 0))
  }
}

export function floorDiv_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<FloorDiv, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function floorDiv_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<FloorDiv, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function floorDiv_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<FloorDiv, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a − b·⌊a / b⌋, exactly: the remainder of a / b, which takes the sign of b. */
@final @unmanaged
class Mod {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return perLane<Mod, T>(a, b) }
  one<T>(a: T, b: T): T {
    if (isInteger<T>()) {
      if (b == 0 || b == -1) return <T>0
    }
    const rest = <T>(a % b)
    return rest != 0 && (rest < 0) != (b < 0) ? <T>(rest + b) : rest
  }
}

export function mod_f32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Mod, f32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function mod_f64(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Mod, f64>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
export function mod_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<Mod, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}

/** a^b in whole numbers that wrap; 1 / a^−b rounded toward 0 for b < 0. */
@final @unmanaged
class IntegerPow {
  @inline begin<T>(): void {}
  @inline apply<T>(a: v128, b: v128): v128 { return perLane<IntegerPow, T>(a, b) }
  one<T>(a: T, b: T): T {
    if (b < 0) return a == 1 || (a == -1 && !(b & 1)) ? <T>1 : a == -1 ? <T>-1 : <T>0
    let y = <T>1
    while (b) {
      if (b & 1) y = <T>(y * a)
      a = <T>(a * a)
      b >>= 1
    }
    return y
  }
}

export function pow_i32(
  a: usize, b: usize, y: usize,
  n2: usize, n1: usize, n0: usize, a2: usize, a1: usize, a0: usize, b2: usize, b1: usize, b0: usize,
): void {
  zipHeavy<IntegerPow, i32>(a, b, y, n2, n1, n0, a2, a1, a0, b2, b1, b0)
}
