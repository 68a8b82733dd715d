import type { DataType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { Layer, type LayerOptions, type LayerShape } from './layer.js';
import { nextNumber, SymbolicTensor } from './symbolic.js';

/** What {@link input} takes. */
export interface InputOptions {
  /** The shape of a sample. */
  shape?: LayerShape;
  /** The same, batch included. */
  batchShape?: LayerShape;
  /** 'float32' if absent. */
  dtype?: DataType;
  /** The name of the layer that the input is; 'input_layer' and a number if absent. */
  name?: string;
}

/** What {@link inputLayer} takes. */
export interface InputLayerOptions extends LayerOptions {
  /** The dtype of what comes in; 'float32' if absent. */
  inputType?: DataType;
}

/** Where a model's input comes in. */
export class InputLayer extends Layer {
  /** What comes in. */
  readonly placeholder: SymbolicTensor;

  constructor(options: InputLayerOptions) {
    super(options);
    if (!this.batchInputShape) throw new TypeError('layers.inputLayer: needs an inputShape or a batchInputShape');
    const outputs: SymbolicTensor[] = [];
    const application = { number: nextNumber(), layer: this, inputs: [], outputs, options: {} };
    this.placeholder = new SymbolicTensor(this.batchInputShape, options.inputType ?? 'float32', this.name, application);
    outputs.push(this.placeholder);
    this.applications.push(application);
    this.built = true;
    this.supportsMasking = true;
  }

  override getClassName(): string {
    return 'InputLayer';
  }

  call(x: Tensor): Tensor {
    return x;
  }
}

/**
 * The layer of a model's input; {@link input} gives the planned tensor itself.
 *
 * @throws TypeError without a shape
 * @example
 * const model = sequential({ layers: [layers.inputLayer({ inputShape: [3] }), layers.dense({ units: 2 })] });
 * model.outputShape;  // [null, 2]
 */
export const inputLayer = (options: InputLayerOptions): InputLayer => new InputLayer(options);

/**
 * An input to come, from which a model is built.
 *
 * @param options.shape - of a sample; null where a size may be any: [null, 3] for sequences of any length
 * @throws TypeError without a shape, RangeError for sizes that are no whole numbers
 * @example
 * const x = input({ shape: [4] });
 * const y = layers.dense({ units: 2 }).apply(x);
 * model({ inputs: x, outputs: y }).predict(ones([3, 4])).shape;  // [3, 2]
 */
export function input({ shape, batchShape, dtype, name }: InputOptions): SymbolicTensor {
  if (!batchShape && !shape) throw new TypeError('input: needs the shape of a sample');
  const given = batchShape ? { batchInputShape: batchShape } : { inputShape: shape! };
  return new InputLayer({ ...given, ...(dtype && { inputType: dtype }), ...(name && { name }) }).placeholder;
}
