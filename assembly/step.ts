// What the updates of all optimizers share: cells, this thread's share of a buffer, small moments.
//
// Cells hold what changes from step to step, in the weights' dtype, so that a recorded step stays right:
//   0  the learning rate
//   1  whether weights are updated: 0 while gradients are still being gathered for a later step
//   2  the momentum of the weights' average
//   3  whether the average replaces the weights
//   4  what decay leaves of a weight, 1 − lr·rate (Loshchilov & Hutter 2019): updates multiply w by it before anything else,
//      by 1 where nothing decays, which keeps every bit and costs Adam 3 %; a pass of its own would cost it 50 to 70 %
//   5  and on: the optimizer's own

import { CHUNK, stepEnd, stepStart } from './share'
import { splat } from './vector'

// @ts-ignore: decorator
@inline
export function cell<T>(cells: usize, i: usize): T { return load<T>(cells + i * sizeof<T>()) }

/** Where this thread's share of a buffer of n elements begins, in bytes: it is made of whole cache lines. */
// @ts-ignore: decorator
@inline
export function first<T>(n: usize): usize { return stepStart(n, CHUNK) * sizeof<T>() }

/** Where it ends. */
// @ts-ignore: decorator
@inline
export function last<T>(n: usize): usize { return stepEnd(n, CHUNK) * sizeof<T>() }

/** Where it ends if weights are updated in this step; else before it begins. */
// @ts-ignore: decorator
@inline
export function lastDue<T>(cells: usize, n: usize): usize { return cell<T>(cells, 1) == 0 ? 0 : last<T>(n) }

/** What decay leaves of a weight, in every lane. Loaded inside a loop it doubles the time of Adam. */
// @ts-ignore: decorator
@inline
export function keptOf<T>(cells: usize): v128 { return splat<T>(cell<T>(cells, 4)) }

/** The update of a vector of weights: w = kept·w − step. */
// @ts-ignore: decorator
@inline
export function descend<T>(w: usize, kept: v128, step: v128): void {
  v128.store(w, v128.sub<T>(v128.mul<T>(v128.load(w), kept), step))
}

/**
 * v, but 0 in lanes too small for a normal number. A mean that decays while its gradients are 0 (a dead relu, a pixel
 * that is always black) would stay subnormal, where processors are 10 to 100 times slower; TensorFlow flushes too.
 */
// @ts-ignore: decorator
@inline
export function flush<T>(v: v128): v128 {
  const least = splat<T>(sizeof<T>() == 4 ? <T>f32.MIN_NORMAL_VALUE : <T>f64.MIN_NORMAL_VALUE)
  return v128.andnot(v, v128.lt<T>(v128.abs<T>(v), least))
}
