import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIdx } from '../../src/data/idx.js';
import { memory } from '../../src/tensor.js';

/** Reads, copies out and disposes. */
async function read(bytes: ArrayBuffer | Uint8Array) {
  const x = await readIdx(bytes);
  const result = { dtype: x.dtype, shape: x.shape, values: Array.from(x.dataSync()) };
  x.dispose();
  return result;
}

test.each([
  ['uint8', [0, 0, 0x08, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 255], 'int32', [2, 1], [7, 255]],
  ['int8', [0, 0, 0x09, 1, 0, 0, 0, 2, 7, 255], 'int32', [2], [7, -1]],
  ['int16', [0, 0, 0x0b, 1, 0, 0, 0, 1, 0xff, 0xfe], 'int32', [1], [-2]],
  ['int32', [0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 0, 1, 0], 'int32', [1], [256]],
  ['float32', [0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0], 'float32', [1], [1.5]],
  ['float64', [0, 0, 0x0e, 1, 0, 0, 0, 1, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], 'float64', [1], [1.5]],
  ['an empty array', [0, 0, 0x0e, 1, 0, 0, 0, 0], 'float64', [0], []],
])('readIdx reads %s, plain and gzipped', async (_, bytes, dtype, shape, values) => {
  const plain = Uint8Array.from(bytes);
  expect(await read(plain)).toEqual({ dtype, shape, values });
  expect(await read(plain.buffer)).toEqual({ dtype, shape, values });
  expect(await read(gzipSync(plain))).toEqual({ dtype, shape, values });
});

const small = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 255);
const claims = (...sizes: number[]) => {
  const bytes = new DataView(new ArrayBuffer(4 + 4 * sizes.length));
  bytes.setUint16(2, 0x0800 + sizes.length);
  for (const [i, n] of sizes.entries()) bytes.setUint32(4 + 4 * i, n);
  return new Uint8Array(bytes.buffer);
};
test.each<[string, Uint8Array, typeof Error, string]>([
  ['nothing', new Uint8Array(0), RangeError, 'truncated header: needed 4 bytes, got 0'],
  ['another format', Uint8Array.of(0x50, 0x4b, 8, 1), RangeError, 'not an IDX file: wrong magic bytes'],
  ['an unknown type', Uint8Array.of(0, 0, 10, 1), TypeError, 'one of 0x08,0x09,0x0b,0x0c,0x0d,0x0e, got 0x0a'],
  ['half a header', small.slice(0, 6), RangeError, 'truncated header: needed 8 bytes, got 6'],
  ['too little data', small.slice(0, 9), RangeError, 'truncated data: needed 10 bytes, got 9'],
  ['too much data', Uint8Array.of(...small, 0), RangeError, 'needed 10 bytes, got 11'],
  ['too little data in gzip', gzipSync(small.slice(0, 9)), RangeError, 'truncated data: needed 10 bytes, got 9'],
  ['corrupt gzip', Uint8Array.of(0x1f, 0x8b, 1, 2, 3, 4), RangeError, 'corrupt gzip data'],
  ['truncated gzip', gzipSync(small).subarray(0, 20), RangeError, 'corrupt gzip data'],
  ['gzip with a wrong checksum', gzipSync(small).fill(0, 22), RangeError, 'corrupt gzip data'],
  ['gzip of gzip', gzipSync(gzipSync(small)), RangeError, 'wrong magic bytes'],
  [
    'gzip that inflates beyond its header',
    gzipSync(new Uint8Array(2 ** 26).fill(8, 2, 3)),
    RangeError,
    'needed 5 bytes',
  ],
  ['a huge claim', claims(65536, 65536), RangeError, 'truncated data: needed 4294967308 bytes, got 12'],
  ['a claim that overflows', claims(2 ** 31, 2 ** 31, 0), RangeError, 'needed fewer than 2^53 elements'],
])('readIdx refuses %s', async (_, bytes, kind, message) => {
  const before = memory();
  await expect(readIdx(bytes)).rejects.toThrow(kind);
  await expect(readIdx(bytes)).rejects.toThrow(message);
  expect(memory()).toEqual(before);
});

test('readIdx refuses what is not bytes', async () => {
  await expect(readIdx(null as never)).rejects.toThrow(
    new TypeError('readIdx: needed an ArrayBuffer or a Uint8Array, got null'),
  );
});

test('readIdx rejects with nothing but TypeError and RangeError, whatever the bytes', async () => {
  const anything = fc.uint8Array({ maxLength: 100 });
  const almost = anything.map((data) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, data.length, ...data));
  const squeezed = fc.tuple(almost, fc.nat(120), fc.nat(255)).map(([plain, at, value]) => {
    const bytes = gzipSync(plain);
    bytes[at] = value;
    return Uint8Array.from(bytes);
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(anything, almost, squeezed), async (input) => {
      try {
        (await readIdx(input)).dispose();
      } catch (error) {
        expect([TypeError, RangeError]).toContain((error as Error).constructor);
        expect((error as Error).message).toMatch(/^readIdx: .*$/);
      }
    }),
    { numRuns: 500 },
  );
});

const mnist = '../shared/data/mnist';
test.skipIf(!existsSync(mnist))('readIdx reads MNIST', async () => {
  const labels = await read(readFileSync(`${mnist}/t10k-labels-idx1-ubyte.gz`));
  expect(labels.shape).toEqual([10000]);
  expect(labels.values.slice(0, 10)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  const images = await readIdx(readFileSync(`${mnist}/t10k-images-idx3-ubyte.gz`));
  expect(images.shape).toEqual([10000, 28, 28]);
  // The mean pixel of the test images, as published for normalization: 0.1325.
  const pixels = images.dataSync() as Int32Array;
  expect(pixels.reduce((a, b) => a + b, 0) / pixels.length / 255).toBeCloseTo(0.1325, 4);
  images.dispose();
});
