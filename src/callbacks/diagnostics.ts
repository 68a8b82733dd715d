// What goes wrong inside a network while the loss only says that it does not fall: units that never fire, and gradients
// that do not reach the first layers.

import { checkFinite } from '../check.js';
import type { Layer } from '../layers/layer.js';
import { batchOf } from '../models/batches.js';
import { LayersModel } from '../models/functional.js';
import type { Model } from '../models/model.js';
import type { Tensors } from '../models/samples.js';
import { any, cast, mean, notEqual, square, sub, sum } from '../ops/index.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { Callback } from './callback.js';

/** What {@link diagnostics} takes. */
export interface DiagnosticsOptions {
  /** Inputs to look at, as `fit` takes them; a batch of the training's is enough. */
  x: Tensors;
  /** Their targets. */
  y: Tensors;
  /** The share of a layer's units that never fire above which there is a warning; 0.5 if absent. */
  deadShare?: number;
  /** The share of the largest gradient's norm below which another layer's is a warning; 1e-4 if absent. */
  vanishingShare?: number;
}

/** Units that never fire and norms of gradients, epoch by epoch; see {@link diagnostics}. */
export class Diagnostics extends Callback {
  /** The epochs that were looked at, as in a `History`. */
  readonly epoch: number[] = [];
  /** For each layer by its name: the share of units that are 0 for every sample, after each epoch. */
  readonly deadUnits: Record<string, number[]> = {};
  /** For each layer with weights in training, by its name: the norm of the loss's gradient by them, after each epoch. */
  readonly gradientNorms: Record<string, number[]> = {};
  /** What was warned of: at most once for a layer and a kind. */
  readonly warnings: string[] = [];
  private readonly options: Required<DiagnosticsOptions>;
  private readonly warned = new Set<string>();
  private batch: readonly Tensor[] = [];

  constructor({ x, y, deadShare = 0.5, vanishingShare = 1e-4 }: DiagnosticsOptions) {
    super();
    checkFinite(deadShare, 'deadShare', 'diagnostics');
    checkFinite(vanishingShare, 'vanishingShare', 'diagnostics');
    this.options = { x, y, deadShare, vanishingShare };
  }

  override setModel(model: Model): void {
    super.setModel(model);
    this.batch = batchOf(model.needCompiled('diagnostics').check(this.options.x, this.options.y, 'diagnostics'));
  }

  override onEpochEnd(epoch: number): void {
    this.epoch.push(epoch);
    if (this.model instanceof LayersModel) this.lookAtUnits(this.model, epoch);
    this.lookAtGradients(epoch);
  }

  private lookAtUnits({ inputs, steps }: LayersModel, epoch: number): void {
    // What only moves or picks has the units of the layer before. Of a layer that is used several times, its first use.
    const looked = steps.filter(
      ({ layer, inputs, outputs }, i) =>
        (layer.weights.length > 0 || String([inputs].flat()[0]!.shape) === String(outputs[0]!.shape)) &&
        outputs[0]!.shape.length > 1 &&
        steps.findIndex((step) => step.layer === layer) === i,
    );
    if (looked.length === 0) return;
    const probe = new LayersModel({ inputs, outputs: looked.map(({ outputs }) => outputs[0]!), name: 'diagnostics' });
    tidy(() => {
      const xs = this.batch.slice(0, inputs.length);
      const ys = [probe.run(xs.length === 1 ? xs[0]! : xs, { training: false })].flat() as Tensor[];
      ys.forEach((y, i) => {
        const { name } = looked[i]!.layer;
        const share = shareOfDead(y);
        note(this.deadUnits, name, share);
        if (share <= this.options.deadShare) return;
        const units = y.shape.at(-1)!;
        this.warn(
          `dead ${name}`,
          `epoch ${epoch + 1}: ${Math.round(share * units)} of ${units} units of ${name} are 0 for all of ` +
            `${y.shape[0]} samples and learn nothing; a lower learning rate, another initializer or leakyRelu may help`,
        );
      });
    });
  }

  private lookAtGradients(epoch: number): void {
    const { model } = this;
    const norms = new Map<Layer, number>();
    tidy(() => {
      const training = model.needCompiled('diagnostics');
      const weights = training.trainedWeights();
      const { gradients } = training.gradientsOf(this.batch, weights, false);
      for (const layer of model.layers) {
        const own = layer.weights.flatMap((w) => gradients[weights.indexOf(w)] ?? []);
        if (own.length > 0) norms.set(layer, normOf(own));
      }
    });
    const largest = Math.max(...norms.values());
    const [leader] = [...norms].find(([, norm]) => norm === largest) ?? [];
    for (const [{ name }, norm] of norms) {
      note(this.gradientNorms, name, norm);
      if (!Number.isFinite(norm)) {
        this.warn(`strange ${name}`, `epoch ${epoch + 1}: the norm of the gradient of ${name} is ${norm}`);
      } else if (leader && norm < this.options.vanishingShare * largest) {
        this.warn(
          `vanishing ${name}`,
          `epoch ${epoch + 1}: the gradient of ${name} has vanished: its norm is ${norm.toExponential(1)}, that of ` +
            `${leader.name} ${largest.toExponential(1)}`,
        );
      }
    }
  }

  private warn(about: string, sentence: string): void {
    if (this.warned.has(about)) return;
    this.warned.add(about);
    this.warnings.push(sentence);
    console.warn(`diagnostics: ${sentence}`);
  }
}

function note(table: Record<string, number[]>, name: string, value: number): void {
  table[name] ??= [];
  table[name].push(value);
}

/** The share of units, along the last axis, that are 0 for all samples at all places. */
function shareOfDead(y: Tensor): number {
  const others = Array.from({ length: y.rank - 1 }, (_, axis) => axis);
  return tidy(() => sub(1, mean(cast(any(notEqual(y, 0), others), 'float32'))).dataSync()[0]!);
}

/** The norm of all elements of several tensors together. */
const normOf = (tensors: readonly Tensor[]): number =>
  Math.sqrt(tensors.reduce((total, x) => total + tidy(() => sum(square(x)).dataSync()[0]!), 0));

/**
 * Looks into a network after each epoch, at a batch that it is given: how many units of each layer are 0 for every sample
 * (dead, behind a relu), and how large the loss's gradient is by each layer's weights (vanishing, where the first layers'
 * is nothing beside the last one's). It warns in one sentence on the console, once for each layer, and keeps what it saw
 * for `plot.history(seen.gradientNorms, { logarithmic: true })`. Training is not changed by it.
 *
 * The network runs as it does in prediction, without dropout. Units are looked at in layers with weights and those that
 * keep the shape, such as activations.
 *
 * @throws TypeError and RangeError, when training begins, for a batch that does not fit the model; for shares that are no
 *   numbers at once
 * @example
 * const seen = callbacks.diagnostics({ x: ones([4, 2]), y: ones([4, 1]) });
 * const model = sequential({
 *   layers: [
 *     layers.dense({ units: 8, inputShape: [2], activation: 'relu', kernelInitializer: 'ones', name: 'first' }),
 *     layers.dense({ units: 1, kernelInitializer: 'ones', name: 'last' }),
 *   ],
 * });
 * model.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
 * await model.fit(ones([4, 2]), ones([4, 1]), { epochs: 2, callbacks: seen, verbose: 0 });
 * seen.deadUnits.first;  // [0, 0]
 * seen.gradientNorms.last;  // [172.3368794, 172.3368794]
 */
export const diagnostics = (options: DiagnosticsOptions): Diagnostics => new Diagnostics(options);
