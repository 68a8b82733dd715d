// Samples: the rows of a tensor's first axis, in what order and how many at a time.

import { move } from '../ops/move.js';
import { randomUniform } from '../random/index.js';
import { tidy } from '../scope.js';
import { showShape, stridesOf } from '../shape.js';
import { Tensor } from '../tensor.js';

/** @throws TypeError unless x is a tensor, RangeError unless it has samples, Error if it is disposed of */
export function checkSamples(x: unknown, name: string, op: string): asserts x is Tensor {
  if (!(x instanceof Tensor)) {
    throw new TypeError(`${op}: ${name} must be a tensor, got ${x === null ? 'null' : typeof x}`);
  }
  x.throwIfDisposed();
  if (x.rank === 0 || x.shape[0] === 0) {
    throw new RangeError(`${op}: ${name} needs at least one sample, got shape ${showShape(x.shape)}`);
  }
}

/** n samples as they come. */
export const naturalOrder = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

/** A random order of n samples (Fisher & Yates), drawn from the program's stream. */
export function randomOrder(n: number): Int32Array {
  const order = naturalOrder(n);
  const draws = tidy(() => randomUniform([n], 0, 2 ** 31 - 1, 'int32').dataSync());
  for (let i = n - 1; i > 0; i--) {
    const j = draws[i]! % (i + 1);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** `count` samples from `begin` on. */
export function rowsBetween(x: Tensor, begin: number, count: number): Tensor {
  const strides = stridesOf(x.shape);
  return move(x, [count, ...x.shape.slice(1)], { offset: begin * strides[0]!, strides });
}
