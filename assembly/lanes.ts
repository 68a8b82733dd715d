// Vectors of floats: constants for either precision, bits as integers, and small arithmetic that the
// functions of math.ts share. T is f32 (four lanes) or f64 (two).

/** A constant in every lane; `single` for float32, `double` for float64. */
// @ts-ignore: decorator
@inline
export function lanes<T>(single: f64, double: f64): v128 {
  return v128.splat<T>(<T>(sizeof<T>() == 4 ? single : double))
}

/** a · b + c, rounded twice. */
// @ts-ignore: decorator
@inline
export function madd<T>(a: v128, b: v128, c: v128): v128 { return v128.add<T>(v128.mul<T>(a, b), c) }

/** Four more steps of Horner's rule: ((((p · x + a) · x + b) · x + c) · x + d. */
// @ts-ignore: decorator
@inline
export function horner<T>(p: v128, x: v128, a: v128, b: v128, c: v128, d: v128): v128 {
  return madd<T>(madd<T>(madd<T>(madd<T>(p, x, a), x, b), x, c), x, d)
}

/** Lanes of `a` where `mask` is set, of `b` elsewhere. */
// @ts-ignore: decorator
@inline
export function select(a: v128, b: v128, mask: v128): v128 { return v128.bitselect(a, b, mask) }

/** Whether `mask` is set in every lane. */
// @ts-ignore: decorator
@inline
export function all<T>(mask: v128): bool {
  return sizeof<T>() == 4 ? i32x4.bitmask(mask) == 15 : i64x2.bitmask(mask) == 3
}

/** Shifts the bits of each lane left. */
// @ts-ignore: decorator
@inline
export function shl<T>(v: v128, bits: i32): v128 {
  return sizeof<T>() == 4 ? i32x4.shl(v, bits) : i64x2.shl(v, bits)
}

/** Shifts the bits of each lane right, zeros entering. */
// @ts-ignore: decorator
@inline
export function shr<T>(v: v128, bits: i32): v128 {
  return sizeof<T>() == 4 ? i32x4.shr_u(v, bits) : i64x2.shr_u(v, bits)
}

/** Adds the bits of lanes as integers. */
// @ts-ignore: decorator
@inline
export function addBits<T>(a: v128, b: v128): v128 {
  return sizeof<T>() == 4 ? i32x4.add(a, b) : i64x2.add(a, b)
}

/** An integer in every lane, as wide as T. */
// @ts-ignore: decorator
@inline
export function bits<T>(single: u32, double: u64): v128 {
  return sizeof<T>() == 4 ? i32x4.splat(single) : i64x2.splat(double)
}

/** Bits of the mantissa, without the hidden one. */
// @ts-ignore: decorator
@inline
export function mantissaBits<T>(): i32 { return sizeof<T>() == 4 ? 23 : 52 }

/** The first half of a mantissa, as a mask: products of two such halves are exact. */
// @ts-ignore: decorator
@inline
export function firstHalf<T>(): v128 { return bits<T>(0xfffff000, 0xfffffffff8000000) }

export const zero = i32x4(0, 0, 0, 0)
export let half: v128
export let one: v128
export let two: v128
export let infinity: v128
export let signBit: v128

/** Fills the constants above: the begin of every function that uses one calls it. */
// @ts-ignore: decorator
@inline
export function lanesBegin<T>(): void {
  half = v128.splat<T>(<T>0.5)
  one = v128.splat<T>(<T>1)
  two = v128.splat<T>(<T>2)
  infinity = v128.splat<T>(<T>Infinity)
  signBit = v128.splat<T>(<T>-0.0)
}

/** The sign bits of `v`. */
// @ts-ignore: decorator
@inline
export function signOf(v: v128): v128 { return v128.and(v, signBit) }
