// Deno with no permission granted: no file, no network, no environment.

import { lastLine, run } from '../shell.js';
import { program, version } from '../tools.js';

const leg = (/** @type {string} */ name, /** @type {string} */ file) => ({
  name,
  needs: ['deno'],
  async run(/** @type {any} */ { app }) {
    return {
      version: version('deno'),
      ...lastLine(await run(program('deno'), ['run', '--no-prompt', file], { cwd: app })),
    };
  },
});

export const deno = [
  leg('Deno, no permissions', 'main.js'),
  leg('Deno, relaxed, no permissions', 'relaxed-main.js'),
  leg('Deno, threads, no permissions', 'threads-main.js'),
];
