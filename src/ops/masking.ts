// From booleans to positions. The shape of a result depends on the values, so these ops read them and are
// asynchronous, as in TensorFlow.js.

import { convert, convertBool, type TensorLike } from '../convert.js';
import { normalizeAxis, sameShape, sizeOf, stridesOf } from '../shape.js';
import { fromData, type Tensor, type Tensor2D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { gather } from './gather.js';
import { reshape } from './transform.js';

/** The positions of the true elements, in row-major order. */
function truePositions(mask: Tensor): number[] {
  const found: number[] = [];
  mask.dataSync().forEach((v: number, i: number) => {
    if (v) found.push(i);
  });
  return found;
}

/**
 * The coordinates of the true elements, in row-major order.
 *
 * @param condition - booleans of any shape
 * @returns int32 of shape [count, rank]
 * @example
 * (await whereAsync(tensor1d([false, true, true], 'bool'))).print();  // [[1], [2]]
 */
export async function whereAsync(condition: Tensor | TensorLike): Promise<Tensor2D> {
  return scoped(() => {
    const $condition = convertBool(condition, 'condition', 'whereAsync');
    const positions = truePositions($condition);
    const strides = stridesOf($condition.shape);
    const coordinates = positions.flatMap((at) =>
      strides.map((step, axis) => Math.floor(at / step) % $condition.shape[axis]!),
    );
    return fromData(coordinates, [positions.length, $condition.rank], 'int32');
  }) as Tensor2D;
}

/**
 * The slices of a tensor where a mask is true.
 *
 * @param mask - booleans of the shape of as many axes as it has, from `axis` on
 * @returns the shape with those axes replaced by one, of the number of true elements
 * @throws RangeError for a scalar mask or one of another shape
 * @example
 * (await booleanMaskAsync(tensor1d([1, 2, 3]), tensor1d([1, 0, 1], 'bool'))).print();  // [1, 3]
 */
export async function booleanMaskAsync(
  tensor: Tensor | TensorLike,
  mask: Tensor | TensorLike,
  axis = 0,
): Promise<Tensor> {
  return scoped(() => {
    const $x = convert(tensor, 'tensor', 'boolMask');
    const $mask = convertBool(mask, 'mask', 'boolMask');
    if ($mask.rank === 0) throw new RangeError('mask cannot be scalar');
    const first = normalizeAxis(axis, $x.rank, 'booleanMaskAsync');
    const masked = $x.shape.slice(first, first + $mask.rank);
    if (!sameShape(masked, $mask.shape)) {
      throw new RangeError(
        `mask's shape must match the first K dimensions of tensor's shape, Shapes ${masked} and ${$mask.shape} must match`,
      );
    }
    const together = [...$x.shape.slice(0, first), sizeOf(masked), ...$x.shape.slice(first + $mask.rank)];
    const positions = truePositions($mask);
    return gather(reshape($x, together), fromData(positions, [positions.length], 'int32'), first);
  });
}
