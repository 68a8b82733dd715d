// What users' tools make of package.json: publint and attw on the packed package, with no finding.

import { fileURLToPath } from 'node:url';
import { run } from '../shell.js';
import { version } from '../tools.js';

const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

export const packaging = [
  {
    name: 'publint',
    needs: ['publint'],
    async run({ tarball }) {
      const output = await run(bin('publint'), ['run', tarball, '--strict']);
      if (!output.includes('All good')) throw new Error(output);
      return { version: version('publint') };
    },
  },
  {
    name: 'attw, ES modules only',
    needs: ['@arethetypeswrong/cli'],
    async run({ tarball }) {
      await run(bin('attw'), [tarball, '--profile', 'esm-only']);
      return { version: version('@arethetypeswrong/cli') };
    },
  },
];
