// Updates of the weights over flat buffers, in place: gradient descent, momentum, Adam. step.ts says what
// cells hold, and how weights decay on the way.

import { cell, descend, first, flush, keptOf, lastDue } from './step'
import { splat } from './vector'

/** w −= lr · g. */
// @ts-ignore: decorator
@inline
function sgd<T>(g: usize, cells: usize, w: usize, n: usize): void {
  const lr = splat<T>(cell<T>(cells, 0))
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    descend<T>(w + at, kept, v128.mul<T>(lr, v128.load(g + at)))
  }
}

export function sgd_f32(g: usize, cells: usize, w: usize, n: usize): void { sgd<f32>(g, cells, w, n) }
export function sgd_f64(g: usize, cells: usize, w: usize, n: usize): void { sgd<f64>(g, cells, w, n) }

/**
 * m = μ·m + a·g; w −= b·m, or with Nesterov w −= b·(a·g) + b·(μ·m), with cells[5..] = a, b. TensorFlow.js has the learning
 * rate in b, Keras in a, which differs where the rate changes.
 */
// @ts-ignore: decorator
@inline
function momentum<T>(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void {
  const a = splat<T>(cell<T>(cells, 5))
  const b = splat<T>(cell<T>(cells, 6))
  const decay = splat<T>(<T>mu)
  const kept = keptOf<T>(cells)
  const end = lastDue<T>(cells, n)
  for (let at = first<T>(n); at < end; at += 16) {
    const dw = v128.mul<T>(v128.load(g + at), a)
    const v = flush<T>(v128.add<T>(v128.mul<T>(v128.load(m + at), decay), dw))
    v128.store(m + at, v)
    const step = nesterov
      ? v128.add<T>(v128.mul<T>(dw, b), v128.mul<T>(v128.mul<T>(v, decay), b))
      : v128.mul<T>(v, b)
    descend<T>(w + at, kept, step)
  }
}

export function momentum_f32(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void { momentum<f32>(g, cells, w, m, n, mu, nesterov) }
export function momentum_f64(g: usize, cells: usize, w: usize, m: usize, n: usize, mu: f64, nesterov: i32): void { momentum<f64>(g, cells, w, m, n, mu, nesterov) }

/**
 * m += (g − m)(1 − β1), v += (g² − v)(1 − β2), w −= α·m / (√v + ε), with cells[5] = α =
 * lr·√(1 − β2ᵗ) / (1 − β1ᵗ): TensorFlow's form of Adam (Kingma & Ba 2015, end of section 2).
 */
// @ts-ignore: decorator
@inline
function adam<T>(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void {
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
    v128.store(m + at, m1)
    v128.store(v + at, v1)
    const step = v128.div<T>(v128.mul<T>(m1, alpha), v128.add<T>(v128.sqrt<T>(v1), eps))
    descend<T>(w + at, kept, step)
  }
}

export function adam_f32(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adam<f32>(g, cells, w, m, v, n, beta1, beta2, epsilon) }
export function adam_f64(g: usize, cells: usize, w: usize, m: usize, v: usize, n: usize, beta1: f64, beta2: f64, epsilon: f64): void { adam<f64>(g, cells, w, m, v, n, beta1, beta2, epsilon) }
