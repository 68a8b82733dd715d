// Deno with no permission granted: no file, no network, no environment.

import { lastLine, run } from '../shell.js';
import { program, version } from '../tools.js';

export const deno = [
  {
    name: 'Deno, no permissions',
    needs: ['deno'],
    async run({ app }) {
      return {
        version: version('deno'),
        ...lastLine(await run(program('deno'), ['run', '--no-prompt', 'main.js'], { cwd: app })),
      };
    },
  },
];
