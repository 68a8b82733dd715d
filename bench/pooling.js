/** Pools and depthwise convolutions of images: forward, and a step of both directions by `grad`. */

import { random } from './inputs.js';

/** @typedef {import('./main.js').Row} Row */

/** @type {[op: string, image: number[], size: number, stride: number, pad: 'valid' | 'same'][]} */
const POOLS = [
  ['maxPool', [64, 24, 24, 64], 2, 2, 'valid'],
  ['avgPool', [64, 24, 24, 64], 2, 2, 'valid'],
  ['maxPool', [8, 56, 56, 64], 3, 2, 'same'],
  ['avgPool', [8, 28, 28, 64], 3, 1, 'same'],
  ['maxPool', [64, 28, 28, 1], 2, 2, 'valid'],
];

/** @type {[image: number[], size: number, stride: number][]} */
const FILTERS = [
  [[4, 56, 56, 128], 3, 1],
  [[4, 112, 112, 64], 3, 2],
  [[8, 14, 14, 512], 3, 1],
  [[8, 7, 7, 960], 5, 1],
];

/** @param {boolean} quick @returns {Generator<Row>} */
export function* pooling(quick) {
  for (const [op, image, size, stride, pad] of quick ? POOLS.slice(0, 2) : POOLS) {
    const [batch, height, , channels] = image;
    const count = pad === 'same' ? Math.ceil(height / stride) : Math.floor((height - size) / stride) + 1;
    const output = [batch, count, count, channels];
    const name = `${op} ${size} × ${size}, stride ${stride}, ${image.join(' × ')}`;
    const x = random(image);
    const args = [size, stride, pad];
    // Where a mean reaches into the padding, TensorFlow.js divides its gradient by the whole window.
    const isOdd = op === 'avgPool' && pad === 'same';
    yield { name, op, inputs: [x], args, bytes: 4 * batch * count * count * channels, tolerance: 1e-5 };
    if (isOdd) continue;
    const inputs = [x, random(output)];
    yield { name: `${name}, step`, op: `${op}Step`, inputs, args, bytes: 4 * x.data.length, tolerance: 1e-5 };
  }
  for (const [image, size, stride] of quick ? FILTERS.slice(0, 1) : FILTERS) {
    const [batch, height, , channels] = image;
    const count = Math.ceil(height / stride);
    const [x, w] = [random(image), random([size, size, channels, 1])];
    const output = random([batch, count, count, channels]);
    const name = `depthwiseConv2d ${size} × ${size}, stride ${stride}, ${image.join(' × ')}`;
    const flop = 2 * size * size * output.data.length;
    const args = [stride, 'same'];
    yield { name, op: 'depthwiseConv2d', inputs: [x, w], args, flop, tolerance: 1e-5 };
    const inputs = [x, w, output];
    yield { name: `${name}, step`, op: 'depthwiseConv2dStep', inputs, args, flop: 3 * flop, tolerance: 1e-5 };
  }
}
