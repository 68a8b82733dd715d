// Images moved: each element of y is read from where a projective transform puts it in x. The transform
// a0 a1 a2 b0 b1 b2 c0 c1 sends column c and row r of the output to
//
//     column (a0·c + a1·r + a2) / k   and   row (b0·c + b1·r + b2) / k   of the input,   k = c0·c + c1·r + 1
//
// in float64, whatever the images are: a place that should be whole is whole, and a crop ends where it should. An
// element is the nearest of the input's, halves going up, or a mean of the four around its place. Beyond the input
// lies `fill`, one pixel, to which the address of a neighbour then points.
//
// Vectors run over channels. Parts own rows of the output; those of the gradient own whole images, to which outputs
// add in their order.

import { shareEnd, shareStart } from './share'
import { lanes, splat, storeLanes } from './vector'

/** How an axis goes on beyond its ends. CROP: it does not, and nothing is mixed with what lies there. */
const CONSTANT: usize = 0, REFLECT: usize = 1, WRAP: usize = 2, NEAREST: usize = 3, CROP: usize = 4

/** A place beyond any image, whose row and column are still whole numbers. */
const NOWHERE: f64 = -9

/** p brought to an axis of n elements, as TensorFlow does it: its wrap is not periodic beyond the first repetition. */
// @ts-ignore: decorator
@inline
function along(p: f64, n: usize, mode: usize): f64 {
  const last = <f64>n - 1
  return (p >= 0 && p <= last) || mode == CONSTANT ? p : beyond(p, <f64>n, mode)
}

/** The same for a place outside. */
function beyond(p: f64, size: f64, mode: usize): f64 {
  const last = size - 1
  if (mode == CROP) return NaN
  if (mode == REFLECT) {
    p -= 2 * size * trunc(p / (2 * size))
    if (p < 0) p = p < -size ? p + 2 * size : -p - 1
    else if (p >= size) p = 2 * size - p - 1
  } else if (mode == WRAP && last > 0) {
    p = p < 0 ? p + size * (trunc(-p / last) + 1) : p - size * trunc(p / last)
  }
  return min(max(p, 0), last)
}

// Where an element of the output is read, as `locate` finds it: two rows and two columns, and the second ones' shares.
let top: isize = 0, bottom: isize = 0, left: isize = 0, right: isize = 0
let down: f64 = 0, across: f64 = 0

/** Finds the neighbours of a column and row of the output; with `bilinear` = 0 the first of them is the only one. */
function locate(
  transform: usize, column: f64, row: f64, height: usize, width: usize, bilinear: usize, mode: usize,
): void {
  const k = load<f64>(transform, 48) * column + load<f64>(transform, 56) * row + 1
  let x = load<f64>(transform) * column + load<f64>(transform, 8) * row + load<f64>(transform, 16)
  let y = load<f64>(transform, 24) * column + load<f64>(transform, 32) * row + load<f64>(transform, 40)
  // Most transforms are affine, most places inside: without division and remainder small images take 0.6 of the time.
  if (k != 1) {
    x /= k
    y /= k
  }
  x = along(x, width, mode)
  y = along(y, height, mode)
  // False for NaN, too; at k = 0 the place is at infinity, wherever a mode would bring it.
  const somewhere = abs(x) < 1e9 && abs(y) < 1e9 && k != 0
  const half = bilinear ? 0 : 0.5
  const firstColumn = somewhere ? floor(x + half) : NOWHERE
  const firstRow = somewhere ? floor(y + half) : NOWHERE
  left = <isize>firstColumn
  top = <isize>firstRow
  across = somewhere ? x - firstColumn : 0
  down = somewhere ? y - firstRow : 0
  // A neighbour without a share is not looked at: it might lie outside.
  right = left + <isize>(across != 0)
  bottom = top + <isize>(down != 0)
}

/** The address of a pixel, or `fill` where it is outside. */
// @ts-ignore: decorator
@inline
function pixelAt(image: usize, row: isize, column: isize, height: usize, width: usize, pixel: usize, fill: usize): usize {
  return <usize>row < height && <usize>column < width ? image + (<usize>row * width + <usize>column) * pixel : fill
}

// @ts-ignore: decorator
@inline
function warp<T>(
  x: usize, transforms: usize, indices: usize, fill: usize, y: usize, height: usize, width: usize, channels: usize,
  outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize,
): void {
  const pixel = channels * sizeof<T>()
  const to = shareEnd(outputs * outHeight)
  let r = shareStart(outputs * outHeight)
  y += r * outWidth * pixel
  for (; r < to; r++) {
    const output = r / outHeight
    const row = <f64>(r - output * outHeight)
    const image = x + <usize>load<u32>(indices + (output << 2)) * height * width * pixel
    for (let column: usize = 0; column < outWidth; column++) {
      locate(transforms + output * step * 8, <f64>column, row, height, width, bilinear, mode)
      const a = pixelAt(image, top, left, height, width, pixel, fill)
      if (!bilinear) {
        for (let c: usize = 0; c < channels; c += lanes<T>()) {
          storeLanes<T>(y + c * sizeof<T>(), v128.load(a + c * sizeof<T>()), channels - c)
        }
      } else {
        const b = pixelAt(image, top, right, height, width, pixel, fill)
        const d = pixelAt(image, bottom, left, height, width, pixel, fill)
        const e = pixelAt(image, bottom, right, height, width, pixel, fill)
        const wr = splat<T>(<T>across), wl = splat<T>(<T>(1 - across))
        const wb = splat<T>(<T>down), wt = splat<T>(<T>(1 - down))
        for (let c: usize = 0; c < channels; c += lanes<T>()) {
          const at = c * sizeof<T>()
          const upper = v128.add<T>(v128.mul<T>(wl, v128.load(a + at)), v128.mul<T>(wr, v128.load(b + at)))
          const lower = v128.add<T>(v128.mul<T>(wl, v128.load(d + at)), v128.mul<T>(wr, v128.load(e + at)))
          storeLanes<T>(y + at, v128.add<T>(v128.mul<T>(wt, upper), v128.mul<T>(wb, lower)), channels - c)
        }
      }
      y += pixel
    }
  }
}

/** y: `outputs` images, the ith of them read from image indices[i] of x by the transform at i · step. */
export function warp_f32(x: usize, transforms: usize, indices: usize, fill: usize, y: usize, height: usize, width: usize, channels: usize, outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize): void { warp<f32>(x, transforms, indices, fill, y, height, width, channels, outputs, outHeight, outWidth, step, bilinear, mode) }
export function warp_f64(x: usize, transforms: usize, indices: usize, fill: usize, y: usize, height: usize, width: usize, channels: usize, outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize): void { warp<f64>(x, transforms, indices, fill, y, height, width, channels, outputs, outHeight, outWidth, step, bilinear, mode) }

/** The pixel at `to`, if it is one, += share · dy. */
// @ts-ignore: decorator
@inline
function addPixel<T>(to: usize, share: f64, dy: usize, channels: usize): void {
  if (!to) return
  const w = splat<T>(<T>share)
  for (let c: usize = 0; c < channels; c += lanes<T>()) {
    const at = c * sizeof<T>()
    storeLanes<T>(to + at, v128.add<T>(v128.load(to + at), v128.mul<T>(w, v128.load(dy + at))), channels - c)
  }
}

// @ts-ignore: decorator
@inline
function warpGrad<T>(
  dy: usize, transforms: usize, indices: usize, dx: usize, images: usize, height: usize, width: usize, channels: usize,
  outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize,
): void {
  const pixel = channels * sizeof<T>()
  const size = height * width * pixel
  const to = shareEnd(images)
  for (let i = shareStart(images); i < to; i++) {
    const image = dx + i * size
    memory.fill(image, 0, size)
    for (let output: usize = 0; output < outputs; output++) {
      if (<usize>load<u32>(indices + (output << 2)) != i) continue
      let from = dy + output * outHeight * outWidth * pixel
      for (let row: usize = 0; row < outHeight; row++) {
        for (let column: usize = 0; column < outWidth; column++) {
          locate(transforms + output * step * 8, <f64>column, <f64>row, height, width, bilinear, mode)
          const a = pixelAt(image, top, left, height, width, pixel, 0)
          if (!bilinear) addPixel<T>(a, 1, from, channels)
          else {
            addPixel<T>(a, (1 - down) * (1 - across), from, channels)
            if (across) addPixel<T>(pixelAt(image, top, right, height, width, pixel, 0), (1 - down) * across, from, channels)
            if (down) addPixel<T>(pixelAt(image, bottom, left, height, width, pixel, 0), down * (1 - across), from, channels)
            if (across && down) addPixel<T>(pixelAt(image, bottom, right, height, width, pixel, 0), down * across, from, channels)
          }
          from += pixel
        }
      }
    }
  }
}

/** dx: for each element of dy, what {@link warp} read gets its share. */
export function warpGrad_f32(dy: usize, transforms: usize, indices: usize, dx: usize, images: usize, height: usize, width: usize, channels: usize, outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize): void { warpGrad<f32>(dy, transforms, indices, dx, images, height, width, channels, outputs, outHeight, outWidth, step, bilinear, mode) }
export function warpGrad_f64(dy: usize, transforms: usize, indices: usize, dx: usize, images: usize, height: usize, width: usize, channels: usize, outputs: usize, outHeight: usize, outWidth: usize, step: usize, bilinear: usize, mode: usize): void { warpGrad<f64>(dy, transforms, indices, dx, images, height, width, channels, outputs, outHeight, outWidth, step, bilinear, mode) }
