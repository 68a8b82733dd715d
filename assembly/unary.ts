// Elementwise functions of one operand. Those that networks are made of are in activation.ts. What is rarely wanted
// in float32 is computed in double precision, by mapWide: rounded once, by half the source.

import { angle, angleBegin } from './angle'
import { erf, erfBegin } from './gaussian'
import { half, infinity, lanesBegin, madd, one, select, signOf, two, zero } from './lanes'
import { map, mapEasy, mapLight, mapWide } from './map'
import {
  cos, exp, expBegin, expEasy, expExponent, expHigh, expIsEasy, expLow, expm1, expm1Begin, expm1Clamp, expm1Mantissa,
  expMax, expTail, log, log1p, logBegin, logEasy, logIsEasy, scale, sin, sinBegin, tan,
} from './math'

// ── Signs, roots and rounding ───────────────────────────────────────────────────────────────────

/** |x|; of −2^31 itself, in whole numbers. */
@final @unmanaged
class Abs {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.abs<T>(v) }
}

export function abs_f32(x: usize, y: usize, n: usize): void { mapLight<Abs, f32>(x, y, n) }
export function abs_f64(x: usize, y: usize, n: usize): void { mapLight<Abs, f64>(x, y, n) }
export function abs_i32(x: usize, y: usize, n: usize): void { mapLight<Abs, i32>(x, y, n) }

/** −x */
@final @unmanaged
class Neg {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.neg<T>(v) }
}

export function neg_f32(x: usize, y: usize, n: usize): void { mapLight<Neg, f32>(x, y, n) }
export function neg_f64(x: usize, y: usize, n: usize): void { mapLight<Neg, f64>(x, y, n) }
export function neg_i32(x: usize, y: usize, n: usize): void { mapLight<Neg, i32>(x, y, n) }

/** −1, 0 or 1; NaN stays. */
@final @unmanaged
class Sign {
  @inline begin<T>(): void {
    if (isFloat<T>()) lanesBegin<T>()
  }
  @inline apply<T>(v: v128): v128 {
    if (isInteger<T>()) return v128.max<T>(v128.min<T>(v, v128.splat<T>(<T>1)), v128.splat<T>(<T>-1))
    const sign = v128.and(v128.ne<T>(v, zero), v128.or(one, signOf(v)))
    return v128.or(sign, v128.ne<T>(v, v))
  }
}

export function sign_f32(x: usize, y: usize, n: usize): void { mapLight<Sign, f32>(x, y, n) }
export function sign_f64(x: usize, y: usize, n: usize): void { mapLight<Sign, f64>(x, y, n) }
export function sign_i32(x: usize, y: usize, n: usize): void { mapLight<Sign, i32>(x, y, n) }

/** x² */
@final @unmanaged
class Square {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.mul<T>(v, v) }
}

export function square_f32(x: usize, y: usize, n: usize): void { mapLight<Square, f32>(x, y, n) }
export function square_f64(x: usize, y: usize, n: usize): void { mapLight<Square, f64>(x, y, n) }
export function square_i32(x: usize, y: usize, n: usize): void { mapLight<Square, i32>(x, y, n) }

/** √x */
@final @unmanaged
class Sqrt {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.sqrt<T>(v) }
}

export function sqrt_f32(x: usize, y: usize, n: usize): void { map<Sqrt, f32>(x, y, n) }
export function sqrt_f64(x: usize, y: usize, n: usize): void { map<Sqrt, f64>(x, y, n) }

/** 1 / √x */
@final @unmanaged
class Rsqrt {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.div<T>(one, v128.sqrt<T>(v)) }
}

export function rsqrt_f32(x: usize, y: usize, n: usize): void { map<Rsqrt, f32>(x, y, n) }
export function rsqrt_f64(x: usize, y: usize, n: usize): void { map<Rsqrt, f64>(x, y, n) }

/** 1 / x */
@final @unmanaged
class Reciprocal {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.div<T>(one, v) }
}

export function reciprocal_f32(x: usize, y: usize, n: usize): void { map<Reciprocal, f32>(x, y, n) }
export function reciprocal_f64(x: usize, y: usize, n: usize): void { map<Reciprocal, f64>(x, y, n) }

/** The next whole number down */
@final @unmanaged
class Floor {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.floor<T>(v) }
}

export function floor_f32(x: usize, y: usize, n: usize): void { mapLight<Floor, f32>(x, y, n) }
export function floor_f64(x: usize, y: usize, n: usize): void { mapLight<Floor, f64>(x, y, n) }

/** The next whole number up */
@final @unmanaged
class Ceil {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.ceil<T>(v) }
}

export function ceil_f32(x: usize, y: usize, n: usize): void { mapLight<Ceil, f32>(x, y, n) }
export function ceil_f64(x: usize, y: usize, n: usize): void { mapLight<Ceil, f64>(x, y, n) }

/** The nearest whole number; of two, the even one. */
@final @unmanaged
class Round {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.nearest<T>(v) }
}

export function round_f32(x: usize, y: usize, n: usize): void { mapLight<Round, f32>(x, y, n) }
export function round_f64(x: usize, y: usize, n: usize): void { mapLight<Round, f64>(x, y, n) }

// ── Exponentials and logarithms ─────────────────────────────────────────────────────────────────

/** e^x */
@final @unmanaged
class Exp {
  @inline begin<T>(): void { expBegin<T>() }
  @inline apply<T>(v: v128): v128 { return exp<T>(v) }
  @inline isEasy<T>(v: v128): bool { return expIsEasy<T>(v) }
  @inline easy<T>(v: v128): v128 { return expEasy<T>(v) }
}

export function exp_f32(x: usize, y: usize, n: usize): void { mapEasy<Exp, f32>(x, y, n) }
export function exp_f64(x: usize, y: usize, n: usize): void { mapEasy<Exp, f64>(x, y, n) }

/** e^x − 1 */
@final @unmanaged
class Expm1 {
  @inline begin<T>(): void { expm1Begin<T>() }
  @inline apply<T>(v: v128): v128 { return expm1<T>(v) }
}

export function expm1_f32(x: usize, y: usize, n: usize): void { map<Expm1, f32>(x, y, n) }
export function expm1_f64(x: usize, y: usize, n: usize): void { map<Expm1, f64>(x, y, n) }

/** ln x */
@final @unmanaged
class Log {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 { return log<T>(v) }
  @inline isEasy<T>(v: v128): bool { return logIsEasy<T>(v) }
  @inline easy<T>(v: v128): v128 { return logEasy<T>(v) }
}

export function log_f32(x: usize, y: usize, n: usize): void { mapEasy<Log, f32>(x, y, n) }
export function log_f64(x: usize, y: usize, n: usize): void { mapEasy<Log, f64>(x, y, n) }

/** ln(1 + x) */
@final @unmanaged
class Log1p {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 { return log1p<T>(v) }
}

export function log1p_f32(x: usize, y: usize, n: usize): void { map<Log1p, f32>(x, y, n) }
export function log1p_f64(x: usize, y: usize, n: usize): void { map<Log1p, f64>(x, y, n) }

// ── Circular functions ──────────────────────────────────────────────────────────────────────────

/** sin x */
@final @unmanaged
class Sin {
  @inline begin<T>(): void { sinBegin<T>() }
  @inline apply<T>(v: v128): v128 { return sin<T>(v) }
}

export function sin_f32(x: usize, y: usize, n: usize): void { map<Sin, f32>(x, y, n) }
export function sin_f64(x: usize, y: usize, n: usize): void { map<Sin, f64>(x, y, n) }

/** cos x */
@final @unmanaged
class Cos {
  @inline begin<T>(): void { sinBegin<T>() }
  @inline apply<T>(v: v128): v128 { return cos<T>(v) }
}

export function cos_f32(x: usize, y: usize, n: usize): void { map<Cos, f32>(x, y, n) }
export function cos_f64(x: usize, y: usize, n: usize): void { map<Cos, f64>(x, y, n) }

/** sin x / cos x */
@final @unmanaged
class Tan {
  @inline begin<T>(): void { sinBegin<T>() }
  @inline apply<T>(v: v128): v128 { return tan<T>(v) }
}

export function tan_f32(x: usize, y: usize, n: usize): void { mapWide<Tan>(x, y, n) }
export function tan_f64(x: usize, y: usize, n: usize): void { map<Tan, f64>(x, y, n) }

/** The angle of (1, x); float64 within 2.3 ulp. */
@final @unmanaged
class Atan {
  @inline begin<T>(): void { angleBegin() }
  @inline apply<T>(v: v128): v128 { return v128.or(angle(one, f64x2.abs(v)), signOf(v)) }
}

export function atan_f32(x: usize, y: usize, n: usize): void { mapWide<Atan>(x, y, n) }
export function atan_f64(x: usize, y: usize, n: usize): void { map<Atan, f64>(x, y, n) }

/** The angle of (√((1 − x)·(1 + x)), x); float64 within 2.7 ulp. */
@final @unmanaged
class Asin {
  @inline begin<T>(): void { angleBegin() }
  @inline apply<T>(v: v128): v128 {
    const across = f64x2.sqrt(f64x2.mul(f64x2.sub(one, v), f64x2.add(one, v)))
    return v128.or(angle(across, f64x2.abs(v)), signOf(v))
  }
}

export function asin_f32(x: usize, y: usize, n: usize): void { mapWide<Asin>(x, y, n) }
export function asin_f64(x: usize, y: usize, n: usize): void { map<Asin, f64>(x, y, n) }

/** Twice the angle of (√(1 + x), √(1 − x)): no digits are lost near 1. float64 within 2.8 ulp. */
@final @unmanaged
class Acos {
  @inline begin<T>(): void { angleBegin() }
  @inline apply<T>(v: v128): v128 {
    const half = angle(f64x2.sqrt(f64x2.add(one, v)), f64x2.sqrt(f64x2.sub(one, v)))
    return f64x2.add(half, half)
  }
}

export function acos_f32(x: usize, y: usize, n: usize): void { mapWide<Acos>(x, y, n) }
export function acos_f64(x: usize, y: usize, n: usize): void { map<Acos, f64>(x, y, n) }

// ── Hyperbolic functions, but for tanh ──────────────────────────────────────────────────────────

/** h + h / (2h + 1) where h = (e^|x| − 1) / 2; float64 within 2.2 ulp. */
@final @unmanaged
class Sinh {
  @inline begin<T>(): void { expm1Begin<T>() }
  @inline apply<T>(v: v128): v128 {
    const a = expm1Clamp<T>(v128.abs<T>(v))
    const n = expExponent<T>(a)
    const h = scale<T>(expm1Mantissa<T>(a, n), v128.sub<T>(n, one))
    const y = v128.add<T>(h, v128.div<T>(h, madd<T>(h, two, one)))
    // 2h + 1 is infinite before h is.
    return v128.or(select(y, h, v128.lt<T>(h, infinity)), signOf(v))
  }
}

export function sinh_f32(x: usize, y: usize, n: usize): void { mapWide<Sinh>(x, y, n) }
export function sinh_f64(x: usize, y: usize, n: usize): void { map<Sinh, f64>(x, y, n) }

/** h + 1 / 4h where h = e^|x| / 2; float64 within 1.4 ulp. */
@final @unmanaged
class Cosh {
  @inline begin<T>(): void { expBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const a = v128.pmin<T>(v128.abs<T>(v), expMax)
    const n = expExponent<T>(a)
    const tail = expTail<T>(expHigh<T>(a, n), expLow<T>(n))
    const h = scale<T>(v128.add<T>(tail, one), v128.sub<T>(n, one))
    return v128.add<T>(h, v128.div<T>(half, v128.add<T>(h, h)))
  }
}

export function cosh_f32(x: usize, y: usize, n: usize): void { mapWide<Cosh>(x, y, n) }
export function cosh_f64(x: usize, y: usize, n: usize): void { map<Cosh, f64>(x, y, n) }

let far: v128
let ln2: v128

/** ln(1 + w), or from `far` on ln x + ln 2, which is as good as ln(x + √(x² ± 1)). */
// @ts-ignore: decorator
@inline
function logOrFar<T>(x: v128, w: v128): v128 {
  const beyond = v128.gt<T>(x, far)
  return v128.add<T>(log1p<T>(select(x, w, beyond)), v128.and(beyond, ln2))
}

// @ts-ignore: decorator
@inline
function farBegin<T>(): void {
  logBegin<T>()
  far = v128.splat<T>(<T>1e15)
  ln2 = v128.splat<T>(<T>0.6931471805599453)
}

/** ln(1 + w), w = a + a / (u + √(1 + u²)), a = |x|, u = 1 / a; float64 within 1.6 ulp. */
@final @unmanaged
class Asinh {
  @inline begin<T>(): void { farBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const a = v128.abs<T>(v)
    const u = v128.div<T>(one, a)
    const root = v128.sqrt<T>(madd<T>(u, u, one))
    const w = v128.add<T>(a, v128.div<T>(a, v128.add<T>(u, root)))
    return v128.or(logOrFar<T>(a, w), signOf(v))
  }
}

export function asinh_f32(x: usize, y: usize, n: usize): void { mapWide<Asinh>(x, y, n) }
export function asinh_f64(x: usize, y: usize, n: usize): void { map<Asinh, f64>(x, y, n) }

/** ln(1 + w), w = t + √(t·(t + 2)), t = x − 1; NaN below 1; float64 within 2.3 ulp. */
@final @unmanaged
class Acosh {
  @inline begin<T>(): void { farBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const t = v128.sub<T>(v, one)
    const w = v128.add<T>(t, v128.sqrt<T>(v128.mul<T>(t, v128.add<T>(t, two))))
    return v128.or(logOrFar<T>(v, w), v128.lt<T>(v, one))
  }
}

export function acosh_f32(x: usize, y: usize, n: usize): void { mapWide<Acosh>(x, y, n) }
export function acosh_f64(x: usize, y: usize, n: usize): void { map<Acosh, f64>(x, y, n) }

/** ½·ln(1 + 2a / (1 − a)), a = |x|; float64 within 1.9 ulp. */
@final @unmanaged
class Atanh {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 {
    const a = v128.abs<T>(v)
    const y = log1p<T>(v128.div<T>(v128.add<T>(a, a), v128.sub<T>(one, a)))
    return v128.or(v128.mul<T>(half, y), signOf(v))
  }
}

export function atanh_f32(x: usize, y: usize, n: usize): void { mapWide<Atanh>(x, y, n) }
export function atanh_f64(x: usize, y: usize, n: usize): void { map<Atanh, f64>(x, y, n) }

// ── Between bounds ──────────────────────────────────────────────────────────────────────────────

let least: v128
let greatest: v128

/** x, but not below `least` nor above `greatest`; NaN stays. */
@final @unmanaged
class ClipByValue {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 {
    if (isFloat<T>()) return v128.pmax<T>(v128.pmin<T>(v, greatest), least)
    return v128.max<T>(v128.min<T>(v, greatest), least)
  }
}

/** Bounds arrive as double; beyond the range of T they become its ends. */
// @ts-ignore: decorator
@inline
function clip<T>(x: usize, y: usize, n: usize, min: f64, max: f64): void {
  least = v128.splat<T>(<T>min)
  greatest = v128.splat<T>(<T>max)
  mapLight<ClipByValue, T>(x, y, n)
}

export function clipByValue_f32(x: usize, y: usize, n: usize, min: f64, max: f64): void { clip<f32>(x, y, n, min, max) }
export function clipByValue_f64(x: usize, y: usize, n: usize, min: f64, max: f64): void { clip<f64>(x, y, n, min, max) }
export function clipByValue_i32(x: usize, y: usize, n: usize, min: f64, max: f64): void { clip<i32>(x, y, n, min, max) }

let level: v128

/** 1 above 0, `level` at 0 and below; NaN stays. */
@final @unmanaged
class Step {
  @inline begin<T>(): void { lanesBegin<T>() }
  @inline apply<T>(v: v128): v128 { return v128.or(select(one, level, v128.gt<T>(v, zero)), v128.ne<T>(v, v)) }
}

export function step_f32(x: usize, y: usize, n: usize, alpha: f64): void {
  level = f32x4.splat(<f32>alpha)
  mapLight<Step, f32>(x, y, n)
}
export function step_f64(x: usize, y: usize, n: usize, alpha: f64): void {
  level = f64x2.splat(alpha)
  mapLight<Step, f64>(x, y, n)
}

// ── The error function ──────────────────────────────────────────────────────────────────────────

/** erf x; within 1.5 ulp. */
@final @unmanaged
class Erf {
  @inline begin<T>(): void { erfBegin<T>() }
  @inline apply<T>(v: v128): v128 { return erf<T>(v) }
}

export function erf_f32(x: usize, y: usize, n: usize): void { map<Erf, f32>(x, y, n) }
export function erf_f64(x: usize, y: usize, n: usize): void { map<Erf, f64>(x, y, n) }
