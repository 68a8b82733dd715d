/**
 * Convolutions and both of their gradients, each pass by itself: the layers of a small network for digits, first layers,
 * deep layers, and those with strides, dilations and one dimension.
 */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

/**
 * A layer: `to` filters of `filter` on `batch` images of `from`.
 *
 * @typedef {object} Layer
 * @property {number} batch
 * @property {[height: number, width: number, channels: number]} from
 * @property {number} to
 * @property {[height: number, width: number]} filter
 * @property {'valid' | 'same'} [pad]
 * @property {number} [stride]
 * @property {number} [dilation]
 */

/** @type {Layer[]} */
const LAYERS = [
  { batch: 64, from: [28, 28, 1], to: 32, filter: [3, 3] },
  { batch: 8, from: [26, 26, 32], to: 64, filter: [3, 3] },
  { batch: 8, from: [32, 32, 3], to: 64, filter: [3, 3], pad: 'same' },
  { batch: 2, from: [16, 16, 128], to: 128, filter: [3, 3], pad: 'same' },
  { batch: 2, from: [56, 56, 64], to: 128, filter: [1, 1] },
  { batch: 1, from: [56, 56, 64], to: 128, filter: [3, 3], pad: 'same', stride: 2 },
  { batch: 2, from: [28, 28, 32], to: 64, filter: [5, 5], pad: 'same' },
  { batch: 4, from: [32, 32, 32], to: 32, filter: [3, 3], pad: 'same', dilation: 2 },
  { batch: 64, from: [1, 100, 8], to: 16, filter: [1, 5] },
];

const PASSES = [
  ['conv2d', ''],
  ['conv2dGradFilter', ', dw'],
  ['conv2dGradInput', ', dx'],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* convolutions(quick) {
  for (const layer of quick ? LAYERS.slice(0, 3) : LAYERS) yield* rowsOf(layer);
}

/**
 * Positions along an axis, and the products along it that do not meet padding.
 *
 * @param {number} size
 * @param {number} filter
 * @param {Layer} layer
 */
function along(size, filter, { pad, stride = 1, dilation = 1 }) {
  const reach = (filter - 1) * dilation + 1;
  const count = pad === 'same' ? Math.ceil(size / stride) : Math.floor((size - reach) / stride) + 1;
  const before = pad === 'same' ? Math.floor(Math.max(0, (count - 1) * stride + reach - size) / 2) : 0;
  let products = 0;
  for (let i = 0; i < count; i++) {
    for (let f = 0; f < filter; f++) {
      const place = i * stride + f * dilation - before;
      if (place >= 0 && place < size) products++;
    }
  }
  return { count, products };
}

/** @param {Layer} layer @returns {Generator<Row>} */
function* rowsOf(layer) {
  const { batch, from, to, filter, pad = 'valid', stride = 1, dilation = 1 } = layer;
  const [inHeight, inWidth, channels] = from;
  const height = along(inHeight, filter[0], layer);
  const width = along(inWidth, filter[1], layer);
  const x = random([batch, ...from]);
  const w = random([...filter, channels, to]);
  const dy = random([batch, height.count, width.count, to]);
  const details = [
    filter.join('×'),
    pad === 'same' && 'same',
    stride > 1 && `stride ${stride}`,
    dilation > 1 && `dilation ${dilation}`,
  ];
  const name = `${batch} × ${from.join('×')} → ${to}, ${details.filter(Boolean).join(' ')}`;
  for (const [op, pass] of PASSES) {
    yield {
      name: name + pass,
      op,
      inputs: op === 'conv2d' ? [x, w] : [x, w, dy],
      args: [stride, pad, 'NHWC', dilation],
      flop: 2 * batch * height.products * width.products * channels * to,
      tolerance: 1e-4,
    };
  }
}
