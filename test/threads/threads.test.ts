import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  dispose,
  dropout,
  gather,
  jit,
  layers,
  memory,
  ones,
  randomUniform,
  range,
  sequential,
  setSeed,
  sub,
  type Tensor,
  tensor1d,
  tidy,
  variable,
} from '../../src/index.js';
import { allocate, emptyMemory, heapInfo, release, view } from '../../src/memory.js';
import { change, hands } from '../../src/threads/change.js';
import { TURN } from '../../src/threads/control.js';
import { Threads } from '../../src/threads/crew.js';
import { getThreads, setThreads } from '../../src/threads/index.js';
import type { Orders, Word } from '../../src/threads/worker.js';
import { compileAll, kernels, memory as linear } from '../../src/wasm/kernels.js';
import { withSharedMemory } from '../../src/wasm/shared.js';
import { record } from '../../src/wasm/trace.js';
import { alive } from '../support/heap.js';

/** However small the program. */
const always = { always: true };

beforeAll(() => {
  setSeed(1); // its stream stays
  dispose(tidy(() => dropout(ones([2]), 0.5)));
});

let before: ReturnType<typeof alive>;
beforeEach(() => {
  before = alive();
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await setThreads(1);
  expect(alive()).toEqual(before);
});

/** Large enough that its kernels divide their work. */
function makeModel(rate = 0) {
  const model = sequential();
  model.add(layers.dense({ units: 97, activation: 'relu', inputShape: [65] }));
  model.add(layers.dropout({ rate }));
  model.add(layers.dense({ units: 5 }));
  model.compile({ optimizer: 'adam', loss: { name: 'sparseCategoricalCrossentropy', fromLogits: true } });
  return model;
}

/** The weights after 30 steps on batches of 41 and 33, as bytes. */
async function trained(): Promise<number[][]> {
  setSeed(3);
  const model = makeModel(0.25);
  const [x, y] = [randomUniform([74, 65]), randomUniform([74], 0, 5, 'int32')];
  await model.fit(x, y, { epochs: 15, batchSize: 41, verbose: 0 });
  const weights = model.getWeights().map((w) => [...new Uint8Array(w.dataSync().buffer)]);
  model.dispose();
  dispose([x, y]);
  return weights;
}

const values = (x: Tensor) => [...x.dataSync()];

describe('setThreads', () => {
  test('training gives the bits of one thread, whatever the number', async () => {
    const expected = await trained();
    for (const n of [2, 3, 1]) {
      await change(n, always);
      expect(getThreads()).toBe(n);
      expect(await trained()).toEqual(expected);
    }
  });

  test('a model, its optimizer and its recorded step go on across switches', async () => {
    const losses = async (switches: number[]) => {
      setSeed(5);
      const model = makeModel();
      const [x, y] = [randomUniform([41, 65]), randomUniform([41], 0, 5, 'int32')];
      const all: unknown[] = [];
      for (const n of switches) {
        await change(n, always);
        for (let i = 0; i < 6; i++) all.push(await model.trainOnBatch(x, y));
      }
      model.dispose();
      dispose([x, y]);
      return all;
    };
    expect(await losses([2, 1, 3, 2, 1])).toEqual(await losses([1, 1, 1, 1, 1]));
  });

  test('tensors and variables survive, and what is made while the threads begin', async () => {
    const x = range(0, 1000, 1);
    const w = variable(tidy(() => x.square()));
    const switching = setThreads(2);
    const late = x.add(1);
    const large = ones([3000, 3000]);
    tidy(() => w.assign(x.mul(3)));
    await switching;
    expect(values(late)).toEqual(values(x).map((v) => v + 1));
    expect(tidy(() => large.min().dataSync()[0])).toBe(1);
    tidy(() => w.assign(w.add(late)));
    await setThreads(1);
    expect(values(w)).toEqual(values(x).map((v) => 4 * v + 1));
    dispose([x, w, late, large]);
  });

  test('one thread has ordinary memory and no workers again', async () => {
    expect(linear.buffer).toBeInstanceOf(ArrayBuffer);
    const { heap } = heapInfo();
    await setThreads(3);
    expect(linear.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(heapInfo().heap).toBe(heap);
    const natives = hands().map(({ native }) => native as import('node:worker_threads').Worker);
    expect(natives).toHaveLength(2);
    const exits = natives.map((native) => new Promise((resolve) => native.once('exit', resolve)));
    await setThreads(1);
    await Promise.all(exits);
    expect(getThreads()).toBe(1);
    expect(linear.buffer).toBeInstanceOf(ArrayBuffer);
    expect(heapInfo().heap).toBe(heap);
  });

  test('calls come one after the other', async () => {
    const all = [setThreads(2), setThreads(3), setThreads(1), setThreads(2)];
    await Promise.all(all);
    expect(getThreads()).toBe(2);
    expect(hands()).toHaveLength(1);
  });

  test('the same number again changes nothing', async () => {
    await setThreads(2);
    const [hand] = hands();
    await setThreads(2);
    expect(hands()).toEqual([hand]);
  });

  test('where workers cannot begin everything stays as it was', async () => {
    vi.stubGlobal('process', { ...process, versions: {} });
    vi.stubGlobal(
      'Worker',
      class {
        constructor() {
          throw new Error('no more of them');
        }
      },
    );
    await expect(setThreads(2)).rejects.toThrow('setThreads: a worker could not begin: no more of them');
    vi.unstubAllGlobals();
    expect(getThreads()).toBe(1);
    expect(linear.buffer).toBeInstanceOf(ArrayBuffer);
    const x = range(0, 3, 1);
    expect(values(x)).toEqual([0, 1, 2]);
    x.dispose();
  });

  test('a page whose policy refuses workers from blobs is not asked for one again', async () => {
    const urls: string[] = [];
    class Pretender {
      onmessage: (event: { data: Word }) => void = () => {};
      onerror: (event: Partial<ErrorEvent>) => void = () => {};
      private readonly refused: boolean;

      constructor(url: string | URL) {
        urls.push(String(url));
        this.refused = String(url).startsWith('blob:');
        if (this.refused) setTimeout(() => this.onerror({ message: 'refused', preventDefault() {} }));
      }

      postMessage({ control }: Orders): void {
        if (this.refused) return;
        setTimeout(() => this.onmessage({ data: 'ready' }));
        const timer = setInterval(() => {
          if (Atomics.load(new Int32Array(control), TURN) === 0) return;
          clearInterval(timer);
          this.onmessage({ data: 'gone' });
        }, 1);
      }

      terminate(): void {}
    }
    vi.stubGlobal('process', { ...process, versions: {} });
    vi.stubGlobal('Worker', Pretender);
    for (const n of [2, 1, 3, 1]) await setThreads(n);
    expect(urls.map((url) => url.startsWith('blob:'))).toEqual([true, false, false, false]);
  });

  test('a bad number is refused in one sentence', async () => {
    for (const n of ['2', undefined, null, {}]) {
      await expect(setThreads(n as number)).rejects.toThrow(TypeError);
    }
    await expect(setThreads('2' as never)).rejects.toThrow('setThreads: needs a number, got string');
    for (const n of [0, -1, 1.5, 65, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(setThreads(n)).rejects.toThrow(
        new RangeError(`setThreads: needs a whole number from 1 to 64, got ${n}`),
      );
    }
    expect(getThreads()).toBe(1);
  });

  test('where there can be no threads it says why, and one thread is no error', async () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    await expect(setThreads(2)).rejects.toThrow('no threads here: this engine has no SharedArrayBuffer');
    vi.unstubAllGlobals();
    // As in a browser.
    vi.stubGlobal('process', { ...process, versions: {} });
    vi.stubGlobal('crossOriginIsolated', false);
    await expect(setThreads(2)).rejects.toThrow('this page is not cross-origin isolated: serve it with the headers');
    vi.stubGlobal('crossOriginIsolated', true);
    vi.stubGlobal('Worker', undefined);
    await expect(setThreads(2)).rejects.toThrow('this runtime has no workers');
    await setThreads(1);
    expect(getThreads()).toBe(1);
  });
});

describe('a thread', () => {
  test('that traps ends the step with its number and the kernel’s name', async () => {
    // (module (func (export "setShare") (param i32 i32)) (func (export "run") (param i32 i32) (result i32) unreachable))
    const trap = new WebAssembly.Module(
      Uint8Array.from([
        ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...[1, 12, 2, 0x60, 2, 0x7f, 0x7f, 0, 0x60, 2, 0x7f, 0x7f, 1, 0x7f],
        ...[3, 3, 2, 0, 1],
        ...[7, 18, 2, 8, ...new TextEncoder().encode('setShare'), 0, 0, 3, ...new TextEncoder().encode('run'), 0, 1],
        ...[10, 8, 2, 2, 0, 11, 3, 0, 0, 11],
      ]),
    );
    const x = tensor1d([1, 2, 3]);
    const { result: y, program } = record(() => x.exp());
    if (typeof program === 'string') throw new Error(program);
    const size = program.instructions.length;
    const address = allocate(size, 'a program');
    view('bool', address, size).set(program.instructions);
    const crew = await Threads.start(3, emptyMemory(true), [trap], always);
    expect(() => crew.run(program, address)).toThrow(/threads: thread [12] of 3 stopped in exp_f32: unreachable/i);
    expect(() => crew.run(program, address)).toThrow(/of 3 stopped in exp_f32: .*new setThreads/);
    await crew.dismiss();
    release(address, size);
    dispose([x, y]);
  });

  test('that is terminated ends the step in an error, and so every later one, until setThreads', async () => {
    const f = jit((x: Tensor) => x.mul(2).add(1));
    const run = () => tidy(() => values(f(tensor1d([1, 2, 3]))));
    await change(2, { always: true, patience: 300 });
    for (let i = 0; i < 3; i++) expect(run()).toEqual([3, 5, 7]);
    const gone = hands()[0]!.native.terminate();
    const start = performance.now();
    // It may still do an instruction or two.
    expect(() => {
      for (;;) run();
    }).toThrow(/thread 1 of 2 (did not come back from \w+|ended: it was terminated); .*new setThreads/);
    expect(performance.now() - start).toBeLessThan(5000);
    await gone;
    expect(run).toThrow('thread 1 of 2');
    await change(2, always);
    for (let i = 0; i < 3; i++) expect(run()).toEqual([3, 5, 7]);
    f.dispose();
  });

  test('that ended between two steps is noticed at once', async () => {
    const f = jit((x: Tensor) => x.mul(2));
    const run = () => tidy(() => values(f(tensor1d([1]))));
    await change(2, always);
    run();
    run();
    await hands()[0]!.native.terminate();
    expect(run).toThrow('threads: thread 1 of 2 ended: it was terminated');
    await setThreads(1);
    expect(run()).toEqual([2]);
    f.dispose();
  });

  test('that is woken without work does not do its last work again', async () => {
    const [length, bytes] = [4096, 4 * 4096];
    await change(2, always);
    const x = allocate(bytes, 'numbers');
    view('float32', x, length).fill(2);
    const { program } = record(() => kernels.float32.square(x, x, length));
    if (typeof program === 'string') throw new Error(program);
    const size = program.instructions.length;
    const address = allocate(size, 'a program');
    view('bool', address, size).set(program.instructions);
    const crew = await Threads.start(2, linear, compileAll(withSharedMemory), always);
    crew.run(program, address);
    // After the first time it can only be woken when it has gone back to sleep.
    for (let woken = 0; woken < 4; ) woken += Atomics.notify(crew.words, TURN);
    await crew.dismiss();
    // Once while it was recorded, once by the crew.
    expect([...new Set(view('float32', x, length))]).toEqual([16]);
    release(address, size);
    release(x, bytes);
  });

  test('goes on after an index that is out of range', async () => {
    const f = jit((x: Tensor, i: Tensor) => gather(x, i));
    const run = (i: number) => tidy(() => values(f(tensor1d([1, 2, 3]), tensor1d([i], 'int32'))));
    await change(2, always);
    for (const i of [0, 1, 2]) expect(run(i)).toEqual([i + 1]);
    expect(() => run(3)).toThrow(new RangeError('jit: an index is out of range'));
    expect(run(1)).toEqual([2]);
    f.dispose();
  });
});

test('what runs eagerly beside threads is done whole', async () => {
  await change(3, always);
  tidy(() => {
    const x = range(0, 100, 1);
    const f = jit((a: Tensor) => a.sqrt());
    for (let i = 0; i < 4; i++) {
      f(x);
      expect(values(x.add(x))).toEqual(values(x).map((v) => 2 * v));
    }
    f.dispose();
  });
  expect(memory().numTensors).toBe(before.numTensors);
});

test('memory grows while threads are at work', async () => {
  await change(2, always);
  const add = jit((x: Tensor) => x.add(x).mul(x));
  const { heap } = heapInfo();
  const rows = Math.ceil(heap / 4096) + 1;
  for (let i = 0; i < 4; i++) {
    tidy(() => {
      // Blocks behind the old end, as inputs, outputs and the program itself.
      const x = range(0, rows * 1024, 1).reshape([rows, 1024]);
      expect(sub(add(x), x.square().mul(2)).abs().max().dataSync()[0]).toBe(0);
    });
  }
  expect(heapInfo().heap).toBeGreaterThan(heap);
  add.dispose();
});
