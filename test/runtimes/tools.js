// What the legs run in: npm packages in this folder's own node_modules, and Debian's browsers. Installed here, out
// loud, when they are missing. Nothing downloads a binary of its own: install scripts stay off.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const modules = `${here}node_modules`;

/** @type {Record<string, { packages: string[], file: string }>} Debian's packages by what a leg calls them, with a file that shows they are there. */
const DEBIAN = {
  chromium: { packages: ['chromium'], file: '/usr/bin/chromium' },
  firefox: { packages: ['firefox-esr'], file: '/usr/bin/firefox-esr' },
  webkit: { packages: ['webkit2gtk-driver', 'xvfb', 'xauth'], file: '/usr/bin/WebKitWebDriver' },
};

/** @type {Record<string, string>} programs that npm packages carry for one platform. */
const PROGRAMS = {
  deno: `${modules}/@deno/linux-x64-glibc/deno`,
  bun: `${modules}/@oven/bun-linux-x64/bin/bun`,
  ...Object.fromEntries([18, 22, 24, 26].map((major) => [`node-${major}`, `${modules}/node-${major}/bin/node`])),
};

/** Where a program is. */
export const program = (/** @type {string} */ name) => (name === 'node' ? process.execPath : PROGRAMS[name]);

/** The version of a tool's npm package. */
export const version = (/** @type {string} */ name) =>
  JSON.parse(readFileSync(`${modules}/${name}/package.json`, 'utf8')).version;

/** Imports a tool. */
export const tool = (/** @type {string} */ name) => import(name);

function say(/** @type {string} */ command, /** @type {string[]} */ args, cwd = here) {
  console.log(`installing: ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

const read = (/** @type {string} */ file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Installs npm's tools, if the lock has changed since. There is no leg without them: an error here is the end. */
export function installTools() {
  const { packages: wanted } = JSON.parse(read(`${here}package-lock.json`));
  const { packages: got = {} } = JSON.parse(read(`${modules}/.package-lock.json`) || '{}');
  const current = Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || got[path]?.version === version,
  );
  if (!current) say('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
}

function installDebian(/** @type {string[]} */ packages) {
  say('apt-get', ['update', '-qq']);
  say('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
}

/** @type {Map<string, string>} what could not be had, and why */
const failures = new Map();

/** Finds or installs a need once. Returns why it cannot be had, or ''. */
function look(/** @type {string} */ need) {
  try {
    const debian = DEBIAN[need];
    if (debian && !existsSync(debian.file)) installDebian(debian.packages);
    const file = debian?.file ?? PROGRAMS[need] ?? `${modules}/${need}`;
    return existsSync(file) ? '' : `${need} is not to be had on ${process.platform} ${process.arch}`;
  } catch (error) {
    return `${need} could not be installed: ${String(error).split('\n')[0]}`;
  }
}

/** Why the needs of a leg cannot be met; '' if they are. */
export function missing(/** @type {string[]} */ needs) {
  for (const need of needs) if (!failures.has(need)) failures.set(need, look(need));
  return needs.map((need) => failures.get(need)).find(Boolean) ?? '';
}
