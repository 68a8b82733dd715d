/**
 * Products by `wasmgrad/relaxed`, which fuses multiplications and additions, against those of `wasmgrad`, which have the
 * same bits everywhere. It needs an engine with relaxed SIMD (Node 22 has it; Node 20 has a flag):
 *
 *     npm run build && node --experimental-wasm-relaxed-simd bench/relaxed.js
 */

import * as wasmgrad from 'wasmgrad';
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

/** @type {typeof wasmgrad} */
const relaxed = await import(`${'wasmgrad/relaxed'}`); // a name that the type checker does not look for
console.log(`Node ${process.version}: the default's time ÷ relaxed's`);
for (const [m, n, k] of SIZES) {
  for (const kind of ['NN', 'TN', 'NT']) {
    const [transposeA, transposeB] = [kind[0] === 'T', kind[1] === 'T'];
    const inputs = [random(transposeA ? [k, m] : [m, k]), random(transposeB ? [n, k] : [k, n])];
    const contestant = (/** @type {typeof wasmgrad} */ { matMul, tensor }) => {
      const [a, b] = inputs.map(({ data, shape }) => tensor(data, shape));
      return { run: () => matMul(a, b, transposeA, transposeB).dispose() };
    };
    const times = await race({ default: contestant(wasmgrad), relaxed: contestant(relaxed) }, { rounds: 9, turn: 8 });
    const gflops = (2 * m * n * k) / median(times.relaxed) / 1e6;
    const row = `${m} × ${n} × ${k} ${kind}`.padEnd(28);
    console.log(`${row}${ratio(times.default, times.relaxed).toFixed(2)}   ${gflops.toFixed(1)} GFLOP/s`);
  }
}
