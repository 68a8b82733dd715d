import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { dispose, readNpz, scalar, tensor1d, tensor2d, tidy, writeNpz, zeros } from '../../src/index.js';
import { crc32 } from '../../src/io/zip.js';
import { leavesNothing } from '../support/heap.js';
import { damaged, expectSentence, fromBase64, plain } from './files.js';

// NumPy 2.4.6: np.savez(b, x=np.array([[1, 2], [3, 4]], 'f4'), y=np.array([5, -6], 'i4'))
const SAVED =
  'UEsDBC0AAAAAAAAAIQBO+yB1//////////8FABQAeC5ucHkBABAAkAAAAAAAAACQAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAyKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACAPwAAAEAAAEBAAACAQFBLAwQtAAAAAAAAACEAq++M6v//////////BQAUAHkubnB5AQAQAIgAAAAAAAAAiAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCgUAAAD6////UEsBAi0DLQAAAAAAAAAhAE77IHWQAAAAkAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAAAAAAhAKvvjOqIAAAAiAAAAAUAAAAAAAAAAAAAAIABxwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAIYBAAAAAA==';

// np.savez_compressed(b, x=np.zeros((8, 8), 'f4'), ключ=np.arange(3))
const COMPRESSED =
  'UEsDBC0AAAAIAAAAIQDfdHgK//////////8FABQAeC5ucHkBABAAgAEAAAAAAABJAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GhY6ChaaOgq1CmQDLoYRDgBQSwMELQAACAgAAAAhAPdAEur//////////wwAFADQutC70Y7Rhy5ucHkBABAAmAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GsY6mjoKtQoUAC4GKGCE0kxQGgBQSwECLQMtAAAACAAAACEA33R4CkkAAACAAQAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAICAAAACEA90AS6kwAAACYAAAADAAAAAAAAAAAAAAAgAGAAAAA0LrQu9GO0YcubnB5UEsFBgAAAAACAAIAbQAAAAoBAAAAAA==';

/** A copy with bytes replaced, from a place on; counted from the end if it is negative. */
function patched(file: Uint8Array, ...changes: [at: number, ...bytes: number[]][]): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(file);
  for (const [at, ...bytes] of changes) copy.set(bytes, at < 0 ? copy.length + at : at);
  return copy;
}

const small = () => tidy(() => writeNpz({ a: scalar(1), b: scalar(2) }));
// Of two members of 132 bytes under names of 5, in the file above.
const [FIRST_ENTRY, SECOND_ENTRY] = [-(22 + 2 * 51), -(22 + 51)];

describe('writeNpz', () => {
  it('gives the same bytes for the same tensors, which readNpz reads', async () => {
    const tensors = {
      matrix: tensor2d([[1.5, -2]]),
      'dense/bias': tensor1d(new Float64Array([0.1])),
      count: scalar(7, 'int32'),
      mask: tensor1d([true, false]),
      none: zeros([0, 2]),
      ключ: scalar(1),
      ['__proto__']: scalar(2),
    };
    const file = writeNpz(tensors);
    expect(writeNpz(tensors)).toEqual(file);
    const again = await readNpz(file);
    expect(plain(again)).toEqual(plain(tensors));
    dispose([again, tensors]);
  });

  it('refuses what is no tensor', () => {
    expect(() => writeNpz({ a: 1 as never })).toThrow("writeNpz: 'a' must be a tensor, got number");
  });
});

describe('readNpz', () => {
  it('reads what NumPy wrote, compressed or not', async () => {
    const saved = await readNpz(fromBase64(SAVED));
    expect(plain(saved)).toEqual({
      x: { dtype: 'float32', shape: [2, 2], data: [1, 2, 3, 4] },
      y: { dtype: 'int32', shape: [2], data: [5, -6] },
    });
    const compressed = await readNpz(fromBase64(COMPRESSED).buffer);
    expect(plain(compressed)).toEqual({
      x: { dtype: 'float32', shape: [8, 8], data: new Array(64).fill(0) },
      ключ: { dtype: 'int32', shape: [3], data: [0, 1, 2] },
    });
    dispose([saved, compressed]);
  });

  it('reads members in any order of their names, and a comment after the archive', async () => {
    const file = small();
    const commented = Uint8Array.from([...patched(file, [-2, 3, 0]), 80, 75, 5]);
    await leavesNothing(async () => dispose(await readNpz(commented)));
  });

  it.each<[string, (file: Uint8Array) => Uint8Array, string]>([
    ['no archive', () => new Uint8Array(10), 'not a zip archive, or a truncated one: it has no end record'],
    ['half of one', (file) => file.subarray(0, file.length / 2), 'it has no end record'],
    ['one that is longer', (file) => Uint8Array.from([...file, 0]), 'it has no end record'],
    ['one beyond 4 GiB', (file) => patched(file, [-6, 255, 255, 255, 255]), 'less than 4 GiB and 65535 members'],
    ['a directory elsewhere', (file) => patched(file, [-6, 9]), 'the directory must end at'],
    ['an entry too many', (file) => patched(file, [-12, 3, 0]), 'a directory entry needs 46 bytes'],
    ['an entry too few', (file) => patched(file, [-12, 1, 0]), '51 bytes are left in the directory'],
    ['no entry', (file) => patched(file, [FIRST_ENTRY, 0]), 'no directory entry at'],
    ['a name without end', (file) => patched(file, [FIRST_ENTRY + 28, 255, 255]), 'a directory entry needs'],
    ['encryption', (file) => patched(file, [FIRST_ENTRY + 8, 1]), "'a.npy' is encrypted"],
    ['another method', (file) => patched(file, [FIRST_ENTRY + 10, 12]), 'to be stored or deflated, got method 12'],
    ['a wrong size', (file) => patched(file, [FIRST_ENTRY + 24, 1]), "'a.npy' is corrupt"],
    ['a wrong checksum', (file) => patched(file, [FIRST_ENTRY + 16, 1]), "'a.npy' is corrupt"],
    ['content that was changed', (file) => patched(file, [160, 1]), "'a.npy' is corrupt"],
    ['content beyond the end', (file) => patched(file, [FIRST_ENTRY + 20, 0, 0, 1]), "'a.npy' needs 65536 bytes"],
    ['a member out of the file', (file) => patched(file, [FIRST_ENTRY + 42, 0, 0, 1]), "'a.npy' needs 30 bytes"],
    ['a member in the middle', (file) => patched(file, [FIRST_ENTRY + 42, 2]), "'a.npy' does not begin at 2"],
    ['a name twice', (file) => patched(file, [SECOND_ENTRY + 46, 97]), "'a.npy' is there twice"],
    ['members that overlap', (file) => patched(file, [SECOND_ENTRY + 42, 0, 0]), "'a.npy' and 'b.npy' overlap"],
    ['other files', (file) => patched(file, [SECOND_ENTRY + 50, 122]), "needed arrays named *.npy, got 'b.npz'"],
  ])('refuses %s', async (_, damage, message) => {
    const bytes = damage(small()) as Uint8Array<ArrayBuffer>;
    await expect(readNpz(bytes)).rejects.toThrow(message);
    await expectSentence(() => readNpz(bytes));
  });

  it('inflates no more than the directory promises', async () => {
    const file = fromBase64(COMPRESSED);
    const entry = file.length - 22 - (46 + 5) - (46 + 12);
    for (const size of [
      [0, 0],
      [127, 1],
      [129, 1],
      [255, 255, 255, 127],
    ]) {
      await expect(readNpz(patched(file, [entry + 24, ...size]))).rejects.toThrow("readNpz: 'x.npy' is corrupt");
    }
  });

  it('refuses arrays that readNpy refuses, by the name of the member', async () => {
    const file = small();
    // An f4 that says that it is an object, with the checksum that it then has.
    const at = 30 + 5 + 10 + 12;
    file[at] = 'O'.charCodeAt(0);
    const crc = new Uint8Array(Uint32Array.of(crc32(file.subarray(35, 35 + 132))).buffer);
    const bytes = patched(file, [14, ...crc], [FIRST_ENTRY + 16, ...crc]);
    await expect(readNpz(bytes)).rejects.toThrow("readNpz: 'a.npy': unsupported dtype");
  });

  it('says what it lacks where there is no DecompressionStream', async () => {
    vi.stubGlobal('DecompressionStream', undefined);
    await expect(readNpz(fromBase64(COMPRESSED))).rejects.toThrow(TypeError);
    dispose(await readNpz(fromBase64(SAVED)));
    vi.unstubAllGlobals();
  });

  it('reads a file with damage anywhere, or says in a sentence why not, and leaves nothing behind', async () => {
    const file = fc.oneof(damaged(fromBase64(SAVED)), damaged(fromBase64(COMPRESSED)), damaged(small()));
    await fc.assert(
      fc.asyncProperty(file, (bytes) => expectSentence(() => readNpz(bytes))),
      { numRuns: 500 },
    );
  });
});
