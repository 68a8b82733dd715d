// Powers, in f64x2 for both precisions.

import { firstHalf, half, horner, infinity, madd, one, select, signOf, two, zero } from './lanes'
import {
  expBegin, expExponent, expHigh, expLow, expTail, ln2High, ln2Low, logBegin, logEdges, logExcess, logFraction, logMoved,
  logNormal, logWhole, pow2, scale,
} from './math'

/** x^y from |x|^y; x^0 is 1 for every x, and 1^y NaN for y = ±∞ or NaN, as in JavaScript. */
// @ts-ignore: decorator
@inline
function signed(x: v128, y: v128, power: v128): v128 {
  // A negative number needs a whole y; an odd y keeps the sign.
  const whole = f64x2.eq(f64x2.nearest(y), y)
  const halfY = f64x2.mul(y, half)
  const odd = v128.andnot(whole, f64x2.eq(f64x2.nearest(halfY), halfY))
  power = v128.xor(power, v128.and(signOf(x), odd))
  const negative = v128.and(f64x2.lt(x, zero), f64x2.lt(f64x2.abs(x), infinity))
  power = v128.or(power, v128.andnot(negative, whole))
  return select(one, power, f64x2.eq(y, zero))
}

// ── For float32 ─────────────────────────────────────────────────────────────────────────────────
//
// x^y = 2^(y·log2 x) in double precision with polynomials just long enough: what counts is how many steps follow
// from each other, and exp and log of math.ts take three times as long.

let log2x1: v128, log2x3: v128, log2x5: v128, log2x7: v128, log2x9: v128
let power1: v128, power2: v128, power3: v128, power4: v128, power5: v128, power6: v128
let powerMin: v128
let powerMax: v128

// @ts-ignore: decorator
@inline
export function powSingleBegin(): void {
  expBegin<f64>()
  logBegin<f64>()
  // 2^y underflows and overflows in float32 well before.
  powerMin = f64x2.splat(-200)
  powerMax = f64x2.splat(200)
  log2x1 = f64x2.splat(2.885390081790093)
  log2x3 = f64x2.splat(0.9617966733330608)
  log2x5 = f64x2.splat(0.577083586703489)
  log2x7 = f64x2.splat(0.41167261010552547)
  log2x9 = f64x2.splat(0.34073220564009005)
  power1 = f64x2.splat(0.6931472028555891)
  power2 = f64x2.splat(0.24022647913965856)
  power3 = f64x2.splat(0.05550332471033332)
  power4 = f64x2.splat(0.00961843731491607)
  power5 = f64x2.splat(0.001339887430218633)
  power6 = f64x2.splat(0.00015353373362177533)
}

/** x^y within 0.55 ulp of float32, for numbers of float32. */
// @ts-ignore: decorator
@inline
export function powSingle(x: v128, y: v128): v128 {
  const a = f64x2.abs(x)
  const moved = logMoved<f64>(a)
  const f = logFraction<f64>(moved)
  const s = f64x2.div(f, f64x2.add(two, f))
  const p = horner<f64>(log2x9, f64x2.mul(s, s), log2x7, log2x5, log2x3, log2x1)
  const logarithm = logEdges<f64>(a, madd<f64>(s, p, logWhole<f64>(moved)))
  const t = f64x2.pmax(f64x2.pmin(f64x2.mul(logarithm, y), powerMax), powerMin)
  const n = f64x2.nearest(t)
  const r = f64x2.sub(t, n)
  const q = madd<f64>(horner<f64>(power6, r, power5, power4, power3, power2), r, power1)
  return signed(x, y, f64x2.mul(madd<f64>(q, r, one), pow2<f64>(n)))
}

// ── For float64 ─────────────────────────────────────────────────────────────────────────────────

// x^y = e^(y·ln x). The error of the logarithm is multiplied by y·ln x, which goes up to 745: so ln x is a sum of
// two numbers, with 64 bits together.

let headMask: v128
let twoThirds: v128
let twoThirdsLow: v128
let powMax: v128
let powMin: v128
let log5: v128, log7: v128, log9: v128, log11: v128, log13: v128, log15: v128, log17: v128

// @ts-ignore: decorator
@inline
export function powDoubleBegin(): void {
  expBegin<f64>()
  logBegin<f64>()
  headMask = firstHalf<f64>()
  twoThirds = f64x2.splat(0.6666666666666666)
  twoThirdsLow = f64x2.splat(3.700743415417188e-17)
  powMax = f64x2.splat(711)
  powMin = f64x2.splat(-746)
  log5 = f64x2.splat(0.4000000000000225)
  log7 = f64x2.splat(0.28571428570102053)
  log9 = f64x2.splat(0.22222222519512352)
  log11 = f64x2.splat(0.1818178440056877)
  log13 = f64x2.splat(0.15386755894281834)
  log15 = f64x2.splat(0.13256848982583408)
  log17 = f64x2.splat(0.13196057965836128)
}

/** a·b − p for p = a·b rounded: what the rounding lost (Dekker). */
// @ts-ignore: decorator
@inline
function lostIn(p: v128, a: v128, b: v128): v128 {
  const aHead = v128.and(a, headMask)
  const bHead = v128.and(b, headMask)
  const aRest = f64x2.sub(a, aHead)
  const bRest = f64x2.sub(b, bHead)
  const lost = f64x2.sub(f64x2.mul(aHead, bHead), p)
  return madd<f64>(aRest, bRest, madd<f64>(aRest, bHead, madd<f64>(aHead, bRest, lost)))
}

/** x^y within 1.1 ulp of float64. */
// @ts-ignore: decorator
@inline
export function powDouble(x: v128, y: v128): v128 {
  const a = f64x2.abs(x)
  // ln a = e·ln 2 + 2s + ⅔s³ + s⁵·P(s²), s = f / (2 + f): each but the last as a sum of two numbers.
  const moved = logMoved<f64>(logNormal<f64>(a))
  const e = f64x2.sub(logWhole<f64>(moved), logExcess<f64>(a))
  const f = logFraction<f64>(moved)
  const sum = f64x2.add(two, f)
  const sumLow = f64x2.add(f64x2.sub(two, sum), f)
  const s = f64x2.div(f, sum)
  const product = f64x2.mul(s, sum)
  const sLow = f64x2.div(
    f64x2.sub(f64x2.sub(f64x2.sub(f, product), lostIn(product, s, sum)), f64x2.mul(s, sumLow)),
    sum,
  )
  const z = f64x2.mul(s, s)
  const zLow = madd<f64>(f64x2.add(s, s), sLow, lostIn(z, s, s))
  const cube = f64x2.mul(z, s)
  const cubeLow = f64x2.add(lostIn(cube, z, s), madd<f64>(zLow, s, f64x2.mul(z, sLow)))
  const third = f64x2.mul(cube, twoThirds)
  const thirdLow = f64x2.add(lostIn(third, cube, twoThirds), madd<f64>(cubeLow, twoThirds, f64x2.mul(cube, twoThirdsLow)))
  let p = horner<f64>(madd<f64>(log17, z, log15), z, log13, log11, log9, log7)
  p = f64x2.mul(f64x2.mul(cube, z), madd<f64>(p, z, log5))

  // Added up from the greatest on; what each addition loses goes into the low part.
  const first = f64x2.mul(e, ln2High)
  const second = f64x2.add(s, s)
  const partial = f64x2.add(first, second)
  const partialLow = f64x2.add(f64x2.sub(first, partial), second)
  const high = f64x2.add(partial, third)
  const highLow = f64x2.add(f64x2.sub(partial, high), third)
  const twice = f64x2.add(sLow, sLow)
  let low = f64x2.add(thirdLow, madd<f64>(e, ln2Low, twice))
  low = f64x2.add(f64x2.add(f64x2.add(low, p), highLow), partialLow)
  const ln = logEdges<f64>(a, high)

  const t = f64x2.mul(ln, y)
  const tLow = madd<f64>(low, y, lostIn(t, ln, y))
  const clamped = f64x2.pmax(f64x2.pmin(t, powMax), powMin)
  const correction = v128.and(tLow, f64x2.eq(t, clamped))
  const n = expExponent<f64>(f64x2.add(clamped, correction))
  const q = expTail<f64>(expHigh<f64>(clamped, n), f64x2.sub(expLow<f64>(n), correction))
  return signed(x, y, scale<f64>(f64x2.add(q, one), n))
}
