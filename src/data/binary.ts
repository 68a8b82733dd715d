// What the readers of binary files share.

import type { DataType, TypedArray } from '../dtype.js';

/** An array as a file holds it, its elements in row-major order. */
export interface ArrayData {
  dtype: DataType;
  shape: number[];
  data: TypedArray;
}

/** A reader's argument as bytes, not copied. */
export function bytesOf(input: ArrayBuffer | Uint8Array, op: string): Uint8Array<ArrayBuffer> {
  if (input instanceof Uint8Array) return input as Uint8Array<ArrayBuffer>;
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  throw new TypeError(`${op}: needed an ArrayBuffer or a Uint8Array, got ${input === null ? 'null' : typeof input}`);
}

/** Elements in a shape that a file claims to have. */
export function countElements(shape: number[], op: string): number {
  const size = shape.reduce((a, b) => a * (b || 1), 1);
  if (!Number.isSafeInteger(size))
    throw new RangeError(`${op}: needed fewer than 2^53 elements, got a shape of ${size}`);
  return shape.includes(0) ? 0 : size;
}

/** A copy of the bytes from `start` on, each element's turned around if the file is big-endian. */
export function copyElements(bytes: Uint8Array, start: number, itemSize: number, bigEndian: boolean): ArrayBuffer {
  const copy = new Uint8Array(bytes.subarray(start));
  if (bigEndian && itemSize > 1) {
    for (let at = 0; at < copy.length; at += itemSize) copy.subarray(at, at + itemSize).reverse();
  }
  return copy.buffer;
}

/** Whole numbers as int32. */
export function toInt32(values: ArrayLike<number | bigint>, op: string): Int32Array<ArrayBuffer> {
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Number(values[i]);
    if (out[i] !== Number(values[i])) throw new RangeError(`${op}: needed values that fit int32, got ${values[i]}`);
  }
  return out;
}
