// Constants in the shape of another tensor.

import { convert, type TensorLike } from '../convert.js';
import { record } from '../tape.js';
import type { Tensor } from '../tensor.js';
import { fill } from './creation.js';
import { scoped } from './dispatch.js';

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @param x - of any shape and dtype
 * @example
 * zerosLike(tensor1d([1, 2])).print();  // [0, 0]
 */
export function zerosLike<T extends Tensor>(x: T | TensorLike): T {
  return constantLike(x, 0, 'zerosLike') as T;
}

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @param x - of any shape and dtype
 * @example
 * onesLike(tensor1d([5, 6])).print();  // [1, 1]
 */
export function onesLike<T extends Tensor>(x: T | TensorLike): T {
  return constantLike(x, 1, 'onesLike') as T;
}

/** A constant in x's shape: its derivative is 0, which is not the same as no path to x. */
function constantLike(x: Tensor | TensorLike, value: number, op: string): Tensor {
  return scoped(() => {
    const $x = convert(x, 'x', op);
    return record(fill($x.shape, value, $x.dtype), [$x], [(dy) => fill(dy.shape, 0, dy.dtype)]);
  });
}
