// x^y = e^(y·ln x). The error of the logarithm is multiplied by y·ln x, which goes up to 745: for float64, ln x is a
// sum of two numbers with 64 bits together; for float32, computed in double precision, it is one.

import {
  firstHalf, half, horner, infinity, madd, one, select, signOf, two, zero,
} from './lanes'
import {
  exp, expBegin, expExponent, expHigh, expLow, expTail, ln2High, ln2Low, log, logBegin, logFraction, logMoved, logWhole, scale,
} from './math'

let headMask: v128
let twoThirds: v128
let twoThirdsLow: v128
let powMax: v128
let powMin: v128
let log5: v128, log7: v128, log9: v128, log11: v128, log13: v128, log15: v128, log17: v128

// @ts-ignore: decorator
@inline
export function powBegin(): void {
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

/** x^y with a relative error of 2^−44, for float32: correctly rounded but for one in some 10^5. */
// @ts-ignore: decorator
@inline
export function powSingle(x: v128, y: v128): v128 {
  return signed(x, y, exp<f64>(f64x2.mul(log<f64>(f64x2.abs(x)), y)))
}

/** x^y within 1.1 ulp. */
// @ts-ignore: decorator
@inline
export function powDouble(x: v128, y: v128): v128 {
  const a = f64x2.abs(x)
  // ln a = e·ln 2 + 2s + ⅔s³ + s⁵·P(s²), s = f / (2 + f): each but the last as a sum of two numbers.
  const moved = logMoved<f64>(a)
  const e = logWhole<f64>(a, moved)
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
  // ln 0 = −∞, ln ∞ = ∞, and NaN stays.
  let ln = select(high, a, f64x2.lt(a, infinity))
  ln = select(f64x2.neg(infinity), ln, f64x2.eq(a, zero))

  const t = f64x2.mul(ln, y)
  const tLow = madd<f64>(low, y, lostIn(t, ln, y))
  const clamped = f64x2.pmax(f64x2.pmin(t, powMax), powMin)
  const correction = v128.and(tLow, f64x2.eq(t, clamped))
  const n = expExponent<f64>(f64x2.add(clamped, correction))
  const q = expTail<f64>(expHigh<f64>(clamped, n), f64x2.sub(expLow<f64>(n), correction))
  return signed(x, y, scale<f64>(f64x2.add(q, one), n))
}
