import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dispose,
  type NamedTensorMap,
  readSafetensors,
  scalar,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
  writeSafetensors,
  zeros,
} from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';
import { damaged, expectSentence, fromBase64, plain, toBase64 } from './files.js';

// safetensors 0.8.0:
//   save({'w': np.array([[1.5, -2, 3], [0.25, 5, 6]], 'f4'), 'b': np.array([1, 2], 'f8'), 'n': np.array(-7, 'i4'),
//         'mask': np.array([True, False, True]), 'none': np.zeros((0, 3), 'f4'), 'a/10': np.array([9], 'f4')},
//        {'format': 'np'})
const REFERENCE =
  'eAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJucCJ9LCJiIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCwxNl19LCJhLzEwIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjBdfSwibm9uZSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZzZXRzIjpbMjAsMjBdfSwidyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMiwzXSwiZGF0YV9vZmZzZXRzIjpbMjAsNDRdfSwibiI6eyJkdHlwZSI6IkkzMiIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbNDQsNDhdfSwibWFzayI6eyJkdHlwZSI6IkJPT0wiLCJzaGFwZSI6WzNdLCJkYXRhX29mZnNldHMiOls0OCw1MV19fSAgAAAAAAAA8D8AAAAAAAAAQAAAEEEAAMA/AAAAwAAAQEAAAIA+AACgQAAAwED5////AQAB';

// save({'half': np.array([1, -0.0, 6.1e-05, 5.96e-08, 65504, np.inf, -np.inf, np.nan], 'f2'),
//       'i64': np.array([2**31-1, -2**31], 'i8'), 'u8': np.array([0, 255], 'u1'), 'i8': np.array([-128], 'i1'),
//       'i16': np.array([-32768], 'i2'), 'u16': np.array([65535], 'u2'), 'u32': np.array([7], 'u4'),
//       'u64': np.array([8], 'u8')})
const NARROW =
  'yAEAAAAAAAB7InU2NCI6eyJkdHlwZSI6IlU2NCIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzAsOF19LCJpNjQiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls4LDI0XX0sInUzMiI6eyJkdHlwZSI6IlUzMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzI0LDI4XX0sImhhbGYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzhdLCJkYXRhX29mZnNldHMiOlsyOCw0NF19LCJ1MTYiOnsiZHR5cGUiOiJVMTYiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0NCw0Nl19LCJpMTYiOnsiZHR5cGUiOiJJMTYiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0Niw0OF19LCJpOCI6eyJkdHlwZSI6Ikk4Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbNDgsNDldfSwidTgiOnsiZHR5cGUiOiJVOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzQ5LDUxXX19ICAgICAIAAAAAAAAAP///38AAAAAAAAAgP////8HAAAAADwAgP8DAQD/ewB8APwAfv//AICAAP8=';

const written = () => ({
  w: tensor2d([
    [1.5, -2, 3],
    [0.25, 5, 6],
  ]),
  b: tensor1d(new Float64Array([1, 2])),
  n: scalar(-7, 'int32'),
  mask: tensor1d([true, false, true]),
  none: zeros([0, 3]),
  'a/10': tensor1d([9]),
});

/** A file of this header, and so many bytes of elements. */
function file(header: string | object, bytes = 0, length?: bigint): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + text.length + bytes);
  new DataView(out.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  out.set(text, 8);
  return out;
}

const f32 = (shape: unknown, ...offsets: unknown[]) => ({ dtype: 'F32', shape, data_offsets: offsets });

const read = (bytes: Uint8Array) => readSafetensors(bytes);

describe('writeSafetensors', () => {
  it("writes the reference implementation's bytes, in whatever order the tensors come", () => {
    tidy(() => {
      const tensors = written();
      expect(toBase64(writeSafetensors(tensors, { format: 'np' }))).toBe(REFERENCE);
      const reversed = Object.fromEntries(Object.entries(tensors).reverse());
      expect(toBase64(writeSafetensors(reversed, { format: 'np' }))).toBe(REFERENCE);
    });
  });

  it('refuses what is no tensor or text, and the name of the metadata', () => {
    tidy(() => {
      const write = writeSafetensors as (...args: unknown[]) => unknown;
      expect(() => write({ a: 1 })).toThrow("writeSafetensors: 'a' must be a tensor, got number");
      expect(() => write(scalar(1))).toThrow('writeSafetensors: needs an object of named tensors, got object');
      expect(() => write({}, { step: 1 })).toThrow("writeSafetensors: the metadata 'step' must be a text, got number");
      expect(() => write({ __metadata__: scalar(1) })).toThrow('a tensor must not be named __metadata__');
    });
  });
});

describe('readSafetensors', () => {
  it('reads what was written, bit for bit, also where names are odd', () => {
    const float = fc.float().chain((x) => fc.constantFrom(x, -0));
    const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('__proto__', 'constructor', '0', '"\\', ''));
    fc.assert(
      fc.property(fc.dictionary(name, fc.array(float), { noNullPrototype: true }), (values) => {
        leavesNothing(() => {
          const tensors = Object.fromEntries(Object.entries(values).map(([key, data]) => [key, tensor1d(data)]));
          const again = readSafetensors(writeSafetensors(tensors));
          expect(plain(again.tensors)).toEqual(plain(tensors));
          expect(Object.getPrototypeOf(again.tensors)).toBe(Object.prototype);
          dispose([tensors, again.tensors]);
        });
      }),
    );
  });

  it('reads what the reference implementation wrote, narrow types exactly', () => {
    tidy(() => {
      const { tensors, metadata } = read(fromBase64(REFERENCE));
      expect(metadata).toEqual({ format: 'np' });
      expect(plain(tensors)).toEqual(plain(written()));
      const narrow = plain(read(fromBase64(NARROW)).tensors);
      const half = [1, -0, 1023 * 2 ** -24, 2 ** -24, 65504, Infinity, -Infinity, NaN];
      expect(narrow).toEqual({
        half: { dtype: 'float32', shape: [8], data: half },
        i64: { dtype: 'int32', shape: [2], data: [2147483647, -2147483648] },
        u8: { dtype: 'int32', shape: [2], data: [0, 255] },
        i8: { dtype: 'int32', shape: [1], data: [-128] },
        i16: { dtype: 'int32', shape: [1], data: [-32768] },
        u16: { dtype: 'int32', shape: [1], data: [65535] },
        u32: { dtype: 'int32', shape: [1], data: [7] },
        u64: { dtype: 'int32', shape: [1], data: [8] },
      });
    });
  });

  it('reads all half floats as the numbers that they are', () => {
    const bytes = file({ h: { dtype: 'F16', shape: [65536], data_offsets: [0, 131072] } }, 131072);
    const halves = new Uint16Array(65536).map((_, i) => i);
    bytes.set(new Uint8Array(halves.buffer), bytes.length - 131072);
    const { tensors } = read(bytes);
    const data = tensors.h!.dataSync();
    tensors.h!.dispose();
    for (let i = 0; i < 65536; i++) {
      const [sign, exponent, fraction] = [i >> 15 ? -1 : 1, (i >> 10) & 31, i & 1023];
      const special = fraction ? NaN : sign * Infinity;
      const number = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24;
      expect(data[i]).toBe(exponent === 31 ? special : sign * number);
    }
  });

  it('reads bfloat16 as the upper halves of float32', () => {
    const bytes = file({ x: { dtype: 'BF16', shape: [3], data_offsets: [0, 6] } }, 6);
    bytes.set([0x80, 0x3f, 0x49, 0xc0, 0x80, 0x7f], bytes.length - 6);
    expect(plain(tidy(() => read(bytes).tensors)).x!.data).toEqual([1, -3.140625, Infinity]);
    dispose(read(bytes).tensors);
  });

  it('reads a part of a buffer, at any place', () => {
    const whole = new Uint8Array(1000);
    const bytes = fromBase64(REFERENCE);
    for (let at = 0; at < 8; at++) {
      whole.set(bytes, at);
      tidy(() => {
        expect(plain(read(whole.subarray(at, at + bytes.length)).tensors)).toEqual(plain(written()));
      });
    }
  });

  it.each<[string, Uint8Array, string]>([
    ['no bytes', new Uint8Array(0), 'truncated header: needed 8 bytes, got 0'],
    ['a header beyond the end', file('{}', 0, 100n), 'truncated header: needed 108 bytes, got 10'],
    ['a huge header', file('{}', 0, 2n ** 63n), 'a header of at most 100000000 bytes, got 9223372036854775808'],
    ['no JSON', file('{a'), 'header: needed JSON'],
    ['no UTF-8', file('{"\ud800": 1}').map((x) => (x === 0xef ? 0xff : x)), 'header: needed JSON'],
    ['a list', file('[]'), 'the header is no object'],
    ['a name twice', file('{"a":{},"\\u0061":{}}'), 'the key "a" is there twice'],
    ['endless nesting', file(`${'['.repeat(1e5)}${']'.repeat(1e5)}`), 'nested more than 200 deep'],
    ['no entry', file({ a: null }), "'a': needed dtype, shape and data_offsets, got null"],
    ['an unknown dtype', file({ a: { dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] } }, 1), "got 'F8_E4M3'"],
    ['an inherited dtype', file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 1] } }, 1), "got 'toString'"],
    ['a negative size', file({ a: f32([-1], 0, 4) }, 4), "'a': needed dtype, shape and data_offsets"],
    ['half an element', file({ a: f32([0.5], 0, 2) }, 2), "'a': needed dtype, shape and data_offsets"],
    ['an infinite size', file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4), 'needed dtype, shape'],
    ['endless elements', file({ a: f32([2 ** 30, 2 ** 30], 0, 4) }, 4), 'fewer than 2^53 elements'],
    ['a negative offset', file({ a: f32([1], -4, 0) }, 4), "'a': needed dtype, shape and data_offsets"],
    ['offsets the wrong way', file({ a: f32([1], 4, 0) }, 4), 'needed 4 bytes for [1] F32, got data_offsets [4,0]'],
    ['three offsets', file({ a: f32([1], 0, 4, 8) }, 8), 'got data_offsets [0,4,8]'],
    ['another size', file({ a: f32([2], 0, 4) }, 4), 'needed 8 bytes for [2] F32, got data_offsets [0,4]'],
    ['elements that overlap', file({ a: f32([2], 0, 8), b: f32([1], 4, 8) }, 8), "'b' needed to begin at byte 8"],
    ['a hole', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), "'b' needed to begin at byte 4"],
    ['too few elements', file({ a: f32([2], 0, 8) }, 4), 'needed 8 bytes of elements, got 4'],
    ['too many elements', file({ a: f32([1], 0, 4) }, 8), 'needed 4 bytes of elements, got 8'],
    ['metadata of numbers', file({ __metadata__: { a: 1 } }), 'needed __metadata__ of texts, got {"a":1}'],
    ['a bool of 2', file({ a: { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] } }, 1).fill(2, -1), '0 or 1, got 2'],
    [
      'a number beyond int32',
      file({ a: { dtype: 'U32', shape: [1], data_offsets: [0, 4] } }, 4).fill(255, -4),
      "'a': needed values that fit int32, got 4294967295",
    ],
  ])('refuses %s', async (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(message);
    await expectSentence(() => read(bytes));
  });

  it('reads a file with damage anywhere, or says in a sentence why not, and leaves nothing behind', async () => {
    const [a, b] = [fromBase64(REFERENCE), fromBase64(NARROW)];
    const file = fc.oneof(damaged(a), damaged(b));
    await fc.assert(
      fc.asyncProperty(file, (bytes) => expectSentence(() => read(bytes).tensors)),
      { numRuns: 500 },
    );
  });

  it('refuses what is no bytes', () => {
    expect(() => readSafetensors('x' as never)).toThrow('readSafetensors: needed an ArrayBuffer or a Uint8Array');
    const tensors: NamedTensorMap = { x: tensor([1]) };
    const { buffer } = writeSafetensors(tensors);
    expect(tidy(() => plain(readSafetensors(buffer).tensors))).toEqual(plain(tensors));
    dispose(tensors);
  });

  it.skipIf(typeof Buffer === 'undefined')('reads a Buffer of Node, which may be a part of a larger one', () => {
    const tensors: NamedTensorMap = { x: tensor([1]) };
    const bytes = writeSafetensors(tensors);
    const small = Buffer.alloc(bytes.length + 8).subarray(8);
    small.set(bytes);
    expect(small.byteLength).toBeLessThan(small.buffer.byteLength);
    expect(tidy(() => plain(readSafetensors(small).tensors))).toEqual(plain(tensors));
    dispose(tensors);
  });
});
