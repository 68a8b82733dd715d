// What ops accept, turned into tensors: numbers, booleans, nested arrays and typed arrays beside tensors.

import { ARRAYS, type DataType, elementOf, isDataType } from './dtype.js';
import { checkShape, inferShape, type Shape, sameShape, sizeOf } from './shape.js';
import { alias, isRecording } from './tape.js';
import { fromData, Tensor } from './tensor.js';
import { noteReading, Variable } from './variable.js';

type Nested<T> = T | Nested<T>[];
type AnyTypedArray = Float32Array | Float64Array | Int32Array | Uint8Array | Uint8ClampedArray;

/** What an op takes in place of a tensor: a number, a boolean, a typed array, or nested arrays of these. */
export type TensorLike = Nested<number | boolean | AnyTypedArray>;

/** The dtype of a value that is not a tensor; 'string' for what no tensor holds. */
export function inferDtype(values: unknown): DataType | 'string' {
  if (Array.isArray(values)) return inferDtype(values[0]);
  if (values instanceof Float64Array) return 'float64';
  if (values instanceof Int32Array || values instanceof Uint8Array || values instanceof Uint8ClampedArray)
    return 'int32';
  if (typeof values === 'boolean') return 'bool';
  if (typeof values === 'string') return 'string';
  return 'float32';
}

const isTensorLike = (x: unknown): boolean =>
  typeof x === 'number' ||
  typeof x === 'boolean' ||
  typeof x === 'string' ||
  Array.isArray(x) ||
  (ArrayBuffer.isView(x) && !(x instanceof DataView || x instanceof BigInt64Array || x instanceof BigUint64Array));

/** Checks that nested arrays are as long as `shape` says at every depth. */
function checkNesting(values: unknown, shape: Shape, indices: number[], op: string): void {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    if (shape.length > 0) {
      throw new RangeError(
        `${op}: Element arr[${indices.join('][')}] is a primitive, but should be an array/TypedArray of ${shape[0]} elements`,
      );
    }
    if (typeof values !== 'number' && typeof values !== 'boolean') {
      throw new TypeError(
        `${op}: elements must be numbers or booleans, got ${values === null ? 'null' : typeof values}`,
      );
    }
    return;
  }
  const { length } = values as unknown[];
  if (shape.length === 0) {
    throw new RangeError(
      `${op}: Element arr[${indices.join('][')}] should be a primitive, but is an array of ${length} elements`,
    );
  }
  if (length !== shape[0]) {
    throw new RangeError(
      `${op}: Element arr[${indices.join('][')}] should have ${shape[0]} elements, but has ${length} elements`,
    );
  }
  if (ArrayBuffer.isView(values)) {
    if (shape.length > 1) throw new RangeError(`${op}: a typed array is flat, but should have shape [${shape}]`);
    return;
  }
  const rest = shape.slice(1);
  for (let i = 0; i < length; i++) {
    indices.push(i);
    checkNesting(values[i], rest, indices, op);
    indices.pop();
  }
}

/** Writes nested values in row-major order; returns the next position. */
function flattenInto(
  out: Float64Array | (ArrayLike<number> & { [i: number]: number }),
  values: unknown,
  at: number,
): number {
  if (Array.isArray(values)) for (const v of values) at = flattenInto(out, v, at);
  else if (ArrayBuffer.isView(values)) {
    (out as Float64Array).set(values as unknown as ArrayLike<number>, at);
    at += (values as unknown as ArrayLike<number>).length;
  } else out[at++] = Number(values);
  return at;
}

/**
 * A tensor of these values.
 * @param shape - absent: as the values are nested
 * @param dtype - absent: as the values are: float32 for numbers, int32 and float64 for such typed arrays, bool
 * @throws TypeError for values that are not numbers, RangeError for ragged or too few or too many values
 */
export function makeTensor(values: unknown, shape: Shape | undefined, dtype: DataType | undefined, op: string): Tensor {
  if (values === null || values === undefined) {
    throw new TypeError(`${op}: The input to the tensor constructor must be a non-null value.`);
  }
  if (dtype !== undefined && !isDataType(dtype)) throw new TypeError(`${op}: unknown dtype '${dtype}'`);
  if (!isTensorLike(values)) {
    throw new TypeError(
      `${op}: values passed to tensor(values) must be a number/boolean/array of numbers/booleans, or a TypedArray`,
    );
  }
  const inferred = inferShape(values);
  const kind = inferDtype(values);
  if (kind === 'string') throw new TypeError(`${op}: elements must be numbers or booleans, got string`);
  checkNesting(values, inferred, [], op);
  const size = sizeOf(inferred);
  if (shape !== undefined) {
    checkShape(shape, op);
    const provided = sizeOf(shape);
    if (provided !== size) {
      throw new RangeError(
        `${op}: Based on the provided shape, [${shape}], the tensor should have ${provided} values but has ${size}`,
      );
    }
    if (inferred.length > 1 && !sameShape(inferred, shape) && !isFlattening(inferred, shape)) {
      throw new RangeError(
        `${op}: Error creating a new Tensor. Inferred shape (${inferred}) does not match the provided shape (${shape}). `,
      );
    }
  }
  const type = dtype ?? kind;
  let data = values as ArrayLike<number>;
  if (!ArrayBuffer.isView(values)) {
    // Through float64, so that 0.5, 256 and NaN become true as booleans.
    data = new ARRAYS[type === 'bool' ? 'float64' : type](size);
    flattenInto(data as Float64Array, values, 0);
  }
  if (type === 'bool') data = Uint8Array.from(data, (v) => elementOf(v, 'bool'));
  return fromData(data, shape ? [...shape] : inferred, type);
}

/** A last axis may be cut in pieces: [2, 4] as [2, 2, 2], as TensorFlow.js allows. */
function isFlattening(inferred: Shape, shape: Shape): boolean {
  for (let i = 0; i < inferred.length; i++) {
    const last = i === inferred.length - 1;
    if (inferred[i] !== shape[i] && !(last && inferred[i] === sizeOf(shape.slice(i)))) return false;
  }
  return true;
}

const typeName = (x: unknown): string =>
  x === null ? 'null' : x === undefined ? 'undefined' : ((x as object).constructor?.name ?? typeof x);

/** Is told of every argument that an op takes. */
let listener: ((op: string, x: Tensor) => void) | undefined;

/** Runs `f` and tells `listen` of every argument that ops take meanwhile, converted, with the op's name. */
export function whileListening<T>(listen: (op: string, x: Tensor) => void, f: () => T): T {
  const outer = listener;
  listener = listen;
  try {
    return f();
  } finally {
    listener = outer;
  }
}

/**
 * An op's argument as a tensor. A variable that a tape may watch is read: what happens to it later does not reach
 * the gradient.
 * @param dtype - what values that are not tensors become; as they are if absent
 * @throws TypeError if it is no tensor and cannot become one, Error if it is disposed of
 */
export function convert(x: unknown, argument: string, op: string, dtype?: DataType): Tensor {
  const $x = toTensor(x, argument, op, dtype);
  listener?.(op, $x);
  return $x;
}

function toTensor(x: unknown, argument: string, op: string, dtype: DataType | undefined): Tensor {
  if (x instanceof Tensor) {
    x.throwIfDisposed();
    noteReading(x);
    return x instanceof Variable && isRecording() ? alias(x as Tensor) : x;
  }
  if (!isTensorLike(x)) {
    throw new TypeError(
      `Argument '${argument}' passed to '${op}' must be a Tensor or TensorLike, but got '${typeName(x)}'`,
    );
  }
  if (inferDtype(x) === 'string') {
    throw new TypeError(`Argument '${argument}' passed to '${op}' must be numeric tensor, but got string tensor`);
  }
  return makeTensor(x, undefined, dtype, op);
}

/** An op's argument that must be an array of tensors. */
export function convertArray(xs: unknown, argument: string, op: string, dtype?: DataType): Tensor[] {
  if (!Array.isArray(xs)) {
    throw new TypeError(`Argument ${argument} passed to ${op} must be a \`Tensor[]\` or \`TensorLike[]\``);
  }
  return xs.map((x, i) => convert(x, `${argument}[${i}]`, op, dtype));
}

/** An op's argument that must be booleans. */
export function convertBool(x: unknown, argument: string, op: string): Tensor {
  const $x = convert(x, argument, op, 'bool');
  if ($x.dtype !== 'bool') {
    throw new TypeError(`Argument '${argument}' passed to '${op}' must be bool tensor, but got ${$x.dtype} tensor`);
  }
  return $x;
}

/**
 * Two arguments of an op as tensors, still of their own dtypes. Plain numbers beside a float64 tensor become float64,
 * without a detour through float32.
 */
export function convertPair(
  a: unknown,
  b: unknown,
  op: string,
  [nameA, nameB]: [string, string] = ['a', 'b'],
): [Tensor, Tensor] {
  const wide = (x: unknown, other: unknown): DataType | undefined =>
    other instanceof Tensor && other.dtype === 'float64' && inferDtype(x) === 'float32' && !ArrayBuffer.isView(x)
      ? 'float64'
      : undefined;
  return [convert(a, nameA, op, wide(a, b)), convert(b, nameB, op, wide(b, a))];
}
