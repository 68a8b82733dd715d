// Of boxes that overlap, the best: non-maximum suppression. How many are left depends on the scores, which must be read
// to know it; padded to a size they need not be, so that only this can be part of a recorded step.

import { checkCount } from '../check.js';
import type { TensorLike } from '../convert.js';
import { type FloatType, upcastType } from '../dtype.js';
import { empty, type Tensor, type Tensor1D, type Tensor2D } from '../tensor.js';
import { image as kernels } from '../wasm/kernels.js';
import { castTo, kernel, scoped } from './dispatch.js';
import { convertFloats } from './images.js';
import { slice } from './slicing.js';

interface Boxes {
  boxes: Tensor2D | TensorLike;
  scores: Tensor1D | TensorLike;
  maxOutputSize: number;
  iouThreshold: number | undefined;
  scoreThreshold: number | undefined;
  softNmsSigma?: number | undefined;
}

/** The chosen boxes' indices and scores, with zeros behind them, and how many they are. */
function suppress(options: Boxes, op: string): [indices: Tensor, scores: Tensor, count: Tensor] {
  const iouThreshold = options.iouThreshold ?? 0.5;
  const scoreThreshold = options.scoreThreshold ?? Number.NEGATIVE_INFINITY;
  const sigma = options.softNmsSigma ?? 0;
  const $boxes = convertFloats(options.boxes, 'boxes', op);
  const $scores = convertFloats(options.scores, 'scores', op);
  const n = $boxes.shape[0]!;
  if (!(iouThreshold >= 0 && iouThreshold <= 1)) {
    throw new RangeError(`${op}: iouThreshold must be in [0, 1], but was '${iouThreshold}'`);
  }
  if ($boxes.rank !== 2) throw new RangeError(`${op}: boxes must be a 2D tensor, but was of rank '${$boxes.rank}'`);
  if ($boxes.shape[1] !== 4) {
    throw new RangeError(`${op}: boxes must have 4 columns, but 2nd dimension was ${$boxes.shape[1]}`);
  }
  if ($scores.rank !== 1) throw new RangeError(`${op}: scores must be a 1D tensor, but was of rank '${$scores.rank}'`);
  if ($scores.size !== n) {
    throw new RangeError(`${op}: scores has incompatible shape with boxes. Expected ${n}, but was ${$scores.size}`);
  }
  if (!(sigma >= 0 && sigma <= 1)) {
    throw new RangeError(`${op}: softNmsSigma must be in [0, 1], but was '${sigma}'`);
  }
  if (typeof scoreThreshold !== 'number' || Number.isNaN(scoreThreshold)) {
    throw new TypeError(`${op}: scoreThreshold must be a number, got ${scoreThreshold}`);
  }
  checkCount(options.maxOutputSize, 0, 'maxOutputSize', op);
  const dtype = upcastType($boxes.dtype, $scores.dtype) as FloatType;
  const [from, weights] = [castTo($boxes, dtype), castTo($scores, dtype)];
  const most = Math.min(options.maxOutputSize, n);
  const [indices, chosen, count] = [empty([most], 'int32'), empty([most], dtype), empty([], 'int32')];
  const blocks = [from, weights, empty([n], 'float64'), indices, chosen, count];
  const call = kernel(kernels.op('suppress'), dtype);
  const addresses = blocks.map(({ storage }) => storage.address);
  call(...addresses, n, most, iouThreshold, scoreThreshold, sigma > 0 ? -0.5 / sigma : 0);
  return [indices, chosen, count];
}

/** As many of the first elements as were chosen. */
const found = (x: Tensor, count: Tensor): Tensor => slice(x, 0, count.dataSync()[0]!);

/**
 * The boxes that are left where of those that overlap only the one of the highest score is: their indices, the best
 * first, equal ones in order.
 *
 * @param boxes - [n, 4]: [y1, x1, y2, x2] for each, two opposite corners
 * @param scores - [n]
 * @param maxOutputSize - at most so many
 * @param iouThreshold - a box goes when it shares this much of its union with a better one; 0.5 if absent
 * @param scoreThreshold - only higher scores count; any if absent
 * @returns int32, one number for each box that is left
 * @throws TypeError for tensors that are not floats; RangeError for other shapes, or numbers outside their range
 * @example
 * image.nonMaxSuppression([[0, 0, 1, 1], [0, 0, 1, 1.1], [5, 5, 6, 6]], [0.6, 0.9, 0.7], 3).print();  // [1, 2]
 */
export function nonMaxSuppression(
  boxes: Tensor2D | TensorLike,
  scores: Tensor1D | TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
): Tensor1D {
  return scoped(() => {
    const options = { boxes, scores, maxOutputSize, iouThreshold, scoreThreshold };
    const [indices, , count] = suppress(options, 'nonMaxSuppression');
    return found(indices, count);
  }) as Tensor1D;
}

/**
 * {@link nonMaxSuppression} with the scores of the boxes that are left. With softNmsSigma a box that overlaps a better
 * one does not go at once: its score is multiplied by exp(−overlap² / (2·softNmsSigma)), and it is looked at again
 * (Bodla et al. 2017).
 *
 * @param softNmsSigma - from 0, which leaves scores as they are, to 1
 * @throws TypeError for tensors that are not floats; RangeError for other shapes, or numbers outside their range
 * @example
 * image.nonMaxSuppressionWithScore([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.75], 2).selectedScores.print();  // [0.75, 0.5]
 */
export function nonMaxSuppressionWithScore(
  boxes: Tensor2D | TensorLike,
  scores: Tensor1D | TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
  softNmsSigma?: number,
): { selectedIndices: Tensor1D; selectedScores: Tensor1D } {
  const [selectedIndices, selectedScores] = scoped(() => {
    const options = { boxes, scores, maxOutputSize, iouThreshold, scoreThreshold, softNmsSigma };
    const [indices, chosen, count] = suppress(options, 'nonMaxSuppressionWithScore');
    return [found(indices, count), found(chosen, count)];
  }) as [Tensor1D, Tensor1D];
  return { selectedIndices, selectedScores };
}

/**
 * {@link nonMaxSuppression} with the number of boxes that are left, and zeros behind their indices if wanted. With
 * them it reads nothing, so that a recorded step may do it.
 *
 * @param padToMaxOutputSize - whether there are maxOutputSize indices (or n, if that is less), valid or not
 * @throws TypeError for tensors that are not floats; RangeError for other shapes, or numbers outside their range
 * @example
 * const boxes = [[0, 0, 1, 1], [0, 0, 1, 1.1], [5, 5, 6, 6]];
 * const { selectedIndices, validOutputs } = image.nonMaxSuppressionPadded(boxes, [0.6, 0.9, 0.7], 3, 0.5, 0, true);
 * selectedIndices.print();  // [1, 2, 0]
 * validOutputs.print();  // 2
 */
export function nonMaxSuppressionPadded(
  boxes: Tensor2D | TensorLike,
  scores: Tensor1D | TensorLike,
  maxOutputSize: number,
  iouThreshold?: number,
  scoreThreshold?: number,
  padToMaxOutputSize = false,
): { selectedIndices: Tensor1D; validOutputs: Tensor } {
  const [selectedIndices, validOutputs] = scoped(() => {
    const options = { boxes, scores, maxOutputSize, iouThreshold, scoreThreshold };
    const [indices, , count] = suppress(options, 'nonMaxSuppressionPadded');
    return [padToMaxOutputSize ? indices : found(indices, count), count];
  }) as [Tensor1D, Tensor];
  return { selectedIndices, validOutputs };
}

/**
 * {@link nonMaxSuppression}, as a promise: here it is computed at once.
 *
 * @example
 * (await image.nonMaxSuppressionAsync([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.75], 2)).print();  // [1, 0]
 */
export async function nonMaxSuppressionAsync(...args: Parameters<typeof nonMaxSuppression>): Promise<Tensor1D> {
  return nonMaxSuppression(...args);
}

/**
 * {@link nonMaxSuppressionWithScore}, as a promise: here it is computed at once.
 *
 * @example
 * const { selectedScores } = await image.nonMaxSuppressionWithScoreAsync([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.75], 2);
 * selectedScores.print();  // [0.75, 0.5]
 */
export async function nonMaxSuppressionWithScoreAsync(
  ...args: Parameters<typeof nonMaxSuppressionWithScore>
): Promise<ReturnType<typeof nonMaxSuppressionWithScore>> {
  return nonMaxSuppressionWithScore(...args);
}

/**
 * {@link nonMaxSuppressionPadded}, as a promise: here it is computed at once.
 *
 * @example
 * const { validOutputs } = await image.nonMaxSuppressionPaddedAsync([[0, 0, 1, 1], [5, 5, 6, 6]], [0.5, 0.75], 2);
 * validOutputs.print();  // 2
 */
export async function nonMaxSuppressionPaddedAsync(
  ...args: Parameters<typeof nonMaxSuppressionPadded>
): Promise<ReturnType<typeof nonMaxSuppressionPadded>> {
  return nonMaxSuppressionPadded(...args);
}
