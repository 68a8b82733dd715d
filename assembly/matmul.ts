// y = op(a) · op(b): the naive product, bit for bit, at the speed of the multipliers.
//
// Every element of y is one accumulator that adds its k products in order of k, multiply then add, in
// its own precision. Vectors run over columns, never over k; where k is cut into blocks, the
// accumulators wait in y. So no choice made here, of tile, block or packing, can change a bit.
//
//                  n
//              ┌──┬──┬──┐        from the outside in
//            k │  │░░│  │        NC columns of b, KC rows deep: 1 MiB, in the outer caches
//              └──┴──┴──┘        MC rows of a, as deep: 240 KiB, in the second cache
//         k      8  8  8         a panel ░ of b: 8 columns, 16 KiB, in the first cache
//      ┌─────┐ ┌──┬──┬──┐        a tile ▒ of y: 5 rows of a by 8 columns, ten accumulators
//    5 │     │ │  │▒▒│  │        k: one row of the panel by one column of a
//      ├─────┤ ├──┼──┼──┤
//  m 5 │     │ │  │  │  │        (8 columns of f32 or i32, 4 of f64: two vectors)
//      └─────┘ └──┴──┴──┘
//         a         y
//
// The tile sees a and b through strides. A packed block has strides like any other, a transposed a
// needs no code at all, and small products run on a and b as they lie.

const KC: usize = 512
const MC: usize = 120
const NC: usize = 512

/** Bytes of a block of b that is read as it lies: panels share cache lines, so all of it must stay near. */
const DIRECT: usize = 131072

/** Rows of the tile: five rows of two vectors are what fits V8's 15 vector registers beside b and a. */
const ROWS: usize = 5

/** How many rows or vectors a tile has, as a type: each combination is compiled for itself. */
@final @unmanaged class One { @inline get count(): usize { return 1 } }
@final @unmanaged class Two { @inline get count(): usize { return 2 } }
@final @unmanaged class Three { @inline get count(): usize { return 3 } }
@final @unmanaged class Four { @inline get count(): usize { return 4 } }
@final @unmanaged class Five { @inline get count(): usize { return 5 } }

// @ts-ignore: decorator
@inline
function lanes<T>(): usize { return 16 / sizeof<T>() }

/** Writes the first `count` lanes, no byte more. */
// @ts-ignore: decorator
@inline
function storeLanes<T>(y: usize, v: v128, count: usize): void {
  if (count == lanes<T>()) v128.store(y, v)
  else if (sizeof<T>() == 8) v128.store_lane<T>(y, v, 0)
  else {
    if (count > 1) v128.store_lane<u64>(y, v, 0)
    else v128.store_lane<u32>(y, v, 0)
    if (count > 2) v128.store_lane<u32>(y, v, 2, 8)
  }
}

/**
 * y += a · b for a tile of R rows and V vectors; of a single vector, the first `columns` lanes are y's.
 * Strides are in bytes. With `first`, y counts as zeros.
 *
 * The loop is as V8 likes it. k is not unrolled: that costs 30 %, since the loads of both turns move up
 * and push accumulators out of the registers. The guard around the loop lets the accumulators leave it
 * through phi nodes; without it, the scheduler of V8 11 (Node 20) again puts the loads first: three
 * accumulators live on the stack, 19 % slower.
 */
function tile<T, R, V>(
  a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize, first: bool,
  columns: usize,
): void {
  const rows = changetype<R>(0).count
  const wide = changetype<V>(0).count == 2
  const a1 = rowA, a2 = a1 + rowA, a3 = a2 + rowA, a4 = a3 + rowA
  const y1 = y + rowY, y2 = y1 + rowY, y3 = y2 + rowY, y4 = y3 + rowY
  let c00 = i64x2.splat(0), c10 = c00, c20 = c00, c30 = c00, c40 = c00
  let c01 = c00, c11 = c00, c21 = c00, c31 = c00, c41 = c00
  if (!first) {
    c00 = v128.load(y)
    if (wide) c01 = v128.load(y, 16)
    if (rows > 1) { c10 = v128.load(y1); if (wide) c11 = v128.load(y1, 16) }
    if (rows > 2) { c20 = v128.load(y2); if (wide) c21 = v128.load(y2, 16) }
    if (rows > 3) { c30 = v128.load(y3); if (wide) c31 = v128.load(y3, 16) }
    if (rows > 4) { c40 = v128.load(y4); if (wide) c41 = v128.load(y4, 16) }
  }
  const end = b + k * stepB
  if (b != end) do {
    const b0 = v128.load(b)
    let b1 = b0
    if (wide) b1 = v128.load(b, 16)
    const s0 = v128.load_splat<T>(a)
    c00 = v128.add<T>(c00, v128.mul<T>(s0, b0))
    if (wide) c01 = v128.add<T>(c01, v128.mul<T>(s0, b1))
    if (rows > 1) {
      const s1 = v128.load_splat<T>(a + a1)
      c10 = v128.add<T>(c10, v128.mul<T>(s1, b0))
      if (wide) c11 = v128.add<T>(c11, v128.mul<T>(s1, b1))
    }
    if (rows > 2) {
      const s2 = v128.load_splat<T>(a + a2)
      c20 = v128.add<T>(c20, v128.mul<T>(s2, b0))
      if (wide) c21 = v128.add<T>(c21, v128.mul<T>(s2, b1))
    }
    if (rows > 3) {
      const s3 = v128.load_splat<T>(a + a3)
      c30 = v128.add<T>(c30, v128.mul<T>(s3, b0))
      if (wide) c31 = v128.add<T>(c31, v128.mul<T>(s3, b1))
    }
    if (rows > 4) {
      const s4 = v128.load_splat<T>(a + a4)
      c40 = v128.add<T>(c40, v128.mul<T>(s4, b0))
      if (wide) c41 = v128.add<T>(c41, v128.mul<T>(s4, b1))
    }
    a += stepA
    b += stepB
  } while (b != end)
  if (wide) {
    v128.store(y, c00); v128.store(y, c01, 16)
    if (rows > 1) { v128.store(y1, c10); v128.store(y1, c11, 16) }
    if (rows > 2) { v128.store(y2, c20); v128.store(y2, c21, 16) }
    if (rows > 3) { v128.store(y3, c30); v128.store(y3, c31, 16) }
    if (rows > 4) { v128.store(y4, c40); v128.store(y4, c41, 16) }
  } else {
    storeLanes<T>(y, c00, columns)
    if (rows > 1) storeLanes<T>(y1, c10, columns)
    if (rows > 2) storeLanes<T>(y2, c20, columns)
    if (rows > 3) storeLanes<T>(y3, c30, columns)
    if (rows > 4) storeLanes<T>(y4, c40, columns)
  }
}

// @ts-ignore: decorator
@inline
function tileOf<T, V>(
  rows: usize, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize,
  first: bool, columns: usize,
): void {
  switch (rows) {
    case 5: tile<T, Five, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 4: tile<T, Four, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 3: tile<T, Three, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    case 2: tile<T, Two, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns); break
    default: tile<T, One, V>(a, rowA, stepA, b, stepB, y, rowY, k, first, columns)
  }
}

/** A tile of up to two vectors: the last columns are one vector, or one and a rest, or a rest. */
// @ts-ignore: decorator
@inline
function tileOfColumns<T>(
  rows: usize, a: usize, rowA: usize, stepA: usize, b: usize, stepB: usize, y: usize, rowY: usize, k: usize,
  first: bool, columns: usize,
): void {
  const vector = lanes<T>()
  if (columns >= 2 * vector) tileOf<T, Two>(rows, a, rowA, stepA, b, stepB, y, rowY, k, first, vector)
  else {
    tileOf<T, One>(rows, a, rowA, stepA, b, stepB, y, rowY, k, first, min(columns, vector))
    if (columns <= vector) return
    tileOf<T, One>(rows, a, rowA, stepA, b + 16, stepB, y + 16, rowY, k, first, columns - vector)
  }
}

/** Copies m rows of a in tiles, as block takes them: k times the tile's rows. */
function packA<T>(a: usize, rowA: usize, stepA: usize, out: usize, m: usize, k: usize): void {
  for (let tiles = (m + ROWS - 1) / ROWS; tiles > 0; tiles--) {
    const rows = (m + tiles - 1) / tiles, step = rows * sizeof<T>()
    if (rowA == sizeof<T>()) {
      // A column of the tile lies together. What is copied past it, the next column corrects.
      let from = a, to = out
      for (const end = out + k * step; to < end; to += step, from += stepA) {
        v128.store(to, v128.load(from))
        v128.store(to, v128.load(from, 16), 16)
        if (sizeof<T>() == 8) v128.store(to, v128.load(from, 32), 32)
      }
    } else {
      for (let r: usize = 0; r < rows; r++) {
        let from = a + r * rowA, to = out + r * sizeof<T>()
        for (const end = to + k * step; to < end; to += step, from += sizeof<T>()) store<T>(to, load<T>(from))
      }
    }
    out += k * step
    a += rows * rowA
    m -= rows
  }
}

/** Copies n columns of b in panels of two vectors, k rows each. */
function packB<T>(b: usize, rowB: usize, out: usize, n: usize, k: usize): void {
  for (let j: usize = 0; j < n; j += 2 * lanes<T>()) {
    for (let p: usize = 0, from = b + j * sizeof<T>(); p < k; p++, from += rowB) {
      v128.store(out, v128.load(from))
      v128.store(out, v128.load(from, 16), 16)
      out += 32
    }
  }
}

/** The same panels from a transposed b: one vector's columns at a time, turned in squares of vectors. */
function packTransposedB<T>(b: usize, columnB: usize, out: usize, n: usize, k: usize): void {
  const last = b + (n - 1) * columnB // columns behind the last repeat it; nobody reads them
  for (let j: usize = 0; j < n; j += lanes<T>()) {
    let from0 = b + j * columnB
    let from1 = min(from0 + columnB, last)
    let to = out
    if (sizeof<T>() == 8) {
      for (let p: usize = 0; p < k; p += 2) {
        const x0 = v128.load(from0), x1 = v128.load(from1)
        v128.store(to, v128.shuffle<f64>(x0, x1, 0, 2))
        v128.store(to, v128.shuffle<f64>(x0, x1, 1, 3), 32)
        from0 += 16
        from1 += 16
        to += 64
      }
    } else {
      let from2 = min(from1 + columnB, last)
      let from3 = min(from2 + columnB, last)
      for (let p: usize = 0; p < k; p += 4) {
        const x0 = v128.load(from0), x1 = v128.load(from1)
        const x2 = v128.load(from2), x3 = v128.load(from3)
        const x01l = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5), x23l = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5)
        const x01h = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7), x23h = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7)
        v128.store(to, v128.shuffle<f64>(x01l, x23l, 0, 2))
        v128.store(to, v128.shuffle<f64>(x01l, x23l, 1, 3), 32)
        v128.store(to, v128.shuffle<f64>(x01h, x23h, 0, 2), 64)
        v128.store(to, v128.shuffle<f64>(x01h, x23h, 1, 3), 96)
        from0 += 16
        from1 += 16
        from2 += 16
        from3 += 16
        to += 128
      }
    }
    // The panel's second vector stands beside the first; behind it the next panel begins.
    out += j & lanes<T>() ? 32 * k - 16 : 16
  }
}

/** The size of the fewest blocks that cover n: at most `limit`, as equal as multiples of `unit` allow. */
function share(n: usize, limit: usize, unit: usize): usize {
  const units = (n + unit - 1) / unit, blocks = max(1, (n + limit - 1) / limit)
  return (units + blocks - 1) / blocks * unit
}

/** Packing a costs m · k copies and serves n columns. As it lies, only a transposed a reads badly. */
// @ts-ignore: decorator
@inline
function packsA(m: usize, n: usize, k: usize, transposeA: i32): bool {
  return transposeA ? n >= 64 && m * k >= 16384 : n >= 512 && m >= 64
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

function scratchBytes<T>(m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32): usize {
  const bytesB = packsB<T>(m, n, transposeB) ? packedB<T>(n, k) : 0
  return packsA(m, n, k, transposeA) ? bytesB + min(MC, m) * min(KC, k) * sizeof<T>() : bytesB
}

function product<T>(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
): void {
  if (n == 1 && transposeA) return product<T>(b, a, y, scratch, 1, m, k, 0, 0) // a column of y is a row
  const size = sizeof<T>()
  const rowA = transposeA ? size : k * size, stepA = transposeA ? m * size : size
  const rowB = transposeB ? size : n * size, columnB = transposeB ? k * size : size
  const rowY = n * size
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
          packA<T>(blockA, rowA, stepA, scratchA, mc, kc)
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
 */
function block<T>(
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

function matMul<T>(
  a: usize, b: usize, y: usize, scratch: usize, m: usize, n: usize, k: usize, transposeA: i32, transposeB: i32,
  batch: usize, strideA: usize, strideB: usize,
): void {
  for (let i: usize = 0; i < batch; i++) {
    product<T>(a, b, y, scratch, m, n, k, transposeA, transposeB)
    a += strideA * sizeof<T>()
    b += strideB * sizeof<T>()
    y += m * n * sizeof<T>()
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
