// Normalization: by moments that are given, by those of the batch, of a row or of a group of channels, and by the
// channels beside each one.

import { checkCount, checkFinite } from '../check.js';
import { convert, convertPair, type TensorLike } from '../convert.js';
import { type DataType, upcastType } from '../dtype.js';
import { broadcastShapes, normalizeAxes, normalizeAxis, sameShape, showShape, sizeOf } from '../shape.js';
import { isRecording, record, withoutTapes } from '../tape.js';
import { empty, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D } from '../tensor.js';
import { normalization } from '../wasm/kernels.js';
import { add, maximum, mul, pow, sub } from './arithmetic.js';
import { conv1d } from './convolution.js';
import { fill } from './creation.js';
import { asFloat, castTo, kernel, scoped, sumTo } from './dispatch.js';
import { checkRank, convertFloats } from './images.js';
import { neg, rsqrt, square } from './math.js';
import { mean, sum } from './reduction.js';
import { reshape, transpose } from './transform.js';

type Given = Tensor | TensorLike | null | undefined;

/** x and what goes with it as floats of one dtype. What is absent stays absent, but for what is needed. */
function floats(
  op: string,
  x: Tensor | TensorLike,
  optional: Record<string, Given>,
  needed: Record<string, Given> = {},
): (Tensor | undefined)[] {
  const $x = asFloat(convert(x, 'x', op));
  const as = (name: string, given: Given): Tensor => convertPair($x, given, op, ['x', name])[1];
  const others = [
    ...Object.entries(needed).map(([name, given]) => as(name, given)),
    ...Object.entries(optional).map(([name, given]) =>
      given === undefined || given === null ? undefined : as(name, given),
    ),
  ];
  const dtype = others.reduce((widest, y) => (y ? upcastType(widest, y.dtype) : widest), $x.dtype as DataType);
  return [$x, ...others].map((y) => y && castTo(y, dtype));
}

function checkEpsilon(x: unknown, name: string, op: string): asserts x is number {
  checkFinite(x, name, op);
  if (x < 0) throw new RangeError(`${op}: ${name} must be 0 or more, got ${x}`);
}

/** @internal x / max(‖x‖, 1e-6), the length taken along an axis or several. */
export const unitVectors = (x: Tensor, axis: number | readonly number[]): Tensor =>
  scoped(() => mul(x, rsqrt(maximum(sum(square(x), axis, true), 1e-12))));

/** A kernel over [rows, n] for tensors of one dtype, inputs and outputs in its order. */
function run(
  name: Parameters<typeof normalization.op>[0],
  tensors: readonly Tensor[],
  rows: number,
  ...rest: number[]
): void {
  kernel(normalization.op(name), tensors[0]!.dtype)(...tensors.map((x) => x.storage.address), rows, ...rest);
}

/** What f gives for a cotangent, once for all the closures that ask for it in turn. */
function once<T>(f: (dy: Tensor) => T): (dy: Tensor) => T {
  let of: Tensor | undefined;
  let made: T;
  return (dy) => {
    if (of !== dy) [of, made] = [dy, f(dy)];
    return made;
  };
}

/** Σ dy · (x − center) and Σ dy over all axes but the last. */
function columnSums(dy: Tensor, x: Tensor, center: Tensor): readonly [Tensor, Tensor] {
  const { shape, dtype } = center;
  if (isRecording() || x.size === 0) return [sumTo(mul(dy, sub(x, center)), shape), sumTo(dy, shape)];
  const sums = [empty(shape, dtype), empty(shape, dtype)] as const;
  run('affineGrads', [dy, x, center, ...sums], x.size / center.size, center.size);
  return sums;
}

/** (x − center) · scale + offset, each of them with an element for each of x's last axis. */
function affine(x: Tensor, center: Tensor, scale: Tensor, offset: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  if (y.size > 0) run('affine', [x, center, scale, offset, y], x.size / center.size, center.size);
  const sums = once((dy) => columnSums(dy, x, center));
  return record(
    y,
    [x, center, scale, offset],
    [(dy) => mul(dy, scale), (dy) => neg(mul(sums(dy)[1], scale)), (dy) => sums(dy)[0], (dy) => sums(dy)[1]],
    [x, center, scale],
  );
}

/**
 * (x − mean) / √(variance + ε) · scale + offset: x normalized by moments that are given (Ioffe & Szegedy 2015).
 *
 * @param x - numbers of any shape
 * @param mean - an element for each of x's last axis, or what broadcasts to x's shape
 * @param variance - likewise, as are offset and scale
 * @param offset - 0 if absent
 * @param scale - 1 if absent
 * @param varianceEpsilon - ε, 0.001 if absent
 * @returns floats of x's shape
 * @throws RangeError for what does not broadcast to x's shape, and unless ε is 0 or more
 * @example
 * batchNorm(tensor2d([[2, 4], [9, 23]]), [1, 2], [4, 9], [0, 1], [1, 3], 0).print();  // [[0.5, 3], [4, 22]]
 */
export function batchNorm<T extends Tensor>(
  x: T | TensorLike,
  mean: Tensor | TensorLike,
  variance: Tensor | TensorLike,
  offset?: Given,
  scale?: Given,
  varianceEpsilon = 0.001,
): T {
  return scoped(() => {
    const given = floats('batchNorm', x, { offset, scale }, { mean, variance });
    const [$x, m, v, b, s] = given as [Tensor, Tensor, Tensor, Tensor?, Tensor?];
    checkEpsilon(varianceEpsilon, 'varianceEpsilon', 'batchNorm');
    const { shape } = $x;
    for (const p of given) {
      if (p && !sameShape(broadcastShapes(p.shape, shape, 'batchNorm'), shape)) {
        throw new RangeError(`batchNorm: ${showShape(p.shape)} does not broadcast to x's shape ${showShape(shape)}`);
      }
    }
    const rstd = rsqrt(add(v, varianceEpsilon));
    const factor: Tensor = s ? mul(rstd, s) : rstd;
    const each = [m, factor, b ?? m];
    if (each.every((p) => p.rank === 1 && p.size === shape.at(-1))) {
      return affine($x, m, factor, b ?? fill(m.shape, 0, m.dtype));
    }
    const y: Tensor = mul(sub($x, m), factor);
    return b ? add(y, b) : y;
  }) as T;
}

/** The form of {@link batchNorm} for one rank. */
function batchNormOf(rank: number, args: Parameters<typeof batchNorm>): Tensor {
  return scoped(() => {
    const op = `batchNorm${rank}D`;
    const [x, ...rest] = args;
    const $x = convert(x, 'x', 'batchNorm');
    if ($x.rank !== rank) throw new RangeError(`Error in ${op}: x must be rank ${rank} but got rank ${$x.rank}.`);
    const names = ['mean', 'variance', 'offset', 'scale'];
    const parameters = names.map((name, i) => {
      const given = rest[i] as Given;
      if (i > 1 && (given === undefined || given === null)) return undefined;
      const p = convertPair($x, given, 'batchNorm', ['x', name])[1];
      if (p.rank === 1 || p.rank === rank) return p;
      throw new RangeError(`Error in ${op}: ${name} must be rank ${rank} or rank 1 but got rank ${p.rank}.`);
    });
    const [m, v, offset, scale] = parameters as [Tensor, Tensor, Tensor?, Tensor?];
    return batchNorm($x, m, v, offset, scale, args[5]);
  });
}

/**
 * {@link batchNorm} of a matrix.
 * @throws as batchNorm; RangeError for another rank of x, and for parameters of a rank other than 1 and x's
 * @example
 * batchNorm2d([[2, 4], [9, 23]], [1, 2], [4, 9], [0, 1], [1, 3], 0).print();  // [[0.5, 3], [4, 22]]
 */
export const batchNorm2d = (
  x: Tensor2D | TensorLike,
  mean: Tensor2D | Tensor1D | TensorLike,
  variance: Tensor2D | Tensor1D | TensorLike,
  offset?: Tensor2D | Tensor1D | TensorLike | null,
  scale?: Tensor2D | Tensor1D | TensorLike | null,
  varianceEpsilon?: number,
): Tensor2D => batchNormOf(2, [x, mean, variance, offset, scale, varianceEpsilon]) as Tensor2D;

/**
 * {@link batchNorm} of three axes.
 * @throws as batchNorm2d
 * @example
 * batchNorm3d([[[2, 4]]], [1, 2], [4, 1], null, null, 0).print();  // [[[0.5, 2]]]
 */
export const batchNorm3d = (
  x: Tensor3D | TensorLike,
  mean: Tensor3D | Tensor1D | TensorLike,
  variance: Tensor3D | Tensor1D | TensorLike,
  offset?: Tensor3D | Tensor1D | TensorLike | null,
  scale?: Tensor3D | Tensor1D | TensorLike | null,
  varianceEpsilon?: number,
): Tensor3D => batchNormOf(3, [x, mean, variance, offset, scale, varianceEpsilon]) as Tensor3D;

/**
 * {@link batchNorm} of a batch of images.
 * @throws as batchNorm2d
 * @example
 * batchNorm4d([[[[2, 4]]]], [1, 2], [4, 1], null, null, 0).print();  // [[[[0.5, 2]]]]
 */
export const batchNorm4d = (
  x: Tensor4D | TensorLike,
  mean: Tensor4D | Tensor1D | TensorLike,
  variance: Tensor4D | Tensor1D | TensorLike,
  offset?: Tensor4D | Tensor1D | TensorLike | null,
  scale?: Tensor4D | Tensor1D | TensorLike | null,
  varianceEpsilon?: number,
): Tensor4D => batchNormOf(4, [x, mean, variance, offset, scale, varianceEpsilon]) as Tensor4D;

/**
 * The cotangents of x and gamma where y = x̂ · gamma + beta and x̂ = (x − mean) / √(variance + ε) by moments over `axes` of
 * x itself, in ops: what the kernels below compute, for a tape to differentiate once more. Not centered, the mean
 * counts as 0.
 */
function slopes(dy: Tensor, x: Tensor, gamma: Tensor, axes: readonly number[], epsilon: number, centered: boolean) {
  const deviation: Tensor = centered ? sub(x, mean(x, axes, true)) : x;
  const rstd = rsqrt(add(mean(square(deviation), axes, true), epsilon));
  const normal = mul(deviation, rstd);
  const g: Tensor = mul(dy, gamma);
  const level: Tensor = centered ? sub(g, mean(g, axes, true)) : g;
  return {
    dx: mul(rstd, sub(level, mul(normal, mean(mul(g, normal), axes, true)))) as Tensor,
    dGamma: sumTo(mul(dy, normal), gamma.shape),
  };
}

/**
 * @internal x normalized by the moments of each element of its last axis over all others, times gamma, plus beta: batch
 * normalization in training. Returns the moments, too, as numbers that lead nowhere: no gradient goes through them.
 *
 * @throws RangeError where there is nothing to take moments of
 */
export function normalizeBatch(
  given: Tensor,
  scale: Given,
  offset: Given,
  epsilon: number,
): [y: Tensor, mean: Tensor, variance: Tensor] {
  return scoped(() => {
    const [x, $scale, $offset] = floats('batchNormalization', given, { scale, offset }) as [Tensor, Tensor?, Tensor?];
    if (x.size === 0) throw new RangeError(`batchNormalization: needs samples in training, got ${showShape(x.shape)}`);
    const { dtype } = x;
    const n = x.shape.at(-1)!;
    const shape = [n];
    const rows = x.size / n;
    const [gamma, beta] = [$scale ?? fill(shape, 1, dtype), $offset ?? fill(shape, 0, dtype)];
    const [y, center, variance] = [empty(x.shape, dtype), empty(shape, dtype), empty(shape, dtype)];
    run('columnMoments', [x, center, variance, empty(shape, dtype)], rows, n);
    const rstd = rsqrt(add(variance, epsilon));
    const factor = withoutTapes((): Tensor => mul(rstd, gamma));
    run('affine', [x, center, factor, beta, y], rows, n);
    const sums = once((dy) => columnSums(dy, x, center));
    const again = once((dy) => slopes(dy, x, gamma, range(x.rank - 1), epsilon, true));
    const xGrad = (dy: Tensor): Tensor => {
      if (isRecording()) return again(dy).dx;
      // factor · (dy − Σ dy / rows − x̂ · Σ (dy · x̂) / rows)
      const [along, total] = sums(dy);
      const dx = empty(x.shape, dtype);
      const a = mul(mul(factor, -1 / rows), mul(square(rstd), along)) as Tensor;
      const b = mul(mul(factor, -1 / rows), total) as Tensor;
      run('batchNormGrad', [dy, x, center, factor, a, b, dx], rows, n);
      return dx;
    };
    record(
      y,
      [x, gamma, beta],
      [
        xGrad,
        (dy) => (isRecording() ? again(dy).dGamma : mul(sums(dy)[0], rstd)),
        (dy) => (isRecording() ? sumTo(dy, shape) : sums(dy)[1]),
      ],
      [x, gamma, center, rstd, factor],
    );
    return [y, center, variance];
  }) as [Tensor, Tensor, Tensor];
}

/** 0, 1 ... n − 1 */
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** x normalized along its last axis, times gamma, plus beta. */
function normalizeRows(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number, centered: boolean): Tensor {
  if (x.size === 0) return add(mul(x, gamma), beta);
  const { shape, dtype } = gamma;
  const [n, rows] = [gamma.size, x.size / gamma.size];
  const [y, center, rstd] = [empty(x.shape, dtype), empty([rows], dtype), empty([rows], dtype)];
  run('rowNorm', [x, gamma, beta, y, center, rstd], rows, n, epsilon, +centered);
  const sums = once((dy) => {
    const both = [empty(shape, dtype), empty(shape, dtype)] as const;
    run('rowNormGrads', [dy, x, center, rstd, ...both], rows, n);
    return both;
  });
  const again = once((dy) => slopes(dy, x, gamma, [x.rank - 1], epsilon, centered));
  const xGrad = (dy: Tensor): Tensor => {
    if (isRecording()) return again(dy).dx;
    const dx = empty(x.shape, dtype);
    run('rowNormGrad', [dy, x, center, rstd, gamma, dx], rows, n, +centered);
    return dx;
  };
  return record(
    y,
    [x, gamma, beta],
    [
      xGrad,
      (dy) => (isRecording() ? again(dy).dGamma : sums(dy)[0]),
      (dy) => (isRecording() ? sumTo(dy, shape) : sums(dy)[1]),
    ],
    [x, gamma, center, rstd],
  );
}

/** {@link normalizeRows} over any axes; gamma and beta have the sizes of these, in order. */
function normalizeAlong(
  op: string,
  [x, gamma, beta]: readonly (Tensor | undefined)[],
  axis: number | readonly number[],
  epsilon: number,
  centered: boolean,
): Tensor {
  checkEpsilon(epsilon, 'epsilon', op);
  const $x = x!;
  const axes = normalizeAxes(axis, $x.rank, op);
  if (axes.length === 0) throw new RangeError(`${op}: needs an axis, got none`);
  const sizes = axes.map((a) => $x.shape[a]!);
  for (const [name, p] of Object.entries({ gamma, beta })) {
    if (p && !sameShape(p.shape, sizes)) {
      throw new RangeError(`${op}: ${name} must be of shape ${showShape(sizes)}, got ${showShape(p.shape)}`);
    }
  }
  const n = sizeOf(sizes);
  const { dtype } = $x;
  const scale = gamma ? reshape(gamma, [n]) : fill([n], 1, dtype);
  const offset = beta ? reshape(beta, [n]) : fill([n], 0, dtype);
  const kept = range($x.rank).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const moved: Tensor = transpose($x, order);
  const rows = reshape(moved, [...kept.map((i) => $x.shape[i]!), n]);
  const y = reshape(normalizeRows(rows, scale, offset, epsilon, centered), moved.shape);
  return transpose(
    y,
    order.map((_, i) => order.indexOf(i)),
  );
}

/** What {@link layerNormalization} takes. */
export interface LayerNormalizationOptions {
  /** The axis or axes along which numbers are normalized; the last if absent. */
  axis?: number | readonly number[];
  /** Is added to the variance; 0.001 if absent. */
  epsilon?: number;
  /** Times this, of the sizes of the axes in their order; 1 if absent. */
  gamma?: Tensor | TensorLike;
  /** Plus this, of the same shape; 0 if absent. */
  beta?: Tensor | TensorLike;
}

/**
 * (x − mean) / √(variance + ε) · gamma + beta by the moments along an axis of x itself (Ba et al. 2016).
 *
 * @param x - numbers of any shape with that axis
 * @returns floats of x's shape
 * @throws RangeError for an axis that x lacks, for gamma and beta of another shape, and unless ε is 0 or more
 * @example
 * layerNormalization([[1, 3], [4, 0]], { epsilon: 0, gamma: [1, 2], beta: [0, 1] }).print();  // [[-1, 3], [1, -1]]
 * @see Keras, keras.ops.layer_normalization
 */
export function layerNormalization<T extends Tensor>(
  x: T | TensorLike,
  { axis = -1, epsilon = 0.001, gamma, beta }: LayerNormalizationOptions = {},
): T {
  const op = 'layerNormalization';
  return scoped(() => normalizeAlong(op, floats(op, x, { gamma, beta }), axis, epsilon, true)) as T;
}

/** What {@link rmsNormalization} takes. */
export interface RmsNormalizationOptions {
  /** The axis or axes along which numbers are normalized; the last if absent. */
  axis?: number | readonly number[];
  /** Is added to the mean of squares; 1e-6 if absent. */
  epsilon?: number;
  /** Times this, of the sizes of the axes in their order; 1 if absent. */
  scale?: Tensor | TensorLike;
}

/**
 * x / √(mean of x² + ε) · scale along an axis (Zhang & Sennrich 2019).
 *
 * @param x - numbers of any shape with that axis
 * @returns floats of x's shape
 * @throws RangeError for an axis that x lacks, for a scale of another shape, and unless ε is 0 or more
 * @example
 * rmsNormalization([[1, 7]], { epsilon: 0, scale: [1, 2] }).print();  // [[0.2, 2.8]]
 * @see Keras, keras.ops.rms_normalization
 */
export function rmsNormalization<T extends Tensor>(
  x: T | TensorLike,
  { axis = -1, epsilon = 1e-6, scale }: RmsNormalizationOptions = {},
): T {
  const op = 'rmsNormalization';
  return scoped(() => normalizeAlong(op, floats(op, x, { scale }), axis, epsilon, false)) as T;
}

/** What {@link groupNormalization} takes. */
export interface GroupNormalizationOptions {
  /** How many groups the channels are cut into; 32 if absent. */
  groups?: number;
  /** The axis of the channels; the last if absent. */
  axis?: number;
  /** Is added to the variance; 0.001 if absent. */
  epsilon?: number;
  /** Times this, one for each channel; 1 if absent. */
  gamma?: Tensor | TensorLike;
  /** Plus this, one for each channel; 0 if absent. */
  beta?: Tensor | TensorLike;
}

/**
 * (x − mean) / √(variance + ε) · gamma + beta by the moments of each sample's groups of channels (Wu & He 2018). One group
 * for each channel is instance normalization.
 *
 * @param x - samples along the first axis
 * @returns floats of x's shape
 * @throws RangeError unless the channels divide by the groups and gamma and beta are one for each channel
 * @example
 * groupNormalization([[1, 3, 10, 30]], { groups: 2, epsilon: 0 }).print();  // [[-1, 1, -1, 1]]
 * @see Keras, GroupNormalization
 */
export function groupNormalization<T extends Tensor>(
  x: T | TensorLike,
  { groups = 32, axis = -1, epsilon = 0.001, gamma, beta }: GroupNormalizationOptions = {},
): T {
  const op = 'groupNormalization';
  return scoped(() => {
    const [$x, scale, offset] = floats(op, x, { gamma, beta }) as [Tensor, Tensor?, Tensor?];
    checkCount(groups, 1, 'groups', op);
    const { rank, shape } = $x;
    const channels = normalizeAxis(axis, rank, op);
    if (channels === 0) throw new RangeError(`${op}: the axis of the channels must not be that of the samples, got 0`);
    const count = shape[channels]!;
    if (count % groups !== 0) throw new RangeError(`${op}: ${count} channels do not divide into ${groups} groups`);
    for (const p of [scale, offset]) {
      if (p && !sameShape(p.shape, [count])) {
        throw new RangeError(`${op}: gamma and beta must be of shape [${count}], got ${showShape(p.shape)}`);
      }
    }
    const order = [0, channels, ...range(rank).filter((i) => i !== 0 && i !== channels)];
    const moved: Tensor = transpose($x, order);
    const rows = reshape(moved, [shape[0]!, groups, -1]);
    const y: Tensor = transpose(
      reshape(normalizeAlong(op, [rows], -1, epsilon, true), moved.shape),
      order.map((_, i) => order.indexOf(i)),
    );
    const each = shape.map((size, i) => (i === channels ? size : 1));
    const scaled: Tensor = scale ? mul(y, reshape(scale, each)) : y;
    return offset ? add(scaled, reshape(offset, each)) : scaled;
  }) as T;
}

/**
 * x · (bias + alpha · Σ x²)^−beta, the sum over the channels that are no more than depthRadius away (Krizhevsky et al. 2012).
 *
 * @param x - [batch, height, width, channels], or without the batch; a float dtype
 * @param depthRadius - 5 if absent
 * @param bias - 1 if absent, as is alpha
 * @param beta - 0.5 if absent
 * @throws TypeError for another dtype, RangeError for another rank, and unless the radius is a whole number from 0 up
 * @example
 * localResponseNormalization(tensor3d([3, 4, 0], [1, 1, 3]), 1, 0).flatten().print();  // [0.6, 0.8, 0]
 */
export function localResponseNormalization<T extends Tensor3D | Tensor4D>(
  x: T | TensorLike,
  depthRadius = 5,
  bias = 1,
  alpha = 1,
  beta = 0.5,
): T {
  const op = 'localResponseNormalization';
  return scoped(() => {
    const $x = convertFloats(x, 'x', op);
    if ($x.rank !== 3) checkRank($x, 4, 'x', op);
    checkCount(depthRadius, 0, 'depthRadius', op);
    for (const [name, value] of Object.entries({ bias, alpha, beta })) checkFinite(value, name, op);
    // The sums over windows of channels are a convolution with ones.
    const window = fill([2 * depthRadius + 1, 1, 1], 1, $x.dtype);
    const rows = reshape(square($x), [-1, $x.shape.at(-1)!, 1]);
    const sums = reshape(conv1d(rows, window, 1, 'same'), $x.shape);
    return mul($x, pow(add(mul(sums, alpha), bias), -beta));
  }) as Tensor as T;
}
