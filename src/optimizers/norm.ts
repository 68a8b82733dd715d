// Sums of squares, of which norms are made.

import type { FloatType } from '../dtype.js';
import { sum } from '../ops/index.js';
import { empty, type Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';

/** Elements in a block of assembly/optimizers.ts. */
const BLOCK = 1024;

/** Room for a sum per block of x. */
export const emptySums = (x: Tensor): Tensor => empty([Math.ceil(x.size / BLOCK)], x.dtype);

/** Σ x² as a scalar: block by block, then the sum of these. No gradient. */
export function squareSum(x: Tensor): Tensor {
  const sums = emptySums(x);
  kernels[x.dtype as FloatType].squareSums(x.storage.address, sums.storage.address, x.size);
  return sum(sums);
}
