// Golden values: what Keras's own tests expect, kept with the file, line and tolerance they come from in a folder
// `shared/golden` beside the checkout. Where the folder is missing, the tests of its files are skipped by name.

import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FOLDER = new URL('../../../shared/golden/', import.meta.url);

export interface Tolerance {
  atol: number;
  rtol: number;
}

/** How Keras's tests compare: within a tolerance, within 1.5 units of a decimal (numpy), or exactly. */
export type Comparison = Tolerance | { decimal: number } | { exact: true };

/** What every case has: where it stands in Keras, and what is expected there. */
export interface Case {
  test: string;
  line: number;
  expected: unknown;
  tolerance: Comparison;
}

/** A file of golden values; undefined where the folder is missing. */
export function readGolden<F extends { cases: Case[] }>(file: string): F | undefined {
  const url = new URL(file, FOLDER);
  return existsSync(url) ? JSON.parse(readFileSync(url, 'utf8')) : undefined;
}

/**
 * A test for each case of a file.
 *
 * @param differs - why a case differs from Keras on purpose, by the name of Keras's test or by name and line
 *   (`T.test_x:12`): such a case must fail
 */
export function testCases<C extends Case>(
  file: string,
  golden: { cases: C[] } | undefined,
  run: (c: C) => void,
  differs: Record<string, string> = {},
): void {
  if (!golden) test.skip(`${file} is not there`, () => {});
  for (const [i, c] of (golden?.cases ?? []).entries()) {
    const reason = differs[c.test] ?? differs[`${c.test}:${c.line}`];
    const title = `${i}: ${c.test}, line ${c.line}`;
    if (reason === undefined) test(title, () => run(c));
    else test.fails(`${title} differs: ${reason}`, () => run(c));
  }
}

/** Numbers in any nesting, one after the other. */
const flat = (x: unknown): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x as number]);

/** Checks that |actual − expected| ≤ atol + rtol · |expected| everywhere, as numpy's assert_allclose does. */
export function expectClose(actual: unknown, expected: unknown, { atol, rtol }: Tolerance): void {
  const [a, e] = [flat(actual), flat(expected)];
  expect(a).toHaveLength(e.length);
  const isClose = (x: number, y: number) =>
    Object.is(x, y) || (Number.isFinite(y) && Math.abs(x - y) <= atol + rtol * Math.abs(y));
  const far = a.findIndex((x, i) => !isClose(x, e[i]));
  if (far >= 0) expect.fail(`element ${far}: expected ${e[far]} ± ${atol} + ${rtol} ·, got ${a[far]}`);
}

// What float32 allows, with some sums behind it.
const FLOAT32: Tolerance = { atol: 1e-6, rtol: 2e-6 };

/** Keras's tolerance. */
function looseOf(comparison: Comparison): Tolerance {
  if ('decimal' in comparison) return { atol: 1.5 * 10 ** -comparison.decimal, rtol: 0 };
  return 'exact' in comparison ? { atol: 0, rtol: 0 } : comparison;
}

/** Half a unit of the last digit that a number is written with, or a whole one where it may be cut off. */
function lastDigit(x: number): number {
  const digits = String(x).split('.')[1]?.length ?? 0;
  return digits >= 3 && digits <= 7 ? 1.01 * 10 ** -digits : 0;
}

/**
 * Checks against what Keras's test expects, more closely than it does: as float32 allows, or, where the test has a value
 * of 3 to 7 decimals, to the last of them. Never more loosely than Keras.
 *
 * @param isRough - only as closely as Keras
 */
export function expectGolden(actual: unknown, { expected, tolerance }: Case, isRough = false): void {
  const loose = looseOf(tolerance);
  expectClose(actual, expected, loose);
  if (isRough) return;
  flat(expected).forEach((e, i) => {
    expectClose([flat(actual)[i]], [e], { ...FLOAT32, atol: Math.max(FLOAT32.atol, lastDigit(e)) });
  });
}

/** Python's name as ours: `initial_learning_rate` and `ExponentialDecay` in camelCase. */
export const camelCase = (name: string): string =>
  name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (c) => c.toLowerCase()).replace(/_(\w)/g, (_, c: string) => c.toUpperCase());

/** Python's keyword arguments as our options. */
export const camelCased = (config: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [camelCase(key), value]));
