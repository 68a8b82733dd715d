// Random numbers as TensorFlow's CPU kernels draw them: Philox 4×32-10 (Salmon et al. 2011, "Parallel
// random numbers: as easy as 1, 2, 3"). A block of four words is a function of its number alone, so
// that four blocks are computed at once, one per lane.
//
//   state   0 key     u64   the global seed
//           8 counter u64   the number of the next block
//          16 stream  u64   the op's seed
//
// A block makes one vector of output: 4 float32 or 2 float64. Drawing reads the state, philoxSkip moves it
// on and philoxReseed makes it that of another op: drawing can be split among threads, and a recorded step
// that holds all of it draws new numbers each time.

import { cos, exp, expBegin, log, logBegin, sin, sinBegin } from './math'
import { madd } from './lanes'
import { lanes, splat } from './vector'

// Words of four blocks: x0 has the first word of each, one block to a lane. Then the outputs: row0 has
// those of the first block.
let x0 = i32x4.splat(0)
let x1 = i32x4.splat(0)
let x2 = i32x4.splat(0)
let x3 = i32x4.splat(0)
let row0 = i32x4.splat(0)
let row1 = i32x4.splat(0)
let row2 = i32x4.splat(0)
let row3 = i32x4.splat(0)

// ── Words ─────────────────────────────────────────────────────────────────────────────────────

/** The even words of two vectors: what is low in each u64. */
// @ts-ignore: decorator
@inline
function lows(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 0, 2, 4, 6) }

/** The odd words. */
// @ts-ignore: decorator
@inline
function highs(a: v128, b: v128): v128 { return v128.shuffle<i32>(a, b, 1, 3, 5, 7) }

let m0 = x0
let m1 = x0
let w0 = x0
let w1 = x0

/** Sets the constants of {@link philox}: as globals they stay in registers through the rounds. */
function philoxBegin(): void {
  m0 = i32x4.splat(0xd2511f53)
  m1 = i32x4.splat(0xcd9e8d57)
  w0 = i32x4.splat(0x9e3779b9)
  w1 = i32x4.splat(0xbb67ae85)
}

/** The words of the blocks `block`, `block` + stride, + 2·stride, + 3·stride. */
function philox(state: usize, block: u64, stride: u64): void {
  const first = i64x2.replace_lane(i64x2.splat(block), 1, block + stride)
  const second = i64x2.add(first, i64x2.splat(2 * stride))
  let c0 = lows(first, second)
  let c1 = highs(first, second)
  let c2 = v128.load32_splat(state, 16)
  let c3 = v128.load32_splat(state, 20)
  let k0 = v128.load32_splat(state)
  let k1 = v128.load32_splat(state, 4)
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(c0, m0)
    const b = i64x2.extmul_high_i32x4_u(c0, m0)
    const c = i64x2.extmul_low_i32x4_u(c2, m1)
    const d = i64x2.extmul_high_i32x4_u(c2, m1)
    c0 = v128.xor(v128.xor(highs(c, d), c1), k0)
    c1 = lows(c, d)
    c2 = v128.xor(v128.xor(highs(a, b), c3), k1)
    c3 = lows(a, b)
    k0 = i32x4.add(k0, w0)
    k1 = i32x4.add(k1, w1)
  }
  x0 = c0
  x1 = c1
  x2 = c2
  x3 = c3
}

/** From word by word to block by block. */
// @ts-ignore: decorator
@inline
function transpose(a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
  row0 = v128.shuffle<i64>(ab0, cd0, 0, 2)
  row1 = v128.shuffle<i64>(ab0, cd0, 1, 3)
  row2 = v128.shuffle<i64>(ab1, cd1, 0, 2)
  row3 = v128.shuffle<i64>(ab1, cd1, 1, 3)
}

// ── Distributions: from the words of four blocks to four rows ─────────────────────────────────

/** The low 23 bits as a float32 in [0, 1). */
// @ts-ignore: decorator
@inline
function unit(words: v128): v128 {
  const mantissa = v128.and(words, i32x4.splat(0x7fffff))
  return f32x4.sub(v128.or(mantissa, i32x4.splat(0x3f800000)), f32x4.splat(1))
}

/** The low 20 bits of `high` and all of `low` as a float64 in [0, 1), for the two lower or upper lanes. */
// @ts-ignore: decorator
@inline
function unitPair(high: v128, low: v128, upper: bool): v128 {
  const head = v128.or(v128.and(high, i32x4.splat(0xfffff)), i32x4.splat(0x3ff00000))
  const both = upper ? v128.shuffle<i32>(low, head, 2, 6, 3, 7) : v128.shuffle<i32>(low, head, 0, 4, 1, 5)
  return f64x2.sub(both, f64x2.splat(1))
}

function uniformRows32(): void { transpose(unit(x0), unit(x1), unit(x2), unit(x3)) }

function uniformRows64(): void {
  const a = unitPair(x0, x1, false)
  const b = unitPair(x2, x3, false)
  const c = unitPair(x0, x1, true)
  const d = unitPair(x2, x3, true)
  row0 = v128.shuffle<i64>(a, b, 0, 2)
  row1 = v128.shuffle<i64>(a, b, 1, 3)
  row2 = v128.shuffle<i64>(c, d, 0, 2)
  row3 = v128.shuffle<i64>(c, d, 1, 3)
}

@final @unmanaged
class Uniform {
  @inline begin(): void {}
  @inline rows<T>(): void {
    if (sizeof<T>() == 4) uniformRows32()
    else uniformRows64()
  }
}

// Box and Muller (1958), sine first. For float32 TensorFlow rounds every step to float32; the functions
// themselves are evaluated in float64. None of this is inlined: a copy of it in every kernel would be
// large, and the calls cost little.

/** The upper half of a f32x4 as float64. */
// @ts-ignore: decorator
@inline
function promoteHigh(v: v128): v128 { return f64x2.promote_low_f32x4(i64x2.shuffle(v, v, 1, 0)) }

/** Two f64x2 rounded to one f32x4. */
// @ts-ignore: decorator
@inline
function demote(low: v128, high: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}

function logPair(v: v128): v128 { return log<f64>(v) }
function sinPair(v: v128): v128 { return sin<f64>(v) }
function cosPair(v: v128): v128 { return cos<f64>(v) }
function expPair(v: v128): v128 { return exp<f64>(v) }

/** √(−2 ln u), with u kept away from 0 as TensorFlow does. */
function radius(u: v128): v128 {
  const v = f32x4.max(u, f32x4.splat(1e-7))
  const ln = demote(logPair(f64x2.promote_low_f32x4(v)), logPair(promoteHigh(v)))
  return f32x4.sqrt(f32x4.mul(f32x4.splat(-2), ln))
}

/** 2π·u, multiplied in float64. */
// @ts-ignore: decorator
@inline
function angle(u: v128): v128 {
  const turn = f64x2.splat(6.283185307179586)
  return demote(f64x2.mul(turn, f64x2.promote_low_f32x4(u)), f64x2.mul(turn, promoteHigh(u)))
}

function sin32(v: v128): v128 { return demote(sinPair(f64x2.promote_low_f32x4(v)), sinPair(promoteHigh(v))) }
function cos32(v: v128): v128 { return demote(cosPair(f64x2.promote_low_f32x4(v)), cosPair(promoteHigh(v))) }

/** In float64, the rows of two blocks: sine and cosine side by side. */
function normalPair(u: v128, angle: v128): void {
  const v = f64x2.max(u, f64x2.splat(1e-7))
  const r = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), logPair(v)))
  const s = f64x2.mul(sinPair(angle), r)
  const c = f64x2.mul(cosPair(angle), r)
  row0 = v128.shuffle<i64>(s, c, 0, 2)
  row1 = v128.shuffle<i64>(s, c, 1, 3)
}

function normalBegin(): void {
  expBegin<f64>()
  logBegin<f64>()
  sinBegin<f64>()
}

function normalRows32(): void {
  const r = radius(unit(x0))
  const v = angle(unit(x1))
  const q = radius(unit(x2))
  const w = angle(unit(x3))
  transpose(f32x4.mul(sin32(v), r), f32x4.mul(cos32(v), r), f32x4.mul(sin32(w), q), f32x4.mul(cos32(w), q))
}

function normalRows64(): void {
  const turn = f64x2.splat(6.283185307179586)
  normalPair(unitPair(x0, x1, true), f64x2.mul(turn, unitPair(x2, x3, true)))
  row2 = row0
  row3 = row1
  normalPair(unitPair(x0, x1, false), f64x2.mul(turn, unitPair(x2, x3, false)))
}

@final @unmanaged
class Normal {
  @inline begin(): void { normalBegin() }
  @inline rows<T>(): void {
    if (sizeof<T>() == 4) normalRows32()
    else normalRows64()
  }
}

// ── Kernels ───────────────────────────────────────────────────────────────────────────────────

/** y[i] = sample · scale + shift */
// @ts-ignore: decorator
@inline
function fill<Op, T>(state: usize, y: usize, n: usize, shift: f64, scale: f64): void {
  const op = changetype<Op>(0)
  const factor = splat<T>(<T>scale)
  const offset = splat<T>(<T>shift)
  const end = y + n * sizeof<T>()
  philoxBegin()
  op.begin()
  for (let block = load<u64>(state, 8); y < end; block += 4, y += 64) {
    philox(state, block, 1)
    op.rows<T>()
    v128.store(y, madd<T>(row0, factor, offset))
    v128.store(y, madd<T>(row1, factor, offset), 16)
    v128.store(y, madd<T>(row2, factor, offset), 32)
    v128.store(y, madd<T>(row3, factor, offset), 48)
  }
}

/** Uniform in [min, min + range). */
export function philoxUniform_f32(state: usize, y: usize, n: usize, min: f64, range: f64): void { fill<Uniform, f32>(state, y, n, min, range) }
export function philoxUniform_f64(state: usize, y: usize, n: usize, min: f64, range: f64): void { fill<Uniform, f64>(state, y, n, min, range) }

/** min + word mod range; range = 0 stands for 2³². */
export function philoxUniform_i32(state: usize, y: usize, n: usize, min: i32, range: u32): void {
  const end = y + n * 4
  philoxBegin()
  for (let block = load<u64>(state, 8); y < end; block += 4) {
    philox(state, block, 1)
    transpose(x0, x1, x2, x3)
    v128.store(y, row0)
    v128.store(y, row1, 16)
    v128.store(y, row2, 32)
    v128.store(y, row3, 48)
    for (const stop = y + 64; y < stop; y += 4) {
      const word = load<u32>(y)
      store<i32>(y, min + (range ? word % range : word))
    }
  }
}

/** Normal. */
export function philoxNormal_f32(state: usize, y: usize, n: usize, mean: f64, std: f64): void { fill<Normal, f32>(state, y, n, mean, std) }
export function philoxNormal_f64(state: usize, y: usize, n: usize, mean: f64, std: f64): void { fill<Normal, f64>(state, y, n, mean, std) }

/** Moves the next lane to the front. */
// @ts-ignore: decorator
@inline
function rotated<T>(row: v128): v128 {
  return sizeof<T>() == 8 ? v128.shuffle<i64>(row, row, 1, 0) : v128.shuffle<i32>(row, row, 1, 2, 3, 0)
}

/** One vector of samples within two standard deviations: those of `row`, which `block` made, and of the blocks behind. */
function within<T>(state: usize, y: usize, block: u64, row: v128, scale: v128, shift: v128): void {
  const end = y + 16
  const two = splat<T>(<T>2)
  while (true) {
    const distance = sizeof<T>() == 8 ? f64x2.abs(row) : f32x4.abs(row)
    let inside = sizeof<T>() == 8 ? i64x2.bitmask(f64x2.lt(distance, two)) : i32x4.bitmask(f32x4.lt(distance, two))
    let samples = madd<T>(row, scale, shift)
    for (let lane: usize = 0; lane < lanes<T>(); lane++) {
      if (inside & 1) {
        if (sizeof<T>() == 8) v128.store64_lane(y, samples, 0)
        else v128.store32_lane(y, samples, 0)
        y += sizeof<T>()
        if (y == end) return
      }
      inside >>= 1
      samples = rotated<T>(samples)
    }
    block++
    philox(state, block, 0)
    changetype<Normal>(0).rows<T>()
    row = row0
  }
}

// @ts-ignore: decorator
@inline
function truncated<T>(state: usize, y: usize, n: usize, mean: f64, std: f64): void {
  // Every vector of output has 256 blocks for each of its words, so that none depends on how many the others used.
  const stride: u64 = 1024 / sizeof<T>()
  const factor = splat<T>(<T>std)
  const offset = splat<T>(<T>mean)
  const end = y + n * sizeof<T>()
  philoxBegin()
  changetype<Normal>(0).begin()
  for (let block = load<u64>(state, 8); y < end; block += 4 * stride, y += 64) {
    philox(state, block, stride)
    changetype<Normal>(0).rows<T>()
    const second = row1
    const third = row2
    const fourth = row3
    within<T>(state, y, block, row0, factor, offset)
    within<T>(state, y + 16, block + stride, second, factor, offset)
    within<T>(state, y + 32, block + 2 * stride, third, factor, offset)
    within<T>(state, y + 48, block + 3 * stride, fourth, factor, offset)
  }
}

/** Normal, drawn again until |z| < 2. */
export function philoxTruncatedNormal_f32(state: usize, y: usize, n: usize, mean: f64, std: f64): void { truncated<f32>(state, y, n, mean, std) }
export function philoxTruncatedNormal_f64(state: usize, y: usize, n: usize, mean: f64, std: f64): void { truncated<f64>(state, y, n, mean, std) }

function log32(x: f32): f32 { return <f32>f64x2.extract_lane(logPair(f64x2.splat(x)), 0) }

/** The row of one block, last lane first. */
// @ts-ignore: decorator
@inline
function backwards<Op>(state: usize, block: u64): v128 {
  philox(state, block, 0)
  changetype<Op>(0).rows<f32>()
  return v128.shuffle<i32>(row0, row0, 3, 2, 1, 0)
}

/**
 * Gamma with shape α and rate β, by squeeze and rejection (Marsaglia and Tsang 2000): d·v with v = (1 + c·x)³ for a
 * normal x. Below α = 1, one of α + 1 is multiplied by u^(1/α). TensorFlow takes the lanes of a row last first.
 */
export function philoxGamma_f32(state: usize, y: usize, n: usize, alpha: f64, beta: f64): void {
  philoxBegin()
  normalBegin()
  const d = <f32>alpha + (alpha < 1 ? <f32>2 / 3 : -(<f32>1 / 3))
  const c = <f32>1 / 3 / sqrt<f32>(d)
  const end = y + n * 4
  for (let first = load<u64>(state, 8); y < end; first += 256, y += 4) {
    let block = first
    let normals = row0
    let uniforms = row0
    let normalsLeft = 0
    let uniformsLeft = 0
    let v: f32
    while (true) {
      if (normalsLeft == 0) {
        normals = backwards<Normal>(state, block++)
        normalsLeft = 4
      }
      const x = f32x4.extract_lane(normals, 0)
      normals = rotated<f32>(normals)
      normalsLeft--
      v = 1 + c * x
      if (v <= 0) continue
      v = v * v * v
      if (uniformsLeft == 0) {
        uniforms = backwards<Uniform>(state, block++)
        uniformsLeft = 4
      }
      const u = f32x4.extract_lane(uniforms, 0)
      uniforms = rotated<f32>(uniforms)
      uniformsLeft--
      if (u < 1 - <f32>0.0331 * (x * x) * (x * x)) break
      if (log32(u) < <f32>0.5 * x * x + d * (1 - v + log32(v))) break
    }
    let sample = d * v
    if (alpha < 1) {
      if (uniformsLeft == 0) uniforms = backwards<Uniform>(state, block)
      const ln = logPair(f64x2.splat(f32x4.extract_lane(uniforms, 0)))
      sample *= <f32>f64x2.extract_lane(expPair(f64x2.div(ln, f64x2.splat(alpha))), 0)
    }
    store<f32>(y, max<f32>(1.1754943508222875e-38, sample / <f32>beta))
  }
}

/** The first class whose cumulative weight exceeds u times the total, for each u of each row; weights add up along a row. */
export function multinomial_i32(cumulative: usize, u: usize, y: usize, rows: usize, classes: usize, samples: usize): void {
  for (; rows > 0; rows--) {
    const total = load<f64>(cumulative + 8 * (classes - 1))
    for (let i: usize = 0; i < samples; i++) {
      const wanted = load<f64>(u) * total
      let from: usize = 0
      let to = classes - 1
      while (from < to) {
        const middle = (from + to) >> 1
        if (load<f64>(cumulative + 8 * middle) > wanted) to = middle
        else from = middle + 1
      }
      store<i32>(y, <i32>from)
      u += 8
      y += 4
    }
    cumulative += 8 * classes
  }
}

// ── States ────────────────────────────────────────────────────────────────────────────────────

/** Moves on behind what n samples may have used: 256 blocks each, as TensorFlow reserves. */
export function philoxSkip(state: usize, n: usize): void { store<u64>(state, load<u64>(state, 8) + 256 * <u64>n, 8) }

/** The next word of a Mersenne Twister (MT19937): 624 words, then the position. */
function twist(words: usize): u32 {
  let position: usize = load<u32>(words, 2496)
  if (position == 624) {
    for (let i: usize = 0; i < 624; i++) {
      const next = i + 1 < 624 ? i + 1 : 0
      const far = i + 397 < 624 ? i + 397 : i + 397 - 624
      const w = (load<u32>(words + 4 * i) & 0x80000000) | (load<u32>(words + 4 * next) & 0x7fffffff)
      store<u32>(words + 4 * i, load<u32>(words + 4 * far) ^ (w >> 1) ^ (w & 1 ? 0x9908b0df : 0))
    }
    position = 0
  }
  let w = load<u32>(words + 4 * position)
  store<u32>(words, <u32>position + 1, 2496)
  w ^= w >> 11
  w ^= (w << 7) & 0x9d2c5680
  w ^= (w << 15) & 0xefc60000
  return w ^ (w >> 18)
}

/**
 * Starts the stream of another op, whose seed is the next of the program's: TensorFlow has Python draw
 * randint(0, 2³¹ − 1), takes it modulo 2³¹ − 1, and keeps both seeds from being 0. The twister lies 64 bytes behind.
 */
export function philoxReseed(state: usize): void {
  let seed: u32
  do {
    seed = twist(state + 64)
  } while (seed >= 0x80000000)
  if (seed == 0x7fffffff) seed = 0
  if (seed == 0 && load<u64>(state) == 0) seed = 0x7fffffff
  store<u64>(state, 0, 8)
  store<u64>(state, seed, 16)
}
