// The public surface of wasmgrad.

import './ops/methods.js';

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
export type { TensorLike } from './convert.js';
export type { DataType, DataTypeMap, FloatType, NumericType, TypedArray } from './dtype.js';
export { sumType, upcastType } from './dtype.js';
export * from './ops/index.js';
export { Rank, type Shape, type ShapeMap } from './shape.js';
export {
  dispose,
  disposeVariables,
  getTensorsInContainer,
  keep,
  type MemoryInfo,
  memory,
  type NestedArray,
  type Scalar,
  scope,
  Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  type Tensor5D,
  type Tensor6D,
  type TensorContainer,
  tidy,
  Variable,
  variable,
} from './tensor.js';
