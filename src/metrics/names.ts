// Losses and metrics by the names that models take: those of the namespace `metrics`, and TensorFlow.js's and Keras's
// other names for them.

import { cast, divNoNan, greater, mean, mul, notEqual, reshape, sum } from '../ops/index.js';
import { tidy } from '../scope.js';
import type { Tensor } from '../tensor.js';
import { spread } from './arguments.js';
import { AUC, type AUCOptions } from './auc.js';
import { cosineOf } from './errors.js';
import * as functions from './functions.js';
import * as batches from './metric.js';
import * as perClass from './perClass.js';
import * as thresholds from './thresholds.js';

/** A loss of true and predicted values: one number per sample, or one for a batch. */
export type Loss = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** The options of all losses. */
export type LossOptions = Omit<
  functions.HuberOptions &
    functions.SmoothL1Options &
    functions.BinaryFocalOptions &
    functions.SparseCategoricalCrossentropyOptions &
    functions.GeneralizedCrossentropyOptions &
    functions.TverskyOptions &
    functions.CircleOptions &
    functions.TripletOptions &
    functions.CTCOptions,
  'axis'
> &
  Pick<functions.DiceOptions, 'axis'>;

/** The options of all metrics. */
export type AnyMetricOptions = LossOptions &
  functions.SparseTopKOptions &
  Omit<
    Partial<
      AUCOptions &
        perClass.FBetaScoreOptions &
        perClass.IoUOptions &
        perClass.R2ScoreOptions &
        thresholds.PrecisionOptions &
        thresholds.AtOptions
    >,
    'name' | 'thresholds'
  > & {
    thresholds?: number | readonly number[] | null;
    precision?: number;
    recall?: number;
    sensitivity?: number;
    specificity?: number;
  };

/** A loss's name, alone or with options, or a function. */
export type LossSpec = string | ({ name: string } & LossOptions) | Loss;

/** A metric's or loss's name, alone or with options, a function, or a metric. */
export type MetricSpec = string | ({ name: string } & AnyMetricOptions) | Loss | batches.Metric;

type Options = Record<string, never>;
type AnyFunction = (yTrue: Tensor, yPred: Tensor, options?: Options) => Tensor;

// Tables are made when they are asked for: a bundle without models leaves them out.

function lossesByName(): Record<string, AnyFunction> {
  // What only counts cannot be followed downhill; three embeddings are no true and predicted values.
  const {
    binaryAccuracy: _binary,
    categoricalAccuracy: _categorical,
    sparseCategoricalAccuracy: _sparse,
    sparseTopKCategoricalAccuracy: _sparseTopK,
    topKCategoricalAccuracy: _topK,
    precision: _precision,
    recall: _recall,
    r2Score: _r2Score,
    tripletMargin: _tripletMargin,
    ...losses
  } = functions;
  return {
    ...losses,
    mse: losses.meanSquaredError,
    MSE: losses.meanSquaredError,
    mae: losses.meanAbsoluteError,
    MAE: losses.meanAbsoluteError,
    mape: losses.meanAbsolutePercentageError,
    MAPE: losses.meanAbsolutePercentageError,
    msle: losses.meanSquaredLogarithmicError,
    MSLE: losses.meanSquaredLogarithmicError,
    logcosh: losses.logCosh,
    kld: losses.klDivergence,
    kullbackLeiblerDivergence: losses.klDivergence,
  } as unknown as Record<string, AnyFunction>;
}

type Make = (options: Options) => batches.Metric;

function metricsByName(): Record<string, Make> {
  const { categoricalAccuracy, sparseCategoricalAccuracy, sparseTopKCategoricalAccuracy, topKCategoricalAccuracy } =
    functions;
  const means = {
    ...lossesByName(),
    ...{ categoricalAccuracy, sparseCategoricalAccuracy, sparseTopKCategoricalAccuracy, topKCategoricalAccuracy },
    // As a loss it is the negative.
    cosineSimilarity: cosineOf,
    cosine: cosineOf,
  } as Record<string, AnyFunction>;
  const meanOf =
    (f: AnyFunction): Make =>
    (options) =>
      new batches.MeanOf(f, options);
  return {
    ...Object.fromEntries(Object.entries(means).map(([name, f]) => [name, meanOf(f)])),
    auc: (options) => new AUC(options),
    binaryAccuracy: (options) => new batches.BinaryAccuracy(options),
    binaryIoU: (options) => new perClass.BinaryIoU(options),
    f1Score: (options) => new perClass.F1Score(options),
    falseNegatives: (options) => new thresholds.FalseNegatives(options),
    falsePositives: (options) => new thresholds.FalsePositives(options),
    fBetaScore: (options) => new perClass.FBetaScore(options),
    iou: (options) => new perClass.IoU(options as never),
    meanIoU: (options) => new perClass.MeanIoU(options as never),
    precision: (options) => new thresholds.Precision(options),
    precisionAtRecall: (options) => new thresholds.PrecisionAtRecall(options as never),
    r2Score: (options) => new perClass.R2Score(options),
    recall: (options) => new thresholds.Recall(options),
    recallAtPrecision: (options) => new thresholds.RecallAtPrecision(options as never),
    rootMeanSquaredError: (options) => new batches.RootMeanSquaredError(options),
    sensitivityAtSpecificity: (options) => new thresholds.SensitivityAtSpecificity(options as never),
    specificityAtSensitivity: (options) => new thresholds.SpecificityAtSensitivity(options as never),
    trueNegatives: (options) => new thresholds.TrueNegatives(options),
    truePositives: (options) => new thresholds.TruePositives(options),
  };
}

/**
 * What a table has by a name, the name and its options.
 * @throws RangeError for a name there is none of, TypeError for neither
 */
function named<T>(spec: unknown, table: Record<string, T>, op: string): [T, string, Options] {
  const { name, ...options } = (typeof spec === 'string' ? { name: spec } : (spec ?? {})) as {
    name: unknown;
  };
  if (typeof name !== 'string') {
    throw new TypeError(
      `${op}: needs a name, { name, ...options } or a function, got ${spec === null ? 'null' : typeof spec}`,
    );
  }
  if (!Object.hasOwn(table, name)) {
    throw new RangeError(`${op}: unknown name '${name}'; known are ${Object.keys(table).sort().join(', ')}`);
  }
  return [table[name]!, name, options as Options];
}

/** What of a loss's values counts in its mean, for losses where not all do: ignored classes, lone embeddings. */
function counted(name: string, { ignoreClass }: { ignoreClass?: number | null }) {
  if (name === 'circle') return (_: Tensor, each: Tensor) => greater(each, 0);
  if (name !== 'sparseCategoricalCrossentropy' || ignoreClass == null) return undefined;
  return (yTrue: Tensor, each: Tensor) => reshape(notEqual(yTrue, ignoreClass), each.shape);
}

/** A loss of values of which a mask may say which count. */
export type MaskedLoss = (yTrue: Tensor, yPred: Tensor, mask?: Tensor) => Tensor;

/**
 * A loss by name, by name with options, or as it is. Where not all of its values count, they are scaled, so that their
 * mean, over those that a mask leaves, is that of those that do, as in Keras.
 * @throws RangeError for a name there is none of, TypeError for none of these
 */
export function lossOf(spec: LossSpec, op: string): MaskedLoss {
  if (typeof spec === 'function') return (yTrue, yPred) => spec(yTrue, yPred);
  const [f, name, options] = named(spec, lossesByName(), op);
  const counts = counted(name, options);
  if (!counts) return (yTrue, yPred) => f(yTrue, yPred, options);
  return (yTrue, yPred, mask) =>
    tidy(() => {
      const each = f(yTrue, yPred, options);
      const count = cast(counts(yTrue, each), each.dtype);
      const on = mask && mask.rank <= each.rank ? spread(cast(mask, each.dtype), each, op) : undefined;
      return divNoNan(each, on ? divNoNan(sum(mul(count, on)), sum(on)) : mean(count));
    });
}

/**
 * A metric by name, by name with options, the mean of a function, or as it is. It is called by its name.
 * @throws RangeError for a name there is none of, TypeError for none of these
 */
export function metricOf(spec: MetricSpec, op: string): batches.Metric {
  if (spec instanceof batches.Metric) return spec;
  if (typeof spec === 'function') return new batches.MeanOf(spec);
  const [make, name, options] = named(spec, metricsByName(), op);
  return make({ ...options, name } as never);
}

/** The name in a loss or metric; that of a function may be empty. */
const nameOf = (spec: LossSpec): string => (typeof spec === 'string' ? spec : spec.name);

/** Whether a loss takes class numbers, and which class number it ignores. */
export function classesOf(loss: LossSpec): { ignoreClass: number | null } | undefined {
  if (typeof loss === 'function' || nameOf(loss) !== 'sparseCategoricalCrossentropy') return undefined;
  return { ignoreClass: (typeof loss === 'string' ? null : loss.ignoreClass) ?? null };
}

/** The accuracy that fits a loss, of classes, of one-hot classes, or of yes and no, by the name it is asked for. */
export function accuracyFor(loss: LossSpec, name: string): batches.Metric {
  const { binaryAccuracy, categoricalAccuracy, sparseCategoricalAccuracy } = functions;
  const lossName = typeof loss === 'function' ? '' : nameOf(loss);
  if (lossName === 'sparseCategoricalCrossentropy') return new batches.MeanOf(sparseCategoricalAccuracy, { name });
  if (lossName === 'categoricalCrossentropy') return new batches.MeanOf(categoricalAccuracy, { name });
  if (lossName === 'binaryCrossentropy') return new batches.MeanOf(binaryAccuracy, { name });
  // A loss of one's own says nothing: the outputs do.
  const fitting: Loss = (yTrue, yPred) => {
    const n = yPred.shape.at(-1)!;
    const same = yTrue.rank === yPred.rank && yTrue.shape.at(-1) === n;
    return (n === 1 ? binaryAccuracy : same ? categoricalAccuracy : sparseCategoricalAccuracy)(yTrue, yPred);
  };
  return new batches.MeanOf(fitting, { name });
}
