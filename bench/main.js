/**
 * The bench suite:
 *
 *     npm run bench                       everything, beside the peers that are installed (npm ci --prefix bench/peers)
 *     npm run bench -- --quick            a part of it in half a minute, without peers
 *     npm run bench -- --only products,steps
 *     npm run bench -- --readme           the README's figures anew, from the results of the latest full run
 *
 * Contestants of a row take turns in one process; one whose result differs from wasmgrad's is named and not timed.
 */

import { parseArgs } from 'node:util';
import { ceiling, memcpy } from './ceiling.js';
import { coldStart } from './cold-start.js';
import { convolutions } from './convolutions.js';
import { elementwise } from './elementwise.js';
import { normalization } from './normalization.js';
import { optimizerSteps } from './optimizers.js';
import { findPeers, ours, oursEager } from './peers.js';
import { pooling } from './pooling.js';
import { products } from './products.js';
import { median, race, ratio } from './race.js';
import { recurrentSteps } from './recurrent.js';
import { reductions } from './reductions.js';
import { replay } from './replay.js';
import { readResults, writeReadme, writeResults } from './report.js';
import { steps } from './steps.js';
import { printHead, printRow } from './table.js';
import { threads } from './threads.js';

/**
 * Work that all contestants do: an op on inputs, or a training step of a network.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {string} [op]
 * @property {import('./peers.js').Input[]} [inputs]
 * @property {any[]} [args]
 * @property {import('./peers.js').Network} [network]
 * @property {number} [flop] floating-point operations, to compare with the ceiling
 * @property {number} [bytes] of the output, to compare with memcpy
 * @property {number} tolerance of others' results, relative to the largest of ours
 */

/**
 * What was measured of a row.
 *
 * @typedef {object} Result
 * @property {string} name
 * @property {number} ms our time, the median
 * @property {number} [ofCeiling] the fraction of the ceiling that we reach
 * @property {number} [gflops]
 * @property {number} [memcpy] our time ÷ that of a copy of the output
 * @property {Record<string, number>} ratios others' time ÷ ours
 * @property {string[]} [leftOut] whose result differs from ours
 */

/** @type {Record<string, (quick: boolean) => Generator<Row>>} */
const RACES = {
  products,
  convolutions,
  pooling,
  elementwise,
  reductions,
  normalization,
  steps,
  recurrent: recurrentSteps,
};
/** @type {Record<string, (quick: boolean) => Promise<unknown>>} */
const OTHERS = { optimizers: optimizerSteps, replay, threads, 'cold start': coldStart };

/** Of such rows our eager steps take part, too. @param {string} section */
const isTraining = (section) => section === 'steps' || section === 'recurrent';

const LIMIT = 'ceiling';

/** @param {Row} row @param {import('./peers.js').Peer} peer */
function enter({ op, inputs, args = [], network }, peer) {
  return network ? peer.step?.(network) : peer.op(/** @type {string} */ (op), inputs ?? [], ...args);
}

/** Three losses, or the result of the op. @param {import('./race.js').Contestant} contestant */
async function resultOf({ run, read, before }) {
  await before?.();
  if (read) return read();
  return [Number(await run()), Number(await run()), Number(await run())];
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b @param {number} tolerance */
function agree(a, b, tolerance) {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i]));
    const d = Math.abs(a[i] - b[i]);
    if (!(d <= difference)) difference = d; // NaN stays
  }
  return a.length === b.length && difference <= tolerance * largest;
}

/**
 * @param {Row} row
 * @param {import('./peers.js').Peer[]} peers
 * @param {Awaited<ReturnType<typeof ceiling>>} limit
 * @param {{ rounds: number, turn: number }} options
 * @returns {Promise<Result>}
 */
async function measure(row, peers, limit, options) {
  /** @type {Record<string, import('./race.js').Contestant>} */
  const contestants = {};
  const leftOut = [];
  /** @type {ArrayLike<number> | undefined} */
  let expected;
  for (const peer of row.network ? [...peers, oursEager] : peers) {
    const contestant = await enter(row, peer);
    if (!contestant) continue;
    const result = await resultOf(contestant);
    expected ??= result;
    if (agree(expected, result, row.tolerance)) contestants[peer.name] = contestant;
    else leftOut.push(peer.name);
  }
  /** @type {Record<string, import('./race.js').Contestant>} */
  const bound = row.flop ? { [LIMIT]: limit } : row.bytes ? { [LIMIT]: memcpy(row.bytes) } : {};
  const { [ours.name]: own, [LIMIT]: bounds, ...others } = await race({ ...contestants, ...bound }, options);
  for (const { close } of Object.values(contestants)) close?.();
  const ms = median(own);
  return {
    name: row.name,
    ms,
    ...(row.flop && { ofCeiling: (ratio(bounds, own) * row.flop) / limit.flop, gflops: row.flop / ms / 1e6 }),
    ...(row.bytes && { memcpy: 1 / ratio(bounds, own) }),
    ratios: Object.fromEntries(Object.entries(others).map(([name, times]) => [name, ratio(times, own)])),
    ...(leftOut.length > 0 && { leftOut }),
  };
}

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, readme: { type: 'boolean' }, only: { type: 'string' } },
});
const quick = flags.quick ?? false;
const only = flags.only?.split(',').map((name) => name.trim());
const known = [...Object.keys(RACES), ...Object.keys(OTHERS)];
const unknown = only?.filter((name) => !known.includes(name)) ?? [];
if (unknown.length > 0) throw new RangeError(`bench: --only takes ${known.join(', ')}; got ${unknown.join(', ')}`);
const wanted = (/** @type {string} */ name) => !only || only.includes(name);

if (flags.readme) writeReadme(readResults());
else await runSuite();

async function runSuite() {
  const { present, absent } = await findPeers(quick);
  console.log(`Node ${process.version}; ${present.map(({ name }) => name).join(', ')}`);
  if (absent.length > 0) console.log(`Absent: ${absent.join(', ')} (npm ci --prefix bench/peers)`);
  const limits = { f32: await ceiling('f32'), f64: await ceiling('f64') };
  const options = quick ? { rounds: 5, turn: 8 } : { rounds: 9, turn: 16 };

  const store = (/** @type {Partial<import('./report.js').Results>} */ part) => {
    if (!quick)
      writeResults({ races: {}, others: {}, peers: present.map(({ name, version }) => ({ name, version })), ...part });
  };
  for (const [section, rows] of Object.entries(RACES)) {
    if (!wanted(section)) continue;
    const columns = [...present.map(({ name }) => name).slice(1), ...(isTraining(section) ? [oursEager.name] : [])];
    printHead(section, columns);
    const results = [];
    for (const row of rows(quick)) {
      const limit = row.inputs?.[0].data instanceof Float64Array ? limits.f64 : limits.f32;
      const result = await measure(row, present, limit, options);
      printRow(result, columns);
      results.push(result);
    }
    store({ races: { [section]: results } });
  }
  for (const [name, run] of Object.entries(OTHERS)) if (wanted(name)) store({ others: { [name]: await run(quick) } });
  if (!quick) console.log('\nWritten: bench/results');
}
