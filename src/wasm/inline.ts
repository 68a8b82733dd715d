// The kernels' module, compiled from the bytes that travel inside this package.

import { base64 } from './generated/bytes.js';

/** Decodes base64 with what the engine has. `Uint8Array.from(atob(s), f)` is 10 to 100 times slower. */
function decode(text: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as unknown as { fromBase64?(s: string): Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, text);
  if (typeof Buffer === 'function') return Uint8Array.from(Buffer.from(text, 'base64'));
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

export const module: WebAssembly.Module = new WebAssembly.Module(decode(base64));
