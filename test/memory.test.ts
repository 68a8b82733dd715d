// The heap: blocks do not overlap, come back, and stay as many as there are tensors, whatever ops do.

import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { allocate, heapInfo, release, view } from '../src/memory.js';
import { add, matMul, mul, relu, scalar, sub, sum, tensor2d, zeros } from '../src/ops/index.js';
import { dispose, getTensorsInContainer, tidy } from '../src/scope.js';
import { memory, type Tensor } from '../src/tensor.js';
import { examples } from './ops/rows.js';
import { alive, leavesNothing } from './support/heap.js';
import { sample, tensors } from './support/sample.js';

describe('allocate', () => {
  test('hands out aligned blocks that do not overlap, and takes them back', () => {
    const request = fc.record({ bytes: fc.nat(5000), keep: fc.boolean() });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        leavesNothing(() => {
          const blocks = new Map<number, number>();
          for (const { bytes, keep } of requests) {
            const address = allocate(bytes, 'test');
            expect(address % 64).toBe(0);
            for (const [other, size] of blocks) {
              expect(address + bytes <= other || other + size <= address, `${address} and ${other}`).toBe(true);
            }
            view('bool', address, bytes).fill(blocks.size);
            if (keep) blocks.set(address, bytes);
            else release(address, bytes);
          }
          // What was written in one block is not in another: the last write stands.
          for (const [address, bytes] of blocks) {
            expect(new Set(view('bool', address, bytes)).size).toBeLessThanOrEqual(1);
            release(address, bytes);
          }
        });
      }),
    );
  });

  test('hands out a freed block again, for any request of its class', () => {
    const a = allocate(1000, 'test');
    release(a, 1000);
    const b = allocate(1010, 'test');
    expect(b).toBe(a);
    const c = allocate(1010, 'test');
    expect(c).not.toBe(a);
    release(b, 1010);
    release(c, 1010);
  });

  test('wastes at most a quarter and the slack', () => {
    for (let bytes = 1; bytes < 2 ** 20; bytes = Math.ceil(bytes * 1.13)) {
      const { live } = heapInfo();
      const address = allocate(bytes, 'test');
      expect(heapInfo().live - live).toBeLessThanOrEqual(Math.max(128, (bytes + 64) * 1.25 + 64));
      expect(heapInfo().live - live).toBeGreaterThanOrEqual(bytes + 64);
      release(address, bytes);
    }
  });

  test('keeps the data when memory grows', () => {
    const x = tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const { heap } = heapInfo();
    const large = zeros([heap / 4 + 1]);
    expect(heapInfo().heap).toBeGreaterThan(heap);
    expect(Array.from(x.dataSync())).toEqual([1, 2, 3, 4]);
    expect(large.dataSync().every((v) => v === 0)).toBe(true);
    dispose([x, large]);
  });

  test('names what there was no room for, and stays as it was', () => {
    leavesNothing(() => {
      expect(() => allocate(2 ** 33, 'a giant')).toThrow(RangeError);
      expect(() => allocate(2 ** 33, 'a giant')).toThrow(
        /^out of memory: 8192 MiB for a giant; heap \d+ MiB of 4096 MiB/,
      );
      expect(() => allocate(Number.NaN, 'nothing')).toThrow(RangeError);
    });
  });
});

test('10,000 ops in tidy leave memory where the first ten left it', () => {
  const [x, w] = [zeros([8, 8]), zeros([8, 8])];
  const step = () => tidy(() => void sum(relu(sub(mul(add(matMul(x, w), 1), 2), x))).dataSync());
  for (let i = 0; i < 2; i++) step();
  const before = { ...memory(), ...heapInfo() };
  for (let i = 0; i < 10_000 / 6; i++) step();
  expect({ ...memory(), ...heapInfo() }).toEqual(before);
  dispose([x, w]);
});

/** A tensor's values as a user would write them in an op's place. */
const plain = (x: Tensor): Tensor =>
  (x.rank === 1 && x.dtype === 'int32' ? x.dataSync() : x.arraySync()) as unknown as Tensor;

const results = (outputs: unknown) =>
  getTensorsInContainer(outputs).map((y) => ({ shape: y.shape, values: Array.from(y.dataSync()) }));

describe('every op leaves its results and nothing else:', () => {
  // The first product leaves its scratch block, which later ones share.
  beforeEach(() => {
    tidy(() => void matMul(zeros([32, 32]), zeros([32, 32]), true, true));
  });

  for (const { f, inputs, title, seed } of examples) {
    test(title, async () => {
      const values = sample(inputs, seed);
      for (const dtype of ['float32', 'float64'] as const) {
        await leavesNothing(async () => {
          const xs = tensors(inputs, values, dtype);
          const before = memory().numTensors;
          const outputs = await f(...xs);
          expect(memory().numTensors - before).toBe(getTensorsInContainer(outputs).length);
          dispose([outputs, xs]);
        });
      }
    });

    // Nested arrays cannot say that there are no rows of three.
    if (inputs.some(({ kind }) => kind === 'float') && inputs.every(({ shape }) => !shape.includes(0))) {
      test(`${title}, given plain numbers`, async () => {
        await leavesNothing(async () => {
          const xs = tensors(inputs, sample(inputs, seed), 'float32');
          const expected = await f(...xs);
          const args = xs.map(plain);
          const { numTensors } = memory();
          const outputs = await f(...args);
          expect(memory().numTensors - numTensors).toBe(getTensorsInContainer(outputs).length);
          expect(results(outputs)).toEqual(results(expected));
          dispose([outputs, expected, xs]);
        });
      });
    }
  }
});

test('a failing op leaves nothing, inside tidy and outside', () => {
  const x = scalar(1);
  const before = alive();
  for (let i = 0; i < 2; i++) {
    expect(() => matMul([[1, 2]], [[3, 4]])).toThrow();
    expect(() => tidy(() => matMul(add([[1, 2]], x), [[3, 4]]))).toThrow();
  }
  expect(alive()).toEqual(before);
  x.dispose();
});
