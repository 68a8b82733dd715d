// Handlers that keep a model in memory, or hand it to a function.

import type { IOHandler, IOHandlerSync, ModelArtifacts, SaveResult, TrainingConfig } from './artifacts.js';
import { isObject } from './json.js';
import type { WeightData, WeightsManifestEntry } from './weights.js';

type Given = [
  artifacts: ModelArtifacts | object,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: WeightData,
  trainingConfig?: TrainingConfig,
];

/**
 * A handler that loads artifacts, at once; or, as in early TensorFlow.js, what artifacts consist of.
 *
 * @throws TypeError for what is no object
 * @example
 * io.fromMemorySync({ modelTopology: {} }).load().weightSpecs === undefined;  // true
 */
export function fromMemorySync(...given: Given): Required<Pick<IOHandlerSync, 'load'>> {
  const [first, weightSpecs, weightData, trainingConfig] = given;
  if (!isObject(first)) throw new TypeError(`fromMemory: needs a model's artifacts, got ${typeof first}`);
  const isWhole = given.length === 1 && ('modelTopology' in first || 'weightSpecs' in first);
  const artifacts = isWhole ? first : { modelTopology: first, weightSpecs, weightData, trainingConfig };
  return { load: () => artifacts as ModelArtifacts };
}

/**
 * A handler that loads artifacts: those that a handler of {@link withSaveHandler} was given, for example.
 *
 * @throws TypeError for what is no object
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * let saved;
 * await model.save(io.withSaveHandler(async (artifacts) => {
 *   saved = artifacts;
 *   return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
 * }));
 * const again = await loadLayersModel(io.fromMemory(saved));
 * again.countParams();  // 3
 */
export function fromMemory(...given: Given): Required<Pick<IOHandler, 'load'>> {
  const { load } = fromMemorySync(...given);
  return { load: async () => load() };
}

/**
 * A handler that saves by a function.
 *
 * @example
 * let bytes = 0;
 * const handler = io.withSaveHandler(async (artifacts) => {
 *   bytes = artifacts.weightData.byteLength;
 *   return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
 * });
 * await sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] }).save(handler);
 * bytes;  // 12
 */
export const withSaveHandler = (
  saveHandler: (artifacts: ModelArtifacts) => Promise<SaveResult>,
): Required<Pick<IOHandler, 'save'>> => ({ save: saveHandler });

/**
 * A handler that saves by a function that is done at once: {@link withSaveHandler} for what is not asynchronous.
 *
 * @example
 * const modelArtifactsInfo = io.getModelArtifactsInfoForJSON({ modelTopology: {} });
 * io.withSaveHandlerSync(() => ({ modelArtifactsInfo })).save({}).modelArtifactsInfo.weightDataBytes;  // 0
 */
export const withSaveHandlerSync = (
  saveHandler: (artifacts: ModelArtifacts) => SaveResult,
): Required<Pick<IOHandlerSync, 'save'>> => ({ save: saveHandler });
