import { expect, test } from 'vitest';
import { kernels } from '../../src/wasm/kernels.js';
import { call } from './heap.js';

test('sqrt is correctly rounded', () => {
  const x = Float32Array.of(0, 1, 2, 4, 1e30);
  expect(call('float32', 5, [x], (a, y) => kernels.float32.sqrt(a, y, 5))).toEqual(x.map(Math.sqrt));
});
