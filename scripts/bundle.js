// Writes dist/: two files for each way a platform hands over the kernels' modules. Few files start five times as fast as
// sixty, and a relative import inside them works in every runtime and bundler, which an `imports` map does not.
//
//     core.js             everything but the chained methods; compiles the modules that travel inside it
//     index.js            core.js and the chained methods
//     workerd*.js         the same, but import NAME.wasm, as Cloudflare Workers want it
//     edge-light*.js      the same, but import NAME.wasm?module, as Vercel's edge runtime wants it
//     relaxed.js          index.js on kernels that fuse products and sums: wasmgrad/relaxed
//     threads.js          sets threads to work beside core.js, which it imports
//     threads-worker.js   what a thread runs, for pages whose policy wants it in a file
//     *plot.js            draws, beside the core.js of its platform, which it imports; imports what draws when it is asked to
//     no-threads.js       says, on the other platforms, that there can be none

import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { MODULES } from '../assembly/modules.js';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(path('dist'), { recursive: true, force: true });

// Parsing is most of a cold start. Functions keep their names and lines stay short, since an error that nobody catches
// is printed with the line it comes from; without white space a start were 0.5 ms shorter, of some 70.
const minify = { compress: true, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: false } };
const output = { dir: path('dist'), minify, comments: { legal: false, annotation: true, jsdoc: false } };

/** @param {Record<string, string>} input @param {(id: string) => any} resolveId */
async function write(input, resolveId) {
  const bundle = await rolldown({
    input,
    external: [/\.wasm/, 'd3-scale', 'd3-shape', '@dagrejs/dagre'],
    // What several entries need lies in one of them.
    preserveEntrySignatures: 'allow-extension',
    treeshake: { moduleSideEffects: () => true },
    transform: { target: 'es2022' },
    plugins: [{ name: 'platform', resolveId, load: (id) => (id === NOTHING ? 'export {};' : undefined) }],
  });
  await bundle.write(output);
}

const NOTHING = '\0nothing';

for (const [platform, index, core, plot] of [
  ['inline', 'index', 'core', 'plot'],
  ['workerd', 'workerd', 'workerd-core', 'workerd-plot'],
  ['edge-light', 'edge-light', 'edge-light-core', 'edge-light-plot'],
]) {
  await write({ [index]: path('src/index.ts'), [core]: path('src/core.ts') }, (id) => {
    if (id === './inline.js') return path(`src/wasm/generated/${platform}.ts`);
    if (id === './threads/host.js' && platform !== 'inline') return NOTHING;
  });
  await write({ [plot]: path('src/plot/index.ts') }, (id) => {
    if (id === '../core.js') return { id: `./${core}.js`, external: true };
  });
}
await write({ relaxed: path('src/index.ts') }, (id) => {
  if (id === './inline.js') return path('src/wasm/generated/relaxed.ts');
  if (id === './threads/host.js') return NOTHING;
});
await write({ threads: path('src/threads/index.ts') }, (id) => {
  if (id === '../core.js') return { id: './core.js', external: true };
});
await write({ 'no-threads': path('src/threads/none.ts') }, () => undefined);

copyFileSync(path('build/threads-worker.js'), path('dist/threads-worker.js'));
for (const name of Object.keys(MODULES)) copyFileSync(path(`build/${name}.wasm`), path(`dist/${name}.wasm`));
