// NumPy's .npy format, versions 1 to 3: one array a file. Reads numbers and booleans; refuses Python
// objects, records and text. The header is Python source, but it is parsed, never evaluated.
//
//   \x93NUMPY | major, minor | header length: 2 bytes, from version 2 on 4 | header | elements
//   header: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }

import type { TypedArray } from '../dtype.js';
import { fromData, type Tensor } from '../tensor.js';
import { type ArrayData, bytesOf, copyElements, countElements, toInt32 } from './binary.js';

/** What a `descr` stands for, without its byte order: the array its bytes are, and the dtype that becomes. */
const TYPES = new Map([
  ['f4', [Float32Array, 'float32']],
  ['f8', [Float64Array, 'float64']],
  ['b1', [Uint8Array, 'bool']],
  ['i1', [Int8Array, 'int32']],
  ['u1', [Uint8Array, 'int32']],
  ['i2', [Int16Array, 'int32']],
  ['u2', [Uint16Array, 'int32']],
  ['i4', [Int32Array, 'int32']],
  ['u4', [Uint32Array, 'int32']],
  ['i8', [BigInt64Array, 'int32']],
  ['u8', [BigUint64Array, 'int32']],
] as const);

const MAGIC = '\x93NUMPY';
const LONGEST_HEADER = 10000; // NumPy's own limit

/** One entry of the header: a name, then a string, True or False, a tuple, or a record from its `[` on. */
const ENTRY = /\s*'(\w+)'\s*:\s*(?:'([^']*)'|(True|False)|\(([^()]*)\)|(\[.*))\s*(?:,|$)/sy;

interface Header {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
}

function parseHeader(text: string, op: string): Header {
  const malformed = () => new RangeError(`${op}: malformed header: ${JSON.stringify(text.trim().slice(0, 80))}`);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1]?.trimEnd();
  if (body === undefined) throw malformed();

  const entries = new Map<string, string | boolean | string[]>();
  ENTRY.lastIndex = 0;
  for (let at = 0; at < body.length; at = ENTRY.lastIndex) {
    const [, name, string, boolean, tuple, record] = ENTRY.exec(body) ?? [];
    if (!name || entries.has(name)) throw malformed();
    if (record) throw new TypeError(`${op}: unsupported dtype: needed one number for each element, got a record`);
    entries.set(name, string ?? (boolean ? boolean === 'True' : tuple!.split(',').map((size) => size.trim())));
  }

  const descr = entries.get('descr');
  const fortranOrder = entries.get('fortran_order');
  const sizes = entries.get('shape');
  if (typeof descr !== 'string' || typeof fortranOrder !== 'boolean' || !Array.isArray(sizes)) throw malformed();
  if (sizes.at(-1) === '') sizes.pop();
  const shape = sizes.map((size) => (/^\d+L?$/.test(size) ? Number.parseInt(size, 10) : -1));
  if (!shape.every((size) => size >= 0 && Number.isSafeInteger(size))) {
    throw new RangeError(`${op}: needed a shape of non-negative integers, got (${sizes.join(', ').slice(0, 80)})`);
  }
  return { descr, fortranOrder, shape };
}

/** The same elements with the last axis fastest instead of the first. */
function fromFortranOrder<A extends TypedArray>(data: A, shape: number[]): A {
  const out = data.slice() as A;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  const index = shape.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** @internal The file's array, before it is a tensor. */
export function parseNpy(input: ArrayBuffer | Uint8Array, op: string): ArrayData {
  const bytes = bytesOf(input, op);
  const truncated = (what: string, needed: number, got: number) =>
    new RangeError(`${op}: truncated ${what}: needed ${needed} bytes, got ${got}`);
  const latin1 = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (latin1(0, MAGIC.length) !== MAGIC) throw new RangeError(`${op}: not a .npy file: wrong magic bytes`);

  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) throw new RangeError(`${op}: needed format version 1, 2 or 3, got ${version}`);
  const headerStart = version === 1 ? 10 : 12;
  if (bytes.length < headerStart) throw truncated('header', headerStart, bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerLength > LONGEST_HEADER) {
    throw new RangeError(`${op}: needed a header of at most ${LONGEST_HEADER} bytes, got ${headerLength}`);
  }
  const start = headerStart + headerLength;
  if (bytes.length < start) throw truncated('header', start, bytes.length);
  const { descr, fortranOrder, shape } = parseHeader(latin1(headerStart, start), op);

  const type = /^[<>|=]/.test(descr) ? TYPES.get(descr.slice(1) as 'f4') : undefined;
  if (!type) throw new TypeError(`${op}: unsupported dtype: needed one of ${[...TYPES.keys()]}, got '${descr}'`);
  const [Raw, dtype] = type;
  const needed = countElements(shape, op) * Raw.BYTES_PER_ELEMENT;
  const got = bytes.length - start;
  if (got < needed) throw truncated('data', needed, got);
  if (got > needed) throw new RangeError(`${op}: needed ${needed} bytes of data, got ${got}`);

  const raw = new Raw(copyElements(bytes, start, Raw.BYTES_PER_ELEMENT, descr[0] === '>'));
  const data = dtype === 'int32' ? toInt32(raw, op) : (raw as TypedArray);
  if (dtype === 'bool' && data.some((x) => x > 1)) {
    throw new RangeError(`${op}: needed bool values 0 or 1, got ${data.find((x) => x > 1)}`);
  }
  return { dtype, shape, data: fortranOrder ? fromFortranOrder(data, shape) : data };
}

/**
 * Reads a .npy file, as `np.save` writes it: f4 becomes float32, f8 float64, b1 bool, and every integer type int32.
 * Either byte order; rows or columns first; format versions 1 to 3.
 * @param bytes - the whole file and nothing else
 * @throws RangeError for a file that is malformed, truncated or too long, or an integer outside int32
 * @throws TypeError for other dtypes: Python objects, records, text, complex numbers
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @example
 * const file = writeNpy(tensor2d([[1, 2], [3, 4]]));
 * readNpy(file).print();  // [[1, 2], [3, 4]]
 */
export function readNpy(bytes: ArrayBuffer | Uint8Array): Tensor {
  const { data, shape, dtype } = parseNpy(bytes, 'readNpy');
  return fromData(data, shape, dtype);
}

const DESCR = { float32: '<f4', float64: '<f8', int32: '<i4', bool: '|b1' } as const;

/**
 * A tensor as a .npy file of format version 1: little-endian, rows first.
 *
 * @example
 * // What np.load reads: a header of 128 bytes, then the elements.
 * writeNpy(tensor1d([1, 2])).length;  // 136
 */
export function writeNpy(x: Tensor): Uint8Array<ArrayBuffer> {
  const tuple = x.rank === 1 ? `${x.shape[0]},` : x.shape.join(', ');
  const header = `{'descr': '${DESCR[x.dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const start = Math.ceil((10 + header.length + 1) / 64) * 64; // elements begin on 64 bytes, as NumPy has it
  const text = `${MAGIC}\x01\x00${String.fromCharCode((start - 10) & 255, (start - 10) >> 8)}${header}`;
  const elements = new Uint8Array(x.dataSync().buffer);
  const out = new Uint8Array(start + elements.length).fill(0x20, 0, start);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  out[start - 1] = 0x0a;
  out.set(elements, start);
  return out;
}
