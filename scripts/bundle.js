// Writes dist/: one file for each way a platform hands over the kernels' module. One file starts five times as fast
// as sixty, and a relative import inside it works in every runtime and bundler, which an `imports` map does not.
//
//     index.js         compiles the module that travels inside it
//     workerd.js       imports wasmgrad.wasm, as Cloudflare Workers want it
//     edge-light.js    imports wasmgrad.wasm?module, as Vercel's edge runtime wants it

import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(path('dist'), { recursive: true, force: true });

for (const [name, source] of [
  ['index', 'inline'],
  ['workerd', 'workerd'],
  ['edge-light', 'edge-light'],
]) {
  const bundle = await rolldown({
    input: { [name]: path('src/index.ts') },
    external: /\.wasm/,
    treeshake: { moduleSideEffects: () => true },
    transform: { target: 'es2022' },
    plugins: [
      {
        name: 'module',
        resolveId: (id) => (id === './inline.js' ? path(`src/wasm/${source}.ts`) : undefined),
      },
    ],
  });
  await bundle.write({ dir: path('dist'), comments: { legal: false, annotation: true, jsdoc: false } });
}
copyFileSync(path('build/wasmgrad.wasm'), path('dist/wasmgrad.wasm'));
