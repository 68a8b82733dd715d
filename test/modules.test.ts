// Modules of kernels: instantiated when they are needed, also in the middle of a recording, and run by turns.

import { expect, test, vi } from 'vitest';
import { jit } from '../src/jit.js';
import { add, erf, mul, sin, sub } from '../src/ops/index.js';
import { randomUniform } from '../src/random/draw.js';
import { setSeed } from '../src/random/seeds.js';
import { tidy } from '../src/scope.js';
import { fromData, type Tensor } from '../src/tensor.js';
import { kernels, random, special } from '../src/wasm/kernels.js';
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
    const run = vi.spyOn(special.common, 'run');
    for (let i = 0; i < 2; i++) first.push(recorded(x).dataSync());
    expect(run).toHaveBeenCalled();
    run.mockRestore();
    setSeed(7);
    const eager = [1, 2, 3].map(() => f(x).dataSync());
    expect(first).toEqual(eager);
    expect(eager[0]).not.toEqual(eager[1]);
    recorded.dispose();
  });
});
