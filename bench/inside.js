/**
 * What a training step does besides its kernels, seen from inside: a process of its own, started by replay.js, that
 * wraps WebAssembly before wasmgrad is loaded.
 *
 *     node --expose-gc --max-semi-space-size=128 bench/inside.js 400,25,15,10 32 2000
 *     node --expose-gc --max-semi-space-size=128 bench/inside.js images 64 100
 */

const [what, batch, steps] = [process.argv[2], ...process.argv.slice(3).map(Number)];

/** Milliseconds in the replays' calls. */
let inside = 0;
let isTimed = false;
const { Instance } = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
  construct(_, [module, imports]) {
    const { run, ...exports } = /** @type {any} */ (new Instance(module, imports).exports);
    const timed = (/** @type {number} */ at, /** @type {number} */ end) => {
      if (!isTimed) return run(at, end);
      const start = performance.now();
      const stopped = run(at, end);
      inside += performance.now() - start;
      return stopped;
    };
    return { exports: run ? { ...exports, run: timed } : exports };
  },
});

const { convolutionalNetwork, network } = await import('./inputs.js');
const { IMAGES, nameOfImages, UNITS } = await import('./steps.js');
const { ours } = await import('./peers.js');
const { memory: info } = await import('wasmgrad');
const idle = info().heapBytes;

const work =
  what === 'images' ? convolutionalNetwork(IMAGES, UNITS, batch) : network(what.split(',').map(Number), batch);
const contestant = await ours.step?.(work);
if (!contestant) throw new Error('inside: no step');
const { run } = contestant;
for (let i = 0; i < Math.min(steps / 10, 500); i++) await run();

const before = info();
for (let i = 0; i < steps; i++) await run();
const after = info();

// Young objects are not collected while they are counted: the nursery is large enough for a thousand steps.
const counted = Math.min(Math.ceil(steps / 10), 1000);
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

const parameters = work.weights.reduce((sum, { length }) => sum + length, 0);
const [height, width] = IMAGES.shape;
const maps = IMAGES.filters.map((n, i) => (height - 2 * i - 2) * (width - 2 * i - 2) * n);
const activations =
  (work.images ? batch * maps.reduce((sum, n) => sum + n) : 0) +
  work.x.length +
  batch * work.sizes.slice(work.images ? 0 : 1).reduce((sum, n) => sum + n);
console.log(
  JSON.stringify({
    name: work.images ? nameOfImages(batch) : `MLP ${work.sizes.join('-')}, batch ${batch}`,
    javascriptMicroseconds: 1000 * javascript,
    kernelsMilliseconds: median(inner),
    allocatedBytes: bytes,
    wasmHeap: after.heapBytes,
    wasmHeapBefore: before.heapBytes,
    emptyHeap: idle,
    tensorBytes: after.numBytes,
    /** Parameters, both of Adam's moments, and the values of each layer for one batch. */
    needed: 4 * (3 * parameters + activations),
    tensors: [before.numTensors, after.numTensors],
    steps,
  }),
);
