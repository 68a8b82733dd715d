// exp, log, sin and their like on vectors: own polynomials, no host Math, no fused multiply-add, so
// that every engine computes the same bits. One source gives float32 (T = f32) and float64 (T = f64);
// only literals and the degrees of polynomials differ.
//
// Use: call expBegin<T>() before a loop and exp<T>(v) inside it, and likewise for each function; several begins
// may be called, all for the same T. A begin fills v128 globals, which the build's licm pass hoists into locals
// (V8 rebuilds a v128.const at each turn of a loop; in loops over sin and cos, which contain a call, the globals
// stay, at no cost that could be measured). Functions that share constants say whose begin they need.
//
// Polynomials are minimax fits of our own: Remez in 220 bits, coefficients rounded to T one after
// the other, the rest refitted after each rounding. The stated errors are in units of the result's
// last place (ulp): maxima over all 2^32 inputs for exp, log and tanh in float32, elsewhere over 10^6
// and more in all ranges, against 80 and 113 bits.

import {
  addBits, all, bits, half, horner, infinity, lanes, lanesBegin, madd, mantissaBits, one, select, shl, shr, signBit,
  signOf, two, zero,
} from './lanes'
import { quartersPair, reducePair, remainderLowPair, remainderPair } from './reduction'

// ── exp ─────────────────────────────────────────────────────────────────────────────────────────
//
// x = n·ln 2 + r with n whole and |r| ≤ ln 2 / 2; then e^x = 2^n·(1 + q), q = e^r − 1.
// The steps are functions of their own, since tanh, sigmoid and others put 2^n and q together in ways
// that keep more digits.

let log2e: v128
export let ln2High: v128
export let ln2Low: v128
let exponentBias: v128
let expMin: v128
export let expMax: v128
let expNone: v128
let expEasyMax: v128
let exp2: v128, exp3: v128, exp4: v128, exp5: v128, exp6: v128, exp7: v128, exp8: v128, exp9: v128, exp10: v128
let exp11: v128

// @ts-ignore: decorator
@inline
export function expBegin<T>(): void {
  lanesBegin<T>()
  // e^90 and e^711 / 2 overflow, e^−104 and e^−746 round to 0: what lies beyond may be replaced by these.
  expMin = lanes<T>(-104, -746)
  expMax = lanes<T>(90, 711)
  expNone = lanes<T>(-88, -709)
  expEasyMax = lanes<T>(87 * 87, 708 * 708)
  log2e = v128.splat<T>(<T>1.4426950408889634)
  // n·ln2High is exact for every n that occurs: the last 8 (float32) or 11 bits of ln2High are 0.
  ln2High = lanes<T>(0.693145751953125, 0.6931471805598903)
  ln2Low = lanes<T>(1.428606765330187e-6, 5.497923018708371e-14)
  // Added to a whole n, leaves n + bias in the lowest bits: shifted up it is the exponent of 2^n.
  exponentBias = lanes<T>(12582912 + 127, 6755399441055744 + 1023)
  exp2 = lanes<T>(0.49999994, 0.5)
  exp3 = lanes<T>(0.16666517, 0.16666666666666602)
  exp4 = lanes<T>(0.041668102, 0.04166666666661995)
  exp5 = lanes<T>(0.008369192, 0.008333333333388308)
  exp6 = lanes<T>(0.0013838873, 0.0013888888920523884)
  if (sizeof<T>() == 8) {
    exp7 = f64x2.splat(0.000198412697096762)
    exp8 = f64x2.splat(2.48015163252223e-5)
    exp9 = f64x2.splat(2.7557424605016646e-6)
    exp10 = f64x2.splat(2.7622237174224776e-7)
    exp11 = f64x2.splat(2.5046104202876257e-8)
  }
}

/** n + exponentBias, where n is the whole number nearest to x / ln 2: the addition rounds. */
// @ts-ignore: decorator
@inline
function expBiased<T>(x: v128): v128 { return madd<T>(x, log2e, exponentBias) }

/** n: the whole number nearest to x / ln 2. */
// @ts-ignore: decorator
@inline
export function expExponent<T>(x: v128): v128 { return v128.sub<T>(expBiased<T>(x), exponentBias) }

/** x − n·ln 2 without its last digits, exactly. */
// @ts-ignore: decorator
@inline
export function expHigh<T>(x: v128, n: v128): v128 { return v128.sub<T>(x, v128.mul<T>(n, ln2High)) }

/** What is to be subtracted from {@link expHigh}. */
// @ts-ignore: decorator
@inline
export function expLow<T>(n: v128): v128 { return v128.mul<T>(n, ln2Low) }

/** (e^r − 1 − r) / r² for |r| ≤ ln 2 / 2. */
// @ts-ignore: decorator
@inline
function expPolynomial<T>(r: v128): v128 {
  if (sizeof<T>() == 4) return horner<T>(exp6, r, exp5, exp4, exp3, exp2)
  return horner<T>(horner<T>(madd<T>(exp11, r, exp10), r, exp9, exp8, exp7, exp6), r, exp5, exp4, exp3, exp2)
}

/** e^r − 1 − high for r = high − low: added to `high` last, r's own rounding error does not matter. */
// @ts-ignore: decorator
@inline
function expRest<T>(high: v128, low: v128): v128 {
  const r = v128.sub<T>(high, low)
  return v128.sub<T>(v128.mul<T>(v128.mul<T>(r, r), expPolynomial<T>(r)), low)
}

/** e^r for r = x − n·ln 2, as exact as e^x is wanted. */
// @ts-ignore: decorator
@inline
function expMantissa<T>(x: v128, n: v128): v128 {
  const r = v128.sub<T>(expHigh<T>(x, n), expLow<T>(n))
  return v128.add<T>(madd<T>(v128.mul<T>(r, r), expPolynomial<T>(r), r), one)
}

/** q = e^(high − low) − 1 */
// @ts-ignore: decorator
@inline
export function expTail<T>(high: v128, low: v128): v128 { return v128.add<T>(high, expRest<T>(high, low)) }

/** 2^n from n + exponentBias, for a whole n in the range of normal numbers. */
// @ts-ignore: decorator
@inline
function biasedPow2<T>(biased: v128): v128 { return shl<T>(biased, mantissaBits<T>()) }

/** 2^n for a whole n in the range of normal numbers. */
// @ts-ignore: decorator
@inline
export function pow2<T>(n: v128): v128 { return biasedPow2<T>(v128.add<T>(n, exponentBias)) }

/** v·2^n for any n of {@link expExponent}: in two steps, for results near overflow and subnormal ones. */
// @ts-ignore: decorator
@inline
export function scale<T>(v: v128, n: v128): v128 {
  const first = v128.nearest<T>(v128.mul<T>(n, half))
  return v128.mul<T>(v128.mul<T>(v, pow2<T>(first)), pow2<T>(v128.sub<T>(n, first)))
}

/** e^x; within 0.99 ulp. */
// @ts-ignore: decorator
@inline
export function exp<T>(x: v128): v128 {
  const v = v128.pmax<T>(v128.pmin<T>(x, expMax), expMin)
  const n = expExponent<T>(v)
  return scale<T>(expMantissa<T>(v, n), n)
}

/** Whether every lane is far from where e^x overflows or is no normal number: |x| ≤ 87 (float64: 708). */
// @ts-ignore: decorator
@inline
export function expIsEasy<T>(x: v128): bool { return all<T>(v128.le<T>(v128.mul<T>(x, x), expEasyMax)) }

/** The bits of {@link exp} where it is easy: with one scaling and without the clamps. */
// @ts-ignore: decorator
@inline
export function expEasy<T>(x: v128): v128 {
  const biased = expBiased<T>(x)
  const n = v128.sub<T>(biased, exponentBias)
  return v128.mul<T>(expMantissa<T>(x, n), biasedPow2<T>(biased))
}

/**
 * e^x for x ≤ 0, the bits of {@link exp} but for results under the normal numbers, which are 0: no subnormal number,
 * over which Intel's processors spend 150 cycles. Where x is clamped biasedPow2 gives 0.
 */
// @ts-ignore: decorator
@inline
export function expDown<T>(x: v128): v128 { return expEasy<T>(v128.pmax<T>(x, expNone)) }

// ── log ─────────────────────────────────────────────────────────────────────────────────────────
//
// x = 2^e·(1 + f) with √½ ≤ 1 + f < √2; s = f / (2 + f) gives ln(1 + f) = 2·artanh s, of which the
// polynomial R has what follows 2s (after FreeBSD's e_log.c, by Sun Microsystems).

let tiny: v128
let logScale: v128
let logScaleExponent: v128
let logOffset: v128
let logMantissa: v128
let logRootHalf: v128
let logExponent: v128
let logExponentBias: v128
let logEasyMax: v128
let log1: v128, log2: v128, log3: v128, log4: v128, log5: v128, log6: v128, log7: v128

// @ts-ignore: decorator
@inline
export function logBegin<T>(): void {
  lanesBegin<T>()
  tiny = lanes<T>(1.1754943508222875e-38, 2.2250738585072014e-308)
  logScale = lanes<T>(16777216, 18014398509481984)
  logScaleExponent = lanes<T>(24, 54)
  logMantissa = bits<T>(0x007fffff, 0x000fffffffffffff)
  logRootHalf = bits<T>(0x3f3504f3, 0x3fe6a09e667f3bcd)
  // Moves √½ to the start of an exponent's range, and e to e + bias ≥ 0.
  logOffset = bits<T>(0x3f800000 - 0x3f3504f3, 0x3ff0000000000000 - 0x3fe6a09e667f3bcd)
  // Or-ed over e + bias in the lowest bits makes it a number: 2^23 or 2^52, plus e + bias.
  logExponent = lanes<T>(8388608, 4503599627370496)
  logExponentBias = lanes<T>(8388608 + 127, 4503599627370496 + 1023)
  ln2High = lanes<T>(0.693145751953125, 0.6931471805598903)
  ln2Low = lanes<T>(1.428606765330187e-6, 5.497923018708371e-14)
  logEasyMax = lanes<T>(125 * 125, 1021 * 1021)
  log1 = lanes<T>(0.66666776, 0.6666666666666734)
  log2 = lanes<T>(0.39977583, 0.39999999999416824)
  log3 = lanes<T>(0.2987083, 0.28571428741975036)
  if (sizeof<T>() == 8) {
    log4 = f64x2.splat(0.22222198610545654)
    log5 = f64x2.splat(0.18183562595613034)
    log6 = f64x2.splat(0.15314090191374846)
    log7 = f64x2.splat(0.14795594126332073)
  }
}

/** ln(2^e·(1 + f)) + low, for a `low` so small that it only corrects. */
// @ts-ignore: decorator
@inline
function logSum<T>(e: v128, f: v128, low: v128): v128 {
  const s = v128.div<T>(f, v128.add<T>(two, f))
  const z = v128.mul<T>(s, s)
  let p = log3
  if (sizeof<T>() == 8) p = horner<T>(log7, z, log6, log5, log4, log3)
  p = madd<T>(madd<T>(p, z, log2), z, log1)
  const halfSquare = v128.mul<T>(half, v128.mul<T>(f, f))
  const rest = madd<T>(s, madd<T>(z, p, halfSquare), low)
  return madd<T>(e, ln2High, v128.sub<T>(f, v128.sub<T>(halfSquare, rest)))
}

/** x, or where it is subnormal 2^logScaleExponent times x. */
// @ts-ignore: decorator
@inline
export function logNormal<T>(x: v128): v128 { return select(v128.mul<T>(x, logScale), x, v128.lt<T>(x, tiny)) }

/** What {@link logNormal} has added to e. */
// @ts-ignore: decorator
@inline
export function logExcess<T>(x: v128): v128 { return v128.and(v128.lt<T>(x, tiny), logScaleExponent) }

/** The bits of a normal x moved by logOffset. */
// @ts-ignore: decorator
@inline
export function logMoved<T>(x: v128): v128 { return addBits<T>(x, logOffset) }

/** e, from the moved bits. */
// @ts-ignore: decorator
@inline
export function logWhole<T>(moved: v128): v128 {
  return v128.sub<T>(v128.or(shr<T>(moved, mantissaBits<T>()), logExponent), logExponentBias)
}

/** f, from the moved bits. */
// @ts-ignore: decorator
@inline
export function logFraction<T>(moved: v128): v128 {
  return v128.sub<T>(addBits<T>(v128.and(moved, logMantissa), logRootHalf), one)
}

/** The logarithm `y` of `x`, put right where x is 0, negative, infinite or no number. */
// @ts-ignore: decorator
@inline
export function logEdges<T>(x: v128, y: v128): v128 {
  y = select(y, x, v128.lt<T>(x, infinity))
  y = v128.or(y, v128.lt<T>(x, zero))
  return select(v128.neg<T>(infinity), y, v128.eq<T>(x, zero))
}

/** ln x; within 0.85 ulp. */
// @ts-ignore: decorator
@inline
export function log<T>(x: v128): v128 {
  const moved = logMoved<T>(logNormal<T>(x))
  const e = v128.sub<T>(logWhole<T>(moved), logExcess<T>(x))
  return logEdges<T>(x, logSum<T>(e, logFraction<T>(moved), v128.mul<T>(e, ln2Low)))
}

/** Whether every lane is positive, and by a factor of 2 away from subnormal and infinite numbers. */
// @ts-ignore: decorator
@inline
export function logIsEasy<T>(x: v128): bool {
  const e = logWhole<T>(logMoved<T>(x))
  return all<T>(v128.le<T>(v128.mul<T>(e, e), logEasyMax))
}

/** The bits of {@link log} where it is easy. */
// @ts-ignore: decorator
@inline
export function logEasy<T>(x: v128): v128 {
  const moved = logMoved<T>(x)
  const e = logWhole<T>(moved)
  return logSum<T>(e, logFraction<T>(moved), v128.mul<T>(e, ln2Low))
}

/** ln(1 + x); begins as log. Within 0.85 ulp. */
// @ts-ignore: decorator
@inline
export function log1p<T>(x: v128): v128 {
  const u = v128.add<T>(one, x)
  // What u lost in rounding, exactly (Knuth's two-sum).
  const v = v128.sub<T>(u, one)
  const lost = v128.add<T>(v128.sub<T>(one, v128.sub<T>(u, v)), v128.sub<T>(x, v))
  const moved = logMoved<T>(u)
  const e = logWhole<T>(moved)
  const y = logSum<T>(e, logFraction<T>(moved), madd<T>(e, ln2Low, v128.div<T>(lost, u)))
  return v128.or(logEdges<T>(u, y), signOf(x))
}

// ── Functions of e^x ────────────────────────────────────────────────────────────────────────────

let expm1Min: v128
let expm1Exponent: v128

// @ts-ignore: decorator
@inline
export function expm1Begin<T>(): void {
  expBegin<T>()
  expm1Min = lanes<T>(-18, -38)
  expm1Exponent = v128.splat<T>(<T>64)
}

/** x between the bounds beyond which e^x − 1 is −1 or overflows. */
// @ts-ignore: decorator
@inline
export function expm1Clamp<T>(x: v128): v128 { return v128.pmax<T>(v128.pmin<T>(x, expMax), expm1Min) }

/** (e^x − 1) / 2^n for a clamped x and its n. */
// @ts-ignore: decorator
@inline
export function expm1Mantissa<T>(x: v128, n: v128): v128 {
  // From n = 64 on, 2^−n is of no account.
  const base = v128.sub<T>(one, pow2<T>(v128.neg<T>(v128.pmin<T>(n, expm1Exponent))))
  const high = expHigh<T>(x, n)
  const sum = v128.add<T>(base, high)
  const lost = v128.add<T>(v128.sub<T>(base, sum), high)
  return v128.add<T>(sum, v128.add<T>(expRest<T>(high, expLow<T>(n)), lost))
}

/** e^x − 1; within 1.2 ulp. */
// @ts-ignore: decorator
@inline
export function expm1<T>(x: v128): v128 {
  const v = expm1Clamp<T>(x)
  const n = expExponent<T>(v)
  return v128.or(scale<T>(expm1Mantissa<T>(v, n), n), signOf(x))
}

let sigmoidMin: v128
let sigmoidMax: v128
let sigmoidUnit: v128
let sigmoidBias: v128
let minusLn2High: v128

// @ts-ignore: decorator
@inline
export function sigmoidBegin<T>(): void {
  expBegin<T>()
  // Beyond 40 e^−x is of no account beside 1, beyond −104 the result rounds to 0; the same of 80 and −746.
  sigmoidMin = lanes<T>(-104, -746)
  sigmoidMax = lanes<T>(40, 80)
  minusLn2High = lanes<T>(-0.693145751953125, -0.6931471805598903)
  sigmoidUnit = lanes<T>(5.9604644775390625e-8, 1.1102230246251565e-16)
  sigmoidBias = lanes<T>(12582912 + 127 - 24, 6755399441055744 + 1023 - 53)
}

/**
 * 1 / (1 + e^−x) = S / ((T·q + S) + T) where e^−x = 2^n·(1 + q), S = 2^−24 (float64: 2^−53), T = 2^n·S,
 * so that nothing overflows; within 2 ulp.
 */
// @ts-ignore: decorator
@inline
export function sigmoid<T>(x: v128): v128 {
  const v = v128.pmax<T>(v128.pmin<T>(x, sigmoidMax), sigmoidMin)
  // As in exp of −v; a change of sign takes three instructions.
  const biased = v128.sub<T>(sigmoidBias, v128.mul<T>(v, log2e))
  const n = v128.sub<T>(biased, sigmoidBias)
  const q = expTail<T>(v128.sub<T>(v128.mul<T>(n, minusLn2High), v), expLow<T>(n))
  const t = biasedPow2<T>(biased)
  return v128.div<T>(sigmoidUnit, v128.add<T>(madd<T>(t, q, sigmoidUnit), t))
}

let gateFar: v128
let gateShift: v128

// @ts-ignore: decorator
@inline
export function gateBegin<T>(): void {
  expBegin<T>()
  gateFar = lanes<T>(60, 400)
  gateShift = lanes<T>(64, 512)
}

/**
 * x / (1 + e^(high − low)·2^n), the form of x·sigmoid(z) that rounds once less: within 2 ulp. Where
 * n is far up both sides of the fraction are scaled down by 2^gateShift; a subnormal x is not among those.
 */
// @ts-ignore: decorator
@inline
export function gate<T>(x: v128, n: v128, high: v128, low: v128): v128 {
  const shift = v128.and(v128.gt<T>(n, gateFar), gateShift)
  const s = pow2<T>(v128.neg<T>(shift))
  const t = pow2<T>(v128.sub<T>(n, shift))
  const denominator = v128.add<T>(madd<T>(t, expTail<T>(high, low), s), t)
  return v128.div<T>(v128.mul<T>(x, s), denominator)
}

let rootTwoLessOne: v128

// @ts-ignore: decorator
@inline
export function softplusBegin<T>(): void {
  expBegin<T>()
  logBegin<T>()
  rootTwoLessOne = v128.splat<T>(<T>0.41421356237309503)
}

/** max(x, 0) + ln(1 + e^−|x|), which is ln(1 + e^x); within 1.7 ulp. */
// @ts-ignore: decorator
@inline
export function softplus<T>(x: v128): v128 {
  const t = exp<T>(v128.neg<T>(v128.abs<T>(x)))
  // ln(1 + t): 1 + t is 2·(1 + f) from √2 on.
  const far = v128.gt<T>(t, rootTwoLessOne)
  const e = v128.and(far, one)
  const f = select(v128.mul<T>(half, v128.sub<T>(t, one)), t, far)
  return v128.add<T>(v128.pmax<T>(x, zero), logSum<T>(e, f, v128.mul<T>(e, ln2Low)))
}

let tanhMax: v128
let tanhPolynomialMax: v128
let tanh1: v128, tanh2: v128, tanh3: v128, tanh4: v128, tanh5: v128, tanh6: v128, tanh7: v128, tanh8: v128
let tanh9: v128, tanh10: v128, tanh11: v128, tanh12: v128, tanh13: v128, tanh14: v128

// @ts-ignore: decorator
@inline
export function tanhBegin<T>(): void {
  expBegin<T>()
  tanhMax = lanes<T>(20, 40)
  tanhPolynomialMax = v128.splat<T>(<T>0.89)
  tanh1 = lanes<T>(-0.33333322, -0.33333333333333076)
  tanh2 = lanes<T>(0.13332982, 0.13333333333303676)
  tanh3 = lanes<T>(-0.053929694, -0.05396825395624253)
  tanh4 = lanes<T>(0.021665223, 0.021869488289517024)
  tanh5 = lanes<T>(-0.008268098, -0.008863232516197351)
  tanh6 = lanes<T>(0.002586302, 0.0035921040926037103)
  tanh7 = lanes<T>(-0.0004568938, -0.001455703833877363)
  if (sizeof<T>() == 8) {
    tanh8 = f64x2.splat(0.0005895221112360766)
    tanh9 = f64x2.splat(-0.00023771183057795452)
    tanh10 = f64x2.splat(9.400435942113621e-5)
    tanh11 = f64x2.splat(-3.488732591035383e-5)
    tanh12 = f64x2.splat(1.1069047077147988e-5)
    tanh13 = f64x2.splat(-2.54593617359822e-6)
    tanh14 = f64x2.splat(3.0346172376363614e-7)
  }
}

/** tanh x: below 0.89 an odd polynomial, from there 1 − 2 / (e^2x + 1); within 1.1 ulp. */
// @ts-ignore: decorator
@inline
export function tanh<T>(x: v128): v128 {
  const sign = signOf(x)
  const a = v128.xor(x, sign)
  const z = v128.mul<T>(a, a)
  let p = tanh7
  if (sizeof<T>() == 8) {
    p = horner<T>(madd<T>(tanh14, z, tanh13), z, tanh12, tanh11, tanh10, tanh9)
    p = madd<T>(madd<T>(p, z, tanh8), z, tanh7)
  }
  p = madd<T>(madd<T>(horner<T>(p, z, tanh6, tanh5, tanh4, tanh3), z, tanh2), z, tanh1)
  const small = madd<T>(v128.mul<T>(a, z), p, a)
  const v = v128.pmin<T>(v128.add<T>(a, a), tanhMax)
  const biased = expBiased<T>(v)
  const n = v128.sub<T>(biased, exponentBias)
  const t = biasedPow2<T>(biased)
  const q = expTail<T>(expHigh<T>(v, n), expLow<T>(n))
  const denominator = madd<T>(t, q, v128.add<T>(t, one))
  const large = v128.sub<T>(one, v128.div<T>(two, denominator))
  return v128.or(select(small, large, v128.lt<T>(a, tanhPolynomialMax)), sign)
}

// ── Sine and cosine ─────────────────────────────────────────────────────────────────────────────
//
// |x| = k·π/2 + r with k whole and |r| ≤ π/4, reduced in double precision for both. π/2 is split into 33
// bits, of which k-fold is exact, and 53 more: an error of k·2^−88. Where that is too much, because
// k is large or r tiny beside it, the exact method of reduction.ts takes over, so that the error bound
// holds for every finite x.

let twoOverPi: v128
let halfPiHigh: v128
let halfPiLow: v128
let quarterLimit: v128
let wholeBias: v128
let wholeOne: v128
let wholeTwo: v128
let sin3: v128, sin5: v128, sin7: v128, sin9: v128, sin11: v128, sin13: v128
let cos4: v128, cos6: v128, cos8: v128, cos10: v128, cos12: v128, cos14: v128

/** For sin, cos and tan. */
// @ts-ignore: decorator
@inline
export function sinBegin<T>(): void {
  lanesBegin<T>()
  twoOverPi = v128.splat<T>(<T>0.6366197723675814)
  halfPiHigh = f64x2.splat(1.5707963267341256)
  halfPiLow = f64x2.splat(6.077100506506192e-11)
  quarterLimit = lanes<T>(131072, 9.5367431640625e-7)
  // Added to a whole number, leaves it in the lowest bits.
  wholeBias = lanes<T>(12582912, 6755399441055744)
  wholeOne = bits<T>(1, 1)
  wholeTwo = bits<T>(2, 2)
  sin3 = lanes<T>(-0.16666655, -0.1666666666666663)
  sin5 = lanes<T>(0.008332187, 0.00833333333332184)
  sin7 = lanes<T>(-0.00019517897, -0.00019841269829358503)
  cos4 = lanes<T>(0.041666646, 0.041666666666666595)
  cos6 = lanes<T>(-0.001388731, -0.0013888888888873307)
  cos8 = lanes<T>(2.4432327e-5, 2.4801587288965233e-5)
  if (sizeof<T>() == 8) {
    sin9 = f64x2.splat(2.755731353849688e-6)
    sin11 = f64x2.splat(-2.505073438536119e-8)
    sin13 = f64x2.splat(1.5895433008320562e-10)
    cos10 = f64x2.splat(-2.7557314203082145e-7)
    cos12 = f64x2.splat(2.087570314020412e-9)
    cos14 = f64x2.splat(-1.1358617053539682e-11)
  }
}

/** The upper half of a f32x4 in the lower half. */
// @ts-ignore: decorator
@inline
function upper(v: v128): v128 { return i64x2.shuffle(v, v, 1, 0) }

/** Two f64x2 as one f32x4. */
// @ts-ignore: decorator
@inline
function narrow(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

/** a − k·π/2 in double precision. */
// @ts-ignore: decorator
@inline
function lessQuarters(a: v128, k: v128): v128 {
  return f64x2.sub(f64x2.sub(a, f64x2.mul(k, halfPiHigh)), f64x2.mul(k, halfPiLow))
}

const SINE = 0
const COSINE = 1
const TANGENT = 2

/** One of the three of a ≥ 0. */
// @ts-ignore: decorator
@inline
function circular<T>(a: v128, kind: i32): v128 {
  let k = v128.nearest<T>(v128.mul<T>(a, twoOverPi))
  let r: v128
  let low = zero
  if (sizeof<T>() == 4) {
    const a0 = f64x2.promote_low_f32x4(a)
    const a1 = f64x2.promote_low_f32x4(upper(a))
    r = narrow(
      lessQuarters(a0, f64x2.promote_low_f32x4(k)),
      lessQuarters(a1, f64x2.promote_low_f32x4(upper(k))),
    )
    if (v128.any_true(f32x4.gt(k, quarterLimit))) {
      reducePair(f64x2.extract_lane(a0, 0), f64x2.extract_lane(a0, 1))
      const k0 = quartersPair
      const r0 = remainderPair
      reducePair(f64x2.extract_lane(a1, 0), f64x2.extract_lane(a1, 1))
      k = narrow(k0, quartersPair)
      r = narrow(r0, remainderPair)
    }
  } else {
    const t = f64x2.sub(a, f64x2.mul(k, halfPiHigh))
    const w = f64x2.mul(k, halfPiLow)
    r = f64x2.sub(t, w)
    low = f64x2.sub(f64x2.sub(t, r), w)
    if (v128.any_true(f64x2.lt(f64x2.abs(r), f64x2.mul(k, quarterLimit)))) {
      reducePair(f64x2.extract_lane(a, 0), f64x2.extract_lane(a, 1))
      k = quartersPair
      r = remainderPair
      low = remainderLowPair
    }
  }
  let whole = v128.add<T>(k, wholeBias)
  if (kind == COSINE) whole = addBits<T>(whole, wholeOne)

  const z = v128.mul<T>(r, r)
  let p = sin7
  let q = cos8
  if (sizeof<T>() == 8) {
    p = madd<T>(madd<T>(madd<T>(sin13, z, sin11), z, sin9), z, sin7)
    q = madd<T>(madd<T>(madd<T>(cos14, z, cos12), z, cos10), z, cos8)
  }
  p = madd<T>(madd<T>(p, z, sin5), z, sin3)
  q = madd<T>(madd<T>(q, z, cos6), z, cos4)
  const halfSquare = v128.mul<T>(z, half)
  const base = v128.sub<T>(one, halfSquare)
  let sine: v128
  let cosine: v128
  if (sizeof<T>() == 4) {
    sine = madd<T>(v128.mul<T>(r, z), p, r)
    cosine = madd<T>(v128.mul<T>(z, z), q, base)
  } else {
    // sin(r + low) = sin r + low·cos r, cos(r + low) = cos r − low·r; and what base lost in rounding.
    const lost = v128.sub<T>(v128.sub<T>(one, base), halfSquare)
    sine = v128.add<T>(r, madd<T>(v128.mul<T>(r, z), p, v128.mul<T>(low, base)))
    cosine = v128.add<T>(base, madd<T>(v128.mul<T>(z, z), q, v128.sub<T>(lost, v128.mul<T>(r, low))))
  }
  const odd = sizeof<T>() == 4
    ? i32x4.eq(v128.and(whole, wholeOne), wholeOne)
    : i64x2.eq(v128.and(whole, wholeOne), wholeOne)
  const y = select(cosine, sine, odd)
  if (kind == TANGENT) return v128.xor(v128.div<T>(y, select(sine, cosine, odd)), v128.and(odd, signBit))
  return v128.xor(y, shl<T>(v128.and(whole, wholeTwo), sizeof<T>() * 8 - 2))
}

/** sin x; float32 within 1.6 ulp, float64 within 0.8. */
// @ts-ignore: decorator
@inline
export function sin<T>(x: v128): v128 { return v128.xor(circular<T>(v128.abs<T>(x), SINE), signOf(x)) }

/** cos x, with the same bounds; begins as sin. */
// @ts-ignore: decorator
@inline
export function cos<T>(x: v128): v128 { return circular<T>(v128.abs<T>(x), COSINE) }

/** tan x; float64 within 2.1 ulp; begins as sin. */
// @ts-ignore: decorator
@inline
export function tan<T>(x: v128): v128 { return v128.xor(circular<T>(v128.abs<T>(x), TANGENT), signOf(x)) }
