// What tests of files share: their bytes, and ways to damage them.

import fc from 'fast-check';
import { expect } from 'vitest';
import type { Tensor } from '../../src/index.js';
import { dispose } from '../../src/scope.js';
import { leavesNothing } from '../support/heap.js';

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Tensors as plain values. */
export const plain = (tensors: Record<string, Tensor>) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, x]) => [
      name,
      { dtype: x.dtype, shape: [...x.shape], data: [...x.dataSync()] },
    ]),
  );

/** Bytes that differ from those of a file in places, or end before them. */
export const damaged = (file: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> => {
  const flip = fc.record({ at: fc.nat(file.length - 1), to: fc.nat(255) });
  const flips = fc.array(flip, { minLength: 1, maxLength: 4 }).map((changes) => {
    const copy = new Uint8Array(file);
    for (const { at, to } of changes) copy[at] = to;
    return copy;
  });
  const cut = fc.nat(file.length - 1).map((length) => new Uint8Array(file.subarray(0, length)));
  const longer = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((more) => Uint8Array.from([...file, ...more]));
  return fc.oneof({ weight: 6, arbitrary: flips }, cut, longer);
};

/** Reads what may be damaged: something, or one sentence; either way nothing is left behind. */
export async function expectSentence(read: () => unknown): Promise<void> {
  await leavesNothing(async () => {
    try {
      dispose((await read()) as never);
    } catch (error) {
      expect(error === undefined || error instanceof RangeError || error instanceof TypeError, String(error)).toBe(
        true,
      );
      const { message } = error as Error;
      expect(message).toMatch(/^[a-zA-Z]+: ./);
      expect(message.length).toBeLessThan(400);
    }
  });
}
