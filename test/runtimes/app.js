// The application that every leg runs: a folder with the packed package installed into it, the program, and an entry
// for each kind of host. It knows nothing of this repository.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const path = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));

const FILES = {
  'package.json': '{ "name": "app", "private": true, "type": "module" }\n',

  // Evaluated before the package, so that what import leaves behind shows.
  'globals.js': `
const before = new Set(Reflect.ownKeys(globalThis));
export const added = () => Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
`,
  'entry.js': `
import { added } from './globals.js';
import * as wasmgrad from 'wasmgrad';
import { fingerprint } from './program.js';
const globals = added();
export const run = async () => ({ fingerprint: await fingerprint(wasmgrad), added: globals });
`,
  'main.js': `
import { run } from './entry.js';
run().then((result) => console.log(JSON.stringify(result)));
`,
  'main.cjs': `
const wasmgrad = require('wasmgrad');
import('./program.js')
  .then(({ fingerprint }) => fingerprint(wasmgrad))
  .then((fingerprint) => console.log(JSON.stringify({ fingerprint })));
`,
  'worker.js': `
import { run } from './entry.js';
export default { fetch: async () => Response.json(await run()) };
`,
  'edge.js': `
import { run } from './entry.js';
addEventListener('fetch', (event) => event.respondWith(run().then((result) => Response.json(result))));
`,
};

/** Packs the package and installs it into a new folder. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), 'wasmgrad-'));
  const app = join(folder, 'app');
  mkdirSync(app);
  const npm = (/** @type {string[]} */ ...args) =>
    execFileSync('npm', [...args, '--loglevel=error'], { cwd: args[0] === 'pack' ? path('../..') : app });
  npm('pack', '--pack-destination', folder);
  const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '');
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(app, name), text);
  copyFileSync(path('../fingerprint/program.js'), join(app, 'program.js'));
  npm('install', '--no-audit', '--no-fund', '--offline', tarball);
  return { folder, app, tarball };
}
