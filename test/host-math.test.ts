// The same bits everywhere: no path to a tensor's value calls a function of the host whose last bit its
// engine is free to choose. Math.exp and its like differ between engines, and so does `**`, which is Math.pow;
// what is allowed here is exact or correctly rounded by the standard. The compiled kernels must call nothing
// of the host at all, and no relaxed instruction, whose result is the processor's choice.

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { modules } from './support/kernels.js';

const EXACT = ['sqrt', 'fround', 'abs', 'floor', 'ceil', 'trunc', 'round', 'min', 'max', 'imul', 'clz32', 'sign'];
const CONSTANTS = ['E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'PI', 'SQRT1_2', 'SQRT2'];
const inexact = new RegExp(`\\bMath\\b(?!\\.(?:${[...EXACT, ...CONSTANTS].join('|')})\\b(?! =[^=]))`);

/** The lines of a source that use Math or `**` in a way that may differ between engines. */
function unsafe(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '');
  // Powers of two with a constant whole exponent are exact in every engine.
  const isUnsafe = (line: string) => inexact.test(line) || line.replace(/(?<![\w.])2 \*\* \d+\b/g, '').includes('**');
  return code.split('\n').filter(isUnsafe);
}

describe('the test finds', () => {
  test.each([
    'Math.exp(x)',
    'const { tanh } = Math;',
    "Math['pow'](2, x)",
    'Math.max = f',
    'x ** 2',
    '12 ** 2',
    '2 ** n',
    'x **= 2',
    'Math.floor(Math.log(x))',
    'globalThis.Math?.sin(1)',
  ])('%s', (source) => expect(unsafe(source)).toHaveLength(1));

  test.each([
    'Math.sqrt(2) * Math.PI',
    '2 ** 31 - 1',
    '/** Math.exp */ // x ** 2',
    'Math.max(a, b) === c',
    "'http://a'",
  ])('nothing in %s', (source) => expect(unsafe(source)).toEqual([]));
});

const root = new URL('../src/', import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.includes('generated'),
);

test.each(files)('src/%s calls no inexact function of the host', (file) => {
  expect(unsafe(readFileSync(new URL(file, root), 'utf8'))).toEqual([]);
});

test.each([...modules])(
  'the kernels of %s import no function: the memory and the table of kernels alone',
  (_, { module }) => {
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'kernels', kind: 'table' },
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  },
);

test.each([...modules.keys()])('the kernels of %s contain no relaxed instruction', (name) => {
  const text = readFileSync(new URL(`../build/${name}.wat`, import.meta.url), 'utf8');
  expect(text).toContain('f32x4.');
  expect(text.match(/\w+\.relaxed_\w+/g)).toBeNull();
});
