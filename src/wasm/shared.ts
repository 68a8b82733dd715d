// A module is bound to shared or to unshared memory. The two differ in what its import says of the memory's size, so
// that the bytes for the one are made from those for the other and only one of them travels.

const IMPORTS = 2;
const MEMORY = 2;

/** What shared memory must say of its size: flags (it has a maximum, it is shared); the maximum, 65,536 pages. */
const SHARED = 3;
const MAXIMUM = [0x80, 0x80, 0x04];

/** A number in LEB128, and where it ends. */
function number(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb128(Math.floor(value / 128))];
}

/**
 * The same module for shared memory. The memory is its last import (scripts/table.js), so that what is said of it ends
 * the section: its kind, its flags and its minimum, a byte each.
 */
export function withSharedMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = number(bytes, at + 1);
    const end = start + size;
    if (bytes[at] === IMPORTS) {
      const [flags, minimum] = [end - 2, end - 1];
      if (bytes[flags - 1] !== MEMORY || bytes[flags] !== 0) break;
      const section = [...bytes.subarray(start, flags), SHARED, bytes[minimum]!, ...MAXIMUM];
      return Uint8Array.from([
        ...bytes.subarray(0, at + 1),
        ...leb128(section.length),
        ...section,
        ...bytes.subarray(end),
      ]);
    }
    at = end;
  }
  throw new Error('setThreads: the module imports no memory, or something after it');
}
