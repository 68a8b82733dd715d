// Chained methods: every op whose first argument is a tensor is also a method of Tensor. Methods and their
// types follow from the export lists of the families, so that an op and its method cannot drift apart.

import type { TensorLike } from '../convert.js';
import type { DataType } from '../dtype.js';
import type { Rank } from '../shape.js';
import { Tensor } from '../tensor.js';
import * as activation from './activation.js';
import * as arithmetic from './arithmetic.js';
import * as gather from './gather.js';
import * as like from './like.js';
import * as logical from './logical.js';
import * as math from './math.js';
import * as matmul from './matmul.js';
import * as reduction from './reduction.js';
import * as softmax from './softmax.js';
import * as transform from './transform.js';

type Elementwise = typeof activation & typeof math & typeof like;
type Others = typeof arithmetic &
  typeof gather &
  typeof logical &
  typeof matmul &
  typeof reduction &
  typeof softmax &
  typeof transform;

type Arguments<F> = F extends (x: never, ...rest: infer A) => unknown ? A : never;

/** The method of an op that returns one tensor: of `Same` type unless the caller knows better. */
type Method<F, Same extends Tensor> = F extends (...args: never[]) => Tensor
  ? <T extends Tensor = Same>(...args: Arguments<F>) => T
  : F extends (...args: never[]) => infer Result
    ? (...args: Arguments<F>) => Result
    : never;

export type Methods<Same extends Tensor> = {
  [K in keyof Elementwise]: Method<Elementwise[K], Same>;
} & {
  [K in Exclude<keyof Others, 'addN' | 'where'>]: Method<Others[K], Tensor>;
} & {
  /** This where the condition is true, b elsewhere. */
  where<T extends Tensor = Same>(condition: Tensor | TensorLike, b: Tensor | TensorLike): T;
};

declare module '../tensor.js' {
  interface Tensor<R extends Rank, D extends DataType> extends Methods<Tensor<R, D>> {}
}

/** Methods that take their arguments in another order than their op, or have no method. */
const special: Record<string, ((this: Tensor, ...args: never[]) => unknown) | undefined> = {
  addN: undefined,
  where(condition: Tensor, b: Tensor) {
    return logical.where(condition, this, b);
  },
};

for (const family of [activation, arithmetic, gather, like, logical, math, matmul, reduction, softmax, transform]) {
  for (const [name, op] of Object.entries(family) as [string, (...args: unknown[]) => unknown][]) {
    const value =
      name in special
        ? special[name]
        : function (this: Tensor, ...args: unknown[]) {
            return op(this, ...args);
          };
    if (value) Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true });
  }
}
