// Recurrent layers over whole sequences: in one call all steps, each a product with the recurrent kernel and the
// cell's arithmetic behind it. What the inputs add, one product for all steps, is there before.
//
// The rows of a batch never meet, so that each thread takes some rows through all steps and waits for nobody; a row's
// bits do not depend on the rows beside it. The recurrent kernel is packed once and serves every step.
//
//     z       [steps, rows, gates · n]        in: inputs · kernel; out: what the gates let through
//     bias    [gates · n]; of GRU             [2, gates · n], the second one inside of the reset gate
//     r       [n, gates · n]                  the recurrent kernel
//     mask    [steps, rows] in bytes          0: the row's states stay as they are; none at address 0
//     states  [kinds, steps + 1, rows, n]     h, and c of LSTM, from before the first step to after the last
//
// A gradient walks back from dy, the cotangents of all states. ds [kinds, rows, n], in the end those of the first
// states, holds on the way those of the step's. dz are the cotangents of what the gates were given.

import { lanesBegin, one, zero } from './lanes'
import { sigmoid, sigmoidBegin, tanh, tanhBegin } from './math'
import { block, KC, WORTH } from './matmul'
import { packB, packTransposedB } from './pack'
import { storeRow } from './rows'
import { part, parts, shareEnd, shareStart } from './share'
import { splat } from './vector'

// ── Products with one matrix ────────────────────────────────────────────────────────────────────

/** Bytes of a row of all panels of b. */
// @ts-ignore: decorator
@inline
function panelRow<T>(n: usize): usize { return (n * sizeof<T>() + 31) / 32 * 32 }

/** How many rows are multiplied in all before packing b pays. */
const PACKS: usize = 16

/** Copies all of b [k, n], or of its transpose, in panels: KC rows of all columns, then the next. */
function packAll<T>(b: usize, out: usize, n: usize, k: usize, transposed: bool): void {
  for (let p: usize = 0; p < k; p += KC, out += KC * panelRow<T>(n)) {
    const depth = min(KC, k - p)
    if (transposed) packTransposedB<T>(b + p * sizeof<T>(), k * sizeof<T>(), out, n, depth)
    else packB<T>(b + p * n * sizeof<T>(), n * sizeof<T>(), out, n, depth)
  }
}

/** y = a · b for m rows of a [m, k], where b is packed or lies as it is. Each element is one sum in order of k. */
function multiply<T>(a: usize, b: usize, y: usize, m: usize, n: usize, k: usize, packed: bool): void {
  const size = sizeof<T>()
  for (let p: usize = 0; p < k; p += KC) {
    const depth = min(KC, k - p)
    const from = b + p * (packed ? panelRow<T>(n) : n * size)
    block<T>(
      a + p * size, k * size, size, false, from, packed ? 32 : n * size, packed ? 32 * depth : 32, y, n * size, m, n,
      depth, p == 0,
    )
  }
}

// ── Gates ───────────────────────────────────────────────────────────────────────────────────────

@final @unmanaged
class Sigmoid {
  @inline begin<T>(): void { sigmoidBegin<T>() }
  @inline apply<T>(v: v128): v128 { return sigmoid<T>(v) }
  /** dy · f′, written in y = f(x). */
  @inline back<T>(dy: v128, y: v128): v128 { return v128.mul<T>(dy, v128.mul<T>(y, v128.sub<T>(one, y))) }
}

let three: v128
let six: v128
let sixth: v128

/** relu6(x + 3) / 6, as in Keras 3 */
@final @unmanaged
class HardSigmoid {
  @inline begin<T>(): void {
    lanesBegin<T>()
    three = splat<T>(<T>3)
    six = splat<T>(<T>6)
    sixth = splat<T>(<T>1 / <T>6)
  }
  @inline apply<T>(v: v128): v128 {
    return v128.div<T>(v128.pmin<T>(v128.pmax<T>(v128.add<T>(v, three), zero), six), six)
  }
  @inline back<T>(dy: v128, y: v128): v128 {
    return v128.and(v128.mul<T>(dy, sixth), v128.and(v128.gt<T>(y, zero), v128.lt<T>(y, one)))
  }
}

@final @unmanaged
class Tanh {
  @inline begin<T>(): void { tanhBegin<T>() }
  @inline apply<T>(v: v128): v128 { return tanh<T>(v) }
  @inline back<T>(dy: v128, y: v128): v128 { return v128.mul<T>(dy, v128.sub<T>(one, v128.mul<T>(y, y))) }
}

/** y = Op(z + bias + q) for n elements; y may be z. */
function squash<Op, T>(z: usize, bias: usize, q: usize, y: usize, n: usize): void {
  const op = changetype<Op>(0)
  op.begin<T>()
  const end = y + n * sizeof<T>()
  do {
    storeRow<T>(y, end, op.apply<T>(v128.add<T>(v128.add<T>(v128.load(z), v128.load(bias)), v128.load(q))))
    z += 16
    bias += 16
    q += 16
    y += 16
  } while (y < end)
}

/** y += x for n elements. */
function addTo<T>(y: usize, x: usize, n: usize): void {
  const end = y + n * sizeof<T>()
  do {
    storeRow<T>(y, end, v128.add<T>(v128.load(y), v128.load(x)))
    x += 16
    y += 16
  } while (y < end)
}

// ── Cells ───────────────────────────────────────────────────────────────────────────────────────
//
// forward   a row of z, the row q of h · r, the row of h before and the one after; other kinds of states lie `kind`
//           bytes behind. `inner` is GRU's own.
// backward  d: the row's cotangents of h after the step, and `dKind` bytes behind of other kinds; become those before
//           it, but for what comes through the recurrent kernel. dz: of what the gates were given; dq: of q, which is
//           dz but for GRU.

/** h = tanh(z + bias + q) */
@final @unmanaged
class SimpleRnn {
  @inline get gates(): usize { return 1 }
  @inline get kinds(): usize { return 1 }

  forward<T>(z: usize, inner: usize, bias: usize, q: usize, h: usize, next: usize, kind: usize, n: usize): void {
    squash<Tanh, T>(z, bias, q, next, n)
  }

  backward<T>(
    z: usize, inner: usize, h: usize, next: usize, kind: usize, d: usize, dKind: usize, dz: usize, dq: usize, n: usize,
  ): void {
    lanesBegin<T>()
    const end = d + n * sizeof<T>()
    do {
      storeRow<T>(dz, dz + (end - d), changetype<Tanh>(0).back<T>(v128.load(d), v128.load(next)))
      storeRow<T>(d, end, zero)
      next += 16
      dz += 16
      d += 16
    } while (d < end)
  }
}

/** i, f, o = gate(z + bias + q) and g = tanh(z + bias + q), in the order i f g o; c = f · c + i · g; h = o · tanh(c) */
@final @unmanaged
class Lstm<Gate> {
  @inline get gates(): usize { return 4 }
  @inline get kinds(): usize { return 2 }

  forward<T>(z: usize, inner: usize, bias: usize, q: usize, h: usize, next: usize, kind: usize, n: usize): void {
    const row = n * sizeof<T>()
    squash<Gate, T>(z, bias, q, z, 2 * n)
    squash<Tanh, T>(z + 2 * row, bias + 2 * row, q + 2 * row, z + 2 * row, n)
    squash<Gate, T>(z + 3 * row, bias + 3 * row, q + 3 * row, z + 3 * row, n)
    tanhBegin<T>()
    let c = h + kind
    const end = next + row
    do {
      const kept = v128.mul<T>(v128.load(z + row), v128.load(c))
      const cell = v128.add<T>(kept, v128.mul<T>(v128.load(z), v128.load(z + 2 * row)))
      storeRow<T>(next + kind, end + kind, cell)
      storeRow<T>(next, end, v128.mul<T>(v128.load(z + 3 * row), tanh<T>(cell)))
      z += 16
      c += 16
      next += 16
    } while (next < end)
  }

  backward<T>(
    z: usize, inner: usize, h: usize, next: usize, kind: usize, d: usize, dKind: usize, dz: usize, dq: usize, n: usize,
  ): void {
    const gate = changetype<Gate>(0)
    const bent = changetype<Tanh>(0)
    gate.begin<T>()
    tanhBegin<T>()
    const row = n * sizeof<T>()
    let c = h + kind
    next += kind
    const end = d + row
    let rest = dz + row
    do {
      const i = v128.load(z), f = v128.load(z + row), g = v128.load(z + 2 * row), o = v128.load(z + 3 * row)
      const t = tanh<T>(v128.load(next))
      const dh = v128.load(d)
      const dc = v128.add<T>(v128.load(d + dKind), bent.back<T>(v128.mul<T>(dh, o), t))
      storeRow<T>(dz, rest, gate.back<T>(v128.mul<T>(dc, g), i))
      storeRow<T>(dz + row, rest + row, gate.back<T>(v128.mul<T>(dc, v128.load(c)), f))
      storeRow<T>(dz + 2 * row, rest + 2 * row, bent.back<T>(v128.mul<T>(dc, i), g))
      storeRow<T>(dz + 3 * row, rest + 3 * row, gate.back<T>(v128.mul<T>(dh, t), o))
      storeRow<T>(d + dKind, end + dKind, v128.mul<T>(dc, f))
      storeRow<T>(d, end, zero)
      z += 16
      c += 16
      next += 16
      dz += 16
      d += 16
    } while (d < end)
  }
}

/**
 * z, r = gate(z + bias + (q + bias′)) and, in the order z r g, g = tanh(z + bias + r · inner) with
 * inner = q + bias′; h = z · h + (1 − z) · g
 */
@final @unmanaged
class Gru<Gate> {
  @inline get gates(): usize { return 3 }
  @inline get kinds(): usize { return 1 }

  forward<T>(z: usize, inner: usize, bias: usize, q: usize, h: usize, next: usize, kind: usize, n: usize): void {
    const row = n * sizeof<T>()
    addTo<T>(q, bias + 3 * row, 3 * n)
    squash<Gate, T>(z, bias, q, z, 2 * n)
    tanhBegin<T>()
    bias += 2 * row
    q += 2 * row
    const end = next + row
    const innerEnd = inner + row
    const g = z + 2 * row
    let at: usize = 0
    do {
      const m = v128.load(q + at)
      const gated = v128.mul<T>(v128.load(z + row + at), m)
      const made = tanh<T>(v128.add<T>(v128.add<T>(v128.load(g + at), v128.load(bias + at)), gated))
      const kept = v128.load(z + at)
      const other = v128.mul<T>(v128.sub<T>(one, kept), made)
      const result = v128.add<T>(v128.mul<T>(kept, v128.load(h + at)), other)
      storeRow<T>(inner + at, innerEnd, m)
      storeRow<T>(g + at, g + row, made)
      storeRow<T>(next + at, end, result)
      at += 16
    } while (at < row)
  }

  backward<T>(
    z: usize, inner: usize, h: usize, next: usize, kind: usize, d: usize, dKind: usize, dz: usize, dq: usize, n: usize,
  ): void {
    const gate = changetype<Gate>(0)
    gate.begin<T>()
    lanesBegin<T>()
    const row = n * sizeof<T>()
    let at: usize = 0
    do {
      const kept = v128.load(z + at), r = v128.load(z + row + at), g = v128.load(z + 2 * row + at)
      const dh = v128.load(d + at)
      const dKept = gate.back<T>(v128.mul<T>(dh, v128.sub<T>(v128.load(h + at), g)), kept)
      const dg = changetype<Tanh>(0).back<T>(v128.mul<T>(dh, v128.sub<T>(one, kept)), g)
      const dr = gate.back<T>(v128.mul<T>(dg, v128.load(inner + at)), r)
      storeRow<T>(dz + at, dz + row, dKept)
      storeRow<T>(dz + row + at, dz + 2 * row, dr)
      storeRow<T>(dz + 2 * row + at, dz + 3 * row, dg)
      storeRow<T>(dq + at, dq + row, dKept)
      storeRow<T>(dq + row + at, dq + 2 * row, dr)
      storeRow<T>(dq + 2 * row + at, dq + 3 * row, v128.mul<T>(dg, r))
      storeRow<T>(d + at, d + row, v128.mul<T>(dh, kept))
      at += 16
    } while (at < row)
  }
}

// ── Sequences ───────────────────────────────────────────────────────────────────────────────────

/** Bytes of what one part packs and of its rows of products; that of part t begins at t times as many. */
function scratchOf<T>(rows: usize, n: usize, gates: usize): usize {
  const width = gates * n
  const packed = max(panelRow<T>(width) * n, panelRow<T>(n) * width)
  return (packed + rows * width * sizeof<T>() + 256) / 64 * 64
}

/** Whether parts take rows each; what is small is the first's. */
function isShared(steps: usize, rows: usize, width: usize, n: usize): bool {
  return parts > 1 && <f64>steps * <f64>rows * <f64>width * <f64>n >= WORTH
}

// @ts-ignore: decorator
@inline
function isMasked(mask: usize, at: usize): bool { return mask != 0 && load<u8>(mask + at) == 0 }

function forward<Cell, T>(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, inner: usize, scratch: usize, steps: usize,
  rows: usize, n: usize,
): void {
  const cell = changetype<Cell>(0)
  const width = cell.gates * n
  const shared = isShared(steps, rows, width, n)
  const first = shared ? shareStart(rows) : 0
  const count = shared ? shareEnd(rows) - first : part == 0 ? rows : 0
  if (count == 0) return
  const row = n * sizeof<T>(), rowZ = width * sizeof<T>(), kind = (steps + 1) * rows * row
  const q = scratch + part * scratchOf<T>(rows, n, cell.gates)
  let b = r
  const packs = steps * count >= PACKS
  if (packs) {
    b = q + (rows * rowZ + 127) / 64 * 64
    packAll<T>(r, b, width, n, false)
  }
  for (let s: usize = 0; s < steps; s++) {
    let at = s * rows + first
    multiply<T>(states + at * row, b, q, count, width, n, packs)
    for (let i: usize = 0; i < count; i++, at++) {
      const h = states + at * row, next = h + rows * row
      if (isMasked(mask, at)) {
        for (let k: usize = 0; k < cell.kinds; k++) memory.copy(next + k * kind, h + k * kind, row)
      } else cell.forward<T>(z + at * rowZ, inner + at * row, bias, q + i * rowZ, h, next, kind, n)
    }
  }
}

function backward<Cell, T>(
  dy: usize, z: usize, r: usize, mask: usize, states: usize, inner: usize, ds: usize, dz: usize, dq: usize,
  scratch: usize, steps: usize, rows: usize, n: usize,
): void {
  const cell = changetype<Cell>(0)
  const width = cell.gates * n
  const shared = isShared(steps, rows, width, n)
  const first = shared ? shareStart(rows) : 0
  const count = shared ? shareEnd(rows) - first : part == 0 ? rows : 0
  if (count == 0) return
  const row = n * sizeof<T>(), rowZ = width * sizeof<T>(), kind = (steps + 1) * rows * row, dKind = rows * row
  const q = scratch + part * scratchOf<T>(rows, n, cell.gates)
  const b = q + (rows * rowZ + 127) / 64 * 64
  packAll<T>(r, b, n, width, true)
  ds += first * row
  for (let k: usize = 0; k < cell.kinds; k++) {
    memory.copy(ds + k * dKind, dy + k * kind + (steps * rows + first) * row, count * row)
  }
  for (let s = steps; s > 0; ) {
    s--
    const start = s * rows + first
    for (let i: usize = 0; i < count; i++) {
      const at = start + i
      const h = states + at * row
      if (isMasked(mask, at)) {
        memory.fill(dz + at * rowZ, 0, rowZ)
        if (dq != dz) memory.fill(dq + at * rowZ, 0, rowZ)
      } else {
        cell.backward<T>(
          z + at * rowZ, inner + at * row, h, h + dKind, kind, ds + i * row, dKind, dz + at * rowZ, dq + at * rowZ, n,
        )
      }
    }
    multiply<T>(dq + start * rowZ, b, q, count, n, width, true)
    addTo<T>(ds, q, count * n)
    for (let k: usize = 0; k < cell.kinds; k++) addTo<T>(ds + k * dKind, dy + k * kind + start * row, count * n)
  }
}

export function recurrentScratch_f32(rows: usize, n: usize, gates: usize): usize { return scratchOf<f32>(rows, n, gates) }
export function recurrentScratch_f64(rows: usize, n: usize, gates: usize): usize { return scratchOf<f64>(rows, n, gates) }

export function simpleRnn_f32(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, scratch: usize, steps: usize, rows: usize, n: usize,
): void { forward<SimpleRnn, f32>(z, bias, r, mask, states, states, scratch, steps, rows, n) }

export function simpleRnn_f64(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, scratch: usize, steps: usize, rows: usize, n: usize,
): void { forward<SimpleRnn, f64>(z, bias, r, mask, states, states, scratch, steps, rows, n) }

export function simpleRnnGrad_f32(
  dy: usize, r: usize, mask: usize, states: usize, ds: usize, dz: usize, scratch: usize, steps: usize, rows: usize,
  n: usize,
): void { backward<SimpleRnn, f32>(dy, dz, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n) }

export function simpleRnnGrad_f64(
  dy: usize, r: usize, mask: usize, states: usize, ds: usize, dz: usize, scratch: usize, steps: usize, rows: usize,
  n: usize,
): void { backward<SimpleRnn, f64>(dy, dz, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n) }

export function lstm_f32(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, scratch: usize, steps: usize, rows: usize, n: usize,
  hard: i32,
): void {
  if (hard) forward<Lstm<HardSigmoid>, f32>(z, bias, r, mask, states, states, scratch, steps, rows, n)
  else forward<Lstm<Sigmoid>, f32>(z, bias, r, mask, states, states, scratch, steps, rows, n)
}

export function lstm_f64(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, scratch: usize, steps: usize, rows: usize, n: usize,
  hard: i32,
): void {
  if (hard) forward<Lstm<HardSigmoid>, f64>(z, bias, r, mask, states, states, scratch, steps, rows, n)
  else forward<Lstm<Sigmoid>, f64>(z, bias, r, mask, states, states, scratch, steps, rows, n)
}

export function lstmGrad_f32(
  dy: usize, z: usize, r: usize, mask: usize, states: usize, ds: usize, dz: usize, scratch: usize, steps: usize,
  rows: usize, n: usize, hard: i32,
): void {
  if (hard) backward<Lstm<HardSigmoid>, f32>(dy, z, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n)
  else backward<Lstm<Sigmoid>, f32>(dy, z, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n)
}

export function lstmGrad_f64(
  dy: usize, z: usize, r: usize, mask: usize, states: usize, ds: usize, dz: usize, scratch: usize, steps: usize,
  rows: usize, n: usize, hard: i32,
): void {
  if (hard) backward<Lstm<HardSigmoid>, f64>(dy, z, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n)
  else backward<Lstm<Sigmoid>, f64>(dy, z, r, mask, states, states, ds, dz, dz, scratch, steps, rows, n)
}

export function gru_f32(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, inner: usize, scratch: usize, steps: usize,
  rows: usize, n: usize, hard: i32,
): void {
  if (hard) forward<Gru<HardSigmoid>, f32>(z, bias, r, mask, states, inner, scratch, steps, rows, n)
  else forward<Gru<Sigmoid>, f32>(z, bias, r, mask, states, inner, scratch, steps, rows, n)
}

export function gru_f64(
  z: usize, bias: usize, r: usize, mask: usize, states: usize, inner: usize, scratch: usize, steps: usize,
  rows: usize, n: usize, hard: i32,
): void {
  if (hard) forward<Gru<HardSigmoid>, f64>(z, bias, r, mask, states, inner, scratch, steps, rows, n)
  else forward<Gru<Sigmoid>, f64>(z, bias, r, mask, states, inner, scratch, steps, rows, n)
}

export function gruGrad_f32(
  dy: usize, z: usize, r: usize, mask: usize, states: usize, inner: usize, ds: usize, dz: usize, dq: usize,
  scratch: usize, steps: usize, rows: usize, n: usize, hard: i32,
): void {
  if (hard) backward<Gru<HardSigmoid>, f32>(dy, z, r, mask, states, inner, ds, dz, dq, scratch, steps, rows, n)
  else backward<Gru<Sigmoid>, f32>(dy, z, r, mask, states, inner, ds, dz, dq, scratch, steps, rows, n)
}

export function gruGrad_f64(
  dy: usize, z: usize, r: usize, mask: usize, states: usize, inner: usize, ds: usize, dz: usize, dq: usize,
  scratch: usize, steps: usize, rows: usize, n: usize, hard: i32,
): void {
  if (hard) backward<Gru<HardSigmoid>, f64>(dy, z, r, mask, states, inner, ds, dz, dq, scratch, steps, rows, n)
  else backward<Gru<Sigmoid>, f64>(dy, z, r, mask, states, inner, ds, dz, dq, scratch, steps, rows, n)
}
