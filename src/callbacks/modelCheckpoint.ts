import { checkCount, checkFinite } from '../check.js';
import type { IOHandler } from '../io/artifacts.js';
import type { LayersModel } from '../models/functional.js';
import { Callback, type Logs } from './callback.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** What `modelCheckpoint` saves, where and when. */
export interface ModelCheckpointOptions extends Omit<MonitorOptions, 'minDelta'> {
  /**
   * Where to: what `model.save` takes, or `model.saveWeights` for weights only. In a text `{epoch}`, counted from 1, `{batch}`
   * and the names of figures stand for their values: `file://models/{epoch:03d}-{val_loss:.4f}`, a folder each, or one file each with `.safetensors` at the end.
   */
  filepath: string | IOHandler;
  /** Whether a model that is no better than the best one so far is not saved. */
  saveBestOnly?: boolean;
  /** Whether only the weights are saved, in the format that the path ends in: .safetensors or .npz. */
  saveWeightsOnly?: boolean;
  /** Whether the state of the optimizer is saved, so that training can go on; true if absent. */
  includeOptimizer?: boolean;
  /** 'epoch', at every epoch's end, or after so many batches; 'epoch' if absent. */
  saveFreq?: 'epoch' | number;
  /** What the first model has to beat to be saved, with `saveBestOnly`. */
  initialValueThreshold?: number | null;
  /** Whether it says that it saves. */
  verbose?: boolean | 0 | 1;
}

/** A name in braces, and after a colon how many digits: {epoch}, {epoch:03d}, {val_loss:.4f}. */
const PLACE = /\{(\w+)(?::(?:0?(\d+)d|\.(\d+)f))?\}/g;

/** Saves the model as it trains; see {@link modelCheckpoint}. */
export class ModelCheckpoint extends Callback {
  private readonly options: Required<Omit<ModelCheckpointOptions, keyof MonitorOptions | 'initialValueThreshold'>>;
  private readonly monitor: Monitor;
  /** The best figure so far, over all trainings, as in Keras: what is saved is never replaced by a worse model. */
  private best: number | undefined;
  private epoch = 0;
  private batches = 0;

  constructor(options: ModelCheckpointOptions) {
    super();
    const op = 'modelCheckpoint';
    const { filepath, initialValueThreshold, ...rest } = options ?? {};
    if (typeof filepath !== 'string' && typeof filepath?.save !== 'function') {
      throw new TypeError(
        `${op}: filepath must be text or an IOHandler, got ${filepath === null ? 'null' : typeof filepath}`,
      );
    }
    const {
      saveBestOnly = false,
      saveWeightsOnly = false,
      includeOptimizer = true,
      saveFreq = 'epoch',
      verbose = 0,
    } = rest;
    if (saveWeightsOnly && typeof filepath !== 'string') {
      throw new TypeError(`${op}: needs a path to save weights only, got an IOHandler`);
    }
    if (saveFreq !== 'epoch') checkCount(saveFreq, 1, 'saveFreq', op);
    if (initialValueThreshold != null) checkFinite(initialValueThreshold, 'initialValueThreshold', op);
    this.monitor = new Monitor({ monitor: rest.monitor, mode: rest.mode }, op);
    this.best = initialValueThreshold ?? undefined;
    this.options = { filepath, saveBestOnly, saveWeightsOnly, includeOptimizer, saveFreq, verbose };
  }

  override onTrainBegin(): void {
    this.batches = 0;
  }

  override onEpochBegin(epoch: number): void {
    this.epoch = epoch;
  }

  override async onBatchEnd(batch: number, logs: Logs): Promise<void> {
    if (this.options.saveFreq === 'epoch' || ++this.batches < this.options.saveFreq) return;
    this.batches = 0;
    await this.save({ ...logs, batch: batch + 1 });
  }

  override async onEpochEnd(_epoch: number, logs: Logs): Promise<void> {
    if (this.options.saveFreq === 'epoch') await this.save(logs);
  }

  private async save(logs: Logs): Promise<void> {
    const { filepath, saveBestOnly, saveWeightsOnly, includeOptimizer, verbose } = this.options;
    if (saveBestOnly) {
      const value = this.monitor.read(logs, this.params);
      if (value === undefined || !this.monitor.isBetter(value, this.best)) return;
      this.best = value;
    }
    const model = this.model as LayersModel;
    const to = typeof filepath === 'string' ? fill(filepath, { epoch: this.epoch + 1, ...logs }) : filepath;
    if (saveWeightsOnly) await model.saveWeights(to as string);
    else await model.save(to, { includeOptimizer });
    if (verbose) console.log(`Epoch ${this.epoch + 1}: saved ${typeof to === 'string' ? to : 'the model'}`);
  }
}

/** @throws RangeError for a name that is none of the values' */
const fill = (path: string, values: Logs): string =>
  path.replace(PLACE, (_, name: string, width: string | undefined, digits: string | undefined) => {
    const value = values[name];
    if (value === undefined) {
      throw new RangeError(
        `modelCheckpoint: filepath must name one of ${Object.keys(values).join(', ')}, got '{${name}}'`,
      );
    }
    if (digits !== undefined) return value.toFixed(Number(digits));
    return String(value).padStart(Number(width ?? 0), '0');
  });

/**
 * Saves the model as it trains, as Keras's ModelCheckpoint: at every epoch's end, after so many batches, or only where it
 * is better than before. Files are written beside their places and moved there once they are whole: whatever ends the
 * program, there is either the model before or this one.
 *
 * @throws TypeError and RangeError for options that are none; RangeError (in training) for a figure that is not there
 * @see https://keras.io/api/callbacks/model_checkpoint/
 * @example
 * const saved = [];
 * const filepath = io.withSaveHandler(async (artifacts) => {
 *   saved.push(artifacts.weightSpecs.length);
 *   return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
 * });
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'zeros' })] });
 * model.compile({ optimizer: train.sgd(10), loss: 'meanSquaredError' });  // far too fast: the loss grows
 * const checkpoint = callbacks.modelCheckpoint({ filepath, monitor: 'loss', saveBestOnly: true });
 * await model.fit(tensor2d([[1]]), tensor2d([[1]]), { epochs: 3, callbacks: checkpoint, verbose: 0 });
 * saved.length;  // 1
 */
export const modelCheckpoint = (options: ModelCheckpointOptions): ModelCheckpoint => new ModelCheckpoint(options);
