// What tests of models share: small data, small models, and a ledger of what is alive.

import { expect } from 'vitest';
import {
  layers,
  type Model,
  memory,
  type Sequential,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
} from '../../src/index.js';

export interface Data {
  x: Tensor;
  y: Tensor;
}

/** n points in the plane and the quadrant they lie in, 0 to 3. */
export function quadrants(n: number): Data {
  const points = Array.from({ length: n }, (_, i) => [((i * 37) % 100) / 50 - 0.99, ((i * 53) % 100) / 50 - 0.99]);
  const classes = points.map(([a, b]) => (a > 0 ? 1 : 0) + (b > 0 ? 2 : 0));
  return { x: tensor2d(points), y: tensor1d(classes, 'int32') };
}

/** 2 − 8 − 4, logits, not compiled; the same weights each time. */
export function smallModel(): Sequential {
  setSeed(1);
  return sequential({
    layers: [layers.dense({ units: 8, activation: 'relu', inputShape: [2] }), layers.dense({ units: 4 })],
  });
}

export const SPARSE = { name: 'sparseCategoricalCrossentropy', fromLogits: true };

/** The model above, ready to train. */
export function compiledModel(optimizer = 'adam'): Sequential {
  const model = smallModel();
  model.compile({ optimizer, loss: SPARSE, metrics: ['accuracy'] });
  return model;
}

/** The weights' elements, layer by layer. */
export const elements = (model: Model): number[][] => model.getWeights().map((w) => [...w.dataSync()]);

/** Runs `f` and checks that as many tensors are alive after it as before. */
export async function expectNoLeak(f: () => unknown): Promise<void> {
  const count = () => {
    const { numTensors, numDataBuffers, numBytes } = memory();
    return { numTensors, numDataBuffers, numBytes };
  };
  const before = count();
  await f();
  expect(count()).toEqual(before);
}
