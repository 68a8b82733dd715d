// Updates of the weights over flat buffers, in place, beyond those of optimizer.ts; and what every optimizer can be asked
// for: gathered gradients, averages of weights. step.ts says what cells hold, and how weights decay on the way.

import { powDouble, powDoubleBegin, powSingle, powSingleBegin } from './power'
import { shareEnd, shareStart } from './share'
import { cell, descend, first, flush, keptOf, last, lastDue } from './step'
import { lanes, splat, tailMask } from './vector'

/** a += g²; w −= lr·g / √(a + ε) (Duchi, Hazan & Singer 2011). */
// @ts-ignore: decorator
@inline
function adagrad<T>(g: usize, cells: usize, w: usize, accumulator: usize, n: usize, epsilon: f64): void {
  const lr = splat<T>(cell<T>(cells, 0))
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const a = v128.add<T>(v128.load(accumulator + at), v128.mul<T>(dw, dw))
    v128.store(accumulator + at, a)
    const step = v128.div<T>(v128.mul<T>(lr, dw), v128.sqrt<T>(v128.add<T>(a, eps)))
    descend<T>(w + at, kept, step)
  }
}

export function adagrad_f32(g: usize, cells: usize, w: usize, accumulator: usize, n: usize, epsilon: f64): void { adagrad<f32>(g, cells, w, accumulator, n, epsilon) }
export function adagrad_f64(g: usize, cells: usize, w: usize, accumulator: usize, n: usize, epsilon: f64): void { adagrad<f64>(g, cells, w, accumulator, n, epsilon) }

/**
 * s = ρ·s + (1 − ρ)·g², Δ = g·√((u + ε) / (s + ε)), u = ρ·u + (1 − ρ)·Δ², w −= lr·Δ (Zeiler 2012). Where `delayed`, Δ comes
 * of s as it was before the step, as in TensorFlow.js.
 */
// @ts-ignore: decorator
@inline
function adadelta<T>(g: usize, cells: usize, w: usize, squares: usize, updates: usize, n: usize, rho: f64, epsilon: f64, delayed: i32): void {
  const lr = splat<T>(cell<T>(cells, 0))
  const decay = splat<T>(<T>rho)
  const rest = splat<T>(<T>(1 - rho))
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const s0 = v128.load(squares + at)
    const u0 = v128.load(updates + at)
    const s1 = flush<T>(v128.add<T>(v128.mul<T>(s0, decay), v128.mul<T>(v128.mul<T>(dw, dw), rest)))
    const s = delayed ? s0 : s1
    const step = v128.mul<T>(dw, v128.sqrt<T>(v128.div<T>(v128.add<T>(u0, eps), v128.add<T>(s, eps))))
    const u1 = flush<T>(v128.add<T>(v128.mul<T>(u0, decay), v128.mul<T>(v128.mul<T>(step, step), rest)))
    v128.store(squares + at, s1)
    v128.store(updates + at, u1)
    descend<T>(w + at, kept, v128.mul<T>(lr, step))
  }
}

export function adadelta_f32(g: usize, cells: usize, w: usize, squares: usize, updates: usize, n: usize, rho: f64, epsilon: f64, delayed: i32): void { adadelta<f32>(g, cells, w, squares, updates, n, rho, epsilon, delayed) }
export function adadelta_f64(g: usize, cells: usize, w: usize, squares: usize, updates: usize, n: usize, rho: f64, epsilon: f64, delayed: i32): void { adadelta<f64>(g, cells, w, squares, updates, n, rho, epsilon, delayed) }

/**
 * s = ρ·s + (1 − ρ)·g², Δ = lr·g / √(s + ε), w −= Δ (Tieleman & Hinton 2012). With an address of m: m = μ·m + Δ, w −= m. With one
 * of mean: mean = ρ·mean + (1 − ρ)·g, and s − mean² in the place of s (Graves 2013).
 */
// @ts-ignore: decorator
@inline
function rmsprop<T>(g: usize, cells: usize, w: usize, squares: usize, m: usize, mean: usize, n: usize, rho: f64, mu: f64, epsilon: f64): void {
  const lr = splat<T>(cell<T>(cells, 0))
  const decay = splat<T>(<T>rho)
  const rest = splat<T>(<T>(1 - rho))
  const momentum = splat<T>(<T>mu)
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    let s = flush<T>(v128.add<T>(v128.mul<T>(v128.load(squares + at), decay), v128.mul<T>(v128.mul<T>(dw, dw), rest)))
    v128.store(squares + at, s)
    if (mean) {
      const average = flush<T>(v128.add<T>(v128.mul<T>(v128.load(mean + at), decay), v128.mul<T>(dw, rest)))
      v128.store(mean + at, average)
      s = v128.sub<T>(s, v128.mul<T>(average, average))
    }
    let step = v128.div<T>(v128.mul<T>(lr, dw), v128.sqrt<T>(v128.add<T>(s, eps)))
    if (m) {
      step = flush<T>(v128.add<T>(v128.mul<T>(v128.load(m + at), momentum), step))
      v128.store(m + at, step)
    }
    descend<T>(w + at, kept, step)
  }
}

export function rmsprop_f32(g: usize, cells: usize, w: usize, squares: usize, m: usize, mean: usize, n: usize, rho: f64, mu: f64, epsilon: f64): void { rmsprop<f32>(g, cells, w, squares, m, mean, n, rho, mu, epsilon) }
export function rmsprop_f64(g: usize, cells: usize, w: usize, squares: usize, m: usize, mean: usize, n: usize, rho: f64, mu: f64, epsilon: f64): void { rmsprop<f64>(g, cells, w, squares, m, mean, n, rho, mu, epsilon) }

/** m += (g − m)(1 − β1), u = max(β2·u, |g|), w −= α·m / (u + ε), with cells[5] = α = lr / (1 − β1ᵗ) (Kingma & Ba 2015, section 7). */
// @ts-ignore: decorator
@inline
function adamax<T>(g: usize, cells: usize, w: usize, m: usize, u: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
  const alpha = splat<T>(cell<T>(cells, 5))
  const rest1 = splat<T>(<T>(1 - beta1))
  const decay2 = splat<T>(<T>beta2)
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const m0 = v128.load(m + at)
    const m1 = flush<T>(v128.add<T>(m0, v128.mul<T>(v128.sub<T>(dw, m0), rest1)))
    // In this order a gradient that is NaN stays NaN.
    const u1 = flush<T>(v128.pmax<T>(v128.abs<T>(dw), v128.mul<T>(v128.load(u + at), decay2)))
    v128.store(m + at, m1)
    v128.store(u + at, u1)
    const step = v128.div<T>(v128.mul<T>(m1, alpha), v128.add<T>(u1, eps))
    descend<T>(w + at, kept, step)
  }
}

export function adamax_f32(g: usize, cells: usize, w: usize, m: usize, u: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adamax<f32>(g, cells, w, m, u, n, beta1, beta2, epsilon) }
export function adamax_f64(g: usize, cells: usize, w: usize, m: usize, u: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adamax<f64>(g, cells, w, m, u, n, beta1, beta2, epsilon) }

/** As adam, with the greatest v so far in its place (Reddi, Kale & Kumar 2018). */
// @ts-ignore: decorator
@inline
function amsgrad<T>(g: usize, cells: usize, w: usize, m: usize, v: usize, greatest: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
  const one = <T>1
  const alpha = splat<T>(cell<T>(cells, 5))
  const rest1 = splat<T>(one - <T>beta1)
  const rest2 = splat<T>(one - <T>beta2)
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const m0 = v128.load(m + at)
    const v0 = v128.load(v + at)
    const m1 = flush<T>(v128.add<T>(m0, v128.mul<T>(v128.sub<T>(dw, m0), rest1)))
    const v1 = flush<T>(v128.add<T>(v0, v128.mul<T>(v128.sub<T>(v128.mul<T>(dw, dw), v0), rest2)))
    const most = v128.pmax<T>(v1, v128.load(greatest + at))
    v128.store(m + at, m1)
    v128.store(v + at, v1)
    v128.store(greatest + at, most)
    const step = v128.div<T>(v128.mul<T>(m1, alpha), v128.add<T>(v128.sqrt<T>(most), eps))
    descend<T>(w + at, kept, step)
  }
}

export function amsgrad_f32(g: usize, cells: usize, w: usize, m: usize, v: usize, greatest: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { amsgrad<f32>(g, cells, w, m, v, greatest, n, beta1, beta2, epsilon) }
export function amsgrad_f64(g: usize, cells: usize, w: usize, m: usize, v: usize, greatest: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { amsgrad<f64>(g, cells, w, m, v, greatest, n, beta1, beta2, epsilon) }

/**
 * m += (g − m)(1 − β1), v += (g² − v)(1 − β2), w −= (a·m + b·g) / (√(v·c) + ε), with cells[5..] = a, b, c: the learning rate and
 * the corrections for Nesterov's momentum (Dozat 2016) in a and b, 1 / (1 − β2ᵗ) in c.
 */
// @ts-ignore: decorator
@inline
function nadam<T>(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
  const a = splat<T>(cell<T>(cells, 5))
  const b = splat<T>(cell<T>(cells, 6))
  const c = splat<T>(cell<T>(cells, 7))
  const rest1 = splat<T>(<T>(1 - beta1))
  const rest2 = splat<T>(<T>(1 - beta2))
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const m0 = v128.load(m + at)
    const v0 = v128.load(v + at)
    const m1 = flush<T>(v128.add<T>(m0, v128.mul<T>(v128.sub<T>(dw, m0), rest1)))
    const v1 = flush<T>(v128.add<T>(v0, v128.mul<T>(v128.sub<T>(v128.mul<T>(dw, dw), v0), rest2)))
    v128.store(m + at, m1)
    v128.store(v + at, v1)
    const ahead = v128.add<T>(v128.mul<T>(m1, a), v128.mul<T>(dw, b))
    const step = v128.div<T>(ahead, v128.add<T>(v128.sqrt<T>(v128.mul<T>(v1, c)), eps))
    descend<T>(w + at, kept, step)
  }
}

export function nadam_f32(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { nadam<f32>(g, cells, w, m, v, n, beta1, beta2, epsilon) }
export function nadam_f64(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { nadam<f64>(g, cells, w, m, v, n, beta1, beta2, epsilon) }

/** w −= lr·sign(β1·m + (1 − β1)·g), m = β2·m + (1 − β2)·g (Chen et al. 2023). */
// @ts-ignore: decorator
@inline
function lion<T>(g: usize, cells: usize, w: usize, m: usize, n: usize, beta1: f64, beta2: f64): void {
  const zero = splat<T>(<T>0)
  const minus = splat<T>(<T>-0.0)
  const lr = splat<T>(cell<T>(cells, 0))
  const decay1 = splat<T>(<T>beta1)
  const rest1 = splat<T>(<T>(1 - beta1))
  const decay2 = splat<T>(<T>beta2)
  const rest2 = splat<T>(<T>(1 - beta2))
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const m0 = v128.load(m + at)
    const c = v128.add<T>(v128.mul<T>(m0, decay1), v128.mul<T>(dw, rest1))
    // ±lr, 0 where c is 0, all bits set (NaN) where it is NaN.
    const signed = v128.and(v128.xor(lr, v128.and(c, minus)), v128.ne<T>(c, zero))
    const step = v128.or(signed, v128.ne<T>(c, c))
    descend<T>(w + at, kept, step)
    v128.store(m + at, flush<T>(v128.add<T>(v128.mul<T>(m0, decay2), v128.mul<T>(dw, rest2))))
  }
}

export function lion_f32(g: usize, cells: usize, w: usize, m: usize, n: usize, beta1: f64, beta2: f64): void { lion<f32>(g, cells, w, m, n, beta1, beta2) }
export function lion_f64(g: usize, cells: usize, w: usize, m: usize, n: usize, beta1: f64, beta2: f64): void { lion<f64>(g, cells, w, m, n, beta1, beta2) }

/** x^power of one vector, where power is not ½. */
// @ts-ignore: decorator
@inline
function power<T>(x: v128, y: v128): v128 {
  if (sizeof<T>() == 8) return powDouble(x, y)
  const low = f32x4.demote_f64x2_zero(powSingle(f64x2.promote_low_f32x4(x), y))
  const high = f32x4.demote_f64x2_zero(powSingle(f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)), y))
  return i64x2.shuffle(low, high, 0, 2)
}

/** The loop of ftrl: `root` is known when compiling. */
// @ts-ignore: decorator
@inline
function ftrlLoop<T>(g: usize, cells: usize, w: usize, accumulator: usize, linear: usize, n: usize, exponent: f64, l1: f64, shrinkage: f64, root: bool): void {
  const zero = splat<T>(<T>0)
  const perRate = splat<T>(cell<T>(cells, 5))
  const ridge = splat<T>(cell<T>(cells, 6))
  const shrink = splat<T>(<T>(2 * shrinkage))
  const lasso = splat<T>(<T>l1)
  const y = f64x2.splat(exponent)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.load(g + at)
    const w0 = v128.mul<T>(v128.load(w + at), kept)
    const a0 = v128.load(accumulator + at)
    const a1 = v128.add<T>(a0, v128.mul<T>(dw, dw))
    const p0 = root ? v128.sqrt<T>(a0) : power<T>(a0, y)
    const p1 = root ? v128.sqrt<T>(a1) : power<T>(a1, y)
    const pull = v128.mul<T>(v128.mul<T>(v128.sub<T>(p1, p0), perRate), w0)
    const z = v128.add<T>(v128.load(linear + at), v128.sub<T>(v128.add<T>(dw, v128.mul<T>(w0, shrink)), pull))
    v128.store(accumulator + at, a1)
    v128.store(linear + at, z)
    const clipped = v128.pmin<T>(v128.pmax<T>(z, v128.sub<T>(zero, lasso)), lasso)
    const curvature = v128.add<T>(v128.mul<T>(p1, perRate), ridge)
    v128.store(w + at, v128.div<T>(v128.sub<T>(clipped, z), curvature))
  }
}

/**
 * a' = a + g², z += g + 2·shrinkage·w − (a'^p − a^p) / lr · w, w = (clip(z, ±l1) − z) / (a'^p / lr + ridge), a = a', with cells[5..] =
 * 1 / lr, ridge (McMahan et al. 2013). Where p is ½ it takes roots, which are ten times as fast as powers.
 */
// @ts-ignore: decorator
@inline
function ftrl<T>(g: usize, cells: usize, w: usize, accumulator: usize, linear: usize, n: usize, exponent: f64, l1: f64, shrinkage: f64): void {
  if (exponent == 0.5) ftrlLoop<T>(g, cells, w, accumulator, linear, n, exponent, l1, shrinkage, true)
  else {
    if (sizeof<T>() == 8) powDoubleBegin()
    else powSingleBegin()
    ftrlLoop<T>(g, cells, w, accumulator, linear, n, exponent, l1, shrinkage, false)
  }
}

export function ftrl_f32(g: usize, cells: usize, w: usize, accumulator: usize, linear: usize, n: usize, exponent: f64, l1: f64, shrinkage: f64): void { ftrl<f32>(g, cells, w, accumulator, linear, n, exponent, l1, shrinkage) }
export function ftrl_f64(g: usize, cells: usize, w: usize, accumulator: usize, linear: usize, n: usize, exponent: f64, l1: f64, shrinkage: f64): void { ftrl<f64>(g, cells, w, accumulator, linear, n, exponent, l1, shrinkage) }

/** Elements whose squares make one sum: set once and for all, so that threads, which share out the sums, change no bit. */
const BLOCK: usize = 1024

/** The sum of a vector's elements. */
// @ts-ignore: decorator
@inline
function total<T>(v: v128): T {
  if (sizeof<T>() == 8) return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1))
  const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)
  return <T>(low + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)))
}

/** y[i] = the sum of the squares of block i of x. */
// @ts-ignore: decorator
@inline
function squareSums<T>(x: usize, y: usize, n: usize): void {
  const blocks = (n + BLOCK - 1) / BLOCK
  const end = shareEnd(blocks)
  for (let i = shareStart(blocks); i < end; i++) {
    const count = min(BLOCK, n - i * BLOCK)
    let at = x + i * BLOCK * sizeof<T>()
    const whole = at + count / lanes<T>() * 16
    // Four chains: an addition waits for the one before.
    let s0 = splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
    while (at + 64 <= whole) {
      const v0 = v128.load(at), v1 = v128.load(at, 16), v2 = v128.load(at, 32), v3 = v128.load(at, 48)
      s0 = v128.add<T>(s0, v128.mul<T>(v0, v0))
      s1 = v128.add<T>(s1, v128.mul<T>(v1, v1))
      s2 = v128.add<T>(s2, v128.mul<T>(v2, v2))
      s3 = v128.add<T>(s3, v128.mul<T>(v3, v3))
      at += 64
    }
    while (at < whole) {
      const v = v128.load(at)
      s0 = v128.add<T>(s0, v128.mul<T>(v, v))
      at += 16
    }
    const rest = v128.and(v128.load(at), tailMask<T>(count % lanes<T>()))
    s0 = v128.add<T>(v128.add<T>(v128.add<T>(s0, v128.mul<T>(rest, rest)), s1), v128.add<T>(s2, s3))
    store<T>(y + i * sizeof<T>(), total<T>(s0))
  }
}

export function squareSums_f32(x: usize, y: usize, n: usize): void { squareSums<f32>(x, y, n) }
export function squareSums_f64(x: usize, y: usize, n: usize): void { squareSums<f64>(x, y, n) }

/**
 * m += (g − m)(1 − β1), v += (g² − v)(1 − β2), u = m·a / (√(v·c) + ε), with cells[5..] = a, c = 1 / (1 − β1ᵗ), 1 / (1 − β2ᵗ): the
 * direction that Lamb scales (You et al. 2020). Of w, decayed, and of u also the sums of squares, block by block: apart they
 * would cost another third.
 */
// @ts-ignore: decorator
@inline
function lamb<T>(g: usize, cells: usize, w: usize, m: usize, v: usize, u: usize, weights: usize, steps: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
  if (cell<T>(cells, 1) == 0) return
  const a = splat<T>(cell<T>(cells, 5))
  const c = splat<T>(cell<T>(cells, 6))
  const rest1 = splat<T>(<T>(1 - beta1))
  const rest2 = splat<T>(<T>(1 - beta2))
  const eps = splat<T>(<T>epsilon)
  const kept = keptOf<T>(cells)
  const bytes = n * sizeof<T>()
  const whole = bytes & ~15
  const tail = tailMask<T>(n % lanes<T>())
  const every = i32x4.splat(-1)
  const blocks = (n + BLOCK - 1) / BLOCK
  const end = shareEnd(blocks)
  for (let i = shareStart(blocks); i < end; i++) {
    let w2 = splat<T>(<T>0), u2 = w2
    const stop = min((i + 1) * BLOCK * sizeof<T>(), bytes)
    for (let at = i * BLOCK * sizeof<T>(); at < stop; at += 16) {
      const dw = v128.load(g + at)
      const m0 = v128.load(m + at)
      const v0 = v128.load(v + at)
      const m1 = flush<T>(v128.add<T>(m0, v128.mul<T>(v128.sub<T>(dw, m0), rest1)))
      const v1 = flush<T>(v128.add<T>(v0, v128.mul<T>(v128.sub<T>(v128.mul<T>(dw, dw), v0), rest2)))
      v128.store(m + at, m1)
      v128.store(v + at, v1)
      const step = v128.div<T>(v128.mul<T>(m1, a), v128.add<T>(v128.sqrt<T>(v128.mul<T>(v1, c)), eps))
      v128.store(u + at, step)
      // What lies behind the last element does not count.
      const counts = at < whole ? every : tail
      const w1 = v128.and(v128.mul<T>(v128.load(w + at), kept), counts)
      const u1 = v128.and(step, counts)
      w2 = v128.add<T>(w2, v128.mul<T>(w1, w1))
      u2 = v128.add<T>(u2, v128.mul<T>(u1, u1))
    }
    store<T>(weights + i * sizeof<T>(), total<T>(w2))
    store<T>(steps + i * sizeof<T>(), total<T>(u2))
  }
}

export function lamb_f32(g: usize, cells: usize, w: usize, m: usize, v: usize, u: usize, weights: usize, steps: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { lamb<f32>(g, cells, w, m, v, u, weights, steps, n, beta1, beta2, epsilon) }
export function lamb_f64(g: usize, cells: usize, w: usize, m: usize, v: usize, u: usize, weights: usize, steps: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { lamb<f64>(g, cells, w, m, v, u, weights, steps, n, beta1, beta2, epsilon) }

/** w −= rate·u, with one number at the address `rate`. */
// @ts-ignore: decorator
@inline
function scaledStep<T>(u: usize, rate: usize, cells: usize, w: usize, n: usize): void {
  const scale = splat<T>(load<T>(rate))
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    descend<T>(w + at, kept, v128.mul<T>(scale, v128.load(u + at)))
  }
}

export function scaledStep_f32(u: usize, rate: usize, cells: usize, w: usize, n: usize): void { scaledStep<f32>(u, rate, cells, w, n) }
export function scaledStep_f64(u: usize, rate: usize, cells: usize, w: usize, n: usize): void { scaledStep<f64>(u, rate, cells, w, n) }

// ── What every optimizer can be asked for ───────────────────────────────────────────────────────

/** sum += g; where weights are updated: mean = sum / steps, sum = 0. */
// @ts-ignore: decorator
@inline
function gatherGradient<T>(g: usize, cells: usize, sum: usize, mean: usize, n: usize, steps: f64): void {
  const count = splat<T>(<T>steps)
  const keeps = i32x4.splat(cell<T>(cells, 1) == 0 ? -1 : 0)
  const end = last<T>(n)
  for (let at = first<T>(n); at < end; at += 16) {
    const total = v128.add<T>(v128.load(sum + at), v128.load(g + at))
    v128.store(mean + at, v128.div<T>(total, count))
    v128.store(sum + at, v128.and(total, keeps))
  }
}

export function gatherGradient_f32(g: usize, cells: usize, sum: usize, mean: usize, n: usize, steps: f64): void { gatherGradient<f32>(g, cells, sum, mean, n, steps) }
export function gatherGradient_f64(g: usize, cells: usize, sum: usize, mean: usize, n: usize, steps: f64): void { gatherGradient<f64>(g, cells, sum, mean, n, steps) }

/** average = μ·average + (1 − μ)·w, with μ = cells[2]; where cells[3] says so, w = average. */
// @ts-ignore: decorator
@inline
function averageWeights<T>(cells: usize, w: usize, average: usize, n: usize): void {
  const mu = splat<T>(cell<T>(cells, 2))
  const rest = splat<T>(<T>1 - cell<T>(cells, 2))
  const replaces = cell<T>(cells, 3) != 0
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const a = v128.add<T>(v128.mul<T>(v128.load(average + at), mu), v128.mul<T>(v128.load(w + at), rest))
    v128.store(average + at, a)
    if (replaces) v128.store(w + at, a)
  }
}

export function averageWeights_f32(cells: usize, w: usize, average: usize, n: usize): void { averageWeights<f32>(cells, w, average, n) }
export function averageWeights_f64(cells: usize, w: usize, average: usize, n: usize): void { averageWeights<f64>(cells, w, average, n) }

/** y = x where weights are updated. */
// @ts-ignore: decorator
@inline
function assignDue<T>(x: usize, cells: usize, y: usize, n: usize): void {
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) v128.store(y + at, v128.load(x + at))
}

export function assignDue_f32(x: usize, cells: usize, y: usize, n: usize): void { assignDue<f32>(x, cells, y, n) }
export function assignDue_f64(x: usize, cells: usize, y: usize, n: usize): void { assignDue<f64>(x, cells, y, n) }
