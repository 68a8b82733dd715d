import { checkCount } from '../check.js';
import { expandDims, max, mul, oneHot, reshape, sum } from '../ops/index.js';
import { classIndices } from '../ops/indices.js';
import type { Tensor } from '../tensor.js';
import { type CallOptions, Layer, type LayerOptions, type LayerShape } from './layer.js';

/**
 * How numbers become vectors: 'oneHot', each by itself; 'multiHot', a 1 for each number that a row has; 'count', how often
 * it has it.
 */
export type EncodingMode = 'oneHot' | 'multiHot' | 'count';

const MODES = ['oneHot', 'multiHot', 'count'];

/** @throws RangeError for another mode */
export function checkMode(mode: unknown, modes: readonly string[], op: string): void {
  if (modes.includes(mode as string)) return;
  throw new RangeError(`${op}: outputMode must be one of '${modes.join("', '")}', got '${mode}'`);
}

/** The shape of encoded numbers. */
export function encodedShape(shape: LayerShape, tokens: number, mode: EncodingMode): LayerShape {
  const isAlone = shape.length < 2 || (mode === 'oneHot' && shape.at(-1) !== 1);
  return [...(isAlone ? shape : shape.slice(0, -1)), tokens];
}

/** Whole numbers from 0 to below `tokens` as vectors. */
export function encode(
  indices: Tensor,
  tokens: number,
  mode: EncodingMode,
  dtype: 'float32' | 'float64',
  weights?: Tensor,
): Tensor {
  const hot = oneHot(indices, tokens, 1, 0, dtype);
  const shape = encodedShape(indices.shape, tokens, mode) as number[];
  if (mode === 'oneHot' || indices.rank < 2) return reshape(weights ? mul(hot, expandDims(weights, -1)) : hot, shape);
  if (mode === 'multiHot') return max(hot, -2);
  return sum(weights ? mul(hot, expandDims(weights, -1)) : hot, -2);
}

/** What {@link categoryEncoding} takes. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** How many numbers there are: those in use are 0 to numTokens − 1. */
  numTokens: number;
  /** 'multiHot' if absent. */
  outputMode?: EncodingMode;
}

/** Whole numbers as vectors. */
export class CategoryEncoding extends Layer {
  private readonly numTokens: number;
  private readonly mode: EncodingMode;

  constructor(options: CategoryEncodingOptions) {
    super(options);
    const { numTokens, outputMode = 'multiHot' } = options;
    checkCount(numTokens, 1, 'numTokens', 'layers.categoryEncoding');
    checkMode(outputMode, MODES, 'layers.categoryEncoding');
    this.numTokens = numTokens;
    this.mode = outputMode;
  }

  override getClassName(): string {
    return 'CategoryEncoding';
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    return encodedShape(inputShape, this.numTokens, this.mode);
  }

  call(x: Tensor, { countWeights }: CallOptions): Tensor {
    if (countWeights !== undefined && this.mode !== 'count') {
      throw new RangeError(`${this.name}: countWeights go with outputMode 'count', which is '${this.mode}'`);
    }
    const indices = classIndices(x, this.numTokens, this.name);
    return encode(indices, this.numTokens, this.mode, this.dtype, countWeights as Tensor | undefined);
  }
}

/**
 * A layer that makes vectors of class numbers, [batch, n], by {@link EncodingMode}: [batch, numTokens]. 'oneHot' makes
 * [batch, n, numTokens], or [batch, numTokens] where n is 1. What each number counts may be told in the call:
 * `apply(x, { countWeights })`, of x's shape.
 *
 * @throws TypeError or RangeError unless numTokens is a whole number from 1 up, RangeError for another mode; when it is
 * called, RangeError for a number outside [0, numTokens)
 * @example
 * layers.categoryEncoding({ numTokens: 4 }).apply(tensor2d([[0, 3, 3]], [1, 3], 'int32')).print();  // [[1, 0, 0, 1]]
 * const count = layers.categoryEncoding({ numTokens: 4, outputMode: 'count' });
 * count.apply(tensor2d([[0, 3, 3]], [1, 3], 'int32')).print();  // [[1, 0, 0, 2]]
 */
export const categoryEncoding = (options: CategoryEncodingOptions): CategoryEncoding => new CategoryEncoding(options);
