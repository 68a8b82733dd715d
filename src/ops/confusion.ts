// What TensorFlow.js keeps in its namespace `math`.

import { convert, type TensorLike } from '../convert.js';
import type { Tensor, Tensor2D } from '../tensor.js';
import { scoped } from './dispatch.js';
import { oneHot } from './gather.js';
import { classIndices } from './indices.js';
import { matMul } from './matmul.js';

/**
 * How often each class (rows) was taken for each (columns), as int32.
 *
 * @param labels - a vector of class numbers
 * @param predictions - as many class numbers
 * @throws RangeError unless both are vectors of one length, of whole numbers from 0 up to below numClasses
 * @example
 * math.confusionMatrix([0, 1, 1], [0, 1, 0], 2).print();  // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  labels: Tensor | TensorLike,
  predictions: Tensor | TensorLike,
  numClasses: number,
): Tensor2D {
  return scoped(() => {
    const $labels = convert(labels, 'labels', 'confusionMatrix');
    const $predictions = convert(predictions, 'predictions', 'confusionMatrix');
    if (!(Number.isInteger(numClasses) && numClasses > 0)) {
      throw new RangeError(`confusionMatrix: numClasses is required to be a positive integer, but got ${numClasses}`);
    }
    if ($labels.rank !== 1)
      throw new RangeError(`confusionMatrix: Expected the rank of labels to be 1, but got ${$labels.rank}`);
    if ($predictions.rank !== 1) {
      throw new RangeError(`confusionMatrix: Expected the rank of predictions to be 1, but got ${$predictions.rank}`);
    }
    if ($labels.size !== $predictions.size) {
      throw new RangeError(
        `confusionMatrix: Mismatch in the number of examples: ${$labels.size} vs. ${$predictions.size}. Labels and predictions should have the same number of elements.`,
      );
    }
    const rowOf = (x: Tensor): Tensor => oneHot(classIndices(x, numClasses, 'confusionMatrix'), numClasses);
    return matMul(rowOf($labels), rowOf($predictions), true);
  }) as Tensor2D;
}
