// Keras's own tests of its learning-rate schedules. Ours are computed in float64, Keras's in float32: the values that
// Keras's tests compute for comparison, in float64 too, are met to the last bits, not only to Keras's tolerance.
//
// What differs from Keras on purpose, though none of its cases shows it:
// - cosineDecayRestarts counts periods by addition, since the whole part of a logarithm misses restarts (its docstring);
//   it refuses a tMul below 1, whose periods would all be over at some step (Keras: NaN from there on);
// - polynomialDecay refuses a power that is not positive, by which it would not fall to its end.

import { describe, expect, test } from 'vitest';
import { layers, schedules, sequential, tensor, train } from '../../src/index.js';
import { type Case, camelCase, camelCased, expectClose, readGolden, type Tolerance, testCases } from './golden.js';

const FILE = 'keras_schedules.json';
const TIGHT: Tolerance = { atol: 1e-16, rtol: 4e-16 };

interface ScheduleCase extends Case {
  schedule: string;
  config: Record<string, unknown>;
  step: number;
}

const golden = readGolden<{
  cases: ScheduleCase[];
  defaults: Record<string, Record<string, unknown>>;
  fit: { history_loss: number[]; iterations_after: number; tolerance: Tolerance }[];
}>(FILE);

const make = (schedule: string, config: Record<string, unknown>) =>
  schedules.fromConfig({ ...camelCased(config), name: camelCase(schedule) });

describe('at a step', () => {
  testCases(FILE, golden, ({ schedule, config, step, expected }) => {
    expectClose(make(schedule, config).at(step), expected, TIGHT);
  });
});

test.skipIf(!golden)(`defaults are Keras's`, () => {
  const needed: Record<string, Record<string, unknown>> = {
    PiecewiseConstantDecay: { boundaries: [1], values: [1, 2] },
    CosineDecayRestarts: { initial_learning_rate: 1, first_decay_steps: 10 },
  };
  for (const [name, { name: _, ...defaults }] of Object.entries(golden!.defaults)) {
    const required = needed[name] ?? { initial_learning_rate: 1, decay_steps: 10, decay_rate: 0.5 };
    expect(make(name, required).getConfig()).toMatchObject(camelCased(defaults));
  }
});

test.skipIf(!golden)('fit follows a schedule as Keras does', async () => {
  const { history_loss, iterations_after, tolerance } = golden!.fit[0];
  const model = sequential({
    layers: [layers.dense({ units: 2, kernelInitializer: 'ones', biasInitializer: 'ones', inputShape: [2] })],
  });
  const optimizer = train.adam(
    schedules.exponentialDecay({ initialLearningRate: 0.05, decaySteps: 1, decayRate: 0.9 }),
  );
  model.compile({ optimizer, loss: 'meanSquaredError' });
  const x = tensor([...Array(32).keys()], [16, 2]);
  const { history } = await model.fit(x, x, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
  expect(optimizer.iterations).toBe(iterations_after);
  expectClose(history.loss, history_loss, tolerance);
  for (const owner of [x, model, optimizer]) owner.dispose();
});
