// The reference is what the docstrings say, and they say something of every public name.

import { expect, test } from 'vitest';
import { reference } from '../scripts/reference.js';

const { docs, examples, params } = reference.offenders();

test('every public name and every member of it has a docstring', () => {
  expect(docs).toEqual([]);
});

test('everything that a program calls has an example', () => {
  expect(examples).toEqual([]);
});

test('docstrings describe parameters that there are', () => {
  expect(params).toEqual([]);
});

test('every name has its place on a page', () => {
  const headings = [...reference.pages().values()].join('').match(/^### .*/gm);
  for (const { name, declaration } of reference.entries) {
    const place = reference.places.get(declaration);
    expect(place, name).toMatch(/^[a-z]+\.md#/);
    // Options stand with what takes them.
    if (!name.endsWith('Options')) expect(headings).toContain(`### ${name}`);
  }
});
