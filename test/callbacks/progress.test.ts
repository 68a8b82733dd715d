import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Params } from '../../src/callbacks/callback.js';
import { formatFigure, type Output, ProgressBar } from '../../src/callbacks/progress.js';

const CLEAR = '\u001b[K';

const PARAMS: Params = { epochs: 40, steps: 157, batchSize: 32, samples: 5000, verbose: 1 };

/** What was written, with the console's line ends. */
function recorder(isTTY: boolean, columns?: number): Output & { text: string } {
  return {
    isTTY,
    columns,
    text: '',
    write(text) {
      this.text += text;
    },
    line(text) {
      this.text += `${text}\n`;
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** One epoch of 157 steps, 10 ms each, of which the first three and the last are reported. */
function epoch(bar: ProgressBar, params = PARAMS): void {
  bar.setParams(params);
  bar.onEpochBegin(0);
  vi.advanceTimersByTime(10);
  bar.onBatchEnd(0, { loss: 2.3, accuracy: 0.125 });
  vi.advanceTimersByTime(10);
  bar.onBatchEnd(1, { loss: 2.2, accuracy: 0.25 });
  vi.advanceTimersByTime(500);
  bar.onBatchEnd(51, { loss: 2.1, accuracy: 0.5 });
  vi.advanceTimersByTime(480);
  bar.onEpochEnd(0, { loss: 1.51789, accuracy: 0.5406 });
}

test('on a terminal an epoch is a bar that is redrawn in place, as Keras draws it', () => {
  const output = recorder(true);
  epoch(new ProgressBar(output));
  expect(output.text.replaceAll(CLEAR, '').split(/\r/)).toEqual([
    'Epoch 1/40\n',
    '  1/157 [..............................] - ETA: 1s - loss: 2.3000 - accuracy: 0.1250',
    ' 52/157 [========>.....................] - ETA: 1s - loss: 2.1000 - accuracy: 0.5000',
    '157/157 [==============================] - 1s 6ms/step - loss: 1.5179 - accuracy: 0.5406\n',
  ]);
});

test('the rest of the line is cleared at each drawing', () => {
  const output = recorder(true);
  epoch(new ProgressBar(output));
  const drawings = output.text.split('\r').slice(1);
  expect(drawings.map((line) => line.trimEnd().endsWith(CLEAR))).toEqual([true, true, true]);
});

test('on a narrow terminal what is redrawn leaves out the figures that do not fit', () => {
  const drawn = (columns: number) => {
    const output = recorder(true, columns);
    epoch(new ProgressBar(output));
    return output.text.replaceAll(CLEAR, '').split(/\r/);
  };
  const [line, figures] = ['  1/157 [..............................] - ETA: 1s', ' - loss: 2.3000 - accuracy: 0.1250'];
  expect(drawn(200)[1]).toBe(line + figures);
  expect(drawn(line.length + figures.length + 1)[1]).toBe(line + figures);
  expect(drawn(line.length + figures.length)[1]).toBe(`${line} - loss: 2.3000`);
  expect(drawn(60)[1]).toBe(line);
  expect(drawn(20)[1]).toBe('  1/157 [..........');
  expect(drawn(60)[3]).toMatch(/accuracy: 0\.5406\n$/);
});

test('elsewhere, and by verbose 2, an epoch is one line', () => {
  const line = 'Epoch 1/40 - 157/157 - 1s 6ms/step - loss: 1.5179 - accuracy: 0.5406\n';
  const pipe = recorder(false);
  epoch(new ProgressBar(pipe));
  expect(pipe.text).toBe(line);
  const terminal = recorder(true);
  epoch(new ProgressBar(terminal), { ...PARAMS, verbose: 2 });
  expect(terminal.text).toBe(line);
});

test('while nobody knows how many batches there are, they are counted; the next epoch has a bar', () => {
  const output = recorder(true);
  const bar = new ProgressBar(output);
  bar.setParams({ ...PARAMS, epochs: 2, steps: null, batchSize: null, samples: null });
  for (let epoch = 0; epoch < 2; epoch++) {
    bar.onEpochBegin(epoch);
    for (let batch = 0; batch < 2; batch++) {
      vi.advanceTimersByTime(1000);
      bar.onBatchEnd(batch, { loss: 2.5 });
    }
    bar.onEpochEnd(epoch, { loss: 2.5 });
  }
  expect(output.text.replaceAll(CLEAR, '').split(/\r/)).toEqual([
    'Epoch 1/2\n',
    '1/? - 1s 1s/step - loss: 2.5000',
    '2/? - 2s 1s/step - loss: 2.5000',
    '2/2 [==============================] - 2s 1s/step - loss: 2.5000\nEpoch 2/2\n',
    '1/2 [==============>...............] - ETA: 1s - loss: 2.5000',
    '2/2 [==============================] - ETA: 0s - loss: 2.5000',
    '2/2 [==============================] - 2s 1s/step - loss: 2.5000\n',
  ]);
});

test('the time that is left is told in seconds, minutes and hours', () => {
  const left = (ms: number) => {
    const output = recorder(true);
    const bar = new ProgressBar(output);
    bar.setParams({ ...PARAMS, steps: 2 });
    bar.onEpochBegin(0);
    vi.advanceTimersByTime(ms);
    bar.onBatchEnd(0, {});
    return /ETA: (\S+)/.exec(output.text.replaceAll(CLEAR, ''))?.[1];
  };
  expect([500, 59_000, 125_000, 3_661_000].map(left)).toEqual(['0s', '59s', '2:05', '1:01:01']);
});

test('the time of a step is told in seconds, milliseconds and microseconds', () => {
  const step = (ms: number) => {
    const output = recorder(false);
    const bar = new ProgressBar(output);
    bar.setParams({ ...PARAMS, steps: 100 });
    bar.onEpochBegin(0);
    vi.advanceTimersByTime(100 * ms);
    bar.onEpochEnd(0, {});
    return /\S+\/step/.exec(output.text)?.[0];
  };
  expect([2000, 12, 0.25].map(step)).toEqual(['2s/step', '12ms/step', '250us/step']);
});

describe('formatFigure', () => {
  test('gives four digits, in scientific notation up to a thousandth', () => {
    expect([1.51789, 123.45678, 0.0011, 0.001, 0.00004, -0.5, -0.0002].map(formatFigure)).toEqual([
      '1.5179',
      '123.4568',
      '0.0011',
      '1.0000e-03',
      '4.0000e-05',
      '-0.5000',
      '-2.0000e-04',
    ]);
  });

  test('shows what is not finite', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY].map(formatFigure)).toEqual(['NaN', 'Infinity']);
  });
});
