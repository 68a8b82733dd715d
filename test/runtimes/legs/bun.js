// Bun, which is JavaScriptCore: its switches also give an engine without SIMD and one without WebAssembly, where
// the import must fail in one sentence.

import { lastLine, run } from '../shell.js';
import { program, version } from '../tools.js';

/** What importing the package says in an engine that lacks something. */
async function refusal(app, env) {
  const script =
    "import('wasmgrad').then(() => console.log('\"\"'), (error) => console.log(JSON.stringify(error.message)))";
  return lastLine(await run(program('bun'), ['-e', script], { cwd: app, env }));
}

const refuses = (what, env, sentence) => ({
  name: `Bun, without ${what}: one sentence`,
  needs: ['bun'],
  async run({ app }) {
    const message = await refusal(app, env);
    if (!message.includes(sentence)) throw new Error(`import said: ${message}`);
    return { version: version('bun') };
  },
});

export const bun = [
  {
    name: 'Bun',
    needs: ['bun'],
    async run({ app }) {
      return { version: version('bun'), ...lastLine(await run(program('bun'), ['main.js'], { cwd: app })) };
    },
  },
  {
    name: 'Bun, threads',
    needs: ['bun'],
    async run({ app }) {
      return { version: version('bun'), ...lastLine(await run(program('bun'), ['threads-main.js'], { cwd: app })) };
    },
  },
  {
    name: 'Bun, relaxed',
    needs: ['bun'],
    async run({ app }) {
      lastLine(await run(program('bun'), ['relaxed-main.js'], { cwd: app }));
      return { version: version('bun') };
    },
  },
  refuses('SIMD', { BUN_JSC_useWasmSIMD: '0' }, 'has no WebAssembly SIMD'),
  refuses('WebAssembly', { BUN_JSC_useWasm: '0' }, 'has no WebAssembly,'),
];
