// The normal distribution's tail, from which erf and the exact GELU come.
//
// Q(a) = ½·erfc(a / √2) = G(a)·e^(−a²/2) for a ≥ 0, where G falls from ½ like 1 / (a·√(2π)): a polynomial in
// w = 2v − 1 times v, v = k / (a + k) (after Shepherd and Laframboise, Math. Comp. 36, 1981; fits of our own).

import { firstHalf, half, lanes, horner, madd, one, signOf } from './lanes'
import { exp, expBegin, expExponent, expHigh, expLow, expTail, scale } from './math'

let tailMax: v128
let tailK: v128
let oneOverK: v128
let minusHalf: v128
let headMask: v128
let tail0: v128, tail1: v128, tail2: v128, tail3: v128, tail4: v128, tail5: v128, tail6: v128, tail7: v128
let tail8: v128, tail9: v128, tail10: v128, tail11: v128, tail12: v128, tail13: v128, tail14: v128, tail15: v128
let tail16: v128, tail17: v128, tail18: v128, tail19: v128, tail20: v128, tail21: v128, tail22: v128, tail23: v128

// @ts-ignore: decorator
@inline
export function gaussianBegin<T>(): void {
  expBegin<T>()
  // Beyond, a·Q(a) rounds to 0.
  tailMax = lanes<T>(15, 39)
  headMask = firstHalf<T>()
  tailK = lanes<T>(3.5, 4)
  oneOverK = lanes<T>(0.2857142857142857, 0.25)
  minusHalf = v128.splat<T>(<T>-0.5)
  tail0 = lanes<T>(0.21269031, 0.18882128260393788)
  tail1 = lanes<T>(0.16158909, 0.15197416049297305)
  tail2 = lanes<T>(0.090121344, 0.09678435018555183)
  tail3 = lanes<T>(0.033157513, 0.046630464489911226)
  tail4 = lanes<T>(0.0049741813, 0.015099143722830895)
  tail5 = lanes<T>(-0.0018514955, 0.0018850472417932264)
  tail6 = lanes<T>(-0.00091101567, -0.0008699230938795637)
  tail7 = lanes<T>(0.00013152885, -0.00040770461606607424)
  tail8 = lanes<T>(0.00012879989, 3.3336100145425116e-5)
  tail9 = lanes<T>(-2.257119e-5, 5.777374625883213e-5)
  tail10 = lanes<T>(-7.682437e-6, -4.772055640160213e-7)
  if (sizeof<T>() == 8) {
    tail11 = f64x2.splat(-8.786220374070436e-6)
    tail12 = f64x2.splat(1.797345480757683e-7)
    tail13 = f64x2.splat(1.4801300998923686e-6)
    tail14 = f64x2.splat(-1.589103199379458e-7)
    tail15 = f64x2.splat(-2.5535827626196243e-7)
    tail16 = f64x2.splat(7.047594712910114e-8)
    tail17 = f64x2.splat(3.830132510100004e-8)
    tail18 = f64x2.splat(-2.4041766056394503e-8)
    tail19 = f64x2.splat(-2.4869304595661717e-9)
    tail20 = f64x2.splat(6.5383719242509104e-9)
    tail21 = f64x2.splat(-1.178790400416734e-9)
    tail22 = f64x2.splat(-1.0621984696855296e-9)
    tail23 = f64x2.splat(4.104708064505733e-10)
  }
}

/** G(a) / v */
// @ts-ignore: decorator
@inline
function ratioPolynomial<T>(w: v128): v128 {
  let p = tail10
  if (sizeof<T>() == 8) {
    p = horner<T>(madd<T>(tail23, w, tail22), w, tail21, tail20, tail19, tail18)
    p = horner<T>(p, w, tail17, tail16, tail15, tail14)
    p = horner<T>(p, w, tail13, tail12, tail11, tail10)
  }
  p = horner<T>(madd<T>(madd<T>(p, w, tail9), w, tail8), w, tail7, tail6, tail5, tail4)
  return horner<T>(p, w, tail3, tail2, tail1, tail0)
}

/** G(a) = Q(a)·e^(a²/2) for a ≥ 0, to some 6 ulp. */
// @ts-ignore: decorator
@inline
export function gaussianRatio<T>(a: v128): v128 {
  const v = v128.div<T>(tailK, v128.add<T>(a, tailK))
  return v128.mul<T>(v, ratioPolynomial<T>(v128.sub<T>(v128.add<T>(v, v), one)))
}

/** |x|, or a bound where that is less, beyond which x·Q(|x|) rounds to 0. */
// @ts-ignore: decorator
@inline
export function gaussianSize<T>(x: v128): v128 { return v128.pmin<T>(v128.abs<T>(x), tailMax) }

/** a·Q(a) for a of {@link gaussianSize} */
// @ts-ignore: decorator
@inline
export function gaussianTail<T>(a: v128): v128 {
  const sum = v128.add<T>(a, tailK)
  const v = v128.div<T>(tailK, sum)
  // v is too large by its share `error`, from the rounding of the sum and of the division; G has it threefold.
  // It is the remainder of the division over k, from products of half mantissas, which are exact.
  const lost = v128.add<T>(v128.sub<T>(tailK, sum), a)
  const vHead = v128.and(v, headMask)
  const sumHead = v128.and(sum, headMask)
  let rest = v128.sub<T>(v128.mul<T>(vHead, sumHead), tailK)
  rest = madd<T>(vHead, v128.sub<T>(sum, sumHead), rest)
  rest = madd<T>(v128.sub<T>(v, vHead), sum, rest)
  const error = v128.mul<T>(madd<T>(v, lost, rest), oneOverK)
  const twice = v128.add<T>(v, v)
  const w = v128.sub<T>(v128.sub<T>(twice, one), v128.mul<T>(twice, error))
  const product = v128.mul<T>(v128.mul<T>(a, v), ratioPolynomial<T>(w))

  // −a²/2 = high − low: an error of a² would grow with a².
  const head = v128.and(a, headMask)
  const high = v128.mul<T>(v128.mul<T>(head, head), minusHalf)
  const low = v128.mul<T>(v128.mul<T>(v128.sub<T>(a, head), v128.add<T>(a, head)), half)
  const n = expExponent<T>(v128.sub<T>(high, low))
  const q = expTail<T>(expHigh<T>(high, n), v128.add<T>(expLow<T>(n), low))
  return scale<T>(madd<T>(product, v128.sub<T>(q, error), product), n)
}

// ── erf ─────────────────────────────────────────────────────────────────────────────────────────

let rootTwo: v128
let erf0: v128, erf1: v128, erf2: v128, erf3: v128, erf4: v128, erf5: v128, erf6: v128
let erf7: v128, erf8: v128, erf9: v128, erf10: v128, erf11: v128

// @ts-ignore: decorator
@inline
export function erfBegin<T>(): void {
  gaussianBegin<T>()
  rootTwo = v128.splat<T>(<T>1.4142135623730951)
  erf0 = lanes<T>(0.12837917, 0.12837916709551256)
  erf1 = lanes<T>(-0.3761263, -0.37612638903183343)
  erf2 = lanes<T>(0.1128358, 0.1128379167093694)
  erf3 = lanes<T>(-0.026853347, -0.02686617064195554)
  erf4 = lanes<T>(0.005187162, 0.005223977596687376)
  erf5 = lanes<T>(-0.0007997853, -0.0008548325481700859)
  erf6 = lanes<T>(7.806904e-5, 0.00012055280367685017)
  if (sizeof<T>() == 8) {
    erf7 = f64x2.splat(-1.492446257076473e-5)
    erf8 = f64x2.splat(1.6444105349027791e-6)
    erf9 = f64x2.splat(-1.6183588903585963e-7)
    erf10 = f64x2.splat(1.3614721407930204e-8)
    erf11 = f64x2.splat(-7.603687887598361e-10)
  }
}

/** (2 / √π)·∫ e^(−t²) dt from 0 to x: below 1 an odd polynomial, from there 1 − 2·Q(√2·x). */
// @ts-ignore: decorator
@inline
export function erf<T>(x: v128): v128 {
  const a = v128.abs<T>(x)
  const z = v128.mul<T>(a, a)
  let p = erf6
  if (sizeof<T>() == 8) p = horner<T>(madd<T>(erf11, z, erf10), z, erf9, erf8, erf7, erf6)
  p = madd<T>(madd<T>(horner<T>(p, z, erf5, erf4, erf3, erf2), z, erf1), z, erf0)
  const small = madd<T>(a, p, a)
  const ratio = gaussianRatio<T>(v128.mul<T>(a, rootTwo))
  const large = v128.sub<T>(one, v128.mul<T>(v128.add<T>(ratio, ratio), exp<T>(v128.neg<T>(z))))
  return v128.or(v128.bitselect(small, large, v128.lt<T>(a, one)), signOf(x))
}
