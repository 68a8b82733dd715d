// The public surface of wasmgrad without chained methods, so that a bundle has only the ops that a program imports.

export { type Activation, type ActivationName, activations } from './activations.js';
export {
  type CustomGradient,
  customGrad,
  GradientTape,
  grad,
  grads,
  type NamedTensorMap,
  valueAndGrad,
  valueAndGrads,
  variableGrads,
} from './autodiff.js';
export { backend, engine, getBackend, ready, type TimingInfo, time } from './backend.js';
export { Callback, type Logs, type Params } from './callbacks/callback.js';
export { CustomCallback } from './callbacks/custom.js';
export { EarlyStopping } from './callbacks/earlyStopping.js';
export { History } from './callbacks/history.js';
export * as callbacks from './callbacks/index.js';
export * as constraints from './constraints.js';
export type { TensorLike } from './convert.js';
export { readIdx } from './data/idx.js';
export * as data from './data/index.js';
export { readNpy, writeNpy } from './data/npy.js';
export type { DataType, DataTypeMap, FloatType, NumericType, TypedArray } from './dtype.js';
export { sumType, upcastType } from './dtype.js';
export { type GradientCheck, type GradientCheckOptions, type GradientError, gradientCheck } from './gradient-check.js';
export { Graph, type GraphNode, graph } from './graph.js';
export * as initializers from './initializers.js';
export * as io from './io/index.js';
export { readNpz, writeNpz } from './io/npz.js';
export { readSafetensors, writeSafetensors } from './io/safetensors.js';
export { type Jitted, jit } from './jit.js';
export * as layers from './layers/index.js';
export { type InputOptions, input } from './layers/input.js';
export { SymbolicTensor } from './layers/symbolic.js';
export * as losses from './losses.js';
export { Reduction } from './losses.js';
export * as metrics from './metrics/index.js';
export type { Dataset } from './models/batches.js';
export { LayersModel, type ModelOptions, model } from './models/functional.js';
export * as models from './models/index.js';
export { type LoadLayersModelOptions, loadLayersModel, modelFromJSON } from './models/load.js';
export { Model } from './models/model.js';
export type { CompileOptions, FitDatasetOptions, FitOptions } from './models/options.js';
export type { SomeTensors, Tensors } from './models/samples.js';
export { Sequential, type SequentialOptions, sequential } from './models/sequential.js';
export * as math from './ops/confusion.js';
export * as fused from './ops/fused.js';
export * as image from './ops/image.js';
export * from './ops/index.js';
export * as linalg from './ops/linalg.js';
export * from './optimizers/index.js';
export * as optimizers from './optimizers/optimizers.js';
export * as train from './optimizers/train.js';
export * from './random/draw.js';
export { dropout } from './random/dropout.js';
export { rrelu } from './random/rrelu.js';
export { setSeed } from './random/seeds.js';
export * as random from './random/streams.js';
export * as regularizers from './regularizers.js';
export * as schedules from './schedules/index.js';
export { dispose, getTensorsInContainer, keep, scope, type TensorContainer, tidy } from './scope.js';
export * as serialization from './serialization.js';
export { Rank, type Shape, type ShapeMap } from './shape.js';
export {
  type MemoryInfo,
  memory,
  type NestedArray,
  type Scalar,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type Tensor6D,
} from './tensor.js';
/** @internal For wasmgrad/threads. */
export * as internals from './threads/host.js';
export { nextFrame } from './turn.js';
export * as util from './util.js';
export { disposeVariables, Variable, variable } from './variable.js';
