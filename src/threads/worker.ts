// What a worker runs, from its start to its end: it does its share of every instruction that the first thread gives
// out. scripts/worker.js makes one text of it.

import { KERNELS } from '../wasm/generated/abi.js';
import { AT, done, END, FAILED, LONGEST_MESSAGE, MESSAGE, SLEEPERS, spin, TURN, WAITING } from './control.js';

/** What a worker is given at its start. */
export interface Orders {
  /** Core is the first of them. */
  modules: readonly WebAssembly.Module[];
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  /** Its number; that of the first thread is 0. */
  thread: number;
  threads: number;
}

/** What it says: that it has begun and that it has ended, or why it could not begin. */
export type Word = 'ready' | 'gone' | { error: string };

type Module = { run(at: number, end: number): void; setShare(part: number, parts: number): void };

function work({ modules, memory, control, thread, threads }: Orders, say: (word: Word) => void): void {
  const words = new Int32Array(control);
  const own = done(thread);
  const kernels = new WebAssembly.Table({ element: 'anyfunc', initial: KERNELS });
  const instances = modules.map(
    (module) => new WebAssembly.Instance(module, { env: { memory, kernels } }).exports as Module,
  );
  for (const { setShare } of instances) setShare(thread, threads);
  const { run } = instances[0]!;
  say('ready');
  for (let turn = 0; ; ) {
    // Who is woken need not have work: a call to the sleepers may come after the work it was for is done.
    while (!spin(words, TURN, turn)) {
      Atomics.add(words, SLEEPERS, 1);
      Atomics.wait(words, TURN, turn);
      Atomics.sub(words, SLEEPERS, 1);
    }
    turn = Atomics.load(words, TURN);
    const at = words[AT]! >>> 0;
    const end = words[END]! >>> 0;
    if (end === 0) break;
    try {
      run(at, end);
    } catch (error) {
      const message = String((error as Error).message).slice(0, LONGEST_MESSAGE);
      words[MESSAGE] = message.length;
      for (let i = 0; i < message.length; i++) words[MESSAGE + 1 + i] = message.charCodeAt(i);
      Atomics.store(words, FAILED, thread);
    }
    Atomics.store(words, own, turn);
    if (Atomics.load(words, WAITING)) Atomics.notify(words, own);
  }
  say('gone');
}

/** Waits for its orders. Once it is gone, whoever gave them ends the worker. */
function serve(listen: (f: (orders: Orders) => void) => void, say: (word: Word) => void): void {
  listen((orders) => {
    try {
      work(orders, say);
    } catch (error) {
      say({ error: String(error) });
    }
  });
}

if (globalThis.process?.versions?.node) {
  import(/* webpackIgnore: true */ /* @vite-ignore */ 'node:worker_threads').then(({ parentPort }) => {
    const port = parentPort!;
    serve(
      (f) => port.once('message', f),
      (word) => port.postMessage(word),
    );
  });
} else {
  serve(
    (f) => addEventListener('message', ({ data }) => f(data), { once: true }),
    (word) => postMessage(word),
  );
}
