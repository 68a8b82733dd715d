// Softmax over the rows of [rows, n], its logarithm, and the cross entropies fused with it.
//
// A row takes three passes: its maximum, the exponentials and their sum, the result. rows.ts says how sums go.

import { exp, expBegin, expDown, log, logBegin, log1p, sigmoid, sigmoidBegin } from './math'
import { BLOCK, foldSum, loadRow, storeRow } from './rows'
import { CHUNK, rowStep, stepEnd, stepStart } from './share'
import { splat, storePart, tailMask } from './vector'

/** The greatest of a row, four vectors at a turn. */
// @ts-ignore: decorator
@inline
function rowMax<T>(x: usize, end: usize): T {
  const least = splat<T>(<T>-Infinity)
  let top = least
  if (x + 64 <= end) {
    let a = least, b = least, c = least
    do {
      top = v128.pmax<T>(top, v128.load(x))
      a = v128.pmax<T>(a, v128.load(x, 16))
      b = v128.pmax<T>(b, v128.load(x, 32))
      c = v128.pmax<T>(c, v128.load(x, 48))
      x += 64
    } while (x + 64 <= end)
    top = v128.pmax<T>(v128.pmax<T>(top, a), v128.pmax<T>(b, c))
  }
  while (x + 16 <= end) {
    top = v128.pmax<T>(top, v128.load(x))
    x += 16
  }
  if (x < end) top = v128.pmax<T>(top, loadRow<T>(x, end, least))
  top = v128.pmax<T>(top, i64x2.shuffle(top, top, 1, 0))
  if (sizeof<T>() == 4) top = v128.pmax<T>(top, i32x4.shuffle(top, top, 1, 0, 3, 2))
  return v128.extract_lane<T>(top, 0)
}

/** y = e^(x − m) over a row; returns the sum. With y = 0 nothing is stored. */
// @ts-ignore: decorator
@inline
function rowExp<T>(x: usize, y: usize, end: usize, m: T): T {
  const top = splat<T>(m)
  let total: f64 = 0
  while (x < end) {
    const rest = end - x
    const stop = rest < BLOCK * sizeof<T>() ? end : x + BLOCK * sizeof<T>()
    let part = splat<T>(<T>0)
    if (x + 16 <= stop) {
      do {
        const e = expDown<T>(v128.sub<T>(v128.load(x), top))
        part = v128.add<T>(part, e)
        if (y) {
          v128.store(y, e)
          y += 16
        }
        x += 16
      } while (x + 16 <= stop)
    }
    if (x < stop) {
      const mask = tailMask<T>((stop - x) / sizeof<T>())
      const e = expDown<T>(v128.and(v128.sub<T>(v128.load(x), top), mask))
      part = v128.add<T>(part, v128.and(e, mask))
      if (y) storePart<T>(y, e, stop - x)
      x += 16
    }
    total += foldSum<T>(part)
  }
  return <T>total
}

/** y ·= factor over a row, four vectors at a turn: multiplied by its reciprocal, a sum costs a quarter of a division. */
// @ts-ignore: decorator
@inline
function scaleRow<T>(y: usize, end: usize, factor: T): void {
  const factors = splat<T>(factor)
  while (y + 64 <= end) {
    const a = v128.mul<T>(v128.load(y), factors)
    const b = v128.mul<T>(v128.load(y, 16), factors)
    const c = v128.mul<T>(v128.load(y, 32), factors)
    const d = v128.mul<T>(v128.load(y, 48), factors)
    v128.store(y, a)
    v128.store(y, b, 16)
    v128.store(y, c, 32)
    v128.store(y, d, 48)
    y += 64
  }
  while (y + 16 <= end) {
    v128.store(y, v128.mul<T>(v128.load(y), factors))
    y += 16
  }
  if (y < end) storePart<T>(y, v128.mul<T>(v128.load(y), factors), end - y)
}

/** The logarithm of one number. */
// @ts-ignore: decorator
@inline
function logOf<T>(v: T): T { return v128.extract_lane<T>(log<T>(splat<T>(v)), 0) }

/** y = e^(x − m) / Σ e^(x − m), with m the row's maximum. */
// @ts-ignore: decorator
@inline
function softmax<T>(x: usize, y: usize, rows: usize, n: usize): void {
  expBegin<T>()
  const row = n * sizeof<T>()
  const end = stepEnd(rows, rowStep(n))
  let r = stepStart(rows, rowStep(n))
  x += r * row
  y += r * row
  for (; r < end; r++) {
    scaleRow<T>(y, y + row, <T>1 / rowExp<T>(x, y, x + row, rowMax<T>(x, x + row)))
    x += row
    y += row
  }
}

export function softmax_f32(x: usize, y: usize, rows: usize, n: usize): void { softmax<f32>(x, y, rows, n) }
export function softmax_f64(x: usize, y: usize, rows: usize, n: usize): void { softmax<f64>(x, y, rows, n) }

/** dx = y · (dy − Σ dy · y) */
// @ts-ignore: decorator
@inline
function softmaxGrad<T>(dy: usize, y: usize, dx: usize, rows: usize, n: usize): void {
  const row = n * sizeof<T>()
  const zero = splat<T>(<T>0)
  const end = stepEnd(rows, rowStep(n))
  let r = stepStart(rows, rowStep(n))
  dy += r * row
  y += r * row
  dx += r * row
  for (; r < end; r++) {
    let dot = zero
    for (let i: usize = 0; i < row; i += 16) {
      const product = v128.mul<T>(v128.load(dy + i), v128.load(y + i))
      dot = v128.add<T>(dot, i + 16 <= row ? product : v128.and(product, tailMask<T>((row - i) / sizeof<T>())))
    }
    const sum = splat<T>(<T>foldSum<T>(dot))
    for (let i: usize = 0; i < row; i += 16) {
      storeRow<T>(dx + i, dx + row, v128.mul<T>(v128.load(y + i), v128.sub<T>(v128.load(dy + i), sum)))
    }
    dy += row
    y += row
    dx += row
  }
}

export function softmaxGrad_f32(dy: usize, y: usize, dx: usize, rows: usize, n: usize): void { softmaxGrad<f32>(dy, y, dx, rows, n) }
export function softmaxGrad_f64(dy: usize, y: usize, dx: usize, rows: usize, n: usize): void { softmaxGrad<f64>(dy, y, dx, rows, n) }

/** y = (x − m) − log Σ e^(x − m), with m the row's maximum. */
// @ts-ignore: decorator
@inline
function logSoftmax<T>(x: usize, y: usize, rows: usize, n: usize): void {
  expBegin<T>()
  logBegin<T>()
  const row = n * sizeof<T>()
  const end = stepEnd(rows, rowStep(n))
  let r = stepStart(rows, rowStep(n))
  x += r * row
  y += r * row
  for (; r < end; r++) {
    const m = rowMax<T>(x, x + row)
    const logSum = splat<T>(logOf<T>(rowExp<T>(x, 0, x + row, m)))
    const top = splat<T>(m)
    for (let i: usize = 0; i < row; i += 16) {
      storeRow<T>(y + i, y + row, v128.sub<T>(v128.sub<T>(v128.load(x + i), top), logSum))
    }
    x += row
    y += row
  }
}

export function logSoftmax_f32(x: usize, y: usize, rows: usize, n: usize): void { logSoftmax<f32>(x, y, rows, n) }
export function logSoftmax_f64(x: usize, y: usize, rows: usize, n: usize): void { logSoftmax<f64>(x, y, rows, n) }

/** loss[r] = log Σ e^(x − m) − (x[label] − m) and dx = softmax(x) − oneHot(label), for int32 labels in [0, n). */
// @ts-ignore: decorator
@inline
function sparseCrossEntropy<T>(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void {
  expBegin<T>()
  logBegin<T>()
  const row = n * sizeof<T>()
  const end = stepEnd(rows, rowStep(n))
  let r = stepStart(rows, rowStep(n))
  x += r * row
  dx += r * row
  for (; r < end; r++) {
    const at = <usize>load<u32>(labels + (r << 2)) * sizeof<T>()
    const m = rowMax<T>(x, x + row)
    const total = rowExp<T>(x, dx, x + row, m)
    store<T>(loss + r * sizeof<T>(), logOf<T>(total) - (load<T>(x + at) - m))
    scaleRow<T>(dx, dx + row, <T>1 / total)
    store<T>(dx + at, load<T>(dx + at) - <T>1)
    x += row
    dx += row
  }
}

export function sparseCrossEntropy_f32(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void { sparseCrossEntropy<f32>(x, labels, loss, dx, rows, n) }
export function sparseCrossEntropy_f64(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void { sparseCrossEntropy<f64>(x, labels, loss, dx, rows, n) }

/**
 * loss[r] = Σ labels · (log Σ e^(x − m) − (x − m)), where a label of 0 counts for nothing even beside an infinite
 * logit, and dx = softmax(x) · Σ labels − labels.
 */
// @ts-ignore: decorator
@inline
function crossEntropy<T>(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void {
  expBegin<T>()
  logBegin<T>()
  const row = n * sizeof<T>()
  const zero = splat<T>(<T>0)
  const end = stepEnd(rows, rowStep(n))
  let r = stepStart(rows, rowStep(n))
  x += r * row
  labels += r * row
  dx += r * row
  for (; r < end; r++) {
    const m = rowMax<T>(x, x + row)
    const total = rowExp<T>(x, dx, x + row, m)
    const logSum = splat<T>(logOf<T>(total))
    const top = splat<T>(m)
    let cost = zero
    let weight = zero
    for (let i: usize = 0; i < row; i += 16) {
      const label = loadRow<T>(labels + i, labels + row, zero)
      const each = v128.mul<T>(label, v128.sub<T>(logSum, v128.sub<T>(v128.load(x + i), top)))
      cost = v128.add<T>(cost, v128.bitselect(each, zero, v128.ne<T>(label, zero)))
      weight = v128.add<T>(weight, label)
    }
    store<T>(loss + r * sizeof<T>(), <T>foldSum<T>(cost))
    const all = splat<T>(total)
    const share = splat<T>(<T>foldSum<T>(weight))
    for (let i: usize = 0; i < row; i += 16) {
      const p = v128.div<T>(v128.load(dx + i), all)
      storeRow<T>(dx + i, dx + row, v128.sub<T>(v128.mul<T>(p, share), v128.load(labels + i)))
    }
    x += row
    labels += row
    dx += row
  }
}

export function crossEntropy_f32(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void { crossEntropy<f32>(x, labels, loss, dx, rows, n) }
export function crossEntropy_f64(x: usize, labels: usize, loss: usize, dx: usize, rows: usize, n: usize): void { crossEntropy<f64>(x, labels, loss, dx, rows, n) }

/** loss = max(x, 0) − x·z + log(1 + e^−|x|): the cross entropy of sigmoid(x) against z, without overflow. */
// @ts-ignore: decorator
@inline
function sigmoidCrossEntropy<T>(x: usize, z: usize, loss: usize, n: usize): void {
  expBegin<T>()
  logBegin<T>()
  const zero = splat<T>(<T>0)
  const first = stepStart(n, CHUNK)
  x += first * sizeof<T>()
  z += first * sizeof<T>()
  loss += first * sizeof<T>()
  const end = x + (stepEnd(n, CHUNK) - first) * sizeof<T>()
  while (x < end) {
    const v = v128.load(x)
    const rest = log1p<T>(exp<T>(v128.neg<T>(v128.abs<T>(v))))
    const linear = v128.sub<T>(v128.pmax<T>(v, zero), v128.mul<T>(v, v128.load(z)))
    v128.store(loss, v128.add<T>(linear, rest))
    x += 16
    z += 16
    loss += 16
  }
}

export function sigmoidCrossEntropy_f32(x: usize, z: usize, loss: usize, n: usize): void { sigmoidCrossEntropy<f32>(x, z, loss, n) }
export function sigmoidCrossEntropy_f64(x: usize, z: usize, loss: usize, n: usize): void { sigmoidCrossEntropy<f64>(x, z, loss, n) }

/** dx = dy · (sigmoid(x) − z) */
// @ts-ignore: decorator
@inline
function sigmoidCrossEntropyGrad<T>(dy: usize, x: usize, z: usize, dx: usize, n: usize): void {
  sigmoidBegin<T>()
  const first = stepStart(n, CHUNK)
  dy += first * sizeof<T>()
  x += first * sizeof<T>()
  z += first * sizeof<T>()
  dx += first * sizeof<T>()
  const end = x + (stepEnd(n, CHUNK) - first) * sizeof<T>()
  while (x < end) {
    v128.store(dx, v128.mul<T>(v128.load(dy), v128.sub<T>(sigmoid<T>(v128.load(x)), v128.load(z))))
    dy += 16
    x += 16
    z += 16
    dx += 16
  }
}

export function sigmoidCrossEntropyGrad_f32(dy: usize, x: usize, z: usize, dx: usize, n: usize): void { sigmoidCrossEntropyGrad<f32>(dy, x, z, dx, n) }
export function sigmoidCrossEntropyGrad_f64(dy: usize, x: usize, z: usize, dx: usize, n: usize): void { sigmoidCrossEntropyGrad<f64>(dy, x, z, dx, n) }
