// The file system, where there is one. Imports nothing before it is needed.

/**
 * That of Node, Deno and Bun.
 * @throws Error where there is none
 */
export async function fileSystem(op: string): Promise<typeof import('node:fs')> {
  // No literal in the import: bundles for browsers would look for the module.
  const name = 'node:fs';
  try {
    return process.getBuiltinModule?.(name) ?? (await import(/* webpackIgnore: true */ /* @vite-ignore */ name));
  } catch (cause) {
    throw new Error(`${op}: there is no file system here`, { cause });
  }
}
