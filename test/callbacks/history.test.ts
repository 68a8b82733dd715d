import { expect, test } from 'vitest';
import { History } from '../../src/index.js';

test('a history has the figures of every epoch by name', () => {
  const history = new History();
  history.onEpochEnd(0, { loss: 2, accuracy: 0.25 });
  history.onEpochEnd(1, { loss: 1, accuracy: 0.5 });
  expect(history.epoch).toEqual([0, 1]);
  expect(history.history).toEqual({ loss: [2, 1], accuracy: [0.25, 0.5] });
});
