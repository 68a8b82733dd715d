// @ts-nocheck: it reads dist, which need not be built, and hands kernels around by name.

// GFLOP/s of the matrix product, beside the machine's ceiling and plain JavaScript:
//
//   node bench/product.js [f32|f64] [rounds]
//
// The ceiling is a loop of multiplications and additions that stay in registers. The contestants of
// a row take turns, and every figure is a median; ratios are medians over the paired rounds.

import asc from 'assemblyscript/asc';
import { ARRAYS, BYTES } from '../dist/dtype.js';
import { allocate, release, view } from '../dist/memory.js';
import { kernels } from '../dist/wasm/kernels.js';

const suffix = process.argv[2] ?? 'f32';
const rounds = Number(process.argv[3] ?? 15);
const dtype = suffix === 'f64' ? 'float64' : 'float32';
const { matMul, matMulScratch } = kernels[dtype];

const SHAPES = [
  ...[64, 128, 256, 512, 1024].flatMap((size) => ['NN', 'TN', 'NT'].map((t) => [size, size, size, t])),
  ...['NN', 'TN', 'NT'].map((t) => [128, 512, 784, t]),
  [32, 25, 400, 'NN'],
  [400, 25, 32, 'TN'],
  [32, 400, 25, 'NT'],
  [32, 15, 25, 'NN'],
  [25, 15, 32, 'TN'],
  [32, 25, 15, 'NT'],
  [32, 10, 15, 'NN'],
  [15, 10, 32, 'TN'],
  [32, 15, 10, 'NT'],
  [128, 10, 512, 'NN'],
  [1, 400, 25, 'NN'],
  [1, 25, 400, 'NN'],
  [1, 512, 784, 'NN'],
  [1, 512, 784, 'NT'],
  [784, 1, 512, 'NN'],
];

/** Twelve chains of x · c + d, enough to hide the latency of both. */
async function ceilingKernel() {
  const chains = [...Array(12).keys()];
  const source = `export function run(k: i32): f64 {
    const c = v128.splat<${suffix}>(0.5), d = v128.splat<${suffix}>(1)
    ${chains.map((i) => `let x${i} = v128.splat<${suffix}>(${i})`).join('\n')}
    do {
      ${chains.map((i) => `x${i} = v128.add<${suffix}>(v128.mul<${suffix}>(x${i}, c), d)`).join('\n')}
    } while (--k)
    ${chains
      .slice(1)
      .map((i) => `x0 = v128.add<${suffix}>(x0, x${i})`)
      .join('\n')}
    return f64(v128.extract_lane<${suffix}>(x0, 0))
  }`;
  const { binary, stderr } = await asc.compileString(source, { optimizeLevel: 3, runtime: 'stub', enable: 'simd' });
  if (!binary) throw new Error(stderr.toString());
  const { run } = (await WebAssembly.instantiate(binary, { env: { abort() {} } })).instance.exports;
  const flop = chains.length * 2 * (16 / BYTES[dtype]);
  return { run: () => run(20000), flop: flop * 20000 };
}

/** The three loops that everybody writes first, and the same with a row of y as the inner loop, in blocks. */
function naive(a, b, y, m, n, k, rowA, stepA, rowB, columnB) {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * rowA + p * stepA] * b[p * rowB + j * columnB];
      y[i * n + j] = sum;
    }
  }
}

function blocked(a, b, y, m, n, k, rowA, stepA, rowB, columnB) {
  y.fill(0);
  for (let pc = 0; pc < k; pc += 64) {
    const end = Math.min(k, pc + 64);
    for (let i = 0; i < m; i++) {
      for (let p = pc; p < end; p++) {
        const x = a[i * rowA + p * stepA];
        for (let j = 0, at = p * rowB; j < n; j++, at += columnB) y[i * n + j] += x * b[at];
      }
    }
  }
}

const median = (xs) => [...xs].sort((a, b) => a - b)[xs.length >> 1];

/** Seconds per call of every contestant in every round; a turn takes about 10 ms. */
function race(contestants) {
  const counts = contestants.map((run) => {
    for (let count = 1; ; count *= 2) {
      const start = performance.now();
      for (let i = 0; i < count; i++) run();
      const spent = performance.now() - start;
      if (spent > 5) return Math.ceil((count * 10) / spent);
    }
  });
  const times = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    contestants.forEach((run, c) => {
      const start = performance.now();
      for (let i = 0; i < counts[c]; i++) run();
      times[c].push((performance.now() - start) / 1000 / counts[c]);
    });
  }
  return times;
}

const ceiling = await ceilingKernel();
console.log(`${dtype}         GFLOP/s  of ceiling   naive ÷ ours  blocked ÷ ours`);
for (const [m, n, k, transposes] of SHAPES) {
  const transposeA = Number(transposes[0] === 'T');
  const transposeB = Number(transposes[1] === 'T');
  const operands = [m * k, k * n].map((size) => new ARRAYS[dtype](size).map(() => Math.random() - 0.5));
  const sizes = [m * k, k * n, m * n].map((size) => size * BYTES[dtype]);
  sizes.push(matMulScratch(m, n, k, transposeA, transposeB));
  const [a, b, y, scratch] = sizes.map((bytes) => allocate(bytes, 'bench'));
  view(dtype, a, m * k).set(operands[0]);
  view(dtype, b, k * n).set(operands[1]);
  const strides = [...(transposeA ? [1, m] : [k, 1]), ...(transposeB ? [1, k] : [n, 1])];
  const result = new ARRAYS[dtype](m * n);
  const plain = (loops) => () => loops(operands[0], operands[1], result, m, n, k, ...strides);
  const contestants = [
    () => matMul(a, b, y, scratch, m, n, k, transposeA, transposeB, 1, 0, 0),
    ceiling.run,
    ...(m * n * k <= 2 ** 24 ? [plain(naive), plain(blocked)] : []),
  ];
  const [ours, limit, ...others] = race(contestants);
  const flop = 2 * m * n * k;
  const fraction = median(ours.map((t, i) => flop / t / (ceiling.flop / limit[i])));
  console.log(
    `${transposes} ${`${m} × ${n} × ${k}`.padEnd(18)}`,
    (flop / median(ours) / 1e9).toFixed(1).padStart(5),
    `${(100 * fraction).toFixed(0)} %`.padStart(10),
    ...others.map((times) =>
      median(times.map((t, i) => t / ours[i]))
        .toFixed(1)
        .padStart(14),
    ),
  );
  [a, b, y, scratch].forEach((block, i) => {
    release(block, sizes[i]);
  });
}
console.log(`ceiling ${(ceiling.flop / median(race([ceiling.run])[0]) / 1e9).toFixed(1)} GFLOP/s`);
