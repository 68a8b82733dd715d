// Moving elements without changing them: one strided copy over up to six axes. Transpose, slice, reverse,
// tile, broadcast, pad, concat and split are all this copy with other strides.

import { CHUNK, part, shareEnd, shareStart } from './share'

/**
 * y[Σ iₐ·yₐ] = x[Σ iₐ·xₐ] for every index (i5, …, i0) below (n5, …, n0). Strides are in elements, a stride of x may be
 * zero or negative. Axis 0 is the innermost; unused axes have size 1. Parts
 * take their share of the outermost axis that is used.
 */
// @ts-ignore: decorator
@inline
function copy<T>(
  x: usize, y: usize,
  n5: usize, n4: usize, n3: usize, n2: usize, n1: usize, n0: usize,
  x5: isize, x4: isize, x3: isize, x2: isize, x1: isize, x0: isize,
  y5: isize, y4: isize, y3: isize, y2: isize, y1: isize, y0: isize,
): void {
  const size = <isize>sizeof<T>()
  if (n5 * n4 * n3 * n2 * n1 * n0 < CHUNK) {
    if (part) return
  } else if (n5 > 1) {
    const first = shareStart(n5)
    n5 = shareEnd(n5) - first
    x += first * x5 * size
    y += first * y5 * size
  } else if (n4 > 1) {
    const first = shareStart(n4)
    n4 = shareEnd(n4) - first
    x += first * x4 * size
    y += first * y4 * size
  } else if (n3 > 1) {
    const first = shareStart(n3)
    n3 = shareEnd(n3) - first
    x += first * x3 * size
    y += first * y3 * size
  } else if (n2 > 1) {
    const first = shareStart(n2)
    n2 = shareEnd(n2) - first
    x += first * x2 * size
    y += first * y2 * size
  } else if (n1 > 1) {
    const first = shareStart(n1)
    n1 = shareEnd(n1) - first
    x += first * x1 * size
    y += first * y1 * size
  } else {
    const first = shareStart(n0)
    n0 = shareEnd(n0) - first
    x += first * x0 * size
    y += first * y0 * size
  }
  for (let i5: usize = 0; i5 < n5; i5++) {
    let xa = x, ya = y
    for (let i4: usize = 0; i4 < n4; i4++) {
      let xb = xa, yb = ya
      for (let i3: usize = 0; i3 < n3; i3++) {
        let xc = xb, yc = yb
        for (let i2: usize = 0; i2 < n2; i2++) {
          plane<T>(xc, yc, n1, n0, x1 * size, x0 * size, y1 * size, y0 * size)
          xc += x2 * size
          yc += y2 * size
        }
        xb += x3 * size
        yb += y3 * size
      }
      xa += x4 * size
      ya += y4 * size
    }
    x += x5 * size
    y += y5 * size
  }
}

/** The two innermost axes, strides in bytes: whole rows at once, 4 × 4 blocks of a transpose, or element by element. */
function plane<T>(x: usize, y: usize, n1: usize, n0: usize, x1: isize, x0: isize, y1: isize, y0: isize): void {
  const size = <isize>sizeof<T>()
  if (x0 == size && y0 == size && n0 >= 8) {
    for (let i: usize = 0; i < n1; i++) {
      memory.copy(y, x, n0 * size)
      x += x1
      y += y1
    }
    return
  }
  let i: usize = 0
  if (sizeof<T>() == 4 && x1 == 4 && y0 == 4 && n0 >= 4) {
    for (; i + 4 <= n1; i += 4) {
      transposeRows(x, y, n0, x0, y1)
      x += 16
      y += 4 * y1
    }
  }
  for (; i < n1; i++) {
    let from = x, to = y
    for (let j: usize = 0; j < n0; j++) {
      store<T>(to, load<T>(from))
      from += x0
      to += y0
    }
    x += x1
    y += y1
  }
}

/** Four rows of y from four neighbouring columns of x, 32-bit elements: 4 × 4 blocks through shuffles. */
// @ts-ignore: decorator
@inline
function transposeRows(x: usize, y: usize, n: usize, xRow: isize, yRow: isize): void {
  let j: usize = 0
  for (; j + 4 <= n; j += 4) {
    const a = v128.load(x)
    const b = v128.load(x + xRow)
    const c = v128.load(x + 2 * xRow)
    const d = v128.load(x + 3 * xRow)
    const ab0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5)
    const ab1 = v128.shuffle<u32>(a, b, 2, 6, 3, 7)
    const cd0 = v128.shuffle<u32>(c, d, 0, 4, 1, 5)
    const cd1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7)
    v128.store(y, v128.shuffle<u64>(ab0, cd0, 0, 2))
    v128.store(y + yRow, v128.shuffle<u64>(ab0, cd0, 1, 3))
    v128.store(y + 2 * yRow, v128.shuffle<u64>(ab1, cd1, 0, 2))
    v128.store(y + 3 * yRow, v128.shuffle<u64>(ab1, cd1, 1, 3))
    x += 4 * xRow
    y += 16
  }
  for (; j < n; j++) {
    store<u32>(y, load<u32>(x))
    store<u32>(y + yRow, load<u32>(x, 4))
    store<u32>(y + 2 * yRow, load<u32>(x, 8))
    store<u32>(y + 3 * yRow, load<u32>(x, 12))
    x += xRow
    y += 4
  }
}

export function copy_u8(x: usize, y: usize, n5: usize, n4: usize, n3: usize, n2: usize, n1: usize, n0: usize, x5: isize, x4: isize, x3: isize, x2: isize, x1: isize, x0: isize, y5: isize, y4: isize, y3: isize, y2: isize, y1: isize, y0: isize): void { copy<u8>(x, y, n5, n4, n3, n2, n1, n0, x5, x4, x3, x2, x1, x0, y5, y4, y3, y2, y1, y0) }
export function copy_i32(x: usize, y: usize, n5: usize, n4: usize, n3: usize, n2: usize, n1: usize, n0: usize, x5: isize, x4: isize, x3: isize, x2: isize, x1: isize, x0: isize, y5: isize, y4: isize, y3: isize, y2: isize, y1: isize, y0: isize): void { copy<u32>(x, y, n5, n4, n3, n2, n1, n0, x5, x4, x3, x2, x1, x0, y5, y4, y3, y2, y1, y0) }
export function copy_f32(x: usize, y: usize, n5: usize, n4: usize, n3: usize, n2: usize, n1: usize, n0: usize, x5: isize, x4: isize, x3: isize, x2: isize, x1: isize, x0: isize, y5: isize, y4: isize, y3: isize, y2: isize, y1: isize, y0: isize): void { copy<u32>(x, y, n5, n4, n3, n2, n1, n0, x5, x4, x3, x2, x1, x0, y5, y4, y3, y2, y1, y0) }
export function copy_f64(x: usize, y: usize, n5: usize, n4: usize, n3: usize, n2: usize, n1: usize, n0: usize, x5: isize, x4: isize, x3: isize, x2: isize, x1: isize, x0: isize, y5: isize, y4: isize, y3: isize, y2: isize, y1: isize, y0: isize): void { copy<u64>(x, y, n5, n4, n3, n2, n1, n0, x5, x4, x3, x2, x1, x0, y5, y4, y3, y2, y1, y0) }
