// Elements as files hold them, narrow floats and integers among them, as a tensor's elements. Every conversion is exact:
// what does not fit is refused.

import type { NamedTensorMap } from '../autodiff.js';
import { type ArrayData, toInt32 } from '../data/binary.js';
import type { DataType, TypedArray } from '../dtype.js';
import { tidy } from '../scope.js';
import { fromData, Tensor } from '../tensor.js';
import { isObject } from './json.js';

/** IEEE half floats, all of which are float32 numbers too. */
export function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(halves.length);
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < out.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    // Below 2⁻¹⁴ they are multiples of 2⁻²⁴.
    if (exponent === 0) out[i] = (half & 0x8000 ? -1 : 1) * fraction * 5.9604644775390625e-8;
    else bits[i] = ((half & 0x8000) << 16) | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  }
  return out;
}

/** The upper halves of float32 numbers. */
export function fromBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

interface Stored {
  /** Bytes of an element. */
  bytes: number;
  dtype: DataType;
  /** The elements in a buffer of their own. */
  read(buffer: ArrayBuffer, what: string): TypedArray;
}

const integers = (bytes: number, Raw: new (buffer: ArrayBuffer) => ArrayLike<number | bigint>): Stored => ({
  bytes,
  dtype: 'int32',
  read: (buffer, what) => toInt32(new Raw(buffer), what),
});

/** What files hold, by the names that safetensors give it. */
export const STORED = {
  F64: { bytes: 8, dtype: 'float64', read: (buffer) => new Float64Array(buffer) },
  F32: { bytes: 4, dtype: 'float32', read: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, dtype: 'float32', read: (buffer) => fromFloat16(new Uint16Array(buffer)) },
  BF16: { bytes: 2, dtype: 'float32', read: (buffer) => fromBfloat16(new Uint16Array(buffer)) },
  I64: integers(8, BigInt64Array),
  I32: { bytes: 4, dtype: 'int32', read: (buffer) => new Int32Array(buffer) },
  I16: integers(2, Int16Array),
  I8: integers(1, Int8Array),
  U64: integers(8, BigUint64Array),
  U32: integers(4, Uint32Array),
  U16: integers(2, Uint16Array),
  U8: integers(1, Uint8Array),
  BOOL: {
    bytes: 1,
    dtype: 'bool',
    read(buffer, what) {
      const data = new Uint8Array(buffer);
      const wrong = data.find((x) => x > 1);
      if (wrong !== undefined) throw new RangeError(`${what}: needed bool values 0 or 1, got ${wrong}`);
      return data;
    },
  },
} satisfies Record<string, Stored>;

export type StoredType = keyof typeof STORED;

/** The elements in a part of a file, which is as long as they are. */
export function readElements(bytes: Uint8Array, type: StoredType, shape: number[], what: string): ArrayData {
  const { dtype, read } = STORED[type] as Stored;
  // A copy by slice would be none where it is a Buffer of Node.
  return { dtype, shape, data: read(new Uint8Array(bytes).buffer, what) };
}

/** Tensors of arrays by their names; none if one cannot be made. */
export const toTensors = (arrays: readonly (readonly [string, ArrayData])[]): NamedTensorMap =>
  tidy(() => Object.fromEntries(arrays.map(([name, { data, shape, dtype }]) => [name, fromData(data, shape, dtype)])));

/** Named tensors as pairs. */
export function entriesOf(tensors: NamedTensorMap, op: string): [string, Tensor][] {
  if (!isObject(tensors) || tensors instanceof Tensor) {
    throw new TypeError(`${op}: needs an object of named tensors, got ${tensors === null ? 'null' : typeof tensors}`);
  }
  const entries = Object.entries(tensors);
  for (const [name, x] of entries) {
    if (!(x instanceof Tensor)) throw new TypeError(`${op}: '${name}' must be a tensor, got ${typeof x}`);
  }
  return entries;
}
