// New tensors: from values, filled, counted.

import { checkCount, checkFinite } from '../check.js';
import { inferDtype, makeTensor, type TensorLike } from '../convert.js';
import { ARRAYS, type DataType, type DataTypeMap, elementOf, isDataType } from '../dtype.js';
import { checkShape, inferShape, type Rank, type Shape, type ShapeMap, sizeOf, stridesOf } from '../shape.js';
import {
  empty,
  type Scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type Tensor6D,
} from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { type KernelName, kernel, scoped } from './dispatch.js';
import { broadcastTo } from './transform.js';

type Values = TensorLike | ArrayLike<number>;

/**
 * A tensor of these values.
 *
 * @param values - a number, nested arrays or a typed array
 * @param shape - absent: as the values are nested
 * @param dtype - absent: float32 for numbers; int32, float64 and bool where the values are such
 * @throws TypeError for values that are no numbers, RangeError for ragged values or another count than the shape's
 * @example
 * tensor([[1, 2], [3, 4]]).print();  // [[1, 2], [3, 4]]
 */
export function tensor<R extends Rank, D extends DataType = DataType>(
  values: Values,
  shape?: ShapeMap[R] | Shape,
  dtype?: D,
): Tensor<R, D> {
  return makeTensor(values, shape, dtype, 'tensor') as unknown as Tensor<R, D>;
}

/** A tensor of one rank: checks how the values are nested, or that a shape says it. */
function tensorOfRank(rank: number, values: Values, shape: Shape | undefined, dtype: DataType | undefined): Tensor {
  const op = `tensor${rank}d`;
  const depth = values === null || values === undefined ? rank : inferShape(values).length;
  if (shape != null && shape.length !== rank) {
    throw new RangeError(`${op}() requires shape to have ${WORDS[rank]} numbers`);
  }
  if (depth !== rank && (depth !== 1 || rank === 1)) {
    throw new RangeError(
      `${op}() requires values to be ${rank === 1 ? '' : `number${'[]'.repeat(rank)} or `}flat/TypedArray`,
    );
  }
  if (depth === 1 && rank > 1 && shape == null && values != null) {
    throw new RangeError(`${op}() requires shape to be provided when \`values\` are a flat array`);
  }
  return makeTensor(values, shape ?? undefined, dtype, op);
}

const WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];

/**
 * A tensor without axes: one number.
 *
 * @param dtype - absent: float32 for a number, bool for a boolean
 * @throws TypeError for anything else
 * @example
 * scalar(3).print();  // 3
 */
export function scalar<D extends DataType = 'float32'>(value: number | boolean, dtype?: D): Scalar<D> {
  if ((ArrayBuffer.isView(value) || Array.isArray(value)) as boolean) {
    throw new TypeError('Error creating a new Scalar: value must be a primitive (number|boolean|string)');
  }
  return makeTensor(value, [], dtype, 'scalar') as unknown as Scalar<D>;
}

/**
 * A vector: {@link tensor} of rank 1.
 *
 * @throws RangeError unless values are one list of numbers
 * @example
 * tensor1d([1, 2, 3]).print();  // [1, 2, 3]
 * tensor1d([1, 0, 1], 'bool').print();  // [true, false, true]
 */
export function tensor1d<D extends DataType = 'float32'>(values: Values, dtype?: D): Tensor1D<D> {
  return tensorOfRank(1, values, undefined, dtype) as unknown as Tensor1D<D>;
}

/**
 * A matrix, of nested values or of flat ones and a shape: {@link tensor} of rank 2.
 *
 * @throws RangeError for another nesting, and for flat values without a shape
 * @example
 * tensor2d([[1, 2], [3, 4]]).print();  // [[1, 2], [3, 4]]
 * tensor2d([1, 2, 3, 4], [2, 2]).print();  // [[1, 2], [3, 4]]
 */
export function tensor2d<D extends DataType = 'float32'>(values: Values, shape?: Shape, dtype?: D): Tensor2D<D> {
  return tensorOfRank(2, values, shape, dtype) as unknown as Tensor2D<D>;
}

/**
 * A tensor of three axes, of nested values or of flat ones and a shape: {@link tensor} of rank 3.
 *
 * @throws RangeError for another nesting, and for flat values without a shape
 * @example
 * tensor3d([[[1], [2]], [[3], [4]]]).shape;  // [2, 2, 1]
 * tensor3d([1, 2, 3, 4], [2, 2, 1]).print();  // [[[1], [2]], [[3], [4]]]
 */
export function tensor3d<D extends DataType = 'float32'>(values: Values, shape?: Shape, dtype?: D): Tensor3D<D> {
  return tensorOfRank(3, values, shape, dtype) as unknown as Tensor3D<D>;
}

/**
 * A tensor of four axes, of nested values or of flat ones and a shape: {@link tensor} of rank 4. Images are
 * [batch, height, width, channels].
 *
 * @throws RangeError for another nesting, and for flat values without a shape
 * @example
 * tensor4d([1, 2, 3, 4], [1, 2, 2, 1]).print();  // [[[[1], [2]], [[3], [4]]]]
 */
export function tensor4d<D extends DataType = 'float32'>(values: Values, shape?: Shape, dtype?: D): Tensor4D<D> {
  return tensorOfRank(4, values, shape, dtype) as unknown as Tensor4D<D>;
}

/**
 * A tensor of five axes, of nested values or of flat ones and a shape: {@link tensor} of rank 5.
 *
 * @throws RangeError for another nesting, and for flat values without a shape
 * @example
 * tensor5d([1, 2], [1, 1, 1, 2, 1]).print();  // [[[[[1], [2]]]]]
 */
export function tensor5d<D extends DataType = 'float32'>(values: Values, shape?: Shape, dtype?: D): Tensor5D<D> {
  return tensorOfRank(5, values, shape, dtype) as unknown as Tensor5D<D>;
}

/**
 * A tensor of six axes, of nested values or of flat ones and a shape: {@link tensor} of rank 6.
 *
 * @throws RangeError for another nesting, and for flat values without a shape
 * @example
 * tensor6d([1, 2], [1, 1, 1, 1, 2, 1]).print();  // [[[[[[1], [2]]]]]]
 */
export function tensor6d<D extends DataType = 'float32'>(values: Values, shape?: Shape, dtype?: D): Tensor6D<D> {
  return tensorOfRank(6, values, shape, dtype) as unknown as Tensor6D<D>;
}

/**
 * A tensor whose elements are all `value`.
 *
 * @param dtype - absent: float32 for a number, bool for a boolean
 * @throws RangeError for sizes that are no whole numbers from 0 up, TypeError for values that are no number or boolean
 * @example
 * fill([2, 2], 7).print();  // [[7, 7], [7, 7]]
 */
export function fill<R extends Rank>(shape: ShapeMap[R] | Shape, value: number | boolean, dtype?: DataType): Tensor<R> {
  checkShape(shape, 'fill');
  const type = dtype ?? inferDtype(value);
  if (!isDataType(type))
    throw new TypeError(`fill: needs a number or boolean and a known dtype, got ${typeof value}, ${type}`);
  const y = empty([...shape], type);
  kernel('fill' as KernelName, type)(y.storage.address, y.size, elementOf(Number(value), type));
  return y as Tensor<R>;
}

/**
 * A tensor of zeros.
 *
 * @throws RangeError for sizes that are no whole numbers from 0 up
 * @example
 * zeros([2, 2]).print();  // [[0, 0], [0, 0]]
 */
export function zeros<R extends Rank>(shape: ShapeMap[R] | Shape, dtype: DataType = 'float32'): Tensor<R> {
  checkShape(shape, 'zeros');
  return fill(shape, 0, dtype);
}

/**
 * A tensor of ones.
 *
 * @throws RangeError for sizes that are no whole numbers from 0 up
 * @example
 * ones([2, 2]).print();  // [[1, 1], [1, 1]]
 */
export function ones<R extends Rank>(shape: ShapeMap[R] | Shape, dtype: DataType = 'float32'): Tensor<R> {
  checkShape(shape, 'ones');
  return fill(shape, 1, dtype);
}

/**
 * The identity matrix: ones on the diagonal.
 *
 * @param batchShape - repeats it along new axes in front
 * @throws RangeError for sizes that are no whole numbers from 0 up
 * @example
 * eye(2).print();  // [[1, 0], [0, 1]]
 * eye(2, 3, [4]).shape;  // [4, 2, 3]
 */
export function eye(
  numRows: number,
  numColumns: number = numRows,
  batchShape?: readonly number[] | null,
  dtype: DataType = 'float32',
): Tensor2D {
  checkShape([numRows, numColumns, ...(batchShape ?? [])], 'eye');
  return scoped(() => {
    const indices = range(0, numRows, 1, 'int32');
    const y = empty([numRows, numColumns], dtype);
    kernel('oneHot' as KernelName, dtype)(indices.storage.address, y.storage.address, numRows, numColumns, 1, 0);
    if (!batchShape?.length) return y;
    return broadcastTo(y, [...batchShape, numRows, numColumns]);
  }) as Tensor2D;
}

/**
 * Numbers from start up to, but not including, stop; down with a negative step.
 *
 * @param step - absent: 1
 * @throws RangeError for a step of 0
 * @example
 * range(0, 9, 2).print();  // [0, 2, 4, 6, 8]
 */
export function range(start: number, stop: number, step = 1, dtype: DataType = 'float32'): Tensor1D {
  checkFinite(start, 'start', 'range');
  checkFinite(stop, 'stop', 'range');
  checkFinite(step, 'step', 'range');
  if (step === 0) throw new RangeError('Cannot have a step of zero');
  if (dtype === 'bool') throw new TypeError('range: needs a numeric dtype, got bool');
  // TensorFlow.js counts down by itself where start is above stop.
  const by = stop < start && step === 1 ? -1 : step;
  const n = Math.max(0, Math.ceil((stop - start) / by));
  const y = empty([n], dtype);
  kernel('range' as KernelName, dtype)(y.storage.address, n, start, by);
  return y as Tensor1D;
}

/**
 * `num` numbers at equal distances from start to stop, both included.
 *
 * @throws RangeError unless num is a whole number from 1 up
 * @example
 * linspace(0, 1, 5).print();  // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, num: number): Tensor1D {
  if (!(num > 0)) throw new RangeError('The number of values should be positive.');
  checkCount(num, 1, 'num', 'linspace');
  const step = num === 1 ? 0 : (stop - start) / (num - 1);
  const y = empty([num], 'float32');
  kernels.float32.range(y.storage.address, num, start, step);
  return y as Tensor1D;
}

/**
 * Elements that can be set one by one, to be made a tensor of: see {@link buffer}.
 *
 * @throws RangeError unless there are as many values as the shape has elements
 * @example
 * const b = new TensorBuffer([2, 2], 'int32');
 * b.set(5, 0, 1);
 * b.toTensor().print();  // [[0, 5], [0, 0]]
 */
export class TensorBuffer<R extends Rank = Rank, D extends DataType = 'float32'> {
  /** The sizes of the axes. */
  readonly shape: ShapeMap[R];
  /** What the elements are. */
  readonly dtype: D;
  /** The number of elements. */
  readonly size: number;
  /** The elements in row-major order; they may be written to directly. */
  readonly values: DataTypeMap[D];
  /** Elements between neighbours along each axis but the last. */
  readonly strides: number[];

  constructor(shape: ShapeMap[R] | Shape, dtype: D = 'float32' as D, values?: DataTypeMap[D]) {
    checkShape(shape, 'buffer');
    this.shape = [...shape] as unknown as ShapeMap[R];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    if (values && values.length !== this.size) {
      throw new RangeError(
        `Length of values '${values.length}' does not match the size inferred by the shape '${this.size}'.`,
      );
    }
    this.values = values ?? (new ARRAYS[dtype](this.size) as DataTypeMap[D]);
    this.strides = stridesOf(shape).slice(0, -1);
  }

  /**
   * Sets the element at an index of as many numbers as there are axes.
   *
   * @throws RangeError for another count of numbers
   */
  set(value: number | boolean, ...index: number[]): void {
    const at = index.length === 0 ? [0] : index;
    if (at.length !== this.rank && this.rank > 0) {
      throw new RangeError(`The number of provided coordinates (${at.length}) must match the rank (${this.rank})`);
    }
    this.values[this.locToIndex(at)] = Number(value);
  }

  /**
   * The element at an index.
   *
   * @throws RangeError for an index outside the shape
   */
  get(...index: number[]): number {
    const at = index.length === 0 ? [0] : index;
    at.forEach((i, axis) => {
      if (i < 0 || i >= (this.shape[axis] ?? 1)) {
        throw new RangeError(`Requested out of range element at ${at}.   Buffer shape=${this.shape}`);
      }
    });
    return this.values[this.locToIndex(at)]!;
  }

  /** Where the element at an index stands among `values`. */
  locToIndex(index: number[]): number {
    return this.rank === 0 ? 0 : index.reduce((sum, i, axis) => sum + i * (this.strides[axis] ?? 1), 0);
  }

  /** The index of the element that stands there among `values`. */
  indexToLoc(index: number): number[] {
    let rest = index;
    return this.shape.map((_, axis) => {
      const step = this.strides[axis] ?? 1;
      const i = Math.trunc(rest / step);
      rest -= i * step;
      return i;
    });
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** A tensor with a copy of the elements. */
  toTensor(): Tensor<R, D> {
    return makeTensor(this.values, this.shape, this.dtype, 'toTensor') as unknown as Tensor<R, D>;
  }
}

/**
 * Elements that can be set one by one: zeros, or `values` themselves.
 *
 * @param values - in row-major order; not copied
 * @throws RangeError unless there are as many values as the shape has elements
 * @example
 * const b = buffer([2, 2]);
 * b.set(3, 1, 0);
 * b.toTensor().print();  // [[0, 0], [3, 0]]
 */
export function buffer<R extends Rank, D extends DataType = 'float32'>(
  shape: ShapeMap[R] | Shape,
  dtype: D = 'float32' as D,
  values?: DataTypeMap[D],
): TensorBuffer<R, D> {
  return new TensorBuffer<R, D>(shape, dtype, values);
}
