import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Logs, Params } from '../../src/callbacks/callback.js';
import { callbacks } from '../../src/index.js';

const PARAMS: Params = { epochs: 9, steps: 1, batchSize: 1, samples: 1, verbose: 0 };

/** What fit calls, with these figures. */
async function log(logger: ReturnType<typeof callbacks.csvLogger>, epochs: Logs[], params = PARAMS): Promise<void> {
  logger.setParams(params);
  await logger.onTrainBegin();
  for (const [epoch, logs] of epochs.entries()) await logger.onEpochEnd(epoch, logs);
}

const EPOCHS = [
  { loss: 0.5, accuracy: 0.25 },
  { loss: 1e-7, accuracy: Number.NaN },
];
const LINES = 'epoch,loss,accuracy\n0,0.5,0.25\n1,1e-7,NaN\n';

describe('csvLogger', () => {
  let file: string;
  beforeEach(async () => {
    file = join(await mkdtemp(join(tmpdir(), 'log-')), 'log.csv');
  });
  afterEach(() => rm(join(file, '..'), { recursive: true }));

  test('writes a line per epoch into a file, which begins anew with each training', async () => {
    const logger = callbacks.csvLogger(file);
    await log(logger, EPOCHS);
    expect(await readFile(file, 'utf8')).toBe(LINES);
    await log(logger, EPOCHS.slice(0, 1));
    expect(await readFile(file, 'utf8')).toBe('epoch,loss,accuracy\n0,0.5,0.25\n');
  });

  test('goes on in a file that is there, if it is to', async () => {
    const logger = callbacks.csvLogger(file, { append: true });
    await log(logger, EPOCHS);
    await log(logger, EPOCHS.slice(0, 1));
    expect(await readFile(file, 'utf8')).toBe(`${LINES}0,0.5,0.25\n`);
    await writeFile(file, '');
    await log(logger, EPOCHS);
    expect(await readFile(file, 'utf8')).toBe(LINES);
  });

  test('has each line written when its epoch has ended', async () => {
    const seen: string[] = [];
    const logger = callbacks.csvLogger(async (text) => {
      await Promise.resolve();
      seen.push(text);
    });
    await log(logger, EPOCHS);
    expect(seen).toEqual(['epoch,loss,accuracy\n0,0.5,0.25\n', '1,1e-7,NaN\n']);
  });

  test('writes to anything that has a write', async () => {
    const stream = {
      text: '',
      write(text: string) {
        this.text += text;
      },
    };
    await log(callbacks.csvLogger(stream, { separator: ';' }), EPOCHS);
    expect(stream.text).toBe(LINES.replaceAll(',', ';'));
  });

  test('writes NA for what an epoch without validation does not have', async () => {
    let text = '';
    const logger = callbacks.csvLogger((line) => {
      text += line;
    });
    const params = { ...PARAMS, metrics: ['loss', 'val_loss'] };
    await log(logger, [{ loss: 1 }, { loss: 2, val_loss: 3 }], params);
    expect(text).toBe('epoch,loss,val_loss\n0,1,NA\n1,2,3\n');
  });

  test('refuses what cannot be written to', async () => {
    expect(() => callbacks.csvLogger(3 as never)).toThrow(
      new TypeError('csvLogger: needs a path or a writer, got number'),
    );
    await expect(log(callbacks.csvLogger(join(file, 'no', 'folder')), EPOCHS)).rejects.toThrow('ENOENT');
  });
});
