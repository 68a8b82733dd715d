import { expect, test } from 'vitest';
import { allocate, release, view } from '../../src/memory.js';
import { kernels } from '../support/kernels.js';
import { call } from './heap.js';

/** The first n words of the stream with this key and this counter, as the kernel's raw output. */
function words(key: number[], counter: number[], n: number): string[] {
  const state = Int32Array.from([...key, ...counter]);
  const y = call('int32', n, [state], (a, out) => kernels.int32.philoxUniform(a!, out!, n, 0, 0));
  return Array.from(y, (x) => (x >>> 0).toString(16).padStart(8, '0'));
}

// Random123 1.14, tests/kat_vectors: philox4x32 10.
test.each([
  [[0, 0], [0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  [[-1, -1], [-1, -1, -1, -1], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  [[0xa4093822, 0x299f31d0], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
])('Philox with key %j and counter %j gives the published block', (key, counter, block) => {
  expect(words(key, counter, 4).join(' ')).toBe(block);
});

test('four blocks at once are the blocks one by one, across the carry between the counter words', () => {
  const together = words([1, 2], [0xfffffffe, 5, 3, 4], 22);
  const counters = [0xfffffffe, 0xffffffff, 0, 1, 2, 3].map((low, i) => [low, i < 2 ? 5 : 6, 3, 4]);
  expect(together).toEqual(counters.flatMap((counter) => words([1, 2], counter, 4)).slice(0, 22));
});

test('philoxSkip reserves 256 blocks for each sample, and carries', () => {
  const state = allocate(64, 'state');
  const cells = view('int32', state, 6);
  cells.set([1, 2, 0xffffff00, 3, 4, 5]);
  kernels.common.philoxSkip(state, 3);
  expect(Array.from(view('int32', state, 6))).toEqual([1, 2, 0x200, 4, 4, 5]);
  release(state, 64);
});

test.each(['float32', 'float64'] as const)('%s: a longer draw begins as a shorter one', (dtype) => {
  const state = Int32Array.of(7, 0, 9, 0, 5, 0);
  for (const name of ['philoxUniform', 'philoxNormal', 'philoxTruncatedNormal'] as const) {
    const draw = (n: number) => call(dtype, n, [state], (a, y) => kernels[dtype][name](a!, y!, n, 0, 1));
    const long = draw(100);
    for (const n of [0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 33]) expect(draw(n)).toEqual(long.slice(0, n));
  }
});
