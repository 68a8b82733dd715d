// Elementwise functions of one operand. Functions with a part to play in networks are in activation.ts.

import {
  cos, exp, expBegin, expm1, expm1Begin, log, log1p, logBegin, sin, sinBegin,
} from './math'
import { erf, erfBegin } from './gaussian'
import { map, mapLight } from './map'

// ── Signs, roots and rounding ─────────────────────────────────────────────────────────────────

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
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 {
    const zero = v128.splat<T>(<T>0)
    const one = v128.splat<T>(<T>1)
    const sign = v128.or(v128.and(v128.gt<T>(v, zero), one), v128.and(v128.lt<T>(v, zero), v128.splat<T>(<T>-1)))
    return isFloat<T>() ? v128.or(sign, v128.ne<T>(v, v)) : sign
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
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.div<T>(v128.splat<T>(<T>1), v128.sqrt<T>(v)) }
}

export function rsqrt_f32(x: usize, y: usize, n: usize): void { map<Rsqrt, f32>(x, y, n) }
export function rsqrt_f64(x: usize, y: usize, n: usize): void { map<Rsqrt, f64>(x, y, n) }

/** 1 / x */
@final @unmanaged
class Reciprocal {
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 { return v128.div<T>(v128.splat<T>(<T>1), v) }
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

// ── Exponentials and logarithms ───────────────────────────────────────────────────────────────

/** e^x */
@final @unmanaged
class Exp {
  @inline begin<T>(): void { expBegin<T>() }
  @inline apply<T>(v: v128): v128 { return exp<T>(v) }
}

export function exp_f32(x: usize, y: usize, n: usize): void { map<Exp, f32>(x, y, n) }
export function exp_f64(x: usize, y: usize, n: usize): void { map<Exp, f64>(x, y, n) }

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
}

export function log_f32(x: usize, y: usize, n: usize): void { map<Log, f32>(x, y, n) }
export function log_f64(x: usize, y: usize, n: usize): void { map<Log, f64>(x, y, n) }

/** ln(1 + x) */
@final @unmanaged
class Log1p {
  @inline begin<T>(): void { logBegin<T>() }
  @inline apply<T>(v: v128): v128 { return log1p<T>(v) }
}

export function log1p_f32(x: usize, y: usize, n: usize): void { map<Log1p, f32>(x, y, n) }
export function log1p_f64(x: usize, y: usize, n: usize): void { map<Log1p, f64>(x, y, n) }

// ── Circular functions ────────────────────────────────────────────────────────────────────────

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

// ── Between bounds ────────────────────────────────────────────────────────────────────────────

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
  @inline begin<T>(): void {}
  @inline apply<T>(v: v128): v128 {
    const y = v128.bitselect(v128.splat<T>(<T>1), level, v128.gt<T>(v, v128.splat<T>(<T>0)))
    return isFloat<T>() ? v128.or(y, v128.ne<T>(v, v)) : y
  }
}

export function step_f32(x: usize, y: usize, n: usize, alpha: f64): void {
  level = f32x4.splat(<f32>alpha)
  mapLight<Step, f32>(x, y, n)
}
export function step_f64(x: usize, y: usize, n: usize, alpha: f64): void {
  level = f64x2.splat(alpha)
  mapLight<Step, f64>(x, y, n)
}

// ── The error function ────────────────────────────────────────────────────────────────────────

/** erf x */
@final @unmanaged
class Erf {
  @inline begin<T>(): void { erfBegin<T>() }
  @inline apply<T>(v: v128): v128 { return erf<T>(v) }
}

export function erf_f32(x: usize, y: usize, n: usize): void { map<Erf, f32>(x, y, n) }
export function erf_f64(x: usize, y: usize, n: usize): void { map<Erf, f64>(x, y, n) }
