// The weights of TensorFlow.js's models: elements in one row of bytes, and beside them what they are called, their
// shapes and dtypes. A model's may be quantized: 8 or 16 bits for each element, from which floats are made.

import type { NamedTensorMap } from '../autodiff.js';
import { type ArrayData, countElements, toInt32 } from '../data/binary.js';
import type { DataType, TypedArray } from '../dtype.js';
import type { NamedTensor } from '../optimizers/state.js';
import { Tensor } from '../tensor.js';
import { entriesOf, fromFloat16, readElements, STORED, type StoredType, toTensors } from './elements.js';
import { isObject, isShape, show } from './json.js';

/** Bytes in one buffer, or in several that follow each other. */
export type WeightData = ArrayBuffer | readonly ArrayBuffer[];

/** How the elements of a weight were made to fit fewer bits. */
export interface Quantization {
  /** The bits that lie in the file. */
  dtype: 'uint8' | 'uint16' | 'float16';
  /** An integer q stands for q · scale + min. */
  scale?: number;
  /** What 0 stands for. */
  min?: number;
}

/** What a weight is called, and how its elements lie in the bytes. */
export interface WeightsManifestEntry {
  /** The name. */
  name: string;
  /** The shape. */
  shape: number[];
  /** The dtype. TensorFlow.js has no 'float64'. */
  dtype: DataType;
  /** 'optimizer' for what belongs to the optimizer's state. */
  group?: 'model' | 'optimizer';
  /** How the elements were made to fit fewer bits, if they were. */
  quantization?: Quantization;
}

/**
 * Buffers in one, one after the other.
 *
 * @throws TypeError for what is no ArrayBuffer
 * @example
 * io.concatenateArrayBuffers([new ArrayBuffer(3), new ArrayBuffer(4)]).byteLength;  // 7
 */
export function concatenateArrayBuffers(buffers: WeightData): ArrayBuffer {
  const list = Array.isArray(buffers) ? (buffers as readonly ArrayBuffer[]) : [buffers as ArrayBuffer];
  for (const buffer of list) {
    if (!(buffer instanceof ArrayBuffer)) {
      throw new TypeError(
        `concatenateArrayBuffers: needs ArrayBuffers, got ${buffer === null ? 'null' : typeof buffer}`,
      );
    }
  }
  if (list.length === 1) return list[0]!;
  const out = new Uint8Array(list.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const buffer of list) {
    out.set(new Uint8Array(buffer), at);
    at += buffer.byteLength;
  }
  return out.buffer;
}

/**
 * Named tensors as bytes, and what these bytes are.
 *
 * @param group - what they belong to: 'optimizer' for the state of one
 * @throws TypeError for what is no tensor
 * @example
 * const { data, specs } = await io.encodeWeights({ w: tensor2d([[1, 2]]) });
 * data.byteLength;  // 8
 * specs[0].shape;  // [1, 2]
 */
export async function encodeWeights(
  tensors: NamedTensorMap | readonly NamedTensor[],
  group?: 'model' | 'optimizer',
): Promise<{ data: ArrayBuffer; specs: WeightsManifestEntry[] }> {
  const entries = Array.isArray(tensors)
    ? (tensors as NamedTensor[]).map(({ name, tensor }): [string, Tensor] => [name, tensor])
    : entriesOf(tensors as NamedTensorMap, 'encodeWeights');
  const specs = entries.map(([name, x]): WeightsManifestEntry => {
    if (!(x instanceof Tensor)) throw new TypeError(`encodeWeights: '${name}' must be a tensor, got ${typeof x}`);
    return { name, shape: [...x.shape], dtype: x.dtype, ...(group && { group }) };
  });
  return { data: concatenateArrayBuffers([...entries.map(([, x]) => x.dataSync().buffer), new ArrayBuffer(0)]), specs };
}

const TYPES: Readonly<Record<DataType, StoredType>> = { float32: 'F32', float64: 'F64', int32: 'I32', bool: 'BOOL' };
const QUANTIZED = { uint8: 1, uint16: 2, float16: 2 } as const;

/** One entry of a manifest, checked, and the bytes of its elements. */
interface Checked {
  spec: WeightsManifestEntry;
  bytes: number;
}

function checkQuantization(name: string, quantization: Quantization, dtype: DataType): void {
  const { dtype: stored, scale, min } = isObject(quantization) ? (quantization as Quantization) : ({} as Quantization);
  if (typeof stored !== 'string' || !Object.hasOwn(QUANTIZED, stored)) {
    throw new RangeError(
      `decodeWeights: Weight ${name} has unknown quantization dtype ${show(stored)}. Supported quantization dtypes are: 'uint8', 'uint16', and 'float16'.`,
    );
  }
  if (stored === 'float16' ? dtype !== 'float32' : dtype !== 'float32' && dtype !== 'int32') {
    throw new TypeError(`decodeWeights: Weight ${name} of ${dtype} cannot be quantized with ${stored}`);
  }
  if (stored !== 'float16' && !(Number.isFinite(scale) && Number.isFinite(min))) {
    throw new RangeError(
      `decodeWeights: Weight ${name} with quantization ${stored} doesn't have corresponding metadata min and scale.`,
    );
  }
}

function checkSpec(spec: unknown): Checked {
  const { name, shape, dtype, quantization } = (isObject(spec) ? spec : {}) as Partial<WeightsManifestEntry>;
  if (typeof name !== 'string' || !isShape(shape) || typeof dtype !== 'string') {
    throw new RangeError(`decodeWeights: needed a weight's name, shape and dtype, got ${show(spec)}`);
  }
  if (!Object.hasOwn(TYPES, dtype)) {
    throw new TypeError(`decodeWeights: Unsupported dtype in weight '${name}': ${dtype}`);
  }
  if (quantization !== undefined) checkQuantization(name, quantization, dtype);
  const size = quantization ? QUANTIZED[quantization.dtype] : STORED[TYPES[dtype]].bytes;
  return { spec: spec as WeightsManifestEntry, bytes: countElements(shape, `decodeWeights: '${name}'`) * size };
}

/** The numbers that quantized elements stand for. */
function dequantize(bytes: Uint8Array, { dtype: stored, scale, min }: Quantization, dtype: DataType): TypedArray {
  const { buffer } = bytes.slice();
  const raw = stored === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  if (stored === 'float16') return fromFloat16(raw as Uint16Array);
  const numbers = Float64Array.from(raw, (q) => q * scale! + min!);
  return dtype === 'float32' ? new Float32Array(numbers) : toInt32(numbers.map(Math.round), 'decodeWeights');
}

/**
 * The arrays of a manifest, in order.
 * @throws RangeError for one that is malformed, has a name twice, or another size than the bytes
 */
export function decodeArrays(
  data: WeightData,
  specs: readonly WeightsManifestEntry[],
): { spec: WeightsManifestEntry; array: ArrayData }[] {
  if (!Array.isArray(specs)) throw new TypeError(`decodeWeights: needs a list of specs, got ${typeof specs}`);
  const checked = specs.map(checkSpec);
  const names = new Set<string>();
  for (const { spec } of checked) {
    if (names.has(spec.name)) throw new RangeError(`decodeWeights: the name '${spec.name}' is there twice`);
    names.add(spec.name);
  }
  const all = new Uint8Array(concatenateArrayBuffers(data));
  const needed = checked.reduce((sum, { bytes }) => sum + bytes, 0);
  if (all.length !== needed) {
    throw new RangeError(`decodeWeights: needed ${needed} bytes for ${specs.length} weights, got ${all.length}`);
  }
  let at = 0;
  return checked.map(({ spec, bytes }) => {
    const { name, shape, dtype, quantization } = spec;
    const part = all.subarray(at, at + bytes);
    at += bytes;
    const array = quantization
      ? { dtype, shape, data: dequantize(part, quantization, dtype) }
      : readElements(part, TYPES[dtype], shape, `decodeWeights: '${name}'`);
    return { spec, array };
  });
}

/**
 * The tensors of bytes that {@link encodeWeights} gave, or that lie in the weight files of a TensorFlow.js model: also of
 * weights quantized to 'uint8', 'uint16' (q · scale + min) and 'float16'.
 *
 * @param weightData - all bytes, and no more
 * @param specs - names, shapes and dtypes, in the bytes' order
 * @throws RangeError for specs that are malformed, have a name twice, or need other than the bytes that there are
 * @throws TypeError for other dtypes
 * @example
 * const { data, specs } = await io.encodeWeights({ w: tensor2d([[1, 2]]) });
 * io.decodeWeights(data, specs).w.print();  // [[1, 2]]
 */
export const decodeWeights = (weightData: WeightData, specs: readonly WeightsManifestEntry[]): NamedTensorMap =>
  toTensors(decodeArrays(weightData, specs).map(({ spec, array }) => [spec.name, array]));

/**
 * {@link decodeWeights} for bytes that come by and by; no more are taken than the specs need.
 *
 * @example
 * const { data, specs } = await io.encodeWeights({ w: tensor1d([1, 2]) });
 * (await io.decodeWeightsStream(new Blob([data]).stream(), specs)).w.print();  // [1, 2]
 */
export async function decodeWeightsStream(
  weightStream: ReadableStream<ArrayBuffer | Uint8Array>,
  specs: readonly WeightsManifestEntry[],
): Promise<NamedTensorMap> {
  let left = specs.map(checkSpec).reduce((sum, { bytes }) => sum + bytes, 0);
  const reader = weightStream.getReader();
  const parts: ArrayBuffer[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value instanceof ArrayBuffer ? value : new Uint8Array(value).buffer;
    parts.push(part);
    left -= part.byteLength;
    if (left < 0) {
      await reader.cancel();
      break;
    }
  }
  return decodeWeights(parts, specs);
}
