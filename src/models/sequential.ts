// Models of layers one after the other.

import { InputLayer, input } from '../layers/input.js';
import { Layer, type LayerShape, type OneOrMore, showLayerShape } from '../layers/layer.js';
import type { Tensor } from '../tensor.js';
import { LayersModel } from './functional.js';
import { Model } from './model.js';
import type { SummaryRow } from './summary.js';
import { chainConfig } from './topology.js';

/** What {@link sequential} takes. */
export interface SequentialOptions {
  /** The layers, in the order in which they work; more can be added. */
  layers?: readonly Layer[];
  /** The name of the model; 'sequential' and a number if absent. */
  name?: string;
}

/** The shape that a layer asks for. */
const askedBy = (layer: Layer): LayerShape | undefined =>
  layer.batchInputShape ?? (layer instanceof Model ? layer.inputs[0]?.shape : undefined);

/**
 * Layers one after the other, each fed by the one before. {@link sequential} makes one.
 *
 * @example
 * const model = new Sequential();
 * model.add(layers.dense({ units: 8, inputShape: [4], activation: 'relu' }));
 * model.add(layers.dense({ units: 1 }));
 * model.outputShape;  // [null, 1]
 */
export class Sequential extends LayersModel {
  private readonly chain: Layer[] = [];

  constructor({ layers = [], name }: SequentialOptions = {}) {
    super({ ...(name !== undefined && { name }) });
    for (const layer of layers) this.add(layer);
  }

  override getClassName(): string {
    return 'Sequential';
  }

  override getConfig(): Record<string, unknown> {
    return chainConfig(this);
  }

  override get layers(): readonly Layer[] {
    return this.chain;
  }

  /**
   * Adds a layer at the end.
   * @throws RangeError if its name is taken or its input does not fit
   */
  add(layer: Layer): void {
    if (!(layer instanceof Layer)) throw new TypeError(`Sequential.add: needs a layer, got ${typeof layer}`);
    if (layer instanceof InputLayer) {
      if (this.chain.length > 0) throw new RangeError('Sequential.add: an input can come first only');
      this.connect([layer.placeholder], [layer.placeholder]);
      return;
    }
    if (this.chain.some(({ name }) => name === layer.name)) {
      throw new RangeError(`Sequential.add: a layer named ${layer.name} is there already; give it another name`);
    }
    const shape = this.chain.length === 0 && this.inputs.length === 0 ? askedBy(layer) : undefined;
    if (shape) this.begin(shape, layer);
    if (this.inputs.length > 0) this.connect(this.inputs, [layer.apply(this.outputs[0]!)]);
    this.chain.push(layer);
  }

  /** The planned input, of a shape. */
  private begin(batchShape: LayerShape, first: Layer): void {
    const x = input({ batchShape, name: `${first.name}_input` });
    this.connect([x], [x]);
  }

  /**
   * Makes the weights for an input's shape, batch first.
   * @throws RangeError if they were made for another
   */
  override build(inputShape: OneOrMore<LayerShape>): void {
    const shape = inputShape as LayerShape;
    const [first] = this.chain;
    const own = this.inputs[0]?.shape;
    if (own) {
      if (own.length === shape.length && own.every((n, i) => n === null || n === shape[i] || i === 0)) return;
      throw new RangeError(`build: ${this.name} was built for ${showLayerShape(own)}, got ${showLayerShape(shape)}`);
    }
    if (!first) throw new Error('build: the model has no layers');
    this.begin(shape, first);
    try {
      this.connect(this.inputs, [this.chain.reduce((x, layer) => layer.apply(x), this.inputs[0]!)]);
    } catch (error) {
      [this.inputs, this.outputs, this.steps] = [[], [], []];
      this.built = false;
      throw error;
    }
  }

  override get outputNames(): string[] {
    return [this.chain.at(-1)?.name ?? this.name];
  }

  /** @internal */
  override prepare(xs: readonly Tensor[], op: string): void {
    if (this.chain.length === 0) throw new Error(`${op}: the model has no layers`);
    if (this.inputs.length === 0) this.ensureBuilt([null, ...xs[0]!.shape.slice(1)]);
    super.prepare(xs, op);
  }

  protected override summaryRows(): SummaryRow[] {
    return super
      .summaryRows()
      .slice(1)
      .map(({ from: _, ...row }) => row);
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
