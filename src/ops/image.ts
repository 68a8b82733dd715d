// The namespace `image`.

export * from './colors.js';
export * from './resize.js';
export * from './suppression.js';
export {
  cropAndResize,
  type FillMode,
  flipLeftRight,
  type Interpolation,
  rotateWithOffset,
  transform,
} from './warp.js';
