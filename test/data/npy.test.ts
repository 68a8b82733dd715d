import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/data/npy.js';
import { fromData, memory } from '../../src/tensor.js';

const base64 = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));

/** A file of version 1 with this header and these bytes. */
function file(header: string, data: ArrayLike<number> = []): Uint8Array {
  return Uint8Array.from([
    ...Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    header.length & 255,
    header.length >> 8,
    ...Buffer.from(header, 'latin1'),
    ...Array.from(data),
  ]);
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

/** Reads, copies out and disposes. */
function read(bytes: ArrayBuffer | Uint8Array) {
  const x = readNpy(bytes);
  const result = { dtype: x.dtype, shape: x.shape, values: Array.from(x.dataSync()) };
  x.dispose();
  return result;
}

// Written by NumPy 2.4.6: np.lib.format.write_array(f, x, version).
describe('readNpy reads what NumPy wrote', () => {
  test('np.array([[1.5, -2, 3], [4, 5, 6e300]])', () => {
    const bytes = base64(
      'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAD4PwAAAAAAAADAAAAAAAAACEAAAAAAAAAQQAAAAAAAABRANVgAZi3rYX4=',
    );
    expect(read(bytes)).toEqual({ dtype: 'float64', shape: [2, 3], values: [1.5, -2, 3, 4, 5, 6e300] });
  });

  test("np.asfortranarray(np.arange(24, dtype='f4').reshape(2, 3, 4)), version 2", () => {
    const bytes = base64(
      'k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjQnLCAnZm9ydHJhbl9vcmRlcic6IFRydWUsICdzaGFwZSc6ICgyLCAzLCA0KSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAABAQQAAgEAAAIBBAAAAQQAAoEEAAIA/AABQQQAAoEAAAIhBAAAQQQAAqEEAAABAAABgQQAAwEAAAJBBAAAgQQAAsEEAAEBAAABwQQAA4EAAAJhBAAAwQQAAuEE=',
    );
    expect(read(bytes)).toEqual({
      dtype: 'float32',
      shape: [2, 3, 4],
      values: Array.from({ length: 24 }, (_, i) => i),
    });
  });

  test("np.array([-1, 2, 2**31 - 1], dtype='>i8'), version 3, in a Node buffer that is left as it was", () => {
    const bytes = Buffer.from(
      'k05VTVBZAwB0AAAAeydkZXNjcic6ICc+aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMywpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//////////wAAAAAAAAACAAAAAH////8=',
      'base64',
    );
    const before = Uint8Array.from(bytes);
    expect(read(bytes)).toEqual({ dtype: 'int32', shape: [3], values: [-1, 2, 2147483647] });
    expect(Uint8Array.from(bytes)).toEqual(before);
  });

  test('np.array([[True], [False]])', () => {
    const bytes = base64(
      'k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDEpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==',
    );
    expect(read(bytes.buffer)).toEqual({ dtype: 'bool', shape: [2, 1], values: [1, 0] });
  });

  test("np.array(3, dtype='u1')", () => {
    const bytes = base64(
      'k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoD',
    );
    expect(read(bytes)).toEqual({ dtype: 'int32', shape: [], values: [3] });
  });
});

test.each([
  ['>f4', [0x3f, 0xc0, 0, 0], 1.5],
  ['<i2', [0xfe, 0xff], -2],
  ['>i2', [0xff, 0xfe], -2],
  ['>i4', [0, 0, 1, 0], 256],
  ['|i1', [0xff], -1],
  ['<u2', [0xff, 0xff], 65535],
])('readNpy reads %s', (descr, bytes, value) => {
  expect(read(file(header(descr, '(1,)'), bytes)).values).toEqual([value]);
});

test('readNpy takes the header in any order of its keys, and the long integers of Python 2', () => {
  const text = "{ 'shape': (1L, 2L), 'descr': '|u1', 'fortran_order': True }";
  expect(read(file(text, [7, 8]))).toEqual({ dtype: 'int32', shape: [1, 2], values: [7, 8] });
});

test('readNpy reads an empty array', () => {
  expect(read(file(header('<f4', '(0, 3)')))).toEqual({ dtype: 'float32', shape: [0, 3], values: [] });
});

const magic = file('').slice(0, 8);
test.each<[string, Uint8Array, typeof Error, string]>([
  ['nothing', new Uint8Array(0), RangeError, 'not a .npy file: wrong magic bytes'],
  ['another format', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), RangeError, 'not a .npy file: wrong magic bytes'],
  ['a later version', Uint8Array.of(...magic.slice(0, 6), 4, 0), RangeError, 'needed format version 1, 2 or 3, got 4'],
  ['no header', magic, RangeError, 'truncated header: needed 10 bytes, got 8'],
  [
    'a header longer than the file',
    Uint8Array.of(...magic, 100, 0, 0x7b),
    RangeError,
    'truncated header: needed 110 bytes, got 11',
  ],
  [
    'an endless header',
    Uint8Array.of(...magic.slice(0, 6), 2, 0, 0xff, 0xff, 0xff, 0xff),
    RangeError,
    'needed a header of at most 10000 bytes, got 4294967295',
  ],
  [
    'too little data',
    file(header('<f8', '(10,)'), new Uint8Array(76)),
    RangeError,
    'truncated data: needed 80 bytes, got 76',
  ],
  ['too much data', file(header('|u1', '(2,)'), [1, 2, 3]), RangeError, 'needed 2 bytes of data, got 3'],
  [
    'a shape of more than the file',
    file(header('<f4', '(65536, 65536)')),
    RangeError,
    'truncated data: needed 17179869184 bytes, got 0',
  ],
  [
    'a shape whose product overflows',
    file(header('<f4', '(4294967296, 4294967296, 0)')),
    RangeError,
    'needed fewer than 2^53 elements, got a shape of 18446744073709552000',
  ],
  [
    'a negative size',
    file(header('<f4', '(-1, 4)')),
    RangeError,
    'needed a shape of non-negative integers, got (-1, 4)',
  ],
  ['Python objects', file(header('|O', '(1,)'), [0]), TypeError, "f4,f8,b1,i1,u1,i2,u2,i4,u4,i8,u8, got '|O'"],
  ['complex numbers', file(header('<c8', '(1,)')), TypeError, "f4,f8,b1,i1,u1,i2,u2,i4,u4,i8,u8, got '<c8'"],
  [
    'records',
    file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"),
    TypeError,
    'unsupported dtype: needed one number for each element, got a record',
  ],
  ['code', file('__import__("os")'), RangeError, 'malformed header: "__import__(\\"os\\")"'],
  ['a missing key', file("{'descr': '<f4', 'shape': (1,)}"), RangeError, 'malformed header'],
  ['a key given twice', file("{'descr': '<f4', 'descr': '<f4'}"), RangeError, 'malformed header'],
  ['a large i8', file(header('<i8', '(1,)'), [0, 0, 0, 0, 1, 0, 0, 0]), RangeError, 'fit int32, got 4294967296'],
  ['a bool of 2', file(header('|b1', '(1,)'), [2]), RangeError, 'needed bool values 0 or 1, got 2'],
])('readNpy refuses %s', (_, bytes, kind, message) => {
  const before = memory();
  expect(() => readNpy(bytes)).toThrow(kind);
  expect(() => readNpy(bytes)).toThrow(message);
  expect(memory()).toEqual(before);
});

test('readNpy refuses what is not bytes', () => {
  expect(() => readNpy('x.npy' as never)).toThrow(
    new TypeError('readNpy: needed an ArrayBuffer or a Uint8Array, got string'),
  );
});

test('writeNpy writes what np.save does', () => {
  const x = fromData([1, 2, 3], [3], 'int32');
  // NumPy 2.4.6: np.save(f, np.array([1, 2, 3], dtype='<i4'))
  const text = "\x93NUMPY\x01\x00\x76\x00{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
  const bytes = Buffer.concat([
    Buffer.from(`${text.padEnd(127)}\n`, 'latin1'),
    Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0),
  ]);
  expect(Buffer.from(writeNpy(x)).equals(bytes)).toBe(true);
  x.dispose();
});

test('what writeNpy writes, readNpy reads', () => {
  const dtype = fc.constantFrom('float32', 'float64', 'int32', 'bool');
  fc.assert(
    fc.property(
      dtype,
      fc.array(fc.nat(3), { maxLength: 5 }),
      fc.infiniteStream(fc.integer()),
      (type, shape, values) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = Array.from({ length: size }, () => values.next().value & (type === 'bool' ? 1 : -1));
        const x = fromData(data, shape, type);
        expect(read(writeNpy(x))).toEqual({ dtype: type, shape, values: Array.from(x.dataSync()) });
        x.dispose();
      },
    ),
  );
});

test('readNpy throws nothing but TypeError and RangeError, whatever the bytes', () => {
  const anything = fc.uint8Array({ maxLength: 200 });
  const text = fc.stringMatching(/^[{}'a-z_:,()0-9LTF<>|\s[\]-]{0,80}$/);
  const almost = fc
    .tuple(fc.constantFrom('<f4', '|b1', '>i8', '|O', ''), fc.string({ maxLength: 12 }), anything)
    .map(([descr, shape, data]) => file(header(descr, `(${shape})`), data));
  const bytes = fc.oneof(
    anything,
    text.map((t) => file(t)),
    almost,
  );
  const before = memory();
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        readNpy(input).dispose();
      } catch (error) {
        expect([TypeError, RangeError]).toContain((error as Error).constructor);
        expect((error as Error).message).toMatch(/^readNpy: .*$/);
      }
    }),
    { numRuns: 2000 },
  );
  expect(memory()).toEqual({ ...before, heapBytes: expect.any(Number) });
});
