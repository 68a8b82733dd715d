// Whole numbers that point into an axis, checked before a kernel follows them.

import type { Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { castTo } from './dispatch.js';

/** An argument that must be int32: a cast would hide that 1.5 points nowhere. */
export function checkInt32(x: Tensor, argument: string, op: string): Tensor {
  if (x.dtype === 'int32') return x;
  throw new TypeError(`Argument '${argument}' passed to '${op}' must be int32 tensor, but got ${x.dtype} tensor`);
}

/**
 * Indices, each checked to be in [low, n).
 * @throws TypeError unless they are int32, RangeError that names the first one outside
 */
export function checkIndices(indices: Tensor, n: number, op: string, low = 0): Tensor {
  checkInt32(indices, 'indices', op);
  const at = kernels.int32.firstOutside(indices.storage.address, indices.size, low, n);
  if (at >= 0) {
    throw new RangeError(`${op}: indices must be in [${low}, ${n}), got ${indices.dataSync()[at]} at position ${at}`);
  }
  return indices;
}

/** Whether any of some int32 numbers is below 0. */
export const hasNegative = (x: Tensor): boolean =>
  kernels.int32.firstOutside(x.storage.address, x.size, 0, 2 ** 31 - 1) >= 0;

/**
 * Labels as int32, checked to be whole numbers from 0 to n − 1.
 * @throws RangeError that names the first one that is not
 */
export function classIndices(labels: Tensor, n: number, op: string): Tensor {
  const z = castTo(labels, 'int32');
  // A cast would make 2 of 2.5 and 0 of NaN: floats must come back from it as they were.
  if (labels.dtype !== 'int32' && labels.dtype !== 'bool') {
    const [before, after] = [labels.dataSync(), z.dataSync()];
    const at = before.findIndex((v: number, i: number) => v !== after[i]);
    if (at >= 0)
      throw new RangeError(`${op}: labels must be class numbers from 0 to ${n - 1}, got ${before[at]} at ${at}`);
  }
  const at = kernels.int32.firstOutside(z.storage.address, z.size, 0, n);
  if (at >= 0) {
    throw new RangeError(`${op}: labels must be class numbers from 0 to ${n - 1}, got ${z.dataSync()[at]} at ${at}`);
  }
  return z;
}
