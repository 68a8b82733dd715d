/** Cold start: from the start of a process to the first matrix product, less what an empty process takes. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { median } from './race.js';

const here = fileURLToPath(new URL('..', import.meta.url));
const peers = fileURLToPath(new URL('peers/', import.meta.url));
const EMPTY = 'an empty process';
const BUNDLED = 'wasmgrad, bundled';

/** Where a bundle of the program lies, as one deploys it. */
const bundle = new URL('../build/cold-start.mjs', import.meta.url);

/** Where to start node, and the program.
 *
 * @type {Record<string, { cwd: string, package?: string, code: string }>}
 */
const CONTESTANTS = {
  [EMPTY]: { cwd: here, code: '' },
  wasmgrad: {
    cwd: here,
    code: `import { matMul, tensor2d } from 'wasmgrad';
      matMul(tensor2d([[1, 2], [3, 4]]), tensor2d([[5], [6]])).dataSync();`,
  },
  [BUNDLED]: { cwd: here, code: `import '${bundle}';` },
  'jax-js': {
    cwd: peers,
    package: '@jax-js/jax',
    code: `import { numpy } from '@jax-js/jax';
      numpy.matmul(numpy.array([[1, 2], [3, 4]]), numpy.array([[5], [6]])).dataSync();`,
  },
  'TensorFlow.js wasm': {
    cwd: peers,
    package: '@tensorflow/tfjs-backend-wasm',
    code: `import * as tf from '@tensorflow/tfjs';
      import '@tensorflow/tfjs-backend-wasm';
      await tf.setBackend('wasm');
      tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5], [6]])).dataSync();`,
  },
};

/** Milliseconds from the start of a process to the end of a program. @param {{ cwd: string, code: string }} program */
function start({ cwd, code }) {
  const program = `${code}\nprocess.stdout.write('\\n' + performance.now());`;
  const args = ['--input-type=module', '--eval', program];
  const output = execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return Number(output.slice(output.lastIndexOf('\n')));
}

/**
 * @param {boolean} quick
 * @returns {Promise<Record<string, number>>} milliseconds beyond an empty process
 */
export async function coldStart(quick) {
  const rounds = quick ? 5 : 25;
  buildSync({
    stdin: { contents: CONTESTANTS.wasmgrad.code.replace("'wasmgrad'", "'wasmgrad/core'"), resolveDir: here },
    bundle: true,
    minify: true,
    format: 'esm',
    outfile: fileURLToPath(bundle),
  });
  const present = Object.entries(CONTESTANTS).filter(
    ([, contestant]) => !contestant.package || (!quick && existsSync(`${peers}node_modules/${contestant.package}`)),
  );
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(present.map(([name]) => [name, []]));
  // In turns, so that a noisy machine is noisy for all of them.
  for (let round = 0; round < rounds; round++) for (const [name, program] of present) times[name].push(start(program));

  const empty = times[EMPTY];
  console.log(`\ncold start to the first matMul, beyond the ${median(empty).toFixed(0)} ms of an empty process`);
  const results = Object.entries(times).slice(1);
  return Object.fromEntries(
    results.map(([name, own]) => {
      const ms = median(own.map((time, round) => time - empty[round]));
      console.log(`${name.padEnd(30)}${ms.toFixed(1).padStart(8)} ms`);
      return [name, ms];
    }),
  );
}
