// Boxes that lie on better ones left out: non-maximum suppression. One choice depends on all before it, so that it is
// left to one thread.

import { exp, expBegin } from './math'

/** What is no candidate, or no longer. */
const OUT = -Infinity

/** The share of two boxes' union that is in both; corners [y1, x1, y2, x2] in any order. */
// @ts-ignore: decorator
@inline
function overlap<T>(p: usize, q: usize): f64 {
  const size = sizeof<T>()
  const p0 = <f64>load<T>(p), p1 = <f64>load<T>(p + size), p2 = <f64>load<T>(p + 2 * size), p3 = <f64>load<T>(p + 3 * size)
  const q0 = <f64>load<T>(q), q1 = <f64>load<T>(q + size), q2 = <f64>load<T>(q + 2 * size), q3 = <f64>load<T>(q + 3 * size)
  const areaP = abs((p2 - p0) * (p3 - p1)), areaQ = abs((q2 - q0) * (q3 - q1))
  if (!(areaP > 0 && areaQ > 0)) return 0
  const height = min(max(p0, p2), max(q0, q2)) - max(min(p0, p2), min(q0, q2))
  const width = min(max(p1, p3), max(q1, q3)) - max(min(p1, p3), min(q1, q3))
  const both = max(height, 0) * max(width, 0)
  return both / (areaP + areaQ - both)
}

/**
 * Chooses, again and again, the box of the highest score, the first of equal ones, and leaves out what overlaps it by
 * iouThreshold or more; of the others the score falls by e^(scale · overlap²) (Bodla et al. 2017), unless scale is 0.
 * Only scores above scoreThreshold count. indices and chosen have `most` elements, zeros behind the `count` chosen;
 * `live` is room for n scores.
 */
// @ts-ignore: decorator
@inline
function suppress<T>(
  boxes: usize, scores: usize, live: usize, indices: usize, chosen: usize, count: usize, n: usize, most: usize,
  iouThreshold: f64, scoreThreshold: f64, scale: f64,
): void {
  const size = sizeof<T>()
  expBegin<f64>()
  for (let i: usize = 0; i < n; i++) {
    const score = <f64>load<T>(scores + i * size)
    store<f64>(live + i * 8, score > scoreThreshold ? score : OUT)
  }
  memory.fill(indices, 0, most * 4)
  memory.fill(chosen, 0, most * size)
  let found: usize = 0
  for (; found < most; found++) {
    let best: usize = 0
    let highest: f64 = OUT
    for (let i: usize = 0; i < n; i++) {
      const score = load<f64>(live + i * 8)
      if (score > highest) {
        highest = score
        best = i
      }
    }
    if (highest == OUT) break
    store<i32>(indices + found * 4, <i32>best)
    store<T>(chosen + found * size, <T>highest)
    store<f64>(live + best * 8, OUT)
    for (let i: usize = 0; i < n; i++) {
      const score = load<f64>(live + i * 8)
      if (score == OUT) continue
      const both = overlap<T>(boxes + i * 4 * size, boxes + best * 4 * size)
      if (both >= iouThreshold) store<f64>(live + i * 8, OUT)
      else if (scale != 0 && both > 0) {
        const fallen = score * f64x2.extract_lane(exp<f64>(f64x2.splat(scale * both * both)), 0)
        store<f64>(live + i * 8, fallen > scoreThreshold ? fallen : OUT)
      }
    }
  }
  store<i32>(count, <i32>found)
}

export function suppress_f32(boxes: usize, scores: usize, live: usize, indices: usize, chosen: usize, count: usize, n: usize, most: usize, iouThreshold: f64, scoreThreshold: f64, scale: f64): void { suppress<f32>(boxes, scores, live, indices, chosen, count, n, most, iouThreshold, scoreThreshold, scale) }
export function suppress_f64(boxes: usize, scores: usize, live: usize, indices: usize, chosen: usize, count: usize, n: usize, most: usize, iouThreshold: f64, scoreThreshold: f64, scale: f64): void { suppress<f64>(boxes, scores, live, indices, chosen, count, n, most, iouThreshold, scoreThreshold, scale) }
