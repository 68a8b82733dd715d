// Compiles the modules that travel inside this package as text, without a file, a request or an `await`. The builds
// for `workerd` and `edge-light` have none of it: there the platform compiles what a bundle imports (generated/workerd.ts
// and its like).

import { unpacker } from './generated/unpacker.js';
import type { Patch } from './module.js';

/** What `f` makes, or one sentence that says what is missing. */
function need<T>(f: () => T, missing: string): T {
  try {
    return f();
  } catch (cause) {
    throw new Error(`wasmgrad: ${missing}`, { cause });
  }
}

/** A module's bytes. scripts/pack.js tells how they became text. */
function unpack(text: string): Uint8Array<ArrayBuffer> {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(text.length / 65536) });
  const bytes = new Uint8Array(memory.buffer);
  new TextEncoder().encodeInto(text, bytes);
  // The unpacker needs nothing but WebAssembly's first version: only a policy can refuse it.
  const { exports } = need(
    () => new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(unpacker)), { env: { memory } }),
    "a policy forbids WebAssembly: allow 'wasm-unsafe-eval' in the Content-Security-Policy's script-src, " +
      "or bundle with the condition 'workerd' or 'edge-light' where code is compiled at deployment",
  );
  return bytes.subarray(0, (exports as { unpack(size: number): number }).unpack(text.length));
}

/**
 * The module that lies packed in a text.
 * @param missing - what an engine lacks that refuses it, and what to do
 * @param patch - what to make of its bytes first
 * @throws Error, one sentence, where the engine cannot compile it
 */
export function compile(text: string, missing: string, patch?: Patch): WebAssembly.Module {
  if (typeof WebAssembly !== 'object') {
    throw new Error('wasmgrad: this engine has no WebAssembly, or it is turned off: turn it on or use another engine');
  }
  const packed = unpack(text);
  const bytes = patch ? patch(packed) : packed;
  return need(() => new WebAssembly.Module(bytes), missing);
}
