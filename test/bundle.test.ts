// What a bundle carries: esbuild's minified output, compressed as a server sends it. The kernels are one module that
// every bundle has whole; what varies is the JavaScript around them.

import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const WASM = /\.wasm$/;

/** The size of a program in bytes of brotli; without the kernels under the condition `workerd`. */
async function size(program: string, ...conditions: string[]): Promise<{ bytes: number; code: string }> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: new URL('.', import.meta.url).pathname },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    conditions,
    tsconfigRaw: '{}',
    plugins: [
      { name: 'wasm', setup: ({ onResolve }) => onResolve({ filter: WASM }, ({ path }) => ({ path, external: true })) },
    ],
  });
  const { contents, text } = outputFiles[0]!;
  return { bytes: brotliCompressSync(contents).length, code: text };
}

const SMALL = `
  import { matMul, SGDOptimizer, tensor2d, variableGrads } from 'wasmgrad';
  console.log(matMul(tensor2d([[1]]), tensor2d([[1]])), new SGDOptimizer(0.1), variableGrads);
`;
const WHOLE = `
  import * as wasmgrad from 'wasmgrad';
  console.log(wasmgrad);
`;

describe('a bundle', () => {
  it('of tensors, matMul and one optimizer leaves the layers out', async () => {
    const { bytes, code } = await size(SMALL, 'workerd');
    for (const layer of ['inputShape', 'AdamOptimizer', 'earlyStopping']) expect(code).not.toContain(layer);
    expect(bytes).toBeLessThan(23_000);
  });

  it('of the whole package with its kernels stays small', async () => {
    expect((await size(WHOLE)).bytes).toBeLessThan(89_000);
  });
});
