// Pools of NHWC images: the maximum or the mean of each window, and what their gradients need.
//
// A window is rows × columns of taps, and only those inside the image count; without any, its maximum is −Infinity
// and its mean NaN. As in TensorFlow.js a maximum passes over NaN. The first greatest tap, in order of rows and
// columns, takes the gradient: nobody keeps its place, recomputing the maximum costs no more than reading it.
//
// Vectors run over channels. Taps add up in order of rows and columns; where windows overlap, an element's
// gradients add up in order of the windows. Every part of a divided kernel owns rows of its output, and reads
// whatever windows reach into them.

import { shareEnd, shareStart } from './share'
import { endTap, firstTap } from './taps'
import { lanes, splat, storeLanes } from './vector'

/** What gathers the taps of a window in one vector. */
@final @unmanaged class Max {
  @inline begin<T>(): v128 { return splat<T>(<T>-Infinity) }
  @inline add<T>(sum: v128, v: v128): v128 { return v128.pmax<T>(sum, v) }
  @inline end<T>(sum: v128, taps: v128): v128 { return sum }
}
@final @unmanaged class Mean {
  @inline begin<T>(): v128 { return splat<T>(<T>0) }
  @inline add<T>(sum: v128, v: v128): v128 { return v128.add<T>(sum, v) }
  @inline end<T>(sum: v128, taps: v128): v128 { return v128.div<T>(sum, taps) }
}

/** y = op of rows × columns taps of x, for as many channels as lie before `end`. */
// @ts-ignore: decorator
@inline
function gather<Op, T>(
  x: usize, y: usize, end: usize, rows: isize, columns: isize, rowStep: usize, columnStep: usize,
): void {
  const op = changetype<Op>(0)
  const none = rows <= 0 || columns <= 0
  const count: usize = none ? 0 : rows * columns
  const taps = splat<T>(<T>count)
  const width = columns * columnStep, jump = rowStep - width, height: usize = none ? 0 : rows * rowStep
  while (y + 64 <= end) {
    let s0 = op.begin<T>(), s1 = s0, s2 = s0, s3 = s0
    let p = x
    const bottom = p + height
    while (p != bottom) {
      const right = p + width
      do {
        s0 = op.add<T>(s0, v128.load(p))
        s1 = op.add<T>(s1, v128.load(p, 16))
        s2 = op.add<T>(s2, v128.load(p, 32))
        s3 = op.add<T>(s3, v128.load(p, 48))
        p += columnStep
      } while (p != right)
      p += jump
    }
    v128.store(y, op.end<T>(s0, taps))
    v128.store(y, op.end<T>(s1, taps), 16)
    v128.store(y, op.end<T>(s2, taps), 32)
    v128.store(y, op.end<T>(s3, taps), 48)
    x += 64
    y += 64
  }
  while (y < end) {
    let s = op.begin<T>()
    let p = x
    const bottom = p + height
    while (p != bottom) {
      const right = p + width
      do {
        s = op.add<T>(s, v128.load(p))
        p += columnStep
      } while (p != right)
      p += jump
    }
    storeLanes<T>(y, op.end<T>(s, taps), (end - y) / sizeof<T>())
    x += 16
    y += 16
  }
}

// @ts-ignore: decorator
@inline
function pool<Op, T>(
  x: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), line = inWidth * pixel
  const to = shareEnd(batch * outHeight)
  let r = shareStart(batch * outHeight)
  y += r * outWidth * pixel
  for (; r < to; r++) {
    const image = r / outHeight
    const top: isize = (r - image * outHeight) * strideHeight - padTop
    const firstRow = firstTap(top, dilationHeight)
    const rows = endTap(top, inHeight, filterHeight, dilationHeight) - firstRow
    const from = x + (image * inHeight + top + firstRow * dilationHeight) * line
    let column: usize = 0
    while (column < outWidth) {
      const left: isize = column * strideWidth - padLeft
      const first = firstTap(left, dilationWidth)
      const columns = endTap(left, inWidth, filterWidth, dilationWidth) - first
      // Whole windows side by side are one window of many channels.
      const windows = strideWidth == 1 && columns == <isize>filterWidth
        ? min(outWidth, inWidth + padLeft - (filterWidth - 1) * dilationWidth) - column
        : 1
      const end = y + windows * pixel
      gather<Op, T>(
        from + (left + first * dilationWidth) * pixel, y, end, rows, columns, dilationHeight * line,
        dilationWidth * pixel,
      )
      y = end
      column += windows
    }
  }
}

export function maxPool_f32(
  x: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  pool<Max, f32>(
    x, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function maxPool_f64(
  x: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  pool<Max, f64>(
    x, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function avgPool_f32(
  x: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  pool<Mean, f32>(
    x, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function avgPool_f64(
  x: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  pool<Mean, f64>(
    x, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

/** y = g where x has its first maximum: two vectors of channels, or the first `rest` lanes of one. */
// @ts-ignore: decorator
@inline
function pick<T>(
  x: usize, toG: usize, y: usize, height: usize, width: usize, columnStep: usize, jump: usize, wide: bool, rest: usize,
): void {
  let top0 = splat<T>(<T>-Infinity), top1 = top0
  let open0 = i64x2.splat(-1), open1 = open0, picked0 = i64x2.splat(0), picked1 = picked0
  let p = x
  const bottom = x + height
  while (p != bottom) {
    const right = p + width
    do {
      top0 = v128.pmax<T>(top0, v128.load(p))
      if (wide) top1 = v128.pmax<T>(top1, v128.load(p, 16))
      p += columnStep
    } while (p != right)
    p += jump
  }
  p = x
  while (p != bottom) {
    const right = p + width
    do {
      const g = p + toG
      const here0 = v128.and(open0, v128.eq<T>(v128.load(p), top0))
      picked0 = v128.bitselect(v128.load(g), picked0, here0)
      open0 = v128.andnot(open0, here0)
      if (wide) {
        const here1 = v128.and(open1, v128.eq<T>(v128.load(p, 16), top1))
        picked1 = v128.bitselect(v128.load(g, 16), picked1, here1)
        open1 = v128.andnot(open1, here1)
      }
      p += columnStep
    } while (p != right)
    p += jump
  }
  if (wide) {
    v128.store(y, picked0)
    v128.store(y, picked1, 16)
  } else storeLanes<T>(y, picked0, rest)
}

/** y = g where x has the window's first maximum. */
// @ts-ignore: decorator
@inline
function maxPoolPick<T>(
  x: usize, g: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), line = inWidth * pixel
  const rowStep = dilationHeight * line, columnStep = dilationWidth * pixel
  const to = shareEnd(batch * outHeight)
  let r = shareStart(batch * outHeight)
  y += r * outWidth * pixel
  const toG = g - x
  for (; r < to; r++) {
    const image = r / outHeight
    const top: isize = (r - image * outHeight) * strideHeight - padTop
    const firstRow = firstTap(top, dilationHeight)
    const rows = endTap(top, inHeight, filterHeight, dilationHeight) - firstRow
    const from = x + (image * inHeight + top + firstRow * dilationHeight) * line
    for (let column: usize = 0; column < outWidth; column++) {
      const left: isize = column * strideWidth - padLeft
      const first = firstTap(left, dilationWidth)
      const columns = endTap(left, inWidth, filterWidth, dilationWidth) - first
      const width = columns * columnStep, jump = rowStep - width
      const height: usize = rows <= 0 || columns <= 0 ? 0 : rows * rowStep
      const end = y + pixel
      let at = from + (left + first * dilationWidth) * pixel
      for (; y + 32 <= end; y += 32, at += 32) pick<T>(at, toG, y, height, width, columnStep, jump, true, 0)
      for (; y < end; y += 16, at += 16) {
        pick<T>(at, toG, y, height, width, columnStep, jump, false, (end - y) / sizeof<T>())
      }
      y = end
    }
  }
}

export function maxPoolPick_f32(
  x: usize, g: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  maxPoolPick<f32>(
    x, g, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function maxPoolPick_f64(
  x: usize, g: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  maxPoolPick<f64>(
    x, g, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

/** Where each window's dy goes: to its first maximum, or in equal parts to all of its taps. */
@final @unmanaged class ToMax { @inline get all(): bool { return false } }
@final @unmanaged class ToAll { @inline get all(): bool { return true } }

/** Hands the dy of one window on: two vectors of channels, or the first `rest` lanes of one. */
// @ts-ignore: decorator
@inline
function give<To, T>(
  x: usize, dy: usize, toDx: usize, own: usize, beyond: usize, height: usize, width: usize, columnStep: usize,
  jump: usize, taps: v128, wide: bool, rest: usize,
): void {
  const all = changetype<To>(0).all
  let d0 = v128.load(dy), d1 = d0
  if (wide) d1 = v128.load(dy, 16)
  let top0 = splat<T>(<T>-Infinity), top1 = top0
  let open0 = i64x2.splat(-1), open1 = open0
  let p = x
  const bottom = x + height
  if (all) {
    d0 = v128.div<T>(d0, taps)
    if (wide) d1 = v128.div<T>(d1, taps)
  } else {
    do {
      const right = p + width
      do {
        top0 = v128.pmax<T>(top0, v128.load(p))
        if (wide) top1 = v128.pmax<T>(top1, v128.load(p, 16))
        p += columnStep
      } while (p != right)
      p += jump
    } while (p != bottom)
    p = x
  }
  do {
    const right = p + width
    const mine = p + toDx >= own && p + toDx < beyond
    do {
      let part0 = d0, part1 = d1
      if (!all) {
        const here0 = v128.and(open0, v128.eq<T>(v128.load(p), top0))
        open0 = v128.andnot(open0, here0)
        part0 = v128.and(d0, here0)
        if (wide) {
          const here1 = v128.and(open1, v128.eq<T>(v128.load(p, 16), top1))
          open1 = v128.andnot(open1, here1)
          part1 = v128.and(d1, here1)
        }
      }
      if (mine) {
        const q = p + toDx
        const sum0 = v128.add<T>(v128.load(q), part0)
        if (wide) {
          v128.store(q, sum0)
          v128.store(q, v128.add<T>(v128.load(q, 16), part1), 16)
        } else storeLanes<T>(q, sum0, rest)
      }
      p += columnStep
    } while (p != right)
    p += jump
  } while (p != bottom)
}

/** dx = Σ of the windows' dy, each where `To` has it go. x counts for the maximum alone. */
// @ts-ignore: decorator
@inline
function spread<To, T>(
  x: usize, dy: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), line = inWidth * pixel
  const rowStep = dilationHeight * line, columnStep = dilationWidth * pixel
  const toDx = dx - x
  const to = shareEnd(batch * inHeight)
  let r = shareStart(batch * inHeight)
  while (r < to) {
    // The rows [upper, lower) of one image.
    const image = r / inHeight
    const upper = r - image * inHeight, lower = min(inHeight, upper + to - r)
    const from = x + image * inHeight * line
    const before: isize = upper + padTop - (filterHeight - 1) * dilationHeight
    const lastWindow = min(outHeight, (lower - 1 + padTop) / strideHeight + 1)
    let window: usize = before > 0 ? (before + strideHeight - 1) / strideHeight : 0
    let cleared = upper
    for (; window < lastWindow; window++) {
      const top: isize = window * strideHeight - padTop
      const firstRow = firstTap(top, dilationHeight)
      const rows = endTap(top, inHeight, filterHeight, dilationHeight) - firstRow
      if (rows <= 0) continue
      // Zeros lie down just before they are added to, while they are near.
      const reach = min(lower, top + (filterHeight - 1) * dilationHeight + 1)
      if (reach > cleared) {
        memory.fill(from + toDx + cleared * line, 0, (reach - cleared) * line)
        cleared = reach
      }
      const own = from + toDx + upper * line, beyond = from + toDx + lower * line
      let at = dy + (image * outHeight + window) * outWidth * pixel
      for (let column: usize = 0; column < outWidth; column++) {
        const left: isize = column * strideWidth - padLeft
        const first = firstTap(left, dilationWidth)
        const columns = endTap(left, inWidth, filterWidth, dilationWidth) - first
        const end = at + pixel
        if (columns <= 0) {
          at = end
          continue
        }
        const width = columns * columnStep, jump = rowStep - width, height = rows * rowStep
        const count: usize = rows * columns
        const taps = splat<T>(<T>count)
        let corner = from + (top + firstRow * dilationHeight) * line + (left + first * dilationWidth) * pixel
        for (; at + 32 <= end; at += 32, corner += 32) {
          give<To, T>(corner, at, toDx, own, beyond, height, width, columnStep, jump, taps, true, 0)
        }
        for (; at < end; at += 16, corner += 16) {
          const rest = (end - at) / sizeof<T>()
          give<To, T>(corner, at, toDx, own, beyond, height, width, columnStep, jump, taps, false, rest)
        }
        at = end
      }
    }
    if (cleared < lower) memory.fill(from + toDx + cleared * line, 0, (lower - cleared) * line)
    r += lower - upper
  }
}

export function maxPoolGrad_f32(
  x: usize, dy: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  spread<ToMax, f32>(
    x, dy, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function maxPoolGrad_f64(
  x: usize, dy: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  spread<ToMax, f64>(
    x, dy, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function avgPoolGrad_f32(
  dy: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  spread<ToAll, f32>(
    dx, dy, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function avgPoolGrad_f64(
  dy: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  spread<ToAll, f64>(
    dx, dy, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}
