// Softmax, its logarithm, and the cross entropies fused with it: one kernel gives the loss and its gradient.

import { convert, convertPair, type TensorLike } from '../convert.js';
import { type FloatType, upcastType } from '../dtype.js';
import { normalizeAxis, sameShape, showShape } from '../shape.js';
import { isRecording, record } from '../tape.js';
import { empty, type Tensor } from '../tensor.js';
import { softmax as kernels } from '../wasm/kernels.js';
import { sigmoid, softplus } from './activation.js';
import { add, mul, sub } from './arithmetic.js';
import { asFloat, castTo, mapPair, scoped } from './dispatch.js';
import { oneHot } from './gather.js';
import { classIndices } from './indices.js';
import { exp } from './math.js';
import { sum } from './reduction.js';
import { expandDims } from './transform.js';

/** Checks that an op works along the last axis, and returns its size. */
function lastAxis(x: Tensor, dim: number, op: string): number {
  const axis = x.rank === 0 ? 0 : normalizeAxis(dim, x.rank, op);
  if (x.rank > 0 && axis !== x.rank - 1) {
    throw new RangeError(
      `${op} along a non-last dimension is not yet supported. Logits was rank ${x.rank} and dim was ${dim}`,
    );
  }
  return x.shape.at(-1) ?? 1;
}

function alongRows(name: 'softmax' | 'logSoftmax', x: Tensor, n: number): Tensor {
  const y = empty(x.shape, x.dtype);
  if (y.size > 0) kernels[x.dtype as FloatType][name](x.storage.address, y.storage.address, x.size / n, n);
  return y;
}

/**
 * eˣ / Σ eˣ along the last axis.
 *
 * @param dim - the last axis
 * @throws RangeError for another axis
 * @example
 * softmax(tensor1d([0, 0])).print();  // [0.5, 0.5]
 */
export function softmax<T extends Tensor>(logits: T | TensorLike, dim = -1): T {
  return scoped(() => {
    const x = asFloat(convert(logits, 'logits', 'softmax', 'float32'));
    const n = lastAxis(x, dim, 'softmax');
    const y = alongRows('softmax', x, n);
    return record(y, [x], [(dy) => softmaxGrad(dy, y, n)]);
  }) as T;
}

/** The sums along the last axis, kept at size 1; a scalar is a row of one. */
const rowSums = (x: Tensor): Tensor => (x.rank === 0 ? x : sum(x, -1, true));

/** dx = y · (dy − Σ dy · y) */
function softmaxGrad(dy: Tensor, y: Tensor, n: number): Tensor {
  if (isRecording()) return mul(y, sub(dy, rowSums(mul(dy, y))));
  const dx = empty(y.shape, y.dtype);
  kernels[y.dtype as FloatType].softmaxGrad(dy.storage.address, y.storage.address, dx.storage.address, y.size / n, n);
  return dx;
}

/**
 * x − log Σ eˣ along the last axis, without overflow.
 *
 * @param axis - the last axis
 * @throws RangeError for another axis
 * @example
 * logSoftmax(tensor1d([0, 0])).print();  // [-0.6931472, -0.6931472]
 */
export function logSoftmax<T extends Tensor>(logits: T | TensorLike, axis = -1): T {
  return scoped(() => {
    const x = asFloat(convert(logits, 'logits', 'logSoftmax'));
    const n = lastAxis(x, axis, 'logSoftmax');
    const y = alongRows('logSoftmax', x, n);
    return record(y, [x], [(dy) => sub(dy, mul(exp(y), rowSums(dy)))]);
  }) as T;
}

/**
 * −Σ labels · log softmax(logits) along the last axis, for each row, without a reduction over rows.
 *
 * @param labels - a distribution per row, of the logits' shape
 * @returns the loss of each row: the shape without its last axis
 * @throws RangeError if shapes differ
 * @example
 * softmaxCrossEntropyWithLogits(tensor1d([1, 0]), tensor1d([0, 0])).print();  // 0.6931472
 */
export function softmaxCrossEntropyWithLogits(labels: Tensor | TensorLike, logits: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const [z0, x0] = convertPair(labels, logits, 'softmaxCrossEntropyWithLogits');
    const dtype = upcastType(upcastType(z0.dtype, x0.dtype), 'float32') as FloatType;
    const [z, x] = [castTo(z0, dtype), castTo(x0, dtype)];
    if (!sameShape(z.shape, x.shape) || x.rank === 0) {
      throw new RangeError(
        `softmaxCrossEntropyWithLogits: labels and logits need the same shape of rank 1 or more, got ${showShape(z.shape)} and ${showShape(x.shape)}`,
      );
    }
    const n = x.shape.at(-1)!;
    const loss = empty(x.shape.slice(0, -1), dtype);
    const slope = empty(x.shape, dtype);
    kernels[dtype].crossEntropy(
      x.storage.address,
      z.storage.address,
      loss.storage.address,
      slope.storage.address,
      loss.size,
      n,
    );
    const dLogits = () => (isRecording() ? sub(mul(softmax(x), sum(z, -1, true)), z) : slope);
    return record(
      loss,
      [z, x, slope],
      [(dy) => mul(expandDims(dy, -1), mul(logSoftmax(x), -1)), (dy) => mul(expandDims(dy, -1), dLogits()), null],
    );
  });
}

/**
 * −log softmax(logits)[label] along the last axis, for each row, without a reduction over rows.
 *
 * @param labels - class numbers from 0 to n − 1: the logits' shape without its last axis
 * @returns the loss of each row, of the labels' shape
 * @throws RangeError if the shapes do not fit or a label is out of range
 * @example
 * sparseSoftmaxCrossEntropyWithLogits(tensor1d([1], 'int32'), tensor2d([[0, 0]])).print();  // [0.6931472]
 */
export function sparseSoftmaxCrossEntropyWithLogits(labels: Tensor | TensorLike, logits: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const x = asFloat(convert(logits, 'logits', 'sparseSoftmaxCrossEntropyWithLogits'));
    const dtype = x.dtype as FloatType;
    const given = convert(labels, 'labels', 'sparseSoftmaxCrossEntropyWithLogits');
    if (x.rank === 0 || !sameShape(given.shape, x.shape.slice(0, -1))) {
      throw new RangeError(
        `sparseSoftmaxCrossEntropyWithLogits: labels need the logits' shape without its last axis, got ${showShape(given.shape)} for logits ${showShape(x.shape)}`,
      );
    }
    const n = x.shape.at(-1)!;
    const z = classIndices(given, n, 'sparseSoftmaxCrossEntropyWithLogits');
    const loss = empty(z.shape, dtype);
    const slope = empty(x.shape, dtype);
    kernels[dtype].sparseCrossEntropy(
      x.storage.address,
      z.storage.address,
      loss.storage.address,
      slope.storage.address,
      z.size,
      n,
    );
    const dLogits = () => (isRecording() ? sub(softmax(x), oneHot(z, n, 1, 0, dtype)) : slope);
    return record(loss, [x, z, slope], [(dy) => mul(expandDims(dy, -1), dLogits()), null, null]);
  });
}

/**
 * −z · log σ(x) − (1 − z) · log(1 − σ(x)) for each element, without overflow.
 *
 * @param labels - z, from 0 to 1
 * @param logits - x, of the same shape
 * @throws RangeError if shapes differ
 * @example
 * sigmoidCrossEntropyWithLogits(tensor1d([1, 0]), tensor1d([0, 1])).print();  // [0.6931472, 1.3132617]
 */
export function sigmoidCrossEntropyWithLogits(labels: Tensor | TensorLike, logits: Tensor | TensorLike): Tensor {
  return scoped(() => {
    const [z0, x0] = convertPair(labels, logits, 'sigmoidCrossEntropyWithLogits');
    const dtype = upcastType(upcastType(z0.dtype, x0.dtype), 'float32') as FloatType;
    const [z, x] = [castTo(z0, dtype), castTo(x0, dtype)];
    if (!sameShape(z.shape, x.shape)) {
      throw new RangeError(
        `sigmoidCrossEntropyWithLogits: labels and logits need the same shape, got ${showShape(z.shape)} and ${showShape(x.shape)}`,
      );
    }
    const dLogits = (dy: Tensor) => {
      if (isRecording()) return mul(dy, sub(sigmoid(x), z));
      const dx = empty(x.shape, dtype);
      kernels[dtype].sigmoidCrossEntropyGrad(
        dy.storage.address,
        x.storage.address,
        z.storage.address,
        dx.storage.address,
        x.size,
      );
      return dx;
    };
    return record(mapPair(kernels.op('sigmoidCrossEntropy'), x, z), [z, x], [(dy) => mul(dy, mul(x, -1)), dLogits]);
  });
}

/**
 * −posWeight · z · log σ(x) − (1 − z) · log(1 − σ(x)) for each element, without overflow: a cross entropy in which a
 * missed 1 counts posWeight times (TensorFlow's weighted_cross_entropy_with_logits).
 *
 * @param labels - z, from 0 to 1
 * @param logits - x, of the same shape
 * @param posWeight - broadcasts with them
 * @throws RangeError if shapes differ
 * @example
 * weightedCrossEntropyWithLogits(tensor1d([1, 0]), tensor1d([0, 0]), 3).print();  // [2.0794415, 0.6931472]
 */
export function weightedCrossEntropyWithLogits(
  labels: Tensor | TensorLike,
  logits: Tensor | TensorLike,
  posWeight: Tensor | TensorLike,
): Tensor {
  return scoped(() => {
    const [z0, x0] = convertPair(labels, logits, 'weightedCrossEntropyWithLogits', ['labels', 'logits']);
    const dtype = upcastType(upcastType(z0.dtype, x0.dtype), 'float32');
    const [z, x] = [castTo(z0, dtype), castTo(x0, dtype)];
    if (!sameShape(z.shape, x.shape)) {
      throw new RangeError(
        `weightedCrossEntropyWithLogits: labels and logits need the same shape, got ${showShape(z.shape)} and ${showShape(x.shape)}`,
      );
    }
    const w = castTo(convert(posWeight, 'posWeight', 'weightedCrossEntropyWithLogits'), dtype);
    const missed = mul(mul(w, z), softplus(mul(x, -1)));
    return add(missed, mul(sub(1, z), softplus(x)));
  });
}
