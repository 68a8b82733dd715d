// Connectionist temporal classification: a loss of label sequences that are shorter than the outputs and not aligned
// with them.

import { checkCount } from '../check.js';
import { convert } from '../convert.js';
import { asFloat } from '../ops/dispatch.js';
import * as ops from '../ops/index.js';
import { classIndices } from '../ops/indices.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Values } from './arguments.js';

// The logarithm of 0, as in optax and so in Keras on JAX: a number, so that losses and gradients are numbers too.
const LOG_0 = -1e5;

/** What {@link ctc} takes. */
export interface CTCOptions {
  /** The class of the blank, with which labels are padded behind their end; 0 if absent. */
  maskIndex?: number;
}

/**
 * −log of the probability that the outputs spell the labels, summed over all ways to stretch the labels and put blanks
 * between them (Graves et al. 2006): the forward recursion over time, in logarithms, in ops.
 *
 * @param yTrue - class numbers of shape [samples, labels], padded with the blank's at the end
 * @param yPred - logits of shape [samples, time, classes]
 * @param options - maskIndex: 0
 * @returns one number per sample; about 10⁵, with a finite gradient, where there are more labels than time for them
 * @throws RangeError for other shapes or a class that is out of range
 * @example
 * metrics.ctc([[1]], [[[0, 0], [0, 0]]]).print();  // [0.2876821]
 */
export function ctc(yTrue: Values, yPred: Values, { maskIndex = 0 }: CTCOptions = {}): Tensor {
  return tidy(() => {
    const logits = asFloat(convert(yPred, 'yPred', 'ctc'));
    const given = convert(yTrue, 'yTrue', 'ctc');
    if (logits.rank !== 3 || given.rank !== 2 || given.shape[0] !== logits.shape[0]) {
      throw new RangeError(
        `ctc: needs yTrue [samples, labels] and yPred [samples, time, classes], got ${showShape(given.shape)} and ${showShape(logits.shape)}`,
      );
    }
    const [n, time, depth] = logits.shape as unknown as [number, number, number];
    checkCount(maskIndex, 0, 'maskIndex', 'ctc');
    const labels = classIndices(given, depth, 'ctc');
    const { dtype } = logits;
    // Blanks stand before, between and behind the labels: b l₁ b l₂ … b.
    const blanks = ops.fill([n, labels.shape[1]!], maskIndex, 'int32');
    const pairs = ops.reshape(ops.stack([blanks, labels], 2), [n, -1]);
    const states = ops.concat([pairs, ops.fill([n, 1], maskIndex, 'int32')], 1);
    const size = states.shape[1]!;
    const scores = ops.gather(ops.logSoftmax(logits), states, 2, 1);
    // From two states before, over a blank: to a label other than the last one.
    const before = (x: Tensor, by: number, fill: number): Tensor =>
      ops.slice(
        ops.pad(
          x,
          [
            [0, 0],
            [by, 0],
          ],
          fill,
        ),
        [0, 0],
        [n, size],
      );
    const skips = ops.logicalAnd(ops.notEqual(states, maskIndex), ops.notEqual(states, before(states, 2, maskIndex)));
    const barrier = ops.where(skips, ops.zerosLike(ops.cast(states, dtype)), LOG_0);
    const at = (t: number): Tensor => ops.reshape(ops.slice(scores, [0, t, 0], [n, 1, size]), [n, size]);
    const isFirst = ops.less(ops.range(0, size, 1, 'int32'), 2);
    let alpha = ops.where(isFirst, at(0), LOG_0);
    for (let t = 1; t < time; t++) {
      const ways = [alpha, before(alpha, 1, LOG_0), ops.add(before(alpha, 2, LOG_0), barrier)];
      alpha = ops.add(ops.logSumExp(ops.stack(ways), 0), at(t));
    }
    // The last label or the blank behind it.
    const count = ops.sum(ops.cast(ops.notEqual(labels, maskIndex), 'int32'), 1, true);
    const behind = ops.sub(ops.range(0, size, 1, 'int32'), ops.mul(count, 2));
    const isLast = ops.logicalAnd(ops.lessEqual(behind, 0), ops.greaterEqual(behind, -1));
    return ops.neg(ops.logSumExp(ops.where(isLast, alpha, LOG_0), 1));
  });
}
