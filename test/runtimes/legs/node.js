// Node: npm's builds of the supported versions beside the machine's own, as an ES module and through `require`.
// Code from strings is forbidden, which shows that nothing is evaluated.

import { lastLine, run } from '../shell.js';
import { program } from '../tools.js';

const REFUSAL = "import('wasmgrad/relaxed').then(() => console.log('nothing'), (error) => console.log(error.message))";

const NO_EVAL = '--disallow-code-generation-from-strings';

export const node = ['node', 'node-18', 'node-22', 'node-24', 'node-26'].flatMap((name) => {
  const needs = name === 'node' ? [] : [name];
  const title = name === 'node' ? `Node ${process.versions.node.split('.')[0]}` : `Node ${name.slice(5)}`;
  const version = async () => (await run(program(name), ['--version'])).trim();
  return [
    {
      name: title,
      needs,
      async run({ app }) {
        return { version: await version(), ...lastLine(await run(program(name), [NO_EVAL, 'main.js'], { cwd: app })) };
      },
    },
    {
      name: `${title}, threads`,
      needs,
      async run({ app }) {
        return {
          version: await version(),
          ...lastLine(await run(program(name), [NO_EVAL, 'threads-main.js'], { cwd: app })),
        };
      },
    },
    {
      name: `${title}, relaxed`,
      needs,
      async run({ app }) {
        const given = await version();
        if (Number(given.slice(1).split('.')[0]) < 22) {
          const said = await run(program(name), ['-e', REFUSAL], { cwd: app });
          if (!said.includes('has no relaxed SIMD')) throw new Error(`import said: ${said}`);
          return { version: given };
        }
        lastLine(await run(program(name), ['relaxed-main.js'], { cwd: app }));
        return { version: given };
      },
    },
    {
      name: `${title}, require()`,
      needs,
      async run({ app }) {
        const given = await version();
        const [major, minor] = given.slice(1).split('.').map(Number);
        if (major < 20 || (major === 20 && minor < 19) || (major === 22 && minor < 12)) {
          return { version: given, skipped: 'this version cannot require() an ES module' };
        }
        return { version: given, ...lastLine(await run(program(name), [NO_EVAL, 'main.cjs'], { cwd: app })) };
      },
    },
  ];
});
