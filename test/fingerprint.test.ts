// One fingerprint of everything the package computes, the same in every engine: test/fingerprint/value.txt.
//
// It changes with every row that is added to the program, and with every bit of a result. Renew it by
// `npm run fingerprint -- --write`, and say in the commit why: which rows are new, or which results are other
// than they were and why that is right (`npm run fingerprint -- --rows` before and after shows which).
// A value that moved without a reason is a bug, and users' published numbers move with it.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { fingerprint } from './fingerprint/program.js';
import { modules } from './support/kernels.js';

const stored = readFileSync(new URL('fingerprint/value.txt', import.meta.url), 'utf8').trim();

/** What was there to be called, and what was. */
const known = new Set<string>();
const called = new Set<string>();

/** Puts in the place of each function of a table one that counts. */
function count(table: Record<string, unknown>, prefix: string): void {
  for (const name of Object.getOwnPropertyNames(table)) {
    const f = table[name];
    if (typeof f !== 'function' || name === 'constructor' || /^[A-Z]/.test(name)) continue;
    const label = `${prefix}.${name}`;
    known.add(label);
    table[name] = new Proxy(f, {
      apply: (target, self, args) => {
        called.add(label);
        return Reflect.apply(target, self, args);
      },
    });
  }
}

/** Nothing to do with a tensor's value, or not functions that a program calls. */
const BESIDE = new Set([
  'common.setShare',
  ...[
    ...['dispose', 'disposeVariables', 'getTensorsInContainer', 'keep', 'memory', 'scope', 'sumType', 'upcastType'],
    ...[
      'readIdx',
      'readNpy',
      'writeNpy',
      'readNpz',
      'writeNpz',
      'readSafetensors',
      'writeSafetensors',
      'loadLayersModel',
      'modelFromJSON',
      'backend',
      'engine',
      'getBackend',
      'nextFrame',
      'ready',
      'time',
      'grad',
      'valueAndGrad',
      'valueAndGrads',
      'variableGrads',
      'customGrad',
      'gradientCheck',
      'graph',
    ],
  ].map((name) => `wasmgrad.${name}`),
]);

/** Other names of what is in it. */
const ALIASES = new Set(['wasmgrad.layers.globalMaxPool1d', 'wasmgrad.layers.input']);

let value: string;
let wasmgrad: typeof import('wasmgrad');

beforeAll(async () => {
  for (const { tables } of modules.values()) {
    for (const [dtype, table] of Object.entries(tables)) count(table, dtype);
  }
  const exports: Record<string, unknown> = { ...(await import('../src/index.js')) };
  for (const family of [
    'constraints',
    'fused',
    'image',
    'initializers',
    'layers',
    'linalg',
    'losses',
    'math',
    'metrics',
    'optimizers',
    'random',
    'regularizers',
    'schedules',
    'train',
  ]) {
    const table: Record<string, { name: string; prototype: Record<string, unknown> }> = {
      ...(exports[family] as object),
    };
    if (family === 'random')
      for (const Stream of Object.values(table)) count(Stream.prototype, `random.${Stream.name}`);
    else count(table, `wasmgrad.${family}`);
    exports[family] = table;
  }
  count(exports, 'wasmgrad');
  wasmgrad = exports as unknown as typeof import('wasmgrad');
  value = await fingerprint(wasmgrad);
});

test('the fingerprint is the stored one', () => {
  expect(value).toBe(stored);
});

test('it is the same a second time, and leaves nothing behind', async () => {
  const before = wasmgrad.memory().numTensors;
  expect(await fingerprint(wasmgrad)).toBe(value);
  expect(wasmgrad.memory().numTensors).toBe(before);
});

test('it reaches every kernel, op and random stream', () => {
  const missing = [...known].filter((name) => !called.has(name) && !BESIDE.has(name) && !ALIASES.has(name));
  expect(missing).toEqual([]);
});
