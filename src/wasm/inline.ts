// The kernels' module that travels inside this package as text: compiled at import, without a file, a request or
// an `await`. The builds for `workerd` and `edge-light` replace this file by the one of that name.

import { text, unpacker } from './generated/packed.js';

/** Compiles, or says in one sentence what is missing. */
function compile(bytes: Uint8Array<ArrayBuffer>, missing: string): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw new Error(`wasmgrad: ${missing}`, { cause });
  }
}

/** The module's bytes. scripts/pack.js tells how they became text. */
function unpack(): Uint8Array<ArrayBuffer> {
  // The unpacker needs nothing but WebAssembly's first version: only a policy can refuse it.
  const module = compile(
    Uint8Array.from(unpacker),
    "the page's Content-Security-Policy forbids WebAssembly: allow 'wasm-unsafe-eval' in its script-src",
  );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(text.length / 65536) });
  const bytes = new Uint8Array(memory.buffer);
  new TextEncoder().encodeInto(text, bytes);
  const { unpack } = new WebAssembly.Instance(module, { env: { memory } }).exports as { unpack(size: number): number };
  return bytes.subarray(0, unpack(text.length));
}

if (typeof WebAssembly !== 'object') {
  throw new Error('wasmgrad: this engine has no WebAssembly, or it is turned off: turn it on or use another engine');
}

export const module: WebAssembly.Module = compile(
  unpack(),
  'this engine has no WebAssembly SIMD: use Node 18, Chrome 91, Firefox 89, Safari 16.4 or later',
);
