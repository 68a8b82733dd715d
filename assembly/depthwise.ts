// Depthwise convolution of NHWC images: every channel by a filter of its own, and its two gradients.
//
// All three are sums of products of neighbours in channels, so that vectors run over channels, and all three spend
// their time in the same loop, `tile`: some positions of y, `stepY` apart, and for each of rows × columns taps one
// vector of w that serves all of them.
//
//                    y               x                          w           taps, in order
//   forward          output row      input, taps ahead          filter      its rows and columns
//   input gradient   input row       dy, taps behind            filter      its rows and columns
//   filter gradient  filter row      input, one row             dy          the columns of an output row
//
// What lies outside the image counts for nothing. An element of the output or of the input's gradient is the plain
// sum over the filter, bit for bit; one of the filter's gradient adds up in order of the positions within blocks of
// max(1, 256 / outWidth) rows of one image, and the sums of the blocks add up in order.

import { shareEnd, shareStart } from './share'
import { endTap, firstTap } from './taps'
import { storeLanes } from './vector'

/** How many positions a tile has, as a type: each is compiled for itself. */
@final @unmanaged class One { @inline get count(): usize { return 1 } }
@final @unmanaged class Two { @inline get count(): usize { return 2 } }
@final @unmanaged class Three { @inline get count(): usize { return 3 } }

/**
 * y = Σ x · w, or y += with `add`, over rows × columns taps, for P positions and `bytes` of channels.
 *
 * Three positions of two vectors are six sums under way, as many as two adders of three cycles can hold. A fourth
 * costs 5 %, two loops in place of the flat one 4 %.
 */
function tile<T, P>(
  x: usize, stepX: usize, rowX: usize, columnX: usize, w: usize, rowW: usize, columnW: usize, y: usize, stepY: usize,
  bytes: usize, rows: usize, columns: usize, add: bool,
): void {
  const count = changetype<P>(0).count
  const x1 = stepX, x2 = x1 + stepX
  const y1 = stepY, y2 = y1 + stepY
  const width = columns * columnX, jump = rowX - width, jumpW = rowW - columns * columnW
  const taps = rows * columns, end = y + bytes
  while (y + 32 <= end) {
    let c00 = i64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00
    if (add) {
      c00 = v128.load(y); c01 = v128.load(y, 16)
      if (count > 1) { c10 = v128.load(y + y1); c11 = v128.load(y + y1, 16) }
      if (count > 2) { c20 = v128.load(y + y2); c21 = v128.load(y + y2, 16) }
    }
    let p = x, q = w, right = x + width, rest = taps
    do {
      if (p == right) {
        p += jump
        q += jumpW
        right += rowX
      }
      const w0 = v128.load(q), w1 = v128.load(q, 16)
      c00 = v128.add<T>(c00, v128.mul<T>(v128.load(p), w0))
      c01 = v128.add<T>(c01, v128.mul<T>(v128.load(p, 16), w1))
      if (count > 1) {
        c10 = v128.add<T>(c10, v128.mul<T>(v128.load(p + x1), w0))
        c11 = v128.add<T>(c11, v128.mul<T>(v128.load(p + x1, 16), w1))
      }
      if (count > 2) {
        c20 = v128.add<T>(c20, v128.mul<T>(v128.load(p + x2), w0))
        c21 = v128.add<T>(c21, v128.mul<T>(v128.load(p + x2, 16), w1))
      }
      p += columnX
      q += columnW
    } while (--rest)
    v128.store(y, c00); v128.store(y, c01, 16)
    if (count > 1) { v128.store(y + y1, c10); v128.store(y + y1, c11, 16) }
    if (count > 2) { v128.store(y + y2, c20); v128.store(y + y2, c21, 16) }
    x += 32
    w += 32
    y += 32
  }
  while (y < end) {
    const lanes = (end - y) / sizeof<T>()
    let c00 = i64x2.splat(0), c10 = c00, c20 = c00
    if (add) {
      c00 = v128.load(y)
      if (count > 1) c10 = v128.load(y + y1)
      if (count > 2) c20 = v128.load(y + y2)
    }
    let p = x, q = w, right = x + width, rest = taps
    do {
      if (p == right) {
        p += jump
        q += jumpW
        right += rowX
      }
      const w0 = v128.load(q)
      c00 = v128.add<T>(c00, v128.mul<T>(v128.load(p), w0))
      if (count > 1) c10 = v128.add<T>(c10, v128.mul<T>(v128.load(p + x1), w0))
      if (count > 2) c20 = v128.add<T>(c20, v128.mul<T>(v128.load(p + x2), w0))
      p += columnX
      q += columnW
    } while (--rest)
    storeLanes<T>(y, c00, lanes)
    if (count > 1) storeLanes<T>(y + y1, c10, lanes)
    if (count > 2) storeLanes<T>(y + y2, c20, lanes)
    x += 16
    w += 16
    y += 16
  }
}

// @ts-ignore: decorator
@inline
function tileOf<T>(
  positions: usize, x: usize, stepX: usize, rowX: usize, columnX: usize, w: usize, rowW: usize, columnW: usize,
  y: usize, stepY: usize, bytes: usize, rows: usize, columns: usize, add: bool,
): void {
  switch (positions) {
    case 3: tile<T, Three>(x, stepX, rowX, columnX, w, rowW, columnW, y, stepY, bytes, rows, columns, add); break
    case 2: tile<T, Two>(x, stepX, rowX, columnX, w, rowW, columnW, y, stepY, bytes, rows, columns, add); break
    default: tile<T, One>(x, stepX, rowX, columnX, w, rowW, columnW, y, stepY, bytes, rows, columns, add)
  }
}

/**
 * `count` positions of a row of y. The first tap of the first one is element `start` of the row at x, counted in
 * steps of `pixel`; that of the next one is `stride` further on, and of `size` elements there are.
 */
// @ts-ignore: decorator
@inline
function positions<T>(
  x: usize, pixel: usize, rowX: usize, start: isize, stride: isize, size: isize, w: usize, rowW: usize, columnW: usize,
  y: usize, stepY: usize, bytes: usize, count: usize, rows: isize, taps: isize, dilation: isize,
): void {
  while (count > 0) {
    const first = firstTap(start, dilation), end = endTap(start, size, taps, dilation)
    // From one position to the next, taps drop out on one side and come in on the other: where the last of a few has
    // the same taps as the first, all have.
    let some = min<usize>(3, count)
    while (some > 1) {
      const far = start + (some - 1) * stride
      if (firstTap(far, dilation) == first && endTap(far, size, taps, dilation) == end) break
      some--
    }
    if (rows > 0 && end > first) {
      tileOf<T>(
        some, x + (start + first * dilation) * pixel, stride * pixel, rowX, dilation * pixel, w + first * columnW, rowW,
        columnW, y, stepY, bytes, rows, end - first, false,
      )
    } else for (let i: usize = 0; i < some; i++) memory.fill(y + i * stepY, 0, bytes)
    start += some * stride
    y += some * stepY
    count -= some
  }
}

/** y[i, j, c] = Σ x[i · stride + fh · dilation − pad, ..., c] · w[fh, fw, c] */
// @ts-ignore: decorator
@inline
function depthwiseConv2d<T>(
  x: usize, w: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), lineX = inWidth * pixel, lineY = outWidth * pixel, lineW = filterWidth * pixel
  const to = shareEnd(batch * outHeight)
  for (let r = shareStart(batch * outHeight); r < to; r++) {
    const image = r / outHeight
    const top: isize = (r - image * outHeight) * strideHeight - padTop
    const first = firstTap(top, dilationHeight)
    const rows = endTap(top, inHeight, filterHeight, dilationHeight) - first
    positions<T>(
      x + (image * inHeight + top + first * dilationHeight) * lineX, pixel, dilationHeight * lineX, -padLeft,
      strideWidth, inWidth, w + first * lineW, lineW, pixel, y + r * lineY, pixel, pixel, outWidth, rows, filterWidth,
      dilationWidth,
    )
  }
}

/** The smallest step between taps that fall on windows: every so many of a filter's taps meet the same element. */
function tapStep(stride: usize, dilation: usize): usize {
  let a = stride, b = dilation
  while (b) {
    const rest = a % b
    a = b
    b = rest
  }
  return stride / a
}

/** The first tap that falls on a window when it is at this distance from the first window's first, or −1. */
function tapOn(distance: isize, stride: isize, dilation: isize, step: isize): isize {
  for (let tap: isize = 0; tap < step; tap++) if ((distance - tap * dilation) % stride == 0) return tap
  return -1
}

/**
 * dx[i, j, c] = Σ dy[(i + pad − fh · dilation) / stride, ..., c] · w[fh, fw, c] over the taps where that divides.
 *
 * Seen from its last element on, a row of dy is to dx what a row of x is to y: taps lie ahead. With a stride, the
 * positions of one phase, so many apart, share a subset of the taps.
 */
// @ts-ignore: decorator
@inline
function depthwiseConv2dGradInput<T>(
  dy: usize, w: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), lineX = inWidth * pixel, lineY = outWidth * pixel, lineW = filterWidth * pixel
  const stepHeight = tapStep(strideHeight, dilationHeight), stepWidth = tapStep(strideWidth, dilationWidth)
  const spanHeight = stepHeight * dilationHeight / strideHeight, spanWidth = stepWidth * dilationWidth / strideWidth
  const to = shareEnd(batch * inHeight)
  for (let r = shareStart(batch * inHeight); r < to; r++) {
    const image = r / inHeight
    const down: isize = r - image * inHeight + padTop
    const upper = tapOn(down, strideHeight, dilationHeight, stepHeight)
    let start: isize = 0, first: isize = 0, rows: isize = 0
    if (upper >= 0 && upper < <isize>filterHeight) {
      start = outHeight - 1 - (down - upper * dilationHeight) / <isize>strideHeight
      first = firstTap(start, spanHeight)
      const taps = (filterHeight - upper + stepHeight - 1) / stepHeight
      rows = endTap(start, outHeight, taps, spanHeight) - first
    }
    const lastRow = outHeight - 1 - (start + first * spanHeight)
    const at = dy + (image * outHeight + lastRow) * lineY + lineY - pixel
    const filter = w + (upper + first * stepHeight) * lineW
    for (let phase: usize = 0; phase < min(strideWidth, inWidth); phase++) {
      const along: isize = phase + padLeft
      const left = tapOn(along, strideWidth, dilationWidth, stepWidth)
      const some = left >= 0 && left < <isize>filterWidth
      positions<T>(
        at, -pixel, -spanHeight * lineY,
        outWidth - 1 - (along - left * dilationWidth) / <isize>strideWidth, -1, outWidth,
        filter + left * pixel, stepHeight * lineW, stepWidth * pixel, dx + r * lineX + phase * pixel,
        strideWidth * pixel, pixel, (inWidth - phase + strideWidth - 1) / strideWidth, some ? rows : 0,
        (filterWidth - left + stepWidth - 1) / stepWidth, spanWidth,
      )
    }
  }
}

/** dw[fh, fw, c] = Σ x[i · stride + fh · dilation − pad, ..., c] · dy[i, j, c]. The scratch is as large as dw. */
// @ts-ignore: decorator
@inline
function depthwiseConv2dGradFilter<T>(
  x: usize, dy: usize, dw: usize, scratch: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  const pixel = channels * sizeof<T>(), lineX = inWidth * pixel, lineY = outWidth * pixel
  const taps = filterHeight * filterWidth
  const vectors = (pixel + 15) / 16
  const from = shareStart(vectors) * 16, bytes = min(pixel, shareEnd(vectors) * 16) - from
  if (<isize>bytes <= 0) return
  x += from
  dy += from
  dw += from
  scratch += from
  for (let tap: usize = 0; tap < taps; tap++) memory.fill(dw + tap * pixel, 0, bytes)
  const height = max<usize>(1, 256 / outWidth)
  for (let image: usize = 0; image < batch; image++) {
    for (let upper: usize = 0; upper < outHeight; upper += height) {
      const lower = min(outHeight, upper + height)
      for (let tap: usize = 0; tap < taps; tap++) memory.fill(scratch + tap * pixel, 0, bytes)
      for (let row = upper; row < lower; row++) {
        const top: isize = row * strideHeight - padTop
        const endRow = endTap(top, inHeight, filterHeight, dilationHeight)
        for (let tapRow = firstTap(top, dilationHeight); tapRow < endRow; tapRow++) {
          const line = x + (image * inHeight + top + tapRow * dilationHeight) * lineX
          let column: usize = 0
          while (column < outWidth) {
            const left: isize = column * strideWidth - padLeft
            let tap = firstTap(left, dilationWidth)
            const endColumn = endTap(left, inWidth, filterWidth, dilationWidth)
            // Windows that are whole go together.
            const windows = endColumn - tap == filterWidth
              ? min(outWidth, (inWidth + padLeft - (filterWidth - 1) * dilationWidth - 1) / strideWidth + 1) - column
              : 1
            while (tap < endColumn) {
              const some = min(3, endColumn - tap)
              tileOf<T>(
                some, line + (left + tap * dilationWidth) * pixel, dilationWidth * pixel, 0, strideWidth * pixel,
                dy + (image * outHeight + row) * lineY + column * pixel, 0, pixel,
                scratch + (tapRow * filterWidth + tap) * pixel, pixel, bytes, 1, windows, true,
              )
              tap += some
            }
            column += windows
          }
        }
      }
      for (let tap: usize = 0; tap < taps; tap++) {
        for (let i: usize = 0; i < bytes; i += 16) {
          const at = tap * pixel + i
          storeLanes<T>(dw + at, v128.add<T>(v128.load(dw + at), v128.load(scratch + at)), (bytes - i) / sizeof<T>())
        }
      }
    }
  }
}

export function depthwiseConv2d_f32(
  x: usize, w: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2d<f32>(
    x, w, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function depthwiseConv2d_f64(
  x: usize, w: usize, y: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2d<f64>(
    x, w, y, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function depthwiseConv2dGradInput_f32(
  dy: usize, w: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2dGradInput<f32>(
    dy, w, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function depthwiseConv2dGradInput_f64(
  dy: usize, w: usize, dx: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2dGradInput<f64>(
    dy, w, dx, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function depthwiseConv2dGradFilter_f32(
  x: usize, dy: usize, dw: usize, scratch: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2dGradFilter<f32>(
    x, dy, dw, scratch, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}

export function depthwiseConv2dGradFilter_f64(
  x: usize, dy: usize, dw: usize, scratch: usize, batch: usize, inHeight: usize, inWidth: usize, channels: usize,
  outHeight: usize, outWidth: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize,
): void {
  depthwiseConv2dGradFilter<f64>(
    x, dy, dw, scratch, batch, inHeight, inWidth, channels, outHeight, outWidth, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft,
  )
}
