// What ops refuse: the class of the error, its one sentence, and that nothing is left behind.

import { describe, expect, test } from 'vitest';
import * as ops from '../../src/ops/index.js';
import { tidy } from '../../src/scope.js';
import type { Rank } from '../../src/shape.js';
import type { Tensor } from '../../src/tensor.js';
import { leavesNothing } from '../support/heap.js';

const { ones, zeros, scalar, tensor1d } = ops;

const disposed = (): Tensor => {
  const x = scalar(1);
  x.dispose();
  return x;
};
const labels = (...values: number[]) => tensor1d(values, 'float32');
const classes = (...values: number[]) => tensor1d(values, 'int32');
const never = (x: unknown) => x as never;

type Op = keyof typeof ops;
type Refusal = [op: Op, what: string, call: () => unknown, type: ErrorConstructor, message: RegExp | string];

const elementwise: Op[] = ['add', 'sub', 'mul', 'div', 'divNoNan', 'floorDiv', 'mod', 'pow', 'maximum', 'minimum'];
const binary: Op[] = [...elementwise, 'squaredDifference', 'atan2', 'equal', 'notEqual', 'less', 'greaterEqual'];
const unary: Op[] = [
  'abs',
  'neg',
  'exp',
  'log',
  'sqrt',
  'relu',
  'sigmoid',
  'tanh',
  'gelu',
  'floor',
  'step',
  'sum',
  'mean',
  'prod',
];
const rest: Op[] = [
  'max',
  'argMax',
  'cumsum',
  'logSumExp',
  'norm',
  'softmax',
  'clone',
  'reshape',
  'transpose',
  'reverse',
];

/** An op, called with whatever. */
const byName = ops as unknown as Record<Op, (...args: unknown[]) => unknown>;
const call = (op: Op, ...args: unknown[]): unknown => byName[op](...args);

const refusals: Refusal[] = [
  ...binary.flatMap((op): Refusal[] => [
    [op, 'shapes that do not broadcast', () => call(op, ones([2, 3]), ones([2])), RangeError, '[2, 3] and [2]'],
    [op, 'a disposed tensor', () => call(op, ones([2]), disposed()), Error, 'Tensor is disposed.'],
    [op, 'text', () => call(op, 'a', 1), TypeError, `Argument '${op === 'pow' ? 'base' : 'a'}' passed to`],
    [op, 'nothing', () => call(op, 1, undefined), TypeError, `Argument '${op === 'pow' ? 'exp' : 'b'}' passed to`],
  ]),
  ...[...unary, ...rest].flatMap((op): Refusal[] => [
    [op, 'a disposed tensor', () => call(op, disposed(), []), Error, 'Tensor is disposed.'],
    [op, 'an object', () => call(op, {}, []), TypeError, /must be a Tensor or TensorLike, but got 'Object'/],
  ]),

  ['addN', 'what is no list', () => ops.addN(never(1)), TypeError, /must be a list/],
  ['addN', 'an empty list', () => ops.addN([]), RangeError, /at least one/],
  ['addN', 'different shapes', () => ops.addN([ones([2]), ones([3])]), RangeError, /same shape/],
  ['addN', 'different dtypes', () => ops.addN([ones([2]), ones([2], 'int32')]), TypeError, /same dtype/],
  ['clipByValue', 'bounds the wrong way round', () => ops.clipByValue([1], 2, 1), RangeError, /min \(2\).*max \(1\)/],
  ['clipByValue', 'bounds that are no numbers', () => ops.clipByValue([1], Number.NaN, 1), RangeError, /NaN/],
  [
    'logicalAnd',
    'numbers',
    () => ops.logicalAnd(ones([2]), [true, false]),
    TypeError,
    /must be bool tensor, but got float32/,
  ],
  ['logicalNot', 'numbers', () => ops.logicalNot(ones([2])), TypeError, /must be bool tensor/],
  ['where', 'a condition of numbers', () => ops.where(ones([2]), 1, 2), TypeError, /must be bool tensor/],
  [
    'where',
    'shapes that do not broadcast',
    () => ops.where([true, false], [1, 2, 3], 0),
    RangeError,
    /\[2\] and \[3\]/,
  ],
  ['bitwiseAnd', 'floats', () => ops.bitwiseAnd(ones([2]), ones([2])), TypeError, /int32/],

  ['matMul', 'inner sizes that differ', () => ops.matMul(ones([2, 3]), ones([2, 3])), RangeError, /\(3\) and \(2\)/],
  [
    'matMul',
    'a transposed mismatch',
    () => ops.matMul(ones([2, 3]), ones([2, 3]), true, true),
    RangeError,
    /transposeB=true/,
  ],
  ['matMul', 'a vector', () => ops.matMul(ones([2]), ones([2, 2])), RangeError, /at least rank 2/],
  [
    'matMul',
    'batches that do not broadcast',
    () => ops.matMul(ones([2, 1, 1]), ones([3, 1, 1])),
    RangeError,
    /\[2\] and \[3\]/,
  ],
  ['matMul', 'a disposed matrix', () => ops.matMul(ones([1, 1]), disposed()), Error, 'Tensor is disposed.'],
  ['dot', 'three axes', () => ops.dot(ones([1, 1, 1]), ones([1])), RangeError, /rank 1 or 2/],
  ['dot', 'sizes that differ', () => ops.dot([1, 2], [1, 2, 3]), RangeError, /2 and 3/],
  ['outerProduct', 'a matrix', () => ops.outerProduct([[1]], [1]), RangeError, /rank 1/],

  ['sum', 'an axis out of range', () => ops.sum(ones([2, 3]), 2), RangeError, /\[-2, 2\).*axis 2/],
  ['sum', 'an axis twice', () => ops.sum(ones([2, 3]), [0, -2]), RangeError, /differ/],
  ['mean', 'an axis between two', () => ops.mean(ones([2]), 0.5), TypeError, /0.5/],
  ['max', 'no elements', () => ops.max(zeros([2, 0]), 1), RangeError, /at least one element.*\[2,0\]/],
  ['min', 'no elements', () => ops.min([]), RangeError, /at least one element/],
  ['argMax', 'no elements', () => ops.argMax(zeros([0, 2])), RangeError, /at least one element/],
  ['argMin', 'an axis out of range', () => ops.argMin(ones([2]), 1), RangeError, /axis 1/],
  ['any', 'numbers', () => ops.any(ones([2])), TypeError, /must be bool tensor/],
  ['all', 'numbers', () => ops.all(ones([2])), TypeError, /must be bool tensor/],
  ['cumsum', 'an axis out of range', () => ops.cumsum(ones([2]), 1), RangeError, /axis 1/],
  ['logSumExp', 'no elements', () => ops.logSumExp([]), RangeError, /at least one element/],
  ['norm', 'an unknown kind', () => ops.norm([[1]], never('nuclear')), RangeError, /nuclear/],
  ['norm', 'three axes', () => ops.norm(ones([1, 1, 1]), 2, [0, 1, 2]), RangeError, /norm/],

  ['softmax', 'an axis that is not the last', () => ops.softmax(ones([2, 3]), 0), RangeError, /non-last/],
  ['logSoftmax', 'an axis that is not the last', () => ops.logSoftmax(ones([2, 3]), 0), RangeError, /non-last/],
  ...(['softmaxCrossEntropyWithLogits', 'sigmoidCrossEntropyWithLogits'] as const).map(
    (op): Refusal => [op, 'shapes that differ', () => call(op, ones([2]), ones([3])), RangeError, '[2] and [3]'],
  ),
  ...(
    [
      ['labels of another shape', () => classes(0, 1), '[2] for logits [1, 3]'],
      ['a label too large', () => classes(3), 'class numbers from 0 to 2, got 3 at 0'],
      ['a negative label', () => classes(-1), 'got -1 at 0'],
      ['a fractional label', () => labels(1.5), 'got 1.5 at 0'],
      ['a label that is no number', () => labels(Number.NaN), 'got NaN at 0'],
      ['a label beyond all integers', () => labels(1e10), 'got 10000000000 at 0'],
    ] as const
  ).map(
    ([what, make, message]): Refusal => [
      'sparseSoftmaxCrossEntropyWithLogits',
      what,
      () => ops.sparseSoftmaxCrossEntropyWithLogits(make(), ones([1, 3])),
      RangeError,
      message,
    ],
  ),

  ['batchNorm', 'a mean of another size', () => ops.batchNorm([[1, 2]], [1, 2, 3], 1), RangeError, '[3] and [1, 2]'],
  [
    'batchNorm',
    'no variance',
    () => ops.batchNorm([1], [1], never(undefined)),
    TypeError,
    /Argument 'variance' passed/,
  ],
  ['batchNorm', 'text', () => ops.batchNorm(never('a'), 0, 1), TypeError, /Argument 'x' passed to 'batchNorm' must be/],
  ['batchNorm', 'a negative ε', () => ops.batchNorm([1], [1], [1], null, null, -1), RangeError, /0 or more.*-1/],
  ['batchNorm', 'what would make x larger', () => ops.batchNorm([1, 2], [[0], [0]], 1), RangeError, '[2, 1]'],
  ['batchNorm3d', 'a matrix', () => ops.batchNorm3d([[1]], [1], [1]), RangeError, /x must be rank 3 but got rank 2/],
  [
    'batchNorm4d',
    'a variance of rank 2',
    () => ops.batchNorm4d(ones([1, 1, 1, 1]), [1], [[1]]),
    RangeError,
    /variance.*2/,
  ],
  ['layerNormalization', 'an axis out of range', () => ops.layerNormalization([1], { axis: 1 }), RangeError, /axis 1/],
  ['layerNormalization', 'no axis', () => ops.layerNormalization([1], { axis: [] }), RangeError, /needs an axis/],
  [
    'layerNormalization',
    'gamma of another shape',
    () => ops.layerNormalization([1], { gamma: [1, 2] }),
    RangeError,
    '[1]',
  ],
  ['layerNormalization', 'a negative ε', () => ops.layerNormalization([1], { epsilon: -1 }), RangeError, /0 or more/],
  [
    'rmsNormalization',
    'ε that is no number',
    () => ops.rmsNormalization([1], { epsilon: never('1') }),
    TypeError,
    /number/,
  ],
  [
    'groupNormalization',
    'groups that do not fit',
    () => ops.groupNormalization(ones([1, 3]), { groups: 2 }),
    RangeError,
    '3',
  ],
  [
    'groupNormalization',
    'the axis of samples',
    () => ops.groupNormalization(ones([2, 2]), { axis: 0 }),
    RangeError,
    /got 0/,
  ],
  [
    'groupNormalization',
    'beta of another shape',
    () => ops.groupNormalization(ones([2, 2]), { groups: 1, beta: [1] }),
    RangeError,
    '[2]',
  ],
  ['localResponseNormalization', 'a matrix', () => call('localResponseNormalization', [[1]]), RangeError, /rank 4/],
  [
    'localResponseNormalization',
    'half a channel',
    () => ops.localResponseNormalization(ones<Rank.R3>([1, 1, 1]), 0.5),
    RangeError,
    /depthRadius.*0.5/,
  ],
  [
    'dotProductAttention',
    'keys of another size',
    () => ops.dotProductAttention(ones([1, 2, 1, 3]), ones([1, 2, 1, 2]), ones([1, 2, 1, 2])),
    RangeError,
    '[1, 2, 1, 3], [1, 2, 1, 2], [1, 2, 1, 2]',
  ],
  [
    'dotProductAttention',
    'a mask of numbers',
    () => ops.dotProductAttention(ones([1, 1, 1, 1]), ones([1, 1, 1, 1]), ones([1, 1, 1, 1]), { mask: ones([1]) }),
    TypeError,
    /must be bool tensor/,
  ],

  ['cast', 'an unknown dtype', () => ops.cast([1], never('float16')), TypeError, /float16/],
  ['reshape', 'another size', () => ops.reshape([1, 2, 3], [2, 2]), RangeError, /Size\(3\)/],
  ['reshape', 'two open sizes', () => ops.reshape([1, 2, 3, 4], [-1, -1]), RangeError, /1 implicit/],
  ['reshape', 'a fractional size', () => ops.reshape([1, 2, 3], [2, -1]), RangeError, /fractional/],
  ['reshape', 'no shape', () => ops.reshape([1], never(undefined)), TypeError, /undefined/],
  ['asScalar', 'two elements', () => ops.asScalar(never([1, 2])), RangeError, /only 1 element/],
  ['expandDims', 'an axis out of range', () => ops.expandDims([1], 3), RangeError, /axis 3 for rank 1/],
  ['expandDims', 'an axis between two', () => ops.expandDims([1], 0.5), TypeError, /0.5/],
  ['squeeze', 'an axis of another size', () => ops.squeeze([[1, 2]], [1]), RangeError, /axis 1.*'2'/],
  ['transpose', 'an order of another rank', () => ops.transpose([[1]], [0]), RangeError, /rank of input 2/],
  ['transpose', 'an axis out of range', () => ops.transpose([[1]], [0, 2]), RangeError, /0,2/],
  ['transpose', 'an axis twice', () => ops.transpose([[1]], [0, 0]), RangeError, /differ/],
  ['transpose', 'an axis between two', () => ops.transpose([[1]], [0, 0.5]), RangeError, /0,0.5/],
  ['broadcastTo', 'a shape it does not fit', () => ops.broadcastTo([1, 2], [3]), RangeError, /\[2\].*\[3\]/],
  ['broadcastTo', 'a lower rank', () => ops.broadcastTo([[1]], [1]), RangeError, /rank 2/],
  ['broadcastTo', 'a disposed tensor', () => ops.broadcastTo(disposed(), [2]), Error, 'Tensor is disposed.'],
  ['reverse', 'an axis out of range', () => ops.reverse([1], 1), RangeError, /axis 1/],

  ['gather', 'an index too large', () => ops.gather([1, 2], classes(2)), RangeError, /\[0, 2\), got 2 at position 0/],
  ['gather', 'a negative index', () => ops.gather([1, 2], classes(0, -1)), RangeError, /got -1 at position 1/],
  ['gather', 'a float index', () => ops.gather([1, 2], labels(0)), TypeError, /must be int32 tensor, but got float32/],
  ['gather', 'an axis out of range', () => ops.gather([1, 2], classes(0), 1), RangeError, /axis 1/],
  ['gather', 'a scalar', () => ops.gather(1, classes(0)), RangeError, /axis/],
  ['gather', 'batches that differ', () => ops.gather(ones([2, 2]), ones([3, 2], 'int32'), 1, 1), RangeError, /2.*3/],
  [
    'gather',
    'more batches than axes',
    () => ops.gather(ones([2, 2]), ones([2], 'int32'), 1, 2),
    RangeError,
    /batchDims/,
  ],
  ['oneHot', 'float indices', () => ops.oneHot(labels(0), 2), TypeError, /must be int32/],
  ['unsortedSegmentSum', 'float numbers', () => ops.unsortedSegmentSum([1], labels(0), 2), TypeError, /must be int32/],
  ['oneHot', 'no depth', () => ops.oneHot(classes(0), 0), RangeError, /depth/],
  ['oneHot', 'a fractional depth', () => ops.oneHot(classes(0), 2.5), RangeError, /depth/],
  [
    'unsortedSegmentSum',
    'numbers too few',
    () => ops.unsortedSegmentSum([1, 2], classes(0), 1),
    RangeError,
    /\[1\].*\[2\]/,
  ],
  ['unsortedSegmentSum', 'a number too large', () => ops.unsortedSegmentSum([1], classes(1), 1), RangeError, /got 1/],
  [
    'unsortedSegmentSum',
    'a fractional count',
    () => ops.unsortedSegmentSum([1], classes(0), 1.5),
    TypeError,
    /numSegments/,
  ],
  [
    'unsortedSegmentSum',
    'a negative count',
    () => ops.unsortedSegmentSum([], classes(), -1),
    RangeError,
    /numSegments/,
  ],
  ['zeros', 'a negative size', () => ops.zeros([-1]), RangeError, /\[-1\]/],
  ['fill', 'more than memory holds', () => ops.fill([2 ** 20, 2 ** 20], 1), RangeError, /^out of memory/],
];

describe.each(refusals)('%s refuses %s', (op, _, act, type, message) => {
  const failure = (): Error => {
    try {
      tidy(() => void act());
    } catch (error) {
      return error as Error;
    }
    throw new Error('was not refused');
  };

  test(`with a ${type.name} of one sentence`, () => {
    const error = failure();
    expect(error.constructor, error.message).toBe(type);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
    if (!/disposed|memory/.test(error.message)) expect(error.message.toLowerCase()).toContain(op.toLowerCase());
  });

  test('and leaves nothing behind', () => {
    leavesNothing(failure);
  });
});

describe('an op that fails outside tidy leaves nothing of its own:', () => {
  test.each<[Op, unknown[]]>([
    [
      'add',
      [
        [1, 2],
        [1, 2, 3],
      ],
    ],
    ['where', [[true, false], [1, 2, 3], 0]],
    ['matMul', [[[1, 2]], [[1, 2]]]],
    ['sum', [[1, 2], 1]],
    ['max', [[]]],
    ['softmax', [[[1, 2]], 0]],
    ['softmaxCrossEntropyWithLogits', [[1, 2], [1]]],
    ['sparseSoftmaxCrossEntropyWithLogits', [[3], [[1, 2]]]],
    ['batchNorm', [[1, 2], [1, 2, 3], 1]],
    ['layerNormalization', [[1, 2], { gamma: [1] }]],
    ['reshape', [[1, 2], [3]]],
    ['transpose', [[1, 2], [1]]],
    ['broadcastTo', [[1, 2], [3]]],
    ['gather', [[1, 2], [5]]],
    ['oneHot', [[1], -1]],
    ['unsortedSegmentSum', [[1, 2], [0, 9], 2]],
    ['addN', [[[1], [1, 2]]]],
  ])('%s', (op, args) => {
    leavesNothing(() => expect(() => call(op, ...args)).toThrow());
  });
});
