// Comparisons, logic and choice. Booleans have no gradient; where passes one to each side.

import { convert, convertBool, convertPair, type TensorLike } from '../convert.js';
import { upcastType } from '../dtype.js';
import { broadcastShapes, sameShape } from '../shape.js';
import { record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { compare as kernels } from '../wasm/kernels.js';
import { asFloat, castTo, map, scoped, sumTo, zip } from './dispatch.js';
import { zerosLike } from './like.js';
import { broadcastTo } from './transform.js';

type Name = Parameters<typeof kernels.op>[0];

function compare<T extends Tensor>(name: Name, a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return scoped(() => {
    const [$a, $b] = convertPair(a, b, name);
    const dtype = upcastType($a.dtype, $b.dtype);
    return zip(kernels.op(name), castTo($a, dtype), castTo($b, dtype), name, 'bool');
  }) as T;
}

/**
 * Whether a = b, element by element. NaN equals nothing.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * equal(tensor1d([1, 2]), 2).print();  // [false, true]
 */
export function equal<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('equal', a, b);
}

/**
 * Whether a ≠ b, element by element.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * notEqual(tensor1d([1, 2]), 2).print();  // [true, false]
 */
export function notEqual<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('notEqual', a, b);
}

/**
 * Whether a < b, element by element.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * less(tensor1d([1, 2, 3]), 2).print();  // [true, false, false]
 */
export function less<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('less', a, b);
}

/**
 * Whether a ≤ b, element by element.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * lessEqual(tensor1d([1, 2, 3]), 2).print();  // [true, true, false]
 */
export function lessEqual<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('lessEqual', a, b);
}

/**
 * Whether a > b, element by element.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * greater(tensor1d([1, 2, 3]), 2).print();  // [false, false, true]
 */
export function greater<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('greater', a, b);
}

/**
 * Whether a ≥ b, element by element.
 *
 * @returns booleans of the shape to which a and b broadcast
 * @throws RangeError if the shapes do not broadcast
 * @example
 * greaterEqual(tensor1d([1, 2, 3]), 2).print();  // [false, true, true]
 */
export function greaterEqual<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return compare('greaterEqual', a, b);
}

function combine<T extends Tensor>(name: Name, a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return scoped(() => zip(kernels.op(name), convertBool(a, 'a', name), convertBool(b, 'b', name), name)) as T;
}

/**
 * Whether both are true.
 *
 * @param a - booleans
 * @param b - booleans
 * @returns booleans of the shape to which a and b broadcast
 * @throws TypeError for other dtypes, RangeError if the shapes do not broadcast
 * @example
 * logicalAnd(tensor1d([true, true]), tensor1d([true, false])).print();  // [true, false]
 */
export function logicalAnd<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return combine('logicalAnd', a, b);
}

/**
 * Whether at least one is true.
 *
 * @param a - booleans
 * @param b - booleans
 * @returns booleans of the shape to which a and b broadcast
 * @throws TypeError for other dtypes, RangeError if the shapes do not broadcast
 * @example
 * logicalOr(tensor1d([true, false]), tensor1d([false, false])).print();  // [true, false]
 */
export function logicalOr<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return combine('logicalOr', a, b);
}

/**
 * Whether exactly one is true.
 *
 * @param a - booleans
 * @param b - booleans
 * @returns booleans of the shape to which a and b broadcast
 * @throws TypeError for other dtypes, RangeError if the shapes do not broadcast
 * @example
 * logicalXor(tensor1d([true, true]), tensor1d([true, false])).print();  // [false, true]
 */
export function logicalXor<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return combine('logicalXor', a, b);
}

/**
 * Whether it is false.
 *
 * @param x - booleans of any shape
 * @throws TypeError for another dtype
 * @example
 * logicalNot(tensor1d([true, false])).print();  // [false, true]
 */
export function logicalNot<T extends Tensor>(x: Tensor | TensorLike): T {
  return scoped(() => map(kernels.op('logicalNot'), convertBool(x, 'x', 'logicalNot'))) as T;
}

/**
 * The bits that both whole numbers have.
 *
 * @param a - int32
 * @param b - int32 of the same shape
 * @throws TypeError for other dtypes, RangeError for another shape
 * @example
 * bitwiseAnd(tensor1d([6, 5], 'int32'), tensor1d([3, 4], 'int32')).print();  // [2, 4]
 */
export function bitwiseAnd<T extends Tensor>(a: Tensor, b: Tensor): T {
  return scoped(() => {
    const [$a, $b] = [convert(a, 'x', 'bitwiseAnd'), convert(b, 'y', 'bitwiseAnd')];
    if (!sameShape($a.shape, $b.shape)) {
      throw new RangeError(`BitwiseAnd: Tensors must have the same shape. x: ${$a.shape}, y: ${$b.shape}`);
    }
    if ($a.dtype !== 'int32' || $b.dtype !== 'int32') {
      throw new TypeError(
        `BitwiseAnd: Only supports 'int32' values in tensor, found type: ${$a.dtype} and ${$b.dtype}`,
      );
    }
    return zip(kernels.op('bitwiseAnd'), $a, $b, 'bitwiseAnd');
  }) as T;
}

/**
 * a where the condition is true, b elsewhere; all three broadcast.
 *
 * @param condition - booleans
 * @throws TypeError for a condition of another dtype, RangeError if the shapes do not broadcast
 * @example
 * where(tensor1d([true, false]), tensor1d([1, 2]), 0).print();  // [1, 0]
 */
export function where<T extends Tensor>(condition: Tensor | TensorLike, a: T | TensorLike, b: T | TensorLike): T {
  return scoped(() => {
    const [a0, b0] = convertPair(a, b, 'where');
    const dtype = upcastType(a0.dtype, b0.dtype);
    const [$a, $b, $c] = [castTo(a0, dtype), castTo(b0, dtype), convertBool(condition, 'condition', 'where')];
    const shape = broadcastShapes(broadcastShapes($c.shape, $a.shape, 'where'), $b.shape, 'where');
    const c = broadcastTo($c, shape);
    const y = empty(shape, dtype);
    if (y.size > 0) {
      const [from, other] = [broadcastTo($a, shape), broadcastTo($b, shape)];
      kernels[dtype].where(c.storage.address, from.storage.address, other.storage.address, y.storage.address, y.size);
    }
    return record(
      y,
      [$a, $b, c],
      [
        (dy) => sumTo(where(c, dy, zerosLike(dy)), $a.shape),
        (dy) => sumTo(where(c, zerosLike(dy), dy), $b.shape),
        (dy) => zerosLike(dy),
      ],
    );
  }) as T;
}

/** A test of each element; whole numbers are finite numbers. */
function test<T extends Tensor>(name: 'isNaN' | 'isFinite' | 'isInf', x: T | TensorLike): T {
  return scoped(() => {
    const $x = asFloat(convert(x, 'x', name));
    return map(kernels.op(name), $x, 'bool');
  }) as T;
}

/**
 * Whether each element is NaN.
 *
 * @param x - of any shape and dtype
 * @returns booleans of x's shape
 * @example
 * isNaN(tensor1d([NaN, Infinity, 1])).print();  // [true, false, false]
 */
export function isNaN<T extends Tensor>(x: T | TensorLike): T {
  return test('isNaN', x);
}

/**
 * Whether each element is neither NaN nor infinite.
 *
 * @param x - of any shape and dtype
 * @returns booleans of x's shape
 * @example
 * isFinite(tensor1d([NaN, Infinity, 1])).print();  // [false, false, true]
 */
export function isFinite<T extends Tensor>(x: T | TensorLike): T {
  return test('isFinite', x);
}

/**
 * Whether each element is infinite.
 *
 * @param x - of any shape and dtype
 * @returns booleans of x's shape
 * @example
 * isInf(tensor1d([NaN, Infinity, 1])).print();  // [false, true, false]
 */
export function isInf<T extends Tensor>(x: T | TensorLike): T {
  return test('isInf', x);
}
