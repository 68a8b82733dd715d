// Modules of kernels: instantiated when they are needed, also in the middle of a recording, and run by turns.

import { expect, test } from 'vitest';
import { jit } from '../src/jit.js';
import { allocate, release, view } from '../src/memory.js';
import { add, erf, mul, sin, sub } from '../src/ops/index.js';
import { randomUniform } from '../src/random/draw.js';
import { setSeed } from '../src/random/seeds.js';
import { tidy } from '../src/scope.js';
import { fromData, type Tensor } from '../src/tensor.js';
import { KERNELS, SIGNATURES } from '../src/wasm/generated/abi.js';
import { kernels, random, run, special } from '../src/wasm/kernels.js';
import { loaded } from '../src/wasm/module.js';

const f = (x: Tensor) => sub(sin(add(x, 1)), mul(erf(x), randomUniform(x.shape, 0, 1, 'float32')));

test('a module is instantiated when its first kernel is called for', () => {
  expect(loaded).not.toContain(special);
  expect(loaded).not.toContain(random);
  add(1, 1).dispose();
  expect(loaded).toEqual([kernels]);
});

test('one that is instantiated during a recording is recorded, and a program runs through several', () => {
  tidy(() => {
    const x = fromData([0.5, 1, 1.5], [3], 'float32');
    const recorded = jit(f);
    setSeed(7);
    const first = [recorded(x).dataSync()];
    expect(loaded).toEqual([kernels, special, random]);
    for (let i = 0; i < 2; i++) first.push(recorded(x).dataSync());
    setSeed(7);
    const eager = [1, 2, 3].map(() => f(x).dataSync());
    expect(first).toEqual(eager);
    expect(eager[0]).not.toEqual(eager[1]);
    recorded.dispose();
  });
});

test.each([
  ['a kernel that no module has', [KERNELS, 0, 1]],
  ['a kernel of another signature', [0, SIGNATURES.findIndex((letters) => letters.includes('f')), 64]],
  ['a signature that no kernel has', [0, SIGNATURES.length, 1]],
])('an instruction with %s is refused', (_, [kernel, signature, words]) => {
  const bytes = 4 * words!;
  const address = allocate(bytes, 'an instruction');
  view('bool', address, 4).set([kernel! & 255, kernel! >> 8, signature!, words!]);
  expect(() => run(address, address + bytes)).toThrow(WebAssembly.RuntimeError);
  release(address, bytes);
});
