// Losses and metrics by the names that models take.

import * as metrics from './metrics.js';
import type { Tensor } from './tensor.js';

/** One number per sample. */
export type Metric = (yTrue: Tensor, yPred: Tensor) => Tensor;

const BY_NAME = {
  meanSquaredError: metrics.meanSquaredError,
  mse: metrics.meanSquaredError,
  meanAbsoluteError: metrics.meanAbsoluteError,
  mae: metrics.meanAbsoluteError,
  categoricalCrossentropy: metrics.categoricalCrossentropy,
  sparseCategoricalCrossentropy: metrics.sparseCategoricalCrossentropy,
  binaryCrossentropy: metrics.binaryCrossentropy,
  binaryAccuracy: metrics.binaryAccuracy,
  categoricalAccuracy: metrics.categoricalAccuracy,
  sparseCategoricalAccuracy: metrics.sparseCategoricalAccuracy,
} satisfies Record<string, (yTrue: Tensor, yPred: Tensor, options?: metrics.CrossentropyOptions) => Tensor>;

/** A metric's or loss's name, alone or with options. */
export type MetricSpec = string | ({ name: string } & metrics.CrossentropyOptions) | Metric;

/**
 * A loss or metric by name, by name with options, or as it is.
 * @throws RangeError for a name there is none of, TypeError for none of these
 */
export function metricOf(spec: MetricSpec, op: string): Metric {
  if (typeof spec === 'function') return spec;
  const { name, ...options } = typeof spec === 'string' ? { name: spec } : (spec ?? {});
  if (typeof name !== 'string') {
    throw new TypeError(
      `${op}: needs a name, { name, ...options } or a function, got ${spec === null ? 'null' : typeof spec}`,
    );
  }
  if (!Object.hasOwn(BY_NAME, name)) {
    throw new RangeError(`${op}: unknown name '${name}'; known are ${Object.keys(BY_NAME).join(', ')}`);
  }
  const metric = BY_NAME[name as keyof typeof BY_NAME] as (
    t: Tensor,
    p: Tensor,
    o: metrics.CrossentropyOptions,
  ) => Tensor;
  return (yTrue, yPred) => metric(yTrue, yPred, options);
}

/** What a loss or metric is called; a function may have no name. */
export const nameOf = (spec: MetricSpec): string => (typeof spec === 'string' ? spec : spec.name);

/** The accuracy that fits a loss: of classes, of one-hot classes, or of yes and no. */
export function accuracyFor(loss: MetricSpec): Metric {
  const name = typeof loss === 'string' ? loss : typeof loss === 'function' ? '' : loss.name;
  if (name === 'sparseCategoricalCrossentropy') return metricOf('sparseCategoricalAccuracy', 'compile');
  if (name === 'categoricalCrossentropy') return metricOf('categoricalAccuracy', 'compile');
  if (name === 'binaryCrossentropy') return metricOf('binaryAccuracy', 'compile');
  // A loss of one's own says nothing: the outputs do.
  return (yTrue, yPred) => {
    const n = yPred.shape.at(-1)!;
    const same = yTrue.rank === yPred.rank && yTrue.shape.at(-1) === n;
    const kind = n === 1 ? 'binaryAccuracy' : same ? 'categoricalAccuracy' : 'sparseCategoricalAccuracy';
    return metricOf(kind, 'compile')(yTrue, yPred);
  };
}
