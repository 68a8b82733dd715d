// What the updates of all optimizers share: cells, this thread's share of a buffer, small moments.
//
// Cells hold what changes from step to step, in the weights' dtype, so that a recorded step stays right:
//   0  the learning rate
//   1  whether weights are updated: 0 while gradients are still being gathered for a later step
//   2  the momentum of the weights' average
//   3  whether the average replaces the weights
//   4  and on: the optimizer's own

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
