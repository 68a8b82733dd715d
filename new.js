export async function instantiate(module, imports = {}) {
  const { exports } = await WebAssembly.instantiate(module, imports);
  const memory = exports.memory || imports.env.memory;
  const adaptedExports = Object.setPrototypeOf({
    matMulScratch_f32(m, n, k, transposeA, transposeB) {
      // assembly/matmul/matMulScratch_f32(usize, usize, usize, i32, i32) => usize
      return exports.matMulScratch_f32(m, n, k, transposeA, transposeB) >>> 0;
    },
    matMulScratch_f64(m, n, k, transposeA, transposeB) {
      // assembly/matmul/matMulScratch_f64(usize, usize, usize, i32, i32) => usize
      return exports.matMulScratch_f64(m, n, k, transposeA, transposeB) >>> 0;
    },
    matMulScratch_i32(m, n, k, transposeA, transposeB) {
      // assembly/matmul/matMulScratch_i32(usize, usize, usize, i32, i32) => usize
      return exports.matMulScratch_i32(m, n, k, transposeA, transposeB) >>> 0;
    },
  }, exports);
  return adaptedExports;
}
