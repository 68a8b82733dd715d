import { describe, expect, test } from 'vitest';
import { scalar, schedules, train, variable } from '../src/index.js';

const { constant, exponentialDecay } = schedules;

describe('exponentialDecay', () => {
  const options = { initialLearningRate: 0.2, decaySteps: 10, decayRate: 0.5 };

  test('falls by decayRate over decaySteps', () => {
    const schedule = exponentialDecay(options);
    expect([0, 10, 20, 30].map((step) => schedule.at(step))).toEqual([0.2, 0.1, 0.05, 0.025]);
    expect(schedule.at(5)).toBeCloseTo(0.2 * Math.SQRT1_2, 15);
  });

  test('falls in stairs by staircase', () => {
    const schedule = exponentialDecay({ ...options, staircase: true });
    expect([0, 9, 10, 19, 20].map((step) => schedule.at(step))).toEqual([0.2, 0.2, 0.1, 0.1, 0.05]);
  });

  test('is made again by its config', () => {
    const config = exponentialDecay({ ...options, staircase: true }).getConfig();
    expect(config).toEqual({ ...options, staircase: true });
    expect(exponentialDecay(config as never).at(20)).toBe(0.05);
  });

  test('refuses what is no number, and steps that are not positive', () => {
    expect(() => exponentialDecay({ ...options, decayRate: '0.5' as never })).toThrow(
      new TypeError('exponentialDecay: decayRate must be a number, got string'),
    );
    expect(() => exponentialDecay({ ...options, initialLearningRate: Number.NaN })).toThrow(
      new RangeError('exponentialDecay: initialLearningRate must be finite, got NaN'),
    );
    expect(() => exponentialDecay({ ...options, decaySteps: 0 })).toThrow(
      new RangeError('exponentialDecay: decaySteps must be positive, got 0'),
    );
  });
});

test('constant says the same at every step', () => {
  expect([0, 1, 1000].map((step) => constant(0.1).at(step))).toEqual([0.1, 0.1, 0.1]);
});

describe('an optimizer with a schedule', () => {
  test('takes the rate of the step', () => {
    const w = variable(scalar(0));
    const optimizer = train.sgd(exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }));
    const seen = [1, 2, 3].map(() => {
      optimizer.minimize(() => w.neg());
      return w.dataSync()[0];
    });
    expect(seen).toEqual([1, 1.5, 1.75]);
    expect(optimizer.learningRate).toBe(0.125);
    w.dispose();
    optimizer.dispose();
  });

  test('takes any object that says a rate', () => {
    const w = variable(scalar(0));
    const optimizer = train.sgd({ at: (step) => step + 1, getConfig: () => ({}) });
    for (let i = 0; i < 3; i++) optimizer.minimize(() => w.neg());
    expect(w.dataSync()[0]).toBe(6);
    w.dispose();
    optimizer.dispose();
  });

  test('changes nothing where the schedule says no number', () => {
    const w = variable(scalar(3));
    const optimizer = train.sgd({ at: () => Number.NaN, getConfig: () => ({}) });
    expect(() => optimizer.minimize(() => w.square())).toThrow(
      new RangeError('SGD: learningRate must be finite, got NaN'),
    );
    expect(w.dataSync()[0]).toBe(3);
    expect(() => train.sgd({} as never)).toThrow(
      new TypeError('SGD: learningRate must be a number or a schedule, got object'),
    );
    w.dispose();
    optimizer.dispose();
  });
});
