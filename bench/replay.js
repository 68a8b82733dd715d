/** A replayed step's JavaScript time, what it allocates, and the memory of it all: measured by inside.js. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NETWORKS } from './steps.js';

const program = fileURLToPath(new URL('inside.js', import.meta.url));

/** @param {boolean} quick */
export async function replay(quick) {
  const counts = quick ? [2000, 30, 10] : [10_000, 10_000, 1000];
  console.log('\nreplay');
  const networks = [...NETWORKS.map(({ sizes, batch }) => [sizes.join(), batch]), ['images', 64]];
  return networks.map(([what, batch], i) => {
    const flags = ['--expose-gc', '--max-semi-space-size=128'];
    const args = [...flags, program, String(what), String(batch), String(counts[i])];
    const figures = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    const mib = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(1);
    console.log(`${figures.name}
  JavaScript of a step      ${figures.javascriptMicroseconds.toFixed(1)} µs, beside ${figures.kernelsMilliseconds.toFixed(3)} ms in kernels
  garbage of a step         ${figures.allocatedBytes.toFixed(0)} bytes
  WebAssembly memory        ${mib(figures.wasmHeap)} MiB, ${(figures.wasmHeap / figures.needed).toFixed(2)} × parameters, moments and activations (${mib(figures.needed)} MiB)
  growth in ${String(figures.steps).padEnd(6)} steps    ${figures.wasmHeap - figures.wasmHeapBefore} bytes, ${figures.tensors[1] - figures.tensors[0]} tensors`);
    return figures;
  });
}
