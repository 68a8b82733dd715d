/**
 * Products by fused multiplications and additions against those of the default build, which are the same bits
 * everywhere. It needs both builds, and an engine with relaxed SIMD (Node 22 has it; Node 20 has a flag):
 *
 *     npm run build:wasm
 *     npx asc assembly/index.ts --target release --use RELAXED=1 --enable relaxed-simd -o build/relaxed.wasm -t build/relaxed.wat
 *     node --experimental-wasm-relaxed-simd bench/relaxed.js
 */

import { readFileSync } from 'node:fs';
import { random } from './inputs.js';
import { median, race, ratio } from './race.js';

const SIZES = [
  [64, 64, 64],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [32, 128, 784],
  [128, 512, 784],
];

/** @param {string} name */
function open(name) {
  const memory = new WebAssembly.Memory({ initial: 512 });
  const module = new WebAssembly.Module(readFileSync(new URL(`../build/${name}.wasm`, import.meta.url)));
  const kernels = /** @type {any} */ (new WebAssembly.Instance(module, { env: { memory } }).exports);
  return { memory, kernels };
}

const builds = { default: open('wasmgrad'), relaxed: open('relaxed') };
console.log(`Node ${process.version}: the default's time ÷ relaxed's`);
for (const type of [Float32Array, Float64Array]) {
  const dtype = type === Float32Array ? 'f32' : 'f64';
  for (const [m, n, k] of SIZES) {
    for (const kind of ['NN', 'TN', 'NT']) {
      const transposes = [Number(kind[0] === 'T'), Number(kind[1] === 'T')];
      const [a, b] = [random([m, k], -1, 1, type).data, random([k, n], -1, 1, type).data];
      const contestants = Object.entries(builds).map(([name, { memory, kernels }]) => {
        const blocks = [kernels.heapBase()];
        for (const bytes of [a.byteLength, b.byteLength, m * n * type.BYTES_PER_ELEMENT]) {
          blocks.push((Math.ceil((blocks[blocks.length - 1] + bytes) / 64) + 1) * 64);
        }
        const [atA, atB, atY, scratch] = blocks;
        const need = scratch + kernels[`matMulScratch_${dtype}`](m, n, k, ...transposes);
        if (need > memory.buffer.byteLength) memory.grow(Math.ceil((need - memory.buffer.byteLength) / 65536) + 1);
        new type(memory.buffer, atA, a.length).set(a);
        new type(memory.buffer, atB, b.length).set(b);
        const run = () => kernels[`matMul_${dtype}`](atA, atB, atY, scratch, m, n, k, ...transposes, 1, 0, 0);
        return [name, { run }];
      });
      const times = await race(Object.fromEntries(contestants), { rounds: 9, turn: 8 });
      const gflops = (2 * m * n * k) / median(times.relaxed) / 1e6;
      const row = `${m} × ${n} × ${k} ${kind} ${dtype}`.padEnd(28);
      console.log(`${row}${ratio(times.default, times.relaxed).toFixed(2)}   ${gflops.toFixed(1)} GFLOP/s`);
    }
  }
}
