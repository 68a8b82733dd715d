// Puts a compiled module's exports k0, k1, ... into a table that it exports as `kernels`, k0 first. Names of hundreds of
// kernels would be 0.8 KB of what a page downloads, JavaScript makes a function only of what it takes out of the table,
// and `run` calls kernels by their place in it.

const [EXPORTS, TABLE, ELEMENTS] = [7, 4, 9];
/** The order in which sections stand: that of their numbers, but for those of tags and of the data's count. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

function number(n) {
  const bytes = [];
  for (; n > 127; n >>>= 7) bytes.push((n & 127) | 128);
  return [...bytes, n];
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
        const name = new TextDecoder().decode(module.subarray(at, at + length));
        at += length + 1;
        const index = read();
        if (/^k\d+$/.test(name)) kernels[Number(name.slice(1))] = index;
        else if (name !== 'table') exports.push([...module.subarray(start, at)]);
      }
    }
    at = end;
  }
  const count = number(kernels.length);
  const name = [...new TextEncoder().encode('kernels')];
  exports.push([name.length, ...name, 1, 0]);
  sections.set(TABLE, [1, 0x70, 1, ...count, ...count]);
  sections.set(EXPORTS, [...number(exports.length), ...exports.flat()]);
  sections.set(ELEMENTS, [1, 0, 0x41, 0, 0x0b, ...count, ...kernels.flatMap(number)]);
  const body = ORDER.filter((id) => sections.has(id)).flatMap((id) => {
    const section = [...sections.get(id)];
    return [id, ...number(section.length), ...section];
  });
  return Uint8Array.from([...module.subarray(0, 8), ...body]);
}
