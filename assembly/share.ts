// A recorded step may be run by several threads, each with its own instance of this module on the same memory.
// Every thread runs every instruction; a kernel divides its outputs among them, never a sum, so that the bits
// are those of one thread.
//
// A family that imports this file, even by way of another, divides the work of all its kernels. Those of the
// others are left to the first thread (scripts/abi.js sees to it).

/** This instance does part `part` of `parts`. */
export let part: usize = 0
export let parts: usize = 1

export function setShare(t: usize, T: usize): void {
  part = t
  parts = T
}

/** Where this part's share of n units begins. A thread without a share gets an empty one. */
// @ts-ignore: decorator
@inline
export function shareStart(n: usize): usize {
  return parts == 1 ? 0 : n / parts * part + min(part, n % parts)
}

/** Where this part's share of n units ends, and the next one's begins. */
// @ts-ignore: decorator
@inline
export function shareEnd(n: usize): usize {
  return parts == 1 ? n : n / parts * (part + 1) + min(part + 1, n % parts)
}
