/**
 * What a training step does besides its kernels, seen from inside: a process of its own, started by replay.js, that
 * wraps WebAssembly before wasmgrad is loaded.
 *
 *     node --expose-gc --max-semi-space-size=128 bench/inside.js 400,25,15,10 32 2000
 */

const [sizes, batch, steps] = [process.argv[2].split(',').map(Number), ...process.argv.slice(3).map(Number)];

/** Milliseconds in the replays' calls. */
let inside = 0;
let isTimed = false;
const { Instance, Memory } = WebAssembly;
let memory = new Memory({ initial: 0 });
WebAssembly.Instance = new Proxy(Instance, {
  construct(_, [module, imports]) {
    const { run, ...exports } = /** @type {any} */ (new Instance(module, imports).exports);
    const timed = (/** @type {number} */ at, /** @type {number} */ end) => {
      if (!isTimed) return run(at, end);
      const start = performance.now();
      run(at, end);
      inside += performance.now() - start;
    };
    return { exports: run ? { ...exports, run: timed } : exports };
  },
});
WebAssembly.Memory = new Proxy(Memory, {
  construct(_, [descriptor]) {
    memory = new Memory(descriptor); // the last is the package's
    return memory;
  },
});

const { network } = await import('./inputs.js');
const { ours } = await import('./peers.js');
const { memory: info } = await import('wasmgrad');
const idle = memory.buffer.byteLength;

const contestant = await ours.step?.(network(sizes, batch));
if (!contestant) throw new Error('inside: no step');
const { run } = contestant;
for (let i = 0; i < Math.min(steps, 500); i++) await run();

const before = { heap: memory.buffer.byteLength, ...info() };
for (let i = 0; i < steps; i++) await run();
const after = { heap: memory.buffer.byteLength, ...info() };

// Young objects are not collected while they are counted: the nursery is large enough for a thousand steps.
const counted = Math.min(steps, 1000);
const collect = /** @type {() => void} */ (globalThis.gc);
collect();
const used = process.memoryUsage().heapUsed;
for (let i = 0; i < counted; i++) await run();
const bytes = (process.memoryUsage().heapUsed - used) / counted;

isTimed = true;
const outer = /** @type {number[]} */ ([]);
const inner = /** @type {number[]} */ ([]);
for (let i = 0; i < counted; i++) {
  inside = 0;
  const start = performance.now();
  await run();
  outer.push(performance.now() - start);
  inner.push(inside);
}
const median = (/** @type {number[]} */ xs) => xs.sort((a, b) => a - b)[xs.length >> 1];
const javascript = median(outer.map((ms, i) => ms - inner[i]));

const parameters = sizes.slice(1).reduce((sum, units, i) => sum + units * (sizes[i] + 1), 0);
const activations = batch * sizes.reduce((sum, n) => sum + n);
console.log(
  JSON.stringify({
    name: `MLP ${sizes.join('-')}, batch ${batch}`,
    javascriptMicroseconds: 1000 * javascript,
    kernelsMilliseconds: median(inner),
    allocatedBytes: bytes,
    wasmHeap: after.heap,
    wasmHeapBefore: before.heap,
    emptyHeap: idle,
    tensorBytes: after.numBytes,
    /** Parameters, both of Adam's moments, and the values of each layer for one batch. */
    needed: 4 * (3 * parameters + activations),
    tensors: [before.numTensors, after.numTensors],
    steps,
  }),
);
