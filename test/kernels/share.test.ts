// Kernels that divide their work among threads: the parts together make the bits of the whole, and no two of them
// write to the same byte. Parts run one after the other here, on the one instance, as setShare tells it.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { allocate, release, view } from '../../src/memory.js';
import { kernels, setShare } from '../support/kernels.js';

const read = (file: string) => readFileSync(new URL(`../../assembly/${file}.ts`, import.meta.url), 'utf8');
const imported = (file: string) => [...read(file).matchAll(/from '\.\/(\w+)'/g)].map((match) => match[1]!);
const divides = (file: string): boolean => imported(file).some((name) => name === 'share' || divides(name));

// Those that are tested here; matmul divides in ways of its own.
const FAMILIES = 'unary activation binary compare cast softmax reduce optimizer gather move normalize'.split(' ');

interface Kernel {
  name: string;
  params: string[];
}

/** The kernels of a family with the names of their parameters. */
const kernelsOf = (family: string): Kernel[] =>
  [...read(family).matchAll(/^export function (\w+)\(([^)]*)\): void\b/gm)].map(([, name, list]) => ({
    name: name!,
    params: [...list!.matchAll(/(\w+):/g)].map((match) => match[1]!),
  }));

type Sizes = Record<string, number>;

const broadcast = (n2: number, n1: number, n0: number, a: number[], b: number[]): Sizes => ({
  ...{ n2, n1, n0, a2: a[0]!, a1: a[1]!, a0: a[2]! },
  ...{ b2: b[0]!, b1: b[1]!, b0: b[2]! },
});

const strides = (sizes: number[], x: number[], y: number[]): Sizes =>
  Object.fromEntries(
    [0, 1, 2, 3, 4, 5].flatMap((i) => [
      [`n${5 - i}`, sizes[i]!],
      [`x${5 - i}`, x[i]!],
      [`y${5 - i}`, y[i]!],
    ]),
  );

/** Sizes by the parameter that tells one kind of kernel from the others. */
const CASES: [has: string, cases: Sizes[]][] = [
  [
    'b0',
    [
      broadcast(1, 1, 5003, [0, 0, 1], [0, 0, 1]),
      broadcast(1, 1, 5003, [0, 0, 1], [0, 0, 0]),
      broadcast(3, 61, 50, [0, 50, 1], [50, 0, 1]),
      broadcast(1, 1700, 3, [0, 1, 0], [0, 3, 1]),
      broadcast(2, 1, 2100, [0, 0, 1], [2100, 0, 1]),
    ],
  ],
  [
    'x5',
    [
      strides([1, 1, 1, 1, 130, 90], [0, 0, 0, 0, 1, 130], [0, 0, 0, 0, 90, 1]),
      strides([1, 1, 4, 5, 7, 33], [0, 0, 1155, 231, 33, 1], [0, 0, 33, 132, 660, 1]),
      strides([1, 1, 1, 1, 1, 5003], [0, 0, 0, 0, 0, 2], [0, 0, 0, 0, 0, 1]),
      strides([2, 3, 4, 5, 6, 7], [2520, 840, 210, 42, 7, 1], [1, 2, 6, 24, 120, 720]),
    ],
  ],
  [
    'count',
    [
      { outer: 3, n: 40, inner: 25, count: 70 },
      { outer: 1, n: 900, inner: 1, count: 3001 },
    ],
  ],
  ['depth', [{ n: 300, depth: 17 }]],
  [
    'outer',
    [
      { outer: 300, n: 50, inner: 1 },
      { outer: 3001, n: 3, inner: 1 },
      { outer: 1, n: 70, inner: 200 },
      { outer: 6, n: 30, inner: 48 },
      { outer: 5, n: 30, inner: 21 },
    ],
  ],
  [
    'rows',
    [
      { rows: 150, n: 33 },
      { rows: 501, n: 10 },
      { rows: 7, n: 513 },
      { rows: 200, n: 70 },
    ],
  ],
  ['n', [{ n: 5003 }, { n: 100 }]],
  ['cells', [{}]],
];

const SCALARS: Sizes = {
  ...{ beta1: 0.9, beta2: 0.99, epsilon: 1e-7, mu: 0.9, nesterov: 1, exclusive: 0, reverse: 1, centered: 1 },
  ...{ on: 1, off: 0, start: 2, step: 0.25, value: 1 },
};
const OUTPUTS = new Set(['y', 'dx', 'loss', 'mean', 'variance', 'rstd', 'dScale', 'dOffset']);
const INPUTS = new Set([
  ...['x', 'dy', 'a', 'b', 'z', 'g', 'condition', 'labels', 'indices', 'cells'],
  ...['center', 'factor', 'scale', 'offset'],
]);
// In the optimizers, where adamPowers changes the cells, too.
const CHANGED = new Set(['w', 'm', 'v']);

const TABLES = { f32: 'float32', f64: 'float64', i32: 'int32', u8: 'bool' } as const;

const SIZE = 2 ** 17; // bytes of each block, more than any case uses

afterEach(() => setShare(0, 1));

/** What fills an input: numbers that mean something as `name` of a kernel of that dtype. */
function fill(address: number, name: string, dtype: string, sizes: Sizes, kernel: string): void {
  const number = (i: number) => 0.1 + ((i * 7919) % 1009) / 600;
  if (name === 'indices' || (name === 'labels' && kernel.startsWith('sparse'))) {
    const below = sizes.depth ?? sizes.n!;
    view('int32', address, SIZE / 4).set(Int32Array.from({ length: SIZE / 4 }, (_, i) => (i * 31) % below));
  } else if (name === 'condition' || dtype === 'u8') {
    view('bool', address, SIZE).set(Uint8Array.from({ length: SIZE }, (_, i) => +(i % 3 === 0)));
  } else if (dtype === 'f64') {
    view('float64', address, SIZE / 8).set(Float64Array.from({ length: SIZE / 8 }, (_, i) => number(i)));
  } else if (dtype === 'f32') {
    view('float32', address, SIZE / 4).set(Float32Array.from({ length: SIZE / 4 }, (_, i) => number(i)));
  } else {
    view('int32', address, SIZE / 4).set(Int32Array.from({ length: SIZE / 4 }, (_, i) => 1 + ((i * 7919) % 1009)));
  }
}

/** Where bytes are equal, in spite of complementary fillers; or where they are not, word by word where nothing is. */
function touchedBytes(a: Uint8Array, b: Uint8Array, equal: boolean): number[] {
  const [wordsA, wordsB] = [new Int32Array(a.buffer), new Int32Array(b.buffer)];
  const untouched = equal ? -1 : 0;
  const touched: number[] = [];
  for (let word = 0; word < wordsA.length; word++) {
    if ((wordsA[word]! ^ wordsB[word]!) === untouched) continue;
    for (let at = 4 * word; at < 4 * word + 4; at++) if ((a[at] === b[at]) === equal) touched.push(at);
  }
  return touched;
}

function check({ name, params }: Kernel, sizes: Sizes): void {
  const [op, dtype] = name.split('_') as [string, keyof typeof TABLES];
  const run = (kernels[TABLES[dtype]] as unknown as Record<string, (...args: number[]) => void>)[op]!;
  const blocks: { name: string; address: number; initial: Uint8Array }[] = [];
  const args = params.map((param) => {
    const size = { ...SCALARS, ...sizes }[param];
    if (size !== undefined) return size;
    if (!INPUTS.has(param) && !OUTPUTS.has(param) && !CHANGED.has(param)) return 0.5;
    const address = allocate(SIZE, 'test block');
    if (!OUTPUTS.has(param)) fill(address, param, dtype, sizes, name);
    blocks.push({ name: param, address, initial: view('bool', address, SIZE).slice() });
    return address;
  });
  const written = blocks.filter((b) => OUTPUTS.has(b.name) || CHANGED.has(b.name) || op === 'adamPowers');

  /** What the blocks hold after these parts of T, with outputs full of `filler` before. */
  const after = (parts: number[], T: number, filler: number): Uint8Array[] => {
    for (const b of blocks) view('bool', b.address, SIZE).set(b.initial);
    for (const b of written) if (OUTPUTS.has(b.name)) view('bool', b.address, SIZE).fill(filler);
    for (const t of parts) {
      setShare(t, T);
      run(...args);
    }
    return written.map((b) => view('bool', b.address, SIZE).slice());
  };

  try {
    const whole = after([0], 1, 0x55);
    for (const T of [2, 3, 5]) {
      const parts = Array.from({ length: T }, (_, t) => T - 1 - t);
      after(parts, T, 0x55).forEach((bytes, i) => {
        expect(Buffer.compare(bytes, whole[i]!), `${written[i]!.name} of ${T} parts`).toBe(0);
      });
      const owner = written.map(() => new Int8Array(SIZE).fill(-1));
      for (const t of parts) {
        const one = after([t], T, 0x55);
        const other = after([t], T, 0xaa);
        written.forEach(({ name, initial }, i) => {
          const touched = touchedBytes(one[i]!, OUTPUTS.has(name) ? other[i]! : initial, OUTPUTS.has(name));
          const twice = touched.filter((at) => owner[i]![at] !== -1).length;
          expect(twice, `bytes of ${name} that two of ${T} parts write`).toBe(0);
          for (const at of touched) owner[i]![at] = t;
        });
      }
    }
  } finally {
    for (const b of blocks) release(b.address, SIZE);
  }
}

test('these families divide', () => {
  expect(FAMILIES.filter((family) => !divides(family))).toEqual([]);
});

describe.each(FAMILIES)('%s', (family) => {
  test.each(kernelsOf(family))('$name', (kernel) => {
    const cases = CASES.find(([has]) => kernel.params.includes(has))![1];
    for (const sizes of cases) check(kernel, sizes);
  });
});

test('a large array has something for each part', () => {
  const n = 5 * 1024;
  const [x, y] = [allocate(4 * n, 'x'), allocate(4 * n, 'y')];
  const touched = [0, 1, 2, 3, 4].map((t) => {
    view('float32', y, n).fill(Number.NaN);
    setShare(t, 5);
    kernels.float32.abs(x, y, n);
    return view('float32', y, n).filter((v) => !Number.isNaN(v)).length;
  });
  release(x, 4 * n);
  release(y, 4 * n);
  expect(touched).toEqual([1024, 1024, 1024, 1024, 1024]);
});
