// Angles of points in the plane, from which come atan, asin, acos and atan2. In f64x2 alone: float32 goes
// through it by mapWide and zipWide, and is rounded but once.

import { madd, horner, lanesBegin, one, select, signBit, signOf, two, zero } from './lanes'

let fold: v128
let least: v128
let eighth: v128
let eighthLow: v128
let four: v128
let atan3: v128, atan5: v128, atan7: v128, atan9: v128, atan11: v128, atan13: v128
let atan15: v128, atan17: v128, atan19: v128, atan21: v128, atan23: v128

// @ts-ignore: decorator
@inline
export function angleBegin(): void {
  lanesBegin<f64>()
  fold = f64x2.splat(0.41421356237309503)
  least = f64x2.splat(5e-324)
  // π/4 to 50 bits, so that 2, 3 and 4 times it are exact, and what follows.
  eighth = f64x2.splat(0.7853981633974483)
  eighthLow = f64x2.splat(3.061616997868383e-17)
  four = f64x2.splat(4)
  atan3 = f64x2.splat(-0.333333333333332)
  atan5 = f64x2.splat(0.19999999999953652)
  atan7 = f64x2.splat(-0.14285714280196385)
  atan9 = f64x2.splat(0.11111110783299102)
  atan11 = f64x2.splat(-0.09090897751190939)
  atan13 = f64x2.splat(0.07692060086790181)
  atan15 = f64x2.splat(-0.06663102588087204)
  atan17 = f64x2.splat(0.05847879128001443)
  atan19 = f64x2.splat(-0.05039262115562481)
  atan21 = f64x2.splat(0.038063580005176546)
  atan23 = f64x2.splat(-0.017906257827236483)
}

/**
 * The angle of (x, y) for y ≥ 0, from 0 to π; 0 for (0, 0) and π for (−0, 0). Not for two infinities, nor where x + y
 * overflows.
 *
 * k eighths of a turn and an angle t: the lesser of |x| and y over the greater is at most 1; above tan(π/8)
 * it is turned by π/4. What is added to k·π/4 at the end is at most π/8.
 */
// @ts-ignore: decorator
@inline
export function angle(x: v128, y: v128): v128 {
  const across = f64x2.abs(x)
  const min = f64x2.min(across, y)
  const max = f64x2.pmax(f64x2.max(across, y), least)
  const folded = f64x2.gt(min, f64x2.mul(max, fold))
  const t = f64x2.div(
    select(f64x2.sub(min, max), min, folded),
    select(f64x2.add(min, max), max, folded),
  )
  const z = f64x2.mul(t, t)
  let p = horner<f64>(madd<f64>(madd<f64>(atan23, z, atan21), z, atan19), z, atan17, atan15, atan13, atan11)
  p = horner<f64>(p, z, atan9, atan7, atan5, atan3)
  let rest = madd<f64>(f64x2.mul(t, z), p, t)

  // Reflected on the diagonal, then on the y axis.
  let k = v128.and(folded, one)
  const steep = f64x2.gt(y, across)
  k = select(f64x2.sub(two, k), k, steep)
  rest = v128.xor(rest, v128.and(steep, signBit))
  const left = f64x2.lt(v128.or(one, signOf(x)), zero)
  k = select(f64x2.sub(four, k), k, left)
  rest = v128.xor(rest, v128.and(left, signBit))
  return f64x2.add(f64x2.mul(k, eighth), madd<f64>(k, eighthLow, rest))
}
