// Models in memory, as files would have them.

import { io, type LayersModel, type LoadLayersModelOptions, loadLayersModel } from '../../src/index.js';

/** What a model's `save` gives a handler, as JSON would bring it back. */
export async function saved(
  model: LayersModel,
  config: { includeOptimizer?: boolean; trainableOnly?: boolean } = {},
): Promise<io.ModelArtifacts> {
  let artifacts: io.ModelArtifacts = {};
  const handler = io.withSaveHandler(async (given) => {
    artifacts = given;
    return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(given) };
  });
  await model.save(handler, config);
  const { weightData, ...rest } = artifacts;
  return { ...JSON.parse(JSON.stringify(rest)), weightData };
}

export const load = (artifacts: io.ModelArtifacts, options?: LoadLayersModelOptions): Promise<LayersModel> =>
  loadLayersModel(io.fromMemory(artifacts), options);
