// One file for a platform that compiles WebAssembly when it is deployed: bundled under the platform's condition, the
// import of the .wasm left for the platform.

import { join } from 'node:path';
import { tool } from './tools.js';

/**
 * @param {string} entry
 * @param {string} condition - of `exports` in package.json
 * @param {{ contents?: string }} [wasm] - JavaScript to stand for the .wasm; without it the import stays
 * @returns {Promise<string>}
 */
export async function bundleFor(entry, condition, { contents } = {}) {
  const { build } = await tool('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: contents ? 'iife' : 'esm',
    conditions: [condition],
    plugins: [
      {
        name: 'wasm',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) =>
            contents
              ? { path: join(resolveDir, path), namespace: 'wasm' }
              : { path: './wasmgrad.wasm', external: true },
          );
          onLoad({ filter: /.*/, namespace: 'wasm' }, () => ({ contents }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}
