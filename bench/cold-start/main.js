/**
 * Cold start: from the start of a process to its first matrix product, less what an empty process takes.
 *
 *     npm run build && node bench/cold-start/main.js
 *
 * Beside jax-js and TensorFlow.js's WebAssembly backend once they are there: npm ci --prefix bench/peers
 */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { median } from '../race.js';

const ROUNDS = 25;

/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const installed = existsSync(file('../peers/node_modules'));

/** Each prints the milliseconds since its process began. */
const programs = {
  'an empty process': file('empty.js'),
  wasmgrad: file('wasmgrad.js'),
  ...(installed && { 'jax-js': file('../peers/jax.js'), 'TensorFlow.js, wasm': file('../peers/tensorflow.js') }),
};

/** @type {Record<string, number[]>} */
const times = {};
for (let round = 0; round < ROUNDS; round++) {
  // In turns, so that a noisy machine is noisy for all of them. TensorFlow.js prints a greeting first.
  for (const [name, program] of Object.entries(programs)) {
    const lines = execFileSync(process.execPath, [program], { encoding: 'utf8', stdio: 'pipe' }).trim().split('\n');
    times[name] ??= [];
    times[name].push(Number(lines.at(-1)));
  }
}

const { 'an empty process': empty, ...others } = times;
console.log(`Cold start to the first matMul, Node ${process.version}, medians of ${ROUNDS} processes`);
console.log(`an empty process       ${median(empty).toFixed(1).padStart(7)} ms`);
for (const [name, all] of Object.entries(others)) {
  console.log(
    `${name.padEnd(20)} + ${median(all.map((ms, round) => ms - empty[round]))
      .toFixed(1)
      .padStart(7)} ms`,
  );
}
if (!installed) console.log('jax-js and TensorFlow.js: npm ci --prefix bench/peers');
