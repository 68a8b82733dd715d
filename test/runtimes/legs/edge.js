// Vercel's edge-runtime with the compilation of WebAssembly and of strings turned off, as it is when deployed.

import { join } from 'node:path';
import { bundleFor, modulesIn } from '../bundle.js';
import { tool, version } from '../tools.js';

/** What a handler bundled under a condition answers. */
async function answer(app, condition) {
  const { EdgeRuntime } = await tool('edge-runtime');
  const deployed = Object.fromEntries(
    modulesIn(app).map(({ name, contents }) => [name, new WebAssembly.Module(contents)]),
  );
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (context) => Object.assign(context, { deployed }),
    initialCode: await bundleFor(join(app, 'edge.js'), condition, (name) => `export default deployed['${name}']`),
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
