// Memory as tests see it: what lives, and that nothing was left behind.

import { expect } from 'vitest';
import { heapInfo } from '../../src/memory.js';
import { memory } from '../../src/tensor.js';

/** Everything that a leak would move. */
export function alive() {
  const { numTensors, numDataBuffers, numBytes } = memory();
  const { live, blocks } = heapInfo();
  return { numTensors, numDataBuffers, numBytes, live, blocks };
}

/** In a page all test files share one heap: what another file forgot may be collected meanwhile. */
const isShared = typeof document !== 'undefined';

/** Runs `f` and checks that tensors, bytes and blocks are as many afterwards as before. */
export function leavesNothing<T>(f: () => T): T {
  const before = alive();
  const check = <R>(result: R): R => {
    const after = alive();
    if (isShared)
      for (const key of Object.keys(after) as (keyof typeof after)[])
        expect(after[key]).toBeLessThanOrEqual(before[key]);
    else expect(after).toEqual(before);
    return result;
  };
  const result = f();
  return result instanceof Promise ? (result.then(check) as T) : check(result);
}
