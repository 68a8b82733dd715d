// Models as graphs of layers: what lies between planned inputs and planned outputs.

import type { NamedTensorMap } from '../autodiff.js';
import type { IOHandler, SaveResult } from '../io/artifacts.js';
import { InputLayer } from '../layers/input.js';
import type { CallOptions, Layer, LayerShape, OneOrMore } from '../layers/layer.js';
import { type Application, SymbolicTensor } from '../layers/symbolic.js';
import { showShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { guard } from '../wasm/trace.js';
import { Model } from './model.js';
import { assignByName, loadWeights, saveWeights } from './namedWeights.js';
import { checkedMetadata, type SaveConfig, saveModel } from './save.js';
import type { SummaryRow } from './summary.js';
import { graphConfig, topologyOf } from './topology.js';

/** What {@link model} takes. */
export interface ModelOptions {
  /** What comes in: one or more of what `input` gives. */
  inputs: OneOrMore<SymbolicTensor>;
  /** What comes out: one or more of what layers gave for them. */
  outputs: OneOrMore<SymbolicTensor>;
  /** The name of the model; 'model' and a number if absent. */
  name?: string;
}

/** The same value with every planned tensor in it replaced, alone or in lists. */
function replaced(value: unknown, by: (x: SymbolicTensor) => unknown): unknown {
  if (value instanceof SymbolicTensor) return by(value);
  return Array.isArray(value) ? value.map((v) => replaced(v, by)) : value;
}

/** The planned tensors that an application needs: its inputs, and those among its options, such as initial states. */
function neededBy({ inputs, options }: Application): SymbolicTensor[] {
  const found = [inputs].flat() as SymbolicTensor[];
  for (const value of Object.values(options)) replaced(value, (x) => found.push(x));
  return found;
}

/** Applications of layers in the order in which they were planned, so that each comes after what it needs. */
function between(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[], op: string): Application[] {
  const found = new Set<Application>();
  const visit = (x: SymbolicTensor): void => {
    if (inputs.includes(x) || found.has(x.origin)) return;
    if (x.origin.layer instanceof InputLayer) {
      throw new RangeError(
        `${op}: the outputs need the input '${x.name}', which is not among the inputs ${inputs.map(({ name }) => name).join(', ')}`,
      );
    }
    found.add(x.origin);
    for (const needed of neededBy(x.origin)) visit(needed);
  };
  for (const y of outputs) visit(y);
  return [...found].sort((a, b) => a.number - b.number);
}

function checkPlanned(xs: OneOrMore<SymbolicTensor>, what: string): SymbolicTensor[] {
  const list = [xs].flat() as SymbolicTensor[];
  for (const x of list) {
    if (!(x instanceof SymbolicTensor)) {
      throw new TypeError(`model: ${what} must be what input() and layers give, got ${x === null ? 'null' : typeof x}`);
    }
  }
  if (list.length === 0) throw new RangeError(`model: needs ${what}`);
  return list;
}

/**
 * A graph of layers. Layers may be used several times, and models are layers of other models. {@link model} makes one.
 *
 * @throws TypeError for what is no planned tensor; RangeError if an output needs an input that is not given, or two layers
 *   have one name
 * @example
 * const x = input({ shape: [4] });
 * const features = layers.dense({ units: 3, activation: 'relu', name: 'features' }).apply(x);
 * const whole = new LayersModel({ inputs: x, outputs: layers.dense({ units: 1 }).apply(features) });
 * // A part of it, with the same weights.
 * const part = new LayersModel({ inputs: x, outputs: whole.getLayer('features').output });
 * part.predict(ones([2, 4])).shape;  // [2, 3]
 */
export class LayersModel extends Model {
  inputs: readonly SymbolicTensor[] = [];
  outputs: readonly SymbolicTensor[] = [];
  /** @internal The applications of layers, each after those that it needs. */
  steps: readonly Application[] = [];
  private inOrder: readonly Layer[] = [];
  private metadata: Record<string, unknown> | undefined;

  constructor({ inputs, outputs, name }: Partial<ModelOptions> & { name?: string }) {
    super({ ...(name !== undefined && { name }) });
    if (inputs && outputs) this.connect(checkPlanned(inputs, 'inputs'), checkPlanned(outputs, 'outputs'));
  }

  override getClassName(): string {
    return 'Model';
  }

  override get layers(): readonly Layer[] {
    return this.inOrder;
  }

  /** Makes the model what lies between these. */
  protected connect(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): void {
    const steps = between(inputs, outputs, 'model');
    const layers = [...new Set([...inputs.map(({ origin }) => origin.layer), ...steps.map(({ layer }) => layer)])];
    layers.forEach(({ name }, i) => {
      if (layers.findIndex((layer) => layer.name === name) < i) {
        throw new RangeError(`model: two layers are named ${name}; give one of them another name`);
      }
    });
    this.inputs = inputs;
    this.outputs = outputs;
    this.steps = steps;
    this.inOrder = layers;
    this.built = true;
  }

  call(inputs: OneOrMore<Tensor>, { training }: CallOptions): OneOrMore<Tensor> {
    // A layer may be added after a step was recorded.
    const { steps } = this;
    guard(steps, () => this.steps === steps);
    return this.follow(
      [inputs].flat() as Tensor[],
      ({ layer, options }, xs, valueOf) =>
        layer.run(xs, {
          ...(mapValues(options, (v) => replaced(v, valueOf)) as CallOptions),
          training,
        }) as OneOrMore<Tensor>,
    );
  }

  override computeOutputShape(inputShape: OneOrMore<LayerShape>): OneOrMore<LayerShape> {
    const shapes = (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as LayerShape[];
    // A shape is itself a list: each is wrapped while it goes through the graph.
    const found = this.follow(
      shapes.map((shape) => ({ shape })),
      ({ layer, options }, xs) => {
        const given = Array.isArray(xs) ? xs.map(({ shape }) => shape) : (xs as { shape: LayerShape }).shape;
        const result = layer.computeOutputShape(given, options);
        return Array.isArray(result[0])
          ? (result as LayerShape[]).map((shape) => ({ shape }))
          : { shape: result as LayerShape };
      },
    );
    return Array.isArray(found) ? found.map(({ shape }) => shape) : (found as { shape: LayerShape }).shape;
  }

  /** Goes through the graph with values for the inputs; returns those of the outputs. */
  private follow<V>(
    inputs: readonly V[],
    run: (step: Application, xs: OneOrMore<V>, valueOf: (x: SymbolicTensor) => V) => OneOrMore<V>,
  ): OneOrMore<V> {
    if (inputs.length !== this.inputs.length) {
      throw new RangeError(`${this.name}: needs ${this.inputs.length} inputs, got ${inputs.length}`);
    }
    const values = new Map<SymbolicTensor, V>(this.inputs.map((x, i) => [x, inputs[i]!]));
    const valueOf = (x: SymbolicTensor) => values.get(x)!;
    for (const step of this.steps) {
      const xs = step.inputs;
      const ys = [
        run(step, Array.isArray(xs) ? xs.map(valueOf) : valueOf(xs as SymbolicTensor), valueOf),
      ].flat() as V[];
      step.outputs.forEach((y, i) => {
        values.set(y, ys[i]!);
      });
    }
    const outputs = this.outputs.map(valueOf);
    return outputs.length === 1 ? outputs[0]! : outputs;
  }

  override getConfig(): Record<string, unknown> {
    return graphConfig(this);
  }

  /**
   * What the model is made of, as Keras and TensorFlow.js write it: {@link modelFromJSON} makes a model of it again, with
   * other weights.
   *
   * @param returnString - whether it is given as text; true if absent
   * @throws TypeError for a function of one's own among the options, which no text can hold
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
   * model.toJSON(null, false).config.layers.length;  // 1
   */
  toJSON(_unused?: unknown, returnString?: true): string;
  toJSON(_unused: unknown, returnString: false): object;
  toJSON(_unused?: unknown, returnString = true): string | object {
    const topology = topologyOf(this);
    return returnString ? JSON.stringify(topology) : topology;
  }

  /**
   * Saves the model: what it is made of, and its weights.
   *
   * With `includeOptimizer` also how it was compiled, the optimizer's state and the state of all random numbers: after
   * {@link loadLayersModel}, in another process too, training goes on after an epoch with the bits that it would have had
   * without stopping. Where a dataset is, or what a stateful layer has kept, is not saved. Files are TensorFlow.js's,
   * which can load them; what it has no words for it leaves aside. Or all is one file of safetensors, from which other
   * programs read the weights: see {@link io.toSafetensors}.
   *
   * @param handlerOrURL - `file://models/first` (a folder in Node, Deno and Bun), `indexeddb://first`, `opfs://first`,
   *   `localstorage://first` or `downloads://first` in browsers, http(s), or a handler; `file://models/first.safetensors`,
   *   `opfs://` and `downloads://` with such a name are one file
   * @returns when it was saved, and how large it is
   * @throws Error for a model without weights yet; TypeError for what no file can hold, a function of one's own or a layer
   *   shared by models in the model, and where there is no such place; RangeError for another URL
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
   * const handler = io.withSaveHandler(async (artifacts) => ({
   *   modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts),
   * }));
   * const { modelArtifactsInfo } = await model.save(handler);
   * modelArtifactsInfo.weightDataBytes;  // 12
   */
  save(handlerOrURL: IOHandler | string, config?: SaveConfig): Promise<SaveResult> {
    return saveModel(this, handlerOrURL, config);
  }

  /**
   * Saves the weights by name in one file, of safetensors or of NumPy, as the name ends: `.safetensors` or `.npz`.
   *
   * @param path - of a file, in Node, Deno and Bun
   * @throws RangeError for another ending, TypeError in a runtime without files
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], name: 'line' })] });
   * await model.saveWeights('/tmp/line.safetensors');
   * await model.loadWeights('/tmp/line.safetensors');
   * model.countParams();  // 2
   */
  saveWeights(path: string): Promise<void> {
    return saveWeights(this, path);
  }

  /**
   * Replaces the weights by tensors of their names, or by those of a file that {@link saveWeights} wrote, or
   * {@link save} as one. Nothing is changed if one does not fit.
   *
   * @param weights - tensors by the names of the weights; or the path or URL of a `.safetensors` or `.npz` file
   * @param strict - whether each weight needs a tensor and each tensor a weight; true if absent
   * @throws RangeError for a weight that is missing, unknown or of another shape or dtype
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], name: 'line' })] });
   * model.loadWeights({ 'line/kernel': tensor2d([[2]]), 'line/bias': tensor1d([1]) });
   * model.predict(tensor2d([[3]])).print();  // [[7]]
   */
  loadWeights(weights: NamedTensorMap, strict?: boolean): void;
  loadWeights(path: string, strict?: boolean): Promise<void>;
  loadWeights(weights: NamedTensorMap | string, strict = true): Promise<void> | void {
    if (typeof weights === 'string') return loadWeights(this, weights, strict);
    assignByName(this, weights, strict);
  }

  /**
   * Sets what is to be saved with the model: names of classes, for example.
   *
   * @throws TypeError for what is no object of JSON, RangeError for the key 'wasmgrad', which is taken
   * @example
   * const model = sequential({ layers: [layers.dense({ units: 2, inputShape: [1] })] });
   * model.setUserDefinedMetadata({ classes: ['cat', 'dog'] });
   * model.getUserDefinedMetadata().classes.length;  // 2
   */
  setUserDefinedMetadata(metadata: Record<string, unknown>): void {
    this.metadata = checkedMetadata(metadata);
  }

  /** What was set to be saved with the model, or was saved with it; undefined if nothing was. */
  getUserDefinedMetadata(): Record<string, unknown> | undefined {
    return this.metadata;
  }

  /** @internal */
  override prepare(xs: readonly Tensor[], op: string): void {
    this.inputs.forEach(({ shape, name }, i) => {
      const given = xs[i]!.shape;
      if (shape.length === given.length && shape.every((n, axis) => n === null || n === given[axis] || axis === 0))
        return;
      const needed = `[${shape.map((n, axis) => (axis === 0 ? 'null' : n)).join(', ')}]`;
      const which = this.inputs.length === 1 ? '' : ` for '${name}'`;
      throw new RangeError(`${op}: ${this.name} needs inputs of shape ${needed}${which}, got ${showShape(given)}`);
    });
  }

  protected override summaryRows(): SummaryRow[] {
    const shapesOf = (xs: OneOrMore<SymbolicTensor>) =>
      (Array.isArray(xs) ? xs.map(({ shape }) => shape) : (xs as SymbolicTensor).shape) as OneOrMore<LayerShape>;
    const one = <T>(list: readonly T[]) => (list.length === 1 ? list[0]! : list);
    const inputs = this.inputs.map(({ origin, shape }) => ({
      layer: origin.layer,
      inputShape: shape,
      outputShape: shape,
      from: [],
    }));
    const steps = this.steps.map((step) => ({
      layer: step.layer,
      inputShape: shapesOf(step.inputs),
      outputShape: shapesOf(one(step.outputs)),
      from: neededBy(step).map(({ name }) => name),
    }));
    return [...inputs, ...steps];
  }
}

const mapValues = (object: object, f: (value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, f(value)]));

/**
 * A model of the layers between inputs and outputs: several of either, branches, and layers that are used more than once.
 *
 * @throws TypeError for what is no planned tensor; RangeError if an output needs an input that is not given, or two layers
 *   have one name
 * @example
 * const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })];
 * const shared = layers.dense({ units: 3 });
 * const twins = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] });
 * twins.predict({ a: ones([5, 2]), b: zeros([5, 2]) })[1].shape;  // [5, 3]
 */
export const model = (options: ModelOptions): LayersModel => {
  if (!options?.inputs || !options.outputs) throw new TypeError('model: needs { inputs, outputs }');
  return new LayersModel(options);
};
