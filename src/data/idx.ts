// The IDX format of the MNIST files (LeCun, Cortes and Burges), plain or gzipped. Everything in it is
// big-endian.
//
//   0 0 type rank | rank sizes of 4 bytes | elements

import { ARRAYS } from '../dtype.js';
import { fromData, type Tensor } from '../tensor.js';
import { type ArrayData, bytesOf, copyElements, countElements } from './binary.js';

/** What the third byte says: the array the elements are, and the dtype they become. */
const TYPES = new Map([
  [0x08, [Uint8Array, 'int32']],
  [0x09, [Int8Array, 'int32']],
  [0x0b, [Int16Array, 'int32']],
  [0x0c, [Int32Array, 'int32']],
  [0x0d, [Float32Array, 'float32']],
  [0x0e, [Float64Array, 'float64']],
] as const);

const LONGEST_HEADER = 4 + 4 * 255;

const hex = (x: number) => `0x${x.toString(16).padStart(2, '0')}`;

/** What the header promises; `length` is that of the whole file, in bytes. */
function parseHeader(bytes: Uint8Array) {
  const need = (length: number) => {
    if (bytes.length >= length) return;
    throw new RangeError(`readIdx: truncated header: needed ${length} bytes, got ${bytes.length}`);
  };
  need(4);
  if (bytes[0] !== 0 || bytes[1] !== 0) throw new RangeError('readIdx: not an IDX file: wrong magic bytes');
  const type = TYPES.get(bytes[2] as 0x08);
  if (!type) {
    throw new TypeError(
      `readIdx: unknown type of element: needed one of ${[...TYPES.keys()].map(hex)}, got ${hex(bytes[2]!)}`,
    );
  }
  const start = 4 + 4 * bytes[3]!;
  need(start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: bytes[3]! }, (_, axis) => view.getUint32(4 + 4 * axis));
  const [Raw, dtype] = type;
  return { Raw, dtype, shape, start, length: start + countElements(shape, 'readIdx') * Raw.BYTES_PER_ELEMENT };
}

/** Inflates gzip, and no further than the IDX header inside it promises. */
async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof DecompressionStream !== 'function') {
    throw new TypeError('readIdx: gzip needs DecompressionStream, which this runtime lacks: pass the inflated bytes');
  }
  const corrupt = (cause: unknown) => {
    throw new RangeError('readIdx: corrupt gzip data', { cause });
  };
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: BlobPart[] = [];
  const join = async () => new Uint8Array(await new Blob(chunks).arrayBuffer());
  let length = 0;
  let promised: number | undefined;
  for (;;) {
    const { done, value } = await reader.read().catch(corrupt);
    if (done) return join();
    chunks.push(value);
    length += value.length;
    if (length >= LONGEST_HEADER) promised ??= parseHeader(await join()).length;
    if (length > promised!) {
      await reader.cancel();
      throw new RangeError(`readIdx: needed ${promised} bytes, got more`);
    }
  }
}

/** The file's array, before it is a tensor. */
async function parseIdx(input: ArrayBuffer | Uint8Array): Promise<ArrayData> {
  let bytes = bytesOf(input, 'readIdx');
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await gunzip(bytes);
  const { Raw, dtype, shape, start, length } = parseHeader(bytes);
  if (bytes.length < length) {
    throw new RangeError(`readIdx: truncated data: needed ${length} bytes, got ${bytes.length}`);
  }
  if (bytes.length > length) throw new RangeError(`readIdx: needed ${length} bytes, got ${bytes.length}`);
  return { dtype, shape, data: new ARRAYS[dtype](new Raw(copyElements(bytes, start, Raw.BYTES_PER_ELEMENT, true))) };
}

/**
 * Reads an IDX file, such as those of MNIST, plain or gzipped: 8, 16 and 32 bit integers become int32, floats stay
 * float32 and float64.
 * @param bytes - the whole file and nothing else
 * @throws RangeError for a file that is malformed, truncated or too long, or whose gzip is corrupt
 * @throws TypeError for an unknown type of element, and for gzip in a runtime without DecompressionStream
 * @see http://yann.lecun.com/exdb/mnist/
 *
 * @example
 * // A vector of three bytes. MNIST's images, train-images-idx3-ubyte.gz, become [60000, 28, 28].
 * (await readIdx(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))).print();  // [5, 6, 7]
 */
export async function readIdx(bytes: ArrayBuffer | Uint8Array): Promise<Tensor> {
  const { data, shape, dtype } = await parseIdx(bytes);
  return fromData(data, shape, dtype);
}
