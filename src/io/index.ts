// Models and their weights in TensorFlow.js's formats, by its names: io.fromMemory, io.decodeWeights.

export {
  getModelArtifactsForJSON,
  getModelArtifactsForJSONSync,
  getModelArtifactsInfoForJSON,
  getWeightSpecs,
  type IOHandler,
  type IOHandlerSync,
  type ModelArtifacts,
  type ModelArtifactsInfo,
  type ModelJSON,
  type SaveResult,
  type TrainingConfig,
  type WeightsManifestGroup,
} from './artifacts.js';
export { browserFiles } from './browser.js';
export { browserHTTPRequest, http, isHTTPScheme, type LoadOptions } from './http.js';
export { fromMemory, fromMemorySync, withSaveHandler, withSaveHandlerSync } from './memory.js';
export { fromSafetensors, toSafetensors } from './singleFile.js';
export { listModels, removeModel } from './stores.js';
export {
  concatenateArrayBuffers,
  decodeWeights,
  decodeWeightsStream,
  encodeWeights,
  type Quantization,
  type WeightData,
  type WeightsManifestEntry,
} from './weights.js';
