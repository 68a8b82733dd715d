// Small words about rows of floats that need not fill their last vector: the lanes behind the end of a row count
// for nothing and are not stored, since the next row may be another thread's.
//
// Sums along a row go vector by vector within blocks of BLOCK elements; lanes meet as (l0 + l1) + (l2 + l3) and blocks
// add up in float64, so the order depends on the row's length alone. (Blocks of 512 would err by 6 ulp in a softmax, one
// running sum over 32,000 columns by 2.3e-6.)

import { storePart, tailMask } from './vector'

export const BLOCK: usize = 128

/** The lanes of a row's vector at x; those behind `end` become `filler`. */
// @ts-ignore: decorator
@inline
export function loadRow<T>(x: usize, end: usize, filler: v128): v128 {
  const v = v128.load(x)
  return x + 16 <= end ? v : v128.bitselect(v, filler, tailMask<T>((end - x) / sizeof<T>()))
}

/** Stores the vector at y of a row that ends at `end`. */
// @ts-ignore: decorator
@inline
export function storeRow<T>(y: usize, end: usize, v: v128): void {
  if (y + 16 <= end) v128.store(y, v)
  else storePart<T>(y, v, end - y)
}

// @ts-ignore: decorator
@inline
export function foldSum<T>(v: v128): f64 {
  const low = <f64>v128.extract_lane<T>(v, 0) + <f64>v128.extract_lane<T>(v, 1)
  if (sizeof<T>() == 8) return low
  return low + (<f64>v128.extract_lane<T>(v, 2) + <f64>v128.extract_lane<T>(v, 3))
}
