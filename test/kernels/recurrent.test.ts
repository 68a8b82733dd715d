// Kernels of recurrent layers divide a batch among threads: the parts together make the bits of the whole, no two of
// them write to the same byte, and each keeps to its own scratch memory. Parts run one after the other here.

import { afterEach, describe, expect, test } from 'vitest';
import { BYTES } from '../../src/dtype.js';
import { allocate, release, view } from '../../src/memory.js';
import { recurrent } from '../../src/wasm/kernels.js';
import { setShare } from '../support/kernels.js';

type Float = 'float32' | 'float64';

interface Sizes {
  steps: number;
  rows: number;
  n: number;
}

/** Of each kernel what it is given in order, and how many columns for a unit and kinds of states there are. */
const KERNELS = {
  simpleRnn: ['z bias r mask states scratch', 1, 1],
  simpleRnnGrad: ['dy r mask states ds dz scratch', 1, 1],
  lstm: ['z bias r mask states scratch', 4, 2],
  lstmGrad: ['dy z r mask states ds dz scratch', 4, 2],
  gru: ['z bias r mask states inner scratch', 3, 1],
  gruGrad: ['dy z r mask states inner ds dz dq scratch', 3, 1],
} as const;

afterEach(() => setShare(0, 1));

function check(op: keyof typeof KERNELS, dtype: Float, { steps, rows, n }: Sizes, isMasked: boolean): void {
  const [list, gates, kinds] = KERNELS[op];
  const need = recurrent[dtype].recurrentScratch(rows, n, gates);
  const state = kinds * (steps + 1) * rows * n;
  const gate = steps * rows * gates * n;
  const counts: Record<string, number> = {
    ...{ z: gate, dz: gate, dq: gate, bias: 2 * gates * n, r: n * gates * n, inner: steps * rows * n },
    ...{ states: state, dy: state, ds: kinds * rows * n },
  };
  const number = (i: number) => 0.3 + ((i * 7919) % 1009) / 2000 - (i % 3) / 4;
  const blocks = list.split(' ').map((name) => {
    const bytes = name === 'scratch' ? 5 * need : name === 'mask' ? steps * rows : counts[name]! * BYTES[dtype];
    const initial = new Uint8Array(bytes).fill(0x55);
    if (name === 'mask') initial.set(initial.map((_, i) => +(i % 4 !== 1)));
    else if (!['dz', 'dq', 'ds', 'scratch'].includes(name)) {
      const values = Array.from({ length: counts[name]! }, (_, i) => number(i + name.length));
      initial.set(new Uint8Array((dtype === 'float32' ? Float32Array : Float64Array).from(values).buffer));
    }
    return { name, bytes, initial, address: allocate(bytes, 'test block') };
  });
  const run = recurrent[dtype][op] as (...args: number[]) => void;
  const args = [...blocks.map(({ name, address }) => (name === 'mask' && !isMasked ? 0 : address)), steps, rows, n, 0];

  /** What the blocks hold after one part of T. */
  const after = (t: number, T: number): Uint8Array[] => {
    for (const { address, bytes, initial } of blocks) view('bool', address, bytes).set(initial);
    setShare(t, T);
    run(...args);
    return blocks.map(({ address, bytes }) => view('bool', address, bytes).slice());
  };

  try {
    const whole = after(0, 1);
    for (const T of [2, 3, 5]) {
      const merged = blocks.map(({ initial }) => initial.slice());
      for (let t = 0; t < T; t++) {
        after(t, T).forEach((bytes, i) => {
          const { name, initial } = blocks[i]!;
          let wrong = 0;
          for (let at = 0; at < bytes.length; at++) {
            if (bytes[at] === initial[at]) continue;
            if (name === 'scratch') wrong += +(Math.floor(at / need) !== t);
            else if (merged[i]![at] !== initial[at]) wrong++;
            merged[i]![at] = bytes[at]!;
          }
          expect(wrong, `bytes of ${name} that are not those of part ${t} of ${T}`).toBe(0);
        });
      }
      blocks.forEach(({ name }, i) => {
        if (name !== 'scratch')
          expect(
            merged[i]!.every((byte, at) => byte === whole[i]![at]),
            `${name} of ${T} parts`,
          ).toBe(true);
      });
    }
  } finally {
    for (const { address, bytes } of blocks) release(address, bytes);
  }
}

describe.each(Object.keys(KERNELS) as (keyof typeof KERNELS)[])('%s', (op) => {
  test.each<Float>(['float32', 'float64'])('in %s is shared', (dtype) => {
    for (const isMasked of [false, true]) {
      check(op, dtype, { steps: 5, rows: 13, n: 65 }, isMasked);
      check(op, dtype, { steps: 3, rows: 2, n: 150 }, isMasked);
      // A small one is the first part's alone.
      check(op, dtype, { steps: 2, rows: 3, n: 7 }, isMasked);
    }
  });
});
