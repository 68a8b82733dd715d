import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  callbacks,
  initializers,
  input,
  layers,
  losses,
  type Model,
  model,
  ones,
  sequential,
  setSeed,
  type Tensor,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variableGrads,
} from '../../src/index.js';
import { alive } from '../support/heap.js';

let warned: string[];

beforeEach(() => {
  warned = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => {
    warned.push(text);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const X = [
  [1, 2],
  [3, -1],
  [-2, 1],
];
const Y = [[1], [0], [2]];

/** Trains on X and Y for some epochs, watched by diagnostics, and disposes of everything. */
async function watched(
  make: () => Model,
  {
    epochs = 1,
    rate = 0,
    ...options
  }: { epochs?: number; rate?: number; deadShare?: number; vanishingShare?: number } = {},
  look: (seen: ReturnType<typeof callbacks.diagnostics>, network: Model) => void = () => {},
) {
  const [x, y] = [tensor2d(X), tensor2d(Y)];
  const network = make();
  network.compile({ optimizer: train.sgd(rate), loss: 'meanSquaredError' });
  const seen = callbacks.diagnostics({ x, y, ...options });
  await network.fit(x, y, { epochs, verbose: 0, callbacks: seen });
  tidy(() => look(seen, network));
  for (const owner of [x, y, network]) owner.dispose();
  return seen;
}

const relu =
  (weights: number[][], bias: number[] = [0, 0, 0, 0]) =>
  (): Model =>
    sequential({
      layers: [
        layers.dense({
          units: 4,
          inputShape: [2],
          activation: 'relu',
          name: 'first',
          weights: tidyWeights(weights, bias),
        }),
        layers.dense({ units: 1, name: 'last', kernelInitializer: 'ones' }),
      ],
    });

let kept: Tensor[] = [];
function tidyWeights(weights: number[][], bias: number[]): Tensor[] {
  kept = [tensor2d(weights), tensor1d(bias)];
  return kept;
}
afterEach(() => {
  for (const x of kept) x.dispose();
  kept = [];
});

// x + y, x − y, −x − y and −1 for each sample: the last never fires, the third for none of these either.
const MIXED: [number[][], number[]] = [
  [
    [1, 1, -1, 0],
    [1, -1, -1, 0],
  ],
  [0, 0, -9, -1],
];

describe('units', () => {
  test('are dead where no sample makes them fire', async () => {
    const seen = await watched(relu(...MIXED), { epochs: 2 });
    expect(seen.deadUnits).toEqual({ first: [0.5, 0.5], last: [0, 0] });
    expect(seen.epoch).toEqual([0, 1]);
    expect(warned).toEqual([]);
  });

  test('are warned of once, in one sentence', async () => {
    const seen = await watched(relu(...MIXED), { epochs: 3, deadShare: 0.4 });
    const sentence =
      'epoch 1: 2 of 4 units of first are 0 for all of 3 samples and learn nothing; ' +
      'a lower learning rate, another initializer or leakyRelu may help';
    expect(seen.warnings).toEqual([sentence]);
    expect(warned).toEqual([`diagnostics: ${sentence}`]);
  });

  test('are channels behind a convolution, and units of layers that are activations', async () => {
    const x = ones([2, 4, 4, 1]);
    const y = ones([2, 1]);
    const network = sequential({
      layers: [
        layers.conv2d({
          filters: 2,
          kernelSize: 2,
          inputShape: [4, 4, 1],
          name: 'conv',
          useBias: false,
          kernelInitializer: 'zeros',
        }),
        layers.reLU({ name: 'activation' }),
        layers.flatten({ name: 'flat' }),
        layers.dense({ units: 1, name: 'last', biasInitializer: 'ones' }),
      ],
    });
    network.compile({ optimizer: train.sgd(0), loss: 'meanSquaredError' });
    const seen = callbacks.diagnostics({ x, y });
    await network.fit(x, y, { epochs: 1, verbose: 0, callbacks: seen });
    expect(seen.deadUnits).toEqual({ conv: [1], activation: [1], last: [0] });
    for (const owner of [x, y, network]) owner.dispose();
  });
});

describe('gradients', () => {
  test('have the norm of the loss’s derivatives by a layer’s weights', async () => {
    await watched(relu(...MIXED), {}, (seen, network) => {
      const { grads } = variableGrads(() => losses.meanSquaredError(tensor2d(Y), network.apply(tensor2d(X)) as Tensor));
      for (const layer of network.layers) {
        const squares = layer.weights.flatMap(({ name }) => Array.from(grads[name].dataSync(), (g) => g * g));
        expect(seen.gradientNorms[layer.name][0]).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b)), 4);
      }
    });
  });

  test('are warned of where they vanish', async () => {
    const deep = () =>
      sequential({
        layers: Array.from({ length: 8 }, (_, i) =>
          layers.dense({
            units: 2,
            name: `layer${i}`,
            activation: 'sigmoid',
            kernelInitializer: initializers.constant({ value: 0.1 }),
            ...(i === 0 && { inputShape: [2] }),
          }),
        ).concat(layers.dense({ units: 1, name: 'last' })),
      });
    const seen = await watched(deep, { epochs: 2 });
    expect(seen.gradientNorms.layer0[0]).toBeLessThan(1e-6);
    expect(seen.warnings[0]).toMatch(
      /^epoch 1: the gradient of layer0 has vanished: its norm is \d\.\de-\d+, that of last \d\.\de[+-]\d+$/,
    );
    expect(new Set(seen.warnings).size).toBe(seen.warnings.length);
    expect(warned).toHaveLength(seen.warnings.length);
  });

  test('are warned of where they are no numbers', async () => {
    const broken = () =>
      sequential({
        layers: [
          layers.dense({
            units: 1,
            inputShape: [2],
            name: 'only',
            kernelInitializer: initializers.constant({ value: 1e30 }),
          }),
        ],
      });
    const seen = await watched(broken);
    expect(seen.warnings).toEqual([
      expect.stringMatching(/^epoch 1: the norm of the gradient of only is (Infinity|NaN)$/),
    ]);
  });
});

test('training is as it would be without', async () => {
  const run = async (isWatched: boolean) => {
    setSeed(3);
    const [x, y] = [tensor2d(X), tensor2d(Y)];
    const network = sequential({
      layers: [
        layers.dense({ units: 8, inputShape: [2], activation: 'relu' }),
        layers.dropout({ rate: 0.5 }),
        layers.batchNormalization(),
        layers.dense({ units: 1 }),
      ],
    });
    network.compile({ optimizer: train.adam(0.01), loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] });
    const watching = isWatched ? [callbacks.diagnostics({ x, y, deadShare: 1, vanishingShare: 0 })] : [];
    const { history } = await network.fit(x, y, { epochs: 5, batchSize: 2, verbose: 0, callbacks: watching });
    const weights = network.getWeights().map((w) => Array.from(w.dataSync()));
    for (const owner of [x, y, network]) owner.dispose();
    return { history, weights };
  };
  expect(await run(true)).toEqual(await run(false));
});

test('a graph of layers is looked at too, a layer that is used twice once', async () => {
  const seen = await watched(() => {
    const x = input({ shape: [2] });
    const shared = layers.dense({ units: 2, activation: 'relu', name: 'shared', kernelInitializer: 'ones' });
    const y = layers.dense({ units: 1, name: 'last' }).apply(shared.apply(shared.apply(x)));
    return model({ inputs: x, outputs: y });
  });
  expect(seen.deadUnits.shared).toEqual([0]);
  expect(Object.keys(seen.gradientNorms)).toEqual(['shared', 'last']);
});

test('leaves nothing behind', async () => {
  await watched(relu(...MIXED));
  for (const x of kept) x.dispose();
  kept = [];
  const before = alive();
  await watched(relu(...MIXED), { epochs: 2, deadShare: 0 });
  for (const x of kept) x.dispose();
  kept = [];
  expect(alive()).toEqual(before);
});

test('refuses a batch that does not fit, before training begins', async () => {
  const [x, y, few] = [tensor2d(X), tensor2d(Y), ones([2, 1])];
  const network = relu(...MIXED)();
  network.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const watch = (wrong: { x: Tensor; y: Tensor }) =>
    network.fit(x, y, { verbose: 0, callbacks: callbacks.diagnostics(wrong) });
  await expect(watch({ x, y: few })).rejects.toThrow(
    new RangeError('diagnostics: x and y need the same number of samples, got 3 and 2'),
  );
  await expect(watch({ x: y, y })).rejects.toThrow(/^diagnostics: .* needs inputs of shape \[null, 2\], got \[3, 1\]$/);
  expect(() => callbacks.diagnostics({ x, y, deadShare: 'x' as never })).toThrow(
    new TypeError('diagnostics: deadShare must be a number, got string'),
  );
  for (const owner of [x, y, few, network]) owner.dispose();
});
