import { checkBetween } from '../check.js';
import { attentionWeights, bothMasks, causalMask } from '../ops/attention.js';
import { add, cast, expandDims, matMul, mul, sum, tanh } from '../ops/index.js';
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

/** What {@link attention} takes. */
export interface AttentionOptions extends LayerOptions {
  /** Whether scores are multiplied by a weight; false if absent. */
  useScale?: boolean;
  /** How well a key goes with a query: by their product, or by tanh of their sum; 'dot' if absent. */
  scoreMode?: 'dot' | 'concat';
  /** The share of weights that are dropped in training, from 0 to below 1; 0 if absent. */
  dropout?: number;
  /** Makes what is dropped the same in every run. */
  seed?: number;
}

/** Means of values, weighted by how well their keys go with a query (Luong et al. 2015). */
export class Attention extends Layer {
  override supportsMasking = true;
  private readonly useScale: boolean;
  private readonly scoreMode: 'dot' | 'concat';
  private readonly rate: number;
  override readonly draws: Draws;
  private scale: Variable | undefined;
  private sumScale: Variable | undefined;

  constructor(options: AttentionOptions = {}) {
    super(options);
    const { useScale = false, scoreMode = 'dot', dropout = 0, seed } = options;
    if (scoreMode !== 'dot' && scoreMode !== 'concat') {
      throw new RangeError(`layers.attention: scoreMode must be 'dot' or 'concat', got '${scoreMode}'`);
    }
    this.useScale = useScale;
    this.scoreMode = scoreMode;
    checkBetween(dropout, 0, 1, 'dropout', 'layers.attention');
    this.rate = dropout;
    this.draws = new Draws(seed, 'layers.attention');
  }

  override getClassName(): string {
    return 'Attention';
  }

  override build(inputShape: OneOrMore<LayerShape>): void {
    this.check(inputShape);
    if (this.useScale) this.scale = this.addWeight('scale', [], this.dtype, 'ones');
    if (this.scoreMode === 'concat') this.sumScale = this.addWeight('concat_score_weight', [], this.dtype, 'ones');
  }

  /** Refuses other inputs than [query, value] and [query, value, key], [batch, steps, size] each. */
  private check(inputShape: OneOrMore<LayerShape>): readonly LayerShape[] {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as readonly LayerShape[];
    if ((shapes.length === 2 || shapes.length === 3) && shapes.every((shape) => shape.length === 3)) return shapes;
    const list = shapes.map(showLayerShape).join(', ');
    throw new RangeError(
      `${this.name}: needs [query, value] or [query, value, key] of shape [batch, steps, size], got ${list}`,
    );
  }

  override computeOutputShape(
    inputShape: OneOrMore<LayerShape>,
    { returnAttentionScores = false }: Partial<CallOptions> = {},
  ): OneOrMore<LayerShape> {
    const [query, value] = this.check(inputShape) as [LayerShape, LayerShape];
    const shape = [query[0]!, query[1]!, value[2]!];
    return returnAttentionScores ? [shape, [query[0]!, query[1]!, value[1]!]] : shape;
  }

  override countMultiplyAdds(inputShape: OneOrMore<LayerShape>): number {
    const [query, value] = this.check(inputShape) as [LayerShape, LayerShape];
    return (query[1] ?? 1) * (value[1] ?? 1) * ((query[2] ?? 1) + (value[2] ?? 1));
  }

  call(
    inputs: OneOrMore<Tensor>,
    { training, mask, useCausalMask = false, returnAttentionScores = false }: CallOptions,
  ): OneOrMore<Tensor> {
    const xs = [inputs].flat() as Tensor[];
    this.check(xs.map(({ shape }) => shape));
    const [query, value, key = value] = xs as [Tensor, Tensor, Tensor?];
    const [queryMask, valueMask] = severalMasks(mask, this.name);
    const scores = this.scores(query, key);
    const causal = useCausalMask ? causalMask(query.shape[1]!, value.shape[1]!) : undefined;
    const allowed = bothMasks(valueMask && expandDims(valueMask, 1), causal);
    const weights = attentionWeights(scores, allowed, this.name);
    const kept = training && this.rate > 0 ? this.draws.dropout(weights, this.rate) : weights;
    const means: Tensor = matMul(kept, value);
    const y: Tensor = queryMask ? mul(means, cast(expandDims(queryMask, -1), means.dtype)) : means;
    return returnAttentionScores ? [y, kept] : y;
  }

  private scores(query: Tensor, key: Tensor): Tensor {
    if (this.scoreMode === 'dot') {
      const products: Tensor = matMul(query, key, false, true);
      return this.scale ? mul(products, this.scale) : products;
    }
    const sums: Tensor = add(expandDims(query, 2), expandDims(key, 1));
    return mul(sum(tanh(this.scale ? mul(sums, this.scale) : sums), -1), this.sumScale!);
  }

  override computeMask(_inputs: OneOrMore<Tensor>, mask: CallOptions['mask']): Tensor | undefined {
    return severalMasks(mask, this.name)[0];
  }
}

/**
 * A layer of dot-product attention: softmax(query · keyᵀ) · value, from [query, value] or [query, value, key], [batch, steps,
 * size] each, to [batch, queries, valueSize]. Without keys the values are the keys.
 *
 * Masks of values leave steps out; steps that a mask of queries leaves out become 0, and that mask goes on. Call options:
 * `useCausalMask` lets no query see what comes after it, `returnAttentionScores` gives [output, weights].
 *
 * @throws RangeError for another score mode, for a dropout outside [0, 1), and for other inputs
 * @example
 * const [query, value] = [tensor3d([[[0, 0]]]), tensor3d([[[1, 3], [3, 5]]])];
 * layers.attention().apply([query, value]).print();  // [[[2, 4]]]
 * @see Keras, Attention
 */
export const attention = (options?: AttentionOptions): Attention => new Attention(options);
