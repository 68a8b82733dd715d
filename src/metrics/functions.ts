// Every loss and metric that is a function of true and predicted values.

export {
  type BinaryAccuracyOptions,
  binaryAccuracy,
  categoricalAccuracy,
  precision,
  recall,
  type SparseTopKOptions,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  type TopKOptions,
  topKCategoricalAccuracy,
} from './accuracy.js';
export * from './boxes.js';
export * from './crossentropy.js';
export * from './ctc.js';
export * from './embeddings.js';
export {
  type AxisOptions,
  concordanceCorrelation,
  cosineProximity,
  cosineSimilarity,
  type HuberOptions,
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  pearsonCorrelation,
  poisson,
  r2Score,
  type SmoothL1Options,
  smoothL1,
} from './errors.js';
export * from './hinge.js';
export * from './regions.js';
