// The examples train as well as they say, and leave nothing behind.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as adding from '../../examples/adding.js';
import * as autoMpg from '../../examples/auto-mpg.js';
import * as chords from '../../examples/chords.js';
import * as heartbeats from '../../examples/heartbeats.js';
import * as optdigits from '../../examples/optdigits.js';
import * as overfitting from '../../examples/overfitting.js';
import { memory } from '../../src/index.js';

const FOLDER = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const lacks = (file: string) => !existsSync(`${FOLDER}/${file}`);

// Two seconds each on a machine that is not busy.
vi.setConfig({ testTimeout: 60_000 });

let before: number;
beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
  before = memory().numTensors;
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(memory().numTensors).toBe(before);
});

test.skipIf(lacks('optdigits.tra'))(`optdigits passes 97 % on digits by other hands (files in ${FOLDER})`, async () => {
  expect(await optdigits.run(FOLDER)).toBeGreaterThan(0.975);
});

test.skipIf(lacks('sns-mpg.csv'))(`auto-mpg is wrong by less than 2 miles per gallon (file in ${FOLDER})`, async () => {
  const { mae, rmse, baseline } = await autoMpg.run(FOLDER);
  expect(mae).toBeLessThan(1.9);
  expect(rmse).toBeLessThan(2.7);
  expect(baseline).toBeGreaterThan(6);
});

test('chords tells which notes sound, several at once', async () => {
  const { f1, accuracy } = await chords.run();
  expect(f1).toBeGreaterThan(0.97);
  expect(accuracy).toBeGreaterThan(0.99);
});

test('heartbeats tells five kinds of beats apart', async () => {
  expect(await heartbeats.run()).toBeGreaterThan(0.96);
});

test('adding tells the sum of two numbers out of twenty, which an LSTM has to remember', async () => {
  const { error, baseline } = await adding.run();
  expect(error).toBeLessThan(0.002);
  expect(baseline).toBeGreaterThan(0.15);
});

describe('overfitting', () => {
  test('learns by heart, which L2, dropout and stopping early cure', async () => {
    const { alone, ...cured } = await overfitting.run();
    expect(alone.trained).toBe(1);
    expect(alone.accuracy).toBeLessThan(0.8);
    // The validation loss falls, then rises to more than twice its least.
    expect(alone.loss).toBeGreaterThan(2 * Math.min(...alone.validation));
    expect(Object.keys(cured)).toHaveLength(3);
    for (const { trained, accuracy, loss } of Object.values(cured)) {
      expect(trained).toBeLessThan(0.98);
      expect(accuracy).toBeGreaterThan(alone.accuracy);
      expect(loss).toBeLessThan(0.45 * alone.loss);
    }
    const stopped = cured['stopped early'];
    expect(stopped.validation.length).toBeLessThan(30);
    expect(stopped.loss).toBeCloseTo(Math.min(...stopped.validation), 6);
  });
});
