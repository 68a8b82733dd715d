// Losses and metrics as Keras knows them. Functions of the true and the predicted values, which give one number per
// sample, over the last axis: what models take as a loss, and what `losses.computeWeightedLoss` weighs and reduces. And
// classes that remember what they saw, over batches.

export { AUC, type AUCOptions } from './auc.js';
export {
  meanAbsoluteError as mae,
  meanAbsoluteError as MAE,
  meanAbsolutePercentageError as mape,
  meanAbsolutePercentageError as MAPE,
  meanSquaredError as mse,
  meanSquaredError as MSE,
} from './errors.js';
export * from './functions.js';
export {
  Accuracy,
  BinaryAccuracy,
  type LossFunction,
  Mean,
  MeanOf,
  Metric,
  type MetricOptions,
  type Result,
  RootMeanSquaredError,
  Sum,
} from './metric.js';
export * from './perClass.js';
export {
  type AtOptions,
  FalseNegatives,
  FalsePositives,
  Precision,
  PrecisionAtRecall,
  type PrecisionOptions,
  Recall,
  RecallAtPrecision,
  SensitivityAtSpecificity,
  SpecificityAtSensitivity,
  type ThresholdsOptions,
  TrueNegatives,
  TruePositives,
} from './thresholds.js';
