// The safety net for what a program forgets to dispose of: the garbage collector tells when something is gone.

type Registry<T> = Pick<FinalizationRegistry<T>, 'register' | 'unregister'>;

const NO_REGISTRY = { register() {}, unregister: () => false };

/**
 * A registry that calls `free` some time after a registered object is gone. Where the engine has none (Cloudflare
 * Workers with a compatibility date before May 2025) it does nothing: what is forgotten there stays until the end.
 */
export const onForgotten = <T>(free: (held: T) => void): Registry<T> =>
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry(free) : NO_REGISTRY;
