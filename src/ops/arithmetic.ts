// Arithmetic on two operands that broadcast by NumPy's rule. Mixed dtypes widen in the order bool, int32,
// float32, float64; a plain number is float32, or float64 beside a float64 tensor.

import { convertArray, type TensorLike } from '../convert.js';
import { isFloat } from '../dtype.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { special } from '../wasm/kernels.js';
import { binary, castTo, convertNumeric, scoped } from './dispatch.js';
import { zerosLike } from './like.js';
import { greater, greaterEqual, less, lessEqual, where } from './logical.js';
import { floor, log, neg, square } from './math.js';

/**
 * a + b.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * add(tensor1d([1, 2]), 10).print();  // [11, 12]
 */
export function add<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'add',
    a,
    b,
    (dy) => dy,
    (dy) => dy,
    undefined,
    () => [],
  );
}

/**
 * a − b.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * sub(tensor1d([1, 2]), 10).print();  // [-9, -8]
 */
export function sub<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'sub',
    a,
    b,
    (dy) => dy,
    (dy) => neg(dy),
    undefined,
    () => [],
  );
}

/**
 * a · b, element by element.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * mul(tensor1d([1, 2]), 10).print();  // [10, 20]
 */
export function mul<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'mul',
    a,
    b,
    (dy, _a, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
    undefined,
    (a, b) => [a, b],
  );
}

/**
 * a / b; for two int32 operands ⌊a / b⌋, as in TensorFlow.js.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * div(tensor1d([1, 2]), 10).print();  // [0.1, 0.2]
 */
export function div<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return scoped(() => {
    const [$a, $b, dtype] = convertNumeric(a, b, 'div');
    if (!isFloat(dtype)) return floorDiv($a, $b);
    return binary(
      'div',
      $a,
      $b,
      (dy, _a, b) => div(dy, b),
      (dy, _a, b, y) => neg(mul(dy, div(y, b))),
    );
  }) as T;
}

/**
 * a / b, but 0 where b is 0.
 *
 * @returns the shape to which a and b broadcast; floats
 * @throws RangeError if the shapes do not broadcast
 * @example
 * divNoNan(tensor1d([1, 2]), tensor1d([2, 0])).print();  // [0.5, 0]
 */
export function divNoNan<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return scoped(() => {
    const [$a, $b, dtype] = convertNumeric(a, b, 'divNoNan');
    const float = isFloat(dtype) ? dtype : 'float32';
    return binary(
      'divNoNan',
      castTo($a, float),
      castTo($b, float),
      (dy, _a, b) => divNoNan(dy, b),
      (dy, _a, b, y) => neg(mul(dy, divNoNan(y, b))),
    );
  }) as T;
}

/**
 * ⌊a / b⌋. Its gradient is 0 wherever it exists.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * floorDiv(tensor1d([5, -5]), 3).print();  // [1, -2]
 */
export function floorDiv<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'floorDiv',
    a,
    b,
    (_dy, _a, _b, y) => zerosLike(y),
    (_dy, _a, _b, y) => zerosLike(y),
  );
}

/**
 * a − b · ⌊a / b⌋: the remainder with the sign of b.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * mod(tensor1d([5, -5]), 3).print();  // [2, 1]
 */
export function mod<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'mod',
    a,
    b,
    (dy) => dy,
    (dy, a, b) => neg(mul(dy, floor(div(a, b)))),
  );
}

/**
 * aᵇ. The gradient with respect to b is 0 where a is not positive.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * pow(tensor1d([2, 3]), 2).print();  // [4, 9]
 */
export function pow<T extends Tensor>(base: Tensor | TensorLike, exp: Tensor | TensorLike): T {
  return binary(
    special.op('pow'),
    base,
    exp,
    (dy, a, b) => mul(dy, mul(b, pow(a, sub(b, 1)))),
    (dy, a, _b, y) => mul(dy, mul(y, where(greater(a, 0), log(a), zerosLike(a)))),
    ['base', 'exp'],
  );
}

/**
 * The greater of a and b; NaN if either is.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * maximum(tensor1d([1, 4]), tensor1d([3, 2])).print();  // [3, 4]
 */
export function maximum<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'maximum',
    a,
    b,
    (dy, a, b) => mul(dy, castTo(greaterEqual(a, b), dy.dtype)),
    (dy, a, b) => mul(dy, castTo(less(a, b), dy.dtype)),
  );
}

/**
 * The lesser of a and b; NaN if either is.
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * minimum(tensor1d([1, 4]), tensor1d([3, 2])).print();  // [1, 2]
 */
export function minimum<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'minimum',
    a,
    b,
    (dy, a, b) => mul(dy, castTo(lessEqual(a, b), dy.dtype)),
    (dy, a, b) => mul(dy, castTo(greater(a, b), dy.dtype)),
  );
}

/**
 * (a − b)².
 *
 * @returns the shape to which a and b broadcast, in the wider of their dtypes
 * @throws RangeError if the shapes do not broadcast
 * @example
 * squaredDifference(tensor1d([1, 4]), 3).print();  // [4, 1]
 */
export function squaredDifference<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return binary(
    'squaredDifference',
    a,
    b,
    (dy, a, b) => mul(dy, mul(2, sub(a, b))),
    (dy, a, b) => mul(dy, mul(2, sub(b, a))),
  );
}

/**
 * The angle of the point (b, a) in radians, from −π to π.
 *
 * @returns the shape to which a and b broadcast; floats
 * @throws RangeError if the shapes do not broadcast
 * @example
 * atan2(tensor1d([1, -1]), tensor1d([0, -1])).print();  // [1.5707964, -2.3561945]
 */
export function atan2<T extends Tensor>(a: Tensor | TensorLike, b: Tensor | TensorLike): T {
  return scoped(() => {
    const [$a, $b, dtype] = convertNumeric(a, b, 'atan2');
    const float = isFloat(dtype) ? dtype : 'float32';
    return binary(
      special.op('atan2'),
      castTo($a, float),
      castTo($b, float),
      (dy, a, b) => mul(dy, div(b, add(square(a), square(b)))),
      (dy, a, b) => neg(mul(dy, div(a, add(square(a), square(b))))),
    );
  }) as T;
}

/**
 * The sum of tensors of one shape and dtype.
 *
 * @throws TypeError if they are not an array, RangeError if it is empty or shapes differ
 * @example
 * addN([tensor1d([1, 2]), tensor1d([10, 20]), tensor1d([100, 200])]).print();  // [111, 222]
 */
export function addN<T extends Tensor>(tensors: readonly (T | TensorLike)[]): T {
  if (!Array.isArray(tensors)) throw new TypeError('The argument passed to tf.addN() must be a list of tensors');
  if (tensors.length < 1) {
    throw new RangeError(`Must pass at least one tensor to tf.addN(), but got ${tensors.length}`);
  }
  return scoped(() => {
    const all = convertArray(tensors, 'tensors', 'addN');
    const first = all[0]!;
    for (const t of all) {
      if (t.dtype !== first.dtype) throw new TypeError('All tensors passed to tf.addN() must have the same dtype');
      if (!sameShape(t.shape, first.shape)) {
        throw new RangeError('All tensors passed to tf.addN() must have the same shape');
      }
    }
    let total = first;
    for (const t of all.slice(1)) total = add(total, t);
    return all.length === 1 ? add(first, zerosLike(first)) : total;
  }) as T;
}
