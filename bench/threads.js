/**
 * Training steps by one thread and by two, which take turns in one process. What two threads can gain at best is measured
 * beside them: on a machine that has something else to do it is less than 2.
 */

import { Worker } from 'node:worker_threads';
import { setThreads } from 'wasmgrad/threads';
import { convolutionalNetwork, network } from './inputs.js';
import { ours } from './peers.js';
import { median, ratio } from './race.js';
import { IMAGES, NETWORKS, nameOfImages, UNITS } from './steps.js';
import { time } from './table.js';

/** Some milliseconds of arithmetic that needs no memory. */
const work = `
let x = 1;
for (let i = 0; i < 1e7; i++) x = Math.imul(x, 1664525) + 1013904223 | 0;
return x;
`;

/** A second core: does the work whenever it is told to. */
async function otherCore() {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const source = `
const { workerData: words } = require('node:worker_threads');
const work = () => { ${work} };
for (let turn = 0; ; ) {
  Atomics.wait(words, 0, turn);
  turn = Atomics.load(words, 0);
  work();
  Atomics.store(words, 1, turn);
  Atomics.notify(words, 1);
}`;
  const worker = new Worker(source, { eval: true, workerData: words });
  await new Promise((resolve) => worker.once('online', resolve));
  return { words, close: () => worker.terminate() };
}

const own = /** @type {() => number} */ (new Function(work));

/** How many cores two threads get just now. @param {Int32Array} words */
function freeCores(words) {
  const start = performance.now();
  own();
  const alone = performance.now() - start;
  const turn = Atomics.add(words, 0, 1) + 1;
  Atomics.notify(words, 0);
  own();
  while (Atomics.load(words, 1) !== turn) Atomics.wait(words, 1, turn - 1);
  return (2 * alone) / (performance.now() - start - alone);
}

/**
 * The median of steps' times, after as many that the step is recorded and its threads are chosen.
 *
 * @param {() => unknown} run
 * @param {number} turn milliseconds
 */
async function stepTime(run, turn) {
  for (let i = 0; i < 12; i++) await run();
  const times = [];
  const start = performance.now();
  do {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  } while (performance.now() - start < turn);
  return median(times);
}

/** @param {boolean} quick */
export async function threads(quick) {
  const { rounds, turn } = quick ? { rounds: 5, turn: 100 } : { rounds: 15, turn: 300 };
  const other = await otherCore();
  for (let i = 0; i < 5; i++) freeCores(other.words);
  console.log('\nthreads');
  const results = [];
  const networks = [
    ...NETWORKS.map(({ sizes, batch }) => ({
      name: `MLP ${sizes.join('-')}, batch ${batch}`,
      work: network(sizes, batch),
    })),
    { name: nameOfImages(64), work: convolutionalNetwork(IMAGES, UNITS, 64) },
  ];
  for (const { name, work } of networks) {
    const step = await ours.step?.(work);
    if (!step) throw new Error('threads: no step');
    /** @type {number[][]} */
    const [one, two, cores] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      cores.push(freeCores(other.words));
      for (const [n, times] of /** @type {const} */ ([
        [1, one],
        [2, two],
      ])) {
        await setThreads(n);
        times.push(await stepTime(step.run, turn));
      }
    }
    await setThreads(1);
    step.close?.();
    const result = {
      name,
      ms: { one: median(one), two: median(two) },
      speedup: ratio(one, two),
      least: { one: Math.min(...one), two: Math.min(...two) },
      freeCores: median(cores),
    };
    console.log(`${result.name}
  one thread, two threads   ${time(result.ms.one)}, ${time(result.ms.two)}: ${result.speedup.toFixed(2)} times as fast; the least ${time(result.least.one)}, ${time(result.least.two)}
  cores that were free      ${result.freeCores.toFixed(2)} of 2`);
    results.push(result);
  }
  await other.close();
  return results;
}
