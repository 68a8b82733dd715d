// Writes dist/: two files for each way a platform hands over the kernels' modules. Few files start five times as fast as
// sixty, and a relative import inside them works in every runtime and bundler, which an `imports` map does not.
//
//     core.js             everything but the chained methods; compiles the modules that travel inside it
//     index.js            core.js and the chained methods
//     workerd*.js         the same, but import NAME.wasm, as Cloudflare Workers want it
//     edge-light*.js      the same, but import NAME.wasm?module, as Vercel's edge runtime wants it

import { copyFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { MODULES } from '../assembly/modules.js';

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

rmSync(path('dist'), { recursive: true, force: true });

for (const [platform, index, core] of [
  ['inline', 'index', 'core'],
  ['workerd', 'workerd', 'workerd-core'],
  ['edge-light', 'edge-light', 'edge-light-core'],
]) {
  const bundle = await rolldown({
    input: { [index]: path('src/index.ts'), [core]: path('src/core.ts') },
    external: /\.wasm/,
    // What both need lies in the second.
    preserveEntrySignatures: 'allow-extension',
    treeshake: { moduleSideEffects: () => true },
    transform: { target: 'es2022' },
    plugins: [
      {
        name: 'platform',
        resolveId: (id) => (id === './inline.js' ? path(`src/wasm/generated/${platform}.ts`) : undefined),
      },
    ],
  });
  // Parsing is most of a cold start. Functions and classes keep their names, for the sake of stack traces.
  const minify = { compress: true, mangle: { toplevel: false, keepNames: true }, codegen: { removeWhitespace: true } };
  await bundle.write({ dir: path('dist'), minify, comments: { legal: false, annotation: true, jsdoc: false } });
}
for (const name of Object.keys(MODULES)) copyFileSync(path(`build/${name}.wasm`), path(`dist/${name}.wasm`));
