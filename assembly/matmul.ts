// y = op(a) · op(b): the naive product, bit for bit, at the speed of the multipliers.
//
// Every element of y is one accumulator that adds its k products in order of k, multiply then add, in
// its own precision. Vectors run over columns, never over k; where k is cut into blocks, the
// accumulators wait in y. So no choice made here, of tile, block or packing, can change a bit.
//
//                  n
//              ┌──┬──┬──┐        from the outside in
//            k │  │░░│  │        NC columns of b, KC rows deep: 1 MiB, in the outer caches
//              └──┴──┴──┘        MC rows of a, as deep: 120 KiB, in the second cache
//         k      8  8  8         a panel ░ of b: 8 columns, 16 KiB, in the first cache
//      ┌─────┐ ┌──┬──┬──┐        a tile ▒ of y: 5 rows of a by 8 columns, ten accumulators
//    5 │     │ │  │▒▒│  │        k: one row of the panel by one column of a
//      ├─────┤ ├──┼──┼──┤
//  m 5 │     │ │  │  │  │        (8 columns of f32 or i32, 4 of f64: two vectors)
//      └─────┘ └──┴──┴──┘
//         a         y
//
// The tile (tile.ts) sees a and b through strides. A packed block (pack.ts) has strides like any other,
// a transposed a needs no code of its own, and small products run on a and b as they lie.

import { packB, packTransposedA, packTransposedB } from './pack'
import { part, parts, shareEnd, shareStart } from './share'
import { fewRows, oneRowTransposed } from './thin'
import { ROWS, tileOfColumns } from './tile'
import { lanes } from './vector'

export const KC: usize = 512
const MC: usize = 60
const NC: usize = 512

/** Bytes of a block of b that is read as it lies: panels share cache lines, so all of it must stay near. */
const DIRECT: usize = 131072

/** The size of the fewest blocks that cover n: at most `limit`, as equal as multiples of `unit` allow. */
function share(n: usize, limit: usize, unit: usize): usize {
  const units = (n + unit - 1) / unit, blocks = max(1, (n + limit - 1) / limit)
  return (units + blocks - 1) / blocks * unit
}

/** Packing a costs m · k copies and serves n columns. As it lies, only a transposed a reads badly. */
// @ts-ignore: decorator
@inline
function packsA(m: usize, n: usize, k: usize, transposeA: i32): bool {
  return transposeA != 0 && n >= 64 && m * k >= 16384
}

/** Packing b costs k · n copies and serves m rows. A transposed b has its columns apart: it must. */
// @ts-ignore: decorator
@inline
function packsB<T>(m: usize, n: usize, transposeB: i32): bool {
  return transposeB != 0 || (m >= 48 && m * n * sizeof<T>() >= 65536)
}

/** Bytes of a packed block of b: whole panels, and what the turned squares write over the last one's end. */
// @ts-ignore: decorator
@inline
function packedB<T>(n: usize, k: usize): usize {
  return (min(NC, n) * sizeof<T>() + 31) / 32 * 32 * min(KC, k) + 128
}

/** The bytes of a row of y from which a short sum is thin whatever the number of rows. */
const THIN: usize = 512

/** Whether a product is too thin for blocks: a row or two of y, or hardly anything to add up for each element. */
// @ts-ignore: decorator
@inline
function isThin<T>(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): bool {
  if (k == 0) return false
  if (transposeB) return m == 1 && !transposeA && n * sizeof<T>() >= 32
  return n * sizeof<T>() >= 128 && (m <= 2 || (k <= 4 && n * sizeof<T>() >= THIN))
}

/** Bytes of what one part packs, with the slack behind it. The scratch memory of part t begins at t times as many. */
function scratchBytes<T>(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): usize {
  if (n == 1 && m > 1) return scratchBytes<T>(1, m, k, 0, 1 - transposeA)
  if (m == 1) transposeA = 0
  if (k == 1) transposeB = 0
  // A part's share of thin columns may be too few of them for that.
  const few: usize = transposeB ? 2 * lanes<T>() : min(n, THIN / sizeof<T>())
  const columns = isThin<T>(m, n, k, transposeA, transposeB) ? few : n
  let bytes = packsB<T>(m, n, transposeB) ? packedB<T>(columns, k) : 0
  if (packsA(m, n, k, transposeA)) bytes += min(MC, m) * min(KC, k) * sizeof<T>()
  return bytes > 0 ? (bytes + 127) / 64 * 64 : 0
}

function product<T>(
  a: usize, rowA: usize, stepA: usize, b: usize, rowB: usize, columnB: usize, y: usize, rowY: usize, scratch: usize,
  m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
): void {
  if (isThin<T>(m, n, k, transposeA, transposeB)) {
    if (transposeB) return oneRowTransposed<T>(a, b, columnB, y, n, k)
    if (m <= 2) return fewRows<T>(a, rowA, stepA, b, rowB, y, rowY, m, n, k)
    for (let i: usize = 0; i < m; i++, a += rowA, y += rowY) fewRows<T>(a, 0, stepA, b, rowB, y, 0, 1, n, k)
    return
  }
  const size = sizeof<T>()
  const packingA = packsA(m, n, k, transposeA), packingB = packsB<T>(m, n, transposeB)
  const scratchA = packingB ? scratch + packedB<T>(n, k) : scratch
  const width = share(n, NC, 2 * lanes<T>()), height = share(m, MC, ROWS)
  for (let jc: usize = 0; jc < n; jc += width) {
    const nc = min(width, n - jc)
    const depth = share(k, packingB ? KC : max(16, min(KC, DIRECT / (nc * size))), 1)
    let pc: usize = 0
    do { // once even for k = 0: an empty sum is 0
      const kc = min(depth, k - pc)
      let blockB = b + pc * rowB + jc * columnB, stepB = rowB, panelB: usize = 32
      if (packingB) {
        if (transposeB) packTransposedB<T>(blockB, columnB, scratch, nc, kc)
        else packB<T>(blockB, rowB, scratch, nc, kc)
        blockB = scratch
        stepB = 32
        panelB = 32 * kc
      }
      for (let ic: usize = 0; ic < m; ic += height) {
        const mc = min(height, m - ic)
        let blockA = a + ic * rowA + pc * stepA
        if (packingA) {
          packTransposedA<T>(blockA, stepA, scratchA, mc, kc)
          blockA = scratchA
        }
        block<T>(
          blockA, rowA, stepA, packingA, blockB, stepB, panelB, y + ic * rowY + jc * size, rowY, mc, nc, kc, pc == 0,
        )
      }
      pc += depth
    } while (pc < k)
  }
}

/**
 * One block of a against one of b: panel by panel of b, tile by tile of a. The rows are shared out
 * evenly among the fewest tiles, the higher ones first: 6 = 3 + 3 and 32 = 5 + 5 + 5 + 5 + 4 + 4 + 4.
 *
 * There are two loops so that every tile has two callers. A single one would have it inlined, and V8
 * unrolls the inner loop of nested loops.
 */
export function block<T>(
  a: usize, rowA: usize, stepA: usize, packedA: bool, b: usize, stepB: usize, panelB: usize, y: usize, rowY: usize,
  m: usize, n: usize, k: usize, first: bool,
): void {
  const tiles = (m + ROWS - 1) / ROWS, rows = m / tiles, higher = (m - rows * tiles) * (rows + 1)
  const pitch = packedA ? k * sizeof<T>() : rowA
  const stride = packedA ? sizeof<T>() : rowA
  for (let j: usize = 0; j < n; j += 2 * lanes<T>(), b += panelB, y += 32) {
    let i: usize = 0
    let step = packedA ? (rows + 1) * sizeof<T>() : stepA
    for (; i < higher; i += rows + 1) {
      tileOfColumns<T>(rows + 1, a + i * pitch, stride, step, b, stepB, y + i * rowY, rowY, k, first, n - j)
    }
    step = packedA ? rows * sizeof<T>() : stepA
    for (; i < m; i += rows) {
      tileOfColumns<T>(rows, a + i * pitch, stride, step, b, stepB, y + i * rowY, rowY, k, first, n - j)
    }
  }
}

/** The least work, in multiplications, that is worth dividing: some microseconds. */
export const WORTH: f64 = 131072

/** The largest of the parts when n units are divided. */
// @ts-ignore: decorator
@inline
function largest(n: usize): usize { return (n + parts - 1) / parts }

/**
 * The products of a batch, or this part's share of them. y is divided by batches, rows or columns, whichever makes
 * the largest share the smallest; every part packs what it needs itself, into scratch memory of its own.
 */
function matMul<T>(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
  batch: usize, strideA: usize, strideB: usize,
): void {
  // A column of y is a row.
  if (n == 1 && m > 1) return matMul<T>(b, a, y, scratch, 1, m, k, 0, 1 - transposeA, batch, strideB, strideA)
  const size = sizeof<T>()
  // A single column lies as a single row does.
  if (m == 1) transposeA = 0
  if (k == 1) transposeB = 0
  const rowA = transposeA ? size : k * size, stepA = transposeA ? m * size : size
  const rowB = transposeB ? size : n * size, columnB = transposeB ? k * size : size
  const rowY = n * size

  let i: usize = 0, rows = m, j: usize = 0, columns = n, t: usize = 0, end = batch
  if (parts > 1) {
    if (<f64>batch * <f64>m * <f64>n * <f64>k < WORTH) {
      if (part > 0) return
    } else {
      const unit: usize = (m > 1 ? 2 : 8) * lanes<T>(), units = (n + unit - 1) / unit
      const byBatch = largest(batch) * m * n
      const byRows = batch * largest(m) * n, byColumns = batch * m * min(n, largest(units) * unit)
      if (byBatch <= min(byRows, byColumns)) {
        t = shareStart(batch)
        end = shareEnd(batch)
      } else if (byRows < byColumns || (byRows == byColumns && m >= n)) {
        i = shareStart(m)
        rows = shareEnd(m) - i
      } else {
        j = min(n, shareStart(units) * unit)
        columns = min(n, shareEnd(units) * unit) - j
      }
      scratch += part * scratchBytes<T>(m, n, k, transposeA, transposeB)
    }
  }
  if (rows == 0 || columns == 0) return

  a += i * rowA
  b += j * columnB
  y += i * rowY + j * size
  for (; t < end; t++) {
    product<T>(
      a + t * strideA * size, rowA, stepA, b + t * strideB * size, rowB, columnB, y + t * m * rowY, rowY, scratch,
      rows, columns, k, transposeA, transposeB,
    )
  }
}

export function matMul_f32(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
  batch: usize, strideA: usize, strideB: usize,
): void { matMul<f32>(a, b, y, scratch, m, n, k, transposeA, transposeB, batch, strideA, strideB) }

export function matMul_f64(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
  batch: usize, strideA: usize, strideB: usize,
): void { matMul<f64>(a, b, y, scratch, m, n, k, transposeA, transposeB, batch, strideA, strideB) }

export function matMul_i32(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
  batch: usize, strideA: usize, strideB: usize,
): void { matMul<i32>(a, b, y, scratch, m, n, k, transposeA, transposeB, batch, strideA, strideB) }

export function matMulScratch_f32(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): usize {
  return scratchBytes<f32>(m, n, k, transposeA, transposeB)
}
export function matMulScratch_f64(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): usize {
  return scratchBytes<f64>(m, n, k, transposeA, transposeB)
}
export function matMulScratch_i32(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): usize {
  return scratchBytes<i32>(m, n, k, transposeA, transposeB)
}
