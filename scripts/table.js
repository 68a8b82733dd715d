// Makes a compiled module put its kernels, which it exports as k228, k229, ..., into a table that it imports, each at its
// number. Names of hundreds of kernels would be 0.8 KB of what a page downloads, JavaScript makes a function only of what
// it takes out of the table, and `run` calls kernels of every module by their place in it.

const [IMPORTS, TABLE, EXPORTS, ELEMENTS] = [2, 4, 7, 9];
/** The order in which sections stand: that of their numbers, but for those of tags and of the data's count. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

function number(n) {
  const bytes = [];
  for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128);
  return [...bytes, n];
}

/** A number that is not negative where a signed one is due: six bits in the last byte. */
const signed = (n) => (n < 64 ? [n] : [(n & 127) | 128, ...signed(n >>> 7)]);

function name(text) {
  const bytes = [...new TextEncoder().encode(text)];
  return [bytes.length, ...bytes];
}

/** @param {Uint8Array} module @returns {Uint8Array} */
export function withTable(module) {
  let at = 8;
  const read = () => {
    let n = 0;
    let shift = 0;
    let byte = 128;
    for (; byte & 128; shift += 7) {
      byte = module[at++];
      n |= (byte & 127) << shift;
    }
    return n;
  };

  /** @type {Map<number, ArrayLike<number>>} */
  const sections = new Map();
  const kernels = [];
  const exports = [];
  while (at < module.length) {
    const id = module[at++];
    const size = read();
    const end = at + size;
    sections.set(id, module.subarray(at, end));
    if (id === EXPORTS) {
      for (let left = read(); left > 0; left--) {
        const start = at;
        const length = read();
        const exported = new TextDecoder().decode(module.subarray(at, at + length));
        at += length + 1;
        const index = read();
        if (/^k\d+$/.test(exported)) kernels[Number(exported.slice(1))] = index;
        else if (exported !== 'table') exports.push([...module.subarray(start, at)]);
      }
    }
    at = end;
  }
  const first = kernels.findIndex((index) => index !== undefined);
  const own = kernels.slice(first).flatMap(number);
  const [one, ...memory] = sections.get(IMPORTS);
  if (one !== 1) throw new Error(`the module imports ${one} things, not a memory alone`);
  // The memory stays the last one: src/wasm/shared.ts.
  sections.set(IMPORTS, [2, ...name('env'), ...name('kernels'), 1, 0x70, 0, ...number(kernels.length), ...memory]);
  sections.delete(TABLE);
  sections.set(EXPORTS, [...number(exports.length), ...exports.flat()]);
  sections.set(ELEMENTS, [1, 0, 0x41, ...signed(first), 0x0b, ...number(kernels.length - first), ...own]);
  const body = ORDER.filter((id) => sections.has(id)).flatMap((id) => {
    const section = [...sections.get(id)];
    return [id, ...number(section.length), ...section];
  });
  return Uint8Array.from([...module.subarray(0, 8), ...body]);
}
