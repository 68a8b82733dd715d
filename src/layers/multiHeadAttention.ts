import { checkBetween, checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { attentionWeights, bothMasks, causalMask } from '../ops/attention.js';
import { add, broadcastTo, cast, expandDims, matMul, mul, reshape, transpose } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import { normalizeAxis, type Shape, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Draws } from './draws.js';
import {
  type CallOptions,
  Layer,
  type LayerOptions,
  type LayerShape,
  type OneOrMore,
  showLayerShape,
} from './layer.js';
import { severalMasks } from './masks.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link multiHeadAttention} takes. */
export interface MultiHeadAttentionOptions extends LayerOptions {
  /** How many heads attend, each in its own way. */
  numHeads: number;
  /** The size of queries and keys in each head. */
  keyDim: number;
  /** The size of values in each head; keyDim if absent. */
  valueDim?: number;
  /** The share of weights that are dropped in training, from 0 to below 1; 0 if absent. */
  dropout?: number;
  /** Whether biases are added; true if absent. */
  useBias?: boolean;
  /** The size of the output, or its shape for each step; the query's size if absent. */
  outputShape?: number | readonly number[];
  /** The axes over which queries attend, −2 the last before the size; all between batch and size if absent. */
  attentionAxes?: number | readonly number[];
  /** Whether no query sees what comes after it; false if absent. */
  useCausalMask?: boolean;
  /** 'glorotUniform' if absent. */
  kernelInitializer?: string | Initializer;
  /** 'zeros' if absent. */
  biasInitializer?: string | Initializer;
  /** What each kernel adds to the loss; nothing if absent. */
  kernelRegularizer?: string | Regularizer;
  /** What each bias adds to the loss; nothing if absent. */
  biasRegularizer?: string | Regularizer;
  /** What each kernel is made after each update; itself if absent. */
  kernelConstraint?: string | Constraint;
  /** What each bias is made after each update; itself if absent. */
  biasConstraint?: string | Constraint;
  /** Makes what is dropped the same in every run. */
  seed?: number;
}

/** A kernel and a bias, if there is one. */
interface Projection {
  kernel: Variable;
  bias: Variable | undefined;
}

/** x · kernel + bias over the last axis: from [batch, ...steps, size] to [batch, ...steps, size of the bias]. */
function project(x: Tensor, { kernel, bias }: Projection): Tensor {
  const size = x.shape.at(-1)!;
  const products: Tensor = matMul(reshape(x, [-1, size]), reshape(kernel, [size, -1]));
  const y: Tensor = bias ? add(products, reshape(bias, [-1])) : products;
  return reshape(y, [...x.shape.slice(0, -1), -1]);
}

/** What queries, keys and values of a rank have between batch and size. */
interface Axes {
  /** The axes that stand apart, as the batch does. */
  apart: readonly number[];
  /** Those over which queries attend. */
  attended: readonly number[];
  /** [batch, ...steps, heads, size] in the order in which heads attend: [batch, ...apart, heads, ...attended, size]. */
  order: readonly number[];
}

/** [batch, ...steps, heads · size] as [batch, ...apart, heads, attended, size]: what is attended over is one axis. */
function inHeads(x: Tensor, heads: number, { apart, order }: Axes): Tensor {
  const moved: Tensor = transpose(reshape(x, [...x.shape.slice(0, -1), heads, -1]), order);
  return reshape(moved, [...moved.shape.slice(0, apart.length + 2), -1, moved.shape.at(-1)!]);
}

/** The same the other way round, for inputs of that shape. */
function outOfHeads(x: Tensor, shape: Shape, { apart, attended, order }: Axes): Tensor {
  const steps = attended.map((axis) => shape[axis]!);
  const split = reshape(x, [...x.shape.slice(0, apart.length + 2), ...steps, x.shape.at(-1)!]);
  const back: Tensor = transpose(
    split,
    order.map((_, axis) => order.indexOf(axis)),
  );
  return reshape(back, [...back.shape.slice(0, -2), -1]);
}

const ones = (n: number): number[] => new Array(Math.max(0, n)).fill(1);

/** A mask of the steps of a shape, or of its first axes, as [batch, ...apart, 1, attended]. */
function overSteps(mask: Tensor, shape: Shape, { apart, attended }: Axes): Tensor {
  const sizes = shape.slice(0, -1);
  const whole: Tensor = broadcastTo(reshape(mask, [...mask.shape, ...ones(sizes.length - mask.rank)]), sizes);
  return reshape(transpose(whole, [0, ...apart, ...attended]), [...[0, ...apart].map((axis) => sizes[axis]!), 1, -1]);
}

/**
 * A mask of queries and keys, [...queries, ...keys] or with [batch, ...apart], or the first of them, before it, as it
 * broadcasts to [batch, ...apart, heads, queries, keys].
 */
function overHeads(mask: Tensor, { apart, attended: { length: n } }: Axes): Tensor {
  const allowed: Tensor = cast(mask, 'bool');
  const before = allowed.shape.slice(0, -2 * n);
  const more = before.length === 0 ? 0 : apart.length + 2 - before.length;
  const [queries, keys] = [allowed.shape.slice(-2 * n, -n), allowed.shape.slice(-n)];
  return reshape(allowed, [...before, ...ones(more), sizeOf(queries), sizeOf(keys)]);
}

/** Attention in several heads at once (Vaswani et al. 2017). */
export class MultiHeadAttention extends Layer {
  override supportsMasking = true;
  private readonly heads: number;
  private readonly keyDim: number;
  private readonly valueDim: number;
  private readonly rate: number;
  override readonly draws: Draws;
  private readonly useBias: boolean;
  private readonly isCausal: boolean;
  private readonly outputSizes: readonly number[] | undefined;
  private readonly attentionAxes: readonly number[] | undefined;
  private readonly kernelSpec: WeightSpec;
  private readonly biasSpec: WeightSpec;
  private queries!: Projection;
  private keys!: Projection;
  private values!: Projection;
  private outputs!: Projection;

  constructor(options: MultiHeadAttentionOptions) {
    super(options);
    const op = 'layers.multiHeadAttention';
    const { numHeads, keyDim, valueDim = keyDim, dropout = 0, useBias = true, outputShape, seed } = options;
    checkCount(numHeads, 1, 'numHeads', op);
    checkCount(keyDim, 1, 'keyDim', op);
    checkCount(valueDim, 1, 'valueDim', op);
    const sizes = outputShape === undefined ? undefined : ([outputShape].flat() as number[]);
    for (const size of sizes ?? []) checkCount(size, 1, 'outputShape', op);
    this.heads = numHeads;
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    checkBetween(dropout, 0, 1, 'dropout', op);
    this.rate = dropout;
    this.draws = new Draws(seed, op);
    this.useBias = useBias;
    this.isCausal = options.useCausalMask ?? false;
    this.outputSizes = sizes;
    const axes = options.attentionAxes === undefined ? undefined : ([options.attentionAxes].flat() as number[]);
    if (axes?.length === 0) throw new RangeError(`${op}: attentionAxes needs an axis, got none`);
    this.attentionAxes = axes;
    const { kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
    this.kernelSpec = weightSpec(kernelInitializer, options.kernelRegularizer, options.kernelConstraint, op);
    this.biasSpec = weightSpec(biasInitializer, options.biasRegularizer, options.biasConstraint, op);
  }

  override getClassName(): string {
    return 'MultiHeadAttention';
  }

  /** @throws RangeError for attentionAxes that inputs of that rank do not have between batch and size */
  private axesOf(rank: number): Axes {
    const steps = Array.from({ length: rank - 2 }, (_, i) => i + 1);
    const attended = this.attentionAxes?.map((axis) => normalizeAxis(axis, rank, this.name)) ?? steps;
    if (new Set(attended).size < attended.length || attended.some((axis) => !steps.includes(axis))) {
      throw new RangeError(
        `${this.name}: attentionAxes must be different ones of the axes [${steps}] of inputs of rank ${rank}, got [${this.attentionAxes}]`,
      );
    }
    const apart = steps.filter((axis) => !attended.includes(axis));
    return { apart, attended, order: [0, ...apart, rank - 1, ...attended, rank] };
  }

  /** The shapes of query, value and key, of which those that are not given are the one before. */
  private three(inputShape: OneOrMore<LayerShape>): readonly [LayerShape, LayerShape, LayerShape] {
    const given = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as readonly LayerShape[];
    const [query, value = query, key = value] = given as [LayerShape, LayerShape?, LayerShape?];
    const shapes = [query, value, key] as const;
    const rank = query.length;
    const agree = (a: LayerShape, b: LayerShape, axes: readonly number[]) =>
      axes.every((axis) => (a[axis] ?? b[axis]) === (b[axis] ?? a[axis]));
    if (given.length <= 3 && rank >= 3 && shapes.every((shape) => shape.length === rank)) {
      const { apart, attended } = this.axesOf(rank);
      if (agree(key, value, [...apart, ...attended]) && agree(query, value, apart)) return shapes;
    }
    const alike = this.attentionAxes ? `, alike but for size and the axes [${this.attentionAxes}]` : '';
    const list = given.map(showLayerShape).join(', ');
    throw new RangeError(
      `${this.name}: needs a query, [query, value] or [query, value, key] of shape [batch, ...steps, size]${alike}, as many keys as values, got ${list}`,
    );
  }

  override build(inputShape: OneOrMore<LayerShape>): void {
    const shapes = this.three(inputShape);
    const [query, value, key] = shapes.map((shape) => shape.at(-1)!);
    if ([query, value, key].includes(null as never)) {
      throw new RangeError(`${this.name}: needs inputs of known size, got ${shapes.map(showLayerShape).join(', ')}`);
    }
    const { heads, keyDim, valueDim } = this;
    this.queries = this.projection('query', [query!], [heads, keyDim]);
    this.keys = this.projection('key', [key!], [heads, keyDim]);
    this.values = this.projection('value', [value!], [heads, valueDim]);
    this.outputs = this.projection('attention_output', [heads, valueDim], this.outputSizes ?? [query!]);
  }

  private projection(name: string, from: readonly number[], to: readonly number[]): Projection {
    const kernel = this.makeWeight(`${name}/kernel`, [...from, ...to], this.kernelSpec);
    return { kernel, bias: this.useBias ? this.makeWeight(`${name}/bias`, to, this.biasSpec) : undefined };
  }

  override computeOutputShape(
    inputShape: OneOrMore<LayerShape>,
    { returnAttentionScores = false }: Partial<CallOptions> = {},
  ): OneOrMore<LayerShape> {
    const [query, value] = this.three(inputShape);
    const shape = this.outputSizes ? [...query.slice(0, -1), ...this.outputSizes] : query;
    return returnAttentionScores ? [shape, this.scoresShape(query, value)] : shape;
  }

  /** [batch, ...apart, heads, ...queries, ...keys] */
  private scoresShape(query: LayerShape, value: LayerShape): (number | null)[] {
    const { apart, attended } = this.axesOf(query.length);
    const sizes = (shape: LayerShape, axes: readonly number[]) => axes.map((axis) => shape[axis]!);
    return [...sizes(query, [0, ...apart]), this.heads, ...sizes(query, attended), ...sizes(value, attended)];
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>): number {
    const [query, value] = this.three(inputShape);
    const count = (shape: LayerShape) => sizeOf(shape.map((n) => n ?? 1));
    const perQuery = this.queries.kernel.size + this.outputs.kernel.size;
    const perValue = this.keys.kernel.size + this.values.kernel.size;
    const scores = count(this.scoresShape(query, value).slice(1));
    const [queries, values] = [query, value].map((shape) => count(shape.slice(1, -1))) as [number, number];
    return queries * perQuery + values * perValue + scores * (this.keyDim + this.valueDim);
  }

  call(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor> {
    const [query, value = query, key = value] = [inputs].flat() as [Tensor, Tensor?, Tensor?];
    this.three([query.shape, value.shape, key.shape]);
    const { heads } = this;
    const axes = this.axesOf(query.rank);
    const q = inHeads(mul(project(query, this.queries), 1 / Math.sqrt(this.keyDim)), heads, axes);
    const k = inHeads(project(key, this.keys), heads, axes);
    const v = inHeads(project(value, this.values), heads, axes);
    const allowed = this.allowed(inputs, options, [query.shape, key.shape], axes);
    const weights = attentionWeights(matMul(q, k, false, true), allowed, this.name);
    const kept = options.training && this.rate > 0 ? this.draws.dropout(weights, this.rate) : weights;
    const rows = project(outOfHeads(matMul<Tensor>(kept, v), query.shape, axes), this.outputs);
    const y = this.outputSizes ? reshape(rows, [...query.shape.slice(0, -1), ...this.outputSizes]) : rows;
    if (!options.returnAttentionScores) return y;
    return [y, reshape(weights, this.scoresShape(query.shape, value.shape) as number[])];
  }

  /** Which keys each query may attend to, by all masks that there are. */
  private allowed(
    inputs: OneOrMore<Tensor>,
    { mask, attentionMask, useCausalMask = this.isCausal }: CallOptions,
    [queries, keys]: readonly [Shape, Shape],
    axes: Axes,
  ): Tensor | undefined {
    // A single input attends to itself.
    const given = Array.isArray(inputs) ? severalMasks(mask, this.name) : [mask, mask];
    const [ofQueries, ...ofKeys] = given as readonly (Tensor | undefined)[];
    const attended = (shape: Shape) => sizeOf(axes.attended.map((axis) => shape[axis]!));
    const masks = [
      ofQueries && expandDims(overSteps(ofQueries, queries, axes), -1),
      ...ofKeys.map((m) => m && expandDims(overSteps(m, keys, axes), -2)),
      useCausalMask ? causalMask(attended(queries), attended(keys)) : undefined,
      attentionMask ? overHeads(attentionMask as Tensor, axes) : undefined,
    ];
    return masks.reduce(bothMasks, undefined);
  }

  override computeMask(inputs: OneOrMore<Tensor>, mask: CallOptions['mask']): Tensor | undefined {
    return Array.isArray(inputs) ? severalMasks(mask, this.name)[0] : (mask as Tensor | undefined);
  }
}

/**
 * A layer of attention in several heads: from [query, value] or [query, value, key], [batch, ...steps, size] each, to
 * [batch, ...queries, size of the query]. Without keys the values are the keys; a single input attends to itself.
 *
 * In each head queries, keys and values are products with kernels of its own; the output is softmax(query · keyᵀ / √keyDim) ·
 * value, in all heads times one more kernel. Weights: query, key, value and attention_output, each with kernel and bias,
 * of Keras's shapes.
 *
 * With several axes of steps, such as the rows and columns of an image, a query attends to the keys at all places, or with
 * `attentionAxes` to those that differ from its own place along these axes only: [2] is attention within each row, as if
 * each were a sample.
 *
 * Masks of inputs leave steps out; that of the query goes on. Call options: `attentionMask`, booleans [batch, ...queries,
 * ...keys] or [...queries, ...keys], says which keys each query may attend to; `useCausalMask` lets none see what comes
 * after it, in the order of the axes attended over; `returnAttentionScores` gives [output, weights] with weights [batch,
 * heads, ...queries, ...keys]. What stands apart comes after the batch in masks and weights.
 *
 * @differs from Keras, whose causal mask is that of axis 1, whichever axes are attended over
 * @throws TypeError and RangeError for sizes that are no whole numbers from 1 up, for a dropout outside [0, 1), for axes that
 *   are not there, and for other inputs
 * @example
 * const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 4 });
 * layer.apply([ones([2, 8, 16]), ones([2, 3, 5])]).shape;  // [2, 8, 16]
 * const [y, weights] = layer.apply([ones([2, 8, 16]), ones([2, 3, 5])], { returnAttentionScores: true });
 * weights.shape;  // [2, 2, 8, 3]
 * const inRows = layers.multiHeadAttention({ numHeads: 2, keyDim: 4, attentionAxes: 2 });
 * inRows.apply(ones([2, 5, 6, 16]), { returnAttentionScores: true })[1].shape;  // [2, 5, 2, 6, 6]
 * @see Keras, MultiHeadAttention
 */
export const multiHeadAttention = (options: MultiHeadAttentionOptions): MultiHeadAttention =>
  new MultiHeadAttention(options);
