// Writes dist/: one file for each way a platform hands over the kernels' module. One file starts five times as fast
// as sixty, and a relative import inside it works in every runtime and bundler, which an `imports` map does not.
//
//     index.js             compiles the module that travels inside it
//     workerd.js           imports wasmgrad.wasm, as Cloudflare Workers want it
//     edge-light.js        imports wasmgrad.wasm?module, as Vercel's edge runtime wants it
//     threads.js           sets threads to work beside index.js, which it imports
//     threads-worker.js    what a thread runs, for pages whose policy wants it in a file
//     no-threads.js        says, beside the other two, that there can be none

import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(path('dist'), { recursive: true, force: true });

/** @param {string} name @param {string} entry @param {(id: string, importer?: string) => any} resolveId */
async function write(name, entry, resolveId) {
  const bundle = await rolldown({
    input: { [name]: path(entry) },
    external: /\.wasm/,
    treeshake: { moduleSideEffects: () => true },
    transform: { target: 'es2022' },
    plugins: [{ name: 'wasmgrad', resolveId, load: (id) => (id === NOTHING ? 'export {};' : undefined) }],
  });
  await bundle.write({ dir: path('dist'), comments: { legal: false, annotation: true, jsdoc: false } });
}

const NOTHING = '\0nothing';

for (const [name, source] of [
  ['index', 'inline'],
  ['workerd', 'workerd'],
  ['edge-light', 'edge-light'],
]) {
  await write(name, 'src/index.ts', (id) => {
    if (id === './inline.js') return path(`src/wasm/${source}.ts`);
    if (id === './threads/host.js' && source !== 'inline') return NOTHING;
  });
}
await write('threads', 'src/threads/index.ts', (id) => {
  if (id === '../index.js') return { id: './index.js', external: true };
});
await write('no-threads', 'src/threads/none.ts', () => undefined);

for (const file of ['wasmgrad.wasm', 'threads-worker.js']) copyFileSync(path(`build/${file}`), path(`dist/${file}`));
