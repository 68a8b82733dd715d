import { Layer, type LayerShape, showLayerShape } from '../layers/layer.js';
import { tidy } from '../scope.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { Model } from './model.js';
import { summaryLines } from './summary.js';

export interface SequentialOptions {
  layers?: readonly Layer[];
  name?: string;
}

let count = 0;

/** Layers one after the other, each fed by the one before. */
export class Sequential extends Model {
  readonly layers: Layer[] = [];
  /** The input's shape, batch first, once it is known. */
  private inputShape: LayerShape | undefined;

  constructor({ layers = [], name }: SequentialOptions = {}) {
    super(name ?? (count === 0 ? 'sequential' : `sequential_${count}`));
    count++;
    for (const layer of layers) this.add(layer);
  }

  /**
   * Adds a layer at the end.
   * @throws RangeError if its name is taken or its input does not fit
   */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new TypeError(`Sequential.add: needs a layer, got ${typeof layer}`);
    if (this.layers.some(({ name }) => name === layer.name)) {
      throw new RangeError(`Sequential.add: a layer named ${layer.name} is there already; give it another name`);
    }
    const first = this.layers.length === 0;
    const shape = first ? layer.batchInputShape : this.inputShape && this.outputShapes(this.inputShape).at(-1);
    if (shape) layer.ensureBuilt(shape);
    if (first) this.inputShape = layer.batchInputShape;
    this.layers.push(layer);
  }

  /**
   * Makes the weights for an input's shape, batch first.
   * @throws RangeError if they were made for another
   */
  build(inputShape: LayerShape): void {
    if (this.inputShape && !this.accepts(inputShape)) {
      throw new RangeError(
        `build: ${this.name} was built for ${showLayerShape(this.inputShape)}, got ${showLayerShape(inputShape)}`,
      );
    }
    const shapes = [inputShape, ...this.outputShapes(inputShape)];
    this.layers.forEach((layer, i) => {
      layer.ensureBuilt(shapes[i]!);
    });
    this.inputShape = inputShape;
  }

  get outputShape(): LayerShape {
    if (!this.inputShape) throw new Error('outputShape: the model is not built');
    return this.outputShapes(this.inputShape).at(-1) ?? this.inputShape;
  }

  private outputShapes(inputShape: LayerShape): LayerShape[] {
    let shape = inputShape;
    return this.layers.map((layer) => {
      shape = layer.computeOutputShape(shape) as LayerShape;
      return shape;
    });
  }

  protected prepare(x: Tensor, op: string): void {
    if (this.layers.length === 0) throw new Error(`${op}: the model has no layers`);
    if (!this.inputShape) this.build([null, ...x.shape.slice(1)]);
    else if (!this.accepts(x.shape)) {
      const needed = showLayerShape(this.inputShape);
      throw new RangeError(`${op}: ${this.name} needs inputs of shape ${needed}, got ${showShape(x.shape)}`);
    }
  }

  /** Whether the model was built for inputs of that shape. */
  private accepts(shape: LayerShape): boolean {
    const built = this.inputShape!;
    return shape.length === built.length && built.every((n, i) => n === null || n === shape[i]);
  }

  protected call(x: Tensor, training: boolean): Tensor {
    return this.layers.reduce((y, layer) => layer.run(y, { training }) as Tensor, x);
  }

  /** The output for one batch, as a function of tensors: gradients flow through it. */
  apply(x: Tensor, { training = false }: { training?: boolean } = {}): Tensor {
    this.prepare(x, 'apply');
    return tidy(() => this.call(x, training));
  }

  /**
   * Prints the layers with their outputs' shapes and parameters.
   * @param printFn - takes each line; console.log if absent
   * @throws Error while the input's shape is not known
   */
  summary(printFn: (line: string) => void = console.log): void {
    if (!this.inputShape) {
      throw new Error(
        'summary: the model is not built; give the first layer an inputShape, or call build or fit first',
      );
    }
    const shapes = this.outputShapes(this.inputShape);
    const rows = this.layers.map((layer, i) => ({ layer, outputShape: shapes[i]! }));
    for (const line of summaryLines(this.name, rows)) printFn(line);
  }
}

/**
 * A model of layers one after the other.
 *
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [3] })] });
 * model.countParams();  // 8
 */
export const sequential = (options?: SequentialOptions): Sequential => new Sequential(options);
