// What holds for every optimizer: it follows its rule, is made again by its config, goes on where it stopped bit for
// bit, replays as it runs, and leaves memory as it was.

import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  disposeVariables,
  jit,
  type Optimizer,
  Optimizer as OptimizerClass,
  type optimizers,
  schedules,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from '../../src/index.js';
import { leavesNothing } from '../support/heap.js';
import { RULES } from './rules.js';

type Options = optimizers.OptimizerOptions;

const START = [5, -3, 0.25, 0, 1e-3, -0.7, 2];
/** Different from step to step, with a weight that gets no gradient at times. */
const gradientAt = (w: number, i: number, t: number) => (t % 3 === 0 && i === 4 ? 0 : w + Math.sin(i + 2 * t));

afterEach(() => disposeVariables());

/** A matrix and a vector, so that rules which tell them apart are met both ways. */
const makeWeights = (dtype: 'float32' | 'float64' = 'float32') =>
  tidy(() => [
    variable(tensor1d(START, dtype), true, 'a'),
    variable(
      tensor2d(
        [
          [1, -2, 3],
          [0.5, 0, -1],
        ] as number[][],
        [2, 3],
        dtype,
      ),
      true,
      'b',
    ),
  ]) as Variable[];

/** One step on all weights, against targets that follow from the number of the step. */
const stepOf = (optimizer: Optimizer, weights: readonly Variable[], t: number) =>
  tidy(() =>
    optimizer.minimize(() =>
      weights
        .map((w, i) =>
          w
            .sub(Math.cos(i + t))
            .square()
            .sum(),
        )
        .reduce((a, b) => a.add(b)),
    ),
  );

const values = (weights: readonly Variable[]) => weights.map((w) => [...w.dataSync()]);

const decay = () => schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.7 });

/** What is asked for besides, alone and together. */
const OPTIONS: Record<string, Options> = {
  nothing: {},
  'a schedule': { learningRate: decay() },
  'weight decay': { weightDecay: 0.05 },
  clipNorm: { clipNorm: 0.7 },
  'globalClipNorm, an average that takes over': { globalClipNorm: 0.7, useEma: true, emaOverwriteFrequency: 3 },
  'gathered gradients': { gradientAccumulationSteps: 3 },
  everything: {
    learningRate: decay(),
    weightDecay: 0.05,
    clipValue: 0.5,
    useEma: true,
    emaMomentum: 0.8,
    emaOverwriteFrequency: 2,
    gradientAccumulationSteps: 2,
  },
};
const COMBINATIONS = Object.entries(OPTIONS);

describe.each(Object.entries(RULES))('%s', (name, { make, rule, whole, shape, lr }) => {
  test.each([
    ['float64', 1e-12],
    ['float32', 2e-5],
  ] as const)('follows its rule over 20 steps in %s', (dtype, tolerance) => {
    const start = shape ? START.slice(0, 6) : START;
    const w = tidy(() => variable(tensor1d(start, dtype).reshape(shape ?? [start.length]))) as Variable;
    const optimizer = make();
    const rules = rule ? start.map(rule) : [];
    const next = whole?.() ?? ((x: number[], g: number[], t, lr) => x.map((v, i) => rules[i](v, g[i], t, lr)));
    let expected = [...w.dataSync()];
    for (let t = 1; t <= 20; t++) {
      const gradients = expected.map((x, i) => gradientAt(x, i, t));
      tidy(() => optimizer.applyGradients({ [w.name]: tensor1d(gradients, dtype).reshape(w.shape) }));
      expected = next(expected, gradients, t, lr);
      const actual = [...w.dataSync()];
      for (const [i, x] of expected.entries()) {
        expect(Math.abs(actual[i] - x), `weight ${i} in step ${t}`).toBeLessThan(tolerance * (1 + Math.abs(x)));
      }
    }
    expect(optimizer.iterations).toBe(20);
    optimizer.dispose();
  });

  test.each(['float64', 'float32'] as const)(
    'with weight decay has the bits of weights that decayed before, in %s',
    (dtype) => {
      const rate = 0.05;
      const decaying = (by: number) =>
        make({ weightDecay: by, ...(name.startsWith('muon') && { adamWeightDecay: by }), learningRate: lr } as Options);
      const [fused, plain] = [decaying(rate), decaying(0)];
      const a = makeWeights(dtype);
      const b = a.map((w) => tidy(() => variable(w.clone())) as Variable);
      const round = dtype === 'float32' ? Math.fround : (x: number) => x;
      for (let t = 1; t <= 20; t++) {
        const kept = round(1 - round(lr) * rate);
        tidy(() => {
          const gradients = a.map((w) =>
            tensor1d(
              [...w.dataSync()].map((x, i) => gradientAt(x, i, t)),
              dtype,
            ),
          );
          for (const w of b) w.assign(w.mul(kept));
          fused.applyTo(a.map((w, i) => [w, gradients[i].reshape(w.shape)] as const));
          plain.applyTo(b.map((w, i) => [w, gradients[i].reshape(w.shape)] as const));
        });
        expect(values(a), `step ${t}`).toEqual(values(b));
      }
      fused.dispose();
      plain.dispose();
    },
  );

  test.each(COMBINATIONS)('with %s is made again by its config', (_name, options) => {
    const optimizer = make(options);
    const config = JSON.parse(JSON.stringify(optimizer.getConfig()));
    const again = OptimizerClass.fromConfig(optimizer.constructor as never, config, schedules.fromConfig) as Optimizer;
    expect(again.getConfig()).toEqual(optimizer.getConfig());
    const results = [optimizer, again].map((o) => {
      const weights = makeWeights();
      for (let t = 0; t < 7; t++) stepOf(o, weights, t);
      const result = values(weights);
      disposeVariables();
      o.dispose();
      return result;
    });
    expect(results[1]).toEqual(results[0]);
  });

  test.each(COMBINATIONS)('with %s goes on after any step with the same bits', async (_name, options) => {
    const STEPS = 8;
    const steady = make(options);
    const weights = makeWeights();
    const course: number[][][] = [];
    const saved: { state: Awaited<ReturnType<Optimizer['getWeights']>>; weights: number[][] }[] = [];
    for (let t = 0; t < STEPS; t++) {
      saved.push({ state: await steady.getWeights(), weights: values(weights) });
      stepOf(steady, weights, t);
      course.push(values(weights));
    }
    steady.dispose();
    disposeVariables();
    for (const [stop, { state, weights: before }] of saved.entries()) {
      const optimizer = make(options);
      const [a, b] = makeWeights();
      tidy(() => {
        a.assign(tensor1d(before[0]));
        b.assign(tensor2d(before[1], [2, 3]));
      });
      await optimizer.setWeights(state);
      for (let t = stop; t < STEPS; t++) {
        stepOf(optimizer, [a, b], t);
        expect(values([a, b]), `step ${t}, stopped before ${stop}`).toEqual(course[t]);
      }
      for (const { tensor } of state) tensor.dispose();
      optimizer.dispose();
      disposeVariables();
    }
  });

  test.each(COMBINATIONS)('with %s replays as it runs', (_name, options) => {
    const run = (wrap: (f: () => void) => { (): void; dispose?(): void }) => {
      const optimizer = make(options);
      const weights = makeWeights();
      let t = 0;
      const shift = variable(tensor1d([0.5]), false, 'shift');
      const step = wrap(() => {
        optimizer.minimize(() => weights.map((w) => w.sub(shift.asScalar()).square().sum()).reduce((a, b) => a.add(b)));
      });
      const course = Array.from({ length: 13 }, () => {
        t++;
        tidy(() => shift.assign(tensor1d([Math.cos(t)])));
        step();
        return values(weights);
      });
      const { iterations } = optimizer;
      step.dispose?.();
      optimizer.dispose();
      disposeVariables();
      return { course, iterations };
    };
    const eager = run((f) => () => tidy(f));
    const warn = vi.spyOn(console, 'warn');
    expect(run((f) => jit(f) as never)).toEqual(eager);
    // That it could not be recorded is what it would warn of.
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test('leaves memory as it was', () => {
    for (const [, options] of COMBINATIONS) {
      leavesNothing(() => {
        const optimizer = make(options);
        const weights = makeWeights();
        for (let t = 0; t < 5; t++) stepOf(optimizer, weights, t);
        optimizer.dispose();
        for (const w of weights) w.dispose();
      });
    }
  });
});
