// One row per op: examples of it, from which its gradients, its memory and its arguments are checked. An op
// without a row does not compile.

import * as losses from '../../src/losses.js';
import * as metrics from '../../src/metrics/functions.js';
import * as math from '../../src/ops/confusion.js';
import * as fused from '../../src/ops/fused.js';
import * as image from '../../src/ops/image.js';
import * as ops from '../../src/ops/index.js';
import * as linalg from '../../src/ops/linalg.js';
import { normalizeBatch } from '../../src/ops/normalization.js';
import { type TensorContainer, tidy } from '../../src/scope.js';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '../../src/tensor.js';
import { below, between, bools, type Input, positive, real } from '../support/sample.js';

const { MEAN, NONE, SUM } = losses.Reduction;

/** Uneven explicit padding. */
const BORDERS = [
  [0, 0],
  [0, 1],
  [1, 0],
  [0, 0],
];

export interface Example {
  f: (...xs: Tensor[]) => TensorContainer | Promise<TensorContainer>;
  inputs: Input[];
}

export interface Row {
  examples: Example[];
  /** Why the op has no gradient; absent where it has one. */
  noGradient?: string;
}

const example = (f: Example['f'], ...inputs: Input[]): Example => ({ f, inputs });

/** An op with a gradient. */
const row = (...examples: Example[]): Row => ({ examples });

/** An op without a gradient, and why. */
const without = (noGradient: string, ...examples: Example[]): Row => ({ noGradient, examples });

/** An elementwise op on all real numbers. */
const unary = (f: Example['f'], input: (...shape: number[]) => Input = real): Row =>
  row(example(f, input(2, 3)), example(f, input()), example(f, input(0, 3)));

/** An op on two operands that broadcast: same shapes, rows, columns, scalars, both ways, and more axes than a kernel loops over. */
const binary = (f: Example['f'], input: (...shape: number[]) => Input = real): Row =>
  row(
    example(f, input(2, 3), input(2, 3)),
    example(f, input(2, 3), input(3)),
    example(f, input(2, 1), input(2, 3)),
    example(f, input(2, 1), input(1, 3)),
    example(f, input(), input(2, 2)),
    example(f, input(3), input()),
    example(f, input(2, 1, 2, 1, 2), input(2, 1, 2, 1)),
    example(f, input(0, 2), input(2)),
  );

/** An op that steps where a / b is a whole number: examples away from there. */
const quotients = (f: Example['f']): Row =>
  row(
    example(f, between(2.6, 2.9, 2, 3), between(1.1, 1.25, 3)),
    example(f, between(-2.9, -2.6, 2, 1), between(1.1, 1.25, 1, 3)),
    example(f, between(2.6, 2.9), between(-1.25, -1.1, 3)),
    example(f, between(-2.9, -2.6, 3), between(-1.25, -1.1)),
  );

const comparison = (f: Example['f']): Row =>
  without('a boolean does not change continuously', example(f, real(2, 3), real(3)), example(f, bools(4), bools(4)));

const logic = (f: Example['f']): Row => without('booleans have no derivative', example(f, bools(2, 3), bools(3)));

const constant = (...examples: Example[]): Row => without('no input to differentiate by', ...examples);

/** A reduction that takes axes and keepDims. */
const reduction = (
  f: (x: Tensor, axis?: number | number[], keepDims?: boolean) => TensorContainer,
  input: (...shape: number[]) => Input = real,
): Example[] => [
  example((x) => f(x), input(2, 3)),
  example((x) => f(x, 0), input(2, 3)),
  example((x) => f(x, -1, true), input(2, 3)),
  example((x) => f(x, [0, 2]), input(2, 2, 3)),
  example((x) => f(x, [2, 0], true), input(2, 2, 3)),
  example((x) => f(x, [0, 3]), input(2, 1, 2, 2)),
  example((x) => f(x, []), input(2, 2)),
  example((x) => f(x), input()),
];

const truth = (f: typeof ops.all): Row => without('booleans have no derivative', ...reduction(f, bools));

const position = (f: typeof ops.argMax): Row =>
  without(
    'a position does not change continuously',
    example((x) => f(x), real(3, 2)),
    example((x) => f(x, -1), real(2, 3)),
    example((x) => f(x, 0), below(9, 5)),
  );

const scan = (f: typeof ops.cumsum): Row =>
  row(
    example((x) => f(x), real(4)),
    example((x) => f(x, 1), real(2, 3)),
    example((x) => f(x, 0, true), real(3, 2)),
    example((x) => f(x, -1, false, true), real(2, 3)),
    example((x) => f(x, 1, true, true), real(2, 3, 2)),
  );

/** A loss of labels and predictions, by each reduction, with and without weights. */
const loss = (
  f: (y: Tensor, p: Tensor, w?: Tensor, reduction?: losses.Reduction) => Tensor,
  labels: (...shape: number[]) => Input = real,
  predictions: (...shape: number[]) => Input = real,
  weights: number[] = [3],
): Row =>
  row(
    example((y, p) => f(y, p), labels(2, 3), predictions(2, 3)),
    example((y, p, w) => f(y, p, w), labels(2, 3), predictions(2, 3), positive(...weights)),
    example((y, p, w) => f(y, p, w, MEAN), labels(2, 3), predictions(2, 3), positive(...weights)),
    example((y, p) => f(y, p, undefined, MEAN), labels(2, 3), predictions(2, 3)),
    example((y, p, w) => f(y, p, w, SUM), labels(2, 3), predictions(2, 3), positive(...weights)),
    example((y, p, w) => f(y, p, w, NONE), labels(2, 3), predictions(2, 3), positive(...weights)),
  );

/** Numbers inside (0, 1). */
const chances = (...shape: number[]): Input => between(0.1, 0.9, ...shape);

/** Numbers clearly above 0. */
const away = (...shape: number[]): Input => between(0.6, 2.4, ...shape);

/** batchNorm in a form for one rank: parameters of one axis and of all. */
const batchNorm = (f: (...xs: Tensor[]) => Tensor, ...shape: number[]): Row => {
  const parameters = (...of: number[]) => [real(...of), away(...of), real(...of), real(...of)];
  return row(
    example(f, real(...shape), ...parameters(shape.at(-1)!)),
    example(f, real(...shape), ...parameters(...shape)),
  );
};

/** A loss of true and predicted values, which gives a number per sample. */
const perSample = (f: (y: Tensor, p: Tensor) => Tensor, input: (...shape: number[]) => Input = real): Row =>
  row(
    example((y, p) => f(y, p), input(3, 4), input(3, 4)),
    example((y, p) => f(y, p), input(2, 2, 3), input(2, 2, 3)),
  );

const counts = (f: (y: Tensor, p: Tensor) => Tensor): Row =>
  without(
    'a count does not change continuously',
    example((y, p) => f(y, p), real(2, 3), real(2, 3)),
  );

const sparseCounts = (f: (y: Tensor, p: Tensor) => Tensor): Row =>
  without(
    'a count does not change continuously',
    example((y, p) => f(y, p), below(3, 2), real(2, 3)),
  );

/** A loss of boxes that overlap, that lie in each other and that lie apart. */
const boxes = (f: (y: Tensor, p: Tensor) => Tensor): Row => {
  const corners = (low: number, high: number): [Input, Input] => [
    between(low, low + 0.4, 3, 2),
    between(high, high + 0.6, 3, 2),
  ];
  const of = (...[y1, y2, p1, p2]: Tensor[]) => tidy(() => f(ops.concat([y1, y2], 1), ops.concat([p1, p2], 1)));
  return row(
    example(of, ...corners(0, 2), ...corners(0.6, 1.2)),
    example(of, ...corners(0, 1.1), ...corners(0.6, 2)),
    example(of, ...corners(-2, -1.2), ...corners(1, 2)),
  );
};

/** An image made larger and smaller, by each way of laying the sizes on each other. */
const resizing = (f: typeof image.resizeBilinear): Row =>
  row(
    example((x) => f(x, [4, 6]), real(2, 2, 3, 2)),
    example((x) => f(x, [3, 5]), real(5, 3, 1)),
    example((x) => f(x, [2, 5], true), real(1, 3, 2, 1)),
    example((x) => f(x, [1, 3], true), real(2, 3, 2)),
    example((x) => f(x, [5, 2], false, true), real(1, 3, 4, 1)),
    example((x) => f(x, [2, 2]), real(0, 3, 2, 1)),
  );

/** Images read by a transform of each kind, at places away from where they change. */
const warping = (interpolation: 'nearest' | 'bilinear'): Example[] => {
  const turn = [[0.9, -0.4, 0.7, 0.3, 0.8, -0.6, 0, 0]];
  const each = [
    [1, 0, 0.5, 0, 1, -1.5, 0, 0],
    [-1, 0.2, 2.2, 0, 1.3, 0.1, 0.05, -0.02],
  ];
  return [
    example((x) => image.transform(x as Tensor4D, turn, interpolation), real(2, 3, 4, 2)),
    example((x) => image.transform(x as Tensor4D, each, interpolation, 'reflect'), real(2, 2, 3, 1)),
    example((x) => image.transform(x as Tensor4D, turn, interpolation, 'wrap', 0, [5, 2]), real(1, 3, 3, 5)),
    example((x) => image.transform(x as Tensor4D, each, interpolation, 'nearest', 0, [4, 4]), real(2, 3, 2, 1)),
    example((x) => image.transform(x as Tensor4D, turn, interpolation, 'constant', 3), real(0, 3, 2, 1)),
  ];
};

/** The functions of boxes, all of which choose. */
const choosing = (f: (boxes: Tensor2D, scores: Tensor1D) => TensorContainer | Promise<TensorContainer>): Row =>
  without(
    'a choice does not change continuously',
    example((boxes, scores) => f(boxes as Tensor2D, scores as Tensor1D), positive(6, 4), positive(6)),
  );

/** What a recurrent layer is given: inputs, kernels, a bias and states. */
const recurrent = (gates: number, states: number, batch: number, time: number, units: number): Input[] => [
  ...[real(batch, time, 1), real(1, gates * units), real(units, gates * units)],
  ...[gates === 3 ? real(2, 3 * units) : real(gates * units)],
  ...Array.from({ length: states }, () => real(batch, units)),
];

/** A recurrent layer from its first states on: all that it gives, with a mask, by units that fill vectors and that do not. */
const sequences = (op: typeof ops.lstm, gates: number, states: number, ...options: ops.GatedSequenceOptions[]): Row =>
  row(
    example((x, k, r) => op(x, k, r), ...recurrent(gates, states, 2, 3, 2).slice(0, 3)),
    ...options.flatMap((given) => [
      example(
        (x, k, r, b, ...initialState) => op(x, k, r, b, { ...given, initialState, returnSequences: true }),
        ...recurrent(gates, states, 1, 2, 3),
      ),
      example(
        (mask, x, k, r, b, ...initialState) => op(x, k, r, b, { ...given, initialState, mask, returnSequences: true }),
        bools(2, 3),
        ...recurrent(gates, states, 2, 3, 2),
      ),
    ]),
  );

type Name =
  | keyof typeof ops
  | `fused.${keyof typeof fused}`
  | `image.${keyof typeof image}`
  | `linalg.${keyof typeof linalg}`
  | `losses.${Exclude<keyof typeof losses, 'Reduction'>}`
  | `math.${keyof typeof math}`
  | `metrics.${keyof typeof metrics}`
  // What layers.batchNormalization is made of.
  | 'normalizeBatch';

export const rows: Record<Name, Row> = {
  // Arithmetic.
  add: binary(ops.add),
  sub: binary(ops.sub),
  mul: binary(ops.mul),
  div: binary(ops.div),
  divNoNan: binary(ops.divNoNan),
  floorDiv: quotients(ops.floorDiv),
  mod: quotients(ops.mod),
  pow: row(
    ...binary(ops.pow, positive).examples,
    example((x) => ops.pow(x, 2), real(3)),
    example((x) => ops.pow(x, -1), real(3)),
    example((x) => ops.pow(2, x), real(3)),
  ),
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  squaredDifference: binary(ops.squaredDifference),
  atan2: binary(ops.atan2),
  addN: row(
    example((a, b, c) => ops.addN([a, b, c]), real(2, 2), real(2, 2), real(2, 2)),
    example((a) => ops.addN([a]), real(3)),
    example((a) => ops.addN([a, a]), real(3)),
  ),

  // Elementwise mathematics.
  abs: unary(ops.abs),
  neg: unary(ops.neg),
  sign: unary(ops.sign),
  square: unary(ops.square),
  sqrt: unary(ops.sqrt, positive),
  rsqrt: unary(ops.rsqrt, positive),
  reciprocal: unary(ops.reciprocal),
  exp: unary(ops.exp),
  expm1: unary(ops.expm1),
  log: unary(ops.log, positive),
  log1p: unary(ops.log1p, positive),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  tan: unary(ops.tan, (...shape) => between(-1.3, 1.3, ...shape)),
  asin: unary(ops.asin, (...shape) => between(-0.9, 0.9, ...shape)),
  acos: unary(ops.acos, (...shape) => between(-0.9, 0.9, ...shape)),
  atan: unary(ops.atan),
  sinh: unary(ops.sinh),
  cosh: unary(ops.cosh),
  asinh: unary(ops.asinh),
  acosh: unary(ops.acosh, (...shape) => between(1.1, 4, ...shape)),
  atanh: unary(ops.atanh, (...shape) => between(-0.9, 0.9, ...shape)),
  erf: unary(ops.erf),
  floor: unary(ops.floor),
  ceil: unary(ops.ceil),
  round: unary(ops.round),
  step: unary((x) => ops.step(x, 0.5)),
  clipByValue: unary((x) => ops.clipByValue(x, -1, 0.5)),

  // Activations.
  relu: unary(ops.relu),
  relu6: unary(ops.relu6, (...shape) => between(-3, 9, ...shape)),
  leakyRelu: row(
    ...unary((x) => ops.leakyRelu(x)).examples,
    example((x) => ops.leakyRelu(x, 0.3), real(4)),
  ),
  prelu: row(...binary(ops.prelu).examples),
  elu: row(
    ...unary((x) => ops.elu(x)).examples,
    example((x) => ops.elu(x, 0.7), real(4)),
  ),
  celu: row(
    ...unary((x) => ops.celu(x)).examples,
    example((x) => ops.celu(x, 0.7), real(4)),
    example((x) => ops.celu(x, 3), real(4)),
  ),
  selu: unary(ops.selu),
  sigmoid: unary(ops.sigmoid),
  logSigmoid: unary(ops.logSigmoid),
  tanh: unary(ops.tanh),
  softplus: unary(ops.softplus),
  softsign: unary(ops.softsign),
  silu: unary(ops.silu),
  swish: unary(ops.swish),
  mish: unary(ops.mish),
  gelu: row(
    ...unary((x) => ops.gelu(x)).examples,
    example((x) => ops.gelu(x, true), real(4)),
  ),
  hardSigmoid: unary(ops.hardSigmoid, (...shape) => between(-5, 5, ...shape)),
  hardSwish: unary(ops.hardSwish, (...shape) => between(-5, 5, ...shape)),
  hardSilu: unary(ops.hardSilu, (...shape) => between(-5, 5, ...shape)),
  hardTanh: row(
    ...unary((x) => ops.hardTanh(x)).examples,
    example((x) => ops.hardTanh(x, -2, 0.5), real(4)),
  ),
  threshold: row(
    ...unary((x) => ops.threshold(x)).examples,
    example((x) => ops.threshold(x, -0.5, 3), real(4)),
  ),

  // Comparisons, logic, choice.
  equal: comparison(ops.equal),
  notEqual: comparison(ops.notEqual),
  less: comparison(ops.less),
  lessEqual: comparison(ops.lessEqual),
  greater: comparison(ops.greater),
  greaterEqual: comparison(ops.greaterEqual),
  logicalAnd: logic(ops.logicalAnd),
  logicalOr: logic(ops.logicalOr),
  logicalXor: logic(ops.logicalXor),
  logicalNot: without('booleans have no derivative', example(ops.logicalNot, bools(2, 3))),
  bitwiseAnd: without(
    'bits do not change continuously',
    example((a, b) => ops.bitwiseAnd(a, b), below(9, 4), below(9, 4)),
  ),
  where: row(
    example(ops.where, bools(2, 3), real(2, 3), real(2, 3)),
    example(ops.where, bools(3), real(2, 1), real()),
    example(ops.where, bools(2, 1), real(3), real(2, 3)),
    example((c, a) => ops.where(c, a, 0), bools(3), real(3)),
  ),
  isNaN: comparison((x) => ops.isNaN(x)),
  isFinite: comparison((x) => ops.isFinite(x)),
  isInf: comparison((x) => ops.isInf(x)),

  // Recurrent layers.
  simpleRNN: sequences(ops.simpleRNN, 1, 1, {}),
  lstm: sequences(ops.lstm, 4, 2, {}, { recurrentActivation: 'hardSigmoid' }),
  gru: sequences(ops.gru, 3, 1, {}, { recurrentActivation: 'hardSigmoid' }),
  basicLSTMCell: row(
    example(
      (...xs) => ops.basicLSTMCell(...(xs as [Tensor, Tensor2D, Tensor1D, Tensor2D, Tensor2D, Tensor2D])),
      ...[real(), real(3, 8), real(8), real(2, 1), real(2, 2), real(2, 2)],
    ),
  ),
  multiRNNCell: row(
    example(
      (k, x, c, h) => {
        const cell: ops.LSTMCellFunc = (data, c, h) =>
          ops.basicLSTMCell(1, k as Tensor2D, ops.zeros([8], k.dtype), data, c, h);
        return tidy(() => ops.multiRNNCell([cell, cell], x as Tensor2D, [c, h] as Tensor2D[], [h, c] as Tensor2D[]));
      },
      ...[real(4, 8), real(1, 2), real(1, 2), real(1, 2)],
    ),
  ),

  // Products.
  matMul: row(
    example((a, b) => ops.matMul(a, b), real(2, 3), real(3, 2)),
    example((a, b) => ops.matMul(a, b, true), real(3, 2), real(3, 2)),
    example((a, b) => ops.matMul(a, b, false, true), real(2, 3), real(2, 3)),
    example((a, b) => ops.matMul(a, b, true, true), real(3, 2), real(2, 3)),
    example((a, b) => ops.matMul(a, b), real(2, 2, 3), real(2, 3, 1)),
    example((a, b) => ops.matMul(a, b, true, true), real(2, 3, 2), real(2, 2, 3)),
    example((a, b) => ops.matMul(a, b), real(2, 2, 2), real(2, 2)),
    example((a, b) => ops.matMul(a, b, false, true), real(2, 2), real(2, 1, 2)),
    example((a, b) => ops.matMul(a, b), real(2, 1, 1, 2), real(1, 2, 2, 1)),
    example((a, b) => ops.matMul(a, b), real(2, 0), real(0, 3)),
  ),
  dot: row(
    example(ops.dot, real(3), real(3)),
    example(ops.dot, real(3), real(3, 2)),
    example(ops.dot, real(2, 3), real(3)),
    example(ops.dot, real(2, 3), real(3, 2)),
  ),
  outerProduct: row(example(ops.outerProduct, real(3), real(2))),

  // Convolutions.
  conv2d: row(
    example((x, w) => ops.conv2d(x, w, 1, 'valid'), real(2, 3, 4, 2), real(2, 3, 2, 2)),
    example((x, w) => ops.conv2d(x, w, 2, 'same'), real(1, 3, 4, 2), real(3, 2, 2, 1)),
    example((x, w) => ops.conv2d(x, w, [2, 1], 1), real(1, 3, 3, 1), real(2, 2, 1, 2)),
    example((x, w) => ops.conv2d(x, w, 1, 'same', 'NHWC', [1, 2]), real(3, 4, 1), real(2, 3, 1, 2)),
    example((x, w) => ops.conv2d(x, w, 1, 'valid', 'NCHW'), real(2, 2, 3, 3), real(2, 2, 2, 3)),
    example((x, w) => ops.conv2d(x, w, 2, 1, 'NHWC', 1, 'ceil'), real(1, 3, 3, 1), real(2, 2, 1, 1)),
    example((x, w) => ops.conv2d(x, w, 1, 'same', 'NHWC', 1, undefined, 2), real(1, 2, 3, 4), real(2, 2, 2, 6)),
    example((x, w) => ops.conv2d(x, w, 1, 'same', 'NHWC', 1, undefined, 3), real(1, 3, 2, 3), real(2, 1, 1, 3)),
    example(
      (x, w) =>
        ops.conv2d(x, w, 1, [
          [0, 0],
          [2, 0],
          [0, 1],
          [0, 0],
        ]),
      real(1, 2, 2, 1),
      real(2, 3, 1, 1),
    ),
    example((x, w) => ops.conv2d(x, w, 1, 'same'), real(0, 2, 2, 1), real(2, 2, 1, 2)),
    example((x, w) => ops.conv2d(x, w, 1, 'same'), real(1, 2, 2, 0), real(2, 2, 0, 2)),
  ),
  conv1d: row(
    example((x, w) => ops.conv1d(x, w, 1, 'valid'), real(2, 5, 2), real(3, 2, 2)),
    example((x, w) => ops.conv1d(x, w, 2, 'same'), real(5, 1), real(2, 1, 2)),
    example((x, w) => ops.conv1d(x, w, 1, 1, 'NWC', 2), real(1, 5, 1), real(3, 1, 1)),
    example((x, w) => ops.conv1d(x, w, 1, 'same', 'NWC', 1, undefined, 2), real(1, 3, 4), real(2, 2, 2)),
  ),
  conv2dTranspose: row(
    example((x, w) => ops.conv2dTranspose(x, w, [2, 3, 4, 1], 1, 'valid'), real(2, 2, 3, 2), real(2, 2, 1, 2)),
    example((x, w) => ops.conv2dTranspose(x, w, [4, 5, 2], 2, 'same'), real(2, 3, 1), real(3, 2, 2, 1)),
    example((x, w) => ops.conv2dTranspose(x, w, [1, 4, 3, 1], [2, 1], 1), real(1, 3, 4, 1), real(2, 2, 1, 1)),
  ),
  depthwiseConv2d: row(
    example((x, w) => ops.depthwiseConv2d(x, w, 1, 'valid'), real(2, 3, 4, 2), real(2, 2, 2, 1)),
    example((x, w) => ops.depthwiseConv2d(x, w, [2, 1], 'same'), real(1, 3, 4, 3), real(3, 2, 3, 2)),
    example((x, w) => ops.depthwiseConv2d(x, w, 1, 2, 'NHWC', [2, 1]), real(4, 3, 1), real(2, 3, 1, 1)),
    example((x, w) => ops.depthwiseConv2d(x, w, 2, 1, 'NCHW', 1, 'ceil'), real(1, 2, 4, 3), real(3, 2, 2, 1)),
    example((x, w) => ops.depthwiseConv2d(x, w, 2, BORDERS), real(1, 3, 3, 2), real(2, 2, 2, 1)),
    example((x, w) => ops.depthwiseConv2d(x, w, 1, 'valid'), real(0, 3, 3, 2), real(2, 2, 2, 2)),
  ),
  separableConv2d: row(
    example(
      (x, d, p) => ops.separableConv2d(x, d, p, 1, 'valid'),
      real(2, 3, 3, 2),
      real(2, 2, 2, 2),
      real(1, 1, 4, 3),
    ),
    example((x, d, p) => ops.separableConv2d(x, d, p, 2, 'same'), real(3, 4, 2), real(2, 2, 2, 1), real(1, 1, 2, 1)),
    example(
      (x, d, p) => ops.separableConv2d(x, d, p, 1, 'same', 2),
      real(1, 4, 3, 1),
      real(2, 2, 1, 2),
      real(1, 1, 2, 2),
    ),
  ),

  // Reductions.
  sum: row(
    ...reduction(ops.sum),
    example((x) => ops.sum(x, 0), real(0, 2)),
  ),
  mean: row(...reduction(ops.mean)),
  prod: row(...reduction(ops.prod)),
  max: row(...reduction(ops.max)),
  min: row(...reduction(ops.min)),
  any: truth(ops.any),
  all: truth(ops.all),
  argMax: position(ops.argMax),
  argMin: position(ops.argMin),
  cumsum: scan(ops.cumsum),
  cumprod: scan(ops.cumprod),
  logSumExp: row(...reduction(ops.logSumExp)),
  moments: row(
    ...reduction((x, axis, keepDims) => {
      const { mean, variance } = ops.moments(x, axis, keepDims);
      return [mean, variance];
    }),
  ),
  norm: row(
    example((x) => ops.norm(x), real(2, 3)),
    example((x) => ops.norm(x, 'euclidean', 0, true), real(2, 3)),
    example((x) => ops.norm(x), real()),
    example((x) => ops.norm(x, 1), real(2, 3)),
    example((x) => ops.norm(x, 3, 0), real(2, 3)),
    example((x) => ops.norm(x, Infinity, -1, true), real(2, 3)),
    example((x) => ops.norm(x, -Infinity), real(4)),
    example((x) => ops.norm(x, 'fro', [0, 1]), real(2, 3)),
    example((x) => ops.norm(x, 1, [0, 2]), real(2, 2, 3)),
    example((x) => ops.norm(x, Infinity, [1, 2], true), real(2, 2, 3)),
    example((x) => ops.norm(x, -Infinity, [0, 1]), real(3, 2)),
  ),
  l2Loss: row(
    example((x) => ops.l2Loss(x), real(2, 3)),
    example((x) => ops.l2Loss(x), real()),
  ),
  euclideanNorm: row(
    example((x) => ops.euclideanNorm(x), real(2, 3)),
    example((x) => ops.euclideanNorm(x, 1, true), real(2, 3)),
  ),

  // Softmax and cross entropies.
  softmax: row(
    example((x) => ops.softmax(x), real(4)),
    example((x) => ops.softmax(x), real(2, 2, 3)),
    example((x) => ops.softmax(x), real()),
  ),
  logSoftmax: row(
    example((x) => ops.logSoftmax(x), real(4)),
    example((x) => ops.logSoftmax(x), real(2, 2, 3)),
    example((x) => ops.logSoftmax(x), real()),
  ),
  softmaxCrossEntropyWithLogits: row(
    example(ops.softmaxCrossEntropyWithLogits, positive(2, 3), real(2, 3)),
    example(ops.softmaxCrossEntropyWithLogits, positive(3), real(3)),
    example(ops.softmaxCrossEntropyWithLogits, positive(2, 2, 2), real(2, 2, 2)),
  ),
  sparseSoftmaxCrossEntropyWithLogits: row(
    example(ops.sparseSoftmaxCrossEntropyWithLogits, below(3, 4), real(4, 3)),
    example(ops.sparseSoftmaxCrossEntropyWithLogits, below(3), real(3)),
    example(ops.sparseSoftmaxCrossEntropyWithLogits, below(2, 2, 3), real(2, 3, 2)),
  ),
  weightedCrossEntropyWithLogits: row(
    example((z, x) => ops.weightedCrossEntropyWithLogits(z, x, 3), chances(2, 3), real(2, 3)),
    example((z, x, w) => ops.weightedCrossEntropyWithLogits(z, x, w), chances(2, 3), real(2, 3), positive(3)),
  ),
  sigmoidCrossEntropyWithLogits: row(
    example(ops.sigmoidCrossEntropyWithLogits, positive(2, 3), real(2, 3)),
    example(ops.sigmoidCrossEntropyWithLogits, positive(), real()),
  ),

  // Shapes and dtypes.
  cast: row(example((x) => ops.cast(x, 'float64'), real(3))),
  asType: row(example((x) => ops.asType(x, 'float64'), real(3))),
  toFloat: without(
    'another precision: see cast',
    example((x) => ops.toFloat(x), below(9, 4)),
  ),
  toInt: without(
    'truncates',
    example((x) => ops.toInt(x), real(4)),
  ),
  toBool: without(
    'a boolean does not change continuously',
    example((x) => ops.toBool(x), real(4)),
  ),
  clone: unary(ops.clone),
  identity: unary(ops.identity),
  reshape: row(
    example((x) => ops.reshape(x, [3, -1]), real(2, 3)),
    example((x) => ops.reshape(x, []), real(1, 1)),
    example((x) => ops.reshape(x, [2, 0]), real(0, 3)),
  ),
  reshapeAs: row(example((x, y) => ops.reshapeAs(x, y), real(2, 3), below(2, 6))),
  flatten: row(
    example((x) => ops.flatten(x), real(2, 3)),
    example((x) => ops.flatten(x), real()),
  ),
  asScalar: row(example((x) => ops.asScalar(x), real(1, 1))),
  as1D: row(example((x) => ops.as1D(x), real(2, 2))),
  as2D: row(example((x) => ops.as2D(x, 3, 2), real(6))),
  as3D: row(example((x) => ops.as3D(x, 3, 1, 2), real(6))),
  as4D: row(example((x) => ops.as4D(x, 1, 3, 1, 2), real(6))),
  as5D: row(example((x) => ops.as5D(x, 1, 3, 1, 2, 1), real(6))),
  expandDims: row(
    example((x) => ops.expandDims(x), real(3)),
    example((x) => ops.expandDims(x, 1), real(2, 3)),
    example((x) => ops.expandDims(x, -1), real(2, 3)),
  ),
  squeeze: row(
    example((x) => ops.squeeze(x), real(1, 3, 1)),
    example((x) => ops.squeeze(x, [0]), real(1, 3, 1)),
  ),
  transpose: row(
    example((x) => ops.transpose(x), real(2, 3)),
    example((x) => ops.transpose(x, [1, 2, 0]), real(2, 3, 2)),
    example((x) => ops.transpose(x, [1, 0, 2]), real(1, 3, 2)),
    example((x) => ops.transpose(x), real()),
  ),
  broadcastTo: row(
    example((x) => ops.broadcastTo(x, [2, 3]), real(3)),
    example((x) => ops.broadcastTo(x, [2, 2, 3]), real(2, 1)),
    example((x) => ops.broadcastTo(x, [2, 2]), real()),
    example((x) => ops.broadcastTo(x, [2, 2]), real(2, 2)),
  ),
  reverse: row(
    example((x) => ops.reverse(x), real(2, 3)),
    example((x) => ops.reverse(x, 1), real(2, 3)),
    example((x) => ops.reverse(x, [0, -1]), real(2, 2, 2)),
    example((x) => ops.reverse(x), real()),
  ),

  // Picking by index.
  gather: row(
    example((x, i) => ops.gather(x, i), real(3, 2), below(3, 4)),
    example((x, i) => ops.gather(x, i, 1), real(2, 3), below(3, 2, 2)),
    example((x, i) => ops.gather(x, i, -1), real(2, 2, 3), below(3)),
    example((x, i) => ops.gather(x, i, 1, 1), real(2, 3, 2), below(3, 2, 2)),
    example((x, i) => ops.gather(x, i, 2, 1), real(2, 2, 3), below(3, 2, 2)),
  ),
  oneHot: without(
    'indices do not change continuously',
    example((i) => ops.oneHot(i, 3), below(4, 5)),
  ),
  unsortedSegmentSum: row(
    example((x, i) => ops.unsortedSegmentSum(x, i, 3), real(4), below(3, 4)),
    example((x, i) => ops.unsortedSegmentSum(x, i, 2), real(4, 2), below(2, 4)),
  ),

  gatherND: row(
    example((x, i) => ops.gatherND(x, i), real(3, 2), below(2, 4, 1)),
    example((x, i) => ops.gatherND(x, i), real(2, 2, 3), below(2, 3, 2)),
    example((x, i) => ops.gatherND(x, i), real(2, 2), below(2, 2, 1, 2)),
  ),
  scatterND: row(
    example((i, x) => ops.scatterND(i, x, [3, 2]), below(3, 4, 1), real(4, 2)),
    example((i, x) => ops.scatterND(i, x, [2, 2]), below(2, 3, 2), real(3)),
    example((i, x) => ops.scatterND(i, x, [4]), below(4, 3), real(3)),
  ),
  tensorScatterUpdate: row(
    // Five places among four: some are written twice.
    example((x, i, y) => ops.tensorScatterUpdate(x, i, y), real(4, 2), below(4, 5, 1), real(5, 2)),
    example((x, i, y) => ops.tensorScatterUpdate(x, i, y), real(2, 2), below(2, 3, 2), real(3)),
  ),
  whereAsync: without(
    'asynchronous: see indexing.test.ts',
    example((c) => ops.whereAsync(c), bools(2, 3)),
  ),
  booleanMaskAsync: without(
    'asynchronous: see indexing.test.ts',
    example((x, m) => ops.booleanMaskAsync(x, m), real(3, 2), bools(3)),
  ),

  // Parts.
  slice: row(
    example((x) => ops.slice(x, 1), real(3, 2)),
    example((x) => ops.slice(x, [1, 0], [1, 2]), real(2, 3)),
    example((x) => ops.slice(x, [0, 1, 1], [2, -1, 1]), real(2, 3, 2)),
    example((x) => ops.slice(x, [1], [0]), real(2)),
  ),
  slice1d: row(example((x) => ops.slice1d(x as Tensor1D, 1, 2), real(4))),
  slice2d: row(example((x) => ops.slice2d(x as Tensor2D, [0, 1], [2, 2]), real(2, 3))),
  slice3d: row(example((x) => ops.slice3d(x as Tensor3D, [0, 1, 0], [2, 1, 1]), real(2, 2, 2))),
  slice4d: row(example((x) => ops.slice4d(x as Tensor4D, [0, 1, 0, 0], [2, 1, 1, 1]), real(2, 2, 1, 2))),
  stridedSlice: row(
    example((x) => ops.stridedSlice(x, [0], [5], [2]), real(5)),
    example((x) => ops.stridedSlice(x, [-1, 0], [-4, 2], [-2, 1]), real(4, 3)),
    example((x) => ops.stridedSlice(x, [0, 1], [0, 2], [1, 1], 0, 0, 1, 0, 2), real(2, 2, 3)),
    example((x) => ops.stridedSlice(x, [0, 0], [2, 2], undefined, 0, 0, 0, 1), real(2, 3)),
  ),
  split: row(
    example((x) => ops.split(x, 2), real(4, 2)),
    example((x) => ops.split(x, [1, -1], 1), real(2, 3)),
  ),
  unstack: row(
    example((x) => ops.unstack(x), real(2, 3)),
    example((x) => ops.unstack(x, -1), real(2, 3)),
  ),
  reverse1d: row(example((x) => ops.reverse1d(x as Tensor1D), real(3))),
  reverse2d: row(example((x) => ops.reverse2d(x as Tensor2D, 1), real(2, 3))),
  reverse3d: row(example((x) => ops.reverse3d(x as Tensor3D, [0, 2]), real(2, 2, 2))),
  reverse4d: row(example((x) => ops.reverse4d(x as Tensor4D), real(2, 1, 2, 2))),
  diag: row(
    example((x) => ops.diag(x), real(3)),
    example((x) => ops.diag(x), real(2, 2)),
  ),
  ensureShape: row(example((x) => tidy(() => ops.clone(ops.ensureShape(x, [2, null]))), real(2, 3))),

  // Joined, padded, repeated.
  concat: row(
    example((a, b) => ops.concat([a, b]), real(2, 2), real(1, 2)),
    example((a, b, c) => ops.concat([a, b, c], -1), real(2, 1), real(2, 0), real(2, 3)),
    example((a) => ops.concat([a, a], 1), real(2, 2)),
    example((a) => ops.concat([a]), real(3)),
  ),
  concat1d: row(example((a, b) => ops.concat1d([a, b] as Tensor1D[]), real(2), real(3))),
  concat2d: row(example((a, b) => ops.concat2d([a, b] as Tensor2D[], 1), real(2, 1), real(2, 2))),
  concat3d: row(example((a, b) => ops.concat3d([a, b] as Tensor3D[], 2), real(2, 1, 1), real(2, 1, 2))),
  concat4d: row(example((a, b) => ops.concat4d([a, b] as Tensor4D[], 0), real(1, 1, 1, 2), real(2, 1, 1, 2))),
  stack: row(
    example((a, b) => ops.stack([a, b]), real(3), real(3)),
    example((a, b) => ops.stack([a, b], 1), real(2, 2), real(2, 2)),
    example((a, b) => ops.stack([a, b], -1), real(2, 2), real(2, 2)),
    example((a, b) => ops.stack([a, b]), real(), real()),
  ),
  meshgrid: row(
    example((a, b) => ops.meshgrid(a, b), real(2), real(3)),
    example((a, b) => ops.meshgrid(a, b, { indexing: 'ij' }), real(2), real(3)),
    example((a) => ops.meshgrid(a), real(2)),
  ),
  broadcastArgs: without(
    'shapes do not change continuously',
    example((a) => ops.broadcastArgs(a, [2, 1]), { ...below(3, 2), low: 2 }),
  ),
  pad: row(
    example((x) => ops.pad(x, [[1, 2]]), real(3)),
    example(
      (x) =>
        ops.pad(
          x,
          [
            [0, 1],
            [2, 0],
          ],
          7,
        ),
      real(2, 3),
    ),
  ),
  pad1d: row(example((x) => ops.pad1d(x as Tensor1D, [1, 2]), real(3))),
  pad2d: row(
    example(
      (x) =>
        ops.pad2d(x as Tensor2D, [
          [1, 0],
          [0, 2],
        ]),
      real(2, 2),
    ),
  ),
  pad3d: row(
    example(
      (x) =>
        ops.pad3d(x as Tensor3D, [
          [1, 0],
          [0, 2],
          [0, 0],
        ]),
      real(2, 1, 2),
    ),
  ),
  pad4d: row(
    example(
      (x) =>
        ops.pad4d(x as Tensor4D, [
          [1, 0],
          [0, 2],
          [0, 0],
          [1, 1],
        ]),
      real(2, 1, 2, 1),
    ),
  ),
  mirrorPad: row(
    example((x) => ops.mirrorPad(x, [[2, 1]], 'reflect'), real(3)),
    example(
      (x) =>
        ops.mirrorPad(
          x,
          [
            [1, 0],
            [2, 3],
          ],
          'symmetric',
        ),
      real(2, 3),
    ),
  ),
  tile: row(
    example((x) => ops.tile(x, [3]), real(2)),
    example((x) => ops.tile(x, [2, 1, 3]), real(2, 3, 1)),
    example((x) => ops.tile(x, [2, 0]), real(2, 2)),
    example((x) => ops.tile(x, []), real()),
  ),
  batchToSpaceND: row(
    example(
      (x) =>
        ops.batchToSpaceND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 0],
          ],
        ),
      real(4, 1, 2, 1),
    ),
    example((x) => ops.batchToSpaceND(x, [3], [[1, 1]]), real(3, 2)),
  ),
  spaceToBatchND: row(
    example(
      (x) =>
        ops.spaceToBatchND(
          x,
          [2, 2],
          [
            [0, 1],
            [1, 1],
          ],
        ),
      real(1, 3, 2, 1),
    ),
    example((x) => ops.spaceToBatchND(x, [3], [[1, 0]]), real(1, 2, 2)),
  ),
  depthToSpace: row(
    example((x) => ops.depthToSpace(x as Tensor4D, 2), real(1, 1, 2, 4)),
    example((x) => ops.depthToSpace(x as Tensor4D, 2, 'NCHW'), real(1, 4, 2, 1)),
  ),

  // Sorted and counted.
  topk: row(
    example((x) => ({ ...ops.topk(x, 2) }), real(2, 3)),
    example((x) => ({ ...ops.topk(x) }), real(4)),
  ),
  unique: row(
    example((x) => ({ ...ops.unique(x) }), real(3)),
    example((x) => ({ ...ops.unique(x, 1) }), real(2, 3)),
  ),
  setdiff1dAsync: without(
    'asynchronous: see sorting.test.ts',
    example((x, y) => ops.setdiff1dAsync(x, y), real(3), real(2)),
  ),
  inTopKAsync: without(
    'asynchronous: see sorting.test.ts',
    example((x, t) => ops.inTopKAsync(x, t, 2), real(3, 4), below(4, 3)),
  ),
  bincount: row(
    example((x, w) => ops.bincount(x, w, 3), below(4, 5), real(5)),
    example((x, w) => ops.bincount(x, w, 2), below(2, 4), real(4)),
  ),
  denseBincount: row(
    example((x, w) => ops.denseBincount(x as Tensor2D, w as Tensor2D, 3), below(4, 2, 3), real(2, 3)),
    example((x, w) => ops.denseBincount(x as Tensor1D, w as Tensor1D, 3), below(3, 4), real(4)),
  ),

  // Sums of products, averages.
  einsum: row(
    example((a, b) => ops.einsum('ij,jk->ik', a, b), real(2, 3), real(3, 2)),
    example((a, b) => ops.einsum('bij,bkj->kbi', a, b), real(2, 2, 3), real(2, 2, 3)),
    example((a, b) => ops.einsum('ijk,jl->il', a, b), real(2, 2, 2), real(2, 3)),
    example((a, b) => ops.einsum('i,i->i', a, b), real(3), real(3)),
    example((a) => ops.einsum('ijk->ki', a), real(2, 2, 3)),
    example((a, b) => ops.einsum(',->', a, b), real(), real()),
  ),
  movingAverage: row(
    example((v, x) => ops.movingAverage(v, x, 0.9, 2), real(2, 2), real(2, 2)),
    example((v, x) => ops.movingAverage(v, x, 0.5, undefined, false), real(3), real(3)),
  ),

  'fused.matMul': row(
    example((a, b) => fused.matMul({ a, b }), real(2, 3), real(3, 2)),
    example((a, b, bias) => fused.matMul({ a, b, bias, transposeB: true }), real(2, 3), real(2, 3), real(2)),
    ...(['relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
      example((a, b, bias) => fused.matMul({ a, b, bias, activation }), real(2, 2), real(2, 2), real(2)),
    ),
    example(
      (a, b, preluActivationWeights) => fused.matMul({ a, b, activation: 'prelu', preluActivationWeights }),
      ...[real(2, 2), real(2, 2), real(2)],
    ),
  ),
  'fused.conv2d': row(
    example(
      (x, filter, bias) => fused.conv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'elu' }),
      ...[real(1, 2, 3, 1), real(2, 2, 1, 2), real(2)],
    ),
    example(
      (x, filter, bias) => fused.conv2d({ x, filter, strides: 1, pad: 'valid', dataFormat: 'NCHW', bias }),
      ...[real(1, 1, 2, 3), real(2, 2, 1, 2), real(2)],
    ),
  ),
  'fused.depthwiseConv2d': row(
    example(
      (x, filter, bias) => fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'same', bias, activation: 'sigmoid' }),
      ...[real(1, 2, 3, 2), real(2, 2, 2, 1), real(2)],
    ),
  ),

  'image.resizeNearestNeighbor': resizing(image.resizeNearestNeighbor),
  'image.resizeBilinear': resizing(image.resizeBilinear),
  'image.transform': row(...warping('nearest'), ...warping('bilinear')),
  'image.rotateWithOffset': row(
    example((x) => image.rotateWithOffset(x as Tensor4D, 0.7), real(2, 3, 4, 2)),
    example((x) => image.rotateWithOffset(x as Tensor4D, -1.2, [1, 2, 3], [0.3, 0.8]), real(1, 3, 3, 4)),
  ),
  'image.flipLeftRight': row(
    example((x) => image.flipLeftRight(x as Tensor4D), real(2, 2, 3, 2)),
    example((x) => image.flipLeftRight(x as Tensor4D), real(0, 2, 3, 2)),
  ),
  'image.cropAndResize': row(
    example((x) => image.cropAndResize(x as Tensor4D, [[0.1, 0.2, 0.9, 0.7]], [1], [3, 2]), real(2, 3, 4, 2)),
    example(
      (x) => image.cropAndResize(x as Tensor4D, [[0.9, 0, 0.2, 1.4]], [0], [2, 1], 'nearest', 5),
      real(1, 3, 4, 1),
    ),
  ),
  'image.grayscaleToRGB': row(example((x) => image.grayscaleToRGB(x), real(2, 3, 1))),
  'image.rgbToGrayscale': row(
    example((x) => image.rgbToGrayscale(x), real(2, 2, 2, 3)),
    example((x) => image.rgbToGrayscale(x), real(2, 3)),
  ),
  'image.threshold': without(
    'a threshold does not change continuously',
    example((x) => image.threshold(x as Tensor3D), between(0, 250, 3, 4, 1)),
    example((x) => image.threshold(x as Tensor3D, 'otsu', true), between(0, 250, 3, 4, 3)),
    example((x) => image.threshold(x as Tensor3D, 'otsu'), below(255, 3, 4, 1)),
  ),
  'image.nonMaxSuppression': choosing((boxes, scores) => image.nonMaxSuppression(boxes, scores, 4)),
  'image.nonMaxSuppressionWithScore': choosing((b, s) => ({ ...image.nonMaxSuppressionWithScore(b, s, 4, 1, 0, 0.5) })),
  'image.nonMaxSuppressionPadded': choosing((b, s) => ({ ...image.nonMaxSuppressionPadded(b, s, 4, 0.5, 0, true) })),
  'image.nonMaxSuppressionAsync': choosing((boxes, scores) => image.nonMaxSuppressionAsync(boxes, scores, 4)),
  'image.nonMaxSuppressionWithScoreAsync': choosing(async (boxes, scores) => ({
    ...(await image.nonMaxSuppressionWithScoreAsync(boxes, scores, 4)),
  })),
  'image.nonMaxSuppressionPaddedAsync': choosing(async (boxes, scores) => ({
    ...(await image.nonMaxSuppressionPaddedAsync(boxes, scores, 4)),
  })),

  'linalg.bandPart': row(
    example((x) => linalg.bandPart(x, 1, 0), real(3, 3)),
    example((x) => linalg.bandPart(x, -1, 1), real(2, 2, 3)),
  ),
  'linalg.gramSchmidt': row(
    example((x) => tidy(() => linalg.gramSchmidt(ops.clone(x) as Tensor2D)), real(2, 3)),
    example((a, b) => linalg.gramSchmidt([a, b] as Tensor1D[]), real(2), real(2)),
  ),
  'linalg.qr': row(
    example((x) => linalg.qr(x), real(2, 2)),
    example((x) => linalg.qr(x), real(3, 2)),
    example((x) => linalg.qr(x, true), real(2, 2, 3)),
  ),
  'math.confusionMatrix': without(
    'classes do not change continuously',
    example((y, p) => math.confusionMatrix(y, p, 3), below(3, 5), below(3, 5)),
  ),

  // Losses.
  'losses.computeWeightedLoss': row(
    example((x) => losses.computeWeightedLoss(x), real(2, 3)),
    example((x, w) => losses.computeWeightedLoss(x, w), real(2, 3), positive(2, 1)),
  ),
  'losses.absoluteDifference': loss(losses.absoluteDifference),
  'losses.cosineDistance': loss((y, p, w, r) => losses.cosineDistance(y, p, 1, w, r), real, real, [2, 1]),
  'losses.hingeLoss': loss(losses.hingeLoss),
  'losses.huberLoss': loss((y, p, w, r) => losses.huberLoss(y, p, w, 0.7, r)),
  'losses.logLoss': loss(
    (y, p, w, r) => losses.logLoss(y, p, w, 1e-7, r),
    (...shape) => between(0.1, 0.9, ...shape),
    (...shape) => between(0.1, 0.9, ...shape),
  ),
  'losses.meanSquaredError': loss(losses.meanSquaredError),
  'losses.sigmoidCrossEntropy': loss((y, p, w, r) => losses.sigmoidCrossEntropy(y, p, w, 0.1, r), positive),
  'losses.softmaxCrossEntropy': loss((y, p, w, r) => losses.softmaxCrossEntropy(y, p, w, 0.1, r), positive, real, [2]),

  // Pools.
  maxPool: row(
    example((x) => ops.maxPool(x, 2, 2, 'valid'), real(2, 4, 4, 2)),
    example((x) => ops.maxPool(x, 3, 1, 'same'), real(1, 3, 4, 2)),
    example((x) => ops.maxPool(x, [2, 3], [1, 2], 1), real(1, 4, 5, 1)),
    example((x) => ops.maxPool(x, 3, 2, BORDERS, 'ceil'), real(5, 5, 1)),
    example((x) => ops.maxPool(x, 2, 2, 'valid'), real(0, 4, 4, 2)),
  ),
  avgPool: row(
    example((x) => ops.avgPool(x, 2, 2, 'valid'), real(2, 4, 4, 2)),
    example((x) => ops.avgPool(x, 3, 1, 'same'), real(1, 3, 4, 2)),
    example((x) => ops.avgPool(x, [2, 3], [1, 2], 1), real(1, 4, 5, 1)),
    example((x) => ops.avgPool(x, 3, 2, BORDERS, 'ceil'), real(5, 5, 1)),
    example((x) => ops.avgPool(x, 2, 2, 'valid'), real(0, 4, 4, 2)),
  ),
  pool: row(
    example((x) => ops.pool(x, 2, 'max', 'same', [1, 2]), real(1, 3, 4, 2)),
    example((x) => ops.pool(x, 2, 'avg', 1, [2, 1]), real(4, 3, 1)),
    example((x) => ops.pool(x, 2, 'avg', 'valid', 1, 2), real(4, 4, 1)),
  ),
  maxPoolWithArgmax: row(
    example((x) => ops.maxPoolWithArgmax(x as Tensor4D, 2, 1, 'same'), real(2, 3, 3, 2)),
    example((x) => ops.maxPoolWithArgmax(x as Tensor4D, 2, 2, 'valid', true), real(2, 4, 4, 1)),
  ),
  maxPool3d: row(
    example((x) => ops.maxPool3d(x, 2, 2, 'valid'), real(1, 2, 4, 4, 1)),
    example((x) => ops.maxPool3d(x, [2, 2, 1], 1, 'same'), real(2, 3, 2, 1)),
  ),
  avgPool3d: row(
    example((x) => ops.avgPool3d(x, 2, 2, 'valid'), real(1, 2, 4, 4, 1)),
    example((x) => ops.avgPool3d(x, [2, 2, 1], 1, 'same'), real(2, 3, 2, 1)),
  ),

  'metrics.meanSquaredError': perSample(metrics.meanSquaredError),
  'metrics.meanAbsoluteError': perSample(metrics.meanAbsoluteError),
  'metrics.meanAbsolutePercentageError': perSample(metrics.meanAbsolutePercentageError, away),
  'metrics.meanSquaredLogarithmicError': perSample(metrics.meanSquaredLogarithmicError, positive),
  'metrics.huber': perSample((y, p) => metrics.huber(y, p, { delta: 0.7 })),
  'metrics.smoothL1': perSample((y, p) => metrics.smoothL1(y, p, { beta: 0.7 })),
  'metrics.logCosh': perSample(metrics.logCosh),
  'metrics.poisson': perSample(metrics.poisson, positive),
  'metrics.cosineSimilarity': row(
    ...perSample(metrics.cosineSimilarity).examples,
    example((y, p) => metrics.cosineSimilarity(y, p, { axis: 0 }), real(3, 2), real(3, 2)),
  ),
  'metrics.cosineProximity': perSample(metrics.cosineProximity),
  'metrics.pearsonCorrelation': perSample(metrics.pearsonCorrelation),
  'metrics.concordanceCorrelation': perSample(metrics.concordanceCorrelation),
  'metrics.r2Score': perSample(metrics.r2Score),
  'metrics.binaryCrossentropy': row(
    ...perSample(metrics.binaryCrossentropy, chances).examples,
    example(
      (y, p) => metrics.binaryCrossentropy(y, p, { fromLogits: true, labelSmoothing: 0.1, axis: 0 }),
      ...[chances(3, 2), real(3, 2)],
    ),
  ),
  'metrics.categoricalCrossentropy': row(
    ...perSample(metrics.categoricalCrossentropy, chances).examples,
    example(
      (y, p) => metrics.categoricalCrossentropy(y, p, { fromLogits: true, labelSmoothing: 0.1, axis: 1 }),
      ...[chances(2, 3, 2), real(2, 3, 2)],
    ),
  ),
  'metrics.sparseCategoricalCrossentropy': row(
    example((y, p) => metrics.sparseCategoricalCrossentropy(y, p), below(3, 4), chances(4, 3)),
    example((y, p) => metrics.sparseCategoricalCrossentropy(y, p, { fromLogits: true }), below(3, 2, 1), real(2, 3)),
    example(
      (y, p) => metrics.sparseCategoricalCrossentropy(y, p, { fromLogits: true, ignoreClass: 3, axis: 1 }),
      ...[below(4, 2, 3), real(2, 3, 3)],
    ),
  ),
  'metrics.binaryFocalCrossentropy': row(
    ...perSample(metrics.binaryFocalCrossentropy, chances).examples,
    example(
      (y, p) => metrics.binaryFocalCrossentropy(y, p, { fromLogits: true, applyClassBalancing: true, gamma: 1.5 }),
      ...[chances(3, 2), real(3, 2)],
    ),
  ),
  'metrics.categoricalFocalCrossentropy': row(
    ...perSample(metrics.categoricalFocalCrossentropy, chances).examples,
    example(
      (y, p) => metrics.categoricalFocalCrossentropy(y, p, { fromLogits: true, labelSmoothing: 0.1, axis: 1 }),
      ...[chances(2, 3, 2), real(2, 3, 2)],
    ),
  ),
  'metrics.categoricalGeneralizedCrossEntropy': row(
    example((y, p) => metrics.categoricalGeneralizedCrossEntropy(y, p, { q: 0.7 }), below(3, 4), chances(4, 3)),
  ),
  'metrics.klDivergence': perSample(metrics.klDivergence, chances),
  'metrics.hinge': perSample(metrics.hinge),
  'metrics.squaredHinge': perSample(metrics.squaredHinge),
  'metrics.categoricalHinge': perSample(metrics.categoricalHinge, chances),
  'metrics.dice': row(
    ...perSample(metrics.dice, chances).examples,
    example((y, p) => metrics.dice(y, p, { axis: [1, 2] }), chances(2, 2, 3), chances(2, 2, 3)),
  ),
  'metrics.tversky': row(
    ...perSample(metrics.tversky, chances).examples,
    example((y, p) => metrics.tversky(y, p, { alpha: 0.2, beta: 0.7, axis: -1 }), ...[chances(2, 3), chances(2, 3)]),
  ),
  'metrics.circle': row(
    example((p) => metrics.circle([1, 1, 2, 2], p, { gamma: 2, margin: 0.33 }), between(-0.7, 0.7, 4, 2)),
    example(
      (p, q) => metrics.circle([1, 2], p, { gamma: 2, refLabels: [1, 2, 2], refEmbeddings: q, removeDiagonal: false }),
      ...[between(-0.7, 0.7, 2, 2), between(-0.7, 0.7, 3, 2)],
    ),
  ),
  'metrics.triplet': row(
    example((p) => metrics.triplet([1, 1, 2, 2], p), real(4, 2)),
    example((p) => metrics.triplet([1, 1, 1, 2, 3], p, { margin: 9 }), real(5, 3)),
  ),
  'metrics.tripletMargin': row(
    example((a, p, n) => metrics.tripletMargin(a, p, n, { margin: 3.3 }), real(3, 2), real(3, 2), real(3, 2)),
  ),
  'metrics.ctc': row(
    example(
      (p) =>
        metrics.ctc(
          [
            [1, 2],
            [2, 2],
            [1, 0],
            [0, 0],
          ],
          p,
        ),
      real(4, 5, 3),
    ),
    example((p) => metrics.ctc([[0, 1]], p, { maskIndex: 2 }), real(1, 2, 3)),
  ),
  'metrics.iouLoss': boxes(metrics.iouLoss),
  'metrics.giouLoss': boxes(metrics.giouLoss),
  'metrics.diouLoss': boxes(metrics.diouLoss),
  'metrics.ciouLoss': boxes(metrics.ciouLoss),
  'metrics.binaryAccuracy': counts(metrics.binaryAccuracy),
  'metrics.categoricalAccuracy': counts(metrics.categoricalAccuracy),
  'metrics.sparseCategoricalAccuracy': sparseCounts(metrics.sparseCategoricalAccuracy),
  'metrics.topKCategoricalAccuracy': counts((y, p) => metrics.topKCategoricalAccuracy(y, p, { k: 2 })),
  'metrics.sparseTopKCategoricalAccuracy': sparseCounts((y, p) =>
    metrics.sparseTopKCategoricalAccuracy(y, p, { k: 2 }),
  ),
  'metrics.precision': counts(metrics.precision),
  'metrics.recall': counts(metrics.recall),

  // Normalization.
  batchNorm: row(
    example((x, m, v) => ops.batchNorm(x, m, v), real(2, 3), real(3), away(3)),
    example((x, m, v, b, s) => ops.batchNorm(x, m, v, b, s, 0.1), real(2, 2, 3), real(3), away(3), real(3), real(3)),
    example((x, m, v, s) => ops.batchNorm(x, m, v, null, s), real(5, 6), real(6), away(6), real(6)),
    example((x, m, v, b) => ops.batchNorm(x, m, v, b), real(2, 3), real(2, 3), away(2, 3), real(3)),
    example((x, m, v, b, s) => ops.batchNorm(x, m, v, b, s), real(2, 2, 2), real(2, 1), away(2, 1), real(), real(2)),
    example((x, m, v) => ops.batchNorm(x, m, v), real(0, 3), real(3), away(3)),
  ),
  batchNorm2d: batchNorm(ops.batchNorm2d as never, 3, 2),
  batchNorm3d: batchNorm(ops.batchNorm3d as never, 2, 2, 2),
  batchNorm4d: batchNorm(ops.batchNorm4d as never, 2, 1, 2, 3),
  normalizeBatch: row(
    example((x, g, b) => tidy(() => normalizeBatch(x, g, b, 0.001)[0]), real(4, 2), real(2), real(2)),
    example((x, g, b) => tidy(() => normalizeBatch(x, g, b, 0.1)[0]), real(2, 2, 2, 5), real(5), real(5)),
    example((x, g, b) => tidy(() => normalizeBatch(x, g, b, 0.5)[0]), real(1, 3), real(3), real(3)),
  ),
  layerNormalization: row(
    example((x) => ops.layerNormalization(x), real(2, 3)),
    example((x, gamma, beta) => ops.layerNormalization(x, { gamma, beta }), real(3, 5), real(5), real(5)),
    example((x, gamma) => ops.layerNormalization(x, { gamma, axis: 0, epsilon: 0.1 }), real(4, 2), real(4)),
    example((x, beta) => ops.layerNormalization(x, { beta, axis: [2, 1] }), real(2, 2, 3), real(2, 3)),
    example((x, gamma) => ops.layerNormalization(x, { gamma, axis: [0, -1] }), real(2, 2, 2), real(2, 2)),
    example((x) => ops.layerNormalization(x, { epsilon: 1 }), real(2, 1)),
    example((x, gamma, beta) => ops.layerNormalization(x, { gamma, beta }), real(0, 3), real(3), real(3)),
  ),
  rmsNormalization: row(
    example((x) => ops.rmsNormalization(x), real(2, 3)),
    example((x, scale) => ops.rmsNormalization(x, { scale, epsilon: 0.1 }), real(3, 6), real(6)),
    example((x, scale) => ops.rmsNormalization(x, { scale, axis: [0, 1] }), real(2, 2, 2), real(2, 2)),
  ),
  groupNormalization: row(
    example((x) => ops.groupNormalization(x, { groups: 2 }), real(2, 4)),
    example((x, gamma, beta) => ops.groupNormalization(x, { groups: 2, gamma, beta }), real(2, 2, 4), real(4), real(4)),
    example((x, gamma) => ops.groupNormalization(x, { groups: 1, gamma, axis: 1 }), real(2, 2, 3), real(2)),
    example(
      (x, beta) => ops.groupNormalization(x, { groups: 2, beta, axis: 1, epsilon: 0.1 }),
      real(1, 2, 2, 2),
      real(2),
    ),
  ),
  localResponseNormalization: row(
    example((x) => ops.localResponseNormalization(x as Tensor3D, 1), real(1, 2, 4)),
    example((x) => ops.localResponseNormalization(x as Tensor4D, 2, 0.7, 0.3, 0.75), real(2, 1, 2, 3)),
    example((x) => ops.localResponseNormalization(x as Tensor4D), real(1, 1, 1, 3)),
  ),

  // Attention.
  dotProductAttention: row(
    example((q, k, v) => ops.dotProductAttention(q, k, v), real(1, 3, 2, 2), real(1, 4, 2, 2), real(1, 4, 2, 3)),
    example(
      (q, k, v, bias) => ops.dotProductAttention(q, k, v, { bias, scale: 0.3, isCausal: true }),
      ...[real(2, 3, 1, 2), real(2, 3, 1, 2), real(2, 3, 1, 1), real(3, 3)],
    ),
    example(
      (q, k, v, mask) => ops.dotProductAttention(q, k, v, { mask }),
      ...[real(2, 2, 2, 1), real(2, 3, 2, 1), real(2, 3, 2, 2), bools(2, 1, 1, 3)],
    ),
    example((q, k, v) => ops.dotProductAttention(q, k, v), real(1, 2, 4, 2), real(1, 3, 2, 2), real(1, 3, 2, 1)),
  ),

  // Constants.
  zerosLike: unary(ops.zerosLike),
  onesLike: unary(ops.onesLike),
  tensor: constant(
    example(() =>
      ops.tensor([
        [1, 2],
        [3, 4],
      ]),
    ),
  ),
  scalar: constant(example(() => ops.scalar(1))),
  tensor1d: constant(example(() => ops.tensor1d([1, 2]))),
  tensor2d: constant(example(() => ops.tensor2d([1, 2], [1, 2]))),
  tensor3d: constant(example(() => ops.tensor3d([1, 2], [1, 2, 1]))),
  tensor4d: constant(example(() => ops.tensor4d([1, 2], [1, 2, 1, 1]))),
  tensor5d: constant(example(() => ops.tensor5d([1, 2], [1, 2, 1, 1, 1]))),
  tensor6d: constant(example(() => ops.tensor6d([1, 2], [1, 2, 1, 1, 1, 1]))),
  fill: constant(example(() => ops.fill([2, 3], 7))),
  zeros: constant(example(() => ops.zeros([2, 3]))),
  ones: constant(example(() => ops.ones([2, 3], 'bool'))),
  eye: constant(
    example(() => ops.eye(3)),
    example(() => ops.eye(2, 3, [2, 2])),
  ),
  range: constant(
    example(() => ops.range(0, 5)),
    example(() => ops.range(5, 0, -2, 'int32')),
  ),
  linspace: constant(example(() => ops.linspace(0, 1, 5))),
  buffer: constant(example(() => ops.buffer([2, 2]).toTensor())),
  TensorBuffer: constant(example(() => new ops.TensorBuffer([2], 'int32').toTensor())),
};

/** Every example of every op, with a title: what is called, on inputs of which shapes. */
export const examples = Object.entries(rows).flatMap(([op, { examples, noGradient }]) =>
  examples.map((e, i) => ({ ...e, op, noGradient, seed: `${op} ${i}`, title: titleOf(e, op) })),
);

/** The call as it stands in the row, and the inputs' shapes. */
function titleOf({ f, inputs }: Example, op: string): string {
  const source = String(f).replace(/__vite?_\w+__\.|\(0, |ops\./g, '');
  const call =
    source.startsWith('function') || source.includes('\n')
      ? op
      : source.replace(/^.*? => /, '').replace(/^f\(/, `${op}(`);
  return `${call} on ${inputs.map(({ shape, kind }) => (kind === 'float' ? '' : kind) + JSON.stringify(shape)).join(' ')}`;
}
