// Callbacks by their Keras names in camelCase: callbacks.earlyStopping({ patience: 3 }).

import { History } from './history.js';
import { type Output, ProgressBar } from './progress.js';

export { type CSVLoggerOptions, csvLogger, type TextWriter } from './csvLogger.js';
export { lambdaCallback } from './custom.js';
export { type DiagnosticsOptions, diagnostics } from './diagnostics.js';
export { type EarlyStoppingOptions, earlyStopping } from './earlyStopping.js';
export { learningRateScheduler, type ReduceLROnPlateauOptions, reduceLROnPlateau } from './learningRate.js';
export { type ModelCheckpointOptions, modelCheckpoint } from './modelCheckpoint.js';
export type { MonitorOptions } from './monitor.js';
export type { Output } from './progress.js';
export { terminateOnNaN } from './terminateOnNaN.js';

/**
 * The figures of every epoch, as `fit` returns them.
 *
 * @example
 * const figures = callbacks.history();
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' })] });
 * model.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
 * await model.fit(tensor2d([[1]]), tensor2d([[3]]), { epochs: 2, callbacks: figures, verbose: 0 });
 * figures.history.loss;  // [4, 4]
 */
export const history = (): History => new History();

/**
 * Training as Keras draws it, as `fit` does unless `verbose` is 0; into another output, say.
 *
 * @param output - where to; the terminal, or the console where there is none, if absent
 * @example
 * const lines = [];
 * const bar = callbacks.progressBar({ isTTY: false, write() {}, line: (text) => lines.push(text) });
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1] })] });
 * model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
 * await model.fit(tensor2d([[1]]), tensor2d([[3]]), { epochs: 2, callbacks: bar, verbose: 0 });
 * lines.length;  // 2
 */
export const progressBar = (output?: Output): ProgressBar => new ProgressBar(output);
