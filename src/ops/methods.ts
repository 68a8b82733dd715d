// Chained methods: every op whose first argument is a tensor is also a method of Tensor. Methods and their
// types follow from the export lists of the families, so that an op and its method cannot drift apart.

import type { TensorLike } from '../convert.js';
import type { DataType } from '../dtype.js';
import type { Rank } from '../shape.js';
import { Tensor } from '../tensor.js';
import { type Variable, variable } from '../variable.js';
import type * as activation from './activation.js';
import * as chained from './chained.js';
import { buffer, type TensorBuffer } from './creation.js';
import { concat, stack } from './joining.js';
import type * as like from './like.js';
import { where } from './logical.js';
import type * as math from './math.js';

type Elementwise = typeof activation & typeof math & typeof like;

type Arguments<F> = F extends (x: never, ...rest: infer A) => unknown ? A : never;

/** The method of an op that returns one tensor: of `Same` type unless the caller knows better. */
type Method<F, Same extends Tensor> = F extends (...args: never[]) => Tensor
  ? <T extends Tensor = Same>(...args: Arguments<F>) => T
  : F extends (...args: never[]) => infer Result
    ? (...args: Arguments<F>) => Result
    : never;

/** The ops that are methods, as their families type them. */
export type Methods<Same extends Tensor> = {
  [K in keyof Elementwise]: Method<Elementwise[K], Same>;
} & {
  [K in Exclude<keyof typeof chained, keyof Elementwise | 'addN' | 'where'>]: Method<(typeof chained)[K], Tensor>;
};

/** Methods that take their arguments in another order than their op, or have none. */
export interface OtherMethods<R extends Rank, D extends DataType> {
  /**
   * This and other tensors one after the other along an axis.
   *
   * @throws as {@link concat} does
   * @example
   * tensor1d([1, 2]).concat(tensor1d([3])).print();  // [1, 2, 3]
   */
  concat<T extends Tensor = Tensor<R, D>>(others: T | readonly T[], axis?: number): T;
  /**
   * This and other tensors of its shape side by side along a new axis.
   *
   * @throws as {@link stack} does
   * @example
   * tensor1d([1, 2]).stack(tensor1d([3, 4])).print();  // [[1, 2], [3, 4]]
   */
  stack(others: Tensor | readonly Tensor[], axis?: number): Tensor;
  /**
   * This where the condition is true, b elsewhere.
   *
   * @throws as {@link where} does
   * @example
   * tensor1d([1, 2]).where(tensor1d([true, false]), 0).print();  // [1, 0]
   */
  where<T extends Tensor = Tensor<R, D>>(condition: Tensor | TensorLike, b: Tensor | TensorLike): T;
  /** A copy of the elements that can be read and set one by one. */
  buffer(): Promise<TensorBuffer<R, D>>;
  /**
   * A copy of the elements that can be read and set one by one.
   *
   * @example
   * tensor2d([[1, 2], [3, 4]]).bufferSync().get(1, 0);  // 3
   */
  bufferSync(): TensorBuffer<R, D>;
  /** A variable with these elements: {@link variable} as a method. */
  variable(trainable?: boolean, name?: string, dtype?: DataType): Variable<R, D>;
}

declare module '../tensor.js' {
  interface Tensor<R extends Rank, D extends DataType> extends Methods<Tensor<R, D>>, OtherMethods<R, D> {}
}

const others: Record<string, (this: Tensor, ...args: never[]) => unknown> = {
  concat(others: Tensor | Tensor[], axis?: number) {
    return concat([this, ...[others].flat()], axis);
  },
  stack(others: Tensor | Tensor[], axis?: number) {
    return stack([this, ...[others].flat()], axis);
  },
  async buffer() {
    return this.bufferSync();
  },
  bufferSync() {
    return buffer(this.shape, this.dtype, this.dataSync());
  },
  variable(trainable?: boolean, name?: string, dtype?: DataType) {
    return variable(this, trainable, name, dtype);
  },
  where(condition: Tensor, b: Tensor) {
    return where(condition, this, b);
  },
};

const define = (name: string, value: unknown) =>
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });

for (const [name, op] of Object.entries(chained) as [string, (...args: unknown[]) => unknown][]) {
  if (name === 'addN') continue;
  define(name, function (this: Tensor, ...args: unknown[]) {
    return op(this, ...args);
  });
}
for (const [name, method] of Object.entries(others)) define(name, method);
