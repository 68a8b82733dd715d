// Masks: which steps of a tensor count. A layer says so of its output, and the next one asks.

import type { Tensor } from '../tensor.js';
import type { CallOptions, OneOrMore } from './layer.js';

const masks = new WeakMap<Tensor, Tensor>();

/** @internal The mask of a tensor that a layer gave. */
export const maskOf = (x: Tensor): Tensor | undefined => masks.get(x);

/** Says which steps of a tensor count. */
export const setMask = (x: Tensor, mask: Tensor): void => void masks.set(x, mask);

/** The masks of inputs in their form; undefined where there is none. */
export function masksOf(inputs: OneOrMore<Tensor>): CallOptions['mask'] {
  if (!Array.isArray(inputs)) return masks.get(inputs as Tensor);
  return inputs.some((x) => masks.has(x)) ? inputs.map((x) => masks.get(x)) : undefined;
}

/** The masks of a layer's several inputs, as many as there are. @throws TypeError for one that is not in a list */
export function severalMasks(mask: CallOptions['mask'], name: string): readonly (Tensor | undefined)[] {
  if (mask === undefined) return [];
  if (Array.isArray(mask)) return mask as readonly (Tensor | undefined)[];
  throw new TypeError(`${name}: needs a list of masks, one for each input, got a single one`);
}
