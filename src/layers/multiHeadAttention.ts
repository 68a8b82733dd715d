import { checkBetween, checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { attentionWeights, bothMasks, causalMask } from '../ops/attention.js';
import { add, cast, expandDims, matMul, mul, reshape, transpose } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
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
  type WeightSpec,
  weightSpec,
} from './layer.js';
import { severalMasks } from './merge.js';

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

/** x · kernel + bias over the last axis: from [batch, steps, size] to [batch, steps, size of the bias]. */
function project(x: Tensor, { kernel, bias }: Projection): Tensor {
  const [batch, steps, size] = x.shape as [number, number, number];
  const products: Tensor = matMul(reshape(x, [-1, size]), reshape(kernel, [size, -1]));
  const y: Tensor = bias ? add(products, reshape(bias, [-1])) : products;
  return reshape(y, [batch, steps, -1]);
}

/** [batch, steps, heads · size] as [batch, heads, steps, size]. */
const inHeads = (x: Tensor, heads: number): Tensor =>
  transpose(reshape(x, [x.shape[0]!, x.shape[1]!, heads, -1]), [0, 2, 1, 3]);

/** A mask of queries and keys, of samples or of all, as it broadcasts to [batch, heads, queries, keys]. */
function overHeads(mask: Tensor): Tensor {
  const allowed: Tensor = cast(mask, 'bool');
  return allowed.rank === 3 ? expandDims(allowed, 1) : allowed;
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
    const { kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
    this.kernelSpec = weightSpec(kernelInitializer, options.kernelRegularizer, options.kernelConstraint, op);
    this.biasSpec = weightSpec(biasInitializer, options.biasRegularizer, options.biasConstraint, op);
  }

  getClassName(): string {
    return 'MultiHeadAttention';
  }

  /** The shapes of query, value and key, of which those that are not given are the one before. */
  private three(inputShape: OneOrMore<LayerShape>): readonly [LayerShape, LayerShape, LayerShape] {
    const given = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as readonly LayerShape[];
    const [query, value = query, key = value] = given as [LayerShape, LayerShape?, LayerShape?];
    const shapes = [query, value, key] as const;
    if (
      given.length <= 3 &&
      shapes.every((shape) => shape.length === 3) &&
      (key[1] ?? value[1]) === (value[1] ?? key[1])
    )
      return shapes;
    const list = given.map(showLayerShape).join(', ');
    throw new RangeError(
      `${this.name}: needs a query, [query, value] or [query, value, key] of shape [batch, steps, size], as many keys as values, got ${list}`,
    );
  }

  override build(inputShape: OneOrMore<LayerShape>): void {
    const shapes = this.three(inputShape);
    const [query, value, key] = shapes.map((shape) => shape[2]!);
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
    const shape = this.outputSizes ? [...query.slice(0, 2), ...this.outputSizes] : query;
    return returnAttentionScores ? [shape, [query[0]!, this.heads, query[1]!, value[1]!]] : shape;
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>): number {
    const [query, value] = this.three(inputShape);
    const [q, v] = [query[1] ?? 1, value[1] ?? 1];
    const perQuery = this.queries.kernel.size + this.outputs.kernel.size;
    const perValue = this.keys.kernel.size + this.values.kernel.size;
    return q * perQuery + v * perValue + q * v * this.heads * (this.keyDim + this.valueDim);
  }

  call(inputs: OneOrMore<Tensor>, options: CallOptions): OneOrMore<Tensor> {
    const [query, value = query, key = value] = [inputs].flat() as [Tensor, Tensor?, Tensor?];
    this.three([query.shape, value.shape, key.shape]);
    const { heads } = this;
    const q = inHeads(mul(project(query, this.queries), 1 / Math.sqrt(this.keyDim)), heads);
    const k = inHeads(project(key, this.keys), heads);
    const v = inHeads(project(value, this.values), heads);
    const allowed = this.allowed(inputs, options, q.shape[2]!, k.shape[2]!);
    const weights = attentionWeights(matMul(q, k, false, true), allowed, this.name);
    const kept = options.training && this.rate > 0 ? this.draws.dropout(weights, this.rate) : weights;
    const means = transpose(matMul<Tensor>(kept, v), [0, 2, 1, 3]);
    const [batch, steps] = query.shape as [number, number];
    const rows = project(reshape(means, [batch, steps, -1]), this.outputs);
    const y = this.outputSizes ? reshape(rows, [batch, steps, ...this.outputSizes]) : rows;
    return options.returnAttentionScores ? [y, weights] : y;
  }

  /** Which keys each query may attend to, by all masks that there are. */
  private allowed(inputs: OneOrMore<Tensor>, options: CallOptions, queries: number, keys: number): Tensor | undefined {
    const { mask, attentionMask, useCausalMask = this.isCausal } = options;
    // A single input attends to itself.
    const given = Array.isArray(inputs) ? severalMasks(mask, this.name) : [mask, mask];
    const [ofQueries, ...ofKeys] = given as readonly (Tensor | undefined)[];
    const masks = [
      ofQueries && reshape(ofQueries, [-1, 1, queries, 1]),
      ...ofKeys.map((m) => m && reshape(m, [-1, 1, 1, keys])),
      useCausalMask ? causalMask(queries, keys) : undefined,
      attentionMask ? overHeads(attentionMask as Tensor) : undefined,
    ];
    return masks.reduce(bothMasks, undefined);
  }

  override computeMask(inputs: OneOrMore<Tensor>, mask: CallOptions['mask']): Tensor | undefined {
    return Array.isArray(inputs) ? severalMasks(mask, this.name)[0] : (mask as Tensor | undefined);
  }
}

/**
 * A layer of attention in several heads: from [query, value] or [query, value, key], [batch, steps, size] each, to [batch,
 * queries, size of the query]. Without keys the values are the keys; a single input attends to itself.
 *
 * In each head queries, keys and values are products with kernels of its own; the output is softmax(query · keyᵀ / √keyDim) ·
 * value, in all heads times one more kernel. Weights: query, key, value and attention_output, each with kernel and bias,
 * of Keras's shapes.
 *
 * Masks of inputs leave steps out; that of the query goes on. Call options: `attentionMask`, booleans [batch, queries, keys]
 * or [queries, keys], says which keys each query may attend to; `useCausalMask` lets none see what comes after it;
 * `returnAttentionScores` gives [output, weights] with weights [batch, heads, queries, keys].
 *
 * @throws TypeError and RangeError for sizes that are no whole numbers from 1 up, for a dropout outside [0, 1), and for other
 *   inputs
 * @example
 * const layer = layers.multiHeadAttention({ numHeads: 2, keyDim: 4 });
 * layer.apply([ones([2, 8, 16]), ones([2, 3, 5])]).shape;  // [2, 8, 16]
 * const [y, weights] = layer.apply([ones([2, 8, 16]), ones([2, 3, 5])], { returnAttentionScores: true });
 * weights.shape;  // [2, 2, 8, 3]
 * @see Keras, MultiHeadAttention
 */
export const multiHeadAttention = (options: MultiHeadAttentionOptions): MultiHeadAttention =>
  new MultiHeadAttention(options);
