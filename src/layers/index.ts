// Layers by their TensorFlow.js names: layers.dense({ units: 10 }).

export { type ActivationOptions, activation } from './activation.js';
export {
  type CELUOptions,
  celu,
  type ELUOptions,
  elu,
  type GELUOptions,
  gelu,
  type HardTanhOptions,
  hardTanh,
  type LeakyReLUOptions,
  leakyReLU,
  type ReLUOptions,
  reLU,
  type SoftmaxOptions,
  softmax,
  type ThresholdedReLUOptions,
  type ThresholdOptions,
  threshold,
  thresholdedReLU,
} from './activations.js';
export { type AlphaDropoutOptions, alphaDropout } from './alphaDropout.js';
export { type AttentionOptions, attention } from './attention.js';
export { type BatchNormalizationOptions, batchNormalization } from './batchNormalization.js';
export { type BidirectionalOptions, bidirectional, type MergeMode } from './bidirectional.js';
export { type CategoryEncodingOptions, categoryEncoding, type EncodingMode } from './categoryEncoding.js';
export { RNNCell } from './cell.js';
export { type ConcatenateOptions, concatenate } from './concatenate.js';
export { type Conv1DOptions, type Conv2DOptions, conv1d, conv2d } from './conv.js';
export { type Conv2DTransposeOptions, conv2dTranspose } from './conv2dTranspose.js';
export { type DenseOptions, dense } from './dense.js';
export { type DepthwiseConv2DOptions, depthwiseConv2d } from './depthwiseConv2d.js';
export { type DiscretizationOptions, discretization } from './discretization.js';
export { type DotOptions, dot } from './dot.js';
export {
  type DropoutOptions,
  dropout,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './dropout.js';
export { type EmbeddingOptions, embedding } from './embedding.js';
export { flatten } from './flatten.js';
export { type GaussianDropoutOptions, gaussianDropout } from './gaussianDropout.js';
export { type GaussianNoiseOptions, gaussianNoise } from './gaussianNoise.js';
export {
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPool1d,
  globalMaxPooling1d,
  globalMaxPooling2d,
} from './globalPooling.js';
export { type GroupNormalizationOptions, groupNormalization } from './groupNormalization.js';
export { type GRUCellOptions, type GRUOptions, gru, gruCell } from './gru.js';
export { type InputLayerOptions, input, inputLayer } from './input.js';
export { type CallOptions, Layer, type LayerOptions, type LayerShape, type OneOrMore } from './layer.js';
export { type LayerNormalizationOptions, layerNormalization } from './layerNormalization.js';
export { type LSTMCellOptions, type LSTMOptions, lstm, lstmCell } from './lstm.js';
export {
  type Cropping2DOptions,
  cropping2D,
  type Margins,
  type ZeroPadding2DOptions,
  zeroPadding2d,
} from './margins.js';
export { type MaskingOptions, masking } from './masking.js';
export { add, average, maximum, minimum, multiply, type SeveralInputs, subtract } from './merge.js';
export { type MultiHeadAttentionOptions, multiHeadAttention } from './multiHeadAttention.js';
export { type NormalizationOptions, normalization } from './normalization.js';
export { type PermuteOptions, permute } from './permute.js';
export {
  averagePooling1d,
  averagePooling2d,
  maxPooling1d,
  maxPooling2d,
  type Pooling1DOptions,
  type Pooling2DOptions,
} from './pooling.js';
export { type PReLUOptions, prelu } from './prelu.js';
export {
  type RandomBrightnessOptions,
  type RandomContrastOptions,
  randomBrightness,
  randomContrast,
} from './randomColor.js';
export { type RandomSizeOptions, randomHeight, randomWidth } from './randomSize.js';
export {
  type Factor,
  type RandomFlipOptions,
  type RandomRotationOptions,
  type RandomTranslationOptions,
  type RandomZoomOptions,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
} from './randomTransform.js';
export { type RepeatVectorOptions, repeatVector } from './repeatVector.js';
export { type RescalingOptions, rescaling } from './rescaling.js';
export { type ReshapeOptions, reshape } from './reshape.js';
export {
  centerCrop,
  type RandomCropOptions,
  type ResizingOptions,
  randomCrop,
  resizing,
  type SizeOptions,
} from './resizing.js';
export { type RMSNormalizationOptions, rmsNormalization } from './rmsNormalization.js';
export { type RNNOptions, rnn, type SequenceLayerOptions } from './rnn.js';
export { type RReLUOptions, rrelu } from './rrelu.js';
export type { ScalingOptions } from './scaling.js';
export { type SeparableConv2DOptions, separableConv2d } from './separableConv2d.js';
export { type SimpleRNNOptions, simpleRNN, simpleRNNCell } from './simpleRNN.js';
export { type StackedRNNCellsOptions, stackedRNNCells } from './stackedRNNCells.js';
export { type TimeDistributedOptions, timeDistributed } from './timeDistributed.js';
export { type UnitNormalizationOptions, unitNormalization } from './unitNormalization.js';
export type { GatedCellOptions, SimpleRNNCellOptions } from './unitsCell.js';
export { type UpSampling2DOptions, upSampling2d } from './upSampling2d.js';
