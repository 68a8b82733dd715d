// Convolution of images [batch, height, width, channels] and its gradients, without an unfolded copy of the images.
//
// A product joins a position of y, a tap (fh, fw) of the filter, and the element of x that lies at position + tap:
//
//        x                                      address of x = the position's offset + the tap's offset
//     ┌─────────────┐
//     │ p · · .     │  positions p, q ...       conv2d            y[position]  = Σ taps       x · w[tap]
//     │ · ┌───┐ .   │  step by the strides,     conv2dGradFilter  dw[tap]      = Σ positions  x · dy[position]
//     │ · │ q │ ·   │  taps · by the dilations  conv2dGradInput   dx[position] = Σ taps      dy · w[tap]
//     │ . └───┘     │
//     └─────────────┘
//
// So each pass is a matrix product whose first operand is read through two tables of offsets (scattered.ts): positions by
// taps, taps by positions, and positions by taps again; there the positions are x's, and the stride divides where it
// multiplied (runs.ts). A tap outside of the image is left out. Positions that meet the same taps make a class: an image
// has a large one in its middle and small ones along its borders, and each goes through the batch by itself.
//
// The order of sums, set by the shape alone:
//   conv2d            the taps in order of fh, fw and channel of x, in one accumulator
//   conv2dGradInput   the taps in order of fh, fw and channel of y, in one accumulator
//   conv2dGradFilter  the classes in order of rows, then columns; in a class the positions in order of batch, row and
//                     column, in the fewest blocks of at most 200, all as long but for the last; each block's sum is one
//                     accumulator, which is added to dw. (Over 43,264 positions the naive order errs by 1.7e-6, these
//                     blocks by 2.0e-7.)
//
// Threads divide the positions of a class, or the elements of dw; each has scratch of its own.

import { packB, packTransposedB } from './pack'
import { findRuns, Run, runBytes } from './runs'
import { ENTRY, entry, ROWS, scattered } from './scattered'
import { part, shareEnd, shareStart } from './share'
import { lanes } from './vector'

/** Positions of a block, so that their part of x and y stays in the nearer caches. */
const POSITIONS: usize = 80

/** Rows of a filter's gradient that are summed at a time, for the same reason. */
const FILTER_ROWS: usize = 60

/** Positions whose products make one sum of a filter's gradient. */
const SUMMED: usize = 200

/** The size of the fewest blocks that cover n: at most `limit`, as equal as multiples of `unit` allow. */
function even(n: usize, limit: usize, unit: usize): usize {
  const units = (n + unit - 1) / unit, blocks = max(1, (n + limit - 1) / limit)
  return max(1, (units + blocks - 1) / blocks) * unit
}

/** Bytes of n columns in panels, for each row. */
// @ts-ignore: decorator
@inline
function panelBytes<T>(n: usize): usize { return (n * sizeof<T>() + 31) / 32 * 32 }

/** Each part's scratch: runs of rows and of columns, the table of positions, the table of taps, and what is packed. */
function scratchBytes<T>(
  pass: i32,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): usize {
  const taps = filterHeight * filterWidth
  const inputs = inChannels / groups, outputs = outChannels / groups
  const runs = pass == 2
    ? runBytes(inHeight, filterHeight, strideHeight) + runBytes(inWidth, filterWidth, strideWidth)
    : runBytes(outHeight, filterHeight, 1) + runBytes(outWidth, filterWidth, 1)
  const tables = (SUMMED + taps * (pass == 2 ? outputs : inputs)) * ENTRY
  const packed = pass == 0 ? taps * inChannels * panelBytes<T>(outputs)
    : pass == 1 ? taps * inputs * 32 + SUMMED * groups * panelBytes<T>(outputs)
    : taps * outChannels * panelBytes<T>(inputs)
  return (runs + tables + packed + 255) & ~63 // packed rows are written in squares, past their end
}

/** The table of a class's positions `from` to `to`: their offsets in the source and in the target. */
function positions(
  at: usize, from: usize, to: usize, rows: Run, columns: Run, sourceHeight: usize, sourceRow: usize, sourceColumn: usize,
  targetHeight: usize, targetRow: usize, targetColumn: usize,
): void {
  const width = <usize>columns.count, height = <usize>rows.count
  let column = from % width, row = from / width % height, image = from / width / height
  while (from < to) {
    let source = (image * sourceHeight + rows.source + row * rows.sourceStep) * sourceRow +
      (columns.source + column * columns.sourceStep) * sourceColumn
    let target = (image * targetHeight + rows.first + row * rows.step) * targetRow +
      (columns.first + column * columns.step) * targetColumn
    const end = min(to, from + width - column)
    for (; from < end; from++) {
      at = entry(at, source, target)
      source += columns.sourceStep * sourceColumn
      target += columns.step * targetColumn
    }
    column = 0
    if (++row == height) {
      row = 0
      image++
    }
  }
}

/** The table of a class's taps and their channels: offsets in the source and in the filter. Returns their number. */
function taps<T>(
  at: usize, rows: Run, columns: Run, sourceRow: usize, sourceColumn: usize, channels: usize, filterWidth: usize,
  tapBytes: usize, channelBytes: usize,
): usize {
  const from = at
  for (let i: isize = 0; i < rows.taps; i++) {
    for (let j: isize = 0; j < columns.taps; j++) {
      let source = i * rows.tapSourceStep * sourceRow + j * columns.tapSourceStep * sourceColumn
      const tap = (rows.firstTap + i * rows.tapStep) * filterWidth + columns.firstTap + j * columns.tapStep
      let filter = tap * tapBytes
      for (let c: usize = 0; c < channels; c++) {
        at = entry(at, source, filter)
        source += sizeof<T>()
        filter += channelBytes
      }
    }
  }
  return (at - from) / ENTRY
}

/**
 * The class's part of the filter in panels of the target's channels, a group's after another's. A row of w belongs to a
 * channel of x, so the gradient of x has its panels across. Either way w is read in the order in which it lies.
 */
function packFilter<T>(
  w: usize, rowW: usize, terms: usize, k: usize, channels: usize, n: usize, groups: usize, transposed: bool, out: usize,
): void {
  const wide: usize = 2 * lanes<T>(), panels = (n + wide - 1) / wide, taps = k / max(1, channels)
  for (let g: usize = 0; g < groups; g++) {
    const group = w + g * (transposed ? channels : n) * sizeof<T>()
    for (let i: usize = 0; i < panels * taps; i++) {
      const panel = transposed ? i / taps : i % panels, tap = (transposed ? i % taps : i / panels) * channels
      const from = group + load<usize>(terms + tap * ENTRY, 4), to = out + ((g * panels + panel) * k + tap) * 32
      if (transposed) packTransposedB<T>(from + panel * wide * rowW, rowW, to, min(wide, n - panel * wide), channels)
      else packB<T>(from + panel * 32, rowW, to, wide, channels)
    }
  }
}

/** Targets are sums over the taps: class by class, block by block of this thread's positions. */
function sumTaps<T>(
  source: usize, w: usize, target: usize, rowRuns: usize, columnRuns: usize, end: usize, batch: usize,
  sourceHeight: usize, sourceWidth: usize, sourceChannels: usize, targetHeight: usize, targetWidth: usize,
  targetChannels: usize, filterHeight: usize, filterWidth: usize, groups: usize, transposed: bool,
): void {
  const channels = sourceChannels / groups, n = targetChannels / groups
  const sourceColumn = sourceChannels * sizeof<T>(), sourceRow = sourceWidth * sourceColumn
  const targetColumn = targetChannels * sizeof<T>(), targetRow = targetWidth * targetColumn
  const rowW = transposed ? sourceColumn : targetColumn, tapBytes = (transposed ? n : channels) * rowW
  const table = end, terms = table + SUMMED * ENTRY, filter = terms + filterHeight * filterWidth * channels * ENTRY
  for (let r = rowRuns; r < columnRuns; r += offsetof<Run>()) {
    for (let c = columnRuns; c < end; c += offsetof<Run>()) {
      const rows = changetype<Run>(r), columns = changetype<Run>(c)
      const all = batch * rows.count * columns.count
      const first = shareStart(all), last = shareEnd(all)
      if (first == last) continue
      const k = taps<T>(terms, rows, columns, sourceRow, sourceColumn, channels, filterWidth, tapBytes, 0)
      packFilter<T>(w, rowW, terms, k, channels, n, groups, transposed, filter)
      const height = even(last - first, POSITIONS, ROWS)
      for (let i = first; i < last; i += height) {
        const m = min(height, last - i)
        positions(
          table, i, i + m, rows, columns, sourceHeight, sourceRow, sourceColumn, targetHeight, targetRow, targetColumn,
        )
        for (let g: usize = 0; g < groups; g++) {
          const a = source + g * channels * sizeof<T>(), y = target + g * n * sizeof<T>()
          scattered<T>(table, m, a, terms, k, filter + g * k * panelBytes<T>(n), y, n)
        }
      }
    }
  }
}

function forward<T>(
  x: usize, w: usize, y: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  scratch += part * scratchBytes<T>(
    0,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
  const columnRuns = findRuns(scratch, outHeight, filterHeight, inHeight, strideHeight, -padTop, dilationHeight, 1)
  const end = findRuns(columnRuns, outWidth, filterWidth, inWidth, strideWidth, -padLeft, dilationWidth, 1)
  sumTaps<T>(
    x, w, y, scratch, columnRuns, end, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels,
    filterHeight, filterWidth, groups, false,
  )
}

function gradInput<T>(
  dy: usize, w: usize, dx: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  scratch += part * scratchBytes<T>(
    2,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
  const columnRuns = findRuns(scratch, inHeight, filterHeight, outHeight, 1, padTop, -dilationHeight, strideHeight)
  const end = findRuns(columnRuns, inWidth, filterWidth, outWidth, 1, padLeft, -dilationWidth, strideWidth)
  sumTaps<T>(
    dy, w, dx, scratch, columnRuns, end, batch, outHeight, outWidth, outChannels, inHeight, inWidth, inChannels,
    filterHeight, filterWidth, groups, true,
  )
}

/** How many entries of the table, which rises, come before the given offset of theirs. */
function countBefore(table: usize, size: usize, offset: usize): usize {
  let low: usize = 0, high = size
  while (low < high) {
    const middle = (low + high) / 2
    if (load<usize>(table + middle * ENTRY, 4) < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Adds m rows of a panel to theirs of dw. Doing it in the tile costs 15 %: with a branch behind its loop V8 spills. */
function addSums<T>(table: usize, m: usize, sums: usize, dw: usize, rowW: usize, columns: usize): void {
  for (const end = table + m * ENTRY; table < end; table += ENTRY) {
    const offset = load<usize>(table, 4), from = sums + offset, to = dw + offset / 32 * rowW
    if (columns >= 2 * lanes<T>()) {
      v128.store(to, v128.add<T>(v128.load(to), v128.load(from)))
      v128.store(to, v128.add<T>(v128.load(to, 16), v128.load(from, 16)), 16)
    } else {
      for (let c: usize = 0; c < columns * sizeof<T>(); c += sizeof<T>()) {
        store<T>(to + c, load<T>(to + c) + load<T>(from + c))
      }
    }
  }
}

/**
 * Rows of dw are taps and their channels, and its columns go in panels, a group's after another's. A thread has a stretch
 * of that list of rows of panels: the same in every class, so that nobody else adds to its elements.
 */
function gradFilter<T>(
  x: usize, dy: usize, dw: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  scratch += part * scratchBytes<T>(
    1,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
  const columnRuns = findRuns(scratch, outHeight, filterHeight, inHeight, strideHeight, -padTop, dilationHeight, 1)
  const end = findRuns(columnRuns, outWidth, filterWidth, inWidth, strideWidth, -padLeft, dilationWidth, 1)
  const channels = inChannels / groups, n = outChannels / groups, allRows = filterHeight * filterWidth * channels
  const columnX = inChannels * sizeof<T>(), rowX = inWidth * columnX
  const columnY = outChannels * sizeof<T>(), rowY = outWidth * columnY
  const terms = end, table = end + SUMMED * ENTRY, sums = table + allRows * ENTRY, packed = sums + allRows * 32
  const panels = panelBytes<T>(n) / 32
  const first = shareStart(groups * panels * allRows), last = shareEnd(groups * panels * allRows)
  if (first == last) return
  const firstPanel = first / allRows, lastPanel = (last + allRows - 1) / allRows

  for (let row: usize = 0, at = table; row < allRows; row++) at = entry(at, 0, row * columnY)
  for (let p = firstPanel; p < lastPanel; p++) {
    const g = p / panels, j = p % panels * 2 * lanes<T>()
    const from = p == firstPanel ? first - p * allRows : 0, to = min(allRows, last - p * allRows)
    scattered<T>(
      table + from * ENTRY, to - from, 0, terms, 0, 0, dw + (g * n + j) * sizeof<T>(), min<usize>(2 * lanes<T>(), n - j),
    )
  }

  for (let r = scratch; r < columnRuns; r += offsetof<Run>()) {
    for (let c = columnRuns; c < end; c += offsetof<Run>()) {
      const rows = changetype<Run>(r), columns = changetype<Run>(c)
      const all = batch * rows.count * columns.count
      const m = taps<T>(table, rows, columns, rowX, columnX, channels, filterWidth, channels * 32, 32)
      if (m == 0) continue
      const depth = even(all, SUMMED, 1), height = even(m, FILTER_ROWS, ROWS)
      for (let i: usize = 0; i < all; i += depth) {
        const k = min(depth, all - i)
        positions(terms, i, i + k, rows, columns, inHeight, rowX, columnX, outHeight, rowY, columnY)
        for (let p = firstPanel, out = packed; p < lastPanel; p++) {
          const panel = dy + p / panels * n * sizeof<T>() + p % panels * 32
          for (let term = terms; term < terms + k * ENTRY; term += ENTRY, out += 32) {
            const y = panel + load<usize>(term, 4)
            v128.store(out, v128.load(y))
            v128.store(out, v128.load(y, 16), 16)
          }
        }
        for (let q: usize = 0; q < m; q += height) {
          for (let p = firstPanel; p < lastPanel; p++) {
            const g = p / panels, j = p % panels * 2 * lanes<T>()
            const from = p == firstPanel ? max(q, countBefore(table, m, (first - p * allRows) * 32)) : q
            const to = min(q + height, p == lastPanel - 1 ? countBefore(table, m, (last - p * allRows) * 32) : m)
            if (from >= to) continue
            const own = table + from * ENTRY
            scattered<T>(
              own, to - from, x + g * channels * sizeof<T>(), terms, k, packed + (p - firstPanel) * k * 32, sums,
              n - j > lanes<T>() ? 2 * lanes<T>() : lanes<T>(),
            )
            addSums<T>(own, to - from, sums, dw + (g * n + j) * sizeof<T>(), columnY, n - j)
          }
        }
      }
    }
  }
}

export function conv2d_f32(
  x: usize, w: usize, y: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  forward<f32>(
    x, w, y, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2d_f64(
  x: usize, w: usize, y: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  forward<f64>(
    x, w, y, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradFilter_f32(
  x: usize, dy: usize, dw: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  gradFilter<f32>(
    x, dy, dw, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradFilter_f64(
  x: usize, dy: usize, dw: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  gradFilter<f64>(
    x, dy, dw, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradInput_f32(
  dy: usize, w: usize, dx: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  gradInput<f32>(
    dy, w, dx, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradInput_f64(
  dy: usize, w: usize, dx: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  gradInput<f64>(
    dy, w, dx, scratch,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

/** Bytes of scratch of one part: pass 0 is the convolution, 1 its filter's gradient, 2 its input's. */
export function conv2dScratch_f32(
  pass: i32,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): usize {
  return scratchBytes<f32>(
    pass,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dScratch_f64(
  pass: i32,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize, outChannels: usize,
  filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize, dilationHeight: usize,
  dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): usize {
  return scratchBytes<f64>(
    pass,
    batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth, strideHeight,
    strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}
