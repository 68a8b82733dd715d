// A recorded step may be run by several threads, each with its own instance of this module on the same memory.
// Every thread runs every instruction; a kernel divides its outputs among them, never a sum, so that the bits
// are those of one thread.
//
// A family that imports this file, even by way of another, divides the work of all its kernels. Those of the
// others are left to the first thread (scripts/abi.js sees to it).

/** This instance does part `part` of `parts`. */
export let part: usize = 0
let parts: usize = 1

export function setShare(t: usize, T: usize): void {
  part = t
  parts = T
}

/** Where this part's share of n units begins. A thread without a share gets an empty one. */
export function shareStart(n: usize): usize {
  return parts == 1 ? 0 : n / parts * part + min(part, n % parts)
}

/** Where this part's share of n units ends, and the next one's begins. */
export function shareEnd(n: usize): usize {
  return parts == 1 ? n : n / parts * (part + 1) + min(part + 1, n % parts)
}

/** Where this part of n units begins, where parts are cut at multiples of `step` only: what is small is the first's. */
export function stepStart(n: usize, step: usize): usize {
  return parts == 1 ? 0 : min(n, shareStart((n + step - 1) / step) * step)
}

/** Where it ends. */
export function stepEnd(n: usize, step: usize): usize {
  return parts == 1 ? n : min(n, shareEnd((n + step - 1) / step) * step)
}

/** Elements at whose multiples flat arrays are cut: whole cache lines of any type, and worth a thread's while. */
export const CHUNK: usize = 1024

/** How many rows of n elements make a CHUNK. */
// @ts-ignore: decorator
@inline
export function rowStep(n: usize): usize { return CHUNK / max<usize>(n, 1) + 1 }
