// Layers by their TensorFlow.js names: layers.dense({ units: 10 }).

export { type ActivationOptions, activation } from './activation.js';
export { type DenseOptions, dense } from './dense.js';
export { type DropoutOptions, dropout } from './dropout.js';
export { flatten } from './flatten.js';
export { Layer, type LayerOptions, type LayerShape } from './layer.js';
