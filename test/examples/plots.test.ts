// The pictures of the documentation are those that the example draws. After a change that is meant, draw them anew:
// npm run build && node examples/plots.js docs/pictures

import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { pictures } from '../../examples/plots.js';
import { memory } from '../../src/index.js';

const stored = new URL('../../docs/pictures/', import.meta.url);

let drawn: Record<string, string>;
let left: number;

beforeAll(async () => {
  const before = memory().numTensors;
  drawn = await pictures();
  left = memory().numTensors - before;
});

test('every picture is stored, and no other', () => {
  expect(readdirSync(stored).sort()).toEqual(
    Object.keys(drawn)
      .map((name) => `${name}.svg`)
      .sort(),
  );
});

test('the stored pictures are those that the example draws', () => {
  for (const [name, svg] of Object.entries(drawn)) {
    expect(readFileSync(new URL(`${name}.svg`, stored), 'utf8'), name).toBe(svg);
  }
});

test('the example lets go of what it made', () => {
  expect(left).toBe(0);
});
