// The reference is what the docstrings say, and they say something of every public name.

import { expect, test } from 'vitest';
import { offenders, pages } from '../scripts/reference.js';

/** What is still to be written. */
const OPEN =
  /^(Model|Sequential|CompileOptions|FitOptions|SequentialOptions|Callback|Params|CustomCallback|BaseCallback|CallbackList)/;

const { docs, examples } = offenders();

test('every public name and every member of it has a docstring', () => {
  expect(docs.filter((name) => !OPEN.test(name))).toEqual([]);
});

test('everything that a program calls has an example', () => {
  expect(examples.filter((name) => !OPEN.test(name))).toEqual([]);
});

test('pages hold every name, and their links lead somewhere', () => {
  const written = pages();
  for (const name of ['matMul', 'layers.dense', 'metrics.AUC', 'setThreads']) {
    expect([...written.values()].some((page) => page.includes(`\n### ${name}\n`))).toBe(true);
  }
});
