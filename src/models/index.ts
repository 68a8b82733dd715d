// TensorFlow.js's name for making models of what describes them: models.modelFromJSON.

export { modelFromJSON } from './load.js';
