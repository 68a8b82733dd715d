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
export const run = async (report) => ({ fingerprint: await fingerprint(wasmgrad, report), added: globals });
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
  // The same weights by one thread and by several, in steps long enough that threads are tried; then the fingerprint.
  'threads.js': `
import * as wasmgrad from 'wasmgrad';
import { getThreads, setThreads } from 'wasmgrad/threads';
import { fingerprint } from './program.js';

const { layers, randomUniform, sequential, setSeed, zeros } = wasmgrad;

async function weightsBy(threads) {
  await setThreads(threads);
  if (getThreads() !== threads) throw new Error(getThreads() + ' threads, not ' + threads);
  const large = zeros([threads, 2048, 2048]);
  setSeed(1);
  const model = sequential();
  model.add(layers.dense({ units: 512, activation: 'relu', inputShape: [512] }));
  model.add(layers.dropout({ rate: 0.25 }));
  model.add(layers.dense({ units: 10 }));
  model.compile({ optimizer: 'adam', loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } });
  const [x, y] = [randomUniform([128, 512]), randomUniform([128], 0, 10, 'int32')];
  for (let i = 0; i < 20; i++) await model.trainOnBatch(x, y);
  const weights = model.getWeights().map((w) => w.dataSync().join()).join();
  model.dispose();
  wasmgrad.dispose([x, y, large]);
  return weights;
}

export async function run(report) {
  const expected = await weightsBy(1);
  for (const n of [2, 3, 1, 2]) {
    if ((await weightsBy(n)) !== expected) throw new Error('other weights by ' + n + ' threads');
    report?.('weights by ' + n + ' threads');
  }
  const result = await fingerprint(wasmgrad, report);
  await setThreads(1);
  return { fingerprint: result };
}
`,
  'threads-main.js': `
import { run } from './threads.js';
run().then((result) => console.log(JSON.stringify(result)));
`,
  // Fused products and sums: about the same numbers, so no fingerprint.
  'relaxed.js': `
import * as wasmgrad from 'wasmgrad';
import * as relaxed from 'wasmgrad/relaxed';

const numbers = ({ layers, randomUniform, sequential, setSeed }) => {
  setSeed(1);
  const model = sequential({ layers: [layers.conv2d({ filters: 8, kernelSize: 3, inputShape: [8, 8, 3] }), layers.flatten()] });
  const [a, b, x] = [randomUniform([37, 300]), randomUniform([300, 41]), randomUniform([2, 8, 8, 3])];
  return [...a.matMul(b).dataSync(), ...model.predict(x).dataSync()];
};
export const run = async () => {
  const [expected, got] = [numbers(wasmgrad), numbers(relaxed)];
  const worst = Math.max(...expected.map((v, i) => Math.abs(v - got[i]) / (1 + Math.abs(v))));
  if (!(worst < 1e-5)) throw new Error('relaxed is off by ' + worst);
  return { differs: expected.some((v, i) => v !== got[i]) };
};
`,
  'relaxed-main.js': `
import { run } from './relaxed.js';
run().then((result) => console.log(JSON.stringify(result)));
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
