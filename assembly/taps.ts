// Which taps of a window lie inside the image, along one axis. A window has `filter` taps, `dilation` apart, and its
// first one lies at `start`, which is negative in the padding. The taps inside are neighbours: from firstTap to below
// endTap, and none where that is no more.

// @ts-ignore: decorator
@inline
export function firstTap(start: isize, dilation: isize): isize {
  return start < 0 ? (dilation - 1 - start) / dilation : 0
}

// @ts-ignore: decorator
@inline
export function endTap(start: isize, size: isize, filter: isize, dilation: isize): isize {
  if (start + (filter - 1) * dilation < size) return filter
  return start < size ? (size - start + dilation - 1) / dilation : 0
}
