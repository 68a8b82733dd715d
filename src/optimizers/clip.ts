// Gradients made no larger than they may be. Where they are small enough, each keeps its bits.

import { map, zip } from '../ops/dispatch.js';
import { add, cast, div, mul, sqrt } from '../ops/index.js';
import { fromData, type Tensor } from '../tensor.js';
import { squareSum } from './norm.js';
import type { Common } from './options.js';

/** What a gradient of this norm is multiplied by. */
const scaleOf = (norm: Tensor, limit: number): Tensor =>
  div(limit, zip('maximum', norm, fromData([limit], [], norm.dtype), 'maximum'));

/**
 * Gradients clipped as options say: by elements, by the norm of each, or by that of them all. Some ops are here by their
 * kernels alone: no gradient is asked for, and a bundle does without the comparisons in it.
 */
export function clip(gradients: readonly Tensor[], options: Readonly<Common>): readonly Tensor[] {
  const { clipValue, clipNorm, globalClipNorm } = options;
  if (clipValue !== null) return gradients.map((g) => map('clipByValue', g, g.dtype, -clipValue, clipValue));
  if (clipNorm !== null) return gradients.map((g) => mul(g, scaleOf(sqrt(squareSum(g)), clipNorm)));
  if (globalClipNorm === null || gradients.length === 0) return gradients;
  const norm = sqrt(gradients.map(squareSum).reduce((a, b) => add(a, b)));
  return gradients.map((g) => mul(g, cast(scaleOf(norm, globalClipNorm), g.dtype)));
}
