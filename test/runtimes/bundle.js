// One file for a platform that compiles WebAssembly when it is deployed: bundled under the platform's condition, the
// import of the .wasm left for the platform.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tool } from './tools.js';

/** The installed package's modules by their files' names. */
export function modulesIn(/** @type {string} */ app) {
  const dist = join(app, 'node_modules/wasmgrad/dist');
  const names = readdirSync(dist).filter((name) => name.endsWith('.wasm'));
  return names.map((name) => ({ name, contents: readFileSync(join(dist, name)) }));
}

/**
 * @param {string} entry
 * @param {string} condition - of `exports` in package.json
 * @param {(name: string) => string} [contentsOf] - JavaScript to stand for a .wasm; without it the import stays
 * @returns {Promise<string>}
 */
export async function bundleFor(entry, condition, contentsOf) {
  const { build } = await tool('esbuild');
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: contentsOf ? 'iife' : 'esm',
    conditions: [condition],
    plugins: [
      {
        name: 'wasm',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) =>
            contentsOf
              ? { path: join(resolveDir, path), namespace: 'wasm' }
              : { path: `./${basename(path)}`, external: true },
          );
          onLoad({ filter: /.*/, namespace: 'wasm' }, ({ path }) => ({
            contents: contentsOf?.(basename(path).replace('?module', '')),
          }));
        },
      },
    ],
  });
  return outputFiles[0].text;
}
