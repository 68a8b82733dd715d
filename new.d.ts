declare namespace __AdaptedExports {
  /** Exported memory */
  export const memory: WebAssembly.Memory;
  /**
   * assembly/matmul/matMul_f32
   * @param a `usize`
   * @param b `usize`
   * @param y `usize`
   * @param scratch `usize`
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @param batch `usize`
   * @param strideA `usize`
   * @param strideB `usize`
   */
  export function matMul_f32(a: number, b: number, y: number, scratch: number, m: number, n: number, k: number, transposeA: number, transposeB: number, batch: number, strideA: number, strideB: number): void;
  /**
   * assembly/matmul/matMul_f64
   * @param a `usize`
   * @param b `usize`
   * @param y `usize`
   * @param scratch `usize`
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @param batch `usize`
   * @param strideA `usize`
   * @param strideB `usize`
   */
  export function matMul_f64(a: number, b: number, y: number, scratch: number, m: number, n: number, k: number, transposeA: number, transposeB: number, batch: number, strideA: number, strideB: number): void;
  /**
   * assembly/matmul/matMul_i32
   * @param a `usize`
   * @param b `usize`
   * @param y `usize`
   * @param scratch `usize`
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @param batch `usize`
   * @param strideA `usize`
   * @param strideB `usize`
   */
  export function matMul_i32(a: number, b: number, y: number, scratch: number, m: number, n: number, k: number, transposeA: number, transposeB: number, batch: number, strideA: number, strideB: number): void;
  /**
   * assembly/matmul/matMulScratch_f32
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @returns `usize`
   */
  export function matMulScratch_f32(m: number, n: number, k: number, transposeA: number, transposeB: number): number;
  /**
   * assembly/matmul/matMulScratch_f64
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @returns `usize`
   */
  export function matMulScratch_f64(m: number, n: number, k: number, transposeA: number, transposeB: number): number;
  /**
   * assembly/matmul/matMulScratch_i32
   * @param m `usize`
   * @param n `usize`
   * @param k `usize`
   * @param transposeA `i32`
   * @param transposeB `i32`
   * @returns `usize`
   */
  export function matMulScratch_i32(m: number, n: number, k: number, transposeA: number, transposeB: number): number;
}
/** Instantiates the compiled WebAssembly module with the given imports. */
export declare function instantiate(module: WebAssembly.Module, imports: {
}): Promise<typeof __AdaptedExports>;
