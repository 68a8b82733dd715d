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

/** The three loops that everybody writes first, for rows i to m and columns j to n of y. */
function naive({ a, b, y, k, rowA, stepA, rowB, columnB, rowY }, i, m, j0, n) {
  for (; i < m; i++) {
    for (let j = j0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * rowA + p * stepA] * b[p * rowB + j * columnB];
      y[i * rowY + j] = sum;
    }
  }
}

/** The same in tiles of 4 × 2: eight sums in registers. */
function blocked(operands, m, n) {
  const { a, b, y, k, rowA, stepA, rowB, columnB, rowY } = operands;
  const tall = m - (m % 4);
  const wide = n - (n % 2);
  for (let i = 0; i < tall; i += 4) {
    for (let j = 0; j < wide; j += 2) {
      let [c00, c01, c10, c11, c20, c21, c30, c31] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let p = 0, atA = i * rowA, atB = j * columnB; p < k; p++, atA += stepA, atB += rowB) {
        const b0 = b[atB];
        const b1 = b[atB + columnB];
        const a0 = a[atA];
        c00 += a0 * b0;
        c01 += a0 * b1;
        const a1 = a[atA + rowA];
        c10 += a1 * b0;
        c11 += a1 * b1;
        const a2 = a[atA + 2 * rowA];
        c20 += a2 * b0;
        c21 += a2 * b1;
        const a3 = a[atA + 3 * rowA];
        c30 += a3 * b0;
        c31 += a3 * b1;
      }
      const at = i * rowY + j;
      y[at] = c00;
      y[at + 1] = c01;
      y[at + rowY] = c10;
      y[at + rowY + 1] = c11;
      y[at + 2 * rowY] = c20;
      y[at + 2 * rowY + 1] = c21;
      y[at + 3 * rowY] = c30;
      y[at + 3 * rowY + 1] = c31;
    }
  }
  naive(operands, 0, tall, wide, n);
  naive(operands, tall, m, 0, n);
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
  const plain = {
    a: operands[0],
    b: operands[1],
    y: new ARRAYS[dtype](m * n),
    k,
    rowA: transposeA ? 1 : k,
    stepA: transposeA ? m : 1,
    rowB: transposeB ? 1 : n,
    columnB: transposeB ? k : 1,
    rowY: n,
  };
  const contestants = [
    () => matMul(a, b, y, scratch, m, n, k, transposeA, transposeB, 1, 0, 0),
    ceiling.run,
    ...(m * n * k <= 2 ** 26 ? [() => naive(plain, 0, m, 0, n), () => blocked(plain, m, n)] : []),
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
