import { expect, it } from 'vitest';
import { pack } from '../scripts/pack.js';
import { text } from '../src/wasm/generated/core-text.js';
import { unpacker } from '../src/wasm/generated/unpacker.js';

it('text of printable ASCII gives back every byte, in every pair', () => {
  const bytes = Uint8Array.from({ length: 65536 * 2 }, (_, i) => (i % 2 ? i >> 1 : i >> 9));
  const packed = pack(bytes);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(packed.length / 65536) });
  const heap = new Uint8Array(memory.buffer);
  new TextEncoder().encodeInto(packed, heap);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(unpacker)), { env: { memory } });
  const size = (instance.exports as { unpack(size: number): number }).unpack(packed.length);
  expect(size).toBe(bytes.length);
  expect(bytes.every((byte, i) => byte === heap[i])).toBe(true);
});

it('the kernels travel in characters that no charset, quote or page can spoil', () => {
  expect(text).toMatch(/^[#-~]+$/);
  expect(text).not.toMatch(/<\/script|<!--/i);
});
