/** Results as files: JSON, a picture, and the README's section. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { picture } from './picture.js';
import { time } from './table.js';

/** @typedef {import('./main.js').Result} Result */
/**
 * @typedef {object} Results
 * @property {{ cpu: string, node: string, v8: string }} [machine]
 * @property {{ name: string, version?: string }[]} peers
 * @property {Record<string, Result[]>} races by section
 * @property {Record<string, any>} others
 */

const here = (/** @type {string} */ path) => new URL(path, import.meta.url);
const major = process.versions.node.split('.')[0];
const MARKS = ['<!-- bench: written by npm run bench -- --readme -->', '<!-- end of bench -->'];

/** Sections that this run leaves out stay as they were. @param {Results} results */
export function writeResults({ races, others, peers }) {
  mkdirSync(here('results/'), { recursive: true });
  /** @type {Results | undefined} */
  let old;
  try {
    old = readResults();
  } catch {}
  const machine = { cpu: cpus()[0].model, node: process.version, v8: process.versions.v8 };
  const all = { machine, peers, races: { ...old?.races, ...races }, others: { ...old?.others, ...others } };
  const round = (/** @type {string} */ _, /** @type {unknown} */ value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;
  writeFileSync(here(`results/node-${major}.json`), `${JSON.stringify(all, round, 1)}\n`);
  writeFileSync(here(`results/node-${major}.svg`), picture(all));
}

/** @returns {Results} */
export const readResults = () => JSON.parse(readFileSync(here(`results/node-${major}.json`), 'utf8'));

/** The rows that the README shows: section, row, and what to call it. */
export const SHOWN = [
  ['steps', 'MLP 400-25-15-10, batch 32', 'training step, MLP 400-25-15-10'],
  ['steps', 'MLP 784-512-512-10, batch 128', 'training step, MLP 784-512-512-10'],
  ['steps', 'CNN 28×28, 3×3×32, 3×3×64, pool, 128-10, batch 64', 'training step, CNN of MNIST, batch 64'],
  ['steps', 'CNN 28×28, 3×3×32, 3×3×64, pool, 128-10, batch 2', 'the same, batch 2'],
  ['products', '512 × 512 × 512 NN', 'product, 512³'],
  ['products', '512 × 512 × 512 TN', 'product of a transpose, 512³'],
  ['products', '32 × 25 × 400 NN', 'product, 32 × 25 × 400'],
  ['convolutions', '8 × 26×26×32 → 64, 3×3', 'convolution, 8 × 26×26×32 → 64, 3×3'],
  ['convolutions', '8 × 26×26×32 → 64, 3×3, dx', 'its input gradient'],
  ['elementwise', 'exp, 64 Ki', 'exp, 64 Ki elements'],
  ['elementwise', 'tanh, 64 Ki', 'tanh, 64 Ki elements'],
  ['elementwise', 'softmax, 6553 × 10', 'softmax, 6553 × 10'],
];

/** The shown rows that were measured. @param {Results} results */
export const shownRows = ({ races }) =>
  SHOWN.flatMap(([section, name, label]) => {
    const result = races[section]?.find((row) => row.name === name);
    return result ? [{ label, result }] : [];
  });

/** @param {Results} results */
export function writeReadme(results) {
  const { machine, peers, others } = results;
  const names = peers.map(({ name }) => name).slice(1);
  const { dependencies } = JSON.parse(readFileSync(here('peers/package.json'), 'utf8'));
  const versions = names.length > 1 ? Object.entries(dependencies).map((dependency) => dependency.join(' ')) : [];
  const table = [
    `| | wasmgrad | ${names.join(' | ')} |`,
    `|---|---|${names.map(() => '---|').join('')}`,
    ...shownRows(results).map(({ label, result: { ms, ratios } }) => {
      const cells = names.map((name) => (ratios[name] ? `${short(ratios[name])} ×` : ''));
      return `| ${label} | ${time(ms)} | ${cells.join(' | ')} |`;
    }),
  ];
  const step = others.replay?.[0];
  const start = others['cold start'];
  /** @type {{ name: string, speedup: number, freeCores: number }[] | undefined} */
  const threads = others.threads;
  const section = `![Others' time divided by wasmgrad's](bench/results/node-${major}.svg)

Others' time divided by ours, medians of paired rounds in one process with one thread: ${machine?.cpu}, Node ${machine?.node}${
    versions.length > 0 ? `, ${versions.join(', ')}` : ''
  }. All rows are in [bench/results](bench/results); \`npm run bench\` measures them again.

${table.join('\n')}

${[
  step && `A replayed step spends ${step.javascriptMicroseconds.toFixed(0)} µs in JavaScript.`,
  start &&
    `From the start of a process to its first product: ${Object.entries(start)
      .map(([name, ms]) => `${name} ${Math.max(0, ms).toFixed(0)} ms`)
      .join(', ')}, beyond an empty process.`,
  threads &&
    `Two threads make the steps ${threads.map(({ name, speedup }) => `${speedup.toFixed(2)} (${name})`).join(', ')} times as fast.`,
]
  .filter(Boolean)
  .join(' ')}`;
  const readme = readFileSync(here('../README.md'), 'utf8');
  const [from, to] = MARKS.map((mark) => readme.indexOf(mark));
  if (from < 0 || to < 0) throw new Error(`bench: README.md lacks ${MARKS.join(' and ')}`);
  writeFileSync(here('../README.md'), `${readme.slice(0, from + MARKS[0].length)}\n${section}\n${readme.slice(to)}`);
}

/** @param {number} x */
const short = (x) => (x < 10 ? x.toFixed(1) : x.toFixed(0));
