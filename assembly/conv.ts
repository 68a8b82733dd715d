// Convolutions of images by plain loops. x and dx are [batch, inHeight, inWidth, inChannels], y and dy [batch, outHeight,
// outWidth, outChannels], w and dw [filterHeight, filterWidth, inChannels / groups, outChannels]; taps outside the
// image count for nothing.

const enum Pass { Forward, GradFilter, GradInput }

/** Visits every tap of every window and adds its products to the pass's output, which begins as zeros. */
// @ts-ignore: decorator
@inline
function visit<T>(
  pass: Pass, x: usize, w: usize, y: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  const size = sizeof<T>(), ins = inChannels / groups, outs = outChannels / groups
  if (pass == Pass.Forward) memory.fill(y, 0, batch * outHeight * outWidth * outChannels * size)
  if (pass == Pass.GradFilter) memory.fill(w, 0, filterHeight * filterWidth * ins * outChannels * size)
  if (pass == Pass.GradInput) memory.fill(x, 0, batch * inHeight * inWidth * inChannels * size)
  for (let n: usize = 0; n < batch; n++) {
    for (let oh: usize = 0; oh < outHeight; oh++) {
      for (let ow: usize = 0; ow < outWidth; ow++) {
        const atY = y + ((n * outHeight + oh) * outWidth + ow) * outChannels * size
        for (let fh: usize = 0; fh < filterHeight; fh++) {
          const ih = oh * strideHeight + fh * dilationHeight - padTop // below 0 is huge
          if (ih >= inHeight) continue
          for (let fw: usize = 0; fw < filterWidth; fw++) {
            const iw = ow * strideWidth + fw * dilationWidth - padLeft
            if (iw >= inWidth) continue
            const atX = x + ((n * inHeight + ih) * inWidth + iw) * inChannels * size
            for (let ic: usize = 0; ic < ins; ic++) {
              const atW = w + ((fh * filterWidth + fw) * ins + ic) * outChannels * size
              for (let oc: usize = 0; oc < outChannels; oc++) {
                const px = atX + (oc / outs * ins + ic) * size, pw = atW + oc * size, py = atY + oc * size
                if (pass == Pass.Forward) store<T>(py, load<T>(py) + load<T>(px) * load<T>(pw))
                if (pass == Pass.GradFilter) store<T>(pw, load<T>(pw) + load<T>(px) * load<T>(py))
                if (pass == Pass.GradInput) store<T>(px, load<T>(px) + load<T>(py) * load<T>(pw))
              }
            }
          }
        }
      }
    }
  }
}

export function conv2d_f32(
  x: usize, w: usize, y: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f32>(
    Pass.Forward, x, w, y, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradFilter_f32(
  x: usize, dy: usize, dw: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f32>(
    Pass.GradFilter, x, dw, dy, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradInput_f32(
  dy: usize, w: usize, dx: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f32>(
    Pass.GradInput, dx, w, dy, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dScratch_f32(
  pass: i32,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): usize { return 0 }

export function conv2d_f64(
  x: usize, w: usize, y: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f64>(
    Pass.Forward, x, w, y, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradFilter_f64(
  x: usize, dy: usize, dw: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f64>(
    Pass.GradFilter, x, dw, dy, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dGradInput_f64(
  dy: usize, w: usize, dx: usize, scratch: usize,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): void {
  visit<f64>(
    Pass.GradInput, dx, w, dy, batch, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, filterHeight, filterWidth,
    strideHeight, strideWidth, dilationHeight, dilationWidth, padTop, padLeft, groups,
  )
}

export function conv2dScratch_f64(
  pass: i32,
  batch: usize, inHeight: usize, inWidth: usize, inChannels: usize, outHeight: usize, outWidth: usize,
  outChannels: usize, filterHeight: usize, filterWidth: usize, strideHeight: usize, strideWidth: usize,
  dilationHeight: usize, dilationWidth: usize, padTop: usize, padLeft: usize, groups: usize,
): usize { return 0 }
