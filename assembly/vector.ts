// Small words about vectors of T that kernels of every family use.

/** Elements of T in a vector. */
// @ts-ignore: decorator
@inline
export function lanes<T>(): usize { return 16 / sizeof<T>() }

/** v in every lane. */
// @ts-ignore: decorator
@inline
export function splat<T>(v: T): v128 { return v128.splat<T>(v) }

const MASK = memory.data<u32>([~0, ~0, ~0, ~0, 0, 0, 0, 0])

/** Ones in the first n lanes, zeros in the rest. */
// @ts-ignore: decorator
@inline
export function tailMask<T>(n: usize): v128 { return v128.load(MASK + 16 - n * sizeof<T>()) }

/** Stores the first `bytes` < 16 bytes of a vector of T. */
// @ts-ignore: decorator
@inline
export function storePart<T>(y: usize, v: v128, bytes: usize): void {
  if (bytes & 8) {
    v128.store64_lane(y, v, 0)
    v = i64x2.shuffle(v, v, 1, 1)
    y += 8
  }
  if (sizeof<T>() < 8 && bytes & 4) {
    v128.store32_lane(y, v, 0)
    v = i32x4.shuffle(v, v, 1, 1, 1, 1)
    y += 4
  }
  if (sizeof<T>() == 1) {
    if (bytes & 2) {
      v128.store16_lane(y, v, 0)
      v = i16x8.shuffle(v, v, 1, 1, 1, 1, 1, 1, 1, 1)
      y += 2
    }
    if (bytes & 1) v128.store8_lane(y, v, 0)
  }
}
