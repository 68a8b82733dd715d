// The safetensors format of Hugging Face: named tensors in one file, and text about them.
//
//   length of the header: 8 bytes | header, then spaces | elements
//   header: {"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
//
// Everything is little-endian. Offsets count from the header's end; every byte belongs to one tensor.

import type { NamedTensorMap } from '../autodiff.js';
import { type ArrayData, bytesOf, countElements } from '../data/binary.js';
import type { DataType, TypedArray } from '../dtype.js';
import { entriesOf, readElements, STORED, type StoredType, toTensors } from './elements.js';
import { isCount, isObject, isShape, parseJSON, show } from './json.js';

const METADATA = '__metadata__';
const LONGEST_HEADER = 100_000_000; // the reference implementation's own limit

interface Entry {
  name: string;
  type: StoredType;
  shape: number[];
  begin: number;
  end: number;
}

/** One tensor of the header. */
function parseEntry(name: string, value: unknown): Entry {
  const what = `readSafetensors: '${name}'`;
  const { dtype, shape, data_offsets: offsets } = isObject(value) ? value : {};
  if (typeof dtype !== 'string' || !isShape(shape) || !Array.isArray(offsets) || !offsets.every(isCount)) {
    throw new RangeError(`${what}: needed dtype, shape and data_offsets, got ${show(value)}`);
  }
  if (!Object.hasOwn(STORED, dtype)) {
    throw new TypeError(`${what}: unsupported dtype: needed one of ${Object.keys(STORED)}, got '${dtype}'`);
  }
  const [begin, end] = offsets as number[];
  const needed = countElements(shape, what) * STORED[dtype as StoredType].bytes;
  if (offsets.length !== 2 || end! - begin! !== needed) {
    throw new RangeError(`${what}: needed ${needed} bytes for [${shape}] ${dtype}, got data_offsets [${offsets}]`);
  }
  return { name, type: dtype as StoredType, shape, begin: begin!, end: end! };
}

function parseMetadata(value: unknown): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw new RangeError(`readSafetensors: needed ${METADATA} of texts, got ${show(value)}`);
  }
  return value as Record<string, string>;
}

/** The arrays of a file in the order in which it names them, and its texts. Errors are those of {@link readSafetensors}. */
export function parseSafetensors(input: ArrayBuffer | Uint8Array): {
  arrays: [string, ArrayData][];
  metadata: Record<string, string>;
} {
  const bytes = bytesOf(input, 'readSafetensors');
  const truncated = (needed: number | bigint) =>
    new RangeError(`readSafetensors: truncated header: needed ${needed} bytes, got ${bytes.length}`);
  if (bytes.length < 8) throw truncated(8);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > LONGEST_HEADER) {
    throw new RangeError(`readSafetensors: needed a header of at most ${LONGEST_HEADER} bytes, got ${length}`);
  }
  const start = 8 + Number(length);
  if (bytes.length < start) throw truncated(start);
  const header = parseJSON(bytes.subarray(8, start), 'readSafetensors: header');
  if (!isObject(header)) throw new RangeError('readSafetensors: the header is no object');

  const named = Object.entries(header).filter(([name]) => name !== METADATA);
  const entries = named.map(([name, value]) => parseEntry(name, value));
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) {
      throw new RangeError(`readSafetensors: '${name}' needed to begin at byte ${at} of the elements, got ${begin}`);
    }
    at = end;
  }
  if (at !== bytes.length - start) {
    throw new RangeError(`readSafetensors: needed ${at} bytes of elements, got ${bytes.length - start}`);
  }
  const arrays = entries.map(({ name, type, shape, begin, end }): [string, ArrayData] => [
    name,
    readElements(bytes.subarray(start + begin, start + end), type, shape, `readSafetensors: '${name}'`),
  ]);
  return { arrays, metadata: Object.hasOwn(header, METADATA) ? parseMetadata(header[METADATA]) : {} };
}

/**
 * Reads a .safetensors file: F32 becomes float32, F64 float64, I32 int32 and BOOL bool. F16 and BF16 become float32,
 * which holds each of their numbers; the other integers become int32.
 *
 * @param bytes - the whole file and nothing else
 * @returns the tensors by their names, and the texts of the file's metadata
 * @throws RangeError for a file that is malformed, truncated or too long, with a name twice, or with an integer outside
 *   int32; nothing is made then
 * @throws TypeError for other dtypes
 * @example
 * const file = writeSafetensors({ w: tensor2d([[1, 2]]), n: scalar(3, 'int32') }, { step: '100' });
 * const { tensors, metadata } = readSafetensors(file);
 * tensors.w.print();  // [[1, 2]]
 * Number(metadata.step);  // 100
 * @see https://huggingface.co/docs/safetensors
 */
export function readSafetensors(bytes: ArrayBuffer | Uint8Array): {
  tensors: NamedTensorMap;
  metadata: Record<string, string>;
} {
  const { arrays, metadata } = parseSafetensors(bytes);
  return { tensors: toTensors(arrays), metadata };
}

/** Widest first, so that every tensor is aligned; among them in order of names, as the reference implementation. */
const WRITTEN: Readonly<Record<DataType, StoredType>> = { float64: 'F64', float32: 'F32', int32: 'I32', bool: 'BOOL' };
const ORDER = Object.keys(WRITTEN);

/** An array to be written. */
interface Written {
  name: string;
  dtype: DataType;
  shape: readonly number[];
  bytes: number;
  /** The elements, when it is their turn. */
  read(): TypedArray;
}

/** The file of arrays and texts. */
export function encodeSafetensors(
  arrays: readonly Written[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const entries = [...arrays].sort(
    (a, b) => ORDER.indexOf(a.dtype) - ORDER.indexOf(b.dtype) || (a.name < b.name ? -1 : 1),
  );
  let end = 0;
  const described = entries.map(({ name, dtype, shape, bytes }) => {
    if (name === METADATA) throw new RangeError(`writeSafetensors: a tensor must not be named ${METADATA}`);
    const begin = end;
    end += bytes;
    return [name, { dtype: WRITTEN[dtype], shape, data_offsets: [begin, end] }] as const;
  });
  const fields = Object.keys(metadata).length > 0 ? [[METADATA, metadata] as const] : [];
  // An object would put names that are numbers first.
  const members = [...fields, ...described].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  const header = new TextEncoder().encode(`{${members.join(',')}}`);
  const start = Math.ceil((8 + header.length) / 8) * 8;
  const out = new Uint8Array(start + end).fill(0x20, 0, start);
  new DataView(out.buffer).setBigUint64(0, BigInt(start - 8), true);
  out.set(header, 8);
  let at = start;
  for (const { read, bytes } of entries) {
    const { buffer, byteOffset } = read();
    out.set(new Uint8Array(buffer, byteOffset, bytes), at);
    at += bytes;
  }
  return out;
}

/**
 * Named tensors as a .safetensors file. The same tensors give the same bytes, in whatever order they come.
 *
 * @param metadata - texts to go with them
 * @throws TypeError for what is no tensor or text, RangeError for a tensor named '__metadata__'
 * @example
 * const file = writeSafetensors({ a: tensor1d([1, 2]), b: tensor1d([3]) });
 * file.length;  // 132
 */
export function writeSafetensors(
  tensors: NamedTensorMap,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string') {
      throw new TypeError(`writeSafetensors: the metadata '${key}' must be a text, got ${typeof text}`);
    }
  }
  const arrays = entriesOf(tensors, 'writeSafetensors').map(([name, x]): Written => {
    return { name, dtype: x.dtype, shape: x.shape, bytes: x.dataBytes, read: () => x.dataSync() };
  });
  return encodeSafetensors(arrays, metadata);
}
