import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { cast, gather, notEqual } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Layer, type LayerOptions, type LayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link embedding} takes. */
export interface EmbeddingOptions extends LayerOptions {
  /** How many vectors there are: indices are below it. */
  inputDim: number;
  /** The size of a vector. */
  outputDim: number;
  /** 'randomUniform' if absent: between −0.05 and 0.05. */
  embeddingsInitializer?: string | Initializer;
  /** What the vectors add to the loss; nothing if absent. */
  embeddingsRegularizer?: string | Regularizer;
  /** What the vectors are made after each update; themselves if absent. */
  embeddingsConstraint?: string | Constraint;
  /** Whether index 0 stands for no step at all: it is masked; false if absent. */
  maskZero?: boolean;
  /** How many indices a sequence has, or how many there are along each axis, where that is known. */
  inputLength?: number | LayerShape;
}

/** The vectors that indices stand for. */
export class Embedding extends Layer {
  private readonly inputDim: number;
  private readonly outputDim: number;
  private readonly maskZero: boolean;
  private readonly spec: WeightSpec;
  private embeddings!: Variable;

  constructor(options: EmbeddingOptions) {
    const { inputDim, outputDim, maskZero = false, inputLength, embeddingsInitializer = 'randomUniform' } = options;
    const lengths = inputLength === undefined || inputLength === null ? undefined : [inputLength].flat();
    super(lengths && !options.inputShape && !options.batchInputShape ? { ...options, inputShape: lengths } : options);
    checkCount(inputDim, 1, 'inputDim', 'layers.embedding');
    checkCount(outputDim, 1, 'outputDim', 'layers.embedding');
    this.inputDim = inputDim;
    this.outputDim = outputDim;
    this.maskZero = maskZero;
    const { embeddingsRegularizer, embeddingsConstraint } = options;
    this.spec = weightSpec(embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint, 'layers.embedding');
  }

  override getClassName(): string {
    return 'Embedding';
  }

  override build(): void {
    this.embeddings = this.makeWeight('embeddings', [this.inputDim, this.outputDim], this.spec);
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    return [...inputShape, this.outputDim];
  }

  override countMultiplyAdds(): number {
    return 0;
  }

  call(x: Tensor): Tensor {
    return gather(this.embeddings as Tensor, x.dtype === 'int32' ? x : cast(x, 'int32'));
  }

  override computeMask(x: Tensor): Tensor | undefined {
    return this.maskZero ? notEqual(x, 0) : undefined;
  }
}

/**
 * A layer that puts a vector, which training changes, in the place of each index.
 *
 * @throws RangeError unless inputDim and outputDim are whole numbers from 1 up; when called, for an index that is not
 *   in [0, inputDim)
 * @example
 * layers.embedding({ inputDim: 10, outputDim: 4 }).apply(tensor2d([[1, 2, 9]], [1, 3], 'int32')).shape;  // [1, 3, 4]
 */
export const embedding = (options: EmbeddingOptions): Embedding => new Embedding(options);
