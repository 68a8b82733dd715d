// Whole numbers that point into an axis, checked before a kernel follows them.

import type { Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { castTo } from './dispatch.js';

/** Indices as int32, each checked to be in [0, n). */
export function checkIndices(indices: Tensor, n: number, op: string): Tensor {
  const $indices = castTo(indices, 'int32');
  const at = kernels.int32.firstOutside($indices.storage.address, $indices.size, 0, n);
  if (at >= 0) {
    throw new RangeError(`${op}: indices must be in [0, ${n}), got ${$indices.dataSync()[at]} at position ${at}`);
  }
  return $indices;
}

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
