// Optimizer updates over flat buffers, in place. What changes from step to step (the learning rate, the
// powers of Adam's decays) lies in memory cells of the weights' dtype, so that a recorded step stays right.

import { CHUNK, part, stepEnd, stepStart } from './share'
import { splat } from './vector'

/**
 * v, but 0 in lanes too small for a normal number. A mean that decays while its gradients are 0 (a dead relu, a pixel
 * that is always black) would stay subnormal, where processors are 10 to 100 times slower; TensorFlow flushes too.
 */
// @ts-ignore: decorator
@inline
function flush<T>(v: v128): v128 {
  const least = splat<T>(sizeof<T>() == 4 ? <T>f32.MIN_NORMAL_VALUE : <T>f64.MIN_NORMAL_VALUE)
  return v128.andnot(v, v128.lt<T>(v128.abs<T>(v), least))
}

/** w −= lr · g, with lr = cells[0]. */
// @ts-ignore: decorator
@inline
function sgd<T>(g: usize, cells: usize, w: usize, n: usize): void {
  const lr = splat<T>(load<T>(cells))
  const first = stepStart(n, CHUNK)
  g += first * sizeof<T>()
  w += first * sizeof<T>()
  const end = w + (stepEnd(n, CHUNK) - first) * sizeof<T>()
  while (w < end) {
    v128.store(w, v128.sub<T>(v128.load(w), v128.mul<T>(lr, v128.load(g))))
    g += 16
    w += 16
  }
}

export function sgd_f32(g: usize, cells: usize, w: usize, n: usize): void { sgd<f32>(g, cells, w, n) }
export function sgd_f64(g: usize, cells: usize, w: usize, n: usize): void { sgd<f64>(g, cells, w, n) }

/** m = μ·m + g; w −= lr · m, or with Nesterov w −= lr·g + lr·(μ·m), with lr = cells[0]. */
// @ts-ignore: decorator
@inline
function momentum<T>(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void {
  const lr = splat<T>(load<T>(cells))
  const decay = splat<T>(<T>mu)
  const first = stepStart(n, CHUNK)
  g += first * sizeof<T>()
  w += first * sizeof<T>()
  m += first * sizeof<T>()
  const end = w + (stepEnd(n, CHUNK) - first) * sizeof<T>()
  while (w < end) {
    const dw = v128.load(g)
    const v = flush<T>(v128.add<T>(v128.mul<T>(v128.load(m), decay), dw))
    v128.store(m, v)
    const step = nesterov
      ? v128.add<T>(v128.mul<T>(dw, lr), v128.mul<T>(v128.mul<T>(v, decay), lr))
      : v128.mul<T>(v, lr)
    v128.store(w, v128.sub<T>(v128.load(w), step))
    g += 16
    w += 16
    m += 16
  }
}

export function momentum_f32(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void { momentum<f32>(g, cells, w, m, n, mu, nesterov) }
export function momentum_f64(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void { momentum<f64>(g, cells, w, m, n, mu, nesterov) }

/**
 * m += (g − m)(1 − β1), v += (g² − v)(1 − β2), w −= α·m / (√v + ε), with α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ) and
 * cells = [lr, β1ᵗ, β2ᵗ]: TensorFlow's form of Adam (Kingma & Ba 2015, end of section 2).
 */
// @ts-ignore: decorator
@inline
function adam<T>(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
  const one = <T>1
  const lr = load<T>(cells)
  const power1 = load<T>(cells + sizeof<T>())
  const power2 = load<T>(cells + 2 * sizeof<T>())
  const alpha = splat<T>(lr * sqrt<T>(one - power2) / (one - power1))
  const rest1 = splat<T>(one - <T>beta1)
  const rest2 = splat<T>(one - <T>beta2)
  const eps = splat<T>(<T>epsilon)
  const first = stepStart(n, CHUNK)
  g += first * sizeof<T>()
  w += first * sizeof<T>()
  m += first * sizeof<T>()
  v += first * sizeof<T>()
  const end = w + (stepEnd(n, CHUNK) - first) * sizeof<T>()
  while (w < end) {
    const dw = v128.load(g)
    const m0 = v128.load(m)
    const v0 = v128.load(v)
    const m1 = flush<T>(v128.add<T>(m0, v128.mul<T>(v128.sub<T>(dw, m0), rest1)))
    const v1 = flush<T>(v128.add<T>(v0, v128.mul<T>(v128.sub<T>(v128.mul<T>(dw, dw), v0), rest2)))
    v128.store(m, m1)
    v128.store(v, v1)
    v128.store(w, v128.sub<T>(v128.load(w), v128.div<T>(v128.mul<T>(m1, alpha), v128.add<T>(v128.sqrt<T>(v1), eps))))
    g += 16
    w += 16
    m += 16
    v += 16
  }
}

export function adam_f32(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adam<f32>(g, cells, w, m, v, n, beta1, beta2, epsilon) }
export function adam_f64(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adam<f64>(g, cells, w, m, v, n, beta1, beta2, epsilon) }

/** cells[1] ·= β1, cells[2] ·= β2: after each step, by the first part. */
// @ts-ignore: decorator
@inline
function adamPowers<T>(cells: usize, beta1: f64, beta2: f64): void {
  if (part) return
  const first = cells + sizeof<T>()
  const second = first + sizeof<T>()
  store<T>(first, load<T>(first) * <T>beta1)
  store<T>(second, load<T>(second) * <T>beta2)
}

export function adamPowers_f32(cells: usize, beta1: f64, beta2: f64): void { adamPowers<f32>(cells, beta1, beta2) }
export function adamPowers_f64(cells: usize, beta1: f64, beta2: f64): void { adamPowers<f64>(cells, beta1, beta2) }
