// What TensorFlow.js programs ask of its engine. Here there is one backend, ready once the package is loaded.

import { endScope, startScope } from './scope.js';

/**
 * The name of the only backend: 'wasm'.
 *
 * @example
 * getBackend();  // 'wasm'
 */
export const getBackend = (): string => 'wasm';

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
