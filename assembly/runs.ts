// One axis of a convolution: which taps of the filter meet the image where.
//
// A tap that falls outside of the image counts as nothing: it is left out, not multiplied by zero, so that no infinity or
// NaN at a border meets a padding that is not there. Positions that meet the same taps form a run:
//
//      image         0 1 2 3 4 5 6              filter of 3, padding of 1
//      run 0   taps  · 1 2                      1 position
//      run 1   taps      0 1 2 →  0 1 2         5 positions
//      run 2   taps                0 1 ·        1 position
//
// With strides, the gradient of the input has runs of every sth position, each with every sth tap.

/** `count` positions from `first` on, every `step`th, that meet `taps` taps from `firstTap` on, every `tapStep`th. */
@unmanaged
export class Run {
  first: isize
  step: isize
  count: isize
  firstTap: isize
  tapStep: isize
  taps: isize
  /** Where the first position meets the first tap, and how far on the next position does, and the next tap. */
  source: isize
  sourceStep: isize
  tapSourceStep: isize
}

/** Bytes of the runs of n positions. */
// @ts-ignore: decorator
@inline
export function runBytes(n: usize, filter: usize, divisor: usize): usize {
  return min(n, divisor * (2 * filter + 1)) * offsetof<Run>()
}

/**
 * Writes the runs of n positions, and returns where they end. Position i meets tap f at
 * (i · stride + start + f · dilation) / divisor, if that is a whole number from 0 up to `size`.
 */
export function findRuns(
  at: usize, n: isize, filter: isize, size: isize, stride: isize, start: isize, dilation: isize, divisor: isize,
): usize {
  let tapStep: isize = 1
  while (tapStep * dilation % divisor) tapStep++
  const tapSourceStep = tapStep * dilation / divisor
  for (let phase: isize = 0; phase < divisor; phase++) {
    let run = changetype<Run>(0)
    for (let i = phase; i < n; i += divisor) {
      if (changetype<usize>(run) && goesOn(run, filter, size)) {
        run.count++
        continue
      }
      let firstTap: isize = 0, taps: isize = 0, source: isize = 0
      for (let f: isize = 0; f < filter; f++) {
        const place = i * stride + start + f * dilation
        if (place < 0 || place % divisor || place / divisor >= size || taps++) continue
        firstTap = f
        source = place / divisor
      }
      if (changetype<usize>(run) && !taps && !run.taps) {
        run.count++
        continue
      }
      run = changetype<Run>(at)
      at += offsetof<Run>()
      run.first = i
      run.step = divisor
      run.count = 1
      run.firstTap = firstTap
      run.tapStep = tapStep
      run.taps = taps
      run.source = source
      run.sourceStep = stride
      run.tapSourceStep = tapSourceStep
    }
  }
  return at
}

/** Whether the position after the run's last one meets the same taps: those at the ends, and none beyond. */
// @ts-ignore: decorator
@inline
function goesOn(run: Run, filter: isize, size: isize): bool {
  if (!run.taps) return false
  const first = run.source + run.count * run.sourceStep, last = first + (run.taps - 1) * run.tapSourceStep
  const before = first - run.tapSourceStep, after = last + run.tapSourceStep
  return <usize>first < <usize>size && <usize>last < <usize>size &&
    (run.firstTap < run.tapStep || <usize>before >= <usize>size) &&
    (run.firstTap + run.taps * run.tapStep >= filter || <usize>after >= <usize>size)
}
