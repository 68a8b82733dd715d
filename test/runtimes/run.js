// The promise of the same bits everywhere, checked: packs the package, installs it as a user would, and runs
// test/fingerprint/program.js on it in every runtime, bundle and browser. Every leg must give the stored fingerprint.
//
//     npm run test:runtimes                     every leg
//     npm run test:runtimes -- --quick          without Firefox, WebKit and the unit tests: what CI runs
//     npm run test:runtimes -- --only deno      the legs with 'deno' in their name
//
// Legs run side by side. A leg is { name, needs, slow, run }. `needs` names what tools.js must find or install: a leg
// whose needs cannot be met is reported as skipped. `run` returns { version } with a fingerprint or a number of unit
// tests, or throws. The report lies in build/runtimes.json; scripts/runtimes.js puts it into the README.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { install } from './app.js';
import { chromium, firefox, webkit } from './legs/browsers.js';
import { bun } from './legs/bun.js';
import { bundles } from './legs/bundles.js';
import { deno } from './legs/deno.js';
import { edge } from './legs/edge.js';
import { node } from './legs/node.js';
import { packaging } from './legs/packaging.js';
import { serverless } from './legs/serverless.js';
import { units } from './legs/units.js';
import { workerd } from './legs/workerd.js';
import { installTools, missing } from './tools.js';

/** @typedef {{ name: string, needs: string[], slow?: boolean, run(app: any): Promise<any> }} Leg */

const { argv } = process;
const quick = argv.includes('--quick');
const only = argv.includes('--only') ? argv[argv.indexOf('--only') + 1].toLowerCase() : '';

/** @type {Leg[]} */
const every = [packaging, node, deno, bun, workerd, edge, bundles, chromium, firefox, webkit, serverless, units].flat();
const legs = every.filter(({ name, slow }) => name.toLowerCase().includes(only) && !(quick && slow));

/** More at a time would wait for one another: a browser or a bundler alone keeps a core busy. */
const MOST_LANES = 2;

const stored = new URL('../fingerprint/value.txt', import.meta.url);
const expected = readFileSync(stored, 'utf8').trim();

/** Runs a leg: what it is called, what came of it, and why if it did not pass. */
async function judge({ name, needs, run }, app) {
  const start = performance.now();
  const row = (status, rest) => ({
    name,
    status,
    seconds: Math.round((performance.now() - start) / 100) / 10,
    ...rest,
  });
  try {
    const reason = missing(needs);
    if (reason) return row('skipped', { reason });
    const { version, fingerprint, tests, added = [], skipped } = await run(app);
    if (skipped) return row('skipped', { version, reason: skipped });
    if (added.length > 0) throw new Error(`import added globals: ${added.join(', ')}`);
    if (fingerprint !== undefined && fingerprint !== expected)
      throw new Error(`fingerprint ${fingerprint}, not ${expected}`);
    return row('passed', { version, fingerprint, tests });
  } catch (error) {
    return row('failed', { reason: String(error) });
  }
}

installTools();
// What is to be installed is installed before any leg's clock runs.
for (const { needs } of legs) missing(needs);
const app = install();
const start = performance.now();
const results = [];
// The longest are the last.
const turns = [...legs.entries()].reverse().values();
async function lane() {
  for (const [i, leg] of turns) {
    const result = await judge(leg, app);
    const { name, status, version = '', tests, reason = tests ? `${tests} tests` : '', seconds } = result;
    console.log(`${status.padEnd(8)}${name.padEnd(52)}${version.padEnd(28)}${`${seconds} s`.padStart(7)}  ${reason}`);
    results[i] = result;
  }
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), MOST_LANES) }, lane));
rmSync(app.folder, { recursive: true, force: true });

const report = new URL('../../build/runtimes.json', import.meta.url);
mkdirSync(new URL('.', report), { recursive: true });
writeFileSync(report, `${JSON.stringify({ fingerprint: expected, results }, null, 2)}\n`);

const count = (status) => results.filter((r) => r.status === status).length;
console.log(
  `${count('passed')} legs passed, ${count('failed')} failed, ${count('skipped')} skipped in ${Math.round((performance.now() - start) / 1000)} s; fingerprint ${expected}`,
);
process.exitCode = count('failed') > 0 ? 1 : 0;
