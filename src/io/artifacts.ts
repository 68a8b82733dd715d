// What a saved model consists of, in TensorFlow.js's layers-model format, and handlers that keep it somewhere.

import { isObject } from './json.js';
import { concatenateArrayBuffers, type WeightData, type WeightsManifestEntry } from './weights.js';

/** How a model was compiled, in Keras's words. */
export interface TrainingConfig {
  /** The optimizer's class and its options: `{ class_name, config }`. */
  optimizer_config: object;
  /** The name of the loss, or one for each output. */
  loss: string | readonly string[] | Readonly<Record<string, string>>;
  /** The names of the metrics, or those of each output. */
  metrics?: readonly string[] | Readonly<Record<string, string>>;
  [more: string]: unknown;
}

/** A model as handlers get and give it. */
export interface ModelArtifacts {
  /** The layers, as `toJSON` gives them. */
  modelTopology?: object;
  /** What the weights are called, and how their elements lie in `weightData`. */
  weightSpecs?: WeightsManifestEntry[];
  /** The elements of all weights, one after the other. */
  weightData?: WeightData;
  /** How the model was compiled. */
  trainingConfig?: TrainingConfig;
  /** 'layers-model'. */
  format?: string;
  /** The program that made the model. */
  generatedBy?: string;
  /** The program that converted it, or null. */
  convertedBy?: string | null;
  /** Names of the inputs and outputs, in models converted from TensorFlow. */
  signature?: object;
  /** What you want to keep with the model: see `setUserDefinedMetadata`. */
  userDefinedMetadata?: Record<string, unknown>;
  /** What prepares a model converted from TensorFlow. */
  modelInitializer?: object;
  /** Its inputs and outputs. */
  initializerSignature?: object;
}

/** Weights, and the files in which their elements lie, in order. */
export interface WeightsManifestGroup {
  /** Where the elements lie, relative to model.json. */
  paths: string[];
  /** The weights. */
  weights: WeightsManifestEntry[];
}

/** What model.json holds. */
export interface ModelJSON extends Omit<ModelArtifacts, 'weightSpecs' | 'weightData'> {
  /** The layers. */
  modelTopology: object;
  /** The weights and their files. */
  weightsManifest?: WeightsManifestGroup[];
}

/** When a model was saved, and how large it is. */
export interface ModelArtifactsInfo {
  /** When it was saved. */
  dateSaved: Date;
  /** 'JSON'. */
  modelTopologyType: 'JSON';
  /** Bytes of the topology as JSON. */
  modelTopologyBytes?: number;
  /** Bytes of the weights' names, shapes and dtypes as JSON. */
  weightSpecsBytes?: number;
  /** Bytes of the weights' elements. */
  weightDataBytes?: number;
}

/** What `save` gives. */
export interface SaveResult {
  /** When the model was saved, and how large it is. */
  modelArtifactsInfo: ModelArtifactsInfo;
  /** What a server answered. */
  responses?: Response[];
}

/** Keeps models somewhere: what `save` and `loadLayersModel` take in place of a URL. */
export interface IOHandler {
  /** Keeps a model. */
  save?(artifacts: ModelArtifacts): Promise<SaveResult>;
  /** Gives back the model. */
  load?(): Promise<ModelArtifacts>;
}

/** The same, at once. */
export interface IOHandlerSync {
  /** Keeps a model. */
  save?(artifacts: ModelArtifacts): SaveResult;
  /** Gives back the model. */
  load?(): ModelArtifacts;
}

const bytesOfJSON = (value: unknown): number =>
  value === undefined || value === null ? 0 : new TextEncoder().encode(JSON.stringify(value)).length;

/**
 * When a model was saved, now, and how large it is: what handlers of one's own answer to `save`.
 *
 * @throws TypeError for a topology that is bytes
 * @example
 * const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [2] })] });
 * const handler = io.withSaveHandler(async (artifacts) => ({
 *   modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts),
 * }));
 * (await model.save(handler)).modelArtifactsInfo.weightDataBytes;  // 12
 */
export function getModelArtifactsInfoForJSON(modelArtifacts: ModelArtifacts): ModelArtifactsInfo {
  const { modelTopology, weightSpecs, weightData } = modelArtifacts;
  if (modelTopology instanceof ArrayBuffer) {
    throw new TypeError('getModelArtifactsInfoForJSON: Expected JSON model topology, received ArrayBuffer.');
  }
  return {
    dateSaved: new Date(),
    modelTopologyType: 'JSON',
    modelTopologyBytes: bytesOfJSON(modelTopology),
    weightSpecsBytes: bytesOfJSON(weightSpecs),
    weightDataBytes: weightData ? concatenateArrayBuffers(weightData).byteLength : 0,
  };
}

/** The fields that model.json and artifacts have in common. */
export const COMMON = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'trainingConfig',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
] as const;

/** These fields of either, those that are there. */
export const common = (from: object): Partial<ModelJSON> =>
  Object.fromEntries(
    COMMON.flatMap((key) => {
      const value = (from as ModelArtifacts)[key];
      return value === undefined || (value === null && key !== 'convertedBy') ? [] : [[key, value]];
    }),
  );

/** model.json for artifacts whose weights lie in one file. */
export const modelJSONOf = (artifacts: ModelArtifacts, path: string): ModelJSON => ({
  ...(common(artifacts) as ModelJSON),
  weightsManifest: [{ paths: [path], weights: artifacts.weightSpecs ?? [] }],
});

/**
 * The weights of a manifest, in order.
 *
 * @example
 * io.getWeightSpecs([{ paths: ['a.bin'], weights: [{ name: 'w', shape: [2], dtype: 'float32' }] }]).length;  // 1
 */
export const getWeightSpecs = (weightsManifest: readonly WeightsManifestGroup[]): WeightsManifestEntry[] =>
  weightsManifest.flatMap(({ weights }) => weights);

/**
 * Artifacts of what model.json says and of its weights, if it says that there are some.
 *
 * @throws TypeError for a manifest without weights
 * @example
 * io.getModelArtifactsForJSONSync({ modelTopology: {} }).weightSpecs === undefined;  // true
 */
export function getModelArtifactsForJSONSync(
  modelJSON: ModelJSON,
  weightSpecs?: WeightsManifestEntry[],
  weightData?: WeightData,
): ModelArtifacts {
  if (!modelJSON.weightsManifest) return common(modelJSON);
  if (!weightSpecs || !weightData) {
    throw new TypeError('getModelArtifactsForJSON: needs the weights that modelJSON.weightsManifest tells of');
  }
  return { ...common(modelJSON), weightSpecs, weightData };
}

/**
 * The artifacts that a model.json describes, where `loadWeights` gives the specs and bytes of the weights in its manifest.
 *
 * @example
 * const artifacts = await io.getModelArtifactsForJSON({ modelTopology: {} }, async () => [[], new ArrayBuffer(0)]);
 * artifacts.weightData === undefined;  // true
 */
export async function getModelArtifactsForJSON(
  modelJSON: ModelJSON,
  loadWeights: (
    weightsManifest: WeightsManifestGroup[],
  ) => Promise<[weightSpecs: WeightsManifestEntry[], weightData: WeightData]>,
): Promise<ModelArtifacts> {
  const weights = modelJSON.weightsManifest ? await loadWeights(modelJSON.weightsManifest) : [];
  return getModelArtifactsForJSONSync(modelJSON, ...(weights as []));
}

/**
 * A path in a manifest that stays beside model.json: its own folder, or one in it.
 * @throws RangeError for another
 */
export function checkPath(path: unknown, what: string): string {
  const parts = typeof path === 'string' ? path.replace(/^\.\//, '').split('/') : [''];
  // Backslashes, colons and control characters mean something to some file system.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\u0000-\u001f]/.test(part))) {
    throw new RangeError(`${what}: needed a weight file beside model.json, got ${JSON.stringify(path)}`);
  }
  return parts.join('/');
}

/**
 * A model of model.json, whose weight files `read` gives.
 * @throws RangeError unless it is the JSON of a model, and for weight files elsewhere or named twice
 */
export async function readModel(
  json: unknown,
  read: (path: string) => Promise<ArrayBuffer>,
  what: string,
): Promise<ModelArtifacts> {
  const isManifest = (x: unknown): x is WeightsManifestGroup[] =>
    Array.isArray(x) &&
    x.every((group) => isObject(group) && Array.isArray(group.paths) && Array.isArray(group.weights));
  if (!isObject(json) || !isObject(json.modelTopology)) {
    throw new RangeError(`${what}: needed a model's JSON with a modelTopology, got none`);
  }
  const { weightsManifest: manifest } = json;
  if (manifest === undefined || manifest === null) return common(json);
  if (!isManifest(manifest)) {
    throw new RangeError(`${what}: needed a weightsManifest of paths and weights, got another`);
  }
  const paths = manifest.flatMap((group) => group.paths).map((path) => checkPath(path, what));
  if (new Set(paths).size < paths.length) throw new RangeError(`${what}: a weight file is in the manifest twice`);
  return { ...common(json), weightSpecs: getWeightSpecs(manifest), weightData: await Promise.all(paths.map(read)) };
}
