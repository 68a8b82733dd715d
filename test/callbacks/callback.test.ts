import { describe, expect, test } from 'vitest';
import { type Callback, callEach } from '../../src/callbacks/callback.js';

describe('callEach', () => {
  test('calls one hook of each callback that has it with its arguments, and waits for one before the next', async () => {
    const calls: string[] = [];
    const slow: Callback = {
      onEpochEnd: async (epoch, { loss }) => {
        await Promise.resolve();
        calls.push(`slow ${epoch} ${loss}`);
      },
    };
    const quick: Callback = {
      onEpochEnd: (epoch, { loss }) => {
        calls.push(`quick ${epoch} ${loss}`);
      },
    };
    await callEach([slow, {}, quick], 'onEpochEnd', 3, { loss: 2 });
    expect(calls).toEqual(['slow 3 2', 'quick 3 2']);
  });

  test('calls the hooks of a training batch by their two names', async () => {
    const calls: string[] = [];
    const note = (name: string) => (batch: number) => {
      calls.push(`${name} ${batch}`);
    };
    const both: Callback = {
      onTrainBatchBegin: note('train begin'),
      onBatchBegin: note('begin'),
      onTrainBatchEnd: note('train end'),
    };
    await callEach([both], 'onBatchBegin', 0);
    await callEach([both], 'onBatchEnd', 0, {});
    expect(calls).toEqual(['begin 0', 'train begin 0', 'train end 0']);
  });

  test('calls methods on their object', async () => {
    class Counter implements Callback {
      n = 0;
      onTestEnd() {
        this.n++;
      }
    }
    const counter = new Counter();
    await callEach([counter], 'onTestEnd', {});
    expect(counter.n).toBe(1);
  });
});
