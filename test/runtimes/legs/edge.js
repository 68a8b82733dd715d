// Vercel's edge-runtime with the compilation of WebAssembly and of strings turned off, as it is when deployed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFor } from '../bundle.js';
import { tool, version } from '../tools.js';

/** What a handler bundled under a condition answers. */
async function answer(app, condition) {
  const { EdgeRuntime } = await tool('edge-runtime');
  const deployedModule = new WebAssembly.Module(readFileSync(join(app, 'node_modules/wasmgrad/dist/wasmgrad.wasm')));
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => Object.assign(context, { deployedModule }),
    initialCode: await bundleFor(join(app, 'edge.js'), condition, { contents: 'export default deployedModule' }),
  });
  const response = await runtime.dispatchFetch('http://localhost/');
  return response.json();
}

export const edge = [
  {
    name: 'edge-runtime, code generation off',
    needs: ['edge-runtime', 'esbuild'],
    run: async ({ app }) => ({ version: version('edge-runtime'), ...(await answer(app, 'edge-light')) }),
  },
  {
    name: 'edge-runtime, wrong condition: one sentence',
    needs: ['edge-runtime', 'esbuild'],
    async run({ app }) {
      const message = await answer(app, 'browser').catch((error) => error.message);
      if (!/a policy forbids WebAssembly: .* 'edge-light'/.test(message)) throw new Error(`import said: ${message}`);
      return { version: version('edge-runtime') };
    },
  },
];
