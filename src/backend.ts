// What TensorFlow.js programs ask of its engine. Here there is one backend, ready once the package is loaded.

import { endScope, startScope, tidy } from './scope.js';

/**
 * The name of the only backend: 'wasm'.
 *
 * @example
 * getBackend();  // 'wasm'
 */
export const getBackend = (): string => 'wasm';

/**
 * What TensorFlow.js programs ask its backend for: `epsilon`, the small number that keeps a denominator from 0.
 *
 * @example
 * backend().epsilon();  // 1e-7
 */
export const backend = (): { epsilon(): number } => ({ epsilon: () => 1e-7 });

/**
 * Resolves at once: there is nothing to wait for. TensorFlow.js programs call it.
 *
 * @example
 * await ready();
 * scalar(1).print();  // 1
 */
export async function ready(): Promise<void> {}

/**
 * Scopes to open and close by hand, for asynchronous code, around which no {@link tidy} can be put.
 *
 * @example
 * const before = memory().numTensors;
 * engine().startScope();
 * const [y] = await scalar(3).square().data();
 * engine().endScope();
 * y;  // 9
 * memory().numTensors - before;  // 0
 */
export const engine = (): { startScope(): void; endScope(): void } => ({ startScope, endScope: () => endScope() });

/** Milliseconds: of the whole call, and of its kernels. */
export interface TimingInfo {
  /** From the beginning of the call to its end. */
  wallMs: number;
  /** The same: kernels run in the call, and what it does beside them is little. */
  kernelMs: number;
}

/**
 * How long a function takes. What it makes is disposed of.
 *
 * @example
 * const { wallMs } = await time(() => matMul(ones([64, 64]), ones([64, 64])));
 * wallMs > 0;  // true
 */
export async function time(f: () => unknown): Promise<TimingInfo> {
  const start = performance.now();
  tidy(() => {
    f();
  });
  const wallMs = performance.now() - start;
  return { wallMs, kernelMs: wallMs };
}
