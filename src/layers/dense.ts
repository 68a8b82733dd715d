import { type Activation, activationOf } from '../activations.js';
import { checkCount } from '../check.js';
import type { Constraint } from '../constraints.js';
import type { Initializer } from '../initializers.js';
import { add, matMul, reshape } from '../ops/index.js';
import type { Regularizer } from '../regularizers.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Variable } from '../variable.js';
import { Layer, type LayerOptions, type LayerShape, showLayerShape } from './layer.js';
import { type WeightSpec, weightSpec } from './weight.js';

/** What {@link dense} takes. */
export interface DenseOptions extends LayerOptions {
  /** The size of the output. */
  units: number;
  /** The name of an activation, or a function; none if absent. */
  activation?: string | Activation;
  /** Whether a bias is added; true if absent. */
  useBias?: boolean;
  /** 'glorotUniform' if absent. */
  kernelInitializer?: string | Initializer;
  /** 'zeros' if absent. */
  biasInitializer?: string | Initializer;
  /** What the kernel adds to the loss; nothing if absent. */
  kernelRegularizer?: string | Regularizer;
  /** What the bias adds to the loss; nothing if absent. */
  biasRegularizer?: string | Regularizer;
  /** What the kernel is made after each update; itself if absent. */
  kernelConstraint?: string | Constraint;
  /** What the bias is made after each update; itself if absent. */
  biasConstraint?: string | Constraint;
}

/** y = activation(x · kernel + bias) over the last axis. */
export class Dense extends Layer {
  override supportsMasking = true;
  private readonly units: number;
  private readonly activation: Activation;
  private readonly useBias: boolean;
  private readonly kernelSpec: WeightSpec;
  private readonly biasSpec: WeightSpec;
  private kernel!: Variable;
  private bias: Variable | undefined;

  constructor(options: DenseOptions) {
    super(options);
    const { units, activation = 'linear', useBias = true } = options;
    checkCount(units, 1, 'units', 'layers.dense');
    this.units = units;
    this.activation = typeof activation === 'function' ? activation : activationOf(activation, 'layers.dense');
    this.useBias = useBias;
    const { kernelInitializer = 'glorotUniform', biasInitializer = 'zeros' } = options;
    this.kernelSpec = weightSpec(
      kernelInitializer,
      options.kernelRegularizer,
      options.kernelConstraint,
      'layers.dense',
    );
    this.biasSpec = weightSpec(biasInitializer, options.biasRegularizer, options.biasConstraint, 'layers.dense');
  }

  override getClassName(): string {
    return 'Dense';
  }

  override computeOutputShape(inputShape: LayerShape): LayerShape {
    return [...inputShape.slice(0, -1), this.units];
  }

  override build(inputShape: LayerShape): void {
    const inputs = inputShape.at(-1);
    if (inputShape.length < 2 || inputs === null || inputs === undefined) {
      throw new RangeError(
        `${this.name}: needs inputs of known size in their last axis, got ${showLayerShape(inputShape)}`,
      );
    }
    this.kernel = this.makeWeight('kernel', [inputs, this.units], this.kernelSpec);
    if (this.useBias) this.bias = this.makeWeight('bias', [this.units], this.biasSpec);
  }

  call(x: Tensor): Tensor {
    const inputs = x.shape.at(-1)!;
    if (inputs !== this.kernel.shape[0]) {
      throw new RangeError(
        `${this.name}: needs inputs of size ${this.kernel.shape[0]} in their last axis, got ${showShape(x.shape)}`,
      );
    }
    const rows = x.rank === 2 ? x : reshape(x, [-1, inputs]);
    const product: Tensor = matMul(rows, this.kernel);
    const y = this.activation(this.bias ? add(product, this.bias) : product);
    return x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), this.units]);
  }
}

/**
 * A layer of `units` outputs, each connected to every input: y = activation(x · kernel + bias).
 *
 * @throws RangeError unless units is 1 or more, and when it is built for inputs of less than two axes or an open last
 *   size
 * @example
 * layers.dense({ units: 10, activation: 'relu' }).apply(ones([2, 3])).shape;  // [2, 10]
 * @see Keras, Dense
 */
export const dense = (options: DenseOptions): Dense => new Dense(options);
