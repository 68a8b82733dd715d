// TensorFlow.js programs ask for a backend and wait for it. Here there is one, and it is ready once the package is loaded.

/** The name of the only backend. */
export const getBackend = (): string => 'wasm';

/** Resolves at once: there is nothing to wait for. */
export async function ready(): Promise<void> {}
