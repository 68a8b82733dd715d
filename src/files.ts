// The file system of Node, Deno and Bun. Its module is asked for when a file is, so that bundles for browsers and workers
// need none. Imports nothing.

/**
 * @param what - what an error begins with
 * @throws TypeError in a runtime without files
 */
export async function fileSystem(what: string): Promise<typeof import('node:fs')> {
  if (!globalThis.process?.versions?.node) {
    throw new TypeError(`${what}: files need Node, Deno or Bun, and this runtime is none of them`);
  }
  const name = 'node:fs';
  return process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name));
}
