// Starting workers and letting them go, in every runtime. A worker begins from a text that travels inside the package:
// a file would have to be found again by whatever bundled it, and read with a permission in Deno.

import { source } from '../wasm/generated/worker.js';
import type { Orders, Word } from './worker.js';

/** A worker of the web, or of node:worker_threads, which Deno and Bun have too: there it need not keep a program alive. */
type Native = (Worker & { on?: undefined; unref?: undefined }) | import('node:worker_threads').Worker;

/** How long a worker may take to begin, and to end before it is made to, in milliseconds. */
const START_MS = 20_000;
const END_MS = 2_000;

const isServer = (): boolean => Boolean(globalThis.process?.versions?.node);

/** Why there can be no threads here; undefined if there can. */
export function whyNot(): string | undefined {
  if (globalThis.crossOriginIsolated === false && !isServer()) {
    return (
      'this page is not cross-origin isolated: serve it with the headers Cross-Origin-Opener-Policy: same-origin ' +
      'and Cross-Origin-Embedder-Policy: require-corp'
    );
  }
  if (typeof SharedArrayBuffer !== 'function') return 'this engine has no SharedArrayBuffer, or it is turned off';
  if (!isServer() && typeof Worker !== 'function') return 'this runtime has no workers';
  return undefined;
}

/** Where a page finds the text: one for all workers, since browsers read it at a time of their own. */
let blob: string | undefined;

/** The one that worked on this page: a worker that a policy refuses is a complaint in its console each time. */
let proven: (() => Native) | undefined;

/** Ways to make a worker here, the first that works to be taken. */
async function ways(): Promise<(() => Native)[]> {
  if (isServer()) {
    const name = 'node:worker_threads';
    const { Worker: Thread } =
      process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name));
    // Without the program's own flags, which may load what a worker has no use for.
    return [() => new Thread(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] })];
  }
  if (proven) return [proven];
  return [
    () => {
      blob ??= URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
      return new Worker(blob);
    },
    // For a policy that has no blob: in its worker-src. Bundlers know this form.
    () => new Worker(new URL('./threads-worker.js', import.meta.url), { type: 'module' }),
  ];
}

/** A worker that has begun. */
export class Hand {
  readonly native: Native;
  private onWord: (word: Word) => void = () => {};
  /** Is called if it ends by itself. */
  onEnd: (why: string) => void = () => {};
  private ended = false;

  private constructor(native: Native) {
    this.native = native;
    const word = (value: unknown) => this.onWord(value as Word);
    const failed = (error: unknown) => {
      const why = (error as Error | undefined)?.message || 'it was refused, or its script was not found';
      this.ended = true;
      this.onWord({ error: why });
      this.onEnd(why);
    };
    if (native.on) {
      native.on('message', word);
      native.on('error', failed);
      native.on('exit', () => failed(new Error('it was terminated')));
    } else {
      native.onmessage = ({ data }) => word(data);
      native.onerror = (event) => {
        event.preventDefault();
        failed(event);
      };
    }
  }

  /** Starts a worker and gives it its orders. */
  static async start(orders: Orders): Promise<Hand> {
    let reason: unknown;
    for (const make of await ways()) {
      let hand: Hand | undefined;
      try {
        hand = new Hand(make());
        hand.native.postMessage(orders);
        await hand.hear('ready', START_MS);
        hand.native.unref?.();
        if (!isServer()) proven = make;
        return hand;
      } catch (error) {
        hand?.native.terminate();
        reason ??= error;
      }
    }
    throw new Error(`setThreads: a worker could not begin: ${(reason as Error).message}`, { cause: reason });
  }

  /** Waits until it says a word. */
  private hear(word: Word, patience: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`it was silent for ${patience / 1000} s`)), patience);
      this.onWord = (heard) => {
        clearTimeout(timer);
        if (heard === word) resolve();
        else reject(new Error(typeof heard === 'string' ? heard : heard.error));
      };
    });
  }

  /** Waits until it is gone, having been told to; makes it go if it does not. */
  async end(): Promise<void> {
    this.onEnd = () => {};
    if (!this.ended) await this.hear('gone', END_MS).catch(() => {});
    await this.native.terminate();
  }
}
