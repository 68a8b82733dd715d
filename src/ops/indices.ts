// Whole numbers that point into an axis, checked before a kernel follows them.

import { convert } from '../convert.js';
import { isFloat } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { castTo } from './dispatch.js';

/**
 * An argument that must be int32: whole numbers as they are, plain ones as int32.
 * @throws TypeError for another dtype: a cast would hide a mistake
 */
export function convertIndices(x: unknown, argument: string, op: string): Tensor {
  const indices = convert(x, argument, op, 'int32');
  if (indices.dtype !== 'int32') {
    throw new TypeError(
      `Argument '${argument}' passed to '${op}' must be int32 tensor, but got ${indices.dtype} tensor`,
    );
  }
  return indices;
}

/** Where the first index stands that is outside [0, n); −1 if none is. */
const firstOutside = (indices: Tensor, n: number): number =>
  kernels.int32.firstOutside(indices.storage.address, indices.size, 0, n);

/**
 * Checks that int32 indices are in [0, n).
 * @throws RangeError that names the first one that is not
 */
export function checkIndices(indices: Tensor, n: number, op: string): Tensor {
  const at = firstOutside(indices, n);
  if (at < 0) return indices;
  throw new RangeError(`${op}: indices must be in [0, ${n}), got ${indices.dataSync()[at]} at position ${at}`);
}

/**
 * Labels as int32, checked to be whole numbers from 0 to n − 1.
 * @throws RangeError that names the first one that is not
 */
export function classIndices(labels: Tensor, n: number, op: string): Tensor {
  const z = castTo(labels, 'int32');
  let at = firstOutside(z, n);
  // A cast makes 2 of 2.5 and 0 of NaN: floats must come out of it as they were.
  if (isFloat(labels.dtype)) {
    const after = z.dataSync();
    at = labels.dataSync().findIndex((v: number, i: number) => v !== after[i] || v < 0 || v >= n);
  }
  if (at < 0) return z;
  throw new RangeError(`${op}: labels must be class numbers from 0 to ${n - 1}, got ${labels.dataSync()[at]} at ${at}`);
}
