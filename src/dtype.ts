// The element types, and how they mix. Imports nothing.

/** What a tensor's elements can be. A `bool` is a byte, 0 or 1. */
export type DataType = 'float32' | 'float64' | 'int32' | 'bool';
/** The dtypes that have gradients. */
export type FloatType = 'float32' | 'float64';
/** The dtypes that arithmetic is done in. */
export type NumericType = FloatType | 'int32';

/** The typed array that holds each dtype; booleans read as bytes, as in TensorFlow.js. */
export interface DataTypeMap {
  /** 32-bit floating point. */
  float32: Float32Array<ArrayBuffer>;
  /** 64-bit floating point. */
  float64: Float64Array<ArrayBuffer>;
  /** Whole numbers from −2³¹ to 2³¹ − 1. */
  int32: Int32Array<ArrayBuffer>;
  /** 0 for false, 1 for true. */
  bool: Uint8Array<ArrayBuffer>;
}
/** Any of the typed arrays in which elements are read. */
export type TypedArray = DataTypeMap[DataType];

export const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, bool: Uint8Array } as const;

/** Bytes of one element. */
export const BYTES: Readonly<Record<DataType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

const WIDTH: Readonly<Record<DataType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

export const isDataType = (x: unknown): x is DataType => typeof x === 'string' && Object.hasOwn(WIDTH, x);
export const isFloat = (dtype: DataType): dtype is FloatType => dtype === 'float32' || dtype === 'float64';

/** What stands for a number among elements of a dtype: any but 0 is true, NaN too. */
export const elementOf = (value: number, dtype: DataType): number => (dtype === 'bool' ? +(value !== 0) : value);

/**
 * The dtype that holds both: the wider in the order bool, int32, float32, float64.
 *
 * @example
 * upcastType('int32', 'float32') === 'float32';  // true
 */
export const upcastType = (a: DataType, b: DataType): DataType => (WIDTH[a] >= WIDTH[b] ? a : b);

/**
 * The dtype a sum of such elements has: booleans are counted.
 *
 * @example
 * sumType('bool') === 'int32';  // true
 */
export const sumType = (dtype: DataType): NumericType => (dtype === 'bool' ? 'int32' : dtype);
