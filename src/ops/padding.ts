// Tensors made larger: with a constant or their own mirror image around them, or repeated.

import { convert, type TensorLike } from '../convert.js';
import { checkShape, withSize } from '../shape.js';
import { alias } from '../tape.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { concat } from './joining.js';
import { slice } from './slicing.js';
import { broadcastTo, reshape, reverse } from './transform.js';
import { blockAt, place } from './window.js';

/** How many elements come before and after, for one axis. */
type Padding = readonly [before: number, after: number] | readonly number[];

function checkPaddings(x: Tensor, paddings: readonly Padding[], op: string): void {
  if (x.rank === 0) throw new RangeError(`${op}(scalar) is not defined. Pass non-scalar to ${op}`);
  if (!Array.isArray(paddings)) throw new TypeError(`${op}: paddings must be an array, got ${typeof paddings}`);
  if (paddings.length !== x.rank) {
    throw new RangeError(`${op}: Padding doesn't match input. Must be ${x.rank}. Got ${paddings.length}.`);
  }
  for (const padding of paddings) {
    if (padding.length !== 2 || !padding.every((n: number) => Number.isInteger(n) && n >= 0)) {
      throw new RangeError(
        `${op}: Invalid number of paddings. Must be length of 2 each, of whole numbers from 0 up, got [${padding}].`,
      );
    }
  }
}

/**
 * x with a constant around it.
 *
 * @param paddings - for each axis, how many elements come [before, after]
 * @param constantValue - absent: 0
 * @throws RangeError for a scalar, or if there is not one pair for each axis
 * @example
 * pad(tensor1d([1, 2]), [[1, 2]]).print();  // [0, 1, 2, 0, 0]
 */
export function pad<T extends Tensor>(x: T | TensorLike, paddings: readonly Padding[], constantValue = 0): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'pad');
    checkPaddings($x, paddings, 'pad');
    const shape = $x.shape.map((n: number, i: number) => paddings[i]![0]! + n + paddings[i]![1]!);
    const begin = paddings.map(([before]) => before!);
    return place($x, shape, blockAt(begin, shape), constantValue);
  }) as T;
}

/**
 * {@link pad} of a vector: [before, after].
 *
 * @throws as pad does
 * @example
 * pad1d(tensor1d([1, 2]), [1, 2]).print();  // [0, 1, 2, 0, 0]
 */
export const pad1d = (x: Tensor1D | TensorLike, paddings: Padding, constantValue = 0): Tensor1D =>
  pad<Tensor1D>(x, [paddings], constantValue);
/**
 * {@link pad} of a matrix.
 *
 * @throws as pad does
 * @example
 * pad2d(tensor2d([[1, 2]]), [[0, 1], [0, 0]], 9).print();  // [[1, 2], [9, 9]]
 */
export const pad2d: (x: Tensor2D | TensorLike, paddings: readonly Padding[], constantValue?: number) => Tensor2D = pad;
/**
 * {@link pad} of a tensor of three axes.
 *
 * @throws as pad does
 * @example
 * pad3d(ones([2, 2, 1]), [[1, 1], [1, 1], [0, 0]]).shape;  // [4, 4, 1]
 */
export const pad3d: (x: Tensor3D | TensorLike, paddings: readonly Padding[], constantValue?: number) => Tensor3D = pad;
/**
 * {@link pad} of a tensor of four axes.
 *
 * @throws as pad does
 * @example
 * pad4d(ones([1, 2, 2, 1]), [[0, 0], [1, 1], [1, 1], [0, 0]]).shape;  // [1, 4, 4, 1]
 */
export const pad4d: (x: Tensor4D | TensorLike, paddings: readonly Padding[], constantValue?: number) => Tensor4D = pad;

/**
 * x with its mirror image around it.
 *
 * @param paddings - for each axis, how many elements come [before, after]
 * @param mode - 'reflect' leaves out the outermost element, 'symmetric' repeats it
 * @throws RangeError for another mode, or if a padding is longer than what there is to mirror
 * @example
 * mirrorPad(tensor1d([1, 2, 3]), [[2, 0]], 'reflect').print();  // [3, 2, 1, 2, 3]
 */
export function mirrorPad<T extends Tensor>(
  x: T | TensorLike,
  paddings: readonly Padding[],
  mode: 'reflect' | 'symmetric',
): T {
  return scoped(() => {
    if (mode !== 'reflect' && mode !== 'symmetric') {
      throw new RangeError(`mirrorPad: Invalid mode. Mode must be either reflect or symmetric. Got ${mode}.`);
    }
    const $x = convert(x, 'x', 'mirrorPad');
    checkPaddings($x, paddings, 'mirrorPad');
    const skip = mode === 'reflect' ? 1 : 0;
    paddings.forEach((padding, axis) => {
      const most = $x.shape[axis]! - skip;
      if (padding.some((n) => n > most)) {
        throw new RangeError(
          `mirrorPad: Padding in dimension ${axis} cannot be greater than ${most} or less than 0 for input of shape ${$x.shape}`,
        );
      }
    });
    // One axis after the other, so that corners are mirrored twice.
    return paddings.reduce<Tensor>((y, [before, after], axis) => {
      const n = y.shape[axis]!;
      const image = (from: number, size: number) => {
        const begin = y.shape.map((_: number, i: number) => (i === axis ? from : 0));
        return reverse(slice(y, begin, withSize(y.shape, axis, size)), axis);
      };
      return before || after ? concat([image(skip, before!), y, image(n - skip - after!, after!)], axis) : y;
    }, alias($x));
  }) as T;
}

/**
 * x repeated along each axis.
 *
 * @param reps - how often, for each axis
 * @throws RangeError if there is not one number for each axis
 * @example
 * tile(tensor1d([1, 2]), [2]).print();  // [1, 2, 1, 2]
 */
export function tile<T extends Tensor>(x: T | TensorLike, reps: readonly number[]): T {
  return scoped(() => {
    const $x = convert(x, 'x', 'tile');
    if (reps.length !== $x.rank) {
      throw new RangeError(`tile: rank of input ${$x.rank} must match length of reps ${reps}.`);
    }
    checkShape(reps, 'tile');
    // Each axis of n becomes [1, n], is broadcast to [times, n], and is one axis again.
    const once = reshape(
      $x,
      $x.shape.flatMap((n: number) => [1, n]),
    );
    const repeated = broadcastTo(
      once,
      $x.shape.flatMap((n: number, i: number) => [reps[i]!, n]),
    );
    return reshape(
      repeated,
      $x.shape.map((n: number, i: number) => n * reps[i]!),
    );
  }) as T;
}
