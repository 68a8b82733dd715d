// Zip archives, as far as NumPy's .npz needs them: members are stored or deflated, and checked; no encryption, and no
// archives beyond 4 GiB. Written members are stored, with no date, so that the same members give the same bytes.
//
//   (local header | name | extra | content) … | (directory entry | name | extra | comment) … | end record | comment

const LOCAL = 0x04034b50;
const ENTRY = 0x02014b50;
const END = 0x06054b50;
const [LOCAL_BYTES, ENTRY_BYTES, END_BYTES] = [30, 46, 22];

/** What stands for a number that is elsewhere, in archives beyond 4 GiB. */
const [FULL16, FULL32] = [0xffff, 0xffffffff];

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const UTF8 = 0x800;
// No deflated byte stands for more than this many.
const MOST_INFLATED = 1032;
// 1980-01-01, the first day that can be told.
const DATE = 0x21;

let table: Uint32Array | undefined;

/** The remainder for every byte of the polynomial that zip, gzip and PNG divide by. */
function crcTable(): Uint32Array {
  const remainder = (byte: number): number => {
    let c = byte;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    return c;
  };
  return Uint32Array.from({ length: 256 }, (_, byte) => remainder(byte));
}

export function crc32(bytes: Uint8Array): number {
  table ??= crcTable();
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

interface Member {
  name: string;
  method: number;
  crc: number;
  /** Bytes of the content as it is. */
  size: number;
  /** Where the member begins. */
  begin: number;
  packed: Uint8Array<ArrayBuffer>;
}

/** What is in the archive, by its directory. */
function readDirectory(bytes: Uint8Array<ArrayBuffer>, op: string): Member[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const malformed = (what: string) => new RangeError(`${op}: malformed zip archive: ${what}`);
  const within = (at: number, length: number, limit: number, what: string) => {
    if (at + length > limit) throw malformed(`${what} needs ${length} bytes at ${at}, there are ${limit}`);
  };
  let end = bytes.length - END_BYTES;
  // It ends with a comment of up to 64 KiB.
  const isEnd = () =>
    view.getUint32(end, true) === END && view.getUint16(end + 20, true) === bytes.length - end - END_BYTES;
  while (end >= 0 && end >= bytes.length - END_BYTES - FULL16 && !isEnd()) end--;
  if (end < 0 || !isEnd()) throw new RangeError(`${op}: not a zip archive, or a truncated one: it has no end record`);
  const [count, length, start] = [
    view.getUint16(end + 10, true),
    view.getUint32(end + 12, true),
    view.getUint32(end + 16, true),
  ];
  if (count === FULL16 || length === FULL32 || start === FULL32) {
    throw new RangeError(`${op}: needed a zip archive of less than 4 GiB and 65535 members`);
  }
  if (start + length !== end) throw malformed(`the directory must end at ${end}, got ${start} + ${length}`);

  const members: Member[] = [];
  const names = new Set<string>();
  let at = start;
  for (let i = 0; i < count; i++) {
    within(at, ENTRY_BYTES, end, 'a directory entry');
    if (view.getUint32(at, true) !== ENTRY) throw malformed(`no directory entry at ${at}`);
    const u16 = (offset: number) => view.getUint16(at + offset, true);
    const u32 = (offset: number) => view.getUint32(at + offset, true);
    const nameLength = u16(28);
    const next = at + ENTRY_BYTES + nameLength + u16(30) + u16(32);
    within(at, next - at, end, 'a directory entry');
    const rawName = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength);
    const name = new TextDecoder().decode(rawName);
    const [packedSize, size, begin] = [u32(20), u32(24), u32(42)];
    if (u16(8) & ENCRYPTED) throw new RangeError(`${op}: '${name}' is encrypted`);
    within(begin, LOCAL_BYTES, start, `'${name}'`);
    if (view.getUint32(begin, true) !== LOCAL) throw malformed(`'${name}' does not begin at ${begin}`);
    const content = begin + LOCAL_BYTES + view.getUint16(begin + 26, true) + view.getUint16(begin + 28, true);
    within(content, packedSize, start, `'${name}'`);
    const packed = bytes.subarray(content, content + packedSize);
    if (names.has(name)) throw malformed(`'${name}' is there twice`);
    names.add(name);
    members.push({ name, method: u16(10), crc: u32(16), size, begin, packed });
    at = next;
  }
  if (at !== end) throw malformed(`${end - at} bytes are left in the directory`);
  // Members that share bytes make small files that are endless inside.
  const inOrder = [...members].sort((a, b) => a.begin - b.begin);
  inOrder.forEach(({ name, begin }, i) => {
    const before = inOrder[i - 1];
    if (before && before.packed.byteOffset + before.packed.length > begin + bytes.byteOffset) {
      throw malformed(`'${before.name}' and '${name}' overlap`);
    }
  });
  return members;
}

/** The content, which is `size` bytes long: more is not inflated. */
async function inflate({ name, packed, crc, size }: Member, op: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream !== 'function') {
    throw new TypeError(`${op}: '${name}' is deflated, which needs DecompressionStream, and this runtime lacks it`);
  }
  const corrupt = (cause?: unknown): never => {
    throw new RangeError(`${op}: '${name}' is corrupt`, { cause });
  };
  if (size > packed.length * MOST_INFLATED) corrupt();
  // Node 18 knows gzip, but not bare deflated data. gzip is the same between ten bytes and a checksum.
  const tail = new DataView(new ArrayBuffer(8));
  tail.setUint32(0, crc, true);
  tail.setUint32(4, size, true);
  const gzip = new Blob([Uint8Array.of(31, 139, DEFLATED, 0, 0, 0, 0, 0, 0, 255), packed, tail]);
  const reader = gzip.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const content = new Uint8Array(size);
  let at = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(corrupt);
    if (done) break;
    if (at + value.length > size) {
      await reader.cancel();
      corrupt();
    }
    content.set(value, at);
    at += value.length;
  }
  return at === size ? content : corrupt();
}

/**
 * The members of an archive by their names, in the directory's order.
 * @throws RangeError for an archive that is malformed or truncated, or has members that overlap, have one name, are
 *   encrypted, or do not fit their checksum
 */
export async function unzip(bytes: Uint8Array<ArrayBuffer>, op: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const contents = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const member of readDirectory(bytes, op)) {
    const { name, method, packed, size } = member;
    if (method !== STORED && method !== DEFLATED) {
      throw new RangeError(`${op}: '${name}' needs to be stored or deflated, got method ${method}`);
    }
    const content = method === DEFLATED ? await inflate(member, op) : packed;
    if (content.length !== size || crc32(content) !== member.crc) throw new RangeError(`${op}: '${name}' is corrupt`);
    contents.set(name, content);
  }
  return contents;
}

/** An archive of stored members. */
export function zip(members: readonly (readonly [string, Uint8Array])[], op: string): Uint8Array<ArrayBuffer> {
  const named = members.map(([name, content]) => ({ name: new TextEncoder().encode(name), content }));
  const size = named.reduce(
    (sum, { name, content }) => sum + LOCAL_BYTES + ENTRY_BYTES + 2 * name.length + content.length,
    END_BYTES,
  );
  if (size >= FULL32 || members.length >= FULL16) {
    throw new RangeError(`${op}: needs less than 4 GiB and 65535 members, got ${size} bytes and ${members.length}`);
  }
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  const u16 = (...values: number[]) => {
    for (const value of values) {
      view.setUint16(at, value, true);
      at += 2;
    }
  };
  const u32 = (...values: number[]) => {
    for (const value of values) {
      view.setUint32(at, value, true);
      at += 4;
    }
  };
  const put = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  /** What a member's two headers have in common. */
  const describe = (name: Uint8Array, content: Uint8Array, crc: number) => {
    u16(20, UTF8, STORED, 0, DATE);
    u32(crc, content.length, content.length);
    u16(name.length, 0);
  };
  const entries = named.map(({ name, content }) => {
    const [begin, crc] = [at, crc32(content)];
    u32(LOCAL);
    describe(name, content, crc);
    put(name);
    put(content);
    return { name, content, begin, crc };
  });
  const start = at;
  for (const { name, content, begin, crc } of entries) {
    u32(ENTRY);
    u16(20);
    describe(name, content, crc);
    u16(0, 0, 0);
    u32(0, begin);
    put(name);
  }
  const length = at - start;
  u32(END);
  u16(0, 0, entries.length, entries.length);
  u32(length, start);
  u16(0);
  return out;
}
