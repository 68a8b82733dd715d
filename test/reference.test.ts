// The reference is what the docstrings say, and they say something of every public name.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { reference } from '../scripts/reference.js';
import * as wasmgrad from '../src/index.js';
import * as plot from '../src/plot/index.js';
import * as threads from '../src/threads/index.js';
import { instrument } from './support/examples.js';

const FOLDER = new URL('../docs/reference/', import.meta.url);

const pages = reference.pages();
const { docs, examples, params } = reference.offenders();

/** The names that a module gives, those of its namespaces after a point. */
const namesOf = (module: object, prefix = ''): string[] =>
  Object.entries(module).flatMap(([name, value]) => {
    const isNamespace = Object.prototype.toString.call(value) === '[object Module]';
    return isNamespace ? namesOf(value, `${prefix}${name}.`) : [prefix + name];
  });

test('the reference has every name that the package gives', () => {
  const { internals: _, ...exported } = wasmgrad;
  const known = new Set(reference.entries.flatMap(({ name, aliases }) => [name, ...aliases]));
  const given = [...namesOf(exported), ...namesOf(threads), ...namesOf(plot, 'plot.')];
  const missing = given.filter((name) => !known.has(name));
  expect(missing).toEqual([]);
  expect(given.length).toBeGreaterThan(400);
  const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(Object.keys(exports)).toEqual([
    '.',
    './core',
    './threads',
    './plot',
    './relaxed',
    './*.wasm',
    './package.json',
  ]);
});

test('every public name and every member of it has a docstring', () => {
  expect(docs).toEqual([]);
});

test('everything that a program calls has an example', () => {
  expect(examples).toEqual([]);
});

test('every example shows a value, which test/docs.test.ts checks', () => {
  const shows = (code: string) => instrument({ at: '', lines: code.split('\n').filter(Boolean) }).includes('promise.');
  const silent = reference.entries.filter(({ declaration }) => {
    const examples = declaration.doc?.examples ?? [];
    return examples.length > 0 && !examples.some(shows);
  });
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('docstrings describe parameters that there are', () => {
  expect(params).toEqual([]);
});

test('every name has its place on a page', () => {
  const headings = [...pages.values()].join('').match(/^### .*/gm);
  for (const { name, declaration } of reference.entries) {
    const place = reference.places.get(declaration);
    expect(place, name).toMatch(/^[a-z]+\.md#/);
    // Options stand with what takes them.
    if (!name.endsWith('Options')) expect(headings).toContain(`### ${name}`);
  }
});

test('docs/reference is what the docstrings make', () => {
  expect(readdirSync(FOLDER).sort()).toEqual([...pages.keys()].sort());
  const old = [...pages].filter(([name, text]) => readFileSync(new URL(name, FOLDER), 'utf8') !== text);
  expect(
    old.map(([name]) => name),
    'run npm run docs',
  ).toEqual([]);
});
