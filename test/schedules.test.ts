import { describe, expect, test } from 'vitest';
import { jit, layers, scalar, schedules, sequential, tensor2d, tidy, train, variable } from '../src/index.js';
import { record } from '../src/wasm/trace.js';
import { leavesNothing } from './support/heap.js';

const {
  chain,
  constant,
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  fromConfig,
  inverseTimeDecay,
  linearWarmup,
  noam,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
} = schedules;

type Schedule = schedules.LearningRateSchedule;
const rates = (schedule: Schedule, steps: number[]) => steps.map((step) => schedule.at(step));
const close = (schedule: Schedule, points: [step: number, rate: number][]) => {
  for (const [step, rate] of points) expect(Math.abs(schedule.at(step) - rate)).toBeLessThan(1e-15);
};

describe('exponentialDecay', () => {
  const options = { initialLearningRate: 0.2, decaySteps: 10, decayRate: 0.5 };

  test('falls by decayRate over decaySteps', () => {
    const schedule = exponentialDecay(options);
    expect(rates(schedule, [0, 10, 20, 30])).toEqual([0.2, 0.1, 0.05, 0.025]);
    expect(schedule.at(5)).toBeCloseTo(0.2 * Math.SQRT1_2, 15);
  });

  test('falls in stairs by staircase', () => {
    const schedule = exponentialDecay({ ...options, staircase: true });
    expect(rates(schedule, [0, 9, 10, 19, 20])).toEqual([0.2, 0.2, 0.1, 0.1, 0.05]);
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

describe('inverseTimeDecay', () => {
  const options = { initialLearningRate: 0.6, decaySteps: 10, decayRate: 0.5 };

  test('falls as the inverse of time, in stairs by staircase', () => {
    expect(rates(inverseTimeDecay(options), [0, 10, 20, 40])).toEqual([0.6, 0.6 / 1.5, 0.3, 0.6 / 3]);
    const stairs = inverseTimeDecay({ ...options, staircase: true });
    expect(rates(stairs, [0, 9, 10, 19, 20])).toEqual([0.6, 0.6, 0.6 / 1.5, 0.6 / 1.5, 0.3]);
  });
});

describe('polynomialDecay', () => {
  const options = { initialLearningRate: 0.5, decaySteps: 10, endLearningRate: 0.25 };

  test('falls along a power to the end and stays there', () => {
    expect(rates(polynomialDecay(options), [0, 5, 10, 15])).toEqual([0.5, 0.375, 0.25, 0.25]);
    close(polynomialDecay({ ...options, power: 2 }), [
      [0, 0.5],
      [5, 0.25 + 0.25 / 4],
      [10, 0.25],
    ]);
  });

  test('goes on over multiples of decaySteps by cycle', () => {
    const schedule = polynomialDecay({ ...options, cycle: true });
    expect(rates(schedule, [0, 10, 15, 20])).toEqual([0.5, 0.25, 0.25 + 0.25 / 4, 0.25]);
    close(schedule, [[11, 0.25 + (0.25 * 9) / 20]]);
  });

  test('refuses a power that is not positive', () => {
    expect(() => polynomialDecay({ ...options, power: 0 })).toThrow(
      new RangeError('polynomialDecay: power must be positive, got 0'),
    );
  });
});

describe('piecewiseConstantDecay', () => {
  test('changes behind each boundary', () => {
    const schedule = piecewiseConstantDecay({ boundaries: [2, 4.5], values: [3, 2, 1] });
    expect(rates(schedule, [0, 2, 3, 4, 5, 1000])).toEqual([3, 3, 2, 2, 1, 1]);
  });

  test('keeps its own lists', () => {
    const values = [1, 2];
    const schedule = piecewiseConstantDecay({ boundaries: [1], values });
    values[0] = 9;
    expect(schedule.at(0)).toBe(1);
    (schedule.getConfig().values as number[])[0] = 9;
    expect(schedule.at(0)).toBe(1);
  });

  test('refuses lists that do not fit', () => {
    expect(() => piecewiseConstantDecay({ boundaries: [1], values: [1] })).toThrow(
      new RangeError('piecewiseConstantDecay: needs one more value than boundaries, got 1 and 1'),
    );
    expect(() => piecewiseConstantDecay({ boundaries: [2, 2], values: [1, 2, 3] })).toThrow(
      new RangeError('piecewiseConstantDecay: boundaries must rise, got [2, 2]'),
    );
    expect(() => piecewiseConstantDecay({ boundaries: [1], values: [1, null as never] })).toThrow(
      new TypeError('piecewiseConstantDecay: values[1] must be a number, got null'),
    );
    expect(() => piecewiseConstantDecay({ boundaries: 1 as never, values: [1] })).toThrow(
      new TypeError('piecewiseConstantDecay: boundaries must be an array, got number'),
    );
  });
});

describe('cosineDecay', () => {
  test('falls along half a cosine to the share alpha', () => {
    expect(rates(cosineDecay({ initialLearningRate: 2, decaySteps: 8 }), [0, 8, 9])).toEqual([2, 0, 0]);
    close(cosineDecay({ initialLearningRate: 2, decaySteps: 8, alpha: 0.1 }), [
      [0, 2],
      [2, 2 * (0.9 * (0.5 + Math.SQRT1_2 / 2) + 0.1)],
      [4, 1.1],
      [20, 0.2],
    ]);
  });

  test('rises to warmupTarget first', () => {
    const warm = { initialLearningRate: 1, decaySteps: 10, warmupTarget: 3, warmupSteps: 4 };
    close(cosineDecay(warm), [
      [0, 1],
      [1, 1.5],
      [4, 3],
      [9, 1.5],
      [14, 0],
    ]);
    const other = linearWarmup({
      warmupSteps: 4,
      initialLearningRate: 1,
      learningRate: cosineDecay({ initialLearningRate: 3, decaySteps: 10 }),
    });
    for (let step = 0; step < 20; step++) expect(cosineDecay(warm).at(step)).toBe(other.at(step));
  });

  test('without a target leaves the warm-up out', () => {
    const schedule = cosineDecay({ initialLearningRate: 2, decaySteps: 8, warmupSteps: 4 });
    expect(schedule.at(8)).toBe(0);
  });

  test('refuses steps that are none', () => {
    expect(() => cosineDecay({ initialLearningRate: 1, decaySteps: -1 })).toThrow(
      new RangeError('cosineDecay: decaySteps must be positive, got -1'),
    );
    expect(() => cosineDecay({ initialLearningRate: 1, decaySteps: 1, warmupSteps: 0.5 })).toThrow(
      new RangeError('cosineDecay: warmupSteps must be a whole number from 0 up, got 0.5'),
    );
  });
});

describe('cosineDecayRestarts', () => {
  test('starts again, longer and lower each time', () => {
    const options = { initialLearningRate: 1, firstDecaySteps: 10, tMul: 3, mMul: 0.5, alpha: 0.2 };
    close(cosineDecayRestarts(options), [
      [0, 1],
      [5, 0.8 * 0.5 + 0.2],
      [10, 0.8 * 0.5 + 0.2],
      [25, 0.8 * 0.25 + 0.2],
      [40, 0.8 * 0.25 + 0.2],
    ]);
  });

  test('starts again after as many steps each time by a tMul of 1', () => {
    const schedule = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 4, tMul: 1, mMul: 0.5 });
    close(schedule, [
      [3, 0.5 * (1 - Math.SQRT1_2)],
      [4, 0.5],
      [6, 0.25],
      [8, 0.25],
    ]);
    const level = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 4, tMul: 1 });
    expect(rates(level, [4e12, 4e12 + 4])).toEqual([1, 1]);
    expect(level.at(4e12 + 2)).toBeCloseTo(0.5, 15);
  });

  test('misses no restart: where Keras’s logarithm comes out too low, the rate is at its top all the same', () => {
    const schedule = cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 1, tMul: 3 });
    for (let i = 0; i < 30; i++) expect(schedule.at((3 ** i - 1) / 2)).toBe(1);
  });

  test('refuses periods that become shorter', () => {
    expect(() => cosineDecayRestarts({ initialLearningRate: 1, firstDecaySteps: 10, tMul: 0.5 })).toThrow(
      new RangeError('cosineDecayRestarts: tMul must be at least 1, got 0.5'),
    );
  });
});

describe('oneCycle', () => {
  const options = { maxLearningRate: 1, totalSteps: 20, divFactor: 10, finalDivFactor: 100 };

  test('rises and falls along half cosines', () => {
    close(oneCycle(options), [
      [0, 0.1],
      [2.5, 0.55],
      [5, 1],
      [12, 0.5005],
      [19, 0.001],
      [25, 0.001],
    ]);
  });

  test('rises and falls in lines, in three phases if asked', () => {
    close(oneCycle({ ...options, annealStrategy: 'linear', threePhase: true }), [
      [0, 0.1],
      [1, 0.28],
      [5, 1],
      [6, 0.82],
      [10, 0.1],
      [19, 0.001],
      [20, 0.001],
    ]);
  });

  test('refuses a strategy that it does not know, and a phase without steps', () => {
    expect(() => oneCycle({ ...options, annealStrategy: 'cosine' as never })).toThrow(
      new RangeError('oneCycle: annealStrategy must be cos or linear, got cosine'),
    );
    expect(() => oneCycle({ ...options, pctStart: 0.05 })).toThrow(
      new RangeError('oneCycle: pctStart 0.05 of 20 steps leaves a phase without steps'),
    );
    expect(() => oneCycle({ ...options, pctStart: 0.6, threePhase: true })).toThrow(RangeError);
  });
});

test('noam rises in a line, then falls as the inverse root of time', () => {
  const schedule = noam({ modelSize: 64, warmupSteps: 16, factor: 2 });
  close(schedule, [
    [0, 0.25 / 64],
    [7, 0.25 / 8],
    [15, 0.25 / 4],
    [24, 0.25 / 5],
    [99, 0.25 / 10],
  ]);
  expect(() => noam({ modelSize: 0 })).toThrow(
    new RangeError('noam: modelSize must be a whole number from 1 up, got 0'),
  );
});

describe('linearWarmup', () => {
  test('rises to a number, or to a schedule that begins behind it', () => {
    expect(rates(linearWarmup({ warmupSteps: 4, learningRate: 8 }), [0, 1, 3, 4, 9])).toEqual([0, 2, 6, 8, 8]);
    const decay = exponentialDecay({ initialLearningRate: 8, decaySteps: 1, decayRate: 0.5 });
    const schedule = linearWarmup({ warmupSteps: 2, learningRate: decay, initialLearningRate: 4 });
    expect(rates(schedule, [0, 1, 2, 3, 4])).toEqual([4, 6, 8, 4, 2]);
    expect(linearWarmup({ warmupSteps: 0, learningRate: 8 }).at(0)).toBe(8);
  });

  test('refuses what is no learning rate', () => {
    expect(() => linearWarmup({ warmupSteps: 4, learningRate: 'high' as never })).toThrow(
      new TypeError('linearWarmup: learningRate must be a number or a schedule, got string'),
    );
  });
});

describe('chain', () => {
  const decay = exponentialDecay({ initialLearningRate: 8, decaySteps: 1, decayRate: 0.5 });

  test('follows one after the other, each from its own beginning', () => {
    const schedule = chain({ learningRates: [3, decay, decay], boundaries: [2, 5] });
    expect(rates(schedule, [0, 1, 2, 3, 4, 5, 6])).toEqual([3, 3, 8, 4, 2, 8, 4]);
  });

  test('refuses lists that do not fit', () => {
    expect(() => chain({ learningRates: [1, 2], boundaries: [] })).toThrow(
      new RangeError('chain: needs one more learning rate than boundaries, got 2 and 0'),
    );
    expect(() => chain({ learningRates: [1, 2], boundaries: [0] })).toThrow(
      new RangeError('chain: boundaries must rise from 1 up, got [0]'),
    );
    expect(() => chain({ learningRates: 1 as never, boundaries: [0] })).toThrow(
      new TypeError('chain: learningRates and boundaries must be arrays'),
    );
  });
});

test('constant says the same at every step', () => {
  expect(rates(constant(0.1), [0, 1, 1000])).toEqual([0.1, 0.1, 0.1]);
});

/** One of each, with options that are not the defaults. */
const EVERY: Record<string, Schedule> = {
  constant: constant(0.1),
  exponentialDecay: exponentialDecay({ initialLearningRate: 0.2, decaySteps: 7, decayRate: 0.5, staircase: true }),
  inverseTimeDecay: inverseTimeDecay({ initialLearningRate: 0.2, decaySteps: 7, decayRate: 0.5, staircase: true }),
  polynomialDecay: polynomialDecay({
    initialLearningRate: 0.2,
    decaySteps: 7,
    endLearningRate: 0.1,
    power: 0.7,
    cycle: true,
  }),
  piecewiseConstantDecay: piecewiseConstantDecay({ boundaries: [3, 9], values: [3, 2, 1] }),
  cosineDecay: cosineDecay({ initialLearningRate: 0.2, decaySteps: 9, alpha: 0.1, warmupTarget: 0.4, warmupSteps: 5 }),
  cosineDecayRestarts: cosineDecayRestarts({
    initialLearningRate: 0.2,
    firstDecaySteps: 5,
    tMul: 1.5,
    mMul: 0.9,
    alpha: 0.1,
  }),
  oneCycle: oneCycle({
    maxLearningRate: 0.3,
    totalSteps: 20,
    pctStart: 0.4,
    annealStrategy: 'linear',
    divFactor: 10,
    finalDivFactor: 9,
    threePhase: true,
  }),
  noam: noam({ modelSize: 10, warmupSteps: 5, factor: 2 }),
  linearWarmup: linearWarmup({ warmupSteps: 5, learningRate: 0.3, initialLearningRate: 0.1 }),
  chain: chain({
    learningRates: [
      linearWarmup({ warmupSteps: 5, learningRate: noam({ modelSize: 10 }) }),
      0.1,
      cosineDecay({ initialLearningRate: 0.2, decaySteps: 9 }),
    ],
    boundaries: [8, 12],
  }),
};

describe('fromConfig', () => {
  test('knows every schedule', () => {
    expect(Object.keys(EVERY).sort()).toEqual(
      Object.keys(schedules)
        .filter((name) => name !== 'fromConfig')
        .sort(),
    );
  });

  test.each(Object.entries(EVERY))('makes %s again, also from JSON', (name, schedule) => {
    const config = schedule.getConfig();
    expect(config.name).toBe(name);
    const again = fromConfig(JSON.parse(JSON.stringify(config)));
    expect(again.getConfig()).toEqual(config);
    for (let step = 0; step < 40; step++) expect(again.at(step)).toBe(schedule.at(step));
  });

  test('refuses a name there is none of, and what the factory refuses', () => {
    expect(() => fromConfig({ name: 'toString' })).toThrow(
      /^fromConfig: unknown schedule 'toString'; known are chain, constant, /,
    );
    expect(() => fromConfig({ name: 'noam', modelSize: 'big' })).toThrow(
      new TypeError('noam: modelSize must be a whole number, got string'),
    );
  });
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

  test.each(Object.entries(EVERY))('%s takes the same steps recorded and eager', (_name, schedule) => {
    leavesNothing(() => {
      const run = (wrap: (f: () => void) => () => void) => {
        const w = tidy(() => variable(scalar(0.5)));
        const optimizer = train.momentum(schedule, 0.9);
        const step = wrap(() => {
          optimizer.minimize(() => w.square());
        });
        const seen = Array.from({ length: 25 }, () => {
          step();
          return w.dataSync()[0];
        });
        w.dispose();
        optimizer.dispose();
        return seen;
      };
      const jitted: { dispose(): void }[] = [];
      const replayed = run((f) => {
        const step = jit(f as never) as () => void;
        jitted.push(step as never);
        return step;
      });
      expect(replayed).toEqual(run((f) => f));
      for (const step of jitted) step.dispose();
    });
  });

  test('follows it in a recorded fit', async () => {
    const losses = async (learningRate: schedules.LearningRate) => {
      const model = sequential({ layers: [layers.dense({ units: 1, inputShape: [1], kernelInitializer: 'ones' })] });
      const optimizer = train.sgd(learningRate);
      model.compile({ optimizer, loss: 'meanSquaredError' });
      const x = tensor2d([[1], [2]]);
      const y = tensor2d([[2], [5]]);
      const { history } = await model.fit(x, y, { epochs: 12, shuffle: false, verbose: 0 });
      for (const owner of [x, y, model, optimizer]) owner.dispose();
      return history.loss;
    };
    const decay = exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5, staircase: true });
    const steps = Array.from({ length: 12 }, (_, i) => decay.at(i));
    const listed = { at: (step: number) => steps[step] ?? 0, getConfig: () => ({}) };
    expect(await losses(decay)).toEqual(await losses(listed));
    expect(await losses(decay)).not.toEqual(await losses(0.1));
  });

  test('computes the rate beside the recorded step', () => {
    const { program } = record(() => EVERY.exponentialDecay.at(30));
    expect(program).toMatchObject({ instructions: new Uint8Array(0) });
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
