// A training that stops, and goes on in another process from what was saved as text, has the bits of one that did not.

import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import {
  disposeVariables,
  type Optimizer,
  schedules,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from '../../src/index.js';
import { RULES } from './rules.js';

afterAll(() => disposeVariables());

/** A training as text. */
interface Saved {
  cls: string;
  config: unknown;
  state: { name: string; shape: number[]; dtype: string; data: number[] }[];
  weights: number[][];
}

// The built package, as another process has it. The loss is that of `step` below.
const CHILD = `
  import * as w from '${new URL('../../dist/index.js', import.meta.url)}';
  let text = '';
  for await (const part of process.stdin) text += part;
  const results = [];
  for (const { cls, config, state, weights } of JSON.parse(text)) {
    const a = w.variable(w.tensor1d(weights[0]), true, 'a');
    const b = w.variable(w.tensor2d(weights[1], [2, 3]), true, 'b');
    const optimizer = w.Optimizer.fromConfig(w[cls], config, w.schedules.fromConfig);
    await optimizer.setWeights(state.map((x) => ({ name: x.name, tensor: w.tensor(x.data, x.shape, x.dtype) })));
    for (let t = 5; t < 10; t++) {
      w.tidy(() => optimizer.minimize(() => {
        const [da, db] = [a.sub(Math.fround(0.3 * t)), b.sub(Math.fround(0.5 - 0.1 * t))];
        return da.square().sum().add(db.square().sum());
      }));
    }
    results.push([a, b].map((v) => [...v.dataSync()]));
    w.disposeVariables();
  }
  console.log(JSON.stringify(results));
`;

const step = (optimizer: Optimizer, [a, b]: Variable[], t: number) =>
  tidy(() =>
    optimizer.minimize(() => {
      const [da, db] = [a.sub(Math.fround(0.3 * t)), b.sub(Math.fround(0.5 - 0.1 * t))];
      return da.square().sum().add(db.square().sum());
    }),
  );

const values = (weights: readonly Variable[]) => weights.map((v) => [...v.dataSync()]);

/** Five steps, what is saved then, and the weights after five more. */
async function train(optimizer: Optimizer): Promise<{ saved: Saved; after: number[][] }> {
  const weights = tidy(() => [
    variable(tensor1d([5, -3, 0.25, 0, 1e-3]), true, 'a'),
    variable(tensor2d([1, -2, 3, 0.5, 0, -1], [2, 3]), true, 'b'),
  ]) as Variable[];
  for (let t = 0; t < 5; t++) step(optimizer, weights, t);
  const state = (await optimizer.getWeights()).map(({ name, tensor: x }) => {
    const data = [...x.dataSync()];
    x.dispose();
    return { name, shape: [...x.shape], dtype: x.dtype, data };
  });
  const saved = { cls: optimizer.constructor.name, config: optimizer.getConfig(), state, weights: values(weights) };
  for (let t = 5; t < 10; t++) step(optimizer, weights, t);
  const after = values(weights);
  optimizer.dispose();
  disposeVariables();
  return { saved, after };
}

const common = {
  ...{ initialLearningRate: 0.1, decaySteps: 4, decayRate: 0.9, power: 0.7, alpha: 0.01, boundaries: [3, 7] },
  ...{ values: [0.1, 0.03, 0.02], warmupTarget: 0.3, warmupSteps: 3, firstDecaySteps: 3, tMul: 1.5, mMul: 0.9 },
  ...{ maxLearningRate: 0.7, totalSteps: 9, modelSize: 300, learningRate: 0.2 },
};

test('every optimizer, with all that can be asked for, and every schedule', async () => {
  const everything = {
    ...{ weightDecay: 0.05, globalClipNorm: 2, useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
    learningRate: schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.7 }),
  };
  const { chain, constant, fromConfig: _, ...factories } = schedules;
  const made = Object.entries(factories).map(([name, make]) => [name, (make as (options: object) => never)(common)]);
  const rates = Object.fromEntries([
    ...made,
    ['constant', constant(0.2)],
    ['chain', chain({ learningRates: [0.1, constant(0.3)], boundaries: [6] })],
  ]) as Record<string, schedules.LearningRate>;

  const cases: Record<string, Awaited<ReturnType<typeof train>>> = {};
  for (const [name, { make }] of Object.entries(RULES)) cases[name] = await train(make(everything));
  for (const [name, learningRate] of Object.entries(rates)) {
    cases[`adam by ${name}`] = await train(RULES.adam.make({ learningRate }));
  }
  const input = JSON.stringify(Object.values(cases).map(({ saved }) => saved));
  const args = 'Deno' in globalThis ? ['eval', CHILD] : ['--input-type=module', '-e', CHILD];
  const output = execFileSync(process.execPath, args, { input, encoding: 'utf8' });
  const after = JSON.parse(output) as number[][][];
  // JSON has no −0.
  const plain = (x: unknown) => JSON.parse(JSON.stringify(x));
  Object.entries(cases).forEach(([name, expected], i) => {
    expect(after[i], name).toEqual(plain(expected.after));
  });
}, 30_000);
