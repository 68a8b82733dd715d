// Small words about vectors of T that kernels of every family use.

/** Elements of T in a vector. */
// @ts-ignore: decorator
@inline
export function lanes<T>(): usize { return 16 / sizeof<T>() }

/** v in every lane. */
// @ts-ignore: decorator
@inline
export function splat<T>(v: T): v128 { return v128.splat<T>(v) }

const MASK = memory.data<u32>([~0, ~0, ~0, ~0, 0, 0, 0, 0])

/** Ones in the first n lanes, zeros in the rest. */
// @ts-ignore: decorator
@inline
export function tailMask<T>(n: usize): v128 { return v128.load(MASK + 16 - n * sizeof<T>()) }
