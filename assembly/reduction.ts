// An angle less its whole quarter turns, for any finite double: Payne and Hanek's method, which
// multiplies only those 192 bits of 2/π that matter. The vector code in math.ts reduces ordinary
// angles itself and comes here for huge ones and for those next to a multiple of π/2.

// 2/π in words of 64 bits, most significant first, after 64 zeros.
const TWO_OVER_PI = memory.data<u64>([
  0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
  0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41,
  0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7,
  0x4f463f669e5fea2d, 0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
])
const HALF_PI: u64 = 0xc90fdaa22168c234

// What the last call of reduce found: angle = quarters · π/2 + remainder + remainderLow.
let quarters: f64 = 0
let remainder: f64 = 0
let remainderLow: f64 = 0

/** The upper 64 bits of a product of 64-bit numbers. */
// @ts-ignore: decorator
@inline
function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff, a1 = a >> 32
  const b0 = b & 0xffffffff, b1 = b >> 32
  const m = a1 * b0 + (a0 * b0 >> 32)
  const k = a0 * b1 + (m & 0xffffffff)
  return a1 * b1 + (m >> 32) + (k >> 32)
}

/** 64 bits of 2/π from bit `from` on, counted in TWO_OVER_PI. */
function bitsOf(from: i32): u64 {
  const word = TWO_OVER_PI + (<usize>(from >> 6) << 3)
  const shift = from & 63
  const high = load<u64>(word) << shift
  return shift == 0 ? high : high | load<u64>(word, 8) >> (64 - shift)
}

/** Splits an angle ≥ 0 into whole quarter turns, their number modulo 4, and the rest, at most π/4 in size. */
function reduce(angle: f64): void {
  quarters = 0
  remainder = angle
  remainderLow = 0
  if (angle < 0.78) return
  const bits = reinterpret<u64>(angle)
  const exponent = <i32>(bits >> 52)
  if (exponent == 0x7ff) {
    remainder = NaN
    return
  }
  // angle = m·2^e. Bits of 2/π that weigh 4 and more after multiplying by 2^e change nothing modulo 4:
  // the window starts at the one that weighs 2.
  const m = bits & 0x000fffffffffffff | 0x0010000000000000
  const from = 64 + (exponent - 1075) - 2
  const w1 = bitsOf(from + 64)
  let high = m * bitsOf(from) + multiplyHigh(m, w1)
  let low = m * w1
  const carry = multiplyHigh(m, bitsOf(from + 128))
  low += carry
  high += <u64>(low < carry)
  // high:low is angle·2/π modulo 4 with 126 bits of fraction; to the nearest whole:
  let quarter = <i32>(high >> 62)
  high = high << 2 | low >> 62
  low <<= 2
  const negative = high >> 63 != 0
  if (negative) {
    quarter++
    high = ~high + <u64>(low == 0)
    low = -low
  }
  // The fraction to 64 significant bits, times π/2.
  const zeros = high == 0 ? 64 + <i32>clz(low) : <i32>clz(high)
  const fraction = zeros == 0 ? high : zeros < 64 ? high << zeros | low >> (64 - zeros) : low << (zeros - 64)
  const product = multiplyHigh(fraction, HALF_PI)
  const top = product & ~0x7ff
  const unit = reinterpret<f64>(<u64>(1023 - 63 - zeros) << 52)
  const sign = negative ? -unit : unit
  quarters = <f64>(quarter & 3)
  remainder = <f64>top * sign
  remainderLow = <f64>(product & 0x7ff) * sign
}

// What the last call of reducePair found, lane by lane.
export let quartersPair = f64x2(0, 0)
export let remainderPair = f64x2(0, 0)
export let remainderLowPair = f64x2(0, 0)

/** Reduces two angles ≥ 0. */
export function reducePair(first: f64, second: f64): void {
  reduce(first)
  quartersPair = f64x2.splat(quarters)
  remainderPair = f64x2.splat(remainder)
  remainderLowPair = f64x2.splat(remainderLow)
  reduce(second)
  quartersPair = f64x2.replace_lane(quartersPair, 1, quarters)
  remainderPair = f64x2.replace_lane(remainderPair, 1, remainder)
  remainderLowPair = f64x2.replace_lane(remainderLowPair, 1, remainderLow)
}
