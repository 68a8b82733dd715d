// Whole numbers that point into an axis, checked before a kernel follows them.

import { isFloat } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { castTo } from './dispatch.js';

/** Indices as int32, each checked to be a whole number in [0, n); `refuse` says what is wrong with the first that is not. */
function wholeBelow(indices: Tensor, n: number, refuse: (got: number, at: number) => string): Tensor {
  const z = castTo(indices, 'int32');
  // A cast makes 2 of 2.5 and 0 of NaN: floats must come out of it as they were.
  if (isFloat(indices.dtype)) {
    const [before, after] = [indices.dataSync(), z.dataSync()];
    const at = before.findIndex((v: number, i: number) => v !== after[i]);
    if (at >= 0) throw new RangeError(refuse(before[at]!, at));
  }
  const at = kernels.int32.firstOutside(z.storage.address, z.size, 0, n);
  if (at >= 0) throw new RangeError(refuse(z.dataSync()[at]!, at));
  return z;
}

/** Indices as int32, checked to be whole numbers in [0, n). */
export const checkIndices = (indices: Tensor, n: number, op: string): Tensor =>
  wholeBelow(indices, n, (got, at) => `${op}: indices must be in [0, ${n}), got ${got} at position ${at}`);

/** Labels as int32, checked to be whole numbers from 0 to n − 1. */
export const classIndices = (labels: Tensor, n: number, op: string): Tensor =>
  wholeBelow(labels, n, (got, at) => `${op}: labels must be class numbers from 0 to ${n - 1}, got ${got} at ${at}`);
