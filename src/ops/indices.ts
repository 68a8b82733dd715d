// Whole numbers that point into an axis, checked before a kernel follows them.

import { convert } from '../convert.js';
import { isFloat } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { kernels } from '../wasm/kernels.js';
import { isTracing } from '../wasm/trace.js';
import { castTo } from './dispatch.js';

/** A tensor that must be int32: a cast would hide that 1.5 points nowhere. */
export function checkInt32(x: Tensor, argument: string, op: string): Tensor {
  if (x.dtype === 'int32') return x;
  throw new TypeError(`Argument '${argument}' passed to '${op}' must be int32 tensor, but got ${x.dtype} tensor`);
}

/** An argument that must be int32: plain whole numbers become it. */
export const convertIndices = (x: unknown, argument: string, op: string): Tensor =>
  checkInt32(convert(x, argument, op, 'int32'), argument, op);

/** Where the first index stands that is outside [low, n); −1 if none is. A recorded step stops at one. */
function firstOutside(indices: Tensor, n: number, low = 0): number {
  const { address } = indices.storage;
  const at = kernels.int32.firstOutside(address, indices.size, low, n);
  if (at < 0 && isTracing()) kernels.int32.assertInside(address, indices.size, low, n);
  return at;
}

/**
 * Indices, each checked to be in [low, n).
 * @throws TypeError unless they are int32, RangeError that names the first one outside
 */
export function checkIndices(indices: Tensor, n: number, op: string, low = 0): Tensor {
  checkInt32(indices, 'indices', op);
  const at = firstOutside(indices, n, low);
  if (at >= 0) {
    throw new RangeError(`${op}: indices must be in [${low}, ${n}), got ${indices.peek()[at]} at position ${at}`);
  }
  return indices;
}

/**
 * Labels as int32, checked to be whole numbers from 0 to n − 1.
 * @throws RangeError that names the first one that is not
 */
export function classIndices(labels: Tensor, n: number, op: string): Tensor {
  const z = castTo(labels, 'int32');
  let at = firstOutside(z, n);
  // A cast makes 2 of 2.5 and 0 of NaN: floats must come out of it as they were. A replay leaves this check out.
  if (isFloat(labels.dtype)) {
    const after = z.peek();
    at = labels.peek().findIndex((v: number, i: number) => v !== after[i] || v < 0 || v >= n);
  }
  if (at < 0) return z;
  throw new RangeError(`${op}: labels must be class numbers from 0 to ${n - 1}, got ${labels.peek()[at]} at ${at}`);
}
