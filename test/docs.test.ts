// Every @example in the source runs, and every value that it promises in a comment is what comes out.

import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import * as wasmgrad from '../src/index.js';
import * as plot from '../src/plot/index.js';
import { scope } from '../src/scope.js';
import { Tensor } from '../src/tensor.js';
import * as threads from '../src/threads/index.js';
import { disposeVariables } from '../src/variable.js';
import { examplesIn, instrument, promised } from './support/examples.js';

const root = new URL('../src/', import.meta.url);
const examples = readdirSync(root, { recursive: true })
  .map((file) => String(file).replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.includes('generated'))
  .sort()
  .flatMap((file) => examplesIn(readFileSync(new URL(file, root), 'utf8'), `src/${file}`));

/** As it would be printed: tensors as nested values, rounded to the digits shown. */
function plain(x: unknown): unknown {
  if (x instanceof Tensor) return x.dtype === 'bool' ? truths(x.arraySync()) : plain(x.arraySync());
  if (typeof x === 'number') return Number.parseFloat(x.toFixed(7));
  if (typeof x !== 'object' || x === null) return x;
  return ArrayBuffer.isView(x) ? Array.from(x as Float32Array, plain) : Object.values(x).map(plain);
}

const truths = (x: unknown): unknown => (Array.isArray(x) ? x.map(truths) : x === 1);

/** One promise is the whole value; several are its parts. */
function expectPromise(value: unknown, comment: string): void {
  const values = plain(promised(comment)) as unknown[];
  const actual = plain(value);
  expect(values.length > 1 ? actual : [actual]).toEqual(values);
}

const AsyncFunction = (async () => {}).constructor as new (...args: string[]) => (...args: unknown[]) => Promise<void>;

afterEach(() => {
  vi.restoreAllMocks();
  disposeVariables();
});

test('the examples were found', () => {
  expect(examples.length).toBeGreaterThan(50);
});

for (const example of examples) {
  test(example.at, async () => {
    const printed: unknown[] = [];
    vi.spyOn(Tensor.prototype, 'print').mockImplementation(function (this: Tensor) {
      printed.push(plain(this));
    });
    const promise = {
      printed: (comment: string) => expectPromise(printed.at(-1), comment),
      value: expectPromise,
    };
    const names = { ...wasmgrad, ...threads, plot, promise };
    using _ = scope();
    // In a block of its own an example may use any name.
    await new AsyncFunction(...Object.keys(names), `'use strict';{\n${instrument(example)}\n}`)(
      ...Object.values(names),
    );
  });
}
