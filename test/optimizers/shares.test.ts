// The updates shared out among threads: parts of a kernel, run one after the other, leave the bits of the whole.

import { afterEach, expect, test } from 'vitest';
import { disposeVariables, type Optimizer, tensor1d, tidy, type Variable, variable } from '../../src/index.js';
import { modules, setShare } from '../support/kernels.js';
import { RULES } from './rules.js';

const UPDATES = [
  ...[
    'sgd',
    'momentum',
    'adam',
    'adagrad',
    'adadelta',
    'rmsprop',
    'adamax',
    'amsgrad',
    'nadam',
    'ftrl',
    'lion',
    'lamb',
  ],
  ...['scaledStep', 'assignDue', 'squareSums', 'gatherGradient', 'averageWeights'],
] as const;

type Table = Record<string, (...args: number[]) => void>;

/** Runs `f` with every update in `parts` parts; returns which were called. */
function inParts(parts: number, f: () => void): Set<string> {
  const called = new Set<string>();
  const tables = [...modules.values()].flatMap(({ float32, float64 }) => [float32, float64] as unknown as Table[]);
  const originals = tables.map((table) => {
    const original = { ...table };
    for (const name of UPDATES) {
      const update = original[name];
      if (!update) continue;
      table[name] = (...args) => {
        called.add(name);
        for (let part = 0; part < parts; part++) {
          setShare(part, parts);
          update(...args);
        }
        setShare(0, 1);
      };
    }
    return () => Object.assign(table, original);
  });
  try {
    f();
  } finally {
    for (const restore of originals) restore();
  }
  return called;
}

afterEach(() => disposeVariables());

const everything = {
  ...{ weightDecay: 0.05, globalClipNorm: 2, useEma: true, emaOverwriteFrequency: 2, gradientAccumulationSteps: 2 },
};

/** The bits after some steps of vectors of several lengths and of a matrix. */
function train(optimizer: Optimizer, dtype: 'float32' | 'float64'): number[][] {
  const weights = [1, 3, 8, 1027, 5000].map((n) =>
    tidy(() => {
      const x = tensor1d(
        Array.from({ length: n }, (_, i) => ((i * 37) % 101) / 20 - 2),
        dtype,
      );
      return variable(n === 8 ? x.reshape([2, 4]) : x);
    }),
  ) as Variable[];
  for (let t = 0; t < 5; t++) {
    tidy(() =>
      optimizer.minimize(() =>
        weights
          .map((w) =>
            w
              .sub(t / 2)
              .square()
              .sum(),
          )
          .reduce((a, b) => a.add(b)),
      ),
    );
  }
  const result = weights.map((w) => [...w.dataSync()]);
  optimizer.dispose();
  disposeVariables();
  return result;
}

test.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const called = new Set<string>();
  for (const [name, { make }] of Object.entries(RULES)) {
    for (const options of [{}, everything]) {
      const whole = train(make(options), dtype);
      for (const parts of [2, 3, 7]) {
        let shared: number[][] = [];
        for (const kernel of inParts(parts, () => (shared = train(make(options), dtype)))) called.add(kernel);
        expect(shared, `${name} in ${parts} parts`).toEqual(whole);
      }
    }
  }
  expect([...called].sort()).toEqual([...UPDATES].sort());
});
