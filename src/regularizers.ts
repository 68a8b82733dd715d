// Penalties that training adds to the loss, by TensorFlow.js's names: functions of a tensor, weights or a layer's
// output, that return a scalar.

import { checkFinite } from './check.js';
import { described } from './named.js';
import { scoped } from './ops/dispatch.js';
import { abs, add, eye, fill, matMul, maximum, mul, rsqrt, square, sub, sum } from './ops/index.js';
import { showShape } from './shape.js';
import type { Tensor } from './tensor.js';

/** Makes a penalty of weights or of a layer's output. */
export type Regularizer = (x: Tensor) => Tensor;

function checkFactor(x: unknown, name: string, op: string): void {
  checkFinite(x, name, `regularizers.${op}`);
  if (!(x >= 0)) throw new RangeError(`regularizers.${op}: ${name} must be 0 or more, got ${x}`);
}

/** Factors of both penalties; without a factor there is no penalty of that kind. */
const penalty = (l1: number, l2: number): Regularizer =>
  described('L1L2', { l1, l2 }, (x) =>
    scoped(() => {
      const terms = [...(l1 ? [mul(l1, sum(abs(x)))] : []), ...(l2 ? [mul(l2, sum(square(x)))] : [])];
      return terms.length === 0 ? fill([], 0, x.dtype) : terms.reduce((a, b) => add(a, b));
    }),
  );

/**
 * l1 · Σ |x|, which draws elements to 0.
 *
 * @param options - l1, 0.01 if absent
 * @throws RangeError unless it is 0 or more
 * @example
 * regularizers.l1({ l1: 0.5 })(tensor1d([1, -3])).print();  // 2
 */
export function l1({ l1 = 0.01 }: { l1?: number } = {}): Regularizer {
  checkFactor(l1, 'l1', 'l1');
  return penalty(l1, 0);
}

/**
 * l2 · Σ x², which keeps elements small.
 *
 * @param options - l2, 0.01 if absent
 * @throws RangeError unless it is 0 or more
 * @example
 * regularizers.l2({ l2: 0.5 })(tensor1d([1, -3])).print();  // 5
 */
export function l2({ l2 = 0.01 }: { l2?: number } = {}): Regularizer {
  checkFactor(l2, 'l2', 'l2');
  return penalty(0, l2);
}

/**
 * l1 · Σ |x| + l2 · Σ x² (elastic net, Zou & Hastie 2005).
 *
 * @param options - l1 and l2, each 0.01 if absent, as in TensorFlow.js
 * @throws RangeError unless both are 0 or more
 * @differs from Keras, where both are 0 if absent: here 0.01, as in TensorFlow.js
 * @example
 * regularizers.l1l2({ l1: 0.5, l2: 0.1 })(tensor1d([1, -3])).print();  // 3
 */
export function l1l2({ l1 = 0.01, l2 = 0.01 }: { l1?: number; l2?: number } = {}): Regularizer {
  checkFactor(l1, 'l1', 'l1l2');
  checkFactor(l2, 'l2', 'l1l2');
  return penalty(l1, l2);
}

/**
 * `factor` times the mean |cosine| between different rows, or columns, of a matrix, which draws them to right angles. A
 * single row has no other: its penalty is 0.
 *
 * @param options - factor, 0.01 if absent; mode, 'rows' (the default) or 'columns'
 * @throws RangeError unless factor is 0 or more, for another mode, and from the regularizer unless x is a matrix
 * @example
 * regularizers.orthogonal({ factor: 1 })(tensor2d([[3, 4], [1, 0]])).print();  // 0.6
 * @see Keras, OrthogonalRegularizer
 */
export function orthogonal({
  factor = 0.01,
  mode = 'rows',
}: {
  factor?: number;
  mode?: 'rows' | 'columns';
} = {}): Regularizer {
  checkFactor(factor, 'factor', 'orthogonal');
  if (mode !== 'rows' && mode !== 'columns') {
    throw new RangeError(`regularizers.orthogonal: mode must be rows or columns, got ${mode}`);
  }
  return described('OrthogonalRegularizer', { factor, mode }, (x) =>
    scoped(() => {
      if (x.rank !== 2) throw new RangeError(`regularizers.orthogonal: needs a matrix, got ${showShape(x.shape)}`);
      const byRow = mode === 'rows';
      const n = x.shape[byRow ? 0 : 1]!;
      // Vectors of length 1, but that those shorter than 1e-7 stay short.
      const unit = mul(x, rsqrt(maximum(sum(square(x), byRow ? 1 : 0, true), 1e-14)));
      const cosines = matMul(unit, unit, !byRow, byRow);
      const others = mul(cosines, sub(1, eye(n, n, null, x.dtype as 'float32')));
      return mul(sum(abs(others)), factor / Math.max(1, n * (n - 1)));
    }),
  );
}
